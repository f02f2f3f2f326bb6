/* exposition.h: Prometheus text 0.0.4 and OpenMetrics 1.0 into samples.
 *
 * OpenMetrics is read strictly, 0.0.4 with the liberties that real services take; quoted names
 * (UTF-8 names of Prometheus 3) in both. docs/formats.md lists what differs from other readers.
 * Names and label values are clean. Garbage is refused as a whole, with the line and the reason;
 * nothing of it is used then. Exemplars are passed over; native histograms, which neither text has,
 * are passed over where one stands there all the same, and named. */
#ifndef FRAUDTOP_POLL_EXPOSITION_H
#define FRAUDTOP_POLL_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

#define EXPOSITION_MAX_LABELS 32

/* For a request's Accept: OpenMetrics first, text 0.0.4 almost as gladly, then what there is. */
#define EXPOSITION_ACCEPT                                                                          \
	"application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.9,"               \
	"text/plain;q=0.5,*/*;q=0.1"

enum exposition_format { EXPOSITION_TEXT, EXPOSITION_OPENMETRICS };

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
struct form;

/* Whether the samples of a name (not NUL-terminated) are to be kept. */
typedef bool exposition_wanted(const char *name, size_t length);

/* The format that an answer's content type names; 0.0.4 if it names none that is known. False with
 * a reason for what is no text: protocol buffers. */
bool exposition_format_of(
    const char *content_type, enum exposition_format *format, struct err *err);

/* NULL and err (`line 12: ...`) if it is no exposition, whatever is wanted of it. `wanted` NULL:
 * every sample is kept. `form`, if not NULL, is filled from it. */
struct exposition *exposition_parse(const char *text, size_t length, enum exposition_format format,
    exposition_wanted *wanted, struct form *form, struct err *err);
void exposition_free(struct exposition *exposition); /* NULL is fine */

const struct exposition_sample *exposition_samples(
    const struct exposition *exposition, size_t *count);
/* The value of a sample's label, or "" if it has none of that name. */
const char *exposition_label_of(const struct exposition_sample *sample, const char *name);
/* The first wanted native histogram that was passed over, or "". */
const char *exposition_native(const struct exposition *exposition);

#endif
