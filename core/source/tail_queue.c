/* tail_queue.c: which files a tail reads, one after the other. The last of them is the one at the
 * path, unless that was not looked at yet; those before it were rotated away, the oldest first. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/source/rotated.h"
#include "core/source/tail_state.h"

void
tail_begin_file(struct tail *tail)
{
	tail->begins = true;
	tail->grown_at = clock_mono();
}

/* Is what is open there younger than that? What is at the path always is. */
static bool
is_younger(const struct body *body, const struct stat *than)
{
	struct stat status;
	if (!body->rotated)
		return true;
	return fstat(body->fd, &status) == 0 && rotated_compare(&status, than) > 0;
}

static bool
queue_rotated(int fd, const struct stat *status, void *context)
{
	struct tail *tail = context;
	struct body *body = bodies_open(tail->bodies, fd, tail->labels, status);
	if (body == NULL)
		return true;
	body->rotated = true;
	body->rotated_at = clock_mono();
	/* Not before what is being read. */
	size_t at = tail->queue_count, first = at > 0 && !tail->begins;
	for (; at > first && is_younger(tail->queue[at - 1], status); at--)
		tail->queue[at] = tail->queue[at - 1];
	tail->queue[at] = body;
	tail->queue_count++;
	tail->stats.rotations++;
	return tail->queue_count < QUEUE_FILES - 1;
}

void
tail_queue_since(struct tail *tail, const struct stat *than)
{
	/* One place is kept for what is at the path. */
	if (tail->queue_count < QUEUE_FILES - 1)
		rotated_since(tail->path, than, queue_rotated, tail);
}

void
tail_queue_between(struct tail *tail)
{
	struct stat status;
	if (fstat(tail->queue[0]->fd, &status) == 0)
		tail_queue_since(tail, &status);
}

/* What is open there is another file than the last one: no name is looked up before that, so that
 * what came in between has its rotated name by now. */
static void
leave_last(struct tail *tail)
{
	struct stat since = {.st_mtim = tail->written};
	if (tail->queue_count == 0) {
		if (tail->written.tv_sec != 0)
			tail_queue_since(tail, &since);
		return;
	}
	struct body *last = tail->queue[tail->queue_count - 1];
	if (last->rotated)
		return;
	last->rotated = true;
	last->rotated_at = clock_mono();
	tail->stats.rotations++;
	tail_queue_between(tail);
}

static bool
is_last(const struct tail *tail, const struct stat *status)
{
	const struct body *last = tail->queue[tail->queue_count - 1];
	return last->device == status->st_dev && last->inode == status->st_ino;
}

/* Does it give bytes although it has none, as in /proc? Each time it would seem to be another. */
static bool
has_no_size(int fd)
{
	struct stat status;
	char byte;
	return pread(fd, &byte, 1, 0) == 1 && fstat(fd, &status) == 0 && status.st_size == 0;
}

/* Opens what is at the path now, at the end of the queue, unless it is known already: a log that is
 * rotated by renaming comes by under other paths. O_NONBLOCK: a FIFO must not hold us up. */
static void
open_path(struct tail *tail)
{
	struct stat status;
	int fd = open(tail->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		tail_say_error(tail, strerror(errno));
		return;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		tail_say_error(tail, "not a regular file");
		close(fd);
		return;
	}
	if (has_no_size(fd)) {
		tail_say_error(tail, "not a file that grows: it has no size");
		close(fd);
		return;
	}
	if (tail->queue_count == 0 || !is_last(tail, &status))
		leave_last(tail);
	struct body *body = bodies_open(tail->bodies, fd, tail->labels, &status);
	if (body == NULL)
		return;
	if (tail->queue_count == 0)
		tail_begin_file(tail);
	tail->queue[tail->queue_count++] = body;
}

/* Looks whether the path leads to a file that is not the last one we know. */
void
tail_look(struct tail *tail)
{
	struct stat status;
	tail->stats.error[0] = '\0';
	tail->saved = NULL;
	tail->lost = false;
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

struct timespec
tail_written(const struct tail *tail)
{
	struct stat status;
	bool open = !tail->lost && tail->queue_count > 0 && fstat(tail->queue[0]->fd, &status) == 0;
	return open ? status.st_mtim : tail->written;
}

/* Looks once more what came after it: while names change some may not have been seen, and of very
 * many not all had room. */
void
tail_next(struct tail *tail)
{
	tail->written = tail_written(tail);
	if (tail->queue[0]->rotated)
		tail_queue_between(tail);
	body_close(tail->queue[0]);
	tail->queue_count--;
	memmove(tail->queue, tail->queue + 1, tail->queue_count * sizeof(struct body *));
	tail_begin_file(tail);
	tail->stats.present = tail->queue_count > 0;
}
