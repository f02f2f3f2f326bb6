/* lightgbm_refusals.c: LightGBM files that are broken, foreign or cut are refused with the reason
 * and the place. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "tests/kit/model_files.h"

#define LIGHTGBMS "tests/data/lightgbms/"

static void
assert_says(struct model *model, const struct err *err, const char *with, const char *what)
{
	if (model != NULL)
		fail_msg("taken: %s", what);
	if (strstr(err->text, with) == NULL)
		fail_msg("%s: `%s` does not say `%s`", what, err->text, with);
	assert_int_equal(err->code, ERR_DATA);
}

/* small.txt with the first `old` replaced; where trees are in bytes is left out. */
static void
assert_change_refused(const char *old, const char *new, const char *with)
{
	struct err err = {0};
	char *text = model_files_text(LIGHTGBMS "small.txt");
	char *sizes = strstr(text, "tree_sizes");
	memcpy(sizes, "other_size", 10);
	char *place = strstr(text, old);
	if (place == NULL)
		fail_msg("small.txt has no `%s`", old);
	char *whole = mem_printf("%.*s%s%s", (int)(place - text), text, new, place + strlen(old));
	assert_says(model_parse(whole, strlen(whole), "changed", &err), &err, with, new);
	assert_int_equal(strncmp(err.text, "changed: ", 9), 0);
	free(whole);
	free(text);
}

struct change {
	const char *old, *new, *with;
};

static void
assert_changes_refused(const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_change_refused(changes[i].old, changes[i].new, changes[i].with);
}

#define REFUSED(changes) assert_changes_refused(changes, sizeof(changes) / sizeof((changes)[0]))

static void
headers_that_cannot_be_scored_are_refused(void **state)
{
	(void)state;
	static const struct change changes[] = {
	    {"version=v4", "version=v5", "line 2: the version `v5` of LightGBM's format is not"},
	    {"version=v4\n", "", "a LightGBM model from before 2.1"},
	    {"version=v4", "version=v4\nversion=v4", "line 3: version stands twice"},
	    {"num_class=1", "num_class=3", "num_class is 3; only models of one output"},
	    {"num_class=1", "num_class=x", "line 3: num_class is `x`, not a whole number"},
	    {"num_class=1\n", "", "num_class is missing"},
	    {"num_tree_per_iteration=1", "num_tree_per_iteration=2",
		"num_tree_per_iteration is 2; only models of one output"},
	    {"max_feature_idx=2", "max_feature_idx=-1", "max_feature_idx is `-1`"},
	    {"max_feature_idx=2", "max_feature_idx=99999999", "not a whole number from 0 to 65535"},
	    {"max_feature_idx=2", "max_feature_idx=2.5", "line 6: max_feature_idx is `2.5`"},
	    {"max_feature_idx=2", "max_feature_idx=3", "feature_names has 3 words, but max_"},
	    {"max_feature_idx=2\n", "", "max_feature_idx is missing"},
	    {"amount country night", "amount country amount", "are both called `amount`"},
	    {"feature_names=amount", "names=amount", "feature_names is missing"},
	    {"feature_infos=", "infos=", "feature_infos is missing"},
	    {"[0:9000] ", "", "line 9: feature_infos has 2 words, but max_feature_idx is 2"},
	    {"=binary sigmoid:1", "=multiclass num_class:3", "multiclass has several outputs"},
	    {"=binary sigmoid:1", "=multiclassova num_class:3 sigmoid:1", "several outputs a row"},
	    {"=binary sigmoid:1", "=arcane", "the objective `arcane` cannot be scored"},
	    {"=binary sigmoid:1", "=", "the objective `` cannot be scored"},
	    {"=binary sigmoid:1", "=binary", "line 7: the objective binary has no sigmoid"},
	    {"sigmoid:1", "sigmoid:0", "line 7: sigmoid is `0`, not a number above 0"},
	    {"sigmoid:1", "sigmoid:-1", "line 7: sigmoid is `-1`"},
	    {"sigmoid:1", "sigmoid:nan", "line 7: sigmoid is `nan`"},
	    {"tree\nversion=v4", "gbdt\nversion=v4", "a LightGBM model of 2016 (`gbdt`)"},
	    {"version=v4", "version=v2\naverage_output", "a random forest of version v2"},
	};
	REFUSED(changes);
}

