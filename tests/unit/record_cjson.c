/* record_cjson.c: the verdicts on JSON beside cJSON's, alike where cJSON is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>
#include <cmocka.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/ingest/jsonscan.h"

static bool
scans(const char *text, size_t length)
{
	struct jsonscan scan;
	struct err err;
	/* Of exactly the text's size, so that a read past it is caught. */
	char *copy = malloc(length > 0 ? length : 1);
	assert_non_null(copy);
	memcpy(copy, text, length);
	jsonscan_begin(&scan, copy, length, &err);
	bool done = jsonscan_skip(&scan, 0) && jsonscan_finish(&scan);
	free(copy);
	return done;
}

static bool
cjson_takes(const char *line)
{
	cJSON *tree = cJSON_ParseWithOpts(line, NULL, true);
	bool taken = tree != NULL;
	cJSON_Delete(tree);
	return taken;
}

/* Texts on which RFC 8259 leaves no doubt and cJSON judges right. */
static const char *const corpus[] = {"{}", "[]", "null", "true", "false", "0", "-0", "1e5", "1E-5",
    "-1.5e+10", "\"\"", "\"a\\u0041\\\\\"", "[[],[[]],{}]", "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
    " [ 1 , 2 ] ", "\t{\"a\"\n:\r1}", "\"\\ud83d\\ude00\"", "[1e308,5e-324,0.1]", "[\"\\\"\"]", "",
    " ", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "nul", "truee", "fals",
    "True", "+1", ".5", "1e", "1e+", "--1", "-", "0x10", "Infinity", "NaN", "1 2", "\"", "\"a",
    "\"\\\"", "\"\\x41\"", "\"\\u\"", "\"\\u12\"", "[\"a]", "{\"a\":[}", "[1]]", "{}{}", "/**/1",
    "[1]//", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "\"\\", "{\"a\":1}}",
    "[\"\\ud83d\\ude00\"", "{\"\":0}", "{\"a\":1,\"a\":2}", "[null,nulll]", "[tru,e]", "1a",
    "\"a\"b", "[\"a\",\"b\"]"};

static void
the_verdicts_on_the_corpus_are_those_of_cjson(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(corpus) / sizeof(corpus[0]); i++) {
		bool theirs = cjson_takes(corpus[i]);
		if (scans(corpus[i], strlen(corpus[i])) != theirs)
			fail_msg("cJSON %s: %s", theirs ? "accepts" : "refuses", corpus[i]);
	}
}

static void
what_cjson_lets_through_is_refused(void **state)
{
	(void)state;
	static const char *const lenient[] = {"01", "[1.]", "-01", "[\"\x01\"]", "\"\n\"",
	    "\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\\uZZZZ\"", "\f1", "\xEF\xBB\xBF[]"};
	for (size_t i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++) {
		assert_true(cjson_takes(lenient[i]));
		assert_false(scans(lenient[i], strlen(lenient[i])));
	}
}

/* In tests/data/lines/nasty.txt `+` and `!` are what cJSON takes. */
static void
cjson_judges_nasty_values_as_is_written(void **state)
{
	(void)state;
	struct buf values = {0};
	struct err err;
	if (!buf_read_file(&values, "tests/data/lines/nasty.txt", 1 << 20, &err))
		fail_msg("%s", err.text);
	for (char *at = values.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		char line[1024];
		bool by_cjson = *at == '+' || *at == '!';
		snprintf(line, sizeof(line), "{\"x\":%.*s}", (int)(end - at - 1), at + 1);
		if (cjson_takes(line) != by_cjson)
			fail_msg("cJSON %s: %s", by_cjson ? "refuses" : "takes", line);
	}
	buf_free(&values);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_verdicts_on_the_corpus_are_those_of_cjson),
	    cmocka_unit_test(what_cjson_lets_through_is_refused),
	    cmocka_unit_test(cjson_judges_nasty_values_as_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
