/* predict.c: what a scoring request may hold, what is said of one that may not, and what is logged.
 */
#include "core/service/predict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/record_reader.h"

static const char model_text[] =
    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":0,\"features\":["
    "{\"name\":\"amount\",\"weight\":1,\"missing\":0},"
    "{\"name\":\"merchant_category\",\"weight\":2,\"missing\":-0.5}]}";
static const char raw_text[] = "{\"kind\":\"linear\",\"link\":\"identity\",\"intercept\":0,"
			       "\"features\":[{\"name\":\"amount\",\"weight\":1,\"missing\":0}]}";
static const char metadata[] =
    "{\"version\":\"3\",\"threshold\":0.5,\"categories\":{\"merchant_category\":{\"fuel\":1}}}";

struct fixture {
	struct model *model;
	struct served served;
	struct predict predict;
	struct buf answer, log;
};

static int
set_up(void **state)
{
	struct fixture *fixture = mem_alloc(sizeof(*fixture));
	struct err err = {0};
	fixture->model = model_parse(model_text, strlen(model_text), "test", &err);
	assert_non_null(fixture->model);
	assert_true(model_set_metadata(fixture->model, metadata, &err));
	fixture->served = (struct served){fixture->model, "m", "3", 0.5, 0};
	fixture->predict = (struct predict){.served = &fixture->served,
	    .service = "eu",
	    .metrics = metrics_new(),
	    .now = INT64_C(1769609164123000),
	    .began = clock_mono()};
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	model_free(fixture->model);
	metrics_free(fixture->predict.metrics);
	buf_free(&fixture->answer);
	buf_free(&fixture->log);
	free(fixture);
	return 0;
}

static int
ask(struct fixture *fixture, const char *body)
{
	/* Exactly as long as it is, so that the sanitizer sees a step over its end. */
	size_t length = strlen(body);
	char *copy = mem_alloc(length);
	memcpy(copy, body, length);
	buf_clear(&fixture->answer);
	buf_clear(&fixture->log);
	int status = predict_one(&fixture->predict, copy, length, &fixture->answer, &fixture->log);
	free(copy);
	cJSON *json = cJSON_Parse(fixture->answer.data);
	assert_non_null(json);
	cJSON_Delete(json);
	return status;
}

static void
expect_refused(struct fixture *fixture, const char *body, const char *loc, const char *type)
{
	char wanted[128];
	assert_int_equal(ask(fixture, body), 422);
	snprintf(wanted, sizeof(wanted), "\"loc\":%s", loc);
	assert_non_null(strstr(fixture->answer.data, wanted));
	snprintf(wanted, sizeof(wanted), "\"type\":\"%s\"", type);
	assert_non_null(strstr(fixture->answer.data, wanted));
	assert_int_equal(fixture->log.length, 0);
}

static void
a_prediction_is_answered_and_logged_as_a_reader_reads_it(void **state)
{
	struct fixture *fixture = *state;
	struct prediction prediction;
	struct err err;
	assert_int_equal(
	    ask(fixture, "{\"request_id\":\"r1\",\"ts\":\"2026-01-28T15:06:04.5+01:00\","
			 "\"segment\":\"retail\",\"features\":{\"amount\":0,"
			 "\"merchant_category\":\"fuel\",\"extra\":\"a\\u001bb\"}}"),
	    200);
	assert_non_null(strstr(fixture->answer.data, "\"request_id\":\"r1\",\"is_fraud\":true"));
	assert_non_null(strstr(fixture->answer.data, "\"model\":\"m\",\"version\":\"3\""));
	struct record_reader *reader = record_reader_new();
	assert_int_equal(fixture->log.data[fixture->log.length - 1], '\n');
	assert_true(record_read_prediction(
	    reader, fixture->log.data, fixture->log.length - 1, &prediction, &err));
	assert_int_equal(prediction.ts, INT64_C(1769609164500000));
	assert_string_equal(prediction.request_id, "r1");
	assert_string_equal(prediction.service, "eu");
	assert_string_equal(prediction.segment, "retail");
	assert_int_equal(prediction.decision, 1);
	assert_int_equal(prediction.status, 200);
	assert_true(prediction.score > 0.880797 && prediction.score < 0.880798); /* of 2 */
	assert_int_equal(prediction.features_count, 3);
	assert_string_equal(prediction.features[1].text, "fuel");
	assert_string_equal(prediction.features[2].text, "a\xEF\xBF\xBD"
							 "b");
	record_reader_free(reader);
}

