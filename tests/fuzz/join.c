/* Fuzzes what the label join takes up at a restart: its bytes in the checkpoint, or one of its
 * files, with some of them changed, cut or replaced. It is refused, and the join empty, or taken;
 * either way it goes on and counts. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/join/save.h"
#include "core/join/stats.h"
#include "tests/fuzz/check.h"

enum { ENTRIES = 20000, FILES_MAX = 100 };

static char folder[] = "/tmp/fraudtop-fuzz-XXXXXX";
static struct buf saved, files[FILES_MAX];
static char names[FILES_MAX][300];
static size_t files_count;

static struct join *
make(void)
{
	const struct join_options options = {.memory = 1 << 20,
	    .folder = folder,
	    .ttl_us = 100000 * CLOCK_SECOND,
	    .assume_us = 50000 * CLOCK_SECOND};
	return join_new(&options);
}

static uint64_t
hash_of(uint64_t id)
{
	return (id + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

static void
use(struct join *join, uint64_t from, uint64_t to)
{
	for (uint64_t id = from; id < to; id++) {
		struct join_entry entry = {
		    .ts = (wall_us)(id + 1) * CLOCK_SECOND, .score = 0.5, .label = -1};
		int previous;
		join_prediction(join, hash_of(id), &entry, NULL);
		if (id % 3 == 0)
			join_label(join, hash_of(id / 2), 0, 1, &entry, &previous);
	}
}

static void
list_files(bool keep)
{
	DIR *dir = opendir(folder);
	CHECK(dir != NULL);
	const struct dirent *file;
	while ((file = readdir(dir)) != NULL) {
		char path[300];
		if (file->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%.100s/%.60s", folder, file->d_name);
		if (keep && files_count < FILES_MAX) {
			CHECK(buf_read_file(&files[files_count], path, SIZE_MAX / 2, NULL));
			memcpy(names[files_count++], path, sizeof(path));
		} else {
			unlink(path);
		}
	}
	closedir(dir);
}

static void
clean_up(void)
{
	list_files(false);
	rmdir(folder);
}

static void
prepare(void)
{
	CHECK(mkdtemp(folder) != NULL);
	atexit(clean_up);
	struct join *join = make();
	CHECK(join_save(join, &saved, NULL));
	join_saved(join);
	use(join, 0, ENTRIES);
	buf_clear(&saved);
	CHECK(join_save(join, &saved, NULL));
	join_saved(join);
	CHECK(join_stats(join).in_files > 0);
	join_free(join);
	list_files(true);
}

static void
write_file(const char *path, const struct buf *bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, bytes->data, bytes->length) == (ssize_t)bytes->length);
	close(fd);
}

/* Changes so many bytes as there are groups of four: where (three bytes), and to what. */
static void
spoil(struct buf *bytes, const uint8_t *data, size_t size)
{
	for (; size >= 4 && bytes->length > 0; data += 4, size -= 4) {
		size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]);
		/* The ends of a file say what it is. */
		if (data[0] >= 128)
			at = bytes->length - 1 - at % 256 % bytes->length;
		bytes->data[at % bytes->length] = (char)data[3];
	}
	if (size == 3)
		bytes->length -= ((size_t)data[0] << 8 | data[1]) % (bytes->length + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (files_count == 0)
		prepare();
	if (size == 0)
		return 0;
	for (size_t i = 0; i < files_count; i++)
		write_file(names[i], &files[i]);
	struct buf bytes = {0}, again = {0};
	size_t which = data[0] % (files_count + 1);
	const struct buf *from = which == 0 ? &saved : &files[which - 1];
	buf_append(&bytes, from->data, from->length);
	spoil(&bytes, data + 1, size - 1);
	if (which > 0)
		write_file(names[which - 1], &bytes);
	const struct buf *pack = which == 0 ? &bytes : &saved;
	struct unpack unpack = {pack->data, pack->data + pack->length, false};
	struct err err = {0};
	struct join *join = make();
	bool loaded = join_load(join, &unpack, &err);
	struct join_stats stats = join_stats(join);
	CHECK(loaded || (err.text[0] != '\0' && stats.pending + stats.in_files == 0));
	struct join_entry entry;
	use(join, ENTRIES - 100, ENTRIES + 2000);
	for (int i = 0; i < 100 && join_due(join, 80000 * CLOCK_SECOND, &entry); i++)
		continue;
	join_expire(join, 110000 * CLOCK_SECOND);
	join_save(join, &again, NULL);
	join_free(join);
	list_files(false);
	buf_free(&bytes);
	buf_free(&again);
	return 0;
}
