/* intake.c: logs into a monitor, by the caller and by workers: the same to the bit however many
 * there are, stopped and resumed, merged by time, with what was refused where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/config/config_file.h"
#include "core/monitor/intake.h"
#include "tui/json.h"

enum { SLICE = 128 * 1024, FIRST = 1769608800 }; /* 2026-01-28T14:00:00Z */

struct fixture {
	char folder[64];
	struct config *config;
	struct monitor *monitor;
	struct intake *intake;
};

static char *
path_of(const struct fixture *f, const char *name)
{
	return mem_printf("%s/%s", f->folder, name);
}

static void
begin(struct fixture *f)
{
	*f = (struct fixture){0};
	snprintf(f->folder, sizeof(f->folder), "/tmp/fraudtop-intake-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
}

/* `services`: the list of the configuration, with @ for the folder. */
static void
configure(struct fixture *f, const char *services)
{
	struct err err = {0};
	struct buf text = {0};
	buf_puts(&text, "version: 1\nlimits: {reference_records: 500}\nservices:\n");
	for (const char *at = services; *at != '\0'; at++) {
		if (*at == '@')
			buf_puts(&text, f->folder);
		else
			buf_append(&text, at, 1);
	}
	f->config = config_parse("test", text.data, text.length, NULL, &err);
	if (f->config == NULL)
		fail_msg("%s", err.text);
	buf_free(&text);
}

static void
open_intake(struct fixture *f)
{
	struct err err = {0};
	f->monitor = monitor_new(f->config);
	f->intake = intake_new(f->config, f->monitor, &err);
	assert_non_null(f->intake);
}

static void
close_intake(struct fixture *f)
{
	intake_free(f->intake);
	monitor_free(f->monitor);
	f->intake = NULL;
	f->monitor = NULL;
}

static void
end(struct fixture *f)
{
	close_intake(f);
	config_free(f->config);
	char *command = mem_printf("rm -r '%s'", f->folder);
	assert_int_equal(system(command), 0);
	free(command);
}

static FILE *
create(const struct fixture *f, const char *name)
{
	char *path = path_of(f, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	free(path);
	return file;
}

static void
put_time(FILE *file, int64_t ms)
{
	int64_t s = ms / 1000 - FIRST;
	fprintf(file, "\"ts\":\"2026-01-28T%02d:%02d:%02d.%03dZ\"", 14 + (int)(s / 3600),
	    (int)(s / 60 % 60), (int)(s % 60), (int)(ms % 1000));
}

static void
put_record(FILE *file, struct rng *rng, const char *prefix, int i, int64_t ms)
{
	double amount = rng_uniform(rng) * (i > 9000 ? 900 : 500);
	fprintf(file, "{");
	put_time(file, ms);
	fprintf(file,
	    ",\"request_id\":\"%s%d\",\"service\":\"eu\",\"model\":\"m\",\"version\":\"%d\","
	    "\"score\":%.17g,\"threshold\":0.5,\"latency_ms\":%.3f,\"status\":%d,\"features\":{"
	    "\"amount\":%.4f,\"hour\":%d,\"segment\":\"%s\"}}\n",
	    prefix, i, i % 10 == 3 ? 13 : 12, rng_uniform(rng), 3 + 40 * rng_uniform(rng),
	    i % 97 == 5 ? 503 : 200, amount, i % 24, i % 3 != 0 ? "retail" : "online");
}

/* Records i = 0, 1, ... a step apart in time; some lines are no records. */
static void
write_log(const struct fixture *f, const char *name, const char *prefix, int count, int64_t step_ms,
    int bad_every)
{
	FILE *file = create(f, name);
	struct rng rng;
	rng_seed(&rng, (uint64_t)prefix[0], 1);
	for (int i = 0; i < count; i++) {
		if (bad_every > 0 && i % bad_every == bad_every - 1)
			fprintf(file, "{\"ts\":\"2026-01-28T14:06:01Z\",\"decision\":%d}\n", i);
		put_record(file, &rng, prefix, i, (int64_t)FIRST * 1000 + i * step_ms);
	}
	assert_int_equal(fclose(file), 0);
}

static void
write_labels(
    const struct fixture *f, const char *name, const char *prefix, int count, int64_t step_ms)
{
	FILE *file = create(f, name);
	for (int i = 0; i < count; i++) {
		fprintf(file, "{");
		put_time(file, (int64_t)FIRST * 1000 + 60000 + i * step_ms);
		fprintf(file, ",\"request_id\":\"%s%d\",\"label\":%d}\n", prefix, i, i % 7 == 0);
	}
	assert_int_equal(fclose(file), 0);
}

static void
read_all(struct fixture *f, unsigned workers)
{
	if (workers == 0) {
		while (intake_read(f->intake, SLICE))
			continue;
		return;
	}
	intake_start(f->intake, workers);
	while (intake_running(f->intake)) {
		intake_lock(f->intake);
		assert_true(intake_progress(f->intake).bytes <= intake_progress(f->intake).total);
		intake_unlock(f->intake);
	}
	intake_stop(f->intake);
}

/* All that the monitor and the files can tell, as text. */
static void
tell(struct fixture *f, struct buf *out)
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
write_two_logs(const struct fixture *f)
{
	write_log(f, "a.jsonl", "a", 12000, 200, 1000);
	write_log(f, "b.jsonl", "b", 9000, 270, 0);
	write_labels(f, "labels.jsonl", "a", 11000, 201);
}

static void
many_workers_come_to_what_one_comes_to_to_the_bit(void **state)
{
	(void)state;
	static const unsigned workers[] = {1, 2, 3, 8};
	struct buf told[4] = {0};
	struct fixture f;
	begin(&f);
	write_two_logs(&f);
	configure(&f, two_logs);
	for (size_t i = 0; i < 4; i++) {
		open_intake(&f);
		read_all(&f, workers[i]);
		tell(&f, &told[i]);
		assert_string_equal(told[0].data, told[i].data);
		assert_int_equal(intake_file(f.intake, 0)->accepted, 12000);
		assert_int_equal(intake_file(f.intake, 1)->accepted, 9000);
		assert_int_equal(intake_file(f.intake, 2)->accepted, 11000);
		assert_int_equal(intake_file(f.intake, 0)->refusals.count, 12);
		assert_true(intake_progress(f.intake).caught_up);
		struct join_view join = monitor_join(f.monitor);
		assert_int_equal(join.waiting_labels, 11000 / 97 + 1); /* of failed requests */
		close_intake(&f);
	}
	for (size_t i = 0; i < 4; i++)
		buf_free(&told[i]);
	end(&f);
}

static void
what_is_stopped_goes_on_where_it_was(void **state)
{
	(void)state;
	struct buf whole = {0}, parts = {0};
	struct fixture f;
	begin(&f);
	write_two_logs(&f);
	configure(&f, two_logs);
	open_intake(&f);
	read_all(&f, 1);
	tell(&f, &whole);
	close_intake(&f);
	open_intake(&f);
	uint64_t before = 0;
	for (int i = 0; i < 1000 && !intake_progress(f.intake).caught_up; i++) {
		intake_start(f.intake, 1 + (unsigned)i % 3);
		intake_stop(f.intake);
		assert_false(intake_running(f.intake));
		assert_true(intake_progress(f.intake).bytes >= before);
		before = intake_progress(f.intake).bytes;
		if (i == 20)
			read_all(&f, 2);
	}
	assert_true(intake_progress(f.intake).caught_up);
	tell(&f, &parts);
	assert_string_equal(whole.data, parts.data);
	buf_free(&whole);
	buf_free(&parts);
	end(&f);
}

/* Half an hour at one record a second in each: read one after the other, or in large pieces, the
 * second would come too late for the windows. */
static void
files_of_one_time_are_merged(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	write_log(&f, "a.jsonl", "a", 20000, 720, 0);
	write_log(&f, "b.jsonl", "b", 20000, 720, 0);
	configure(&f, "  - {name: eu, log: \"@/*.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers += 2) {
		open_intake(&f);
		read_all(&f, workers);
		assert_int_equal(intake_files(f.intake), 2);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(intake_file(f.intake, i)->accepted, 20000);
			assert_int_equal(intake_file(f.intake, i)->late, 0);
		}
		close_intake(&f);
	}
	end(&f);
}

static void
expect_line(
    const struct fixture *f, const char *name, const struct refusal *refusal, const char *reason)
{
	char text[64] = "", *path = path_of(f, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fseek(file, (long)refusal->offset, SEEK_SET), 0);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_int_equal(fclose(file), 0);
	free(path);
	text[20] = '\0';
	assert_int_equal(strncmp(refusal->text, text, 20), 0);
	if (strstr(refusal->reason, reason) == NULL)
		fail_msg("%s is not about %s", refusal->reason, reason);
}

static void
what_is_refused_is_told_with_its_place(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	FILE *file = create(&f, "a.jsonl");
	struct rng rng;
	rng_seed(&rng, 1, 1);
	for (int i = 0; i < 3000; i++) {
		if (i == 40) /* the monitor will not have it: it is of another century */
			fprintf(file, "{\"ts\":\"2126-01-28T14:06:01Z\",\"score\":0.5}\n");
		if (i % 500 == 250)
			fprintf(file, "{\"ts\":\"2026-01-28T14:06:01Z\", \"score\":%d}\n", i);
		put_record(file, &rng, "r", i, (int64_t)FIRST * 1000 + i);
	}
	fprintf(file, "{\"ts\":\"2126-01-28T14:06:01Z\",\"score\":0.25}\n");
	assert_int_equal(fclose(file), 0);
	configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		open_intake(&f);
		read_all(&f, workers);
		const struct refusals *refusals = &intake_file(f.intake, 0)->refusals;
		assert_int_equal(refusals->count, 8);
		assert_int_equal(refusals->first.line, 41);
		assert_int_equal(refusals->last.line, 3008);
		expect_line(&f, "a.jsonl", &refusals->first, "ahead");
		expect_line(&f, "a.jsonl", &refusals->last, "ahead");
		for (size_t i = 0; i < refusals->sample_count; i++)
			expect_line(&f, "a.jsonl", &refusals->sample[i], "");
		assert_int_equal(intake_file(f.intake, 0)->accepted, 3000);
		close_intake(&f);
	}
	end(&f);
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
	struct fixture f;
	begin(&f);
	FILE *file = create(&f, "a.jsonl");
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
		put_record(file, &rng, "r", i, (int64_t)FIRST * 1000 + i);
	}
	assert_int_equal(fclose(file), 0);
	configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		open_intake(&f);
		read_all(&f, workers);
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
		close_intake(&f);
	}
	end(&f);
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
	struct fixture f;
	begin(&f);
	write_log(&f, "a.jsonl", "a", 20000, 100, 900);
	configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		struct seen seen = {0};
		open_intake(&f);
		intake_on_line(f.intake, see, &seen);
		read_all(&f, workers);
		assert_true(seen.lines >= INTAKE_LINES);
		assert_true(seen.lines < 20000);
		assert_int_equal(seen.last, ((int64_t)FIRST * 1000 + 19999 * 100) * 1000);
		close_intake(&f);
	}
	end(&f);
}

