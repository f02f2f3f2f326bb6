/* suite.c: Great Expectations suites: what is read of their layouts, what records make of them, and
 * the definitions of ../shared/data/great_expectations with their known outcomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <glob.h>
#include <math.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/expect/suite.h"

#define DATA "../shared/data/great_expectations/"

enum { COLUMNS = 64 };

static struct suite *
parse(const char *text)
{
	struct err err = {0};
	struct suite *suite = suite_parse(text, strlen(text), "s.json", &err);
	if (suite == NULL)
		print_error("%s\n", err.text);
	assert_non_null(suite);
	return suite;
}

static struct feature_value
value_of(const char *name, const cJSON *json)
{
	struct feature_value value = {
	    .name = name, .kind = VALUE_MISSING, .number = NAN, .text = ""};
	if (cJSON_IsNumber(json) || cJSON_IsBool(json)) {
		value.kind = VALUE_NUMBER;
		value.number = cJSON_IsNumber(json) ? json->valuedouble : cJSON_IsTrue(json);
	} else if (cJSON_IsString(json)) {
		value.kind = VALUE_TEXT;
		value.text = json->valuestring;
	}
	return value;
}

/* Feeds a table, in two halves that are merged: the result must be that of the whole. */
static void
observe_table(const struct suite *suite, const cJSON *columns, struct suite_counts *counts)
{
	struct suite_counts *later = suite_counts_new(suite);
	int rows = cJSON_GetArraySize(columns->child);
	for (int row = 0; row < rows; row++) {
		struct feature_value values[COLUMNS];
		size_t n = 0;
		const cJSON *column;
		cJSON_ArrayForEach(column, columns)
		{
			if (n < COLUMNS)
				values[n++] =
				    value_of(column->string, cJSON_GetArrayItem(column, row));
		}
		suite_observe(suite, row < rows / 2 ? counts : later, values, n);
	}
	suite_merge(counts, later);
	suite_counts_free(later);
}

static struct expectation_view
judge_one(const char *expectation, const char *table)
{
	char text[2000];
	snprintf(text, sizeof(text), "{\"expectations\":[%s]}", expectation);
	struct suite *suite = parse(text);
	struct suite_counts *counts = suite_counts_new(suite);
	cJSON *columns = cJSON_Parse(table);
	struct expectation_view view;
	assert_int_equal(suite_size(suite), 1);
	observe_table(suite, columns, counts);
	suite_judge(suite, counts, &view);
	cJSON_Delete(columns);
	suite_counts_free(counts);
	suite_free(suite);
	return view;
}

static void
layouts_old_and_new_are_read(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "{\"expectation_suite_name\":\"a\",\"expectations\":[{\"expectation_type\":"
	    "\"expect_column_values_to_not_be_null\",\"kwargs\":{\"column\":\"x\"}}]}",
	    "{\"name\":\"a\",\"expectations\":[{\"type\":\"expect_column_values_to_not_be_null\","
	    "\"kwargs\":{\"column\":\"x\",\"mostly\":1.0}}]}",
	    "[{\"expectation_type\":\"expect_column_values_to_not_be_null\","
	    "\"kwargs\":{\"column\":\"x\"}}]",
	    "{\"results\":[{\"success\":true,\"expectation_config\":{\"expectation_type\":"
	    "\"expect_column_values_to_not_be_null\",\"kwargs\":{\"column\":\"x\"}}}]}",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct suite *suite = parse(texts[i]);
		struct suite_counts *counts = suite_counts_new(suite);
		struct feature_value value = {.name = "x", .kind = VALUE_MISSING, .text = ""};
		struct expectation_view view;
		suite_judge(suite, counts, &view);
		assert_int_equal(view.state, EXPECTATION_NONE);
		suite_observe(suite, counts, &value, 1);
		suite_judge(suite, counts, &view);
		assert_int_equal(view.state, EXPECTATION_FAILED);
		assert_string_equal(view.column, "x");
		assert_int_equal(view.unexpected, 1);
		suite_counts_clear(counts);
		suite_judge(suite, counts, &view);
		assert_int_equal(view.state, EXPECTATION_NONE);
		suite_counts_free(counts);
		suite_free(suite);
	}
}

