/* profile_hours.c: counts by hour of the week as text; see profile_parts.h. Differences are taken
 * modulo 2^64, so any counts come back. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/reference/profile_parts.h"

enum { LONGEST = 10 }; /* bytes of a 64-bit number */

static void
put_number(struct buf *out, uint64_t value)
{
	unsigned char bytes[LONGEST];
	size_t length = 0;
	do {
		bytes[length++] = (unsigned char)((value & 127) | (value > 127 ? 128 : 0));
		value >>= 7;
	} while (value > 0);
	buf_append(out, bytes, length);
}

static uint64_t
difference(const uint64_t *counts, size_t columns, size_t i)
{
	uint64_t less = counts[i] - (i >= columns ? counts[i - columns] : 0);
	return (less << 1) ^ (0 - (less >> 63));
}

void
profile_write_hours(struct jsonw *json, const char *key, const uint64_t *counts, size_t columns)
{
	struct buf bytes = {0};
	size_t cells = SEASON_HOURS * columns;
	for (size_t i = 0; i < cells;) {
		uint64_t value = difference(counts, columns, i++);
		put_number(&bytes, value);
		size_t zeros = i;
		while (value == 0 && i < cells && difference(counts, columns, i) == 0)
			i++;
		if (value == 0)
			put_number(&bytes, i - zeros);
	}
	unsigned char *text = mem_alloc(bytes.length / 3 * 4 + 8);
	EVP_EncodeBlock(text, (const unsigned char *)bytes.data, (int)bytes.length);
	jsonw_string(json, key, (const char *)text);
	free(text);
	buf_free(&bytes);
}

struct bytes {
	const unsigned char *at, *end;
};

static bool
take_number(struct bytes *bytes, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; bytes->at < bytes->end && shift < 64; shift += 7) {
		uint64_t part = *bytes->at & 127;
		if (part << shift >> shift != part)
			return false;
		*value |= part << shift;
		if (*bytes->at++ < 128)
			return true;
	}
	return false;
}

static bool
take_counts(struct bytes *bytes, uint64_t *counts, size_t columns, uint64_t most)
{
	size_t cells = SEASON_HOURS * columns;
	for (size_t i = 0; i < cells;) {
		uint64_t value, zeros = 0;
		if (!take_number(bytes, &value) || (value == 0 && !take_number(bytes, &zeros)) ||
		    zeros > cells - i - 1)
			return false;
		for (zeros += 1; zeros > 0; zeros--, i++) {
			counts[i] = (i >= columns ? counts[i - columns] : 0) +
				    ((value >> 1) ^ (0 - (value & 1)));
			if (counts[i] > most)
				return false;
		}
	}
	return bytes->at == bytes->end;
}

bool
profile_read_hours(const char *text, uint64_t *counts, size_t columns, uint64_t most)
{
	size_t length = strlen(text);
	if (length % 4 != 0 || length > (SEASON_HOURS * columns * LONGEST / 3 + 1) * 4)
		return false;
	unsigned char *raw = mem_alloc(length + 1);
	int got = EVP_DecodeBlock(raw, (const unsigned char *)text, (int)length);
	for (size_t i = length; i > 0 && got > 0 && text[i - 1] == '='; i--)
		got--;
	struct bytes bytes = {raw, raw + (got > 0 ? got : 0)};
	bool done = got > 0 && take_counts(&bytes, counts, columns, most);
	free(raw);
	return done;
}
