/* decode.c: lines into records by a mapping, with their places in the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "tests/kit/decoding.h"

#define TS "\"ts\":\"2026-01-28T14:06:04.123Z\""

static void
lines_become_predictions_with_their_places(void **state)
{
	(void)state;
	struct decoding d = decoding_of("fraudtop", false);
	decoding_text(&d, "{" TS ",\"score\":0.25}\r\n\n{" TS ",\"score\":0.5}");
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_true(d.record.prediction.score == 0.25);
	assert_int_equal(d.record.offset, 1000);
	assert_int_equal(d.record.line, 7);
	assert_int_equal(d.record.length, 46);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_true(d.record.prediction.score == 0.5);
	assert_int_equal(d.record.offset, 1049);
	assert_int_equal(d.record.line, 9);
	assert_int_equal(decoding_next(&d), DECODED_END);
	assert_int_equal(decoding_next(&d), DECODED_END);
	decoding_free(&d);
}

static void
a_label_feed_gives_labels(void **state)
{
	(void)state;
	struct decoding d = decoding_of("fraudtop", true);
	decoding_text(&d, "{" TS ",\"request_id\":\"a\",\"label\":1}\n{" TS ",\"score\":0.5}\n");
	assert_int_equal(decoding_next(&d), DECODED_LABEL);
	assert_string_equal(d.record.label.request_id, "a");
	assert_int_equal(d.record.label.value, 1);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_int_equal(decoding_next(&d), DECODED_END);
	decoding_free(&d);
}

static void
what_is_refused_says_why_and_whether_it_was_cut(void **state)
{
	(void)state;
	struct decoding d = decoding_of("fraudtop", false);
	decoding_text(&d, "{" TS ",\"score\":2}\n{" TS ",\"sco\nno json\n{\"a\":1}}\n{" TS
			  ",\"score\":0.5,\"features\":{\"a\":1}\n");
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_false(d.record.cut);
	assert_non_null(strstr(d.record.err.text, "out of range"));
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_true(d.record.cut);
	assert_int_equal(d.record.line, 8);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_false(d.record.cut);
	assert_int_equal(d.record.length, 7);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_false(d.record.cut);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_true(d.record.cut);
	assert_int_equal(decoding_next(&d), DECODED_END);
	decoding_free(&d);
}

static void
an_unknown_format_is_refused_with_the_nearest(void **state)
{
	(void)state;
	struct err err;
	struct config *config = config_new();
	assert_null(mapping_new(config, "sagemaker-captur", &err));
	assert_int_equal(err.code, ERR_CONFIG);
	assert_string_equal(
	    err.text, "there is no format `sagemaker-captur`; did you mean `sagemaker-capture`?");
	config_free(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_become_predictions_with_their_places),
	    cmocka_unit_test(a_label_feed_gives_labels),
	    cmocka_unit_test(what_is_refused_says_why_and_whether_it_was_cut),
	    cmocka_unit_test(an_unknown_format_is_refused_with_the_nearest),
	};
	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
