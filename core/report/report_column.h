/* report_column.h: one column of a report (a feature, the score) against its reference. Inside the
 * report only. */
#ifndef FRAUDTOP_REPORT_REPORT_COLUMN_H
#define FRAUDTOP_REPORT_REPORT_COLUMN_H

#include "core/base/jsonw.h"
#include "core/report/report.h"
#include "core/report/report_data.h"
#include "core/report/report_side.h"
#include "core/monitor/verdict.h"
#include "core/stats/compat.h"
#include "core/stats/tests.h"

/* The comparison with the same hours of the reference, beside the plain one. */
struct report_season {
	enum season season; /* none, hour-of-day or hour-of-week */
	bool lacking; /* the reference has nothing in these hours */
	double psi, null_level, n_reference, p_chi2;
};

struct report_column {
	const char *name;
	bool categorical;
	bool in_reference; /* the reference has such a column, be it empty */
	bool absent; /* of the reference, and not of the data */
	uint64_t n_reference, missing_reference, n_current, missing_current;
	double psi, null_level, kl, js, hellinger, linf, tvd;
	double wasserstein, wasserstein_low, wasserstein_high, wasserstein_norm;
	struct test_result ks, chi2, z, anderson;
	struct report_season season;
	enum compat_tool compat; /* none: not asked for, or it needs the reference's values */
	struct compat_verdict compat_verdict;
	struct report_data data;
	struct verdict_limits limits;
	struct verdict_evidence evidence;
	double p_adjusted;
	enum severity severity;
	char reason[160];
};

/* Compares; current may change its type to that of the base. The verdict is still to come. */
void report_column_compare(struct report_column *column, const struct report_base *base,
    struct report_side *current, const struct config *config);
/* Verdicts on the columns of one block, p adjusted over all of them. */
void report_column_judge(struct report_column *columns, size_t count);
/* Writes the object of one column; key NULL inside an array. */
void report_column_write(struct jsonw *json, const char *key, const struct report_column *column);

/* `{"statistic", "p_value"}`, with dof where it has some. */
void report_write_test(struct jsonw *json, const char *key, const struct test_result *test);

#endif
