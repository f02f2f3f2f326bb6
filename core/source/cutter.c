/* cutter.c: see cutter.h. A record's bytes are looked at from its first one each time more of it
 * has come: so where it ends does not depend on the pieces it came in. */
#include "core/source/cutter.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/source/frame.h"

/* A record that may be, a CR, and its LF. */
#define MOST_HELD ((size_t)STRETCH_MAX_RECORD + 2)
#define MARK "\xEF\xBB\xBF" /* of UTF-8 */
#define MARK_LENGTH 3
#define PEEK_BYTES 4096
#define BUSY_BYTES (16 * STRETCH_MAX_RECORD) /* passed over at a time */
#define KEEP_CAPACITY 65536 /* more memory than this is given back after a long record */

void
cutter_init(struct cutter *cutter, enum frame frame, cutter_read *read, void *source)
{
	*cutter = (struct cutter){
	    .frame = frame, .read = read, .source = source, .line = 1, .in_hole = true};
}

void
cutter_free(struct cutter *cutter)
{
	for (size_t i = 0; i < cutter->headers_count; i++)
		buf_free(&cutter->headers[i]);
	free(cutter->headers);
	stretch_free(&cutter->held);
}

/* The file is over; the next one begins. */
static void
begin_anew(struct cutter *cutter)
{
	cutter->offset = cutter->next_offset;
	cutter->line = 1;
	cutter->skipping = false;
	cutter->ended = false;
	cutter->in_hole = cutter->offset == 0;
	cutter->headed = cutter->offset > 0 && cutter->header != 0;
}

/* --- the header of a CSV -------------------------------------------------------------------------
 */

static void
keep_header(struct cutter *cutter, const char *row, size_t length)
{
	while (length > 0 && (row[length - 1] == '\n' || row[length - 1] == '\r'))
		length--;
	cutter->headed = true;
	for (size_t i = 0; i < cutter->headers_count; i++) {
		if (cutter->headers[i].length == length &&
		    memcmp(cutter->headers[i].data, row, length) == 0) {
			cutter->header = i + 1;
			return;
		}
	}
	mem_reserve(&cutter->headers, &cutter->headers_capacity, cutter->headers_count + 1,
	    sizeof(*cutter->headers));
	struct buf *header = &cutter->headers[cutter->headers_count++];
	*header = (struct buf){0};
	buf_append(header, row, length);
	cutter->header = cutter->headers_count;
}

/* The length of the header's row at the beginning of a file; 0: there is none, or not yet. */
static size_t
take_header(struct cutter *cutter, const char *text, size_t length)
{
	if (frame_delimiter(cutter->frame) == '\0' || cutter->headed)
		return 0;
	bool marked = length >= MARK_LENGTH && memcmp(text, MARK, MARK_LENGTH) == 0;
	size_t mark = marked ? MARK_LENGTH : 0;
	size_t row = frame_first(cutter->frame, text, length);
	if (row == 0 && cutter->ended)
		row = length;
	if (row == 0)
		return 0;
	/* Who truncates a file is not always its writer, who then knows of no header to write. */
	cutter->headed = true;
	if (cutter->header != 0 && frame_is_data(cutter->frame, text, row))
		return 0;
	keep_header(cutter, text + mark, row - mark);
	return row;
}

const char *
cutter_header(const struct cutter *cutter, size_t *length)
{
	*length = cutter->header != 0 ? cutter->headers[cutter->header - 1].length : 0;
	return cutter->header != 0 ? cutter->headers[cutter->header - 1].data : NULL;
}

/* --- reading -------------------------------------------------------------------------------------
 */

/* Up to `room` bytes to dst. A writer that does not append leaves a hole before what it writes
 * after a truncation: it is passed over, so that *length may be 0. False: nothing came. */
static bool
read_bytes(struct cutter *cutter, char *dst, size_t room, size_t *length)
{
	if (cutter->ended)
		return false;
	enum got got = cutter->read(cutter->source, dst, room, length);
	size_t told = *length;
	if (got != GOT_BYTES)
		*length = 0; /* whatever stands in dst was passed over */
	switch (got) {
	case GOT_BYTES:
		break;
	case GOT_LATER:
		cutter->busy = true;
		return false;
	case GOT_NOTHING:
		return false;
	case GOT_OVER:
		cutter->over = true;
		cutter->ended = true;
		return false;
	case GOT_BORDER:
		cutter->next_offset = told;
		cutter->ended = true;
		return false;
	}
	size_t hole = 0;
	while (cutter->in_hole && hole < *length && dst[hole] == '\0')
		hole++;
	cutter->in_hole = cutter->in_hole && hole == *length;
	cutter->offset += hole;
	*length -= hole;
	memmove(dst, dst + hole, hole > 0 ? *length : 0);
	return true;
}

/* What is not a record's yet goes back to where it waits. */
static void
hold(struct cutter *cutter, const char *text, size_t length)
{
	struct stretch *held = &cutter->held;
	if (held->capacity > KEEP_CAPACITY && length < KEEP_CAPACITY / 2)
		stretch_free(held);
	stretch_reserve(held, length);
	memcpy(held->text, text, length);
	held->length = length;
}

