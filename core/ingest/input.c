/* input.c: see input.h. */
#include "core/ingest/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

#define READ_BYTES 262144

/* Reads what lies there behind what is in buf. */
static bool
read_file(struct input *input, struct buf *buf, bool *ended, struct err *err)
{
	mem_reserve(&buf->data, &buf->capacity, buf->length + READ_BYTES + 1 + BUF_PAD, 1);
	ssize_t got;
	do
		got = read(input->fd, buf->data + buf->length, READ_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(err, ERR_IO, "%s: %s", input->path, strerror(errno));
	buf->length += (size_t)got;
	buf->data[buf->length] = '\0';
	*ended = got == 0;
	return true;
}

/* Unpacks some of what was read behind what is in buf; *made is 0 if more must be read first. */
static bool
unpack(struct input *input, size_t *made, struct err *err)
{
	struct buf *buf = &input->buf;
	size_t used;
	mem_reserve(&buf->data, &buf->capacity, buf->length + READ_BYTES + 1 + BUF_PAD, 1);
	bool good = decompress_run(input->decompress, input->packed.data, input->packed.length,
	    &used, buf->data + buf->length, READ_BYTES, made);
	buf_consume(&input->packed, used);
	buf->length += *made;
	buf->data[buf->length] = '\0';
	return good || *made > 0 ||
	       err_set(err, ERR_DATA, "%s: damaged: %s", input->path,
		   decompress_reason(input->decompress));
}

static bool
read_packed(struct input *input, struct err *err)
{
	for (size_t made = 0;;) {
		if (!unpack(input, &made, err))
			return false;
		if (made > 0)
			return true;
		if (input->packed_ended) {
			input->ended = true;
			return decompress_whole(input->decompress) ||
			       err_set(err, ERR_DATA, "%s: cut short: it ends in its middle",
				   input->path);
		}
		if (!read_file(input, &input->packed, &input->packed_ended, err))
			return false;
	}
}

static bool
read_more(struct input *input, struct err *err)
{
	if (input->decompress == NULL)
		return read_file(input, &input->buf, &input->ended, err);
	return read_packed(input, err);
}

/* Is it packed? Then it is from here on read so. */
static bool
look_for_packing(struct input *input, struct err *err)
{
	while (!input->ended && input->buf.length < 4) {
		if (!read_file(input, &input->buf, &input->ended, err))
			return false;
	}
	enum packing packing = decompress_packing(input->buf.data, input->buf.length);
	if (packing == PACKING_NONE)
		return true;
	input->decompress = decompress_new(packing);
	input->packed = input->buf;
	input->packed_ended = input->ended;
	input->buf = (struct buf){0};
	input->ended = false;
	return read_packed(input, err);
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
	if (!look_for_packing(input, err)) {
		input_close(input);
		return false;
	}
	/* A pipe may hand over fewer bytes than a byte order mark has. */
	size_t first = strspn(input->buf.data, " \t\r\n");
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
	while (input->buf.length <= input->pass && !input->ended) {
		if (!read_more(input, &input->failure))
			return 0;
	}
	if (input->pass > 0)
		buf_consume(&input->buf, (size_t)input->pass);
	input->pass = 0;
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

static void
unpack_again(struct input *input)
{
	enum packing packing = decompress_kind(input->decompress);
	decompress_free(input->decompress);
	input->decompress = decompress_new(packing);
	buf_clear(&input->packed);
	input->packed_ended = false;
	input->pass = input->begin;
}

void
input_rewind(struct input *input)
{
	buf_clear(&input->buf);
	input->again = input->pipe;
	input->at = 0;
	input->ended = false;
	if (input->pipe)
		return;
	bool packed = input->decompress != NULL;
	if (lseek(input->fd, packed ? 0 : (off_t)input->begin, SEEK_SET) < 0)
		err_set(&input->failure, ERR_IO, "%s: %s", input->path, strerror(errno));
	if (packed)
		unpack_again(input);
}

void
input_close(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
	decompress_free(input->decompress);
	input->decompress = NULL;
	buf_free(&input->packed);
	buf_free(&input->buf);
	buf_free(&input->kept);
	scratch_close(&input->scratch);
}
