/* labels.c: a binary heap by due time. */
#include "core/service/labels.h"

#include <stdlib.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct pending {
	wall_us due;
	char request_id[40];
	int label;
};

struct labels {
	struct pending *heap;
	size_t count, capacity;
	struct buf lines;
};

struct labels *
labels_new(void)
{
	return mem_alloc(sizeof(struct labels));
}

void
labels_free(struct labels *labels)
{
	if (labels == NULL)
		return;
	free(labels->heap);
	buf_free(&labels->lines);
	free(labels);
}

void
labels_add(struct labels *labels, wall_us due, const char *request_id, int label)
{
	mem_reserve(&labels->heap, &labels->capacity, labels->count + 1, sizeof(*labels->heap));
	size_t at = labels->count++;
	while (at > 0 && labels->heap[(at - 1) / 2].due > due) {
		labels->heap[at] = labels->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	labels->heap[at].due = due;
	labels->heap[at].label = label;
	text_copy(labels->heap[at].request_id, sizeof(labels->heap[at].request_id), request_id);
}

static struct pending
take_first(struct labels *labels)
{
	struct pending first = labels->heap[0], last = labels->heap[--labels->count];
	size_t at = 0;
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= labels->count)
			break;
		if (child + 1 < labels->count &&
		    labels->heap[child + 1].due < labels->heap[child].due)
			child++;
		if (labels->heap[child].due >= last.due)
			break;
		labels->heap[at] = labels->heap[child];
		at = child;
	}
	labels->heap[at] = last;
	return first;
}

size_t
labels_write_due(struct labels *labels, wall_us now, struct predlog *feed)
{
	size_t written = 0;
	buf_clear(&labels->lines);
	while (labels->count > 0 && labels->heap[0].due <= now) {
		struct pending label = take_first(labels);
		struct jsonw json = {.out = &labels->lines};
		jsonw_open_object(&json, NULL);
		jsonw_time(&json, "ts", label.due);
		jsonw_string(&json, "request_id", label.request_id);
		jsonw_int(&json, "label", label.label);
		jsonw_close_object(&json);
		buf_append(&labels->lines, "\n", 1);
		written++;
	}
	if (written > 0)
		predlog_append(feed, labels->lines.data, labels->lines.length, (unsigned)written);
	return written;
}
