/* fetched.h: a loop, an http on it, and what its last request came to; for tests of http.c. */
#ifndef FRAUDTOP_TESTS_KIT_FETCHED_H
#define FRAUDTOP_TESTS_KIT_FETCHED_H

#include "core/base/http.h"
#include "tests/kit/hostile.h"

struct fetched {
	struct hostile *server; /* the test's; ended by fetched_teardown */
	struct loop *loop;
	struct http *http;
	struct http_transfer *transfer;
	unsigned calls;
	bool cancel_inside;
	int status;
	bool timed_out, cut;
	char reason[512], content_type[128], location[256], body[8192];
	size_t body_length;
	int64_t round_trip_us, retry_after_us;
};

/* The state of a test is a struct fetched; no proxy is in the environment. */
int fetched_setup(void **state);
int fetched_teardown(void **state);
/* Takes an answer; the context is the struct fetched. */
void fetched_take(const struct http_answer *answer, void *context);
/* Sends a request and waits two minutes at most for its one answer. Without a URL it goes to `path`
 * of the server. */
void fetched_ask(struct fetched *fetched, struct http_request request, const char *path);

#endif
