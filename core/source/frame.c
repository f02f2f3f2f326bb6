/* frame.c: see frame.h. */
#include "core/source/frame.h"

#include <string.h>

/* --- rows of a CSV -------------------------------------------------------------------------------
 */

static const char *
line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline != NULL ? newline + 1 : NULL;
}

/* The byte after the closing quote of a field that begins at `at`, and a CR before a newline; NULL:
 * not there yet. */
static const char *
quoted_end(const char *at, const char *end)
{
	for (at++;; at += 2) {
		at = memchr(at, '"', (size_t)(end - at));
		if (at == NULL || at + 1 == end)
			return NULL;
		if (at[1] != '"')
			break;
	}
	at++;
	if (*at != '\r')
		return at;
	if (at + 1 == end)
		return NULL;
	return at[1] == '\n' ? at + 1 : at;
}

char
frame_delimiter(enum frame frame)
{
	switch (frame) {
	case FRAME_CSV:
		return ',';
	case FRAME_CSV_SEMICOLON:
		return ';';
	case FRAME_CSV_TAB:
		return '\t';
	case FRAME_CSV_BAR:
		return '|';
	case FRAME_LINES:
	case FRAME_VALUES:
		break;
	}
	return '\0';
}

static const char *
row_end(const char *row, const char *end, char delimiter)
{
	const char *at = row;
	for (;; at++) {
		if (at < end && *at == '"') {
			at = quoted_end(at, end);
			if (at == NULL)
				return NULL;
			if (*at != delimiter && *at != '\n')
				return line_end(row, end);
		} else {
			while (at < end && *at != delimiter && *at != '\n')
				at++;
		}
		if (at == end)
			return NULL;
		if (*at == '\n')
			return at + 1;
	}
}

/* --- values --------------------------------------------------------------------------------------
 */

static bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* The closing quote of the string whose first byte is at `at`, or the newline that breaks it. */
static const char *
string_end(const char *at, const char *end)
{
	for (; at < end && *at != '"' && *at != '\n'; at++) {
		if (*at == '\\' && ++at == end)
			return NULL;
		if (*at == '\n')
			return at;
	}
	return at < end ? at : NULL;
}

/* Which of the containers that are open, from the outermost, are lists; beyond 64 nothing is known.
 */
struct nest {
	uint64_t lists;
	unsigned depth;
};

static void
nest_open(struct nest *nest, bool list)
{
	if (nest->depth < 64)
		nest->lists = (nest->lists & ~(UINT64_C(1) << nest->depth)) | (uint64_t)list
										  << nest->depth;
	nest->depth++;
}

/* May an object stand after this character? */
static bool
nest_takes_object(const struct nest *nest, char last)
{
	if (nest->depth == 0 || nest->depth > 64)
		return true;
	bool in_list = nest->lists >> (nest->depth - 1) & 1;
	return last == ':' || (in_list && (last == '[' || last == ','));
}

static const char *
object_end(const char *at, const char *end)
{
	struct nest nest = {0};
	char last = '\0';
	for (; at < end; at++) {
		char byte = *at;
		if (is_space(byte))
			continue;
		if (byte == '"') {
			at = string_end(at + 1, end);
			if (at == NULL)
				return NULL;
			if (*at == '\n')
				return at + 1;
		} else if (byte == '{' || byte == '[') {
			if (byte == '{' && !nest_takes_object(&nest, last))
				return at;
			nest_open(&nest, byte == '[');
		} else if ((byte == '}' || byte == ']') && --nest.depth == 0) {
			return at + 1;
		}
		last = byte;
	}
	return NULL;
}

/* Space before a value belongs to it. */
static const char *
value_end(const char *at, const char *end)
{
	while (at < end && is_space(*at))
		at++;
	if (at == end)
		return NULL;
	if (*at == '{')
		return object_end(at, end);
	for (; at < end; at++) {
		if (*at == '\n')
			return at + 1;
		if (*at == '{')
			return at;
	}
	return NULL;
}

/* --- all of them ---------------------------------------------------------------------------------
 */

