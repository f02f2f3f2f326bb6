/* pipe.c: standard input, read as it comes. It is waited for only while it flows, and then for no
 * longer than its writer needs to fill a pipe again. */
#include "core/source/pipe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/source/origin.h"

enum { REFILL_MS = 2 };

struct pipe {
	int fd;
	uint64_t bytes;
	bool over, at_end, flows; /* flows: what was asked for last came */
	char error[128];
};

struct pipe *
pipe_new(int fd)
{
	struct pipe *pipe = mem_alloc(sizeof(*pipe));
	pipe->fd = fd;
	return pipe;
}

static enum got
finish(struct pipe *pipe)
{
	pipe->over = pipe->at_end = true;
	return GOT_OVER;
}

/* What is ready is read without waiting: the descriptor itself stays as it is, since it is shared
 * with other programs. */
static enum got
pipe_read(void *self, char *dst, size_t room, size_t *length)
{
	struct pipe *pipe = self;
	struct pollfd ready = {.fd = pipe->fd, .events = POLLIN};
	if (pipe->over)
		return GOT_OVER;
	if (isatty(pipe->fd)) {
		text_copy(pipe->error, sizeof(pipe->error), "standard input is a terminal");
		return finish(pipe);
	}
	pipe->at_end = poll(&ready, 1, pipe->flows ? REFILL_MS : 0) <= 0;
	pipe->flows = !pipe->at_end;
	if (pipe->at_end)
		return GOT_NOTHING;
	ssize_t got = read(pipe->fd, dst, room);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return GOT_NOTHING;
	if (got < 0)
		snprintf(pipe->error, sizeof(pipe->error), "standard input: %s", strerror(errno));
	if (got <= 0)
		return finish(pipe);
	*length = (size_t)got;
	pipe->bytes += (uint64_t)got;
	return GOT_BYTES;
}

static void
tell(const void *self, struct source_stats *stats)
{
	const struct pipe *pipe = self;
	stats->bytes = pipe->bytes;
	stats->present = true;
	stats->at_end = pipe->at_end;
	text_copy(stats->error, sizeof(stats->error), pipe->error);
}

const struct origin origin_pipe = {.read = pipe_read, .tell = tell, .free = free};
