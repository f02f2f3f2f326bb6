/* profile.c: profiles made from data, written, read back, and refused when they are broken. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/reference/profile.h"
#include "core/reference/profile_parts.h"

/* A log of 3,000 records: a number, a count of few values, a word, nulls, two versions, labels. */
static struct profile *
make(void)
{
	char path[] = "/tmp/fraudtop-profile-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	FILE *file = fdopen(fd, "w");
	struct rng rng;
	rng_seed(&rng, 1, 1);
	for (int i = 0; i < 3000; i++) {
		double score = rng_uniform(&rng);
		fprintf(file,
		    "{\"ts\":\"2026-01-28T%02d:%02d:%02dZ\",\"model\":\"m\",\"version\":\"%d\","
		    "\"score\":%.6f,\"threshold\":0.5,\"label\":%d,\"features\":{\"amount\":%.3f,"
		    "\"few\":%d,\"word\":%s},\"attributions\":{\"few\":-0.5,\"amount\":%d}}\n",
		    i / 3600, i / 60 % 60, i % 60, i % 2 + 1, score, score > 0.6, rng_normal(&rng),
		    i % 5,
		    i % 10 == 0 ? "null"
		    : i % 3	? "\"a\""
				: "\"b\"",
		    i % 2 * 2);
	}
	assert_int_equal(fclose(file), 0);
	struct dataset data = {0};
	struct err err = {0};
	assert_true(dataset_read(&data, path, NULL, &err));
	assert_int_equal(data.rejected, 0);
	struct profile *profile = profile_from_dataset(&data);
	dataset_free(&data);
	unlink(path);
	return profile;
}

static void
a_profile_holds_bins_counts_nulls_and_the_quality_baseline(void **state)
{
	(void)state;
	struct profile *profile = make();
	assert_string_equal(profile->model, "m");
	assert_int_equal(profile->features_count, 3);
	const struct profile_feature *amount = profile_feature_of(profile, "amount");
	assert_int_equal(amount->bins.kind, BINS_EDGES);
	assert_int_equal(amount->bins.coarse_count, 10);
	assert_int_equal(amount->n, 3000);
	assert_true(fabs(amount->mean) < 0.1 && fabs(amount->deviation - 1) < 0.1);
	assert_int_equal(profile_feature_of(profile, "few")->bins.kind, BINS_VALUES);
	const struct profile_feature *word = profile_feature_of(profile, "word");
	assert_int_equal(word->bins.kind, BINS_CATEGORIES_KIND);
	assert_int_equal(word->missing, 300);
	assert_int_equal(word->n, 2700);
	assert_int_equal(profile->scores_count, 2);
	const struct profile_score *score = profile_score_of(profile, "2");
	assert_int_equal(score->labelled, 1500);
	assert_int_equal(score->fn, 0); /* the label is 1 above 0.6 only, flagged from 0.5 */
	assert_true(score->tp > 500 && score->fp > 100);
	assert_true(score->roc_auc == 1 && score->average_precision == 1);
	assert_true(score->calibrated);
	assert_true(calibration_apply(&score->calibration, 0.1) < 0.01);
	assert_true(calibration_apply(&score->calibration, 0.9) > 0.99);
	assert_true(amount->attribution == 1);
	assert_true(profile_feature_of(profile, "few")->attribution == 0.5);
	assert_true(isnan(word->attribution));
	profile_free(profile);
}

