/* stats_sort.c: the radix sort against the library's, on data of every shape it treats apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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
#include "core/stats/sort.h"

static struct rng rng;

static double
normal(void)
{
	return rng_normal(&rng);
}
static double
cents(void)
{
	return floor(rng_lognormal(&rng, 30, 1.5) * 100) / 100;
}
static double
whole(void)
{
	return (double)rng_below(&rng, 100000) - 50000;
}
static double
few(void)
{
	return rng_below(&rng, 3) * 0.25;
}
static double
scores(void)
{
	return rng_uniform(&rng);
}
/* The upper bits are all the same: insertion has to give up. */
static double
narrow(void)
{
	return 1 + rng_uniform(&rng) * 0x1p-30;
}
static double
signed_narrow(void)
{
	return rng_below(&rng, 2) ? narrow() : -narrow();
}
static double
extreme(void)
{
	static const double values[] = {0.0, -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, 0x1p-1074,
	    -0x1p-1074, INFINITY, -INFINITY, 1, -1, 1 + DBL_EPSILON};
	return values[rng_below(&rng, sizeof(values) / sizeof(*values))];
}
static double
any_bits(void)
{
	for (;;) {
		uint64_t bits = (uint64_t)rng_u32(&rng) << 32 | rng_u32(&rng);
		double value;
		memcpy(&value, &bits, sizeof(value));
		if (!isnan(value))
			return value;
	}
}
static double next_value;
static double
ascending(void)
{
	return next_value += rng_uniform(&rng);
}
static double
descending(void)
{
	return next_value -= rng_uniform(&rng);
}

static double (*const shapes[])(void) = {normal, cents, whole, few, scores, narrow, signed_narrow,
    extreme, any_bits, ascending, descending};
#define SHAPES (sizeof(shapes) / sizeof(*shapes))
static const size_t sizes[] = {0, 1, 2, 3, 127, 128, 129, 1000, 30000};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

static int
compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static void
numbers_sort_as_the_library_sorts_them(void **state)
{
	(void)state;
	rng_seed(&rng, 31, 1);
	for (size_t s = 0; s < SHAPES * SIZES; s++) {
		size_t n = sizes[s % SIZES];
		double *ours = mem_grow(NULL, n + 1, sizeof(double));
		double *theirs = mem_grow(NULL, n + 1, sizeof(double));
		for (size_t i = 0; i < n; i++)
			ours[i] = theirs[i] = shapes[s / SIZES]();
		sort_doubles(ours, n);
		qsort(theirs, n, sizeof(double), compare);
		for (size_t i = 0; i < n; i++)
			assert_true(ours[i] == theirs[i]);
		sort_doubles(ours, n);
		for (size_t i = 0; i < n; i++)
			assert_true(ours[i] == theirs[i]);
		free(ours);
		free(theirs);
	}
}

/* A label that a hash of the score's bits gives: it must still be that after the sort. */
static int8_t
label_of(double score)
{
	uint64_t bits;
	memcpy(&bits, &score, sizeof(bits));
	return (int8_t)((bits * 0x9E3779B97F4A7C15u) >> 56);
}

static void
labels_go_with_their_scores(void **state)
{
	(void)state;
	rng_seed(&rng, 32, 1);
	for (size_t s = 0; s < SHAPES * SIZES; s++) {
		size_t n = sizes[s % SIZES];
		double *values = mem_grow(NULL, n + 1, sizeof(double));
		int8_t *labels = mem_alloc(n + 1);
		long before = 0, after = 0;
		for (size_t i = 0; i < n; i++) {
			values[i] = shapes[s / SIZES]();
			labels[i] = label_of(values[i]);
			before += labels[i];
		}
		sort_labelled(values, labels, n);
		for (size_t i = 0; i < n; i++) {
			assert_true(i == 0 || values[i - 1] <= values[i]);
			assert_int_equal(labels[i], label_of(values[i]));
			after += labels[i];
		}
		assert_int_equal(before, after);
		free(values);
		free(labels);
	}
}

static void
numbers_say_where_their_values_stood(void **state)
{
	(void)state;
	rng_seed(&rng, 33, 1);
	for (size_t s = 0; s < SHAPES * SIZES; s++) {
		size_t n = sizes[s % SIZES];
		double *values = mem_grow(NULL, n + 1, sizeof(double));
		double *before = mem_grow(NULL, n + 1, sizeof(double));
		uint32_t *numbers = mem_grow(NULL, n + 1, sizeof(*numbers));
		bool *seen = mem_alloc(n + 1);
		for (size_t i = 0; i < n; i++) {
			values[i] = before[i] = shapes[s / SIZES]();
			numbers[i] = (uint32_t)i;
		}
		sort_numbered(values, numbers, n);
		for (size_t i = 0; i < n; i++) {
			assert_true(i == 0 || values[i - 1] <= values[i]);
			assert_true(numbers[i] < n && !seen[numbers[i]]);
			seen[numbers[i]] = true;
			assert_memory_equal(&values[i], &before[numbers[i]], sizeof(double));
		}
		free(values);
		free(before);
		free(numbers);
		free(seen);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_sort_as_the_library_sorts_them),
	    cmocka_unit_test(labels_go_with_their_scores),
	    cmocka_unit_test(numbers_say_where_their_values_stood),
	};
	return cmocka_run_group_tests_name("stats_sort", tests, NULL, NULL);
}
