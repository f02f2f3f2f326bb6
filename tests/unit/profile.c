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

#include "core/base/rng.h"
#include "core/monitor/profile.h"

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
		    "\"few\":%d,\"word\":%s}}\n",
		    i / 3600, i / 60 % 60, i % 60, i % 2 + 1, score, score > 0.6, rng_normal(&rng),
		    i % 5,
		    i % 10 == 0 ? "null"
		    : i % 3	? "\"a\""
				: "\"b\"");
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
	assert_true(first.length < 200 * 1024 / 10);
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
	refuse(HEAD "{\"name\":\"a\"," COUNTS ",\"kind\":\"categories\",\"categories\":[1]}]}",
	    "`categories` must be words");
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
	    cmocka_unit_test(broken_profiles_are_refused_with_the_reason),
	    cmocka_unit_test(what_is_no_plain_file_is_written_into_and_not_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
