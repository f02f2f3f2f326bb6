/* log_lines.c: see log_lines.h. */
#include "core/monitor/log_lines.h"

#include <stdlib.h>

#include "core/base/mem.h"

PACK_WHOLE(struct line_view, 656);

void
log_lines_init(struct log_lines *lines)
{
	*lines = (struct log_lines){.ring = mem_alloc(LOG_LINES * sizeof(*lines->ring))};
}

void
log_lines_free(struct log_lines *lines)
{
	free(lines->ring);
	*lines = (struct log_lines){0};
}

void
log_lines_add(struct log_lines *lines, const struct line_view *line)
{
	lines->ring[lines->count++ % LOG_LINES] = *line;
}

static size_t
count_held(const struct log_lines *lines)
{
	return lines->count < LOG_LINES ? (size_t)lines->count : LOG_LINES;
}

/* The i-th of those that are held, the one that was read first being 0. */
static struct line_view *
line_at(const struct log_lines *lines, size_t i)
{
	return &lines->ring[(lines->count - count_held(lines) + i) % LOG_LINES];
}

struct order {
	wall_us ts;
	size_t at; /* as read */
};

static int
compare(const void *a, const void *b)
{
	const struct order *left = a, *right = b;
	if (left->ts != right->ts)
		return left->ts < right->ts ? -1 : 1;
	return left->at < right->at ? -1 : left->at > right->at;
}

/* Each log is read a stretch at a time; a line without a time stays behind the one that was read
 * before it. */
size_t
log_lines_by_time(const struct log_lines *lines, const struct line_view *list[LOG_LINES])
{
	struct order order[LOG_LINES];
	size_t count = count_held(lines);
	for (size_t i = 0; i < count; i++) {
		wall_us ts = line_at(lines, i)->ts;
		order[i] = (struct order){.ts = ts != 0 || i == 0 ? ts : order[i - 1].ts, .at = i};
	}
	qsort(order, count, sizeof(*order), compare);
	for (size_t i = 0; i < count; i++)
		list[i] = line_at(lines, order[i].at);
	return count;
}

void
log_lines_save(const struct log_lines *lines, struct buf *pack)
{
	size_t count = count_held(lines);
	pack_u64(pack, count);
	for (size_t i = 0; i < count; i++) {
		const struct line_view *line = line_at(lines, i);
		pack_i64(pack, line->ts);
		pack_text(pack, line->service);
		pack_text(pack, line->version);
		pack_text(pack, line->request_id);
		pack_text(pack, line->text);
		pack_varint(pack, line->flagged);
		pack_varint(pack, line->failed);
		pack_varint(pack, line->rejected);
		pack_varint(pack, (uint64_t)(line->label + 1));
	}
}

bool
log_lines_load(struct log_lines *lines, struct unpack *unpack)
{
	size_t count = unpack_count(unpack, LOG_LINES);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		struct line_view *line = &lines->ring[lines->count++];
		line->ts = unpack_time(unpack);
		unpack_text(unpack, line->service, sizeof(line->service));
		unpack_text(unpack, line->version, sizeof(line->version));
		unpack_text(unpack, line->request_id, sizeof(line->request_id));
		unpack_text(unpack, line->text, sizeof(line->text));
		line->flagged = unpack_flag(unpack);
		line->failed = unpack_flag(unpack);
		line->rejected = unpack_flag(unpack);
		line->label = (int)unpack_varint(unpack, 2) - 1;
	}
	if (unpack_good(unpack))
		return true;
	lines->count = 0;
	return false;
}
