/* body.h: what lies on the disk, apart from the paths that lead to it, and how far it was read.
 *
 * It is known again by its first bytes (the print) and the last ones before its offset. So two
 * files that begin with the same BODY_PRINT bytes and have the same BODY_LAST before the offset
 * would be taken for one. */
#ifndef FRAUDTOP_SOURCE_BODY_H
#define FRAUDTOP_SOURCE_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/base/clock.h"
#include "core/base/pack.h"

#define BODY_PRINT 1024
#define BODY_LAST 64
#define BODY_SURE 64

struct body {
	int fd; /* -1: closed */
	bool reading; /* it is not over */
	bool labels;
	bool unsure; /* too little stood in it, when it was opened, to know it by */
	bool packed; /* its bytes are not a log's but a packed file's */
	dev_t device;
	ino_t inode; /* 0: none is known */
	struct timespec seen; /* when it was last found to be over, its ctime */
	bool rotated; /* its path leads to another */
	mono_us rotated_at; /* when that was first seen */
	uint64_t offset; /* read up to here */
	char *print; /* while it is being read; not beyond the offset */
	size_t print_length;
	uint64_t print_hash; /* once it is over */
	char last[BODY_LAST]; /* the bytes before the offset */
	size_t last_length;
};

/* The first bytes of a file. */
struct body_head {
	char bytes[BODY_PRINT];
	size_t length;
};

void body_read_head(struct body_head *head, int fd);
bool body_has_inode(const struct body *body, const struct stat *status);
/* Are the body's first bytes the first of these? */
bool body_begins_like(const struct body *body, const char *bytes, size_t length);
/* Is what was read of the body the beginning of this file? */
bool body_is(const struct body *body, int fd, const struct stat *status);
bool body_is_same(const struct body *body, int fd, const struct stat *status,
    const struct body_head *head); /* the same, where the file's head is there */
/* Does what was unpacked begin like the body? */
bool body_prints_alike(const struct body *body, const char *print, size_t length);

/* Reads on with a body that was over, or whose file was found again. */
void body_reopen(struct body *body, int fd, const struct stat *status);
/* These bytes were read at its offset. */
void body_note(struct body *body, const char *bytes, size_t length);
/* It is read from there on; these bytes stand before. */
void body_set_offset(struct body *body, uint64_t offset, const char *last, size_t length);
void body_close(struct body *body);

void body_save(const struct body *body, struct buf *pack);
/* Into a new one. */
void body_load(struct body *body, struct unpack *unpack);

#endif
