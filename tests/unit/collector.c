/* collector.c: the parts on one loop: files that come, grow, are renamed and lie; snapshots that
 * are held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "tests/kit/collected.h"

static void
write_lines(const struct collected *f, const char *name, int first, int count)
{
	FILE *file = place_open(f->folder, name, "a");
	for (int i = first; i < first + count; i++)
		fprintf(file,
		    "{\"ts\":\"2026-01-28T14:%02d:%02dZ\",\"request_id\":\"r%d\",\"service\":"
		    "\"eu\","
		    "\"model\":\"m\",\"version\":\"1\",\"score\":0.25,\"threshold\":0.5}\n",
		    i / 60, i % 60, i);
	place_close(file);
}

/* `log` is the name of its files. */
static void
begin(struct collected *f, const char *log)
{
	place_make(f->folder, "collector");
	char *yaml =
	    mem_printf("services: [{name: eu, log: \"@/%s\", labels: \"@/labels\"}]\n", log);
	collected_open(f, yaml);
	free(yaml);
}

static uint64_t
lines_read(struct collected *f)
{
	uint64_t lines = 0;
	collector_update(f->collector);
	const struct snapshot *snapshot = collector_snapshot(f->collector);
	for (size_t i = 0; i < snapshot->sources_count; i++)
		lines += snapshot->sources[i].lines;
	return lines;
}

/* Turns the loop until so many lines are in, at most two minutes; then a while longer, for those
 * that should not come. */
static void
expect_lines(struct collected *f, uint64_t lines)
{
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	while (lines_read(f) < lines && clock_mono() < limit)
		loop_run_once(f->loop, 50000);
	limit = clock_mono() + CLOCK_SECOND;
	while (clock_mono() < limit)
		loop_run_once(f->loop, 50000);
	assert_int_equal(lines_read(f), lines);
}

static void
a_log_that_is_not_there_is_waited_for(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu.jsonl");
	expect_lines(&f, 0);
	assert_int_equal(collector_snapshot(f.collector)->services_count, 1);
	assert_int_equal(collector_snapshot(f.collector)->services[0].state, SERVICE_UNKNOWN);
	assert_false(collector_snapshot(f.collector)->sources[0].present);
	write_lines(&f, "eu.jsonl", 0, 30);
	expect_lines(&f, 30);
	assert_int_equal(collector_snapshot(f.collector)->services[0].state, SERVICE_OK);
	assert_string_equal(collector_snapshot(f.collector)->services[0].version, "1");
	collected_end(&f);
}

static void
a_glob_finds_what_comes_and_reads_nothing_twice(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu*.jsonl");
	write_lines(&f, "eu.jsonl", 0, 10);
	expect_lines(&f, 10);
	char *old = place_path(f.folder, "eu.jsonl"), *new = place_path(f.folder, "eu.1.jsonl");
	assert_int_equal(rename(old, new), 0); /* now matches by another name */
	write_lines(&f, "eu.jsonl", 10, 5);
	expect_lines(&f, 15);
	write_lines(&f, "eu-west.jsonl", 20, 7);
	expect_lines(&f, 22);
	free(old);
	free(new);
	collected_end(&f);
}

static void
lies_in_a_log_are_counted_and_shown_clean(void **state)
{
	(void)state;
	static const char lies[] = "{\"ts\":\"2026-01-28T14:00:00Z\",\"score\":7}\n"
				   "\x1b]52;c;aGVsbG8=\x07 no json \xff\xfe\n"
				   "{\"ts\":\"2096-01-28T14:00:00Z\",\"score\":0.5}\n"
				   "{\"ts\":\"2026-01-28T14:00:00Z\",\"version\":\"\\u001b[2Jx\","
				   "\"score\":0.5}\n";
	struct collected f;
	begin(&f, "eu.jsonl");
	FILE *file = place_open(f.folder, "eu.jsonl", "w");
	assert_int_equal(fwrite(lies, 1, sizeof(lies) - 1, file), sizeof(lies) - 1);
	place_close(file);
	expect_lines(&f, 4);
	const struct snapshot *snapshot = collector_snapshot(f.collector);
	assert_int_equal(snapshot->sources[0].rejected, 3);
	assert_int_equal(snapshot->sources[0].accepted, 1);
	assert_non_null(strstr(snapshot->sources[0].last_reason, "ahead of the wall clock"));
	assert_int_equal(snapshot->lines_count, 4);
	for (size_t i = 0; i < snapshot->lines_count; i++) {
		for (const char *c = snapshot->lines[i].text; *c != '\0'; c++)
			assert_true((unsigned char)*c >= 0x20);
	}
	assert_null(strchr(snapshot->services[0].version, 0x1b));
	collected_end(&f);
}

