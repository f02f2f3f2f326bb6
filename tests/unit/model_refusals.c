/* model_refusals.c: broken and foreign model files are refused with the reason and the place. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/kit/model_files.h"

static void
assert_refused(const char *path, const char *with)
{
	struct err err = {0};
	model_files_need(path);
	struct model *model = model_load(path, &err);
	if (model != NULL)
		fail_msg("%s was taken", path);
	if (strstr(err.text, with) == NULL)
		fail_msg("%s: `%s` does not say `%s`", path, err.text, with);
	assert_int_equal(err.code, ERR_DATA);
	if (strncmp(err.text, path, strlen(path)) != 0)
		fail_msg("`%s` does not begin with the file", err.text);
}

static void
a_model_of_several_classes_is_refused_by_name(void **state)
{
	(void)state;
	assert_refused(SHARED "trees/xgboost/xgboost-1.0.0rc1.cls.json",
	    "the objective multi:softmax has several outputs a row");
}

/* --- refusals --- */
/* The text that EXPECTED has for a file; false if it has none. */
static bool
expected_message(const char *list, const char *name, char *text, size_t size)
{
	size_t length = strlen(name);
	for (const char *line = list; *line != '\0';) {
		size_t width = strcspn(line, "\n");
		if (width > length && memcmp(line, name, length) == 0 && line[length] == '\t') {
			snprintf(text, size, "%.*s", (int)(width - length - 1), line + length + 1);
			return true;
		}
		line += width + (line[width] == '\n');
	}
	return false;
}

static void
broken_files_are_refused_with_reason_and_place(void **state)
{
	(void)state;
	char *list = model_files_text(MODELS "broken/EXPECTED");
	size_t lines = 0, files = 0;
	for (const char *at = list; *at != '\0'; at++)
		lines += *at == '\n';
	DIR *folder = opendir(MODELS "broken");
	assert_non_null(folder);
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "EXPECTED") == 0)
			continue;
		char message[256], path[512];
		if (!expected_message(list, entry->d_name, message, sizeof(message)))
			fail_msg("EXPECTED has no line for %s", entry->d_name);
		snprintf(path, sizeof(path), MODELS "broken/%s", entry->d_name);
		assert_refused(path, message);
		files++;
	}
	closedir(folder);
	assert_int_equal(files, lines);
	assert_true(files >= 100);
	free(list);
}

static void
a_file_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	char *text = model_files_text(MODELS "sound.json");
	size_t length = strlen(text) - 1; /* without the last newline */
	for (size_t cut = 0; cut < length; cut++) {
		struct err err = {0};
		assert_null(model_parse(text, cut, "cut.json", &err));
		assert_int_equal(err.code, ERR_DATA);
		assert_int_equal(strncmp(err.text, "cut.json: ", 10), 0);
	}
	free(text);
}

static void
a_file_that_is_not_there_is_named(void **state)
{
	(void)state;
	struct err err = {0};
	assert_null(model_load("/nonexistent/m.json", &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_non_null(strstr(err.text, "/nonexistent/m.json"));
}

/* A chain: every split's right child is the next split. */
static struct model *
chain(size_t splits, struct err *err)
{
	size_t nodes = 2 * splits + 1;
	struct buf left = {0}, right = {0}, zeros = {0}, text = {0};
	for (size_t i = 0; i < nodes; i++) {
		bool split = i % 2 == 0 && i + 1 < nodes;
		const char *comma = i > 0 ? "," : "";
		buf_printf(&left, "%s%ld", comma, split ? (long)i + 1 : -1L);
		buf_printf(&right, "%s%ld", comma, split ? (long)i + 2 : -1L);
		buf_printf(&zeros, "%s0", comma);
	}
	buf_printf(&text,
	    "{\"learner\":{\"learner_model_param\":{\"base_score\":0.5,\"num_feature\":1},"
	    "\"objective\":{\"name\":\"binary:logistic\"},\"gradient_booster\":{\"name\":"
	    "\"gbtree\","
	    "\"model\":{\"trees\":[{\"left_children\":[%s],\"right_children\":[%s],"
	    "\"split_indices\":[%s],\"split_conditions\":[%s],\"default_left\":[%s]}]}}}}",
	    left.data, right.data, zeros.data, zeros.data, zeros.data);
	struct model *model = model_parse(text.data, text.length, "chain.json", err);
	buf_free(&left);
	buf_free(&right);
	buf_free(&zeros);
	buf_free(&text);
	return model;
}

static void
a_tree_may_be_deep_but_not_endless(void **state)
{
	(void)state;
	struct err err = {0};
	struct model *model = chain(1024, &err);
	assert_non_null(model);
	assert_true(model_score(model, (const double[]){1}, NULL) == 0);
	model_free(model);
	assert_null(chain(1025, &err));
	assert_non_null(strstr(err.text, "tree 0, node 2049: deeper than 1024 levels"));
}

static void
a_file_of_too_many_values_is_refused_before_it_takes_memory(void **state)
{
	(void)state;
	struct err err = {0};
	struct buf text = {0};
	buf_puts(&text, "{\"learner\":[0");
	for (size_t i = 0; i < 4000001; i++)
		buf_append(&text, ",0", 2);
	buf_puts(&text, "]}");
	assert_null(model_parse(text.data, text.length, "long.json", &err));
	assert_non_null(strstr(err.text, "more than 4000000 values outside its trees"));
	buf_clear(&text);
	buf_puts(&text, "{\"trees\":[{}");
	for (size_t i = 0; i < 100000; i++)
		buf_append(&text, ",{}", 3);
	buf_puts(&text, "]}");
	assert_null(model_parse(text.data, text.length, "many.json", &err));
	assert_non_null(strstr(err.text, "more than 100000 trees"));
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_model_of_several_classes_is_refused_by_name),
	    cmocka_unit_test(broken_files_are_refused_with_reason_and_place),
	    cmocka_unit_test(a_file_cut_at_any_byte_is_refused),
	    cmocka_unit_test(a_file_that_is_not_there_is_named),
	    cmocka_unit_test(a_tree_may_be_deep_but_not_endless),
	    cmocka_unit_test(a_file_of_too_many_values_is_refused_before_it_takes_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
