/* walk_slow.c: the values that are not as a step expects them, and what it learns from them. */
#include <math.h>
#include <string.h>

#include "core/base/text.h"
#include "core/ingest/decimal.h"
#include "core/ingest/walkers.h"

enum { TRIES = 16, EVERY = 32 }; /* a guess may fail so often, and once in so many lines more */

static bool
put_field(struct record_reader *reader, const struct step *step, const struct slot *slot,
    struct prediction *out)
{
	void *field = (char *)out + step->place;
	bool number = slot->kind == SLOT_NUMBER;
	switch ((enum step_target)step->target) {
	case TARGET_TIME:
		out->ts = slot->time;
		return slot->kind == SLOT_TIME || (number && decimal_time(slot->number, &out->ts));
	case TARGET_TEXT:
		*(const char **)field = slot->text;
		return slot->kind == SLOT_TEXT || number;
	case TARGET_NUMBER:
		*(double *)field = slot->number;
		return number && slot->number >= step->low && slot->number <= step->high;
	case TARGET_FLAG:
		if (slot->kind == SLOT_TEXT)
			return flag_text(reader->flags, slot->text, strlen(slot->text), field);
		number = number || slot->kind == SLOT_BOOL;
		if (reader->flags->odd)
			return number && flag_number(reader->flags, slot->number, field);
		*(int *)field = slot->number != 0;
		return number && (slot->number == 0 || slot->number == 1);
	case TARGET_STATUS:
		if (!number || !(slot->number >= 0 && slot->number <= 999))
			return false;
		out->status = (int)slot->number;
		return out->status == slot->number;
	case TARGET_NONE:
		return slot->kind != SLOT_OTHER;
	case TARGET_GROUP:
		return slot->kind == SLOT_OTHER;
	default:
		return false;
	}
}

bool
walk_put(struct record_reader *reader, const struct step *step, const struct slot *slot,
    struct prediction *out)
{
	if (slot->kind == SLOT_ABSENT &&
	    (step->must || (step->target > TARGET_ATTRIBUTION && step->target != TARGET_GROUP)))
		return !step->must;
	if (step->target > TARGET_ATTRIBUTION)
		return put_field(reader, step, slot, out);
	struct feature_value *member = walk_member(reader, step);
	member->name = step->member.name;
	record_fill_member(member, slot);
	return step->target == TARGET_FEATURE
		   ? slot->kind != SLOT_OTHER
		   : slot->kind == SLOT_NUMBER || slot->kind == SLOT_ABSENT;
}

/* Has the step's guess failed too often to be tried again? */
static bool
is_hopeless(const struct record_reader *reader, struct step *step)
{
	return ++step->misses > TRIES + reader->outline.walked / EVERY;
}

static void
mask_seen(struct step *step, size_t length)
{
	step->seen_bits = length < STEP_BLOCK ? (UINT32_C(1) << length) - 1 : UINT32_MAX;
}

/* A constant is expected together with the literal before it and the byte behind it, so that 0.5 is
 * not found in 0.55; if they fit into a block. */
static bool
expect_constant(
    struct step *step, const char *at, const char *after, const char *end, const struct slot *slot)
{
	size_t length = step->length + (size_t)(after - at);
	if (length >= STEP_BLOCK || after >= end || slot->kind == SLOT_OTHER ||
	    slot->kind == SLOT_TIME)
		return false;
	memcpy(step->seen, at - step->length, length + 1);
	mask_seen(step, length + 1);
	step->seen_length = (uint8_t)length;
	step->text[0] = '\0';
	if (slot->text == NULL)
		return true;
	if (slot->length >= sizeof(step->text))
		return false;
	memcpy(step->text, slot->text, slot->length);
	step->text[slot->length] = '\0';
	return true;
}

/* A time in UTC begins with its minute. */
static bool
expect_minute(struct step *step, const char *at, const char *after)
{
	char minute[] = "2026-01-28T14:06:00Z";
	if (after - at < 22 || after[-2] != 'Z' || at[17] != ':')
		return false;
	memcpy(minute, at + 1, 16);
	memcpy(step->seen, at, 17);
	mask_seen(step, 17);
	return clock_parse(minute, sizeof(minute) - 1, &step->minute);
}

static enum step_how
usual_way(const struct step *step, enum slot_kind kind)
{
	if (kind == SLOT_OTHER || (kind == SLOT_NUMBER && step->target == TARGET_TEXT))
		return HOW_ANY;
	return kind == SLOT_NUMBER ? HOW_FEW
	       : kind == SLOT_TEXT ? HOW_TEXT
	       : kind == SLOT_TIME ? HOW_ANY
				   : HOW_WORD;
}