static void
a_held_snapshot_stays_while_new_ones_are_made(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu.jsonl");
	write_lines(&f, "eu.jsonl", 0, 20);
	expect_lines(&f, 20);
	struct snapshot *held = snapshot_hold(collector_snapshot(f.collector));
	uint64_t number = held->number;
	write_lines(&f, "eu.jsonl", 20, 20);
	expect_lines(&f, 40);
	assert_int_equal(held->number, number);
	assert_int_equal(held->sources[0].lines, 20);
	assert_int_equal(held->series[0].records, 20);
	assert_int_equal(collector_snapshot(f.collector)->series[0].records, 40);
	snapshot_free(held);
	collected_end(&f);
}

/* n records a minute apart from the first minute of a day on, and a label for each an hour later.
 */
static void
write_day(const struct collected *f, const char *name, int day, int n)
{
	FILE *log = place_open(f->folder, name, "a");
	FILE *labels = place_open(f->folder, "labels", "a");
	for (int i = 0; i < n; i++) {
		fprintf(log,
		    "{\"ts\":\"2026-01-%02dT%02d:%02d:00Z\",\"request_id\":\"d%d-%d\","
		    "\"model\":\"m\",\"version\":\"1\",\"score\":0.75,\"threshold\":0.5,"
		    "\"segment\":\"%0200d\"}\n",
		    day, i / 60, i % 60, day, i, 0);
		fprintf(labels,
		    "{\"ts\":\"2026-01-%02dT%02d:%02d:00Z\",\"request_id\":\"d%d-%d\","
		    "\"label\":1}\n",
		    day, i / 60 + 1, i % 60, day, i);
	}
	place_close(log);
	place_close(labels);
}

static void
days_in_several_files_are_read_in_the_order_of_time(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu-*.jsonl");
	write_day(&f, "eu-b.jsonl", 25, 1300); /* not the order of their names */
	write_day(&f, "eu-c.jsonl", 26, 1300);
	write_day(&f, "eu-a.jsonl", 27, 1300);
	collector_free(f.collector); /* they are there when it begins */
	collected_begin(&f);
	expect_lines(&f, 6 * 1300);
	const struct snapshot *snapshot = collector_snapshot(f.collector);
	assert_int_equal(snapshot->sources_count, 4);
	for (size_t i = 0; i < snapshot->sources_count; i++) {
		assert_int_equal(snapshot->sources[i].late, 0);
		assert_int_equal(snapshot->sources[i].rejected, 0);
	}
	assert_int_equal(snapshot->series_count, 1);
	const struct quality_view *quality = &snapshot->series[0].quality;
	assert_int_equal(quality->predictions, 3 * 1300);
	assert_int_equal(quality->labelled, 3 * 1300);
	assert_int_equal(quality->tp, 3 * 1300);
	/* Most labels came after their predictions, as they did when it was now. */
	assert_true(quality->label_lag_s.n > 2 * 1300);
	assert_true(quality->label_lag_s.value > 3500 && quality->label_lag_s.value < 3700);
	collected_end(&f);
}

