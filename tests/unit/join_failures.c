/* join_failures.c: the join when its files cannot be had: no folder, a full disk, damaged or
 * missing files, other settings; and what is left over of a former process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/join/save.h"
#include "core/join/stats.h"
#include "tests/folder.h"

enum { MEMORY = 1 << 20, FILES_MAX = 200 };

static char folder[FOLDER_SIZE];
static struct join *join;
static struct buf saved;

static struct join_options
usual(void)
{
	return (struct join_options){
	    .memory = MEMORY, .folder = folder, .ttl_us = 1000000 * CLOCK_SECOND};
}

static void
start(struct join_options options)
{
	join_free(join);
	join = join_new(&options);
}

static int
set_up(void **state)
{
	(void)state;
	assert_true(folder_make(folder, "join"));
	start(usual());
	return 0;
}

static size_t
list_files(char names[FILES_MAX][300])
{
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	size_t count = 0;
	const struct dirent *file;
	while ((file = readdir(dir)) != NULL)
		if (file->d_name[0] != '.' && count < FILES_MAX)
			snprintf(names[count++], 300, "%.200s/%.60s", folder, file->d_name);
	closedir(dir);
	return count;
}

static int
tear_down(void **state)
{
	(void)state;
	char names[FILES_MAX][300];
	join_free(join);
	join = NULL;
	size_t count = list_files(names);
	for (size_t i = 0; i < count; i++)
		unlink(names[i]);
	assert_int_equal(rmdir(folder), 0);
	buf_free(&saved);
	return 0;
}

static uint64_t
hash_of(unsigned id)
{
	char text[16];
	snprintf(text, sizeof(text), "r%u", id);
	return join_hash(text);
}

/* Predictions of these ids, ten a second. */
static void
predict(unsigned from, unsigned to)
{
	for (unsigned id = from; id < to; id++) {
		struct join_entry entry = {
		    .ts = (id + 1) * CLOCK_SECOND / 10, .score = 0.5, .label = -1};
		bool duplicate;
		assert_false(join_prediction(join, hash_of(id), &entry, &duplicate));
		assert_false(duplicate);
	}
}

static bool
label(unsigned id)
{
	struct join_entry entry;
	int previous;
	return join_label(join, hash_of(id), 0, 1, &entry, &previous);
}

static void
save(void)
{
	struct err err = {0};
	buf_clear(&saved);
	if (!join_save(join, &saved, &err))
		fail_msg("%s", err.text);
	join_saved(join);
}

static bool
load(struct join_options options, struct err *err)
{
	start(options);
	*err = (struct err){0};
	struct unpack unpack = {saved.data, saved.data + saved.length, false};
	return join_load(join, &unpack, err) && unpack_good(&unpack);
}

static void
assert_empty_and_of_use(void)
{
	struct join_stats stats = join_stats(join);
	assert_int_equal(stats.pending + stats.in_files + stats.joined, 0);
	predict(0, 50);
	assert_true(label(7));
	assert_int_equal(join_stats(join).pending, 49);
}

