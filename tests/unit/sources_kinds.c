/* sources_kinds.c: folders and dated names, packed files, values and CSVs, standard input. */
#include "tests/unit/sources_stage.h"

#include <sys/resource.h>
#include <sys/wait.h>

/* Runs a shell's words in the folder. */
static void
run(const char *words)
{
	char command[512];
	snprintf(command, sizeof(command), "cd '%s' && { %s; }", folder, words);
	assert_int_equal(system(command), 0);
}

/* --- folders, dated names --- */

static void
a_folder_is_every_file_in_it(void **state)
{
	(void)state;
	begin_with(folder, FRAME_LINES);
	assert_reads("");
	write_text(in_folder("log-2026-11-20.jsonl"), "a\n");
	write_text(in_folder(".hidden"), "x\n");
	assert_int_equal(mkdir(in_folder("inner"), 0700), 0);
	sources_look(sources);
	assert_reads("a|");
	/* Yesterday's file is read to its end, while today's is there already. */
	write_text(in_folder("log-2026-11-21.jsonl"), "c\n");
	write_text(in_folder("log-2026-11-20.jsonl"), "b\n");
	sources_look(sources);
	assert_reads("c|b|");
	assert_int_equal(sources_count(sources), 2);
}

static void
more_files_than_a_process_may_first_open_are_followed(void **state)
{
	(void)state;
	char name[32];
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	/* No more than the system ever lets us open, which may be very few. */
	unsigned files = limit.rlim_max < 1600 ? (unsigned)limit.rlim_max - 100 : 1500;
	limit.rlim_cur = files / 2;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (unsigned i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "log-%04u", i);
		write_text(in_folder(name), "a\n");
	}
	begin_with(folder, FRAME_LINES);
	take_all();
	assert_int_equal(sources_count(sources), files);
	assert_int_equal(got.length, 2 * files);
	assert_true(sources_at_end(sources));
}

static void
a_file_that_was_removed_is_closed_after_a_while(void **state)
{
	(void)state;
	char command[64];
	write_text(path, "a\n");
	assert_reads("a|");
	unlink(path);
	clock_advance(10 * CLOCK_SECOND);
	assert_reads("");
	assert_true(stats(0)->present);
	snprintf(command, sizeof(command), "ls -l /proc/%d/fd | grep -q deleted", getpid());
	assert_int_equal(system(command), 0);
	clock_advance(30 * CLOCK_SECOND);
	assert_reads("");
	assert_int_not_equal(system(command), 0);
	write_text(path, "b\n");
	assert_reads("b|");
}

/* --- packed --- */

static void
gzip_and_zstd_are_unpacked_members_and_all(void **state)
{
	(void)state;
	write_text(path, "a\nb\n");
	run("gzip -c log > one.gz; printf 'c\\nd' | gzip -c >> one.gz");
	run("(zstd -qc log; printf 'e\\n' | zstd -qc) > two.zst");
	begin_with(in_folder("*.gz"), FRAME_LINES);
	wait_and_take();
	assert_string_equal(got.data, "a|b|c|d|");
	assert_true(stats(0)->finished && stats(0)->bytes == stats(0)->size);
	assert_true(sources_at_end(sources) && sources_behind(sources) == 0);
	buf_clear(&got);
	begin_with(in_folder("two.zst"), FRAME_LINES);
	wait_and_take();
	assert_string_equal(got.data, "a|b|e|");
}

#define LINES 5000

static void
append_many(const char *file, int from, int count)
{
	FILE *stream = fopen(file, "a");
	assert_non_null(stream);
	for (int i = from; i < from + count; i++)
		fprintf(stream, "{\"request_id\":\"r-%08d\",\"score\":0.%04d}\n", i, i % 9973);
	fclose(stream);
}

/* How many of these lines came, each once and in order? */
static int
count_many(void)
{
	int next = 0;
	for (const char *at = got.data; at != NULL && *at != '\0'; at = strchr(at, '|') + 1) {
		int number = -1;
		assert_int_equal(sscanf(at, "{\"request_id\":\"r-%d\"", &number), 1);
		if (number != next)
			fail_msg("%d came instead of %d", number, next);
		next++;
	}
	return next;
}

