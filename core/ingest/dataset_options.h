/* dataset_options.h: how the columns of a file are to be understood that is read as a dataset. */
#ifndef FRAUDTOP_INGEST_DATASET_OPTIONS_H
#define FRAUDTOP_INGEST_DATASET_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"

struct prediction;

/* Which CSV columns are not features. Each is a comma-separated list of names, or NULL; of a list
 * for one thing the first that the file has is taken. In a log only `ignore` and `categorical`
 * count, by name of the feature. A time is RFC 3339, or a number of seconds, ms, us or ns since
 * 1970, by its size. */
struct dataset_options {
	const char *score, *label, *decision, *id, *time, *segment, *version, *ignore;
	const char *categorical; /* read as categories whatever they look like */
	bool labels_apart; /* the label's column is in the label feed: the data may lack it */
	wall_us since; /* rows before it, or of unknown time, are left out; 0: none */
	bool lenient; /* a named column that is not there is passed over: a reference may lack some
		       */
	/* Called with each record of a log that has become row `row`; its features are then not
	 * kept. NULL: none. */
	void (*record)(const struct prediction *prediction, size_t row, void *context);
	void *context;
};

#endif
