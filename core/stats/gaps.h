/* gaps.h: where many numbers fall among few sorted ones, without sorting the many. Linear in both:
 * a table on the leading bits of a number says where to look. */
#ifndef FRAUDTOP_STATS_GAPS_H
#define FRAUDTOP_STATS_GAPS_H

#include <stddef.h>
#include <stdint.h>

struct gaps {
	size_t count;
	double *values; /* the distinct few, ascending */
	uint64_t *own; /* how many of the few are of each value */
	uint64_t *tied; /* of the many: equal to value i */
	uint64_t *below; /* between value i - 1 and value i; below[count]: above all */
	uint32_t *table;
	uint64_t first_key, last_key;
	unsigned shift;
};

/* Takes n >= 1 values, none NaN, and keeps them (allocated; sorted here). */
void gaps_init(struct gaps *gaps, double *values, size_t n);
void gaps_add(struct gaps *gaps, double value); /* one of the many, not NaN */
void gaps_free(struct gaps *gaps);

#endif
