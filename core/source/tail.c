/* tail.c: see tail.h.
 *
 * The file being read is known by its open descriptor, its first bytes (the print) and the offset.
 * When the path leads to another file, that one is opened at once and waits in a queue: so no
 * rotation is missed that happens while the older file is read, or while its writer, who may not
 * have noticed yet, still has GRACE_US of silence to be trusted for. */
#include "core/source/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/source/origin.h"

#define QUEUE_FILES 16
#define GRACE_US CLOCK_SECOND /* of silence in a file that was rotated away */
#define PATIENCE_US (30 * CLOCK_SECOND) /* after which even a writer who goes on is left */

struct tail {
	char *path;
	bool labels;
	struct bodies *bodies;
	struct body
	    *queue[QUEUE_FILES]; /* the first is being read, all but the last rotated away */
	size_t queue_count;
	bool begins; /* nothing of the first was read yet */
	mono_us grown_at; /* when bytes of the first were last read */
	struct tail_stats stats;
};

struct tail *
tail_new(const char *path, bool labels, struct bodies *bodies)
{
	struct tail *tail = mem_alloc(sizeof(*tail));
	tail->path = mem_string(path);
	tail->labels = labels;
	tail->bodies = bodies;
	return tail;
}

void
tail_free(struct tail *tail)
{
	if (tail == NULL)
		return;
	for (size_t i = 0; i < tail->queue_count; i++)
		bodies_close(tail->queue[i]);
	free(tail->path);
	free(tail);
}

const struct tail_stats *
tail_stats(const struct tail *tail)
{
	return &tail->stats;
}

static void
say_error(struct tail *tail, const char *reason)
{
	char text[sizeof(tail->stats.error)];
	int length = snprintf(text, sizeof(text), "%.200s: %s", tail->path, reason);
	text_scrub(tail->stats.error, sizeof(tail->stats.error), text, (size_t)length);
}

/* --- which file --------------------------------------------------------------------------------
 */

static void
begin_file(struct tail *tail)
{
	tail->begins = true;
	tail->grown_at = clock_mono();
}

/* Opens what is at the path now, at the end of the queue, unless it is known already: a log that is
 * rotated by renaming comes by under other paths. O_NONBLOCK: a FIFO must not hold us up. */
static void
open_path(struct tail *tail)
{
	struct stat status;
	int fd = open(tail->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		say_error(tail, strerror(errno));
		return;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		say_error(tail, "not a regular file");
		close(fd);
		return;
	}
	struct body *body = bodies_open(tail->bodies, fd, tail->labels, &status);
	if (body == NULL)
		return;
	if (tail->queue_count == 0)
		begin_file(tail);
	tail->queue[tail->queue_count++] = body;
}

/* The path leads to another file than the last one: is that one's time over? */
static void
mark_rotated(struct tail *tail)
{
	struct body *last = tail->queue[tail->queue_count - 1];
	if (last->rotated)
		return;
	last->rotated = true;
	last->rotated_at = clock_mono();
	tail->stats.rotations++;
}

/* Looks whether the path leads to a file that is not the last one we know. */
void
tail_look(struct tail *tail)
{
	struct stat status;
	tail->stats.error[0] = '\0';
	if (tail->queue_count == 0) {
		open_path(tail);
		/* Nothing at the path: between a rename and a creation, or removed for good. Wait.
		 */
	} else if (tail->queue_count < QUEUE_FILES && stat(tail->path, &status) == 0) {
		const struct body *last = tail->queue[tail->queue_count - 1];
		if (last->device != status.st_dev || last->inode != status.st_ino) {
			mark_rotated(tail);
			open_path(tail);
		}
	}
	tail->stats.present = tail->queue_count > 0;
}

enum print { PRINT_SAME, PRINT_SHORT, PRINT_OTHER };

/* Compares the first bytes of the file with those that were read. An error is for the reading. */
static enum print
compare_print(const struct body *body)
{
	char now[PRINT_BYTES];
	ssize_t got = pread(body->fd, now, body->print_length, 0);
	if (got >= 0 && (size_t)got < body->print_length)
		return PRINT_SHORT;
	return got < 0 || memcmp(now, body->print, body->print_length) == 0 ? PRINT_SAME
									    : PRINT_OTHER;
}

