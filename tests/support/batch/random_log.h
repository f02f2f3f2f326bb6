/* random_log.h: seeded logs of everything that may come, and two monitors compared to the bit. */
#ifndef FRAUDTOP_TESTS_SUPPORT_BATCH_RANDOM_LOG_H
#define FRAUDTOP_TESTS_SUPPORT_BATCH_RANDOM_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ingest/record.h"
#include "core/base/rng.h"
#include "core/monitor/monitor.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

enum { FEATURES = 6, WORDS = 80 };

struct event { /* of a random log */
	bool labels;
	struct prediction prediction;
	struct label label;
	struct feature_value features[FEATURES];
	struct feature_value attributions[2];
	char id[24], words[2][16];
};

struct log {
	struct event *events;
	size_t count;
};

/* What differs between one random log and another. */
struct kind {
	size_t count, versions, services;
	unsigned late, ahead, twice, labels, lacking, unseen; /* in a thousand */
	double step_s;
	bool attributions,
	    mixed; /* mixed: words and numbers in one column, order of names varies */
};

struct log log_make(const struct kind *kind, uint64_t seed);
size_t log_below(struct rng *rng, size_t n);

/* Of some of its features, with a calibration of version 1 and attributions. */
struct profile *profile_make(void);

/* Fails the test where they differ. */
void monitors_equal(struct monitor *a, struct monitor *b);

#endif
