/* intake.c: logs into a monitor, by the caller and by workers: the same to the bit however many
 * there are, stopped and resumed, merged by time, with what was refused where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "tests/kit/logs.h"
#include "core/monitor/monitor_view.h"
#include "tui/json.h"

/* All that the monitor and the files can tell, as text. */
static void
tell(struct logs *f, struct buf *out)
{
	struct snapshot *snapshot = snapshot_new();
	monitor_view(f->monitor, snapshot);
	json_snapshot(snapshot, NULL, 0, false, out);
	snapshot_free(snapshot);
	for (size_t i = 0; i < intake_files(f->intake); i++) {
		const struct intake_file *file = intake_file(f->intake, i);
		buf_printf(out, "%s %llu %llu %llu %lld %llu %llu\n", file->source->path,
		    (unsigned long long)file->accepted, (unsigned long long)file->late,
		    (unsigned long long)file->sampled_out, (long long)file->newest,
		    (unsigned long long)file->refusals.count,
		    (unsigned long long)file->refusals.last.offset);
	}
}

static const char two_logs[] =
    "  - {name: eu, log: [\"@/a.jsonl\", \"@/b.jsonl\"], labels: \"@/labels.jsonl\"}\n";

static void
write_two_logs(const struct logs *f)
{
	logs_write(f, "a.jsonl", "a", 12000, 200, 1000);
	logs_write(f, "b.jsonl", "b", 9000, 270, 0);
	logs_write_labels(f, "labels.jsonl", "a", 11000, 201);
}

static void
many_workers_come_to_what_one_comes_to_to_the_bit(void **state)
{
	(void)state;
	static const unsigned workers[] = {1, 2, 3, 8};
	struct buf told[4] = {0};
	struct logs f;
	logs_make(&f);
	write_two_logs(&f);
	logs_configure(&f, two_logs);
	for (size_t i = 0; i < 4; i++) {
		logs_open(&f);
		logs_read(&f, workers[i]);
		tell(&f, &told[i]);
		assert_string_equal(told[0].data, told[i].data);
		assert_int_equal(intake_file(f.intake, 0)->accepted, 12000);
		assert_int_equal(intake_file(f.intake, 1)->accepted, 9000);
		assert_int_equal(intake_file(f.intake, 2)->accepted, 11000);
		assert_int_equal(intake_file(f.intake, 0)->refusals.count, 12);
		assert_true(intake_progress(f.intake).caught_up);
		struct join_view join = monitor_join(f.monitor);
		assert_int_equal(join.waiting_labels, 11000 / 97 + 1); /* of failed requests */
		logs_close(&f);
	}
	for (size_t i = 0; i < 4; i++)
		buf_free(&told[i]);
	logs_end(&f);
}

static void
what_is_stopped_goes_on_where_it_was(void **state)
{
	(void)state;
	struct buf whole = {0}, parts = {0};
	struct logs f;
	logs_make(&f);
	write_two_logs(&f);
	logs_configure(&f, two_logs);
	logs_open(&f);
	logs_read(&f, 1);
	tell(&f, &whole);
	logs_close(&f);
	logs_open(&f);
	uint64_t before = 0;
	for (int i = 0; i < 1000 && !intake_progress(f.intake).caught_up; i++) {
		intake_start(f.intake, 1 + (unsigned)i % 3);
		intake_stop(f.intake);
		assert_false(intake_running(f.intake));
		assert_true(intake_progress(f.intake).bytes >= before);
		before = intake_progress(f.intake).bytes;
		if (i == 20)
			logs_read(&f, 2);
	}
	assert_true(intake_progress(f.intake).caught_up);
	tell(&f, &parts);
	assert_string_equal(whole.data, parts.data);
	buf_free(&whole);
	buf_free(&parts);
	logs_end(&f);
}

/* Half an hour at one record a second in each: read one after the other, or in large pieces, the
 * second would come too late for the windows. */
static void
files_of_one_time_are_merged(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	logs_write(&f, "a.jsonl", "a", 20000, 720, 0);
	logs_write(&f, "b.jsonl", "b", 20000, 720, 0);
	logs_configure(&f, "  - {name: eu, log: \"@/*.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers += 2) {
		logs_open(&f);
		logs_read(&f, workers);
		assert_int_equal(intake_files(f.intake), 2);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(intake_file(f.intake, i)->accepted, 20000);
			assert_int_equal(intake_file(f.intake, i)->late, 0);
		}
		logs_close(&f);
	}
	logs_end(&f);
}

