/* monitor.h: predictions and labels in, windows kept; what comes out is in
 * monitor_view.h. It knows no file, no service, no screen.
 *
 * Event time: each source has a watermark (its newest accepted time); the clock of the windows is
 * the smallest watermark of the sources that are not idle; when all are idle a live view follows
 * the wall clock. Live means that a record once came within MONITOR_LIVE of the wall clock, so an
 * old log replays exactly and stands still at its end. (DESIGN.md section 4.)
 *
 * Memory does not grow with traffic. With B = 64 + 5 * (verdict.of - 1) buckets, a series has at
 * most 270 KiB of latency and errors, B * 0.9 KiB for each feature and the score, B * 0.7 KiB for
 * each length of window among them, and its quality (series_quality.h); and, while it is live,
 * replay.rows of 1 KiB each (recent.h). All of them together have memory.windows at the most, and
 * there are at most MONITOR_SERIES_MAX: what is beyond is counted as `other` (room.h). Predictions
 * that wait for their label take memory.join_memory at the most. */
#ifndef FRAUDTOP_MONITOR_MONITOR_H
#define FRAUDTOP_MONITOR_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/config.h"
#include "core/join/join.h"
#include "core/ingest/record.h"
#include "core/reference/profile.h"
#include "core/monitor/snapshot.h"
#include "core/expect/suite.h"

/* More (service, model, version) than so many are counted as `other`; and all, with these. */
enum { MONITOR_SERIES_MAX = 256, MONITOR_SERIES_ALL = 320 };
#define MONITOR_FEATURES_MAX 256 /* of one model; what comes after is passed over */
#define MONITOR_LIVE (10 * CLOCK_MINUTE)
#define MONITOR_AHEAD (5 * CLOCK_MINUTE)

enum monitor_verdict {
	MONITOR_ACCEPTED,
	MONITOR_LATE, /* further behind its source than `lateness`: counted, not in the windows */
	MONITOR_REFUSED /* ahead of the wall clock: err says how far */
};

struct monitor;

/* config must outlive it. */
struct monitor *monitor_new(const struct config *config);
void monitor_free(struct monitor *monitor); /* NULL is fine */

/* Where the join may keep what goes beyond its memory, and its part of a checkpoint. Before the
 * first record. */
void monitor_set_join_folder(struct monitor *monitor, const char *folder);
/* So many MiB for windows and references, instead of the configuration's. */
void monitor_limit_windows(struct monitor *monitor, int64_t mib);
/* Announces a source of predictions; returns its number. */
size_t monitor_add_source(struct monitor *monitor);
/* Each of its records stands for so many (it is a sample of one in so many): volumes and rates are
 * multiplied by it, numbers of samples are not. 1 unless it is said. */
void monitor_weigh_source(struct monitor *monitor, size_t source, uint32_t weight);
/* Uses a profile as the reference of `model` and takes it over. Once a model, before its first
 * record. */
void monitor_set_profile(
    struct monitor *monitor, const char *model, const char *path, struct profile *profile);

/* Holds the records of `model` to a suite and takes it over. Before its first record. */
void monitor_add_suite(struct monitor *monitor, const char *model, struct suite *suite);
/* Takes over all profiles and suites of `before`, which is good for freeing only from then on. */
void monitor_take_references(struct monitor *monitor, struct monitor *before);

/* One record. default_service and default_model stand in where the record names none. */
enum monitor_verdict monitor_prediction(struct monitor *monitor, size_t source,
    const struct prediction *prediction, const char *default_service, const char *default_model,
    struct err *err);
/* 1 flagged, 0 not, -1 unknown: as logged, else by the logged threshold. */
int monitor_decision(const struct prediction *prediction);
void monitor_label(struct monitor *monitor, const struct label *label);

/* Moves the clock on (idle sources, the wall clock) and drops what is too old. */
void monitor_tick(struct monitor *monitor);
wall_us monitor_clock(const struct monitor *monitor);
struct join_view monitor_join(const struct monitor *monitor);

#endif
