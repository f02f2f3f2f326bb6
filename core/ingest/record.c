/* record.c: see record.h. One pass over the line notes what stands under each known key, so that of
 * a key that stands twice the last counts; only then is it judged.
 *
 * Strings live in one arena that is as large as the line can need before the line is begun, so it
 * never moves under the pointers handed out. In a steady state no line allocates. Leniencies, all
 * for loggers that exist: null is as good as absent; a string field may be a number, whose text is
 * taken. */
#include "core/ingest/record.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/jsonscan.h"

_Static_assert(RECORD_MAX_TEXT == JSONSCAN_MAX_TEXT, "the reader keeps what the scanner keeps");

enum field {
	FIELD_TS,
	FIELD_REQUEST_ID,
	FIELD_SERVICE,
	FIELD_MODEL,
	FIELD_VERSION,
	FIELD_LATENCY,
	FIELD_STATUS,
	FIELD_SCORE,
	FIELD_THRESHOLD,
	FIELD_DECISION,
	FIELD_SEGMENT,
	FIELD_LABEL,
	FIELD_FEATURES,
	FIELD_ATTRIBUTIONS,
	FIELD_COUNT
};

static const struct {
	const char *name;
	size_t length;
} fields[FIELD_COUNT] = {
#define FIELD(f, n) [f] = {n, sizeof(n) - 1}
    FIELD(FIELD_TS, "ts"),
    FIELD(FIELD_REQUEST_ID, "request_id"),
    FIELD(FIELD_SERVICE, "service"),
    FIELD(FIELD_MODEL, "model"),
    FIELD(FIELD_VERSION, "version"),
    FIELD(FIELD_LATENCY, "latency_ms"),
    FIELD(FIELD_STATUS, "status"),
    FIELD(FIELD_SCORE, "score"),
    FIELD(FIELD_THRESHOLD, "threshold"),
    FIELD(FIELD_DECISION, "decision"),
    FIELD(FIELD_SEGMENT, "segment"),
    FIELD(FIELD_LABEL, "label"),
    FIELD(FIELD_FEATURES, "features"),
    FIELD(FIELD_ATTRIBUTIONS, "attributions"),
#undef FIELD
};

enum kind { KIND_ABSENT, KIND_NUMBER, KIND_TEXT, KIND_BOOL, KIND_OTHER };

struct value {
	enum kind kind;
	double number; /* of a bool: 0 or 1 */
	const char *text; /* a string, or the text of a number */
	size_t length;
	const char *where;
};

#define NAME_SLOTS 2048 /* a power of two, four times the features */

struct name_slot {
	uint32_t generation; /* of another one: the slot is empty */
	uint32_t member;
};

/* The members of an object of named values, each name once. */
struct members {
	struct feature_value list[RECORD_MAX_FEATURES];
	size_t count;
	uint32_t generation;
	struct name_slot names[NAME_SLOTS];
};

struct record_reader {
	char *arena;
	size_t used, capacity;
	struct value values[FIELD_COUNT];
	struct members features, attributions;
};

struct record_reader *
record_reader_new(void)
{
	return mem_alloc(sizeof(struct record_reader));
}

void
record_reader_free(struct record_reader *reader)
{
	if (reader == NULL)
		return;
	free(reader->arena);
	free(reader);
}

/* The members read so far count no more. */
static void
forget_members(struct members *members)
{
	members->count = 0;
	if (++members->generation == 0) {
		memset(members->names, 0, sizeof(members->names));
		members->generation = 1;
	}
}

static bool
read_text(struct record_reader *reader, struct jsonscan *scan, struct value *value)
{
	char *dst = reader->arena + reader->used;
	if (!jsonscan_string(scan, dst, &value->length))
		return false;
	reader->used += value->length + 1;
	value->kind = KIND_TEXT;
	value->text = dst;
	return true;
}

/* Any value, in a place that is inside `depth` objects. */
static bool
read_value(struct record_reader *reader, struct jsonscan *scan, unsigned depth, struct value *value)
{
	char c = jsonscan_peek(scan);
	*value = (struct value){.kind = KIND_OTHER, .where = scan->at};
	if (c == '"')
		return read_text(reader, scan, value);
	if (c == '-' || (c >= '0' && c <= '9')) {
		value->kind = KIND_NUMBER;
		value->text = scan->at;
		if (!jsonscan_number(scan, &value->number))
			return false;
		value->length = (size_t)(scan->at - value->text);
		return true;
	}
	if (c == 't' || c == 'f') {
		value->kind = KIND_BOOL;
		value->number = c == 't';
	} else if (c == 'n') {
		value->kind = KIND_ABSENT;
	}
	return jsonscan_skip(scan, depth);
}

/* The place for the member of that name: its old one if it stands twice, else a new one, or NULL.
 */
