/* record.c: what the reader of log lines takes and refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "core/base/rng.h"
#include "core/ingest/decimal.h"
#include "core/ingest/jsonscan.h"
#include "core/ingest/record_reader.h"
#include "core/source/stretch.h"

#define TS "\"ts\":\"2026-01-28T14:06:04.123Z\""

static struct record_reader *reader;
static struct prediction prediction;
static struct err err;

/* Reads from a copy of exactly the line's size and the pad, so that a read past it is caught. */
static bool
read_bytes(const char *line, size_t length)
{
	static char *copy;
	free(copy);
	copy = malloc(length + STRETCH_PAD);
	assert_non_null(copy);
	memcpy(copy, line, length);
	memset(copy + length, '"', STRETCH_PAD);
	err = (struct err){0};
	bool done = record_read_prediction(reader, copy, length, &prediction, &err);
	assert_int_equal(err.code, done ? 0 : ERR_DATA);
	free(copy);
	copy = NULL;
	return done;
}

static bool
reads(const char *line)
{
	return read_bytes(line, strlen(line));
}

static bool
reads_label(const char *line, struct label *label)
{
	char padded[256] = "";
	size_t length = strlen(line);
	assert_true(length + STRETCH_PAD <= sizeof(padded));
	memcpy(padded, line, length);
	return record_read_label(reader, padded, length, label, &err);
}

static void
assert_refused(const char *line, const char *reason)
{
	if (reads(line))
		fail_msg("accepted: %s", line);
	assert_string_equal(err.text, reason);
}

static int
set_up(void **state)
{
	(void)state;
	reader = record_reader_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	record_reader_free(reader);
	record_reader_free(NULL);
	return 0;
}

static void
the_line_of_the_design_is_read_whole(void **state)
{
	(void)state;
	assert_true(reads("{\"ts\":\"2026-01-28T14:06:04.123Z\",\"request_id\":\"8b1f\","
			  "\"service\":\"fraud-eu\",\"model\":\"fraud_classifier\","
			  "\"version\":\"12\",\"latency_ms\":23.4,\"status\":200,"
			  "\"score\":0.0123,\"threshold\":0.5,\"decision\":false,"
			  "\"segment\":\"retail\",\"features\":{\"amount\":120.5,"
			  "\"merchant_category\":\"retail\",\"hour_of_day\":14,\"card\":null,"
			  "\"new\":true}}"));
	assert_true(prediction.ts == INT64_C(1769609164123000));
	assert_string_equal(prediction.request_id, "8b1f");
	assert_string_equal(prediction.service, "fraud-eu");
	assert_string_equal(prediction.model, "fraud_classifier");
	assert_string_equal(prediction.version, "12");
	assert_string_equal(prediction.segment, "retail");
	assert_true(prediction.latency_ms == 23.4);
	assert_int_equal(prediction.status, 200);
	assert_true(prediction.score == 0.0123);
	assert_true(prediction.threshold == 0.5);
	assert_int_equal(prediction.decision, 0);
	assert_int_equal(prediction.label, -1);
	assert_int_equal(prediction.features_count, 5);
	const struct feature_value *f = prediction.features;
	assert_string_equal(f[0].name, "amount");
	assert_true(f[0].kind == VALUE_NUMBER && f[0].number == 120.5);
	assert_string_equal(f[0].text, "");
	assert_true(f[1].kind == VALUE_TEXT && isnan(f[1].number));
	assert_string_equal(f[1].text, "retail");
	assert_true(f[3].kind == VALUE_MISSING && isnan(f[3].number));
	assert_true(f[4].kind == VALUE_NUMBER && f[4].number == 1);
}

static void
what_is_absent_or_null_is_unknown(void **state)
{
	(void)state;
	assert_true(reads(" {" TS ", \"score\" : 1 , \"label\":null,\"version\":null,"
			  "\"features\":null,\"latency_ms\":null} \r"));
	assert_string_equal(prediction.request_id, "");
	assert_string_equal(prediction.version, "");
	assert_true(isnan(prediction.threshold) && isnan(prediction.latency_ms));
	assert_int_equal(prediction.status, 0);
	assert_int_equal(prediction.decision, -1);
	assert_int_equal(prediction.label, -1);
	assert_int_equal(prediction.features_count, 0);
	/* Nothing of the line before may show. */
	assert_true(reads("{" TS ",\"score\":0,\"features\":{\"a\":1}}"));
	assert_true(reads("{" TS ",\"score\":0}"));
	assert_int_equal(prediction.features_count, 0);
}

