#include "core/source/body.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

bool
body_has_inode(const struct body *body, const struct stat *status)
{
	return body->inode != 0 && body->inode == status->st_ino && body->device == status->st_dev;
}

bool
body_begins_like(const struct body *body, const char *bytes, size_t length)
{
	if (length < body->print_length)
		return false;
	if (body->print != NULL)
		return memcmp(body->print, bytes, body->print_length) == 0;
	return hash_bytes(bytes, body->print_length, 0) == body->print_hash;
}

void
body_read_head(struct body_head *head, int fd)
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

bool
body_is_same(
    const struct body *body, int fd, const struct stat *status, const struct body_head *head)
{
	return body->offset > 0 && (uint64_t)status->st_size >= body->offset &&
	       body_begins_like(body, head->bytes, head->length) && ends_like(body, fd);
}

bool
body_is(const struct body *body, int fd, const struct stat *status)
{
	struct body_head head;
	body_read_head(&head, fd);
	return body_is_same(body, fd, status, &head);
}

bool
body_prints_alike(const struct body *body, const char *print, size_t length)
{
	struct body_head head;
	/* Of what is open it is what stands in it now that counts, read or not. */
	if (body->fd < 0 || body->print_length == BODY_PRINT)
		return body->print_length >= BODY_SURE && body_begins_like(body, print, length);
	body_read_head(&head, body->fd);
	size_t both = head.length < length ? head.length : length;
	return both >= BODY_SURE && memcmp(head.bytes, print, both) == 0;
}

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

void
body_save(const struct body *body, struct buf *pack)
{
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

void
body_load(struct body *body, struct unpack *unpack)
{
	uint64_t flags = unpack_u64(unpack);
	body->labels = flags & 1;
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