/* A zstd file gives nothing before its first block is whole: 128 KiB, that do not shrink here. */
static void
what_does_not_shrink_is_unpacked_too(void **state)
{
	(void)state;
	run("head -c 300000 /dev/urandom | base64 -w 99 > log");
	run("zstd -qk log; gzip -k log; wc -l < log > lines");
	for (int i = 0; i < 2; i++) {
		int wanted = 0, lines = 0;
		buf_clear(&got);
		begin_with(in_folder(i == 0 ? "log.zst" : "log.gz"), FRAME_LINES);
		wait_and_take();
		FILE *file = fopen(in_folder("lines"), "r");
		assert_non_null(file);
		assert_int_equal(fscanf(file, "%d", &wanted), 1);
		fclose(file);
		for (size_t at = 0; at < got.length; at++)
			lines += got.data[at] == '|';
		assert_int_equal(lines, wanted);
		assert_string_equal(stats(0)->error, "");
	}
	run("head -c 100 log.zst > cut.zst; touch -d 1999-01-01 cut.zst");
	begin_with(in_folder("cut.zst"), FRAME_LINES);
	clock_freeze(2000000000 * CLOCK_SECOND);
	wait_and_take();
	assert_non_null(strstr(stats(0)->error, "cut short"));
}

static void
what_was_compressed_after_it_was_read_is_not_read_again(void **state)
{
	(void)state;
	begin_with(in_folder("log*"), FRAME_LINES);
	append_many(path, 0, LINES);
	sources_look(sources);
	take_all();
	append_many(path, LINES, 10); /* not read before it is gone */
	assert_int_equal(rename(path, other), 0);
	append_many(path, LINES + 10, 5);
	sources_look(sources);
	take_all();
	run("gzip log.1");
	wait_and_take();
	assert_int_equal(count_many(), LINES + 15);
	/* And on to the next name, as logrotate does. */
	assert_int_equal(rename(in_folder("log.1.gz"), in_folder("log.2.gz")), 0);
	assert_int_equal(rename(path, other), 0);
	append_many(path, LINES + 15, 5);
	wait_and_take();
	run("zstd -q --rm log.1");
	wait_and_take();
	assert_int_equal(count_many(), LINES + 20);
}

static void
what_lies_there_packed_and_unpacked_is_read_once(void **state)
{
	(void)state;
	append_many(path, 0, LINES);
	run("zstd -qk log; gzip -k log");
	begin_with(folder, FRAME_LINES);
	wait_and_take();
	assert_int_equal(count_many(), LINES);
	run("rm log");
	for (int i = 0; i < 5; i++)
		wait_and_take();
	assert_int_equal(count_many(), LINES);
}

static void
of_what_was_compressed_before_its_end_the_rest_is_read(void **state)
{
	(void)state;
	begin_with(in_folder("log*"), FRAME_LINES);
	append_many(path, 0, LINES);
	sources_look(sources);
	take_all();
	/* More is written, which nobody reads before it is only there packed. */
	append_many(path, LINES, LINES);
	run("gzip -c log > log.gz; : > log");
	wait_and_take();
	append_many(path, 2 * LINES, 5);
	wait_and_take();
	assert_int_equal(count_many(), 2 * LINES + 5);
	assert_true(stats(1)->finished);
}

static void
a_file_that_is_still_being_compressed_is_waited_for(void **state)
{
	(void)state;
	append_many(path, 0, LINES);
	run("gzip log");
	run("head -c 20000 log.gz > part; tail -c +20001 log.gz > rest; rm log.gz");
	begin_with(in_folder("new.gz"), FRAME_LINES);
	assert_reads("");
	run("cp part new.gz");
	sources_look(sources);
	take_all();
	clock_advance(CLOCK_SECOND);
	take_all();
	assert_int_not_equal(count_many(), 0);
	assert_int_not_equal(count_many(), LINES);
	assert_false(stats(0)->finished);
	run("cat rest >> new.gz");
	wait_and_take();
	assert_int_equal(count_many(), LINES);
	assert_true(stats(0)->finished);
	assert_string_equal(stats(0)->error, "");
}

