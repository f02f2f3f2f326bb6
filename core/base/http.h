/* http.h: HTTP requests that never block the loop (curl multi).
 *
 * Connections are kept alive and shared. An answer is handed over once, whole, on the loop's
 * thread; it is cut at max_bytes and says so. Redirects are not followed. http and https only.
 * Nothing is asked to be packed (for what is small or near that costs more than it saves); what
 * comes packed all the same is unpacked, if curl can. Secrets (http_access.h) go to the server that
 * was asked, and to no proxy on the way to an https one. */
#ifndef FRAUDTOP_BASE_HTTP_H
#define FRAUDTOP_BASE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/http_access.h"
#include "core/base/loop.h"

struct http;
struct http_transfer;

struct http_request {
	const char *method; /* "GET" if NULL */
	const char *url;
	const char *accept; /* NULL: none is sent */
	const char *body; /* NULL: none; copied */
	size_t body_length;
	const char *content_type; /* of the body; NULL: application/json */
	struct http_access *access; /* NULL, or what the server wants to see; must outlive it */
	int64_t connect_timeout_us, timeout_us; /* 0: 3 s and 10 s */
	size_t max_bytes; /* 0: 16 MiB */
};

struct http_answer {
	int status; /* 0: no answer */
	const char *reason; /* status 0: why, clean text, else NULL */
	bool timed_out;
	const char *content_type; /* clean; "" if none */
	const char *location; /* where a redirect leads, clean, without query; "" if nowhere */
	int64_t retry_after_us; /* what the server asked for; 0: nothing */
	const char *body; /* NUL-terminated, as it came: not clean */
	size_t body_length;
	bool cut; /* the body was longer than max_bytes */
	int64_t round_trip_us; /* from the request's start to the whole answer, monotonic */
};

struct http *http_new(struct loop *loop);
void http_free(struct http *http); /* cancels what is under way; before loop_free; NULL is fine */

/* Starts a transfer; `done` is called exactly once unless it is cancelled. The answer lives during
 * the call only. Never NULL. A URL that curl refuses answers with status 0 in a later turn of the
 * loop. */
struct http_transfer *http_start(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *context), void *context);
/* One that is started with http_send, again and again, but never while it is under way: what the
 * request asks for is set up once. It lives until it is cancelled. */
struct http_transfer *http_keep(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *context), void *context);
void http_send(struct http_transfer *transfer);
/* Ends and frees it; NULL is fine. Of one that was started, only until its `done` returns. */
void http_cancel(struct http *http, struct http_transfer *transfer);

#endif
