/* link.h: from margins to scores: the link that was learnt with the model, then the maps that
 * calibrate. Private to core/model. */
#ifndef FRAUDTOP_MODEL_LINK_H
#define FRAUDTOP_MODEL_LINK_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/model/model.h"

enum model_link {
	LINK_IDENTITY,
	LINK_LOGISTIC, /* 1 / (1 + exp(-slope margin)) */
	LINK_EXP, /* exp(margin): counts and amounts */
	LINK_SQUARE, /* margin |margin|: what was learnt was a root */
	LINK_SOFTPLUS, /* log(1 + exp(margin)) */
	LINK_STEP /* 1 if margin > 0, else 0 */
};

struct calibration; /* maps, one behind the other */

const char *link_word(enum model_link link);
/* Scores of margins: the link, then all maps. */
void link_scores(const struct model *model, const double *margins, size_t count, double *scores);

/* Reads an object or an array of them (NULL: none) into *calibration, to be freed in any case; the
 * model's link and its own maps stand before it. */
bool maps_parse(struct calibration **calibration, const struct model *model, const cJSON *json,
    struct err *err);
/* Maps scores in place. */
void maps_apply(
    const struct calibration *calibration, const double *margins, size_t count, double *scores);
void maps_free(struct calibration *calibration); /* NULL is fine */

#endif
