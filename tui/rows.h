/* rows.h: the rows of a list as shown: filtered and sorted. A row is known by an identity (a name),
 * never by its place. */
#ifndef FRAUDTOP_TUI_ROWS_H
#define FRAUDTOP_TUI_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/monitor/snapshot.h"
#include "tui/filter.h"

#define VIEW_ID (2 * SNAPSHOT_NAME + 2)

struct row {
	char id[VIEW_ID];
	const void *item; /* in the snapshot */
	double key; /* what is sorted by; NaN goes last in either direction */
	const char *word; /* what is sorted by if key does not tell */
	size_t order;
};

struct rows {
	struct row *list;
	size_t count, capacity;
};

/* Adds a row unless the filter (NULL is fine) drops its text. */
void rows_add(struct rows *rows, const struct filter *filter, const char *text, const char *id,
    const void *item, double key, const char *word);
void rows_sort(struct rows *rows, bool descending);
int rows_find(const struct rows *rows, const char *id); /* -1: not there */
void rows_free(struct rows *rows);

#endif
