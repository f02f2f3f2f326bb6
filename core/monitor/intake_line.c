/* intake_line.c: a record as the log panel shows it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/monitor/intake_state.h"

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
		if (strlen(view->text) + 1 == sizeof(view->text))
			return;
	}
}

/* A cut at the buffer's end may have split a character. */
static void
mend_end(struct line_view *view)
{
	size_t length = strlen(view->text), start = length;
	while (start > 0 && ((unsigned char)view->text[start - 1] & 0xC0) == 0x80)
		start--;
	uint32_t code;
	if (start > 0 && text_decode(view->text + start - 1, length - start + 1, &code) == 0)
		view->text[start - 1] = '\0';
}

void
intake_line_fill(struct line_view *view, const struct intake_context *context,
    const struct decoded_record *record, bool rejected)
{
	const struct prediction *prediction = &record->prediction;
	*view = (struct line_view){.label = -1, .rejected = rejected};
	text_copy(view->service, sizeof(view->service), context->service->name);
	if (rejected) {
		text_scrub(view->text, sizeof(view->text), record->text, record->length);
		return;
	}
	view->ts = prediction->ts;
	int decision = monitor_decision(prediction);
	view->flagged = decision == 1;
	view->failed = prediction->status >= 500;
	view->label = prediction->label;
	if (prediction->service[0] != '\0')
		text_copy(view->service, sizeof(view->service), prediction->service);
	text_copy(view->version, sizeof(view->version), prediction->version);
	text_copy(view->request_id, sizeof(view->request_id), prediction->request_id);
	if (isnan(prediction->score))
		snprintf(view->text, sizeof(view->text), "status %-4d", prediction->status);
	else
		snprintf(view->text, sizeof(view->text), "%.4f %s", prediction->score,
		    decision < 0    ? "-   "
		    : decision == 1 ? "FLAG"
				    : "pass");
	if (!isnan(prediction->latency_ms))
		text_append(view->text, sizeof(view->text), " %6.1f ms ", prediction->latency_ms);
	append_features(view, prediction);
	mend_end(view);
}
