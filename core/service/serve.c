#include "core/service/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/service/metrics.h"
#include "core/service/predict.h"
#include "core/service/predlog.h"

/* A body over the limit is read to its end and thrown away, so that its sender, who may not look
 * before all is sent, gets the answer; one announced larger than DRAINED is not worth that. */
enum { DRAINED = 64 * 1024 * 1024 };
enum { CONNECTIONS = 256, IDLE_SECONDS = 60, MAX_DELAY_MS = 60000, BACKLOG = 128, TOO_LARGE = 413 };
static const int64_t finish_us = 10 * CLOCK_SECOND;

struct service {
	struct MHD_Daemon *daemon;
	struct served_follower *follower;
	struct metrics *metrics;
	struct predlog *log; /* NULL: none */
	char name[128], address[64], alias[128];
	unsigned port;
	bool simulate_delay;
	wall_us started;
	atomic_uint active; /* requests under way */
	atomic_bool stopping;
};

struct request {
	mono_us began;
	wall_us began_wall;
	enum metrics_endpoint endpoint;
	struct buf body;
	bool too_large;
};

static size_t
body_limit(enum metrics_endpoint endpoint)
{
	return endpoint == ENDPOINT_PREDICT	    ? PREDICT_MAX_BODY
	       : endpoint == ENDPOINT_PREDICT_BATCH ? PREDICT_MAX_BATCH_BODY
						    : 0;
}

static enum metrics_endpoint
find_endpoint(const char *url)
{
	int e = 0;
	while (
	    e < ENDPOINT_OTHER && strcmp(url, metrics_endpoint_path((enum metrics_endpoint)e)) != 0)
		e++;
	return (enum metrics_endpoint)e;
}

static enum MHD_Result
answer(struct service *service, struct MHD_Connection *connection, const struct request *request,
    const char *method, int status, const char *type, struct buf *body)
{
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(body->length, body->data, MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		buf_free(body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
		    body_limit(request->endpoint) > 0 ? "POST" : "GET, HEAD");
	if (atomic_load(&service->stopping))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	metrics_request(service->metrics, request->endpoint, method, status,
	    (double)(clock_mono() - request->began) / 1e6);
	enum MHD_Result result = MHD_queue_response(connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer_error(struct service *service, struct MHD_Connection *connection,
    const struct request *request, const char *method, int status, const char *text)
{
	struct buf body = {0};
	struct jsonw json = {.out = &body};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "detail", text);
	jsonw_close_object(&json);
	return answer(service, connection, request, method, status, "application/json", &body);
}

static void
put_root(struct service *service, struct buf *out)
{
	const struct served *served = served_hold(service->follower);
	struct jsonw json = {.out = out};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "name", "fraudtop serve");
	jsonw_string(&json, "fraudtop", FRAUDTOP_VERSION);
	jsonw_string(&json, "service", service->name);
	jsonw_string(&json, "model", served->name);
	jsonw_string(&json, "version", served->version);
	jsonw_string(&json, "kind", model_kind(served->model));
	jsonw_number(&json, "threshold", served->threshold);
	jsonw_open_array(&json, "features");
	for (size_t i = 0; i < model_features(served->model); i++) {
		jsonw_open_object(&json, NULL);
		jsonw_string(&json, "name", model_feature(served->model, i));
		jsonw_string(
		    &json, "kind", model_categorical(served->model, i) ? "categorical" : "numeric");
		jsonw_close_object(&json);
	}
	jsonw_close_array(&json);
	jsonw_open_array(&json, "endpoints");
	for (int e = 0; e < ENDPOINT_OTHER; e++)
		jsonw_string(&json, NULL, metrics_endpoint_path((enum metrics_endpoint)e));
	jsonw_close_array(&json);
	jsonw_close_object(&json);
	served_release(served);
}

static void
put_health(struct service *service, struct buf *out)
{
	const struct served *served = served_hold(service->follower);
	struct served_state state;
	struct jsonw json = {.out = out};
	served_get_state(service->follower, &state);
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "status", state.reason[0] == '\0' ? "ok" : "degraded");
	jsonw_bool(&json, "model_loaded", true);
	jsonw_string(&json, "service", service->name);
	jsonw_string(&json, "model", served->name);
	jsonw_string(&json, "version", served->version);
	jsonw_number(&json, "threshold", served->threshold);
	if (service->alias[0] != '\0') {
		jsonw_string(&json, "alias", service->alias);
		jsonw_int(&json, "epoch", served->epoch);
	}
	if (state.reason[0] != '\0')
		jsonw_string(&json, "reason", state.reason);
	if (state.refused_version[0] != '\0')
		jsonw_string(&json, "refused_version", state.refused_version);
	jsonw_number(&json, "uptime_s", (double)(clock_wall() - service->started) / 1e6);
	jsonw_close_object(&json);
	served_release(served);
}

