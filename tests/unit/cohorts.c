/* cohorts.c: names become numbers, so many of them, and a number is given away only when nothing
 * bears it any more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/monitor/cohorts.h"
#include "tests/kit/monitored.h"

#define RING 168

static struct config *config;
static struct cohorts cohorts;

static int
set_up(void **state)
{
	(void)state;
	config = config_new();
	config->cohort_most = 3;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	cohorts_free(&cohorts);
	config_free(config);
	return 0;
}

static void
begin(const char *by)
{
	text_copy(config->cohort_by, sizeof(config->cohort_by), by);
	cohorts_init(&cohorts, config);
}

static const char *
of_segment(const char *segment, int64_t index)
{
	struct prediction prediction = {.segment = segment};
	return cohorts_name(&cohorts, cohorts_find(&cohorts, &prediction, index, RING));
}

static const char *
of_features(const struct feature_value *features, size_t count)
{
	struct prediction prediction = {
	    .segment = "not this", .features = features, .features_count = count};
	return cohorts_name(&cohorts, cohorts_find(&cohorts, &prediction, 0, RING));
}

static void
so_many_are_kept_and_the_rest_is_other(void **state)
{
	(void)state;
	begin("segment");
	assert_int_equal(cohorts_room(&cohorts), 5);
	assert_string_equal(of_segment("web", 0), "web");
	assert_string_equal(of_segment("app", 0), "app");
	assert_string_equal(of_segment("pos", 0), "pos");
	assert_string_equal(of_segment("moto", 0), "other");
	assert_string_equal(of_segment("app", 1), "app");
	assert_string_equal(of_segment("", 1), "missing");
	assert_string_equal(of_segment("other", 1), "other"); /* a word, and counted so */
}

static void
a_place_is_given_away_when_the_window_has_passed_it(void **state)
{
	(void)state;
	begin("segment");
	of_segment("junk1", 0);
	of_segment("junk2", 0);
	of_segment("web", 0);
	of_segment("web", 100);
	assert_string_equal(of_segment("app", RING - 1), "other"); /* junk is in the window yet */
	assert_string_equal(of_segment("app", RING), "app");
	assert_string_equal(of_segment("pos", RING), "pos");
	assert_string_equal(of_segment("moto", RING), "other"); /* web is of bucket 100 */
	assert_string_equal(of_segment("web", 60), "web");
	assert_string_equal(of_segment("junk1", 60), "other"); /* late: no place for its time */
}

static void
a_feature_is_found_wherever_it_stands(void **state)
{
	(void)state;
	begin("channel");
	struct feature_value first[] = {
	    monitored_number("amount", 1), monitored_word("channel", "web")};
	struct feature_value second[] = {
	    monitored_word("channel", "app"), monitored_number("amount", 1)};
	assert_string_equal(of_features(first, 2), "web");
	assert_string_equal(of_features(second, 2), "app");
	assert_string_equal(of_features(first, 2), "web");
	assert_string_equal(of_features(first, 1), "missing");
	struct feature_value null = {
	    .name = "channel", .kind = VALUE_MISSING, .number = NAN, .text = ""};
	assert_string_equal(of_features(&null, 1), "missing");
}

static void
a_number_is_its_shortest_text(void **state)
{
	(void)state;
	begin("mcc");
	struct feature_value a = monitored_number("mcc", 5411), b = monitored_word("mcc", "5411"),
			     c = monitored_number("mcc", 0.1);
	assert_string_equal(of_features(&a, 1), "5411");
	assert_string_equal(of_features(&c, 1), "0.1");
	struct prediction as_number = {.segment = "", .features = &a, .features_count = 1};
	struct prediction as_word = {.segment = "", .features = &b, .features_count = 1};
	assert_int_equal(
	    cohorts_find(&cohorts, &as_number, 0, RING), cohorts_find(&cohorts, &as_word, 0, RING));
	/* And the other way about. */
	struct feature_value d = monitored_word("mcc", "7995"), e = monitored_number("mcc", 7995);
	assert_string_equal(of_features(&d, 1), "7995");
	assert_string_equal(of_features(&e, 1), "7995");
	assert_string_equal(of_features(&e, 1), "7995");
	struct feature_value f = monitored_number("mcc", 1);
	assert_string_equal(of_features(&f, 1), "other");
	struct feature_value infinite = monitored_number("mcc", INFINITY);
	assert_string_equal(of_features(&infinite, 1), "missing");
}

static void
without_a_field_there_is_nothing(void **state)
{
	(void)state;
	begin("");
	assert_int_equal(cohorts_room(&cohorts), 0);
	assert_string_equal(of_segment("web", 0), "missing");
	assert_null(cohorts.list);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(so_many_are_kept_and_the_rest_is_other),
	    TEST(a_place_is_given_away_when_the_window_has_passed_it),
	    TEST(a_feature_is_found_wherever_it_stands),
	    TEST(a_number_is_its_shortest_text),
	    TEST(without_a_field_there_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
