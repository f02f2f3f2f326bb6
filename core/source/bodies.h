/* bodies.h: which files on the disk are being read or have been, under whatever name.
 *
 * A body is what lies on the disk, apart from the paths that lead to it. It is known by device and
 * inode together with its first bytes (the print) and the last ones before its offset; when no
 * inode tells, by those bytes alone if they are BODY_SURE at least: so what comes back renamed,
 * copied or packed is known again and goes on at its offset. What is found to be a copy of a body
 * that is still being read waits until that one is over.
 *
 * So two files that begin with the same 1,024 bytes and have the same BODY_LAST before the offset
 * would be taken for one. */
#ifndef FRAUDTOP_SOURCE_BODIES_H
#define FRAUDTOP_SOURCE_BODIES_H

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

struct bodies {
	struct body **list;
	size_t count, capacity;
};

enum known {
	KNOWN_NOT,
	KNOWN_REST, /* it has been read up to its offset, and there is more */
	KNOWN_WAIT, /* it is being read, or a copy is being made of what was */
	KNOWN_OVER
};

void bodies_free(struct bodies *bodies);
/* Is what is open there known? Then *body is it. */
enum known bodies_ask(const struct bodies *bodies, int fd, bool labels, const struct stat *status,
    struct body **body);
/* The same of bytes that were unpacked: the first ones. KNOWN_REST: begins like *body, which is
 * over and has an offset. */
enum known bodies_ask_print(
    const struct bodies *bodies, bool labels, const char *print, size_t length, struct body **body);
/* Is it over without a doubt, so that it need not be opened? */
bool bodies_is_over(const struct bodies *bodies, bool labels, const struct stat *status);

/* Takes the open file, to go on with at the body's offset. NULL: bodies_ask says it waits or is
 * over; the descriptor is closed. */
struct body *bodies_open(struct bodies *bodies, int fd, bool labels, const struct stat *status);
/* One that has no file (of what was unpacked), or is not asked for. */
struct body *bodies_add(struct bodies *bodies, bool labels);
/* Reads on with a body that was over, or whose file was found again. */
void body_reopen(struct body *body, int fd, const struct stat *status);
/* Is what was read of the body the beginning of this file? */
bool body_is(const struct body *body, int fd, const struct stat *status);
/* These bytes were read at its offset. */
void body_note(struct body *body, const char *bytes, size_t length);
/* It is read from there on; these bytes stand before. */
void body_set_offset(struct body *body, uint64_t offset, const char *last, size_t length);
void body_close(struct body *body);

void bodies_save(const struct bodies *bodies, struct buf *pack);
void bodies_load(struct bodies *bodies, struct unpack *unpack);
/* A body's number in the list, SIZE_MAX for NULL; and back, NULL if there is none. */
size_t bodies_number(const struct bodies *bodies, const struct body *body);
struct body *bodies_at(const struct bodies *bodies, uint64_t number);

#endif
