/* reason.h: contributions in words, the largest first: "amount 4,210 is 31 times this customer's
 * mean: +1.8". */
#ifndef FRAUDTOP_MODEL_REASON_H
#define FRAUDTOP_MODEL_REASON_H

#include <stddef.h>

#include "core/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

#define REASON_TEXT 200
#define REASON_NUMBER 24

struct reason {
	size_t feature;
	double contribution; /* to the margin */
	char text[REASON_TEXT]; /* clean, cut at a character */
};

/* Fills at most `limit` reasons from one row and its contributions (explain.h), by size, and
 * returns how many: none for inputs that gave nothing. A category is told by its word where the
 * model has one. */
size_t reasons_of(const struct model *model, const double *row, const double *contributions,
    struct reason *reasons, size_t limit);

/* How a contribution is written: `+1.8`, `-0.42`. Returns dst. */
char *reason_number(char dst[REASON_NUMBER], double contribution);

#ifdef __cplusplus
}
#endif

#endif
