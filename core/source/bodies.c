/* bodies.c: see bodies.h. */
#include "core/source/bodies.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"

#define BODIES_MOST 16384 /* beyond that the oldest that are over are forgotten */
#define COPY_US (60 * CLOCK_SECOND) /* so long a copy may stand still before it is none */

static void
free_body(struct body *body)
{
	body_close(body);
	free(body);
}

void
bodies_free(struct bodies *bodies)
{
	for (size_t i = 0; i < bodies->count; i++)
		free_body(bodies->list[i]);
	free(bodies->list);
	*bodies = (struct bodies){0};
}

static void
forget_oldest(struct bodies *bodies)
{
	for (size_t i = 0; i < bodies->count; i++) {
		if (bodies->list[i]->reading)
			continue;
		free_body(bodies->list[i]);
		bodies->count--;
		memmove(bodies->list + i, bodies->list + i + 1,
		    (bodies->count - i) * sizeof(struct body *));
		return;
	}
}

struct body *
bodies_add(struct bodies *bodies, bool labels)
{
	struct body *body = mem_alloc(sizeof(*body));
	*body = (struct body){.fd = -1, .labels = labels};
	if (bodies->count >= BODIES_MOST)
		forget_oldest(bodies);
	mem_reserve(&bodies->list, &bodies->capacity, bodies->count + 1, sizeof(struct body *));
	bodies->list[bodies->count++] = body;
	return body;
}

/* What is to be done with a file that is this body's. */
static enum known
what_of(struct body *body, const struct stat *status)
{
	if (body->reading)
		return KNOWN_WAIT;
	if ((uint64_t)status->st_size > body->offset)
		return KNOWN_REST;
	body->seen = status->st_ctim;
	return KNOWN_OVER;
}

/* Is a copy of it just being made? */
static bool
is_being_copied(const struct body *body, const struct stat *status, const struct body_head *head)
{
	return (uint64_t)status->st_size < body->offset &&
	       clock_wall() - (wall_us)status->st_mtim.tv_sec * CLOCK_SECOND < COPY_US &&
	       head->length >= BODY_SURE && body_begins_like(body, head->bytes, head->length);
}

enum known
bodies_ask(const struct bodies *bodies, int fd, bool labels, const struct stat *status,
    struct body **found)
{
	struct body_head head;
	enum known known = KNOWN_NOT;
	body_read_head(&head, fd);
	for (size_t i = bodies->count; i-- > 0 && known == KNOWN_NOT;) {
		struct body *body = *found = bodies->list[i];
		if (body->labels == labels && body_has_inode(body, status) &&
		    (body->reading || body_is_same(body, fd, status, &head)))
			known = what_of(body, status);
	}
	for (size_t i = bodies->count; i-- > 0 && known == KNOWN_NOT;) {
		struct body *body = *found = bodies->list[i];
		if (body->labels != labels || body->packed || body->print_length < BODY_SURE ||
		    body_has_inode(body, status))
			continue;
		if (body_is_same(body, fd, status, &head))
			known = what_of(body, status);
		else if (is_being_copied(body, status, &head))
			known = KNOWN_WAIT;
	}
	if (known == KNOWN_NOT)
		*found = NULL;
	return known;
}

bool
bodies_is_copy(const struct bodies *bodies, const struct body *body)
{
	struct body_head head;
	struct stat status;
	bool copy = false;
	if (!body->unsure || body->offset > 0 || fstat(body->fd, &status) != 0)
		return false;
	body_read_head(&head, body->fd);
	for (size_t i = 0; i < bodies->count && !copy; i++) {
		const struct body *other = bodies->list[i];
		copy = other != body && other->labels == body->labels && !other->packed &&
		       other->print_length >= BODY_SURE &&
		       (body_is_same(other, body->fd, &status, &head) ||
			   is_being_copied(other, &status, &head));
	}
	return copy;
}

enum known
bodies_ask_print(
    const struct bodies *bodies, bool labels, const char *print, size_t length, struct body **found)
{
	*found = NULL;
	for (size_t i = 0; i < bodies->count; i++) {
		struct body *body = bodies->list[i];
		if (body->labels != labels || body->packed ||
		    !body_prints_alike(body, print, length))
			continue;
		*found = body;
		if (body->reading)
			return KNOWN_WAIT;
	}
	return *found != NULL ? KNOWN_REST : KNOWN_NOT;
}

bool
bodies_is_over(const struct bodies *bodies, bool labels, const struct stat *status)
{
	for (size_t i = bodies->count; i-- > 0;) {
		const struct body *body = bodies->list[i];
		if (body->labels == labels && body_has_inode(body, status) &&
		    (body->reading || (body->offset == (uint64_t)status->st_size &&
					  body->seen.tv_sec == status->st_ctim.tv_sec &&
					  body->seen.tv_nsec == status->st_ctim.tv_nsec)))
			return true;
	}
	return false;
}

struct body *
bodies_open(struct bodies *bodies, int fd, bool labels, const struct stat *status)
{
	struct body *body = NULL;
	switch (bodies_ask(bodies, fd, labels, status, &body)) {
	case KNOWN_WAIT:
	case KNOWN_OVER:
		close(fd);
		return NULL;
	case KNOWN_NOT:
		/* Another file has come to have the inode of one that is over. */
		for (size_t i = 0; i < bodies->count; i++) {
			if (bodies->list[i]->labels == labels &&
			    body_has_inode(bodies->list[i], status))
				bodies->list[i]->inode = 0;
		}
		body = bodies_add(bodies, labels);
		body->unsure = status->st_size < BODY_SURE;
		break;
	case KNOWN_REST:
		break;
	}
	body_reopen(body, fd, status);
	return body;
}

void
bodies_save(const struct bodies *bodies, struct buf *pack)
{
	pack_u64(pack, bodies->count);
	for (size_t i = 0; i < bodies->count; i++)
		body_save(bodies->list[i], pack);
}

void
bodies_load(struct bodies *bodies, struct unpack *unpack)
{
	size_t count = unpack_count(unpack, BODIES_MOST);
	for (size_t i = 0; i < count && !unpack->failed; i++)
		body_load(bodies_add(bodies, false), unpack);
}

size_t
bodies_number(const struct bodies *bodies, const struct body *body)
{
	for (size_t i = 0; body != NULL && i < bodies->count; i++) {
		if (bodies->list[i] == body)
			return i;
	}
	return SIZE_MAX;
}

struct body *
bodies_at(const struct bodies *bodies, uint64_t number)
{
	return number < bodies->count ? bodies->list[number] : NULL;
}
