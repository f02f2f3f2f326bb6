/* bodies.c: see bodies.h. */
#include "core/source/bodies.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/hash.h"
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

/* --- known again ---------------------------------------------------------------------------------
 */

static bool
has_inode(const struct body *body, const struct stat *status)
{
	return body->inode != 0 && body->inode == status->st_ino && body->device == status->st_dev;
}

static bool
begins_like(const struct body *body, const char *bytes, size_t length)
{
	if (length < body->print_length)
		return false;
	if (body->print != NULL)
		return memcmp(body->print, bytes, body->print_length) == 0;
	return hash_bytes(bytes, body->print_length, 0) == body->print_hash;
}

/* The first bytes of a file. */
struct head {
	char bytes[BODY_PRINT];
	size_t length;
};

static void
read_head(struct head *head, int fd)
{
	ssize_t got = pread(fd, head->bytes, sizeof(head->bytes), 0);
	head->length = got > 0 ? (size_t)got : 0;
}

/* Do the bytes before the offset stand there? */
static bool
ends_like(const struct body *body, int fd)
{
	char last[BODY_LAST];
	return pread(fd, last, body->last_length, (off_t)(body->offset - body->last_length)) ==
		   (ssize_t)body->last_length &&
	       memcmp(last, body->last, body->last_length) == 0;
}

static bool
is_same(const struct body *body, int fd, const struct stat *status, const struct head *head)
{
	return body->offset > 0 && (uint64_t)status->st_size >= body->offset &&
	       begins_like(body, head->bytes, head->length) && ends_like(body, fd);
}

bool
body_is(const struct body *body, int fd, const struct stat *status)
{
	struct head head;
	read_head(&head, fd);
	return is_same(body, fd, status, &head);
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
is_being_copied(const struct body *body, const struct stat *status, const struct head *head)
{
	return (uint64_t)status->st_size < body->offset &&
	       clock_wall() - (wall_us)status->st_mtim.tv_sec * CLOCK_SECOND < COPY_US &&
	       head->length >= BODY_SURE && begins_like(body, head->bytes, head->length);
}

enum known
bodies_ask(const struct bodies *bodies, int fd, bool labels, const struct stat *status,
    struct body **found)
{
	struct head head;
	enum known known = KNOWN_NOT;
	read_head(&head, fd);
	for (size_t i = bodies->count; i-- > 0 && known == KNOWN_NOT;) {
		struct body *body = *found = bodies->list[i];
		if (body->labels == labels && has_inode(body, status) &&
		    (body->reading || is_same(body, fd, status, &head)))
			known = what_of(body, status);
	}
	for (size_t i = bodies->count; i-- > 0 && known == KNOWN_NOT;) {
		struct body *body = *found = bodies->list[i];
		if (body->labels != labels || body->packed || body->print_length < BODY_SURE ||
		    has_inode(body, status))
			continue;
		if (is_same(body, fd, status, &head))
			known = what_of(body, status);
		else if (is_being_copied(body, status, &head))
			known = KNOWN_WAIT;
	}
	if (known == KNOWN_NOT)
		*found = NULL;
	return known;
}

/* Of what is open it is what stands in it now that counts, read or not. */
static bool
prints_alike(const struct body *body, const char *print, size_t length)
{
	struct head head;
	if (body->fd < 0 || body->print_length == BODY_PRINT)
		return body->print_length >= BODY_SURE && begins_like(body, print, length);
	read_head(&head, body->fd);
	size_t both = head.length < length ? head.length : length;
	return both >= BODY_SURE && memcmp(head.bytes, print, both) == 0;
}

enum known
bodies_ask_print(
    const struct bodies *bodies, bool labels, const char *print, size_t length, struct body **found)
{
	*found = NULL;
	for (size_t i = 0; i < bodies->count; i++) {
		struct body *body = bodies->list[i];
		if (body->labels != labels || body->packed || !prints_alike(body, print, length))
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
		if (body->labels == labels && has_inode(body, status) &&
		    (body->reading || (body->offset == (uint64_t)status->st_size &&
					  body->seen.tv_sec == status->st_ctim.tv_sec &&
					  body->seen.tv_nsec == status->st_ctim.tv_nsec)))
			return true;
	}
	return false;
}

/* --- reading -------------------------------------------------------------------------------------
 */

void
body_reopen(struct body *body, int fd, const struct stat *status)
{
	body->fd = fd;
	body->reading = true;
	body->device = status->st_dev;
	body->inode = status->st_ino;
	body->rotated = false;
	if (body->print == NULL)
		body->print = mem_alloc(BODY_PRINT);
	ssize_t got = pread(fd, body->print, body->print_length, 0);
	body->print_length = got > 0 ? (size_t)got : 0;
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
			if (bodies->list[i]->labels == labels && has_inode(bodies->list[i], status))
				bodies->list[i]->inode = 0;
		}
		body = bodies_add(bodies, labels);
		break;
	case KNOWN_REST:
		break;
	}
	body_reopen(body, fd, status);
	return body;
}

