/* poller.c: two probes a service, /health and /metrics, each with its own timer, transfer and
 * back-off.
 *
 * What always holds: a probe has either a timer or a transfer, so that it never overlaps itself and
 * a service that hangs delays nobody, not even its own other probe. The health probe alone decides
 * about up and healthy; trouble with the metrics only makes the figures unknown.
 *
 * A good probe comes again at its own beat of the interval. Services lie apart by the golden ratio,
 * which fills the interval evenly however many there are; the metrics of a service lie half an
 * interval from its health, so that one connection serves both. Beats are whole 16ths of the
 * interval: of a thousand services some sixty are asked together, and waking up for them, with cold
 * caches, costs once. Health lies between those beats, so that its round trip is not the time that
 * the metrics of others take. The beats of health that are left out with many services are told
 * apart by the service's number, so that they, too, are spread; a scrape that fails brings the next
 * one forward. Who answers 429, or 503 with a time, is asked again no sooner than that time, or the
 * longest back-off. */
#include "core/poll/poller.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/poll/exposition.h"
#include "core/poll/health.h"
#include "core/poll/figures.h"

#define MAX_BACKOFF (30 * CLOCK_SECOND)
#define FIRST_WITHIN (CLOCK_SECOND / 10)
#define BEATS 16
/* Of more services than these, health is asked at every second, third, ... at most fifth beat where
 * the metrics come every beat: a service that answers those is up. */
#define HEALTH_AT_A_BEAT 400
#define RAREST 5
#define HEALTH_ACCEPT "application/json, text/plain;q=0.5, */*;q=0.1"
#define MAX_HEALTH_BYTES ((size_t)1 << 20)

struct service;

struct probe {
	struct service *service;
	void (*take)(struct probe *probe, const struct http_answer *answer);
	struct loop_timer *timer;
	struct http_transfer *transfer;
	bool under_way;
	mono_us started;
	int64_t phase; /* of the interval */
	unsigned failures;
	bool good; /* the last answer was of use */
	bool again; /* asked for while the transfer was under way */
};

struct service {
	struct poller *poller;
	size_t index;
	struct poll_state state;
	struct probe health, metrics;
	struct figures figures;
};

struct poller {
	struct loop *loop;
	struct http *http;
	struct poller_options options;
	struct rng rng;
	mono_us began; /* the first interval */
	struct service **services;
	size_t count, capacity;
	uint64_t requests;
	size_t waiting;
};

/* --- when --- */
static double
jitter(struct poller *poller, double low, double high)
{
	return low + (high - low) * rng_uniform(&poller->rng);
}

/* At which of its beats a probe is asked: each, every second, ... */
static int64_t
beats_between(const struct probe *probe)
{
	const struct service *service = probe->service;
	size_t every = (service->poller->count + HEALTH_AT_A_BEAT - 1) / HEALTH_AT_A_BEAT;
	if (probe != &service->health || !service->metrics.good || service->metrics.failures > 0)
		return 1;
	return every < 1 ? 1 : every < RAREST ? (int64_t)every : RAREST;
}

/* Until the probe's next beat, the first that is five eighths of an interval or more from the
 * last start: a probe that came off the beat finds back to it. */
static int64_t
next_beat(const struct probe *probe)
{
	const struct poller *poller = probe->service->poller;
	int64_t interval = poller->options.interval_us, every = beats_between(probe);
	int64_t period = interval * every;
	mono_us now = clock_mono(), least = probe->started + interval * 5 / 8;
	mono_us beat = poller->began + probe->phase;
	beat += interval * ((int64_t)probe->service->index % every);
	int64_t since = (least > now ? least : now) - beat;
	int64_t whole = since > 0 ? (since + period - 1) / period : 0;
	return beat + whole * period - now;
}

/* After failures twice as long each time, up to MAX_BACKOFF. The jitter keeps services that failed
 * together apart. */
