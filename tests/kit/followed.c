/* followed.c: see followed.h. */
#include "tests/kit/followed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/clock.h"

struct followed followed;

void
followed_add(const char *what)
{
	sources_add(followed.sources, &(struct source_options){.path = what});
}

int
followed_set_up(void **state)
{
	(void)state;
	assert_true(folder_make(followed.folder, "follow"));
	snprintf(followed.path, sizeof(followed.path), "%s/log", followed.folder);
	snprintf(followed.other, sizeof(followed.other), "%s/log.1", followed.folder);
	clock_freeze(0);
	buf_clear(&followed.got);
	followed.sources = sources_new();
	followed_add(followed.path);
	return 0;
}

int
followed_tear_down(void **state)
{
	(void)state;
	sources_free(followed.sources);
	sources_free(NULL);
	stretch_free(&followed.stretch);
	buf_free(&followed.got);
	buf_free(&followed.pack);
	return folder_remove(followed.folder);
}

void
followed_write_to(const char *file, int flags, const char *bytes, size_t length)
{
	int fd = open(file, O_WRONLY | O_CREAT | flags, 0600);
	assert_true(fd >= 0);
	assert_true(write(fd, bytes, length) == (ssize_t)length);
	close(fd);
}

void
followed_append(const char *text)
{
	followed_write_to(followed.path, O_APPEND, text, strlen(text));
}

bool
followed_take(size_t max_bytes)
{
	static const char pad[STRETCH_PAD];
	if (!sources_take(followed.sources, &followed.stretch, max_bytes))
		return false;
	assert_true(followed.stretch.length > 0);
	assert_memory_equal(followed.stretch.text + followed.stretch.length, pad, STRETCH_PAD);
	for (const char *at = followed.stretch.text, *end = at + followed.stretch.length;
	     at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline : end;
		buf_append(
		    &followed.got, at, (size_t)(stop - at) - (stop > at && stop[-1] == '\r'));
		buf_append(&followed.got, "|", 1);
		at = stop + 1;
	}
	return true;
}

void
followed_take_all(void)
{
	while (followed_take(1 << 20))
		continue;
}

void
followed_assert_reads(const char *expected)
{
	buf_clear(&followed.got);
	followed_take_all();
	assert_string_equal(followed.got.data != NULL ? followed.got.data : "", expected);
}

const struct source_stats *
followed_stats(size_t file)
{
	return sources_stats(followed.sources, file);
}

const char *
followed_in_folder(const char *name)
{
	static char paths[8][160];
	static unsigned next;
	char *made = paths[next++ % 8];
	snprintf(made, sizeof(paths[0]), "%s/%s", followed.folder, name);
	return made;
}

void
followed_begin_with(const char *what, enum frame frame)
{
	sources_free(followed.sources);
	followed.sources = sources_new();
	sources_add(followed.sources, &(struct source_options){.path = what, .frame = frame});
}

void
followed_write_text(const char *file, const char *text)
{
	followed_write_to(file, O_APPEND, text, strlen(text));
}

void
followed_wait_and_take(void)
{
	for (int i = 0; i < 10; i++) {
		clock_advance(CLOCK_SECOND);
		sources_look(followed.sources);
		followed_take_all();
	}
}

void
followed_save(void)
{
	buf_clear(&followed.pack);
	sources_save(followed.sources, &followed.pack);
}

void
followed_restart(const struct source_options *options)
{
	struct unpack unpack = {
	    .at = followed.pack.data, .end = followed.pack.data + followed.pack.length};
	buf_clear(&followed.got);
	sources_free(followed.sources);
	followed.sources = sources_new();
	sources_add(followed.sources, options);
	assert_true(sources_load(followed.sources, &unpack));
	assert_true(unpack_good(&unpack));
}

void
followed_assert_goes_on(const char *expected)
{
	followed_restart(&(struct source_options){.path = followed.path});
	followed_wait_and_take();
	assert_string_equal(followed.got.data != NULL ? followed.got.data : "", expected);
}

void
followed_begin(void)
{
	followed_append(FOLLOWED_FIRST "\nb\nhal");
	followed_assert_reads(FOLLOWED_FIRST "|b|");
	followed_save();
}

void
followed_assert_has(const char *const *lines, size_t count)
{
	size_t length = 0;
	for (size_t i = 0; i < count; i++) {
		const char *at =
		    followed.got.data != NULL ? strstr(followed.got.data, lines[i]) : NULL;
		if (at == NULL || at[strlen(lines[i])] != '|')
			fail_msg("%s is not in %s", lines[i], followed.got.data);
		length += strlen(lines[i]) + 1;
	}
	assert_int_equal(followed.got.length, length);
}

void
followed_run(const char *words)
{
	char command[1024];
	snprintf(command, sizeof(command), "cd '%s' && { %s; }", followed.folder, words);
	assert_int_equal(system(command), 0);
}
