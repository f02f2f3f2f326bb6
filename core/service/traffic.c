#include "core/service/traffic.h"

#include <curl/curl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/service/labels.h"
#include "core/service/payments.h"

enum { IN_FLIGHT = 64, TIMEOUT_MS = 10000, CONNECT_MS = 2000, STREAM = 2 };
static const int64_t farthest_behind_us = CLOCK_SECOND;

struct target {
	char *url; /* of /predict */
	struct rng arrivals;
	mono_us due; /* of the next payment */
	unsigned in_flight;
};

struct transfer {
	CURL *easy;
	struct curl_slist *headers;
	struct target *target;
	struct buf body;
	char request_id[40];
	int label;
	struct transfer *next; /* of those that are free, or of those under way */
};

struct traffic {
	CURLM *multi;
	struct target targets[TRAFFIC_MAX_TARGETS];
	size_t targets_count;
	struct transfer *idle, *busy;
	struct payments *payments;
	struct rng rng;
	struct labels *labels;
	struct predlog *feed;
	double rate, label_delay_s, speed, drift;
	enum scenario scenario;
	mono_us started;
	struct traffic_counts counts;
};

static size_t
discard(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes;
	(void)context;
	return size * count;
}

static double
scenario_time(const struct traffic *traffic)
{
	return (double)(clock_mono() - traffic->started) / 1e6 * traffic->speed;
}

static struct transfer *
take_transfer(struct traffic *traffic)
{
	struct transfer *transfer = traffic->idle;
	if (transfer != NULL) {
		traffic->idle = transfer->next;
		return transfer;
	}
	transfer = mem_alloc(sizeof(*transfer));
	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL)
		mem_die("out of memory (curl)");
	curl_easy_setopt(transfer->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(transfer->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(transfer->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	return transfer;
}

static void
send_payment(struct traffic *traffic, struct target *target)
{
	struct payment payment;
	char delay[64];
	double t = scenario_time(traffic);
	payments_set_drift(
	    traffic->payments, fmax(traffic->drift, scenario_drift(traffic->scenario, t)));
	payments_next(traffic->payments, &payment);
	double ms = scenario_delay_ms(
	    traffic->scenario, t, (size_t)(target - traffic->targets), &traffic->rng);
	if (target->in_flight >= IN_FLIGHT) {
		traffic->counts.dropped++;
		return;
	}
	struct transfer *transfer = take_transfer(traffic);
	memcpy(transfer->request_id, payment.request_id, sizeof(payment.request_id));
	transfer->label = payment.label;
	transfer->target = target;
	buf_clear(&transfer->body);
	payment_write_request(&payment, 0, &transfer->body);
	snprintf(delay, sizeof(delay), "X-Simulate-Delay-Ms: %.3f", ms);
	transfer->headers = curl_slist_append(NULL, "Content-Type: application/json");
	transfer->headers = curl_slist_append(transfer->headers, delay);
	curl_easy_setopt(transfer->easy, CURLOPT_URL, target->url);
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, transfer->body.data);
	curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE, (long)transfer->body.length);
	curl_multi_add_handle(traffic->multi, transfer->easy);
	transfer->next = traffic->busy;
	traffic->busy = transfer;
	target->in_flight++;
	traffic->counts.sent++;
}

/* The target whose payment is due first. */
static struct target *
next_target(struct traffic *traffic)
{
	struct target *first = &traffic->targets[0];
	for (size_t i = 1; i < traffic->targets_count; i++) {
		if (traffic->targets[i].due < first->due)
			first = &traffic->targets[i];
	}
	return first;
}

static void
send_due(struct traffic *traffic)
{
	mono_us now = clock_mono();
	struct target *target;
	while ((target = next_target(traffic))->due <= now) {
		if (target->due < now - farthest_behind_us) /* the machine slept */
			target->due = now;
		send_payment(traffic, target);
		target->due += 1 + (int64_t)rng_exponential(&target->arrivals, 1e6 / traffic->rate);
	}
}

static void
plan_label(struct traffic *traffic, const struct transfer *transfer)
{
	if (traffic->feed == NULL)
		return;
	double factor = scenario_label_factor(traffic->scenario, scenario_time(traffic));
	double mean_us = traffic->label_delay_s * factor / traffic->speed * 1e6;
	labels_add(traffic->labels, clock_wall() + (int64_t)rng_exponential(&traffic->rng, mean_us),
	    transfer->request_id, transfer->label);
}

