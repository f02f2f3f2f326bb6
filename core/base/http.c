/* http.c: requests as curl transfers on the loop's multi handle.
 *
 * Each transfer owns its easy handle and headers, and is in the list of its http until it is freed:
 * one that was started after its `done`, one that is kept when it is cancelled. A kept transfer is
 * set up once; to send it again costs nothing but the sending. Rooms for answers are the http's,
 * lent to a transfer from its first byte until `done` returns.
 *
 * What always holds: `done` is called from loop_run_once only, never from http_start or http_send;
 * an answer that did not come whole has status 0 and a reason, but for one that was cut at
 * max_bytes. Proxies are taken from the environment by curl, but never for this machine itself.
 */
#include "core/base/http.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/http_reason.h"
#include "core/base/loop_curl.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/url.h"

#define DEFAULT_MAX_BYTES ((size_t)16 << 20)
/* Idle connections kept: more than the services of a large site, since curl would else keep four
 * for each transfer that happens to be under way, and polls spread out in time. */
#define MAX_CONNECTIONS 4096L
/* Connections are kept in so many places, by server: after each request curl looks through all of
 * the place that it used. */
#define PLACES 64
/* Rooms for answers that are kept for the next ones, and how large each may be. */
#define MAX_SPARE 64
#define MAX_SPARE_BYTES ((size_t)256 << 10)
/* Read at once: the metrics of a service come in one piece, not in two. No more: malloc tidies up
 * its heap after each block of 64 KiB that is given back. */
#define READ_BYTES (32L << 10)

struct http_transfer {
	struct http *http;
	struct http_transfer *next, *previous;
	CURL *easy;
	struct curl_slist *headers;
	struct http_access *access;
	struct curl_slist secret; /* the header that bears it, before the others; data NULL: none */
	unsigned made; /* as http_access_look said when it was copied */
	struct buf body;
	size_t max_bytes;
	int64_t connect_timeout_us, timeout_us;
	mono_us started;
	bool once; /* it goes after its answer */
	bool under_way, answering, cancelled, cut;
	const char *refused; /* why no request of it is to be sent, or NULL */
	const char *withheld; /* why this one is not, or NULL */
	struct loop_timer *refusal;
	char error[CURL_ERROR_SIZE];
	void (*done)(const struct http_answer *answer, void *context);
	void *context;
};

struct http {
	struct loop *loop;
	CURLM *multi;
	CURLSH *places[PLACES];
	struct http_transfer *transfers;
	struct buf spare[MAX_SPARE];
	size_t spare_count;
};

/* --- the end of a transfer --- */
static void
take_room(struct http_transfer *transfer)
{
	struct http *http = transfer->http;
	if (transfer->body.data == NULL && http->spare_count > 0)
		transfer->body = http->spare[--http->spare_count];
}

static void
give_back_room(struct http_transfer *transfer)
{
	struct http *http = transfer->http;
	if (transfer->body.data == NULL)
		return;
	if (http->spare_count == MAX_SPARE || transfer->body.capacity > MAX_SPARE_BYTES) {
		buf_free(&transfer->body);
		return;
	}
	buf_clear(&transfer->body);
	http->spare[http->spare_count++] = transfer->body;
	transfer->body = (struct buf){0};
}

static void
end_transfer(struct http_transfer *transfer)
{
	if (transfer->refusal != NULL)
		loop_timer_cancel(transfer->http->loop, transfer->refusal);
	else if (transfer->under_way)
		curl_multi_remove_handle(transfer->http->multi, transfer->easy);
	transfer->refusal = NULL;
	transfer->under_way = false;
}

static void
forget_secret(struct http_transfer *transfer)
{
	if (transfer->secret.data != NULL)
		OPENSSL_cleanse(transfer->secret.data, strlen(transfer->secret.data));
	free(transfer->secret.data);
	transfer->secret.data = NULL;
}

static void
free_transfer(struct http_transfer *transfer)
{
	if (transfer->previous != NULL)
		transfer->previous->next = transfer->next;
	else
		transfer->http->transfers = transfer->next;
	if (transfer->next != NULL)
		transfer->next->previous = transfer->previous;
	end_transfer(transfer);
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	forget_secret(transfer);
	buf_free(&transfer->body);
	free(transfer);
}

static void
hand_over(struct http_transfer *transfer, struct http_answer *answer)
{
	answer->body = transfer->body.length > 0 ? transfer->body.data : "";
	answer->body_length = transfer->body.length;
	answer->cut = transfer->cut;
	answer->round_trip_us = clock_mono() - transfer->started;
	end_transfer(transfer);
	transfer->answering = true;
	transfer->done(answer, transfer->context);
	transfer->answering = false;
	give_back_room(transfer);
	if (transfer->once || transfer->cancelled)
		free_transfer(transfer);
}