static void
attributions_are_numbers_by_name_beside_the_features(void **state)
{
	(void)state;
	assert_true(reads("{" TS ",\"attributions\":{\"a\":-0.5,\"b\":1,\"c\":null,\"b\":2},"
			  "\"score\":1,\"features\":{\"b\":\"x\"}}"));
	assert_int_equal(prediction.features_count, 1);
	assert_int_equal(prediction.attributions_count, 3);
	const struct feature_value *a = prediction.attributions;
	assert_string_equal(a[0].name, "a");
	assert_true(a[0].kind == VALUE_NUMBER && a[0].number == -0.5);
	assert_string_equal(a[1].name, "b");
	assert_true(a[1].kind == VALUE_NUMBER && a[1].number == 2);
	assert_int_equal(a[2].kind, VALUE_MISSING);
	assert_string_equal(prediction.features[0].text, "x");
	assert_true(reads("{" TS ",\"score\":1,\"attributions\":null}"));
	assert_int_equal(prediction.attributions_count, 0);
	assert_true(reads("{" TS ",\"score\":1,\"attributions\":[1]}"));
	assert_string_equal(prediction.attributions[0].name, "0");
	assert_refused("{" TS ",\"score\":1,\"attributions\":1}",
	    "offset 58: attributions is not an object or a list");
	assert_refused("{" TS ",\"score\":1,\"attributions\":{\"a\":true}}",
	    "offset 63: the attribution of a is not a number");
	assert_refused("{" TS ",\"score\":1,\"attributions\":{\"a\":[]}}",
	    "offset 63: the attribution of a is not a number");
}

static void
a_failed_request_needs_no_score(void **state)
{
	(void)state;
	assert_true(reads("{" TS ",\"status\":503}"));
	assert_true(isnan(prediction.score));
	assert_int_equal(prediction.status, 503);
	assert_true(reads("{" TS ",\"status\":400,\"score\":null}"));
	assert_refused(
	    "{" TS ",\"status\":399}", "offset 46: no score, and no status of 400 or more");
	assert_refused("{" TS "}", "offset 33: no score, and no status of 400 or more");
}

static void
numbers_stand_for_strings_and_digits_for_flags(void **state)
{
	(void)state;
	assert_true(reads("{" TS ",\"score\":0.5,\"version\":12,\"request_id\":-1.50e3,"
			  "\"decision\":1,\"label\":false}"));
	assert_string_equal(prediction.version, "12");
	assert_string_equal(prediction.request_id, "-1.50e3");
	assert_int_equal(prediction.decision, 1);
	assert_int_equal(prediction.label, 0);
}

static void
of_a_key_that_stands_twice_the_last_counts(void **state)
{
	(void)state;
	assert_true(reads("{\"ts\":7,\"score\":2," TS ",\"score\":0.25,"
			  "\"features\":{\"a\":1,\"b\":2},"
			  "\"features\":{\"c\":\"x\",\"d\":4,\"c\":5,\"d\":null}}"));
	assert_true(prediction.score == 0.25);
	assert_int_equal(prediction.features_count, 2);
	assert_string_equal(prediction.features[0].name, "c");
	assert_true(prediction.features[0].number == 5);
	assert_string_equal(prediction.features[0].text, "");
	assert_int_equal(prediction.features[1].kind, VALUE_MISSING);
	assert_false(reads("{" TS ",\"score\":0.25,\"score\":2}"));
}

