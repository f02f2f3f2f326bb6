/* base.c: clean text, times, numbers as JSON, hashes and the generator, by known answers. */
#include <cjson/cJSON.h>
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
#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/jsonw.h"
#include "core/base/rng.h"
#include "core/base/text.h"

#define FFFD "\xEF\xBF\xBD"

static void
scrubs_to(const char *raw, size_t length, const char *clean)
{
	char text[128];
	text_scrub(text, sizeof(text), raw, length);
	assert_string_equal(text, clean);
}

static void
text_from_outside_is_made_safe(void **state)
{
	(void)state;
	scrubs_to("plain", 5, "plain");
	scrubs_to("a\tb\nc\r", 6, "a b c ");
	scrubs_to("\x1b[31m", 5, FFFD "[31m");
	scrubs_to("evil\x1b]52;c;eA==\x07", 16, "evil" FFFD "]52;c;eA==" FFFD);
	scrubs_to("\x7f", 1, FFFD);
	scrubs_to("\xC2\x9B", 2, FFFD); /* C1: the one-character CSI */
	scrubs_to("\xE2\x80\xAE"
		  "abc",
	    6, FFFD "abc"); /* U+202E turns the text round */
	scrubs_to("\xE2\x80\x8B", 3, FFFD); /* zero width */
	scrubs_to("\xC0\xAF", 2, FFFD FFFD); /* overlong */
	scrubs_to("\xED\xA0\x80", 3, FFFD FFFD FFFD); /* a surrogate */
	scrubs_to("\xF4\x90\x80\x80", 4, FFFD FFFD FFFD FFFD); /* beyond Unicode */
	scrubs_to("\xE2\x82", 2, FFFD FFFD); /* cut short */
	scrubs_to("z\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", 12,
	    "z\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
	scrubs_to("a\0b", 3, "a" FFFD "b");
}

static void
text_is_cut_at_whole_characters(void **state)
{
	(void)state;
	char text[5];
	assert_int_equal(text_scrub(text, sizeof(text), "ab\xE2\x82\xAC", 5), 2);
	assert_string_equal(text, "ab");
	text_copy(text, sizeof(text), "abc\xC3\xA9");
	assert_string_equal(text, "abc");
	assert_int_equal(text_scrub(text, 1, "x", 1), 0);
	assert_string_equal(text, "");
}

static void
the_nearest_word_is_found_and_a_far_one_is_not(void **state)
{
	(void)state;
	static const char *const words[] = {"services", "registries", "windows", NULL};
	assert_string_equal(text_nearest("servces", words), "services");
	assert_string_equal(text_nearest("window", words), "windows");
	assert_null(text_nearest("xyzzy", words));
}

static wall_us
parsed(const char *text)
{
	wall_us time = -1;
	assert_true(clock_parse(text, strlen(text), &time));
	return time;
}

static void
times_are_read_and_written(void **state)
{
	(void)state;
	char text[32];
	assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
	assert_int_equal(parsed("2026-01-28T14:06:04.123Z"), INT64_C(1769609164123000));
	assert_int_equal(parsed("2026-01-28T15:06:04.123+01:00"), INT64_C(1769609164123000));
	assert_int_equal(parsed("2026-01-28 14:06:04.123456789"), INT64_C(1769609164123456));
	assert_int_equal(
	    parsed("2024-02-29T00:00:00Z") - parsed("2024-02-28T00:00:00Z"), CLOCK_DAY);
	assert_string_equal(clock_format(text, sizeof(text), INT64_C(1769609164123000)),
	    "2026-01-28T14:06:04.123Z");
	assert_string_equal(clock_format(text, sizeof(text), -1000), "1969-12-31T23:59:59.999Z");
	assert_string_equal(clock_format_age(text, sizeof(text), 119 * CLOCK_SECOND), "119 s");
	assert_string_equal(clock_format_age(text, sizeof(text), 14 * CLOCK_MINUTE), "14 min");
	assert_string_equal(clock_format_age(text, sizeof(text), 9 * CLOCK_DAY), "9 d");
}

static void
what_is_no_time_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "2026", "2026-01-28", "2026-13-01T00:00:00Z",
	    "2025-02-29T00:00:00Z", "2026-01-28T24:00:00Z", "2026-01-28T14:60:00Z",
	    "2026-01-28T14:06:04.Z", "2026-01-28T14:06:04ZZ", "2026-01-28T14:06:04+1",
	    "2026-1-28T14:06:04Z", "yesterday"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		wall_us time;
		if (clock_parse(bad[i], strlen(bad[i]), &time))
			fail_msg("`%s` was taken for a time", bad[i]);
	}
	int64_t us;
	assert_true(clock_parse_duration("500ms", &us) && us == 500000);
	assert_true(clock_parse_duration("2", &us) && us == 2 * CLOCK_SECOND);
	assert_true(clock_parse_duration("1.5h", &us) && us == 90 * CLOCK_MINUTE);
	assert_true(clock_parse_duration("7d", &us) && us == 7 * CLOCK_DAY);
	assert_false(clock_parse_duration("-1s", &us));
	assert_false(clock_parse_duration("1w", &us));
	assert_false(clock_parse_duration("", &us));
}