static int64_t
next_delay(struct probe *probe)
{
	struct poller *poller = probe->service->poller;
	int64_t interval = poller->options.interval_us;
	if (probe->failures == 0)
		return next_beat(probe);
	int64_t ceiling = interval > MAX_BACKOFF ? interval : MAX_BACKOFF;
	int64_t delay = interval;
	for (unsigned i = 1; i < probe->failures && delay < ceiling; i++)
		delay *= 2;
	return (int64_t)((double)(delay < ceiling ? delay : ceiling) * jitter(poller, 0.7, 1));
}

/* Few services are all asked at once, so that the screen fills; many at their first beats. */
static int64_t
first_delay(const struct probe *probe)
{
	const struct poller *poller = probe->service->poller;
	int64_t beat = next_beat(probe), interval = poller->options.interval_us;
	if (probe->service->index >= BEATS || interval <= FIRST_WITHIN)
		return beat;
	return (int64_t)((double)FIRST_WITHIN * (double)probe->phase / (double)interval);
}

static void probe_due(void *context);

static void
schedule(struct probe *probe, int64_t delay)
{
	struct loop *loop = probe->service->poller->loop;
	loop_timer_cancel(loop, probe->timer);
	probe->timer = loop_timer_add(loop, delay, 0, probe_due, probe);
}

static void
hurry(struct probe *probe)
{
	if (probe->under_way)
		probe->again = true;
	else
		schedule(probe, 0);
}

static void
probe_done(const struct http_answer *answer, void *context)
{
	struct probe *probe = context;
	probe->under_way = false;
	probe->service->poller->waiting--;
	probe->take(probe, answer);
	int64_t delay = next_delay(probe), wished = answer->retry_after_us;
	if ((answer->status == 429 || answer->status == 503) && wished > delay)
		delay = wished < MAX_BACKOFF ? wished : MAX_BACKOFF;
	schedule(probe, probe->again ? 0 : delay);
	probe->again = false;
}

static void
probe_due(void *context)
{
	struct probe *probe = context;
	struct poller *poller = probe->service->poller;
	probe->timer = NULL; /* it frees itself */
	probe->started = clock_mono();
	probe->service->state.asked = true;
	poller->requests++;
	probe->under_way = true;
	poller->waiting++;
	http_send(probe->transfer);
}

/* --- health --- */
static void
take_health(struct probe *probe, const struct http_answer *answer)
{
	struct service *service = probe->service;
	struct poll_state *state = &service->state;
	struct health health;
	bool was_down = state->failures > 0;
	health_read(&health, answer);
	state->up = health.up;
	state->healthy = health.healthy;
	text_copy(state->reason, sizeof(state->reason), health.reason);
	if (answer->status != 0) {
		state->answered = true;
		state->last_answer = clock_mono();
		state->last_answer_wall = clock_wall();
		state->rtt_ms = (double)answer->round_trip_us / 1000;
	}
	if (!health.up) {
		state->model_loaded = false; /* model and version stay: the last it said */
		state->failures = ++probe->failures;
		if (state->down_since == 0)
			state->down_since = clock_wall();
		return;
	}
	state->model_loaded = health.model_loaded;
	text_copy(state->model, sizeof(state->model), health.model);
	text_copy(state->version, sizeof(state->version), health.version);
	state->epoch = health.epoch;
	state->failures = 0;
	probe->failures = answer->status == 429 ? probe->failures + 1 : 0;
	state->down_since = 0;
	if (was_down) /* the metrics, too, may be back: do not wait out their back-off */
		hurry(&service->metrics);
}

/* --- metrics --- */
static void
take_metrics(struct probe *probe, const struct http_answer *answer)
{
	struct service *service = probe->service;
	if (figures_take(&service->figures, answer, &service->state)) {
		probe->good = true;
		probe->failures = 0;
		return;
	}
	if (probe->good && answer->status == 0 && service->health.failures == 0)
		hurry(&service->health); /* is it down? */
	probe->good = false;
	probe->failures++; /* a 404, too, is asked for ever more rarely */
}

