#include "core/service/predlog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

struct predlog {
	pthread_mutex_t lock;
	char *path;
	int fd;
	bool torn; /* the file does not end with a newline */
	uint64_t lines, failures;
};

/* Whether a file that is there already ends inside a line. */
static bool
is_torn(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char last = '\n';
	if (fd < 0)
		return false;
	if (lseek(fd, -1, SEEK_END) >= 0 && read(fd, &last, 1) != 1)
		last = '\n';
	close(fd);
	return last != '\n';
}

bool
predlog_reopen(struct predlog *log, struct err *err)
{
	int fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	if (fd < 0)
		return err_set(err, ERR_CREATE, "%s: %s", log->path, strerror(errno));
	pthread_mutex_lock(&log->lock);
	int old = log->fd;
	log->fd = fd;
	log->torn = is_torn(log->path);
	pthread_mutex_unlock(&log->lock);
	if (old >= 0)
		close(old);
	return true;
}

struct predlog *
predlog_open(const char *path, struct err *err)
{
	struct predlog *log = mem_alloc(sizeof(*log));
	pthread_mutex_init(&log->lock, NULL);
	log->path = mem_string(path);
	log->fd = -1;
	if (!predlog_reopen(log, err)) {
		predlog_close(log);
		return NULL;
	}
	return log;
}

void
predlog_close(struct predlog *log)
{
	if (log == NULL)
		return;
	if (log->fd >= 0)
		close(log->fd);
	pthread_mutex_destroy(&log->lock);
	free(log->path);
	free(log);
}

static ssize_t
write_once(int fd, const char *bytes, size_t length)
{
	ssize_t wrote;
	do {
		wrote = write(fd, bytes, length);
	} while (wrote < 0 && errno == EINTR);
	return wrote;
}

bool
predlog_append(struct predlog *log, const char *bytes, size_t length, unsigned lines)
{
	pthread_mutex_lock(&log->lock);
	if (log->torn && write_once(log->fd, "\n", 1) == 1)
		log->torn = false;
	ssize_t wrote = log->torn ? -1 : write_once(log->fd, bytes, length);
	bool good = wrote == (ssize_t)length;
	if (wrote > 0 && !good)
		log->torn = bytes[wrote - 1] != '\n';
	log->lines += good ? lines : 0;
	log->failures += !good;
	pthread_mutex_unlock(&log->lock);
	return good;
}

void
predlog_counts(struct predlog *log, uint64_t *lines, uint64_t *failures)
{
	pthread_mutex_lock(&log->lock);
	*lines = log->lines;
	*failures = log->failures;
	pthread_mutex_unlock(&log->lock);
}
