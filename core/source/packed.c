/* packed.c: see packed.h. Two bodies are kept of it: of the file as it lies there, by which it is
 * known under its next name, and of the text in it. */
#include "core/source/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/source/origin.h"
#include "core/source/rotated.h"

#define IN_BYTES 65536
#define HEAD_LEAST 4 /* tell how it is packed */
/* A zstd file gives nothing before its first block is whole. */
#define HEAD_MOST ((size_t)256 * 1024)
#define PASS_BYTES (4 * 1024 * 1024) /* passed over at a time */
#define REST_BYTES 131072 /* unpacked again rather than held ready */
#define GRACE_US (5 * CLOCK_SECOND) /* an unfinished file may stand still so long */
#define OLD_US CLOCK_MINUTE /* a whole file that old will not grow */

struct packed {
	char *path;
	bool labels;
	struct bodies *bodies;
	struct body *file; /* NULL: not found yet */
	struct body *text;
	struct body *read; /* whose offset is to be reached first */
	int fd;
	struct decompress *decompress;
	char *in;
	size_t in_at, in_length;
	uint64_t in_offset; /* in the file, behind what is in `in` */
	uint64_t pass; /* bytes that must come out before any is handed over */
	uint64_t passed;
	uint64_t size;
	mono_us grown_at;
	bool full; /* the last part filled its room: there may be more without more coming in */
	bool goes_on; /* see packed_go_on */
	bool begins, over, at_end;
	char error[256];
};

/* Is what lies there so old that nothing will be added? */
static bool
is_old(int fd)
{
	struct stat status;
	return fstat(fd, &status) == 0 &&
	       clock_wall() - (wall_us)status.st_mtim.tv_sec * CLOCK_SECOND > OLD_US;
}

bool
packed_head(int fd, enum packing packing, char head[BODY_PRINT], size_t *length)
{
	char *in = mem_grow(NULL, IN_BYTES, 1);
	struct decompress *decompress = decompress_new(packing);
	size_t used, made, offset = 0;
	bool good = true;
	ssize_t got = 1;
	*length = 0;
	while (good && got > 0 && offset < HEAD_MOST && *length < BODY_PRINT) {
		got = pread(fd, in, IN_BYTES, (off_t)offset);
		for (size_t at = 0; got > 0 && good && at < (size_t)got; at += used) {
			good = decompress_run(decompress, in + at, (size_t)got - at, &used,
			    head + *length, BODY_PRINT - *length, &made);
			*length += made;
			if (used == 0 && made == 0)
				break;
		}
		offset += got > 0 ? (size_t)got : 0;
	}
	decompress_free(decompress);
	free(in);
	return *length > 0 || !good || offset >= HEAD_MOST || is_old(fd);
}

struct packed *
packed_new(const char *path, bool labels, struct bodies *bodies, struct body *read)
{
	struct packed *packed = mem_alloc(sizeof(*packed));
	packed->path = mem_string(path);
	packed->labels = labels;
	packed->bodies = bodies;
	packed->fd = -1;
	packed->read = read;
	if (read != NULL) {
		read->reading = true;
		packed->pass = read->offset;
	}
	return packed;
}

void
packed_go_on(struct packed *packed)
{
	packed->goes_on = true;
}

/* Gives back what unpacking needs. */
static void
stop(struct packed *packed)
{
	decompress_free(packed->decompress);
	free(packed->in);
	packed->decompress = NULL;
	packed->in = NULL;
}

static void
free_self(void *self)
{
	struct packed *packed = self;
	stop(packed);
	if (packed->fd >= 0)
		close(packed->fd);
	free(packed->path);
	free(packed);
}

static void
say_error(struct packed *packed, const char *reason)
{
	char text[sizeof(packed->error)];
	int length = snprintf(text, sizeof(text), "%.200s: %s", packed->path, reason);
	text_scrub(packed->error, sizeof(packed->error), text, (size_t)length);
}

/* --- the file ------------------------------------------------------------------------------------
 */

static void
take_file(struct packed *packed, int fd, const struct stat *status)
{
	char head[BODY_PRINT];
	packed->fd = fd;
	packed->size = (uint64_t)status->st_size;
	packed->grown_at = clock_mono();
	if (packed->text == NULL)
		packed->text = bodies_add(packed->bodies, packed->labels);
	packed->text->reading = true;
	if (packed->file != NULL) {
		packed->file->reading = true;
		return;
	}
	packed->file = bodies_add(packed->bodies, packed->labels);
	packed->file->packed = true;
	packed->file->reading = true;
	packed->file->device = status->st_dev;
	packed->file->inode = status->st_ino;
	ssize_t got = pread(fd, head, sizeof(head), 0);
	if (got > 0)
		body_note(packed->file, head, (size_t)got);
}

void
packed_take(struct packed *packed, int fd)
{
	struct stat status;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (own >= 0 && fstat(own, &status) == 0 && status.st_size >= HEAD_LEAST)
		take_file(packed, own, &status);
	else if (own >= 0)
		close(own);
}

