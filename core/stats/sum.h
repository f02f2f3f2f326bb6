/* sum.h: a sum that keeps what rounding drops (Neumaier 1974): its error does not grow with the
 * number of terms. Start it as {0, 0}. */
#ifndef FRAUDTOP_STATS_SUM_H
#define FRAUDTOP_STATS_SUM_H

#include <math.h>

struct sum {
	double value, lost;
};

static inline void
sum_add(struct sum *sum, double term)
{
	double value = sum->value + term;
	sum->lost +=
	    fabs(sum->value) >= fabs(term) ? sum->value - value + term : term - value + sum->value;
	sum->value = value;
}

static inline double
sum_of(const struct sum *sum)
{
	return sum->value + sum->lost;
}

#endif
