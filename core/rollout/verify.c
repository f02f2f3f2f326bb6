/* verify.c: watches whether what was written is what is served.
 *
 * Every 200 ms the alias is read again and each service is asked for GET /health. Verified is:
 * every service named the wanted version in its last AGREEING answers without a break, and the
 * alias is still as written. A move by someone else ends it at once. What a service says is written
 * down when it changes, at most OBSERVE_MAX rows a service. */
#include "core/rollout/run.h"

#include <cjson/cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/http.h"
#include "core/base/loop.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/access.h"

enum {
	AGREEING = 3,
	OBSERVE_MAX = 20,
	PERIOD_US = 200000,
	REQUEST_TIMEOUT_US = 2000000,
	VERIFY_DEFAULT_US = 30000000,
	HEALTH_MAX_BYTES = 1 << 16
};

struct service {
	struct watch *watch;
	char name[128];
	char *url;
	struct http_access *access;
	struct http_transfer *transfer;
	char says[160]; /* `serves 12`, or why that is not known */
	unsigned agreeing, observed;
};

struct watch {
	struct run *run;
	struct loop *loop;
	struct http *http;
	struct service *services;
	unsigned alias_agreeing;
	bool interrupted, superseded;
	mono_us start;
	struct err why;
};

static void
interrupt(int signal, void *context)
{
	(void)signal;
	((struct watch *)context)->interrupted = true;
}

struct watch *
watch_new(struct run *run)
{
	const struct rollout_plan *plan = run->plan;
	struct watch *watch = mem_alloc(sizeof(*watch));
	watch->run = run;
	watch->loop = loop_new();
	watch->http = http_new(watch->loop);
	watch->services = mem_alloc(sizeof(*watch->services) * (plan->services + 1));
	for (unsigned i = 0; i < plan->services; i++) {
		struct service *service = &watch->services[i];
		const char *url = plan->service_urls[i];
		const char *name = plan->service_names[i] != NULL ? plan->service_names[i] : url;
		size_t length = strlen(url);
		while (length > 0 && url[length - 1] == '/')
			length--;
		service->watch = watch;
		service->access = config_access_open(plan->service_access[i]);
		service->url = mem_printf("%.*s/health", (int)length, url);
		text_scrub(service->name, sizeof(service->name), name, strlen(name));
		text_copy(service->says, sizeof(service->says), "has not answered");
	}
	loop_on_signal(watch->loop, SIGINT, interrupt, watch);
	loop_on_signal(watch->loop, SIGTERM, interrupt, watch);
	return watch;
}

void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	http_free(watch->http);
	loop_free(watch->loop);
	for (unsigned i = 0; i < watch->run->plan->services; i++) {
		http_access_free(watch->services[i].access);
		free(watch->services[i].url);
	}
	free(watch->services);
	free(watch);
}

/* --- what a service says --- */

/* A version is a string; some services write it as a number. */
static bool
member_text(const cJSON *json, const char *name, char *dst, size_t size)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
	dst[0] = '\0';
	if (cJSON_IsString(item))
		text_scrub(dst, size, item->valuestring, strlen(item->valuestring));
	else if (cJSON_IsNumber(item))
		snprintf(dst, size, "%.17g", item->valuedouble);
	return dst[0] != '\0';
}

static bool
read_health(struct service *service, const struct http_answer *answer, char says[160])
{
	const struct rollout_plan *plan = service->watch->run->plan;
	char version[128], model[128];
	if (answer->status != 200) {
		if (answer->status == 0)
			snprintf(says, 160, "does not answer: %.120s", answer->reason);
		else
			snprintf(says, 160, "answers with status %d", answer->status);
		return false;
	}
	cJSON *json = cJSON_ParseWithLength(answer->body, answer->body_length);
	bool known = member_text(json, "version", version, sizeof(version));
	bool named = member_text(json, "model", model, sizeof(model));
	cJSON_Delete(json);
	if (!known)
		snprintf(says, 160, "names no version in its health");
	else if (named && strcmp(model, plan->model) != 0)
		snprintf(says, 160, "serves the model %.120s", model);
	else
		snprintf(says, 160, "serves %s", version);
	return known && (!named || strcmp(model, plan->model) == 0) &&
	       strcmp(version, plan->to) == 0;
}

static void
observe(struct service *service, const char *says)
{
	struct run *run = service->watch->run;
	char text[512], clean[160];
	text_scrub(clean, sizeof(clean), says, strlen(says));
	if (strcmp(clean, service->says) == 0)
		return;
	text_copy(service->says, sizeof(service->says), clean);
	snprintf(text, sizeof(text), "%s %s after %.1f s", service->name, clean,
	    (double)(clock_mono() - service->watch->start) / (double)CLOCK_SECOND);
	run_say(run, "VERIFYING", "%s", text);
	if (service->observed++ < OBSERVE_MAX)
		run_append(run, "OBSERVE", "", text, NULL);
}

