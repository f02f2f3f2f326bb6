#include "core/base/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t replacement = 0xFFFD;

size_t
text_decode(const char *src, size_t length, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (length == 0)
		return 0;
	unsigned char first = (unsigned char)src[0];
	size_t need = first < 0x80   ? 1
		      : first < 0xC2 ? 0
		      : first < 0xE0 ? 2
		      : first < 0xF0 ? 3
		      : first < 0xF5 ? 4
				     : 0;
	if (need == 0 || need > length)
		return 0;
	uint32_t value = need == 1 ? first : first & (0xFFu >> (need + 1));
	for (size_t i = 1; i < need; i++) {
		unsigned char byte = (unsigned char)src[i];
		if ((byte & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (byte & 0x3F);
	}
	if (value < least[need] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*code = value;
	return need;
}

size_t
text_encode(char dst[4], uint32_t code)
{
	if (code < 0x80) {
		dst[0] = (char)code;
		return 1;
	}
	size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	for (size_t i = length - 1; i > 0; i--) {
		dst[i] = (char)(0x80 | (code & 0x3F));
		code >>= 6;
	}
	dst[0] = (char)(lead[length] | code);
	return length;
}

/* Controls, and characters that draw nothing or reorder what is drawn. */
static bool
is_hostile(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x180E ||
	       (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
	       (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0000 && c <= 0xE0FFF);
}

size_t
text_scrub(char *dst, size_t size, const char *src, size_t length)
{
	size_t out = 0;
	for (size_t in = 0; in < length;) {
		uint32_t code;
		size_t used = text_decode(src + in, length - in, &code);
		if (used == 0) {
			code = replacement;
			used = 1;
		} else if (code == '\t' || code == '\n' || code == '\r') {
			code = ' ';
		} else if (is_hostile(code)) {
			code = replacement;
		}
		char encoded[4];
		size_t width = text_encode(encoded, code);
		if (out + width >= size)
			break;
		memcpy(dst + out, encoded, width);
		out += width;
		in += used;
	}
	dst[out] = '\0';
	return out;
}

size_t
text_copy(char *dst, size_t size, const char *src)
{
	size_t length = strlen(src);
	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)src[length] & 0xC0) == 0x80)
			length--;
	}
	memcpy(dst, src, length);
	dst[length] = '\0';
	return length;
}

void
text_append(char *dst, size_t size, const char *format, ...)
{
	size_t used = strlen(dst);
	va_list args;
	va_start(args, format);
	vsnprintf(dst + used, size - used, format, args);
	va_end(args);
}

char *
text_grouped(char dst[32], double n)
{
	char digits[32];
	int length = snprintf(digits, sizeof(digits), "%.0f", fmin(fmax(n, 0), 1e18));
	size_t used = 0;
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			dst[used++] = ',';
		dst[used++] = digits[i];
	}
	dst[used] = '\0';
	return dst;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's, two neighbours swapped count once; at most 64 bytes are compared. */
static unsigned
distance_of(const char *a, const char *b)
{
	unsigned rows[3][65]; /* of the table: this one and the two before it, in turn */
	size_t lines = strnlen(a, 64), columns = strnlen(b, 64);
	for (size_t j = 0; j <= columns; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= lines; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *before = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= columns; j++) {
			row[j] = before[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = least(row[j], least(before[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[lines % 3][columns];
}

const char *
text_nearest(const char *word, const char *const *list)
{
	const char *best = NULL;
	unsigned smallest = (unsigned)strnlen(word, 64) / 2 + 1;
	for (; *list != NULL; list++) {
		unsigned distance = distance_of(word, *list);
		if (distance < smallest) {
			smallest = distance;
			best = *list;
		}
	}
	return best;
}

bool
text_to_double(const char *src, double *value)
{
	char *end;
	if (*src == '\0' || *src == ' ')
		return false;
	double parsed = strtod(src, &end);
	if (*end != '\0' || !isfinite(parsed))
		return false;
	*value = parsed;
	return true;
}

bool
text_to_int64(const char *src, int64_t *value)
{
	char *end;
	if (*src == '\0' || *src == ' ')
		return false;
	errno = 0;
	long long parsed = strtoll(src, &end, 10);
	if (*end != '\0' || errno != 0)
		return false;
	*value = parsed;
	return true;
}
