/* model_hostile.c: XGBoost files that lie, in UBJSON and about their categories, are refused with
 * the place, and none does harm. */
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

static const char head[] = "{L\0\0\0\0\0\0\0\7learner{L\0\0\0\0\0\0\0\1x";

static void
read_bytes(struct buf *bytes, const char *path)
{
	struct err err = {0};
	assert_true(buf_read_file(bytes, path, 1 << 20, &err));
}

static void
assert_bytes_refused(const struct buf *bytes, const char *with)
{
	struct err err = {0};
	struct model *model = model_parse(bytes->data, bytes->length, "m.ubj", &err);
	if (model != NULL)
		fail_msg("taken, not refused with `%s`", with);
	if (strncmp(err.text, "m.ubj: ", 7) != 0 || strstr(err.text, with) == NULL)
		fail_msg("`%s` does not say `%s`", err.text, with);
	assert_int_equal(err.code, ERR_DATA);
}

/* Where `bytes` has `text`. */
static size_t
find(const struct buf *bytes, const char *text, size_t length)
{
	for (size_t at = 0; at + length <= bytes->length; at++) {
		if (memcmp(bytes->data + at, text, length) == 0)
			return at;
	}
	fail_msg("there is no `%s`", text);
	return 0;
}

/* --- UBJSON --- */
static void
ubjson_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	struct buf whole = {0};
	read_bytes(&whole, MODELS "words.ubj");
	for (size_t cut = 2; cut < whole.length; cut++) {
		struct buf part = {0};
		buf_append(&part, whole.data, cut);
		assert_bytes_refused(&part, "byte ");
		buf_free(&part);
	}
	buf_free(&whole);
}

/* What is taken all the same must be scorable. */
static void
ubjson_with_any_byte_changed_does_no_harm(void **state)
{
	(void)state;
	static const char changes[] = {'\0', '\1', '\x7f', '\x80', '\xff', '[', '{', 'L'};
	struct buf bytes = {0};
	size_t taken = 0, refused = 0;
	read_bytes(&bytes, MODELS "words.ubj");
	for (size_t at = 0; at < bytes.length; at++) {
		char before = bytes.data[at];
		bytes.data[at] = changes[at % sizeof(changes)];
		struct err err = {0};
		struct model *model = model_parse(bytes.data, bytes.length, "m.ubj", &err);
		if (model != NULL) {
			const double rows[][4] = {{0, 1, 1, 1}, {NAN, -1, 1e300, -0.5}};
			double score;
			assert_true(model_features(model) <= 4);
			for (size_t i = 0; i < 2; i++)
				model_score(model, rows[i], &score);
			taken++;
		} else {
			assert_int_equal(err.code, ERR_DATA);
			refused++;
		}
		model_free(model);
		bytes.data[at] = before;
	}
	print_message("%zu taken, %zu refused\n", taken, refused);
	assert_true(taken > 0 && refused > 0);
	buf_free(&bytes);
}

/* words.ubj with `length` bytes written `offset` behind the beginning of `where`. */
static void
assert_patched_refused(
    const char *where, size_t offset, const char *patch, size_t length, const char *with)
{
	struct buf bytes = {0};
	read_bytes(&bytes, MODELS "words.ubj");
	size_t at = find(&bytes, where, strlen(where)) + offset;
	assert_true(at + length <= bytes.length);
	memcpy(bytes.data + at, patch, length);
	assert_bytes_refused(&bytes, with);
	buf_free(&bytes);
}

