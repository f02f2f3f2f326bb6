#include "tui/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

void
rows_add(struct rows *rows, const struct filter *filter, const char *text, const char *id,
    const void *item, double key, const char *word)
{
	if (!filter_keeps(filter, text))
		return;
	mem_reserve(&rows->list, &rows->capacity, rows->count + 1, sizeof(*rows->list));
	struct row *row = &rows->list[rows->count];
	text_copy(row->id, sizeof(row->id), id);
	row->item = item;
	row->key = key;
	row->word = word;
	row->order = rows->count++;
}

static int
compare_rows(const struct row *a, const struct row *b, bool descending)
{
	int order = 0;
	if (isnan(a->key) != isnan(b->key))
		return isnan(a->key) ? 1 : -1;
	if (!isnan(a->key) && (a->key < b->key || a->key > b->key))
		order = a->key < b->key ? -1 : 1;
	if (order == 0 && a->word != NULL && b->word != NULL)
		order = strcmp(a->word, b->word);
	if (order != 0)
		return descending ? -order : order;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int
compare_ascending(const void *a, const void *b)
{
	return compare_rows(a, b, false);
}

static int
compare_descending(const void *a, const void *b)
{
	return compare_rows(a, b, true);
}

void
rows_sort(struct rows *rows, bool descending)
{
	if (rows->count > 1)
		qsort(rows->list, rows->count, sizeof(*rows->list),
		    descending ? compare_descending : compare_ascending);
}

int
rows_find(const struct rows *rows, const char *id)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (strcmp(rows->list[i].id, id) == 0)
			return (int)i;
	}
	return -1;
}

void
rows_free(struct rows *rows)
{
	free(rows->list);
	*rows = (struct rows){0};
}
