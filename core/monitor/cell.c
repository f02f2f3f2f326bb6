#include "core/monitor/cell.h"

size_t
cell_size(size_t bins)
{
	size_t unit = sizeof(uint64_t);
	return (sizeof(struct cell) + bins * sizeof(uint32_t) + unit - 1) / unit;
}

void
cell_sum_add(struct cell_sum *sum, const struct cell *cell, size_t bins)
{
	if (cell == NULL)
		return;
	if (cell->present > 0) {
		sum->low = sum->present == 0 || cell->low < sum->low ? cell->low : sum->low;
		sum->high = sum->present == 0 || cell->high > sum->high ? cell->high : sum->high;
		cell_add(&sum->sum, &sum->carry, cell->sum);
		sum->carry += cell->carry;
	}
	sum->present += cell->present;
	sum->missing += cell->missing;
	sum->lacking += cell->lacking;
	sum->nonfinite += cell->nonfinite;
	sum->wrong_type += cell->wrong_type;
	sum->out_of_range += cell->out_of_range;
	for (size_t i = 0; i < bins; i++)
		sum->counts[i] += cell->counts[i];
}