static void
a_refusal_names_the_place_and_the_reason(void **state)
{
	(void)state;
	assert_refused("", "offset 0: the line ends, expected '{'");
	assert_refused("[1]", "offset 0: expected '{'");
	assert_refused("{\"score\" 1}", "offset 9: expected ':'");
	assert_refused("{\"score\":}", "offset 9: expected a value");
	assert_refused("{\"score\":1", "offset 10: the line ends, expected ',' or '}'");
	assert_refused("{\"score\":1,}", "offset 11: expected a key in quotes");
	assert_refused("{,}", "offset 1: expected a key in quotes");
	assert_refused("{\"a\":[1,]}", "offset 8: expected a value");
	assert_refused("{\"a\":[1 2]}", "offset 8: expected ',' or ']'");
	assert_refused("{\"a\":01}", "offset 6: expected ',' or '}'");
	assert_refused("{\"a\":1.}", "offset 7: expected a digit");
	assert_refused("{\"a\":-}", "offset 6: expected a digit");
	assert_refused("{\"a\":tru}", "offset 8: expected true");
	assert_refused("{\"a\":NaN}", "offset 5: NaN and Infinity are not JSON (log null instead)");
	assert_refused(
	    "{\"a\":-Infinity}", "offset 6: NaN and Infinity are not JSON (log null instead)");
	assert_refused("{\"a\":\"\\x\"}", "offset 6: an escape that JSON does not know");
	assert_refused("{\"a\":\"\t\"}", "offset 6: a control character (0x09) in a string");
	assert_refused("{\"a\":\"\xC3(\"}", "offset 6: not UTF-8");
	assert_refused(
	    "{\"a\":\"\\u12G4\"}", "offset 10: expected four hexadecimal digits after \\u");
	assert_refused("{} x", "offset 3: more text after the object");
	assert_refused("{\"score\":1}", "offset 11: no ts");
	assert_refused("{\"ts\":1e20,\"score\":1}",
	    "offset 6: ts is not a time like 2026-01-28T14:06:04.123Z");
	assert_refused("{\"ts\":\"2026-02-30T00:00:00Z\",\"score\":1}",
	    "offset 6: ts is not a time like 2026-01-28T14:06:04.123Z");
	assert_refused("{" TS ",\"score\":1.5}", "offset 41: score 1.5 is out of range");
	assert_refused(
	    "{" TS ",\"score\":-1e-9}", "offset 41: score -1.0000000000000001e-09 is out of range");
	assert_refused("{" TS ",\"score\":\"1\"}", "offset 41: score is not a number");
	assert_refused("{" TS ",\"score\":1e999}", "offset 41: score inf is out of range");
	assert_refused(
	    "{" TS ",\"score\":1,\"label\":2}", "offset 51: label is not 0, 1, true or false");
	assert_refused("{" TS ",\"score\":1,\"model\":true}", "offset 51: model is not a string");
	assert_refused("{" TS ",\"score\":1,\"status\":200.5}", "offset 52: status is not whole");
	assert_refused(
	    "{" TS ",\"score\":1,\"latency_ms\":-1}", "offset 56: latency_ms -1 is out of range");
	assert_refused("{" TS ",\"score\":1,\"features\":\"\"}",
	    "offset 54: features is not an object or a list");
	assert_refused("{" TS ",\"score\":1,\"features\":{\"a\":{\"b\":1}}}",
	    "offset 59: the feature a is an object or a list, not one value");
	assert_refused("{" TS ",\"score\":1,\"features\":{\"a\":[]}}",
	    "offset 59: the feature a is an object or a list, not one value");
}

static void
every_shorter_part_of_a_line_is_refused(void **state)
{
	(void)state;
	const char *line = "{" TS ",\"score\":0.5e0,\"x\":[1,{\"y\":\"\\ud83d\\ude00\\n\"},null,"
			   "true,-0.5E+1],\"features\":{\"a\":\"\xE2\x82\xAC\",\"b\":false}}";
	assert_true(reads(line));
	for (size_t length = 0; length < strlen(line); length++)
		if (read_bytes(line, length))
			fail_msg("accepted the first %zu bytes", length);
}

static void
strings_are_decoded_and_scrubbed(void **state)
{
	(void)state;
	assert_true(
	    reads("{" TS ",\"\\u0073core\":0.5,\"segment\":\"a\\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00"
		  "\\u0000\\u001b[2J\\u202e\x7F|\\ud800|\\udc00\\ud800\\u0041\"}"));
	assert_true(prediction.score == 0.5);
	assert_string_equal(prediction.segment,
	    "a\"\\/ \xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBD[2J\xEF\xBF\xBD\xEF\xBF\xBD|"
	    "\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD"
	    "A");
}

