/* record_paths.c: records out of objects of any layout, by paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "core/ingest/record_reader.h"

static struct record_reader *reader;
static struct prediction prediction;
static struct err err;

static void
use(const struct record_paths *paths)
{
	record_reader_free(reader);
	reader = record_reader_new_paths(paths, &err);
	if (reader == NULL)
		fail_msg("%s", err.text);
}

/* Twice, so that what was learned of the line the first time must say the same. */
static bool
reads(const char *line)
{
	static char padded[65536];
	size_t length = strlen(line);
	memset(padded, 0x7F, sizeof(padded));
	memcpy(padded, line, length);
	bool first = record_read_prediction(reader, padded, length, &prediction, &err);
	bool again = record_read_prediction(reader, padded, length, &prediction, &err);
	assert_int_equal(first, again);
	return again;
}

static void
assert_reads(const char *line)
{
	if (!reads(line))
		fail_msg("%s: %s", line, err.text);
}

static void
assert_feature(size_t i, const char *name, double number, const char *text)
{
	assert_true(i < prediction.features_count);
	const struct feature_value *feature = &prediction.features[i];
	assert_string_equal(feature->name, name);
	if (text != NULL)
		assert_string_equal(feature->text, text);
	else
		assert_true(feature->kind == (isnan(number) ? VALUE_MISSING : VALUE_NUMBER));
	if (text == NULL && !isnan(number))
		assert_true(feature->number == number);
}

static int
tear_down(void **state)
{
	(void)state;
	record_reader_free(reader);
	reader = NULL;
	return 0;
}

static void
fields_are_found_by_member_name_and_index(void **state)
{
	(void)state;
	use(&(struct record_paths){.fields = {[RECORD_TS] = "$.meta[\"at.utc\"]",
				       [RECORD_SCORE] = "$.out[1][0].p",
				       [RECORD_VERSION] = "$['v']",
				       [RECORD_FEATURES] = "$.in.x"}});
	assert_reads(
	    "{\"out\":[0,[{\"q\":3,\"p\":0.25},9],7],\"meta\":{\"at.utc\":1769609164,"
	    "\"at\":{\"utc\":1}},\"v\":\"3\",\"in\":{\"x\":{\"a\":1,\"b\":\"t\"},\"y\":2}}");
	assert_true(prediction.ts == INT64_C(1769609164000000));
	assert_true(prediction.score == 0.25);
	assert_string_equal(prediction.version, "3");
	assert_int_equal(prediction.features_count, 2);
	assert_feature(0, "a", 1, NULL);
	assert_feature(1, "b", NAN, "t");
	assert_reads("{\"meta\":{\"at.utc\":1769609164123},\"out\":[null,[{\"p\":1}]],"
		     "\"in\":{\"x\":[4,null,\"u\"]}}");
	assert_true(prediction.ts == INT64_C(1769609164123000));
	assert_int_equal(prediction.features_count, 3);
	assert_feature(0, "0", 4, NULL);
	assert_feature(1, "1", NAN, NULL);
	assert_feature(2, "2", NAN, "u");
	assert_false(reads("{\"meta\":{\"at.utc\":1},\"out\":[1,[]]}"));
	assert_false(reads("{\"meta\":{\"at.utc\":1e-30},\"out\":[0,[{\"q\":3,\"p\":0.25}]]}"));
	assert_non_null(strstr(err.text, "no ts"));
}

