/* pipe.c: standard input, read as it comes. It is waited for only while it flows, and then for no
 * longer than its writer needs to fill a pipe again. What begins as gzip or zstd is unpacked. */
#include "core/source/pipe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/source/decompress.h"
#include "core/source/origin.h"

enum { REFILL_MS = 2, QUIET_MS = 50, IN_BYTES = 65536, HEAD_BYTES = 4 /* tell how it is packed */ };

struct pipe {
	int fd;
	uint64_t bytes; /* that came */
	bool over, at_end, flows; /* flows: what was asked for last came */
	bool known; /* whether it is packed */
	char *in; /* what came and was not handed over; NULL: it is handed over as it comes */
	size_t in_at, in_length;
	struct decompress *decompress; /* NULL: it is not packed */
	bool full; /* the last part filled its room: there may be more without more coming in */
	char error[128];
};

struct pipe *
pipe_new(int fd, const struct buf *ahead)
{
	struct pipe *pipe = mem_alloc(sizeof(*pipe));
	size_t length = ahead != NULL ? ahead->length : 0;
	pipe->fd = fd;
	pipe->in = mem_grow(NULL, length > IN_BYTES ? length : IN_BYTES, 1);
	if (length > 0)
		memcpy(pipe->in, ahead->data, length);
	pipe->in_length = pipe->bytes = length;
	return pipe;
}

bool
pipe_is_packed(const struct buf *ahead)
{
	return decompress_packing(ahead->data, ahead->length) != PACKING_NONE;
}

/* Is it enough to tell the format, if nothing more comes at once? */
static bool
is_telling(const struct buf *ahead)
{
	return ahead->length > 0 && memchr(ahead->data, '\n', ahead->length) != NULL &&
	       !pipe_is_packed(ahead);
}

bool
pipe_read_ahead(int fd, struct buf *ahead, size_t most, struct err *err)
{
	char part[IN_BYTES];
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	if (isatty(fd))
		return err_set(
		    err, ERR_USAGE, "standard input is a terminal: nothing is piped into it");
	while (ahead->length < most && poll(&ready, 1, is_telling(ahead) ? QUIET_MS : -1) != 0) {
		ssize_t got = read(fd, part, sizeof(part));
		if (got == 0)
			break;
		if (got > 0)
			buf_append(ahead, part, (size_t)got);
		else if (errno != EINTR && errno != EAGAIN)
			return err_set(err, ERR_IO, "standard input: %s", strerror(errno));
	}
	return true;
}

static void
stop(struct pipe *pipe)
{
	decompress_free(pipe->decompress);
	free(pipe->in);
	pipe->decompress = NULL;
	pipe->in = NULL;
}

static void
free_self(void *self)
{
	stop(self);
	free(self);
}

static enum got
finish(struct pipe *pipe)
{
	stop(pipe);
	pipe->over = pipe->at_end = true;
	return GOT_OVER;
}

/* What is ready is read without waiting: the descriptor itself stays as it is, since it is shared
 * with other programs. */
static enum got
receive(struct pipe *pipe, char *dst, size_t room, size_t *length)
{
	struct pollfd ready = {.fd = pipe->fd, .events = POLLIN};
	if (isatty(pipe->fd)) {
		text_copy(pipe->error, sizeof(pipe->error), "standard input is a terminal");
		return GOT_OVER;
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
		return GOT_OVER;
	*length = (size_t)got;
	pipe->bytes += (uint64_t)got;
	return GOT_BYTES;
}

/* Is more needed to tell? Of what is no packing the first byte does, so that a short line is not
 * kept waiting. */
static bool
is_undecided(const struct pipe *pipe)
{
	unsigned char first = (unsigned char)pipe->in[0];
	return pipe->in_length == 0 ||
	       (pipe->in_length < HEAD_BYTES &&
		   (first == 0x1F || first == 0x28 || (first & 0xF0) == 0x50));
}

/* By the first bytes, for which it is waited, or all there are. */
static enum got
recognise(struct pipe *pipe)
{
	enum got got = GOT_BYTES;
	while (got == GOT_BYTES && is_undecided(pipe)) {
		size_t length = 0;
		got =
		    receive(pipe, pipe->in + pipe->in_length, IN_BYTES - pipe->in_length, &length);
		pipe->in_length += length;
	}
	if (got == GOT_NOTHING || (got == GOT_OVER && pipe->in_length == 0))
		return got;
	enum packing packing = decompress_packing(pipe->in, pipe->in_length);
	if (packing != PACKING_NONE)
		pipe->decompress = decompress_new(packing);
	pipe->known = true;
	return GOT_BYTES;
}

static enum got
read_plain(struct pipe *pipe, char *dst, size_t room, size_t *length)
{
	size_t left = pipe->in_length - pipe->in_at;
	if (left == 0) {
		free(pipe->in);
		pipe->in = NULL;
		return receive(pipe, dst, room, length);
	}
	*length = left < room ? left : room;
	memcpy(dst, pipe->in + pipe->in_at, *length);
	pipe->in_at += *length;
	return GOT_BYTES;
}

static enum got
read_packed(struct pipe *pipe, char *dst, size_t room, size_t *length)
{
	size_t used;
	if (pipe->in_at == pipe->in_length && !pipe->full) {
		pipe->in_at = pipe->in_length = 0;
		enum got got = receive(pipe, pipe->in, IN_BYTES, &pipe->in_length);
		if (got == GOT_OVER && pipe->error[0] == '\0' &&
		    !decompress_whole(pipe->decompress))
			text_copy(pipe->error, sizeof(pipe->error),
			    "standard input: cut short: it ends in its middle");
		if (got != GOT_BYTES)
			return got;
	}
	bool good = decompress_run(pipe->decompress, pipe->in + pipe->in_at,
	    pipe->in_length - pipe->in_at, &used, dst, room, length);
	pipe->in_at += used;
	pipe->full = *length == room;
	if (*length > 0)
		return GOT_BYTES;
	if (good)
		return GOT_LATER;
	snprintf(pipe->error, sizeof(pipe->error), "standard input: damaged: %.90s",
	    decompress_reason(pipe->decompress));
	return GOT_OVER;
}

static enum got
pipe_read(void *self, char *dst, size_t room, size_t *length)
{
	struct pipe *pipe = self;
	if (pipe->over)
		return GOT_OVER;
	enum got got = pipe->known ? GOT_BYTES : recognise(pipe);
	if (got == GOT_BYTES)
		got = pipe->decompress != NULL ? read_packed(pipe, dst, room, length)
					       : read_plain(pipe, dst, room, length);
	return got == GOT_OVER ? finish(pipe) : got;
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

const struct origin origin_pipe = {.read = pipe_read, .tell = tell, .free = free_self};
