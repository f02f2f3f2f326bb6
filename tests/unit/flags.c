/* flags.c: labels and decisions that are written as words, in every layout, and that all ways to
 * read them take them alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/format/decode_parts.h"
#include "core/ingest/flag.h"
#include "tests/kit/decoding.h"

#define TS "2026-01-28T14:06:04.123Z"

static struct decoding d;

static int
read_text(struct flags *flags, const char *text)
{
	int flag;
	return flag_text(flags, text, strlen(text), &flag) ? flag : -2;
}

static void
the_common_words_are_in_order_and_found(void **state)
{
	(void)state;
	char folded[FLAGWORDS_LENGTH + 1];
	for (size_t i = 0; i < flagwords_common_count; i++) {
		const char *text = flagwords_common[i].text;
		if (i > 0 && strcmp(flagwords_common[i - 1].text, text) >= 0)
			fail_msg("%s is out of order", text);
		assert_true(flagwords_fold(folded, text, strlen(text)));
		assert_string_equal(folded, text);
		assert_int_equal(flagwords_find(text), i);
	}
	assert_int_equal(flagwords_find("review"), flagwords_common_count);
}

static void
words_are_taken_however_they_are_written(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int flag;
	} cases[] = {{"fraud", 1}, {" FRAUD\r", 1}, {"Not_Fraud", 0}, {"not-fraud", 0},
	    {"chargeback", 1}, {"Y", 1}, {"N", 0}, {"true", 1}, {"False", 0}, {"0", 0}, {"1", 1},
	    {"1.0", 1}, {" 0 ", 0}, {"", -1}, {"  ", -1}, {"2", -2}, {"review", -2}, {"-1", -2},
	    {"frau", -2}, {"frauds", -2}, {"approve", 0}, {"block", 1},
	    {"confirmed fraud of the worst kind of all", -2}};
	struct flags flags = {0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (read_text(&flags, cases[i].text) != cases[i].flag)
			fail_msg("`%s`", cases[i].text);
	assert_int_equal(flags.unknown_count, 6);
	assert_string_equal(flags.unknown[1], "review");
}

static void
a_mapping_explains_its_words(void **state)
{
	(void)state;
	d = decoding_mine(
	    "  positive: [review, Declined by Rule]\n  negative: [waved-through, FLAG]\n", false);
	struct flags *flags = &d.decoder->flags;
	assert_int_equal(read_text(flags, "Review"), 1);
	assert_int_equal(read_text(flags, "declined_by_rule"), 1);
	assert_int_equal(read_text(flags, "WAVED THROUGH"), 0);
	/* It wins over the common ones, which still are. */
	assert_int_equal(read_text(flags, "flag"), 0);
	assert_int_equal(read_text(flags, "approve"), 0);
	assert_int_equal(read_text(flags, "maybe"), -2);
	assert_int_equal(flags->met_own, 15);
	assert_false(flags->odd);
	decoding_free(&d);
}

/* The first lines teach the reader, the later ones go the short way. */
static void
lines_of_words_are_read_as_lines_of_numbers(void **state)
{
	(void)state;
	static const char *const words[] = {"block", "approve", "approve", "Block", "fraud", ""};
	static const int meant[] = {1, 0, 0, 1, 1, -1};
	struct buf text = {0};
	d = decoding_of("fraudtop", false);
	for (int i = 0; i < 300; i++)
		buf_printf(&text,
		    "{\"ts\":\"" TS "\",\"score\":0.5,\"decision\":\"%s\",\"label\":\"%s\"}\n",
		    words[i * 7 / 5 % 6], words[i * 11 / 3 % 6]);
	decoding_text(&d, text.data);
	for (int i = 0; i < 300; i++) {
		if (decoding_next(&d) != DECODED_PREDICTION)
			fail_msg("%d: %s", i, d.record.err.text);
		assert_int_equal(d.record.prediction.decision, meant[i * 7 / 5 % 6]);
		assert_int_equal(d.record.prediction.label, meant[i * 11 / 3 % 6]);
	}
	decoding_free(&d);
	buf_free(&text);
}

static void
refuses(const char *text, const char *reason)
{
	decoding_text(&d, text);
	enum decoded step = decoding_next(&d);
	if (step != DECODED_REFUSED || strcmp(d.record.err.text, reason) != 0)
		fail_msg("%s: %d %s", text, step, d.record.err.text);
}

#define EXPLAIN ", which `positive` and `negative` of a mapping can explain"

static void
a_word_in_neither_list_is_refused_by_name(void **state)
{
	(void)state;
	d = decoding_of("fraudtop", false);
	refuses("{\"ts\":\"" TS "\",\"score\":0.5,\"decision\":\"review\"}",
	    "offset 56: decision is the word `review`" EXPLAIN);
	decoding_free(&d);
	d = decoding_of("fraudtop", true);
	refuses("{\"request_id\":\"a\",\"label\":\"pending\"}",
	    "offset 26: label is the word `pending`" EXPLAIN);
	refuses("{\"request_id\":\"a\",\"label\":\"\"}", "offset 29: no label");
	refuses(
	    "{\"request_id\":\"a\",\"label\":7}", "offset 26: label is not 0, 1, true or false");
	decoding_free(&d);
	d = decoding_mine("  preset: mlserver-v2\n  decision: $.verdict\n", false);
	refuses("{\"ts\":\"" TS "\",\"response\":{\"predictions\":[{\"score\":0.5,\"verdict\":"
		"\"maybe\"}]}}",
	    "the decision is the word `maybe`" EXPLAIN);
	decoding_free(&d);
}

