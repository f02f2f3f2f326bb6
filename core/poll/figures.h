/* figures.h: what the answers of one service to GET /metrics come to: its rates and quantiles.
 *
 * The first answer is read in full; those after it are compared with its form, and read in full
 * again only where they differ in more than their values. */
#ifndef FRAUDTOP_POLL_FIGURES_H
#define FRAUDTOP_POLL_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/http.h"
#include "core/poll/form.h"
#include "core/poll/poller.h"

#define FIGURES_MAX_BYTES ((size_t)16 << 20)

struct figures {
	struct form form;
	struct scrape *last, *spare; /* the last good one; one to be used again */
};

void figures_free(struct figures *figures); /* what it owns */

/* Sets what `state` says of the metrics. False: the answer is of no use, and metrics_reason says
 * why. */
bool figures_take(
    struct figures *figures, const struct http_answer *answer, struct poll_state *state);
/* Nothing is known (any more). */
void figures_unknown(struct poll_state *state);

#endif
