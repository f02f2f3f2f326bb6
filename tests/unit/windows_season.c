/* windows_season.c: live windows beside the same hours of their reference, windows of a feature's
 * own, and a verdict that is a pure function of the buckets. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/monitor/monitor.h"
#include "tests/kit/monitored.h"

#define START INT64_C(1769385600000000) /* Monday, 2026-01-26 */

enum { CALENDAR, PLAIN, FEATURES, WEEKS = 4 };

struct fixture {
	struct config *config;
	struct monitor *monitor;
	struct rng rng;
	double shift; /* of `plain` */
};

/* By day (8 to 20) near 0, by night near 3; its tenths are bins of their own. */
static double
calendar(struct rng *rng, size_t hour)
{
	bool day = hour % 24 >= 8 && hour % 24 < 20;
	return (day ? 0 : 3) + rng_normal(rng);
}

/* Four weeks, `an_hour` records in each but the hours from `lack` to `until` of the week. */
static struct profile *
make_profile(struct rng *rng, size_t an_hour, size_t lack, size_t until)
{
	static const char *const names[] = {"calendar", "plain"};
	struct profile *profile = mem_alloc(sizeof(*profile));
	size_t rows = WEEKS * SEASON_HOURS * an_hour, n = 0;
	double *values[FEATURES];
	size_t *hours = mem_grow(NULL, rows, sizeof(*hours));
	for (size_t i = 0; i < FEATURES; i++)
		values[i] = mem_grow(NULL, rows, sizeof(double));
	for (size_t row = 0; row < rows; row++) {
		size_t hour = row % SEASON_HOURS;
		if (hour >= lack && hour < until)
			continue;
		values[CALENDAR][n] = calendar(rng, hour);
		values[PLAIN][n] = rng_normal(rng);
		hours[n++] = hour;
	}
	profile->features = mem_alloc(FEATURES * sizeof(*profile->features));
	profile->features_count = FEATURES;
	for (size_t i = 0; i < FEATURES; i++) {
		struct profile_feature *feature = &profile->features[i];
		profile_feature_from_numbers(feature, names[i], values[i], n);
		size_t bins = feature->bins.coarse_count;
		feature->hours = mem_alloc(SEASON_HOURS * bins * sizeof(*feature->hours));
		for (size_t row = 0; row < n; row++) {
			size_t fine = bins_find_number(&feature->bins, values[i][row]);
			feature->hours[hours[row] * bins + feature->bins.coarse[fine]]++;
		}
		feature->season = season_recognise(feature->hours, bins, WEEKS * 7 * CLOCK_DAY);
		free(values[i]);
	}
	free(hours);
	profile->records = n;
	profile->first_ts = START - WEEKS * 7 * CLOCK_DAY;
	profile->last_ts = START;
	return profile;
}

static void
begin(struct fixture *f, struct config_feature own, struct profile *(*make)(struct rng *))
{
	*f = (struct fixture){0};
	rng_seed(&f->rng, 42, 54);
	f->config = config_new();
	clock_freeze(START + 30 * CLOCK_DAY);
	if (own.name[0] != '\0') {
		f->config->features = mem_alloc(sizeof(own));
		f->config->features_count = 1;
		f->config->features[0] = own;
	}
	f->monitor = monitor_new(f->config);
	monitor_add_source(f->monitor);
	if (make != NULL)
		monitor_set_profile(f->monitor, "m", "test", make(&f->rng));
}

static struct config_feature
own(const char *name, const char *season)
{
	struct config_feature feature = {.warning = NAN, .critical = NAN};
	text_copy(feature.name, sizeof(feature.name), name);
	text_copy(feature.season, sizeof(feature.season), season);
	return feature;
}

static struct profile *
whole(struct rng *rng)
{
	return make_profile(rng, 300, 0, 0);
}

static struct profile *
without_tuesday_morning(struct rng *rng)
{
	return make_profile(rng, 300, 24, 36);
}

static struct profile *
small(struct rng *rng)
{
	return make_profile(rng, 100, 0, 0);
}

static void
end(struct fixture *f)
{
	monitor_free(f->monitor);
	config_free(f->config);
}

