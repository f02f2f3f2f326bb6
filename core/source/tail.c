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
#include "core/source/rotated.h"

#define QUEUE_FILES 16
#define GRACE_US CLOCK_SECOND /* of silence in a file that was rotated away */
#define PATIENCE_US (30 * CLOCK_SECOND) /* after which even a writer who goes on is left */

struct tail_stats {
	uint64_t bytes; /* read */
	uint64_t rotations, truncations;
	bool present; /* a file is open */
	bool at_end; /* everything there was has been read, and no other file waits */
	char error[256]; /* why it cannot be read, or "" */
};

struct tail {
	char *path;
	bool labels;
	struct bodies *bodies;
	struct body
	    *queue[QUEUE_FILES]; /* the first is being read, all but the last rotated away */
	size_t queue_count;
	struct body *saved; /* where a run before this one was, until it is found again */
	struct timespec written; /* to what was read last, when that was left or saved */
	bool lost; /* nothing of that run's file is at the path */
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

static void
free_tail(void *self)
{
	struct tail *tail = self;
	for (size_t i = 0; i < tail->queue_count; i++)
		body_close(tail->queue[i]);
	free(tail->path);
	free(tail);
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

/* Files that were at the path between two looks: what was rotated away since then and is not known
 * yet. */
static void
open_since(struct tail *tail, const struct stat *than)
{
	int fds[QUEUE_FILES];
	struct stat status;
	/* One place is kept for what is at the path. */
	size_t count = rotated_since(tail->path, than, fds, QUEUE_FILES - 1 - tail->queue_count);
	for (size_t i = 0; i < count; i++) {
		struct body *body = NULL;
		if (fstat(fds[i], &status) != 0)
			close(fds[i]);
		else
			body = bodies_open(tail->bodies, fds[i], tail->labels, &status);
		if (body == NULL)
			continue;
		body->rotated = true;
		body->rotated_at = clock_mono();
		tail->queue[tail->queue_count++] = body;
		tail->stats.rotations++;
	}
}

static void
open_between(struct tail *tail)
{
	struct stat status;
	if (fstat(tail->queue[tail->queue_count - 1]->fd, &status) == 0)
		open_since(tail, &status);
}

/* What is open there is another file than the last one: no name is looked up before that, so that
 * what came in between has its rotated name by now. */
static void
leave_last(struct tail *tail)
{
	struct body *last = tail->queue[tail->queue_count - 1];
	if (last->rotated)
		return;
	last->rotated = true;
	last->rotated_at = clock_mono();
	tail->stats.rotations++;
	open_between(tail);
}

static bool
is_last(const struct tail *tail, const struct stat *status)
{
	const struct body *last = tail->queue[tail->queue_count - 1];
	return last->device == status->st_dev && last->inode == status->st_ino;
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
	if (tail->queue_count > 0 && !is_last(tail, &status))
		leave_last(tail);
	struct body *body = bodies_open(tail->bodies, fd, tail->labels, &status);
	if (body == NULL)
		return;
	if (tail->queue_count == 0)
		begin_file(tail);
	tail->queue[tail->queue_count++] = body;
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
	} else if (tail->queue_count < QUEUE_FILES && stat(tail->path, &status) == 0 &&
		   !is_last(tail, &status)) {
		open_path(tail);
	}
	tail->stats.present = tail->queue_count > 0;
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
	begin_file(tail);
	int rest = rotated_find(tail->path, old, &copy);
	if (rest < 0 || (uint64_t)copy.st_size == old->offset || tail->queue_count == QUEUE_FILES) {
		if (rest >= 0)
			close(rest);
		return;
	}
	memmove(tail->queue + 1, tail->queue, tail->queue_count * sizeof(struct body *));
	body_reopen(old, rest, &copy);
	old->rotated = true;
	old->rotated_at = clock_mono() - PATIENCE_US; /* nobody writes to a copy */
	tail->queue[0] = old;
	tail->queue_count++;
	tail->begins = false;
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
	return now - quiet_since >= GRACE_US || now - body->rotated_at >= PATIENCE_US;
}

static struct timespec
written_to(const struct tail *tail)
{
	struct stat status;
	bool open = tail->queue_count > 0 && fstat(tail->queue[0]->fd, &status) == 0;
	return open ? status.st_mtim : tail->written;
}

static void
next_file(struct tail *tail)
{
	tail->written = written_to(tail);
	body_close(tail->queue[0]);
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
	tail->saved = NULL;
	tail->lost = false;
	while (tail->queue_count > 0) {
		if (notice_truncation(tail))
			continue;
		if (tail->begins)
			return border(tail, length);
		struct body *body = tail->queue[0];
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
save(const void *self, struct buf *pack)
{
	const struct tail *tail = self;
	const struct body *first = tail->queue_count > 0 ? tail->queue[0] : NULL;
	struct timespec written = written_to(tail);
	pack_u64(pack, bodies_number(tail->bodies, first));
	pack_i64(pack, written.tv_sec);
	pack_i64(pack, written.tv_nsec);
	pack_u64(pack, tail->begins);
	pack_u64(pack, tail->stats.bytes);
	pack_u64(pack, tail->stats.rotations);
	pack_u64(pack, tail->stats.truncations);
}

static void
load(void *self, struct unpack *unpack)
{
	struct tail *tail = self;
	tail->saved = bodies_at(tail->bodies, unpack_u64(unpack));
	tail->written.tv_sec = (time_t)unpack_i64(unpack);
	tail->written.tv_nsec = (long)unpack_i64(unpack);
	tail->begins = unpack_count(unpack, 1) != 0;
	tail->stats.bytes = unpack_u64(unpack);
	tail->stats.rotations = unpack_u64(unpack);
	tail->stats.truncations = unpack_u64(unpack);
}

struct body *
tail_lost(const struct tail *tail)
{
	return tail->saved;
}

void
tail_follow_since(struct tail *tail, const struct stat *written)
{
	tail->saved = NULL;
	tail->lost = false;
	open_since(tail, written);
	if (tail->queue_count > 0)
		begin_file(tail);
}

void
tail_found(struct tail *tail, const struct stat *packed)
{
	tail->stats.rotations++;
	tail_follow_since(tail, packed);
}

bool
tail_is_unsure(const struct tail *tail, struct stat *written)
{
	*written = (struct stat){.st_mtim = tail->written};
	return tail->lost && (tail->saved == NULL || tail->saved->offset < BODY_SURE);
}

/* Finds again what was being read, under its old name or another. */
static void
resume(void *self)
{
	struct tail *tail = self;
	struct body *body = tail->saved;
	struct stat status;
	bool there = false, known = body != NULL && !body->reading;
	int fd = known ? rotated_open(tail->path, body, &status, &there) : -1;
	tail->lost = fd < 0 && (known || (body == NULL && tail->written.tv_sec != 0));
	if (fd < 0)
		return;
	tail->saved = NULL;
	bool copy = body->inode != status.st_ino || body->device != status.st_dev;
	body_reopen(body, fd, &status);
	body->rotated = !there;
	body->rotated_at = clock_mono() - (copy ? PATIENCE_US : 0);
	tail->stats.rotations += !there;
	tail->queue[tail->queue_count++] = body;
	if (!there)
		open_between(tail);
	tail->grown_at = clock_mono();
	tail->stats.present = true;
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
    .save = save,
    .load = load,
    .resume = resume};
