/* concept.c: change detectors on a series' label errors, decisions and scores: what they see, when
 * they say it began, and that only a worse error alerts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/monitor/concept.h"

#define START INT64_C(1769600000000000)
#define LAG CLOCK_DAY /* of labels */

static struct config *config;
static struct concept concept;
static struct rng rng;
static uint64_t fed, seen_at; /* values fed; the number of the last that was a change */

static int
set_up(void **state)
{
	(void)state;
	config = config_new();
	config->concept_delta = 0.002 * CONCEPT_STREAMS; /* shared by the streams */
	fed = seen_at = 0;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	concept_free(&concept);
	config_free(config);
	return 0;
}

static void
begin(const char *detector, uint64_t seed)
{
	text_copy(config->detector, sizeof(config->detector), detector);
	concept_init(&concept, config);
	rng_seed(&rng, seed, 1);
}

/* n values, 1 by the chance p: a prediction a second, its label a day later. */
static void
feed(enum concept_stream stream, double p, size_t n)
{
	for (size_t i = 0; i < n; i++, fed++) {
		uint64_t changes = concept.streams[stream].changes;
		wall_us ts = START + (wall_us)fed * CLOCK_SECOND;
		concept_add(&concept, stream, rng_uniform(&rng) < p, ts + LAG, ts);
		concept_settle(&concept);
		if (concept.streams[stream].changes > changes)
			seen_at = fed;
	}
}

static struct concept_view
look(enum concept_stream stream, wall_us clock)
{
	struct concept_view views[CONCEPT_STREAMS];
	concept_fill(&concept, clock, views);
	return views[stream];
}

static wall_us
clock_now(void)
{
	return START + (wall_us)fed * CLOCK_SECOND + LAG;
}

/* The stream and the indices of vector adwin-err-.02-.05. */
static void
a_risen_error_is_seen_after_384_labels_with_the_time_it_began(void **state)
{
	(void)state;
	begin("adwin", 954);
	feed(CONCEPT_ERROR, 0.02, 20000);
	assert_int_equal(look(CONCEPT_ERROR, clock_now()).changes, 0);
	double smallest = look(CONCEPT_ERROR, clock_now()).smallest_change;
	assert_true(smallest > 0 && smallest < 0.03);
	feed(CONCEPT_ERROR, 0.05, 400);
	struct concept_view view = look(CONCEPT_ERROR, clock_now());
	assert_string_equal(view.stream, "label error");
	assert_string_equal(view.detector, "ADWIN");
	assert_int_equal(view.changes, 1);
	assert_int_equal(seen_at, 20383);
	assert_true(view.changed_at == START + 20383 * CLOCK_SECOND + LAG);
	/* The mark before the cut: within some hundreds of 20,000, by the time of the prediction.
	 */
	int64_t off = view.changed_prediction - (START + 20000 * CLOCK_SECOND);
	assert_true(off > -500 * CLOCK_SECOND && off <= 384 * CLOCK_SECOND);
	assert_true(view.before > 0.015 && view.before < 0.025);
	assert_true(view.after > 0.035 && view.after < 0.09);
	assert_int_equal(view.direction, CHANGE_UP);
	assert_true(view.worse);
	assert_int_equal(view.severity, SEVERITY_WARNING);
	assert_int_equal(view.n, 20400);
	feed(CONCEPT_ERROR, 0.05, 19600); /* silent from then on */
	view = look(CONCEPT_ERROR, clock_now());
	assert_int_equal(view.changes, 1);
	assert_int_equal(view.mean.n, 19616);
}

static void
the_legacy_scan_is_a_switch(void **state)
{
	(void)state;
	config->legacy_scan = true;
	begin("adwin", 954);
	feed(CONCEPT_ERROR, 0.02, 20000);
	feed(CONCEPT_ERROR, 0.05, 20000);
	assert_int_equal(look(CONCEPT_ERROR, clock_now()).changes, 1);
	assert_int_equal(seen_at, 22847);
}

