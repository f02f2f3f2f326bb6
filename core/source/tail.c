/* tail.c: see tail.h, and tail_state.h. */
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
#include "core/source/rotated.h"
#include "core/source/tail_state.h"

#define GRACE_US CLOCK_SECOND /* of silence in a file that was rotated away */
#define OLD_US (2 * CLOCK_SECOND) /* and was before we looked */

struct tail *
tail_new(const char *path, bool labels, struct bodies *bodies)
{
	struct tail *tail = mem_alloc(sizeof(*tail));
	tail->path = mem_string(path);
	tail->labels = labels;
	tail->bodies = bodies;
	return tail;
}

static void
free_tail(void *self)
{
	struct tail *tail = self;
	for (size_t i = 0; i < tail->queue_count; i++)
		body_close(tail->queue[i]);
	free(tail->path);
	free(tail);
}

void
tail_say_error(struct tail *tail, const char *reason)
{
	char text[sizeof(tail->stats.error)];
	int length = snprintf(text, sizeof(text), "%.200s: %s", tail->path, reason);
	text_scrub(tail->stats.error, sizeof(tail->stats.error), text, (size_t)length);
}

enum print { PRINT_SAME, PRINT_SHORT, PRINT_OTHER };

/* Compares the first bytes of the file with those that were read. An error is for the reading. */
static enum print
compare_print(const struct body *body)
{
	char now[BODY_PRINT];
	ssize_t got = pread(body->fd, now, body->print_length, 0);
	if (got >= 0 && (size_t)got < body->print_length)
		return PRINT_SHORT;
	return got < 0 || memcmp(now, body->print, body->print_length) == 0 ? PRINT_SAME
									    : PRINT_OTHER;
}

static void
read_rest(struct tail *tail, struct body *old, int copy, const struct stat *status)
{
	/* Who has no room is found again once there is. */
	if (tail->queue_count == QUEUE_FILES)
		body_close(tail->queue[--tail->queue_count]);
	memmove(tail->queue + 1, tail->queue, tail->queue_count * sizeof(struct body *));
	body_reopen(old, copy, status);
	old->rotated = true;
	old->rotated_at = clock_mono() - PATIENCE_US; /* nobody writes to a copy */
	tail->queue[0] = old;
	tail->queue_count++;
	tail->begins = false;
}

/* The first file shrank or was written over: what it was is over, what it is begins. Whoever copied
 * it before it was truncated has left the rest, if there is any, under a name of its kind. */
static void
begin_again(struct tail *tail, const struct stat *status)
{
	struct body *old = tail->queue[0];
	struct body *body = bodies_add(tail->bodies, tail->labels);
	struct stat copy;
	int fd = old->fd;
	tail->stats.truncations++;
	old->fd = -1;
	body_close(old);
	old->inode = 0;
	body_reopen(body, fd, status);
	tail->queue[0] = body;
	tail_begin_file(tail);
	int rest = rotated_find(tail->path, old, &copy);
	if (rest < 0 && old->print_length >= BODY_SURE) {
		/* It may be packed already. */
		tail->saved = old;
		tail->lost = true;
		tail->written = status->st_mtim;
	} else if (rest >= 0 && (uint64_t)copy.st_size > old->offset) {
		read_rest(tail, old, rest, &copy);
	} else if (rest >= 0) {
		close(rest);
	}
}

static bool
notice_truncation(struct tail *tail)
{
	struct stat status;
	const struct body *body = tail->queue[0];
	if (fstat(body->fd, &status) != 0 ||
	    ((uint64_t)status.st_size >= body->offset && compare_print(body) == PRINT_SAME))
		return false;
	begin_again(tail, &status);
	return true;
}

/* Has it been so for long, by its inode, which a rename changes as well as a write? */
static bool
is_old(const struct stat *status)
{
	wall_us changed = (wall_us)status->st_ctim.tv_sec * CLOCK_SECOND;
	return clock_wall() - changed > OLD_US + CLOCK_SECOND;
}

