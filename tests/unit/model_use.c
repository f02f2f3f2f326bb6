/* model_use.c: a loaded model in use: one row and many, threads, linear models, metadata. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "tests/kit/allocations.h"
#include "tests/kit/model_files.h"

/* --- one row and many --- */
enum { ROWS = 1000 };

static double *
random_rows(size_t features, uint64_t seed)
{
	struct rng rng;
	rng_seed(&rng, seed, 1);
	double *values = mem_alloc(ROWS * features * sizeof(*values));
	for (size_t i = 0; i < ROWS * features; i++)
		values[i] = rng_uniform(&rng) < 0.1 ? NAN : (rng_uniform(&rng) * 200 - 50);
	return values;
}

static void
assert_one_equals_many(const char *path)
{
	model_files_need(path);
	struct model *model = model_files_load(path);
	size_t features = model_features(model);
	double *values = random_rows(features, 7);
	double margins[ROWS], scores[ROWS], only[ROWS];
	model_score_rows(model, values, ROWS, margins, scores);
	for (size_t i = 0; i < ROWS; i++) {
		double score, margin = model_score(model, values + i * features, &score);
		assert_true(margin == margins[i] && score == scores[i]);
	}
	model_score_rows(model, values, ROWS, NULL, only);
	assert_memory_equal(only, scores, sizeof(only));
	model_score_rows(model, values, ROWS, only, NULL);
	assert_memory_equal(only, margins, sizeof(only));
	double before = margins[65];
	model_score_rows(model, values, 65, margins, scores);
	assert_true(margins[65] == before);
	model_score_rows(model, values, 0, NULL, NULL);
	free(values);
	model_free(model);
}

static void
many_rows_score_as_each_by_itself(void **state)
{
	(void)state;
	assert_one_equals_many(MODELS "sound.json");
	assert_one_equals_many(MODELS "sets.json");
	assert_one_equals_many(MODELS "words.ubj");
	assert_one_equals_many(MODELS "dart.ubj");
	assert_one_equals_many(MODELS "linear.json");
	assert_one_equals_many(SHARED "handbook/model_v2_fresh.json");
}

static void
scoring_takes_no_memory(void **state)
{
	(void)state;
	static const char *const files[] = {MODELS "sound.json", MODELS "sets.ubj",
	    MODELS "dart.ubj", MODELS "linear.json", "tests/data/lightgbms/payments.txt",
	    "tests/data/calibration/sigmoid_then_isotonic.json",
	    "tests/data/seeds/model_json/pipeline.json"};
	double margins[ROWS], scores[ROWS];
	assert_true(allocations_count());
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct model *model = model_files_load(files[i]);
		double *values = random_rows(model_features(model), 3);
		size_t before = allocations_made();
		free(mem_alloc(1));
		assert_int_equal(allocations_made(), before + 1); /* they are counted */
		model_score_rows(model, values, ROWS, margins, scores);
		model_score_rows(model, values, 7, margins, NULL);
		model_score(model, values, scores);
		if (allocations_made() != before + 1)
			fail_msg("%s: %zu allocations", files[i], allocations_made() - before - 1);
		free(values);
		model_free(model);
	}
}

struct job {
	const struct model *model;
	const double *values;
	double margins[ROWS];
};

static void *
score_job(void *argument)
{
	struct job *job = argument;
	for (int i = 0; i < 20; i++)
		model_score_rows(job->model, job->values, ROWS, job->margins, NULL);
	return NULL;
}

