/* monitor_count.h: one record into the buckets of its series: what it is to traffic, value by value
 * (monitor_count.c), and to quality (monitor_quality.c). */
#ifndef FRAUDTOP_MONITOR_MONITOR_COUNT_H
#define FRAUDTOP_MONITOR_MONITOR_COUNT_H

#include "core/monitor/state.h"

/* What counts of a prediction whether it was scored or not. */
struct traffic {
	wall_us ts;
	double threshold, latency_us; /* NaN: not logged */
	uint16_t latency_bucket; /* only with a latency */
	int16_t status;
	int8_t decision;
	bool scored;
};

struct traffic monitor_traffic(const struct prediction *prediction);
void monitor_count_traffic(struct series *series, struct series_bucket *bucket,
    const struct traffic *traffic, uint32_t weight);
/* Makes series->now the buckets of that time, the record counted in them. */
void monitor_count_hour(
    const struct model_state *model, struct series *series, wall_us ts, size_t hour);
/* A value of column `at`; lacking: the record does not name it. */
void monitor_count_value(struct monitor *monitor, struct model_state *model, struct series *series,
    size_t at, const struct feature_value *value, bool lacking);
void monitor_count_score(
    struct monitor *monitor, struct series *series, double score, wall_us ts, size_t hour);
/* Keeps it whole; its decision and label are the entry's. */
void monitor_keep_row(struct monitor *monitor, struct series *series,
    const struct prediction *prediction, uint64_t hash, const struct join_entry *entry,
    bool failed);
/* All of it. */
void monitor_count(struct monitor *monitor, struct series *series, struct series_bucket *bucket,
    const struct prediction *prediction, uint64_t hash, uint32_t weight, bool keep);
/* A value as a word that its reference has not; room is for a number's. */
const char *monitor_word(const struct feature_value *value, char room[32]);

/* monitor_quality.c */
/* Counts it unless its request id came before or the join's sample leaves it out; tells the bucket.
 * True: the id came before. */
bool monitor_count_quality(struct monitor *monitor, struct series *series,
    struct series_bucket *bucket, uint64_t hash, struct join_entry *entry,
    const struct quality_place *place);
/* What the change detectors were given is fed to them: before anything is asked or saved. */
void monitor_settle(struct monitor *monitor);
void monitor_count_label(struct monitor *monitor, const struct label *label, uint64_t hash);
/* Those that windows.assume_negative_after makes due at the clock. */
void monitor_assume_negatives(struct monitor *monitor);

#endif
