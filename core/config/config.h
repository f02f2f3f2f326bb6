/* config.h: the configuration file (YAML by libyaml, version 1), checked, with every default filled
 * in.
 *
 * Errors name file:line:column, what is wrong and the nearest right word; all of a file's errors
 * are found, not only the first. Every scalar may hold ${NAME} or ${NAME:-default}; `$$` is a `$`;
 * an unset variable is an error. Relative paths are relative to the file. Never written by the
 * program. */
#ifndef FRAUDTOP_CONFIG_CONFIG_H
#define FRAUDTOP_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

struct config_service {
	char name[128], url[256], model[128], alias[128], registry[128];
	char **logs; /* `log`: a path or a list */
	size_t logs_count;
	char **labels; /* `labels`: a path or a list */
	size_t labels_count;
	char format[64]; /* a preset of core/format/mapping.h, or one of `mappings` */
	char table[128]; /* "": `log` is no SQLite file */
	int64_t sample; /* one prediction in so many is read */
	size_t line; /* of the file, 0 if it did not come from one; likewise below */
};

struct config_registry {
	char name[128], kind[32]; /* kind: local */
	char location[1024]; /* `path` of the local registry */
	size_t line;
};

struct config_reference {
	char model[128], profile[1024];
	size_t line;
};

struct config_feature { /* what differs for one feature */
	char name[128];
	double warning, critical; /* PSI; NaN: the default */
	int64_t min_samples, window_us; /* 0: the default */
	char season[16]; /* auto, none, hour-of-day, hour-of-week */
	size_t line;
};

/* How the records of a source are laid out: a preset, and what differs from it. A place is a path
 * of jsonpath.h (of a preset `csv` the name of a column); "" is the preset's. */
struct config_mapping {
	char name[128], preset[32];
	char ts[512], request_id[512], service[512], model[512], version[512], segment[512];
	char score[512], threshold[512], decision[512], latency_ms[512], status[512], label[512];
	char features[512], attributions[512], input[512], output[512];
	char **named; /* single features: name, path, name, path, ... */
	size_t named_count;
	char **columns; /* the names of features that have none in the log, in order */
	size_t columns_count;
	char **positive, **negative; /* words for a label or decision of 1 and of 0 */
	size_t positive_count, negative_count;
	bool flat;
	size_t line;
};

struct config_expectations { /* a Great Expectations suite that a model's records are held to */
	char model[128], suite[1024];
	size_t line;
};

struct config {
	char path[1024]; /* the file it came from; "" if none */
	char context[128];
	bool readonly;
	struct config_service *services;
	size_t services_count;
	struct config_registry *registries;
	size_t registries_count;
	struct config_reference *references;
	size_t references_count;
	struct config_feature *features;
	size_t features_count;
	struct config_expectations *expectations;
	size_t expectations_count;
	struct config_mapping *mappings;
	size_t mappings_count;

	/* windows: */
	int64_t comparison_us, quality_us, lateness_us, idle_after_us, label_ttl_us;
	int64_t assume_negative_us; /* age at which no label is taken for a 0; 0: never */
	/* limits: (DESIGN.md section 6, thresholds by default) */
	double psi_warning, psi_critical, score_psi_warning, score_psi_critical;
	double drift_share, drift_share_severe;
	double p95_ms, p99_warning_ms, p99_critical_ms, error_warning, error_critical;
	double maturity; /* share of labels below which quality is immature */
	double quality_drop; /* of the baseline */
	int64_t min_samples, min_labels, reference_records;
	/* verdict: (core/monitor/verdict.h) */
	double alpha; /* of significance, after Benjamini and Hochberg */
	int64_t confirm_windows, of_windows; /* k of n */
	double nulls_rise, nulls_critical, type_share, range_share, unseen_share;
	double throughput_drop;
	char score_season[16], rate_season[16]; /* of the score; of volume and decision rate */
	char compat[16]; /* none, evidently, nannyml, sagemaker: what `report` adds */
	/* concept: change detectors */
	char detector[16]; /* adwin, page-hinkley, ddm */
	double concept_delta;
	bool legacy_scan;
	/* cohorts: */
	char cohort_by[128]; /* `segment`, or a feature's name; "": none */
	int64_t cohort_most, bias_least;
	/* poll: */
	int64_t poll_interval_us, poll_timeout_us;
	/* verify: how long a rollout watches the services */
	int64_t verify_timeout_us;
	/* screen: */
	int64_t delay_us;
	char theme[64], graph[16]; /* braille, block, ascii */
	int64_t replay_rows; /* newest predictions of a version that are kept with their features */
	int64_t join_memory, join_file; /* MiB, GiB */
	int64_t join_sample; /* one in so many */
	int64_t workers; /* 0: as many as the machine suggests */
	int64_t checkpoint_us; /* 0: none */

	size_t *lines; /* of the file, for each row of settings.h; 0: the default */
};

/* All defaults, no services. */
struct config *config_new(void);
void config_free(struct config *config); /* NULL is fine */

/* Reads a file over the defaults. NULL on failure: err has the first error, and `errors` (NULL is
 * fine) all of them, a line each. */
struct config *config_read(const char *path, struct buf *errors, struct err *err);
/* The same from memory; path is for messages and for what is relative to it. */
struct config *config_parse(
    const char *path, const char *text, size_t length, struct buf *errors, struct err *err);

/* Where the configuration is: $FRAUDTOP_CONFIG (whether the file is there or not), then
 * $XDG_CONFIG_HOME
 * (~/.config)/fraudtop/config.yaml, $XDG_CONFIG_DIRS (/etc/xdg), /etc/fraudtop/config.yaml. False
 * if there is none; path gets the first place looked at. */
bool config_find(char *path, size_t size);

/* Prints the effective configuration as YAML, secrets hidden, with the origin of each value as a
 * comment. */
void config_print(const struct config *config, struct buf *out);

/* ${XDG_STATE_HOME:-~/.local/state}/fraudtop, made 0700 if it is not there. */
bool config_state_folder(char *path, size_t size, struct err *err);
/* The same, and nothing is made: for what only reads. */
bool config_state_path(char *path, size_t size, struct err *err);

/* The layouts that are built in (presets.def), NULL-terminated. */
extern const char *const config_presets[];

const struct config_service *config_service(const struct config *config, const char *name);
const struct config_registry *config_registry(const struct config *config, const char *name);
const struct config_mapping *config_mapping(const struct config *config, const char *name);
/* The registry of a service: the one it names, else the only one there is, or NULL. */
const struct config_registry *config_registry_of(
    const struct config *config, const struct config_service *service);

#endif
