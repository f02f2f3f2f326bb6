/* bodies.h: which files on the disk are being read or have been, under whatever name.
 *
 * A body (body.h) is known by device and inode together with its bytes; when no inode tells, by
 * those bytes alone if they are BODY_SURE at least: so what comes back renamed, copied or packed is
 * known again and goes on at its offset. What is found to be a copy of a body that is still being
 * read waits until that one is over. */
#ifndef FRAUDTOP_SOURCE_BODIES_H
#define FRAUDTOP_SOURCE_BODIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/source/body.h"

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
/* Of a body that was opened while it was too short to tell, and nothing was read: is it a copy of
 * another one, which is or was read? */
bool bodies_is_copy(const struct bodies *bodies, const struct body *body);
/* One that has no file (of what was unpacked), or is not asked for. */
struct body *bodies_add(struct bodies *bodies, bool labels);
void bodies_save(const struct bodies *bodies, struct buf *pack);
void bodies_load(struct bodies *bodies, struct unpack *unpack);
/* A body's number in the list, SIZE_MAX for NULL; and back, NULL if there is none. */
size_t bodies_number(const struct bodies *bodies, const struct body *body);
struct body *bodies_at(const struct bodies *bodies, uint64_t number);

#endif