static void
trees_that_are_not_trees_are_refused(void **state)
{
	(void)state;
	static const struct change changes[] = {
	    {"left_child=1 -1 -2", "left_child=0 -1 -2", "tree 0, node 0: its child 0 is reached"},
	    {"left_child=1 -1 -2", "left_child=1 2 -2", "tree 0, node 1: its child 2 is reached"},
	    {"left_child=1 -1 -2", "left_child=1 -1 -1", "node 2: its child 3 is reached twice"},
	    {"left_child=1 -1 -2", "left_child=3 -1 -2",
		"tree 0, node 0: left_child is 3, not a whole number from -4 to 2"},
	    {"left_child=1 -1 -2", "left_child=1 -5 -2", "tree 0, node 1: left_child is -5"},
	    {"right_child=2 -3 -4", "right_child=2 -3 -2147483649", "right_child is -2.14748e+09"},
	    {"right_child=2 -3 -4", "right_child=2 -3 1e300", "right_child is 1e+300"},
	    {"right_child=2 -3 -4", "right_child=2 -3 0.5", "right_child is 0.5"},
	    {"right_child=2 -3 -4", "right_child=2 -3", "right_child has 2 elements, not 3"},
	    {"right_child=2 -3 -4", "right_child=2 -3 -4 5", "right_child has 4 elements, not 3"},
	    {"right_child=2 -3 -4\n", "", "tree 0: it has no right_child"},
	    {"split_feature=0 1 2", "split_feature=0 1 3", "node 2: split_feature is 3"},
	    {"split_feature=0 1 2", "split_feature=0 -1 2", "node 1: split_feature is -1"},
	    {"threshold=50.5", "threshold=nan", "node 0: threshold is `nan`, not a finite"},
	    {"threshold=50.5", "threshold=0x10", "node 0: threshold is `0x10`"},
	    {"threshold=50.5", "threshold=1,5", "node 0: threshold is `1,5`"},
	    {"threshold=50.5", "threshold=1e999", "node 0: threshold is `1e999`"},
	    {"threshold=50.5", "threshold=1-2", "node 0: threshold is `1-2`"},
	    {"leaf_value=-0.5", "leaf_value=inf", "leaf 0: leaf_value is `inf`, not a finite"},
	    {"leaf_value=-0.5", "leaf_value=-", "leaf 0: leaf_value is `-`"},
	    {"leaf_value=-0.5 0.25 1.5 -0.125", "leaf_value=1 2 3", "leaf_value has 3 elements"},
	    {"num_leaves=4", "num_leaves=1000000", "leaf_value has 4 elements, not 1000000"},
	    {"num_leaves=4", "num_leaves=1048577", "not a whole number from 1 to 1048576"},
	    {"num_leaves=4", "num_leaves=0", "tree 0: line 13: num_leaves is `0`"},
	    {"num_leaves=4", "num_leaves=99999999999", "tree 0: line 13: num_leaves is"},
	    {"num_leaves=4\n", "", "tree 0: num_leaves is missing"},
	    {"num_leaves=1", "num_leaves=2", "tree 1: leaf_value has 1 elements, not 2"},
	    {"is_linear=0", "is_linear=1", "tree 0: a linear tree"},
	    {"is_linear=0", "is_linear=2", "tree 0: line 29: is_linear is `2`"},
	    {"decision_type=6", "decision_type=14", "tree 2, node 0: decision_type is 14"},
	    {"decision_type=6\n", "", "tree 2: it has no decision_type"},
	    {"leaf_count=60 40", "leaf_count=60", "tree 2: leaf_count has 1 elements"},
	    {"leaf_count=60 40", "leaf_count=60 -40", "tree 2, leaf 1: leaf_count is -40"},
	    {"leaf_count=60 40", "leaf_count=nan 40", "tree 2, leaf 0: leaf_count is `nan`"},
	    {"internal_count=100\n", "internal_count=1e12\n", "node 0: internal_count is 1e+12"},
	    {"shrinkage=1\n", "threshold=1\n", "tree 0: line 30: threshold stands twice"},
	    {"Tree=1", "Tree=2", "line 33: tree 1 is called `2`"},
	    {"Tree=1", "Tree=", "line 33: tree 1 is called ``"},
	};
	REFUSED(changes);
}

