/* change.c: what must hold of the change detectors; their known answers are in vectors.c. */
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
#include "core/stats/adwin.h"
#include "core/stats/ddm.h"
#include "core/stats/page_hinkley.h"

static struct rng rng;

/* Feeds n values of 0 and 1; returns where it detected first, or n. */
static size_t
feed(struct adwin *adwin, double p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (adwin_add(adwin, rng_uniform(&rng) < p))
			return i;
	}
	return n;
}

static void
adwin_sees_a_change_and_says_which_way(void **state)
{
	(void)state;
	struct adwin_options options = adwin_defaults();
	struct adwin *adwin = adwin_new(&options);
	double before, after;
	adwin_last(adwin, &before, &after);
	assert_true(isnan(before) && isnan(after));
	assert_int_equal(adwin_direction(adwin), CHANGE_NONE);
	assert_int_equal(feed(adwin, 0.1, 5000), 5000);
	assert_in_range(feed(adwin, 0.4, 5000), 0, 400);
	assert_int_equal(adwin_direction(adwin), CHANGE_UP);
	adwin_last(adwin, &before, &after);
	assert_true(fabs(before - 0.1) < 0.05 && after > before + 0.1);
	assert_int_equal(feed(adwin, 0.4, 5000), 5000);
	assert_in_range(feed(adwin, 0.1, 5000), 0, 400);
	assert_int_equal(adwin_direction(adwin), CHANGE_DOWN);
	adwin_last(adwin, &before, &after);
	assert_true(fabs(before - 0.4) < 0.1 && after < before - 0.1);
	adwin_free(adwin);
	adwin_free(NULL);
}

/* An exponential histogram by another way: the same values kept whole. */
static void
adwin_keeps_count_mean_and_variance_of_its_window(void **state)
{
	(void)state;
	enum { N = 3000 };
	struct adwin_options options = adwin_defaults();
	static double values[N];
	options.clock = 1000000;
	struct adwin *adwin = adwin_new(&options);
	assert_true(isnan(adwin_mean(adwin)) && isnan(adwin_variance(adwin)));
	for (size_t i = 0; i < N; i++) {
		values[i] = rng_uniform(&rng);
		assert_false(adwin_add(adwin, values[i]));
		assert_false(adwin_add(adwin, NAN));
		assert_false(adwin_add(adwin, INFINITY));
	}
	double sum = 0, squares = 0;
	for (size_t i = 0; i < N; i++)
		sum += values[i];
	for (size_t i = 0; i < N; i++)
		squares += (values[i] - sum / N) * (values[i] - sum / N);
	assert_int_equal(adwin_width(adwin), N);
	assert_true(fabs(adwin_mean(adwin) - sum / N) < 1e-12);
	assert_true(fabs(adwin_variance(adwin) - squares / N) < 1e-12);
	adwin_free(adwin);
}

static void
adwin_is_of_bounded_memory(void **state)
{
	(void)state;
	static const unsigned buckets[] = {2, 5, 20};
	for (size_t i = 0; i < 3; i++) {
		struct adwin_options options = adwin_defaults();
		options.max_buckets = buckets[i];
		struct adwin *adwin = adwin_new(&options);
		feed(adwin, 0, 1 << 16);
		size_t half = adwin_bytes(adwin);
		feed(adwin, 0, 1 << 16);
		assert_int_equal(adwin_width(adwin), 1 << 17);
		/* One row more for twice as many values: rows for 2^40 are under 15 KiB. */
		size_t row = (buckets[i] + 1) * 16, whole = adwin_bytes(adwin);
		assert_true(whole - half <= row);
		assert_true(whole + (40 - 17) * row < 15 << 10);
		/* After a detection it grows into the memory that it has. */
		assert_true(feed(adwin, 1, 1 << 12) < 1 << 12);
		feed(adwin, 0.5, 1 << 12);
		assert_int_equal(adwin_bytes(adwin), whole);
		adwin_free(adwin);
	}
}

