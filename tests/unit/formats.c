/* formats.c: what the presets make of the logs that services really write, and mappings by
 * configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "core/base/mem.h"
#include "core/config/config_file.h"
#include "tests/kit/decoding.h"

static struct decoding d;
static struct prediction *const p = &d.record.prediction;

static void
begin(const char *format)
{
	d = decoding_of(format, false);
}

static void
reads(const char *text)
{
	decoding_text(&d, text);
	if (decoding_next(&d) != DECODED_PREDICTION)
		fail_msg("%s: %s", text, d.record.err.text);
}

static void
refuses(const char *text, const char *reason)
{
	decoding_text(&d, text);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, reason);
}

static void
assert_feature(size_t index, const char *name, double number)
{
	assert_true(index < p->features_count);
	assert_string_equal(p->features[index].name, name);
	assert_true(p->features[index].number == number);
}

/* --- fastapi --- */

static void
a_fastapi_service_logs_nested_or_flat(void **state)
{
	(void)state;
	begin("fastapi");
	reads("{\"timestamp\":\"2026-01-28T14:06:04Z\",\"level\":\"INFO\",\"status_code\":200,"
	      "\"request\":{\"transaction_id\":\"t1\",\"amount\":12.5,\"hour\":3},"
	      "\"response\":{\"is_fraud\":true,\"fraud_probability\":0.75,\"confidence\":0.9},"
	      "\"latency_ms\":4.5}");
	assert_string_equal(p->request_id, "t1");
	assert_true(p->score == 0.75 && p->decision == 1 && p->latency_ms == 4.5);
	assert_int_equal(p->status, 200);
	assert_int_equal(p->features_count, 2);
	assert_feature(0, "amount", 12.5);
	assert_feature(1, "hour", 3);
	reads(
	    "{\"timestamp\":1769609164.5,\"transaction_id\":\"t2\",\"amount\":7,"
	    "\"is_fraud\":false,\"fraud_probability\":0.25,\"confidence\":0.5,\"level\":\"INFO\"}");
	assert_true(p->ts == INT64_C(1769609164500000));
	assert_string_equal(p->request_id, "t2");
	assert_int_equal(p->decision, 0);
	assert_int_equal(p->features_count, 1);
	assert_feature(0, "amount", 7);
	reads("{\"ts\":\"2026-01-28T14:06:04Z\",\"input\":{\"features\":{\"a\":1}},"
	      "\"output\":{\"fraud_probability\":0.5,\"model_version\":\"3\"}}");
	assert_string_equal(p->version, "3");
	assert_feature(0, "a", 1);
	decoding_free(&d);
	d = decoding_of("fastapi", true);
	decoding_text(&d, "{\"transaction_id\":\"t1\",\"is_fraud\":1}");
	assert_int_equal(decoding_next(&d), DECODED_LABEL);
	assert_string_equal(d.record.label.request_id, "t1");
	assert_int_equal(d.record.label.value, 1);
	decoding_free(&d);
}

/* It began as a guess of `probe`: what stood in any record was its score. */
static void
a_record_without_outputs_is_no_exchange_of_tensors(void **state)
{
	(void)state;
	begin("mlserver-v2");
	refuses("{\"ts\":\"2026-01-28T14:06:04Z\",\"request_id\":\"r\",\"features\":{\"a\":1}}",
	    "no response to the request");
	reads("{\"ts\":\"2026-01-28T14:06:04Z\",\"amount\":7,\"response\":{\"score\":0.5}}");
	assert_int_equal(p->features_count, 0);
	reads(
	    "{\"ts\":\"2026-01-28T14:06:04Z\",\"inputs\":{\"dataframe_split\":{\"columns\":[\"a\"],"
	    "\"data\":[[3]]}},\"output\":{\"predictions\":[0.25]}}");
	assert_int_equal(p->features_count, 1);
	assert_feature(0, "a", 3);
	assert_true(p->score == 0.25);
	/* A row of a Databricks inference table: both are texts. */
	reads(
	    "{\"timestamp_ms\":1769609164000,\"databricks_request_id\":\"q\",\"status_code\":200,"
	    "\"execution_time_ms\":12,\"request\":\"{\\\"dataframe_records\\\":[{\\\"a\\\":5}]}\","
	    "\"response\":\"{\\\"predictions\\\":[0.5]}\"}");
	assert_string_equal(p->request_id, "q");
	assert_true(p->latency_ms == 12 && p->score == 0.5);
	assert_feature(0, "a", 5);
	reads("{\"ts\":\"2026-01-28T14:06:04Z\",\"inputs\":[[4]],\"outputs\":[0.75]}");
	assert_feature(0, "f0", 4);
	assert_true(p->score == 0.75);
	decoding_free(&d);
}