/* A constant is kept as it was just put, but for its text, which is the step's own. */
static void
keep_constant(struct record_reader *reader, struct step *step, const struct slot *slot,
    const struct prediction *out)
{
	static const uint8_t sizes[] = {[TARGET_TIME] = sizeof(step->constant),
	    [TARGET_TEXT] = sizeof(step->constant),
	    [TARGET_NUMBER] = sizeof(step->constant),
	    [TARGET_FLAG] = sizeof(step->constant.flag),
	    [TARGET_STATUS] = sizeof(step->constant.flag),
	    [TARGET_GROUP] = 0};
	if (step->target <= TARGET_ATTRIBUTION) {
		step->constant_size = sizeof(step->member);
		step->member = *walk_member(reader, step);
		step->member.text = step->text;
		return;
	}
	step->constant_size = slot->kind == SLOT_ABSENT ? 0 : sizes[step->target];
	memcpy(&step->constant, (const char *)out + step->place, step->constant_size);
	if (step->target == TARGET_TEXT)
		step->constant.text = step->text;
}

/* What does not vary of a member that is read in its step's way. */
static void
keep_member(struct step *step)
{
	bool text = step->how == HOW_TEXT || step->how == HOW_STEADY;
	step->member.kind = text ? VALUE_TEXT : VALUE_NUMBER;
	step->member.number = NAN;
	step->member.text = text ? step->text : "";
}

void
walk_irregular(const struct record_reader *reader, struct step *step)
{
	if (!is_hopeless(reader, step))
		return;
	step->how++;
	step->misses = 0;
}

/* What to expect the next time, after a guess that failed, or before the first. */
static void
learn(const struct record_reader *reader, struct step *step, const char *at, const char *after,
    const char *end, const struct slot *slot)
{
	bool again = !is_hopeless(reader, step);
	bool constant = step->how == HOW_CONSTANT;
	step->ends = step_ends(after < end ? *after : '\0');
	if (slot->kind == SLOT_TIME && *at == '"') {
		step->how = again && expect_minute(step, at, after) ? HOW_TIME : HOW_ANY;
	} else if ((constant || step->how == HOW_NEW) && again &&
		   expect_constant(step, at, after, end, slot)) {
		step->how = HOW_CONSTANT;
	} else if (constant && slot->kind == SLOT_TEXT && slot->length <= UINT8_MAX) {
		step->how = HOW_STEADY;
		step->seen_length = (uint8_t)slot->length;
		step->misses = 0;
	} else if (constant || step->how == HOW_NEW || !again) {
		step->how = (uint8_t)usual_way(step, slot->kind);
		step->misses = 0;
	}
}

size_t
walk_unsteady(struct step *step, size_t length)
{
	/* It varies: from now on nothing is foreseen. */
	if (++step->misses > TRIES || length > UINT8_MAX)
		step->how = HOW_TEXT;
	step->seen_length = (uint8_t)length;
	return length;
}

/* An object or a list; a newline in it may be the end of the line. */
static bool
take_group(const struct step *step, struct jsonscan *scan)
{
	const char *at = scan->at;
	return step->target == TARGET_GROUP && jsonscan_skip(scan, step->depth) &&
	       memchr(at, '\n', (size_t)(scan->at - at)) == NULL;
}

/* Reads one value into the slot. */
static bool
take_value(
    struct record_reader *reader, const struct step *step, struct jsonscan *scan, struct slot *slot)
{
	if (scan->at == scan->end ||
	    reader->capacity - reader->used < RECORD_MAX_TEXT + 2 * STEP_BLOCK)
		return false;
	if (*scan->at == '{' || *scan->at == '[')
		return take_group(step, scan);
	if (!record_scalar(reader, scan, 0, slot))
		return false;
	if (slot->kind == SLOT_NUMBER)
		slot->text = step->target == TARGET_TEXT ? record_number_text(reader, slot) : NULL;
	if (step->target != TARGET_TIME || slot->kind != SLOT_TEXT)
		return true;
	slot->kind = SLOT_TIME;
	return clock_parse(slot->text, slot->length, &slot->time);
}

const char *
walk_slow(struct record_reader *reader, struct step *step, const char *at, const char *end,
    struct prediction *out)
{
	struct jsonscan scan;
	struct slot slot = {.kind = SLOT_OTHER, .where = at, .text = NULL};
	if (at > end)
		return NULL;
	jsonscan_begin_padded(&scan, at, (size_t)(end - at), NULL);
	if (step->how == HOW_NOTHING)
		slot.kind = SLOT_ABSENT;
	else if (!take_value(reader, step, &scan, &slot))
		return NULL;
	if (!walk_put(reader, step, &slot, out))
		return NULL;
	if (step->how == HOW_NOTHING || step->how == HOW_AGAIN)
		return scan.at;
	learn(reader, step, at, scan.at, end, &slot);
	if (step->how == HOW_CONSTANT)
		keep_constant(reader, step, &slot, out);
	else
		keep_member(step);
	return scan.at;
}
