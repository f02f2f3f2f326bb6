/* walk_put.h: where a step has its value written. For the walkers alone. */
#ifndef FRAUDTOP_INGEST_WALK_PUT_H
#define FRAUDTOP_INGEST_WALK_PUT_H

#include <string.h>

#include "core/ingest/record_parts.h"

static inline struct feature_value *
walk_member(struct record_reader *reader, const struct step *step)
{
	return (struct feature_value *)(void *)((char *)reader + step->place);
}

static inline void *
walk_field(const struct step *step, struct prediction *out)
{
	return (char *)out + step->place;
}

/* It was seen to be what is due when it was learned. */
static inline void
walk_put_constant(struct record_reader *reader, const struct step *step, struct prediction *out)
{
	if (step->constant_size == sizeof(step->member))
		*walk_member(reader, step) = step->member;
	else if (step->constant_size == sizeof(step->constant))
		memcpy(walk_field(step, out), &step->constant, sizeof(step->constant));
	else if (step->constant_size == sizeof(step->constant.flag))
		memcpy(walk_field(step, out), &step->constant, sizeof(step->constant.flag));
}

#endif