static void
counts_that_lie_are_refused_before_they_take_memory(void **state)
{
	(void)state;
	const char *left = "left_children[$l#L";
	assert_patched_refused(left, 18, "\0\0\0\0\x20\0\0\0", 8,
	    "an array of 536870912 elements, but the file has only ");
	assert_patched_refused(left, 18, "\0\0\0\0\x20\0\0\0", 8, "m.ubj: tree 0: byte ");
	assert_patched_refused(left, 18, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8,
	    "an array of 9223372036854775807 elements");
	assert_patched_refused(left, 18, "\x80\0\0\0\0\0\0\0", 8, "a length below 0");
	assert_patched_refused(left, 17, "d", 1, "a length should stand here");
	assert_patched_refused(left, 16, "]", 1, "a typed array's count should stand here");
	assert_patched_refused(left, 15, "S", 1, "an array of type 0x53, which is none of numbers");
	assert_patched_refused(left, 15, "T", 1, "an array of type 0x54, which is none of numbers");
	assert_patched_refused("trees[#L", 8, "\0\0\0\0\x7f\xff\xff\xff", 8,
	    "an array of 2147483647 elements, but the file has only ");
	assert_patched_refused("trees[#L", 8, "\0\0\0\0\0\0\0\5", 8, "tree 4: byte ");
	assert_patched_refused("booster{L", 9, "\0\0\0\0\x10\0\0\0", 8,
	    "a string of 268435456 bytes, but the file has only ");
}

static void
values_of_the_wrong_kind_are_refused(void **state)
{
	(void)state;
	assert_patched_refused("trees[#L", 16, "Z", 1, "tree 0: byte ");
	assert_patched_refused("trees[#L", 16, "Z", 1, "it is null, not an object");
	assert_patched_refused("trees[#L", 0, "TREES", 5, "model.trees, an array, is missing");
	assert_patched_refused("left_children[$l#L", 13, "N", 1, "0x4e begins no value");
	assert_patched_refused(
	    "right_children", 0, "left_children", 13, "it has no right_children");
	assert_patched_refused(
	    "split_indices[", 0, "left_children", 13, "it has left_children twice");
	assert_patched_refused("base_score", 3, "\0", 1, "a string with a NUL inside");
	assert_patched_refused(
	    "default_left[$U#L", 17, "\0\0\0\0\0\0\0\1", 8, "a length should stand here");
}

/* `{"learner":{"x":` and what is appended. */
static void
begin_document(struct buf *bytes)
{
	buf_append(bytes, head, sizeof(head) - 1);
}

static void
nesting_has_an_end(void **state)
{
	(void)state;
	struct buf bytes = {0};
	begin_document(&bytes);
	for (size_t i = 0; i < 100000; i++)
		buf_append(&bytes, "[", 1);
	assert_bytes_refused(&bytes, "byte 91: nested deeper than 64 levels");
	buf_clear(&bytes);
	begin_document(&bytes);
	bytes.data[bytes.length - 2] = '\5';
	bytes.length--;
	buf_puts(&bytes, "trees[{");
	for (size_t i = 0; i < 100000; i++)
		buf_append(&bytes, "U\1x{", 4);
	assert_bytes_refused(&bytes, "tree 0: byte ");
	assert_bytes_refused(&bytes, "nested deeper than 64 levels");
	buf_free(&bytes);
}

static void
too_many_values_are_refused(void **state)
{
	(void)state;
	char *zeros = mem_alloc(5000000);
	struct buf bytes = {0};
	begin_document(&bytes);
	buf_append(&bytes, "[$i#l\0\x4c\x4b\x40", 9);
	buf_append(&bytes, zeros, 5000000);
	buf_append(&bytes, "}}", 2);
	assert_bytes_refused(&bytes, "more than 4000000 values outside the trees");
	buf_clear(&bytes);
	read_bytes(&bytes, MODELS "words.ubj");
	struct buf out = {0};
	size_t at = find(&bytes, "left_children[", 14) + 13;
	buf_append(&out, bytes.data, at);
	buf_append(&out, "[$i#l\0\x4c\x4b\x40", 9);
	buf_append(&out, zeros, 5000000);
	size_t next = find(&bytes, "loss_changes", 12) - 9;
	buf_append(&out, bytes.data + next, bytes.length - next);
	assert_bytes_refused(&out, "tree 0: left_children: byte ");
	assert_bytes_refused(&out, "an array of more than the 39999");
	buf_free(&out);
	buf_free(&bytes);
	free(zeros);
}

static void
two_arrays_of_trees_and_bytes_behind_the_end_are_refused(void **state)
{
	(void)state;
	struct buf bytes = {0};
	buf_puts(&bytes, "{U\5trees[]U\5trees[]}");
	assert_bytes_refused(&bytes, "byte 17: a second array called \"trees\"");
	buf_clear(&bytes);
	read_bytes(&bytes, MODELS "words.ubj");
	buf_append(&bytes, "}}}", 3);
	assert_bytes_refused(&bytes, "3 bytes behind the end");
	buf_free(&bytes);
}

