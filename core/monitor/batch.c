/* batch.c: see batch.h. Every row is a copy of its own: the texts in blocks that never move, used
 * again from one stretch to the next. */
#include "core/monitor/batch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/monitor/batch_room.h"

struct row {
	bool labels;
	struct prediction prediction;
	struct label label;
	uint64_t offset, line;
};

struct batch {
	size_t source;
	const char *service, *model;
	struct batch_room room; /* for what the rows point to */
	struct row *rows;
	size_t count, capacity;
};

struct batch *
batch_new(void)
{
	return mem_alloc(sizeof(struct batch));
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	batch_room_free(&batch->room);
	free(batch->rows);
	free(batch);
}

void
batch_begin(struct batch *batch, struct monitor *monitor, size_t source, bool keep,
    const char *default_service, const char *default_model)
{
	(void)monitor;
	(void)keep;
	batch->count = 0;
	batch_room_empty(&batch->room);
	batch->source = source;
	batch->service = batch_room_text(&batch->room, default_service);
	batch->model = batch_room_text(&batch->room, default_model);
}

static struct row *
add_row(struct batch *batch)
{
	mem_reserve(&batch->rows, &batch->capacity, batch->count + 1, sizeof(*batch->rows));
	struct row *row = &batch->rows[batch->count++];
	*row = (struct row){0};
	return row;
}

static const struct feature_value *
copy_values(struct batch *batch, const struct feature_value *values, size_t count)
{
	struct feature_value *copy = batch_room_take(&batch->room, count * sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i] = values[i];
		copy[i].name = batch_room_text(&batch->room, values[i].name);
		copy[i].text = batch_room_text(&batch->room, values[i].text);
	}
	return copy;
}

void
batch_prediction(
    struct batch *batch, const struct prediction *prediction, uint64_t offset, uint64_t line)
{
	struct row *row = add_row(batch);
	struct batch_room *room = &batch->room;
	row->offset = offset;
	row->line = line;
	row->prediction = *prediction;
	row->prediction.shape = 0;
	row->prediction.request_id = batch_room_text(room, prediction->request_id);
	row->prediction.service = batch_room_text(room, prediction->service);
	row->prediction.model = batch_room_text(room, prediction->model);
	row->prediction.version = batch_room_text(room, prediction->version);
	row->prediction.segment = batch_room_text(room, prediction->segment);
	row->prediction.features =
	    copy_values(batch, prediction->features, prediction->features_count);
	row->prediction.attributions =
	    copy_values(batch, prediction->attributions, prediction->attributions_count);
}

void
batch_label(struct batch *batch, const struct label *label)
{
	struct row *row = add_row(batch);
	row->labels = true;
	row->label = *label;
	row->label.request_id = batch_room_text(&batch->room, label->request_id);
}

static void
seen(struct batch_result *result, wall_us ts)
{
	if (ts > result->newest)
		result->newest = ts;
}

void
monitor_commit(struct monitor *monitor, struct batch *batch, struct batch_result *result,
    void (*refused)(const char *reason, uint64_t offset, uint64_t line, void *context),
    void *context)
{
	*result = (struct batch_result){0};
	for (size_t i = 0; i < batch->count; i++) {
		const struct row *row = &batch->rows[i];
		if (row->labels) {
			monitor_label(monitor, &row->label);
			result->labels++;
			seen(result, row->label.ts);
			continue;
		}
		struct err err;
		switch (monitor_prediction(
		    monitor, batch->source, &row->prediction, batch->service, batch->model, &err)) {
		case MONITOR_ACCEPTED:
			result->accepted++;
			seen(result, row->prediction.ts);
			break;
		case MONITOR_LATE:
			result->late++;
			break;
		case MONITOR_REFUSED:
			result->refused++;
			if (refused != NULL)
				refused(err.text, row->offset, row->line, context);
			break;
		}
	}
}
