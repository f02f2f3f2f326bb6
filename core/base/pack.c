/* pack.c: a varint is LEB128: seven bits a byte, the lowest first, the highest bit says that more
 * follow. Counts are pairs of varints: how many zeros, then a count that is none; the last pair's
 * zeros reach to the end and have no count. What could be written in two ways is refused in all but
 * the one that is written here, so that what was read packs to the same bytes again. */
#include "core/base/pack.h"

#include <string.h>

#include "core/base/mem.h"

#define FARTHEST (INT64_C(1) << 60) /* microseconds: 36,000 years */

void
pack_bytes(struct buf *pack, const void *bytes, size_t length)
{
	buf_append(pack, bytes, length);
}

void
pack_u64(struct buf *pack, uint64_t value)
{
	buf_append(pack, &value, sizeof(value));
}

void
pack_i64(struct buf *pack, int64_t value)
{
	buf_append(pack, &value, sizeof(value));
}

void
pack_f64(struct buf *pack, double value)
{
	buf_append(pack, &value, sizeof(value));
}

void
pack_text(struct buf *pack, const char *text)
{
	size_t length = strlen(text);
	pack_varint(pack, length);
	buf_append(pack, text, length);
}

void
pack_varint(struct buf *pack, uint64_t value)
{
	unsigned char bytes[10];
	size_t length = 0;
	for (; value >= 0x80; value >>= 7)
		bytes[length++] = (unsigned char)(value | 0x80);
	bytes[length++] = (unsigned char)value;
	buf_append(pack, bytes, length);
}

void
pack_counts(struct buf *pack, const uint32_t *counts, size_t count)
{
	size_t zeros = 0;
	for (size_t i = 0; i < count; i++) {
		if (counts[i] == 0) {
			zeros++;
			continue;
		}
		pack_varint(pack, zeros);
		pack_varint(pack, counts[i]);
		zeros = 0;
	}
	if (zeros > 0)
		pack_varint(pack, zeros);
}

void
unpack_fail(struct unpack *unpack)
{
	unpack->failed = true;
}

bool
unpack_good(const struct unpack *unpack)
{
	return !unpack->failed && unpack->at == unpack->end;
}

void
unpack_bytes(struct unpack *unpack, void *dst, size_t length)
{
	if (unpack->failed || (size_t)(unpack->end - unpack->at) < length) {
		unpack->failed = true;
		if (length > 0)
			memset(dst, 0, length);
		return;
	}
	if (length > 0)
		memcpy(dst, unpack->at, length);
	unpack->at += length;
}

uint64_t
unpack_u64(struct unpack *unpack)
{
	uint64_t value;
	unpack_bytes(unpack, &value, sizeof(value));
	return value;
}

int64_t
unpack_i64(struct unpack *unpack)
{
	int64_t value;
	unpack_bytes(unpack, &value, sizeof(value));
	return value;
}

double
unpack_f64(struct unpack *unpack)
{
	double value;
	unpack_bytes(unpack, &value, sizeof(value));
	return value;
}

static uint64_t
at_most(struct unpack *unpack, uint64_t value, uint64_t most)
{
	if (value <= most)
		return value;
	unpack->failed = true;
	return 0;
}

size_t
unpack_count(struct unpack *unpack, size_t most)
{
	return (size_t)at_most(unpack, unpack_u64(unpack), most);
}

uint64_t
unpack_varint(struct unpack *unpack, uint64_t most)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64 && !unpack->failed; shift += 7) {
		unsigned char byte;
		unpack_bytes(unpack, &byte, 1);
		uint64_t bits = byte & 0x7F;
		bool longer = shift > 0 && byte == 0; /* than it need be */
		if (longer || (bits << shift) >> shift != bits)
			break;
		value |= bits << shift;
		if (byte < 0x80)
			return unpack->failed ? 0 : at_most(unpack, value, most);
	}
	unpack->failed = true;
	return 0;
}

void
unpack_counts(struct unpack *unpack, uint32_t *counts, size_t count)
{
	if (count > 0)
		memset(counts, 0, count * sizeof(*counts));
	size_t at = 0;
	while (at < count && !unpack->failed) {
		at += (size_t)unpack_varint(unpack, count - at);
		if (at == count)
			return;
		counts[at] = (uint32_t)unpack_varint(unpack, UINT32_MAX);
		if (counts[at++] == 0)
			unpack->failed = true;
	}
	if (unpack->failed && count > 0)
		memset(counts, 0, count * sizeof(*counts));
}

void
unpack_text(struct unpack *unpack, char *dst, size_t size)
{
	size_t length = (size_t)unpack_varint(unpack, size - 1);
	unpack_bytes(unpack, dst, length);
	if (memchr(dst, '\0', length) != NULL)
		unpack->failed = true;
	dst[unpack->failed ? 0 : length] = '\0';
}

char *
unpack_string(struct unpack *unpack)
{
	size_t left = unpack->failed ? 0 : (size_t)(unpack->end - unpack->at);
	size_t length = (size_t)unpack_varint(unpack, left);
	char *text = mem_alloc(length + 1);
	unpack_bytes(unpack, text, length);
	if (strlen(text) != length)
		unpack->failed = true;
	return text;
}

bool
unpack_flag(struct unpack *unpack)
{
	return unpack_varint(unpack, 1) == 1;
}

int64_t
unpack_stretch(struct unpack *unpack, int64_t length_us)
{
	int64_t value = unpack_i64(unpack), most = FARTHEST / length_us;
	if (value >= -most && value <= most)
		return value;
	unpack->failed = true;
	return 0;
}

int64_t
unpack_time(struct unpack *unpack)
{
	return unpack_stretch(unpack, 1);
}