static void
several_threads_score_with_one_model(void **state)
{
	(void)state;
	static struct job jobs[4];
	pthread_t threads[4];
	struct model *model = model_files_load(MODELS "sound.json");
	double *values = random_rows(model_features(model), 11);
	for (size_t i = 0; i < 4; i++) {
		jobs[i] = (struct job){.model = model, .values = values};
		assert_int_equal(pthread_create(&threads[i], NULL, score_job, &jobs[i]), 0);
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (size_t i = 1; i < 4; i++)
		assert_memory_equal(jobs[i].margins, jobs[0].margins, sizeof(jobs[0].margins));
	free(values);
	model_free(model);
}

/* --- linear --- */
static void
a_linear_model_adds_weighted_values(void **state)
{
	(void)state;
	struct model *model = model_files_load(MODELS "linear.json");
	assert_string_equal(model_kind(model), "linear");
	assert_int_equal(model_trees(model), 0);
	assert_int_equal(model_find(model, "hour"), 1);
	double score, margin = model_score(model, (const double[]){10, 2}, &score);
	assert_true(margin == -1.5 + 2.5 - 1.0);
	assert_true(score == 0.5);
	/* A missing hour counts as 12, a missing amount, of which the file says nothing, as 0. */
	assert_true(model_score(model, (const double[]){10, NAN}, NULL) == -1.5 + 2.5 - 6.0);
	assert_true(model_score(model, (const double[]){NAN, 2}, NULL) == -1.5 - 1.0);
	model_free(model);
}

static void
an_identity_link_scores_the_margin(void **state)
{
	(void)state;
	const char *text = "{\"kind\":\"linear\",\"link\":\"identity\",\"intercept\":2,"
			   "\"features\":[{\"name\":\"x\",\"weight\":3}]}";
	struct err err = {0};
	struct model *model = model_parse(text, strlen(text), "identity.json", &err);
	assert_non_null(model);
	double score;
	model_score(model, (const double[]){5}, &score);
	assert_true(score == 17);
	model_free(model);
}

static void
a_score_is_a_probability_by_its_link_and_its_calibration(void **state)
{
	(void)state;
	static const char platt[] = "\"calibration\":{\"kind\":\"platt\",\"a\":-1,\"b\":0}";
	static const char days[] =
	    "\"calibration\":{\"kind\":\"isotonic\",\"x\":[0,1],\"y\":[0,30]}";
	static const struct {
		const char *link, *own, *beside;
		bool probability;
	} cases[] = {{"logistic", "", "", true}, {"identity", "", "", false},
	    {"identity", platt, "", true}, {"identity", "", platt, true},
	    {"identity", days, "", false}, {"identity", days, platt, true}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		char *text = mem_printf("{\"kind\":\"linear\",\"link\":\"%s\",\"intercept\":2,"
					"\"features\":[{\"name\":\"x\",\"weight\":3}]%s%s}",
		    cases[i].link, cases[i].own[0] != '\0' ? "," : "", cases[i].own);
		char *metadata = mem_printf("{%s}", cases[i].beside);
		struct model *model = model_parse(text, strlen(text), "link.json", &err);
		if (model == NULL || !model_set_metadata(model, metadata, &err))
			fail_msg("%s", err.text);
		if (model_gives_probability(model) != cases[i].probability)
			fail_msg("case %zu", i);
		assert_true(model_set_metadata(model, "{}", &err));
		if (cases[i].own[0] == '\0')
			assert_int_equal(model_gives_probability(model), i == 0);
		model_free(model);
		free(text);
		free(metadata);
	}
}

/* --- metadata --- */
static void
metadata_gives_version_threshold_and_codes(void **state)
{
	(void)state;
	struct err err = {0};
	double code = -1;
	struct model *model = model_files_load(MODELS "linear.json");
	assert_true(model_set_metadata(model,
	    "{\"version\":\"12\",\"threshold\":0.35,\"trained_on\":[1,{\"x\":2}],\"categories\":"
	    "{\"hour\":{\"night\":3,\"day\":1.5,\"7\":7,\"\xC3\xA9t\xC3\xA9\":9}}}",
	    &err));
	assert_string_equal(model_version(model), "12");
	assert_true(model_threshold(model) == 0.35);
	assert_true(model_categorical(model, 1));
	assert_false(model_categorical(model, 0));
	assert_true(model_code(model, 1, "night", &code) && code == 3);
	assert_true(model_code(model, 1, "day", &code) && code == 1.5);
	assert_true(model_code(model, 1, "7", &code) && code == 7);
	assert_true(model_code(model, 1, "\xC3\xA9t\xC3\xA9", &code) && code == 9);
	code = -1;
	assert_false(model_code(model, 1, "dawn", &code));
	assert_false(model_code(model, 1, "", &code));
	assert_false(model_code(model, 0, "night", &code));
	assert_true(code == -1);
	/* The next one replaces it whole. */
	assert_true(model_set_metadata(model, "{\"version\":13}", &err));
	assert_string_equal(model_version(model), "13");
	assert_true(isnan(model_threshold(model)));
	assert_false(model_categorical(model, 1));
	model_free(model);
}

static void
broken_metadata_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *json, *with;
	} cases[] = {
	    {"", "not valid JSON"},
	    {"{\"version\":\"2\"", "not valid JSON: it ends too early"},
	    {"[]", "it is an array, not an object"},
	    {"{\"version\":{}}", "version is an object, not a string"},
	    {"{\"threshold\":\"0.5\"}", "threshold is a string, not a finite number"},
	    {"{\"threshold\":1e999}", "threshold is infinite, not a finite number"},
	    {"{\"categories\":[]}", "categories is an array, not an object"},
	    {"{\"version\":\"2\",\"categories\":{\"hours\":{}}}",
		"the model has no feature `hours`; do you mean `hour`?"},
	    {"{\"categories\":{\"hour\":[]}}", "categories of `hour`: it is an array"},
	    {"{\"categories\":{\"hour\":{\"a\":\"1\"}}}", "the code of `a` is a string"},
	    {"{\"categories\":{\"hour\":{\"a\":1e300}}}", "the code of `a` does not fit"},
	    {"{\"categories\":{\"hour\":{\"b\":1,\"a\":1,\"b\":2}}}", "the word `b` stands twice"},
	    {"{\"categories\":{\"hour\":{\"b\":1},\"hour\":{\"a\":1}}}", "it stands twice"},
	};
	struct err err = {0};
	struct model *model = model_files_load(MODELS "linear.json");
	assert_true(model_set_metadata(
	    model, "{\"version\":\"1\",\"categories\":{\"hour\":{\"night\":3}}}", &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double code;
		assert_false(model_set_metadata(model, cases[i].json, &err));
		if (strstr(err.text, cases[i].with) == NULL)
			fail_msg("`%s` does not say `%s`", err.text, cases[i].with);
		assert_int_equal(err.code, ERR_DATA);
		assert_string_equal(model_version(model), "1");
		assert_true(model_code(model, 1, "night", &code) && code == 3);
	}
	model_free(model);
}