static void
a_cut_or_damaged_file_says_so_and_what_was_read_is_kept(void **state)
{
	(void)state;
	append_many(path, 0, LINES);
	run("gzip -c log | head -c 20000 > log.gz");
	begin_with(in_folder("log.gz"), FRAME_LINES);
	wait_and_take();
	assert_true(stats(0)->finished);
	assert_non_null(strstr(stats(0)->error, "cut short"));
	assert_true(got.length > 10000);
	run("zstd -qc log > log.zst; head -c 20 /dev/zero | dd of=log.zst bs=1 seek=1000 "
	    "conv=notrunc "
	    "2>/dev/null");
	begin_with(in_folder("log.zst"), FRAME_LINES);
	wait_and_take();
	assert_true(stats(0)->finished);
	assert_non_null(strstr(stats(0)->error, "damaged"));
	write_text(in_folder("not.gz"), "no such thing\n");
	begin_with(in_folder("not.gz"), FRAME_LINES);
	buf_clear(&got);
	wait_and_take();
	assert_string_equal(got.data, "no such thing|");
}

/* --- values --- */

static void
values_are_cut_at_their_borders(void **state)
{
	(void)state;
	begin_with(path, FRAME_VALUES);
	append("{\n \"a\": [1, {\"b\": \"}\\\"{\"}],\n \"c\": {}\n}\n{\"d\"");
	assert_true(sources_take(sources, &stretch, 1 << 20));
	assert_string_equal(stretch.text, "{\n \"a\": [1, {\"b\": \"}\\\"{\"}],\n \"c\": {}\n}");
	assert_false(sources_take(sources, &stretch, 1 << 20));
	append(":1}{\"e\":2} junk {\"f\"");
	assert_true(sources_take(sources, &stretch, 1 << 20));
	assert_string_equal(stretch.text, "\n{\"d\":1}{\"e\":2} junk ");
	assert_true(stretch.line == 4);
	/* One that was cut costs only itself. */
	append(":3, {\"g\":4}\n{\"h\": \"cut\n{\"i\":5}\n");
	assert_true(sources_take(sources, &stretch, 1 << 20));
	assert_string_equal(stretch.text, "{\"f\":3, {\"g\":4}\n{\"h\": \"cut\n{\"i\":5}");
}

static void
each_value_comes_alone_if_no_more_is_asked_for(void **state)
{
	(void)state;
	begin_with(path, FRAME_VALUES);
	append("{\"a\":\n1}\n{\"b\":2}\n[{\"c\":3},{\"d\":4}]\n");
	const char *expected[] = {
	    "{\"a\":\n1}", "\n{\"b\":2}", "\n[", "{\"c\":3}", ",", "{\"d\":4}", "]\n"};
	for (size_t i = 0; i < 7; i++) {
		assert_true(sources_take(sources, &stretch, 1));
		assert_string_equal(stretch.text, expected[i]);
	}
	assert_false(sources_take(sources, &stretch, 1));
}

static void
a_value_too_long_is_passed_over(void **state)
{
	(void)state;
	begin_with(path, FRAME_VALUES);
	FILE *stream = fopen(path, "w");
	fputs("{\"a\":1}\n{\"long\": [\n", stream);
	for (int i = 0; i < 100000; i++)
		fprintf(stream, " {\"a\": %d},\n", i);
	fputs(" 0\n]}\n{\"b\":2}\n", stream);
	fclose(stream);
	take_all();
	assert_string_equal(got.data, "{\"a\":1}|{\"b\":2}|");
	assert_int_equal(stats(0)->too_long, 1);
	assert_int_equal(stats(0)->long_ones[0].offset, 8);
	assert_int_equal(stats(0)->long_ones[0].line, 2);
}

/* --- CSV --- */

static void
assert_header(const char *header)
{
	assert_non_null(stretch.header);
	assert_int_equal(stretch.header_length, strlen(header));
	assert_memory_equal(stretch.header, header, strlen(header));
}

