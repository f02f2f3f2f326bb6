/* rollout.c: the order of things. What always holds: the INTENT row is on the disk before the
 * registry is asked, its RESULT row before the services are watched, and nothing but a seen version
 * is `verified`. */
#include "core/rollout/rollout.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/rollout/actor.h"
#include "core/rollout/lock.h"
#include "core/rollout/run.h"

bool
run_append(
    struct run *run, const char *event, const char *outcome, const char *detail, struct err *err)
{
	const struct rollout_plan *plan = run->plan;
	struct audit_row row = {.epoch = run->written ? run->epoch : plan->epoch};
	struct err failure = {0};
	text_copy(row.action_id, sizeof(row.action_id), plan->action_id);
	text_copy(row.event, sizeof(row.event), event);
	text_copy(row.operation, sizeof(row.operation), plan->operation);
	text_copy(row.registry, sizeof(row.registry), plan->registry);
	text_copy(row.model, sizeof(row.model), plan->model);
	text_copy(row.alias, sizeof(row.alias), plan->alias);
	text_copy(row.from_version, sizeof(row.from_version), plan->from);
	text_copy(row.to_version, sizeof(row.to_version), plan->to);
	text_copy(row.reason, sizeof(row.reason), plan->reason);
	text_copy(row.outcome, sizeof(row.outcome), outcome);
	text_copy(row.detail, sizeof(row.detail), detail);
	if (audit_append(run->audit, &row, &failure))
		return true;
	if (run->written && run->audit_failure.code == 0)
		run->audit_failure = failure;
	return err_set(err, failure.code, "%s", failure.text);
}

void
run_say(struct run *run, const char *state, const char *format, ...)
{
	char line[512];
	va_list args;
	if (run->say == NULL)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	run->say(state, line, run->context);
}

/* --- before the write --- */

static enum rollout_outcome
refuse(struct run *run, struct err *err)
{
	/* Nothing was accepted, so no code may say that something was. */
	if (err->code == ERR_TEMP || err->code == ERR_SUPERSEDED || err->code == 0)
		err->code = ERR_FAILED;
	run_say(run, "REFUSED", "%s", err->text);
	return ROLLOUT_REFUSED;
}

static void
describe_plan(const struct run *run, char text[512])
{
	const struct rollout_plan *plan = run->plan;
	text[0] = '\0';
	text_append(text, 512, "%s %s of %s in %s: %s -> %s at epoch %lld; services:%s",
	    plan->operation, plan->alias, plan->model, plan->registry, plan->from, plan->to,
	    (long long)plan->epoch, plan->services == 0 ? " none known" : "");
	for (unsigned i = 0; i < plan->services; i++)
		text_append(text, 512, " %s",
		    plan->service_names[i] != NULL ? plan->service_names[i]
						   : plan->service_urls[i]);
	if (plan->dry_run)
		text_append(text, 512, "; dry run");
}

static const char *const verdicts[] = {"pass", "warn", "FAIL"};

/* Failures first, so that a cut row still has them. */
static void
describe_checks(const struct rollout_plan *plan, char text[512])
{
	text[0] = '\0';
	for (int verdict = ROLLOUT_FAIL; verdict >= ROLLOUT_PASS; verdict--) {
		for (unsigned i = 0; i < plan->checks_count; i++) {
			const struct rollout_check *check = &plan->checks[i];
			if ((int)check->verdict == verdict)
				text_append(text, 512, "%s%s %s: %s", text[0] != '\0' ? "; " : "",
				    check->name, verdicts[verdict], check->text);
		}
	}
}

/* PLANNED and PREFLIGHT: the checks, told and written down. */
static bool
prepare(struct run *run, struct err *err)
{
	struct rollout_plan *plan = run->plan;
	struct err audit_failure = {0};
	char text[512];
	bool good = rollout_prepare(plan, run->registry, plan->checks, &plan->checks_count, err);
	describe_plan(run, text);
	if (!run_append(run, "PLAN", "", text, &audit_failure))
		return err_set(err, audit_failure.code, "%s", audit_failure.text);
	run_say(run, "PLANNED", "%s", text);
	for (unsigned i = 0; i < plan->checks_count; i++)
		run_say(run, "PREFLIGHT", "%s %s: %s", verdicts[plan->checks[i].verdict],
		    plan->checks[i].name, plan->checks[i].text);
	describe_checks(plan, text);
	if (!plan->dry_run && plan->checks_count > 0 &&
	    !run_append(run, "PREFLIGHT", good ? "ok" : "refused", text, &audit_failure))
		return err_set(err, audit_failure.code, "%s", audit_failure.text);
	if (!good && !plan->dry_run)
		run_append(run, "REFUSED", err->code == ERR_CHANGED ? "changed" : "refused",
		    err->text, NULL);
	return good;
}

static struct lock *
take_lock(struct run *run, struct err *err)
{
	const struct rollout_plan *plan = run->plan;
	char holder[256], origin[128], at[32];
	snprintf(holder, sizeof(holder), "%s by %s since %s, pid %ld, %s", plan->operation, run->by,
	    clock_format(at, sizeof(at), clock_wall()), (long)getpid(),
	    actor_origin(origin, sizeof(origin)));
	struct lock *lock = lock_take(audit_path(run->audit), registry_location(run->registry),
	    plan->model, plan->alias, holder, err);
	if (lock == NULL)
		run_append(run, "REFUSED", "refused", err->text, NULL);
	return lock;
}

/* --- the write --- */