/* --- cloudevents --- */

#define EVENT(id, kind, time, rest)                                                                \
	"{\"specversion\":\"1.0\",\"id\":\"" id                                                    \
	"\",\"type\":\"org.kubeflow.serving.inference." kind                                       \
	"\",\"time\":\"2026-01-28T14:06:" time "Z\",\"inferenceservicename\":\"fraud\"," rest      \
	"}\n"

static void
the_two_events_of_a_request_are_one_prediction(void **state)
{
	(void)state;
	begin("cloudevents");
	decoding_text(&d,
	    EVENT("a", "request", "04", "\"data\":{\"instances\":[[1,2],[3,4]]}")
		EVENT("b", "response", "04.5", "\"data\":{\"predictions\":[0.5]}")
		    EVENT("c", "request", "05", "\"data\":{\"instances\":[[9]]}") EVENT("a",
			"response", "04.020", "\"data\":{\"predictions\":[0.25,0.75]}") EVENT("b",
			"request", "04.4", "\"data_base64\":\"eyJpbnN0YW5jZXMiOltbN11dfQ==\""));
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_string_equal(p->request_id, "a#0");
	assert_string_equal(p->service, "fraud");
	assert_true(p->score == 0.25 && p->latency_ms == 20);
	assert_true(p->ts == INT64_C(1769609164000000));
	assert_feature(1, "f1", 2);
	uint64_t shape = p->shape;
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_string_equal(p->request_id, "a#1");
	assert_true(p->score == 0.75 && p->shape == shape && shape != 0);
	assert_feature(0, "f0", 3);
	assert_int_equal(d.record.line, 10);
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_string_equal(p->request_id, "b");
	assert_feature(0, "f0", 7);
	assert_true(fabs(p->latency_ms - 100) < 1e-9);
	assert_int_equal(decoding_next(&d), DECODED_END);
	assert_int_equal(decoder_waiting(d.decoder), 1);
	assert_int_equal(decoder_orphans(d.decoder), 0);
	/* Ten minutes later nobody waits for `c` any more. */
	decoding_text(&d,
	    "{\"id\":\"z\",\"type\":\"io.seldon.serving.inference.request\",\"time\":"
	    "\"2026-01-28T14:26:05Z\",\"data\":{\"data\":{\"names\":[\"x\"],\"ndarray\":[[1]]}}}\n"
	    "{\"id\":\"z2\",\"requestid\":\"z\",\"type\":\"io.seldon.serving.inference.response\","
	    "\"time\":\"2026-01-28T14:26:05Z\",\"data\":{\"data\":{\"names\":[\"t:0\",\"t:1\"],"
	    "\"tensor\":{\"shape\":[1,2],\"values\":[0.9,0.1]}}}}");
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_feature(0, "x", 1);
	decoding_free(&d);
}

static void
events_that_wait_are_bounded_and_counted(void **state)
{
	(void)state;
	struct buf text = {0};
	begin("cloudevents");
	assert_false(mapping_is_parallel(d.mapping));
	for (int i = 0; i < 70000; i++)
		buf_printf(
		    &text, EVENT("r%d", "request", "04", "\"data\":{\"instances\":[[%d]]}"), i, i);
	decoding_bytes(&d, text.data, text.length);
	assert_int_equal(decoding_next(&d), DECODED_END);
	assert_int_equal(decoder_waiting(d.decoder), 65536);
	assert_int_equal(decoder_orphans(d.decoder), 70000 - 65536);
	/* Those of much text are fewer. */
	buf_clear(&text);
	for (int i = 0; i < 60; i++) {
		buf_printf(&text,
		    "{\"id\":\"l%d\",\"type\":\"x.request\",\"time\":\"2026-01-28T14:06:04Z\","
		    "\"data\":\"",
		    i);
		for (int j = 0; j < 10000; j++)
			buf_printf(&text, "%0100d", j);
		buf_puts(&text, "\"}\n");
	}
	decoding_bytes(&d, text.data, text.length);
	assert_int_equal(decoding_next(&d), DECODED_END);
	assert_in_range(decoder_waiting(d.decoder), 31, 34);
	buf_free(&text);
	refuses("{\"id\":\"a\",\"type\":\"x.feedback\",\"time\":\"2026-01-28T14:06:04Z\"}",
	    "an event of the type `x.feedback` is neither request nor response");
	refuses("{\"id\":\"a\",\"type\":\"x.request\"}", "no time in the event");
	decoding_free(&d);
}

