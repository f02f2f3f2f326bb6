/* scenario.c: the demo's schedule, and the labels that come late. */
#include "core/service/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/ingest/record_reader.h"
#include "core/service/labels.h"

static double
median_delay(enum scenario scenario, double t, size_t place)
{
	enum { DRAWS = 2001 };
	struct rng rng;
	int below = 0;
	double low = 0, high = 10000;
	for (int step = 0; step < 40; step++) {
		double middle = (low + high) / 2;
		rng_seed(&rng, 1, 1);
		below = 0;
		for (int i = 0; i < DRAWS; i++)
			below += scenario_delay_ms(scenario, t, place, &rng) < middle;
		if (below > DRAWS / 2)
			high = middle;
		else
			low = middle;
	}
	return (low + high) / 2;
}

static void
every_scenario_is_found_by_its_name(void **state)
{
	(void)state;
	enum scenario found;
	for (int i = 0; i < SCENARIOS; i++) {
		assert_true(scenario_find(scenario_names()[i], &found));
		assert_int_equal(found, i);
	}
	assert_null(scenario_names()[SCENARIOS]);
	assert_false(scenario_find("doom", &found));
	assert_false(scenario_find("", &found));
}

static void
all_is_calm_before_it_begins(void **state)
{
	(void)state;
	for (int i = 0; i < SCENARIOS; i++) {
		enum scenario scenario = (enum scenario)i;
		double t = SCENARIO_BEGIN - 0.001;
		assert_true(scenario_drift(scenario, t) <= 0);
		assert_true(scenario_label_factor(scenario, t) <= 1);
		assert_false(scenario_deployed(scenario, t) || scenario_down(scenario, t));
		assert_true(median_delay(scenario, t, SCENARIO_US) < 12);
	}
}

static void
each_scenario_does_its_own_thing_and_nothing_else(void **state)
{
	(void)state;
	double t = SCENARIO_BEGIN + 15;
	for (int i = 0; i < SCENARIOS; i++) {
		enum scenario scenario = (enum scenario)i;
		assert_int_equal(scenario_drift(scenario, t) > 0, i == SCENARIO_DRIFT);
		assert_int_equal(scenario_label_factor(scenario, t) > 1, i == SCENARIO_LABEL_LAG);
		assert_int_equal(scenario_deployed(scenario, t), i == SCENARIO_BAD_DEPLOY);
		assert_int_equal(scenario_down(scenario, t), i == SCENARIO_OUTAGE);
		assert_int_equal(
		    median_delay(scenario, t, SCENARIO_US) > 100, i == SCENARIO_LATENCY);
		assert_true(median_delay(scenario, t, 0) < 12);
	}
}

static void
what_is_to_pass_passes_and_what_is_to_stay_stays(void **state)
{
	(void)state;
	double late = SCENARIO_BEGIN + 3600;
	assert_true(scenario_drift(SCENARIO_DRIFT, late) >= 1);
	assert_true(scenario_drift(SCENARIO_DRIFT, SCENARIO_BEGIN + 30) <
		    scenario_drift(SCENARIO_DRIFT, SCENARIO_BEGIN + 60));
	assert_true(scenario_deployed(SCENARIO_BAD_DEPLOY, late));
	assert_false(scenario_down(SCENARIO_OUTAGE, late));
	assert_true(scenario_label_factor(SCENARIO_LABEL_LAG, late) <= 1);
	assert_true(median_delay(SCENARIO_LATENCY, late, SCENARIO_US) < 12);
}

static void
labels_come_when_due_in_order_and_read_back(void **state)
{
	(void)state;
	char path[] = "/tmp/fraudtop-labels.XXXXXX";
	close(mkstemp(path));
	struct labels *labels = labels_new();
	struct predlog *feed = predlog_open(path, NULL);
	struct buf text = {0};
	struct rng rng;
	assert_non_null(feed);
	rng_seed(&rng, 3, 3);
	for (int i = 0; i < 1000; i++) {
		char id[16];
		wall_us due = (1 + rng_below(&rng, 1000)) * CLOCK_SECOND;
		snprintf(id, sizeof(id), "id%d", i);
		labels_add(labels, due, id, i % 2);
	}
	size_t first = labels_write_due(labels, 500 * CLOCK_SECOND, feed);
	assert_true(first > 400 && first < 600);
	assert_int_equal(labels_write_due(labels, 500 * CLOCK_SECOND, feed), 0);
	assert_int_equal(first + labels_write_due(labels, 2000 * CLOCK_SECOND, feed), 1000);
	assert_true(buf_read_file(&text, path, 1 << 20, NULL));
	struct record_reader *reader = record_reader_new();
	wall_us before = 0;
	size_t lines = 0;
	for (char *at = text.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		struct label label;
		struct err err;
		assert_true(record_read_label(reader, at, (size_t)(end - at), &label, &err));
		assert_true(label.ts >= before);
		assert_int_equal(label.value, atoi(label.request_id + 2) % 2);
		before = label.ts;
		lines++;
	}
	assert_int_equal(lines, 1000);
	record_reader_free(reader);
	buf_free(&text);
	predlog_close(feed);
	labels_free(labels);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_scenario_is_found_by_its_name),
	    cmocka_unit_test(all_is_calm_before_it_begins),
	    cmocka_unit_test(each_scenario_does_its_own_thing_and_nothing_else),
	    cmocka_unit_test(what_is_to_pass_passes_and_what_is_to_stay_stays),
	    cmocka_unit_test(labels_come_when_due_in_order_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
