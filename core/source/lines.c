/* lines.c: see lines.h. A line that stands whole in the bytes fed is handed over in place. */
#include "core/source/lines.h"

#include <string.h>

#include "core/source/stretch.h"

#define KEEP_CAPACITY 65536 /* more memory than this is given back after a long line */

static void
skip_line(struct lines *lines, uint64_t number)
{
	lines->too_long++;
	lines->too_long_at = number;
	buf_free(&lines->partial);
}

/* A whole line, without its newline. */
static void
end_line(struct lines *lines, const char *text, size_t length, lines_callback *line, void *context)
{
	lines->number++;
	if (length > 0 && text[length - 1] == '\r')
		length--;
	if (length > STRETCH_MAX_RECORD)
		skip_line(lines, lines->number);
	else
		line(text, length, context);
	if (lines->partial.capacity > KEEP_CAPACITY)
		buf_free(&lines->partial);
	else
		buf_clear(&lines->partial);
}

/* Bytes with no newline in them. One byte more than the limit may be the CR. */
static void
keep_partial(struct lines *lines, const char *bytes, size_t length)
{
	if (lines->skipping || length == 0)
		return;
	if (lines->partial.length + length > STRETCH_MAX_RECORD + 1) {
		lines->skipping = true;
		skip_line(lines, lines->number + 1);
		return;
	}
	buf_append(&lines->partial, bytes, length);
}

void
lines_feed(
    struct lines *lines, const char *bytes, size_t length, lines_callback *line, void *context)
{
	const char *end = bytes + length;
	while (bytes < end) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		if (newline == NULL) {
			keep_partial(lines, bytes, (size_t)(end - bytes));
			return;
		}
		size_t part = (size_t)(newline - bytes);
		if (lines->skipping) {
			lines->skipping = false;
			lines->number++;
		} else if (lines->partial.length == 0) {
			end_line(lines, bytes, part, line, context);
		} else {
			keep_partial(lines, bytes, part);
			if (!lines->skipping)
				end_line(lines, lines->partial.data, lines->partial.length, line,
				    context);
			else
				lines->number++;
			lines->skipping = false;
		}
		bytes = newline + 1;
	}
}

void
lines_finish(struct lines *lines, lines_callback *line, void *context)
{
	if (lines->skipping)
		lines->number++;
	else if (lines->partial.length > 0)
		end_line(lines, lines->partial.data, lines->partial.length, line, context);
	lines->skipping = false;
}

void
lines_free(struct lines *lines)
{
	buf_free(&lines->partial);
	*lines = (struct lines){0};
}
