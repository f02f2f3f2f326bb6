/* compat.h: what another tool would compute on the same two samples (METRICS.md 1.1 to 1.7), for
 * like-for-like comparison: its choice of test, its bins, its zero rule, its base, its limit. */
#ifndef FRAUDTOP_STATS_COMPAT_H
#define FRAUDTOP_STATS_COMPAT_H

#include <stdbool.h>
#include <stddef.h>

enum compat_tool { COMPAT_NONE, COMPAT_EVIDENTLY, COMPAT_NANNYML, COMPAT_SAGEMAKER };

/* `none`, `evidently`, `nannyml`, `sagemaker`; false if it is none of them. */
bool compat_parse(const char *name, enum compat_tool *tool);
const char *compat_name(enum compat_tool tool);

struct compat_bins {
	bool of_values; /* a bin a value; else equal widths */
	size_t count;
	double *edges; /* count + 1; of_values: the values, the last of them twice */
	double *reference, *current; /* counts a bin */
	double current_outside; /* of current values outside the edges (NannyML) */
};

/* Evidently: one bin per distinct value up to 20 distinct reference values, else numpy's Sturges
 * rule over both samples together. NannyML: Doane's rule on the reference alone. Samples are
 * sorted, without NaN and infinities. */
void compat_bins_evidently(
    struct compat_bins *bins, const double *reference, size_t n, const double *current, size_t m);
void compat_bins_nannyml(
    struct compat_bins *bins, const double *reference, size_t n, const double *current, size_t m);
void compat_bins_free(struct compat_bins *bins);
/* Jensen-Shannon distance to base 2 and Hellinger over the bins; what is outside is one bin more.
 */
double compat_bins_js_distance(const struct compat_bins *bins);
double compat_bins_hellinger(const struct compat_bins *bins);

struct compat_verdict {
	const char *test; /* as the tool names it */
	double value, threshold; /* NaN: none */
	bool value_is_p; /* drifted when value is at most the threshold, else when it is at least */
	int drifted; /* 1, 0, -1 unknown */
};

/* Numeric: sorted samples. Categorical: counts a category, of the union of both sides. */
struct compat_verdict compat_numeric(
    enum compat_tool tool, const double *reference, size_t n, const double *current, size_t m);
struct compat_verdict compat_categorical(
    enum compat_tool tool, const double *reference, const double *current, size_t categories);

enum compat_offset {
	COMPAT_OFFSET_MEAN,
	COMPAT_OFFSET_MEDIAN,
	COMPAT_OFFSET_MIN,
	COMPAT_OFFSET_MAX
};

/* NannyML's own limit: offset - k_lower std and offset + k_upper std (population) of the metric
 * over chunks of the reference; a k of NaN: no such limit (NaN). */
void compat_sd_threshold(const double *values, size_t n, enum compat_offset offset, double k_lower,
    double k_upper, double *low, double *high);

#endif