static void
expect_line(
    const struct logs *f, const char *name, const struct refusal *refusal, const char *reason)
{
	char text[64] = "";
	FILE *file = place_open(f->folder, name, "r");
	assert_int_equal(fseek(file, (long)refusal->offset, SEEK_SET), 0);
	assert_non_null(fgets(text, sizeof(text), file));
	place_close(file);
	text[20] = '\0';
	assert_int_equal(strncmp(refusal->text, text, 20), 0);
	if (strstr(refusal->reason, reason) == NULL)
		fail_msg("%s is not about %s", refusal->reason, reason);
}

static void
what_is_refused_is_told_with_its_place(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	FILE *file = place_open(f.folder, "a.jsonl", "w");
	struct rng rng;
	rng_seed(&rng, 1, 1);
	for (int i = 0; i < 3000; i++) {
		if (i == 40) /* the monitor will not have it: it is of another century */
			fprintf(file, "{\"ts\":\"2126-01-28T14:06:01Z\",\"score\":0.5}\n");
		if (i % 500 == 250)
			fprintf(file, "{\"ts\":\"2026-01-28T14:06:01Z\", \"score\":%d}\n", i);
		logs_put(file, &rng, "r", i, i);
	}
	fprintf(file, "{\"ts\":\"2126-01-28T14:06:01Z\",\"score\":0.25}\n");
	place_close(file);
	logs_configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		logs_open(&f);
		logs_read(&f, workers);
		const struct refusals *refusals = &intake_file(f.intake, 0)->refusals;
		assert_int_equal(refusals->count, 8);
		assert_int_equal(refusals->first.line, 41);
		assert_int_equal(refusals->last.line, 3008);
		expect_line(&f, "a.jsonl", &refusals->first, "ahead");
		expect_line(&f, "a.jsonl", &refusals->last, "ahead");
		for (size_t i = 0; i < refusals->sample_count; i++)
			expect_line(&f, "a.jsonl", &refusals->sample[i], "");
		assert_int_equal(intake_file(f.intake, 0)->accepted, 3000);
		logs_close(&f);
	}
	logs_end(&f);
}

static void
put_long_line(FILE *file)
{
	for (int i = 0; i < STRETCH_MAX_RECORD + 100; i++)
		putc('x', file);
	putc('\n', file);
}

static void
a_line_too_long_is_refused_where_it_stands(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	FILE *file = place_open(f.folder, "a.jsonl", "w");
	struct rng rng;
	rng_seed(&rng, 1, 1);
	uint64_t first = 0, last = 0;
	for (int i = 0; i < 3000; i++) {
		if (i == 1000)
			first = (uint64_t)ftell(file);
		if (i == 2000)
			last = (uint64_t)ftell(file);
		if (i == 1000 || i == 2000)
			put_long_line(file);
		if (i == 1500)
			fprintf(file, "this is no record of anything\n");
		logs_put(file, &rng, "r", i, i);
	}
	place_close(file);
	logs_configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		logs_open(&f);
		logs_read(&f, workers);
		const struct refusals *refusals = &intake_file(f.intake, 0)->refusals;
		assert_int_equal(refusals->count, 3);
		assert_int_equal(refusals->first.offset, first);
		assert_int_equal(refusals->first.line, 1001);
		assert_string_equal(refusals->first.reason, "longer than 1048576 bytes");
		assert_int_equal(refusals->last.offset, last);
		assert_int_equal(refusals->last.line, 2003);
		assert_int_equal(refusals->sample_count, 1);
		expect_line(&f, "a.jsonl", &refusals->sample[0], "expected");
		assert_int_equal(intake_file(f.intake, 0)->accepted, 3000);
		logs_close(&f);
	}
	logs_end(&f);
}

struct seen {
	size_t lines, rejected;
	wall_us last;
};

static void
see(const struct intake_file *file, const struct line_view *line, void *context)
{
	struct seen *seen = context;
	assert_non_null(file->service);
	seen->lines++;
	seen->rejected += line->rejected;
	if (line->rejected)
		return;
	assert_true(line->ts > seen->last);
	assert_string_equal(line->service, "eu");
	assert_non_null(strstr(line->text, "amount="));
	seen->last = line->ts;
}