static void
what_the_hours_hold_adds_up_to_what_was_counted(void **state)
{
	(void)state;
	struct profile *profile = make();
	const size_t first = 2 * 24; /* a Wednesday, 00:00:00 to 00:49:59 */
	assert_true(profile->last_ts - profile->first_ts == 2999 * CLOCK_SECOND);
	assert_int_equal(profile->hours_records[first], 3000);
	assert_int_equal(profile->hours_records[first + 1], 0);
	assert_true(fabs(profile->hours_seen[first] - 2999.0 / 3600) < 1e-9);
	assert_true(profile->hours_seen[first + 1] == 0);
	for (size_t i = 0; i < profile->features_count; i++) {
		const struct profile_feature *feature = &profile->features[i];
		size_t bins = feature->bins.coarse_count;
		uint64_t coarse[BINS_MAX + 1];
		bins_to_coarse(&feature->bins, feature->counts, coarse);
		assert_int_equal(feature->season, SEASON_NONE);
		for (size_t bin = 0; bin < bins; bin++)
			assert_int_equal(feature->hours[first * bins + bin], coarse[bin]);
	}
	const struct profile_score *score = profile_score_of(profile, "1");
	assert_int_equal(score->hours_decided[first], score->decided);
	assert_int_equal(score->hours_flagged[first], score->flagged);
	assert_int_equal(score->decided, 1500);
	profile_free(profile);
}

static void
the_fine_bins_know_a_quantile_to_a_two_hundredth_of_a_rank(void **state)
{
	(void)state;
	enum { N = 20000 };
	struct rng rng;
	struct profile_feature feature;
	double *values = mem_alloc(N * sizeof(*values));
	rng_seed(&rng, 3, 1);
	for (size_t i = 0; i < N; i++)
		values[i] = rng_lognormal(&rng, 50, 2);
	assert_true(profile_feature_from_numbers(&feature, "amount", values, N));
	for (int k = 0; k <= 1000; k++) {
		double quantile = profile_feature_quantile(&feature, k / 1000.0);
		size_t below = 0;
		for (size_t i = 0; i < N; i++)
			below += values[i] <= quantile;
		assert_true(fabs((double)below / N - k / 1000.0) <= 1.0 / 200 + 1.0 / N);
	}
	assert_true(profile_feature_quantile(&feature, 0) == feature.low);
	assert_true(profile_feature_quantile(&feature, 1) == feature.high);
	assert_true(isnan(profile_feature_quantile(&feature, 1.5)));
	profile_feature_free(&feature);
	assert_true(profile_feature_from_numbers(
	    &feature, "few", (double[]){1, 2, 2, 2, NAN, 7, 7, 7, 7}, 9));
	assert_true(profile_feature_quantile(&feature, 0) == 1);
	assert_true(profile_feature_quantile(&feature, 0.4) == 2);
	assert_true(profile_feature_quantile(&feature, 0.51) == 7);
	assert_true(profile_feature_quantile(&feature, 1) == 7);
	profile_feature_free(&feature);
	free(values);
}

static void
edges_are_short_and_rise_and_the_deciles_are_exact(void **state)
{
	(void)state;
	enum { N = 5000 };
	struct rng rng;
	struct profile_feature feature;
	struct bins exact;
	double *values = mem_alloc(N * sizeof(*values));
	rng_seed(&rng, 4, 1);
	for (int kind = 0; kind < 3; kind++) { /* wide, near one another, with ties */
		for (size_t i = 0; i < N; i++)
			values[i] = kind == 0	? rng_lognormal(&rng, 50, 2)
				    : kind == 1 ? 1e6 + rng_uniform(&rng)
						: floor(rng_uniform(&rng) * 300) / 7;
		assert_true(profile_feature_from_numbers(&feature, "a", values, N));
		bins_from_numbers(&exact, values, N);
		assert_int_equal(feature.bins.count, exact.count);
		size_t written = 0;
		for (size_t i = 0; i + 1 < exact.count; i++) {
			char text[32];
			double edge = feature.bins.edges[i];
			assert_true(i == 0 || edge > feature.bins.edges[i - 1]);
			assert_int_equal(feature.bins.coarse[i], exact.coarse[i]);
			if (exact.coarse[i] != exact.coarse[i + 1])
				assert_true(edge == exact.edges[i]);
			else
				written += strlen(jsonw_format_double(text, sizeof(text), edge));
		}
		assert_true(written < exact.count * (kind == 1 ? 12 : 9));
		bins_free(&exact);
		profile_feature_free(&feature);
	}
	free(values);
}

