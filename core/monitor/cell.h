/* cell.h: the mergeable state of one column in one time bucket: at most 4 KiB, added to by each
 * record at constant cost, and the same in whatever order it is merged: counts to the bit, sums to
 * 1e-12, as they carry their rounding error (Knuth, TAOCP 2, 4.2.2). */
#ifndef FRAUDTOP_MONITOR_CELL_H
#define FRAUDTOP_MONITOR_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/stats/bins.h"

struct cell {
	uint32_t present; /* in the bins; of a column without bins, in the record */
	uint32_t missing; /* null, or not in the record */
	uint32_t lacking; /* of these: not in the record */
	uint32_t nonfinite, wrong_type;
	uint32_t out_of_range; /* present numbers beyond the reference's least and greatest */
	double low, high; /* of the present numbers, if there are any */
	double sum, carry; /* their sum is both together */
	uint32_t counts[]; /* a fine bin of the reference */
};
_Static_assert(sizeof(struct cell) + (BINS_MAX + 1) * sizeof(uint32_t) <= 4096,
    "a bucket and feature takes more than 4 KiB");

struct cell_sum { /* of any cells of one column; zeroed at first */
	uint64_t present, missing, lacking, nonfinite, wrong_type, out_of_range;
	double low, high, sum, carry;
	uint64_t counts[BINS_MAX + 1];
};

/* What a column of so many fine bins takes, in units of 8 bytes. */
size_t cell_size(size_t bins);
void cell_sum_add(struct cell_sum *sum, const struct cell *cell, size_t bins); /* NULL is fine */

/* sum + value, the rounding error of it into carry. */
static inline void
cell_add(double *sum, double *carry, double value)
{
	double total = *sum + value, back = total - *sum;
	*carry += (*sum - (total - back)) + (value - back);
	*sum = total;
}

/* A present number, but for its bin. */
static inline void
cell_add_number(struct cell *cell, double value, bool beyond)
{
	if (cell->present == 0)
		cell->low = cell->high = value;
	cell->low = value < cell->low ? value : cell->low;
	cell->high = value > cell->high ? value : cell->high;
	cell_add(&cell->sum, &cell->carry, value);
	cell->out_of_range += beyond;
	cell->present++;
}

#endif
