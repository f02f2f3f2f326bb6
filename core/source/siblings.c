/* siblings.c: see siblings.h. `app.log` may have become app.log.1, app.log-20261121 or app-1.log:
 * what counts is the name up to its last dot. */
#include "core/source/siblings.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

/* Is it the body's? A copy is only believed if enough of it is known. */
static bool
holds(int fd, const struct body *body, struct stat *status)
{
	if (fd < 0 || fstat(fd, status) != 0 || !S_ISREG(status->st_mode))
		return false;
	bool same = status->st_ino == body->inode && status->st_dev == body->device;
	return (same || body->print_length >= BODY_SURE) && body_is(body, fd, status);
}

int
siblings_find(const char *path, const struct body *body, struct stat *status)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t stem = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
	char *folder =
	    slash != NULL ? mem_printf("%.*s/", (int)(slash - path), path) : mem_string("./");
	DIR *names = opendir(folder);
	int fd = -1;
	for (struct dirent *name; names != NULL && fd < 0 && (name = readdir(names)) != NULL;) {
		if (strncmp(name->d_name, base, stem) != 0 || strcmp(name->d_name, base) == 0)
			continue;
		char *other = mem_printf("%s%s", folder, name->d_name);
		fd = open(other, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		free(other);
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

int
siblings_open(const char *path, const struct body *body, struct stat *status, bool *there)
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
	return siblings_find(path, body, status);
}
