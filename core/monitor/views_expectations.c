/* views_expectations.c: what the window's records make of the suites their model is held to. */
#include "core/monitor/views.h"

void
views_expectations(
    struct series_view *series, const struct window *window, struct snapshot *snapshot)
{
	if (window->model == NULL)
		return;
	const struct series *first = window->list[0];
	const struct expectations *suites = &first->expectations;
	int64_t last = clock_stretch(window->end, first->bucket_us);
	size_t size = 0;
	for (size_t i = 0; i < suites->count; i++)
		size += suite_size(suites->suites[i]);
	series->expectations = snapshot_alloc(snapshot, size * sizeof(*series->expectations));
	for (size_t i = 0; i < suites->count; i++) {
		struct suite_counts *sum = suite_counts_new(suites->suites[i]);
		for (int64_t index = last - SERIES_BUCKETS + 1; index <= last; index++) {
			for (size_t k = 0; k < window->list_count; k++)
				expectations_sum(&window->list[k]->expectations, i, index, sum);
		}
		suite_judge(
		    suites->suites[i], sum, series->expectations + series->expectations_count);
		series->expectations_count += suite_size(suites->suites[i]);
		suite_counts_free(sum);
	}
}
