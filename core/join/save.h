/* save.h: the join in a checkpoint, and back. */
#ifndef FRAUDTOP_JOIN_SAVE_H
#define FRAUDTOP_JOIN_SAVE_H

#include "core/base/err.h"
#include "core/base/pack.h"
#include "core/join/join.h"

/* From now on what comes in is told to a file as well, as after a save: for a join that is empty,
 * so that its first save need not write all that has come in until then at once. False: err. */
bool join_keep(struct join *join, struct err *err);
/* What a checkpoint keeps: everything in memory goes into a file that join_load takes up again (the
 * cost is that of what changed since the last save, or join_keep; else of the whole), the names and
 * lengths of the files into *pack. Files that an earlier save refers to stay until join_saved says
 * that the checkpoint is durable. False: err. */
bool join_save(struct join *join, struct buf *pack, struct err *err);
void join_saved(struct join *join);
/* After join_new, with the same folder: everything as it was at that save, whatever was written
 * afterwards. 2.8 million entries in memory take 100 ms at most. False: err, and the join is empty.
 */
bool join_load(struct join *join, struct unpack *unpack, struct err *err);

#endif
