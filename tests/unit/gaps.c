/* gaps.c: places among few values are those that looking at each value gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/gaps.h"

static struct rng rng;

static double
draw(int kind)
{
	switch (kind % 5) {
	case 0:
		return rng_uniform(&rng);
	case 1:
		return floor(rng_normal(&rng) * 3); /* ties, and both signs */
	case 2:
		return rng_normal(&rng) * pow(10, 300 - (double)rng_below(&rng, 600));
	case 3:
		return rng_below(&rng, 2) ? 0.0 : -0.0;
	default:
		return rng_below(&rng, 9) > 0 ? 0.5 + 1e-15 * rng_below(&rng, 100)
		       : rng_below(&rng, 2)   ? INFINITY
					      : -INFINITY;
	}
}

static void
each_number_is_counted_where_it_falls(void **state)
{
	(void)state;
	enum { MANY = 300 };
	for (int round = 0; round < 200; round++) {
		size_t n = 1 + rng_below(&rng, 60);
		double *few = mem_alloc(n * sizeof(*few)), many[MANY];
		for (size_t i = 0; i < n; i++)
			few[i] = draw(round);
		struct gaps gaps;
		gaps_init(&gaps, few, n);
		uint64_t rows = 0, found = 0;
		for (size_t i = 0; i < MANY; i++) {
			many[i] = draw(i % 2 ? round : (int)i);
			gaps_add(&gaps, many[i]);
		}
		for (size_t i = 0; i <= gaps.count; i++) {
			uint64_t tied = 0, below = 0;
			double low = i > 0 ? gaps.values[i - 1] : NAN;
			for (size_t k = 0; k < MANY; k++) {
				tied += i < gaps.count && many[k] == gaps.values[i];
				below += (i == 0 || many[k] > low) &&
					 (i == gaps.count || many[k] < gaps.values[i]);
			}
			assert_int_equal(gaps.below[i], below);
			found += below + tied;
			if (i == gaps.count)
				continue;
			assert_int_equal(gaps.tied[i], tied);
			assert_true(i == 0 || low < gaps.values[i]);
			rows += gaps.own[i];
		}
		assert_int_equal(rows, n);
		assert_int_equal(found, MANY);
		gaps_free(&gaps);
	}
}

int
main(void)
{
	rng_seed(&rng, 6, 6);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_number_is_counted_where_it_falls),
	};
	return cmocka_run_group_tests_name("gaps", tests, NULL, NULL);
}
