/* tail_save.c: where a tail is, kept and found again. */
#include <unistd.h>

#include "core/source/rotated.h"
#include "core/source/tail_state.h"

void
tail_save(const void *self, struct buf *pack)
{
	const struct tail *tail = self;
	const struct body *first = tail->lost		   ? tail->saved
				   : tail->queue_count > 0 ? tail->queue[0]
							   : NULL;
	struct timespec written = tail_written(tail);
	pack_u64(pack, bodies_number(tail->bodies, first));
	pack_i64(pack, written.tv_sec);
	pack_i64(pack, written.tv_nsec);
	pack_u64(pack, tail->begins);
	pack_u64(pack, tail->stats.bytes);
	pack_u64(pack, tail->stats.rotations);
	pack_u64(pack, tail->stats.truncations);
}

void
tail_load(void *self, struct unpack *unpack)
{
	struct tail *tail = self;
	tail->saved = bodies_at(tail->bodies, unpack_u64(unpack));
	tail->written.tv_sec = (time_t)unpack_i64(unpack);
	tail->written.tv_nsec = (long)unpack_i64(unpack);
	tail->begins = unpack_count(unpack, 1) != 0;
	tail->stats.bytes = unpack_u64(unpack);
	tail->stats.rotations = unpack_u64(unpack);
	tail->stats.truncations = unpack_u64(unpack);
}

struct body *
tail_lost(const struct tail *tail)
{
	return tail->saved;
}

void
tail_follow_since(struct tail *tail, const struct stat *written)
{
	bool begins = tail->queue_count == 0 || tail->begins;
	tail->saved = NULL;
	tail->lost = false;
	tail_queue_since(tail, written);
	if (begins)
		tail_begin_file(tail);
}

void
tail_found(struct tail *tail, const struct stat *packed)
{
	tail->stats.rotations++;
	tail_follow_since(tail, packed);
}

bool
tail_is_unsure(const struct tail *tail, struct stat *written)
{
	*written = (struct stat){.st_mtim = tail->written};
	return tail->lost && (tail->saved == NULL || tail->saved->offset < BODY_SURE);
}

/* Finds again what was being read, under its old name or another. */
void
tail_resume(void *self)
{
	struct tail *tail = self;
	struct body *body = tail->saved;
	struct stat status;
	bool there = false, known = body != NULL && !body->reading;
	int fd = known ? rotated_open(tail->path, body, &status, &there) : -1;
	tail->lost = fd < 0 && (known || (body == NULL && tail->written.tv_sec != 0));
	if (fd < 0)
		return;
	tail->saved = NULL;
	bool copy = body->inode != status.st_ino || body->device != status.st_dev;
	body_reopen(body, fd, &status);
	body->rotated = !there;
	body->rotated_at = clock_mono() - (copy ? PATIENCE_US : 0);
	tail->stats.rotations += !there;
	tail->queue[tail->queue_count++] = body;
	tail->grown_at = clock_mono();
	tail->stats.present = true;
}

void
tail_follow_resumed(struct tail *tail)
{
	if (tail->queue_count > 0 && tail->queue[0]->rotated)
		tail_queue_between(tail);
}
