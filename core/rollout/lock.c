/* lock.c: flock on a file named by the hash of the target. The file stays: removing it would let
 * two processes hold locks on two files of one name. */
#include "core/rollout/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/text.h"

struct lock {
	int fd;
};

static char *
lock_path(const char *audit_path, const char *location, const char *model, const char *alias)
{
	char hex[HASH_HEX_SIZE];
	char *target = mem_printf("%s\n%s\n%s", location, model, alias);
	const char *slash = strrchr(audit_path, '/');
	int length = slash != NULL ? (int)(slash - audit_path) : 1;
	char *folder = mem_printf("%.*s/locks", length, slash != NULL ? audit_path : ".");
	hash_sha256(target, strlen(target), hex);
	mkdir(folder, 0700); /* a failure shows at open */
	char *path = mem_printf("%s/%.32s.lock", folder, hex);
	free(folder);
	free(target);
	return path;
}

static bool
held_error(int fd, const char *model, const char *alias, struct err *err)
{
	char text[256], clean[256];
	ssize_t length = pread(fd, text, sizeof(text), 0);
	text_scrub(clean, sizeof(clean), text, length > 0 ? (size_t)length : 0);
	return err_set(err, ERR_GATE, "%s of %s is being moved already: %s", alias, model,
	    clean[0] != '\0' ? clean : "by another process");
}

struct lock *
lock_take(const char *audit_path, const char *registry_location, const char *model,
    const char *alias, const char *holder, struct err *err)
{
	char *path = lock_path(audit_path, registry_location, model, alias);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool taken = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd < 0 || (!taken && errno != EWOULDBLOCK))
		err_set(err, ERR_CREATE, "%s: %s", path, strerror(errno));
	else if (!taken)
		held_error(fd, model, alias, err);
	free(path);
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
