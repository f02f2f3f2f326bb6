/* trees_node.h: a node of a tree, and which way it sends a value; private to core/model.
 *
 * Values are doubles and one rule sends them: `x < threshold` goes left. Who has another rule turns
 * the threshold: XGBoost's, which rounds x to float first, with trees_threshold_float; LightGBM's
 * `x <= t` is `x < nextafter(t, inf)`. A set holds the whole numbers that values are cut to (2.9 to
 * 2, LightGBM's -0.9 to 0); in a `single` model they are rounded to float before, and what is below
 * 0 is in no set, as XGBoost has it. */
#ifndef FRAUDTOP_MODEL_TREES_NODE_H
#define FRAUDTOP_MODEL_TREES_NODE_H

#include <stdbool.h>
#include <stdint.h>

/* What a split does, in the top bits of its feature. */
#define TREES_MISSING_LEFT UINT32_C(0x80000000) /* what counts as missing goes left, else right */
#define TREES_ZERO_MISSING UINT32_C(0x20000000) /* what is 0, within 1e-35, counts as missing */
#define TREES_SET UINT32_C(0x10000000) /* goes by a set of whole numbers, not by a threshold */
#define TREES_SET_LEFT UINT32_C(0x08000000) /* the set's members go left, else right */
#define TREES_FEATURE UINT32_C(0x07FFFFFF)
#define TREES_NEAR_ZERO ((double)1e-35f) /* LightGBM's kZeroThreshold, a float */

struct trees_node {
	union {
		double value; /* a leaf's output, or a split's threshold */
		uint64_t set; /* TREES_SET: which */
	};
	uint32_t feature; /* and the flags */
	uint32_t child; /* the left child; the right one follows it. 0: a leaf */
};

struct trees_set {
	uint32_t first, words; /* stretch of trees->bits; 32 categories a word */
};

/* What a value is before it is cut to a category; -1 and below are in no set. */
static inline double
trees_category(bool single, double x)
{
	double rounded = (double)(float)x;
	return !single ? x : rounded < 0 ? -1 : rounded;
}

#endif