static void
what_is_no_suite_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "{", "{}", "3", "{\"expectations\":3}"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = {0};
		assert_null(suite_parse(texts[i], strlen(texts[i]), "s.json", &err));
		assert_non_null(strstr(err.text, "s.json"));
	}
}

static void
what_cannot_be_checked_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *expectation, *why;
	} cases[] = {
	    {"{\"expectation_type\":\"expect_moon\",\"kwargs\":{\"column\":\"x\"}}",
		"does not know this expectation"},
	    {"{\"expectation_type\":\"expect_column_values_to_be_between\",\"kwargs\":{\"column\":"
	     "\"x\",\"min_value\":{\"$PARAMETER\":\"a\"}}}",
		"`min_value` is not a value"},
	    {"{\"expectation_type\":\"expect_column_values_to_be_between\",\"kwargs\":{\"column\":"
	     "\"x\",\"min_value\":1,\"row_condition\":\"y>3\"}}",
		"`row_condition`"},
	    {"{\"expectation_type\":\"expect_column_values_to_match_regex\",\"kwargs\":{\"column\":"
	     "\"x\",\"regex\":\"(\"}}",
		"its pattern"},
	    {"{\"expectation_type\":\"expect_column_values_to_not_be_null\",\"kwargs\":{\"column\":"
	     "\"x\",\"mostly\":7}}",
		"`mostly` is no share"},
	    {"{\"expectation_type\":\"expect_column_values_to_not_be_null\",\"kwargs\":{\"column\":"
	     "\"x\",\"mostly\":{\"$PARAMETER\":\"a\"}}}",
		"`mostly` is no share"},
	    {"{\"expectation_type\":\"expect_column_values_to_not_be_null\",\"kwargs\":{}}",
		"it names no column"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct expectation_view view = judge_one(cases[i].expectation, "{\"x\":[1,2,3,4]}");
		assert_int_equal(view.state, EXPECTATION_UNKNOWN);
		if (strstr(view.observed, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].expectation, view.observed);
	}
}

static void
distinct_values_are_bounded(void **state)
{
	(void)state;
	struct suite *suite =
	    parse("[{\"type\":\"expect_column_values_to_be_unique\",\"kwargs\":{\"column\":\"x\"}},"
		  "{\"type\":\"expect_column_unique_value_count_to_be_between\",\"kwargs\":"
		  "{\"column\":\"x\",\"max_value\":10}}]");
	struct suite_counts *counts = suite_counts_new(suite);
	struct expectation_view views[2];
	for (size_t i = 0; i < 5000; i++) {
		struct feature_value value = {
		    .name = "x", .kind = VALUE_NUMBER, .number = (double)i, .text = ""};
		suite_observe(suite, counts, &value, 1);
	}
	suite_judge(suite, counts, views);
	assert_int_equal(views[0].state, EXPECTATION_UNKNOWN); /* there may be two of one */
	assert_int_equal(views[1].state, EXPECTATION_FAILED); /* over ten whatever the rest is */
	suite_counts_free(counts);
	suite_free(suite);
}

static void
a_share_that_is_just_enough_is_met(void **state)
{
	(void)state;
	for (int good = 1; good < 100; good++) {
		char text[200];
		snprintf(text, sizeof(text),
		    "[{\"type\":\"expect_column_values_to_be_between\",\"kwargs\":"
		    "{\"column\":\"x\",\"min_value\":1,\"mostly\":%g}}]",
		    good / 100.0);
		struct suite *suite = parse(text);
		for (int more = 0; more < 2; more++) {
			struct suite_counts *counts = suite_counts_new(suite);
			struct expectation_view view;
			for (int i = 0; i < 100; i++) {
				struct feature_value value = {.name = "x",
				    .kind = VALUE_NUMBER,
				    .number = i < good - more,
				    .text = ""};
				suite_observe(suite, counts, &value, 1);
			}
			suite_judge(suite, counts, &view);
			assert_int_equal(
			    view.state, more == 0 ? EXPECTATION_MET : EXPECTATION_FAILED);
			suite_counts_free(counts);
		}
		suite_free(suite);
	}
}

