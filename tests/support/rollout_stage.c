/* A registry, an audit log and a service of their own, for the tests of rollouts. Included, not
 * linked. */
#include "core/rollout/rollout.h"

#include <setjmp.h>
#include <signal.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <microhttpd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/folder.h"

static char folder[FOLDER_SIZE];
static struct registry *registry;
static struct audit *audit;

/* --- a service that can be told what to say --- */

static struct {
	pthread_mutex_t mutex;
	struct MHD_Daemon *daemon;
	char url[64], body[256], next[256];
	int status;
	unsigned asked, switch_at; /* from that question on `next` is the body; 0: never */
} service = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static enum MHD_Result
serve(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
	(void)context, (void)method, (void)version, (void)upload, (void)upload_size, (void)request;
	pthread_mutex_lock(&service.mutex);
	service.asked++;
	bool later = service.switch_at != 0 && service.asked > service.switch_at;
	char *body = mem_string(later ? service.next : service.body);
	int status = strcmp(url, "/health") == 0 ? service.status : 404;
	pthread_mutex_unlock(&service.mutex);
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result queued = MHD_queue_response(connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return queued;
}

static inline void
service_says(const char *body, const char *next, unsigned times)
{
	pthread_mutex_lock(&service.mutex);
	service.status = 200;
	service.asked = 0;
	text_copy(service.body, sizeof(service.body), body);
	text_copy(service.next, sizeof(service.next), next != NULL ? next : "");
	service.switch_at = next != NULL ? times : 0;
	pthread_mutex_unlock(&service.mutex);
	if (service.daemon == NULL) {
		service.daemon = MHD_start_daemon(
		    MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, serve, NULL, MHD_OPTION_END);
		assert_non_null(service.daemon);
	}
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(service.daemon, MHD_DAEMON_INFO_BIND_PORT);
	snprintf(service.url, sizeof(service.url), "http://127.0.0.1:%u/", info->port);
}

/* --- the stage --- */

#define LINEAR(a, b)                                                                               \
	"{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":-1,\"features\":[{\"name\":\"" a \
	"\",\"weight\":1,\"missing\":0},{\"name\":\"" b "\",\"weight\":2,\"missing\":0}]}"

static void
write_model(const char *version, const char *text, char path[128])
{
	snprintf(path, 128, "%s/v%s.json", folder, version);
	assert_true(buf_write_file(path, text, strlen(text), 0600, NULL));
}

static void
add_version(const char *version, const char *text)
{
	char path[128];
	struct err err = {0};
	write_model(version, text, path);
	if (!registry_add_version(registry, "fraud", version, path, 0.5, NULL, "trainer", &err))
		fail_msg("%s", err.text);
}

static inline void
move(const char *version, int64_t expect, const char *by)
{
	struct err err = {0};
	int64_t epoch;
	if (!registry_set_alias(
		registry, "fraud", "production", version, expect, by, "moved", &epoch, &err))
		fail_msg("%s", err.text);
}

static struct registry *
open_stage(const char *name, void *context)
{
	(void)context;
	char path[128];
	if (strcmp(name, "prod") != 0)
		return NULL;
	snprintf(path, sizeof(path), "%s/registry.db", folder);
	return registry_open("prod", "local", path, true, NULL);
}

static void
open_audit(void)
{
	char path[128];
	struct err err = {0};
	snprintf(path, sizeof(path), "%s/audit.db", folder);
	audit = audit_open(path, &err);
	if (audit == NULL)
		fail_msg("%s", err.text);
}

/* Versions 12 and 13 alike, 14 of other features, 15 broken; production came from 12 and is at 13,
 * epoch 2. */
static int
set_up(void **state)
{
	(void)state;
	if (!folder_make(folder, "rollout"))
		return -1;
	registry = open_stage("prod", NULL);
	if (registry == NULL)
		return -1;
	open_audit();
	add_version("12", LINEAR("amount", "hour"));
	add_version("13", LINEAR("hour", "amount"));
	add_version("14", LINEAR("amount", "age"));
	add_version("15", "{\"kind\":\"linear\",");
	move("12", 0, "ann");
	move("13", 1, "ann");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	registry_close(registry);
	audit_close(audit);
	if (service.daemon != NULL)
		MHD_stop_daemon(service.daemon);
	service.daemon = NULL;
	return folder_remove(folder);
}

static struct rollout_plan
make_plan(const char *operation, const char *to)
{
	struct rollout_plan plan = {.verify_timeout_us = 2 * CLOCK_MINUTE};
	text_copy(plan.operation, sizeof(plan.operation), operation);
	text_copy(plan.model, sizeof(plan.model), "fraud");
	text_copy(plan.alias, sizeof(plan.alias), "production");
	text_copy(plan.to, sizeof(plan.to), to);
	text_copy(plan.reason, sizeof(plan.reason), "false alarms");
	if (service.daemon != NULL) {
		plan.service_urls[0] = service.url;
		plan.service_names[0] = "fraud-eu";
		plan.services = 1;
	}
	return plan;
}

/* The rows of the log as `EVENT:outcome EVENT:outcome ...`, OBSERVE left out. */
static char *
events(const char *action_id)
{
	static char text[1024];
	struct audit_row *rows = NULL;
	size_t count = 0;
	int64_t walked;
	struct err err = {0};
	text[0] = '\0';
	assert_true(audit_rows(audit, 0, action_id, &rows, &count, NULL));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].event, "OBSERVE") != 0)
			text_append(text, sizeof(text), "%s%s:%s", text[0] != '\0' ? " " : "",
			    rows[i].event, rows[i].outcome);
	}
	free(rows);
	if (!audit_verify(audit, &walked, &err))
		fail_msg("%s", err.text);
	return text;
}

static inline void
alias_is(const char *version, int64_t epoch)
{
	struct registry_alias alias;
	assert_true(registry_get_alias(registry, "fraud", "production", &alias, NULL));
	assert_string_equal(alias.version, version);
	assert_int_equal(alias.epoch, epoch);
}

static inline enum rollout_outcome
run(struct rollout_plan *plan, struct err *err)
{
	return rollout_run(plan, registry, audit, NULL, NULL, err);
}
