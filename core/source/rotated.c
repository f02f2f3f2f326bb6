/* rotated.c: see rotated.h. `app.log` may have become app.log.1, app.log-20261121 or app-1.log:
 * what counts is the name up to its last dot. Beside what `current.log` leads to, app-20261121.log,
 * lies app-20261120.log. */
#include "core/source/rotated.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/source/decompress.h"

#define DATE_DIGITS 6 /* of a date at least */

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

/* The names in a folder. */
struct names {
	char *path; /* beside which they lie */
	char *folder;
	DIR *list;
};

static void
names_open(struct names *names, char *path)
{
	names->path = path;
	names->folder = folder_of(path);
	names->list = opendir(names->folder);
}

static void
names_close(struct names *names)
{
	if (names->list != NULL)
		closedir(names->list);
	free(names->folder);
	free(names->path);
}

static const struct dirent *
names_next(struct names *names)
{
	return names->list != NULL ? readdir(names->list) : NULL;
}

/* Of a link, such as `current.log`, the path of what it leads to; free it. Else NULL. */
static char *
target_of(const char *path)
{
	struct stat status;
	bool link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
	return link ? realpath(path, NULL) : NULL;
}

static int
find_beside(char *path, const struct body *body, struct stat *status)
{
	struct names names;
	const struct dirent *name;
	int fd = -1;
	names_open(&names, path);
	while (fd < 0 && (name = names_next(&names)) != NULL) {
		if (name->d_ino != body->inode && !begins_alike(name->d_name, base_of(path)))
			continue;
		fd = open_in(names.folder, name->d_name);
		if (fd >= 0 && !holds(fd, body, status)) {
			close(fd);
			fd = -1;
		}
	}
	names_close(&names);
	return fd;
}

int
rotated_find(const char *path, const struct body *body, struct stat *status)
{
	int fd = find_beside(mem_string(path), body, status);
	char *target = fd < 0 ? target_of(path) : NULL;
	return target != NULL ? find_beside(target, body, status) : fd;
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

/* Is it the base, but for its date? Names that differ in other numbers are another log's. */
static bool
is_dated_alike(const char *name, const char *stop, const char *base)
{
	size_t digits = 0;
	if (strncmp(name, base, (size_t)(stop - name)) == 0)
		return false;
	for (; name < stop && *name != '\0' && *base != '\0'; name++, base++) {
		bool digit = *name >= '0' && *name <= '9';
		if (digit != (*base >= '0' && *base <= '9') || (!digit && *name != *base))
			return false;
		digits += digit;
	}
	return name == stop && *base == '\0' && digits >= DATE_DIGITS;
}

static int
compare_times(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec < b->st_mtim.tv_sec ? -1 : 1;
	return (a->st_mtim.tv_nsec > b->st_mtim.tv_nsec) -
	       (a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

bool
rotated_is_since(const struct stat *status, const struct stat *than)
{
	bool cut = status->st_mtim.tv_nsec == 0 || than->st_mtim.tv_nsec == 0;
	return (cut && status->st_mtim.tv_sec == than->st_mtim.tv_sec) ||
	       compare_times(status, than) >= 0;
}

static bool
is_since(int fd, const struct stat *than, struct stat *status)
{
	char head[4];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	return fstat(fd, status) == 0 && S_ISREG(status->st_mode) &&
	       rotated_is_since(status, than) &&
	       (status->st_ino != than->st_ino || status->st_dev != than->st_dev) && got > 0 &&
	       decompress_packing(head, (size_t)got) == PACKING_NONE;
}

/* Files by the age of what was last written to them. */
static void
insert(int *fds, size_t count, int fd, const struct stat *status)
{
	struct stat other;
	size_t at = count;
	for (; at > 0 && fstat(fds[at - 1], &other) == 0 && compare_times(&other, status) > 0; at--)
		fds[at] = fds[at - 1];
	fds[at] = fd;
}

static size_t
since_beside(char *path, bool dated, const struct stat *than, int *fds, size_t count, size_t most)
{
	struct names names;
	const struct dirent *name;
	const char *base = base_of(path);
	names_open(&names, path);
	while (count < most && (name = names_next(&names)) != NULL) {
		struct stat status;
		const char *end = name->d_name + strlen(name->d_name);
		if (dated ? !is_dated_alike(name->d_name, end, base)
			  : !is_rotated_name(name->d_name, end, base))
			continue;
		int fd = open_in(names.folder, name->d_name);
		if (fd >= 0 && is_since(fd, than, &status))
			insert(fds, count++, fd, &status);
		else if (fd >= 0)
			close(fd);
	}
	names_close(&names);
	return count;
}

size_t
rotated_since(const char *path, const struct stat *than, int *fds, size_t most)
{
	size_t count = since_beside(mem_string(path), false, than, fds, 0, most);
	char *target = target_of(path);
	return target != NULL ? since_beside(target, true, than, fds, count, most) : count;
}

static bool
look_at_packed(
    const struct names *names, const char *name, bool dated, rotated_look *look, void *context)
{
	char head[4], *path = mem_printf("%s%s", names->folder, name);
	const char *base = base_of(names->path), *dot = strrchr(name, '.');
	struct stat status;
	int fd = open_in(names->folder, name);
	bool packed = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		      pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
		      decompress_packing(head, sizeof(head)) != PACKING_NONE;
	bool rotated = dot != NULL &&
		       (dated ? is_dated_alike(name, dot, base) : is_rotated_name(name, dot, base));
	bool found = packed && look(path, fd, &status, rotated, context);
	if (fd >= 0)
		close(fd);
	free(path);
	return found;
}

static bool
packed_beside(char *path, bool dated, rotated_look *look, void *context)
{
	struct names names;
	const struct dirent *name;
	bool found = false;
	names_open(&names, path);
	while (!found && (name = names_next(&names)) != NULL) {
		const char *dot = strrchr(name->d_name, '.');
		if (begins_alike(name->d_name, base_of(path)) ||
		    (dated && dot != NULL && is_dated_alike(name->d_name, dot, base_of(path))))
			found = look_at_packed(&names, name->d_name, dated, look, context);
	}
	names_close(&names);
	return found;
}

void
rotated_packed(const char *path, rotated_look *look, void *context)
{
	bool found = packed_beside(mem_string(path), false, look, context);
	char *target = found ? NULL : target_of(path);
	if (target != NULL)
		packed_beside(target, true, look, context);
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
