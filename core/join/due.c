/* due.c: see due.h. What has come due stands in a heap by second and key, and what soon will; the
 * rest of its piece goes into pieces of such rests, apart from what comes in, so that a few late
 * ones bring each of the others back but once or twice. A heap that is full keeps its nearer half,
 * and takes nothing beyond until it is empty: of a second with very many, one part after another.
 */
#include "core/join/due.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/join/bytes.h"

enum { PIECE = 2048, PIECES_A_FILE = 512, SOON_S = 64, HEAP_SHARE = 4, HEAP_LEAST = 1024 };
enum { FRESH, REST, BUFFERS };

struct piece {
	struct due_item *items; /* NULL: in the file */
	uint64_t file, offset, sum;
	uint32_t count, least; /* second */
};

struct buffer { /* not yet a piece */
	struct due_item *items; /* PIECE of them */
	uint32_t count, least;
};

struct due {
	struct folder *folder;
	struct piece *pieces;
	size_t count, capacity;
	uint32_t least; /* second, of the pieces and buffers */
	struct buffer buffers[BUFFERS];
	struct due_item *heap;
	size_t heap_count, heap_capacity, heap_most;
	bool limited; /* in the heap is all that is before `limit`, and nothing else */
	struct due_item limit;
	size_t memory; /* bytes, at most */
	uint64_t dropped;
	int fd; /* of the file that is written */
	uint64_t file, length;
};

struct due *
due_new(struct folder *folder, size_t memory)
{
	struct due *due = mem_alloc(sizeof(*due));
	*due = (struct due){.folder = folder, .least = UINT32_MAX, .fd = -1, .memory = memory};
	due->heap_most = HEAP_LEAST;
	while (2 * due->heap_most <= memory / HEAP_SHARE / sizeof(struct due_item))
		due->heap_most *= 2;
	for (int i = 0; i < BUFFERS; i++)
		due->buffers[i] = (struct buffer){
		    .items = mem_alloc(PIECE * sizeof(struct due_item)), .least = UINT32_MAX};
	return due;
}

/* Drops a file of which no piece is left. */
static void
leave_file(struct due *due, uint64_t file)
{
	if (file == 0 || file == due->file)
		return;
	for (size_t i = 0; i < due->count; i++)
		if (due->pieces[i].file == file)
			return;
	folder_drop(due->folder, file);
}

void
due_free(struct due *due)
{
	if (due == NULL)
		return;
	if (due->fd >= 0)
		close(due->fd);
	uint64_t last = due->file;
	due->file = 0;
	while (due->count > 0) {
		struct piece piece = due->pieces[--due->count];
		free(piece.items);
		if (piece.file != last)
			leave_file(due, piece.file);
	}
	leave_file(due, last);
	free(due->pieces);
	for (int i = 0; i < BUFFERS; i++)
		free(due->buffers[i].items);
	free(due->heap);
	free(due);
}

/* Pieces in memory. */
static size_t
due_held(const struct due *due)
{
	size_t held = 0;
	for (size_t i = 0; i < due->count; i++)
		held += due->pieces[i].items != NULL;
	return held;
}

/* --- pieces --- */

static bool
open_file(struct due *due)
{
	char path[FOLDER_PATH];
	uint64_t before = due->file;
	if (due->fd >= 0)
		close(due->fd);
	due->file = due->folder->next++;
	due->length = 0;
	leave_file(due, before);
	folder_file(due->folder, due->file, path);
	due->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return due->fd >= 0;
}

static bool
write_piece(struct due *due, const struct due_item *items, struct piece *piece)
{
	size_t length = piece->count * sizeof(*items);
	if (due->fd < 0 || due->length >= PIECES_A_FILE * PIECE * sizeof(*items))
		if (!open_file(due))
			return false;
	if (!bytes_write(due->fd, items, length, due->length))
		return false;
	piece->file = due->file;
	piece->offset = due->length;
	piece->sum = bytes_sum(items, length);
	due->length += length;
	return true;
}

/* The list grows by an eighth: twice what it needs would be much. */
static void
add_piece(struct due *due, struct piece piece)
{
	if (due->count == due->capacity) {
		due->capacity += due->capacity / 8 + 16;
		due->pieces = mem_grow(due->pieces, due->capacity, sizeof(*due->pieces));
	}
	due->pieces[due->count++] = piece;
}

/* It stays in the list, empty, until take_up has gone through. */
static void
drop_nearest(struct due *due)
{
	struct piece *nearest = NULL;
	for (size_t i = 0; i < due->count; i++) {
		struct piece *piece = &due->pieces[i];
		if (piece->items != NULL && (nearest == NULL || piece->least < nearest->least))
			nearest = piece;
	}
	due->dropped += nearest->count;
	free(nearest->items);
	*nearest = (struct piece){.least = UINT32_MAX};
}

/* What is not to be written stays in memory; if that is full, what is due first goes: it is the
 * oldest, which the join has evicted by then, or soon would. */
