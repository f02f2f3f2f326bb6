/* monitor_quality.c: predictions, their labels, and negatives by assumption, into the quality of
 * their series; the first two also into its recent rows. */
#include "core/monitor/state.h"

bool
monitor_count_quality(
    struct monitor *monitor, struct series *series, const struct prediction *prediction)
{
	struct series_quality *quality = &series->quality;
	int64_t index = series_quality_index(quality, prediction->ts);
	struct join_entry entry = {.ts = prediction->ts,
	    .score = join_score(prediction->score),
	    .series = (uint32_t)series->number,
	    .cohort = cohorts_find(&quality->cohorts, prediction, index, SERIES_QUALITY_BUCKETS),
	    .decision = (int8_t)monitor_decision(prediction),
	    .label = (int8_t)prediction->label};
	bool duplicate = false;
	join_prediction(monitor->join, join_hash(prediction->request_id), &entry, &duplicate);
	if (duplicate)
		return true;
	series_quality_prediction(quality, &entry);
	if (series->recent != NULL)
		recent_add(series->recent, prediction, entry.decision, entry.label, false);
	return false;
}

void
monitor_label(struct monitor *monitor, const struct label *label)
{
	struct join_entry entry;
	int previous = -1;
	wall_us seen = label->ts != 0 ? label->ts : monitor->clock;
	if (!join_label(monitor->join, join_hash(label->request_id), seen, label->value, &entry,
		&previous) ||
	    entry.series >= monitor->series_count)
		return;
	struct series *series = monitor->series[entry.series];
	int64_t lag_us = label->ts > entry.ts ? label->ts - entry.ts : -1;
	series_quality_label(&series->quality, &entry, previous, lag_us, seen);
	if (series->recent != NULL)
		recent_label(series->recent, label->request_id, label->value);
}

void
monitor_assume_negatives(struct monitor *monitor)
{
	struct join_entry entry;
	while (join_due(monitor->join, monitor->clock, &entry)) {
		if (entry.series < monitor->series_count)
			series_quality_assume(
			    &monitor->series[entry.series]->quality, &entry, monitor->clock);
	}
}