struct head { /* of an answer, clean */
	char content_type[128], location[256];
};

static void
read_head(CURL *easy, struct head *head, struct http_answer *answer)
{
	long status = 0;
	const char *type = NULL, *location = NULL;
	curl_off_t seconds = 0;
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
	answer->status = (int)status;
	answer->retry_after_us = (seconds < 86400 ? seconds : 86400) * CLOCK_SECOND;
	if (type != NULL)
		text_scrub(head->content_type, sizeof(head->content_type), type, strlen(type));
	if (location != NULL && strchr(location, '@') == NULL)
		text_scrub(
		    head->location, sizeof(head->location), location, strcspn(location, "?#"));
}

static void
transfer_finished(CURL *easy, CURLcode result, void *context)
{
	(void)context;
	struct http_transfer *transfer = NULL;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	char reason[256];
	struct head head = {0};
	struct http_answer answer = {.content_type = head.content_type, .location = head.location};
	if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && transfer->cut)) {
		read_head(easy, &head, &answer);
		if (answer.status == 0)
			answer.reason = "not an HTTP answer";
	} else {
		const struct http_failure failure = {
		    .easy = easy,
		    .result = result,
		    .error = transfer->error,
		    .connect_timeout_us = transfer->connect_timeout_us,
		    .timeout_us = transfer->timeout_us,
		};
		http_reason(&failure, reason, sizeof(reason));
		answer.reason = reason;
		answer.timed_out = result == CURLE_OPERATION_TIMEDOUT;
	}
	hand_over(transfer, &answer);
}

static void
transfer_refused(void *context)
{
	struct http_transfer *transfer = context;
	struct http_answer answer = {
	    .content_type = "", .location = "", .reason = transfer->refused};
	if (answer.reason == NULL)
		answer.reason = transfer->withheld;
	transfer->refusal = NULL; /* it frees itself */
	hand_over(transfer, &answer);
}

/* --- the start of a transfer --- */
static size_t
take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct http_transfer *transfer = context;
	take_room(transfer);
	size_t length = size * count, room = transfer->max_bytes - transfer->body.length;
	if (length <= room) {
		buf_append(&transfer->body, bytes, length);
		return length;
	}
	buf_append(&transfer->body, bytes, room);
	transfer->cut = true;
	return CURL_WRITEFUNC_ERROR;
}

static int
close_on_exec(void *context, curl_socket_t fd, curlsocktype purpose)
{
	(void)context;
	(void)purpose;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

static void
add_header(struct http_transfer *transfer, const char *name, const char *value)
{
	char *line = mem_printf("%s%s", name, value);
	struct curl_slist *grown = curl_slist_append(transfer->headers, line);
	free(line);
	if (grown == NULL)
		mem_die("out of memory");
	transfer->headers = grown;
}

static void
set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Without it, giving up on a slow name server waits for the name server. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void
set_method(CURL *easy, const struct http_request *request)
{
	const char *method = request->method != NULL ? request->method : "GET";
	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (request->body != NULL || strcmp(method, "POST") == 0) {
		curl_off_t length = request->body != NULL ? (curl_off_t)request->body_length : 0;
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, length);
		curl_easy_setopt(
		    easy, CURLOPT_COPYPOSTFIELDS, request->body != NULL ? request->body : "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void
set_headers(struct http_transfer *transfer, const struct http_request *request)
{
	if (request->accept != NULL)
		add_header(transfer, "Accept: ", request->accept);
	else
		add_header(transfer, "Accept:", "");
	/* curl unpacks what it thinks it has asked for; the header itself is not sent. */
	curl_easy_setopt(transfer->easy, CURLOPT_ACCEPT_ENCODING, "");
	add_header(transfer, "Accept-Encoding:", "");
	if (request->body != NULL) {
		add_header(transfer, "Expect:", "");
		add_header(transfer, "Content-Type: ",
		    request->content_type != NULL ? request->content_type : "application/json");
	}
	curl_easy_setopt(transfer->easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

static void
set_certificates(CURL *easy, const struct http_access *access)
{
	const char *authorities = http_access_ca_file(access);
	if (authorities != NULL) { /* those alone: the system's folder is not looked into */
		curl_easy_setopt(easy, CURLOPT_CAINFO, authorities);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(easy, CURLOPT_SSLCERT, http_access_cert_file(access));
	curl_easy_setopt(easy, CURLOPT_SSLKEY, http_access_key_file(access));
	/* Without it OpenSSL asks the terminal for the password of a key. */
	curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
}

/* Takes the secret as it is now. */
static void
renew_secret(struct http_transfer *transfer)
{
	unsigned made = http_access_look(transfer->access);
	if (made == transfer->made)
		return;
	const char *line = http_access_header(transfer->access, &transfer->withheld);
	transfer->made = made;
	forget_secret(transfer);
	if (line == NULL) {
		curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
		return;
	}
	transfer->secret.data = mem_string(line);
	transfer->secret.next = transfer->headers;
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, &transfer->secret);
}

static void
set_limits(struct http_transfer *transfer, const struct http_request *request)
{
	CURL *easy = transfer->easy;
	transfer->max_bytes = request->max_bytes != 0 ? request->max_bytes : DEFAULT_MAX_BYTES;
	transfer->connect_timeout_us =
	    request->connect_timeout_us > 0 ? request->connect_timeout_us : 3 * CLOCK_SECOND;
	transfer->timeout_us = request->timeout_us > 0 ? request->timeout_us : 10 * CLOCK_SECOND;
	/* A time-out of 0 ms would mean none. */
	curl_easy_setopt(
	    easy, CURLOPT_CONNECTTIMEOUT_MS, (long)((transfer->connect_timeout_us + 999) / 1000));
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)((transfer->timeout_us + 999) / 1000));
}

static CURLSH *
place_of(const struct http *http, const char *url)
{
	const char *host = strstr(url, "://");
	host = host != NULL ? host + 3 : url;
	return http->places[hash_bytes(host, strcspn(host, "/?#"), 0) % PLACES];
}

static void
set_handle(struct http_transfer *transfer, const struct http_request *request)
{
	CURL *easy = transfer->easy;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, close_on_exec);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Connections are kept, names are not: curl looks through all it keeps after each request.
	 */
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	set_protocols(easy);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BYTES);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "fraudtop/" FRAUDTOP_VERSION);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	set_method(easy, request);
	set_headers(transfer, request);
	set_limits(transfer, request);
	if (request->access != NULL)
		set_certificates(easy, request->access);
	if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
		transfer->refused = "not a URL";
	curl_easy_setopt(easy, CURLOPT_PROXY, url_is_loopback(request->url) ? "" : NULL);
	curl_easy_setopt(easy, CURLOPT_SHARE, place_of(transfer->http, request->url));
}