static void
without_a_folder_that_can_be_made_the_oldest_go(void **state)
{
	(void)state;
	struct join_options options = usual();
	struct buf pack = {0};
	struct err err;
	options.folder = "/dev/null/join";
	start(options);
	assert_non_null(strstr(join_stats(join).error, "/dev/null/join"));
	predict(0, 100000);
	struct join_stats stats = join_stats(join);
	assert_true(stats.evicted > 50000 && stats.pending + stats.evicted == 100000);
	assert_true(label(99999));
	assert_false(join_save(join, &pack, &err));
	assert_true(err.text[0] != '\0');
	buf_free(&pack);
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
on_a_full_disk_the_oldest_go_until_there_is_room_again(void **state)
{
	(void)state;
	struct buf pack = {0};
	struct err err;
	signal(SIGXFSZ, SIG_IGN);
	save();
	predict(0, 60000);
	assert_true(join_stats(join).in_files > 10000);
	limit_files(100000);
	predict(60000, 200000);
	struct join_stats stats = join_stats(join);
	assert_non_null(strstr(stats.error, "cannot be written"));
	assert_true(stats.evicted > 10000 && stats.pending + stats.evicted == 200000);
	assert_false(join_save(join, &pack, &err));
	assert_true(stats.memory_bytes <= MEMORY);
	limit_files(RLIM_INFINITY);
	predict(200000, 300000);
	stats = join_stats(join);
	assert_string_equal(stats.error, "");
	assert_int_equal(stats.pending + stats.evicted, 300000);
	unsigned lost = (unsigned)stats.evicted;
	assert_true(lost < 200000 && stats.in_files > 30000);
	/* Nothing that is counted as pending is lost, to the grain. */
	for (unsigned id = lost; id < 300000; id++)
		assert_true(label(id));
	save();
	assert_true(load(usual(), &err));
	assert_int_equal(join_stats(join).joined, 300000 - lost);
	buf_free(&pack);
}

static void
files_keep_within_their_bytes(void **state)
{
	(void)state;
	struct join_options options = usual();
	options.file_bytes = 4000000;
	start(options);
	for (unsigned id = 0; id < 600000; id += 1000) {
		predict(id, id + 1000);
		assert_true(join_stats(join).file_bytes <= options.file_bytes);
	}
	struct join_stats stats = join_stats(join);
	assert_string_equal(stats.error, "");
	assert_int_equal(stats.pending + stats.evicted, 600000);
	/* What is kept is a good part of what could be. */
	assert_true(stats.pending > options.file_bytes / JOIN_ENTRY_BYTES / 3);
	assert_true(label(599999 - (unsigned)stats.pending / 2));
}

/* What goes for lack of room follows from what came in, not from how far another thread is. */
static void
what_is_evicted_does_not_depend_on_merging(void **state)
{
	(void)state;
	enum { STEPS = 400, STEP = 1000 };
	uint64_t evicted[STEPS];
	struct join_options options = usual();
	options.file_bytes = 4000000;
	for (int round = 0; round < 3; round++) {
		start(options);
		for (unsigned i = 0; i < STEPS; i++) {
			predict(i * STEP, (i + 1) * STEP);
			if (round == 1 && i % 8 == 0)
				usleep(5000);
			struct join_stats stats = join_stats(join);
			assert_true(stats.file_bytes <= options.file_bytes);
			if (round > 0)
				assert_int_equal(stats.evicted, evicted[i]);
			evicted[i] = stats.evicted;
		}
		assert_true(evicted[STEPS - 1] > 100000);
	}
}

/* In turn every file is missing, cut short, or has a byte changed. */
static void
a_damaged_file_is_found_and_the_join_is_empty(void **state)
{
	(void)state;
	char names[FILES_MAX][300];
	struct err err;
	save();
	predict(0, 50000);
	save();
	join_free(join);
	join = NULL;
	size_t count = list_files(names);
	assert_true(count >= 2);
	for (size_t i = 0; i < 3 * count; i++) {
		struct err none = {0};
		struct buf before = {0};
		const char *name = names[i / 3];
		assert_true(buf_read_file(&before, name, SIZE_MAX / 2, &none));
		size_t at = before.length - 1;
		before.data[at] ^= 1;
		unlink(name);
		if (i % 3 > 0)
			assert_true(buf_write_file(
			    name, before.data, before.length - (i % 3 == 1), 0600, &none));
		before.data[at] ^= 1;
		assert_false(load(usual(), &err));
		assert_true(err.text[0] != '\0');
		assert_empty_and_of_use();
		join_free(join);
		join = NULL;
		assert_true(buf_write_file(name, before.data, before.length, 0600, &none));
		buf_free(&before);
	}
	assert_true(load(usual(), &err));
	assert_int_equal(join_stats(join).pending, 50000);
	assert_true(label(0) && label(49999));
}

static void
every_prefix_of_a_checkpoint_is_refused(void **state)
{
	(void)state;
	struct err err;
	predict(0, 100);
	save();
	size_t whole = saved.length;
	for (saved.length = 0; saved.length < whole; saved.length++) {
		assert_false(load(usual(), &err));
		assert_true(err.text[0] != '\0');
	}
	assert_true(load(usual(), &err));
	assert_int_equal(join_stats(join).pending, 100);
}

static void
a_checkpoint_of_other_settings_is_refused(void **state)
{
	(void)state;
	struct err err;
	predict(0, 100);
	save();
	struct join_options options = usual();
	options.ttl_us *= 2;
	assert_false(load(options, &err));
	assert_non_null(strstr(err.text, "settings"));
	assert_empty_and_of_use();
}

static void
what_no_checkpoint_refers_to_is_removed(void **state)
{
	(void)state;
	char names[FILES_MAX][300], ours[300], theirs[300];
	struct err err;
	predict(0, 50000);
	save();
	snprintf(ours, sizeof(ours), "%.200s/join-00000000000000f0", folder);
	snprintf(theirs, sizeof(theirs), "%.200s/another.file", folder);
	assert_true(buf_write_file(ours, "x", 1, 0600, &err));
	assert_true(buf_write_file(theirs, "x", 1, 0600, &err));
	assert_true(load(usual(), &err));
	/* Another thread does it. */
	for (int i = 0; i < 10000 && access(ours, F_OK) == 0; i++)
		usleep(1000);
	assert_int_not_equal(access(ours, F_OK), 0);
	assert_int_equal(access(theirs, F_OK), 0);
	assert_true(label(0));
	/* Files of the last durable save are there still when the program ends; no others. */
	predict(50000, 100000);
	size_t before = list_files(names);
	join_free(join);
	join = NULL;
	assert_true(list_files(names) < before);
	assert_true(load(usual(), &err));
	assert_int_equal(join_stats(join).pending, 50000);
}

static void
a_sample_is_kept_by_the_id_alone(void **state)
{
	(void)state;
	struct join_options options = usual();
	options.sample = 10;
	start(options);
	predict(0, 100000);
	struct join_stats stats = join_stats(join);
	assert_int_equal(stats.pending + stats.sampled_out, 100000);
	assert_in_range(stats.pending, 9500, 10500);
	unsigned found = 0;
	for (unsigned id = 0; id < 100000; id++) {
		bool has = label(id);
		assert_int_equal(has, join_sampled(join, hash_of(id)));
		found += has;
	}
	assert_int_equal(found, stats.pending);
	assert_int_equal(join_stats(join).waiting_labels, 0);
}

static void
what_is_to_be_kept_is_written_as_it_comes_in(void **state)
{
	(void)state;
	struct err err;
	start(usual());
	assert_true(join_keep(join, &err));
	predict(0, 8000);
	struct join_stats before = join_stats(join);
	assert_int_equal(before.in_files, 0);
	assert_true(before.file_bytes >= 6400 * 20);
	save();
	assert_true(load(usual(), &err));
	assert_int_equal(join_stats(join).pending, 8000);
	for (unsigned id = 0; id < 8000; id++)
		assert_true(label(id));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(without_a_folder_that_can_be_made_the_oldest_go),
	    TEST(on_a_full_disk_the_oldest_go_until_there_is_room_again),
	    TEST(files_keep_within_their_bytes),
	    TEST(what_is_evicted_does_not_depend_on_merging),
	    TEST(a_damaged_file_is_found_and_the_join_is_empty),
	    TEST(every_prefix_of_a_checkpoint_is_refused),
	    TEST(a_checkpoint_of_other_settings_is_refused),
	    TEST(what_no_checkpoint_refers_to_is_removed),
	    TEST(a_sample_is_kept_by_the_id_alone),
	    TEST(what_is_to_be_kept_is_written_as_it_comes_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
