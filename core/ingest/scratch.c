/* scratch.c: see scratch.h. The file is unlinked as soon as it is there, so that no end of the
 * program, however sudden, leaves it behind. */
#include "core/ingest/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
scratch_init(struct scratch *scratch)
{
	*scratch = (struct scratch){.fd = -1};
}

static const char *
folder(void)
{
	const char *given = getenv("TMPDIR");
	return given != NULL && *given != '\0' ? given : "/tmp";
}

static bool
make(struct scratch *scratch)
{
	char path[1024];
	if (snprintf(path, sizeof(path), "%s/fraudtop-XXXXXX", folder()) >= (int)sizeof(path))
		return err_set(&scratch->failure, ERR_CREATE, "TMPDIR is too long a name");
	scratch->fd = mkstemp(path);
	if (scratch->fd < 0)
		return err_set(&scratch->failure, ERR_CREATE,
		    "%s: cannot make a temporary file for data that does not fit in memory: %s; "
		    "set TMPDIR to a folder with room",
		    folder(), strerror(errno));
	unlink(path);
	fcntl(scratch->fd, F_SETFD, FD_CLOEXEC);
	return true;
}

static bool
fail(struct scratch *scratch, const char *what)
{
	return err_set(&scratch->failure, ERR_IO,
	    "%s: cannot %s a temporary file of %llu MB: %s; set TMPDIR to a folder with room",
	    folder(), what, (unsigned long long)(scratch->length >> 20), strerror(errno));
}

bool
scratch_append(struct scratch *scratch, const void *bytes, size_t length)
{
	if (scratch->failure.code != 0 || (scratch->fd < 0 && !make(scratch)))
		return false;
	for (const char *at = bytes; length > 0;) {
		ssize_t put = pwrite(scratch->fd, at, length, (off_t)scratch->length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return fail(scratch, "write");
		at += put;
		length -= (size_t)put;
		scratch->length += (uint64_t)put;
	}
	return true;
}

bool
scratch_read(struct scratch *scratch, uint64_t offset, void *dst, size_t length)
{
	if (scratch->failure.code != 0)
		return false;
	for (char *to = dst; length > 0;) {
		ssize_t got = pread(scratch->fd, to, length, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got == 0 ? EIO : errno;
			return fail(scratch, "read");
		}
		to += got;
		length -= (size_t)got;
		offset += (uint64_t)got;
	}
	return true;
}

void
scratch_close(struct scratch *scratch)
{
	if (scratch->fd >= 0)
		close(scratch->fd);
	scratch_init(scratch);
}
