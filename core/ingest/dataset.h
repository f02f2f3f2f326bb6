/* dataset.h: a whole file in memory, by column, for exact figures (report, profile, score).
 *
 * Read from a prediction log (JSON lines, told by the first byte `{`) or a CSV with a header (RFC 4180:
 * quotes, doubled quotes, newlines in quotes, CRLF; rows of another width are rejected with a reason).
 * A column is numeric if all of its present values are numbers, else categorical. Missing in a CSV:
 * empty, NaN, nan, NULL, null, None, NA. */
#ifndef FRAUDTOP_INGEST_DATASET_H
#define FRAUDTOP_INGEST_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/err.h"

#define DATASET_MISSING UINT32_MAX

struct dataset_column {
	char *name;
	bool categorical;
	double *numbers;      /* numeric: one a row, NaN missing (inf is kept) */
	uint32_t *codes;      /* categorical: index into categories, or DATASET_MISSING */
	char **categories;    /* in order of first appearance, clean */
	size_t categories_count;
};

/* Which CSV columns are not features. Each is a comma-separated list of names, or NULL. */
struct dataset_options {
	const char *score, *label, *decision, *id, *time, *segment, *version, *ignore;
	const char *categorical; /* read as categories whatever they look like */
};

struct dataset {
	size_t rows, rejected;
	char last_reason[256]; /* of the last rejected line, with its line number */
	struct dataset_column *features;
	size_t features_count;
	/* One a row each, or NULL if the data has no such thing. NaN, -1, 0 and DATASET_MISSING: unknown. */
	wall_us *ts;
	double *score, *threshold, *latency_ms;
	int8_t *decision, *label;
	int *status;
	uint64_t *id;	       /* hash of the request id, 0 if none */
	struct dataset_column *version, *segment, *service, *model; /* categorical, or NULL */
};

/* Reads all of `path`; options NULL for none. Appends to *data (zero-initialised at first), so that
 * several files make one dataset; columns are matched by name. A named column that is not there is an
 * error (ERR_USAGE) naming the nearest one that is. */
bool dataset_read(struct dataset *data, const char *path, const struct dataset_options *options,
    struct err *err);

/* Sets data->label from a label feed (JSON lines, or a CSV with columns id and label as named by the
 * options), joined by request id; the last label of an id wins. Counts into the outputs (NULL is fine). */
bool dataset_join_labels(struct dataset *data, const char *path,
    const struct dataset_options *options, uint64_t *joined, uint64_t *unmatched, struct err *err);

struct dataset_column *dataset_feature(const struct dataset *data, const char *name); /* or NULL */
void dataset_free(struct dataset *data);

#endif
