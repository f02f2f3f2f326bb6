/* follow.c: see follow.h.
 *
 * The file being read is known by its open descriptor, its first bytes (the print) and the offset.
 * When the path leads to another file, that one is opened at once and waits in a queue: so no
 * rotation is missed that happens while the older file is read, or while its writer, who may not
 * have noticed yet, still has GRACE_US of silence to be trusted for. A file that is over hands over
 * a last line without newline as it is: what is lost of it will be counted by whoever cannot read
 * it. */
#include "core/source/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/source/stretch.h"
#include "core/base/text.h"
#include "core/source/lines.h"

#define CHUNK_BYTES 65536
#define PRINT_BYTES 1024
#define QUEUE_FILES 16
#define GRACE_US CLOCK_SECOND /* of silence in a file that was rotated away */
#define PATIENCE_US (30 * CLOCK_SECOND) /* after which even a writer who goes on is left */

/* A file at the path. All but the last in the queue have been rotated away. */
struct file {
	int fd;
	dev_t device;
	ino_t inode;
	mono_us rotated_at; /* when the next one was noticed */
};

struct follow {
	char *path;
	struct file queue[QUEUE_FILES]; /* the first is being read */
	size_t queue_count;
	off_t offset; /* in the first */
	char print[PRINT_BYTES];
	size_t print_length; /* not beyond the offset */
	mono_us grown_at; /* when bytes of the first were last read */
	bool in_hole; /* of the first nothing but NUL bytes was read */
	struct lines lines;
	struct follow_stats stats;
	char chunk[CHUNK_BYTES + STRETCH_PAD];
	char check[PRINT_BYTES];
};

struct sink {
	struct follow *follow;
	lines_callback *line;
	void *context;
};

struct follow *
follow_new(const char *path)
{
	struct follow *follow = mem_alloc(sizeof(*follow));
	follow->path = mem_string(path);
	return follow;
}

void
follow_free(struct follow *follow)
{
	if (follow == NULL)
		return;
	for (size_t i = 0; i < follow->queue_count; i++)
		close(follow->queue[i].fd);
	lines_free(&follow->lines);
	free(follow->path);
	free(follow);
}

const struct follow_stats *
follow_stats(const struct follow *follow)
{
	return &follow->stats;
}

static void
count_line(const char *line, size_t length, void *context)
{
	struct sink *sink = context;
	sink->follow->stats.lines++;
	sink->line(line, length, sink->context);
}

static void
say_error(struct follow *follow, const char *reason)
{
	char text[sizeof(follow->stats.error)];
	int length = snprintf(text, sizeof(text), "%.200s: %s", follow->path, reason);
	text_scrub(follow->stats.error, sizeof(follow->stats.error), text, (size_t)length);
}

/* --- which file --------------------------------------------------------------------------------
 */

/* Opens what is at the path now, at the end of the queue. O_NONBLOCK: a FIFO must not hold us up.
 */
static void
open_path(struct follow *follow)
{
	struct stat status;
	int fd = open(follow->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		say_error(follow, strerror(errno));
		return;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		say_error(follow, "not a regular file");
		close(fd);
		return;
	}
	struct file *last =
	    follow->queue_count > 0 ? &follow->queue[follow->queue_count - 1] : NULL;
	/* The path may have been renamed back between the look at it and here. */
	if (last != NULL && last->device == status.st_dev && last->inode == status.st_ino) {
		close(fd);
		return;
	}
	if (last != NULL) {
		last->rotated_at = clock_mono();
		follow->stats.rotations++;
	}
	follow->queue[follow->queue_count++] =
	    (struct file){.fd = fd, .device = status.st_dev, .inode = status.st_ino};
}

static void
begin_anew(struct follow *follow)
{
	follow->offset = 0;
	follow->print_length = 0;
	follow->in_hole = true;
	follow->grown_at = clock_mono();
}

/* Looks whether the path leads to a file that is not the last one we know. */
static void
notice_rotation(struct follow *follow)
{
	struct stat status;
	if (follow->queue_count == 0) {
		open_path(follow);
		begin_anew(follow);
		return;
	}
	/* Nothing at the path: between a rename and a creation, or removed for good. Wait. */
	if (follow->queue_count == QUEUE_FILES || stat(follow->path, &status) != 0)
		return;
	const struct file *last = &follow->queue[follow->queue_count - 1];
	if (last->device != status.st_dev || last->inode != status.st_ino)
		open_path(follow);
}

enum print { PRINT_SAME, PRINT_SHORT, PRINT_OTHER };