bool
packed_is_at(const struct packed *packed, const struct stat *status)
{
	return packed->file == NULL || body_has_inode(packed->file, status);
}

static bool
open_file(struct packed *packed)
{
	struct stat status;
	int fd = open(packed->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		say_error(packed, strerror(errno));
		return false;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		say_error(packed, "not a regular file");
		close(fd);
		return false;
	}
	if (status.st_size < HEAD_LEAST) {
		close(fd); /* it is just being made */
		return false;
	}
	packed->error[0] = '\0';
	take_file(packed, fd, &status);
	return true;
}

static bool
begin(struct packed *packed)
{
	char head[4];
	ssize_t got = pread(packed->fd, head, sizeof(head), 0);
	enum packing packing = got > 0 ? decompress_packing(head, (size_t)got) : PACKING_NONE;
	if (packing == PACKING_NONE) {
		say_error(packed, "neither gzip nor zstd");
		return false;
	}
	packed->decompress = decompress_new(packing);
	packed->in = mem_grow(NULL, IN_BYTES, 1);
	packed->in_at = packed->in_length = 0;
	packed->full = false;
	packed->in_offset = 0;
	packed->passed = 0;
	return true;
}

/* The last bytes of the file as it lies there, by which it is known again. */
static void
note_end(struct packed *packed)
{
	char last[BODY_LAST];
	size_t part = packed->size < BODY_LAST ? (size_t)packed->size : BODY_LAST;
	ssize_t got = pread(packed->fd, last, part, (off_t)(packed->size - part));
	body_set_offset(packed->file, packed->size, last, got > 0 ? (size_t)got : 0);
}

static enum got
finish(struct packed *packed)
{
	if (packed->fd >= 0)
		note_end(packed);
	if (packed->file != NULL)
		body_close(packed->file);
	if (packed->text != NULL)
		body_close(packed->text);
	stop(packed);
	if (packed->fd >= 0)
		close(packed->fd);
	packed->fd = -1;
	packed->over = packed->at_end = true;
	return GOT_OVER;
}

/* --- what is in it -------------------------------------------------------------------------------
 */

/* It is another one than it seemed: everything of it is to be read. */
static void
begin_from_start(struct packed *packed)
{
	packed->read->reading = false;
	packed->read = NULL;
	packed->pass = 0;
	packed->begins = true;
	body_close(packed->text);
	packed->text->print_length = packed->text->last_length = 0;
	packed->text->offset = 0;
	packed->text->reading = true;
	stop(packed);
}

/* Is it surely the beginning of what was read: by more than a first line, which may be a header? It
 * was packed while it was still being written, then. */
static bool
is_part(const struct packed *packed)
{
	const struct body *text = packed->text;
	const char *newline =
	    text->print_length > 0 ? memchr(text->print, '\n', text->print_length) : NULL;
	return newline != NULL && (size_t)(text->print + text->print_length - newline) > BODY_SURE;
}

/* The file is at its end: what now? */
static enum got
at_end_of_file(struct packed *packed)
{
	struct stat status;
	bool whole = decompress_whole(packed->decompress);
	mono_us now = clock_mono();
	packed->at_end = true;
	if (fstat(packed->fd, &status) != 0)
		return GOT_NOTHING;
	if ((uint64_t)status.st_size != packed->size) {
		packed->size = (uint64_t)status.st_size;
		packed->grown_at = now;
		return GOT_NOTHING;
	}
	if (!(whole && is_old(packed->fd)) && now - packed->grown_at < GRACE_US)
		return GOT_NOTHING;
	if (whole && packed->read != NULL && is_part(packed)) {
		packed->read->reading = false;
		packed->read = NULL;
	} else if (whole && packed->read != NULL) {
		begin_from_start(packed);
		packed->at_end = false;
		return GOT_LATER;
	}
	if (!whole)
		say_error(packed, "cut short: it ends in its middle");
	return finish(packed);
}

static bool
read_in(struct packed *packed)
{
	ssize_t got;
	do
		got = pread(packed->fd, packed->in, IN_BYTES, (off_t)packed->in_offset);
	while (got < 0 && errno == EINTR);
	packed->in_at = 0;
	packed->in_length = got > 0 ? (size_t)got : 0;
	packed->in_offset += packed->in_length;
	if (packed->in_offset > packed->size)
		packed->size = packed->in_offset;
	if (got > 0)
		packed->grown_at = clock_mono();
	return got > 0;
}

/* What had to be passed over is. Of a body that was read before, the last of it must be what was
 * read last. */
static void
end_passing(struct packed *packed)
{
	struct body *read = packed->read, *text = packed->text;
	packed->pass = 0;
	if (read == NULL)
		return;
	if (text->last_length < read->last_length ||
	    memcmp(text->last + text->last_length - read->last_length, read->last,
		read->last_length) != 0) {
		begin_from_start(packed);
		return;
	}
	read->reading = false;
	packed->read = NULL;
	packed->begins = !packed->goes_on;
}