static void
a_newline_in_quotes_ends_no_row(void **state)
{
	(void)state;
	begin_with(path, FRAME_CSV);
	append("\xEF\xBB\xBFid,\"te\nxt\"\r\n1,\"a\nb\"\"\n\"\n2,c\"\n3,\"d");
	assert_true(sources_take(sources, &stretch, 1 << 20));
	assert_string_equal(stretch.text, "1,\"a\nb\"\"\n\"\n2,c\"\n");
	assert_header("id,\"te\nxt\"");
	assert_true(stretch.line == 3 && stretch.offset == 15);
	append("\ne\"\n4,x\n");
	assert_true(sources_take(sources, &stretch, 1 << 20));
	assert_string_equal(stretch.text, "3,\"d\ne\"\n4,x\n");
	assert_true(stretch.line == 7);
}

static void
the_header_comes_again_after_a_rotation(void **state)
{
	(void)state;
	begin_with(path, FRAME_CSV);
	append("id,amount\n1,2\n");
	assert_reads("1,2|");
	assert_header("id,amount");
	const char *first = stretch.header;
	assert_int_equal(rename(path, other), 0);
	append("id,amount,country\n2,3,de\n");
	assert_reads("");
	clock_advance(CLOCK_SECOND);
	assert_reads("2,3,de|");
	assert_header("id,amount,country");
	assert_memory_equal(first, "id,amount", 9);
	/* Who truncated it was not its writer, who knows of no header to write. */
	write_to(path, O_TRUNC, "7,8,fr\n", 7);
	assert_reads("7,8,fr|");
	assert_header("id,amount,country");
}

static void
the_header_counts_for_what_is_added_to_a_rotated_file(void **state)
{
	(void)state;
	write_text(path, "name,score\n");
	for (int i = 0; i < 10; i++)
		write_text(path, "somebody with a name,0.5\n");
	begin_with(in_folder("log*"), FRAME_CSV);
	take_all();
	run("mv log log.1; printf 'other,score\\nb,1\\n' > log");
	wait_and_take();
	run("echo c,2 >> log.1");
	buf_clear(&got);
	wait_and_take();
	assert_string_equal(got.data, "c,2|");
	assert_string_equal(stretch.header, "name,score");
	run("echo d,3 >> log.1; gzip log.1");
	buf_clear(&got);
	wait_and_take();
	assert_string_equal(got.data, "d,3|");
	assert_string_equal(stretch.header, "name,score");
}

static void
a_quote_that_never_closes_costs_one_line(void **state)
{
	(void)state;
	begin_with(path, FRAME_CSV);
	FILE *stream = fopen(path, "w");
	fputs("id,text\n1,\"open\n", stream);
	for (int i = 0; i < 200000; i++)
		fprintf(stream, "%d,abcdef\n", i);
	fclose(stream);
	take_all();
	assert_memory_equal(got.data, "1,\"open|0,abcdef|1,abcdef|", 26);
	assert_true(stats(0)->lines == 200001);
	assert_true(stats(0)->too_long == 0);
}

/* --- standard input --- */