/* --- categories --- */
static void
assert_set_refused(const char *old, const char *new, const char *with)
{
	struct err err = {0};
	struct model *model = model_files_changed_in(MODELS "sets.json", old, new, &err);
	if (model != NULL)
		fail_msg("%s was taken", new);
	if (strstr(err.text, with) == NULL)
		fail_msg("`%s` does not say `%s`", err.text, with);
	assert_int_equal(err.code, ERR_DATA);
}

static void
categories_that_lie_are_refused_with_the_place(void **state)
{
	(void)state;
	const char *nodes = "\"categories_nodes\":[0,3,5]";
	const char *segments = "\"categories_segments\":[0,27,28]";
	const char *sizes = "\"categories_sizes\":[27,1,1]", *first = "\"categories\":[1,3,";
	assert_set_refused(nodes, "\"categories_nodes\":[0,3,15]",
	    "tree 1, element 2: categories_nodes is 15, not a whole number from 0 to 14");
	assert_set_refused(nodes, "\"categories_nodes\":[0,3,3]",
	    "tree 1, node 3: it stands twice in categories_nodes");
	assert_set_refused(nodes, "\"categories_nodes\":[0,3,4]",
	    "tree 1, node 5: its set of categories is missing");
	assert_set_refused(segments, "\"categories_segments\":[0,27]",
	    "tree 1: categories_segments has 2 elements, categories_nodes has 3");
	assert_set_refused(segments, "\"categories_segments\":[0,27,29]",
	    "tree 1, node 5: its categories 29 to 30 end outside the list of 29");
	assert_set_refused(segments, "\"categories_segments\":[0,27,-1]",
	    "tree 1, element 2: categories_segments is -1, not a whole number from 0 to 29");
	assert_set_refused(sizes, "\"categories_sizes\":[26,1,0]",
	    "tree 1, node 5: its set of categories is empty");
	assert_set_refused(sizes, "\"categories_sizes\":[27,1,2]",
	    "tree 1: categories_sizes add up to 30, but there are 29 categories");
	assert_set_refused(sizes, "\"categories_sizes\":[1e300,1,1]",
	    "tree 1, element 0: categories_sizes is 1e+300, not a whole number");
	assert_set_refused(first, "\"categories\":[-1,3,",
	    "tree 0, element 0: categories is -1, not a whole number from 0 to 16777215");
	assert_set_refused(first, "\"categories\":[1,16777216,",
	    "tree 0, element 1: categories is 1.67772e+07, not a whole number");
	assert_set_refused(first, "\"categories\":[1,2.5,", "categories is 2.5, not a whole");
	assert_set_refused("\"split_type\":[1", "\"split_type\":[2",
	    "tree 0, node 0: split_type is 2, not a whole number from 0 to 1");
}

/* 2 MB of bits for a few bytes of file. */
static void
sets_have_a_bound_together(void **state)
{
	(void)state;
	struct buf left = {0}, right = {0}, flags = {0}, nodes = {0}, most = {0}, places = {0};
	struct buf sizes = {0}, text = {0};
	struct err err = {0};
	for (size_t i = 0; i < 201; i++) {
		const char *comma = i > 0 ? "," : "";
		bool split = i % 2 == 0 && i < 200;
		buf_printf(&left, "%s%ld", comma, split ? (long)i + 1 : -1L);
		buf_printf(&right, "%s%ld", comma, split ? (long)i + 2 : -1L);
		buf_printf(&flags, "%s%d", comma, split);
		if (!split)
			continue;
		buf_printf(&nodes, "%s%zu", comma, i);
		buf_printf(&most, "%s16777215", comma);
		buf_printf(&places, "%s%zu", comma, i / 2);
		buf_printf(&sizes, "%s1", comma);
	}
	buf_printf(&text,
	    "{\"learner\":{\"learner_model_param\":{\"base_score\":0.5,\"num_feature\":2},"
	    "\"objective\":{\"name\":\"binary:logistic\"},\"gradient_booster\":{\"name\":"
	    "\"gbtree\",\"model\":{\"trees\":[{\"left_children\":[%s],\"right_children\":[%s],"
	    "\"split_indices\":[%s],\"split_conditions\":[%s],\"default_left\":[%s],"
	    "\"split_type\":[%s],\"categories_nodes\":[%s],\"categories\":[%s],"
	    "\"categories_segments\":[%s],\"categories_sizes\":[%s]}]}}}}",
	    left.data, right.data, flags.data, flags.data, flags.data, flags.data, nodes.data,
	    most.data, places.data, sizes.data);
	struct model *model = model_parse(text.data, text.length, "sets.json", &err);
	assert_null(model);
	if (strstr(err.text, "tree 0, node 128: with its categories, the model's take more than "
			     "128 MB") == NULL)
		fail_msg("%s", err.text);
	struct buf *bufs[] = {&left, &right, &flags, &nodes, &most, &places, &sizes, &text};
	for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++)
		buf_free(bufs[i]);
}