/* The same stream, fed value by value and after random numbers of them. */
static void
it_does_not_matter_how_many_values_wait(void **state)
{
	(void)state;
	static const char *const detectors[] = {"adwin", "page-hinkley", "ddm"};
	for (size_t kind = 0; kind < 3; kind++) {
		static struct concept together;
		begin(detectors[kind], 5);
		concept_init(&together, config);
		for (size_t i = 0; i < 30000; i++) {
			double p = i / 7000 % 2 == 0 ? 0.1 : 0.4, value = rng_uniform(&rng) < p;
			wall_us ts = START + (wall_us)i * CLOCK_SECOND;
			concept_add(&concept, CONCEPT_ERROR, value, ts + LAG, ts);
			concept_settle(&concept);
			concept_add(&together, CONCEPT_ERROR, value, ts + LAG, ts);
			if (rng_uniform(&rng) < 0.01)
				concept_settle(&together);
		}
		concept_settle(&together);
		struct concept_view a = look(CONCEPT_ERROR, START), views[CONCEPT_STREAMS];
		concept_fill(&together, START, views);
		const struct concept_view *b = &views[CONCEPT_ERROR];
		assert_int_equal(a.n, 30000);
		assert_int_equal(b->n, 30000);
		assert_true(a.changes > 0);
		assert_int_equal(a.changes, b->changes);
		assert_true(a.mean.value == b->mean.value && a.mean.n == b->mean.n);
		assert_int_equal(a.changed_at, b->changed_at);
		assert_int_equal(a.changed_prediction, b->changed_prediction);
		assert_true(a.before == b->before && a.after == b->after);
		concept_free(&together);
		if (kind < 2)
			concept_free(&concept);
	}
}

static void
fifty_thousand_calm_labels_are_silent(void **state)
{
	(void)state;
	config->concept_delta = 0.002; /* the default: each stream has a third */
	begin("adwin", 956);
	feed(CONCEPT_ERROR, 0.03, 50000);
	struct concept_view view = look(CONCEPT_ERROR, clock_now());
	assert_int_equal(view.changes, 0);
	assert_int_equal(view.changed_at, 0);
	assert_true(isnan(view.before) && isnan(view.after));
	assert_int_equal(view.severity, SEVERITY_OK);
	assert_int_equal(view.mean.n, 50000);
	assert_true(fabs(view.mean.value - 1534.0 / 50000) < 1e-9);
}

static void
the_warning_lasts_a_day_of_event_time(void **state)
{
	(void)state;
	begin("adwin", 954);
	feed(CONCEPT_ERROR, 0.02, 5000);
	feed(CONCEPT_ERROR, 0.2, 500);
	struct concept_view view = look(CONCEPT_ERROR, clock_now());
	assert_int_equal(view.severity, SEVERITY_WARNING);
	wall_us end = view.changed_at + CLOCK_DAY;
	assert_int_equal(look(CONCEPT_ERROR, end - 1).severity, SEVERITY_WARNING);
	view = look(CONCEPT_ERROR, end);
	assert_int_equal(view.severity, SEVERITY_OK);
	assert_true(view.worse);
}

static void
a_fallen_error_is_told_and_does_not_alert(void **state)
{
	(void)state;
	begin("adwin", 7);
	feed(CONCEPT_ERROR, 0.3, 5000);
	feed(CONCEPT_ERROR, 0.1, 1000);
	struct concept_view view = look(CONCEPT_ERROR, clock_now());
	assert_int_equal(view.changes, 1);
	assert_int_equal(view.direction, CHANGE_DOWN);
	assert_true(view.after < view.before);
	assert_false(view.worse);
	assert_int_equal(view.severity, SEVERITY_OK);
}

static void
a_changed_decision_rate_or_score_mean_does_not_alert(void **state)
{
	(void)state;
	begin("adwin", 8);
	const enum concept_stream streams[] = {CONCEPT_DECISION_RATE, CONCEPT_SCORE_MEAN};
	for (size_t i = 0; i < 2; i++) {
		feed(streams[i], 0.02, 5000);
		feed(streams[i], 0.2, 1000);
		struct concept_view view = look(streams[i], clock_now());
		assert_int_equal(view.changes, 1);
		assert_int_equal(view.direction, CHANGE_UP);
		assert_false(view.worse);
		assert_int_equal(view.severity, SEVERITY_OK);
	}
}