/* Compares the first bytes of the file with those that were read. An error is for the reading. */
static enum print
compare_print(struct follow *follow)
{
	ssize_t got = pread(follow->queue[0].fd, follow->check, follow->print_length, 0);
	if (got >= 0 && (size_t)got < follow->print_length)
		return PRINT_SHORT;
	return got < 0 || memcmp(follow->check, follow->print, follow->print_length) == 0
		   ? PRINT_SAME
		   : PRINT_OTHER;
}

/* Begins again if the file shrank or was written over. */
static void
notice_truncation(struct follow *follow, struct sink *sink)
{
	struct stat status;
	if (fstat(follow->queue[0].fd, &status) != 0 ||
	    (status.st_size >= follow->offset && compare_print(follow) == PRINT_SAME))
		return;
	lines_finish(&follow->lines, count_line, sink);
	follow->stats.truncations++;
	begin_anew(follow);
}

/* Goes on to the next file if this one is at its end and over. True: there is a new one to read. */
static bool
next_file(struct follow *follow, struct sink *sink)
{
	struct stat status;
	if (follow->queue_count < 2)
		return false;
	struct file *file = &follow->queue[0];
	mono_us now = clock_mono();
	mono_us quiet_since =
	    follow->grown_at > file->rotated_at ? follow->grown_at : file->rotated_at;
	if (now - quiet_since < GRACE_US && now - file->rotated_at < PATIENCE_US)
		return false;
	if (fstat(file->fd, &status) == 0 && status.st_size != follow->offset &&
	    now - file->rotated_at < PATIENCE_US)
		return true;
	lines_finish(&follow->lines, count_line, sink);
	close(file->fd);
	follow->queue_count--;
	memmove(follow->queue, follow->queue + 1, follow->queue_count * sizeof(*file));
	begin_anew(follow);
	return true;
}

/* --- what is in it -----------------------------------------------------------------------------
 */

/* A writer that does not append leaves a hole before what it writes after a truncation. */
static size_t
pass_hole(struct follow *follow, size_t length)
{
	size_t hole = 0;
	while (follow->in_hole && hole < length && follow->chunk[hole] == '\0')
		hole++;
	follow->in_hole = follow->in_hole && hole == length;
	return hole;
}

static void
take_bytes(struct follow *follow, size_t length, struct sink *sink)
{
	size_t room = PRINT_BYTES - follow->print_length;
	if (room > 0) {
		size_t part = length < room ? length : room;
		memcpy(follow->print + follow->print_length, follow->chunk, part);
		follow->print_length += part;
	}
	follow->offset += (off_t)length;
	follow->stats.bytes += length;
	follow->grown_at = clock_mono();
	size_t hole = pass_hole(follow, length);
	lines_feed(&follow->lines, follow->chunk + hole, length - hole, count_line, sink);
}

enum outcome { OUTCOME_MORE, OUTCOME_ENDED, OUTCOME_FAILED };

/* Reads up to *budget bytes. */
static enum outcome
read_file(struct follow *follow, size_t *budget, struct sink *sink)
{
	while (*budget > 0) {
		size_t want = *budget < CHUNK_BYTES ? *budget : CHUNK_BYTES;
		ssize_t got = pread(follow->queue[0].fd, follow->chunk, want, follow->offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			say_error(follow, strerror(errno));
			return OUTCOME_FAILED;
		}
		if (got == 0)
			return OUTCOME_ENDED;
		/* Written over since we looked, so that these bytes are from anywhere: read none of
		 * them. (If it is but short, they were read before that happened.) */
		if (compare_print(follow) == PRINT_OTHER)
			return OUTCOME_MORE;
		take_bytes(follow, (size_t)got, sink);
		*budget -= (size_t)got;
	}
	return OUTCOME_MORE;
}

bool
follow_read(struct follow *follow, size_t max_bytes,
    void (*line)(const char *line, size_t length, void *context), void *context)
{
	struct sink sink = {follow, line, context};
	size_t budget = max_bytes;
	enum outcome outcome = OUTCOME_MORE;
	bool more = true;
	follow->stats.error[0] = '\0';
	notice_rotation(follow);
	while (follow->queue_count > 0 && more && budget > 0) {
		notice_truncation(follow, &sink);
		outcome = read_file(follow, &budget, &sink);
		more = outcome == OUTCOME_MORE ||
		       (outcome == OUTCOME_ENDED && next_file(follow, &sink));
	}
	follow->stats.too_long = follow->lines.too_long;
	follow->stats.present = follow->queue_count > 0;
	follow->stats.at_end = outcome == OUTCOME_ENDED && !more && follow->queue_count == 1;
	return follow->queue_count > 0 && more;
}

void
follow_finish(struct follow *follow, void (*line)(const char *line, size_t length, void *context),
    void *context)
{
	struct sink sink = {follow, line, context};
	lines_finish(&follow->lines, count_line, &sink);
	follow->stats.too_long = follow->lines.too_long;
}
