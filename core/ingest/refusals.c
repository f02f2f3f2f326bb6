/* refusals.c: see refusals.h. Between the first and the last stand count - 2 others: of those each
 * is in the sample with the same chance. Two samples become one by drawing from both as if all they
 * stand for lay together, so it does not matter how a file was cut into
 * stretches. What is drawn hangs on the counts and the places alone. */
#include "core/ingest/refusals.h"

#include <string.h>

#include "core/base/rng.h"
#include "core/base/text.h"

/* How many the sample stands for. */
static uint64_t
between(const struct refusals *refusals)
{
	return refusals->count > 2 ? refusals->count - 2 : 0;
}

/* The last one of a growing list stands between from now on; it is the n-th there. */
static void
sample_add(struct refusals *refusals, const struct refusal *refusal, uint64_t n)
{
	if (refusals->sample_count < REFUSALS_SAMPLE) {
		refusals->sample[refusals->sample_count++] = *refusal;
		return;
	}
	struct rng rng;
	rng_seed(&rng, refusal->offset, n);
	uint64_t place = (uint64_t)(rng_uniform(&rng) * (double)n);
	if (place < REFUSALS_SAMPLE)
		refusals->sample[place] = *refusal;
}

static void
add_one(struct refusals *refusals, const struct refusal *refusal)
{
	if (refusals->count++ == 0)
		refusals->first = *refusal;
	else if (refusals->count > 2)
		sample_add(refusals, &refusals->last, refusals->count - 2);
	refusals->last = *refusal;
}

void
refusals_add(struct refusals *refusals, uint64_t offset, uint64_t line, const char *reason,
    const char *text, size_t length, int cut)
{
	struct refusal refusal = {.offset = offset, .line = line};
	text_copy(refusal.reason, sizeof(refusal.reason), reason);
	/* No more than can be shown is looked at. */
	size_t most = sizeof(refusal.text) + 4;
	text_scrub(refusal.text, sizeof(refusal.text), text, length < most ? length : most);
	add_one(refusals, &refusal);
	refusals->cut += cut != 0;
}

/* Of what `left` stands for: takes one out of the sample, any. */
static struct refusal
draw(struct refusals *left, struct rng *rng)
{
	size_t at = rng_below(rng, (uint32_t)left->sample_count);
	struct refusal drawn = left->sample[at];
	left->sample[at] = left->sample[--left->sample_count];
	return drawn;
}

static void
merge_samples(struct refusals *into, uint64_t into_stands, const struct refusals *later)
{
	struct refusals mine = *into, theirs = *later;
	uint64_t a = into_stands, b = between(later);
	struct rng rng;
	rng_seed(&rng, later->last.offset, a + b);
	into->sample_count = 0;
	while (into->sample_count < REFUSALS_SAMPLE && a + b > 0) {
		bool from_mine = rng_uniform(&rng) * (double)(a + b) < (double)a;
		into->sample[into->sample_count++] =
		    from_mine ? draw(&mine, &rng) : draw(&theirs, &rng);
		a -= from_mine;
		b -= !from_mine;
	}
}

void
refusals_merge(struct refusals *into, const struct refusals *later)
{
	if (later->count == 0)
		return;
	if (into->count == 0) {
		*into = *later;
		return;
	}
	uint64_t cut = into->cut + later->cut, count = into->count + later->count;
	add_one(into, &later->first);
	if (later->count > 1) {
		/* Its first stands between now, and so does what lay between there. */
		sample_add(into, &into->last, into->count - 1);
		merge_samples(into, into->count - 1, later);
		into->last = later->last;
	}
	into->count = count;
	into->cut = cut;
}
