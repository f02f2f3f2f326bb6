/* promhist.c: the known answers of histogram_quantile, and the corners that they leave out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <cJSON.h>

#include "core/base/buf.h"
#include "core/poll/promhist.h"

#define VECTORS "../shared/data/vectors.json"

static double
number_of(const cJSON *item)
{
	assert_non_null(item);
	if (cJSON_IsNumber(item))
		return item->valuedouble;
	assert_true(cJSON_IsString(item));
	if (strcmp(item->valuestring, "Infinity") == 0)
		return INFINITY;
	if (strcmp(item->valuestring, "-Infinity") == 0)
		return -INFINITY;
	assert_string_equal(item->valuestring, "NaN");
	return NAN;
}

static void
check_vector(const cJSON *vector)
{
	struct promhist_bucket buckets[64];
	size_t count = 0;
	const cJSON *inputs = cJSON_GetObjectItem(vector, "inputs"), *pair;
	const cJSON *tolerance = cJSON_GetObjectItem(vector, "tolerance");
	cJSON_ArrayForEach(pair, cJSON_GetObjectItem(inputs, "buckets_le_cumulative"))
	{
		assert_true(count < 64);
		buckets[count].upper = number_of(cJSON_GetArrayItem(pair, 0));
		buckets[count++].count = number_of(cJSON_GetArrayItem(pair, 1));
	}
	double wanted =
	    number_of(cJSON_GetObjectItem(cJSON_GetObjectItem(vector, "expected"), "value"));
	double got = promhist_quantile(
	    buckets, count, number_of(cJSON_GetObjectItem(inputs, "q")), NULL, NULL);
	double room = number_of(cJSON_GetObjectItem(tolerance, "abs")) +
		      number_of(cJSON_GetObjectItem(tolerance, "rel")) * fabs(wanted);
	if (isnan(wanted) ? !isnan(got) : !(fabs(got - wanted) <= room))
		fail_msg("%s: %.17g, not %.17g", cJSON_GetObjectItem(vector, "id")->valuestring,
		    got, wanted);
}

static void
every_known_answer_is_met(void **state)
{
	struct buf buf = {0};
	struct err err = {0};
	(void)state;
	if (access(VECTORS, R_OK) != 0) {
		print_message("# " VECTORS " is not there\n");
		skip();
	}
	if (!buf_read_file(&buf, VECTORS, 64 << 20, &err))
		fail_msg("%s", err.text);
	cJSON *all = cJSON_ParseWithLength(buf.data, buf.length), *vector;
	assert_non_null(all);
	unsigned checked = 0;
	cJSON_ArrayForEach(vector, cJSON_GetObjectItem(all, "cases"))
	{
		const cJSON *metric = cJSON_GetObjectItem(vector, "metric");
		if (strcmp(metric->valuestring, "histogram_quantile") != 0)
			continue;
		check_vector(vector);
		checked++;
	}
	print_message("# %u vectors\n", checked);
	assert_int_equal(checked, 28);
	cJSON_Delete(all);
	buf_free(&buf);
}

static void
buckets_in_any_order_give_the_same_and_the_bounds(void **state)
{
	struct promhist_bucket buckets[] = {{INFINITY, 120}, {1, 110}, {0.1, 50}, {0.2, 70}};
	double low, high;
	(void)state;
	assert_true(fabs(promhist_quantile(buckets, 4, 0.5, &low, &high) - 0.15) < 1e-15);
	assert_true(low == 0.1 && high == 0.2);
	assert_true(promhist_quantile(buckets, 4, 0.99, &low, &high) == 1);
	assert_true(low == 1 && isinf(high));
	assert_true(fabs(promhist_quantile(buckets, 4, 0.2, &low, &high) - 0.048) < 1e-15);
	assert_true(low == 0 && high == 0.1);
}

static void
counts_that_fall_are_repaired_and_tiny_differences_ignored(void **state)
{
	/* As Prometheus: a fall is lifted to the count before it. */
	struct promhist_bucket fall[] = {{1, 10}, {2, 8}, {3, 20}, {INFINITY, 20}};
	struct promhist_bucket same[] = {{1, 10}, {2, 10}, {3, 20}, {INFINITY, 20}};
	struct promhist_bucket tiny[] = {{1, 10}, {2, 10 + 1e-12}, {3, 20}, {INFINITY, 20}};
	(void)state;
	double wanted = promhist_quantile(same, 4, 0.6, NULL, NULL);
	assert_true(wanted == 2.2);
	assert_true(promhist_quantile(fall, 4, 0.6, NULL, NULL) == wanted);
	assert_true(promhist_quantile(tiny, 4, 0.6, NULL, NULL) == wanted);
	assert_true(tiny[1].count == 10);
}

