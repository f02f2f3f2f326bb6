/* payload.c: payloads as rows: names, places, lists and objects in a row, doubles, and the limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/format/exchange.h"

static struct payload_names names;
static struct payload payload;
static struct err err;

/* Reads from a copy of exactly the text's size, kept until the next one. */
static bool
reads(const char *text)
{
	static char *copy;
	free(copy);
	copy = malloc(strlen(text) + (*text == '\0'));
	assert_non_null(copy);
	memcpy(copy, text, strlen(text));
	err = (struct err){0};
	payload.names = &names;
	bool read = payload_read(&payload, copy, strlen(text), &err);
	if (*text == '\0') {
		free(copy);
		copy = NULL;
	}
	return read;
}

/* The rows as text: `name=value` or `value`, a blank between, ` / ` between rows. */
static void
assert_rows(const char *text, const char *expected)
{
	struct buf rows = {0};
	if (!reads(text))
		fail_msg("%s: %s", text, err.text);
	buf_puts(&rows, "");
	for (size_t i = 0; i < payload.rows_count; i++) {
		buf_puts(&rows, i > 0 ? " / " : "");
		for (size_t j = 0; j < payload.rows[i].count; j++) {
			const struct feature_value *value =
			    &payload.values[payload.rows[i].first + j];
			buf_printf(&rows, "%s%s%s", j > 0 ? " " : "",
			    value->name != NULL ? value->name : "", value->name != NULL ? "=" : "");
			if (value->kind == VALUE_NUMBER)
				buf_printf(&rows, "%g", value->number);
			else
				buf_puts(&rows, value->kind == VALUE_TEXT ? value->text : "-");
		}
	}
	assert_string_equal(rows.data, expected);
	buf_free(&rows);
}

static void
assert_refused(const char *text, const char *reason)
{
	assert_false(reads(text));
	assert_string_equal(err.text, reason);
}

static int
set_up(void **state)
{
	(void)state;
	payload = (struct payload){0};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	payload_free(&payload);
	payload_names_free(&names);
	names = (struct payload_names){0};
	return 0;
}

static void
every_layout_of_a_request_gives_its_rows(void **state)
{
	(void)state;
	assert_rows("", "");
	assert_rows(" 1,x,,NaN \r\n", "1 x - -");
	assert_rows("1\n\n2", "1 / 2");
	assert_rows("[1,\"a\",null,true]", "1 a - 1");
	assert_rows("[[1,2],[3,4]]", "1 2 / 3 4");
	assert_rows("[[1,[2,3]]]", "1 2 3");
	assert_rows("{\"a\":1,\"b\":{\"c\":[2,3],\"d\":[4]}}", "a=1 b.c.0=2 b.c.1=3 b.d=4");
	assert_rows("{\"id\":7,\"features\":{\"a\":1},\"b\":2}", "a=1");
	assert_rows("{\"features\":\"none\",\"b\":2}", "features=none b=2");
	assert_rows("{\"instances\":[{\"a\":[1]},{\"a\":2}],\"x\":3}", "a=1 / a=2");
	assert_rows("{\"a\":1}\n{\"a\":2} [5,6]", "a=1 / a=2 / 5 6");
	assert_rows("{\"data\":{\"ndarray\":[[1,2]],\"names\":[\"x\",\"y\"]}}", "x=1 y=2");
	assert_rows("{\"data\":{\"names\":[\"x\"],\"tensor\":{\"shape\":[2,1],\"values\":[1,2]}}}",
	    "x=1 / x=2");
	assert_rows("{\"dataframe_split\":{\"columns\":[\"x\"],\"index\":[0],\"data\":[[1],[2]]}}",
	    "x=1 / x=2");
	assert_rows("{\"dataframe_records\":[{\"x\":1}]}", "x=1");
	assert_rows("{\"data\":{\"amount\":1}}", "amount=1");
	assert_rows("{\"inputs\":[[1],[2]]}", "1 / 2");
	assert_rows("{\"inputs\":{\"a\":1}}", "a=1");
	assert_rows("{\"inputs\":[{\"name\":\"a\",\"shape\":[2],\"data\":[1,2]},"
		    "{\"name\":\"b\",\"shape\":[2,2],\"data\":[[1,2],[3,4]]}]}",
	    "a=1 b.0=1 b.1=2 / a=2 b.0=3 b.1=4");
	assert_rows("{\"inputs\":[{\"name\":\"b\",\"shape\":[1,2],\"data\":[3,4]}]}", "3 4");
}

static void
of_a_name_that_stands_twice_the_last_value_counts(void **state)
{
	(void)state;
	assert_rows("{\"a\":1,\"b\":2,\"a\":\"x\"}", "a=x b=2");
	assert_rows("{\"instances\":[{\"a\":1},{\"a\":2,\"a\":[3]}]}", "a=1 / a=3");
}

static void
what_makes_no_sense_or_is_too_much_is_refused(void **state)
{
	(void)state;
	struct buf text = {0};
	assert_refused("\"open", "line 1: a quote that is never closed");
	assert_refused("{\"a\":}", "offset 5: expected a value");
	assert_refused(
	    "{\"data\":{\"names\":[\"x\",\"y\"],\"ndarray\":[[1]]}}", "2 names for 1 values");
	assert_refused("{\"inputs\":[{\"name\":\"a\",\"shape\":[1],\"data\":[1]},"
		       "{\"name\":\"b\",\"shape\":[2],\"data\":[1,2]}]}",
	    "tensors of 1 and 2 rows");
	assert_refused("{\"inputs\":[{\"name\":\"a\",\"shape\":[1e9],\"data\":[1]}]}",
	    "offset 35: a shape that makes no sense");
	assert_refused("{\"inputs\":[{\"name\":\"a\",\"shape\":[1]}]}",
	    "offset 11: a tensor without data in the text (it is binary)");
	assert_refused("{\"a\":[[[[[[[[[1]]]]]]]]]}", "offset 12: a value nested deeper than 8");
	for (int i = 0; i < 513; i++)
		buf_puts(&text, i > 0 ? ",1" : "1");
	assert_refused(text.data, "more than 512 values in a row");
	buf_clear(&text);
	for (int i = 0; i < 33; i++) {
		buf_puts(&text, "{");
		for (int j = 0; j < 500; j++)
			buf_printf(&text, "%s\"n%d\":1", j > 0 ? "," : "", i * 500 + j);
		buf_puts(&text, "}");
	}
	assert_refused(text.data, "more than 16384 different names of features");
	/* Those that are known already still are. */
	assert_rows("{\"n7\":1}", "n7=1");
	buf_free(&text);
}

static void
a_quoted_text_is_unescaped_whole(void **state)
{
	(void)state;
	struct buf out = {0};
	const char *quoted =
	    "\"a\\n\\t\\\"\\\\\\/\\b\\f\\r\\u00e4\\uD83D\\uDE00\\uD83Dx\\uDE00\\u0041\"";
	const struct picked value = {.at = quoted, .length = strlen(quoted)};
	exchange_unescape(&value, &out);
	assert_string_equal(out.data,
	    "a\n\t\"\\/\b\f\r\xc3\xa4\xf0\x9f\x98\x80\xef\xbf\xbdx\xef\xbf\xbd"
	    "A");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		every_layout_of_a_request_gives_its_rows, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		of_a_name_that_stands_twice_the_last_value_counts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_makes_no_sense_or_is_too_much_is_refused, set_up, tear_down),
	    cmocka_unit_test(a_quoted_text_is_unescaped_whole),
	};
	return cmocka_run_group_tests_name("payload", tests, NULL, NULL);
}
