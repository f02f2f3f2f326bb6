/* replay.h: what the parts of `fraudtop replay` share: the run, and its ways of printing. */
#ifndef FRAUDTOP_TUI_COMMANDS_REPLAY_H
#define FRAUDTOP_TUI_COMMANDS_REPLAY_H

#include "core/base/buf.h"
#include "core/base/jsonw.h"
#include "core/ingest/dataset.h"
#include "core/model/model.h"
#include "core/replay/inputs.h"
#include "core/replay/replay.h"
#include "core/replay/why.h"

/* By what the log's decisions were taken. */
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
	bool labels; /* a label feed was joined */
	uint64_t joined, unmatched;
	/* One a row of the data; done: how many there are by now. */
	double *scores;
	uint8_t *reasons; /* enum replay_reason */
	size_t scores_capacity, reasons_capacity, done;
	double *row; /* room for one row of the model */
	/* With --explain or --request: the model's rows of those that are scored. */
	bool keep;
	double *values;
	size_t values_capacity;
	struct explainer *explainer; /* NULL: there is none, and why */
	struct err unexplained;
	const char *request; /* --request: all others are not scored; NULL: all are */
	size_t found; /* the last row that bears it */
	uint64_t taken[TAKEN_WAYS];
	double least_threshold, most_threshold; /* of the scored rows; INFINITY, -INFINITY: none */
	struct replay_result result;
};

/* What the log and the other model say of a row. */
struct replay_row replay_row_of(const struct replay_run *run, size_t row);
/* Where the other model's threshold comes from: "--threshold", "metadata", "rows", or NULL: it has
 * none. *threshold gets it, NaN if it differs by row. */
const char *replay_threshold_from(const struct replay_run *run, double *threshold);

/* Why the other model gives a row its score. False: there is no explainer, or the row was not
 * scored. */
bool replay_why(const struct replay_run *run, size_t row, size_t limit, struct replay_why *why);

void replay_print(const struct replay_run *run, struct buf *out);
void replay_print_json(const struct replay_run *run, struct buf *out);
/* The same of the one request. */
void replay_print_request(const struct replay_run *run, struct buf *out);
void replay_print_request_json(const struct replay_run *run, struct buf *out);

/* The text in `width` columns, cut or padded. */
void replay_put_cut(struct buf *out, const char *text, size_t width);
/* `2026-01-28 14:06:04`, or `-` of time 0. */
const char *replay_time(char dst[32], wall_us time);
/* The text over lines of 80 columns at most, broken at spaces, each begun with `indent` of them. */
void replay_put_wrapped(struct buf *out, const char *text, size_t indent);
void replay_write_why(
    struct jsonw *json, const struct replay_run *run, const struct replay_why *why);

#endif