static void
put_metrics(struct service *service, struct buf *out)
{
	const struct served *served = served_hold(service->follower);
	struct served_state state;
	uint64_t lines = 0, failures = 0;
	served_get_state(service->follower, &state);
	if (service->log != NULL)
		predlog_counts(service->log, &lines, &failures);
	metrics_write(service->metrics, out);
	buf_puts(out, "# HELP fraudtop_model_info The model in use.\n"
		      "# TYPE fraudtop_model_info gauge\nfraudtop_model_info{model=");
	metrics_write_label(out, served->name);
	buf_puts(out, ",version=");
	metrics_write_label(out, served->version);
	buf_puts(out, "} 1\n");
	metrics_write_one(out, "fraudtop_model_switches_total", "counter",
	    "Times the alias moved and its version was taken.", (double)state.switches);
	metrics_write_one(out, "fraudtop_model_refusals_total", "counter",
	    "Versions that the alias pointed at and that could not be served.",
	    (double)state.refusals);
	metrics_write_one(out, "fraudtop_log_lines_total", "counter",
	    "Lines appended to the prediction log.", (double)lines);
	metrics_write_one(out, "fraudtop_log_failures_total", "counter",
	    "Appends to the prediction log that failed.", (double)failures);
	metrics_write_one(out, "fraudtop_start_time_seconds", "gauge",
	    "When the service started, since 1970.", (double)service->started / 1e6);
	served_release(served);
}

