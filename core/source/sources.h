/* sources.h: everything that is read, as one row of stretches.
 *
 * What is configured is a path, a folder, a glob, `-` (standard input) or a table of an SQLite
 * file; each comes to one or more files. A file is followed through rename, copy-and-truncate and
 * dated names: nothing is read twice, nothing skipped (tail.h says what no follower can know).
 * What begins as gzip or zstd is unpacked and read once. A table's rows come as JSON objects, a
 * line each, in the order of rowid.
 *
 * Of the files that have something to read, the one whose next record is the oldest is read next
 * (sources_on_time): so several are merged by event time, a stretch at a time, and always alike. A
 * file with nothing to read is not waited for. Never blocks, but for the disk. Not for two threads
 * at once. */
#ifndef FRAUDTOP_SOURCE_SOURCES_H
#define FRAUDTOP_SOURCE_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/pack.h"
#include "core/source/source.h"
#include "core/source/stretch.h"

struct sources;

struct sources *sources_new(void);
void sources_free(struct sources *sources); /* NULL is fine */

/* What is not there yet is waited for. A table that cannot be read for good (no SQLite file, no
 * such table) says so in its file's error. */
void sources_add(struct sources *sources, const struct source_options *options);
/* Looks again what folders and globs have come to name; to be called now and then. */
void sources_look(struct sources *sources);

/* The next stretch, of about max_bytes at most. False: there is nothing to read now. */
bool sources_take(struct sources *sources, struct stretch *stretch, size_t max_bytes);
/* It had nothing to hand over, but is on its way through something long that is passed over (a line
 * without end, what was read already of a packed file): ask again at once. */
bool sources_is_busy(const struct sources *sources);
/* How old is this? Asked of the first record of what would be read next of a file; 0: it does not
 * tell, and a log is not waited with, while labels wait for all others. Without this call nothing
 * waits. */
void sources_on_time(struct sources *sources,
    wall_us (*ask)(const struct source_record *record, void *file_context));

size_t sources_count(
    const struct sources *sources); /* files, ever found; a number stays a file's */
const struct source_stats *sources_stats(const struct sources *sources, size_t file);
/* Bytes that are known to be still ahead. */
uint64_t sources_behind(const struct sources *sources);
/* Is every file read to its end, and the finished ones over? */
bool sources_at_end(const struct sources *sources);

/* Where everything is: of each file device, inode, fingerprint, offset, line, the half record that
 * is held, a table's rowid. sources_load is called after sources_add, before anything is taken:
 * what is found again goes on there, what is not (or was truncated since) begins anew; files that
 * were over are not read again. Files keep their numbers, those too of what is not asked for any
 * more, which are finished. False: the bytes make no sense, and nothing was changed. */
void sources_save(const struct sources *sources, struct buf *pack);
bool sources_load(struct sources *sources, struct unpack *unpack);

#endif
