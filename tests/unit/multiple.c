/* multiple.c: adjusted p-values: the example of the paper, and that they hold their promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/base/rng.h"
#include "core/stats/multiple.h"

static struct rng rng;

static void
the_papers_example_rejects_four(void **state)
{
	(void)state;
	const double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
	    0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
	const double expected[] = {
	    0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.447 / 7, 0.447 / 7, 0.0645, 0.0765};
	double bh[15], bonferroni[15];
	multiple_bh(p, bh, 15);
	multiple_bonferroni(p, bonferroni, 15);
	for (size_t i = 0; i < 9; i++)
		assert_true(fabs(bh[i] - expected[i]) < 1e-12);
	size_t rejected[2] = {0, 0};
	for (size_t i = 0; i < 15; i++) {
		rejected[0] += bh[i] <= 0.05;
		rejected[1] += bonferroni[i] <= 0.05;
		assert_true(bh[i] >= p[i] && bh[i] <= bonferroni[i] && bonferroni[i] <= 1);
	}
	assert_int_equal(rejected[0], 4);
	assert_int_equal(rejected[1], 3);
}

static void
the_order_stays_and_nan_is_no_test(void **state)
{
	(void)state;
	double p[] = {0.01, NAN, 0.04, 0.03, NAN, 0.005};
	const double expected[] = {0.02, NAN, 0.04, 0.04, NAN, 0.02};
	double bonferroni[6];
	multiple_bonferroni(p, bonferroni, 6);
	multiple_bh(p, p, 6); /* in place */
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(isnan(p[i]), isnan(expected[i]));
		assert_true(isnan(p[i]) || fabs(p[i] - expected[i]) < 1e-15);
	}
	assert_true(bonferroni[0] == 0.04 && isnan(bonferroni[1]) && bonferroni[5] == 0.02);
	multiple_bh(p, p, 0);
	multiple_bh(p + 1, p + 1, 1);
	assert_true(isnan(p[1]));
	/* Of equal ones the last is not adjusted, nor by rounding. */
	for (size_t n = 1; n <= 40; n++) {
		double same[40];
		for (size_t i = 0; i < n; i++)
			same[i] = 0.05;
		multiple_bh(same, same, n);
		assert_true(same[0] == 0.05 && same[n - 1] == 0.05);
	}
}

/* Of 20 tests 10 have an effect: the share of false ones among those rejected stays under alpha. */
static void
false_discoveries_stay_under_alpha(void **state)
{
	(void)state;
	enum { TIMES = 4000, TESTS = 20 };
	double falsely = 0;
	for (int t = 0; t < TIMES; t++) {
		double p[TESTS];
		size_t wrong = 0, all = 0;
		for (size_t i = 0; i < TESTS; i++)
			p[i] = pow(rng_uniform(&rng), i < TESTS / 2 ? 1 : 8);
		multiple_bh(p, p, TESTS);
		for (size_t i = 0; i < TESTS; i++) {
			all += p[i] <= 0.1;
			wrong += p[i] <= 0.1 && i < TESTS / 2;
		}
		falsely += all > 0 ? (double)wrong / (double)all : 0;
	}
	print_message("false among the rejected: %.4f\n", falsely / TIMES);
	assert_true(falsely / TIMES < 0.06); /* half of the tests have none: alpha / 2 */
	assert_true(falsely / TIMES > 0.03);
}

int
main(void)
{
	rng_seed(&rng, 8, 4);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_papers_example_rejects_four),
	    cmocka_unit_test(the_order_stays_and_nan_is_no_test),
	    cmocka_unit_test(false_discoveries_stay_under_alpha),
	};
	return cmocka_run_group_tests_name("multiple", tests, NULL, NULL);
}
