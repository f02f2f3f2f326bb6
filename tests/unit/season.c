/* season.c: hours of the week, references mixed by them, and which columns follow the calendar. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/reference/season.h"

enum { BINS = 4 };

static size_t
hour_of(const char *text)
{
	wall_us ts;
	assert_true(clock_parse(text, strlen(text), &ts));
	return season_hour(ts);
}

static void
the_week_begins_on_monday_at_midnight_utc(void **state)
{
	(void)state;
	assert_int_equal(hour_of("2026-01-26T00:00:00Z"), 0); /* a Monday */
	assert_int_equal(hour_of("2026-01-26T00:59:59.999999Z"), 0);
	assert_int_equal(hour_of("2026-01-25T23:59:59.999999Z"), 167);
	assert_int_equal(hour_of("2026-01-28T14:06:04Z"), 2 * 24 + 14);
	assert_int_equal(hour_of("1970-01-01T00:00:00Z"), 72); /* a Thursday */
	assert_int_equal(hour_of("1969-12-31T23:59:59.5Z"), 71);
	assert_int_equal(hour_of("1969-12-29T00:00:00Z"), 0);
	for (wall_us ts = -400 * CLOCK_HOUR; ts < 400 * CLOCK_HOUR; ts += CLOCK_HOUR)
		assert_int_equal(
		    season_hour(ts + CLOCK_HOUR), (season_hour(ts) + 1) % SEASON_HOURS);
	assert_true(season_hour(INT64_MIN) < SEASON_HOURS && season_hour(INT64_MAX) < SEASON_HOURS);
}

static void
a_seasons_name_is_read_back_and_no_other_word_is(void **state)
{
	(void)state;
	for (int i = SEASON_AUTO; i <= SEASON_HOUR_OF_WEEK; i++) {
		enum season season = SEASON_AUTO;
		assert_true(season_parse(season_name((enum season)i), &season));
		assert_int_equal(season, i);
	}
	enum season season = SEASON_HOUR_OF_DAY;
	assert_false(season_parse("weekly", &season));
	assert_false(season_parse("", &season));
	assert_int_equal(season, SEASON_HOUR_OF_DAY);
	assert_string_equal(season_name(SEASON_HOUR_OF_WEEK), "hour-of-week");
}

static void
a_window_of_two_hours_is_compared_with_just_those_hours(void **state)
{
	(void)state;
	uint32_t hours[SEASON_HOURS * BINS] = {0};
	uint64_t window[SEASON_HOURS] = {0};
	double counts[BINS], effective;
	for (size_t h = 0; h < SEASON_HOURS; h++)
		hours[h * BINS + 3] = 1000;
	memcpy(&hours[20 * BINS], (uint32_t[]){60, 40, 0, 0}, 4 * sizeof(*hours));
	memcpy(&hours[21 * BINS], (uint32_t[]){0, 100, 300, 0}, 4 * sizeof(*hours));
	window[20] = 30;
	window[21] = 10;
	assert_true(season_mix(hours, BINS, SEASON_HOUR_OF_WEEK, window, counts, &effective));
	double size = 1 / (0.75 * 0.75 / 100 + 0.25 * 0.25 / 400);
	assert_true(fabs(effective - size) < 1e-9);
	assert_true(fabs(counts[0] - size * 0.75 * 0.6) < 1e-9);
	assert_true(fabs(counts[1] - size * (0.75 * 0.4 + 0.25 * 0.25)) < 1e-9);
	assert_true(fabs(counts[2] - size * 0.25 * 0.75) < 1e-9);
	assert_true(counts[3] == 0);
}

static void
the_hour_of_the_day_pools_the_seven_days(void **state)
{
	(void)state;
	uint32_t hours[SEASON_HOURS * BINS] = {0};
	uint64_t window[SEASON_HOURS] = {0};
	double counts[BINS], effective;
	for (size_t day = 0; day < 7; day++) {
		hours[(day * 24 + 5) * BINS + day % 2] = 10;
		hours[(day * 24 + 6) * BINS + 2] = 500;
	}
	window[3 * 24 + 5] = 8;
	assert_true(season_mix(hours, BINS, SEASON_HOUR_OF_DAY, window, counts, &effective));
	assert_true(fabs(effective - 70) < 1e-9);
	assert_true(fabs(counts[0] - 40) < 1e-9 && fabs(counts[1] - 30) < 1e-9);
	assert_true(counts[2] == 0 && counts[3] == 0);
	assert_true(season_mix(hours, BINS, SEASON_NONE, window, counts, &effective));
	assert_true(fabs(effective - 7 * 510) < 1e-6 && fabs(counts[2] - 3500) < 1e-6);
}