static void
take_answer(struct traffic *traffic, struct transfer *transfer, CURLcode result)
{
	long status = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (result == CURLE_OK && status == 200) {
		traffic->counts.answered++;
		plan_label(traffic, transfer);
	} else if (result == CURLE_OK && status >= 400 && status < 500) {
		traffic->counts.refused++;
	} else {
		traffic->counts.failed++;
	}
	struct transfer **link = &traffic->busy;
	while (*link != transfer)
		link = &(*link)->next;
	*link = transfer->next;
	curl_multi_remove_handle(traffic->multi, transfer->easy);
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
	transfer->target->in_flight--;
	transfer->next = traffic->idle;
	traffic->idle = transfer;
}

bool
traffic_turn(struct traffic *traffic, int64_t max_wait_us, int watch_fd)
{
	struct curl_waitfd watch = {.fd = watch_fd, .events = CURL_WAIT_POLLIN};
	int running, left;
	CURLMsg *message;
	send_due(traffic);
	curl_multi_perform(traffic->multi, &running);
	while ((message = curl_multi_info_read(traffic->multi, &left)) != NULL) {
		char *transfer;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		take_answer(traffic, (struct transfer *)(void *)transfer, message->data.result);
	}
	if (traffic->feed != NULL)
		traffic->counts.labels +=
		    labels_write_due(traffic->labels, clock_wall(), traffic->feed);
	int64_t wait = next_target(traffic)->due - clock_mono();
	wait = wait < 0 ? 0 : wait > max_wait_us ? max_wait_us : wait;
	curl_multi_poll(
	    traffic->multi, &watch, watch_fd >= 0 ? 1 : 0, (int)((wait + 999) / 1000), NULL);
	return watch_fd >= 0 && watch.revents != 0;
}

static void
add_target(struct traffic *traffic, const char *url, uint64_t seed)
{
	struct target *target = &traffic->targets[traffic->targets_count];
	size_t length = strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	target->url = mem_printf("%.*s/predict", (int)length, url);
	rng_seed(&target->arrivals, seed, 100 + traffic->targets_count++);
	target->due =
	    traffic->started + (int64_t)rng_exponential(&target->arrivals, 1e6 / traffic->rate);
}

struct traffic *
traffic_start(const struct traffic_options *options, struct err *err)
{
	struct traffic *traffic = mem_alloc(sizeof(*traffic));
	traffic->rate = options->rate;
	traffic->label_delay_s = options->label_delay_s;
	traffic->scenario = options->scenario;
	traffic->speed = options->speed;
	traffic->drift = options->drift;
	traffic->labels = labels_new();
	if (options->labels_path != NULL &&
	    (traffic->feed = predlog_open(options->labels_path, err)) == NULL) {
		traffic_free(traffic);
		return NULL;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (traffic->multi = curl_multi_init()) == NULL) {
		err_set(err, ERR_UNAVAILABLE, "libcurl does not start");
		traffic_free(traffic);
		return NULL;
	}
	traffic->payments = payments_new(options->seed, STREAM);
	rng_seed(&traffic->rng, options->seed, 99);
	traffic->started = clock_mono();
	for (size_t i = 0; i < options->targets; i++)
		add_target(traffic, options->urls[i], options->seed);
	return traffic;
}

static void
free_transfers(struct traffic *traffic, struct transfer *transfer, bool busy)
{
	while (transfer != NULL) {
		struct transfer *next = transfer->next;
		if (busy)
			curl_multi_remove_handle(traffic->multi, transfer->easy);
		curl_easy_cleanup(transfer->easy);
		curl_slist_free_all(transfer->headers);
		buf_free(&transfer->body);
		free(transfer);
		transfer = next;
	}
}

void
traffic_free(struct traffic *traffic)
{
	if (traffic == NULL)
		return;
	free_transfers(traffic, traffic->busy, true);
	free_transfers(traffic, traffic->idle, false);
	curl_multi_cleanup(traffic->multi);
	for (size_t i = 0; i < traffic->targets_count; i++)
		free(traffic->targets[i].url);
	payments_free(traffic->payments);
	labels_free(traffic->labels);
	predlog_close(traffic->feed);
	free(traffic);
}

struct traffic_counts
traffic_counts(const struct traffic *traffic)
{
	return traffic->counts;
}
