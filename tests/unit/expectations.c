/* expectations.c: a suite on the live window: what falls out of it is forgotten, what two services
 * log is added up, and what cannot be checked stays unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/clock.h"
#include "core/monitor/monitor.h"
#include "core/monitor/monitor_view.h"

#define START INT64_C(1769598000000000) /* 2026-01-28T11:00:00Z */

static struct config *config;
static struct monitor *monitor;
static struct snapshot *snapshot;
static size_t source;

static int
set_up(void **state)
{
	static const char suite[] =
	    "[{\"type\":\"expect_column_values_to_be_between\",\"kwargs\":{\"column\":\"amount\","
	    "\"min_value\":0,\"max_value\":100,\"mostly\":0.99}},"
	    "{\"type\":\"expect_column_median_to_be_between\",\"kwargs\":{\"column\":\"amount\","
	    "\"min_value\":10,\"max_value\":20}},"
	    "{\"type\":\"expect_column_values_to_match_json_schema\",\"kwargs\":{\"column\":"
	    "\"amount\",\"json_schema\":{}}}]";
	struct err err = {0};
	(void)state;
	clock_freeze(START);
	config = config_new();
	monitor = monitor_new(config);
	source = monitor_add_source(monitor);
	monitor_add_suite(monitor, "m", suite_parse(suite, strlen(suite), "suite", &err));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	snapshot_free(snapshot);
	snapshot = NULL;
	monitor_free(monitor);
	config_free(config);
	return 0;
}

static void
add(const char *service, wall_us ts, double amount)
{
	struct feature_value value = {"amount", VALUE_NUMBER, amount, ""};
	struct prediction prediction = {.ts = ts,
	    .request_id = "",
	    .service = service,
	    .model = "m",
	    .version = "1",
	    .segment = "",
	    .score = 0.1,
	    .threshold = 0.5,
	    .decision = -1,
	    .latency_ms = 3,
	    .status = 200,
	    .label = -1,
	    .features = &value,
	    .features_count = 1};
	struct err err = {0};
	clock_advance(ts > clock_wall() ? ts - clock_wall() : 0);
	assert_int_equal(
	    monitor_prediction(monitor, source, &prediction, "s", "m", &err), MONITOR_ACCEPTED);
}

static const struct series_view *
look(const char *service)
{
	snapshot_free(snapshot);
	snapshot = snapshot_new();
	monitor_tick(monitor);
	monitor_view(monitor, snapshot);
	if (service == NULL)
		return snapshot->models[0].versions[0].series;
	for (size_t i = 0; i < snapshot->series_count; i++) {
		if (strcmp(snapshot->series[i].service, service) == 0)
			return &snapshot->series[i];
	}
	return NULL;
}

static void
a_window_forgets_what_has_left_it(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++)
		add("a", START + i * CLOCK_SECOND, i % 10 == 0 ? 500 : 15);
	const struct series_view *view = look("a");
	assert_int_equal(view->expectations_count, 3);
	assert_int_equal(view->expectations[0].state, EXPECTATION_FAILED);
	assert_int_equal(view->expectations[0].unexpected, 20);
	assert_int_equal(view->expectations[0].n, 200);
	assert_int_equal(view->expectations[1].state, EXPECTATION_MET);
	assert_int_equal(view->expectations[2].state, EXPECTATION_UNKNOWN);
	assert_string_equal(view->expectations[0].column, "amount");
	for (int i = 0; i < 100; i++)
		add("a", START + 2 * CLOCK_HOUR + i * CLOCK_SECOND, 30);
	view = look("a");
	assert_int_equal(view->expectations[0].state, EXPECTATION_MET);
	assert_int_equal(view->expectations[0].n, 100);
	assert_int_equal(view->expectations[1].state, EXPECTATION_FAILED); /* the median is 30 */
}

static void
services_of_one_version_are_added_up(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) {
		add("a", START + i * CLOCK_SECOND, 12);
		add("b", START + i * CLOCK_SECOND, i % 2 ? 300 : 25);
	}
	assert_int_equal(look("a")->expectations[0].state, EXPECTATION_MET);
	assert_int_equal(look("b")->expectations[0].unexpected, 30);
	const struct series_view *both = look(NULL);
	assert_int_equal(both->expectations[0].n, 120);
	assert_int_equal(both->expectations[0].unexpected, 30);
	assert_int_equal(
	    both->expectations[1].state, EXPECTATION_MET); /* 60 of 120 are 12, then 25 */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_window_forgets_what_has_left_it, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		services_of_one_version_are_added_up, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