static void
a_long_search_of_a_pattern_is_given_up(void **state)
{
	(void)state;
	static const char *const types[] = {"match_regex", "not_match_regex"};
	for (int i = 0; i < 2; i++) {
		char text[160];
		snprintf(text, sizeof(text),
		    "{\"type\":\"expect_column_values_to_%s\",\"kwargs\":{\"column\":\"x\","
		    "\"regex\":\"^(a+)+$\"}}",
		    types[i]);
		struct expectation_view view = judge_one(
		    text, "{\"x\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"]}");
		assert_int_equal(view.state, EXPECTATION_FAILED);
	}
}

/* --- the definitions of data/great_expectations --- */

static bool
names_pandas(const cJSON *list)
{
	for (const cJSON *item = list != NULL ? list->child : NULL; item != NULL;
	     item = item->next) {
		if (cJSON_IsString(item) && strcmp(item->valuestring, "pandas") == 0)
			return true;
	}
	return false;
}

/* A case that is for other back-ends than pandas alone shows their rounding and errors. */
static bool
is_for_others(const cJSON *test)
{
	const cJSON *only = cJSON_GetObjectItemCaseSensitive(test, "only_for");
	return (only != NULL && !names_pandas(only)) ||
	       names_pandas(cJSON_GetObjectItemCaseSensitive(test, "suppress_test_for"));
}

/* Where this program means something else, with why. */
static const struct {
	const char *type, *arguments, *why;
} differences[] = {
    {"_of_type", "", "a log has no column types: 1 and 1.0 are one number, a flag is 0 or 1"},
    {"_in_type_list", "", "likewise"},
    {"", "$PARAMETER", "an evaluation parameter is not known here"},
    {"", "row_condition", "rows are not filtered"},
    {"", "T12:00:01", "times are words here, compared as such"},
    {"", " 12:00:0", "likewise"},
    {"", "-0", "likewise"},
    {"dateutil", "", "no parser of free dates"},
    {"json_schema", "", "no validator of JSON schemas"},
    {"", "bins", "no binning of a pair's numbers"},
    {"_to_be_between", "\"y\",\"max_value\":10,\"min_value\":1,\"mostly\"",
	"a word among numbers is an unexpected value, not an error"},
    {"", "empty_column", "without a record nothing is known"},
};

static const char *
difference(const char *type, const char *arguments)
{
	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]); i++) {
		if (strstr(type, differences[i].type) != NULL &&
		    strstr(arguments, differences[i].arguments) != NULL)
			return differences[i].why;
	}
	return NULL;
}

struct tally_of_cases {
	size_t agreed, differed, wrong;
};

static const cJSON *
either(const cJSON *object, const char *one, const char *other)
{
	const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, one);
	return found != NULL ? found : cJSON_GetObjectItemCaseSensitive(object, other);
}

static void
run_case(const char *type, const cJSON *columns, const cJSON *test, struct tally_of_cases *tally)
{
	const cJSON *in = either(test, "in", "input"), *out = either(test, "out", "output");
	const cJSON *success = cJSON_GetObjectItemCaseSensitive(out, "success");
	char *kwargs = cJSON_PrintUnformatted(in);
	char *text = mem_printf("[{\"type\":\"%s\",\"kwargs\":%s}]", type, kwargs);
	struct suite *suite = parse(text);
	struct suite_counts *counts = suite_counts_new(suite);
	struct expectation_view view;
	observe_table(suite, columns, counts);
	suite_judge(suite, counts, &view);
	/* Where the original raises an error, all but "met" is right. */
	bool met = view.state == EXPECTATION_MET;
	bool right = success == NULL ? !met : met == cJSON_IsTrue(success);
	if (right && view.state != EXPECTATION_UNKNOWN) {
		tally->agreed++;
	} else if (difference(type, kwargs) != NULL) {
		tally->differed++;
	} else if (success != NULL || met) {
		print_error("%s %s: state %d (%s), wanted %s\n", type, kwargs, view.state,
		    view.observed,
		    success == NULL	    ? "an error"
		    : cJSON_IsTrue(success) ? "met"
					    : "failed");
		tally->wrong++;
	}
	suite_counts_free(counts);
	suite_free(suite);
	free(text);
	cJSON_free(kwargs);
}

