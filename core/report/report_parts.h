/* report_parts.h: what the files of a report share. Inside the report only. */
#ifndef FRAUDTOP_REPORT_REPORT_PARTS_H
#define FRAUDTOP_REPORT_REPORT_PARTS_H

#include "core/base/jsonw.h"
#include "core/report/report.h"
#include "core/report/report_column.h"
#include "core/stats/quality.h"

struct report_rate { /* of decisions, against the reference's */
	uint64_t reference_flagged, reference_decided, flagged, decided;
	struct test_result z;
	/* The same against the same hours of the reference. */
	enum season season;
	bool lacking; /* the reference has nothing in these hours */
	double season_reference, season_n;
	struct test_result season_z;
	enum severity severity;
	char reason[160];
};

struct report_block { /* over all rows, or those of one version */
	const char *version; /* NULL: all */
	struct rows rows;
	struct report_column *columns; /* report->names_count of them; NULL: no reference */
	struct report_column score;
	bool scored; /* the score was compared */
	struct report_rate rate;
};

struct report {
	const struct report_input *input;
	const struct profile *profile; /* the one given, or of the reference; NULL: neither */
	struct profile *own;
	uint8_t *hours, *reference_hours; /* of each row, or NULL: report_side.h */
	wall_us first_ts, last_ts; /* 0: not known */
	enum compat_tool compat;
	const char **names; /* of all features: the data's, then those the reference alone has */
	size_t names_count;
	struct report_block *blocks; /* the first is of all rows */
	size_t blocks_count;
};

/* Compares every column in every block, one column in memory at a time. */
void report_drift_compare(struct report *report);
/* Writes `drift` and `prediction_drift`. */
void report_drift_write(
    struct jsonw *json, const struct report *report, const struct report_block *block);

/* The scores of a profile for these rows: those of their version if they are of one, else the
 * newest. NULL: none. */
const struct profile_score *report_score_for(const struct report *report, const struct rows *rows);

/* 1 flagged, 0 not, -1 unknown: as logged, else by the row's threshold, else by the input's. */
int report_decision(const struct report_input *input, const struct dataset *data, size_t row);

/* Rows by what is known of them, and by right and wrong. */
struct report_tally {
	uint64_t scored, labelled, positives, assumed, decided, flagged;
	uint64_t bare_labelled, bare_positives; /* of rows with neither score nor decision */
	struct quality_confusion counts;
};

/* Counts a row; returns its label, or -1 if it has none or nothing to hold it against. */
int report_tally_add(struct report_tally *tally, const struct report *report, size_t row);

/* Writes `quality` and `estimated_quality`. */
void report_quality_write(
    struct jsonw *json, const struct report *report, const struct report_block *block);
void report_write_interval(struct jsonw *json, const char *key, double low, double high);

/* Writes `segments` and `bias`: by the segment, or by the feature that cohorts.by names. */
void report_segments_write(struct jsonw *json, const struct report *report);
/* Writes `attribution_drift`. */
void report_attribution_write(struct jsonw *json, const struct report *report);

#endif
