/* report_data.h: how sound the values of one column are (METRICS.md 1.15). Inside the report only.
 */
#ifndef FRAUDTOP_REPORT_REPORT_DATA_H
#define FRAUDTOP_REPORT_REPORT_DATA_H

#include "core/base/jsonw.h"
#include "core/config/config.h"
#include "core/reference/profile.h"
#include "core/report/report_compat.h"
#include "core/report/report_side.h"
#include "core/monitor/verdict.h"
#include "core/stats/tests.h"

#define REPORT_UNSEEN 3

struct report_data {
	bool compared; /* there is a reference to hold it to */
	double nulls_reference, nulls; /* shares of the records */
	struct test_result nulls_z;
	enum severity nulls_severity;
	uint64_t nonfinite;
	double low, high; /* the reference's range; NaN: none */
	uint64_t below, above; /* it */
	bool unseen_known; /* is it known which values the reference has? */
	uint64_t unseen; /* values that it has not */
	bool unseen_beyond; /* more than rare words alone would bring */
	struct {
		char text[64];
		uint64_t count;
	} unseen_top[REPORT_UNSEEN]; /* the most common; count 0: none */
	double type_changed; /* by how much the share of numbers changed */
	bool constant; /* it was not in the reference, and is now */
	bool absent; /* of the reference, and not of the data */
	bool extra; /* not of the reference */
	enum severity severity;
	char reason[160]; /* of the worst; "" if all is well */
};

/* What a column is held to: the reference's values, or what a profile knows of them. */
struct report_base {
	bool known; /* the reference has such a column, be it empty */
	uint64_t n, missing;
	const struct profile_feature *feature; /* NULL: no values */
	const struct report_side *side; /* the values; NULL: the reference is a profile */
	double numeric_share; /* of its values that spell a number; NaN unknown */
	enum compat_tool compat; /* another tool's test to do as well */
	double compat_limit; /* what that tool takes from the reference; NaN: nothing */
};

/* numeric_share is the current side's, before it was turned into the reference's type. absent: the
 * data has no such column. */
struct report_data report_data_of(const struct report_base *base, const struct report_side *current,
    double numeric_share, bool absent, const struct config *config, uint64_t min_samples);
/* n: values of the column. */
void report_data_write(struct jsonw *json, const struct report_data *data, uint64_t n);

#endif