/* Decisions that were right 49 times in 50 are wrong every second time. */
static void
a_risen_label_error_is_an_event_once_and_in_words(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu.jsonl");
	FILE *file = place_open(f.folder, "eu.jsonl", "w");
	for (int i = 0; i < 3000; i++) {
		bool wrong = i % (i < 2600 ? 50 : 2) == 0;
		fprintf(file,
		    "{\"ts\":\"2026-01-28T%02d:%02d:%02dZ\",\"request_id\":\"c%d\","
		    "\"version\":\"1\",\"score\":0.25,\"threshold\":0.5,\"label\":%d}\n",
		    i / 3600, i / 60 % 60, i % 60, i, wrong);
	}
	place_close(file);
	expect_lines(&f, 3000);
	const struct snapshot *snapshot = collector_snapshot(f.collector);
	size_t told = 0;
	for (size_t i = 0; i < snapshot->events_count; i++) {
		const struct event_view *event = &snapshot->events[i];
		if (strstr(event->text, "wrong decisions rose from 2.0 %") == NULL)
			continue;
		told++;
		assert_int_equal(event->kind, EVENT_QUALITY);
		assert_int_equal(event->severity, SEVERITY_WARNING);
		assert_string_equal(event->service, "eu");
		assert_non_null(strstr(event->text, "since 2026-01-28T00:4"));
		assert_non_null(strstr(event->text, "ADWIN"));
	}
	assert_int_equal(told, 1);
	assert_int_equal(snapshot->series[0].concept_severity, SEVERITY_WARNING);
	collected_end(&f);
}

/* A hole is not written out, and as many bytes to read. */
static void
write_backlog(const struct collected *f)
{
	FILE *file = place_open(f->folder, "eu.jsonl", "w");
	assert_int_equal(fseek(file, 80 << 20, SEEK_SET), 0);
	for (int i = 0; i < 30000; i++)
		fprintf(file,
		    "{\"ts\":\"2026-01-28T14:%02d:%02d.%03dZ\",\"request_id\":\"r%d\",\"service\":"
		    "\"eu\",\"model\":\"m\",\"version\":\"%d\",\"score\":0.25}\n",
		    i / 600, i / 10 % 60, i % 10 * 100, i, 1 + i / 1000 % 2);
	place_close(file);
}

/* Was it seen to be caught up with? It may be over at once where this process was kept waiting. */
static bool
catch_up_without_news(void)
{
	struct collected f;
	begin(&f, "eu.jsonl");
	write_backlog(&f);
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	bool ran = false;
	while (!collector_caught_up(f.collector) && clock_mono() < limit) {
		ran |= collected_turn(&f, 1000)->catchup.state == CATCHUP_RUNNING;
	}
	assert_true(collector_caught_up(f.collector));
	collector_update(f.collector);
	const struct snapshot *snapshot = collector_snapshot(f.collector);
	assert_int_equal(snapshot->sources[0].accepted, 30000);
	assert_string_equal(snapshot->services[0].version, "2");
	for (size_t i = 0; i < snapshot->events_count; i++)
		assert_int_not_equal(snapshot->events[i].kind, EVENT_VERSION);
	collected_end(&f);
	return ran;
}

static void
what_is_caught_up_with_is_no_news(void **state)
{
	(void)state;
	int tries = 0;
	while (!catch_up_without_news())
		assert_true(++tries < 10);
}

/* A log is live, then its service says no more for longer than the window. */
static void
a_silent_log_is_no_proof_that_all_is_well(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu.jsonl");
	char now[32];
	FILE *file = place_open(f.folder, "eu.jsonl", "w");
	clock_format(now, sizeof(now), clock_wall());
	fprintf(file, "{\"ts\":\"%s\",\"version\":\"1\",\"score\":0.5}\n", now);
	fprintf(file, "{\"ts\":\"%s\",\"version\":\"1\",\"score\":0.5}\n", now);
	place_close(file);
	expect_lines(&f, 2);
	const struct service_view *service = &collector_snapshot(f.collector)->services[0];
	assert_int_equal(service->state, SERVICE_OK);
	assert_int_equal(service->error_rate.state, METRIC_NONE); /* no status is logged */
	mono_us heard = clock_mono();
	clock_freeze(clock_wall());
	clock_advance(heard + 2 * CLOCK_HOUR); /* whatever frozen time begins at */
	collector_update(f.collector);
	service = &collector_snapshot(f.collector)->services[0];
	assert_int_equal(service->state, SERVICE_UNKNOWN);
	assert_non_null(strstr(service->reason, "silent"));
	collected_end(&f);
}