static void
adwin_brings_options_out_of_range_within_it(void **state)
{
	(void)state;
	struct adwin_options options = {.delta = 0.002, .max_buckets = 1000};
	struct adwin *adwin = adwin_new(&options);
	feed(adwin, 0.5, 5000);
	assert_true(adwin_width(adwin) > 0);
	adwin_free(adwin);
	options.max_buckets = 0;
	adwin = adwin_new(&options);
	feed(adwin, 0.5, 5000);
	assert_true(adwin_width(adwin) > 0);
	adwin_free(adwin);
}

static void
adwin_that_keeps_its_window_goes_on_detecting(void **state)
{
	(void)state;
	struct adwin_options options = adwin_defaults();
	struct adwin *anew = adwin_new(&options);
	options.keep = true;
	struct adwin *kept = adwin_new(&options);
	unsigned detected[2] = {0};
	for (size_t i = 0; i < 4000; i++) {
		double value = i < 2000 ? i % 10 == 0 : i % 2;
		detected[0] += adwin_add(anew, value);
		detected[1] += adwin_add(kept, value);
	}
	assert_int_equal(detected[0], 1);
	assert_true(detected[1] > 1);
	assert_true(adwin_width(anew) < 2000);
	adwin_free(anew);
	adwin_free(kept);
}

static void
same(const struct adwin *a, const struct adwin *b)
{
	double x[] = {adwin_mean(a), adwin_variance(a), 0, 0};
	double y[] = {adwin_mean(b), adwin_variance(b), 0, 0};
	adwin_last(a, &x[2], &x[3]);
	adwin_last(b, &y[2], &y[3]);
	assert_memory_equal(x, y, sizeof(x));
	assert_int_equal(adwin_width(a), adwin_width(b));
	assert_int_equal(adwin_bytes(a), adwin_bytes(b));
}

/* 20,000 values that change now and then, one by one and up to 100 at a time. */
static void
feed_both_ways(const struct adwin_options *options, double scale)
{
	struct adwin *one = adwin_new(options), *many = adwin_new(options);
	double values[100], level = 0.2;
	for (size_t i = 0; i < 20000;) {
		size_t n = 1 + rng_below(&rng, 100), taken;
		level = rng_uniform(&rng) < 0.01 ? rng_uniform(&rng) : level;
		for (size_t k = 0; k < n; k++)
			values[k] = scale * (level + 0.1 * rng_uniform(&rng));
		for (size_t at = 0; at < n; at += taken) {
			bool seen = adwin_add_some(many, values + at, n - at, &taken);
			assert_true(taken > 0 && taken <= n - at);
			for (size_t k = 0; k < taken; k++) {
				bool detected = adwin_add(one, values[at + k]);
				assert_int_equal(detected, seen && k + 1 == taken);
			}
			same(one, many);
		}
		i += n;
	}
	adwin_free(one);
	adwin_free(many);
}

static void
adwin_takes_many_values_as_one_by_one(void **state)
{
	(void)state;
	rng_seed(&rng, 21, 22);
	for (unsigned i = 0; i < 24; i++) {
		static const unsigned clocks[] = {1, 7, 32, 200}, buckets[] = {2, 5, 20};
		struct adwin_options options = adwin_defaults();
		options.clock = clocks[i % 4];
		options.max_buckets = buckets[i % 3];
		options.keep = i % 5 == 4;
		options.legacy_scan = i % 7 == 6;
		feed_both_ways(&options, i < 12 ? 1 : 1e-9);
	}
}

static void
the_smallest_change_shrinks_with_the_window_and_is_one_that_is_seen(void **state)
{
	(void)state;
	struct adwin_options options = adwin_defaults();
	options.clock = 1;
	struct adwin *adwin = adwin_new(&options);
	assert_true(isnan(adwin_smallest_change(adwin)));
	double last = INFINITY;
	for (size_t i = 1; i <= 1 << 14; i++) {
		assert_false(adwin_add(adwin, (double)(i % 2)));
		if (i < 64 || (i & (i - 1)) != 0)
			continue;
		double smallest = adwin_smallest_change(adwin);
		assert_true(smallest > 0 && smallest < last);
		last = smallest;
	}
	adwin_free(adwin);
	/* A calm half and a half that lies twice as much above it: it cannot be missed. One that
	 * lies half as much above it is. */
	for (int factor = 0; factor < 2; factor++) {
		bool detected = false;
		adwin = adwin_new(&options);
		for (size_t i = 0; i < 1 << 14; i++) {
			double shift = i < 1 << 13 ? 0 : last * (factor == 0 ? 0.5 : 2);
			detected |= adwin_add(adwin, (double)(i % 2) + shift);
		}
		assert_int_equal(detected, factor);
		adwin_free(adwin);
	}
}

