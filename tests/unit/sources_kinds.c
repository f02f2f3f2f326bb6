/* sources_kinds.c: folders and dated names, values and CSVs, standard input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "tests/kit/followed.h"

/* --- folders, dated names --- */

static void
a_folder_is_every_file_in_it(void **state)
{
	(void)state;
	followed_begin_with(followed.folder, FRAME_LINES);
	followed_assert_reads("");
	followed_write_text(followed_in_folder("log-2026-11-20.jsonl"), "a\n");
	followed_write_text(followed_in_folder(".hidden"), "x\n");
	assert_int_equal(mkdir(followed_in_folder("inner"), 0700), 0);
	sources_look(followed.sources);
	followed_assert_reads("a|");
	/* Yesterday's file is read to its end, while today's is there already. */
	followed_write_text(followed_in_folder("log-2026-11-21.jsonl"), "c\n");
	followed_write_text(followed_in_folder("log-2026-11-20.jsonl"), "b\n");
	sources_look(followed.sources);
	followed_assert_reads("c|b|");
	assert_int_equal(sources_count(followed.sources), 2);
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
		followed_write_text(followed_in_folder(name), "a\n");
	}
	followed_begin_with(followed.folder, FRAME_LINES);
	followed_take_all();
	assert_int_equal(sources_count(followed.sources), files);
	assert_int_equal(followed.got.length, 2 * files);
	assert_true(sources_at_end(followed.sources));
}

static void
a_file_that_was_removed_is_closed_after_a_while(void **state)
{
	(void)state;
	char command[64];
	followed_write_text(followed.path, "a\n");
	followed_assert_reads("a|");
	unlink(followed.path);
	clock_advance(10 * CLOCK_SECOND);
	followed_assert_reads("");
	assert_true(followed_stats(0)->present);
	snprintf(command, sizeof(command), "ls -l /proc/%d/fd | grep -q deleted", getpid());
	assert_int_equal(system(command), 0);
	clock_advance(30 * CLOCK_SECOND);
	followed_assert_reads("");
	assert_int_not_equal(system(command), 0);
	followed_write_text(followed.path, "b\n");
	followed_assert_reads("b|");
}

/* --- values --- */

static void
values_are_cut_at_their_borders(void **state)
{
	(void)state;
	followed_begin_with(followed.path, FRAME_VALUES);
	followed_append("{\n \"a\": [1, {\"b\": \"}\\\"{\"}],\n \"c\": {}\n}\n{\"d\"");
	assert_true(sources_take(followed.sources, &followed.stretch, 1 << 20));
	assert_string_equal(
	    followed.stretch.text, "{\n \"a\": [1, {\"b\": \"}\\\"{\"}],\n \"c\": {}\n}");
	assert_false(sources_take(followed.sources, &followed.stretch, 1 << 20));
	followed_append(":1}{\"e\":2} junk {\"f\"");
	assert_true(sources_take(followed.sources, &followed.stretch, 1 << 20));
	assert_string_equal(followed.stretch.text, "\n{\"d\":1}{\"e\":2} junk ");
	assert_true(followed.stretch.line == 4);
	/* One that was cut costs only itself. */
	followed_append(":3, {\"g\":4}\n{\"h\": \"cut\n{\"i\":5}\n");
	assert_true(sources_take(followed.sources, &followed.stretch, 1 << 20));
	assert_string_equal(followed.stretch.text, "{\"f\":3, {\"g\":4}\n{\"h\": \"cut\n{\"i\":5}");
}

static void
each_value_comes_alone_if_no_more_is_asked_for(void **state)
{
	(void)state;
	followed_begin_with(followed.path, FRAME_VALUES);
	followed_append("{\"a\":\n1}\n{\"b\":2}\n[{\"c\":3},{\"d\":4}]\n");
	const char *expected[] = {
	    "{\"a\":\n1}", "\n{\"b\":2}", "\n[", "{\"c\":3}", ",", "{\"d\":4}", "]\n"};
	for (size_t i = 0; i < 7; i++) {
		assert_true(sources_take(followed.sources, &followed.stretch, 1));
		assert_string_equal(followed.stretch.text, expected[i]);
	}
	assert_false(sources_take(followed.sources, &followed.stretch, 1));
}