static void
write_text(const char *path, const char *text)
{
	struct err err = {0};
	if (!buf_write_file(path, text, strlen(text), 0600, &err))
		fail_msg("%s", err.text);
}

static void
the_metadata_beside_a_model_is_loaded_with_it(void **state)
{
	(void)state;
	struct err err = {0};
	char folder[] = "/tmp/fraudtop-model-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char *path = mem_printf("%s/m.json", folder);
	char *beside = mem_printf("%s/m.metadata.json", folder);
	char *text = model_files_text(MODELS "linear.json");
	write_text(path, text);
	struct model *model = model_files_load(path);
	assert_string_equal(model_version(model), "");
	model_free(model);
	write_text(beside, "{\"version\":\"7\",\"threshold\":0.25}");
	model = model_files_load(path);
	assert_string_equal(model_version(model), "7");
	assert_true(model_threshold(model) == 0.25);
	model_free(model);
	write_text(beside, "{\"version\":");
	assert_null(model_load(path, &err));
	assert_non_null(strstr(err.text, "m.metadata.json: metadata: not valid JSON"));
	write_text(beside, "");
	assert_null(model_load(path, &err));
	unlink(beside);
	unlink(path);
	rmdir(folder);
	free(text);
	free(beside);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_rows_score_as_each_by_itself),
	    cmocka_unit_test(scoring_takes_no_memory),
	    cmocka_unit_test(several_threads_score_with_one_model),
	    cmocka_unit_test(a_linear_model_adds_weighted_values),
	    cmocka_unit_test(an_identity_link_scores_the_margin),
	    cmocka_unit_test(a_score_is_a_probability_by_its_link_and_its_calibration),
	    cmocka_unit_test(metadata_gives_version_threshold_and_codes),
	    cmocka_unit_test(broken_metadata_is_refused_and_changes_nothing),
	    cmocka_unit_test(the_metadata_beside_a_model_is_loaded_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
