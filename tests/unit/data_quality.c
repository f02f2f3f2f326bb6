/* data_quality.c: the soundness of a feature's data, of rates and of volume in live windows: each
 * check, what it says, and that calm data passes all of them. */
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
#include "core/monitor/monitor.h"
#include "tests/kit/monitored.h"

#define START INT64_C(1769385600000000) /* Monday, 2026-01-26 */

enum { AMOUNT, KIND, COUNT, FEATURES, REFERENCE = 20000 };

struct fixture {
	struct config *config;
	struct monitor *monitor;
	struct rng rng;
	struct feature_value values[FEATURES + 1];
	size_t count;
	double flagged; /* share */
	char id[32];
};

static struct profile *
make_profile(struct rng *rng, int days)
{
	static const char *const words[] = {"retail", "travel", "food"};
	struct profile *profile = mem_alloc(sizeof(*profile));
	profile->features = mem_alloc(FEATURES * sizeof(*profile->features));
	profile->features_count = FEATURES;
	double *amounts = mem_grow(NULL, REFERENCE, sizeof(*amounts));
	double *counts = mem_grow(NULL, REFERENCE, sizeof(*counts));
	uint64_t kinds[3] = {REFERENCE / 2, REFERENCE / 4, REFERENCE / 4};
	for (int i = 0; i < REFERENCE; i++) {
		amounts[i] = i % 100 == 0 ? NAN : 100 * rng_uniform(rng);
		counts[i] = floor(4 * rng_uniform(rng));
	}
	profile_feature_from_numbers(&profile->features[AMOUNT], "amount", amounts, REFERENCE);
	profile_feature_from_numbers(&profile->features[COUNT], "count", counts, REFERENCE);
	struct profile_feature *kind = &profile->features[KIND];
	profile_feature_init(kind, "kind");
	bins_from_categories(&kind->bins, words, kinds, 3);
	kind->counts = mem_alloc(kind->bins.count * sizeof(*kind->counts));
	for (int i = 0; i < 3; i++)
		kind->counts[bins_find_word(&kind->bins, words[i])] = kinds[i];
	kind->n = REFERENCE;
	free(amounts);
	free(counts);
	profile->first_ts = START - days * CLOCK_DAY;
	profile->last_ts = START;
	profile->records = REFERENCE;
	profile->scores = mem_alloc(sizeof(*profile->scores));
	return profile;
}

static void
begin(struct fixture *f, struct profile *profile, int64_t comparison_us)
{
	*f = (struct fixture){.flagged = 0.02, .count = FEATURES};
	rng_seed(&f->rng, 42, 54);
	f->config = config_new();
	f->config->comparison_us = comparison_us;
	clock_freeze(START + 30 * CLOCK_DAY);
	f->monitor = monitor_new(f->config);
	monitor_add_source(f->monitor);
	if (profile == NULL)
		profile = make_profile(&f->rng, 1);
	monitor_set_profile(f->monitor, "m", "test", profile);
}

static void
end(struct fixture *f)
{
	monitor_free(f->monitor);
	config_free(f->config);
}

static void
calm(struct fixture *f)
{
	static const char *const words[] = {"retail", "retail", "travel", "food"};
	f->values[AMOUNT] = monitored_number("amount", 100 * rng_uniform(&f->rng));
	if (rng_uniform(&f->rng) < 0.01)
		f->values[AMOUNT] = monitored_missing("amount");
	f->values[KIND] = monitored_word("kind", words[(size_t)(4 * rng_uniform(&f->rng))]);
	f->values[COUNT] = monitored_number("count", floor(4 * rng_uniform(&f->rng)));
}

static void
send(struct fixture *f, wall_us ts)
{
	bool flagged = rng_uniform(&f->rng) < f->flagged;
	struct prediction prediction = monitored_prediction(ts);
	prediction.request_id = f->id;
	prediction.score = flagged ? 0.9 : 0.1;
	prediction.decision = flagged;
	prediction.features = f->values;
	prediction.features_count = f->count;
	monitored_send(f->monitor, 0, &prediction);
}

/* Sends 4,000 records of which `change` makes every one of `one_in` odd; the data of the feature
 * must come to `severity` and say `words`, and of the others nothing. */
