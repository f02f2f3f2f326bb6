/* collector_lines.c: the newest lines of the logs, kept as they came and read again only when
 * shown. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/collector_state.h"

void
collector_lines_keep(struct collector *collector, const struct collector_source *source,
    const char *text, size_t length, bool rejected)
{
	struct collector_line *line = &collector->lines[collector->lines_count++ % COLLECTOR_LINES];
	line->source = source;
	line->rejected = rejected;
	line->length = (uint16_t)(length < COLLECTOR_LINE_BYTES ? length : COLLECTOR_LINE_BYTES);
	memcpy(line->text, text, line->length);
}

static void
append_features(struct line_view *view, const struct prediction *prediction)
{
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *value = &prediction->features[i];
		if (value->kind == VALUE_NUMBER)
			text_append(
			    view->text, sizeof(view->text), " %s=%.6g", value->name, value->number);
		else if (value->kind == VALUE_TEXT)
			text_append(
			    view->text, sizeof(view->text), " %s=%s", value->name, value->text);
	}
}

/* A cut at the buffer's end may have split a character. */
static void
mend_end(struct line_view *view)
{
	char copy[sizeof(view->text)];
	memcpy(copy, view->text, sizeof(copy));
	size_t length = strlen(copy), start = length;
	while (start > 0 && ((unsigned char)copy[start - 1] & 0xC0) == 0x80)
		start--;
	uint32_t code;
	if (start > 0 && text_decode(copy + start - 1, length - start + 1, &code) == 0)
		view->text[start - 1] = '\0';
}

static void
view_line(struct collector *collector, const struct collector_line *line, struct line_view *view)
{
	struct prediction prediction;
	struct err err = {0};
	view->label = -1;
	view->rejected = line->rejected;
	text_copy(view->service, sizeof(view->service), line->source->service);
	if (line->rejected || !record_read_prediction(
				  collector->reader, line->text, line->length, &prediction, &err)) {
		/* One that was accepted is shown as it came, if only its beginning was kept. */
		if (!line->rejected)
			view->service[0] = '\0';
		text_scrub(view->text, sizeof(view->text), line->text, line->length);
		return;
	}
	view->ts = prediction.ts;
	int decision = monitor_decision(&prediction);
	view->flagged = decision == 1;
	view->failed = prediction.status >= 500;
	view->label = prediction.label;
	if (prediction.service[0] != '\0')
		text_copy(view->service, sizeof(view->service), prediction.service);
	text_copy(view->version, sizeof(view->version), prediction.version);
	text_copy(view->request_id, sizeof(view->request_id), prediction.request_id);
	if (isnan(prediction.score))
		snprintf(view->text, sizeof(view->text), "status %-4d", prediction.status);
	else
		snprintf(view->text, sizeof(view->text), "%.4f %s", prediction.score,
		    decision < 0    ? "-   "
		    : decision == 1 ? "FLAG"
				    : "pass");
	if (!isnan(prediction.latency_ms))
		text_append(view->text, sizeof(view->text), " %6.1f ms ", prediction.latency_ms);
	append_features(view, &prediction);
	mend_end(view);
}

struct line_order {
	wall_us ts;
	size_t at; /* as read */
};

static int
compare_lines(const void *a, const void *b)
{
	const struct line_order *left = a, *right = b;
	if (left->ts != right->ts)
		return left->ts < right->ts ? -1 : 1;
	return left->at < right->at ? -1 : left->at > right->at;
}

/* By time, since each log is read a stretch at a time; one without a time stays behind the one that
 * was read before it. */
void
collector_lines_view(struct collector *collector, struct snapshot *snapshot)
{
	size_t count = collector->lines_count < COLLECTOR_LINES ? (size_t)collector->lines_count
								: COLLECTOR_LINES;
	struct line_order order[COLLECTOR_LINES];
	struct line_view *read = mem_alloc(COLLECTOR_LINES * sizeof(*read));
	for (size_t i = 0; i < count; i++) {
		uint64_t at = collector->lines_count - count + i;
		view_line(collector, &collector->lines[at % COLLECTOR_LINES], &read[i]);
		order[i] = (struct line_order){
		    .ts = read[i].ts != 0 || i == 0 ? read[i].ts : order[i - 1].ts, .at = i};
	}
	qsort(order, count, sizeof(*order), compare_lines);
	snapshot->lines = snapshot_alloc(snapshot, count * sizeof(*snapshot->lines));
	snapshot->lines_count = count;
	for (size_t i = 0; i < count; i++)
		snapshot->lines[i] = read[order[i].at];
	free(read);
}
