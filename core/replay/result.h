/* result.h: what came of a replay (replay.h): `logged` is the log's side, `other` the other
 * model's. Shares and probabilities are in [0,1]; NaN where there is nothing to tell. */
#ifndef FRAUDTOP_REPLAY_RESULT_H
#define FRAUDTOP_REPLAY_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/stats/paired.h"
#include "core/stats/proportion.h"
#include "core/stats/quality.h"

#define REPLAY_ID 64

/* Why a row is not scored. */
enum replay_reason {
	REPLAY_SCORED,
	REPLAY_FAILED, /* the request failed: the log has no score to compare with */
	REPLAY_NO_INPUT, /* the record does not name all of the model's inputs */
	REPLAY_NO_SCORE, /* the other model gave no probability */
	REPLAY_REASONS
};

/* One side, over the rows that both have scored. */
struct replay_side {
	uint64_t decided, flagged;
	struct interval flag_rate; /* Wilson, 95 % */
	/* Over the labelled ones of them. NaN where undefined. */
	struct quality_confusion counts;
	double precision, recall;
	struct interval precision_interval, recall_interval; /* Wilson */
	struct quality_rank rank; /* AUC with DeLong's interval, average precision */
	struct interval average_precision_interval; /* by the method that replay.c names */
	double mean_score;
};

/* A row whose score changed much. */
struct replay_change {
	size_t row; /* as added, from 0 */
	wall_us ts;
	char id[REPLAY_ID];
	double logged, other;
	int logged_flag, other_flag, label;
};

enum replay_better { REPLAY_UNDECIDED, REPLAY_LOGGED, REPLAY_OTHER };

struct replay_result {
	uint64_t rows, scored, unscored[REPLAY_REASONS], labelled, positives;
	uint64_t agree, to_flagged, to_passed; /* of the rows decided by both */
	double psi; /* between the two distributions of scores */
	double psi_null; /* what chance gives at this many rows, 99 % */
	struct replay_side logged, other;
	struct paired_test mcnemar; /* of right and wrong decisions on labelled rows */
	struct paired_test delong; /* of the areas: difference is other minus logged */
	struct paired_test average_precision; /* of the average precisions, likewise */
	/* At 5 % by DeLong's and McNemar's tests, adjusted for their being two (Holm). Where they,
	 * or the average precision, point in opposite directions: undecided. DeLong's counts from
	 * 20 labels of each class on. */
	enum replay_better better;
	char verdict[512]; /* a sentence: which is better; then how sure, by which test */
	size_t headline; /* bytes of that first sentence, which can stand alone */
	struct replay_change *changes; /* the largest first; the result's own */
	size_t changes_count;
};

void replay_result_free(struct replay_result *result); /* what it points to */

#endif
