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
	mem_reserve(&buf->data, &buf->capacity, buf->length + READ_BYTES + 1, 1);
	ssize_t got;
	do
		got = read(input->fd, buf->data + buf->length, READ_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, ERR_IO, "%s: %s", input->path, strerror(errno));
	buf->length += (size_t)got;
	buf->data[buf->length] = '\0';
	input->ended = got == 0;
	return true;
}

bool
input_open(struct input *input, const char *path, struct err *err)
{
	*input = (struct input){.path = path};
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
		first = strspn(input->buf.data, " \t\r\n");
	}
	input->json_lines = input->buf.data[first] == '{';
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

bool
input_whole(struct input *input, struct err *err)
{
	while (!input->ended)
		if (!read_more(input, err))
			return false;
	return true;
}

void
input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
	buf_free(&input->buf);
}