struct http_transfer *
http_keep(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *context), void *context)
{
	struct http_transfer *transfer = mem_alloc(sizeof(*transfer));
	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL)
		mem_die("out of memory");
	transfer->http = http;
	transfer->access = request->access;
	transfer->done = done;
	transfer->context = context;
	transfer->next = http->transfers;
	if (transfer->next != NULL)
		transfer->next->previous = transfer;
	http->transfers = transfer;
	set_handle(transfer, request);
	return transfer;
}

void
http_send(struct http_transfer *transfer)
{
	struct http *http = transfer->http;
	if (transfer->under_way || transfer->answering)
		mem_die("a request is sent while it is under way");
	transfer->under_way = true;
	transfer->cut = false;
	transfer->error[0] = '\0';
	transfer->started = clock_mono();
	if (transfer->access != NULL)
		renew_secret(transfer);
	if (transfer->refused != NULL || transfer->withheld != NULL)
		transfer->refusal = loop_timer_add(http->loop, 0, 0, transfer_refused, transfer);
	else if (curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
		mem_die("curl does not take a transfer");
}

struct http_transfer *
http_start(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *context), void *context)
{
	struct http_transfer *transfer = http_keep(http, request, done, context);
	transfer->once = true;
	http_send(transfer);
	return transfer;
}

void
http_cancel(struct http *http, struct http_transfer *transfer)
{
	(void)http;
	if (transfer == NULL)
		return;
	if (transfer->answering)
		transfer->cancelled = true; /* hand_over frees it */
	else
		free_transfer(transfer);
}

struct http *
http_new(struct loop *loop)
{
	struct http *http = mem_alloc(sizeof(*http));
	http->loop = loop;
	http->multi = loop_curl(loop);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, MAX_CONNECTIONS);
	for (size_t i = 0; i < PLACES; i++) {
		http->places[i] = curl_share_init();
		if (http->places[i] == NULL || curl_share_setopt(http->places[i], CURLSHOPT_SHARE,
						   CURL_LOCK_DATA_CONNECT) != CURLSHE_OK)
			mem_die("out of memory");
	}
	loop_curl_listen(loop, transfer_finished, NULL);
	return http;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	while (http->transfers != NULL)
		http_cancel(http, http->transfers);
	for (size_t i = 0; i < http->spare_count; i++)
		buf_free(&http->spare[i]);
	for (size_t i = 0; i < PLACES; i++)
		curl_share_cleanup(http->places[i]);
	free(http);
}
