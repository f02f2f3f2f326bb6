/* snapshot.h: what every face of the program reads: one immutable picture of everything known.
 *
 * The monitor makes it (monitor.h); screen, JSON, batch, actions and tests only read it. All text
 * in it is clean (base/text.h). Every number that may be unknown is a `struct metric`; a face draws
 * METRIC_NONE as `-`, never as 0. Pointers inside live as long as the snapshot. Rates are per
 * second, latencies milliseconds, shares and probabilities in [0,1], times microseconds since 1970.
 */
#ifndef FRAUDTOP_MONITOR_SNAPSHOT_H
#define FRAUDTOP_MONITOR_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/monitor/replay_view.h"
#include "core/monitor/series_view.h"

enum service_state {
	SERVICE_UNKNOWN, /* nothing heard yet */
	SERVICE_OK,
	SERVICE_SLOW, /* p95 or p99 over its limit */
	SERVICE_FAILING, /* error rate over its limit, or health says so */
	SERVICE_DOWN /* does not answer */
};

/* Where latency and errors come from, best first (DESIGN.md section 8). */
enum figure_source { SOURCE_NONE, SOURCE_LOG, SOURCE_METRICS, SOURCE_PROBE };

struct service_view {
	char name[SNAPSHOT_NAME], url[256], model[SNAPSHOT_NAME], alias[SNAPSHOT_NAME],
	    registry[SNAPSHOT_NAME];
	enum service_state state;
	char reason[256]; /* why it is not OK, or why an OK one has no figures, or "" */
	wall_us since; /* when it entered this state */
	char version[SNAPSHOT_NAME]; /* that answers now (health, else log); "" unknown */
	int64_t epoch; /* of the alias, as /health reports it; -1 unknown */
	struct metric rtt_ms, rps, error_rate, p50_ms, p95_ms, p99_ms, age_s;
	enum figure_source latency_source;
	double p99_curve[SNAPSHOT_SPARK];
	size_t curve_points;
	/* The series of `version`, and one over all versions (its drift is left empty). NULL: none.
	 */
	const struct series_view *current, *all;
	const struct replay_view *replay; /* of the series of `version`; NULL: no replay is made */
};

struct version_metric {
	char name[40];
	double value;
};
enum { VERSION_METRICS = 8 };
/* What a version's metadata tell of its training; "" and none where they do not. */
struct version_told {
	char trained_at[40], note[160]; /* as they stand there */
	struct version_metric metrics[VERSION_METRICS];
	size_t metrics_count;
};

/* One version of a model, from the registry and from what was seen. */
struct version_view {
	char version[SNAPSHOT_NAME], created_by[SNAPSHOT_NAME], sha256[65], path[256];
	char aliases[256]; /* that point at it, comma separated */
	wall_us created_at, last_live; /* 0 unknown */
	struct metric threshold;
	struct version_told told;
	bool registered;
	const struct series_view *series; /* over all services; NULL if never seen */
};

/* A (registry, model, alias): what an operator moves. */
struct target_view {
	char registry[SNAPSHOT_NAME], model[SNAPSHOT_NAME], alias[SNAPSHOT_NAME];
	char version[SNAPSHOT_NAME], previous[SNAPSHOT_NAME]; /* "" if none */
	int64_t epoch;
	wall_us changed_at;
	char changed_by[SNAPSHOT_NAME], reason[256];
	bool known; /* the registry could be read */
	char error[256]; /* why not */
	wall_us read_at;
};

struct reference_view {
	char model[SNAPSHOT_NAME];
	char origin[256]; /* `profile /etc/...json`, or `first 10,000 records` */
	uint64_t records; /* in it */
	bool from_file, ready; /* not ready: below the minimum, still warming */
};

struct model_view {
	char model[SNAPSHOT_NAME];
	struct reference_view reference;
	struct version_view *versions; /* newest first */
	size_t versions_count;
};

/* Something that happened: a version seen to change, an alias moved, a service down or back, drift.
 */
enum event_kind {
	EVENT_VERSION,
	EVENT_ALIAS,
	EVENT_DOWN,
	EVENT_UP,
	EVENT_DRIFT,
	EVENT_QUALITY,
	EVENT_SLOW,
	EVENT_CHECKPOINT
};
struct event_view {
	wall_us at;
	enum event_kind kind;
	enum severity severity;
	char service[SNAPSHOT_NAME];
	char text[200];
};