static void
expect(void (*change)(struct fixture *), int one_in, const char *name, enum severity severity,
    const char *words)
{
	struct fixture f;
	begin(&f, NULL, CLOCK_HOUR);
	for (int i = 0; i < 4000; i++) {
		f.count = FEATURES;
		calm(&f);
		if (change != NULL && i % one_in == 0)
			change(&f);
		send(&f, START + i * CLOCK_SECOND / 2);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	const struct series_view *series = &snapshot->series[0];
	const struct data_view *data = &monitored_feature(&snapshot->series[0], name)->data;
	if (data->severity != severity || strstr(data->reason, words) == NULL)
		fail_msg("%s: %s `%s`, not %s `%s`", name, severity_name(data->severity),
		    data->reason, severity_name(severity), words);
	for (size_t i = 0; i < series->features_count; i++) {
		const struct drift_view *other = &series->features[i];
		if (strcmp(other->name, name) != 0 && other->data.severity != SEVERITY_OK)
			fail_msg("%s: %s", other->name, other->data.reason);
	}
	assert_int_equal(series->data_severity, severity);
	snapshot_free(snapshot);
	end(&f);
}

static void
no_amount(struct fixture *f)
{
	f->values[AMOUNT].kind = VALUE_MISSING;
	f->values[AMOUNT].number = NAN;
}

static void
word_amount(struct fixture *f)
{
	f->values[AMOUNT] = (struct feature_value){
	    .name = "amount", .kind = VALUE_TEXT, .number = NAN, .text = "12,50"};
}

static void
number_kind(struct fixture *f)
{
	f->values[KIND] = (struct feature_value){
	    .name = "kind", .kind = VALUE_NUMBER, .number = 5411, .text = ""};
}

static void
infinite_amount(struct fixture *f)
{
	f->values[AMOUNT].kind = VALUE_NUMBER;
	f->values[AMOUNT].number = HUGE_VAL;
}

static void
negative_amount(struct fixture *f)
{
	f->values[AMOUNT].kind = VALUE_NUMBER;
	f->values[AMOUNT].number = -1;
}

static void
unseen_kind(struct fixture *f)
{
	f->values[KIND].text = rng_uniform(&f->rng) < 0.7 ? "crypto" : "gift";
}

static void
unseen_count(struct fixture *f)
{
	f->values[COUNT].number = 9.5;
}

static void
constant_kind(struct fixture *f)
{
	f->values[KIND].text = "food";
}

static void
constant_amount(struct fixture *f)
{
	f->values[AMOUNT].kind = VALUE_NUMBER;
	f->values[AMOUNT].number = 50;
}

static void
lost_count(struct fixture *f)
{
	f->count = FEATURES - 1; /* it is the last */
}

static void
extra_feature(struct fixture *f)
{
	f->values[FEATURES] = (struct feature_value){
	    .name = "channel", .kind = VALUE_TEXT, .number = NAN, .text = "web"};
	f->count = FEATURES + 1;
}

static void
calm_data_passes_all_checks(void **state)
{
	(void)state;
	expect(NULL, 1, "amount", SEVERITY_OK, "");
}

static void
nulls_warn_at_a_rise_and_are_critical_when_many(void **state)
{
	(void)state;
	expect(no_amount, 200, "amount", SEVERITY_OK, ""); /* half a point more */
	expect(no_amount, 40, "amount", SEVERITY_WARNING, "% nulls, 1 % in the reference");
	expect(no_amount, 10, "amount", SEVERITY_CRITICAL, "% nulls, 1 % in the reference");
}

static void
values_of_another_type_are_told_from_nulls(void **state)
{
	(void)state;
	expect(word_amount, 200, "amount", SEVERITY_OK, "");
	expect(word_amount, 40, "amount", SEVERITY_WARNING, "of another type");
	expect(word_amount, 10, "amount", SEVERITY_CRITICAL, "of another type");
	expect(number_kind, 40, "kind", SEVERITY_WARNING, "of another type");
	expect(infinite_amount, 40, "amount", SEVERITY_WARNING, "% of the values are infinite");
}

static void
values_beyond_the_reference_warn_with_its_range_or_their_words(void **state)
{
	(void)state;
	expect(negative_amount, 2000, "amount", SEVERITY_OK, "");
	expect(negative_amount, 200, "amount", SEVERITY_WARNING, "% of the values are beyond the");
	expect(unseen_kind, 2000, "kind", SEVERITY_OK, "");
	expect(unseen_kind, 100, "kind", SEVERITY_WARNING,
	    "1 % of the values are not in the reference: crypto, gift");
	expect(unseen_count, 100, "count", SEVERITY_WARNING, "not in the reference: 9.5");
}

static void
a_feature_that_becomes_constant_is_critical(void **state)
{
	(void)state;
	expect(constant_kind, 1, "kind", SEVERITY_CRITICAL, "every value is the same");
	expect(constant_amount, 1, "amount", SEVERITY_CRITICAL, "every value is the same");
}

static void
a_feature_that_is_gone_is_critical_and_a_new_one_a_warning(void **state)
{
	(void)state;
	expect(lost_count, 1, "count", SEVERITY_CRITICAL, "not one of the 4,000 records has it");
	expect(extra_feature, 1, "channel", SEVERITY_WARNING, "the reference has no such feature");
}

/* A reference of two values, one of them rare: that a window has none of it is chance. */
static void
a_rare_value_that_does_not_come_is_no_constant(void **state)
{
	(void)state;
	struct fixture f;
	double values[2000] = {0};
	for (int i = 0; i < 2; i++)
		values[i] = 1;
	struct profile *profile = mem_alloc(sizeof(*profile));
	profile->features = mem_alloc(sizeof(*profile->features));
	profile->features_count = 1;
	profile_feature_from_numbers(&profile->features[0], "rare", values, 2000);
	begin(&f, profile, CLOCK_HOUR);
	f.count = 1;
	f.values[0] =
	    (struct feature_value){.name = "rare", .kind = VALUE_NUMBER, .number = 0, .text = ""};
	for (int i = 0; i < 2000; i++)
		send(&f, START + i * CLOCK_SECOND);
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_false(monitored_feature(&snapshot->series[0], "rare")->data.constant);
	assert_int_equal(
	    monitored_feature(&snapshot->series[0], "rare")->data.severity, SEVERITY_OK);
	snapshot_free(snapshot);
	end(&f);
}

static void
few_records_are_insufficient_for_every_check(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, NULL, CLOCK_HOUR);
	for (int i = 0; i < 900; i++) {
		calm(&f);
		word_amount(&f);
		constant_kind(&f);
		f.count = FEATURES - 1;
		send(&f, START + i * CLOCK_SECOND);
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	for (size_t i = 0; i < snapshot->series[0].features_count; i++) {
		const struct data_view *data = &snapshot->series[0].features[i].data;
		assert_int_equal(data->severity, SEVERITY_INSUFFICIENT);
		assert_int_equal(data->nulls.state, METRIC_WARMING);
		assert_false(data->absent || data->constant);
	}
	assert_int_equal(snapshot->series[0].data_severity, SEVERITY_INSUFFICIENT);
	snapshot_free(snapshot);
	end(&f);
}

static void
duplicates_are_the_share_of_ids_that_came_before(void **state)
{
	(void)state;
	for (int every = 20; every <= 1000; every += 980) {
		struct fixture f;
		begin(&f, NULL, CLOCK_HOUR);
		for (int i = 0; i < 4000; i++) {
			calm(&f);
			snprintf(f.id, sizeof(f.id), "r%d", i % every == 0 && i > 0 ? i - 1 : i);
			send(&f, START + i * CLOCK_SECOND / 2);
		}
		struct snapshot *snapshot = monitored_view(f.monitor);
		const struct series_view *series = &snapshot->series[0];
		assert_int_equal(series->duplicates.n, 4000);
		assert_true(series->duplicates.value == (double)(3999 / every) / 4000);
		assert_int_equal(
		    series->data_severity, every == 20 ? SEVERITY_WARNING : SEVERITY_OK);
		snapshot_free(snapshot);
		end(&f);
	}
}

/* A profile of four weeks of an office: by day 30 records a minute, of which 2 % are flagged, by
 * night 5 and 10 %. */
static struct profile *
office_profile(struct rng *rng)
{
	struct profile *profile = make_profile(rng, 28);
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
night(struct fixture *f, double a_minute, double flagged, int hours, const char *season)
{
	struct rng rng;
	rng_seed(&rng, 3, 4);
	begin(f, office_profile(&rng), 4 * CLOCK_HOUR);
	snprintf(f->config->rate_season, sizeof(f->config->rate_season), "%s", season);
	f->flagged = flagged;
	wall_us from = START + 9 * CLOCK_DAY;
	for (wall_us at = 0; at < hours * CLOCK_HOUR;
	     at += (wall_us)((double)CLOCK_MINUTE / a_minute)) {
		calm(f);
		send(f, from + at);
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
		struct fixture f;
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
		end(&f);
	}
}

static void
without_hours_or_decisions_in_the_reference_the_rates_say_so(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f, NULL, CLOCK_HOUR);
	for (int i = 0; i < 4000; i++) {
		calm(&f);
		send(&f, START + i * CLOCK_SECOND);
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
	end(&f);
}

/* A reference of the first thousand, and a window of the next: heavy tails, words and counts of
 * which many are rare, nulls. What is new or beyond in the window is so by chance. */
static size_t
count_false_alarms(uint64_t seed)
{
	struct fixture f = {0};
	struct config *config = config_new();
	config->reference_records = 1000;
	f.config = config;
	clock_freeze(START + 30 * CLOCK_DAY);
	f.monitor = monitor_new(config);
	monitor_add_source(f.monitor);
	rng_seed(&f.rng, seed, 54);
	f.count = 3;
	for (int i = 0; i < 2000; i++) {
		char word[16];
		double rank = floor(pow(40, rng_uniform(&f.rng))); /* the n-th as 1/n */
		snprintf(word, sizeof(word), "w%.0f", rank);
		bool null = rng_uniform(&f.rng) < 0.02;
		f.values[AMOUNT] = (struct feature_value){.name = "amount",
		    .kind = null ? VALUE_MISSING : VALUE_NUMBER,
		    .number = null ? (double)NAN : rng_lognormal(&f.rng, 50, 2),
		    .text = ""};
		f.values[KIND] = (struct feature_value){
		    .name = "kind", .kind = VALUE_TEXT, .number = NAN, .text = word};
		f.values[COUNT] = (struct feature_value){.name = "count",
		    .kind = VALUE_NUMBER,
		    .number = floor(rng_exponential(&f.rng, 1.5)),
		    .text = ""};
		send(&f, START + i * CLOCK_SECOND + (i < 1000 ? 0 : CLOCK_HOUR));
	}
	struct snapshot *snapshot = monitored_view(f.monitor);
	size_t alarms = 0;
	assert_int_equal(snapshot->series[0].features_count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct data_view *data = &snapshot->series[0].features[i].data;
		assert_int_not_equal(data->severity, SEVERITY_INSUFFICIENT);
		if (data->severity >= SEVERITY_WARNING)
			print_message("%s\n", data->reason);
		alarms += data->severity >= SEVERITY_WARNING;
	}
	snapshot_free(snapshot);
	end(&f);
	return alarms;
}

static void
chance_alarms_in_less_than_one_of_a_hundred_features(void **state)
{
	(void)state;
	size_t alarms = 0;
	for (uint64_t seed = 0; seed < 200; seed++)
		alarms += count_false_alarms(seed);
	assert_in_range(alarms, 0, 200 * 3 / 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calm_data_passes_all_checks),
	    cmocka_unit_test(nulls_warn_at_a_rise_and_are_critical_when_many),
	    cmocka_unit_test(values_of_another_type_are_told_from_nulls),
	    cmocka_unit_test(values_beyond_the_reference_warn_with_its_range_or_their_words),
	    cmocka_unit_test(a_feature_that_becomes_constant_is_critical),
	    cmocka_unit_test(a_feature_that_is_gone_is_critical_and_a_new_one_a_warning),
	    cmocka_unit_test(a_rare_value_that_does_not_come_is_no_constant),
	    cmocka_unit_test(few_records_are_insufficient_for_every_check),
	    cmocka_unit_test(duplicates_are_the_share_of_ids_that_came_before),
	    cmocka_unit_test(rates_are_compared_with_the_same_hours),
	    cmocka_unit_test(chance_alarms_in_less_than_one_of_a_hundred_features),
	    cmocka_unit_test(without_hours_or_decisions_in_the_reference_the_rates_say_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