static void
long_strings_are_cut_at_a_whole_character(void **state)
{
	(void)state;
	char line[4096], text[1024];
	memset(text, 'x', sizeof(text));
	text[700] = '\0';
	snprintf(line, sizeof(line), "{" TS ",\"score\":1,\"segment\":\"%s\"}", text);
	assert_true(reads(line));
	assert_int_equal(strlen(prediction.segment), RECORD_MAX_TEXT);
	memcpy(text + RECORD_MAX_TEXT - 1, "\xE2\x82\xAC", 3);
	snprintf(line, sizeof(line), "{" TS ",\"score\":1,\"segment\":\"%s\"}", text);
	assert_true(reads(line));
	assert_int_equal(strlen(prediction.segment), RECORD_MAX_TEXT - 1);
	/* 0x7F is three bytes once replaced: the arena must have room for them all. */
	memset(text, 0x7F, 700);
	snprintf(
	    line, sizeof(line), "{" TS ",\"score\":1,\"features\":{\"%s\":\"%s\"}}", text, text);
	assert_true(reads(line));
	assert_int_equal(strlen(prediction.features[0].name), 255);
}

static void
too_many_features_are_refused_and_the_limit_is_not(void **state)
{
	(void)state;
	char *line = malloc(32768);
	assert_non_null(line);
	for (int count = RECORD_MAX_FEATURES; count <= RECORD_MAX_FEATURES + 1; count++) {
		size_t used = (size_t)sprintf(line, "{" TS ",\"score\":1,\"features\":{");
		for (int i = 0; i < count; i++)
			used += (size_t)sprintf(line + used, "%s\"f%d\":%d", i ? "," : "", i, i);
		strcpy(line + used, ",\"f7\":70}}");
		assert_int_equal(reads(line), count == RECORD_MAX_FEATURES);
	}
	assert_non_null(strstr(err.text, "more than 512 features"));
	free(line);
}

static void
nesting_has_a_limit(void **state)
{
	(void)state;
	for (int depth = 60; depth < 70; depth++) {
		char line[1024] = "{" TS ",\"score\":1,\"x\":";
		size_t used = strlen(line);
		/* The line itself is one level. */
		for (int i = 1; i < depth; i++)
			used += (size_t)sprintf(line + used, i % 2 ? "[" : "{\"k\":");
		line[used++] = '0';
		for (int i = depth - 1; i >= 1; i--)
			line[used++] = i % 2 ? ']' : '}';
		line[used++] = '}';
		line[used] = '\0';
		assert_int_equal(reads(line), depth <= JSONSCAN_MAX_DEPTH);
	}
	assert_non_null(strstr(err.text, "nested deeper than 64"));
}

static void
a_nul_byte_is_no_end(void **state)
{
	(void)state;
	static const char after[] = "{" TS ",\"score\":1}\0";
	assert_false(read_bytes(after, sizeof(after) - 1));
	static const char inside[] = "{" TS ",\"segment\":\"a\0b\",\"score\":1}";
	assert_false(read_bytes(inside, sizeof(inside) - 1));
	static const char between[] = "{" TS ",\0\"score\":1}";
	assert_false(read_bytes(between, sizeof(between) - 1));
}