static void
send_as(struct fixture *f, wall_us from, wall_us until, const char *service)
{
	for (wall_us ts = from; ts < until; ts += CLOCK_SECOND) {
		struct feature_value values[] = {
		    monitored_number("calendar", calendar(&f->rng, season_hour(ts))),
		    monitored_number("plain", f->shift + rng_normal(&f->rng))};
		struct prediction prediction = monitored_prediction(ts);
		prediction.service = service;
		prediction.score = rng_uniform(&f->rng);
		prediction.features = values;
		prediction.features_count = FEATURES;
		monitored_send(f->monitor, 0, &prediction);
	}
}

static void
send(struct fixture *f, wall_us from, wall_us until)
{
	send_as(f, from, until, "eu");
}

/* Twenty-six hours from Monday midnight on, looked at each half hour. */
static void
a_feature_of_the_calendar_is_calm_beside_the_same_hours_at_any_hour(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, own("", ""), whole);
	size_t crossed = 0;
	for (wall_us at = START; at < START + 26 * CLOCK_HOUR; at += CLOCK_HOUR / 2) {
		send(&f, at, at + CLOCK_HOUR / 2);
		struct snapshot *snapshot = monitored_view(f.monitor);
		const struct drift_view *feature =
		    monitored_feature(&snapshot->series[0], "calendar");
		assert_int_equal(feature->season, SEASON_HOUR_OF_WEEK);
		assert_false(feature->season_declared);
		if (at > START) {
			assert_int_equal(feature->severity, SEVERITY_OK);
			assert_true(feature->psi.value < 0.03);
			assert_true(feature->n_reference > 1000 && feature->n_reference < 2500);
			assert_non_null(
			    strstr(feature->reason, "; beside the same hours of the week"));
		}
		/* Half of the window by night, half by day: a mixture that no hour has. */
		size_t hour = season_hour(at + CLOCK_HOUR / 4 - CLOCK_HOUR / 2);
		crossed += hour % 24 == 7 || hour % 24 == 19;
		assert_int_equal(feature->ks.state, METRIC_NONE);
		assert_int_equal(feature->wasserstein.state, METRIC_NONE);
		for (size_t i = 20; at > START + CLOCK_HOUR && i < feature->curve_points; i++)
			assert_true(feature->psi_curve[i] < 0.12);
		const struct drift_view *plain = monitored_feature(&snapshot->series[0], "plain");
		assert_int_equal(plain->season, SEASON_NONE);
		assert_int_equal(plain->ks.state, at > START ? METRIC_OK : plain->ks.state);
		snapshot_free(snapshot);
	}
	assert_true(crossed > 2);
	end(&f);
}

static void
without_its_season_it_would_alarm_each_night(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, own("calendar", "none"), whole);
	send(&f, START, START + 90 * CLOCK_MINUTE);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *feature = monitored_feature(&snapshot->series[0], "calendar");
	assert_int_equal(feature->season, SEASON_NONE);
	assert_true(feature->season_declared);
	assert_int_equal(feature->severity, SEVERITY_CRITICAL);
	snapshot_free(snapshot);
	end(&f);
}

static void
a_drift_in_season_is_seen(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, own("plain", "hour-of-day"), whole);
	f.shift = 0.6;
	send(&f, START, START + 90 * CLOCK_MINUTE);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *feature = monitored_feature(&snapshot->series[0], "plain");
	assert_int_equal(feature->season, SEASON_HOUR_OF_DAY);
	assert_true(feature->n_reference > 7 * 1000);
	assert_int_equal(feature->severity, SEVERITY_CRITICAL);
	assert_true(feature->p_adjusted < 1e-6);
	snapshot_free(snapshot);
	end(&f);
}

static void
hours_that_the_reference_lacks_are_insufficient_and_said(void **state)
{
	(void)state;
	struct fixture f;
	wall_us tuesday = START + CLOCK_DAY;
	begin(&f, own("", ""), without_tuesday_morning);
	send(&f, tuesday + 2 * CLOCK_HOUR, tuesday + 4 * CLOCK_HOUR);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *feature = monitored_feature(&snapshot->series[0], "calendar");
	assert_int_equal(feature->severity, SEVERITY_INSUFFICIENT);
	assert_int_equal(feature->psi.state, METRIC_NONE);
	assert_true(feature->n_reference == 0 && isnan(feature->chance));
	assert_string_equal(feature->reason,
	    "not comparable: the reference has nothing of these hours (season hour-of-week)");
	for (size_t i = 0; i < feature->curve_points; i++)
		assert_true(isnan(feature->psi_curve[i]));
	assert_int_equal(monitored_feature(&snapshot->series[0], "plain")->severity, SEVERITY_OK);
	snapshot_free(snapshot);
	end(&f);
}

