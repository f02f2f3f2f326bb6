/* scratch.h: bytes that do not fit in memory: a file in $TMPDIR (/tmp) without a name, made at the
 * first write and gone with its last user. For core/ingest alone.
 *
 * What went wrong first (the disk is full) stays in `failure`; from then on nothing is written and
 * reads fail. */
#ifndef FRAUDTOP_INGEST_SCRATCH_H
#define FRAUDTOP_INGEST_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct scratch {
	int fd; /* -1: not made yet */
	uint64_t length;
	struct err failure; /* code 0: none */
};

void scratch_init(struct scratch *scratch);
/* Appends; false after a failure. */
bool scratch_append(struct scratch *scratch, const void *bytes, size_t length);
/* Reads exactly `length` bytes from an offset below scratch->length. */
bool scratch_read(struct scratch *scratch, uint64_t offset, void *dst, size_t length);
void scratch_close(struct scratch *scratch);

#endif
