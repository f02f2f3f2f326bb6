#include "tui/colon.h"

#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "tui/app.h"
#include "tui/app_parts.h"
#include "tui/detail.h"

static bool
colon_quit(struct app *app, const char *operands, struct err *err)
{
	(void)operands;
	(void)err;
	app_try_quit(app);
	return true;
}

static bool
colon_quit_now(struct app *app, const char *operands, struct err *err)
{
	(void)operands;
	(void)err;
	app->quit = true;
	return true;
}

static bool
colon_filter(struct app *app, const char *operands, struct err *err)
{
	(void)err;
	app_set_filter(app, operands); /* says what is wrong by a hint */
	return true;
}

static bool
colon_sort(struct app *app, const char *operands, struct err *err)
{
	return app_set_sort(app, operands, err);
}

static bool
colon_detail(struct app *app, const char *operands, struct err *err)
{
	const struct panel *panel = panel_get(app->panel);
	if (panel->details == NULL)
		return err_set(err, ERR_USAGE, "%s has no details to choose from", panel->title);
	if (!detail_choose(panel, &app->states[app->panel], operands))
		return err_set(err, ERR_USAGE, "no details `%s` here", operands);
	return true;
}

static bool
colon_service(struct app *app, const char *operands, struct err *err)
{
	if (snapshot_service(app->view.snapshot, operands) == NULL)
		return err_set(err, ERR_USAGE, "no service `%s`", operands);
	text_copy(app->view.selected[SUBJECT_SERVICE], VIEW_ID, operands);
	return true;
}

/* With nothing after it, it opens the panel. */
static bool
colon_replay(struct app *app, const char *operands, struct err *err)
{
	const struct service_view *service = view_service(&app->view);
	bool automatic = strcmp(operands, "auto") == 0;
	if (operands[0] != '\0' && app->host.replay != NULL) {
		if (service == NULL)
			return err_set(err, ERR_USAGE, "no service is selected");
		if (!app->host.replay(
			app->host.context, service->name, automatic ? "" : operands, err))
			return false;
	}
	app_open_panel(app, PANEL_replay, false);
	return true;
}

static bool
colon_why(struct app *app, const char *operands, struct err *err)
{
	if (operands[0] == '\0')
		return err_set(err, ERR_USAGE, "why needs a request id; Enter in 6 Log asks too");
	if (app->host.ask_request == NULL ||
	    !app->host.ask_request(app->host.context, operands, err))
		return false;
	app_open_panel(app, PANEL_log, false);
	return true;
}

static bool
colon_rollback(struct app *app, const char *operands, struct err *err)
{
	(void)err;
	app_begin(app, "rollback", operands[0] != '\0' ? operands : NULL);
	return true;
}

static bool
colon_promote(struct app *app, const char *operands, struct err *err)
{
	(void)err;
	app_begin(app, "promote", operands[0] != '\0' ? operands : NULL);
	return true;
}

static bool
colon_arm(struct app *app, const char *operands, struct err *err)
{
	struct actions_scene scene = app_scene(app);
	char first[32];
	int64_t us;
	size_t length = strcspn(operands, " ");
	text_copy(first, length < sizeof(first) ? length + 1 : sizeof(first), operands);
	/* A bare number is the beginning of a reason (a ticket), not a time. */
	bool timed = length > 0 && strspn(first, "0123456789") < strlen(first) &&
		     clock_parse_duration(first, &us);
	const char *reason = timed ? operands + length + strspn(operands + length, " ") : operands;
	app->actions.wish = (struct actions_wish){0};
	if (!actions_arm(&app->actions, &scene, timed ? us : ACTIONS_ARM_US, reason, err))
		return false;
	app_hint(app, ROLE_ARMED, "armed: %s", app->actions.reason);
	return true;
}

static bool
colon_disarm(struct app *app, const char *operands, struct err *err)
{
	(void)operands;
	(void)err;
	actions_disarm(&app->actions);
	app_hint(app, ROLE_MUTED, "disarmed");
	return true;
}

