/* replay_files.h: model files for replay and reasons. Each is read once, on a thread of its own,
 * since a large one takes longer than a key may wait; scored with on the loop's thread alone. */
#ifndef FRAUDTOP_MONITOR_REPLAY_FILES_H
#define FRAUDTOP_MONITOR_REPLAY_FILES_H

#include "core/monitor/replay_view.h"
#include "core/replay/inputs.h"

struct replay_file {
	bool loading; /* nothing below is to be touched yet */
	struct model *model; /* NULL: problem tells why */
	struct inputs *inputs;
	struct explainer *explainer; /* NULL: unexplained tells why */
	struct err problem, unexplained;
};

/* Fills *why but its version, as the file says of the prediction. file NULL: none is known. */
void replay_file_explain(const struct replay_file *file, const struct prediction *prediction,
    double threshold, struct why_view *why);

struct replay_files;

struct replay_files *replay_files_new(void);
void replay_files_free(struct replay_files *files); /* waits for what is being read; NULL is fine */

/* The file, if it was begun; it counts as wanted. NULL: it was not. */
struct replay_file *replay_files_find(
    struct replay_files *files, const char *path, const char *sha256);
/* Begins to read it. sha256 "": a file of no registry, with the metadata beside it; else metadata
 * is the registry's. */
struct replay_file *replay_files_begin(
    struct replay_files *files, const char *path, const char *sha256, const char *metadata);
/* Takes over what has been read. True if something has. */
bool replay_files_poll(struct replay_files *files);
/* Frees the files that were not found or begun since the last sweep. */
void replay_files_sweep(struct replay_files *files);
/* Finds the failures no more, so that they are tried again. */
void replay_files_forget(struct replay_files *files);

#endif
