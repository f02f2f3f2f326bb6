#include "core/base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"

static bool
make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash != NULL)
			*slash = '\0';
		bool there = mkdir(path, 0700) == 0 || errno == EEXIST;
		int why = errno; /* rather than what access finds */
		there = there || access(path, F_OK) == 0;
		errno = why;
		if (slash == NULL)
			return there;
		*slash = '/';
		if (!there)
			return false;
	}
}

bool
files_make_folder(const char *path, struct err *err)
{
	struct stat status;
	char *copy = mem_string(path);
	bool made = make_folders(copy);
	int why = errno;
	free(copy);
	if (!made)
		return err_set(err, ERR_CREATE, "%s: %s", path, strerror(why));
	if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
		return err_set(err, ERR_CREATE, "%s: not a folder", path);
	return true;
}

void
files_remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), entry->d_name, 0); /* not `.` and `..` */
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

struct lock {
	int fd;
};

static void
held_error(int fd, struct err *err)
{
	char text[256], clean[256];
	ssize_t length = pread(fd, text, sizeof(text), 0);
	text_scrub(clean, sizeof(clean), text, length > 0 ? (size_t)length : 0);
	err_set(err, ERR_GATE, "%s", clean[0] != '\0' ? clean : "by another process");
}

struct lock *
lock_file(const char *path, const char *holder, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool taken = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd < 0 || (!taken && errno != EWOULDBLOCK))
		err_set(err, ERR_CREATE, "%s: %s", path, strerror(errno));
	else if (!taken)
		held_error(fd, err);
	if (!taken) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct lock *lock = mem_alloc(sizeof(*lock));
	lock->fd = fd;
	/* Only a courtesy to whoever is refused: the lock holds without it. */
	if (ftruncate(fd, 0) != 0 || write(fd, holder, strlen(holder)) < 0)
		errno = 0;
	return lock;
}

void
lock_release(struct lock *lock)
{
	if (lock == NULL)
		return;
	if (ftruncate(lock->fd, 0) != 0)
		errno = 0;
	close(lock->fd);
	free(lock);
}