static bool
colon_catchup(struct app *app, const char *operands, struct err *err)
{
	bool stop = strcmp(operands, "stop") == 0;
	if (!stop && strcmp(operands, "resume") != 0)
		return err_set(err, ERR_USAGE, "catchup: stop or resume");
	if (app->host.catchup == NULL)
		return err_set(err, ERR_UNAVAILABLE, "nothing is read here");
	return app->host.catchup(app->host.context, stop, err);
}

static bool
colon_theme(struct app *app, const char *operands, struct err *err)
{
	if (app->host.theme == NULL)
		return err_set(err, ERR_UNAVAILABLE, "there is no terminal to colour");
	return app->host.theme(app->host.context, operands, err);
}

static const char *const graph_words[] = {
    [SYMBOLS_BRAILLE] = "braille", [SYMBOLS_BLOCK] = "block", [SYMBOLS_ASCII] = "ascii"};

static bool
colon_graph(struct app *app, const char *operands, struct err *err)
{
	for (size_t i = 0; i < sizeof(graph_words) / sizeof(graph_words[0]); i++) {
		if (strcmp(graph_words[i], operands) == 0) {
			app->symbols = (enum symbols)i;
			return true;
		}
	}
	return err_set(err, ERR_USAGE, "graph: braille, block or ascii");
}

static bool
colon_freeze(struct app *app, const char *operands, struct err *err)
{
	(void)operands;
	(void)err;
	app_freeze(app);
	return true;
}

static bool
colon_refresh(struct app *app, const char *operands, struct err *err)
{
	(void)operands;
	(void)err;
	if (app->host.refresh != NULL)
		app->host.refresh(app->host.context);
	return true;
}

static const char *
word_sort(const struct app *app, size_t i)
{
	const struct panel_sort *sorts = panel_get(app->panel)->sorts;
	return sorts == NULL ? NULL : sorts[i].name;
}

static const char *
word_detail(const struct app *app, size_t i)
{
	const struct detail *const *details = panel_get(app->panel)->details;
	return details == NULL || details[i] == NULL ? NULL : details[i]->name;
}

static const char *
word_service(const struct app *app, size_t i)
{
	const struct snapshot *snapshot = app->view.snapshot;
	return i < snapshot->services_count ? snapshot->services[i].name : NULL;
}

/* The registered versions of the selected service's model but the one that serves. */
static const char *
word_replay(const struct app *app, size_t i)
{
	const struct service_view *service = view_service(&app->view);
	const struct model_view *model =
	    service == NULL ? NULL : snapshot_model(app->view.snapshot, service->model);
	if (i == 0)
		return "auto";
	for (size_t k = 0; model != NULL && k < model->versions_count; k++) {
		const struct version_view *version = &model->versions[k];
		if (version->registered && strcmp(version->version, service->version) != 0 &&
		    --i == 0)
			return version->version;
	}
	return NULL;
}

static const char *
word_catchup(const struct app *app, size_t i)
{
	static const char *const words[] = {"stop", "resume", NULL};
	(void)app;
	return words[i];
}

static const char *
word_theme(const struct app *app, size_t i)
{
	static const char *const words[] = {
	    "default", "light", "mono", "high-contrast", "deuteranopia", NULL};
	(void)app;
	return words[i];
}

static const char *
word_graph(const struct app *app, size_t i)
{
	(void)app;
	return i < sizeof(graph_words) / sizeof(graph_words[0]) ? graph_words[i] : NULL;
}

static const struct colon colons[] = {
#define COLON(name, operands, run, word, help) {name, operands, help, run, word},
#include "tui/colon.def"
#undef COLON
};

enum { COLONS = sizeof(colons) / sizeof(colons[0]) };

const struct colon *
colon_list(size_t *count)
{
	*count = COLONS;
	return colons;
}