static void
a_flat_body_is_the_same_as_a_nested_one(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(ask(fixture, "{\"request_id\":\"r\",\"amount\":0.25,"
				      "\"merchant_category\":null}"),
	    200);
	char *flat = mem_string(fixture->answer.data);
	assert_non_null(strstr(
	    fixture->log.data, "\"features\":{\"amount\":0.25,\"merchant_category\":null}}\n"));
	ask(fixture, "{\"request_id\":\"r\",\"features\":{\"amount\":0.25,"
		     "\"merchant_category\":null}}");
	assert_string_equal(fixture->answer.data, flat);
	free(flat);
}

static void
the_decision_is_score_at_least_threshold(void **state)
{
	struct fixture *fixture = *state;
	ask(fixture, "{\"amount\":1,\"merchant_category\":null}"); /* a margin of exactly 0 */
	assert_non_null(strstr(fixture->answer.data, "\"is_fraud\":true,\"fraud_probability\":0.5,"
						     "\"confidence\":0.5,"));
	ask(fixture, "{\"amount\":0.9,\"merchant_category\":null}");
	assert_non_null(strstr(fixture->answer.data, "\"is_fraud\":false"));
}

static void
an_unknown_category_counts_as_missing_and_is_counted(void **state)
{
	struct fixture *fixture = *state;
	struct buf metrics = {0};
	assert_int_equal(ask(fixture, "{\"amount\":1,\"merchant_category\":\"moon\"}"), 200);
	assert_non_null(strstr(fixture->answer.data, "\"fraud_probability\":0.5,"));
	metrics_write(fixture->predict.metrics, &metrics);
	assert_non_null(strstr(
	    metrics.data, "fraudtop_unknown_categories_total{feature=\"merchant_category\"} 1\n"));
	assert_non_null(strstr(metrics.data,
	    "fraud_predictions_total{model=\"m\",version=\"3\",decision=\"fraud\"} 1\n"));
	buf_free(&metrics);
}