static void
counts_by_hour_come_back_from_their_text_whatever_they_are(void **state)
{
	(void)state;
	enum { COLUMNS = 11, CELLS = SEASON_HOURS * COLUMNS };
	static uint64_t counts[CELLS], again[CELLS];
	struct rng rng;
	rng_seed(&rng, 5, 1);
	for (int kind = 0; kind < 6; kind++) {
		for (size_t i = 0; i < CELLS; i++)
			counts[i] = kind == 0	? 0
				    : kind == 1 ? rng_below(&rng, 300)
				    : kind == 2 ? (uint64_t)(rng_below(&rng, 20) == 0)
				    : kind == 3 ? UINT32_MAX
				    : kind == 4 ? (i % 2 == 0 ? UINT64_MAX : 0)
						: (uint64_t)rng_u32(&rng) << rng_below(&rng, 33);
		struct buf text = {0};
		struct jsonw json = {.out = &text};
		profile_write_hours(&json, NULL, counts, COLUMNS);
		text.data[text.length - 1] = '\0'; /* the quotes */
		assert_true(profile_read_hours(text.data + 1, again, COLUMNS, UINT64_MAX));
		assert_memory_equal(counts, again, sizeof(counts));
		assert_int_equal(
		    profile_read_hours(text.data + 1, again, COLUMNS, UINT32_MAX), kind < 4);
		assert_false(profile_read_hours(text.data + 1, again, COLUMNS - 1, UINT64_MAX));
		assert_false(profile_read_hours(text.data + 1, again, COLUMNS + 1, UINT64_MAX));
		buf_free(&text);
	}
}