static void
words_that_lie_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *old, *new, *with;
	} cases[] = {
	    {"[0,3,7,10,13]", "[0,3,7,10,14]",
		"the categories of `mcc`: word 3 goes from 10 to 14, outside its 13 bytes"},
	    {"[0,3,7,10,13]", "[0,7,3,10,13]", "word 1 goes from 7 to 3"},
	    {"[0,3,7,10,13]", "[-1,3,7,10,13]", "word 0 goes from -1 to 3"},
	    {"[0,3,7,10,13]", "[0,0,0,10,13]", "the word `` stands twice"},
	    {"[0,3,7,10,13]", "7", "offsets is a number, not an array of numbers"},
	    {"[103,97,115,", "[103,256,115,", "values[1] is 256, not a byte"},
	    {"[103,97,115,", "[103,\"a\",115,", "values[1] is a string, not a finite number"},
	    {"\"values\":[10,20,30]", "\"values\":[10,20,20]", "the word `20` stands twice"},
	    {"\"values\":[10,20,30]", "\"values\":[10,20,0.5]",
		"the categories of `k`: values[2] is 0.5, not a whole number"},
	    {"{\"type\":15,\"values\":[10,20,30]}", "7",
		"the categories of `k`: it is a number, not an object"},
	    {"\"enc\":[{\"offsets\":[],\"values\":[]},", "\"enc\":[",
		"cats.enc has 3 elements, but there are 4 inputs"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		struct model *model =
		    model_files_changed_in(MODELS "words.json", cases[i].old, cases[i].new, &err);
		if (model != NULL)
			fail_msg("%s was taken", cases[i].new);
		if (strstr(err.text, cases[i].with) == NULL)
			fail_msg("`%s` does not say `%s`", err.text, cases[i].with);
	}
}

/* --- the old binary form --- */
static void
the_old_form_is_refused_with_the_command_that_converts_it(void **state)
{
	(void)state;
	const char *path = SHARED "trees/mushroom/mushroom.model";
	struct err err = {0};
	model_files_need(path);
	assert_null(model_load(path, &err));
	assert_non_null(strstr(err.text,
	    "old binary format; XGBoost up to 3.0 (not 3.1) converts it: python3 -c \"import "
	    "xgboost; xgboost.Booster(model_file='OLD').save_model('NEW.json')\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ubjson_cut_at_any_byte_is_refused),
	    cmocka_unit_test(ubjson_with_any_byte_changed_does_no_harm),
	    cmocka_unit_test(counts_that_lie_are_refused_before_they_take_memory),
	    cmocka_unit_test(values_of_the_wrong_kind_are_refused),
	    cmocka_unit_test(nesting_has_an_end),
	    cmocka_unit_test(too_many_values_are_refused),
	    cmocka_unit_test(two_arrays_of_trees_and_bytes_behind_the_end_are_refused),
	    cmocka_unit_test(categories_that_lie_are_refused_with_the_place),
	    cmocka_unit_test(sets_have_a_bound_together),
	    cmocka_unit_test(words_that_lie_are_refused),
	    cmocka_unit_test(the_old_form_is_refused_with_the_command_that_converts_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
