/* log_lines.h: the newest lines of the logs as the log panel shows them: so many and no more, in
 * the order in which they were read. They are for looking at only: nothing is counted from them. */
#ifndef FRAUDTOP_MONITOR_LOG_LINES_H
#define FRAUDTOP_MONITOR_LOG_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/pack.h"
#include "core/monitor/event_view.h"

enum { LOG_LINES = 200 };

struct log_lines {
	struct line_view *ring;
	uint64_t count; /* ever added */
};

void log_lines_init(struct log_lines *lines);
void log_lines_free(struct log_lines *lines);

void log_lines_add(struct log_lines *lines, const struct line_view *line);
/* The oldest first; of two of one time, or of which one tells none, the one that was read first.
 * Returns how many there are, at most LOG_LINES. */
size_t log_lines_by_time(const struct log_lines *lines, const struct line_view *list[LOG_LINES]);

/* For a checkpoint, 150 KiB at the very most; log_lines_load fills empty ones. False: the bytes
 * make no sense, and it has none. */
void log_lines_save(const struct log_lines *lines, struct buf *pack);
bool log_lines_load(struct log_lines *lines, struct unpack *unpack);

#endif