static void
a_sample_is_of_the_same_requests_in_the_log_and_its_labels(void **state)
{
	(void)state;
	struct fixture f;
	uint64_t kept = 0;
	begin(&f);
	write_log(&f, "a.jsonl", "a", 10000, 100, 0);
	write_labels(&f, "labels.jsonl", "a", 10000, 100);
	configure(
	    &f, "  - {name: eu, log: \"@/a.jsonl\", labels: \"@/labels.jsonl\", sample: 1/10}\n");
	for (unsigned workers = 1; workers <= 2; workers++) {
		open_intake(&f);
		read_all(&f, workers);
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
		close_intake(&f);
	}
	end(&f);
}

/* Two services, one of them sampled, whose labels are in one feed. */
static void
read_two_of_one_feed(struct fixture *f)
{
	write_log(f, "a.jsonl", "a", 100, 100, 0);
	write_log(f, "b.jsonl", "b", 1000, 100, 0);
	write_labels(f, "labels.jsonl", "b", 1000, 100);
	configure(f,
	    "  - {name: eu, log: \"@/a.jsonl\", labels: \"@/labels.jsonl\", sample: 1/100}\n"
	    "  - {name: us, log: \"@/b.jsonl\", labels: \"@/labels.jsonl\"}\n");
	open_intake(f);
	read_all(f, 0);
}

