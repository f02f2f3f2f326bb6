/* openmetrics.h: what OpenMetrics 1.0 asks of the lines together: metadata before samples, families
 * and groups that are not interleaved, names that do not clash, what each type may hold.
 *
 * One is made for an exposition and fed line by line. Each call answers NULL, or why the exposition
 * is none; after that it is only to be freed. Names point into the exposition's text. */
#ifndef FRAUDTOP_POLL_OPENMETRICS_H
#define FRAUDTOP_POLL_OPENMETRICS_H

#include "core/poll/expoline.h"
#include "core/poll/points.h"

struct openmetrics;

struct openmetrics *openmetrics_new(void);
void openmetrics_free(struct openmetrics *metrics); /* NULL is fine */

/* A line that begins with #: metadata, or the end of it all. */
const char *openmetrics_comment(struct openmetrics *metrics, const char *text, const char *end);
const char *openmetrics_sample(struct openmetrics *metrics, struct expoline *line);
/* What the sample that was taken last is. */
const struct point *openmetrics_point(const struct openmetrics *metrics);
const char *openmetrics_end(struct openmetrics *metrics);

#endif
