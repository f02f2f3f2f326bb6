/* proportion.c: intervals against published ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/stats/proportion.h"

static void
assert_near(struct interval interval, double low, double high, double tolerance)
{
	assert_true(fabs(interval.low - low) <= tolerance);
	assert_true(fabs(interval.high - high) <= tolerance);
}

/* R's binom.confint, by way of statsmodels' tests. */
static void
wilson_is_rs(void **state)
{
	(void)state;
	assert_near(proportion_wilson(1, 30), 0.0059085903816124465, 0.16670390991409173, 1e-15);
	assert_near(proportion_wilson(29, 30), 0.8332960900859081, 0.9940914096183874, 1e-15);
	assert_near(proportion_wilson(0, 30), 0, 0.11351339317396876, 1e-15);
	assert_true(proportion_wilson(0, 7).low == 0 && proportion_wilson(7, 7).high == 1);
}

/* Newcombe, Statistics in Medicine 17 (1998), table II, method 10. */
static void
the_difference_is_newcombes(void **state)
{
	(void)state;
	assert_near(proportion_difference(56, 70, 48, 80), 0.0524, 0.3339, 5e-5);
	assert_near(proportion_difference(9, 10, 3, 10), 0.1705, 0.8090, 5e-5);
	assert_near(proportion_difference(6, 7, 2, 7), 0.0582, 0.8062, 5e-5);
	assert_near(proportion_difference(5, 56, 0, 29), -0.0381, 0.1926, 5e-5);
	assert_near(proportion_difference(0, 10, 0, 20), -0.1611, 0.2775, 5e-5);
	assert_near(proportion_difference(0, 10, 0, 10), -0.2775, 0.2775, 5e-5);
	assert_near(proportion_difference(10, 10, 0, 20), 0.6791, 1, 5e-5);
	assert_near(proportion_difference(10, 10, 0, 10), 0.6075, 1, 5e-5);
}

static void
a_turned_ratio_has_the_turned_interval(void **state)
{
	(void)state;
	struct interval ratio = proportion_ratio(15, 100, 10, 100);
	struct interval turned = proportion_ratio(10, 100, 15, 100);
	double half = 1.959963984540054 * sqrt(1 / 15.0 + 1 / 10.0 - 2 / 100.0);
	assert_near(ratio, 1.5 * exp(-half), 1.5 * exp(half), 1e-12);
	assert_near(turned, 1 / ratio.high, 1 / ratio.low, 1e-12);
	ratio = proportion_ratio(9, 9, 4, 4);
	assert_true(ratio.low == 1 && ratio.high == 1);
}

static void
what_is_undefined_has_no_interval(void **state)
{
	(void)state;
	assert_true(isnan(proportion_wilson(0, 0).low) && isnan(proportion_wilson(3, 2).high));
	assert_true(isnan(proportion_difference(0, 0, 1, 2).low));
	assert_true(isnan(proportion_difference(1, 2, 5, 4).high));
	assert_true(isnan(proportion_ratio(0, 5, 1, 5).low));
	assert_true(isnan(proportion_ratio(1, 5, 0, 5).low));
	assert_true(isnan(proportion_ratio(6, 5, 1, 5).low));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wilson_is_rs),
	    cmocka_unit_test(the_difference_is_newcombes),
	    cmocka_unit_test(a_turned_ratio_has_the_turned_interval),
	    cmocka_unit_test(what_is_undefined_has_no_interval),
	};
	return cmocka_run_group_tests_name("proportion", tests, NULL, NULL);
}
