/* input.c: see input.h. */
#include "core/ingest/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

#define READ_BYTES 262144

static bool
read_more(struct input *input, struct err *err)
{
	struct buf *buf = &input->buf;
	mem_reserve(&buf->data, &buf->capacity, buf->length + READ_BYTES + 1 + BUF_PAD, 1);
	ssize_t got;
	do
		got = read(input->fd, buf->data + buf->length, READ_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, ERR_IO, "%s: %s", input->path, strerror(errno));
	buf->length += (size_t)got;
	memset(buf->data + buf->length, 0, 1 + BUF_PAD);
	input->ended = got == 0;
	return true;
}

bool
input_open(struct input *input, const char *path, struct err *err)
{
	*input = (struct input){.path = path};
	scratch_init(&input->scratch);
	input->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0)
		return err_set(err, errno == EACCES ? ERR_PERMISSION : ERR_NO_INPUT, "%s: %s", path,
		    strerror(errno));
	/* A pipe may hand over fewer bytes than a byte order mark has. */
	size_t first = 0;
	while (!input->ended && input->buf.length < first + 4) {
		if (!read_more(input, err)) {
			input_close(input);
			return false;
		}
		first = strspn(input->buf.data, " \t\r\n");
	}
	if (strncmp(input->buf.data, "\xEF\xBB\xBF", 3) == 0) {
		buf_consume(&input->buf, 3);
		input->begin = 3;
		first = strspn(input->buf.data, " \t\r\n");
	}
	input->json_lines = input->buf.data[first] == '{';
	input->pipe = lseek(input->fd, 0, SEEK_CUR) < 0;
	return true;
}

bool
input_lines(
    struct input *input, struct lines *lines, lines_callback *line, void *context, struct err *err)
{
	for (;;) {
		lines_feed(lines, input->buf.data, input->buf.length, line, context);
		buf_clear(&input->buf);
		if (input->ended)
			break;
		if (!read_more(input, err))
			return false;
	}
	lines_finish(lines, line, context);
	return true;
}

static size_t
read_kept(struct input *input, char *dst, size_t room)
{
	uint64_t held = input->kept.length, all = held + input->scratch.length;
	if (room > all - input->at)
		room = (size_t)(all - input->at);
	if (input->at < held) {
		if (room > held - input->at)
			room = (size_t)(held - input->at);
		memcpy(dst, input->kept.data + input->at, room);
	} else if (room > 0 && !scratch_read(&input->scratch, input->at - held, dst, room)) {
		input->failure = input->scratch.failure;
		return 0;
	}
	input->at += room;
	return room;
}

static bool
keep(struct input *input, const char *bytes, size_t length)
{
	if (input->kept.length + length <= INPUT_HELD && input->scratch.length == 0) {
		buf_append(&input->kept, bytes, length);
		return true;
	}
	if (scratch_append(&input->scratch, bytes, length))
		return true;
	input->failure = input->scratch.failure;
	return false;
}

size_t
input_read(void *context, char *dst, size_t room)
{
	struct input *input = context;
	if (input->failure.code != 0)
		return 0;
	if (input->again)
		return read_kept(input, dst, room);
	if (input->buf.length == 0 && !input->ended && !read_more(input, &input->failure))
		return 0;
	size_t length = input->buf.length < room ? input->buf.length : room;
	if (length == 0)
		return 0;
	memcpy(dst, input->buf.data, length);
	buf_consume(&input->buf, length);
	return !input->pipe || keep(input, dst, length) ? length : 0;
}

bool
input_failed(const struct input *input, struct err *err)
{
	if (input->failure.code != 0 && err != NULL)
		*err = input->failure;
	return input->failure.code != 0;
}

void
input_rewind(struct input *input)
{
	buf_clear(&input->buf);
	input->again = input->pipe;
	input->at = 0;
	input->ended = false;
	if (!input->pipe && lseek(input->fd, (off_t)input->begin, SEEK_SET) < 0)
		err_set(&input->failure, ERR_IO, "%s: %s", input->path, strerror(errno));
}

void
input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
	buf_free(&input->buf);
	buf_free(&input->kept);
	scratch_close(&input->scratch);
}
