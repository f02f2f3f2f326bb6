/* exposition.h: Prometheus text 0.0.4 (and OpenMetrics as far as it is the same) into samples.
 *
 * Names and label values are clean. Garbage is refused as a whole, with the line and the reason;
 * nothing of it is used then. */
#ifndef FRAUDTOP_POLL_EXPOSITION_H
#define FRAUDTOP_POLL_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

#define EXPOSITION_MAX_LABELS 32

struct exposition_label {
	const char *name, *value;
};

struct exposition_sample {
	const char *name;
	const struct exposition_label *labels;
	size_t labels_count;
	double value; /* may be NaN or infinite */
};

struct exposition; /* owns the samples */

/* NULL and err (`line 12: ...`) if it is no exposition. */
struct exposition *exposition_parse(const char *text, size_t length, struct err *err);
void exposition_free(struct exposition *exposition); /* NULL is fine */

const struct exposition_sample *exposition_samples(
    const struct exposition *exposition, size_t *count);
/* The value of a sample's label, or "" if it has none of that name. */
const char *exposition_label_of(const struct exposition_sample *sample, const char *name);

#endif