static void
sets_of_categories_that_are_none_are_refused(void **state)
{
	(void)state;
	static const struct change changes[] = {
	    {"num_cat=1\n", "num_cat=4\n", "tree 0: line 14: num_cat is `4`"},
	    {"num_cat=1\n", "num_cat=-1\n", "tree 0: line 14: num_cat is `-1`"},
	    {"num_cat=1\n", "", "tree 0: num_cat is missing"},
	    {"num_cat=1\n", "num_cat=0\n", "its set of categories is 0, but num_cat is 0"},
	    {"num_cat=1\n", "num_cat=2\n", "tree 0: cat_boundaries has 2 elements, not 3"},
	    {"threshold=50.5 0", "threshold=50.5 1", "node 1: its set of categories is 1, but"},
	    {"threshold=50.5 0", "threshold=50.5 -1", "node 1: its set of categories is -1, but"},
	    {"threshold=50.5 0", "threshold=50.5 0.5", "node 1: its set of categories is 0.5"},
	    {"threshold=50.5 0", "threshold=50.5 inf", "node 1: its set of categories is inf"},
	    {"decision_type=10 9 2", "decision_type=10 9 1", "categories is 0.5, but num_cat"},
	    {"threshold=50.5 0 0.5\ndecision_type=10 9 2", "threshold=0 0 0\ndecision_type=1 1 1",
		"tree 0, node 1: its set of categories, 0, is another split's"},
	    {"cat_boundaries=0 1", "cat_boundaries=0 2", "cat_boundaries is 2, not a whole"},
	    {"cat_boundaries=0 1", "cat_boundaries=1 0", "element 1: cat_boundaries goes back"},
	    {"cat_boundaries=0 1", "cat_boundaries=0 -1", "cat_boundaries is -1"},
	    {"cat_boundaries=0 1\n", "", "tree 0: it has no cat_boundaries"},
	    {"cat_threshold=5", "cat_threshold=4294967296", "element 0: cat_threshold is 4.29"},
	    {"cat_threshold=5", "cat_threshold=-1", "element 0: cat_threshold is -1"},
	    {"cat_threshold=5\n", "", "tree 0: it has no cat_threshold"},
	};
	REFUSED(changes);
}

static void
what_follows_the_trees_is_checked(void **state)
{
	(void)state;
	static const char words[] = "[[\"DE\", \"FR\", \"NG\"]]";
	const struct change changes[] = {
	    {"end of trees", "end of branches", "`end of branches` where a tree or the end"},
	    {"end of parameters", "", "the parameters have no end: the file is cut"},
	    {words, "[[\"DE\"", "pandas_categorical: not valid JSON: it ends too early"},
	    {words, "{}", "pandas_categorical: it is an object, not an array"},
	    {words, "[\"DE\"]", "pandas_categorical: a column's words are a string"},
	    {words, "[[\"DE\", \"FR\", null]]", "pandas_categorical: a category is null"},
	    {words, "[[\"DE\", \"FR\", \"DE\"]]", "pandas_categorical: the word `DE` stands twice"},
	    {words, "[[1, \"1\", 3]]", "pandas_categorical: the word `1` stands twice"},
	};
	REFUSED(changes);
}

static void
trees_must_begin_where_their_sizes_say(void **state)
{
	(void)state;
	static const struct {
		const char *sizes, *with;
	} cases[] = {
	    {"357 226 257", "tree 0: it has 358 bytes, but tree_sizes says `357`"},
	    {"358 x 257", "tree 1: it has 226 bytes, but tree_sizes says `x`"},
	    {"358 226", "tree_sizes has 2 trees, but the file has more"},
	    {"", "tree_sizes has 0 trees, but the file has more"},
	    {"358 226 257 5", "tree_sizes has more trees than the file (3)"},
	};
	char *text = model_files_text(LIGHTGBMS "small.txt");
	char *place = strstr(text, "358 226 257");
	assert_non_null(place);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		char *whole =
		    mem_printf("%.*s%s%s", (int)(place - text), text, cases[i].sizes, place + 11);
		assert_says(model_parse(whole, strlen(whole), "sizes", &err), &err, cases[i].with,
		    cases[i].sizes);
		free(whole);
	}
	free(text);
}

/* Behind `end of trees` only the parameters show that something is gone. */
static void
a_file_cut_before_the_end_of_its_trees_is_refused(void **state)
{
	(void)state;
	char *text = model_files_text(LIGHTGBMS "small.txt");
	size_t end = (size_t)(strstr(text, "end of trees") - text) + strlen("end of trees");
	size_t from = (size_t)(strstr(text, "parameters:") - text) + strlen("parameters:");
	size_t to = (size_t)(strstr(text, "end of parameters") - text) + strlen("end of parameter");
	for (size_t cut = 0; cut <= to; cut++) {
		struct err err = {0};
		struct model *model = model_parse(text, cut, "cut", &err);
		if (cut < end || cut >= from) {
			if (model != NULL)
				fail_msg("taken, cut at byte %zu", cut);
			assert_int_equal(err.code, ERR_DATA);
			assert_int_equal(strncmp(err.text, "cut: ", 5), 0);
		}
		model_free(model);
	}
	free(text);
}