static void
the_newest_lines_are_handed_over_in_order(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	logs_write(&f, "a.jsonl", "a", 20000, 100, 900);
	logs_configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		struct seen seen = {0};
		logs_open(&f);
		intake_on_line(f.intake, see, &seen);
		logs_read(&f, workers);
		assert_true(seen.lines >= INTAKE_LINES);
		assert_true(seen.lines < 20000);
		assert_int_equal(seen.last, ((int64_t)LOGS_BEGIN * 1000 + 19999 * 100) * 1000);
		logs_close(&f);
	}
	logs_end(&f);
}

static void
a_sample_is_of_the_same_requests_in_the_log_and_its_labels(void **state)
{
	(void)state;
	struct logs f;
	uint64_t kept = 0;
	logs_make(&f);
	logs_write(&f, "a.jsonl", "a", 10000, 100, 0);
	logs_write_labels(&f, "labels.jsonl", "a", 10000, 100);
	logs_configure(
	    &f, "  - {name: eu, log: \"@/a.jsonl\", labels: \"@/labels.jsonl\", sample: 1/10}\n");
	for (unsigned workers = 1; workers <= 2; workers++) {
		logs_open(&f);
		logs_read(&f, workers);
		const struct intake_file *log = intake_file(f.intake, 0);
		assert_int_equal(log->accepted + log->sampled_out, 10000);
		assert_true(log->accepted > 850 && log->accepted < 1150);
		assert_true(kept == 0 || kept == log->accepted);
		kept = log->accepted;
		assert_int_equal(intake_file(f.intake, 1)->accepted, kept);
		struct join_view join = monitor_join(f.monitor);
		assert_int_equal(join.pending, 0);
		/* The labels of failed requests find none. */
		assert_int_equal(join.joined + join.waiting_labels, kept);
		logs_close(&f);
	}
	logs_end(&f);
}

/* Two services, one of them sampled, whose labels are in one feed. */
static void
read_two_of_one_feed(struct logs *f)
{
	logs_write(f, "a.jsonl", "a", 100, 100, 0);
	logs_write(f, "b.jsonl", "b", 1000, 100, 0);
	logs_write_labels(f, "labels.jsonl", "b", 1000, 100);
	logs_configure(f,
	    "  - {name: eu, log: \"@/a.jsonl\", labels: \"@/labels.jsonl\", sample: 1/100}\n"
	    "  - {name: us, log: \"@/b.jsonl\", labels: \"@/labels.jsonl\"}\n");
	logs_open(f);
	logs_read(f, 0);
}

static void
labels_of_several_services_are_as_many_as_any_of_them_needs(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	read_two_of_one_feed(&f);
	for (size_t i = 0; i < intake_files(f.intake); i++) {
		const struct intake_file *file = intake_file(f.intake, i);
		if (file->source->labels)
			assert_int_equal(file->accepted, 1000);
	}
	logs_end(&f);
}

static void
labels_that_tell_no_time_meet_what_is_logged(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	logs_write(&f, "a.jsonl", "a", 5000, 100, 0);
	FILE *file = place_open(f.folder, "labels.jsonl", "w");
	for (int i = 0; i < 5000; i++)
		fprintf(file, "{\"request_id\":\"a%d\",\"label\":%d}\n", i, i % 2);
	place_close(file);
	logs_configure(&f, "  - {name: eu, log: \"@/a.jsonl\", labels: \"@/labels.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		logs_open(&f);
		logs_read(&f, workers);
		struct join_view join = monitor_join(f.monitor);
		assert_int_equal(join.joined + join.waiting_labels, 5000);
		assert_int_equal(join.expired, 0);
		assert_int_equal(join.pending, 0);
		logs_close(&f);
	}
	logs_end(&f);
}

