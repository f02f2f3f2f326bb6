/* http_reason.h: what http.c says of a transfer that failed. Nobody else's. */
#ifndef FRAUDTOP_BASE_HTTP_REASON_H
#define FRAUDTOP_BASE_HTTP_REASON_H

#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

struct http_failure {
	CURL *easy; /* still in the multi handle */
	CURLcode result;
	const char *error; /* curl's own words, "" if it had none */
	int64_t connect_timeout_us, timeout_us;
};

/* One line, clean. */
void http_reason(const struct http_failure *failure, char *dst, size_t size);

#endif