/* One of the words is 7, two are a boolean's: a JSON number or boolean may be meant. */
static void
a_category_may_come_as_the_number_or_boolean_that_its_word_is(void **state)
{
	static const struct {
		const char *value, *probability; /* of 2 times the code */
	} cases[] = {{"\"7\"", "0.8807970779778823"}, {"7", "0.8807970779778823"},
	    {"7.0", "0.8807970779778823"}, {"true", "0.9820137900379085"},
	    {"1", "0.9820137900379085"}, {"\"true\"", "0.9820137900379085"},
	    {"false", "0.11920292202211755"}, {"8", "0.5"}, {"7.5", "0.5"}, {"null", "0.5"}};
	struct fixture *fixture = *state;
	struct buf metrics = {0};
	struct err err = {0};
	assert_true(model_set_metadata(fixture->model,
	    "{\"categories\":{\"merchant_category\":{\"7\":1,\"true\":2,\"false\":-1}}}", &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char body[128], wanted[64];
		snprintf(body, sizeof(body), "{\"amount\":%s,\"merchant_category\":%s}",
		    strcmp(cases[i].probability, "0.5") == 0 ? "1" : "0", cases[i].value);
		snprintf(wanted, sizeof(wanted), "\"fraud_probability\":%s,", cases[i].probability);
		assert_int_equal(ask(fixture, body), 200);
		if (strstr(fixture->answer.data, wanted) == NULL)
			fail_msg("%s: %s", body, fixture->answer.data);
	}
	metrics_write(fixture->predict.metrics, &metrics);
	assert_non_null(strstr(metrics.data, /* 8 and 7.5 */
	    "fraudtop_unknown_categories_total{feature=\"merchant_category\"} 2\n"));
	buf_free(&metrics);
	expect_refused(fixture, "{\"amount\":1,\"merchant_category\":[7]}",
	    "[\"body\",\"merchant_category\"]", "string_type");
	expect_refused(fixture, "{\"amount\":1,\"merchant_category\":1e999}",
	    "[\"body\",\"merchant_category\"]", "string_type");
	assert_true(model_set_metadata(
	    fixture->model, "{\"categories\":{\"merchant_category\":{\"fuel\":1}}}", &err));
	expect_refused(fixture, "{\"amount\":1,\"merchant_category\":true}",
	    "[\"body\",\"merchant_category\"]", "string_type");
}

static void
a_body_that_breaks_a_rule_is_told_field_and_rule(void **state)
{
	static const struct {
		const char *body, *loc, *type;
	} cases[] = {
	    {"", "[\"body\"]", "missing"},
	    {" \n", "[\"body\"]", "missing"},
	    {"{", "[\"body\"]", "json_invalid"},
	    {"{} x", "[\"body\"]", "json_invalid"},
	    {"[1]", "[\"body\"]", "dict_type"},
	    {"{\"features\":3}", "[\"body\",\"features\"]", "dict_type"},
	    {"{\"amount\":1}", "[\"body\",\"merchant_category\"]", "missing"},
	    {"{\"features\":{\"merchant_category\":null}}", "[\"body\",\"features\",\"amount\"]",
		"missing"},
	    {"{\"features\":{\"amount\":\"1\",\"merchant_category\":null}}",
		"[\"body\",\"features\",\"amount\"]", "float_type"},
	    {"{\"amount\":[1],\"merchant_category\":null}", "[\"body\",\"amount\"]", "float_type"},
	    {"{\"amount\":1e999,\"merchant_category\":null}", "[\"body\",\"amount\"]",
		"finite_number"},
	    {"{\"amount\":1e39,\"merchant_category\":null}", "[\"body\",\"amount\"]",
		"finite_number"},
	    {"{\"amount\":NaN,\"merchant_category\":null}", "[\"body\"]", "json_invalid"},
	    {"{\"amount\":1,\"amount\":2,\"merchant_category\":null}", "[\"body\",\"amount\"]",
		"duplicate"},
	    {"{\"amount\":1,\"merchant_category\":4}", "[\"body\",\"merchant_category\"]",
		"string_type"},
	    {"{\"amount\":1,\"merchant_category\":null,\"x\":{}}", "[\"body\",\"x\"]",
		"scalar_type"},
	    {"{\"ts\":\"noon\",\"amount\":1,\"merchant_category\":null}", "[\"body\",\"ts\"]",
		"datetime_parsing"},
	    {"{\"ts\":7,\"amount\":1,\"merchant_category\":null}", "[\"body\",\"ts\"]",
		"datetime_parsing"},
	    {"{\"request_id\":7,\"amount\":1,\"merchant_category\":null}",
		"[\"body\",\"request_id\"]", "string_type"},
	    {"{\"segment\":\"\",\"amount\":1,\"merchant_category\":null}", "[\"body\",\"segment\"]",
		"string_too_short"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_refused(*state, cases[i].body, cases[i].loc, cases[i].type);
}

static void
more_features_than_a_log_line_may_hold_are_refused(void **state)
{
	struct buf body = {0};
	buf_puts(&body, "{\"amount\":1,\"merchant_category\":null");
	for (int i = 0; i < RECORD_MAX_FEATURES - 2; i++)
		buf_printf(&body, ",\"x%d\":0", i);
	buf_puts(&body, "}");
	assert_int_equal(ask(*state, body.data), 200);
	body.length--;
	buf_puts(&body, ",\"one_more\":0}");
	expect_refused(*state, body.data, "[\"body\"]", "too_long");
	buf_free(&body);
}

static void
a_batch_answers_each_row_and_complains_by_its_number(void **state)
{
	struct fixture *fixture = *state;
	const char *body =
	    "{\"transactions\":[{\"amount\":1,\"merchant_category\":null},"
	    "{\"features\":{\"amount\":\"x\",\"merchant_category\":null}},5,"
	    "{\"request_id\":\"last\",\"amount\":9,\"merchant_category\":\"fuel\"}]}";
	assert_int_equal(
	    predict_batch(&fixture->predict, body, strlen(body), &fixture->answer, &fixture->log),
	    200);
	cJSON *json = cJSON_Parse(fixture->answer.data);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "predictions")), 4);
	assert_int_equal(cJSON_GetObjectItem(json, "errors")->valueint, 2);
	cJSON_Delete(json);
	assert_non_null(
	    strstr(fixture->answer.data, "[\"body\",\"transactions\",1,\"features\",\"amount\"]"));
	assert_non_null(strstr(fixture->answer.data, "[\"body\",\"transactions\",2]"));
	assert_non_null(strstr(fixture->answer.data, "\"request_id\":\"last\",\"is_fraud\":true"));
	assert_int_equal(fixture->predict.lines, 2);
}