/* --- mlserver-v2 --- */

static void
tensors_give_a_prediction_a_row(void **state)
{
	(void)state;
	begin("mlserver-v2");
	reads(
	    "{\"ts\":\"2026-01-28T14:06:04Z\",\"latency_ms\":2,\"request\":{\"id\":\"q\","
	    "\"inputs\":["
	    "{\"name\":\"amount\",\"shape\":[2,1],\"datatype\":\"FP64\",\"data\":[10,20]},"
	    "{\"data\":[\"DE\",\"FR\"],\"name\":\"country\",\"shape\":[2],\"datatype\":\"BYTES\"}]}"
	    ","
	    "\"response\":{\"model_name\":\"m\",\"model_version\":\"4\",\"id\":\"q\",\"outputs\":["
	    "{\"name\":\"predict\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[0,1]},"
	    "{\"name\":\"predict_proba\",\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[[0.75,0."
	    "25],[0.5,0.5]]}]}}");
	assert_string_equal(p->request_id, "q#0");
	assert_string_equal(p->model, "m");
	assert_string_equal(p->version, "4");
	assert_true(p->score == 0.25 && p->decision == 0 && p->latency_ms == 2);
	assert_feature(0, "amount", 10);
	assert_string_equal(p->features[1].name, "country");
	assert_string_equal(p->features[1].text, "DE");
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_true(p->score == 0.5 && p->decision == 1);
	assert_string_equal(p->features[1].text, "FR");
	assert_int_equal(decoding_next(&d), DECODED_END);
	reads("{\"timestamp\":1769609164,\"id\":\"q\",\"inputs\":[{\"name\":\"in\",\"shape\":[1,3],"
	      "\"data\":[1,2,3]}],"
	      "\"outputs\":[{\"name\":\"out\",\"shape\":[1,1],\"data\":[0.125]}]}");
	assert_string_equal(p->request_id, "q");
	assert_true(p->score == 0.125);
	assert_int_equal(p->features_count, 3);
	assert_feature(2, "f2", 3);
	refuses("{\"ts\":1769609164,\"inputs\":[{\"name\":\"a\",\"shape\":[2],\"data\":[1]}],"
		"\"outputs\":[{\"name\":\"o\",\"shape\":[1],\"data\":[0]}]}",
	    "the request: offset 27: a tensor of 1 values, its shape says 2");
	refuses("{\"inputs\":[{\"name\":\"a\",\"shape\":[1],\"data\":[1]}],"
		"\"outputs\":[{\"name\":\"o\",\"shape\":[1],\"data\":[0]}]}",
	    "no time in the record");
	decoding_free(&d);
}

/* --- csv --- */

static void
read_table(const char *header, const char *rows)
{
	decoding_text(&d, rows);
	d.stretch.header = header;
	d.stretch.header_length = strlen(header);
	decoder_begin(d.decoder, &d.stretch);
}

