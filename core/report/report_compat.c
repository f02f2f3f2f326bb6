/* report_compat.c: see report_compat.h. */
#include "core/report/report_compat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { CHUNKS = 10, DEVIATIONS = 3 };

/* Counts a word of both sides, each word once. */
static struct compat_verdict
compare_words(
    enum compat_tool tool, const struct report_side *reference, const struct report_side *current)
{
	size_t most = reference->words_count + current->words_count, count = 0;
	double *before = mem_alloc((most + 1) * sizeof(*before));
	double *now = mem_alloc((most + 1) * sizeof(*now));
	for (size_t i = 0, j = 0; i < reference->words_count || j < current->words_count; count++) {
		int order = i == reference->words_count ? 1
			    : j == current->words_count
				? -1
				: strcmp(reference->words[i].text, current->words[j].text);
		if (order <= 0)
			before[count] = (double)reference->words[i++].count;
		if (order >= 0)
			now[count] = (double)current->words[j++].count;
	}
	struct compat_verdict verdict = compat_categorical(tool, before, now, count);
	free(before);
	free(now);
	return verdict;
}

static struct compat_verdict
compare(
    enum compat_tool tool, const struct report_side *reference, const struct report_side *current)
{
	if (current->categorical)
		return compare_words(tool, reference, current);
	return compat_numeric(tool, reference->numbers, reference->n, current->numbers, current->n);
}

double
report_compat_limit(enum compat_tool tool, const struct dataset_column *column,
    const struct dataset_values *values, size_t rows, const struct report_side *side)
{
	size_t size = rows / CHUNKS, count = 0;
	double metric[2 * CHUNKS], low, high;
	if (tool != COMPAT_NANNYML || size == 0)
		return NAN;
	for (size_t from = 0; from < rows; from += size) {
		struct dataset_values part = *values;
		struct rows chunk = {.count = size < rows - from ? size : rows - from};
		struct report_side current;
		if (part.numbers != NULL)
			part.numbers += from;
		if (part.codes != NULL)
			part.codes += from;
		report_side_take(&current, column, &part, &chunk, NULL);
		double value = compare(tool, side, &current).value;
		if (!isnan(value))
			metric[count++] = value;
		report_side_free(&current);
	}
	compat_sd_threshold(metric, count, COMPAT_OFFSET_MEAN, NAN, DEVIATIONS, &low, &high);
	return high;
}

struct compat_verdict
report_compat(enum compat_tool tool, const struct report_side *reference,
    const struct report_side *current, double limit)
{
	struct compat_verdict verdict = compare(tool, reference, current);
	if (!isnan(limit) && !isnan(verdict.value)) {
		verdict.threshold = limit;
		verdict.drifted = verdict.value > limit;
	}
	return verdict;
}