static void
labels_of_several_services_are_as_many_as_any_of_them_needs(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	read_two_of_one_feed(&f);
	for (size_t i = 0; i < intake_files(f.intake); i++) {
		const struct intake_file *file = intake_file(f.intake, i);
		if (file->source->labels)
			assert_int_equal(file->accepted, 1000);
	}
	end(&f);
}

static void
of_the_newest_each_log_gives_its_own_window(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	write_log(&f, "busy.jsonl", "a", 60000, 2, 0);
	write_log(&f, "quiet.jsonl", "b", 20000, 6, 0);
	configure(
	    &f, "  - {name: eu, log: \"@/busy.jsonl\"}\n  - {name: us, log: \"@/quiet.jsonl\"}\n");
	f.config->comparison_us = CLOCK_MINUTE;
	open_intake(&f);
	intake_look(f.intake);
	struct monitor *monitor = monitor_new(f.config);
	struct intake *newest = intake_new_newest(f.config, monitor, f.intake);
	assert_non_null(newest);
	while (intake_read(newest, SLICE))
		continue;
	uint64_t busy = intake_file(newest, 0)->accepted, quiet = intake_file(newest, 1)->accepted;
	assert_true(busy > 27000 && busy < 33000);
	assert_true(quiet > 9000 && quiet < 11000);
	intake_free(newest);
	monitor_free(monitor);
	end(&f);
}

