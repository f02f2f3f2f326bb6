/* batch_shape.h: which column of the plan each feature of a record is. */
#ifndef FRAUDTOP_MONITOR_BATCH_SHAPE_H
#define FRAUDTOP_MONITOR_BATCH_SHAPE_H

#include "core/monitor/plan.h"

struct batch;

/* Which column each feature of a record is: for one order of names and one model. */
struct shape {
	uint64_t id; /* the reader's; 0: none */
	const struct plan_model *model;
	size_t count; /* of features */
	const char **names;
	uint16_t *columns; /* SHAPE_NONE: not counted */
	size_t absent_count;
	uint16_t *absent; /* columns that it does not name */
	size_t group; /* the feature that cohorts go by; SIZE_MAX: none */
};
#define SHAPE_NONE UINT16_MAX

/* The shape of a prediction; NULL if it names what the plan does not know. */
const struct shape *batch_shape(
    struct batch *batch, const struct plan_model *model, const struct prediction *prediction);

#endif