static const char *
record_end(enum frame frame, const char *at, const char *end)
{
	switch (frame) {
	case FRAME_CSV:
	case FRAME_CSV_SEMICOLON:
	case FRAME_CSV_TAB:
	case FRAME_CSV_BAR:
		return row_end(at, end, frame_delimiter(frame));
	case FRAME_VALUES:
		return value_end(at, end);
	case FRAME_LINES:
		break;
	}
	return line_end(at, end);
}

size_t
frame_first(enum frame frame, const char *text, size_t length)
{
	const char *end = length > 0 ? record_end(frame, text, text + length) : NULL;
	return end != NULL ? (size_t)(end - text) : 0;
}

static size_t
last_line(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] != '\n') {
		/* Sixteen at a time until one of them is it. */
		size_t step = length < 16 ? length : 16;
		if (memchr(text + length - step, '\n', step) == NULL)
			length -= step;
		else
			length--;
	}
	return length;
}

size_t
frame_last(enum frame frame, const char *text, size_t length)
{
	if (length == 0)
		return 0;
	if (frame == FRAME_LINES ||
	    (frame_delimiter(frame) != '\0' && memchr(text, '"', length) == NULL))
		return last_line(text, length);
	const char *at = text, *next;
	while (at < text + length && (next = record_end(frame, at, text + length)) != NULL)
		at = next;
	return (size_t)(at - text);
}

size_t
frame_break(enum frame frame, const char *text, size_t length)
{
	const char *end = frame_delimiter(frame) != '\0' ? line_end(text, text + length) : NULL;
	return end != NULL ? (size_t)(end - text) : 0;
}

size_t
frame_resume(enum frame frame, const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	while (at < end && (at = line_end(at, end)) != NULL) {
		if (frame != FRAME_VALUES || (at < end && *at == '{'))
			return (size_t)(at - text);
	}
	return 0;
}

/* --- counting ------------------------------------------------------------------------------------
 */

#define LANES 16
typedef uint8_t lanes __attribute__((vector_size(LANES)));
enum { RUN_BYTES = 4 * LANES };

static lanes
newlines(const char *text)
{
	lanes bytes;
	memcpy(&bytes, text, LANES);
	return (lanes)(bytes == (uint8_t)'\n'); /* 255 for each */
}

/* Of at most 63 runs, so that no lane overflows. */
static uint64_t
count_runs(const char *text, size_t runs)
{
	lanes sum = {0};
	for (const char *end = text + runs * RUN_BYTES; text < end; text += RUN_BYTES)
		sum -= newlines(text) + newlines(text + LANES) + newlines(text + 2 * LANES) +
		       newlines(text + 3 * LANES);
	uint64_t count = 0;
	for (size_t i = 0; i < LANES; i++)
		count += sum[i];
	return count;
}

uint64_t
frame_count_lines(const char *text, size_t length)
{
	uint64_t count = 0;
	while (length >= RUN_BYTES) {
		size_t runs = length / RUN_BYTES < 63 ? length / RUN_BYTES : 63;
		count += count_runs(text, runs);
		text += runs * RUN_BYTES;
		length -= runs * RUN_BYTES;
	}
	for (size_t i = 0; i < length; i++)
		count += text[i] == '\n';
	return count;
}

static bool
is_number(const char *text, size_t length, char delimiter)
{
	bool digit = false;
	for (size_t i = 0; i < length; i++) {
		if (strchr("0123456789+-.,eE", text[i]) == NULL || text[i] == '\0' ||
		    text[i] == delimiter)
			return false;
		digit = digit || (text[i] >= '0' && text[i] <= '9');
	}
	return digit;
}

bool
frame_is_data(enum frame frame, const char *row, size_t length)
{
	const char delimiter = frame_delimiter(frame);
	const char *end = row + length;
	while (end > row && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	for (const char *at = row; at <= end; at++) {
		const char *from = at;
		while (at < end && *at != delimiter)
			at++;
		if (is_number(from, (size_t)(at - from), delimiter))
			return true;
	}
	return false;
}
