/* expoline.h: one sample's line of an exposition: the grammar of both formats, read in one pass and
 * without a copy. Everything points into the text, which must stay as long as the line is used. */
#ifndef FRAUDTOP_POLL_EXPOLINE_H
#define FRAUDTOP_POLL_EXPOLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/poll/exponumber.h"
#include "core/poll/exposition.h"

struct expoline_label {
	const char *name, *value; /* the value as it is written, escapes and all */
	uint32_t name_length, value_length;
	uint32_t after; /* where the label after its comma begins in the line; 0: it was the last */
	bool escaped; /* the value holds a backslash */
	uint64_t hash; /* the reader's to use; 0 in a label that was not there before */
};

struct expoline {
	const char *start;
	const char *name;
	size_t name_length;
	uint32_t open; /* where the first label begins in the line; 0: no labels */
	struct expoline_label labels[EXPOSITION_MAX_LABELS];
	size_t labels_count;
	struct exponumber value, time;
	bool timed, exemplar;
	bool native; /* the value is a native histogram, which was passed over */
};

/* Reads text..end, a line without its newline. NULL, or why it is none. `line` is that of the line
 * before, or zero: what the two begin with alike is not read again. `strict` is OpenMetrics: single
 * spaces, no comma at the end, exemplars validated; else text 0.0.4 with its liberties. */
const char *expoline_read(struct expoline *line, const char *text, const char *end, bool strict);

/* What follows a value, up to the end of the line: a time and an exemplar, or nothing. */
const char *expoline_rest(struct expoline *line, const char *text, const char *end, bool strict);

/* The name at the beginning of text..end: what follows it, or NULL if there is none. It is bare, or
 * quoted (UTF-8 names of Prometheus 3), and then without its quotes but escapes and all. */
const char *expoline_name(
    const char *text, const char *end, bool colon, const char **name, size_t *length);

/* A label's value without its escapes into dst, which has room for value_length bytes. */
size_t expoline_unescape(char *dst, const struct expoline_label *label);

#endif
