/* config.h: the configuration, checked, with every default filled in (settings.h). It comes from a
 * file (config_file.h), and stays as it is from then on. */
#ifndef FRAUDTOP_CONFIG_CONFIG_H
#define FRAUDTOP_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/config/items.h"

struct config {
	char path[1024]; /* the file it came from; "" if none */
	char context[128];
	bool readonly;
	struct config_service *services;
	size_t services_count;
	struct config_access *access;
	struct config_registry *registries;
	size_t access_count, registries_count;
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
	char cohort_by[128]; /* `segment`, or a feature's name; "": none */
	int64_t cohort_most, bias_least;
	int64_t poll_interval_us, poll_timeout_us;
	int64_t verify_timeout_us; /* how long a rollout watches the services */
	int64_t delay_us;
	char theme[64], graph[16]; /* braille, block, ascii */
	int64_t replay_rows; /* newest predictions of a version that are kept with their features */
	int64_t windows_memory, join_memory, join_file; /* MiB, MiB, GiB */
	int64_t join_sample; /* one in so many */
	int64_t workers; /* 0: as many as the machine suggests */
	int64_t checkpoint_us; /* 0: none */

	struct buf
	    ahead; /* of standard input: what was read to tell its format (core/format/named.h) */
	size_t *lines; /* of the file, for each row of settings.h; 0: the default */
};

/* All defaults, no services. */
struct config *config_new(void);
void config_free(struct config *config); /* NULL is fine */

const struct config_service *config_service(const struct config *config, const char *name);
const struct config_registry *config_registry(const struct config *config, const char *name);
const struct config_feature *config_feature(const struct config *config, const char *name);
/* The comparison window of a feature, of which `own` (NULL: nothing) is configured. */
int64_t config_feature_window(const struct config *config, const struct config_feature *own);
const struct config_mapping *config_mapping(const struct config *config, const char *name);
/* The registry of a service: the one it names, else the only one there is, or NULL. */
const struct config_registry *config_registry_of(
    const struct config *config, const struct config_service *service);

#endif
