/* data_quality.c: the soundness of a feature's data in live windows: each check, what it says, and
 * that calm data passes all of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/kit/monitored.h"
#include "tests/kit/sound.h"

/* Sends 4,000 records of which `change` makes every one of `one_in` odd; the data of the feature
 * must come to `severity` and say `words`, and of the others nothing. */
static void
expect(void (*change)(struct sound *), int one_in, const char *name, enum severity severity,
    const char *words)
{
	struct sound f;
	sound_begin(&f, NULL, CLOCK_HOUR);
	for (int i = 0; i < 4000; i++) {
		f.count = SOUND_FEATURES;
		sound_calm(&f);
		if (change != NULL && i % one_in == 0)
			change(&f);
		sound_send(&f, SOUND_START + i * CLOCK_SECOND / 2);
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
	sound_end(&f);
}

static void
no_amount(struct sound *f)
{
	f->values[SOUND_AMOUNT].kind = VALUE_MISSING;
	f->values[SOUND_AMOUNT].number = NAN;
}

static void
word_amount(struct sound *f)
{
	f->values[SOUND_AMOUNT] = (struct feature_value){
	    .name = "amount", .kind = VALUE_TEXT, .number = NAN, .text = "12,50"};
}

static void
number_kind(struct sound *f)
{
	f->values[SOUND_KIND] = (struct feature_value){
	    .name = "kind", .kind = VALUE_NUMBER, .number = 5411, .text = ""};
}

static void
infinite_amount(struct sound *f)
{
	f->values[SOUND_AMOUNT].kind = VALUE_NUMBER;
	f->values[SOUND_AMOUNT].number = HUGE_VAL;
}

static void
negative_amount(struct sound *f)
{
	f->values[SOUND_AMOUNT].kind = VALUE_NUMBER;
	f->values[SOUND_AMOUNT].number = -1;
}

static void
unseen_kind(struct sound *f)
{
	f->values[SOUND_KIND].text = rng_uniform(&f->rng) < 0.7 ? "crypto" : "gift";
}

static void
unseen_count(struct sound *f)
{
	f->values[SOUND_COUNT].number = 9.5;
}

static void
constant_kind(struct sound *f)
{
	f->values[SOUND_KIND].text = "food";
}

static void
constant_amount(struct sound *f)
{
	f->values[SOUND_AMOUNT].kind = VALUE_NUMBER;
	f->values[SOUND_AMOUNT].number = 50;
}

static void
lost_count(struct sound *f)
{
	f->count = SOUND_FEATURES - 1; /* it is the last */
}

static void
extra_feature(struct sound *f)
{
	f->values[SOUND_FEATURES] = (struct feature_value){
	    .name = "channel", .kind = VALUE_TEXT, .number = NAN, .text = "web"};
	f->count = SOUND_FEATURES + 1;
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
	struct sound f;
	double values[2000] = {0};
	for (int i = 0; i < 2; i++)
		values[i] = 1;
	struct profile *profile = mem_alloc(sizeof(*profile));
	profile->features = mem_alloc(sizeof(*profile->features));
	profile->features_count = 1;
	profile_feature_from_numbers(&profile->features[0], "rare", values, 2000);
	sound_begin(&f, profile, CLOCK_HOUR);
	f.count = 1;
	f.values[0] =
	    (struct feature_value){.name = "rare", .kind = VALUE_NUMBER, .number = 0, .text = ""};
	for (int i = 0; i < 2000; i++)
		sound_send(&f, SOUND_START + i * CLOCK_SECOND);
	struct snapshot *snapshot = monitored_view(f.monitor);
	assert_false(monitored_feature(&snapshot->series[0], "rare")->data.constant);
	assert_int_equal(
	    monitored_feature(&snapshot->series[0], "rare")->data.severity, SEVERITY_OK);
	snapshot_free(snapshot);
	sound_end(&f);
}

static void
few_records_are_insufficient_for_every_check(void **state)
{
	(void)state;
	struct sound f;
	sound_begin(&f, NULL, CLOCK_HOUR);
	for (int i = 0; i < 900; i++) {
		sound_calm(&f);
		word_amount(&f);
		constant_kind(&f);
		f.count = SOUND_FEATURES - 1;
		sound_send(&f, SOUND_START + i * CLOCK_SECOND);
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
	sound_end(&f);
}

static void
duplicates_are_the_share_of_ids_that_came_before(void **state)
{
	(void)state;
	for (int every = 20; every <= 1000; every += 980) {
		struct sound f;
		sound_begin(&f, NULL, CLOCK_HOUR);
		for (int i = 0; i < 4000; i++) {
			sound_calm(&f);
			snprintf(f.id, sizeof(f.id), "r%d", i % every == 0 && i > 0 ? i - 1 : i);
			sound_send(&f, SOUND_START + i * CLOCK_SECOND / 2);
		}
		struct snapshot *snapshot = monitored_view(f.monitor);
		const struct series_view *series = &snapshot->series[0];
		assert_int_equal(series->duplicates.n, 4000);
		assert_true(series->duplicates.value == (double)(3999 / every) / 4000);
		assert_int_equal(
		    series->data_severity, every == 20 ? SEVERITY_WARNING : SEVERITY_OK);
		snapshot_free(snapshot);
		sound_end(&f);
	}
}

/* A reference of the first thousand, and a window of the next: heavy tails, words and counts of
 * which many are rare, nulls. What is new or beyond in the window is so by chance. */
static size_t
count_false_alarms(uint64_t seed)
{
	struct sound f = {0};
	struct config *config = config_new();
	config->reference_records = 1000;
	f.config = config;
	clock_freeze(SOUND_START + 30 * CLOCK_DAY);
	f.monitor = monitor_new(config);
	monitor_add_source(f.monitor);
	rng_seed(&f.rng, seed, 54);
	f.count = 3;
	for (int i = 0; i < 2000; i++) {
		char word[16];
		double rank = floor(pow(40, rng_uniform(&f.rng))); /* the n-th as 1/n */
		snprintf(word, sizeof(word), "w%.0f", rank);
		bool null = rng_uniform(&f.rng) < 0.02;
		f.values[SOUND_AMOUNT] = (struct feature_value){.name = "amount",
		    .kind = null ? VALUE_MISSING : VALUE_NUMBER,
		    .number = null ? (double)NAN : rng_lognormal(&f.rng, 50, 2),
		    .text = ""};
		f.values[SOUND_KIND] = (struct feature_value){
		    .name = "kind", .kind = VALUE_TEXT, .number = NAN, .text = word};
		f.values[SOUND_COUNT] = (struct feature_value){.name = "count",
		    .kind = VALUE_NUMBER,
		    .number = floor(rng_exponential(&f.rng, 1.5)),
		    .text = ""};
		sound_send(&f, SOUND_START + i * CLOCK_SECOND + (i < 1000 ? 0 : CLOCK_HOUR));
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
	sound_end(&f);
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
	    cmocka_unit_test(chance_alarms_in_less_than_one_of_a_hundred_features),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
