/* replay_view.h: what another model would have said of a service's newest predictions, and why a
 * prediction has its score. Part of a snapshot; see snapshot.h. */
#ifndef FRAUDTOP_MONITOR_REPLAY_VIEW_H
#define FRAUDTOP_MONITOR_REPLAY_VIEW_H

#include "core/monitor/drift_view.h"
#include "core/replay/replay.h"
#include "core/replay/why.h"

enum { REPLAY_VIEW_CHANGES = 8, WHY_REASONS = 6 };

/* What one version's model file says of one prediction. */
struct why_view {
	char version[SNAPSHOT_NAME];
	bool known; /* there is a score; else problem tells why not */
	char problem[200]; /* or why there are no reasons */
	double score, threshold; /* of the model file; threshold NaN: unknown */
	struct replay_why why;
	char inputs[WHY_REASONS][64]; /* of the reasons */
};

/* One side's figures over the rows that both have scored; precision and what follows over the
 * labelled ones among them. */
struct replay_figures {
	struct metric flag_rate, precision, recall, roc_auc, average_precision;
};

struct replay_change_view {
	struct replay_change change;
	struct why_view logged, other;
};

enum replay_progress {
	REPLAY_IDLE, /* nothing to compare with: problem tells why */
	REPLAY_LOADING, /* model files are being read */
	REPLAY_BROKEN, /* it cannot be used: problem tells why */
	REPLAY_BEGUN, /* being replayed: no result yet */
	REPLAY_THERE /* a result; newer rows may be under way */
};

struct replay_view {
	enum replay_progress progress;
	char problem[320];
	char logged[SNAPSHOT_NAME]; /* the version whose predictions these are */
	char other[256]; /* version or file; "" none */
	bool by_hand; /* chosen by :replay, or for an action sheet */
	double threshold; /* the other's; NaN: as each record says */
	uint64_t kept, asked; /* rows of the window that are kept, that the other was asked about */
	bool whole; /* all of the window's rows are kept */
	uint64_t window; /* records of the version in the window */
	wall_us made_at; /* of the result */
	struct replay_result result; /* its own list of changes is empty */
	struct replay_figures logged_figures, other_figures;
	struct metric maturity; /* labelled / scored; warming below limits.maturity */
	struct metric agreement; /* share of the rows decided by both that were decided alike */
	struct replay_change_view changes[REPLAY_VIEW_CHANGES]; /* the largest first */
	size_t changes_count;
};

/* The prediction that the operator asked about. */
struct asked_view {
	char service[SNAPSHOT_NAME], request_id[REPLAY_ID];
	wall_us ts;
	double score; /* as logged */
	int decision, label; /* -1 unknown */
	bool waiting; /* the model's file is being read */
	struct why_view why;
};

const char *replay_progress_name(enum replay_progress progress); /* "idle", "loading", ... */

#endif
