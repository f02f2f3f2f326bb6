/* tail.h: follows one path's growing file through truncation, rotation by rename and by copy.
 *
 * Nothing is read twice and nothing skipped: a renamed file is read to its end before the new one
 * is begun; a file that shrank below the offset, or whose first bytes changed, is read from its
 * start. A file that is not there is waited for. Never blocks.
 *
 * What no follower can know is lost: bytes that were truncated away, or whose file was rotated
 * twice, between two looks. After a rotation the old file is trusted to be over once it was silent
 * for a second (clock_mono). What a copy that was made before a truncation has more (logrotate's
 * copytruncate) is read from the copy, packed or not, if that stands beside the file under a name
 * of its kind. */
#ifndef FRAUDTOP_SOURCE_TAIL_H
#define FRAUDTOP_SOURCE_TAIL_H

#include <stdbool.h>
#include <sys/stat.h>

#include "core/source/bodies.h"

struct tail;

struct tail *tail_new(const char *path, bool labels, struct bodies *bodies);

/* Once all that was loaded is resumed, so that nobody takes what another one was reading: what was
 * rotated away after what is read here follows. */
void tail_follow_resumed(struct tail *tail);
/* After that: what was being read then, if that is found nowhere as it was;
 * and whoever found it packed says so: what was rotated away after that file follows here. */
struct body *tail_lost(const struct tail *tail);
void tail_found(struct tail *tail, const struct stat *packed);
/* Is it found nowhere since nothing, or too little to know it by, was read of it? Then it is told
 * when it was last written to; what was rotated away since then is to follow here. */
bool tail_is_unsure(const struct tail *tail, struct stat *written);
void tail_follow_since(struct tail *tail, const struct stat *written);

/* Looks whether the path leads to another file: to be called now and then. */
void tail_look(struct tail *tail);

#endif