static void
rows_of_a_table_hold_words(void **state)
{
	(void)state;
	static const char header[] = "ts,id,score,decision,label\n";
	d = decoding_of("csv", false);
	d.stretch.header = header;
	d.stretch.header_length = sizeof(header) - 1;
	static const char rows[] =
	    TS ",a,0.5,Approve,N\n" TS ",b,0.5,BLOCK,\n" TS ",c,0.5,review,1\n";
	struct stretch stretch = d.stretch;
	stretch.text = mem_alloc(sizeof(rows) + STRETCH_PAD);
	memcpy(stretch.text, rows, sizeof(rows) - 1);
	stretch.length = sizeof(rows) - 1;
	decoder_begin(d.decoder, &stretch);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(d.record.prediction.decision, 0);
	assert_int_equal(d.record.prediction.label, 0);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(d.record.prediction.decision, 1);
	assert_int_equal(d.record.prediction.label, -1);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, "column decision is the word `review`" EXPLAIN);
	free(stretch.text);
	decoding_free(&d);
}

/* Of a model that answers 1 for what is usual and -1 for what is not. */
static void
numbers_mean_what_the_mapping_says(void **state)
{
	(void)state;
	d = decoding_mine("  positive: [-1, 'false']\n  negative: [1]\n", false);
	static const char *const texts[] = {"-1", "1", "\"-1\"", "1.0", "false", "\"false\"", "0"};
	static const int meant[] = {1, 0, 1, 0, 1, 1, 1};
	for (int round = 0; round < 40; round++) {
		size_t i = (size_t)round % 7;
		char line[200];
		snprintf(line, sizeof(line), "{\"ts\":\"" TS "\",\"score\":0.5,\"decision\":%s}",
		    texts[i]);
		decoding_text(&d, line);
		if (decoding_next(&d) != DECODED_PREDICTION)
			fail_msg("%s: %s", line, d.record.err.text);
		assert_int_equal(d.record.prediction.decision, meant[i]);
	}
	decoding_free(&d);
}

static void
payloads_hold_words(void **state)
{
	(void)state;
	d = decoding_of("sagemaker-capture", false);
	decoding_text(&d,
	    "{\"captureData\":{\"endpointOutput\":{\"data\":\"{\\\"score\\\":0.75,"
	    "\\\"decision\\\":\\\"block\\\"}\"}},\"groundTruthData\":{\"data\":\"legit\"},"
	    "\"eventMetadata\":{\"eventId\":\"e\",\"inferenceTime\":\"2026-01-28T14:06:04Z\"}}"
	    /* What only may be a decision, and says nothing, is none. */
	    "{\"captureData\":{\"endpointOutput\":{\"data\":\"{\\\"score\\\":0.75,"
	    "\\\"class\\\":\\\"setosa\\\"}\"}},"
	    "\"eventMetadata\":{\"eventId\":\"e\",\"inferenceTime\":\"2026-01-28T14:06:04Z\"}}"
	    "{\"groundTruthData\":{\"data\":\"perhaps\"},\"eventMetadata\":{\"eventId\":\"e\"}}");
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(d.record.prediction.decision, 1);
	assert_int_equal(d.record.prediction.label, 0);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(d.record.prediction.decision, -1);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, "the label is the word `perhaps`" EXPLAIN);
	decoding_free(&d);
}

/* The words that a decoder met become those of the mapping. */
static void
a_printed_mapping_has_the_words_that_were_met(void **state)
{
	(void)state;
	struct buf printed = {0};
	d = decoding_mine("  positive: [review]\n", true);
	decoding_text(&d, "{\"request_id\":\"a\",\"label\":\"chargeback\"}\n"
			  "{\"request_id\":\"b\",\"label\":\"OK\"}\n");
	assert_int_equal(decoding_next(&d), DECODED_LABEL);
	assert_int_equal(decoding_next(&d), DECODED_LABEL);
	mapping_print(d.mapping, decoder_flags(d.decoder), &printed);
	assert_non_null(strstr(printed.data,
	    "\n    positive: [\"review\", \"chargeback\"]\n    negative: [\"ok\"]\n"));
	buf_clear(&printed);
	mapping_print(d.mapping, NULL, &printed);
	assert_non_null(strstr(printed.data, "\n    positive: [\"review\"]\n"));
	assert_null(strstr(printed.data, "negative"));
	decoding_free(&d);
	buf_free(&printed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_common_words_are_in_order_and_found),
	    cmocka_unit_test(words_are_taken_however_they_are_written),
	    cmocka_unit_test(a_mapping_explains_its_words),
	    cmocka_unit_test(lines_of_words_are_read_as_lines_of_numbers),
	    cmocka_unit_test(a_word_in_neither_list_is_refused_by_name),
	    cmocka_unit_test(rows_of_a_table_hold_words),
	    cmocka_unit_test(numbers_mean_what_the_mapping_says),
	    cmocka_unit_test(payloads_hold_words),
	    cmocka_unit_test(a_printed_mapping_has_the_words_that_were_met),
	};
	return cmocka_run_group_tests_name("flags", tests, NULL, NULL);
}
