/* http_reason.c: why a transfer failed, in words that name what an operator can look at: the
 * connection, the answer, the time that was given. */
#include "core/base/http_reason.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"

static void
print_duration(char *dst, size_t size, int64_t us)
{
	if (us % CLOCK_SECOND == 0)
		snprintf(dst, size, "%" PRId64 " s", us / CLOCK_SECOND);
	else
		snprintf(dst, size, "%" PRId64 " ms", us / 1000);
}

static void
explain_timeout(const struct http_failure *failure, char *dst, size_t size)
{
	long sent = 0, status = 0;
	char limit[32];
	curl_easy_getinfo(failure->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(failure->easy, CURLINFO_RESPONSE_CODE, &status);
	int64_t us = failure->timeout_us;
	if (sent == 0 && failure->connect_timeout_us < us)
		us = failure->connect_timeout_us;
	print_duration(limit, sizeof(limit), us);
	if (sent == 0)
		snprintf(dst, size, "no connection within %s", limit);
	else if (status == 0)
		snprintf(dst, size, "no answer within %s", limit);
	else
		snprintf(dst, size, "the answer did not end within %s", limit);
}

static void
explain_connect(CURL *easy, char *dst, size_t size)
{
	long number = 0;
	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
	switch (number) {
	case 0:
		snprintf(dst, size, "no connection");
		break;
	case ECONNREFUSED:
		snprintf(dst, size, "connection refused");
		break;
	case ECONNRESET: /* at once, before the request went out */
		snprintf(dst, size, "connection reset");
		break;
	case EHOSTUNREACH:
		snprintf(dst, size, "no route to the host");
		break;
	case ENETUNREACH:
		snprintf(dst, size, "network unreachable");
		break;
	case ETIMEDOUT:
		snprintf(dst, size, "no connection: timed out");
		break;
	default:
		snprintf(dst, size, "no connection: %s", strerror((int)number));
	}
}

static const char *
plain_reason(CURL *easy, CURLcode result)
{
	long sent = 0, status = 0;
	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "host not found";
	case CURLE_COULDNT_RESOLVE_PROXY:
		return "proxy not found";
	case CURLE_GOT_NOTHING:
		return "the connection was closed without an answer";
	case CURLE_PARTIAL_FILE:
		return "the answer broke off";
	case CURLE_RECV_ERROR:
		return status != 0 ? "connection reset in the middle of the answer"
				   : "connection reset";
	case CURLE_SEND_ERROR:
		return "connection reset";
	case CURLE_URL_MALFORMAT:
		return "not a URL";
	case CURLE_UNSUPPORTED_PROTOCOL: /* curl says so of HTTP/0.9 too, which is anything at all
					  */
		return sent != 0 ? "not an HTTP answer" : "not an http or https URL";
	case CURLE_BAD_CONTENT_ENCODING:
		return "the answer is packed in a way that is not understood";
	case CURLE_WEIRD_SERVER_REPLY:
		return "not an HTTP answer";
	default:
		return NULL;
	}
}

void
http_reason(const struct http_failure *failure, char *dst, size_t size)
{
	const char *plain = plain_reason(failure->easy, failure->result);
	if (failure->result == CURLE_OPERATION_TIMEDOUT) {
		explain_timeout(failure, dst, size);
	} else if (failure->result == CURLE_COULDNT_CONNECT) {
		explain_connect(failure->easy, dst, size);
	} else if (plain != NULL) {
		text_copy(dst, size, plain);
	} else {
		const char *said = failure->error[0] != '\0' ? failure->error
							     : curl_easy_strerror(failure->result);
		text_scrub(dst, size, said, strlen(said));
	}
}