static void
hours_the_reference_lacks_are_left_out_up_to_one_percent_of_the_window(void **state)
{
	(void)state;
	uint32_t hours[SEASON_HOURS * BINS] = {0};
	uint64_t window[SEASON_HOURS] = {0};
	double counts[BINS], effective;
	assert_false(season_mix(hours, BINS, SEASON_HOUR_OF_WEEK, window, counts, &effective));
	hours[0] = 30;
	hours[1] = 10;
	assert_false(season_mix(hours, BINS, SEASON_HOUR_OF_WEEK, window, counts, &effective));
	window[0] = 990;
	window[1] = window[2] = 5;
	assert_true(season_mix(hours, BINS, SEASON_HOUR_OF_WEEK, window, counts, &effective));
	assert_true(fabs(effective - 40) < 1e-9 && fabs(counts[0] - 30) < 1e-9);
	window[3] = 1; /* each of them is rare, together they are not */
	assert_false(season_mix(hours, BINS, SEASON_HOUR_OF_WEEK, window, counts, &effective));
	assert_true(effective == 0 && counts[0] == 0);
}

static void
a_mixture_as_the_reference_came_has_nearly_its_whole_size(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 7, 1);
	uint32_t hours[SEASON_HOURS * BINS];
	uint64_t window[SEASON_HOURS] = {0}, all = 0;
	for (size_t i = 0; i < SEASON_HOURS * BINS; i++) {
		hours[i] = 1 + rng_below(&rng, 500);
		window[i / BINS] += hours[i];
		all += hours[i];
	}
	double counts[BINS], effective, sum = 0;
	assert_true(season_mix(hours, BINS, SEASON_HOUR_OF_WEEK, window, counts, &effective));
	assert_true(fabs(effective - (double)all) < 1e-6 * (double)all);
	for (size_t i = 0; i < BINS; i++)
		sum += counts[i];
	assert_true(fabs(sum - effective) < 1e-6 * effective);
}

/* --- which columns follow the calendar --- */

/* n records over the hours of the week, bin by chance; at night the first bin gets `lift` more. */
static void
draw(uint32_t *hours, size_t bins, size_t n, double lift, struct rng *rng)
{
	memset(hours, 0, SEASON_HOURS * bins * sizeof(*hours));
	for (size_t i = 0; i < n; i++) {
		size_t hour = rng_below(rng, SEASON_HOURS);
		size_t bin = rng_below(rng, (uint32_t)bins);
		if (hour % 24 < 6 && rng_uniform(rng) < lift)
			bin = 0;
		hours[hour * bins + bin]++;
	}
}

static void
chance_is_not_taken_for_a_season_however_few_the_records(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 11, 1);
	uint32_t *hours = mem_alloc(SEASON_HOURS * 65 * sizeof(*hours));
	static const size_t sizes[] = {50, 300, 1000, 3000, 10000, 50000};
	static const size_t widths[] = {2, 10, 65};
	for (size_t i = 0; i < 6 * 3 * 40; i++) {
		size_t bins = widths[i / 6 % 3];
		draw(hours, bins, sizes[i % 6], 0, &rng);
		assert_int_equal(season_recognise(hours, bins, 28 * CLOCK_DAY), SEASON_NONE);
		assert_int_equal(season_recognise(hours, bins, 5 * CLOCK_DAY), SEASON_NONE);
	}
	free(hours);
}

