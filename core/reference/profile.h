/* profile.h: a reference: what a model's inputs, and each version's scores, looked like when all
 * was well.
 *
 * Made once from a log or CSV (`fraudtop profile`), or from the first records seen; read and
 * written as JSON, schema fraudtop.profile/1. A profile read from a file is checked: sizes, order
 * of edges, sums of counts. */
#ifndef FRAUDTOP_REFERENCE_PROFILE_H
#define FRAUDTOP_REFERENCE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/ingest/dataset.h"
#include "core/reference/profile_feature.h"
#include "core/reference/season.h"
#include "core/stats/calibration.h"

struct profile_score { /* of one version; version "" in data that does not say */
	char version[128];
	struct profile_feature score;
	uint64_t decided, flagged;
	uint64_t labelled, tp, fp, fn, tn; /* the quality baseline */
	double roc_auc, average_precision; /* of the labelled; NaN */
	struct calibration_map calibration; /* for CBPE; no knots: the scores as they are */
	bool calibrated; /* there were labels to fit the map on, be it the identity */
	uint32_t hours_decided[SEASON_HOURS], hours_flagged[SEASON_HOURS];
};

struct profile {
	char model[128];
	uint64_t records;
	wall_us first_ts, last_ts; /* 0: not known */
	uint64_t hours_records[SEASON_HOURS];
	double
	    hours_seen[SEASON_HOURS]; /* how often each hour of the week came in the data's span */
	struct profile_feature *features;
	size_t features_count;
	struct profile_score *scores;
	size_t scores_count;
};

struct profile *profile_from_dataset(const struct dataset *data);
void profile_free(struct profile *profile); /* NULL is fine */

/* Into an empty buffer. */
void profile_to_json(const struct profile *profile, struct buf *out);
struct profile *profile_from_json(const char *text, const char *name, struct err *err);
struct profile *profile_read(const char *path, struct err *err);
bool profile_write(const struct profile *profile, const char *path, struct err *err);
/* Reads a log or CSV and writes its profile. */
bool profile_build_file(const char *data_path, const char *out_path, struct err *err);

struct profile_feature *profile_feature_of(
    const struct profile *profile, const char *name); /* or NULL */
/* The scores of a version, or those without a version, or NULL. */
const struct profile_score *profile_score_of(const struct profile *profile, const char *version);

#endif
