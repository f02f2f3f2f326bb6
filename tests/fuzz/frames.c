/* Fuzzes the cutting of bytes into stretches: however they come, in whatever pieces, what is handed
 * over is the same in all, nothing is missing, and each stretch begins and ends where records do.
 * The first byte chooses the frame, the second how it is cut. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/source/cutter.h"
#include "core/source/frame.h"
#include "tests/fuzz/check.h"

struct drip {
	const char *text;
	size_t length, at;
	uint32_t chance; /* 0: all at once */
};

static uint32_t
draw(struct drip *drip)
{
	drip->chance = drip->chance * 1664525 + 1013904223;
	return drip->chance >> 16;
}

static enum got
drip_read(void *source, char *dst, size_t room, size_t *length)
{
	struct drip *drip = source;
	size_t left = drip->length - drip->at;
	if (left == 0)
		return GOT_OVER;
	if (drip->chance != 0) {
		uint32_t what = draw(drip) % 8;
		if (what == 0)
			return GOT_NOTHING;
		if (what == 1)
			return GOT_LATER;
		size_t piece = 1 + draw(drip) % 16;
		left = left < piece ? left : piece;
	}
	*length = left < room ? left : room;
	memcpy(dst, drip->text + drip->at, *length);
	drip->at += *length;
	return GOT_BYTES;
}

/* Is there a border of a record so many bytes after the first record's beginning? */
static bool
is_border(enum frame frame, const char *text, size_t length, size_t place)
{
	size_t at = 0, next;
	while (at < place && (next = frame_first(frame, text + at, length - at)) > 0)
		at += next;
	return at == place || place == length;
}

/* Takes all there is, and tells where it began in the text. */
static void
take_all(enum frame frame, struct drip *drip, struct buf *all, struct buf *header, uint64_t *begin)
{
	struct cutter cutter;
	struct stretch stretch = {0};
	size_t most = drip->chance == 0 ? STRETCH_MAX_RECORD : 1 + draw(drip) % 64;
	cutter_init(&cutter, frame, drip_read, drip);
	uint64_t line = 0, at = 0;
	bool first = true;
	while (!cutter.over || cutter.held.length > 0) {
		size_t length;
		const char *peeked =
		    drip->chance != 0 && draw(drip) % 4 == 0 ? cutter_peek(&cutter, &length) : NULL;
		CHECK(peeked == NULL || length > 0);
		if (!cutter_take(&cutter, &stretch, most)) {
			CHECK(peeked == NULL);
			continue;
		}
		CHECK(stretch.length > 0 && stretch.text[stretch.length] == '\0');
		*begin = first ? stretch.offset : *begin;
		CHECK(first || (stretch.offset == at && stretch.line == line));
		first = false;
		at = stretch.offset + stretch.length;
		line = stretch.line;
		for (size_t i = 0; i < stretch.length; i++)
			line += stretch.text[i] == '\n';
		const char *text = drip->text + *begin;
		size_t left = drip->length - (size_t)*begin;
		CHECK(memcmp(drip->text + stretch.offset, stretch.text, stretch.length) == 0);
		CHECK(is_border(frame, text, left, (size_t)(stretch.offset - *begin)));
		CHECK(is_border(frame, text, left, (size_t)(at - *begin)));
		buf_append(all, stretch.text, stretch.length);
		if (stretch.header != NULL && header->length == 0)
			buf_append(header, stretch.header, stretch.header_length);
	}
	CHECK(cutter.too_long == 0);
	stretch_free(&stretch);
	cutter_free(&cutter);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->length == b->length &&
	       (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	enum frame frame = (enum frame)(data[0] % 3);
	char *text = malloc(size - 2 + 1);
	memcpy(text, data + 2, size - 2);
	struct drip whole = {text, size - 2, 0, 0};
	struct drip pieces = {text, size - 2, 0, 1U + data[1]};
	struct buf all = {0}, again = {0}, header = {0}, other = {0};
	uint64_t begin = size - 2, begin_again = size - 2;
	take_all(frame, &whole, &all, &header, &begin);
	take_all(frame, &pieces, &again, &other, &begin_again);
	CHECK(begin == begin_again && same(&header, &other));
	/* But for blanks at the end, all that stands behind the header is there. */
	size_t shorter = all.length < again.length ? all.length : again.length;
	CHECK(shorter == 0 || memcmp(all.data, again.data, shorter) == 0);
	for (size_t i = (size_t)begin + shorter; i < size - 2; i++)
		CHECK(strchr(" \t\r\n", text[i]) != NULL && text[i] != '\0');
	buf_free(&all);
	buf_free(&again);
	buf_free(&header);
	buf_free(&other);
	free(text);
	return 0;
}
