/* unwrap.c: records that stand inside of others' lines: what is taken off, what is refused, and
 * where it says that they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/kit/decoding.h"

#define RECORD(id) "{\"ts\":\"2026-01-28T14:06:04Z\",\"request_id\":\"" id "\",\"score\":0.5}"
#define QUOTED(id)                                                                                 \
	"{\\\"ts\\\":\\\"2026-01-28T14:06:04Z\\\",\\\"request_id\\\":\\\"" id                      \
	"\\\",\\\"score\\\":0.5}"

static struct decoding d;

/* The next is the prediction `id`, whose line begins at a byte of the text, and is the n-th. */
static void
gives(const char *id, size_t offset, uint64_t line)
{
	if (decoding_next(&d) != DECODED_PREDICTION)
		fail_msg("%s: %s", id, d.record.err.text);
	assert_string_equal(d.record.prediction.request_id, id);
	assert_int_equal(d.record.offset, 1000 + offset);
	assert_int_equal(d.record.line, 6 + line);
}

static void
refuses(const char *reason, size_t offset, uint64_t line)
{
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, reason);
	assert_int_equal(d.record.offset, 1000 + offset);
	assert_int_equal(d.record.line, 6 + line);
}

static void
a_record_may_be_a_text_in_a_member(void **state)
{
	(void)state;
	static const char first[] = "{\"log\":\"" QUOTED("a") "\\n\",\"stream\":\"stdout\"}\n",
			  second[] = "{\"log\":\"INFO \\\"GET / HTTP/1.1\\\" 200\\n\"}\n",
			  third[] = "{\"stream\":\"stderr\"}\r\n",
			  fourth[] = "\n{\"log\":\"\\n\"}\n",
			  fifth[] = "{\"log\":\"INFO:fraud: " QUOTED("b") "\"}";
	struct buf text = {0};
	size_t at[5];
	const char *const lines[] = {first, second, third, fourth, fifth};
	for (size_t i = 0; i < 5; i++) {
		at[i] = text.length;
		buf_puts(&text, lines[i]);
	}
	d = decoding_mine("  inside: $.log\n", false);
	decoding_text(&d, text.data);
	gives("a", 0, 1);
	refuses("offset 0: expected '{'", at[1], 2);
	assert_memory_equal(d.record.text, "INFO \"GET / HTTP/1.1\" 200", 25);
	refuses("offset 0: expected '{'", at[2], 3);
	assert_memory_equal(d.record.text, "nothing at $.log of {", 21);
	gives("b", at[4], 6);
	assert_int_equal(decoding_next(&d), DECODED_END);
	decoding_free(&d);
	buf_free(&text);
}

static void
a_text_that_is_all_blank_gives_nothing(void **state)
{
	(void)state;
	static const char *const blank[] = {"", "{\"log\":\"\"}", "{\"log\":\"\\n\"}", "\r"};
	for (size_t i = 0; i < sizeof(blank) / sizeof(*blank); i++) {
		d = decoding_mine("  inside: $.log\n", false);
		decoding_text(&d, blank[i]);
		assert_int_equal(decoding_next(&d), DECODED_END);
		decoding_free(&d);
	}
}

static void
a_record_may_be_a_member_that_is_an_object(void **state)
{
	(void)state;
	d = decoding_mine("  inside: $.a.payload\n", false);
	decoding_text(&d, "{\"a\":{\"payload\":" RECORD("x") "}}\n{\"a\":{\"payload\":7}}\n");
	gives("x", 0, 1);
	refuses("offset 0: expected '{'", sizeof("{\"a\":{\"payload\":" RECORD("x") "}}"), 2);
	decoding_free(&d);
}

static void
a_record_may_come_after_text(void **state)
{
	(void)state;
	static const char prefix[] = "2026-01-28T14:06:04.1Z stdout F ";
	char text[512];
	snprintf(text, sizeof(text), "%s%s\r\n\n%s%.20s\nno record\n[pod/a] %s", prefix,
	    RECORD("p"), prefix, RECORD("q"), RECORD("r"));
	d = decoding_mine("  inside: text\n", false);
	decoding_text(&d, text);
	gives("p", 0, 1);
	size_t cut = strlen(prefix) + strlen(RECORD("p")) + 3;
	refuses("cut short: offset 20: the line ends, expected '\"'", cut, 3);
	assert_true(d.record.cut);
	refuses("offset 0: expected '{'", cut + strlen(prefix) + 21, 4);
	gives("r", cut + strlen(prefix) + 31, 5);
	assert_int_equal(decoding_next(&d), DECODED_END);
	decoding_free(&d);
}

static void
a_record_over_several_lines_in_a_text_is_one(void **state)
{
	(void)state;
	d = decoding_mine("  inside: $.m\n", false);
	decoding_text(&d, "{\"m\":\"{\\n \\\"ts\\\": 1769609164,\\n \\\"request_id\\\": \\\"t\\\", "
			  "\\\"score\\\": 0.5\\n}\"}\n{\"m\":\"" QUOTED("u") "\"}\n");
	gives("t", 0, 1);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_string_equal(d.record.prediction.request_id, "u");
	assert_int_equal(d.record.line, 8);
	decoding_free(&d);
}

static void
labels_events_and_tensors_are_unwrapped_too(void **state)
{
	(void)state;
	d = decoding_mine("  inside: text\n", true);
	decoding_text(&d, "x {\"request_id\":\"l\",\"label\":1}\n");
	assert_int_equal(decoding_next(&d), DECODED_LABEL);
	assert_string_equal(d.record.label.request_id, "l");
	decoding_free(&d);
	d = decoding_mine("  preset: mlserver-v2\n  inside: text\n", false);
	decoding_text(&d,
	    "x "
	    "{\"ts\":1769609164,\"id\":\"t\",\"request\":{\"inputs\":[{\"name\":\"a\",\"shape\":[1]"
	    ","
	    "\"datatype\":\"FP64\",\"data\":[2]}]},\"response\":{\"outputs\":[{\"name\":\"score\","
	    "\"shape\":[1],\"datatype\":\"FP64\",\"data\":[0.25]}]}}\n");
	gives("t", 0, 1);
	assert_true(d.record.prediction.score == 0.25);
	decoding_free(&d);
}

static void
a_stretch_without_a_line_gives_nothing(void **state)
{
	(void)state;
	d = decoding_mine("  inside: $.log\n", false);
	decoding_text(&d, "");
	assert_int_equal(decoding_next(&d), DECODED_END);
	decoding_text(&d, "\n\n");
	assert_int_equal(decoding_next(&d), DECODED_END);
	decoding_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_record_may_be_a_text_in_a_member),
	    cmocka_unit_test(a_text_that_is_all_blank_gives_nothing),
	    cmocka_unit_test(a_record_may_be_a_member_that_is_an_object),
	    cmocka_unit_test(a_record_may_come_after_text),
	    cmocka_unit_test(a_record_over_several_lines_in_a_text_is_one),
	    cmocka_unit_test(labels_events_and_tensors_are_unwrapped_too),
	    cmocka_unit_test(a_stretch_without_a_line_gives_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