static void
a_value_too_long_is_passed_over(void **state)
{
	(void)state;
	followed_begin_with(followed.path, FRAME_VALUES);
	FILE *stream = fopen(followed.path, "w");
	fputs("{\"a\":1}\n{\"long\": [\n", stream);
	for (int i = 0; i < 100000; i++)
		fprintf(stream, " {\"a\": %d},\n", i);
	fputs(" 0\n]}\n{\"b\":2}\n", stream);
	fclose(stream);
	followed_take_all();
	assert_string_equal(followed.got.data, "{\"a\":1}|{\"b\":2}|");
	assert_int_equal(followed_stats(0)->too_long, 1);
	assert_int_equal(followed_stats(0)->long_ones[0].offset, 8);
	assert_int_equal(followed_stats(0)->long_ones[0].line, 2);
}

/* --- CSV --- */

static void
assert_header(const char *header)
{
	assert_non_null(followed.stretch.header);
	assert_int_equal(followed.stretch.header_length, strlen(header));
	assert_memory_equal(followed.stretch.header, header, strlen(header));
}

static void
a_newline_in_quotes_ends_no_row(void **state)
{
	(void)state;
	followed_begin_with(followed.path, FRAME_CSV);
	followed_append("\xEF\xBB\xBFid,\"te\nxt\"\r\n1,\"a\nb\"\"\n\"\n2,c\"\n3,\"d");
	assert_true(sources_take(followed.sources, &followed.stretch, 1 << 20));
	assert_string_equal(followed.stretch.text, "1,\"a\nb\"\"\n\"\n2,c\"\n");
	assert_header("id,\"te\nxt\"");
	assert_true(followed.stretch.line == 3 && followed.stretch.offset == 15);
	followed_append("\ne\"\n4,x\n");
	assert_true(sources_take(followed.sources, &followed.stretch, 1 << 20));
	assert_string_equal(followed.stretch.text, "3,\"d\ne\"\n4,x\n");
	assert_true(followed.stretch.line == 7);
}

static void
the_header_comes_again_after_a_rotation(void **state)
{
	(void)state;
	followed_begin_with(followed.path, FRAME_CSV);
	followed_append("id,amount\n1,2\n");
	followed_assert_reads("1,2|");
	assert_header("id,amount");
	const char *first = followed.stretch.header;
	assert_int_equal(rename(followed.path, followed.other), 0);
	followed_append("id,amount,country\n2,3,de\n");
	followed_assert_reads("");
	clock_advance(CLOCK_SECOND);
	followed_assert_reads("2,3,de|");
	assert_header("id,amount,country");
	assert_memory_equal(first, "id,amount", 9);
	/* Who truncated it was not its writer, who knows of no header to write. */
	followed_write_to(followed.path, O_TRUNC, "7,8,fr\n", 7);
	followed_assert_reads("7,8,fr|");
	assert_header("id,amount,country");
}

static void
the_header_counts_for_what_is_added_to_a_rotated_file(void **state)
{
	(void)state;
	followed_write_text(followed.path, "name,score\n");
	for (int i = 0; i < 10; i++)
		followed_write_text(followed.path, "somebody with a name,0.5\n");
	followed_begin_with(followed_in_folder("log*"), FRAME_CSV);
	followed_take_all();
	followed_run("mv log log.1; printf 'other,score\\nb,1\\n' > log");
	followed_wait_and_take();
	followed_run("echo c,2 >> log.1");
	buf_clear(&followed.got);
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "c,2|");
	assert_string_equal(followed.stretch.header, "name,score");
	followed_run("echo d,3 >> log.1; gzip log.1");
	buf_clear(&followed.got);
	followed_wait_and_take();
	assert_string_equal(followed.got.data, "d,3|");
	assert_string_equal(followed.stretch.header, "name,score");
}

