/* batch_rows.h: the inside of a batch, shared by who fills it (batch.c) and who commits it
 * (batch_commit.c). A row is a label, a prediction kept whole, or one that is prepared by the plan.
 */
#ifndef FRAUDTOP_MONITOR_BATCH_ROWS_H
#define FRAUDTOP_MONITOR_BATCH_ROWS_H

#include "core/monitor/batch.h"
#include "core/monitor/batch_shape.h"
#include "core/monitor/monitor_count.h"
#include "core/base/arena.h"

enum row_kind { ROW_LABEL, ROW_WHOLE, ROW_PREPARED };

struct row {
	struct traffic traffic;
	uint64_t hash; /* of its request id */
	double score, probability; /* as logged; by the series' map */
	uint32_t group; /* of `groups`; GROUP_NONE: it has no value for its cohort */
	uint32_t at; /* of its values and codes, one a column of the plan; or of its label */
	uint32_t words; /* of its first new word */
	uint16_t series; /* the monitor's number */
	uint16_t words_count;
	uint16_t score_code, quality_bin;
	uint8_t kind; /* enum row_kind */
	uint8_t hour; /* of the week */
	int8_t label;
};
_Static_assert(MONITOR_SERIES_MAX <= UINT16_MAX, "a row has no room for its series' number");
#define GROUP_NONE UINT32_MAX

/* A value that cohorts go by, which rows have in common, and the cohort that the last one of them
 * came to: the next one's too, in the same bucket of the series' quality and with as many places
 * given. */
struct row_group {
	struct feature_value value;
	const struct series *series; /* NULL: none was committed yet */
	int64_t index;
	uint64_t given;
	uint8_t cohort;
};

struct row_origin {
	uint64_t offset, line;
};

struct row_word { /* that the reference has not */
	uint32_t column;
	const char *text;
};

struct batch {
	struct monitor *monitor;
	const struct plan *plan; /* NULL: there was none */
	size_t source;
	bool keep;
	const char *service, *model;
	struct arena arena; /* what the rows point to */
	struct row *rows;
	struct row_origin *origins; /* a row */
	size_t count, rows_capacity, origins_capacity;
	double *values;
	uint16_t *codes;
	size_t values_count, values_capacity, codes_capacity;
	struct row_word *words;
	size_t words_count, words_capacity;
	struct row_group *groups;
	size_t groups_count, groups_capacity, last_group;
	bool grouped, by_segment; /* what cohorts go by */
	struct prediction *whole; /* of those that are not prepared, or, with `keep`, of all */
	size_t whole_count, whole_capacity;
	struct label *labels;
	size_t labels_count, labels_capacity;
	struct shape *shapes; /* how the records name their features */
	size_t shapes_count, shapes_capacity;
	size_t last_series, last_shape;
	int64_t hour; /* of the last row, and what hour of the week it is */
	uint8_t hour_of_week;
};

#endif