static void
simulate_delay(struct MHD_Connection *connection)
{
	double ms;
	const char *text =
	    MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Simulate-Delay-Ms");
	if (text == NULL || !text_to_double(text, &ms) || ms <= 0)
		return;
	ms = fmin(ms, MAX_DELAY_MS);
	struct timespec left = {.tv_sec = (time_t)(ms / 1000)};
	left.tv_nsec = (long)((ms - (double)left.tv_sec * 1000) * 1e6);
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

static enum MHD_Result
answer_prediction(struct service *service, struct MHD_Connection *connection,
    struct request *request, const char *method)
{
	struct buf body = {0}, lines = {0};
	if (service->simulate_delay)
		simulate_delay(connection);
	const struct served *served = served_hold(service->follower);
	struct predict predict = {.served = served,
	    .service = service->name,
	    .metrics = service->metrics,
	    .now = request->began_wall,
	    .began = request->began};
	int status =
	    request->endpoint == ENDPOINT_PREDICT
		? predict_one(&predict, request->body.data, request->body.length, &body, &lines)
		: predict_batch(&predict, request->body.data, request->body.length, &body, &lines);
	served_release(served);
	if (service->log != NULL && lines.length > 0)
		predlog_append(service->log, lines.data, lines.length, predict.lines);
	buf_free(&lines);
	return answer(service, connection, request, method, status, "application/json", &body);
}

static enum MHD_Result
answer_page(struct service *service, struct MHD_Connection *connection,
    const struct request *request, const char *method)
{
	struct buf body = {0};
	bool metrics = request->endpoint == ENDPOINT_METRICS;
	if (metrics)
		put_metrics(service, &body);
	else if (request->endpoint == ENDPOINT_HEALTH)
		put_health(service, &body);
	else
		put_root(service, &body);
	return answer(service, connection, request, method, MHD_HTTP_OK,
	    metrics ? "text/plain; version=0.0.4; charset=utf-8" : "application/json", &body);
}

static struct request *
begin_request(struct service *service, struct MHD_Connection *connection, const char *url)
{
	struct request *request = mem_alloc(sizeof(*request));
	request->began = clock_mono();
	request->began_wall = clock_wall();
	request->endpoint = find_endpoint(url);
	const char *length = MHD_lookup_connection_value(
	    connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	int64_t announced;
	request->too_large = length != NULL && text_to_int64(length, &announced) &&
			     announced > (int64_t)body_limit(request->endpoint) &&
			     announced > DRAINED;
	atomic_fetch_add(&service->active, 1);
	return request;
}

static enum MHD_Result
dispatch(struct service *service, struct MHD_Connection *connection, struct request *request,
    const char *method)
{
	bool posts = body_limit(request->endpoint) > 0;
	bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	if (request->endpoint == ENDPOINT_OTHER)
		return answer_error(service, connection, request, method, MHD_HTTP_NOT_FOUND,
		    "There is nothing here; GET / lists the endpoints");
	if (posts ? strcmp(method, "POST") != 0 : !reads)
		return answer_error(service, connection, request, method,
		    MHD_HTTP_METHOD_NOT_ALLOWED,
		    posts ? "This endpoint takes POST" : "This endpoint takes GET");
	if (request->too_large)
		return answer_error(
		    service, connection, request, method, TOO_LARGE, "The body is too large");
	return posts ? answer_prediction(service, connection, request, method)
		     : answer_page(service, connection, request, method);
}

static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct service *service = context;
	struct request *request = *state;
	(void)version;
	if (request == NULL) {
		*state = request = begin_request(service, connection, url);
		/* Announced too large: answered before it is sent, which closes the connection. */
		return request->too_large ? dispatch(service, connection, request, method)
					  : MHD_YES;
	}
	if (*upload_size == 0)
		return dispatch(service, connection, request, method);
	size_t limit = body_limit(request->endpoint);
	if (request->body.length + *upload_size > limit) {
		request->too_large = true;
		buf_free(&request->body);
	}
	if (!request->too_large)
		buf_append(&request->body, upload, *upload_size);
	*upload_size = 0;
	return MHD_YES;
}

static void
completed(void *context, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct service *service = context;
	struct request *request = *state;
	(void)connection;
	(void)why;
	if (request == NULL)
		return;
	buf_free(&request->body);
	free(request);
	*state = NULL;
	atomic_fetch_sub(&service->active, 1);
}

static int
listen_on(struct service *service, unsigned port, struct err *err)
{
	struct addrinfo hints = {
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char digits[16];
	int one = 1, fd = -1;
	snprintf(digits, sizeof(digits), "%u", port);
	int code = getaddrinfo(service->address, digits, &hints, &found);
	if (code != 0) {
		err_set(err, ERR_USAGE, "%s: not a numeric address: %s", service->address,
		    gai_strerror(code));
		return -1;
	}
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
		    bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0 &&
		    getsockname(fd, (struct sockaddr *)&bound, &length) == 0 &&
		    getnameinfo((struct sockaddr *)&bound, length, NULL, 0, digits, sizeof(digits),
			NI_NUMERICSERV) == 0;
	if (!good) {
		err_set(err, ERR_UNAVAILABLE, "%s port %u: %s", service->address, port,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	service->port = (unsigned)strtoul(digits, NULL, 10);
	freeaddrinfo(found);
	return fd;
}

static bool
start_daemon(struct service *service, unsigned port, struct err *err)
{
	int fd = listen_on(service, port, err);
	if (fd < 0)
		return false;
	service->daemon =
	    MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
				 MHD_USE_POLL | MHD_USE_ITC,
		0, NULL, NULL, handle, service, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_NOTIFY_COMPLETED, completed, service, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_END);
	if (service->daemon != NULL)
		return true;
	close(fd);
	return err_set(err, ERR_UNAVAILABLE, "the HTTP server did not start: %s", strerror(errno));
}

struct service *
service_start(const struct service_options *options, struct err *err)
{
	struct service *service = mem_alloc(sizeof(*service));
	const char *address = options->address != NULL ? options->address : "127.0.0.1";
	text_scrub(service->name, sizeof(service->name), options->name, strlen(options->name));
	text_scrub(service->address, sizeof(service->address), address, strlen(address));
	if (options->source.registry_path != NULL)
		text_scrub(service->alias, sizeof(service->alias), options->source.alias,
		    strlen(options->source.alias));
	service->simulate_delay = options->simulate_delay;
	service->started = clock_wall();
	service->metrics = metrics_new();
	service->follower = served_follow(&options->source, err);
	bool good = service->follower != NULL;
	if (good && options->log_path != NULL) {
		service->log = predlog_open(options->log_path, err);
		good = service->log != NULL;
	}
	if (!good || !start_daemon(service, options->port, err)) {
		service_stop(service);
		return NULL;
	}
	return service;
}

static void
finish_requests(struct service *service)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	mono_us limit = clock_mono() + finish_us;
	atomic_store(&service->stopping, true);
	MHD_socket fd = MHD_quiesce_daemon(service->daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	while (atomic_load(&service->active) > 0 && clock_mono() < limit)
		nanosleep(&pause, NULL);
	MHD_stop_daemon(service->daemon);
}

void
service_stop(struct service *service)
{
	if (service == NULL)
		return;
	if (service->daemon != NULL)
		finish_requests(service);
	served_follower_free(service->follower);
	predlog_close(service->log);
	metrics_free(service->metrics);
	free(service);
}

void
service_describe(struct service *service, struct buf *out)
{
	const struct served *served = served_hold(service->follower);
	bool v6 = strchr(service->address, ':') != NULL;
	buf_printf(out, "%s on http://%s%s%s:%u, model %s %s", service->name, v6 ? "[" : "",
	    service->address, v6 ? "]" : "", service->port, served->name, served->version);
	served_release(served);
}

bool
service_reopen_log(struct service *service, struct err *err)
{
	return service->log == NULL || predlog_reopen(service->log, err);
}