static void
standard_input_never_waits_and_ends(void **state)
{
	(void)state;
	int ends[2], saved = dup(STDIN_FILENO);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
	begin_with("-", FRAME_LINES);
	assert_reads("");
	assert_false(stats(0)->finished);
	assert_true(sources_at_end(sources));
	assert_true(write(ends[1], "a\nb", 3) == 3);
	assert_reads("a|");
	close(ends[1]);
	assert_reads("b|");
	assert_reads("");
	assert_true(stats(0)->finished && stats(0)->bytes == 3 && stats(0)->lines == 2);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* Standard input is this file's, whole or its first bytes alone, in pieces that come one by one. */
static void
assert_input_reads(const char *name, size_t most, const char *expected, const char *error)
{
	static char bytes[1 << 20];
	int ends[2], saved = dup(STDIN_FILENO);
	FILE *file = fopen(in_folder(name), "r");
	assert_non_null(file);
	size_t length = fread(bytes, 1, most < sizeof(bytes) ? most : sizeof(bytes), file);
	fclose(file);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
	begin_with("-", FRAME_LINES);
	buf_clear(&got);
	for (size_t at = 0, part = 1; at < length; at += part, part = part < 3 ? part : 1000) {
		part = length - at < part + 1 ? length - at : part + 1;
		assert_true(write(ends[1], bytes + at, part) == (ssize_t)part);
		take_all();
	}
	close(ends[1]);
	for (int i = 0; i < 3; i++)
		take_all();
	assert_string_equal(got.data != NULL ? got.data : "", expected);
	assert_true(stats(0)->finished && (error[0] != '\0' || stats(0)->bytes == length));
	if (strstr(stats(0)->error, error) == NULL ||
	    (error[0] == '\0' && stats(0)->error[0] != '\0'))
		fail_msg("%s: %s", name, stats(0)->error);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void
standard_input_may_be_packed(void **state)
{
	(void)state;
	struct buf all = {0};
	char command[512];
	for (int i = 1; i <= 20000; i++) {
		char line[32];
		snprintf(line, sizeof(line), "line number %d|", i);
		buf_puts(&all, line);
	}
	snprintf(command, sizeof(command),
	    "cd '%s' && seq -f 'line number %%.0f' 20000 > in && gzip -k in && zstd -q in && "
	    "(head -c 99 in | gzip; tail -c +100 in | gzip; head -c 10 /dev/zero) > members && "
	    "(cat in.gz; echo rubbish) > rubbish && printf 'P\\n(\\n' > letters && : > empty && "
	    "(head -c 2000 in.zst; seq 9999) > spoilt",
	    folder);
	assert_int_equal(system(command), 0);
	static const char *const whole[] = {"in", "in.gz", "in.zst", "members"};
	for (size_t i = 0; i < 4; i++)
		assert_input_reads(whole[i], SIZE_MAX, all.data, "");
	assert_input_reads("rubbish", SIZE_MAX, all.data, "standard input: damaged: ");
	assert_input_reads("letters", SIZE_MAX, "P|(|", "");
	assert_input_reads("empty", SIZE_MAX, "", "");
	assert_input_reads("in.gz", 3, "", "standard input: cut short: it ends in its middle");
	assert_input_reads("in.zst", 4, "", "standard input: cut short: it ends in its middle");
	buf_free(&all);
}

static void
packed_standard_input_that_is_cut_short_gives_what_came(void **state)
{
	(void)state;
	char command[512], begin[64];
	snprintf(command, sizeof(command),
	    "cd '%s' && seq -f 'line number %%.0f' 20000 | gzip | head -c 3000 > cut.gz && "
	    "(zcat cut.gz 2>&- || true) | tr '\\n' '|' > told",
	    folder);
	assert_int_equal(system(command), 0);
	FILE *file = fopen(in_folder("told"), "r");
	assert_non_null(file);
	static char told[1 << 20];
	told[fread(told, 1, sizeof(told) - 2, file)] = '\0';
	fclose(file);
	snprintf(begin, sizeof(begin), "line number 1|line number 2|");
	assert_memory_equal(told, begin, strlen(begin));
	strcat(told, "|"); /* the line that is cut is one, too */
	assert_input_reads("cut.gz", SIZE_MAX, told, "cut short");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_folder_is_every_file_in_it),
	    TEST(more_files_than_a_process_may_first_open_are_followed),
	    TEST(a_file_that_was_removed_is_closed_after_a_while),
	    TEST(gzip_and_zstd_are_unpacked_members_and_all),
	    TEST(what_does_not_shrink_is_unpacked_too),
	    TEST(what_was_compressed_after_it_was_read_is_not_read_again),
	    TEST(what_lies_there_packed_and_unpacked_is_read_once),
	    TEST(of_what_was_compressed_before_its_end_the_rest_is_read),
	    TEST(a_file_that_is_still_being_compressed_is_waited_for),
	    TEST(a_cut_or_damaged_file_says_so_and_what_was_read_is_kept),
	    TEST(values_are_cut_at_their_borders),
	    TEST(each_value_comes_alone_if_no_more_is_asked_for),
	    TEST(a_value_too_long_is_passed_over),
	    TEST(a_newline_in_quotes_ends_no_row),
	    TEST(the_header_comes_again_after_a_rotation),
	    TEST(the_header_counts_for_what_is_added_to_a_rotated_file),
	    TEST(a_quote_that_never_closes_costs_one_line),
	    TEST(standard_input_never_waits_and_ends),
	    TEST(standard_input_may_be_packed),
	    TEST(packed_standard_input_that_is_cut_short_gives_what_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
