/* walk_put.h: what becomes of a value: where a step has it written, if it is what is due there. For
 * the walkers alone. */
#ifndef FRAUDTOP_INGEST_WALK_PUT_H
#define FRAUDTOP_INGEST_WALK_PUT_H

#include <math.h>
#include <string.h>

#include "core/ingest/decimal.h"
#include "core/ingest/record_parts.h"

#define WALK_INLINE static inline __attribute__((always_inline))

WALK_INLINE struct feature_value *
walk_member(struct record_reader *reader, const struct step *step)
{
	return (struct feature_value *)(void *)((char *)reader + step->member_place);
}

WALK_INLINE bool
walk_put_field(struct record_reader *reader, const struct step *step, const struct slot *slot,
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

/* A number or a text, of which the step keeps the rest. */
WALK_INLINE bool
walk_put_usual(struct record_reader *reader, const struct step *step, const struct slot *slot,
    struct prediction *out)
{
	if (step->target > TARGET_ATTRIBUTION)
		return walk_put_field(reader, step, slot, out);
	struct feature_value *member = walk_member(reader, step);
	*member = step->member;
	if (slot->kind == SLOT_TEXT)
		member->text = slot->text;
	else
		member->number = slot->number;
	return slot->kind == SLOT_NUMBER || step->target == TARGET_FEATURE;
}

/* It was seen to be what is due when it was learned. */
WALK_INLINE void
walk_put_constant(struct record_reader *reader, const struct step *step, struct prediction *out)
{
	void *field = (char *)out + step->place;
	if (step->constant_size == sizeof(step->member))
		*walk_member(reader, step) = step->member;
	else if (step->constant_size == sizeof(step->constant))
		memcpy(field, &step->constant, sizeof(step->constant));
	else if (step->constant_size == sizeof(step->constant.flag))
		memcpy(field, &step->constant, sizeof(step->constant.flag));
}

#endif
