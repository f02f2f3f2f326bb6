/* explain_parts.h: an explainer, for explain.c and its test. */
#ifndef FRAUDTOP_MODEL_EXPLAIN_PARTS_H
#define FRAUDTOP_MODEL_EXPLAIN_PARTS_H

#include "core/model/explain.h"
#include "core/model/explain_tables.h"

struct explainer {
	const struct model *model;
	const struct explain_walks *walks;
	struct explain_tables tables;
	struct explain_factors *factors; /* room for a pass */
	double *ways; /* room for a walk */
	int64_t *taken;
	size_t groups; /* of EXPLAIN_LANES rows at once; 0: every row by itself */
	double *columns, *sums; /* a group's values and contributions, feature by feature */
};

#endif