static void
labels_are_read_and_refused_alike(void **state)
{
	(void)state;
	struct label label;
	const char *good = "{" TS ",\"request_id\":\"a\",\"label\":1}";
	assert_true(reads_label(good, &label));
	assert_true(label.ts == INT64_C(1769609164123000));
	assert_string_equal(label.request_id, "a");
	assert_int_equal(label.value, 1);
	const char *bare = "{\"label\":false,\"request_id\":77}";
	assert_true(reads_label(bare, &label));
	assert_true(label.ts == 0 && label.value == 0);
	assert_string_equal(label.request_id, "77");
	static const char *const bad[][2] = {
	    {"{\"label\":1}", "offset 11: no request_id"},
	    {"{\"label\":1,\"request_id\":\"\"}", "offset 27: no request_id"},
	    {"{\"request_id\":\"a\"}", "offset 18: no label"},
	    {"{\"request_id\":\"a\",\"label\":null}", "offset 31: no label"},
	    {"{\"request_id\":\"a\",\"label\":[]}", "offset 26: label is not 0, 1, true or false"},
	    {"{\"request_id\":\"a\",\"label\":1,\"ts\":\"soon\"}",
		"offset 33: ts is not a time like 2026-01-28T14:06:04.123Z"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(reads_label(bad[i][0], &label));
		assert_string_equal(err.text, bad[i][1]);
	}
}

static uint64_t
next64(struct rng *rng)
{
	uint64_t high = rng_u32(rng);
	return high << 32 | rng_u32(rng);
}

static void
assert_like_strtod(const char *text)
{
	double ours, theirs = strtod(text, NULL);
	const char *wrong;
	const char *after = decimal_read(text, text + strlen(text), &ours, &wrong);
	if (after == NULL || *after != '\0' || memcmp(&ours, &theirs, sizeof(ours)) != 0)
		fail_msg("%s: %.17g, strtod says %.17g", text, ours, theirs);
}

static void
numbers_are_rounded_as_strtod_rounds_them(void **state)
{
	(void)state;
	static const char *const hard[] = {"0.1", "0.30000000000000004", "9007199254740993",
	    "9007199254740993.0", "9007199254740992.5", "9007199254740993e0", "1e22", "1e23",
	    "8.5e22", "0.5e-323", "4.9406564584124654e-324", "2.4703282292062327e-324",
	    "2.4703282292062328e-324", "1.7976931348623157e308", "1.7976931348623159e308",
	    "2.2250738585072011e-308", "2.2250738585072012e-308", "18446744073709551615",
	    "18446744073709551616", "184467440737095516150e-1", "-0", "-0.0", "0e999999999999",
	    "1e-999999999999", "1e999999999999", "100000000000000008388608",
	    "100000000000000016777215", "0.500000000000000166533453693773481063544750213623046875",
	    "7.2057594037927933e16", "9007199254740992.99999999999999999999999999999999999",
	    "1152921504606846977e-19", "1.00000000000000011102230246251565404236316680908203125"};
	for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++)
		assert_like_strtod(hard[i]);
	struct rng rng;
	rng_seed(&rng, 7, 1);
	for (int i = 0; i < 200000; i++) {
		char text[128];
		uint64_t bits = next64(&rng);
		double value;
		memcpy(&value, &bits, sizeof(value));
		if (i % 4 == 0 && isfinite(value))
			snprintf(text, sizeof(text), "%.*e", (int)(bits % 20), value);
		else if (i % 4 == 1)
			snprintf(text, sizeof(text), "%.*f", (int)(bits % 22), rng_uniform(&rng));
		else
			snprintf(text, sizeof(text), "%llue%d",
			    (unsigned long long)(next64(&rng) >> bits % 64),
			    (int)(next64(&rng) % 48) - 24);
		assert_like_strtod(text);
	}
	char digits[5000] = "0.";
	memset(digits + 2, '3', 4000);
	assert_like_strtod(digits);
	memset(digits, '7', 4900);
	assert_like_strtod(digits);
}

static void
csv_fields_are_numbers_or_not(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double value;
	} good[] = {{"1", 1}, {" -2.5\t", -2.5}, {"+3", 3}, {".5", .5}, {"1.", 1}, {"007", 7},
	    {"1e3", 1000}, {"-.5E1", -5}, {"inf", INFINITY}, {"-Infinity", -INFINITY}};
	static const char *const bad[] = {"", " ", "nan", "NaN", "0x10", "1d", "e", ".", "-", "1 2",
	    "1,5", "infinit", "true", "12abc", "1e", "--1", "1_000", "nan(1)", "+-1"};
	double value;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(decimal_field(good[i].text, strlen(good[i].text), &value));
		assert_true(value == good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (decimal_field(bad[i], strlen(bad[i]), &value))
			fail_msg("a number: %s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_line_of_the_design_is_read_whole),
	    cmocka_unit_test(what_is_absent_or_null_is_unknown),
	    cmocka_unit_test(attributions_are_numbers_by_name_beside_the_features),
	    cmocka_unit_test(a_failed_request_needs_no_score),
	    cmocka_unit_test(numbers_stand_for_strings_and_digits_for_flags),
	    cmocka_unit_test(of_a_key_that_stands_twice_the_last_counts),
	    cmocka_unit_test(a_refusal_names_the_place_and_the_reason),
	    cmocka_unit_test(every_shorter_part_of_a_line_is_refused),
	    cmocka_unit_test(strings_are_decoded_and_scrubbed),
	    cmocka_unit_test(long_strings_are_cut_at_a_whole_character),
	    cmocka_unit_test(too_many_features_are_refused_and_the_limit_is_not),
	    cmocka_unit_test(nesting_has_a_limit),
	    cmocka_unit_test(a_nul_byte_is_no_end),
	    cmocka_unit_test(labels_are_read_and_refused_alike),
	    cmocka_unit_test(numbers_are_rounded_as_strtod_rounds_them),
	    cmocka_unit_test(csv_fields_are_numbers_or_not),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
