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
#define FOLDERS_BELOW 64 /* of those beside a log so many are looked into */

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

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

/* A folder in which what was rotated away may lie. */
struct place {
	const char *folder; /* with its slash */
	const char *base; /* the log's name */
	bool dated; /* beside what a link leads to: names that differ in their date */
	bool below; /* not the log's own folder */
};

/* True: enough. */
typedef bool visit(const struct place *place, const struct dirent *name, void *context);

static int
open_in(const struct place *place, const char *name)
{
	char *path = mem_printf("%s%s", place->folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	free(path);
	return fd;
}

static bool
is_folder(const struct place *place, const struct dirent *name)
{
	struct stat status;
	if (name->d_name[0] == '.' || (name->d_type != DT_DIR && name->d_type != DT_UNKNOWN))
		return false;
	char *path = mem_printf("%s%s", place->folder, name->d_name);
	bool folder = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
	free(path);
	return folder;
}

static bool
visit_folder(const struct place *place, visit *look, void *context)
{
	const struct dirent *name;
	bool enough = false;
	DIR *list = opendir(place->folder);
	while (!enough && list != NULL && (name = readdir(list)) != NULL)
		enough = look(place, name, context);
	if (list != NULL)
		closedir(list);
	return enough;
}

static bool
visit_below(const struct place *place, visit *look, void *context)
{
	struct dirent *name;
	bool enough = false;
	DIR *list = opendir(place->folder);
	for (int left = FOLDERS_BELOW;
	     !enough && left > 0 && list != NULL && (name = readdir(list)) != NULL;) {
		if (!is_folder(place, name))
			continue;
		char *folder = mem_printf("%s%s/", place->folder, name->d_name);
		struct place below = *place;
		below.folder = folder;
		below.below = true;
		enough = visit_folder(&below, look, context);
		free(folder);
		left--;
	}
	if (list != NULL)
		closedir(list);
	return enough;
}

static bool
visit_beside(const char *path, bool dated, visit *look, void *context)
{
	const char *base = base_of(path);
	char *folder =
	    base != path ? mem_printf("%.*s", (int)(base - path), path) : mem_string("./");
	struct place place = {.folder = folder, .base = base, .dated = dated};
	bool enough = visit_folder(&place, look, context) || visit_below(&place, look, context);
	free(folder);
	return enough;
}

/* And of a link, such as `current.log`, beside what it leads to. */
static void
visit_all(const char *path, visit *look, void *context)
{
	struct stat status;
	if (visit_beside(path, false, look, context) || lstat(path, &status) != 0 ||
	    !S_ISLNK(status.st_mode))
		return;
	char *target = realpath(path, NULL);
	if (target != NULL)
		visit_beside(target, true, look, context);
	free(target);
}

/* --- what was read -------------------------------------------------------------------------------
 */

struct finding {
	const struct body *body;
	struct stat *status;
	int fd; /* -1: not found yet */
};

static bool
find_body(const struct place *place, const struct dirent *name, void *context)
{
	struct finding *finding = context;
	if (name->d_ino != finding->body->inode && !begins_alike(name->d_name, place->base))
		return false;
	finding->fd = open_in(place, name->d_name);
	if (finding->fd >= 0 && !holds(finding->fd, finding->body, finding->status)) {
		close(finding->fd);
		finding->fd = -1;
	}
	return finding->fd >= 0;
}

int
rotated_find(const char *path, const struct body *body, struct stat *status)
{
	struct finding finding = {.body = body, .status = status, .fd = -1};
	visit_all(path, find_body, &finding);
	return finding.fd;
}

/* --- those that came in between ------------------------------------------------------------------
 */

/* Is it what a rotation puts into a name, from `at` to `stop`: .1, -20261121, .2026-11-21T10:00? */
static bool
is_mark(const char *at, const char *stop)
{
	size_t length = (size_t)(stop - at);
	return length > 0 && strchr(".-_", at[0]) != NULL && strcspn(at, "0123456789") < length &&
	       strspn(at, ".-_:T0123456789") >= length;
}

/* In front of the extension a small number must be as logrotate writes it: app-2.log may well be
 * another's log. */
static bool
is_sure_mark(const char *at, const char *stop)
{
	size_t digits = 0;
	for (const char *c = at; c < stop; c++)
		digits += *c >= '0' && *c <= '9';
	return is_mark(at, stop) &&
	       (digits >= DATE_DIGITS || (at[0] == '.' && digits + 1 == (size_t)(stop - at)));
}

/* `stop`: where the suffix of a packed one begins, or the name's end. */
static bool
is_rotated_name(const char *name, const char *stop, const char *base)
{
	size_t length = strlen(base);
	const char *dot = strrchr(base, '.');
	if (strncmp(name, base, length) == 0 && name + length < stop)
		return is_mark(name + length, stop);
	if (dot == NULL || dot == base || strncmp(name, base, (size_t)(dot - base)) != 0)
		return false;
	size_t stem = (size_t)(dot - base), extension = strlen(dot), all = (size_t)(stop - name);
	return all > stem + extension && strncmp(stop - extension, dot, extension) == 0 &&
	       is_sure_mark(name + stem, stop - extension);
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

int
rotated_compare(const struct stat *a, const struct stat *b)
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
	       rotated_compare(status, than) >= 0;
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

/* Is there a log of that name in a folder below, to which its rotated ones belong? */
static bool
is_anothers(const struct place *place)
{
	struct stat status;
	char *path = mem_printf("%s%s", place->folder, place->base);
	bool there = place->below && stat(path, &status) == 0;
	free(path);
	return there;
}

static bool
has_rotated_name(const struct place *place, const char *name, const char *stop)
{
	return (place->dated ? is_dated_alike(name, stop, place->base)
			     : is_rotated_name(name, stop, place->base)) &&
	       !is_anothers(place);
}

struct candidate {
	char *path;
	struct stat status;
};

struct gathering {
	const struct stat *than;
	struct candidate *list;
	size_t count, capacity;
};

static bool
gather(const struct place *place, const struct dirent *name, void *context)
{
	struct gathering *all = context;
	struct candidate one;
	if (!has_rotated_name(place, name->d_name, name->d_name + strlen(name->d_name)))
		return false;
	one.path = mem_printf("%s%s", place->folder, name->d_name);
	int fd = open(one.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && is_since(fd, all->than, &one.status)) {
		mem_reserve(&all->list, &all->capacity, all->count + 1, sizeof(*all->list));
		all->list[all->count++] = one;
	} else {
		free(one.path);
	}
	if (fd >= 0)
		close(fd);
	return false;
}

static int
compare_candidates(const void *a, const void *b)
{
	const struct candidate *one = a, *other = b;
	return rotated_compare(&one->status, &other->status);
}

void
rotated_since(const char *path, const struct stat *than, rotated_take *take, void *context)
{
	struct gathering all = {.than = than};
	bool enough = false;
	visit_all(path, gather, &all);
	if (all.count > 0)
		qsort(all.list, all.count, sizeof(*all.list), compare_candidates);
	for (size_t i = 0; i < all.count; i++) {
		struct stat status;
		int fd = enough ? -1 : open(all.list[i].path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0 && is_since(fd, than, &status))
			enough = !take(fd, &status, context);
		else if (fd >= 0)
			close(fd);
		free(all.list[i].path);
	}
	free(all.list);
}

/* --- packed ones ---------------------------------------------------------------------------------
 */

struct looking {
	rotated_look *look;
	void *context;
};

static bool
look_at_packed(const struct place *place, const struct dirent *name, void *context)
{
	const struct looking *looking = context;
	const char *dot = strrchr(name->d_name, '.');
	bool rotated = dot != NULL && has_rotated_name(place, name->d_name, dot);
	if (!rotated && !begins_alike(name->d_name, place->base))
		return false;
	char head[4], *path = mem_printf("%s%s", place->folder, name->d_name);
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool packed = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		      pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
		      decompress_packing(head, sizeof(head)) != PACKING_NONE;
	bool found = packed && looking->look(path, fd, &status, rotated, looking->context);
	if (fd >= 0)
		close(fd);
	free(path);
	return found;
}

void
rotated_packed(const char *path, rotated_look *look, void *context)
{
	struct looking looking = {.look = look, .context = context};
	visit_all(path, look_at_packed, &looking);
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
