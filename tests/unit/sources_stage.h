/* sources_stage.h: a folder to put files into, and what sources make of it, a line each with a '|'
 * after it. */
#ifndef FRAUDTOP_TESTS_UNIT_SOURCES_STAGE_H
#define FRAUDTOP_TESTS_UNIT_SOURCES_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/source/sources.h"
#include "tests/folder.h"

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static char folder[FOLDER_SIZE], path[128], other[128];
static struct sources *sources;
static struct stretch stretch;
static struct buf got; /* the lines read, each with a '|' after it */

static inline void
add(const char *what)
{
	sources_add(sources, &(struct source_options){.path = what});
}

static inline int
set_up(void **state)
{
	(void)state;
	assert_true(folder_make(folder, "follow"));
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(other, sizeof(other), "%s/log.1", folder);
	clock_freeze(0);
	buf_clear(&got);
	sources = sources_new();
	add(path);
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	sources_free(sources);
	sources_free(NULL);
	stretch_free(&stretch);
	buf_free(&got);
	return folder_remove(folder);
}

static inline void
write_to(const char *file, int flags, const char *bytes, size_t length)
{
	int fd = open(file, O_WRONLY | O_CREAT | flags, 0600);
	assert_true(fd >= 0);
	assert_true(write(fd, bytes, length) == (ssize_t)length);
	close(fd);
}

static inline void
append(const char *text)
{
	write_to(path, O_APPEND, text, strlen(text));
}

/* Takes the next stretch and adds its lines. */
static inline bool
take(size_t max_bytes)
{
	static const char pad[STRETCH_PAD];
	if (!sources_take(sources, &stretch, max_bytes))
		return false;
	assert_true(stretch.length > 0);
	assert_memory_equal(stretch.text + stretch.length, pad, STRETCH_PAD);
	for (const char *at = stretch.text, *end = at + stretch.length; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline : end;
		buf_append(&got, at, (size_t)(stop - at) - (stop > at && stop[-1] == '\r'));
		buf_append(&got, "|", 1);
		at = stop + 1;
	}
	return true;
}

static inline void
take_all(void)
{
	while (take(1 << 20))
		continue;
}

/* Reads until nothing more is to be had at once, then compares what came since the last time. */
static inline void
assert_reads(const char *expected)
{
	buf_clear(&got);
	take_all();
	assert_string_equal(got.data != NULL ? got.data : "", expected);
}

static inline const struct source_stats *
stats(size_t file)
{
	return sources_stats(sources, file);
}

/* A path in the folder; the last few live. */
static inline const char *
in_folder(const char *name)
{
	static char paths[8][160];
	static unsigned next;
	char *made = paths[next++ % 8];
	snprintf(made, sizeof(paths[0]), "%s/%s", folder, name);
	return made;
}

/* Sources of another kind than the one that set_up begins with. */
static inline void
begin_with(const char *what, enum frame frame)
{
	sources_free(sources);
	sources = sources_new();
	sources_add(sources, &(struct source_options){.path = what, .frame = frame});
}

static inline void
write_text(const char *file, const char *text)
{
	write_to(file, O_APPEND, text, strlen(text));
}

/* Waits as long as anything that waits for silence does. */
static inline void
wait_and_take(void)
{
	for (int i = 0; i < 10; i++) {
		clock_advance(CLOCK_SECOND);
		sources_look(sources);
		take_all();
	}
}

#endif
