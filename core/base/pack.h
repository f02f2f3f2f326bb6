/* pack.h: state as bytes and back, for checkpoints.
 *
 * Written on one machine and read on the same: numbers as they lie in memory, texts with their
 * length. A reader never reads past its end: after the first thing that is not there, or not what
 * the caller says it must be, it has failed, everything it answers is 0 or "", and unpack_good
 * tells once at the end. So a loader reads straight through and asks once. */
#ifndef FRAUDTOP_BASE_PACK_H
#define FRAUDTOP_BASE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

/* Of a struct that is saved field by field, beside its save: who changes its fields is told. */
#define PACK_WHOLE(type, size)                                                                     \
	_Static_assert(sizeof(void *) != 8 || sizeof(type) == (size),                              \
	    "the fields of " #type " have changed: save and load them all, then change its size")

void pack_u64(struct buf *pack, uint64_t value);
void pack_i64(struct buf *pack, int64_t value);
void pack_f64(struct buf *pack, double value);
void pack_text(struct buf *pack, const char *text);
void pack_bytes(struct buf *pack, const void *bytes, size_t length); /* its length is not kept */
/* What is mostly small: 1 byte below 128, 10 at the most. */
void pack_varint(struct buf *pack, uint64_t value);
/* Counts of which most are 0: only the others take room. */
void pack_counts(struct buf *pack, const uint32_t *counts, size_t count);

struct unpack {
	const char *at, *end;
	bool failed;
};

uint64_t unpack_u64(struct unpack *unpack);
int64_t unpack_i64(struct unpack *unpack);
double unpack_f64(struct unpack *unpack);
/* A count, of pack_u64, that must not be above `most`; above it the reader has failed. */
size_t unpack_count(struct unpack *unpack, size_t most);
/* One of pack_varint, above `most` likewise. */
uint64_t unpack_varint(struct unpack *unpack, uint64_t most);
/* All of `counts` is set. */
void unpack_counts(struct unpack *unpack, uint32_t *counts, size_t count);
/* Copies the text into dst of size bytes; one that does not fit has failed. */
void unpack_text(struct unpack *unpack, char *dst, size_t size);
char *unpack_string(struct unpack *unpack); /* the same of any length, never NULL; free() it */
void unpack_bytes(struct unpack *unpack, void *dst, size_t length);
bool unpack_flag(struct unpack *unpack); /* a varint of 0 or 1 */
/* A time, or the number of a stretch of so many microseconds (clock_stretch), of pack_i64; one so
 * far off that it cannot be calculated with has failed. */
int64_t unpack_time(struct unpack *unpack);
int64_t unpack_stretch(struct unpack *unpack, int64_t length_us);
/* Fails the reader: what it read makes no sense. */
void unpack_fail(struct unpack *unpack);
bool unpack_good(const struct unpack *unpack); /* nothing failed, and all was read */

#endif