static void
answered(const struct http_answer *answer, void *context)
{
	struct service *service = context;
	char says[160] = "";
	service->transfer = NULL;
	bool agrees = read_health(service, answer, says);
	service->agreeing = agrees ? service->agreeing + 1 : 0;
	observe(service, says);
}

/* --- what the registry says --- */

static void
read_alias(struct watch *watch)
{
	const struct rollout_plan *plan = watch->run->plan;
	struct registry_alias now;
	struct err err = {0};
	char at[32];
	if (registry_get_alias(watch->run->registry, plan->model, plan->alias, &now, &err)) {
		watch->superseded = now.epoch != watch->run->epoch;
		watch->alias_agreeing++;
		if (watch->superseded)
			err_set(&watch->why, ERR_SUPERSEDED,
			    "%s moved %s of %s to %s at %s (epoch %lld): %s", now.changed_by,
			    plan->alias, plan->model, now.version,
			    clock_format(at, sizeof(at), now.changed_at), (long long)now.epoch,
			    now.reason);
	} else {
		watch->superseded = err.code == ERR_NO_INPUT;
		watch->alias_agreeing = 0;
		err_set(&watch->why, watch->superseded ? ERR_SUPERSEDED : ERR_TEMP,
		    "the alias was written, but cannot be read any more: %s", err.text);
	}
}

static void
tick(void *context)
{
	struct watch *watch = context;
	read_alias(watch);
	for (unsigned i = 0; i < watch->run->plan->services; i++) {
		struct service *service = &watch->services[i];
		struct http_request request = {.url = service->url,
		    .accept = "application/json",
		    .access = service->access,
		    .connect_timeout_us = REQUEST_TIMEOUT_US,
		    .timeout_us = REQUEST_TIMEOUT_US,
		    .max_bytes = HEALTH_MAX_BYTES};
		if (service->transfer == NULL)
			service->transfer = http_start(watch->http, &request, answered, service);
	}
}

/* --- the verdict --- */

static bool
is_agreed(const struct watch *watch)
{
	for (unsigned i = 0; i < watch->run->plan->services; i++) {
		if (watch->services[i].agreeing < AGREEING)
			return false;
	}
	return watch->alias_agreeing >= AGREEING;
}

static enum rollout_outcome
unverified(const struct watch *watch, struct err *err)
{
	const struct rollout_plan *plan = watch->run->plan;
	char text[512] = "";
	double seconds = (double)(clock_mono() - watch->start) / (double)CLOCK_SECOND;
	if (watch->alias_agreeing == 0) {
		err_set(err, ERR_TEMP, "%s", watch->why.text);
		return ROLLOUT_UNVERIFIED;
	}
	for (unsigned i = 0; i < plan->services; i++) {
		const struct service *service = &watch->services[i];
		if (service->agreeing < AGREEING)
			text_append(text, sizeof(text), "%s%s %s", text[0] != '\0' ? "; " : "",
			    service->name, service->says);
	}
	err_set(err, ERR_TEMP, "%s of %s is moved to %s, but %s after %.1f s: %s", plan->alias,
	    plan->model, plan->to,
	    watch->interrupted ? "the watching was interrupted" : "not every service serves it",
	    seconds, text[0] != '\0' ? text : "the registry was not to be read often enough");
	return ROLLOUT_UNVERIFIED;
}

static enum rollout_outcome
no_service(const struct watch *watch, struct err *err)
{
	const struct rollout_plan *plan = watch->run->plan;
	err_set(err, ERR_TEMP,
	    "%s of %s is moved to %s in the registry; no service to verify with is known",
	    plan->alias, plan->model, plan->to);
	return ROLLOUT_UNVERIFIED;
}

enum rollout_outcome
watch_run(struct watch *watch, struct err *err)
{
	const struct rollout_plan *plan = watch->run->plan;
	int64_t limit = plan->verify_timeout_us > 0 ? plan->verify_timeout_us : VERIFY_DEFAULT_US;
	watch->start = clock_mono();
	run_say(watch->run, "VERIFYING", "watching %u service%s for up to %.1f s", plan->services,
	    plan->services == 1 ? "" : "s", (double)limit / (double)CLOCK_SECOND);
	run_append(watch->run, "STATE", "", "APPLYING -> VERIFYING", NULL);
	struct loop_timer *timer = loop_timer_add(watch->loop, 0, PERIOD_US, tick, watch);
	while (!watch->superseded && !watch->interrupted && !is_agreed(watch) &&
	       clock_mono() - watch->start < limit)
		loop_run_once(watch->loop, PERIOD_US / 2);
	loop_timer_cancel(watch->loop, timer);
	if (!watch->superseded)
		read_alias(watch); /* the services' last answers are younger than the last look */
	if (watch->superseded) {
		err_set(err, ERR_SUPERSEDED, "%s", watch->why.text);
		return ROLLOUT_SUPERSEDED;
	}
	if (!is_agreed(watch))
		return unverified(watch, err);
	return plan->services > 0 ? ROLLOUT_VERIFIED : no_service(watch, err);
}