static struct feature_value *
place_member(struct record_reader *reader, struct members *members, const char *name, size_t length)
{
	uint64_t slot = hash_bytes(name, length, 0);
	for (;; slot++) {
		struct name_slot *at = &members->names[slot % NAME_SLOTS];
		if (at->generation != members->generation) {
			if (members->count == RECORD_MAX_FEATURES)
				return NULL;
			at->generation = members->generation;
			at->member = (uint32_t)members->count++;
			reader->used += length + 1;
			members->list[at->member].name = name;
			return &members->list[at->member];
		}
		if (strcmp(members->list[at->member].name, name) == 0)
			return &members->list[at->member];
	}
}

static bool
read_member(struct record_reader *reader, struct jsonscan *scan, struct members *members)
{
	char *name = reader->arena + reader->used;
	size_t length;
	struct value value;
	const char *where = scan->at;
	if (!jsonscan_key(scan, name, &length))
		return false;
	struct feature_value *member = place_member(reader, members, name, length);
	if (member == NULL)
		return jsonscan_fail(scan, where, "more than %d %s", RECORD_MAX_FEATURES,
		    members == &reader->features ? "features" : "attributions");
	if (!read_value(reader, scan, 2, &value))
		return false;
	if (members == &reader->attributions && value.kind != KIND_NUMBER &&
	    value.kind != KIND_ABSENT)
		return jsonscan_fail(
		    scan, value.where, "the attribution of %.64s is not a number", name);
	if (value.kind == KIND_OTHER)
		return jsonscan_fail(scan, value.where,
		    "the feature %.64s is an object or a list, not one value", name);
	bool number = value.kind == KIND_NUMBER || value.kind == KIND_BOOL;
	member->kind = number ? VALUE_NUMBER : value.kind == KIND_TEXT ? VALUE_TEXT : VALUE_MISSING;
	member->number = number ? value.number : NAN;
	member->text = value.kind == KIND_TEXT ? value.text : "";
	return true;
}

static bool
read_members(struct record_reader *reader, struct jsonscan *scan, enum field field)
{
	struct members *members =
	    field == FIELD_FEATURES ? &reader->features : &reader->attributions;
	forget_members(members);
	if (jsonscan_peek(scan) != '{') {
		struct value *value = &reader->values[field];
		if (!read_value(reader, scan, 1, value))
			return false;
		return value->kind == KIND_ABSENT ||
		       jsonscan_fail(scan, value->where, "%s is not an object", fields[field].name);
	}
	scan->at++;
	for (bool first = true;; first = false) {
		enum jsonscan_step step = jsonscan_next(scan, first);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		if (!read_member(reader, scan, members))
			return false;
	}
}

static enum field
find_field(const char *name, size_t length, enum field guess)
{
	/* A logger writes its keys in one order, so the guess is nearly always right. */
	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		enum field field = (guess + i) % FIELD_COUNT;
		if (fields[field].length == length && memcmp(fields[field].name, name, length) == 0)
			return field;
	}
	return FIELD_COUNT;
}

/* Reads the whole line into reader->values, features and attributions. */
static bool
read_line(struct record_reader *reader, struct jsonscan *scan)
{
	size_t length = (size_t)(scan->end - scan->start), need = 3 * length + 64;
	mem_reserve(&reader->arena, &reader->capacity, need, 1);
	reader->used = 0;
	memset(reader->values, 0, sizeof(reader->values));
	forget_members(&reader->features);
	forget_members(&reader->attributions);
	if (!jsonscan_take(scan, '{'))
		return false;
	enum field guess = FIELD_TS;
	for (bool first = true;; first = false) {
		enum jsonscan_step step = jsonscan_next(scan, first);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END && jsonscan_finish(scan);
		char *key = reader->arena + reader->used;
		if (!jsonscan_key(scan, key, &length))
			return false;
		enum field field = find_field(key, length, guess);
		if (field == FIELD_COUNT ? !jsonscan_skip(scan, 1)
		    : field >= FIELD_FEATURES
			? !read_members(reader, scan, field)
			: !read_value(reader, scan, 1, &reader->values[field]))
			return false;
		if (field != FIELD_COUNT)
			guess = field + 1;
	}
}

static bool
refuse(const struct jsonscan *scan, const struct value *value, enum field field, const char *why)
{
	return jsonscan_fail(scan, value->where, "%s %s", fields[field].name, why);
}

/* A time; 0 if there is none. */
static bool
judge_time(struct record_reader *reader, struct jsonscan *scan, wall_us *ts)
{
	const struct value *value = &reader->values[FIELD_TS];
	*ts = 0;
	if (value->kind == KIND_ABSENT)
		return true;
	if (value->kind != KIND_TEXT || !clock_parse(value->text, value->length, ts))
		return refuse(scan, value, FIELD_TS, "is not a time like 2026-01-28T14:06:04.123Z");
	return true;
}

