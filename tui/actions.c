#include "tui/actions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

static bool
is_fresh(wall_us time)
{
	int64_t age = clock_wall() - time;
	return time > 0 && age > -2 * CLOCK_SECOND && age < ACTIONS_FRESH_US;
}

static bool
refuse_stale(const char *what, wall_us time, struct err *err)
{
	char age[16];
	if (time <= 0)
		return err_set(err, ERR_PERMISSION, "%s was never read", what);
	if (clock_wall() < time)
		return err_set(err, ERR_PERMISSION,
		    "%s bears a time ahead of the clock: is the clock right?", what);
	clock_format_age(age, sizeof(age), clock_wall() - time);
	return err_set(
	    err, ERR_PERMISSION, "%s is %s old; a change needs it fresher than 10 s", what, age);
}

static bool
check_target(const struct snapshot *snapshot, const struct actions_wish *wish, struct err *err)
{
	if (wish->model[0] == '\0' || wish->alias[0] == '\0')
		return err_set(err, ERR_PERMISSION, "nothing is selected that could be moved");
	if (wish->registry[0] == '\0')
		return err_set(err, ERR_PERMISSION, "%s names no registry in the configuration",
		    wish->service);
	const struct target_view *target =
	    snapshot_target(snapshot, wish->registry, wish->model, wish->alias);
	if (target == NULL)
		return err_set(err, ERR_PERMISSION, "the registry %s knows no %s@%s",
		    wish->registry, wish->model, wish->alias);
	if (!target->known)
		return err_set(err, ERR_PERMISSION, "the registry %s cannot be read: %s",
		    wish->registry, target->error);
	if (!is_fresh(target->read_at))
		return refuse_stale("what the registry said", target->read_at, err);
	return true;
}

bool
actions_may_arm(const struct actions *actions, const struct actions_scene *scene,
    const struct actions_wish *wish, struct err *err)
{
	if (actions->forbidden || scene->newest->readonly)
		return err_set(err, ERR_PERMISSION, "read-only: this session forbids changes");
	if (scene->frozen)
		return err_set(err, ERR_PERMISSION, "the view is frozen; Z resumes it");
	if (!is_fresh(scene->newest->made_at))
		return refuse_stale("the data", scene->newest->made_at, err);
	return wish == NULL || check_target(scene->newest, wish, err);
}

bool
actions_armed(const struct actions *actions, const struct snapshot *newest, int64_t *left_us)
{
	int64_t left = actions->armed_until - clock_mono();
	bool armed = actions->armed_until > 0 && left > 0 && !actions->forbidden &&
		     !newest->readonly && strcmp(actions->armed_context, newest->context) == 0;
	if (left_us != NULL)
		*left_us = armed ? left : 0;
	return armed;
}

bool
actions_permit(const struct actions *actions, const struct actions_scene *scene,
    const struct actions_wish *wish, struct err *err)
{
	if (!actions_may_arm(actions, scene, wish, err))
		return false;
	if (wish == NULL)
		return err_set(err, ERR_PERMISSION, "nothing is selected that could be moved");
	if (!actions_armed(actions, scene->newest, NULL))
		return err_set(
		    err, ERR_PERMISSION, "not armed; R, P or :arm REASON arms for 5 minutes");
	return true;
}

bool
actions_arm(struct actions *actions, const struct actions_scene *scene, int64_t us,
    const char *reason, struct err *err)
{
	const struct actions_wish *wish = &actions->wish;
	struct audit_row row = {.event = "ARM", .operation = "arm"};
	if (!actions_may_arm(actions, scene, NULL, err))
		return false;
	if (us <= 0 || us > ACTIONS_ARM_US)
		return err_set(err, ERR_USAGE, "a session is armed for 5 minutes at most");
	if (reason[strspn(reason, " ")] == '\0')
		return err_set(err, ERR_USAGE, "arming needs a reason");
	text_scrub(row.reason, sizeof(row.reason), reason, strlen(reason));
	text_copy(row.registry, sizeof(row.registry), wish->registry);
	text_copy(row.model, sizeof(row.model), wish->model);
	text_copy(row.alias, sizeof(row.alias), wish->alias);
	snprintf(row.detail, sizeof(row.detail), "context %s, for %lld s", scene->newest->context,
	    (long long)(us / CLOCK_SECOND));
	if (actions->driver.arm == NULL)
		return err_set(err, ERR_PERMISSION, "there is no audit log to write to");
	if (!actions->driver.arm(actions->driver.context, &row, err))
		return err_prefix(err, "not armed, since the audit log cannot be written");
	actions->armed_until = clock_mono() + us;
	text_copy(actions->armed_context, sizeof(actions->armed_context), scene->newest->context);
	text_copy(actions->reason, sizeof(actions->reason), row.reason);
	return true;
}

void
actions_disarm(struct actions *actions)
{
	actions->armed_until = 0;
	actions->reason[0] = '\0';
	actions_close(actions);
}

static void
plan_services(struct rollout_plan *plan, const struct snapshot *facts)
{
	for (size_t i = 0; i < facts->services_count && plan->services < ROLLOUT_MAX_SERVICES;
	     i++) {
		const struct service_view *service = &facts->services[i];
		if (strcmp(service->registry, plan->registry) != 0 ||
		    strcmp(service->model, plan->model) != 0 ||
		    strcmp(service->alias, plan->alias) != 0)
			continue;
		plan->service_urls[plan->services] = service->url;
		plan->service_names[plan->services++] = service->name;
	}
}