static void
close_buffer(struct due *due, struct buffer *buffer)
{
	if (buffer->count == 0)
		return;
	struct piece piece = {.count = buffer->count, .least = buffer->least};
	if (due->folder == NULL || !write_piece(due, buffer->items, &piece)) {
		piece.items = mem_grow(NULL, piece.count, sizeof(*piece.items));
		memcpy(piece.items, buffer->items, piece.count * sizeof(*piece.items));
	}
	add_piece(due, piece);
	buffer->count = 0;
	buffer->least = UINT32_MAX;
	while (piece.items != NULL && due_memory(due) > due->memory && due_held(due) > 1)
		drop_nearest(due);
}

static void
add_item(struct due *due, int which, struct due_item item)
{
	struct buffer *buffer = &due->buffers[which];
	buffer->items[buffer->count++] = item;
	if (item.second < buffer->least)
		buffer->least = item.second;
	if (item.second < due->least)
		due->least = item.second;
	if (buffer->count == PIECE)
		close_buffer(due, buffer);
}

void
due_add(struct due *due, uint64_t key, uint32_t second)
{
	add_item(due, FRESH, (struct due_item){key, second});
}

/* --- the heap --- */

static bool
is_before(const struct due_item *a, const struct due_item *b)
{
	return a->second != b->second ? a->second < b->second : a->key < b->key;
}

static int
compare_items(const void *a, const void *b)
{
	return is_before(a, b) ? -1 : is_before(b, a);
}

/* What is sorted is a heap. */
static void
keep_nearer_half(struct due *due)
{
	size_t count = due->heap_count, half = count / 2;
	qsort(due->heap, count, sizeof(*due->heap), compare_items);
	due->limited = true;
	due->limit = due->heap[half];
	due->heap_count = half;
	for (size_t i = half; i < count; i++)
		add_item(due, REST, due->heap[i]);
}

static void
push(struct due *due, struct due_item item)
{
	mem_reserve(&due->heap, &due->heap_capacity, due->heap_count + 1, sizeof(*due->heap));
	size_t at = due->heap_count++;
	for (; at > 0 && is_before(&item, &due->heap[(at - 1) / 2]); at = (at - 1) / 2)
		due->heap[at] = due->heap[(at - 1) / 2];
	due->heap[at] = item;
}

static struct due_item
pop(struct due *due)
{
	struct due_item first = due->heap[0], item = due->heap[--due->heap_count];
	size_t at = 0, count = due->heap_count;
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && is_before(&due->heap[child + 1], &due->heap[child]))
			child++;
		if (!is_before(&due->heap[child], &item))
			break;
		due->heap[at] = due->heap[child];
	}
	due->heap[at] = item;
	return first;
}

static bool
read_piece(const struct due *due, const struct piece *piece, struct due_item *items)
{
	size_t length = piece->count * sizeof(*items);
	char path[FOLDER_PATH];
	folder_file(due->folder, piece->file, path);
	int fd = piece->file == due->file ? due->fd : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good =
	    bytes_read(fd, items, length, piece->offset) && bytes_sum(items, length) == piece->sum;
	if (fd != due->fd)
		close(fd);
	return good;
}

static void
sort_out(struct due *due, const struct due_item *items, uint32_t count, uint32_t second)
{
	bool room = due->heap_count < due->heap_most / 4;
	uint32_t soon = room && second < UINT32_MAX - SOON_S ? second + SOON_S : second;
	for (uint32_t i = 0; i < count; i++) {
		if (due->heap_count == due->heap_most)
			keep_nearer_half(due);
		if (items[i].second <= soon && (!due->limited || is_before(&items[i], &due->limit)))
			push(due, items[i]);
		else
			add_item(due, REST, items[i]);
	}
}

static void
take_piece(struct due *due, struct piece piece, uint32_t second)
{
	struct due_item *items = piece.items;
	if (items == NULL)
		items = mem_grow(NULL, piece.count, sizeof(*items));
	if (piece.items != NULL || read_piece(due, &piece, items)) {
		sort_out(due, items, piece.count, second);
	} else {
		struct err err;
		err_set(&err, ERR_IO, "what is due for a negative cannot be read again");
		folder_fail(due->folder, &err);
	}
	free(items);
}

static void
take_buffer(struct due *due, struct buffer *buffer, uint32_t second)
{
	struct due_item items[PIECE];
	uint32_t count = buffer->count;
	if (buffer->least > second)
		return;
	memcpy(items, buffer->items, count * sizeof(*items));
	buffer->count = 0;
	buffer->least = UINT32_MAX;
	sort_out(due, items, count, second);
}

static void
find_least(struct due *due)
{
	due->least = UINT32_MAX;
	for (int i = 0; i < BUFFERS; i++)
		if (due->buffers[i].least < due->least)
			due->least = due->buffers[i].least;
	for (size_t i = 0; i < due->count; i++)
		if (due->pieces[i].least < due->least)
			due->least = due->pieces[i].least;
}

