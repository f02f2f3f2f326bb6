/* bodies.h: which files on the disk are being read or have been, under whatever name.
 *
 * A body is what lies on the disk, apart from the paths that lead to it: known by device and inode
 * while it is open, and by its first bytes (the print) and the last ones that were read before its
 * offset. So what comes back renamed, copied or packed is known again. */
#ifndef FRAUDTOP_SOURCE_BODIES_H
#define FRAUDTOP_SOURCE_BODIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "core/base/clock.h"

#define PRINT_BYTES 1024

struct body {
	int fd; /* -1: it is over */
	bool labels;
	dev_t device;
	ino_t inode;
	bool rotated; /* its path leads to another */
	mono_us rotated_at; /* when that was first seen */
	uint64_t offset; /* read up to here */
	char print[PRINT_BYTES];
	size_t print_length; /* not beyond the offset */
};

struct bodies {
	struct body **list;
	size_t count, capacity;
};

void bodies_free(struct bodies *bodies);
/* Takes the open file, to go on with at the body's offset. NULL: it is being read already, or has
 * been to its end; the descriptor is closed. */
struct body *bodies_open(struct bodies *bodies, int fd, bool labels, const struct stat *status);
/* Is it being read, or has it been to its end? */
bool bodies_known(
    const struct bodies *bodies, const char *path, bool labels, const struct stat *status);
/* Nothing more is read of it. */
void bodies_close(struct body *body);

#endif
