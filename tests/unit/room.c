/* room.c: whose windows go when there is no room for all: names that come once, and what is heard
 * no more; never what has just been deployed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/monitor/monitor_view.h"
#include "core/monitor/state.h"
#include "tests/kit/monitored.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

enum { MIB = 16, FEATURES = 6 };

static struct config *config;
static struct monitor *monitor;
static size_t source;

static int
set_up(void **state)
{
	(void)state;
	config = config_new();
	config->replay_rows = 0;
	clock_freeze(START + 400 * CLOCK_DAY);
	monitor = monitor_new(config);
	monitor_limit_windows(monitor, MIB);
	source = monitor_add_source(monitor);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	monitor_free(monitor);
	config_free(config);
	return 0;
}

static void
send(const char *version, wall_us ts)
{
	static const char *const names[FEATURES] = {"a", "b", "c", "d", "e", "f"};
	struct feature_value features[FEATURES];
	for (int i = 0; i < FEATURES; i++)
		features[i] = monitored_number(names[i], (double)(ts / CLOCK_SECOND % (7 + i)));
	struct prediction prediction = monitored_prediction(ts);
	prediction.version = version;
	prediction.features = features;
	prediction.features_count = FEATURES;
	monitored_send(monitor, source, &prediction);
}

static void
send_numbered(const char *prefix, int number, wall_us ts)
{
	char version[32];
	snprintf(version, sizeof(version), "%s%d", prefix, number);
	send(version, ts);
}

static const struct series *
find(const char *version)
{
	for (size_t i = 0; i < monitor->series_count; i++)
		if (strcmp(monitor->series[i]->version, version) == 0)
			return monitor->series[i];
	fail_msg("no version %s", version);
	return NULL;
}

static size_t
folded(void)
{
	return room_view(monitor).folded;
}

/* Each of the changes is a fold or a return. */
static uint64_t
returns(void)
{
	return (monitor->room.changes - folded()) / 2;
}

/* `count` versions at once, a record a second of each, for so long. */
static void
run(const char *prefix, int count, wall_us from, int seconds)
{
	for (int s = 0; s < seconds; s++)
		for (int i = 0; i < count; i++)
			send_numbered(prefix, i, from + s * CLOCK_SECOND);
}

/* Of `old`, one after the other, until one is folded. */
static int
fill(void)
{
	wall_us at = START;
	int count = 0;
	while (folded() == 0) {
		assert_in_range(count, 0, 200);
		for (int s = 0; s < 1200; s++, at += CLOCK_SECOND)
			send_numbered("old", count, at);
		count++;
	}
	assert_in_range(count, 3, 200);
	return count;
}

static uint64_t
shown_records(const char *version)
{
	struct snapshot *snapshot = monitored_view(monitor);
	uint64_t records = 0;
	for (size_t i = 0; i < snapshot->series_count; i++)
		if (strcmp(snapshot->series[i].version, version) == 0)
			records = snapshot->series[i].records;
	snapshot_free(snapshot);
	return records;
}

static void
a_new_deployment_is_seen_within_a_minute_for_what_is_heard_no_more(void **state)
{
	(void)state;
	int old = fill();
	wall_us later = START + 4 * CLOCK_DAY;
	for (int n = 0; n < 2 * old; n++) { /* each new one for the one before */
		for (int s = 0; s < 60; s++)
			send_numbered("new", n, later + s * CLOCK_SECOND);
		char version[32];
		snprintf(version, sizeof(version), "new%d", n);
		assert_false(find(version)->folded);
		assert_in_range(shown_records(version), 30, 60);
		later += CLOCK_DAY;
	}
}

static void
a_new_deployment_is_seen_within_a_minute_while_all_others_have_traffic(void **state)
{
	(void)state;
	int old = fill();
	wall_us later = START + 4 * CLOCK_DAY;
	for (int s = 0; s < 3600; s += 20) /* the others: three a minute */
		run("old", old, later + s * CLOCK_SECOND, 1);
	assert_true(folded() > 0);
	later += CLOCK_HOUR;
	for (int i = 0; i < 600; i++)
		send("new", later + i * CLOCK_SECOND / 10);
	assert_false(find("new")->folded);
	assert_true(shown_records("new") >= 300);
}

static void
versions_of_about_the_same_traffic_do_not_take_turns(void **state)
{
	(void)state;
	int old = fill();
	wall_us later = START + 4 * CLOCK_DAY;
	run("old", old, later, 1200);
	uint64_t returned = returns();
	run("old", old, later + 1200 * CLOCK_SECOND, 1200);
	assert_int_equal(returns(), returned);
}

static void
names_that_come_once_push_nothing_out(void **state)
{
	(void)state;
	wall_us at = START;
	for (int m = 0; m < 5000; m++, at += CLOCK_MINUTE) {
		send("busy", at);
		if (m % 30 == 0)
			send("slow", at + 1);
		if (m > 600) /* both are known by now */
			send_numbered("random", m, at + 2);
	}
	assert_true(folded() > 0);
	assert_true(find("busy")->since == INT64_MIN);
	assert_true(find("slow")->since == INT64_MIN);
}

static void
what_pictures_keep_decides_nothing(void **state)
{
	(void)state;
	fill();
	size_t used = monitor->room.used;
	struct snapshot *snapshot = monitored_view(monitor);
	struct series_view *all = snapshot_alloc(snapshot, sizeof(*all));
	monitor_service(monitor, "eu", all);
	snapshot_free(snapshot);
	assert_int_equal(monitor->room.used, used);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(a_new_deployment_is_seen_within_a_minute_for_what_is_heard_no_more),
	    TEST(a_new_deployment_is_seen_within_a_minute_while_all_others_have_traffic),
	    TEST(versions_of_about_the_same_traffic_do_not_take_turns),
	    TEST(names_that_come_once_push_nothing_out),
	    TEST(what_pictures_keep_decides_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