static void
a_table_is_read_by_its_header(void **state)
{
	(void)state;
	begin("csv");
	read_table("timestamp,transaction_id,amount,\"the country\",fraud_probability,is_fraud\r\n",
	    "2026-01-28 14:06:04,t1,12.5,\"DE, \"\"N\"\"\",0.75,1\r\n\n"
	    "1769609164000,t2,,\"a\nb\",1.0e-1,\r\n2026,t3\n\"t\n2026-01-28 14:06:04,t4,1,x,2,0\n");
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_string_equal(p->request_id, "t1");
	assert_true(p->score == 0.75 && p->label == 1);
	assert_int_equal(p->features_count, 2);
	assert_feature(0, "amount", 12.5);
	assert_string_equal(p->features[1].name, "the country");
	assert_string_equal(p->features[1].text, "DE, \"N\"");
	assert_int_equal(d.record.line, 7);
	uint64_t shape = p->shape;
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_true(p->ts == INT64_C(1769609164000000) && p->score == 0.1 && p->label == -1);
	assert_int_equal(p->features[0].kind, VALUE_MISSING);
	assert_true(p->shape == shape && shape != 0);
	assert_int_equal(d.record.line, 9);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, "2 fields, the header has 6");
	assert_int_equal(d.record.line, 11);
	assert_int_equal(d.record.length, 7);
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, "a quote that is never closed");
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, "column fraud_probability: out of range");
	assert_int_equal(decoding_next(&d), DECODED_END);
	read_table("amount,score", "1,0.5\n");
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(
	    d.record.err.text, "no time: no column is named ts, timestamp or like that");
	read_table("", "1,0.5\n");
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	assert_string_equal(d.record.err.text, "no header");
	decoding_free(&d);
	d = decoding_mine("  preset: csv\n  score: p1\n  ts: when\n  named: {a: amount}\n", false);
	read_table("when,p1,amount,other\n", "2026-01-28,0.5,3,4\n");
	assert_int_equal(decoding_next(&d), DECODED_REFUSED);
	read_table("when,p1,amount,other\n", "1769609164,0.5,3,4\n");
	assert_int_equal(decoding_next(&d), DECODED_PREDICTION);
	assert_int_equal(p->features_count, 1);
	assert_feature(0, "a", 3);
	decoding_free(&d);
}

/* A sample that a spreadsheet mangled: no column is a score, and its times are no times. */
static void
the_mangled_sample_is_refused_clearly(void **state)
{
	(void)state;
	static const char path[] = "../shared/data/labelled/sparkov_sample_fraudTest.csv";
	struct buf text = {0};
	struct err err;
	if (!buf_read_file(&text, path, 1 << 26, &err)) {
		print_message("%s is not there: skipped\n", path);
		skip();
	}
	size_t header = (size_t)(strchr(text.data, '\n') + 1 - text.data), rows = 0;
	begin("csv");
	decoding_bytes(&d, text.data + header, text.length - header);
	d.stretch.header = text.data + 3; /* behind the byte order mark */
	d.stretch.header_length = header - 3;
	decoder_begin(d.decoder, &d.stretch);
	for (enum decoded step; (step = decoding_next(&d)) != DECODED_END; rows++) {
		assert_int_equal(step, DECODED_REFUSED);
		assert_string_equal(d.record.err.text,
		    "column trans_date_trans_time: not a time like 2026-01-28T14:06:04.123Z");
	}
	assert_true(rows > 100);
	decoding_free(&d);
	/* With a time that can be read it is the score that is missed. */
	d = decoding_mine("  preset: csv\n  ts: unix_time\n", false);
	decoding_bytes(&d, text.data + header, text.length - header);
	d.stretch.header = text.data + 3;
	d.stretch.header_length = header - 3;
	decoder_begin(d.decoder, &d.stretch);
	while (decoding_next(&d) == DECODED_REFUSED)
		assert_string_equal(d.record.err.text,
		    "no score: no column is named score, fraud_probability or like that");
	buf_free(&text);
	decoding_free(&d);
}

/* --- mappings --- */

static void
a_mapping_says_where_the_fields_are(void **state)
{
	(void)state;
	d = decoding_mine(
	    "  ts: $.meta.at\n  request_id: $.meta.ids[1]\n  score: '$.r.p | $.r[\"p.q\"]'\n"
	    "  features: $.x\n  named: {lat: '$.geo[0]'}\n  columns: [amount, hour]\n",
	    false);
	reads("{\"meta\":{\"at\":1769609164,\"ids\":[1,2]},\"r\":{\"p.q\":0.5},\"x\":[7,8,9],"
	      "\"geo\":[47.5]}");
	assert_string_equal(p->request_id, "2");
	assert_true(p->score == 0.5);
	assert_feature(0, "amount", 7);
	assert_feature(1, "hour", 8);
	assert_int_equal(p->features_count, 4);
	reads("{\"meta\":{\"at\":1769609164,\"ids\":[1,2]},\"r\":{\"p.q\":0.5},\"x\":[7,8,9],"
	      "\"geo\":[47.5]}");
	assert_feature(0, "amount", 7);
	decoding_free(&d);
	d = decoding_mine("  preset: sagemaker-capture\n  score: '$[0]'\n  columns: [a]\n", false);
	reads("{\"captureData\":{\"endpointInput\":{\"data\":\"1,2\"},\"endpointOutput\":"
	      "{\"data\":\"0.75,0.25\"}},\"eventMetadata\":{\"eventId\":\"e\","
	      "\"inferenceTime\":\"2026-01-28T14:06:04Z\"}}");
	assert_true(p->score == 0.75);
	assert_feature(0, "a", 1);
	assert_feature(1, "f1", 2);
	decoding_free(&d);
}

