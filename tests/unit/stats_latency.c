/* stats_latency.c: what must hold of the latency sketch for any data. Seeded: a failure comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/latency.h"
#include "core/stats/sort.h"

static struct rng rng;

/* --- latency --- */

static void
a_latency_quantile_is_within_one_percent(void **state)
{
	(void)state;
	enum { N = 20000 };
	double *values = mem_alloc(N * sizeof(*values));
	struct latency *latency = mem_alloc(sizeof(*latency));
	for (size_t i = 0; i < N; i++) {
		values[i] = fmin(fmax(rng_lognormal(&rng, 20000, 3), 1), 1e9);
		latency_record(latency, values[i]);
	}
	sort_doubles(values, N);
	static const double qs[] = {0, 0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};
	for (size_t i = 0; i < sizeof(qs) / sizeof(*qs); i++) {
		double exact = values[(size_t)(qs[i] * (N - 1))];
		assert_true(fabs(latency_quantile(latency, qs[i]) - exact) <= exact * 0.0100001);
	}
	assert_true(latency->max_us == values[N - 1]);
	free(values);
	free(latency);
}

static void
every_latency_falls_within_its_bucket(void **state)
{
	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct latency latency = {0};
		double us = pow(10, rng_uniform(&rng) * 9);
		latency_record(&latency, us);
		size_t bucket = 0;
		while (latency.buckets[bucket] == 0)
			bucket++;
		assert_true(us > latency_bucket_low(bucket) * (1 - 1e-12));
		assert_true(us <= latency_bucket_high(bucket) * (1 + 1e-12));
		assert_true(fabs(latency_quantile(&latency, 0.5) - us) <= us * 0.0100001);
	}
}

/* ceil(log_gamma us), however it is found: right at the borders, and anywhere. */
static void
the_bucket_is_that_of_the_logarithm(void **state)
{
	(void)state;
	const double per_ln = 1 / 0.020000666706669435;
	for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
		double us = latency_bounded(latency_bucket_high(i)) * (1 - 40 * DBL_EPSILON);
		for (int step = 0; step < 80; step++, us = nextafter(us, INFINITY))
			if (us >= 1)
				assert_int_equal(latency_bucket(us), ceil(log(us) * per_ln));
	}
	for (int i = 0; i < 1000000; i++) {
		double us = latency_bounded(exp(21 * rng_uniform(&rng)));
		assert_int_equal(latency_bucket(us), ceil(log(us) * per_ln));
	}
}

static void
latencies_merge_the_same_in_any_order(void **state)
{
	(void)state;
	enum { PARTS = 16 };
	struct latency *parts = mem_alloc(PARTS * sizeof(*parts));
	struct latency *whole = mem_alloc(3 * sizeof(*whole));
	for (int i = 0; i < 5000; i++) {
		double us = rng_lognormal(&rng, 777.7, 2);
		latency_record(&parts[rng_below(&rng, PARTS)], us);
		latency_record(&whole[0], us);
	}
	for (size_t i = 0; i < PARTS; i++) {
		latency_merge(&whole[1], &parts[i]);
		latency_merge(&whole[2], &parts[PARTS - 1 - i]);
	}
	assert_memory_equal(&whole[0], &whole[1], sizeof(*whole));
	assert_memory_equal(&whole[0], &whole[2], sizeof(*whole));
	free(parts);
	free(whole);
}

static void
an_empty_latency_is_undefined_and_odd_values_are_bounded(void **state)
{
	(void)state;
	struct latency latency = {0};
	assert_true(isnan(latency_quantile(&latency, 0.5)));
	assert_true(isnan(latency_mean(&latency)));
	latency_record(&latency, NAN);
	assert_int_equal(latency.count, 0);
	latency_record(&latency, -5);
	latency_record(&latency, 0);
	assert_true(latency_quantile(&latency, 1) == 1);
	latency_record(&latency, INFINITY);
	latency_record(&latency, 1e300);
	assert_true(latency_quantile(&latency, 1) <= 1e9);
	assert_true(latency_quantile(&latency, 1) >= 0.99e9);
	assert_true(latency_mean(&latency) == (2 + 2e9) / 4);
	assert_true(isnan(latency_quantile(&latency, -0.1)));
	assert_true(isnan(latency_quantile(&latency, NAN)));
}

int
main(void)
{
	rng_seed(&rng, 20260128, 1);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_latency_quantile_is_within_one_percent),
	    cmocka_unit_test(every_latency_falls_within_its_bucket),
	    cmocka_unit_test(the_bucket_is_that_of_the_logarithm),
	    cmocka_unit_test(latencies_merge_the_same_in_any_order),
	    cmocka_unit_test(an_empty_latency_is_undefined_and_odd_values_are_bounded),
	};
	return cmocka_run_group_tests_name("stats_latency", tests, NULL, NULL);
}
