/* health.c: answers to /health as services send them, and as they should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/poll/health.h"

static struct health
read_typed(int status, const char *type, const char *body)
{
	struct http_answer answer = {.location = "",
	    .status = status,
	    .content_type = type,
	    .body = body,
	    .body_length = strlen(body)};
	struct health health;
	memset(&health, 0xAA, sizeof(health));
	health_read(&health, &answer);
	return health;
}

static struct health
read_json(int status, const char *body)
{
	return read_typed(status, "application/json", body);
}

static void
expect_healthy(const struct health *health)
{
	assert_string_equal(health->reason, "");
	assert_true(health->up);
	assert_true(health->healthy);
}

static void
model_and_version_are_read_in_every_usual_shape(void **state)
{
	static const struct {
		const char *body, *model, *version;
	} cases[] = {
	    {"{\"status\":\"ok\",\"model\":\"fraud\",\"version\":\"12\"}", "fraud", "12"},
	    {"{\"status\":\"healthy\",\"model_name\":\"fraud\",\"model_version\":\"v2\"}", "fraud",
		"v2"},
	    {"{\"status\":\"ok\",\"version\":12}", "", "12"},
	    {"{\"status\":\"ok\",\"version\":1.5}", "", "1.5"},
	    {"{\"status\":\"ok\",\"version\":\"0.99.1\",\"model_version\":7}", "", "7"},
	    {"{\"status\":\"UP\",\"model\":{\"name\":\"m\",\"version\":3}}", "m", "3"},
	    {"{\"status\":\"ok\",\"version\":null,\"model\":[1]}", "", ""},
	    {"{\"status\":\"ok\",\"version\":1e400,\"model\":true}", "", ""},
	    {" \r\n{\"alive\":true}", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct health health = read_json(200, cases[i].body);
		expect_healthy(&health);
		assert_true(health.model_loaded);
		assert_string_equal(health.model, cases[i].model);
		assert_string_equal(health.version, cases[i].version);
		assert_int_equal(health.epoch, -1);
	}
	struct health health = read_json(200, "{\"status\":\"ok\",\"epoch\":41}");
	assert_int_equal(health.epoch, 41);
	health = read_json(200, "{\"status\":\"ok\",\"epoch\":-1e300}");
	assert_int_equal(health.epoch, -1);
}

static void
control_characters_do_not_get_in(void **state)
{
	(void)state;
	struct health health = read_json(200,
	    "{\"status\":\"ok\\u001b]0;x\\u0007\",\"version\":\"1\\u001b[2J\\u202e2\","
	    "\"model\":\"a\\nb\"}");
	assert_string_equal(health.version, "1\xef\xbf\xbd[2J\xef\xbf\xbd"
					    "2");
	assert_string_equal(health.model, "a b");
	assert_null(strchr(health.reason, '\x1b'));
	assert_null(strchr(health.reason, '\x07'));
	assert_false(health.healthy);
}

static void
a_body_can_say_that_the_service_is_not_well(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"status\":\"degraded\"}", "status degraded"},
	    {"{\"status\":\"unhealthy\",\"detail\":\"no model\"}", "status unhealthy: no model"},
	    {"{\"status\":false}", "status false"},
	    {"{\"status\":\"\"}", "status is empty"},
	    {"{\"ready\":false}", "ready: false"},
	    {"{\"alive\":false,\"error\":\"warming up\"}", "alive: false: warming up"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct health health = read_json(200, cases[i][0]);
		assert_true(health.up);
		assert_false(health.healthy);
		assert_false(health.model_loaded);
		assert_string_equal(health.reason, cases[i][1]);
	}
	struct health health = read_json(200, "{\"status\":\"ok\",\"model_loaded\":false}");
	expect_healthy(&health);
	assert_false(health.model_loaded);
}

static void
bodies_that_are_not_json_are_judged_by_the_status(void **state)
{
	static const char *const bodies[] = {"OK", "", "pong\n", "[1]", "\"ok\"", "1"};
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct health health = read_typed(200, "text/plain", bodies[i]);
		expect_healthy(&health);
		assert_true(health.model_loaded);
		assert_string_equal(health.version, "");
		health = read_typed(503, "", bodies[i]);
		assert_false(health.up);
		assert_false(health.healthy);
		assert_string_equal(health.reason, "HTTP 503 on /health");
	}
	struct health health = read_typed(204, "", "");
	expect_healthy(&health);
}

static void
a_status_that_is_no_health_says_the_way_out(void **state)
{
	struct http_answer answer = {
	    .status = 302, .content_type = "", .body = "", .location = "https://login.example/x"};
	struct health health;
	(void)state;
	health_read(&health, &answer);
	assert_string_equal(health.reason, "HTTP 302 on /health: moved to https://login.example/x, "
					   "which `services.url` must name");
	assert_false(health.healthy);
	answer.status = 401;
	health_read(&health, &answer);
	assert_string_equal(health.reason,
	    "HTTP 401 on /health: not let in; `services.access` names token or password");
	answer.status = 429;
	answer.retry_after_us = 7 * CLOCK_SECOND;
	health_read(&health, &answer);
	assert_string_equal(health.reason, "HTTP 429 on /health: wants to be left alone for 7 s");
	assert_true(health.up); /* it answers */
}

