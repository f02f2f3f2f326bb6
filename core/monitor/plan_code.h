/* plan_code.h: what a value comes to in its column, by the plan, in 16 bits. */
#ifndef FRAUDTOP_MONITOR_PLAN_CODE_H
#define FRAUDTOP_MONITOR_PLAN_CODE_H

#include <math.h>

#include "core/ingest/record.h"
#include "core/monitor/plan.h"

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
