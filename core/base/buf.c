#include "core/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

/* For a text of that length. */
static void
make_room(struct buf *buf, size_t length)
{
	mem_reserve(&buf->data, &buf->capacity, length + 1 + BUF_PAD, 1);
}

static void
end_text(struct buf *buf)
{
	memset(buf->data + buf->length, 0, 1 + BUF_PAD);
}

void
buf_append(struct buf *buf, const void *bytes, size_t length)
{
	make_room(buf, buf->length + length);
	if (length > 0)
		memcpy(buf->data + buf->length, bytes, length);
	buf->length += length;
	end_text(buf);
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		mem_die("a format that cannot be printed: %s", format);
	make_room(buf, buf->length + (size_t)length);
	va_start(args, format);
	vsnprintf(buf->data + buf->length, (size_t)length + 1, format, args);
	va_end(args);
	buf->length += (size_t)length;
	end_text(buf);
}

void
buf_cut(struct buf *buf, size_t length)
{
	buf->length = length;
	end_text(buf);
}

void
buf_clear(struct buf *buf)
{
	buf->length = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

void
buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

void
buf_consume(struct buf *buf, size_t length)
{
	if (length == 0)
		return;
	memmove(buf->data, buf->data + length, buf->length - length + 1);
	buf->length -= length;
}

bool
buf_read_file(struct buf *buf, const char *path, size_t limit, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_NO_INPUT, "%s: %s", path, strerror(errno));
	size_t start = buf->length;
	struct stat file;
	if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && (uintmax_t)file.st_size > limit) {
		close(fd);
		return err_set(err, ERR_DATA, "%s: larger than %zu bytes", path, limit);
	}
	for (;;) {
		make_room(buf, buf->length + 65536);
		ssize_t got = read(fd, buf->data + buf->length, 65536);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int failure = errno;
			close(fd);
			return err_set(err, ERR_IO, "%s: %s", path, strerror(failure));
		}
		buf->length += (size_t)got;
		end_text(buf);
		if (got == 0)
			break;
		if (buf->length - start > limit) {
			close(fd);
			return err_set(err, ERR_DATA, "%s: larger than %zu bytes", path, limit);
		}
	}
	close(fd);
	return true;
}

static bool
write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t put = write(fd, bytes, length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		bytes += put;
		length -= (size_t)put;
	}
	return true;
}

/* A device, a pipe or a link stays what it is: a rename would put a file in its place. */
static bool
write_through(const char *path, const void *bytes, size_t length, unsigned mode, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	bool done = fd >= 0 && write_all(fd, bytes, length);
	int failure = errno;
	if (fd >= 0 && close(fd) != 0 && done) {
		failure = errno;
		done = false;
	}
	return done || err_set(err, ERR_CREATE, "%s: %s", path, strerror(failure));
}

bool
buf_write_file(const char *path, const void *bytes, size_t length, unsigned mode, struct err *err)
{
	struct stat status;
	if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
		return write_through(path, bytes, length, mode, err);
	char *temporary = mem_printf("%s.%ld.tmp", path, (long)getpid());
	unlink(temporary); /* of one that died */
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
	bool done = fd >= 0 && write_all(fd, bytes, length) && fsync(fd) == 0;
	int failure = errno;
	if (fd >= 0 && close(fd) != 0 && done) {
		failure = errno;
		done = false;
	}
	if (done && rename(temporary, path) != 0) {
		failure = errno;
		done = false;
	}
	if (!done) {
		unlink(temporary);
		err_set(err, ERR_CREATE, "%s: %s", path, strerror(failure));
	}
	free(temporary);
	return done;
}