static void
run_file(const char *path, struct tally_of_cases *tally)
{
	struct buf text = {0};
	struct err err = {0};
	assert_true(buf_read_file(&text, path, 1 << 24, &err));
	cJSON *json = cJSON_ParseWithLength(text.data, text.length);
	assert_non_null(json);
	const char *type =
	    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "expectation_type"));
	const cJSON *set, *test;
	cJSON_ArrayForEach(set, cJSON_GetObjectItemCaseSensitive(json, "datasets"))
	{
		const cJSON *data = cJSON_GetObjectItemCaseSensitive(set, "data");
		if (data->child == NULL || !cJSON_IsArray(data->child))
			continue;
		cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(set, "tests"))
		{
			if (!is_for_others(test))
				run_case(type, data, test, tally);
		}
	}
	cJSON_Delete(json);
	buf_free(&text);
}

static void
the_known_definitions_come_out_as_known(void **state)
{
	(void)state;
	glob_t files;
	struct tally_of_cases tally = {0};
	if (glob(DATA "column_*/*.json", 0, NULL, &files) != 0) {
		print_message("skipped: %s is not there\n", DATA);
		skip();
	}
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_file(files.gl_pathv[i], &tally);
	globfree(&files);
	print_message("%zu cases agree, %zu differ as listed, %zu are wrong\n", tally.agreed,
	    tally.differed, tally.wrong);
	assert_int_equal(tally.wrong, 0);
	assert_true(tally.agreed > 250);
}

static void
the_real_suites_are_read_whole(void **state)
{
	(void)state;
	glob_t files;
	size_t read = 0, expectations = 0, unknown = 0;
	if (glob(DATA "*.json", 0, NULL, &files) != 0) {
		print_message("skipped: %s is not there\n", DATA);
		skip();
	}
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct err err = {0};
		struct suite *suite = suite_read(files.gl_pathv[i], &err);
		if (suite == NULL) { /* a rendered page */
			assert_non_null(strstr(err.text, "no suite"));
			continue;
		}
		size_t n = suite_size(suite);
		struct suite_counts *counts = suite_counts_new(suite);
		struct expectation_view *views = mem_alloc((n + 1) * sizeof(*views));
		struct feature_value nothing = {.name = "Age", .kind = VALUE_MISSING, .text = ""};
		suite_observe(suite, counts, &nothing, 1);
		suite_judge(suite, counts, views);
		for (size_t k = 0; k < n; k++) {
			assert_true(views[k].type[0] != '\0');
			unknown += views[k].state == EXPECTATION_UNKNOWN;
			if (views[k].state == EXPECTATION_UNKNOWN)
				assert_true(views[k].observed[0] != '\0');
		}
		read++;
		expectations += n;
		free(views);
		suite_counts_free(counts);
		suite_free(suite);
	}
	globfree(&files);
	print_message("%zu suites, %zu expectations, %zu of them unknown by name\n", read,
	    expectations, unknown);
	assert_true(read >= 11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(layouts_old_and_new_are_read),
	    cmocka_unit_test(what_is_no_suite_is_refused),
	    cmocka_unit_test(what_cannot_be_checked_is_named),
	    cmocka_unit_test(distinct_values_are_bounded),
	    cmocka_unit_test(a_share_that_is_just_enough_is_met),
	    cmocka_unit_test(a_long_search_of_a_pattern_is_given_up),
	    cmocka_unit_test(the_known_definitions_come_out_as_known),
	    cmocka_unit_test(the_real_suites_are_read_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