/* The newest of what a configuration names, or NULL. */
static struct intake *
open_newest(struct fixture *f, const char *services, struct monitor **monitor)
{
	configure(f, services);
	open_intake(f);
	intake_look(f->intake);
	*monitor = monitor_new(f->config);
	return intake_new_newest(f->config, *monitor, f->intake);
}

static void
of_the_newest_a_table_gives_its_last_rows(void **state)
{
	(void)state;
	struct fixture f;
	struct monitor *monitor;
	begin(&f);
	char *path = path_of(&f, "rows.db");
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	free(path);
	assert_int_equal(
	    sqlite3_exec(db,
		"CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
		"WHERE i < 100000) SELECT 1769608800 + i / 100 AS ts, 'r' || i AS request_id, 0.25 "
		"AS score FROM n",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	struct intake *newest =
	    open_newest(&f, "  - {name: eu, log: \"@/rows.db\", table: t}\n", &monitor);
	assert_non_null(newest);
	while (intake_read(newest, SLICE))
		continue;
	assert_int_equal(intake_file(newest, 0)->accepted, 65536); /* 32 MiB by 512 bytes */
	assert_true(monitor_clock(monitor) / CLOCK_SECOND == 1769608800 + 1000);
	intake_free(newest);
	monitor_free(monitor);
	end(&f);
}

static void
packed_files_have_no_newest_of_their_own(void **state)
{
	(void)state;
	struct fixture f;
	struct monitor *monitor;
	begin(&f);
	write_log(&f, "eu.jsonl.1", "a", 1000, 2, 0);
	char *pack = mem_printf("gzip %s/eu.jsonl.1", f.folder);
	assert_int_equal(system(pack), 0);
	free(pack);
	assert_null(open_newest(&f, "  - {name: eu, log: \"@/eu.jsonl*\"}\n", &monitor));
	monitor_free(monitor);
	while (intake_read(f.intake, SLICE))
		continue;
	assert_int_equal(intake_file(f.intake, 0)->accepted, 1000);
	end(&f);
}

static void
labels_that_tell_no_time_meet_what_is_logged(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
	write_log(&f, "a.jsonl", "a", 5000, 100, 0);
	FILE *file = create(&f, "labels.jsonl");
	for (int i = 0; i < 5000; i++)
		fprintf(file, "{\"request_id\":\"a%d\",\"label\":%d}\n", i, i % 2);
	assert_int_equal(fclose(file), 0);
	configure(&f, "  - {name: eu, log: \"@/a.jsonl\", labels: \"@/labels.jsonl\"}\n");
	for (unsigned workers = 0; workers <= 2; workers++) {
		open_intake(&f);
		read_all(&f, workers);
		struct join_view join = monitor_join(f.monitor);
		assert_int_equal(join.joined + join.waiting_labels, 5000);
		assert_int_equal(join.expired, 0);
		assert_int_equal(join.pending, 0);
		close_intake(&f);
	}
	end(&f);
}

/* How often it was let in while all was read, and how often after more than a tenth of a second. */
static int
take_the_lock_again_and_again(int *late)
{
	struct fixture f;
	int held = 0;
	*late = 0;
	begin(&f);
	write_log(&f, "a.jsonl", "a", 60000, 10, 0);
	configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	open_intake(&f);
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
	end(&f);
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
	struct fixture f;
	begin(&f);
	write_log(&f, "a.jsonl", "a", 60000, 10, 0);
	configure(&f, "  - {name: eu, log: \"@/*.jsonl\"}\n");
	open_intake(&f);
	intake_lock(f.intake); /* while nobody commits, they come no further than their slots */
	intake_start(f.intake, 2);
	write_log(&f, "b.jsonl", "b", 500, 10, 0);
	intake_look(f.intake); /* does not wait for them */
	intake_unlock(f.intake);
	while (intake_running(f.intake))
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	intake_stop(f.intake);
	assert_int_equal(intake_files(f.intake), 2);
	assert_int_equal(intake_file(f.intake, 0)->accepted, 60000);
	assert_int_equal(intake_file(f.intake, 1)->accepted + intake_file(f.intake, 1)->late, 500);
	close_intake(&f);
	end(&f);
}

static void
an_unknown_format_is_an_error(void **state)
{
	(void)state;
	struct fixture f;
	struct err err = {0};
	begin(&f);
	configure(&f, "  - {name: eu, log: \"@/a.jsonl\"}\n");
	snprintf(f.config->services[0].format, sizeof(f.config->services[0].format), "fastapo");
	f.monitor = monitor_new(f.config);
	assert_null(intake_new(f.config, f.monitor, &err));
	assert_non_null(strstr(err.text, "eu"));
	end(&f);
}

/* Whatever has become of the configuration: it needs none of it to be valid a second time. */
static void
one_that_is_begun_again_reads_all_that_was_asked_for(void **state)
{
	(void)state;
	struct fixture f;
	begin(&f);
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
	read_all(&f, 2);
	assert_int_equal(intake_files(f.intake), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct intake_file *file = intake_file(f.intake, i);
		assert_int_equal(file->accepted,
		    file->service == &f.config->services[0] && !file->source->labels ? sampled
										     : 1000);
	}
	end(&f);
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
	    cmocka_unit_test(of_the_newest_each_log_gives_its_own_window),
	    cmocka_unit_test(of_the_newest_a_table_gives_its_last_rows),
	    cmocka_unit_test(packed_files_have_no_newest_of_their_own),
	    cmocka_unit_test(labels_that_tell_no_time_meet_what_is_logged),
	    cmocka_unit_test(who_holds_the_lock_is_let_in_soon),
	    cmocka_unit_test(files_that_come_while_workers_read_are_theirs_to_find),
	    cmocka_unit_test(an_unknown_format_is_an_error),
	    cmocka_unit_test(one_that_is_begun_again_reads_all_that_was_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