void
body_note(struct body *body, const char *bytes, size_t length)
{
	if (body->offset == body->print_length && body->print_length < BODY_PRINT) {
		size_t room = BODY_PRINT - body->print_length;
		size_t part = length < room ? length : room;
		if (body->print == NULL)
			body->print = mem_alloc(BODY_PRINT);
		memcpy(body->print + body->print_length, bytes, part);
		body->print_length += part;
	}
	size_t part = length < BODY_LAST ? length : BODY_LAST;
	size_t kept = BODY_LAST - part < body->last_length ? BODY_LAST - part : body->last_length;
	memmove(body->last, body->last + body->last_length - kept, kept);
	memcpy(body->last + kept, bytes + length - part, part);
	body->last_length = kept + part;
	body->offset += length;
}

void
body_set_offset(struct body *body, uint64_t offset, const char *last, size_t length)
{
	memcpy(body->last, last, length);
	body->last_length = length;
	body->offset = offset;
}

void
body_close(struct body *body)
{
	if (body->fd >= 0)
		close(body->fd);
	body->fd = -1;
	body->reading = false;
	if (body->print != NULL)
		body->print_hash = hash_bytes(body->print, body->print_length, 0);
	free(body->print);
	body->print = NULL;
}

/* --- keeping -------------------------------------------------------------------------------------
 */

void
bodies_save(const struct bodies *bodies, struct buf *pack)
{
	pack_u64(pack, bodies->count);
	for (size_t i = 0; i < bodies->count; i++) {
		const struct body *body = bodies->list[i];
		pack_u64(pack, (uint64_t)body->labels | (uint64_t)body->packed << 1);
		pack_u64(pack, (uint64_t)body->device);
		pack_u64(pack, (uint64_t)body->inode);
		pack_u64(pack, body->offset);
		pack_u64(pack, body->print_length);
		pack_u64(pack, body->print != NULL ? hash_bytes(body->print, body->print_length, 0)
						   : body->print_hash);
		pack_u64(pack, body->last_length);
		pack_bytes(pack, body->last, body->last_length);
	}
}

void
bodies_load(struct bodies *bodies, struct unpack *unpack)
{
	size_t count = unpack_count(unpack, BODIES_MOST);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		uint64_t flags = unpack_u64(unpack);
		struct body *body = bodies_add(bodies, flags & 1);
		body->packed = flags >> 1 & 1;
		body->device = (dev_t)unpack_u64(unpack);
		body->inode = (ino_t)unpack_u64(unpack);
		body->offset = unpack_u64(unpack);
		body->print_length = unpack_count(unpack, BODY_PRINT);
		body->print_hash = unpack_u64(unpack);
		body->last_length = unpack_count(unpack, BODY_LAST);
		unpack_bytes(unpack, body->last, body->last_length);
		if (flags > 3 || body->offset > INT64_MAX || body->offset < body->last_length ||
		    body->offset < body->print_length)
			unpack_fail(unpack);
	}
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