static void
fill_plan(struct rollout_plan *plan, const struct actions_wish *wish,
    const struct target_view *target, const char *reason)
{
	text_copy(plan->operation, sizeof(plan->operation), wish->operation);
	text_copy(plan->registry, sizeof(plan->registry), wish->registry);
	text_copy(plan->model, sizeof(plan->model), wish->model);
	text_copy(plan->alias, sizeof(plan->alias), wish->alias);
	text_copy(plan->from, sizeof(plan->from), target->version);
	text_copy(plan->to, sizeof(plan->to), wish->to);
	text_copy(plan->reason, sizeof(plan->reason), reason);
	plan->epoch = target->epoch;
}

bool
actions_open(struct actions *actions, const struct actions_scene *scene,
    const struct actions_wish *wish, struct err *err)
{
	struct sheet *sheet = &actions->sheet;
	struct err problem = {0};
	if (!actions_permit(actions, scene, wish, err))
		return false;
	if (actions_in_flight(actions))
		return err_set(
		    err, ERR_PERMISSION, "another action of this screen is still in flight");
	if (actions->driver.prepare == NULL || actions->driver.start == NULL)
		return err_set(err, ERR_PERMISSION, "changes cannot be carried out here");
	actions_close(actions);
	sheet->facts = snapshot_hold(scene->newest);
	fill_plan(&sheet->plan, wish,
	    snapshot_target(sheet->facts, wish->registry, wish->model, wish->alias),
	    actions->reason);
	plan_services(&sheet->plan, sheet->facts);
	sheet->ready = actions->driver.prepare(
	    actions->driver.context, &sheet->plan, sheet->checks, &sheet->checks_count, &problem);
	if (!sheet->ready)
		text_copy(sheet->problem, sizeof(sheet->problem), problem.text);
	sheet->opened = clock_mono();
	sheet->open = true;
	return true;
}

void
actions_close(struct actions *actions)
{
	snapshot_free(actions->sheet.facts);
	actions->sheet = (struct sheet){0};
}

/* Is the target still what the sheet shows? */
static bool
check_unchanged(const struct sheet *sheet, const struct snapshot *newest, struct err *err)
{
	const struct rollout_plan *plan = &sheet->plan;
	const struct target_view *now =
	    snapshot_target(newest, plan->registry, plan->model, plan->alias);
	if (now != NULL && now->epoch == plan->epoch && strcmp(now->version, plan->from) == 0)
		return true;
	return err_set(err, ERR_CHANGED,
	    "changed since shown: %s@%s is now %s (by %s); Esc, and open it again", plan->model,
	    plan->alias, now == NULL ? "unknown" : now->version,
	    now == NULL ? "?" : now->changed_by);
}

static bool
check_sheet(const struct actions *actions, const struct actions_scene *scene, struct err *err)
{
	const struct sheet *sheet = &actions->sheet;
	const struct rollout_plan *plan = &sheet->plan;
	struct actions_wish wish = {0};
	if (!sheet->open)
		return err_set(err, ERR_PERMISSION, "no action sheet is open");
	if (plan->model[0] == '\0' || strcmp(sheet->name.text, plan->model) != 0)
		return err_set(
		    err, ERR_PERMISSION, "type the model's name exactly: %s", plan->model);
	text_copy(wish.registry, sizeof(wish.registry), plan->registry);
	text_copy(wish.model, sizeof(wish.model), plan->model);
	text_copy(wish.alias, sizeof(wish.alias), plan->alias);
	if (!actions_permit(actions, scene, &wish, err))
		return false;
	if (!sheet->ready)
		return err_set(err, ERR_GATE, "%s", sheet->problem);
	if (!sheet->visible)
		return err_set(err, ERR_PERMISSION,
		    "the window is too small to show all that will be done: enlarge it");
	if (clock_mono() - sheet->opened > ACTIONS_SHEET_US)
		return err_set(
		    err, ERR_CHANGED, "this sheet is over a minute old; Esc, and open it again");
	return check_unchanged(sheet, scene->newest, err);
}

bool
actions_confirm(struct actions *actions, const struct actions_scene *scene, struct err *err)
{
	struct sheet *sheet = &actions->sheet;
	struct rollout_plan *plan = &sheet->plan;
	struct err why = {0};
	if (!check_sheet(actions, scene, &why)) {
		text_copy(sheet->refused, sizeof(sheet->refused), why.text);
		return err_set(err, why.code, "%s", why.text);
	}
	audit_new_action_id(plan->action_id);
	if (!actions->driver.start(actions->driver.context, plan, &why)) {
		text_copy(sheet->refused, sizeof(sheet->refused), why.text);
		return err_set(err, why.code, "%s", why.text);
	}
	struct follow *follow = &actions->follow;
	*follow = (struct follow){.state = FOLLOW_RUNNING};
	text_copy(follow->action_id, sizeof(follow->action_id), plan->action_id);
	text_copy(follow->operation, sizeof(follow->operation), plan->operation);
	snprintf(follow->title, sizeof(follow->title), "%s@%s", plan->model, plan->alias);
	text_copy(follow->from, sizeof(follow->from), plan->from);
	text_copy(follow->to, sizeof(follow->to), plan->to);
	text_copy(follow->text, sizeof(follow->text), "starting");
	actions_close(actions);
	return true;
}

void
actions_free(struct actions *actions)
{
	actions_close(actions);
}