struct refusals;
enum source_kind { SOURCE_FILE, SOURCE_PACKED, SOURCE_TABLE, SOURCE_STDIN };

struct source_view { /* a file: a log or label feed */
	char name[SNAPSHOT_NAME], path[256], table[SNAPSHOT_NAME];
	enum source_kind kind;
	bool labels;
	uint64_t lines, accepted, rejected, late, bytes, behind; /* behind: bytes not read yet */
	uint64_t sampled_out; /* passed over, because one in `sample` is read */
	int64_t sample;
	struct metric lag_s; /* wall clock behind its newest record */
	char last_reason[256]; /* of the last rejected line, or why it cannot be read */
	const struct refusals *refusals; /* core/ingest/refusals.h */
	bool present, finished; /* finished: nothing more will come */
};

struct checkpoint_view { /* what is kept across restarts (checkpoint.h) */
	bool kept; /* one is made now and then */
	bool resumed; /* from one: what stood there was not read again */
	wall_us made_at; /* the newest durable one; 0: none yet */
	char reason[256]; /* why none is kept, or all was read anew; "" */
};

/* How far the logs that were there at the start are read. */
enum catchup_state { CATCHUP_DONE, CATCHUP_RUNNING, CATCHUP_STOPPED };
struct catchup_view {
	enum catchup_state state;
	uint64_t bytes, total; /* read, and in all */
	double bytes_s; /* 0 unknown */
	int64_t left_us; /* -1 unknown */
	int64_t newest_us; /* the figures are of only so much time, the newest; 0: of all so far */
};

struct join_view {
	uint64_t pending, joined, waiting_labels, duplicates, expired, evicted;
};

/* A line of the prediction log, for the log panel. */
struct line_view {
	wall_us ts; /* 0 of a rejected one */
	char service[SNAPSHOT_NAME], version[SNAPSHOT_NAME], request_id[64]; /* "" unknown */
	char text[320]; /* `0.9312 FLAG   23.4 ms  amount=120.5 ...`, clean */
	bool flagged, failed, rejected;
	int label; /* -1 unknown */
};

struct snapshot {
	unsigned holders;
	struct snapshot_block *blocks;
	uint64_t number; /* grows with each snapshot of a collector */
	wall_us made_at; /* wall clock */
	wall_us clock; /* the event-time clock of the windows; 0 before the first record */
	char context[SNAPSHOT_NAME];
	bool readonly; /* forbidden to arm */
	int64_t comparison_us, quality_us;
	struct service_view *services;
	size_t services_count;
	struct series_view *series;
	size_t series_count;
	struct model_view *models;
	size_t models_count;
	struct target_view *targets;
	size_t targets_count;
	struct event_view *events; /* newest first */
	size_t events_count;
	struct catchup_view catchup;
	struct checkpoint_view checkpoint;
	struct source_view *sources;
	size_t sources_count;
	struct line_view *lines; /* by time, newest last */
	size_t lines_count;
	struct join_view join;
	const struct asked_view *asked; /* NULL: nothing was asked */
	struct metric rps; /* of all services */
};

struct snapshot *snapshot_new(void);
/* Holders are counted: each hold wants one free; the last one frees it. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot); /* NULL is fine */

/* Zeroed memory that lives as long as the snapshot; for those who fill it. */
void *snapshot_alloc(struct snapshot *snapshot, size_t size);

const struct service_view *snapshot_service(const struct snapshot *snapshot, const char *name);
const struct model_view *snapshot_model(const struct snapshot *snapshot, const char *name);
const struct target_view *snapshot_target(
    const struct snapshot *snapshot, const char *registry, const char *model, const char *alias);

double catchup_share(const struct catchup_view *catchup); /* of what is read, in [0,1] */
const char *snapshot_state_name(enum service_state state); /* "OK", "SLOW", ... */
const char *snapshot_source_name(enum figure_source source); /* "log", "metrics", ... */
const char *snapshot_kind_name(enum source_kind kind); /* "file", "compressed", ... */

#endif
