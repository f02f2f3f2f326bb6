/* plan.h: what is known of the monitor's series and their references and will never change: so a
 * worker can tell a value's bin while another thread commits.
 *
 * A plan is immutable. Once a series, a column or a reference has come to be, the next commit makes
 * a new one; who holds the old one goes on with it. It points into references that live as long as
 * the monitor. Columns of a model have the model's numbers: those of a plan are the first of those
 * that the model has when a batch is committed. */
#ifndef FRAUDTOP_MONITOR_PLAN_H
#define FRAUDTOP_MONITOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ingest/record.h"
#include "core/monitor/snapshot.h"
#include "core/stats/bins_index.h"
#include "core/stats/calibration.h"

struct monitor;

enum plan_kind {
	PLAN_BARREN, /* has no reference, and no value ever */
	PLAN_PLAIN, /* not in the model's profile: only counted */
	PLAN_NUMBERS,
	PLAN_WORDS
};

struct plan_column {
	char name[SNAPSHOT_NAME];
	enum plan_kind kind;
	struct bins bins; /* the reference's own */
	const struct bins_index *index; /* of numbers */
	double low, high;
};

/* A value in its column: its bin and these; or what else it is. */
enum {
	CODE_BIN = 0x0FFF,
	CODE_NUMBER = 0x1000, /* to be added up */
	CODE_BEYOND = 0x2000, /* of the reference's least and greatest */
	CODE_UNSEEN = 0x4000, /* the reference has it not */
	CODE_WRONG = 0x8000, /* a number among words, and unseen */
	CODE_MISSING = 0x0FF0, /* from here on in the place of a bin */
	CODE_LACKING, /* missing as the record does not name it */
	CODE_INFINITE,
	CODE_MISFIT, /* a word among numbers */
	CODE_PLAIN
};

struct plan_model {
	struct plan_column *columns;
	size_t count;
	bool full; /* what comes beyond its columns is passed over */
};

struct plan_series {
	const char *service, *model_name, *version;
	const struct plan_model *model; /* NULL: its records go the long way */
	struct plan_column score;
	const struct calibration_map *map; /* NULL: none was fitted */
	bool attributions; /* are wanted of its records */
};

struct plan {
	struct plan_series *series; /* the monitor's, by their numbers */
	size_t series_count;
};

/* The newest plan of the monitor, NULL if there is none yet. Any thread, at any time. */
const struct plan *plan_take(struct monitor *monitor);
void plan_release(const struct plan *plan); /* NULL is fine */
/* Makes a new one if there is anything new. By whom the monitor belongs to. */
void plan_renew(struct monitor *monitor);

/* Of what is no finite number in a column of numbers. */
size_t plan_code_odd(const struct plan_column *column, const struct feature_value *value);

/* The code of a value; SIZE_MAX: a value in a barren column, which is for the long way. */
static inline __attribute__((always_inline)) size_t
plan_code(const struct plan_column *column, const struct feature_value *value)
{
	double number = value->number;
	if (column->kind != PLAN_NUMBERS || value->kind != VALUE_NUMBER || !isfinite(number))
		return plan_code_odd(column, value);
	size_t bin = bins_index_find(column->index, number);
	size_t unseen = (size_t)(column->index->values & (bin + 1 == column->index->count));
	size_t beyond = (size_t)(number < column->low) | (size_t)(number > column->high);
	return bin | CODE_NUMBER | beyond * CODE_BEYOND | unseen * CODE_UNSEEN;
}

#endif