/* Passes over the first bytes of what is to be handed over. */
static void
drop(struct cutter *cutter, struct stretch *stretch, size_t length)
{
	cutter->offset += length;
	cutter->line += frame_count_lines(stretch->text, length);
	stretch->length -= length;
	memmove(stretch->text, stretch->text + length, stretch->length);
}

static void
count_too_long(struct cutter *cutter)
{
	cutter->long_ones[cutter->too_long++ % STRETCH_LONG_ONES] =
	    (struct record_place){cutter->offset, cutter->line};
}

/* A byte order mark at the beginning of a file is none of its first record. A CSV's is that of the
 * header. */
static size_t
mark_length(const struct cutter *cutter, const char *text, size_t length)
{
	bool marked = frame_delimiter(cutter->frame) == '\0' && cutter->offset == 0 &&
		      length >= MARK_LENGTH && memcmp(text, MARK, MARK_LENGTH) == 0;
	return marked ? MARK_LENGTH : 0;
}

/* Passes over the rest of a record that is too long, as far as it has come. */
static void
skip(struct cutter *cutter, struct stretch *stretch)
{
	size_t next = frame_resume(cutter->frame, stretch->text, stretch->length);
	cutter->skipping = next == 0;
	if (next == 0) {
		next = stretch->length;
		if (next > 0 && stretch->text[next - 1] == '\n' && !cutter->ended)
			next--;
	}
	drop(cutter, stretch, next);
}

/* Is the only record that is whole one byte too long? */
static bool
is_too_long(const struct cutter *cutter, const char *text, size_t length)
{
	if (length <= STRETCH_MAX_RECORD + 1 ||
	    (text[length - 1] == '\n' && text[length - 2] == '\r'))
		return false;
	return frame_first(cutter->frame, text, length) == length;
}

static bool
is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
			return false;
	}
	return true;
}

/* Where the last record ends of about so many bytes. */
static size_t
last_within(enum frame frame, const struct stretch *stretch, size_t room)
{
	size_t length = stretch->length;
	size_t end = frame_last(frame, stretch->text, length < room ? length : room);
	return end > 0 || length <= room ? end : frame_first(frame, stretch->text, length);
}

/* Where the records end that may be handed over, about `room` bytes; 0: more must come first. */
static size_t
find_end(struct cutter *cutter, struct stretch *stretch, size_t room)
{
	if (cutter->skipping)
		skip(cutter, stretch);
	if (cutter->skipping)
		return 0;
	drop(cutter, stretch, mark_length(cutter, stretch->text, stretch->length));
	size_t header = take_header(cutter, stretch->text, stretch->length);
	if (header > 0)
		drop(cutter, stretch, header);
	size_t end = last_within(cutter->frame, stretch, room);
	if (is_too_long(cutter, stretch->text, end)) {
		count_too_long(cutter);
		drop(cutter, stretch, end);
		end = 0;
	}
	if (cutter->ended && (end == 0 || stretch->length <= room))
		return end == 0 && is_blank(stretch->text, stretch->length) ? 0 : stretch->length;
	if (end > 0 || stretch->length < MOST_HELD)
		return end;
	end = frame_break(cutter->frame, stretch->text, stretch->length);
	if (end == 0) {
		size_t space = 0;
		while (space + 1 < stretch->length && is_blank(stretch->text + space, 1))
			space++;
		drop(cutter, stretch, space);
		count_too_long(cutter);
		/* What it begins with is not the beginning of the next one. */
		drop(cutter, stretch, 1);
		skip(cutter, stretch);
	}
	return end;
}

static void
hand_over(struct cutter *cutter, struct stretch *stretch, size_t end)
{
	hold(cutter, stretch->text + end, stretch->length - end);
	stretch->length = end;
	stretch->offset = cutter->offset;
	stretch->line = cutter->line;
	stretch->header = cutter_header(cutter, &stretch->header_length);
	uint64_t lines = frame_count_lines(stretch->text, end);
	cutter->offset += end;
	cutter->line += lines;
	cutter->lines += lines + (stretch->text[end - 1] != '\n');
	memset(stretch->text + end, 0, STRETCH_PAD);
}

/* Reads on behind what is in the stretch until a record is whole, about `room` bytes in all.
 * Returns where the last whole one ends; 0: there is none yet. */
static size_t
gather(struct cutter *cutter, struct stretch *stretch, size_t wanted)
{
	size_t room = wanted;
	cutter->busy = false;
	for (size_t all = 0; all < BUSY_BYTES;) {
		size_t length = 0;
		bool full = stretch->length >= room;
		stretch_reserve(stretch, full ? stretch->length : room);
		uint64_t before = cutter->offset;
		bool came = !full && read_bytes(cutter, stretch->text + stretch->length,
					 room - stretch->length, &length);
		stretch->length += length;
		all += length + (size_t)(cutter->offset - before);
		size_t end = find_end(cutter, stretch, wanted);
		if (end > 0)
			return end;
		if (cutter->ended) {
			stretch->length = 0;
			if (cutter->over)
				return 0;
			begin_anew(cutter);
		} else if (!full && !came) {
			return 0;
		}
		if (stretch->length >= room)
			room = MOST_HELD;
	}
	cutter->busy = true;
	return 0;
}