/* Unpacks a part; false: damaged. What was unpacked in an earlier go is not noted again. */
static bool
unpack_part(struct packed *packed, char *dst, size_t room, size_t *made)
{
	size_t used;
	if (packed->pass > 0 && packed->pass - packed->passed < room)
		room = (size_t)(packed->pass - packed->passed);
	bool good = decompress_run(packed->decompress, packed->in + packed->in_at,
	    packed->in_length - packed->in_at, &used, dst, room, made);
	packed->in_at += used;
	packed->full = *made == room;
	if (*made > 0 && packed->passed + *made > packed->text->offset)
		body_note(packed->text, dst, *made);
	packed->passed += *made;
	return good;
}

static enum got
read_part(struct packed *packed, char *dst, size_t room, size_t *length)
{
	if (packed->decompress == NULL && !begin(packed))
		return finish(packed);
	if (packed->begins) {
		packed->begins = false;
		*length = (size_t)packed->text->offset;
		return GOT_BORDER;
	}
	if (packed->in_at == packed->in_length && !packed->full && !read_in(packed))
		return at_end_of_file(packed);
	bool passing = packed->pass > 0;
	bool good = unpack_part(packed, dst, room, length);
	if (passing && packed->passed == packed->pass)
		end_passing(packed);
	if (!passing && *length > 0)
		return GOT_BYTES;
	if (good)
		return GOT_LATER;
	char reason[160];
	snprintf(reason, sizeof(reason), "damaged: %s", decompress_reason(packed->decompress));
	say_error(packed, reason);
	return finish(packed);
}

static enum got
packed_read(void *self, char *dst, size_t room, size_t *length)
{
	struct packed *packed = self;
	if (packed->over)
		return GOT_OVER;
	packed->at_end = packed->fd < 0 && !open_file(packed);
	if (packed->at_end)
		return GOT_NOTHING;
	enum got got = GOT_LATER;
	for (size_t all = 0; got == GOT_LATER && all < PASS_BYTES; all += *length + 1) {
		*length = 0;
		got = read_part(packed, dst, room, length);
	}
	return got;
}

/* --- as an origin --------------------------------------------------------------------------------
 */

/* Of many that wait for their turn, each would hold a window of what it unpacked. */
static void
rest(void *self)
{
	struct packed *packed = self;
	if (packed->decompress == NULL || packed->pass > 0 || packed->text->offset > REST_BYTES)
		return;
	stop(packed);
	packed->pass = packed->text->offset;
}

static void
tell(const void *self, struct source_stats *stats)
{
	const struct packed *packed = self;
	stats->size = packed->size;
	stats->bytes =
	    packed->over ? packed->size : packed->in_offset - (packed->in_length - packed->in_at);
	stats->present = packed->fd >= 0 || packed->over;
	stats->at_end = packed->at_end;
	text_copy(stats->error, sizeof(stats->error), packed->error);
}

static void
save(const void *self, struct buf *pack)
{
	const struct packed *packed = self;
	pack_u64(pack, bodies_number(packed->bodies, packed->file));
	pack_u64(pack, bodies_number(packed->bodies, packed->text));
	pack_u64(pack, bodies_number(packed->bodies, packed->read));
	pack_u64(pack, packed->over);
	pack_u64(pack, packed->begins);
	pack_u64(pack, packed->goes_on);
	pack_u64(pack, packed->size);
	pack_text(pack, packed->error);
}

static void
load(void *self, struct unpack *unpack)
{
	struct packed *packed = self;
	packed->file = bodies_at(packed->bodies, unpack_u64(unpack));
	packed->text = bodies_at(packed->bodies, unpack_u64(unpack));
	packed->read = bodies_at(packed->bodies, unpack_u64(unpack));
	packed->over = packed->at_end = unpack_count(unpack, 1) != 0;
	packed->begins = unpack_count(unpack, 1) != 0;
	packed->goes_on = unpack_count(unpack, 1) != 0;
	packed->size = unpack_u64(unpack);
	unpack_text(unpack, packed->error, sizeof(packed->error));
	if ((packed->file == NULL) != (packed->text == NULL) ||
	    (packed->file != NULL && !packed->file->packed))
		unpack_fail(unpack);
}

/* It is looked for under its old name and others like it. */
static void
resume(void *self)
{
	struct packed *packed = self;
	struct stat status;
	if (!packed->over && packed->read != NULL)
		packed->read->reading = true;
	if (!packed->over && packed->file != NULL) {
		int fd = rotated_open(packed->path, packed->file, &status, NULL);
		if (fd < 0) {
			say_error(packed, "is gone before it was read to its end");
			finish(packed);
			return;
		}
		take_file(packed, fd, &status);
		packed->pass = packed->text->offset;
	}
	/* It did not come so far as to know whether it is that one's. */
	if (!packed->over && packed->read != NULL)
		packed->pass = packed->read->offset;
}

const struct origin origin_packed = {.read = packed_read,
    .rest = rest,
    .tell = tell,
    .free = free_self,
    .save = save,
    .load = load,
    .resume = resume};