static void
a_batch_has_bounds(void **state)
{
	struct fixture *fixture = *state;
	struct buf body = {0};
	static const char *const bodies[] = {"{}", "{\"transactions\":{}}", "{\"transactions\":[]}",
	    "{\"transactions\":null}", "[]"};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(predict_batch(&fixture->predict, bodies[i], strlen(bodies[i]),
				     &fixture->answer, &fixture->log),
		    422);
	buf_puts(&body, "{\"transactions\":[0");
	for (int i = 0; i < PREDICT_MAX_ROWS; i++)
		buf_puts(&body, ",0");
	buf_puts(&body, "]}");
	assert_int_equal(predict_batch(&fixture->predict, body.data, body.length, &fixture->answer,
			     &fixture->log),
	    422);
	assert_non_null(strstr(fixture->answer.data, "too_long"));
	buf_free(&body);
}

static void
a_model_that_gives_no_probability_is_a_500_and_logged(void **state)
{
	struct fixture *fixture = *state;
	struct prediction prediction;
	struct err err;
	struct model *old = fixture->model;
	fixture->served.model = fixture->model =
	    model_parse(raw_text, strlen(raw_text), "raw", &err);
	assert_non_null(fixture->model);
	model_free(old);
	assert_int_equal(ask(fixture, "{\"amount\":0.75}"), 200);
	assert_int_equal(ask(fixture, "{\"amount\":7}"), 500);
	struct record_reader *reader = record_reader_new();
	assert_true(record_read_prediction(
	    reader, fixture->log.data, fixture->log.length - 1, &prediction, &err));
	assert_int_equal(prediction.status, 500);
	assert_true(prediction.score != prediction.score);
	record_reader_free(reader);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_prediction_is_answered_and_logged_as_a_reader_reads_it),
	    TEST(a_flat_body_is_the_same_as_a_nested_one),
	    TEST(the_decision_is_score_at_least_threshold),
	    TEST(an_unknown_category_counts_as_missing_and_is_counted),
	    TEST(a_category_may_come_as_the_number_or_boolean_that_its_word_is),
	    TEST(a_body_that_breaks_a_rule_is_told_field_and_rule),
	    TEST(more_features_than_a_log_line_may_hold_are_refused),
	    TEST(a_batch_answers_each_row_and_complains_by_its_number),
	    TEST(a_batch_has_bounds),
	    TEST(a_model_that_gives_no_probability_is_a_500_and_logged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
