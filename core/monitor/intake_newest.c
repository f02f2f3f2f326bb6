/* intake_newest.c: the newest window of large logs, without what is before it: the ends of the
 * files tell how much time their bytes are, and which of them reach into the window at all. A
 * table is read from so many rows before its last. Packed files are what a log was before it was
 * rotated, and have to be unpacked from their beginning: they are history, as is standard input. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/monitor/intake_state.h"

enum { END_BYTES = 128 * 1024, HEADER_BYTES = 16 * 1024 };
#define MOST_BYTES ((uint64_t)256 << 20)
#define LEAST_BYTES ((uint64_t)1 << 20)
#define UNKNOWN_BYTES ((uint64_t)32 << 20) /* of a table, or where records tell no time */

struct end { /* of a file */
	const struct intake_item *item;
	wall_us last; /* the time of its last record; 0: it does not tell */
	uint64_t bytes; /* that the window takes */
};

/* Only what is a plain file can be begun near its end. */
static bool
read_end(const struct intake_item *item, struct stretch *end, struct stretch *header)
{
	struct stat status;
	int fd = open(item->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool plain = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	off_t from = plain && status.st_size > END_BYTES ? status.st_size - END_BYTES : 0;
	stretch_reserve(end, END_BYTES);
	stretch_reserve(header, HEADER_BYTES);
	ssize_t got = plain ? pread(fd, end->text, END_BYTES, from) : 0;
	ssize_t first = plain ? pread(fd, header->text, HEADER_BYTES, 0) : 0;
	close(fd);
	end->length = got > 0 ? (size_t)got : 0;
	if (first < 4 || memcmp(header->text, "\x1f\x8b", 2) == 0 ||
	    memcmp(header->text, "\x28\xb5\x2f\xfd", 4) == 0)
		return false; /* packed, or nothing yet */
	const char *newline = memchr(header->text, '\n', (size_t)first);
	header->length = newline != NULL ? (size_t)(newline - header->text) : 0;
	return end->length > 0;
}

/* The first and last whole lines that tell a time. */
static void
measure(struct stretch *told, struct intake_kind *kind, const struct stretch *end,
    const struct stretch *header, int64_t window, struct end *file)
{
	const char *stop = end->text + end->length, *next;
	wall_us first = 0;
	size_t first_at = 0, last_at = 0;
	for (const char *at = memchr(end->text, '\n', end->length); at != NULL; at = next) {
		at++;
		next = at < stop ? memchr(at, '\n', (size_t)(stop - at)) : NULL;
		if (next == NULL)
			break;
		const struct source_record record = {.text = at,
		    .length = (size_t)(next - at),
		    .header = header->text,
		    .header_length = header->length};
		wall_us ts = intake_tell(told, kind, &record);
		if (ts == 0)
			continue;
		last_at = (size_t)(at - end->text);
		file->last = ts > file->last ? ts : file->last;
		if (first == 0) {
			first = ts;
			first_at = last_at;
		}
	}
	file->bytes = UNKNOWN_BYTES;
	if (file->last > first) {
		double pace = (double)(last_at - first_at) / (double)(file->last - first);
		double bytes = pace * (double)window;
		file->bytes = bytes > (double)MOST_BYTES ? MOST_BYTES : (uint64_t)bytes;
	}
	if (file->bytes < LEAST_BYTES)
		file->bytes = LEAST_BYTES;
}

static void
look_at_end(struct intake *intake, const struct intake_item *item, struct end *file)
{
	struct stretch end = {0}, header = {0};
	if (read_end(item, &end, &header)) {
		struct intake_kind *kind = &intake->whole->kinds[item->context->kind];
		file->item = item;
		measure(&intake->told, kind, &end, &header, intake->config->comparison_us, file);
	}
	stretch_free(&end);
	stretch_free(&header);
}

static bool
is_labels(const struct intake_item *item)
{
	return item->context->intake->kinds[item->context->kind].labels;
}

static bool
is_table(const struct intake_item *item)
{
	return !is_labels(item) && item->context->service->table[0] != '\0';
}

static bool
is_plain(const struct intake_item *item)
{
	return strcmp(item->path, "-") != 0 && !is_table(item);
}

static void
follow(struct intake *intake, const struct intake_item *item, uint64_t newest)
{
	struct intake_context *context =
	    intake_add(intake, item->context->service, item->path, is_labels(item), newest, NULL);
	if (context != NULL)
		context->most = item->context->most;
}

/* Together at most MOST_BYTES, all of them back to the same time. */
static void
share_bytes(struct end *ends, size_t count)
{
	double all = 0;
	for (size_t i = 0; i < count; i++)
		all += (double)ends[i].bytes;
	for (size_t i = 0; i < count && all > (double)MOST_BYTES; i++)
		ends[i].bytes = (uint64_t)((double)ends[i].bytes / all * (double)MOST_BYTES) + 1;
}

void
intake_look_newest(struct intake *intake)
{
	struct intake *whole = intake->whole;
	pthread_mutex_lock(&whole->mutex);
	for (; intake->whole_seen < whole->items_count; intake->whole_seen++) {
		const struct intake_item *item = whole->items[intake->whole_seen];
		if (is_plain(item))
			follow(intake, item, 0);
	}
	pthread_mutex_unlock(&whole->mutex);
}

struct intake *
intake_new_newest(const struct config *config, struct monitor *monitor, struct intake *whole)
{
	struct intake *intake = intake_make(config, monitor);
	struct end *ends = mem_alloc((whole->items_count + 1) * sizeof(*ends));
	wall_us newest = 0;
	intake->whole = whole;
	for (size_t i = 0; i < whole->items_count; i++) {
		const struct intake_item *item = whole->items[i];
		if (is_table(item))
			ends[i] = (struct end){.item = item, .bytes = UNKNOWN_BYTES};
		else if (is_plain(item))
			look_at_end(intake, item, &ends[i]);
		if (ends[i].last > newest)
			newest = ends[i].last;
	}
	for (size_t i = 0; i < whole->items_count; i++) {
		if (ends[i].last != 0 && ends[i].last < newest - config->comparison_us)
			ends[i] = (struct end){0};
	}
	share_bytes(ends, whole->items_count);
	for (size_t i = 0; i < whole->items_count; i++) {
		if (ends[i].item != NULL)
			follow(intake, ends[i].item, ends[i].bytes);
	}
	intake->whole_seen = whole->items_count;
	free(ends);
	if (intake->contexts_count > 0)
		return intake;
	intake_free(intake);
	return NULL;
}