/* Is the first file, of which nothing more came, to be trusted to be over? One that was removed is,
 * after longer: its writer may not know. */
static bool
is_over(const struct tail *tail)
{
	const struct body *body = tail->queue[0];
	struct stat status;
	mono_us now = clock_mono();
	if (!body->rotated)
		return now - tail->grown_at >= PATIENCE_US && fstat(body->fd, &status) == 0 &&
		       status.st_nlink == 0;
	mono_us quiet_since = tail->grown_at > body->rotated_at ? tail->grown_at : body->rotated_at;
	return now - quiet_since >= GRACE_US || now - body->rotated_at >= PATIENCE_US ||
	       (fstat(body->fd, &status) == 0 && is_old(&status));
}

/* --- what is in it -----------------------------------------------------------------------------
 */

static void
note_bytes(struct tail *tail, const char *bytes, size_t length)
{
	body_note(tail->queue[0], bytes, length);
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

static enum got
read_new(void *source, char *dst, size_t room, size_t *length)
{
	struct tail *tail = source;
	tail->stats.at_end = false;
	while (tail->queue_count > 0 && !tail->lost) {
		if (notice_truncation(tail))
			continue;
		if (tail->begins)
			return border(tail, length);
		struct body *body = tail->queue[0];
		ssize_t got = pread(body->fd, dst, room, (off_t)body->offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			tail_say_error(tail, strerror(errno));
			return GOT_NOTHING;
		}
		/* Written over since we looked, so that these bytes are from anywhere: take none of
		 * them. (If it is but short, they were read before that happened.) */
		if (got > 0 && compare_print(body) == PRINT_OTHER)
			continue;
		/* It was opened when whoever copies had but made it. */
		if (got > 0 && bodies_is_copy(tail->bodies, body)) {
			tail_next(tail);
			return border(tail, length);
		}
		if (got > 0) {
			note_bytes(tail, dst, (size_t)got);
			tail->stats.at_end = (size_t)got < room && tail->queue_count == 1;
			*length = (size_t)got;
			return GOT_BYTES;
		}
		if (is_over(tail)) {
			tail_next(tail);
			return border(tail, length);
		}
		tail->stats.at_end = tail->queue_count == 1;
		return GOT_NOTHING;
	}
	return GOT_NOTHING;
}

/* Bytes not read yet. */
static uint64_t
ahead_of(const struct tail *tail)
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

#define HEAD_BYTES (256 * 1024) /* a header's row is not longer */

static uint64_t
skip(void *self, uint64_t bytes, struct buf *head)
{
	struct tail *tail = self;
	struct body *body = tail->queue_count > 0 ? tail->queue[0] : NULL;
	struct stat status;
	if (body == NULL || fstat(body->fd, &status) != 0 || (uint64_t)status.st_size <= bytes)
		return 0;
	mem_reserve(&head->data, &head->capacity, HEAD_BYTES, 1);
	ssize_t got = pread(body->fd, head->data, HEAD_BYTES, 0);
	head->length = got > 0 ? (size_t)got : 0;
	uint64_t offset = (uint64_t)status.st_size - bytes - 1;
	size_t known = head->length < offset ? head->length : (size_t)offset;
	body_note(body, head->data, known);
	char last[BODY_LAST];
	size_t part = offset < BODY_LAST ? (size_t)offset : BODY_LAST;
	got = pread(body->fd, last, part, (off_t)(offset - part));
	body_set_offset(body, offset, last, got > 0 ? (size_t)got : 0);
	tail->begins = false;
	return offset;
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
	stats->size = tail->stats.bytes + ahead_of(tail);
	stats->rotations = tail->stats.rotations;
	stats->truncations = tail->stats.truncations;
	stats->present = tail->stats.present;
	stats->at_end = tail->stats.at_end;
	text_copy(stats->error, sizeof(stats->error), tail->stats.error);
}

const struct origin origin_tail = {.read = read_new,
    .look = look,
    .skip = skip,
    .tell = tell,
    .free = free_tail,
    .save = tail_save,
    .load = tail_load,
    .resume = tail_resume};
