/* metrics.h: what a scoring service counts, written as Prometheus text 0.0.4. Safe for several
 * threads. */
#ifndef FRAUDTOP_SERVICE_METRICS_H
#define FRAUDTOP_SERVICE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

enum metrics_endpoint {
	ENDPOINT_ROOT,
	ENDPOINT_HEALTH,
	ENDPOINT_METRICS,
	ENDPOINT_PREDICT,
	ENDPOINT_PREDICT_BATCH,
	ENDPOINT_OTHER, /* any path that is none of these, so that names cannot grow without end */
	ENDPOINTS
};

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics); /* NULL is fine */

const char *metrics_endpoint_path(enum metrics_endpoint endpoint);

void metrics_request(struct metrics *metrics, enum metrics_endpoint endpoint, const char *method,
    int status, double seconds);
void metrics_prediction(
    struct metrics *metrics, const char *model, const char *version, bool flagged);
void metrics_unknown_category(struct metrics *metrics, const char *feature);

void metrics_write(struct metrics *metrics, struct buf *out);

/* One gauge or counter without labels, or with one (label NULL: none). For what others count. */
void metrics_write_one(
    struct buf *out, const char *name, const char *type, const char *help, double value);
/* A label's value, quoted and escaped. */
void metrics_write_label(struct buf *out, const char *value);

#endif
