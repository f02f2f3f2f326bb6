/* profile_import.c: baselines of SageMaker Model Monitor become profiles, and what a profile cannot
 * hold is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/reference/profile_import.h"

#define MADE "tests/data/sagemaker/"
#define REAL "../shared/data/sagemaker/model_monitor/"

static struct buf notes;
static struct err err;

static struct profile *
import(const char *first, const char *second, const char *ignore)
{
	const char *paths[] = {first, second};
	buf_clear(&notes);
	err = (struct err){0};
	return profile_import_sagemaker(paths, second != NULL ? 2 : 1, ignore, &notes, &err);
}

static void
assert_noted(const char *line)
{
	if (strstr(notes.data, line) == NULL)
		fail_msg("`%s` is not among\n%s", line, notes.data);
}

static const struct profile_feature *
feature(const struct profile *profile, const char *name)
{
	const struct profile_feature *found = profile_feature_of(profile, name);
	if (found == NULL)
		fail_msg("no feature %s", name);
	return found;
}

static uint64_t
count_of(const struct profile_feature *words, const char *word)
{
	return words->counts[bins_find_word(&words->bins, word)];
}

static void
buckets_become_bins_and_small_whole_numbers_values(void **state)
{
	(void)state;
	struct profile *profile = import(MADE "statistics.json", NULL, "label");
	if (profile == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(profile->records, 100);
	assert_int_equal(profile->features_count, 6);
	const struct profile_feature *amount = feature(profile, "amount");
	assert_int_equal(amount->bins.kind, BINS_EDGES);
	assert_int_equal(amount->bins.coarse_count, 10);
	assert_true(amount->bins.edges[0] == 5 && amount->bins.edges[8] == 45);
	assert_true(amount->counts[0] == 40 && amount->counts[9] == 1);
	assert_true(amount->n == 98 && amount->missing == 2);
	assert_true(amount->low == 0 && amount->high == 50 && amount->deviation == 1.5);
	const struct profile_feature *flag = feature(profile, "flag");
	assert_int_equal(flag->bins.kind, BINS_VALUES);
	assert_int_equal(flag->bins.count, 3);
	assert_true(flag->counts[0] == 90 && flag->counts[1] == 10 && flag->counts[2] == 0);
	const struct profile_feature *calls = feature(profile, "calls");
	const double values[] = {0, 1, 2, 3, 4, 5, 6, 8};
	assert_int_equal(calls->bins.count, 9);
	assert_memory_equal(calls->bins.edges, values, sizeof(values));
	assert_true(calls->counts[4] == 8 && calls->counts[7] == 1 && calls->n == 100);
	const struct profile_feature *constant = feature(profile, "constant");
	assert_int_equal(constant->bins.kind, BINS_VALUES);
	assert_true(constant->bins.edges[0] == 7 && constant->counts[0] == 100);
	assert_null(profile_feature_of(profile, "label"));
	profile_free(profile);
}

static void
words_and_domains_become_categories_and_what_they_leave_is_other(void **state)
{
	(void)state;
	struct profile *profile = import(MADE "constraints.json", MADE "statistics.json", NULL);
	if (profile == NULL)
		fail_msg("%s", err.text);
	const struct profile_feature *colour = feature(profile, "colour");
	assert_int_equal(colour->bins.count, 4); /* red, blue, green, unseen */
	assert_false(colour->bins.has_other);
	assert_int_equal(count_of(colour, "red"), 70);
	assert_int_equal(count_of(colour, "green"), 0);
	assert_int_equal(bins_find_word(&colour->bins, "green"), 2);
	assert_int_equal(bins_find_word(&colour->bins, "black"), 3);
	const struct profile_feature *word = feature(profile, "word");
	assert_true(word->bins.has_other);
	assert_int_equal(word->n, 100);
	assert_int_equal(count_of(word, "retail"), 60);
	assert_int_equal(count_of(word, "whatever"), 10);
	assert_non_null(profile_feature_of(profile, "label"));
	profile_free(profile);
}

