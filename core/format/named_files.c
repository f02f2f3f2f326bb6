/* named_files.c: see named_files.h. */
#ifdef __linux__
#define _GNU_SOURCE /* memfd_create */
#endif
#include "core/format/named_files.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

struct dated {
	char *path;
	struct timespec written;
};

struct finding {
	struct dated *list;
	size_t count, capacity;
};

static void
add(struct finding *finding, const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
		return;
	mem_reserve(&finding->list, &finding->capacity, finding->count + 1, sizeof(*finding->list));
	finding->list[finding->count++] =
	    (struct dated){.path = mem_string(path), .written = status.st_mtim};
}

static void
find_in_folder(struct finding *finding, const char *folder)
{
	DIR *dir = opendir(folder);
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		char *path = mem_printf("%s/%s", folder, entry->d_name);
		add(finding, path);
		free(path);
	}
	if (dir != NULL)
		closedir(dir);
}

static int
compare(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;
	if (x->written.tv_sec != y->written.tv_sec)
		return x->written.tv_sec > y->written.tv_sec ? -1 : 1;
	if (x->written.tv_nsec != y->written.tv_nsec)
		return x->written.tv_nsec > y->written.tv_nsec ? -1 : 1;
	return strcmp(x->path, y->path);
}

bool
named_files_find(const char *name, struct named_files *files)
{
	struct stat status;
	struct finding finding = {0};
	glob_t names;
	*files = (struct named_files){0};
	bool there = stat(name, &status) == 0;
	if (there && S_ISDIR(status.st_mode)) {
		find_in_folder(&finding, name);
	} else if (!there && strpbrk(name, "*?[") != NULL) {
		if (glob(name, 0, NULL, &names) == 0) {
			for (size_t i = 0; i < names.gl_pathc; i++)
				add(&finding, names.gl_pathv[i]);
			globfree(&names);
		}
	} else {
		return false;
	}
	if (finding.count > 0)
		qsort(finding.list, finding.count, sizeof(*finding.list), compare);
	files->list = mem_alloc((finding.count + 1) * sizeof(*files->list));
	files->count = finding.count;
	for (size_t i = 0; i < finding.count; i++)
		files->list[i] = finding.list[i].path;
	free(finding.list);
	return true;
}

void
named_files_free(struct named_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->list[i]);
	free(files->list);
	*files = (struct named_files){0};
}

#ifdef __linux__
#define HELD "/proc/self/fd/%d"
static int
make_held(void)
{
	return memfd_create("fraudtop", MFD_CLOEXEC);
}
#else
#define HELD "/dev/fd/%d"
static int
make_held(void)
{
	FILE *file = tmpfile(); /* without a name */
	int fd = file != NULL ? dup(fileno(file)) : -1;
	if (file != NULL)
		fclose(file);
	return fd;
}
#endif

int
named_files_hold(const struct buf *bytes, char path[64], struct err *err)
{
	int fd = make_held();
	size_t at = 0;
	while (fd >= 0 && at < bytes->length) {
		ssize_t wrote = write(fd, bytes->data + at, bytes->length - at);
		if (wrote < 0 && errno != EINTR)
			break;
		at += wrote > 0 ? (size_t)wrote : 0;
	}
	if (fd >= 0 && at == bytes->length) {
		snprintf(path, 64, HELD, fd);
		return fd;
	}
	err_set(err, ERR_IO, "standard input cannot be looked at: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