static void
a_quote_that_never_closes_costs_one_line(void **state)
{
	(void)state;
	followed_begin_with(followed.path, FRAME_CSV);
	FILE *stream = fopen(followed.path, "w");
	fputs("id,text\n1,\"open\n", stream);
	for (int i = 0; i < 200000; i++)
		fprintf(stream, "%d,abcdef\n", i);
	fclose(stream);
	followed_take_all();
	assert_memory_equal(followed.got.data, "1,\"open|0,abcdef|1,abcdef|", 26);
	assert_true(followed_stats(0)->lines == 200001);
	assert_true(followed_stats(0)->too_long == 0);
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
	followed_begin_with("-", FRAME_LINES);
	followed_assert_reads("");
	assert_false(followed_stats(0)->finished);
	assert_true(sources_at_end(followed.sources));
	assert_true(write(ends[1], "a\nb", 3) == 3);
	followed_assert_reads("a|");
	close(ends[1]);
	followed_assert_reads("b|");
	followed_assert_reads("");
	assert_true(followed_stats(0)->finished && followed_stats(0)->bytes == 3 &&
		    followed_stats(0)->lines == 2);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* Standard input is this file's, whole or its first bytes alone, in pieces that come one by one. */
static void
assert_input_reads(const char *name, size_t most, const char *expected, const char *error)
{
	static char bytes[1 << 20];
	int ends[2], saved = dup(STDIN_FILENO);
	FILE *file = fopen(followed_in_folder(name), "r");
	assert_non_null(file);
	size_t length = fread(bytes, 1, most < sizeof(bytes) ? most : sizeof(bytes), file);
	fclose(file);
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
	close(ends[0]);
	followed_begin_with("-", FRAME_LINES);
	buf_clear(&followed.got);
	for (size_t at = 0, part = 1; at < length; at += part, part = part < 3 ? part : 1000) {
		part = length - at < part + 1 ? length - at : part + 1;
		assert_true(write(ends[1], bytes + at, part) == (ssize_t)part);
		followed_take_all();
	}
	close(ends[1]);
	for (int i = 0; i < 3; i++)
		followed_take_all();
	assert_string_equal(followed.got.data != NULL ? followed.got.data : "", expected);
	assert_true(followed_stats(0)->finished &&
		    (error[0] != '\0' || followed_stats(0)->bytes == length));
	if (strstr(followed_stats(0)->error, error) == NULL ||
	    (error[0] == '\0' && followed_stats(0)->error[0] != '\0'))
		fail_msg("%s: %s", name, followed_stats(0)->error);
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
	    followed.folder);
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
	    followed.folder);
	assert_int_equal(system(command), 0);
	FILE *file = fopen(followed_in_folder("told"), "r");
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
	    FOLLOWED_TEST(a_folder_is_every_file_in_it),
	    FOLLOWED_TEST(more_files_than_a_process_may_first_open_are_followed),
	    FOLLOWED_TEST(a_file_that_was_removed_is_closed_after_a_while),
	    FOLLOWED_TEST(values_are_cut_at_their_borders),
	    FOLLOWED_TEST(each_value_comes_alone_if_no_more_is_asked_for),
	    FOLLOWED_TEST(a_value_too_long_is_passed_over),
	    FOLLOWED_TEST(a_newline_in_quotes_ends_no_row),
	    FOLLOWED_TEST(the_header_comes_again_after_a_rotation),
	    FOLLOWED_TEST(the_header_counts_for_what_is_added_to_a_rotated_file),
	    FOLLOWED_TEST(a_quote_that_never_closes_costs_one_line),
	    FOLLOWED_TEST(standard_input_never_waits_and_ends),
	    FOLLOWED_TEST(standard_input_may_be_packed),
	    FOLLOWED_TEST(packed_standard_input_that_is_cut_short_gives_what_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