static void
remove_empty(struct due *due)
{
	size_t kept = 0;
	for (size_t i = 0; i < due->count; i++)
		if (due->pieces[i].count > 0)
			due->pieces[kept++] = due->pieces[i];
	due->count = kept;
}

/* Takes up whatever has something of that second or earlier. What is taken is empty until all are
 * through: rests come in behind it meanwhile. */
static void
take_up(struct due *due, uint32_t second)
{
	uint64_t file = 0;
	for (int i = 0; i < BUFFERS; i++)
		take_buffer(due, &due->buffers[i], second);
	for (size_t i = 0, count = due->count; i < count; i++) {
		struct piece piece = due->pieces[i];
		if (piece.least > second)
			continue;
		due->pieces[i] = (struct piece){.count = 0};
		take_piece(due, piece, second);
		if (file != piece.file)
			leave_file(due, file);
		file = piece.file;
	}
	leave_file(due, file);
	remove_empty(due);
	find_least(due);
}

/* May anything that is not in the heap be before what is? */
static bool
is_incomplete(const struct due *due)
{
	if (due->heap_count == 0)
		return true;
	return due->least <= due->heap[0].second &&
	       (!due->limited || due->least < due->limit.second);
}

/* A little of a long time at once, so that the heap is small when the clock leaps. */
bool
due_next(struct due *due, uint32_t second, struct due_item *item)
{
	due->limited = due->limited && due->heap_count > 0;
	while (due->least <= second && is_incomplete(due))
		take_up(due, second - due->least > SOON_S ? due->least + SOON_S : second);
	if (due->heap_count == 0 || due->heap[0].second > second)
		return false;
	*item = pop(due);
	return true;
}

/* --- checkpoints --- */

/* The heap goes along as one more piece; it stays where it is. */
bool
due_save(struct due *due, struct buf *pack, struct err *err)
{
	for (int i = 0; i < BUFFERS; i++)
		close_buffer(due, &due->buffers[i]);
	remove_empty(due);
	struct piece heap = {.count = (uint32_t)due->heap_count,
	    .least = due->heap_count > 0 ? due->heap[0].second : UINT32_MAX};
	bool good = heap.count == 0 || write_piece(due, due->heap, &heap);
	for (size_t i = 0; i < due->count && good; i++) {
		struct piece *piece = &due->pieces[i];
		if (piece->items == NULL)
			continue;
		good = write_piece(due, piece->items, piece);
		if (good) {
			free(piece->items);
			piece->items = NULL;
		}
	}
	if (!good)
		return err_set(err, ERR_IO, "what is due for a negative cannot be written: %s",
		    strerror(errno));
	pack_u64(pack, due->count + (heap.count > 0));
	for (size_t i = 0; i < due->count + (heap.count > 0); i++) {
		const struct piece *piece = i < due->count ? &due->pieces[i] : &heap;
		pack_u64(pack, piece->file);
		pack_u64(pack, piece->offset);
		pack_u64(pack, piece->sum);
		pack_u64(pack, piece->count);
		pack_u64(pack, piece->least);
		folder_refer(due->folder, piece->file);
	}
	return true;
}

static bool
is_there(const struct due *due, const struct piece *piece)
{
	char path[FOLDER_PATH];
	struct stat status;
	folder_file(due->folder, piece->file, path);
	return stat(path, &status) == 0 && piece->offset < UINT64_MAX / 2 &&
	       (uint64_t)status.st_size >= piece->offset + piece->count * sizeof(struct due_item);
}

bool
due_load(struct due *due, struct unpack *unpack, struct err *err)
{
	size_t count = unpack_count(unpack, (size_t)1 << 32);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		struct piece piece = {.file = unpack_u64(unpack)};
		piece.offset = unpack_u64(unpack);
		piece.sum = unpack_u64(unpack);
		piece.count = (uint32_t)unpack_count(unpack, UINT32_MAX);
		piece.least = (uint32_t)unpack_count(unpack, UINT32_MAX);
		if (unpack->failed || piece.count == 0 || !is_there(due, &piece))
			return err_set(err, ERR_DATA, "what is due is not as it was written");
		folder_refer(due->folder, piece.file);
		add_piece(due, piece);
		due->least = piece.least < due->least ? piece.least : due->least;
	}
	return !unpack->failed || err_set(err, ERR_DATA, "what is due is not as it was written");
}

uint64_t
due_memory(const struct due *due)
{
	uint64_t items = BUFFERS * PIECE + due->heap_capacity;
	for (size_t i = 0; i < due->count; i++)
		items += due->pieces[i].items != NULL ? due->pieces[i].count : 0;
	return sizeof(*due) + items * sizeof(struct due_item) +
	       due->capacity * sizeof(struct piece);
}

uint64_t
due_dropped(const struct due *due)
{
	return due->dropped;
}

uint64_t
due_file_bytes(const struct due *due)
{
	uint64_t bytes = 0;
	for (size_t i = 0; i < due->count; i++)
		bytes += due->pieces[i].items == NULL
			     ? due->pieces[i].count * sizeof(struct due_item)
			     : 0;
	return bytes;
}
