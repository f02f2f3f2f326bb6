/* fake.h: a service for the tests of the poller, that answers /health and /metrics as it is told.
 */
#ifndef FRAUDTOP_TESTS_KIT_FAKE_H
#define FRAUDTOP_TESTS_KIT_FAKE_H

#include <stdatomic.h>

#include "tests/kit/hostile.h"

enum fake_health {
	MODE_GOOD,
	MODE_INTEGER,
	MODE_CONTROLS,
	MODE_PLAIN,
	MODE_HANG,
	MODE_RESET,
	MODE_HTML_500,
	MODE_FLOOD,
	MODE_SLOW,
};

enum fake_metrics {
	METRICS_GROW,
	METRICS_STILL,
	METRICS_GARBAGE,
	METRICS_MISSING,
	METRICS_HANG,
	METRICS_FLOOD,
	METRICS_OTHER,
	METRICS_500,
	METRICS_OPEN,
	METRICS_NATIVE,
	METRICS_PROTOBUF,
	METRICS_CHUNKED,
	METRICS_GZIP,
	METRICS_DEFLATED_LIE,
	METRICS_OLD,
	METRICS_CLOSING,
	METRICS_DRIP,
	METRICS_MOVED,
};

/* What one service does; written by the test, read by the server's threads. */
struct fake {
	struct hostile *server;
	atomic_int mode, metrics;
	atomic_uint health_polls, metrics_polls;
	atomic_uint scored; /* requests the service pretends to have had */
};

/* For hostile_start; the context is a struct fake. */
bool fake_serve(struct hostile_request *request, void *context);
/* Answers with the counters of a service that had so many requests. */
bool fake_counters(struct hostile_request *request, unsigned scored);

#endif