bool
cutter_take(struct cutter *cutter, struct stretch *stretch, size_t max_bytes)
{
	size_t room = max_bytes < STRETCH_MAX_RECORD ? max_bytes : STRETCH_MAX_RECORD;
	size_t held = cutter->held.length;
	stretch_reserve(stretch, held);
	if (held > 0)
		memcpy(stretch->text, cutter->held.text, held);
	stretch->length = held;
	size_t end = gather(cutter, stretch, room);
	if (end == 0) {
		hold(cutter, stretch->text, stretch->length);
		return false;
	}
	hand_over(cutter, stretch, end);
	return true;
}

const char *
cutter_peek(struct cutter *cutter, size_t *length)
{
	struct stretch *held = &cutter->held;
	if (gather(cutter, held, PEEK_BYTES) == 0)
		return NULL;
	*length = frame_first(cutter->frame, held->text, held->length);
	if (*length == 0)
		*length = held->length;
	return held->text;
}

void
cutter_begin(struct cutter *cutter, uint64_t offset, const char *header, size_t length)
{
	cutter->offset = offset;
	cutter->skipping = true;
	cutter->in_hole = false;
	if (frame_delimiter(cutter->frame) != '\0' && length > 0)
		keep_header(cutter, header, length);
}

void
cutter_head(struct cutter *cutter, const char *text, size_t length)
{
	bool marked = length >= MARK_LENGTH && memcmp(text, MARK, MARK_LENGTH) == 0;
	size_t mark = marked ? MARK_LENGTH : 0;
	bool csv = frame_delimiter(cutter->frame) != '\0';
	size_t row = csv ? frame_first(cutter->frame, text, length) : 0;
	if (row > 0)
		keep_header(cutter, text + mark, row - mark);
}

void
cutter_go_on(struct cutter *cutter, struct cutter *from)
{
	size_t length;
	const char *header = cutter_header(from, &length);
	if (header != NULL)
		keep_header(cutter, header, length);
	hold(cutter, from->held.text, from->held.length);
	cutter->offset = from->offset;
	cutter->line = from->line;
	cutter->skipping = from->skipping;
	cutter->in_hole = from->in_hole;
	cutter->headed = from->headed;
	from->held.length = 0;
	from->next_offset = 0;
	begin_anew(from);
}

void
cutter_end(struct cutter *cutter)
{
	cutter->over = cutter->ended = true;
	cutter->held.length = 0;
}

/* --- keeping -------------------------------------------------------------------------------------
 */

void
cutter_save(const struct cutter *cutter, struct buf *pack)
{
	const struct buf *header =
	    cutter->header != 0 ? &cutter->headers[cutter->header - 1] : &(struct buf){0};
	pack_u64(pack, cutter->offset);
	pack_u64(pack, cutter->line);
	pack_u64(pack, cutter->next_offset);
	pack_u64(pack, cutter->lines);
	pack_u64(pack, cutter->too_long);
	pack_u64(pack, (uint64_t)cutter->skipping | (uint64_t)cutter->ended << 1 |
			   (uint64_t)cutter->over << 2 | (uint64_t)cutter->in_hole << 3 |
			   (uint64_t)cutter->headed << 4 | (uint64_t)(cutter->header != 0) << 5);
	pack_u64(pack, header->length);
	pack_bytes(pack, header->length > 0 ? header->data : "", header->length);
	pack_u64(pack, cutter->held.length);
	pack_bytes(pack, cutter->held.length > 0 ? cutter->held.text : "", cutter->held.length);
}

void
cutter_load(struct cutter *cutter, struct unpack *unpack)
{
	cutter->offset = unpack_u64(unpack);
	cutter->line = unpack_u64(unpack);
	cutter->next_offset = unpack_u64(unpack);
	cutter->lines = unpack_u64(unpack);
	cutter->too_long = unpack_u64(unpack);
	uint64_t flags = unpack_count(unpack, 63);
	cutter->skipping = flags & 1;
	cutter->ended = flags >> 1 & 1;
	cutter->over = flags >> 2 & 1;
	cutter->in_hole = flags >> 3 & 1;
	size_t header = unpack_count(unpack, MOST_HELD);
	stretch_reserve(&cutter->held, header);
	unpack_bytes(unpack, cutter->held.text, header);
	if (!unpack->failed && (flags >> 5 & 1) != 0)
		keep_header(cutter, cutter->held.text, header);
	cutter->headed = flags >> 4 & 1;
	size_t held = unpack_count(unpack, MOST_HELD);
	stretch_reserve(&cutter->held, held);
	unpack_bytes(unpack, cutter->held.text, held);
	cutter->held.length = unpack->failed ? 0 : held;
	if (cutter->over && !cutter->ended)
		unpack_fail(unpack);
}