static const struct colon *
find_colon(const char *name)
{
	for (size_t i = 0; i < COLONS; i++) {
		if (strcmp(colons[i].name, name) == 0)
			return &colons[i];
	}
	return NULL;
}

/* The i-th word that can begin a line: the commands, then the panels that no command opens. */
static const char *
word_first(const struct app *app, size_t i)
{
	(void)app;
	if (i < COLONS)
		return colons[i].name;
	i -= COLONS;
	for (int panel = 0; panel < PANEL_COUNT; panel++) {
		const char *name = panel_get(panel)->name;
		if (find_colon(name) == NULL && i-- == 0)
			return name;
	}
	return NULL;
}

/* Splits a line into its first word and the rest. */
static const char *
split(const char *line, char name[32])
{
	line += strspn(line, " ");
	size_t length = strcspn(line, " ");
	text_copy(name, length < 31 ? length + 1 : 32, line);
	return line + length + strspn(line + length, " ");
}

bool
colon_run(struct app *app, const char *line, struct err *err)
{
	char name[32], operands[PROMPT_MAX];
	text_copy(operands, sizeof(operands), split(line, name));
	for (size_t end = strlen(operands); end > 0 && operands[end - 1] == ' ';)
		operands[--end] = '\0';
	const struct colon *colon = find_colon(name);
	if (name[0] == '\0')
		return true;
	if (colon == NULL && panel_find(name) >= 0) {
		app_open_panel(app, panel_find(name), false);
		return true;
	}
	if (colon != NULL && colon->operands[0] == '\0' && operands[0] != '\0')
		return err_set(err, ERR_USAGE, "%s takes nothing after it", name);
	if (colon != NULL)
		return colon->run(app, operands, err);
	const char *words[COLONS + PANEL_COUNT + 1] = {NULL};
	for (size_t i = 0; (words[i] = word_first(app, i)) != NULL;)
		i++;
	const char *near = text_nearest(name, words);
	return err_set(err, ERR_USAGE, "no command `%s`%s%s%s", name, near ? "; do you mean " : "",
	    near ? near : "", near ? "?" : "");
}

/* What completes the end of the line: its words, and where the end begins. */
static const char *(*find_words(const char *line, const char **end))(const struct app *, size_t)
{
	char name[32];
	const char *rest = split(line, name);
	if (rest[0] == '\0' && (line[0] == '\0' || line[strlen(line) - 1] != ' ')) {
		*end = line + strspn(line, " ");
		return word_first;
	}
	const struct colon *colon = find_colon(name);
	*end = rest;
	return colon == NULL ? NULL : colon->word;
}

size_t
colon_candidates(const struct app *app, const char *line, char *dst, size_t size)
{
	const char *end, *word;
	const char *(*words)(const struct app *, size_t) = find_words(line, &end);
	size_t found = 0;
	dst[0] = '\0';
	for (size_t i = 0; words != NULL && (word = words(app, i)) != NULL; i++) {
		if (strncmp(word, end, strlen(end)) == 0)
			text_append(dst, size, "%s%s", found++ > 0 ? " " : "", word);
	}
	return found;
}

void
colon_complete(const struct app *app, char *line, size_t size)
{
	const char *end, *word, *first = NULL;
	const char *(*words)(const struct app *, size_t) = find_words(line, &end);
	size_t common = 0, found = 0;
	for (size_t i = 0; words != NULL && (word = words(app, i)) != NULL; i++) {
		if (strncmp(word, end, strlen(end)) != 0)
			continue;
		if (found++ == 0) {
			first = word;
			common = strlen(word);
		}
		for (size_t k = 0; k < common; k++) {
			if (word[k] != first[k])
				common = k;
		}
	}
	size_t at = (size_t)(end - line);
	if (found == 0 || at + common + 2 > size)
		return;
	memcpy(line + at, first, common);
	line[at + common] = '\0';
	if (found == 1 && words == word_first && find_colon(first) != NULL &&
	    find_colon(first)->operands[0] != '\0')
		text_append(line, size, " ");
}
