/* begin.c: from what is selected to an identity that actions.c may permit: which target, which
 * version. Only a row that is on the screen counts as selected. */
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/app.h"
#include "tui/app_parts.h"

static void
wish_target(struct actions_wish *wish, const struct service_view *service)
{
	text_copy(wish->service, sizeof(wish->service), service->name);
	text_copy(wish->registry, sizeof(wish->registry), service->registry);
	text_copy(wish->model, sizeof(wish->model), service->model);
	text_copy(wish->alias, sizeof(wish->alias), service->alias);
}

static bool
is_shown(const struct app *app)
{
	const struct panel *panel = panel_get(app->panel);
	struct rows rows = {0};
	if (panel->rows == NULL)
		return false;
	panel->rows(&app->view, &app->states[app->panel], &rows);
	bool shown = rows_find(&rows, app->view.selected[panel->subject]) >= 0;
	rows_free(&rows);
	return shown;
}

/* The target of a model: that of the selected service if it is its model, else its only one. */
static bool
find_target(const struct app *app, const char *model, struct actions_wish *wish, struct err *err)
{
	const struct service_view *service = view_service(&app->view);
	const struct target_view *only = NULL;
	if (service != NULL && strcmp(service->model, model) == 0) {
		wish_target(wish, service);
		return true;
	}
	for (size_t i = 0; i < app->view.snapshot->targets_count; i++) {
		const struct target_view *target = &app->view.snapshot->targets[i];
		if (strcmp(target->model, model) != 0)
			continue;
		if (only != NULL)
			return err_set(err, ERR_PERMISSION,
			    "%s has more than one alias: select the service to move in 1 Overview",
			    model);
		only = target;
	}
	if (only == NULL)
		return err_set(err, ERR_PERMISSION, "no alias of %s is known", model);
	text_copy(wish->registry, sizeof(wish->registry), only->registry);
	text_copy(wish->model, sizeof(wish->model), only->model);
	text_copy(wish->alias, sizeof(wish->alias), only->alias);
	return true;
}

/* The newest registered version, for a promote without one named. */
static bool
find_newest(const struct app *app, struct actions_wish *wish, struct err *err)
{
	const struct model_view *model = snapshot_model(app->view.snapshot, wish->model);
	const struct target_view *target =
	    snapshot_target(app->view.snapshot, wish->registry, wish->model, wish->alias);
	for (size_t i = 0; model != NULL && i < model->versions_count; i++) {
		const struct version_view *version = &model->versions[i];
		if (!version->registered)
			continue;
		if (target != NULL && strcmp(target->version, version->version) == 0)
			return err_set(err, ERR_PERMISSION,
			    "%s is the newest version and serves already; select another in 5 "
			    "Models",
			    version->version);
		text_copy(wish->to, sizeof(wish->to), version->version);
		return true;
	}
	return err_set(err, ERR_PERMISSION, "the registry shows no version of %s", wish->model);
}

bool
app_can_begin(const struct app *app)
{
	enum subject subject = panel_get(app->panel)->subject;
	return !app->actions.forbidden && subject != SUBJECT_NONE && subject != SUBJECT_LINE;
}

static bool
make_wish(const struct app *app, const char *version, struct actions_wish *wish, struct err *err)
{
	char model[SNAPSHOT_NAME] = "", selected[SNAPSHOT_NAME] = "";
	const struct service_view *service = view_service(&app->view);
	bool promote = strcmp(wish->operation, "promote") == 0;
	enum subject subject = panel_get(app->panel)->subject;
	bool by_version = subject == SUBJECT_VERSION;
	if (subject == SUBJECT_NONE || subject == SUBJECT_LINE)
		return err_set(err, ERR_PERMISSION,
		    "select a service in 1 Overview, or a version in 5 Models");
	if ((by_version || subject == SUBJECT_SERVICE) && !is_shown(app))
		return err_set(err, ERR_PERMISSION,
		    "what was selected is not on the screen any more; select it again");
	if (by_version) {
		if (!view_version_split(app->view.selected[SUBJECT_VERSION], model, selected))
			return err_set(err, ERR_PERMISSION, "no version is selected");
		if (!find_target(app, model, wish, err))
			return false;
	} else if (service != NULL) {
		wish_target(wish, service);
	} else {
		return err_set(err, ERR_PERMISSION, "no service is selected");
	}
	if (version != NULL)
		text_copy(wish->to, sizeof(wish->to), version);
	else if (promote && by_version)
		text_copy(wish->to, sizeof(wish->to), selected);
	else if (promote)
		return find_newest(app, wish, err);
	return true;
}

/* What the version that the sheet is about would have said is asked, if it is not already. */
static void
ask_replay(struct app *app, const struct rollout_plan *plan)
{
	for (unsigned i = 0; i < plan->services; i++) {
		const struct service_view *service =
		    snapshot_service(app->newest, plan->service_names[i]);
		bool asked = service != NULL && service->replay != NULL &&
			     strcmp(service->replay->other, plan->to) == 0;
		if (service != NULL && service->replay != NULL && !asked && plan->to[0] != '\0' &&
		    app->host.replay != NULL)
			app->host.replay(app->host.context, service->name, plan->to, NULL);
	}
}

void
app_open_sheet(struct app *app, const struct actions_wish *wish)
{
	struct actions_scene scene = app_scene(app);
	struct err err = {0};
	app->mode = MODE_NORMAL;
	if (!actions_open(&app->actions, &scene, wish, &err)) {
		app_hint(app, ROLE_WARN, "refused: %s", err.text);
		return;
	}
	app->mode = MODE_SHEET;
	ask_replay(app, &app->actions.sheet.plan);
}

void
app_begin(struct app *app, const char *operation, const char *version)
{
	struct actions *actions = &app->actions;
	struct actions_scene scene = app_scene(app);
	struct actions_wish wish = {0};
	struct err err = {0};
	text_copy(wish.operation, sizeof(wish.operation), operation);
	if (!make_wish(app, version, &wish, &err) ||
	    !actions_may_arm(actions, &scene, &wish, &err)) {
		app_hint(app, ROLE_WARN, "refused: %s", err.text);
		return;
	}
	if (!actions_armed(actions, app->newest, NULL)) {
		actions->wish = wish;
		prompt_set(&app->reason, "");
		app->mode = MODE_REASON;
		return;
	}
	app_open_sheet(app, &wish);
}