static void
the_first_alternative_that_is_there_and_not_null_counts(void **state)
{
	(void)state;
	use(&(struct record_paths){.fields = {[RECORD_TS] = "$.t",
				       [RECORD_SCORE] = "$.a.p | $.b|$.c",
				       [RECORD_FEATURES] = "$.x | $.y"}});
	assert_reads("{\"t\":1,\"c\":0.1,\"b\":0.2,\"a\":{\"p\":0.3}}");
	assert_true(prediction.score == 0.3);
	assert_reads("{\"t\":1,\"c\":0.1,\"b\":0.2,\"a\":{\"p\":null}}");
	assert_true(prediction.score == 0.2);
	assert_reads("{\"a\":{\"p\":0.5},\"t\":1,\"c\":0.1,\"b\":null,\"a\":{}}");
	assert_true(prediction.score == 0.1);
	assert_reads("{\"t\":1,\"c\":1,\"y\":{\"k\":1},\"x\":{\"l\":2}}");
	assert_int_equal(prediction.features_count, 1);
	assert_feature(0, "l", 2, NULL);
	assert_reads("{\"t\":1,\"c\":1,\"x\":{\"l\":2},\"y\":{\"k\":1}}");
	assert_int_equal(prediction.features_count, 1);
	assert_feature(0, "l", 2, NULL);
	assert_reads("{\"t\":1,\"c\":1,\"x\":{\"l\":2},\"y\":{\"k\":1},\"x\":null}");
	assert_int_equal(prediction.features_count, 1);
	assert_feature(0, "k", 1, NULL);
	assert_reads("{\"t\":1,\"c\":1,\"x\":{\"l\":2},\"x\":{\"m\":3}}");
	assert_int_equal(prediction.features_count, 1);
	assert_feature(0, "m", 3, NULL);
	assert_false(reads("{\"t\":1,\"c\":1,\"x\":{\"l\":{}},\"y\":{\"k\":1}}"));
}

static void
features_may_have_paths_of_their_own_or_stand_flat(void **state)
{
	(void)state;
	const char *named[] = {"amount", "$.req.amt | $.req.value", "late", "$.late", NULL};
	use(&(struct record_paths){
	    .fields = {[RECORD_TS] = "$.t", [RECORD_SCORE] = "$.p"}, .named = named, .flat = true});
	assert_reads("{\"t\":1,\"colour\":\"red\",\"p\":1,\"n\":3,\"req\":{\"value\":7,\"z\":1},"
		     "\"o\":{},\"l\":[1],\"f\":true}");
	assert_int_equal(prediction.features_count, 5);
	assert_feature(0, "colour", NAN, "red");
	assert_feature(1, "n", 3, NULL);
	assert_feature(2, "f", 1, NULL);
	assert_feature(3, "amount", 7, NULL);
	assert_feature(4, "late", NAN, NULL);
	assert_reads("{\"t\":1,\"p\":1,\"late\":\"yes\",\"amount\":5,\"req\":{\"amt\":2}}");
	assert_int_equal(prediction.features_count, 2);
	assert_feature(0, "amount", 2, NULL);
	assert_feature(1, "late", NAN, "yes");
	assert_false(reads("{\"t\":1,\"p\":1,\"late\":{}}"));
}

static void
what_another_path_leads_to_is_no_feature_of_its_object(void **state)
{
	(void)state;
	use(&(struct record_paths){
	    .fields = {
		[RECORD_TS] = "$.in.t", [RECORD_SCORE] = "$.p", [RECORD_FEATURES] = "$.in"}});
	assert_reads("{\"in\":{\"a\":1,\"t\":5,\"b\":2},\"p\":0}");
	assert_int_equal(prediction.features_count, 2);
	assert_feature(1, "b", 2, NULL);
}

static void
one_place_may_be_two_fields(void **state)
{
	(void)state;
	use(&(struct record_paths){.fields = {[RECORD_TS] = "$.t",
				       [RECORD_SCORE] = "$.p",
				       [RECORD_VERSION] = "$.v",
				       [RECORD_MODEL] = "$.v"}});
	assert_reads("{\"t\":1,\"p\":0,\"v\":\"x\"}");
	assert_string_equal(prediction.version, "x");
	assert_string_equal(prediction.model, "x");
}

static void
scoreless_records_are_records_when_asked_for(void **state)
{
	(void)state;
	use(&(struct record_paths){.fields = {[RECORD_TS] = "$.t"}});
	assert_false(reads("{\"t\":1}"));
	use(&(struct record_paths){.fields = {[RECORD_TS] = "$.t"}, .scoreless = true});
	assert_reads("{\"t\":1}");
	assert_true(isnan(prediction.score));
}