static void
a_column_that_differs_by_night_is_recognised_once_the_data_spans_enough(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 12, 1);
	uint32_t hours[SEASON_HOURS * BINS];
	draw(hours, BINS, 20000, 0.6, &rng);
	assert_int_equal(season_recognise(hours, BINS, 14 * CLOCK_DAY), SEASON_HOUR_OF_WEEK);
	assert_int_equal(season_recognise(hours, BINS, 14 * CLOCK_DAY - 1), SEASON_HOUR_OF_DAY);
	assert_int_equal(season_recognise(hours, BINS, 2 * CLOCK_DAY), SEASON_HOUR_OF_DAY);
	assert_int_equal(season_recognise(hours, BINS, 2 * CLOCK_DAY - 1), SEASON_NONE);
	draw(hours, BINS, 1000000, 0.05, &rng); /* sure, and small */
	assert_int_equal(season_recognise(hours, BINS, 28 * CLOCK_DAY), SEASON_NONE);
}

static void
one_quiet_hour_that_differs_is_enough(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 13, 1);
	uint32_t hours[SEASON_HOURS * BINS];
	draw(hours, BINS, 200000, 0, &rng);
	for (size_t day = 0; day < 7; day++) /* 50 records of the hour, all of one bin */
		memcpy(
		    &hours[(day * 24 + 3) * BINS], (uint32_t[]){50, 0, 0, 0}, 4 * sizeof(*hours));
	assert_int_equal(season_recognise(hours, BINS, 28 * CLOCK_DAY), SEASON_HOUR_OF_WEEK);
	assert_int_equal(season_recognise(hours, BINS, 5 * CLOCK_DAY), SEASON_HOUR_OF_DAY);
}

static void
rare_words_are_not_taken_for_a_season(void **state)
{
	(void)state;
	enum { WORDS = 65 };
	struct rng rng;
	rng_seed(&rng, 14, 1);
	uint32_t *hours = mem_alloc(SEASON_HOURS * WORDS * sizeof(*hours));
	for (int round = 0; round < 60; round++) {
		memset(hours, 0, SEASON_HOURS * WORDS * sizeof(*hours));
		for (int i = 0; i < 20000; i++) {
			double u = rng_uniform(&rng);
			hours[rng_below(&rng, SEASON_HOURS) * WORDS +
			      (size_t)(u * u * u * u * WORDS)]++;
		}
		assert_int_equal(season_recognise(hours, WORDS, 28 * CLOCK_DAY), SEASON_NONE);
		assert_int_equal(season_recognise(hours, WORDS, 5 * CLOCK_DAY), SEASON_NONE);
	}
	free(hours);
}

static void
a_column_of_one_value_or_of_one_hour_has_no_season(void **state)
{
	(void)state;
	uint32_t hours[SEASON_HOURS * BINS] = {0};
	assert_int_equal(season_recognise(hours, BINS, 28 * CLOCK_DAY), SEASON_NONE);
	assert_int_equal(season_recognise(hours, 0, 28 * CLOCK_DAY), SEASON_NONE);
	hours[5 * BINS] = 900;
	hours[5 * BINS + 1] = 800;
	assert_int_equal(season_recognise(hours, BINS, 28 * CLOCK_DAY), SEASON_NONE);
	for (size_t h = 0; h < SEASON_HOURS; h++)
		memcpy(&hours[h * BINS], (uint32_t[]){0, 100, 0, 0}, 4 * sizeof(*hours));
	assert_int_equal(season_recognise(hours, BINS, 28 * CLOCK_DAY), SEASON_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_week_begins_on_monday_at_midnight_utc),
	    cmocka_unit_test(a_seasons_name_is_read_back_and_no_other_word_is),
	    cmocka_unit_test(a_window_of_two_hours_is_compared_with_just_those_hours),
	    cmocka_unit_test(the_hour_of_the_day_pools_the_seven_days),
	    cmocka_unit_test(
		hours_the_reference_lacks_are_left_out_up_to_one_percent_of_the_window),
	    cmocka_unit_test(a_mixture_as_the_reference_came_has_nearly_its_whole_size),
	    cmocka_unit_test(chance_is_not_taken_for_a_season_however_few_the_records),
	    cmocka_unit_test(
		a_column_that_differs_by_night_is_recognised_once_the_data_spans_enough),
	    cmocka_unit_test(one_quiet_hour_that_differs_is_enough),
	    cmocka_unit_test(rare_words_are_not_taken_for_a_season),
	    cmocka_unit_test(a_column_of_one_value_or_of_one_hour_has_no_season),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