/* Of a payload too: by name, by place, under the names of its own first row. */
static void
a_payload_gives_the_features_that_are_named(void **state)
{
	(void)state;
	d = decoding_mine("  preset: sagemaker-capture\n"
			  "  named: {amount: '$[1]', hour: $.tx.hour | $.hour, none: $.none}\n",
	    false);
	for (int i = 0; i < 4; i++) {
		reads("{\"captureData\":{\"endpointInput\":{\"data\":\"x,7,3\"},\"endpointOutput\":"
		      "{\"data\":\"0.5\"}},\"eventMetadata\":{\"eventId\":\"e\",\"inferenceTime\":"
		      "\"2026-01-28T14:06:04Z\"}}");
		assert_int_equal(p->features_count, 3);
		assert_feature(0, "amount", 7);
		assert_string_equal(p->features[1].name, "hour");
		assert_int_equal(p->features[1].kind, VALUE_MISSING);
	}
	reads("{\"captureData\":{\"endpointInput\":{\"data\":{\"id\":1,\"amt\":8,\"tx\":{\"hour\":"
	      "5}}},"
	      "\"endpointOutput\":{\"data\":\"0.5\"}},\"eventMetadata\":{\"eventId\":\"e\","
	      "\"inferenceTime\":\"2026-01-28T14:06:04Z\"}}");
	assert_feature(0, "amount", 8);
	assert_feature(1, "hour", 5);
	reads(
	    "{\"captureData\":{\"endpointInput\":{\"data\":\"hour,amt\\n4,9\"},\"endpointOutput\":"
	    "{\"data\":\"0.5\"}},\"eventMetadata\":{\"eventId\":\"e\",\"inferenceTime\":"
	    "\"2026-01-28T14:06:04Z\"}}");
	assert_feature(0, "amount", 9);
	assert_feature(1, "hour", 4);
	decoding_free(&d);
}

/* A failed request has no answer, and its row of texts is no header. */
static void
a_failed_request_of_texts_keeps_its_row(void **state)
{
	(void)state;
	begin("mlserver-v2");
	reads("{\"ts\":1769609164,\"status\":500,\"request\":\"a,b\"}");
	assert_int_equal(p->features_count, 2);
	assert_string_equal(p->features[0].text, "a");
	decoding_free(&d);
}

/* What mapping_print writes is a configuration of the same mapping. */
static void
a_printed_mapping_reads_back(void **state)
{
	(void)state;
	for (size_t i = 0; mapping_presets[i] != NULL; i++) {
		struct buf first = {0}, again = {0};
		struct err err = {0};
		begin(mapping_presets[i]);
		mapping_print(d.mapping, NULL, &first);
		decoding_free(&d);
		char *text = mem_printf("version: 1\n%s", first.data);
		struct config *config = config_parse("f", text, strlen(text), NULL, &err);
		if (config == NULL)
			fail_msg("%s\n%s", err.text, text);
		free(text);
		d = decoding_by(config, "mine", false);
		mapping_print(d.mapping, NULL, &again);
		assert_string_equal(first.data, again.data);
		decoding_free(&d);
		buf_free(&first);
		buf_free(&again);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_fastapi_service_logs_nested_or_flat),
	    cmocka_unit_test(a_record_without_outputs_is_no_exchange_of_tensors),
	    cmocka_unit_test(the_two_events_of_a_request_are_one_prediction),
	    cmocka_unit_test(events_that_wait_are_bounded_and_counted),
	    cmocka_unit_test(tensors_give_a_prediction_a_row),
	    cmocka_unit_test(a_table_is_read_by_its_header),
	    cmocka_unit_test(the_mangled_sample_is_refused_clearly),
	    cmocka_unit_test(a_mapping_says_where_the_fields_are),
	    cmocka_unit_test(a_payload_gives_the_features_that_are_named),
	    cmocka_unit_test(a_failed_request_of_texts_keeps_its_row),
	    cmocka_unit_test(a_printed_mapping_reads_back),
	};
	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