static void
paths_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	static const char *const bad[][2] = {
	    {"$.a[", "in $.a[: '[' is followed by neither a number nor a name in quotes, and ']'"},
	    {"$", "in $: '$' alone leads to no field"}, {"a", "in a: a path begins with '$'"},
	    {"", "in : a path begins with '$'"}, {"$.", "in $.: '.' is not followed by a name"},
	    {"$.a |", "in $.a |: a path begins with '$'"},
	    {"$.a $.b", "in $.a $.b: an alternative is set off by ' | '"},
	    {"$[\"a]", "in $[\"a]: a name in quotes does not end in its quote and ']'"},
	    {"$[99999999]",
		"in $[99999999]: '[' is followed by neither a number nor a name in quotes, and "
		"']'"},
	    {"$.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q",
		"in $.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q: too many steps"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct record_paths paths = {.fields = {[RECORD_SCORE] = bad[i][0]}};
		assert_null(record_reader_new_paths(&paths, &err));
		assert_string_equal(err.text, bad[i][1]);
	}
}

static void
a_text_of_many_lines_is_read_line_by_line(void **state)
{
	(void)state;
	static char text[4096];
	const char *lines = "{\"ts\":1,\"score\":0.5}\n\n{\"ts\":2,\"score\":1}\r\n\r\n{\"ts\":3\n"
			    "{\"ts\":4,\"score\":0}";
	size_t length;
	const char *at = text, *end = text + strlen(lines), *next;
	memset(text, '}', sizeof(text));
	memcpy(text, lines, strlen(lines));
	static const int expected[] = {1, 0, 2, 0, -1, 4};
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++, at = next) {
		err = (struct err){.code = -1};
		assert_true(at < end);
		bool done =
		    record_next_prediction(reader, at, end, &next, &length, &prediction, &err);
		assert_int_equal(done, expected[i] > 0);
		if (done)
			assert_true(prediction.ts == expected[i] * CLOCK_SECOND);
		else
			assert_int_equal(err.code, expected[i] == 0 ? 0 : ERR_DATA);
		assert_true(next == end || next[-1] == '\n');
		assert_true(memchr(at, '\r', length) == NULL && memchr(at, '\n', length) == NULL);
	}
	assert_ptr_equal(at, end);
}

static void
a_shape_is_a_list_of_names_and_its_names_are_pointers_that_stay(void **state)
{
	(void)state;
	assert_reads("{\"ts\":1,\"score\":0,\"features\":{\"a\":1,\"b\":2}}");
	uint64_t shape = prediction.shape;
	const char *a = prediction.features[0].name;
	assert_true(shape != 0);
	assert_reads("{\"ts\":1,\"score\":0,\"features\":{\"b\":1,\"a\":2}}");
	assert_true(prediction.shape != shape && prediction.shape != 0);
	assert_reads("{\"score\":0,\"ts\":1,\"status\":200,\"features\":{\"a\":\"x\",\"b\":null}}");
	assert_true(prediction.shape == shape);
	assert_ptr_equal(prediction.features[0].name, a);
	assert_reads("{\"ts\":1,\"score\":0,\"features\":{\"a\":1,\"b\":2,\"c\":3}}");
	assert_true(prediction.shape != shape);
}

/* A log whose every line has names of its own must not fill the memory. */
static void
names_without_end_are_forgotten(void **state)
{
	(void)state;
	char line[128];
	uint64_t last = 0;
	for (int i = 0; i < 100000; i++) {
		snprintf(
		    line, sizeof(line), "{\"ts\":1,\"score\":0,\"features\":{\"n%d\":%d}}", i, i);
		assert_reads(line);
		assert_true(prediction.shape != last);
		snprintf(line, sizeof(line), "n%d", i);
		assert_feature(0, line, i, NULL);
		last = prediction.shape;
	}
}

static int
use_default(void **state)
{
	(void)state;
	reader = record_reader_new();
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
#define TEST_DEFAULT(name) cmocka_unit_test_setup_teardown(name, use_default, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(fields_are_found_by_member_name_and_index),
	    TEST(the_first_alternative_that_is_there_and_not_null_counts),
	    TEST(features_may_have_paths_of_their_own_or_stand_flat),
	    TEST(what_another_path_leads_to_is_no_feature_of_its_object),
	    TEST(one_place_may_be_two_fields),
	    TEST(scoreless_records_are_records_when_asked_for),
	    TEST(paths_that_make_no_sense_are_refused),
	    TEST_DEFAULT(a_text_of_many_lines_is_read_line_by_line),
	    TEST_DEFAULT(a_shape_is_a_list_of_names_and_its_names_are_pointers_that_stay),
	    TEST_DEFAULT(names_without_end_are_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