static void
every_service_of_a_log_gets_a_row(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu.jsonl");
	FILE *file = place_open(f.folder, "eu.jsonl", "w");
	for (int i = 0; i < 300; i++) /* 256 is what the monitor keeps apart */
		fprintf(file,
		    "{\"ts\":\"2026-01-28T14:00:00Z\",\"service\":\"s%d\",\"score\":0.5}\n", i);
	place_close(file);
	expect_lines(&f, 300);
	const struct snapshot *snapshot = collector_snapshot(f.collector);
	assert_int_equal(snapshot->services_count, 1 + 256 + 1);
	assert_string_equal(snapshot->services[256].name, "s255");
	assert_string_equal(snapshot->services[257].name, "other");
	assert_int_equal(snapshot->sources[0].rejected, 0);
	collected_end(&f);
}

/* What is said of the first service once so many lines were read. */
static void
expect_reason(struct collected *f, uint64_t lines, const char *reason)
{
	expect_lines(f, lines);
	const struct service_view *view = &collector_snapshot(f->collector)->services[0];
	assert_int_equal(view->state, SERVICE_UNKNOWN);
	if (strstr(view->reason, reason) == NULL)
		fail_msg("%s", view->reason);
}

static void
why_nothing_is_heard_of_a_service_is_said(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "eu*.jsonl");
	expect_reason(&f, 0, "no file yet where its log should be: ");
	place_write(f.folder, "eu.jsonl", "no record\n");
	expect_reason(&f, 1, "no line of its log is understood: fraudtop probe ");
	place_write(f.folder, "eu2.jsonl",
	    "{\"ts\":\"2026-01-28T14:00:00Z\",\"service\":\"us\",\"score\":0.5}\n");
	expect_reason(&f, 2, "its log is of other services only");
	collected_end(&f);
	begin(&f, "eu.jsonl");
	expect_reason(&f, 0, "eu.jsonl: No such file or directory");
	collected_end(&f);
}

/* With a profile and a suite beside the log, and a state folder of its own. */
static void
begin_referred(struct collected *f)
{
	place_make(f->folder, "collector");
	char *state = place_path(f->folder, "state");
	assert_int_equal(setenv("XDG_STATE_HOME", state, 1), 0);
	free(state);
	char *copy = mem_printf(
	    "cp tests/data/profile/small.json tests/data/suites/mixed.json %s", f->folder);
	assert_int_equal(system(copy), 0);
	free(copy);
	collected_open(f, "services: [{name: eu, log: \"@/eu.jsonl\"}]\n"
			  "references: [{model: m, profile: \"@/small.json\"}]\n"
			  "expectations: [{model: m, suite: \"@/mixed.json\"}]\n");
}

static void
a_broken_checkpoint_needs_no_profile_a_second_time(void **state)
{
	(void)state;
	struct collected f;
	begin_referred(&f);
	write_lines(&f, "eu.jsonl", 0, 30);
	expect_lines(&f, 30);
	size_t expectations = collector_snapshot(f.collector)->series[0].expectations_count;
	assert_true(expectations > 0);
	collector_free(f.collector); /* which keeps a checkpoint */
	char *spoil = mem_printf("rm %s/state/fraudtop/checkpoints/*/join/*", f.folder);
	assert_int_equal(system(spoil), 0);
	free(spoil);
	collected_begin(&f);
	char *gone = mem_printf("rm %s/small.json %s/mixed.json", f.folder, f.folder);
	assert_int_equal(system(gone), 0);
	free(gone);
	expect_lines(&f, 30);
	const struct snapshot *snapshot = collector_snapshot(f.collector);
	assert_false(snapshot->checkpoint.resumed);
	assert_non_null(strstr(snapshot->checkpoint.reason, "the logs are read anew: "));
	assert_int_equal(snapshot->sources[0].accepted, 30);
	assert_int_equal(snapshot->models_count, 1);
	char *profile = place_path(f.folder, "small.json");
	assert_non_null(strstr(snapshot->models[0].reference.origin, profile));
	free(profile);
	assert_int_equal(snapshot->series[0].expectations_count, expectations);
	assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
	collected_end(&f);
}

