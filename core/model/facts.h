/* facts.h: what a model's file holds, for people who look at it. */
#ifndef FRAUDTOP_MODEL_FACTS_H
#define FRAUDTOP_MODEL_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/model/model.h"

struct model_facts {
	const char *objective; /* as the file names it; "" if it names none */
	const char *link; /* "logistic", "identity", "exp"... */
	double slope; /* of a logistic link; 1 in most models */
	size_t trees, used; /* in the file, and in a score */
	size_t depth, leaves, splits; /* of those in a score */
	size_t inputs_used; /* which something in a score looks at */
	double intercept; /* of a linear model, else NaN */
};

/* What a linear model makes of an input, in the input's units. */
struct model_term {
	double weight, missing, mean;
};

/* used (one an input, or NULL) gets which inputs something looks at. */
void model_facts(const struct model *model, struct model_facts *facts, bool *used);
bool model_term(const struct model *model, size_t index, struct model_term *term);
/* The file's inputs have numbers for names; they may have got others by the metadata. */
bool model_nameless(const struct model *model);

#endif
