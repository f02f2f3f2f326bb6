/* ddsketch.h: quantiles of any numbers with a relative error of at most alpha (DDSketch: Masson,
 * Rim, Lee, VLDB 2019), key for key as sketches-go keeps them: gamma = (1+a)/(1-a), the key of v is
 * floor(ln v / ln gamma), a key answers gamma^key (1+a). Zeros and negative numbers are counted
 * apart; NaN and infinities are left out.
 *
 * Each side holds at most `most` neighbouring keys: beyond them the smallest (in magnitude) are
 * counted as one. Merging is adding, the same in any order as long as nothing had to be put
 * together so. The live latencies have a faster one of fixed range: latency.h. */
#ifndef FRAUDTOP_STATS_DDSKETCH_H
#define FRAUDTOP_STATS_DDSKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DDSKETCH_KEYS 2048 /* at alpha 0.01: 17 powers of ten, 16 KiB a side */

struct ddsketch_store {
	uint64_t *counts;
	int32_t first; /* the key of counts[0] */
	size_t length, capacity;
	uint64_t total;
};

struct ddsketch {
	double alpha, gamma, ln_gamma;
	size_t most;
	uint64_t zeros;
	struct ddsketch_store above, below; /* positive and negative numbers */
};

/* False if alpha is not in [1e-6,1): keys are 32 bits. most 0: as many keys as the numbers need. */
bool ddsketch_init(struct ddsketch *sketch, double alpha, size_t most);
void ddsketch_free(struct ddsketch *sketch);
void ddsketch_add(struct ddsketch *sketch, double value, uint64_t count);
/* False (and nothing done) if they differ in alpha. */
bool ddsketch_merge(struct ddsketch *into, const struct ddsketch *from);
uint64_t ddsketch_count(const struct ddsketch *sketch);
/* Rank q (n - 1), the first key with more than that many values up to it, of negative numbers (as
 * sketches-go) counted from zero: of a rank between two, the upper one; NaN when empty. */
double ddsketch_quantile(const struct ddsketch *sketch, double q);
size_t ddsketch_keys_used(const struct ddsketch *sketch); /* zero is none */

#endif
