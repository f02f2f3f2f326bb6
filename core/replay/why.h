/* why.h: why a model gives a row its score: the largest contributions to its margin, in words. */
#ifndef FRAUDTOP_REPLAY_WHY_H
#define FRAUDTOP_REPLAY_WHY_H

#include "core/model/explain.h"
#include "core/model/reason.h"

#define REPLAY_REASONS_MOST 8

/* base, contributions and rest add up to the margin. */
struct replay_why {
	double margin, base, rest; /* base: on average over the training data; rest: not told of */
	struct reason reasons[REPLAY_REASONS_MOST];
	size_t count;
};

/* Tells of at most `limit` inputs of a row of the model's. */
void replay_explain(struct replay_why *why, const struct model *model, struct explainer *explainer,
    const double *row, size_t limit);

#endif
