/* monitor_quality.c: predictions, their labels, and negatives by assumption, into the quality of
 * their series; the first two also into its recent rows. */
#include "core/monitor/state.h"
#include "core/monitor/monitor_count.h"

bool
monitor_count_quality(struct monitor *monitor, struct series *series, struct series_bucket *bucket,
    uint64_t hash, struct join_entry *entry, const struct quality_place *place)
{
	if (monitor->config->join_sample > 1 && !(hash != 0 && join_sampled(monitor->join, hash)))
		return false;
	bool duplicate = false;
	join_prediction(monitor->join, hash, entry, &duplicate);
	bucket->identified += hash != 0;
	bucket->duplicates += duplicate;
	if (!duplicate)
		series_quality_prediction(&series->quality, entry, place);
	return duplicate;
}

void
monitor_count_label(struct monitor *monitor, const struct label *label, uint64_t hash)
{
	struct join_entry entry;
	int previous = -1;
	wall_us seen = label->ts != 0 ? label->ts : monitor->clock;
	if (!join_label(monitor->join, hash, seen, label->value, &entry, &previous) ||
	    entry.series >= monitor->series_count)
		return;
	struct series *series = monitor->series[entry.series];
	if (series->folded || entry.ts < series->since)
		return;
	int64_t lag_us = label->ts > entry.ts ? label->ts - entry.ts : -1;
	series_quality_label(&series->quality, &entry, previous, lag_us, seen);
	if (series->recent != NULL)
		recent_label(series->recent, label->request_id, hash, label->value);
	if (room_is_over(&monitor->room))
		room_make(monitor);
}

void
monitor_settle(struct monitor *monitor)
{
	for (size_t i = 0; i < monitor->series_count; i++)
		concept_settle(&monitor->series[i]->quality.concept);
}

void
monitor_label(struct monitor *monitor, const struct label *label)
{
	monitor_count_label(monitor, label, join_hash(label->request_id));
	monitor_settle(monitor);
}

void
monitor_assume_negatives(struct monitor *monitor)
{
	struct join_entry entry;
	while (join_due(monitor->join, monitor->clock, &entry)) {
		if (entry.series >= monitor->series_count)
			continue;
		struct series *series = monitor->series[entry.series];
		if (!series->folded && entry.ts >= series->since)
			series_quality_assume(&series->quality, &entry, monitor->clock);
		if (room_is_over(&monitor->room))
			room_make(monitor);
	}
	monitor_settle(monitor);
}
