/* replay.h: what the parts of `fraudtop replay` share: the run, and its two ways of printing. */
#ifndef FRAUDTOP_TUI_COMMANDS_REPLAY_H
#define FRAUDTOP_TUI_COMMANDS_REPLAY_H

#include "core/base/buf.h"
#include "core/ingest/dataset.h"
#include "core/model/model.h"
#include "core/replay/inputs.h"
#include "core/replay/replay.h"

#define REPLAY_SCHEMA "fraudtop.replay/1"

/* By what the log's decisions were taken; all but the last are known ones. */
enum replay_taken { TAKEN_LOGGED, TAKEN_ROW, TAKEN_OPTION, TAKEN_UNKNOWN, TAKEN_WAYS };

struct replay_run {
	struct model *model;
	const char *path; /* the model's */
	char file[256]; /* the same, clean */
	char logged_name[REPLAY_ID], other_name[REPLAY_ID];
	struct inputs *inputs;
	struct dataset data;
	double threshold; /* --threshold, or NaN */
	bool allow_missing;
	/* One a row of the data. */
	double *scores;
	uint8_t *reasons; /* enum replay_reason */
	size_t scores_capacity, reasons_capacity, done; /* done: how many of the rows */
	double *row; /* room for one row of the model */
	uint64_t taken[TAKEN_WAYS];
	double least_threshold, most_threshold; /* of the rows', where the other decides by them */
	bool labels; /* a label feed was joined */
	uint64_t joined, unmatched;
	struct replay_result result;
};

/* Where the other model's threshold comes from: "--threshold", "metadata", "rows", or NULL: it has
 * none. *threshold gets it, NaN if it differs by row. */
const char *replay_threshold_from(const struct replay_run *run, double *threshold);

void replay_print(const struct replay_run *run, struct buf *out);
void replay_print_json(const struct replay_run *run, struct buf *out);

#endif