static void
too_small_a_reference_of_the_hours_is_insufficient_and_said(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, own("", ""), small);
	send(&f, START, START + 90 * CLOCK_MINUTE);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *feature = monitored_feature(&snapshot->series[0], "calendar");
	assert_int_equal(feature->severity, SEVERITY_INSUFFICIENT);
	assert_int_equal(feature->psi.state, METRIC_WARMING);
	assert_true(feature->n_reference > 400 && feature->n_reference < 1000);
	assert_non_null(strstr(feature->reason, "of the 1,000 needed in the reference"));
	snapshot_free(snapshot);
	end(&f);
}

static void
a_reference_that_grows_has_no_season(void **state)
{
	(void)state;
	for (int declared = 0; declared <= 1; declared++) {
		struct fixture f;
		begin(&f, own("calendar", declared ? "hour-of-day" : "auto"), NULL);
		f.config->reference_records = 2000;
		send(&f, START, START + 2 * CLOCK_HOUR);
		struct snapshot *snapshot = monitored_view(f.monitor);
		const struct drift_view *feature =
		    monitored_feature(&snapshot->series[0], "calendar");
		assert_int_equal(feature->season, declared ? SEASON_HOUR_OF_DAY : SEASON_NONE);
		assert_int_equal(feature->severity, declared ? SEVERITY_INSUFFICIENT : SEVERITY_OK);
		if (declared)
			assert_string_equal(feature->reason,
			    "not comparable: the reference does not know its "
			    "hours (season hour-of-day)");
		snapshot_free(snapshot);
		end(&f);
	}
}

static void
a_feature_has_its_own_window_samples_and_limits(void **state)
{
	(void)state;
	struct fixture f;
	struct config_feature plain = own("plain", "auto");
	plain.window_us = 10 * CLOCK_MINUTE;
	plain.min_samples = 500;
	plain.warning = 0.02;
	begin(&f, plain, whole);
	send(&f, START, START + 100 * CLOCK_MINUTE);
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct drift_view *feature = monitored_feature(&snapshot->series[0], "plain");
	assert_int_equal(feature->window_us, 10 * CLOCK_MINUTE);
	assert_in_range(feature->psi.n, 590, 600); /* the newest bucket is still open */
	assert_int_equal(feature->psi.state, METRIC_OK);
	assert_true(feature->warning == 0.02 && feature->critical == 0.2);
	assert_int_equal(feature->severity, SEVERITY_OK);
	assert_int_equal(feature->data.nulls.n, feature->psi.n);
	const struct drift_view *other = monitored_feature(&snapshot->series[0], "calendar");
	assert_int_equal(other->window_us, CLOCK_HOUR);
	assert_in_range(other->psi.n, 3540, 3600);
	assert_int_equal(snapshot->series[0].records, other->psi.n);
	snapshot_free(snapshot);
	f.shift = 1; /* two of its steps on, a minute and 40 seconds, it is known */
	send(&f, START + 100 * CLOCK_MINUTE, START + 103 * CLOCK_MINUTE);
	snapshot = monitored_view(f.monitor);
	assert_true(monitored_feature(&snapshot->series[0], "plain")->severity >= SEVERITY_WARNING);
	snapshot_free(snapshot);
	end(&f);
}

/* The same buckets give the same verdict, whoever asks, how often, and whether one asked before. */
static void
the_verdict_is_a_function_of_the_buckets(void **state)
{
	(void)state;
	struct fixture asked, silent;
	struct snapshot *last = NULL, *only;
	begin(&asked, own("", ""), whole);
	begin(&silent, own("", ""), whole);
	for (int minute = 0; minute < 130; minute++) {
		wall_us at = START + minute * CLOCK_MINUTE;
		asked.shift = silent.shift = minute < 105 ? 0 : 2;
		send(&asked, at, at + CLOCK_MINUTE);
		send(&silent, at, at + CLOCK_MINUTE);
		snapshot_free(last);
		last = monitored_view(asked.monitor);
	}
	only = monitored_view(silent.monitor);
	for (size_t i = 0; i < FEATURES; i++) {
		const struct drift_view *a = &last->series[0].features[i];
		const struct drift_view *b = &only->series[0].features[i];
		assert_string_equal(a->name, b->name);
		assert_int_equal(a->severity, b->severity);
		assert_memory_equal(a->windows, b->windows, sizeof(a->windows));
		assert_string_equal(a->reason, b->reason);
		assert_true(a->psi.value == b->psi.value);
	}
	assert_int_equal(last->series[0].features[0].severity, SEVERITY_CRITICAL);
	snapshot_free(last);
	snapshot_free(only);
	end(&asked);
	end(&silent);
}