/* The registry said no or did not say: what does it hold? True if the write is in it. */
static bool
is_applied(struct run *run)
{
	const struct rollout_plan *plan = run->plan;
	struct registry_alias now;
	return registry_get_alias(run->registry, plan->model, plan->alias, &now, NULL) &&
	       now.epoch == plan->epoch + 1 && strcmp(now.version, plan->to) == 0 &&
	       strcmp(now.changed_by, run->by) == 0 && strcmp(now.reason, plan->reason) == 0;
}

static bool
apply(struct run *run, struct err *err)
{
	const struct rollout_plan *plan = run->plan;
	char text[512];
	run_say(run, "APPLYING", "moving %s of %s to %s", plan->alias, plan->model, plan->to);
	bool good = registry_set_alias(run->registry, plan->model, plan->alias, plan->to,
	    plan->epoch, run->by, plan->reason, &run->epoch, err);
	if (!good && err->code != ERR_CHANGED && err->code != ERR_NO_INPUT && is_applied(run)) {
		good = true;
		run->epoch = plan->epoch + 1;
		memset(err, 0, sizeof(*err));
	}
	run->written = good;
	if (!good) {
		run_append(run, "RESULT", err->code == ERR_CHANGED ? "changed" : "refused",
		    err->text, NULL);
		if (err->code == ERR_NO_INPUT || err->code == ERR_IO)
			err->code = ERR_FAILED;
		return false;
	}
	snprintf(text, sizeof(text), "%s of %s is at %s, epoch %lld", plan->alias, plan->model,
	    plan->to, (long long)run->epoch);
	run_append(run, "RESULT", "ok", text, NULL);
	return true;
}

static enum rollout_outcome
conclude(struct run *run, enum rollout_outcome outcome, struct err *err)
{
	static const char *const names[] = {
	    [ROLLOUT_VERIFIED] = "verified",
	    [ROLLOUT_UNVERIFIED] = "unverified",
	    [ROLLOUT_SUPERSEDED] = "superseded",
	};
	run_append(run, "STATE", names[outcome],
	    outcome == ROLLOUT_VERIFIED ? "every service serves the wanted version" : err->text,
	    NULL);
	if (run->audit_failure.code != 0) {
		if (outcome == ROLLOUT_VERIFIED) {
			outcome = ROLLOUT_UNVERIFIED;
			err_set(err, ERR_TEMP, "every service serves the wanted version");
		}
		text_append(err->text, sizeof(err->text), "; the audit log lacks rows of it: %s",
		    run->audit_failure.text);
	}
	run_say(run,
	    outcome == ROLLOUT_VERIFIED	    ? "VERIFIED"
	    : outcome == ROLLOUT_SUPERSEDED ? "SUPERSEDED"
					    : "UNVERIFIED",
	    "%s", outcome == ROLLOUT_VERIFIED ? "every service serves it" : err->text);
	return outcome;
}

/* From the INTENT on. */
static enum rollout_outcome
carry_out(struct run *run, struct err *err)
{
	const struct rollout_plan *plan = run->plan;
	char text[512] = "";
	struct watch *watch = watch_new(run);
	enum rollout_outcome outcome = ROLLOUT_REFUSED;
	text_append(text, sizeof(text),
	    "move %s of %s from %s to %s where its epoch is %lld; epoch %lld after it", plan->alias,
	    plan->model, plan->from, plan->to, (long long)plan->epoch, (long long)plan->epoch + 1);
	if (!run_append(run, "INTENT", "", text, err)) {
		err_prefix(err, "nothing was written to the registry, since the audit log failed");
		outcome = refuse(run, err);
	} else {
		run_say(run, "INTENT", "%s", text);
		outcome =
		    apply(run, err) ? conclude(run, watch_run(watch, err), err) : refuse(run, err);
	}
	watch_free(watch);
	return outcome;
}

enum rollout_outcome
rollout_run(struct rollout_plan *plan, struct registry *registry, struct audit *audit,
    void (*say)(const char *state, const char *line, void *context), void *context, struct err *err)
{
	struct err own = {0};
	struct run run = {
	    .plan = plan, .registry = registry, .audit = audit, .say = say, .context = context};
	struct lock *lock = NULL;
	char clean[256];
	enum rollout_outcome outcome;
	if (err == NULL)
		err = &own;
	if (plan->action_id[0] == '\0')
		audit_new_action_id(plan->action_id);
	actor_name(run.by, sizeof(run.by));
	text_scrub(clean, sizeof(clean), plan->reason, strlen(plan->reason));
	text_copy(plan->reason, sizeof(plan->reason), clean);
	if (!plan->dry_run && (lock = take_lock(&run, err)) == NULL)
		return refuse(&run, err);
	if (!prepare(&run, err))
		outcome = refuse(&run, err);
	else if (plan->dry_run)
		outcome = ROLLOUT_DRY_RUN;
	else
		outcome = carry_out(&run, err);
	lock_release(lock);
	return outcome;
}

int
rollout_exit_code(enum rollout_outcome outcome, const struct err *err)
{
	switch (outcome) {
	case ROLLOUT_VERIFIED:
	case ROLLOUT_DRY_RUN:
		return ERR_NONE;
	case ROLLOUT_UNVERIFIED:
		return ERR_TEMP;
	case ROLLOUT_SUPERSEDED:
		return ERR_SUPERSEDED;
	case ROLLOUT_REFUSED:
		break;
	}
	return err != NULL && err->code != ERR_NONE ? err->code : ERR_FAILED;
}
