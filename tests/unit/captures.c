/* captures.c: SageMaker's captures: the ones of ../shared/data load whole, and each shape of a
 * payload gives its rows. The counts below were taken with Python's json.JSONDecoder.raw_decode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>
#include <math.h>

#include "core/base/clock.h"
#include "tests/kit/decoding.h"

#define DATA "../shared/data/sagemaker/"

static struct decoding d;

static int
set_up(void **state)
{
	(void)state;
	d = decoding_of("sagemaker-capture", false);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	decoding_free(&d);
	return 0;
}

struct counts {
	size_t predictions, labelled, positives, labels, refused, cut, features;
	double scores;
};

static struct counts
count_all(struct decoding *decoding)
{
	struct counts counts = {0};
	for (enum decoded step; (step = decoding_next(decoding)) != DECODED_END;) {
		const struct decoded_record *record = &decoding->record;
		const struct prediction *prediction = &record->prediction;
		if (step == DECODED_PREDICTION) {
			counts.predictions++;
			counts.scores += prediction->score;
			counts.features += prediction->features_count;
			counts.labelled += prediction->label >= 0;
			counts.positives += prediction->label == 1;
			assert_true(prediction->ts > 0 && prediction->request_id[0] != '\0');
		}
		counts.labels += step == DECODED_LABEL;
		counts.refused += step == DECODED_REFUSED;
		counts.cut += step == DECODED_REFUSED && record->cut;
	}
	return counts;
}

static bool
read_data(const char *path)
{
	struct buf text = {0};
	struct err err;
	bool read = buf_read_file(&text, path, 1 << 24, &err);
	if (read)
		decoding_bytes(&d, text.data, text.length);
	else
		print_message("%s is not there: skipped\n", path);
	buf_free(&text);
	return read;
}

static void
the_captures_load_whole(void **state)
{
	(void)state;
	glob_t found;
	if (glob(DATA "captured/capture__*.txt", 0, NULL, &found) != 0) {
		print_message(DATA "captured is not there: skipped\n");
		skip();
	}
	struct counts all = {0};
	for (size_t i = 0; i < found.gl_pathc; i++) {
		assert_true(read_data(found.gl_pathv[i]));
		struct counts counts = count_all(&d);
		all.predictions += counts.predictions;
		all.labelled += counts.labelled;
		all.positives += counts.positives;
		all.labels += counts.labels;
		all.refused += counts.refused;
		all.cut += counts.cut;
		all.features += counts.features;
		all.scores += counts.scores;
	}
	globfree(&found);
	assert_int_equal(all.predictions, 381);
	assert_int_equal(all.labelled, 336);
	assert_int_equal(all.positives, 243);
	assert_int_equal(all.labels, 0);
	assert_int_equal(all.refused, 7);
	assert_int_equal(all.cut, 7);
	assert_int_equal(all.features, 7204);
	assert_true(fabs(all.scores - 93.154184450628) < 1e-9);
}

/* The same folder holds what a notebook printed: none of it is a capture. */
static void
what_is_no_capture_is_refused_and_counted(void **state)
{
	(void)state;
	glob_t found;
	if (glob(DATA "captured/clarify__*.txt", 0, NULL, &found) != 0) {
		print_message(DATA "captured is not there: skipped\n");
		skip();
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		assert_true(read_data(found.gl_pathv[i]));
		struct counts counts = count_all(&d);
		assert_int_equal(counts.predictions + counts.labels, 0);
		assert_true(counts.refused > 0);
	}
	globfree(&found);
}

#define HALF(which, mode, data, encoding)                                                          \
	"\"endpoint" which "\":{\"observedContentType\":\"x\",\"mode\":\"" mode                    \
	"\",\"data\":" data ",\"encoding\":\"" encoding "\"}"
#define META ",\"eventMetadata\":{\"eventId\":\"e1\",\"inferenceTime\":\"2021-05-18T00:21:45Z\"}"
#define CAPTURE(in, out, encoding)                                                                 \
	"{\"captureData\":{" HALF("Input", "INPUT", in, encoding) "," HALF(                        \
	    "Output", "OUTPUT", out, encoding) "}" META ",\"eventVersion\":\"0\"}"