static void
any_k_of_n_is_kept(void **state)
{
	(void)state;
	static const struct {
		int64_t confirm, of;
		int known_after; /* minutes of a shift that one window knows after 25 */
	} cases[] = {{1, 1, 25}, {2, 3, 30}, {3, 3, 35}, {8, 8, 60}, {1, 8, 25}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;
		begin(&f, own("", ""), NULL);
		monitor_free(f.monitor);
		f.config->confirm_windows = cases[i].confirm;
		f.config->of_windows = cases[i].of;
		f.monitor = monitor_new(f.config);
		monitor_add_source(f.monitor);
		monitor_set_profile(f.monitor, "m", "test", whole(&f.rng));
		send(&f, START, START + 2 * CLOCK_HOUR);
		int known = 0;
		f.shift = 0.85; /* with 25 minutes of 60 of it PSI is over 0.1 */
		for (int minute = 0; known == 0 && minute < 80; minute++) {
			wall_us at = START + 2 * CLOCK_HOUR + minute * CLOCK_MINUTE;
			send(&f, at, at + CLOCK_MINUTE);
			struct snapshot *snapshot = monitored_view(f.monitor);
			const struct drift_view *plain =
			    monitored_feature(&snapshot->series[0], "plain");
			assert_int_equal(plain->windows_count, cases[i].of);
			if (plain->severity >= SEVERITY_WARNING)
				known = minute + 1;
			snapshot_free(snapshot);
		}
		if (known < cases[i].known_after - 4 || known > cases[i].known_after + 4)
			fail_msg("%lld of %lld: after %d minutes", (long long)cases[i].confirm,
			    (long long)cases[i].of, known);
		end(&f);
	}
}

/* Two services of a version: the version's view is that of all their records. */
static void
services_merge_into_the_drift_of_their_version(void **state)
{
	(void)state;
	struct fixture both, one;
	begin(&both, own("", ""), whole);
	begin(&one, own("", ""), whole);
	for (int part = 0; part < 90; part++) {
		wall_us at = START + part * CLOCK_MINUTE;
		send_as(&both, at, at + CLOCK_MINUTE, part % 2 ? "eu" : "us");
		send_as(&one, at, at + CLOCK_MINUTE, "eu");
	}
	struct snapshot *a = monitored_view(both.monitor), *b = monitored_view(one.monitor);
	const struct series_view *merged = a->models[0].versions[0].series;
	for (size_t i = 0; i < FEATURES; i++) {
		const struct drift_view *x = &merged->features[i];
		const struct drift_view *y = monitored_feature(&b->series[0], x->name);
		assert_int_equal(x->psi.n, y->psi.n);
		assert_true(x->psi.value == y->psi.value && x->js.value == y->js.value);
		assert_true(x->n_reference == y->n_reference);
		assert_true(
		    !(x->wasserstein.value != y->wasserstein.value) || isnan(x->wasserstein.value));
		assert_memory_equal(x->windows, y->windows, sizeof(x->windows));
	}
	snapshot_free(a);
	snapshot_free(b);
	end(&both);
	end(&one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_feature_of_the_calendar_is_calm_beside_the_same_hours_at_any_hour),
	    cmocka_unit_test(without_its_season_it_would_alarm_each_night),
	    cmocka_unit_test(a_drift_in_season_is_seen),
	    cmocka_unit_test(hours_that_the_reference_lacks_are_insufficient_and_said),
	    cmocka_unit_test(too_small_a_reference_of_the_hours_is_insufficient_and_said),
	    cmocka_unit_test(a_reference_that_grows_has_no_season),
	    cmocka_unit_test(a_feature_has_its_own_window_samples_and_limits),
	    cmocka_unit_test(the_verdict_is_a_function_of_the_buckets),
	    cmocka_unit_test(any_k_of_n_is_kept),
	    cmocka_unit_test(services_merge_into_the_drift_of_their_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
