/* health.h: what a service says of itself: the answer to GET /health, judged.
 *
 * JSON objects as FastAPI-style services, TorchServe and KServe send them are read; other bodies
 * (`OK`, empty) are judged by the HTTP status alone, but an HTML page never counts as health. Text
 * is clean. */
#ifndef FRAUDTOP_POLL_HEALTH_H
#define FRAUDTOP_POLL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/http.h"

struct health {
	bool up; /* answered with a status below 500 */
	bool healthy; /* up, 2xx, and nothing in the body says otherwise */
	bool model_loaded; /* if the body does not say: as healthy */
	char model[128], version[128]; /* "" if it does not say */
	int64_t epoch; /* -1 if it does not say */
	char reason[256]; /* why not up or not healthy, else "" */
};

void health_read(struct health *health, const struct http_answer *answer);

#endif
