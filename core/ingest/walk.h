/* walk.h: goes down the outline along a line, as walk_plain.c, walk_base.c and walk_avx2.c compile
 * it, each with its blocks (block.h).
 *
 * Only the place of the next value hangs on the one before; what a value is worth is worked out
 * beside it, and branches go the same way in nearly every line. That is the speed. Reads at most
 * two blocks (STRETCH_PAD) past `end`; what is found there is never taken, for the line's end is
 * asked for. */
#include "core/ingest/value.h"
#include "core/ingest/walkers.h"
#include "core/source/stretch.h"

#include "core/ingest/walk_take.h"

_Static_assert(2 * BLOCK <= STRETCH_PAD && BLOCK == STEP_BLOCK, "blocks fit into the pad");

/* At the line's end. */
KERNEL void
walk_finish(const struct record_reader *reader, const struct step *step, struct prediction *out)
{
	out->shape = step->shape;
	out->features = reader->features.list;
	out->features_count = step->place;
	out->attributions = reader->attributions.list;
	out->attributions_count = step->attributions;
}

/* A walker (walkers.h). */
LEVEL const char *
WALK(struct record_reader *reader, const char *at, const char *end, struct prediction *out)
{
	const char *before = at;
	reader->used = 0;
	*out = record_nothing;
	for (struct step *step = reader->outline.first; step != NULL && LIKELY(at <= end);) {
		if (step->how == HOW_CONSTANT &&
		    LIKELY((block_differs(at, step->seen) & step->seen_bits) == 0)) {
			walk_put_constant(reader, step, out);
			before = at + step->length;
			at += step->seen_length;
			step = step->next;
			continue;
		}
		const char *value = at + step->length;
		if (!LIKELY((block_differs(at, step->literal) & step->literal_bits) == 0) ||
		    !LIKELY(value <= end)) {
			step = step->other;
			continue;
		}
		const char *after = walk_take(reader, step, value, out);
		if (!LIKELY(after != NULL)) {
			if (step->how == HOW_END) {
				walk_finish(reader, step, out);
				return value;
			}
			if (step->how == HOW_AGAIN)
				value = before;
			after = walk_slow(reader, step, value, end, out);
			if (after == NULL) {
				step = step->other;
				continue;
			}
		}
		before = value;
		at = after;
		step = step->next;
	}
	return NULL;
}