static void
quantiles_outside_of_0_and_1_are_infinite_and_nonsense_is_nan(void **state)
{
	struct promhist_bucket good[] = {{1, 10}, {INFINITY, 20}};
	struct promhist_bucket odd[] = {{NAN, 10}, {INFINITY, 20}};
	struct promhist_bucket twice[] = {{INFINITY, 10}, {INFINITY, 20}};
	struct promhist_bucket minus[] = {{-INFINITY, 10}, {-INFINITY, 20}};
	double low, high;
	(void)state;
	assert_true(promhist_quantile(good, 2, -0.1, NULL, NULL) == -INFINITY);
	assert_true(promhist_quantile(good, 2, 1.1, NULL, NULL) == INFINITY);
	assert_true(isnan(promhist_quantile(good, 2, NAN, NULL, NULL)));
	assert_true(isnan(promhist_quantile(good, 0, 0.5, NULL, NULL)));
	assert_true(isnan(promhist_quantile(odd, 2, 0.5, &low, &high)));
	assert_true(isnan(low) && isnan(high));
	assert_true(isnan(promhist_quantile(twice, 2, 0.5, NULL, NULL)));
	assert_true(isnan(promhist_quantile(minus, 2, 0.5, NULL, NULL)));
}

static void
a_counter_that_fell_was_reset(void **state)
{
	(void)state;
	assert_true(promhist_increase(10, 15) == 5);
	assert_true(promhist_increase(10, 10) == 0);
	assert_true(promhist_increase(10, 3) == 3);
	assert_true(isnan(promhist_increase(NAN, 3)));
}

/* promql/quantile.go: exponential but for a bucket that holds zero; mirrored below it. */
static void
a_native_bucket_is_cut_exponentially(void **state)
{
	(void)state;
	assert_true(fabs(promhist_native(1, 2, 0.5) - sqrt(2)) < 1e-15);
	assert_true(fabs(promhist_native(4, 64, 0.25) - 8) < 1e-12);
	assert_true(fabs(promhist_native(-2, -1, 0.5) + sqrt(2)) < 1e-15);
	assert_true(fabs(promhist_native(-64, -4, 0.25) + 32) < 1e-12);
	assert_true(promhist_native(1, 2, 0) == 1 && promhist_native(1, 2, 1) == 2);
	assert_true(promhist_native(-0.001, 0.001, 0.75) == 0.0005);
	assert_true(promhist_native(0, 0.5, 0.5) == 0.25);
	assert_true(isnan(promhist_native(2, 1, 0.5)) && isnan(promhist_native(1, 2, 1.5)));
	assert_true(isnan(promhist_native(NAN, 2, 0.5)) && isnan(promhist_native(1, 2, NAN)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_known_answer_is_met),
	    cmocka_unit_test(buckets_in_any_order_give_the_same_and_the_bounds),
	    cmocka_unit_test(counts_that_fall_are_repaired_and_tiny_differences_ignored),
	    cmocka_unit_test(quantiles_outside_of_0_and_1_are_infinite_and_nonsense_is_nan),
	    cmocka_unit_test(a_counter_that_fell_was_reset),
	    cmocka_unit_test(a_native_bucket_is_cut_exponentially),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