/* A string, or the text of a number; "" if there is none. */
static bool
judge_text(struct record_reader *reader, struct jsonscan *scan, enum field field, const char **text)
{
	const struct value *value = &reader->values[field];
	*text = "";
	if (value->kind == KIND_TEXT) {
		*text = value->text;
	} else if (value->kind == KIND_NUMBER) {
		char *dst = reader->arena + reader->used;
		reader->used += text_scrub(dst, RECORD_MAX_TEXT + 1, value->text, value->length);
		reader->used++;
		*text = dst;
	} else if (value->kind != KIND_ABSENT) {
		return refuse(scan, value, field, "is not a string");
	}
	return true;
}

/* A number from low to high; NaN if there is none. */
static bool
judge_number(struct record_reader *reader, struct jsonscan *scan, enum field field, double low,
    double high, double *number)
{
	const struct value *value = &reader->values[field];
	*number = NAN;
	if (value->kind == KIND_ABSENT)
		return true;
	if (value->kind != KIND_NUMBER)
		return refuse(scan, value, field, "is not a number");
	if (value->number < low || value->number > high)
		return jsonscan_fail(scan, value->where, "%s %.17g is out of range",
		    fields[field].name, value->number);
	*number = value->number;
	return true;
}

/* 0 or 1; -1 if there is none. */
static bool
judge_flag(struct record_reader *reader, struct jsonscan *scan, enum field field, int *flag)
{
	const struct value *value = &reader->values[field];
	*flag = -1;
	if (value->kind == KIND_ABSENT)
		return true;
	bool number = value->kind == KIND_NUMBER || value->kind == KIND_BOOL;
	if (!number || (value->number != 0 && value->number != 1))
		return refuse(scan, value, field, "is not 0, 1, true or false");
	*flag = value->number != 0;
	return true;
}

static bool
judge_status(struct record_reader *reader, struct jsonscan *scan, int *status)
{
	double number;
	if (!judge_number(reader, scan, FIELD_STATUS, 0, 999, &number))
		return false;
	if (isfinite(number) && number != trunc(number))
		return refuse(scan, &reader->values[FIELD_STATUS], FIELD_STATUS, "is not whole");
	*status = isfinite(number) ? (int)number : 0;
	return true;
}

static bool
judge_prediction(struct record_reader *reader, struct jsonscan *scan, struct prediction *out)
{
	const double most = 1.7976931348623157e308;
	if (!judge_time(reader, scan, &out->ts) ||
	    !judge_text(reader, scan, FIELD_REQUEST_ID, &out->request_id) ||
	    !judge_text(reader, scan, FIELD_SERVICE, &out->service) ||
	    !judge_text(reader, scan, FIELD_MODEL, &out->model) ||
	    !judge_text(reader, scan, FIELD_VERSION, &out->version) ||
	    !judge_text(reader, scan, FIELD_SEGMENT, &out->segment) ||
	    !judge_number(reader, scan, FIELD_SCORE, 0, 1, &out->score) ||
	    !judge_number(reader, scan, FIELD_THRESHOLD, -most, most, &out->threshold) ||
	    !judge_number(reader, scan, FIELD_LATENCY, 0, most, &out->latency_ms) ||
	    !judge_flag(reader, scan, FIELD_DECISION, &out->decision) ||
	    !judge_flag(reader, scan, FIELD_LABEL, &out->label) ||
	    !judge_status(reader, scan, &out->status))
		return false;
	if (reader->values[FIELD_TS].kind == KIND_ABSENT)
		return jsonscan_fail(scan, scan->end, "no ts");
	if (reader->values[FIELD_SCORE].kind == KIND_ABSENT && out->status < 400)
		return jsonscan_fail(scan, scan->end, "no score, and no status of 400 or more");
	out->shape = 0;
	out->features = reader->features.list;
	out->features_count = reader->features.count;
	out->attributions = reader->attributions.list;
	out->attributions_count = reader->attributions.count;
	return true;
}

bool
record_read_prediction(struct record_reader *reader, const char *line, size_t length,
    struct prediction *prediction, struct err *err)
{
	struct jsonscan scan;
	jsonscan_begin(&scan, line, length, err);
	return read_line(reader, &scan) && judge_prediction(reader, &scan, prediction);
}

bool
record_read_label(struct record_reader *reader, const char *line, size_t length,
    struct label *label, struct err *err)
{
	struct jsonscan scan;
	jsonscan_begin(&scan, line, length, err);
	if (!read_line(reader, &scan) || !judge_time(reader, &scan, &label->ts) ||
	    !judge_text(reader, &scan, FIELD_REQUEST_ID, &label->request_id) ||
	    !judge_flag(reader, &scan, FIELD_LABEL, &label->value))
		return false;
	if (label->request_id[0] == '\0')
		return jsonscan_fail(&scan, scan.end, "no request_id");
	if (label->value < 0)
		return jsonscan_fail(&scan, scan.end, "no label");
	return true;
}