/* Begins again if the file shrank or was written over. True: it did. */
static bool
notice_truncation(struct tail *tail)
{
	struct stat status;
	struct body *body = tail->queue[0];
	if (fstat(body->fd, &status) != 0 ||
	    ((uint64_t)status.st_size >= body->offset && compare_print(body) == PRINT_SAME))
		return false;
	tail->stats.truncations++;
	body->offset = 0;
	body->print_length = 0;
	begin_file(tail);
	return true;
}

/* Is the first file, of which nothing more came, to be trusted to be over? */
static bool
is_over(const struct tail *tail)
{
	const struct body *body = tail->queue[0];
	mono_us now = clock_mono();
	if (!body->rotated)
		return false;
	mono_us quiet_since = tail->grown_at > body->rotated_at ? tail->grown_at : body->rotated_at;
	return now - quiet_since >= GRACE_US || now - body->rotated_at >= PATIENCE_US;
}

static void
next_file(struct tail *tail)
{
	bodies_close(tail->queue[0]);
	tail->queue_count--;
	memmove(tail->queue, tail->queue + 1, tail->queue_count * sizeof(struct body *));
	begin_file(tail);
	tail->stats.present = tail->queue_count > 0;
}

/* --- what is in it -----------------------------------------------------------------------------
 */

static void
note_bytes(struct tail *tail, const char *bytes, size_t length)
{
	struct body *body = tail->queue[0];
	size_t room = PRINT_BYTES - body->print_length;
	size_t part = length < room ? length : room;
	memcpy(body->print + body->print_length, bytes, part);
	body->print_length += part;
	body->offset += length;
	tail->stats.bytes += length;
	tail->grown_at = clock_mono();
}

static enum got
border(struct tail *tail, size_t *length)
{
	tail->begins = tail->queue_count == 0;
	*length = tail->queue_count > 0 ? tail->queue[0]->offset : 0;
	return GOT_BORDER;
}

enum got
tail_read(void *source, char *dst, size_t room, size_t *length)
{
	struct tail *tail = source;
	tail->stats.at_end = false;
	while (tail->queue_count > 0) {
		struct body *body = tail->queue[0];
		if (notice_truncation(tail) || tail->begins)
			return border(tail, length);
		ssize_t got = pread(body->fd, dst, room, (off_t)body->offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			say_error(tail, strerror(errno));
			return GOT_NOTHING;
		}
		/* Written over since we looked, so that these bytes are from anywhere: take none of
		 * them. (If it is but short, they were read before that happened.) */
		if (got > 0 && compare_print(body) == PRINT_OTHER)
			continue;
		if (got > 0) {
			note_bytes(tail, dst, (size_t)got);
			tail->stats.at_end = (size_t)got < room && tail->queue_count == 1;
			*length = (size_t)got;
			return GOT_BYTES;
		}
		if (is_over(tail)) {
			next_file(tail);
			return border(tail, length);
		}
		tail->stats.at_end = tail->queue_count == 1;
		return GOT_NOTHING;
	}
	return GOT_NOTHING;
}

uint64_t
tail_ahead(const struct tail *tail)
{
	uint64_t ahead = 0;
	for (size_t i = 0; i < tail->queue_count; i++) {
		struct stat status;
		const struct body *body = tail->queue[i];
		if (fstat(body->fd, &status) == 0 && (uint64_t)status.st_size > body->offset)
			ahead += (uint64_t)status.st_size - body->offset;
	}
	return ahead;
}

static void
look(void *self)
{
	tail_look(self);
}

static void
tell(const void *self, struct source_stats *stats)
{
	const struct tail *tail = self;
	stats->bytes = tail->stats.bytes;
	stats->size = tail->stats.bytes + tail_ahead(tail);
	stats->rotations = tail->stats.rotations;
	stats->truncations = tail->stats.truncations;
	stats->present = tail->stats.present;
	stats->at_end = tail->stats.at_end;
	text_copy(stats->error, sizeof(stats->error), tail->stats.error);
}

static void
free_self(void *self)
{
	tail_free(self);
}

const struct origin origin_tail = {
    .read = tail_read, .look = look, .tell = tell, .free = free_self};
