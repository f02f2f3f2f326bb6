/* metadata.c: what stands beside a model's file: where it is looked for, what is checked, what is
 * told of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/model/metadata.h"
#include "core/model/parts.h"
#include "tests/kit/model_files.h"

static const char two_inputs[] =
    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":0,\"features\":["
    "{\"name\":\"amount\",\"weight\":1},{\"name\":\"hour\",\"weight\":-1}]}";

/* --- a folder of a test --- */
static char folder[64];

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/fraudtop-metadata-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static const char *
at(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
put(const char *name, const char *text)
{
	struct err err = {0};
	if (!buf_write_file(at(name), text, strlen(text), 0600, &err))
		fail_msg("%s", err.text);
}

static int
remove_folder(void **state)
{
	(void)state;
	static const char *const names[] = {"m.json", "m.txt", "m.weights", "m.metadata.json",
	    "m.json.metadata.json", "m.weights.metadata.json", "metadata.json"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(at(names[i]));
	return rmdir(folder);
}

static void
assert_version(const char *file, const char *version)
{
	struct model *model = model_files_load(at(file));
	assert_string_equal(model_version(model), version);
	model_free(model);
}

static void
assert_refused(const char *file, const char *with)
{
	struct err err = {0};
	struct model *model = model_load(at(file), &err);
	if (model != NULL)
		fail_msg("%s was taken, not refused with `%s`", file, with);
	if (strstr(err.text, with) == NULL)
		fail_msg("`%s` does not say `%s`", err.text, with);
	assert_int_equal(err.code, ERR_DATA);
}

/* --- where they are --- */
static void
metadata_stand_beside_a_file_of_any_ending(void **state)
{
	(void)state;
	put("m.json", two_inputs);
	put("m.txt", two_inputs);
	put("m.weights", two_inputs);
	assert_version("m.json", "");
	put("m.metadata.json", "{\"version\":\"of the stem\"}");
	assert_version("m.json", "of the stem");
	assert_version("m.txt", "of the stem");
	assert_version("m.weights", "");
	put("m.weights.metadata.json", "{\"version\":\"of the weights\"}");
	assert_version("m.weights", "of the weights");
	put("m.json.metadata.json", "{\"version\":\"of the JSON\"}");
	assert_version("m.json", "of the JSON");
	assert_version("m.txt", "of the stem");
	struct model *model = model_files_load(at("m.json"));
	assert_string_equal(model_metadata(model)->path, at("m.json.metadata.json"));
	model_free(model);
}

static void
a_plain_metadata_json_counts_if_it_tells_of_the_file(void **state)
{
	(void)state;
	put("m.json", two_inputs);
	put("metadata.json", "{\"version\":\"1\",\"artifact\":\"m.json\",\"run_id\":\"x\"}");
	assert_version("m.json", "1");
	put("metadata.json", "{\"version\":\"2\",\"artifact\":\"models/m.json\"}");
	assert_version("m.json", "2");
	put("metadata.json", "{\"version\":\"3\",\"artifact\":\"other.json\"}");
	assert_version("m.json", "");
	put("metadata.json", "{\"version\":\"4\",\"note\":\"all is known\"}");
	assert_version("m.json", "4");
	put("metadata.json", "{\"version\":\"5\",\"run_id\":\"x\"}");
	assert_version("m.json", "");
	put("metadata.json", "[\"version\"]");
	assert_version("m.json", "");
	put("metadata.json", "{\"version\":");
	assert_refused("m.json", "metadata.json, which may be the metadata of m.json: not valid");
	put("m.metadata.json", "{\"version\":\"own\"}");
	assert_version("m.json", "own");
}

static void
a_folder_called_metadata_json_is_no_metadata(void **state)
{
	(void)state;
	put("m.json", two_inputs);
	assert_int_equal(mkdir(at("metadata.json"), 0700), 0);
	assert_version("m.json", "");
	assert_int_equal(rmdir(at("metadata.json")), 0);
}

/* --- the hash --- */
static void
the_hash_of_the_file_is_checked(void **state)
{
	(void)state;
	char hex[HASH_HEX_SIZE], text[256], said[64];
	put("m.json", two_inputs);
	hash_sha256(two_inputs, strlen(two_inputs), hex);
	snprintf(text, sizeof(text), "{\"sha256\":\"sha256:%s\"}", hex);
	for (char *digit = strstr(text, hex); *digit != '"'; digit++)
		*digit = (char)(*digit >= 'a' ? *digit - 'a' + 'A' : *digit);
	put("m.metadata.json", text);
	struct model *model = model_files_load(at("m.json"));
	assert_true(model_metadata(model)->sha256_checked);
	assert_string_equal(model_metadata(model)->sha256, hex);
	/* From memory there is no file to hold it against: kept, not checked. */
	struct err err = {0};
	snprintf(text, sizeof(text), "{\"sha256\":\"%064d\"}", 7);
	assert_true(model_set_metadata(model, text, &err));
	assert_false(model_metadata(model)->sha256_checked);
	model_free(model);
	put("m.metadata.json", text);
	snprintf(said, sizeof(said), "000000000000..., and that of m.json is %.12s...", hex);
	assert_refused("m.json", said);
	assert_refused("m.json", at("m.metadata.json"));
	assert_refused("m.json", "put back the file");
	put("m.metadata.json", "{\"sha256\":\"abc\"}");
	assert_refused("m.json", "sha256 is not the 64 hexadecimal digits");
	put("m.metadata.json", "{\"sha256\":17}");
	assert_refused("m.json", "sha256 is not the 64 hexadecimal digits");
}

/* A file that is not the one described has other errors of its own, which would mislead. */
static void
a_wrong_hash_is_told_before_all_else(void **state)
{
	(void)state;
	char text[256];
	put("m.json", two_inputs);
	snprintf(
	    text, sizeof(text), "{\"features\":[\"a\"],\"threshold\":[],\"sha256\":\"%064d\"}", 1);
	put("m.metadata.json", text);
	assert_refused("m.json", "it describes a file with the SHA-256");
}

/* --- features --- */
static struct model *
parse(const char *text)
{
	struct err err = {0};
	struct model *model = model_parse(text, strlen(text), "m.json", &err);
	if (model == NULL)
		fail_msg("%s", err.text);
	return model;
}

static void
names_and_order_of_the_features_are_checked(void **state)
{
	(void)state;
	static const struct {
		const char *json, *with;
	} cases[] = {
	    {"{\"features\":[\"amount\",\"hours\"]}",
		"features[1]: the model has no feature `hours`; do you mean `hour`?"},
	    {"{\"features\":[\"amount\"]}",
		"features has 1 names for 2 inputs: `hour` is not among them"},
	    {"{\"features\":[\"hour\",\"amount\",\"hour\"]}", "one stands twice"},
	    {"{\"features\":[]}", "features has 0 names for 2 inputs: `amount`"},
	    {"{\"features\":[\"hour\",\"amount\"]}",
		"features[0] is `hour`, but input 0 of the model is `amount`"},
	    {"{\"features\":{\"amount\":1}}", "features is an object, not an array"},
	    {"{\"features\":[\"amount\",7]}", "features[1]: its name is a number"},
	    {"{\"features\":[{\"label\":\"x\"},\"hour\"]}", "features[0]: its name is missing"},
	    {"{\"features\":[{\"name\":\"amount\",\"mean\":\"2\"},\"hour\"]}",
		"features[0], `amount`: mean is a string"},
	    {"{\"features\":[{\"name\":\"amount\",\"low\":3,\"high\":2},\"hour\"]}",
		"low, 3, is above high, 2"},
	    {"{\"features\":[{\"name\":\"amount\",\"label\":\"\"},\"hour\"]}", "label is"},
	    {"{\"features\":[{\"name\":\"amount\",\"compare\":{\"mean\":\"hoor\"}},\"hour\"]}",
		"compare: the model has no feature `hoor`; do you mean `hour`?"},
	    {"{\"features\":[{\"name\":\"amount\",\"compare\":{\"words\":\"x\"}},\"hour\"]}",
		"needs either \"mean\" or \"ratio\""},
	    {"{\"features\":[{\"name\":\"amount\",\"compare\":{\"mean\":\"hour\",\"ratio\":"
	     "\"hour\"}},\"hour\"]}",
		"needs either \"mean\" or \"ratio\""},
	};
	struct model *model = parse(two_inputs);
	struct err err = {0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(model_set_metadata(model, cases[i].json, &err));
		if (strstr(err.text, cases[i].with) == NULL)
			fail_msg("`%s` does not say `%s`", err.text, cases[i].with);
		assert_int_equal(err.code, ERR_DATA);
		assert_false(model_metadata(model)->features_checked);
		assert_null(model_metadata(model)->notes);
	}
	assert_true(model_set_metadata(model, "{\"features\":[\"amount\",\"hour\"]}", &err));
	assert_true(model_metadata(model)->features_checked);
	model_free(model);
}

static void
what_is_said_of_an_input_is_kept(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model = parse(two_inputs);
	assert_true(model_set_metadata(model,
	    "{\"features\":[{\"name\":\"amount\",\"label\":\"the a\\u001bmount\",\"mean\":88.5,"
	    "\"low\":-1,\"high\":900,\"unit\":\"EUR\",\"compare\":{\"mean\":\"hour\",\"words\":"
	    "\"this customer's mean\"}},{\"name\":\"hour\",\"compare\":{\"ratio\":\"amount\"}}]}",
	    &err));
	const struct model_note *notes = model_metadata(model)->notes;
	assert_string_equal(notes[0].label, "the a\xEF\xBF\xBDmount");
	assert_true(notes[0].mean == 88.5 && notes[0].low == -1 && notes[0].high == 900);
	assert_int_equal(notes[0].compare, 1);
	assert_false(notes[0].ratio);
	assert_string_equal(notes[0].compare_words, "this customer's mean");
	assert_null(notes[1].label);
	assert_true(isnan(notes[1].mean) && isnan(notes[1].low) && isnan(notes[1].high));
	assert_int_equal(notes[1].compare, 0);
	assert_true(notes[1].ratio);
	assert_string_equal(notes[1].compare_words, "amount");
	assert_true(model_set_metadata(model, "{\"features\":[\"amount\",\"hour\"]}", &err));
	assert_int_equal(model_metadata(model)->notes[0].compare, -1);
	assert_null(model_metadata(model)->notes[0].compare_words);
	assert_true(model_set_metadata(model, "{}", &err));
	assert_null(model_metadata(model)->notes);
	model_free(model);
}

static void
a_file_without_names_takes_them_from_here(void **state)
{
	(void)state;
	static const char nameless[] =
	    "{\"kind\":\"sklearn\",\"class\":\"LinearRegression\",\"coef_\":[1,10],"
	    "\"intercept_\":0}";
	struct err err = {0};
	struct model *model = parse(nameless);
	assert_string_equal(model_feature(model, 1), "f1");
	assert_true(model_set_metadata(
	    model, "{\"features\":[\"zeta\",\"beta\"],\"categories\":{\"beta\":{\"x\":3}}}", &err));
	assert_string_equal(model_feature(model, 0), "zeta");
	assert_int_equal(model_find(model, "zeta"), 0);
	assert_int_equal(model_find(model, "beta"), 1);
	assert_int_equal(model_find(model, "f0"), -1);
	assert_true(model_categorical(model, 1));
	/* What is refused leaves the names, too. */
	assert_false(model_set_metadata(model, "{\"features\":[\"a\",\"a\"]}", &err));
	assert_non_null(strstr(err.text, "both called `a`"));
	assert_false(model_set_metadata(model, "{\"features\":[\"a\"]}", &err));
	assert_non_null(strstr(err.text, "1 feature names for 2 features"));
	assert_false(
	    model_set_metadata(model, "{\"features\":[\"a\",\"b\"],\"categories\":7}", &err));
	assert_int_equal(model_find(model, "beta"), 1);
	/* Its own ones come back, and their order is checked where they are meant. */
	assert_true(model_set_metadata(model, "{}", &err));
	assert_int_equal(model_find(model, "f1"), 1);
	assert_int_equal(model_find(model, "beta"), -1);
	assert_false(model_set_metadata(model, "{\"features\":[\"f1\",\"f0\"]}", &err));
	assert_non_null(strstr(err.text, "features[0] is `f1`, but input 0 of the model is `f0`"));
	model_free(model);
}

/* --- what is told --- */
static void
training_metrics_and_notes_are_kept_as_far_as_they_can_be_shown(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model = parse(two_inputs);
	const struct model_metadata *metadata = model_metadata(model);
	assert_null(metadata->name);
	assert_true(isnan(metadata->threshold));
	assert_true(model_set_metadata(model,
	    "{\"model\":\"m\",\"trained_at\":\"2026-01-12\",\"note\":\"a\\nb\",\"artifact\":{},"
	    "\"metrics\":{\"auc\":0.9,\"kind\":\"roc\",\"nan\":null,\"rows\":100,\"big\":1e999}}",
	    &err));
	assert_string_equal(metadata->name, "m");
	assert_string_equal(metadata->trained_at, "2026-01-12");
	assert_string_equal(metadata->note, "a b");
	assert_null(metadata->artifact);
	assert_null(metadata->path);
	assert_int_equal(metadata->metrics_count, 2);
	assert_string_equal(metadata->metrics[0].name, "auc");
	assert_true(metadata->metrics[0].value == 0.9);
	assert_string_equal(metadata->metrics[1].name, "rows");
	assert_true(
	    model_set_metadata(model, "{\"metrics\":[1],\"note\":[],\"trained_at\":7}", &err));
	assert_int_equal(metadata->metrics_count, 0);
	assert_null(metadata->note);
	assert_string_equal(metadata->trained_at, "7");
	model_free(model);
}

static void
words_of_the_metadata_go_before_the_files_own(void **state)
{
	(void)state;
	struct err err = {0};
	double code = 0;
	struct model *model = parse(two_inputs);
	model->categories = mem_alloc(2 * sizeof(*model->categories));
	assert_true(categories_add(&model->categories[1], "night", 5, 1, &err));
	assert_true(categories_add(&model->categories[1], "day", 3, 0, &err));
	assert_true(categories_sort(&model->categories[1], &err));
	assert_false(model_categorical(model, 0));
	assert_true(model_categorical(model, 1));
	assert_int_equal(model_words(model, 0), 0);
	assert_int_equal(model_words(model, 1), 2);
	assert_string_equal(model_word(model, 1, 0, &code), "day");
	assert_true(code == 0);
	assert_null(model_word(model, 1, 2, NULL));
	assert_string_equal(model_word_of(model, 1, 1), "night");
	assert_null(model_word_of(model, 1, 2));
	assert_true(model_code(model, 1, "night", &code) && code == 1);
	assert_true(model_set_metadata(model, "{\"categories\":{\"hour\":{\"dawn\":4}}}", &err));
	assert_false(model_code(model, 1, "night", &code));
	assert_true(model_code(model, 1, "dawn", &code) && code == 4);
	assert_true(model_set_metadata(model, "{}", &err));
	assert_true(model_code(model, 1, "night", &code) && code == 1);
	struct categories twice = {0};
	assert_true(
	    categories_add(&twice, "a", 1, 0, &err) && categories_add(&twice, "a", 1, 1, &err));
	assert_false(categories_sort(&twice, &err));
	free(twice.list[0].word);
	free(twice.list[1].word);
	free(twice.list);
	model_free(model);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(metadata_stand_beside_a_file_of_any_ending),
	    TEST(a_plain_metadata_json_counts_if_it_tells_of_the_file),
	    TEST(a_folder_called_metadata_json_is_no_metadata),
	    TEST(the_hash_of_the_file_is_checked),
	    TEST(a_wrong_hash_is_told_before_all_else),
	    cmocka_unit_test(names_and_order_of_the_features_are_checked),
	    cmocka_unit_test(what_is_said_of_an_input_is_kept),
	    cmocka_unit_test(a_file_without_names_takes_them_from_here),
	    cmocka_unit_test(training_metrics_and_notes_are_kept_as_far_as_they_can_be_shown),
	    cmocka_unit_test(words_of_the_metadata_go_before_the_files_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
