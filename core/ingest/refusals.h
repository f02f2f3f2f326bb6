/* refusals.h: the lines of one file that could not be read: how many, why, and where: the first,
 * the last, and a sample of all between (Vitter's algorithm R, 1985, seeded by the count), in
 * bounded memory. */
#ifndef FRAUDTOP_INGEST_REFUSALS_H
#define FRAUDTOP_INGEST_REFUSALS_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/pack.h"

enum { REFUSALS_SAMPLE = 6, REFUSALS_TEXT = 120 };

struct refusal {
	uint64_t offset, line; /* in the file */
	char reason[200]; /* clean, with the place in the line */
	char text[REFUSALS_TEXT]; /* the line's beginning, clean */
};

struct refusals { /* zero-initialised is none */
	uint64_t count, cut; /* cut: of these, records cut short */
	struct refusal first, last;
	struct refusal sample[REFUSALS_SAMPLE];
	size_t sample_count;
};

void refusals_add(struct refusals *refusals, uint64_t offset, uint64_t line, const char *reason,
    const char *text, size_t length, int cut);
void refusals_merge(struct refusals *into, const struct refusals *later);
void refusals_save(const struct refusals *refusals, struct buf *pack);
void refusals_load(struct refusals *refusals, struct unpack *unpack);

#endif