/* --- the poller --- */
struct poller *
poller_new(struct loop *loop, struct http *http, const struct poller_options *options)
{
	struct poller *poller = mem_alloc(sizeof(*poller));
	poller->loop = loop;
	poller->http = http;
	if (options != NULL)
		poller->options = *options;
	if (poller->options.interval_us <= 0)
		poller->options.interval_us = CLOCK_SECOND;
	if (poller->options.timeout_us <= 0)
		poller->options.timeout_us = 2 * CLOCK_SECOND;
	rng_seed(&poller->rng, poller->options.seed, 1);
	poller->began = clock_mono();
	return poller;
}

static void
stop_probe(struct poller *poller, struct probe *probe)
{
	loop_timer_cancel(poller->loop, probe->timer);
	http_cancel(poller->http, probe->transfer);
}

void
poller_free(struct poller *poller)
{
	if (poller == NULL)
		return;
	for (size_t i = 0; i < poller->count; i++) {
		struct service *service = poller->services[i];
		stop_probe(poller, &service->health);
		stop_probe(poller, &service->metrics);
		figures_free(&service->figures);
		free(service);
	}
	free(poller->services);
	free(poller);
}

static void
set_phases(struct service *service)
{
	const struct poller *poller = service->poller;
	double share =
	    (double)poller->options.seed / 0x1p64 + (double)service->index * 0.6180339887498949;
	int64_t beat = (int64_t)((share - floor(share)) * BEATS);
	int64_t other = (beat + BEATS / 2) % BEATS;
	service->health.phase = poller->options.interval_us * (2 * beat + 1) / (2 * BEATS);
	service->metrics.phase = poller->options.interval_us * other / BEATS;
}

static void
set_up_probe(struct service *service, struct probe *probe, const struct http_request *request,
    void (*take)(struct probe *probe, const struct http_answer *answer))
{
	struct poller *poller = service->poller;
	struct http_request whole = *request;
	whole.connect_timeout_us = whole.timeout_us = poller->options.timeout_us;
	*probe = (struct probe){.service = service, .take = take};
	probe->transfer = http_keep(poller->http, &whole, probe_done, probe);
}

size_t
poller_add(struct poller *poller, const char *url, struct http_access *access)
{
	struct service *service = mem_alloc(sizeof(*service));
	int length = (int)strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	service->poller = poller;
	service->index = poller->count;
	service->state.rtt_ms = NAN;
	service->state.epoch = -1;
	figures_unknown(&service->state);
	char *health = mem_printf("%.*s/health", length, url);
	char *metrics = mem_printf("%.*s/metrics", length, url);
	set_up_probe(service, &service->health,
	    &(struct http_request){.url = health,
		.accept = HEALTH_ACCEPT,
		.access = access,
		.max_bytes = MAX_HEALTH_BYTES},
	    take_health);
	set_up_probe(service, &service->metrics,
	    &(struct http_request){.url = metrics,
		.accept = EXPOSITION_ACCEPT,
		.access = access,
		.max_bytes = FIGURES_MAX_BYTES},
	    take_metrics);
	free(health);
	free(metrics);
	mem_reserve(
	    &poller->services, &poller->capacity, poller->count + 1, sizeof(*poller->services));
	poller->services[poller->count] = service;
	set_phases(service);
	schedule(&service->health, first_delay(&service->health));
	schedule(&service->metrics, first_delay(&service->metrics));
	return poller->count++;
}

static struct service *
service_at(const struct poller *poller, size_t index)
{
	if (index >= poller->count)
		mem_die("there is no service %zu", index);
	return poller->services[index];
}

const struct poll_state *
poller_service(const struct poller *poller, size_t index)
{
	return &service_at(poller, index)->state;
}

void
poller_refresh(struct poller *poller, size_t index)
{
	struct service *service = service_at(poller, index);
	hurry(&service->health);
	hurry(&service->metrics);
}

uint64_t
poller_requests(const struct poller *poller)
{
	return poller->requests;
}

size_t
poller_waiting(const struct poller *poller)
{
	return poller->waiting;
}
