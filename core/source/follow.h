/* follow.h: follows a growing file of lines through truncation, rotation by rename and by copy.
 *
 * Nothing is read twice and nothing skipped: a renamed file is read to its end before the new one
 * is begun; a file that shrank below the offset, or whose first bytes changed, is read from its
 * start. A half-written last line waits for its newline. A line longer than FOLLOW_MAX_LINE is
 * passed over and counted, without being held in memory. A file that is not there is waited for.
 * Never blocks.
 *
 * What no follower can know is lost: lines that were truncated away, or whose file was rotated
 * twice, between two calls of follow_read. After a rotation the old file is trusted to be over once
 * it was silent for a second (clock_mono); a last line without newline is then handed over as it
 * is. */
#ifndef FRAUDTOP_INGEST_FOLLOW_H
#define FRAUDTOP_INGEST_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLLOW_MAX_LINE (1024 * 1024)

struct follow;

struct follow_stats {
	uint64_t lines, bytes, too_long, rotations, truncations;
	bool present; /* the file is open */
	bool at_end; /* everything there was has been read */
	char error[256]; /* why it cannot be read, or "" */
};

struct follow *follow_new(const char *path);
void follow_free(struct follow *follow); /* NULL is fine */

/* Reads what is new, at most about max_bytes, and calls `line` for each whole line (not terminated,
 * no newline, a trailing CR dropped). Returns true if there is more to read at once. */
bool follow_read(struct follow *follow, size_t max_bytes,
    void (*line)(const char *line, size_t length, void *context), void *context);

const struct follow_stats *follow_stats(const struct follow *follow);

/* Treats a last line without newline as whole, for a file that is known to be finished. */
void follow_finish(struct follow *follow,
    void (*line)(const char *line, size_t length, void *context), void *context);

#endif
