/* report.h: every metric this program has over whole data, exact, as one JSON object, schema
 * fraudtop.report/1 (DESIGN.md section 6). What cannot be known is null. */
#ifndef FRAUDTOP_REPORT_REPORT_H
#define FRAUDTOP_REPORT_REPORT_H

#include "core/base/buf.h"
#include "core/config/config.h"
#include "core/ingest/dataset.h"
#include "core/reference/profile.h"

struct report_input {
	const struct dataset *data; /* labels already joined; its sort order is kept */
	const struct dataset *reference; /* NULL: none, or a profile */
	const struct profile *profile; /* NULL: none, or a dataset */
	double threshold; /* where no decision is logged; NaN: none */
	const struct config *config; /* limits */
};

/* False: a dataset's temporary file cannot be read back, and out is not to be used. */
bool report_write(const struct report_input *input, bool pretty, struct buf *out, struct err *err);

#endif