static void
assert_same_line(const struct line_view *a, const struct line_view *b)
{
	assert_true(a->ts == b->ts && a->label == b->label && a->flagged == b->flagged &&
		    a->failed == b->failed && a->rejected == b->rejected);
	assert_string_equal(a->service, b->service);
	assert_string_equal(a->version, b->version);
	assert_string_equal(a->request_id, b->request_id);
	assert_string_equal(a->text, b->text);
}

static void
the_newest_lines_are_there_at_once_after_a_restart(void **state)
{
	(void)state;
	struct collected f;
	begin_referred(&f);
	write_lines(&f, "eu.jsonl", 0, 250);
	FILE *file = place_open(f.folder, "eu.jsonl", "a");
	fputs("no record\n"
	      "{\"ts\":\"2026-01-28T14:05:00Z\",\"request_id\":\"x\",\"service\":\"eu\",\"model\":"
	      "\"m\","
	      "\"version\":\"1\",\"score\":0.75,\"threshold\":0.5,\"decision\":true,\"label\":1,"
	      "\"features\":{\"word\":\"\\u00e9\"}}\n",
	    file);
	place_close(file);
	expect_lines(&f, 252);
	struct snapshot *before = collector_snapshot(f.collector);
	snapshot_hold(before);
	assert_int_equal(before->lines_count, 200);
	assert_true(before->lines[199].flagged && before->lines[199].label == 1);
	assert_true(before->lines[198].rejected);
	collector_free(f.collector);
	collected_begin(&f);
	expect_lines(&f, 252);
	const struct snapshot *after = collector_snapshot(f.collector);
	assert_true(after->checkpoint.resumed);
	assert_int_equal(after->sources[0].accepted, 251);
	assert_int_equal(after->lines_count, 200);
	for (size_t i = 0; i < 200; i++)
		assert_same_line(&after->lines[i], &before->lines[i]);
	write_lines(&f, "eu.jsonl", 400, 1);
	expect_lines(&f, 253);
	after = collector_snapshot(f.collector);
	assert_int_equal(after->lines_count, 200);
	assert_string_equal(after->lines[199].request_id, "r400");
	assert_same_line(&after->lines[198], &before->lines[199]);
	snapshot_free(before);
	assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
	collected_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_log_that_is_not_there_is_waited_for),
	    cmocka_unit_test(a_glob_finds_what_comes_and_reads_nothing_twice),
	    cmocka_unit_test(lies_in_a_log_are_counted_and_shown_clean),
	    cmocka_unit_test(a_held_snapshot_stays_while_new_ones_are_made),
	    cmocka_unit_test(days_in_several_files_are_read_in_the_order_of_time),
	    cmocka_unit_test(every_service_of_a_log_gets_a_row),
	    cmocka_unit_test(why_nothing_is_heard_of_a_service_is_said),
	    cmocka_unit_test(a_risen_label_error_is_an_event_once_and_in_words),
	    cmocka_unit_test(what_is_caught_up_with_is_no_news),
	    cmocka_unit_test(a_broken_checkpoint_needs_no_profile_a_second_time),
	    cmocka_unit_test(the_newest_lines_are_there_at_once_after_a_restart),
	    cmocka_unit_test(a_silent_log_is_no_proof_that_all_is_well), /* freezes the clock */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