static void
what_a_profile_cannot_hold_is_named(void **state)
{
	(void)state;
	struct profile *profile = import(MADE "statistics.json", MADE "constraints.json", "label");
	assert_non_null(profile);
	assert_noted(
	    "feature `gap`: no distribution that can be used, only 10 present and 0 missing");
	assert_noted(
	    "feature `free text`: no distribution that can be used, only 80 present and 20");
	assert_noted("feature `nothing`: no counts of present and missing values");
	assert_noted("feature `word`: words of its domain that were not seen");
	assert_noted("completeness, of 4 features");
	assert_noted("is_non_negative, of 1 features");
	assert_noted("monitoringConfigOverrides, of 1 features");
	assert_noted("1 features of the constraints that are not in the statistics, `gone` first");
	assert_noted("monitoring_config: comparison_threshold 0.1\n");
	assert_noted("monitoring_config: comparison_method Robust\n");
	assert_noted("KLL sketches, of 6 features");
	profile_free(profile);
}

static void
an_imported_profile_is_written_and_read_like_any_other(void **state)
{
	(void)state;
	struct profile *profile = import(MADE "statistics.json", MADE "constraints.json", NULL);
	assert_non_null(profile);
	struct buf first = {0}, second = {0};
	profile_to_json(profile, &first);
	struct profile *again = profile_from_json(first.data, "again", &err);
	if (again == NULL)
		fail_msg("%s", err.text);
	profile_to_json(again, &second);
	assert_string_equal(first.data, second.data);
	buf_free(&first);
	buf_free(&second);
	profile_free(again);
	profile_free(profile);
}

static void
refuse(const char *first, const char *second, const char *reason)
{
	assert_null(import(first, second, NULL));
	if (strstr(err.text, reason) == NULL)
		fail_msg("`%s` does not say `%s`", err.text, reason);
}

static void
other_files_are_refused_with_the_reason(void **state)
{
	(void)state;
	refuse(MADE "constraints.json", NULL, "constraints hold no distribution");
	refuse(MADE "statistics.json", MADE "statistics.json", "a second file of statistics");
	refuse("tests/data/profile/small.json", NULL, "neither statistics nor constraints");
	refuse("tests/unit/profile_import.c", NULL, "not JSON at byte 0");
	refuse("no such file", NULL, "No such file");
	struct buf text = {0};
	assert_null(profile_from_sagemaker("{\"features\":[]}", NULL, NULL, &text, &err));
	assert_non_null(strstr(err.text, "`item_count` must be a count"));
	assert_null(profile_from_sagemaker(
	    "{\"features\":[],\"dataset\":{\"item_count\":1}}", NULL, NULL, &text, &err));
	assert_non_null(strstr(err.text, "no feature of the statistics has a distribution"));
	buf_free(&text);
}

static void
real_files_are_imported_or_say_why_not(void **state)
{
	(void)state;
	if (access(REAL "statistics_churn_prefix.json", R_OK) != 0) {
		print_message("# SKIP %s is not there\n", REAL);
		skip();
	}
	struct profile *profile = import(
	    REAL "statistics_churn_prefix.json", REAL "constraints_08b14574_1.json", "Churn");
	if (profile == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(profile->records, 2333);
	assert_int_equal(profile->features_count, 28);
	for (size_t i = 0; i < profile->features_count; i++)
		assert_int_equal(profile->features[i].n, 2333);
	const struct profile_feature *calls = feature(profile, "CustServ Calls");
	assert_int_equal(calls->bins.kind, BINS_VALUES);
	assert_true(calls->counts[4] == 115 && calls->counts[8] == 1);
	assert_int_equal(feature(profile, "Account Length")->counts[3], 518);
	assert_int_equal(feature(profile, "State_KS")->counts[1], 51);
	assert_noted("41 features of the constraints that are not in the statistics");
	assert_noted("is_non_negative, of 69 features");
	profile_free(profile);
	refuse(REAL "constraints_08b14574_1.json", NULL, "constraints hold no distribution");
	refuse(REAL "constraints_violations_nlp.json", NULL, "a report of violations");
	refuse(REAL "truncated_log_excerpt.txt", NULL, "not JSON at byte 0");
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&notes);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(buckets_become_bins_and_small_whole_numbers_values),
	    cmocka_unit_test(words_and_domains_become_categories_and_what_they_leave_is_other),
	    cmocka_unit_test(what_a_profile_cannot_hold_is_named),
	    cmocka_unit_test(an_imported_profile_is_written_and_read_like_any_other),
	    cmocka_unit_test(other_files_are_refused_with_the_reason),
	    cmocka_unit_test(real_files_are_imported_or_say_why_not),
	};
	return cmocka_run_group_tests(tests, NULL, tear_down);
}