static void
html_and_broken_json_are_refused_with_the_reason(void **state)
{
	(void)state;
	struct health health = read_typed(500, "text/html", "<html><h1>oops\x1b</h1>");
	assert_false(health.up);
	assert_string_equal(health.reason, "HTTP 500 on /health: an HTML page instead of health");
	health = read_typed(200, "", "\n<!doctype html>");
	assert_true(health.up);
	assert_false(health.healthy);
	assert_string_equal(health.reason, "an HTML page instead of health");
	health = read_json(200, "{\"status\":\"ok\"");
	assert_false(health.healthy);
	assert_string_equal(health.reason, "the health answer is broken JSON");
	struct http_answer cut = {
	    .status = 200, .content_type = "", .body = "{", .body_length = 1, .cut = true};
	health_read(&health, &cut);
	assert_true(health.up);
	assert_false(health.healthy);
	assert_string_equal(health.reason, "the health answer is too long");
}

static void
statuses_other_than_2xx_are_not_healthy(void **state)
{
	(void)state;
	struct health health = read_json(404, "{\"detail\":\"Not Found\"}");
	assert_true(health.up);
	assert_false(health.healthy);
	assert_string_equal(health.reason, "HTTP 404 on /health: Not Found");
	health = read_json(302, "");
	assert_true(health.up);
	assert_false(health.healthy);
	health = read_json(503, "{\"status\":\"ok\",\"model\":\"m\",\"version\":\"3\"}");
	assert_false(health.up);
	assert_false(health.healthy);
	assert_string_equal(health.version, "3");
	struct http_answer none = {.reason = "connection refused", .content_type = "", .body = ""};
	health_read(&health, &none);
	assert_false(health.up);
	assert_string_equal(health.reason, "connection refused");
}

static void
long_texts_are_cut_at_a_whole_character(void **state)
{
	char body[4096] = "{\"status\":\"";
	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(body, "\xc3\xa9");
	strcat(body, "\",\"detail\":\"");
	for (int i = 0; i < 300; i++)
		strcat(body, "\xc3\xa9");
	strcat(body, "\",\"version\":\"x");
	for (int i = 0; i < 300; i++)
		strcat(body, "\xc3\xa9");
	strcat(body, "\"}");
	struct health health = read_json(503, body);
	assert_int_equal(strlen(health.version), 127);
	assert_in_range(strlen(health.reason), 100, 255);
	assert_int_equal((unsigned char)health.reason[strlen(health.reason) - 1], 0xa9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(model_and_version_are_read_in_every_usual_shape),
	    cmocka_unit_test(control_characters_do_not_get_in),
	    cmocka_unit_test(a_body_can_say_that_the_service_is_not_well),
	    cmocka_unit_test(bodies_that_are_not_json_are_judged_by_the_status),
	    cmocka_unit_test(a_status_that_is_no_health_says_the_way_out),
	    cmocka_unit_test(html_and_broken_json_are_refused_with_the_reason),
	    cmocka_unit_test(statuses_other_than_2xx_are_not_healthy),
	    cmocka_unit_test(long_texts_are_cut_at_a_whole_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