static void
numbers_and_strings_survive_json(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 7, 7);
	for (int i = 0; i < 20000; i++) {
		char text[32];
		double value = ldexp(rng_uniform(&rng) - 0.5, (int)rng_below(&rng, 400) - 200);
		assert_true(strtod(jsonw_format_double(text, sizeof(text), value), NULL) == value);
	}
	struct buf out = {0};
	struct jsonw json = {.out = &out};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "a\"b", "q\" \\ \x01 \x7f \xC3\xA9 end");
	jsonw_number(&json, "nan", NAN);
	jsonw_open_array(&json, "list");
	jsonw_int(&json, NULL, -3);
	jsonw_bool(&json, NULL, true);
	jsonw_open_object(&json, NULL);
	jsonw_close_object(&json);
	jsonw_close_array(&json);
	jsonw_close_object(&json);
	cJSON *root = cJSON_Parse(out.data);
	assert_non_null(root);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(root, "a\"b")),
	    "q\" \\ \x01 \x7f \xC3\xA9 end");
	assert_true(cJSON_IsNull(cJSON_GetObjectItem(root, "nan")));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "list")), 3);
	cJSON_Delete(root);
	buf_free(&out);
}

static void
hashes_and_the_generator_give_the_known_answers(void **state)
{
	(void)state;
	static const uint32_t expected[] = {
	    0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e};
	char hex[HASH_HEX_SIZE];
	hash_sha256("abc", 3, hex);
	assert_string_equal(
	    hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	struct rng rng;
	rng_seed(&rng, 42, 54);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(rng_u32(&rng), expected[i]);
}

static void
files_are_written_whole_or_not_at_all(void **state)
{
	(void)state;
	char folder[] = "/tmp/fraudtop-base-XXXXXX", path[64];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	struct err err = {0};
	struct stat status;
	assert_true(buf_write_file(path, "one", 3, 0600, &err));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_true(buf_write_file(path, "three", 5, 0600, &err));
	struct buf text = {0};
	assert_true(buf_read_file(&text, path, 100, &err));
	assert_string_equal(text.data, "three");
	buf_clear(&text);
	assert_false(buf_read_file(&text, path, 4, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_false(buf_write_file("/nonexistent/file", "x", 1, 0600, &err));
	assert_int_equal(err.code, ERR_CREATE);
	buf_free(&text);
	unlink(path);
	assert_int_equal(rmdir(folder), 0); /* no temporary file is left */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_from_outside_is_made_safe),
	    cmocka_unit_test(text_is_cut_at_whole_characters),
	    cmocka_unit_test(the_nearest_word_is_found_and_a_far_one_is_not),
	    cmocka_unit_test(times_are_read_and_written),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(numbers_and_strings_survive_json),
	    cmocka_unit_test(hashes_and_the_generator_give_the_known_answers),
	    cmocka_unit_test(files_are_written_whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
