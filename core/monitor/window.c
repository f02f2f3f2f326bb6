#include "core/monitor/window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/monitor/kept.h"

enum { RING = SERIES_BUCKETS + SERIES_SLACK };

static const struct series_bucket *
find_bucket(const struct series *series, int64_t index)
{
	const struct series_bucket *bucket = series->buckets[clock_place(index, RING)];
	return bucket != NULL && bucket->index == index ? bucket : NULL;
}

/* Merged anew only if one of them has changed: a record always raises n. */
static const struct series_bucket *
merge_buckets(struct kept *kept, const struct series_bucket *const *list, size_t count)
{
	struct series_bucket **place = &kept->buckets[clock_place(list[0]->index, SERIES_BUCKETS)];
	uint32_t n = 0;
	for (size_t i = 0; i < count; i++)
		n += list[i]->n;
	if (*place == NULL)
		*place = mem_alloc(sizeof(**place));
	struct series_bucket *sum = *place;
	if (sum->index == list[0]->index && sum->n == n)
		return sum;
	*sum = (struct series_bucket){.index = list[0]->index, .n = n};
	for (size_t i = 0; i < count; i++) {
		sum->volume += list[i]->volume;
		sum->answered += list[i]->answered;
		sum->errors += list[i]->errors;
		sum->rejected += list[i]->rejected;
		sum->decided += list[i]->decided;
		sum->flagged += list[i]->flagged;
		sum->identified += list[i]->identified;
		sum->duplicates += list[i]->duplicates;
		latency_merge(&sum->latency, &list[i]->latency);
	}
	return sum;
}

static const struct quality_bucket *
merge_quality(struct kept *kept, const struct quality_bucket *const *list, size_t count)
{
	struct quality_bucket **place =
	    &kept->quality[clock_place(list[0]->index, SERIES_QUALITY_BUCKETS)];
	uint64_t changes = 0;
	for (size_t i = 0; i < count; i++)
		changes += list[i]->changes;
	if (*place == NULL)
		*place = mem_alloc(sizeof(**place));
	struct quality_bucket *sum = *place;
	if (sum->index == list[0]->index && sum->changes == changes)
		return sum;
	memset(sum, 0, sizeof(*sum));
	sum->index = list[0]->index;
	for (size_t i = 0; i < count; i++)
		series_quality_merge(sum, list[i]);
	return sum;
}

static void
fill_slots(struct window *window, struct series *const *list, size_t count)
{
	int64_t last = window->end / list[0]->bucket_us;
	window->quality_first =
	    series_quality_index(&list[0]->quality, window->end) - SERIES_QUALITY_BUCKETS + 1;
	const struct series_bucket *found[MONITOR_SERIES_ALL];
	const struct quality_bucket *quality[MONITOR_SERIES_ALL];
	for (int64_t slot = 0; slot < SERIES_BUCKETS; slot++) {
		size_t n = 0;
		for (size_t i = 0; i < count; i++) {
			found[n] = find_bucket(list[i], last - SERIES_BUCKETS + 1 + slot);
			n += found[n] != NULL;
		}
		window->slots[slot] = n > 1 ? merge_buckets(window->kept, found, n)
				      : n   ? found[0]
					    : NULL;
	}
	for (int64_t slot = 0; slot < SERIES_QUALITY_BUCKETS; slot++) {
		size_t n = 0;
		for (size_t i = 0; i < count; i++) {
			quality[n] =
			    series_quality_find(&list[i]->quality, window->quality_first + slot);
			n += quality[n] != NULL;
		}
		window->quality[slot] = n > 1 ? merge_quality(window->kept, quality, n)
					: n   ? quality[0]
					      : NULL;
	}
}

/* Counts over bins can be added only where the bins are the same. */
static void
set_model(
    struct window *window, const struct monitor *monitor, struct series *const *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (list[i]->model_index != list[0]->model_index ||
		    list[i]->version_index != list[0]->version_index)
			return;
	}
	window->model = monitor->models[list[0]->model_index];
	window->version = &window->model->versions[list[0]->version_index];
}

/* What is kept of them; of several, if there is room for it. */
static void
take_kept(struct window *window, struct monitor *monitor, struct kept **kept)
{
	size_t columns = window->model != NULL ? window->model->features_count : 0;
	if (*kept == NULL)
		*kept = window->list_count == 1 ? kept_new() : room_new_merged(monitor, columns);
	window->passing = *kept == NULL;
	window->kept = window->passing ? kept_new() : *kept;
}

struct window *
window_new(struct monitor *monitor, struct kept **kept, struct series *const *list, size_t count)
{
	struct window *window = mem_alloc(sizeof(*window));
	set_model(window, monitor, list, count);
	window->list = list;
	window->list_count = count;
	take_kept(window, monitor, kept);
	window->end = monitor->clock;
	window->threshold = window->rate = NAN;
	for (size_t i = 0; i < count; i++) {
		const struct series *series = list[i];
		if (window->first_ts == 0 || series->first_ts < window->first_ts)
			window->first_ts = series->first_ts;
		if (series->last_ts >= window->last_ts) {
			window->last_ts = series->last_ts;
			window->threshold = series->threshold;
		}
		/* The clock is that of the slowest source; this series may be ahead of it. */
		double rate = series_rate(
		    series, monitor->clock > series->last_ts ? monitor->clock : series->last_ts);
		if (!isnan(rate))
			window->rate = isnan(window->rate) ? rate : window->rate + rate;
		latency_merge(&window->label_lag, &series->quality.label_lag);
		latency_merge(&window->positive_lag, &series->quality.positive_lag);
	}
	if (window->last_ts > window->end)
		window->end = window->last_ts;
	fill_slots(window, list, count);
	return window;
}

void
window_free(struct window *window)
{
	if (window->passing)
		kept_free(window->kept);
	free(window);
}