static void
adwin_is_calm_on_calm_streams(void **state)
{
	(void)state;
	unsigned alarms = 0;
	for (unsigned i = 0; i < 40; i++) {
		struct adwin_options options = adwin_defaults();
		struct adwin *adwin = adwin_new(&options);
		alarms += feed(adwin, 0.03, 20000) < 20000;
		adwin_free(adwin);
	}
	assert_in_range(alarms, 0, 1);
}

static void
page_hinkley_says_which_way_and_begins_anew(void **state)
{
	(void)state;
	struct page_hinkley detector = page_hinkley_defaults();
	enum change_direction seen[2] = {CHANGE_NONE, CHANGE_NONE};
	unsigned alarms = 0;
	for (size_t i = 0; i < 3000; i++) {
		double value = i < 1000 || i >= 2000 ? 0.2 : 0.9;
		enum change_direction direction = page_hinkley_add(&detector, value);
		if (direction != CHANGE_NONE)
			seen[alarms++ & 1] = direction;
		assert_int_equal(page_hinkley_add(&detector, NAN), CHANGE_NONE);
	}
	assert_int_equal(alarms, 2);
	assert_int_equal(seen[0], CHANGE_UP);
	assert_int_equal(seen[1], CHANGE_DOWN);
}

static void
page_hinkley_of_one_side_does_not_see_the_other(void **state)
{
	(void)state;
	static const enum page_hinkley_mode modes[] = {
	    PAGE_HINKLEY_UP, PAGE_HINKLEY_CLAMPED, PAGE_HINKLEY_DOWN};
	for (size_t m = 0; m < 3; m++) {
		struct page_hinkley detector = page_hinkley_defaults();
		detector.mode = modes[m];
		unsigned up = 0, down = 0;
		for (size_t i = 0; i < 2000; i++) {
			enum change_direction direction =
			    page_hinkley_add(&detector, i < 1000 ? 0.9 : 0.1);
			up += direction == CHANGE_UP;
			down += direction == CHANGE_DOWN;
		}
		assert_int_equal(up, 0);
		assert_int_equal(down, modes[m] == PAGE_HINKLEY_DOWN);
	}
}

static void
ddm_warns_before_it_alarms(void **state)
{
	(void)state;
	struct ddm detector = ddm_defaults();
	size_t warned = 0, drifted = 0;
	for (size_t i = 0; i < 2000 && drifted == 0; i++) {
		enum ddm_state now = ddm_add(&detector, i < 1000 ? i % 20 == 0 : i % 2);
		if (now == DDM_WARNING && warned == 0)
			warned = i;
		if (now == DDM_DRIFT)
			drifted = i;
	}
	assert_in_range(warned, 1000, 1100);
	assert_in_range(drifted, warned + 1, 1200);
	for (size_t i = 0; i < 30; i++) /* it has begun anew */
		assert_int_equal(ddm_add(&detector, true), DDM_CALM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adwin_sees_a_change_and_says_which_way),
	    cmocka_unit_test(adwin_keeps_count_mean_and_variance_of_its_window),
	    cmocka_unit_test(adwin_is_of_bounded_memory),
	    cmocka_unit_test(adwin_brings_options_out_of_range_within_it),
	    cmocka_unit_test(adwin_that_keeps_its_window_goes_on_detecting),
	    cmocka_unit_test(adwin_takes_many_values_as_one_by_one),
	    cmocka_unit_test(the_smallest_change_shrinks_with_the_window_and_is_one_that_is_seen),
	    cmocka_unit_test(adwin_is_calm_on_calm_streams),
	    cmocka_unit_test(page_hinkley_says_which_way_and_begins_anew),
	    cmocka_unit_test(page_hinkley_of_one_side_does_not_see_the_other),
	    cmocka_unit_test(ddm_warns_before_it_alarms),
	};
	rng_seed(&rng, 20261121, 3);
	return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}