/* Reads one capture of `rows` rows into the predictions' scores and first features. */
static void
assert_rows(const char *text, size_t rows, const double *scores, const double *firsts)
{
	decoding_text(&d, text);
	for (size_t i = 0; i < rows; i++) {
		enum decoded step = decoding_next(&d);
		if (step != DECODED_PREDICTION)
			fail_msg("row %zu: %s", i, d.record.err.text);
		const struct prediction *prediction = &d.record.prediction;
		char id[16];
		snprintf(id, sizeof(id), rows > 1 ? "e1#%zu" : "e1", i);
		assert_string_equal(prediction->request_id, id);
		assert_true(prediction->score == scores[i]);
		assert_true(prediction->features[0].number == firsts[i]);
		assert_true(prediction->ts == INT64_C(1621297305000000));
		assert_int_equal(d.record.offset, 1000);
		assert_int_equal(d.record.length, strlen(text));
	}
	assert_int_equal(decoding_next(&d), DECODED_END);
}

static void
every_encoding_of_a_payload_gives_its_rows(void **state)
{
	(void)state;
	const double scores[] = {0.25, 0.75}, firsts[] = {6, -2.5};
	assert_rows(CAPTURE("\"6,0.1\"", "\"0.25\"", "CSV"), 1, scores, firsts);
	assert_rows(
	    CAPTURE("\"6,0.1\\n-2.5,x\"", "\"0.25\\r\\n0.75\\n\"", "CSV"), 2, scores, firsts);
	assert_rows(
	    CAPTURE("\"a,b\\n6,0.1\\n-2.5,1\"", "\"0.25\\n0.75\"", "CSV"), 2, scores, firsts);
	assert_string_equal(d.record.prediction.features[0].name, "a");
	/* 6,0.1 and 0.25 */
	assert_rows(CAPTURE("\"NiwwLjE=\"", "\"MC4yNQ==\"", "BASE64"), 1, scores, firsts);
	/* {"instances":[[6],[-2.5]]} and {"predictions":[[0.75,0.25],[0.25,0.75]]} */
	assert_rows(CAPTURE("\"eyJpbnN0YW5jZXMiOltbNl0sWy0yLjVdXX0=\"",
			"\"eyJwcmVkaWN0aW9ucyI6W1swLjc1LDAuMjVdLFswLjI1LDAuNzVdXX0=\"", "BASE64"),
	    2, scores, firsts);
	assert_rows(CAPTURE("\"{\\\"features\\\":[6]}\\n{\\\"features\\\":[-2.5]}\"",
			"\"{\\\"score\\\":0.25,\\\"predicted_label\\\":0}\\n"
			"{\\\"score\\\":0.75,\\\"predicted_label\\\":1}\"",
			"JSON"),
	    2, scores, firsts);
	assert_int_equal(d.record.prediction.decision, 1);
	assert_string_equal(d.record.prediction.features[0].name, "f0");
	assert_rows(
	    CAPTURE("{\"instances\":[{\"features\":{\"amt\":6}},{\"features\":{\"amt\":-2.5}}]}",
		"{\"predictions\":[{\"score\":0.25},{\"score\":0.75}]}", "JSON"),
	    2, scores, firsts);
	assert_string_equal(d.record.prediction.features[0].name, "amt");
	assert_rows(CAPTURE("[6,1,2]", "[0.75,0.25]", "JSON"), 1, scores, firsts);
	assert_int_equal(d.record.prediction.features_count, 3);
}

static void
assert_one_refused(const char *text, const char *reason)
{
	decoding_text(&d, text);
	enum decoded step = decoding_next(&d);
	assert_int_equal(step, DECODED_REFUSED);
	assert_string_equal(d.record.err.text, reason);
	assert_int_equal(decoding_next(&d), DECODED_END);
}

static void
a_capture_that_makes_no_sense_says_what(void **state)
{
	(void)state;
	assert_one_refused(
	    CAPTURE("\"1\\n2\\n3\"", "\"0.5\"", "CSV"), "3 rows were asked, 1 answered");
	assert_one_refused(CAPTURE("\"1\"", "\"1.5\"", "CSV"), "the score 1.5 is out of range");
	assert_one_refused(CAPTURE("\"1\"", "\"yes\"", "CSV"), "the score is not a number");
	assert_one_refused(CAPTURE("\"1\"", "\"\"", "CSV"), "no response to the request");
	assert_one_refused(CAPTURE("\"*\"", "\"MC4yNQ==\"", "BASE64"), "the request: not base64");
	assert_one_refused(CAPTURE("\"[1,\"", "\"0.5\"", "JSON"),
	    "the request: offset 3: the line ends, expected a value");
	assert_one_refused("{\"a\":{}}", "no response in the record");
	assert_one_refused("{\"captureData\":{" HALF("Output", "OUTPUT", "\"1\"",
			       "CSV") "},"
				      "\"eventMetadata\":{\"inferenceTime\":\"now\"}}",
	    "the time is none like 2026-01-28T14:06:04.123Z");
}

