/* bodies.c: see bodies.h. */
#include "core/source/bodies.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

void
bodies_free(struct bodies *bodies)
{
	for (size_t i = 0; i < bodies->count; i++) {
		bodies_close(bodies->list[i]);
		free(bodies->list[i]);
	}
	free(bodies->list);
}

static struct body *
find_inode(const struct bodies *bodies, bool labels, const struct stat *status)
{
	for (size_t i = bodies->count; i-- > 0;) {
		struct body *body = bodies->list[i];
		if (body->inode == status->st_ino && body->device == status->st_dev &&
		    body->labels == labels)
			return body;
	}
	return NULL;
}

/* Is what was read of the body still the beginning of this file? Else a new one has its inode. */
static bool
goes_on(const struct body *body, int fd, const struct stat *status)
{
	char now[PRINT_BYTES];
	return body->print_length > 0 && (uint64_t)status->st_size >= body->offset &&
	       pread(fd, now, body->print_length, 0) == (ssize_t)body->print_length &&
	       memcmp(now, body->print, body->print_length) == 0;
}

static struct body *
add_body(struct bodies *bodies)
{
	struct body *body = mem_alloc(sizeof(*body));
	mem_reserve(&bodies->list, &bodies->capacity, bodies->count + 1, sizeof(struct body *));
	bodies->list[bodies->count++] = body;
	return body;
}

struct body *
bodies_open(struct bodies *bodies, int fd, bool labels, const struct stat *status)
{
	struct body *body = find_inode(bodies, labels, status);
	bool known = body != NULL && (body->fd >= 0 || goes_on(body, fd, status));
	if (known && (body->fd >= 0 || (uint64_t)status->st_size == body->offset)) {
		close(fd);
		return NULL;
	}
	if (body == NULL)
		body = add_body(bodies);
	if (!known)
		*body = (struct body){
		    .labels = labels, .device = status->st_dev, .inode = status->st_ino};
	body->fd = fd;
	body->rotated = false;
	return body;
}

bool
bodies_known(const struct bodies *bodies, const char *path, bool labels, const struct stat *status)
{
	const struct body *body = find_inode(bodies, labels, status);
	if (body == NULL || body->fd >= 0)
		return body != NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool known =
	    fd >= 0 && goes_on(body, fd, status) && (uint64_t)status->st_size == body->offset;
	if (fd >= 0)
		close(fd);
	return known;
}

void
bodies_close(struct body *body)
{
	if (body->fd >= 0)
		close(body->fd);
	body->fd = -1;
}
