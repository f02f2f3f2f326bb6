/* record_judge.c: whether what a line holds makes a prediction or a label. */
#include <math.h>

#include "core/base/text.h"
#include "core/ingest/decimal.h"
#include "core/ingest/record_parts.h"
#include "core/ingest/value.h"

static const double most = 1.7976931348623157e308;

static const struct slot absent;

const struct slot *
record_chosen(const struct record_reader *reader, const struct route_choice *choice)
{
	for (uint32_t i = choice->first; i < choice->first + choice->count; i++)
		if (reader->slots[i].kind != SLOT_ABSENT)
			return &reader->slots[i];
	return &absent;
}

static const struct slot *
chosen(const struct record_reader *reader, enum record_field field)
{
	return record_chosen(reader, &reader->routes.fields[field]);
}

static bool
refuse(const struct record_reader *reader, const struct jsonscan *scan, enum record_field field,
    const char *why)
{
	return jsonscan_fail(
	    scan, chosen(reader, field)->where, "%s %s", reader->routes.fields[field].name, why);
}

/* Most times lie in the minute of the one before. */
static bool
parse_time(struct record_reader *reader, const char *text, size_t length, wall_us *ts)
{
	size_t head = sizeof(reader->minute.text);
	if (length == head + 8 && memcmp(text, reader->minute.text, head) == 0 &&
	    value_seconds(text + head, reader->minute.begins, ts))
		return true;
	if (!clock_parse(text, length, ts))
		return false;
	/* A leap second is of the next minute. */
	if (length == head + 8 && text[length - 1] == 'Z' && text[head + 1] != '6') {
		memcpy(reader->minute.text, text, head);
		reader->minute.begins = clock_stretch(*ts, CLOCK_MINUTE) * CLOCK_MINUTE;
	}
	return true;
}

/* A time; 0 if there is none. */
static bool
judge_time(struct record_reader *reader, struct jsonscan *scan, wall_us *ts)
{
	const struct slot *slot = chosen(reader, RECORD_TS);
	*ts = 0;
	if (slot->kind == SLOT_ABSENT ||
	    (slot->kind == SLOT_TEXT && parse_time(reader, slot->text, slot->length, ts)) ||
	    (slot->kind == SLOT_NUMBER && decimal_time(slot->number, ts)))
		return true;
	return refuse(reader, scan, RECORD_TS, "is not a time like 2026-01-28T14:06:04.123Z");
}

const char *
record_number_text(struct record_reader *reader, struct slot *slot)
{
	char *dst = reader->arena + reader->used;
	slot->length = text_scrub(dst, RECORD_MAX_TEXT + 1, slot->text, slot->length);
	reader->used += slot->length + 1;
	return dst;
}

/* A string, or the text of a number; "" if there is none. */
static bool
judge_text(
    struct record_reader *reader, struct jsonscan *scan, enum record_field field, const char **text)
{
	const struct slot *slot = chosen(reader, field);
	*text = "";
	if (slot->kind == SLOT_TEXT) {
		*text = slot->text;
	} else if (slot->kind == SLOT_NUMBER) {
		struct slot number = *slot;
		*text = record_number_text(reader, &number);
	} else if (slot->kind != SLOT_ABSENT) {
		return refuse(reader, scan, field, "is not a string");
	}
	return true;
}

/* A number from low to high; NaN if there is none. */
static bool
judge_number(struct record_reader *reader, struct jsonscan *scan, enum record_field field,
    double low, double high, double *number)
{
	const struct slot *slot = chosen(reader, field);
	*number = NAN;
	if (slot->kind == SLOT_ABSENT)
		return true;
	if (slot->kind != SLOT_NUMBER)
		return refuse(reader, scan, field, "is not a number");
	if (slot->number < low || slot->number > high)
		return jsonscan_fail(scan, slot->where, "%s %.17g is out of range",
		    reader->routes.fields[field].name, slot->number);
	*number = slot->number;
	return true;
}

/* 0 or 1; -1 if there is none. */
static bool
judge_flag(struct record_reader *reader, struct jsonscan *scan, enum record_field field, int *flag)
{
	const struct slot *slot = chosen(reader, field);
	*flag = -1;
	if (slot->kind == SLOT_ABSENT)
		return true;
	struct flags *flags = reader->flags;
	if (slot->kind == SLOT_TEXT)
		return flag_text(flags, slot->text, slot->length, flag) ||
		       jsonscan_fail(scan, slot->where, "%s " FLAG_REFUSAL,
			   reader->routes.fields[field].name, slot->text);
	bool number = slot->kind == SLOT_NUMBER || slot->kind == SLOT_BOOL;
	return (number && flag_number(flags, slot->number, flag)) ||
	       refuse(reader, scan, field, "is not 0, 1, true or false");
}

static bool
judge_status(struct record_reader *reader, struct jsonscan *scan, int *status)
{
	double number;
	if (!judge_number(reader, scan, RECORD_STATUS, 0, 999, &number))
		return false;
	if (isfinite(number) && number != trunc(number))
		return refuse(reader, scan, RECORD_STATUS, "is not whole");
	*status = isfinite(number) ? (int)number : 0;
	return true;
}

bool
record_judge_prediction(struct record_reader *reader, struct jsonscan *scan, struct prediction *out)
{
	if (!judge_time(reader, scan, &out->ts) ||
	    !judge_text(reader, scan, RECORD_REQUEST_ID, &out->request_id) ||
	    !judge_text(reader, scan, RECORD_SERVICE, &out->service) ||
	    !judge_text(reader, scan, RECORD_MODEL, &out->model) ||
	    !judge_text(reader, scan, RECORD_VERSION, &out->version) ||
	    !judge_text(reader, scan, RECORD_SEGMENT, &out->segment) ||
	    !judge_number(reader, scan, RECORD_SCORE, 0, 1, &out->score) ||
	    !judge_number(reader, scan, RECORD_THRESHOLD, -most, most, &out->threshold) ||
	    !judge_number(reader, scan, RECORD_LATENCY, 0, most, &out->latency_ms) ||
	    !judge_flag(reader, scan, RECORD_DECISION, &out->decision) ||
	    !judge_flag(reader, scan, RECORD_LABEL, &out->label) ||
	    !judge_status(reader, scan, &out->status))
		return false;
	/* A number that comes to 0 is what a clock says that was never set. */
	const struct slot *ts = chosen(reader, RECORD_TS);
	if (ts->kind == SLOT_ABSENT || (ts->kind == SLOT_NUMBER && out->ts == 0))
		return jsonscan_fail(scan, scan->end, "no ts");
	if (isnan(out->score) && out->status < 400 && !reader->scoreless)
		return jsonscan_fail(scan, scan->end, "no score, and no status of 400 or more");
	out->shape = shapes_number(&reader->shapes, &reader->features);
	out->features = reader->features.list;
	out->features_count = reader->features.count;
	out->attributions = reader->attributions.list;
	out->attributions_count = reader->attributions.count;
	return true;
}

bool
record_judge_label(struct record_reader *reader, struct jsonscan *scan, struct label *out)
{
	if (!judge_time(reader, scan, &out->ts) ||
	    !judge_text(reader, scan, RECORD_REQUEST_ID, &out->request_id) ||
	    !judge_flag(reader, scan, RECORD_LABEL, &out->value))
		return false;
	if (out->request_id[0] == '\0')
		return jsonscan_fail(scan, scan->end, "no request_id");
	return out->value >= 0 || jsonscan_fail(scan, scan->end, "no label");
}