static void
a_file_from_before_the_seasons_still_reads(void **state)
{
	(void)state;
	struct err err = {0};
	struct profile *profile = profile_read("tests/data/profile/small.json", &err);
	if (profile == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(profile->features_count, 3);
	assert_true(profile->first_ts == 0 && profile->last_ts == 0);
	for (size_t i = 0; i < 3; i++) {
		assert_null(profile->features[i].hours);
		assert_int_equal(profile->features[i].season, SEASON_NONE);
		assert_true(isnan(profile->features[i].attribution));
	}
	assert_false(profile->scores[0].calibrated);
	assert_true(isnan(profile->scores[0].roc_auc));
	assert_int_equal(profile->scores[0].hours_decided[0], 0);
	profile_free(profile);
}

static void
a_profile_written_and_read_is_the_same_and_small(void **state)
{
	(void)state;
	struct profile *profile = make();
	struct buf first = {0}, second = {0};
	struct err err = {0};
	profile_to_json(profile, &first);
	struct profile *again = profile_from_json(first.data, "again", &err);
	assert_non_null(again);
	profile_to_json(again, &second);
	assert_string_equal(first.data, second.data);
	const struct profile_feature *a = profile_feature_of(profile, "amount");
	const struct profile_feature *b = profile_feature_of(again, "amount");
	assert_memory_equal(
	    a->bins.coarse, b->bins.coarse, a->bins.count * sizeof(*a->bins.coarse));
	buf_free(&first);
	buf_free(&second);
	profile_free(profile);
	profile_free(again);
}

static void
refuse(const char *text, const char *reason)
{
	struct err err = {0};
	assert_null(profile_from_json(text, "f", &err));
	if (strstr(err.text, reason) == NULL)
		fail_msg("`%s` does not say `%s`", err.text, reason);
}

#define HEAD "{\"schema\":\"fraudtop.profile/1\",\"records\":10,\"scores\":[],\"features\":["
#define COUNTS "\"n\":3,\"missing\":0"
#define VALUES "{\"name\":\"a\"," COUNTS ",\"kind\":\"values\",\"edges\":[1,2],\"counts\":"
#define NO_HOURS "APcD" /* 3 bins of 168 hours: a zero and 503 more */

static void
broken_profiles_are_refused_with_the_reason(void **state)
{
	(void)state;
	refuse("", "not JSON");
	refuse("{} x", "not JSON");
	refuse("{}", "no profile of this program");
	refuse("[]", "no profile of this program");
	refuse("{\"schema\":\"fraudtop.profile/1\"}", "`records` must be a count");
	refuse(HEAD "7]}", "must be an object");
	refuse(HEAD "{\"name\":\"a\"}]}", "feature `a`: `n` must be a count");
	refuse(HEAD "{\"name\":\"a\",\"n\":-1,\"missing\":0}]}", "`n` must be a count");
	refuse(HEAD "{\"name\":\"a\"," COUNTS ",\"kind\":\"x\"}]}", "`kind` must be");
	refuse(HEAD "{\"name\":\"a\"," COUNTS ",\"kind\":\"values\",\"edges\":[2,1]}]}",
	    "`edges`[1] must be a number above the one before it");
	refuse(HEAD "{\"name\":\"a\"," COUNTS
		    ",\"kind\":\"values\",\"edges\":[1,2],\"counts\":[1]}]}",
	    "1 counts for 3 bins");
	refuse(HEAD "{\"name\":\"a\"," COUNTS
		    ",\"kind\":\"values\",\"edges\":[1,2],\"counts\":[1,2,-3]}]}",
	    "count 2 is none");
	refuse(HEAD VALUES "[1,1,2]}]}", "the counts are 4 in all and not `n`");
	refuse(HEAD VALUES "[1,2,0],\"hours\":\"AA\"}]}", "`hours` are no counts");
	refuse(HEAD VALUES "[1,2,0],\"hours\":7}]}", "`hours` are no counts");
	refuse(HEAD VALUES "[1,2,0],\"hours\":\"A" NO_HOURS "\"}]}", "`hours` are no counts");
	refuse(HEAD VALUES "[1,2,0],\"hours\":\"BAABAwDzAw==\"}]}", "`hours` are no counts");
	refuse(HEAD VALUES "[1,2,0],\"hours\":\"" NO_HOURS "\"}]}", "`season` must be none");
	refuse(HEAD VALUES "[1,2,0],\"season\":\"auto\",\"hours\":\"" NO_HOURS "\"}]}",
	    "`season` must be none");
	refuse(HEAD VALUES "[1,2,0],\"attribution\":-1}]}", "`attribution` is below 0");
	refuse(HEAD VALUES "[1,2,0],\"deviation\":-1}]}", "`deviation` is below 0");
	refuse(HEAD VALUES "[1,2,0],\"min\":2,\"max\":1}]}", "`min` is above `max`");
	refuse(HEAD VALUES "[1,2,0]}," VALUES "[1,2,0]}]}", "feature `a` stands twice");
	refuse("{\"schema\":\"fraudtop.profile/1\",\"records\":1,\"features\":null}",
	    "`features` and `scores` must be lists");
	refuse(HEAD "{\"name\":\"a\"," COUNTS ",\"kind\":\"categories\",\"categories\":[1]}]}",
	    "`categories` must be words");
}

static void
hours_of_more_bins_than_this_program_makes_are_refused(void **state)
{
	(void)state;
	struct buf text = {0};
	buf_puts(&text, HEAD "{\"name\":\"a\"," COUNTS ",\"kind\":\"values\",\"edges\":[");
	for (int i = 0; i < 70; i++)
		buf_printf(&text, "%s%d", i > 0 ? "," : "", i);
	buf_puts(&text, "],\"counts\":[3");
	for (int i = 0; i < 70; i++)
		buf_puts(&text, ",0");
	buf_puts(&text, "],\"season\":\"none\",\"hours\":\"AA==\"}]}");
	refuse(text.data, "`hours` of more than 66 PSI bins");
	buf_free(&text);
}

#define SCORE                                                                                      \
	"{\"schema\":\"fraudtop.profile/1\",\"records\":3,\"features\":[],\"scores\":[{"           \
	"\"version\":\"7\",\"score\":{\"name\":\"score\"," COUNTS                                  \
	",\"kind\":\"values\",\"edges\":[0.5],\"counts\":[3,0]}"
#define DECISIONS ",\"decided\":3,\"flagged\":1,\"labelled\":2,\"tp\":1,\"fp\":0,\"tn\":1,\"fn\":0"

static void
broken_scores_and_times_are_refused_with_the_reason(void **state)
{
	(void)state;
	refuse(SCORE ",\"decided\":3,\"flagged\":4,\"labelled\":0,\"tp\":0,\"fp\":0,\"tn\":0,"
		     "\"fn\":0}]}",
	    "version `7`: the counts of decisions and labels do not add up");
	refuse(SCORE DECISIONS ",\"roc_auc\":1.5}]}", "`roc_auc` must be from 0 to 1");
	refuse(SCORE DECISIONS ",\"calibration\":{\"scores\":[0.5,0.5],\"probabilities\":[0,1]}}]}",
	    "`scores` must rise");
	refuse(SCORE DECISIONS ",\"calibration\":{\"scores\":[0.5,0.6],\"probabilities\":[1,0]}}]}",
	    "`probabilities` must rise");
	refuse(SCORE DECISIONS ",\"calibration\":{\"scores\":[0.5],\"probabilities\":[]}}]}",
	    "1 scores and 0 probabilities");
	refuse(SCORE DECISIONS ",\"calibration\":7}]}", "`scores` must be a list");
	/* 3 in the first hour decided; 2 in the first flagged, then 1. */
	refuse(
	    SCORE DECISIONS ",\"hours_decided\":\"CAcApQE=\"}]}", "`hours_decided` are no counts");
	refuse(SCORE DECISIONS ",\"hours_flagged\":\"AgEApQE=\"}]}", "more flagged than decided");
	refuse("{\"schema\":\"fraudtop.profile/1\",\"records\":3,\"first_ts\":7}",
	    "`first_ts` is not a time");
	refuse("{\"schema\":\"fraudtop.profile/1\",\"records\":3,"
	       "\"first_ts\":\"2026-01-28T00:00:00Z\",\"last_ts\":\"2026-01-27T00:00:00Z\"}",
	    "`last_ts` must be a time not before `first_ts`");
	refuse("{\"schema\":\"fraudtop.profile/1\",\"records\":3,\"hours_records\":\"CAcApQE=\"}",
	    "`hours_records` are no counts");
}

static void
what_is_no_plain_file_is_written_into_and_not_replaced(void **state)
{
	(void)state;
	char folder[] = "/tmp/fraudtop-profile-XXXXXX", target[64], link[64];
	assert_non_null(mkdtemp(folder));
	snprintf(target, sizeof(target), "%s/target", folder);
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink(target, link), 0);
	struct profile *profile = make();
	struct err err = {0};
	struct stat status;
	for (int i = 0; i < 2; i++) { /* the target is not there, then it is */
		assert_true(profile_write(profile, link, &err));
		assert_int_equal(lstat(link, &status), 0);
		assert_true(S_ISLNK(status.st_mode));
	}
	struct profile *back = profile_read(target, &err);
	assert_non_null(back);
	assert_int_equal(back->records, 3000);
	snprintf(link, sizeof(link), "%s/no/such", folder);
	assert_false(profile_write(profile, link, &err));
	assert_int_equal(err.code, ERR_CREATE);
	profile_free(back);
	profile_free(profile);
	unlink(target);
	snprintf(link, sizeof(link), "%s/link", folder);
	unlink(link);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_profile_holds_bins_counts_nulls_and_the_quality_baseline),
	    cmocka_unit_test(a_profile_written_and_read_is_the_same_and_small),
	    cmocka_unit_test(what_the_hours_hold_adds_up_to_what_was_counted),
	    cmocka_unit_test(the_fine_bins_know_a_quantile_to_a_two_hundredth_of_a_rank),
	    cmocka_unit_test(edges_are_short_and_rise_and_the_deciles_are_exact),
	    cmocka_unit_test(counts_by_hour_come_back_from_their_text_whatever_they_are),
	    cmocka_unit_test(a_file_from_before_the_seasons_still_reads),
	    cmocka_unit_test(broken_profiles_are_refused_with_the_reason),
	    cmocka_unit_test(hours_of_more_bins_than_this_program_makes_are_refused),
	    cmocka_unit_test(broken_scores_and_times_are_refused_with_the_reason),
	    cmocka_unit_test(what_is_no_plain_file_is_written_into_and_not_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
