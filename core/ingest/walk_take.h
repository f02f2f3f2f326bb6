/* walk_take.h: takes one value as its step expects it. Part of walk.h. */
#include "core/ingest/walk_number.h"
#include "core/ingest/walk_text.h"

/* It was seen to be what is due when it was learned. */
KERNEL void
walk_put_constant(struct record_reader *reader, const struct step *step, struct prediction *out)
{
	if (step->constant_size == sizeof(step->member))
		*walk_member(reader, step) = step->member;
	else if (step->constant_size == sizeof(step->constant))
		memcpy(walk_field(step, out), &step->constant, sizeof(step->constant));
	else if (step->constant_size == sizeof(step->constant.flag))
		memcpy(walk_field(step, out), &step->constant, sizeof(step->constant.flag));
}

/* NULL: it is not as it is expected. */
KERNEL const char *
walk_take(struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	const char *after;
	double number;
	switch ((enum step_how)step->how) {
	case HOW_FEW:
		return walk_take_few(reader, step, at, out);
	case HOW_NUMBER:
		after = value_number(at, &number);
		return walk_put_number(reader, step, after, SLOT_NUMBER, number, out);
	case HOW_STEADY:
	case HOW_TEXT:
		return walk_take_text(reader, step, at, out);
	case HOW_TIME:
		return LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0 &&
			      at[25] == '"' && value_seconds(at + 17, step->minute, &out->ts))
			   ? at + 26
			   : NULL;
	case HOW_WORD:
		return walk_take_word(reader, step, at, out);
	case HOW_LITERAL:
		return at;
	case HOW_NEW:
	case HOW_CONSTANT:
	case HOW_ANY:
	case HOW_AGAIN:
	case HOW_NOTHING:
	case HOW_END:
		return NULL;
	}
	__builtin_unreachable();
}
