#define _GNU_SOURCE /* strcasestr */
#include "tests/kit/fake.h"

#include <stdio.h>
#include <string.h>

#include <zlib.h>

static bool
flood(struct hostile_request *request, size_t bytes)
{
	char head[128], block[65536];
	int length =
	    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", bytes);
	memset(block, '#', sizeof(block));
	for (size_t i = 1000; i < sizeof(block); i += 1000)
		block[i] = '\n';
	if (!hostile_send(request, head, (size_t)length))
		return false;
	for (; bytes > 0; bytes -= bytes < sizeof(block) ? bytes : sizeof(block)) {
		if (!hostile_send(request, block, bytes < sizeof(block) ? bytes : sizeof(block)))
			return false;
	}
	return true;
}

static bool
serve_health(struct hostile_request *request, int mode)
{
	static const char partial[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"status\":\"ok";
	switch (mode) {
	case MODE_GOOD:
		return hostile_answer(request, "200 OK\r\nContent-Type: application/json",
		    "{\"status\":\"healthy\",\"model_loaded\":true,\"model\":\"fraud\","
		    "\"version\":\"12\",\"epoch\":4}");
	case MODE_INTEGER:
		return hostile_answer(request, "200 OK", "{\"status\":\"ok\",\"version\":13}");
	case MODE_CONTROLS:
		return hostile_answer(
		    request, "200 OK", "{\"status\":\"ok\",\"version\":\"1\\u001b[31m\x07\"}");
	case MODE_PLAIN:
		return hostile_answer(request, "200 OK", "OK");
	case MODE_HTML_500:
		return hostile_answer(request,
		    "500 Internal Server Error\r\nContent-Type: text/html",
		    "<html><body>Traceback</body></html>");
	case MODE_FLOOD:
		return flood(request, (size_t)17 << 20);
	case MODE_RESET:
	case MODE_SLOW:
		hostile_send(request, partial, sizeof(partial) - 1);
		hostile_hang(request, mode == MODE_SLOW ? 120000000 : 30000);
		hostile_reset(request);
		return false;
	default: /* MODE_HANG */
		hostile_hang(request, 1200000000);
		return false;
	}
}

enum { COUNTERS = 2048 };

static void
write_counters(char *body, unsigned scored)
{
	/* Of each 10 requests 1 failed and 2 were rejected; half took up to 10 ms, half up to 20.
	 */
	snprintf(body, COUNTERS,
	    "# TYPE api_requests_total counter\n"
	    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"200\"} %u\n"
	    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"422\"} %u\n"
	    "api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"500\"} %u\n"
	    "api_requests_total{endpoint=\"/health\",method=\"GET\",status=\"200\"} %u\n"
	    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.01\"} %u\n"
	    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"0.02\"} %u\n"
	    "api_latency_seconds_bucket{endpoint=\"/predict\",le=\"+Inf\"} %u\n",
	    scored / 10 * 7, scored / 10 * 2, scored / 10, 7777 * scored, scored / 2, scored,
	    scored);
}

bool
fake_counters(struct hostile_request *request, unsigned scored)
{
	char body[COUNTERS];
	write_counters(body, scored);
	return hostile_answer(request, "200 OK\r\nContent-Type: text/plain; version=0.0.4", body);
}

/* In chunks that end anywhere. */
static bool
serve_chunked(struct hostile_request *request, const char *body)
{
	const char *head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	char size[16];
	if (!hostile_send(request, head, strlen(head)))
		return false;
	for (size_t left = strlen(body), length; left > 0; left -= length, body += length) {
		length = left < 97 ? left : 97;
		snprintf(size, sizeof(size), "%zx\r\n", length);
		if (!hostile_send(request, size, strlen(size)) ||
		    !hostile_send(request, body, length) || !hostile_send(request, "\r\n", 2))
			return false;
	}
	return hostile_send(request, "0\r\n\r\n", 5);
}

/* Nobody asks for it, but there are servers and proxies that pack all the same. */
static bool
serve_packed(struct hostile_request *request, const char *body, bool broken)
{
	unsigned char packed[COUNTERS];
	char head[256];
	z_stream stream = {.next_out = packed, .avail_out = sizeof(packed)};
	Bytef text[COUNTERS];
	memcpy(text, body, strlen(body));
	stream.next_in = text;
	stream.avail_in = (uInt)strlen(body);
	if (strcasestr(request->text, "accept-encoding") != NULL ||
	    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	deflate(&stream, Z_FINISH);
	deflateEnd(&stream);
	if (broken)
		memset(packed, 'x', 20);
	snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n",
	    stream.total_out);
	return hostile_send(request, head, strlen(head)) &&
	       hostile_send(request, (const char *)packed, stream.total_out);
}

/* HTTP/1.0: the end of the connection is the end of the answer. */
static bool
serve_old(struct hostile_request *request, const char *body)
{
	const char *head = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n";
	if (hostile_send(request, head, strlen(head)))
		hostile_send(request, body, strlen(body));
	return false;
}

static bool
serve_drip(struct hostile_request *request, const char *body)
{
	const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
	if (!hostile_send(request, head, strlen(head)))
		return false;
	for (int i = 0; i < 30 && hostile_send(request, &body[i], 1); i++)
		hostile_hang(request, 100000);
	return false;
}

/* What HTTP leaves to the server; none is a failure but the last two. */
static bool
serve_oddly(struct hostile_request *request, int mode, unsigned scored)
{
	char body[COUNTERS];
	write_counters(body, scored);
	switch (mode) {
	case METRICS_CHUNKED:
		return serve_chunked(request, body);
	case METRICS_GZIP:
	case METRICS_DEFLATED_LIE:
		return serve_packed(request, body, mode == METRICS_DEFLATED_LIE);
	case METRICS_OLD:
		return serve_old(request, body);
	case METRICS_CLOSING: /* it would keep the connection, and hangs up */
		fake_counters(request, scored);
		return false;
	case METRICS_MOVED:
		return hostile_answer(request, "302 Found\r\nLocation: /elsewhere", body);
	default:
		return serve_drip(request, body);
	}
}

/* What is no OpenMetrics, if it was not asked for first: a comma at the end of the labels. */
static bool
serve_open(struct hostile_request *request, unsigned scored)
{
	char body[256];
	bool asked = strstr(request->text, "Accept: application/openmetrics-text;version=1.0.0,"
					   "text/plain;version=0.0.4;q=0.9,") != NULL;
	snprintf(body, sizeof(body),
	    "# TYPE api_requests counter\n"
	    "api_requests_total{endpoint=\"/predict\"%s} %u # {trace=\"1\"} 1\n# EOF\n",
	    asked ? "" : ",", scored);
	return hostile_answer(request,
	    "200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8",
	    body);
}

static bool
serve_metrics(struct hostile_request *request, struct fake *fake)
{
	int mode = atomic_load(&fake->metrics);
	if (mode >= METRICS_CHUNKED)
		return serve_oddly(request, mode, atomic_fetch_add(&fake->scored, 100));
	switch (mode) {
	case METRICS_GROW:
		return fake_counters(request, atomic_fetch_add(&fake->scored, 100));
	case METRICS_STILL:
		return fake_counters(request, atomic_load(&fake->scored));
	case METRICS_GARBAGE:
		return hostile_answer(request, "200 OK", "# fine\n<html>\x1b[2J\n");
	case METRICS_MISSING:
		return hostile_answer(request, "404 Not Found", "{\"detail\":\"Not Found\"}");
	case METRICS_FLOOD:
		return flood(request, (size_t)17 << 20);
	case METRICS_OTHER:
		return hostile_answer(request, "200 OK", "process_open_fds 7\n");
	case METRICS_500:
		return hostile_answer(request, "500 Oh", "no");
	case METRICS_OPEN:
		return serve_open(request, atomic_fetch_add(&fake->scored, 100));
	case METRICS_NATIVE:
		return hostile_answer(request, "200 OK\r\nContent-Type: text/plain; version=0.0.4",
		    "api_requests_total 7\napi_latency_seconds_bucket{le=\"+Inf\"} 5\n"
		    "api_latency_seconds_count 5\napi_latency_seconds_sum 1\n");
	case METRICS_PROTOBUF:
		return hostile_answer(request,
		    "200 OK\r\nContent-Type: application/vnd.google.protobuf; encoding=delimited",
		    "\x12");
	default:
		hostile_hang(request, 1200000000);
		return false;
	}
}

bool
fake_serve(struct hostile_request *request, void *context)
{
	struct fake *fake = context;
	if (strcmp(request->path, "/health") == 0) {
		atomic_fetch_add(&fake->health_polls, 1);
		return serve_health(request, atomic_load(&fake->mode));
	}
	if (strcmp(request->path, "/metrics") == 0) {
		atomic_fetch_add(&fake->metrics_polls, 1);
		return serve_metrics(request, fake);
	}
	return hostile_answer(request, "404 Not Found", "");
}
