/* profile_feature.h: what one input, or a version's score, looked like when all was well: bins
 * (stats/bins.h), counts a bin, nulls, moments. The fine bins are its quantile sketch: 200 of them,
 * so a rank is known to 1/200 (ties aside). Their edges have six digits where that keeps their
 * order; those of PSI bins are the exact deciles. */
#ifndef FRAUDTOP_REFERENCE_PROFILE_FEATURE_H
#define FRAUDTOP_REFERENCE_PROFILE_FEATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ingest/dataset.h"
#include "core/reference/season.h"
#include "core/stats/bins.h"

struct profile_feature {
	char name[128];
	struct bins bins;
	uint64_t *counts; /* a fine bin */
	uint64_t n, missing;
	double mean, deviation, low, high; /* numeric; NaN otherwise */
	uint32_t *hours; /* counts by hour of the week: SEASON_HOURS rows of bins.coarse_count;
			    NULL: the times are not known */
	enum season season; /* recognised: does it follow the calendar */
	double attribution; /* mean |attribution| in the data; NaN: it bears none */
};

/* A feature of that name of which nothing is known yet. */
void profile_feature_init(struct profile_feature *feature, const char *name);
/* Makes bins and counts of one column's present values. False if it has none. */
bool profile_feature_from_numbers(
    struct profile_feature *feature, const char *name, const double *values, size_t n);
bool profile_feature_from_column(struct profile_feature *feature,
    const struct dataset_column *column, const struct dataset_values *values, size_t rows);
/* The quantile q in [0,1] of a numeric feature, linear within a fine bin; else NaN. */
double profile_feature_quantile(const struct profile_feature *feature, double q);
void profile_feature_free(struct profile_feature *feature);

#endif