/* How often it was let in while all was read, and how often after more than a tenth of a second. */
static int
take_the_lock_again_and_again(int *late)
{
	struct logs f;
	int held = 0;
	*late = 0;
	logs_make(&f);
	logs_write(&f, "a.jsonl", "a", 60000, 10, 0);
	logs_configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	logs_open(&f);
	intake_start(f.intake, 4);
	while (intake_running(f.intake)) {
		mono_us began = clock_mono();
		intake_lock(f.intake);
		*late += clock_mono() - began > CLOCK_SECOND / 10;
		held++;
		intake_unlock(f.intake);
	}
	intake_stop(f.intake);
	print_message("# held %d times, %d of them late\n", held, *late);
	assert_int_equal(intake_file(f.intake, 0)->accepted, 60000);
	logs_end(&f);
	return held;
}

/* A machine that is busy holds up who waits or who holds it now and then, not one in a hundred; it
 * may hold up this process for all of the reading, but not five times. */
static void
who_holds_the_lock_is_let_in_soon(void **state)
{
	(void)state;
	int late, held, tries = 0;
	while ((held = take_the_lock_again_and_again(&late)) <= 200)
		assert_true(++tries < 5);
	assert_true(late * 100 <= held);
}

static void
files_that_come_while_workers_read_are_theirs_to_find(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	logs_write(&f, "a.jsonl", "a", 60000, 10, 0);
	logs_configure(&f, "  - {name: eu, log: \"@/*.jsonl\"}\n");
	logs_open(&f);
	intake_lock(f.intake); /* while nobody commits, they come no further than their slots */
	intake_start(f.intake, 2);
	logs_write(&f, "b.jsonl", "b", 500, 10, 0);
	intake_look(f.intake); /* does not wait for them */
	intake_unlock(f.intake);
	while (intake_running(f.intake))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	intake_stop(f.intake);
	assert_int_equal(intake_files(f.intake), 2);
	assert_int_equal(intake_file(f.intake, 0)->accepted, 60000);
	assert_int_equal(intake_file(f.intake, 1)->accepted + intake_file(f.intake, 1)->late, 500);
	logs_close(&f);
	logs_end(&f);
}

static void
an_unknown_format_is_an_error(void **state)
{
	(void)state;
	struct logs f;
	struct err err = {0};
	logs_make(&f);
	logs_configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	snprintf(f.config->services[0].format, sizeof(f.config->services[0].format), "fastapo");
	f.monitor = monitor_new(f.config);
	assert_null(intake_new(f.config, f.monitor, &err));
	assert_non_null(strstr(err.text, "eu"));
	logs_end(&f);
}

/* Whatever has become of the configuration: it needs none of it to be valid a second time. */
static void
one_that_is_begun_again_reads_all_that_was_asked_for(void **state)
{
	(void)state;
	struct logs f;
	logs_make(&f);
	read_two_of_one_feed(&f);
	uint64_t sampled = intake_file(f.intake, 0)->accepted;
	for (size_t i = 0; i < 2; i++)
		snprintf(f.config->services[i].format, sizeof(f.config->services[i].format), "x");
	struct intake *before = f.intake;
	struct monitor *old = f.monitor;
	f.monitor = monitor_new(f.config);
	f.intake = intake_new_again(before, f.monitor);
	intake_free(before);
	monitor_free(old);
	logs_read(&f, 2);
	assert_int_equal(intake_files(f.intake), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct intake_file *file = intake_file(f.intake, i);
		assert_int_equal(file->accepted,
		    file->service == &f.config->services[0] && !file->source->labels ? sampled
										     : 1000);
	}
	logs_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_workers_come_to_what_one_comes_to_to_the_bit),
	    cmocka_unit_test(what_is_stopped_goes_on_where_it_was),
	    cmocka_unit_test(files_of_one_time_are_merged),
	    cmocka_unit_test(what_is_refused_is_told_with_its_place),
	    cmocka_unit_test(a_line_too_long_is_refused_where_it_stands),
	    cmocka_unit_test(the_newest_lines_are_handed_over_in_order),
	    cmocka_unit_test(a_sample_is_of_the_same_requests_in_the_log_and_its_labels),
	    cmocka_unit_test(labels_of_several_services_are_as_many_as_any_of_them_needs),
	    cmocka_unit_test(labels_that_tell_no_time_meet_what_is_logged),
	    cmocka_unit_test(who_holds_the_lock_is_let_in_soon),
	    cmocka_unit_test(files_that_come_while_workers_read_are_theirs_to_find),
	    cmocka_unit_test(an_unknown_format_is_an_error),
	    cmocka_unit_test(one_that_is_begun_again_reads_all_that_was_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
