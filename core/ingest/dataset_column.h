/* dataset_column.h: one column of a dataset, in memory or on disk. */
#ifndef FRAUDTOP_INGEST_DATASET_COLUMN_H
#define FRAUDTOP_INGEST_DATASET_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intern;
struct column_store;

#define DATASET_MISSING UINT32_MAX

struct dataset_column {
	char *name;
	bool categorical;
	/* In memory; both are NULL if the values are on disk: see dataset_load. */
	double *numbers; /* numeric: one a row, NaN missing (inf is kept) */
	uint32_t *codes; /* categorical: index into categories, or DATASET_MISSING */
	struct column_store *store;
	char **categories; /* in order of first appearance, clean */
	size_t categories_count;
	double attribution_sum; /* of |attribution|, over the rows that bear one */
	uint64_t attribution_count;
	struct intern *texts; /* categories and categories_count are its view */
};

/* One column's values, wherever they lie. */
struct dataset_values {
	const double *numbers; /* or NULL; as in struct dataset_column */
	const uint32_t *codes;
	void *own;
};

/* False: they cannot be read back from disk, and the dataset has failed. */
bool dataset_load(const struct dataset_column *column, struct dataset_values *values);
void dataset_unload(struct dataset_values *values); /* zero-initialised is fine */

#endif
