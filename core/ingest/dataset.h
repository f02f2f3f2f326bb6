/* dataset.h: whole files by column, for exact figures (report, profile, score).
 *
 * Features are held in memory up to a budget; beyond it they lie in a temporary file, and are
 * loaded one at a time. What every record has (times, scores, labels, ids) stays in memory.
 *
 * Read from a prediction log (JSON lines, told by the first byte `{`) or a CSV with a header (RFC
 * 4180: quotes, doubled quotes, newlines in quotes, CRLF; rows of another width are rejected with a
 * reason). A column is numeric if all of its present values are numbers, else categorical: then a
 * number is its text (as written in a CSV, the shortest that reads back equal in a log or from an
 * earlier file). A feature that a record of a log lacks is missing in that row; the
 * attribution of a name that has been no feature so far is passed over. Missing in a CSV:
 * empty, NaN, nan, NULL, null, None, NA. Texts are clean and cut to 256 bytes. A CSV column without
 * a name is `column N`. */
#ifndef FRAUDTOP_INGEST_DATASET_H
#define FRAUDTOP_INGEST_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/ingest/dataset_column.h"
#include "core/ingest/dataset_options.h"

struct scratch;

#define DATASET_BUDGET 536870912 /* bytes of features in memory, if nothing else is said */
#define DATASET_MAX_FEATURES 4096 /* a record with a further one is rejected */

struct dataset {
	size_t rows, rejected, before; /* before: left out by options.since */
	char last_reason[256]; /* of the last rejected line, with its line number */
	struct dataset_column *features;
	size_t features_count;
	/* One a row each, or NULL if the data has no such thing. NaN, -1, 0 and DATASET_MISSING:
	 * unknown. */
	wall_us *ts;
	double *score, *threshold, *latency_ms;
	int8_t *decision, *label;
	int16_t *status;
	uint64_t *id; /* hash of the request id, 0 if none */
	struct dataset_column *version, *segment, *service, *model; /* categorical, or NULL */
	struct dataset_column *request; /* the request ids, likewise, if keep_ids is set */
	bool keep_ids; /* to be set before reading */
	size_t
	    budget; /* bytes of features in memory; 0: DATASET_BUDGET. To be set before reading */
	/* The dataset's own. */
	struct scratch *scratch; /* NULL: all is in memory */
	size_t capacity, features_capacity;
	struct intern *names; /* of the features, numbered alike */
};

/* Reads all of `path`; options NULL for none. Appends to *data (zero-initialised at first), so that
 * several files make one dataset; columns are matched by name. A named column that is not there is
 * an error (ERR_USAGE) naming the nearest one that is. A CSV of which no row can be read is
 * ERR_DATA; in a log, rows and rejected tell. After an error *data holds what was read until then.
 */
bool dataset_read(
    struct dataset *data, const char *path, const struct dataset_options *options, struct err *err);

/* Did the temporary file fail, now or before? Then err (NULL is fine) says why, and figures of this
 * dataset are not to be used. */
bool dataset_failed(const struct dataset *data, struct err *err);

/* Sets data->label from a label feed (JSON lines, or a CSV with columns id and label as named by
 * the options, else `request_id` or `id`, and `label`), joined by request id to every row that
 * bears it; the last label of an id wins. Counts labels into the outputs (NULL is fine); those that
 * cannot be read are added to data->rejected. */
bool dataset_join_labels(struct dataset *data, const char *path,
    const struct dataset_options *options, uint64_t *joined, uint64_t *unmatched, struct err *err);

struct dataset_column *dataset_feature(const struct dataset *data, const char *name); /* or NULL */
void dataset_free(struct dataset *data);

#endif
