/* rotated.c: see rotated.h. `app.log` may have become app.log.1, app.log-20261121 or app-1.log:
 * what counts is the name up to its last dot. */
#include "core/source/rotated.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/source/decompress.h"

/* Is it the body's? A copy is only believed if enough of it is known. */
static bool
holds(int fd, const struct body *body, struct stat *status)
{
	if (fd < 0 || fstat(fd, status) != 0 || !S_ISREG(status->st_mode))
		return false;
	bool same = status->st_ino == body->inode && status->st_dev == body->device;
	return (same || body->print_length >= BODY_SURE) && body_is(body, fd, status);
}

/* The same beginning, up to its last dot, and not the whole name. */
static bool
begins_alike(const char *name, const char *base)
{
	const char *dot = strrchr(base, '.');
	size_t stem = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
	return strncmp(name, base, stem) == 0 && strcmp(name, base) != 0;
}

/* The folder of a path, with its slash; free it. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? mem_printf("%.*s/", (int)(slash - path), path) : mem_string("./");
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

static int
open_in(const char *folder, const char *name)
{
	char *path = mem_printf("%s%s", folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	free(path);
	return fd;
}

int
rotated_find(const char *path, const struct body *body, struct stat *status)
{
	char *folder = folder_of(path);
	DIR *names = opendir(folder);
	int fd = -1;
	for (struct dirent *name; names != NULL && fd < 0 && (name = readdir(names)) != NULL;) {
		if (!begins_alike(name->d_name, base_of(path)))
			continue;
		fd = open_in(folder, name->d_name);
		if (fd >= 0 && !holds(fd, body, status)) {
			close(fd);
			fd = -1;
		}
	}
	if (names != NULL)
		closedir(names);
	free(folder);
	return fd;
}

/* --- those that came in between ------------------------------------------------------------------
 */

/* `stop`: where the suffix of a packed one begins, or the name's end. */
static bool
is_rotated_name(const char *name, const char *stop, const char *base)
{
	size_t length = strlen(base);
	const char *rest = name + length;
	return strncmp(name, base, length) == 0 && strchr(".-_", rest[0]) != NULL &&
	       strpbrk(rest, "0123456789") != NULL &&
	       rest + strspn(rest, ".-_:T0123456789") >= stop;
}

int
rotated_compare(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec < b->st_mtim.tv_sec ? -1 : 1;
	return (a->st_mtim.tv_nsec > b->st_mtim.tv_nsec) -
	       (a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

static bool
is_since(int fd, const struct stat *than, struct stat *status)
{
	char head[4];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	return fstat(fd, status) == 0 && S_ISREG(status->st_mode) &&
	       rotated_compare(status, than) >= 0 &&
	       (status->st_ino != than->st_ino || status->st_dev != than->st_dev) && got > 0 &&
	       decompress_packing(head, (size_t)got) == PACKING_NONE;
}

size_t
rotated_since(const char *path, const struct stat *than, int *fds, size_t most)
{
	char *folder = folder_of(path);
	DIR *names = opendir(folder);
	size_t count = 0;
	for (struct dirent *name;
	     names != NULL && count < most && (name = readdir(names)) != NULL;) {
		struct stat status, other;
		const char *end = name->d_name + strlen(name->d_name);
		int fd = is_rotated_name(name->d_name, end, base_of(path))
			     ? open_in(folder, name->d_name)
			     : -1;
		if (fd >= 0 && !is_since(fd, than, &status)) {
			close(fd);
			fd = -1;
		}
		if (fd < 0)
			continue;
		size_t at = count++;
		for (; at > 0 && fstat(fds[at - 1], &other) == 0 &&
		       rotated_compare(&other, &status) > 0;
		     at--)
			fds[at] = fds[at - 1];
		fds[at] = fd;
	}
	if (names != NULL)
		closedir(names);
	free(folder);
	return count;
}

static bool
look_at_packed(const char *path, const char *name, rotated_look *look, void *context)
{
	char head[4], *folder = folder_of(path), *whole = mem_printf("%s%s", folder, name);
	struct stat status;
	int fd = open_in(folder, name);
	bool packed = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		      pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
		      decompress_packing(head, sizeof(head)) != PACKING_NONE;
	const char *dot = strrchr(name, '.');
	bool rotated = dot != NULL && is_rotated_name(name, dot, base_of(path));
	bool found = packed && look(whole, fd, &status, rotated, context);
	if (fd >= 0)
		close(fd);
	free(folder);
	free(whole);
	return found;
}

void
rotated_packed(const char *path, rotated_look *look, void *context)
{
	char *folder = folder_of(path);
	DIR *names = opendir(folder);
	bool found = false;
	for (struct dirent *name; names != NULL && !found && (name = readdir(names)) != NULL;)
		found = begins_alike(name->d_name, base_of(path)) &&
			look_at_packed(path, name->d_name, look, context);
	if (names != NULL)
		closedir(names);
	free(folder);
}

int
rotated_open(const char *path, const struct body *body, struct stat *status, bool *there)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool same = fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode) &&
		    body_is(body, fd, status);
	if (there != NULL)
		*there = same;
	if (same)
		return fd;
	if (fd >= 0)
		close(fd);
	return rotated_find(path, body, status);
}
