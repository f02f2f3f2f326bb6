/* followed.h: a folder to put files into, what sources make of it, and a run that goes on where the
 * one before it was; for the tests of core/source. */
#ifndef FRAUDTOP_TESTS_KIT_FOLLOWED_H
#define FRAUDTOP_TESTS_KIT_FOLLOWED_H

#include "core/base/buf.h"
#include "core/source/sources.h"
#include "tests/folder.h"

#define FOLLOWED_TEST(f) cmocka_unit_test_setup_teardown(f, followed_set_up, followed_tear_down)

struct followed {
	char folder[FOLDER_SIZE];
	char path[128], other[128]; /* the log, and what it is called once it was rotated */
	struct sources *sources;
	struct stretch stretch;
	struct buf got; /* the lines read, each with a '|' after it */
	struct buf pack; /* what was saved */
};
extern struct followed followed;

int followed_set_up(void **state); /* sources of the path alone */
int followed_tear_down(void **state);
void followed_add(const char *what);
/* Sources of another kind than the one that followed_set_up begins with. */
void followed_begin_with(const char *what, enum frame frame);

/* A path in the folder; the last few live. */
const char *followed_in_folder(const char *name);
void followed_write_to(const char *file, int flags, const char *bytes, size_t length);
void followed_write_text(const char *file, const char *text);
void followed_append(const char *text); /* to the path */
/* Runs a shell's words in the folder. */
void followed_run(const char *words);

/* Takes the next stretch and adds its lines. */
bool followed_take(size_t max_bytes);
void followed_take_all(void);
/* Waits as long as anything that waits for silence does. */
void followed_wait_and_take(void);
const struct source_stats *followed_stats(size_t file);
/* Reads until nothing more is to be had at once, then compares what came since the last time. */
void followed_assert_reads(const char *expected);
/* Files are read in turns where nothing tells their times: it is not their order that counts. */
void followed_assert_has(const char *const *lines, size_t count);

void followed_save(void);
/* Another run, of the same, that has loaded what was saved. */
void followed_restart(const struct source_options *options);
/* What a run reads after this was done while none ran. */
void followed_assert_goes_on(const char *expected);

#define FOLLOWED_FIRST                                                                             \
	"the first line, which is long enough that a copy of it is believed to be one"
#define FOLLOWED_SECOND "a-line-of-the-second-file,-which-is-as-long,-so-that-it-is-known-by-it:-"
/* Two lines of the path and half of another are read, and that is saved. */
void followed_begin(void);

#endif
