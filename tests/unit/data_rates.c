/* data_rates.c: volume and the share of flagged in live windows, against the same hours of the
 * reference. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/monitored.h"
#include "tests/kit/sound.h"

/* A profile of four weeks of an office: by day 30 records a minute, of which 2 % are flagged, by
 * night 5 and 10 %. */
static struct profile *
office_profile(struct rng *rng)
{
	struct profile *profile = sound_profile(rng, 28);
	struct profile_score *score = &profile->scores[0];
	profile->scores_count = 1;
	double values[2] = {0.1, 0.9};
	profile_feature_from_numbers(&score->score, "score", values, 2);
	profile->records = 0;
	for (size_t hour = 0; hour < SEASON_HOURS; hour++) {
		bool day = hour % 24 >= 8 && hour % 24 < 20;
		profile->hours_seen[hour] = 4;
		profile->hours_records[hour] = 4 * 60 * (day ? 30 : 5);
		score->hours_decided[hour] = (uint32_t)profile->hours_records[hour];
		score->hours_flagged[hour] = score->hours_decided[hour] / (day ? 50 : 10);
		score->decided += score->hours_decided[hour];
		score->flagged += score->hours_flagged[hour];
		profile->records += profile->hours_records[hour];
	}
	return profile;
}

/* Wednesday from midnight on, `hours` hours, so many records a minute, windows of four hours. */
static struct snapshot *
night(struct sound *f, double a_minute, double flagged, int hours, const char *season)
{
	struct rng rng;
	rng_seed(&rng, 3, 4);
	sound_begin(f, office_profile(&rng), 4 * CLOCK_HOUR);
	snprintf(f->config->rate_season, sizeof(f->config->rate_season), "%s", season);
	f->flagged = flagged;
	wall_us from = SOUND_START + 9 * CLOCK_DAY;
	for (wall_us at = 0; at < hours * CLOCK_HOUR;
	     at += (wall_us)((double)CLOCK_MINUTE / a_minute)) {
		sound_calm(f);
		sound_send(f, from + at);
	}
	return monitored_view(f->monitor);
}

struct rates {
	double a_minute, flagged;
	int hours;
	const char *season;
	enum severity volume, decisions;
	const char *volume_words, *decisions_words;
};

static void
rates_are_compared_with_the_same_hours(void **state)
{
	(void)state;
	static const struct rates cases[] = {
	    {5, 0.1, 6, "auto", SEVERITY_OK, SEVERITY_OK, "reference's volume of these hours",
		"% flagged, 10 % in the reference"},
	    {5, 0.1, 6, "hour-of-day", SEVERITY_OK, SEVERITY_OK, "of these hours", ""},
	    {5, 0.02, 6, "auto", SEVERITY_OK, SEVERITY_CRITICAL, "", "10 % in the reference"},
	    {5, 0.25, 6, "auto", SEVERITY_OK, SEVERITY_CRITICAL, "", "10 % in the reference"},
	    {5, 0.12, 6, "auto", SEVERITY_OK, SEVERITY_OK, "", "significant"},
	    {5, 0.165, 6, "auto", SEVERITY_OK, SEVERITY_WARNING, "", "10 % in the reference"},
	    {3, 0.1, 7, "auto", SEVERITY_WARNING, SEVERITY_INSUFFICIENT, "40 % below",
		"too few to judge: 720 of the 1,000 needed"},
	    {1, 0.1, 6, "auto", SEVERITY_CRITICAL, SEVERITY_INSUFFICIENT, "80 % below", ""},
	    {50, 0.1, 6, "auto", SEVERITY_OK, SEVERITY_OK, "10 times the reference's volume", ""},
	    {1, 0.1, 3, "auto", SEVERITY_INSUFFICIENT, SEVERITY_INSUFFICIENT, "not full yet", ""},
	    {5, 0.1, 6, "none", SEVERITY_CRITICAL, SEVERITY_CRITICAL, "71 % below", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sound f;
		const struct rates *want = &cases[i];
		struct snapshot *snapshot =
		    night(&f, want->a_minute, want->flagged, want->hours, want->season);
		const struct rate_view *volume = &snapshot->series[0].volume;
		const struct rate_view *decisions = &snapshot->series[0].decisions;
		if (volume->severity != want->volume || decisions->severity != want->decisions ||
		    strstr(volume->reason, want->volume_words) == NULL ||
		    strstr(decisions->reason, want->decisions_words) == NULL)
			fail_msg("case %zu: %s `%s`, %s `%s`", i, severity_name(volume->severity),
			    volume->reason, severity_name(decisions->severity), decisions->reason);
		assert_true(decisions->current.low < decisions->current.value);
		snapshot_free(snapshot);
		sound_end(&f);
	}
}

static void
without_hours_or_decisions_in_the_reference_the_rates_say_so(void **state)
{
	(void)state;
	struct sound f;
	sound_begin(&f, NULL, CLOCK_HOUR);
	for (int i = 0; i < 4000; i++) {
		sound_calm(&f);
		sound_send(&f, SOUND_START + i * CLOCK_SECOND);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct series_view *series = &snapshot->series[0];
	assert_int_equal(series->volume.severity, SEVERITY_INSUFFICIENT);
	assert_string_equal(series->volume.reason, "the reference does not know its hours");
	assert_int_equal(series->volume.reference.state, METRIC_NONE);
	assert_true(fabs(series->volume.current.value - 1) < 0.02);
	assert_int_equal(series->decisions.severity, SEVERITY_INSUFFICIENT);
	assert_string_equal(
	    series->decisions.reason, "the reference has no decisions of this version");
	assert_int_equal(series->data_severity, SEVERITY_OK); /* the features' */
	snapshot_free(snapshot);
	sound_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rates_are_compared_with_the_same_hours),
	    cmocka_unit_test(without_hours_or_decisions_in_the_reference_the_rates_say_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