static void
a_byte_of_zero_is_refused_wherever_it_stands(void **state)
{
	(void)state;
	char *text = model_files_text(LIGHTGBMS "small.txt");
	size_t length = strlen(text);
	for (size_t at = 5; at < length; at++) {
		struct err err = {0};
		char before = text[at];
		text[at] = '\0';
		assert_says(model_parse(text, length, "zero", &err), &err, "a NUL byte", "a NUL");
		text[at] = before;
	}
	free(text);
}

static void
assert_file_refused(const char *path, const char *with)
{
	struct err err = {0};
	model_files_need(path);
	assert_says(model_load(path, &err), &err, with, path);
}

static void
models_of_other_shapes_are_refused_by_name(void **state)
{
	(void)state;
	assert_file_refused(LIGHTGBMS "linear.txt", "tree 0: a linear tree");
	assert_file_refused(
	    LIGHTGBMS "classes.txt", "the objective multiclass has several outputs");
	assert_file_refused(SHARED
	    "trees/lightgbm/examples__binary_classification__LightGBM_model.txt",
	    "a LightGBM model of 2016 (`gbdt`)");
}

static void
a_dump_in_json_is_refused_by_name(void **state)
{
	(void)state;
	struct err err = {0};
	static const char text[] =
	    "{\"name\":\"tree\",\"version\":\"v4\",\"tree_info\":[{\"tree_index\":0}]}";
	assert_says(model_parse(text, strlen(text), "dump", &err), &err,
	    "a dump of a LightGBM model", text);
}

static void
a_tree_may_be_deep_but_not_endless(void **state)
{
	(void)state;
	struct buf left = {0}, right = {0}, zeros = {0}, text = {0};
	struct err err = {0};
	enum { SPLITS = 1025 };
	for (int i = 0; i < SPLITS; i++) {
		buf_printf(&left, "%d ", -1 - i);
		buf_printf(&right, "%d ", i + 1 < SPLITS ? i + 1 : -1 - SPLITS);
		buf_puts(&zeros, "0 ");
	}
	buf_printf(&text,
	    "tree\nversion=v4\nnum_class=1\nmax_feature_idx=0\nfeature_names=a\n"
	    "feature_infos=none\n\nTree=0\nnum_leaves=%d\nnum_cat=0\nleaf_value=%s0\n"
	    "split_feature=%s\nthreshold=%s\ndecision_type=%s\nleft_child=%s\nright_child=%s\n"
	    "\nend of trees\n",
	    SPLITS + 1, zeros.data, zeros.data, zeros.data, zeros.data, left.data, right.data);
	assert_says(model_parse(text.data, text.length, "deep", &err), &err,
	    "deeper than 1024 levels", "a chain");
	buf_free(&left);
	buf_free(&right);
	buf_free(&zeros);
	buf_free(&text);
}

static void
more_words_than_a_model_can_need_are_refused_before_they_take_memory(void **state)
{
	(void)state;
	struct buf text = {0};
	struct err err = {0};
	buf_puts(&text, "tree\nversion=v4\nnum_class=1\nmax_feature_idx=0\nfeature_names=a\n"
			"feature_infos=0:1\n\nend of trees\npandas_categorical:[[0");
	for (size_t i = 0; i < 4000000; i++)
		buf_append(&text, ",0", 2);
	buf_puts(&text, "]]\n");
	assert_says(model_parse(text.data, text.length, "words", &err), &err,
	    "line 9: pandas_categorical has more than 4000000 words", "words");
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_that_cannot_be_scored_are_refused),
	    cmocka_unit_test(trees_that_are_not_trees_are_refused),
	    cmocka_unit_test(sets_of_categories_that_are_none_are_refused),
	    cmocka_unit_test(what_follows_the_trees_is_checked),
	    cmocka_unit_test(trees_must_begin_where_their_sizes_say),
	    cmocka_unit_test(a_file_cut_before_the_end_of_its_trees_is_refused),
	    cmocka_unit_test(a_byte_of_zero_is_refused_wherever_it_stands),
	    cmocka_unit_test(models_of_other_shapes_are_refused_by_name),
	    cmocka_unit_test(a_dump_in_json_is_refused_by_name),
	    cmocka_unit_test(a_tree_may_be_deep_but_not_endless),
	    cmocka_unit_test(more_words_than_a_model_can_need_are_refused_before_they_take_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