static void
too_few_values_are_insufficient(void **state)
{
	(void)state;
	begin("adwin", 9);
	struct concept_view view = look(CONCEPT_ERROR, START);
	assert_int_equal(view.mean.state, METRIC_NONE);
	assert_true(isnan(view.smallest_change));
	feed(CONCEPT_ERROR, 0.1, CONCEPT_LEAST - 1);
	view = look(CONCEPT_ERROR, clock_now());
	assert_int_equal(view.severity, SEVERITY_INSUFFICIENT);
	assert_int_equal(view.mean.state, METRIC_WARMING);
	feed(CONCEPT_ERROR, 0.1, 1);
	assert_int_equal(look(CONCEPT_ERROR, clock_now()).severity, SEVERITY_OK);
}

static void
page_hinkley_sees_both_ways_and_tells_the_means(void **state)
{
	(void)state;
	begin("page-hinkley", 10);
	feed(CONCEPT_ERROR, 0.05, 5000);
	assert_int_equal(look(CONCEPT_ERROR, clock_now()).changes, 0);
	feed(CONCEPT_ERROR, 0.3, 500);
	struct concept_view view = look(CONCEPT_ERROR, clock_now());
	assert_string_equal(view.detector, "Page-Hinkley");
	assert_int_equal(view.changes, 1);
	assert_true(view.worse && view.severity == SEVERITY_WARNING);
	assert_true(fabs(view.before - 0.05) < 0.015 && fabs(view.after - 0.3) < 0.08);
	int64_t off = view.changed_prediction - (START + 5000 * CLOCK_SECOND);
	assert_true(off > -300 * CLOCK_SECOND && off < 100 * CLOCK_SECOND);
	assert_true(isnan(view.smallest_change)); /* it has none to tell */
	feed(CONCEPT_ERROR, 0.3, 3000);
	feed(CONCEPT_ERROR, 0.02, 1000);
	view = look(CONCEPT_ERROR, clock_now());
	assert_int_equal(view.direction, CHANGE_DOWN);
	assert_false(view.worse);
}

static void
ddm_knows_errors_only_and_says_so(void **state)
{
	(void)state;
	begin("ddm", 11);
	feed(CONCEPT_SCORE_MEAN, 0.5, 1000);
	struct concept_view view = look(CONCEPT_SCORE_MEAN, clock_now());
	assert_int_equal(view.n, 0);
	assert_int_equal(view.severity, SEVERITY_INSUFFICIENT);
	assert_non_null(strstr(view.detector, "errors only"));
	feed(CONCEPT_ERROR, 0.2, 1000);
	uint64_t calm = look(CONCEPT_ERROR, clock_now()).changes; /* it is known for some */
	feed(CONCEPT_ERROR, 0.8, 500);
	view = look(CONCEPT_ERROR, clock_now());
	assert_true(view.changes > calm);
	assert_string_equal(view.detector, "DDM");
	assert_true(view.worse && view.after > view.before);
	assert_true(view.before > 0.05 && view.before < 0.35);
}

/* The marks thin out with age, not with the length of the stream. */
static void
a_change_after_a_long_calm_is_found_where_it_is(void **state)
{
	(void)state;
	begin("adwin", 12);
	feed(CONCEPT_SCORE_MEAN, 0.2, 200000);
	feed(CONCEPT_SCORE_MEAN, 0.4, 2000);
	struct concept_view view = look(CONCEPT_SCORE_MEAN, clock_now());
	assert_int_equal(view.changes, 1);
	int64_t off = view.changed_prediction - (START + 200000 * CLOCK_SECOND);
	assert_true(off > -200 * CLOCK_SECOND && off < 200 * CLOCK_SECOND);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_risen_error_is_seen_after_384_labels_with_the_time_it_began),
	    TEST(the_legacy_scan_is_a_switch),
	    TEST(it_does_not_matter_how_many_values_wait),
	    TEST(fifty_thousand_calm_labels_are_silent),
	    TEST(the_warning_lasts_a_day_of_event_time),
	    TEST(a_fallen_error_is_told_and_does_not_alert),
	    TEST(a_changed_decision_rate_or_score_mean_does_not_alert),
	    TEST(too_few_values_are_insufficient),
	    TEST(page_hinkley_sees_both_ways_and_tells_the_means),
	    TEST(ddm_knows_errors_only_and_says_so),
	    TEST(a_change_after_a_long_calm_is_found_where_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