static void
a_batch_transform_repeats_its_input_and_has_no_time(void **state)
{
	(void)state;
	clock_freeze(INT64_C(1700000000000000));
	decoding_text(&d, "{\n \"eventMetadata\": {\"eventId\": \"b\"},\n \"groundTruthData\":"
			  " {\"data\": \"1\", \"encoding\": \"CSV\"},\n \"captureData\": {"
			  "\"batchTransformOutput\": {\"data\": \"186,0.1,0.0158\",\n"
			  "\"encoding\": \"CSV\"}}\n}\n");
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	const struct prediction *prediction = &d.record.prediction;
	assert_true(prediction->score == 0.0158 && prediction->label == 1);
	assert_int_equal(prediction->features_count, 2);
	assert_true(prediction->features[1].number == 0.1);
	assert_string_equal(prediction->features[1].name, "f1");
	assert_true(prediction->ts == INT64_C(1700000000000000));
	assert_int_equal(decoding_next(&d), DECODED_END);
}

static void
a_record_cut_short_costs_no_other(void **state)
{
	(void)state;
	decoding_text(&d,
	    "....!\n[" CAPTURE("\"1\"", "\"0.5\"",
		"CSV") ",\n{\"captureData\":{\"endpointInput\":{\"da"
		       "\n" CAPTURE("\"1\"", "\"0.5\"", "CSV") "{\"captureData\":{},\n" CAPTURE(
			   "\"1\"", "\"0.5\"", "CSV") "]\n{\"a\":tru}\n{\"captureData\":{");
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_false(d.record.cut);
	assert_string_equal(d.record.err.text, "text between the records");
	assert_int_equal(d.record.line, 7);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(d.record.line, 8);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_true(d.record.cut);
	assert_int_equal(d.record.line, 9);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(d.record.line, 10);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_true(d.record.cut);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(d.record.line, 11);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_false(d.record.cut);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_true(d.record.cut);
	assert_int_equal(d.record.line, 13);
	assert_int_equal(decoding_next(&d), DECODED_END);
}

/* Each label's prediction bears the id by which the label asks. */
static void
ground_truth_joins_by_event_id(void **state)
{
	(void)state;
	struct decoding labels = decoding_of("sagemaker-capture", true);
	struct buf text = {0}, captures = {0};
	struct err err;
	size_t count = 0, positives = 0;
	if (!buf_read_file(&text, DATA "ground_truth/all.jsonl", 1 << 20, &err)) {
		decoding_free(&labels);
		print_message(DATA "ground_truth is not there: skipped\n");
		skip();
	}
	decoding_bytes(&labels, text.data, text.length);
	for (; decoding_next(&labels) == DECODED_LABEL; count++) {
		const struct label *label = &labels.record.label;
		positives += label->value == 1;
		buf_clear(&captures);
		buf_printf(&captures,
		    "{\"captureData\":{" HALF("Output", "OUTPUT", "\"0.5\"",
			"CSV") "},"
			       "\"eventMetadata\":{\"eventId\":\"%s\","
			       "\"inferenceTime\":\"2021-05-18T00:21:45Z\"}}",
		    label->request_id);
		decoding_bytes(&d, captures.data, captures.length);
		assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
		assert_string_equal(d.record.prediction.request_id, label->request_id);
	}
	assert_int_equal(count, 334);
	assert_int_equal(positives, 48);
	assert_int_equal(decoding_next(&labels), DECODED_END);
	/* Of several rows each has its label; an inferenceId goes before the eventId. */
	decoding_text(&labels, "{\"groundTruthData\":{\"data\":\"0\\n1\",\"encoding\":\"CSV\"},"
			       "\"eventMetadata\":{\"eventId\":\"x\",\"inferenceId\":7}}");
	assert_int_equal(decoding_next(&labels), DECODED_LABEL);
	assert_string_equal(labels.record.label.request_id, "7#0");
	assert_int_equal(labels.record.label.value, 0);
	assert_int_equal(decoding_next(&labels), DECODED_LABEL);
	assert_string_equal(labels.record.label.request_id, "7#1");
	assert_int_equal(labels.record.label.value, 1);
	assert_int_equal(decoding_next(&labels), DECODED_END);
	buf_free(&text);
	buf_free(&captures);
	decoding_free(&labels);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_captures_load_whole, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_is_no_capture_is_refused_and_counted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		every_encoding_of_a_payload_gives_its_rows, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_capture_that_makes_no_sense_says_what, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_batch_transform_repeats_its_input_and_has_no_time, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_record_cut_short_costs_no_other, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(ground_truth_joins_by_event_id, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("captures", tests, NULL, NULL);
}
