/* layout.c: the frame around the panel: top line, the line of an action, tabs, footer. At any size
 * something true is shown: below 24 columns or 5 rows that is one line of status. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/app.h"
#include "tui/app_parts.h"
#include "tui/colon.h"
#include "tui/figure.h"
#include "tui/keymap.h"

enum { PIECES = 10, STATES = SERVICE_DOWN + 1, LAG_TOLD_S = 5 };

struct piece {
	char text[200];
	enum role role;
	int priority; /* the highest number goes first */
};

struct pieces {
	struct piece list[PIECES];
	int count;
};

static void add_piece(struct pieces *pieces, enum role role, int priority, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void
add_piece(struct pieces *pieces, enum role role, int priority, const char *format, ...)
{
	struct piece *piece = &pieces->list[pieces->count];
	va_list args;
	if (pieces->count == PIECES)
		return;
	va_start(args, format);
	vsnprintf(piece->text, sizeof(piece->text), format, args);
	va_end(args);
	piece->role = role;
	piece->priority = priority;
	pieces->count++;
}

/* Drops pieces until they fit, draws them with `gap` between; returns the columns used. */
static int
draw_pieces(struct canvas *canvas, struct area area, int x, int y, struct pieces *pieces,
    const char *gap, int room)
{
	for (;;) {
		int width = 0, worst = 0;
		for (int i = 0; i < pieces->count; i++) {
			width +=
			    canvas_width(pieces->list[i].text) + (i > 0 ? canvas_width(gap) : 0);
			if (pieces->list[i].priority >= pieces->list[worst].priority)
				worst = i;
		}
		if (width <= room || pieces->count <= 1)
			break;
		memmove(&pieces->list[worst], &pieces->list[worst + 1],
		    sizeof(pieces->list[0]) * (size_t)(pieces->count - worst - 1));
		pieces->count--;
	}
	struct area row = {
	    area.x + x, area.y + y, room < area.width - x ? room : area.width - x, 1};
	int used = 0;
	for (int i = 0; i < pieces->count; i++) {
		if (i > 0)
			used += canvas_text(canvas, row, used, 0, ROLE_BORDER, gap);
		used +=
		    canvas_text(canvas, row, used, 0, pieces->list[i].role, pieces->list[i].text);
	}
	return used;
}

/* `1 DOWN 1 SLOW`; "" if all is well. Returns the role of the worst. */
static enum role
list_troubles(const struct snapshot *snapshot, char *dst, size_t size)
{
	static const enum service_state order[] = {SERVICE_DOWN, SERVICE_FAILING, SERVICE_SLOW};
	int counts[STATES] = {0};
	enum role role = ROLE_OK;
	dst[0] = '\0';
	for (size_t i = 0; i < snapshot->services_count; i++)
		counts[snapshot->services[i].state]++;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (counts[order[i]] == 0)
			continue;
		if (dst[0] == '\0')
			role = figure_state_role(order[i]);
		text_append(dst, size, "%s%d %s", dst[0] != '\0' ? " " : "", counts[order[i]],
		    snapshot_state_name(order[i]));
	}
	return role;
}

/* How far behind the clock the logs are: the worst of them; `unread`: of those that have more to
 * read. */
static const struct metric *
worst_lag(const struct snapshot *snapshot, bool unread)
{
	const struct metric *worst = NULL;
	for (size_t i = 0; i < snapshot->sources_count; i++) {
		const struct source_view *source = &snapshot->sources[i];
		if (source->labels || !metric_known(&source->lag_s) ||
		    (unread && source->behind == 0))
			continue;
		if (worst == NULL || source->lag_s.value > worst->value)
			worst = &source->lag_s;
	}
	return worst;
}

/* A log that comes faster than it is read matters, and does on a narrow screen too; one that is
 * silent is as old. */
static void
add_lag(struct pieces *pieces, const struct snapshot *snapshot)
{
	char text[FIGURE_SIZE];
	const struct metric *lag = worst_lag(snapshot, true);
	bool pressed =
	    lag != NULL && lag->value >= LAG_TOLD_S && snapshot->catchup.state == CATCHUP_DONE;
	if (!pressed)
		lag = worst_lag(snapshot, false);
	int priority = pressed ? 2 : 6;
	if (lag != NULL && lag->value < 60)
		add_piece(pieces, pressed ? ROLE_WARN : figure_role(lag, SEVERITY_OK), priority,
		    "log %+.1f s", lag->value);
	else if (lag != NULL)
		add_piece(pieces, pressed ? ROLE_WARN : ROLE_STALE, priority, "log %s behind",
		    figure_age(text, lag));
}

/* One in so many predictions is read; 1: all of every log. */
static int64_t
most_sampled(const struct snapshot *snapshot)
{
	int64_t most = 1;
	for (size_t i = 0; i < snapshot->sources_count; i++) {
		if (snapshot->sources[i].sample > most)
			most = snapshot->sources[i].sample;
	}
	return most;
}

/* What an operator must know before touching a key; never dropped. */
static int
draw_mode(struct canvas *canvas, struct area area, const struct app *app)
{
	struct pieces pieces = {0};
	char age[16];
	int64_t left, old = app->view.now - app->newest->made_at;
	if (app->newest->made_at > 0 && old > ACTIONS_FRESH_US)
		add_piece(
		    &pieces, ROLE_CRIT, 1, "DATA %s OLD", clock_format_age(age, sizeof(age), old));
	if (app->view.frozen)
		add_piece(&pieces, ROLE_WARN, 0, "FROZEN %s",
		    clock_format_age(age, sizeof(age), app->view.now - app->shown->made_at));
	if (actions_armed(&app->actions, app->newest, &left))
		add_piece(&pieces, ROLE_ARMED, 0, " ARMED %lld:%02lld ",
		    (long long)(left / CLOCK_MINUTE), (long long)(left / CLOCK_SECOND % 60));
	else
		add_piece(&pieces, ROLE_MUTED, 0, "READ-ONLY");
	if (area.width >= 100)
		add_piece(&pieces, ROLE_MUTED, 2, "? help  : cmd");
	else if (area.width >= 60)
		add_piece(&pieces, ROLE_MUTED, 2, "?");
	int width = 0;
	for (int i = 0; i < pieces.count; i++)
		width += canvas_width(pieces.list[i].text) + (i > 0 ? 2 : 0);
	if (width > area.width)
		width = area.width;
	draw_pieces(canvas, area, area.width - width, 0, &pieces, "  ", width);
	return width;
}

static void
draw_top(struct canvas *canvas, struct area area, const struct app *app)
{
	const struct snapshot *snapshot = app->view.snapshot;
	struct pieces pieces = {0};
	char text[200], zone[16], gap[8] = "  ", time[32];
	int right = draw_mode(canvas, area, app);
	add_piece(&pieces, ROLE_TITLE, 0, "fraudtop");
	if (snapshot->context[0] != '\0')
		add_piece(&pieces, ROLE_PROD, 2, "%s", snapshot->context);
	add_piece(&pieces, ROLE_DEFAULT, 3, "%s %s", view_time(&app->view, time, app->view.now),
	    view_zone(&app->view, zone));
	add_piece(&pieces, ROLE_DEFAULT, 5, "%zu service%s", snapshot->services_count,
	    snapshot->services_count == 1 ? "" : "s");
	add_piece(&pieces, figure_role(&snapshot->rps, SEVERITY_OK), 4, "%s req/s",
	    figure_metric(text, &snapshot->rps, 1, 0));
	add_lag(&pieces, snapshot);
	int64_t sample = most_sampled(snapshot);
	if (sample > 1)
		add_piece(&pieces, ROLE_WARN, 2, "1 in %lld read", (long long)sample);
	enum role role = list_troubles(snapshot, text, sizeof(text));
	if (text[0] != '\0')
		add_piece(&pieces, role, 1, "%s", text);
	if (area.width >= 100)
		snprintf(gap, sizeof(gap), " %s ", figure_sign(canvas, SIGN_BAR));
	draw_pieces(canvas, area, 1, 0, &pieces, gap, area.width - right - 3);
}

static void
draw_follow(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	static const enum role roles[] = {[FOLLOW_NONE] = ROLE_MUTED,
	    [FOLLOW_RUNNING] = ROLE_TITLE,
	    [FOLLOW_GOOD] = ROLE_OK,
	    [FOLLOW_WARN] = ROLE_WARN,
	    [FOLLOW_BAD] = ROLE_CRIT};
	const struct follow *follow = &app->actions.follow;
	char time[32];
	int x = 1;
	x += canvas_printf(canvas, area, x, y, ROLE_TITLE, "%s %s %s %s  ",
	    strcmp(follow->operation, "rollback") == 0 ? "ROLLBACK" : "PROMOTE", follow->from,
	    figure_sign(canvas, SIGN_ARROW), follow->to);
	x += canvas_printf(canvas, area, x, y, ROLE_DEFAULT, "%s  ", follow->title);
	x += canvas_text(canvas, area, x, y, roles[follow->state], follow->text);
	if (follow->state == FOLLOW_GOOD)
		canvas_printf(canvas, area, x, y, roles[follow->state], " %s",
		    view_time(&app->view, time, follow->verified_at));
}

/* How far the logs are read, and what the figures are of until then. */
static void
draw_catchup(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	const struct catchup_view *catchup = &app->view.snapshot->catchup;
	struct pieces pieces = {0};
	char bytes[FIGURE_SIZE], total[FIGURE_SIZE], age[32];
	bool stopped = catchup->state == CATCHUP_STOPPED, wide = area.width >= 100;
	add_piece(&pieces, ROLE_WARN, 0, "%s %.0f %%", stopped ? "STOPPED AT" : "CATCHING UP",
	    100 * catchup_share(catchup));
	if (catchup->newest_us > 0)
		add_piece(&pieces, ROLE_WARN, 1, "%snewest %s only",
		    wide ? "figures are of the " : "",
		    clock_format_age(age, sizeof(age), catchup->newest_us));
	else
		add_piece(
		    &pieces, ROLE_WARN, 1, "%s", wide ? "figures are not whole yet" : "not whole");
	if (!stopped && catchup->left_us >= 0)
		add_piece(&pieces, ROLE_DEFAULT, 2, "%s left",
		    clock_format_age(age, sizeof(age), catchup->left_us));
	add_piece(&pieces, ROLE_DEFAULT, 3, "%s of %s", figure_bytes(bytes, (double)catchup->bytes),
	    figure_bytes(total, (double)catchup->total));
	if (!stopped && catchup->bytes_s > 0)
		add_piece(&pieces, ROLE_MUTED, 4, "%s/s", figure_bytes(bytes, catchup->bytes_s));
	add_piece(&pieces, ROLE_MUTED, stopped ? 2 : 5, "%s",
	    stopped ? ":catchup resume goes on" : ":catchup stop");
	draw_pieces(canvas, area, 1, y, &pieces, "  ", area.width - 2);
}

static void
draw_tabs(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	int x = 1, width = 1, width_short = 1, gap;
	for (int i = 0; i < PANEL_COUNT; i++) {
		width += canvas_width(panel_get(i)->title) + 2;
		width_short += canvas_width(panel_get(i)->short_title) + 2;
	}
	/* A mark stands in the gap, so that the tabs keep still; it matters more than long titles.
	 */
	enum { GAPS = PANEL_COUNT - 1 };
	bool marks = width_short + 4 * GAPS <= area.width;
	bool whole = width + (marks ? 4 : 2) * GAPS <= area.width;
	gap = marks ? 4 : whole ? 2 : 1;
	for (int i = 0; i < PANEL_COUNT; i++, x += gap) {
		const struct panel *panel = panel_get(i);
		enum role role = i == app->panel ? ROLE_TAB_ACTIVE : ROLE_TAB;
		enum severity severity = panel_alarm(panel, app->view.snapshot);
		x += canvas_printf(canvas, area, x, y, role, "%d %s", i + 1,
		    whole ? panel->title : panel->short_title);
		if (severity >= SEVERITY_WARNING && gap == 4)
			canvas_text(canvas, area, x + 1, y, figure_severity_role(severity),
			    figure_mark(severity));
	}
}

/* A key that would do nothing here is not offered. */
static bool
is_offered(const struct app *app, const struct key *key)
{
	const struct panel *panel = panel_get(app->panel);
	if (!(key->flags & KEY_FOOTER))
		return false;
	if (key->flags & KEY_WRITES)
		return app_can_begin(app);
	switch (key->action) {
	case ACTION_OPEN:
		return panel->opens != NULL || panel->opens_detail != NULL || panel->explains;
	case ACTION_SORT:
		return panel->sorts != NULL;
	case ACTION_DETAIL:
		return panel->details != NULL;
	case ACTION_FILTER:
	case ACTION_COPY:
		return panel->rows != NULL;
	default:
		return true;
	}
}

static const char *
word_of(const struct panel *panel, const struct key *key)
{
	bool why = panel->explains || panel->opens_detail != NULL;
	return key->action == ACTION_OPEN && why ? "why" : key->word;
}

static void
draw_keys(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	size_t count;
	const struct key *keys = key_list(&count);
	const struct panel_state *state = &app->states[app->panel];
	int x = 1, end = area.width;
	if (state->filter_text[0] != '\0') {
		char text[PROMPT_MAX + 16];
		snprintf(text, sizeof(text), "filter: %s ", state->filter_text);
		end = canvas_text_right(canvas, area, area.width, y, ROLE_WARN, text) - 1;
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_offered(app, &keys[i]))
			continue;
		const char *word = word_of(panel_get(app->panel), &keys[i]);
		int width = canvas_width(keys[i].label) + 1 + canvas_width(word);
		if (x + width > end)
			break;
		canvas_text(canvas, area, x, y, ROLE_KEY, keys[i].label);
		canvas_text(canvas, area, x + canvas_width(keys[i].label) + 1, y, ROLE_MUTED, word);
		x += width + (area.width >= 100 ? 3 : 2);
	}
}

static void
draw_command(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	char words[400];
	size_t found = colon_candidates(app, app->command.text, words, sizeof(words));
	int used = 2 + canvas_width(app->command.text) + 3;
	if (found > 0 && used < area.width) {
		struct area rest = {area.x + used, area.y + y, area.width - used, 1};
		canvas_text(canvas, rest, 0, 0, ROLE_MUTED, words);
	}
	prompt_draw(canvas, area, 0, y, ":", &app->command);
}

static void
draw_reason(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	const struct actions_wish *wish = &app->actions.wish;
	char label[400];
	if (area.width >= 100)
		snprintf(label, sizeof(label), "Arm for 5 minutes to %s %s@%s. Reason: ",
		    strcmp(wish->operation, "rollback") == 0 ? "roll back" : "promote", wish->model,
		    wish->alias);
	else
		snprintf(label, sizeof(label), "Arm 5 min. Reason: ");
	prompt_draw(canvas, area, 1, y, label, &app->reason);
}

static void
draw_filter(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	int used = 1 + canvas_width(app->filter.text) + 3;
	struct area rest = {area.x + used, area.y + y, area.width - used, 1};
	if (app->hint[0] != '\0') /* what is wrong with it */
		canvas_text(canvas, rest, 0, 0, app->hint_role, app->hint);
	else
		canvas_text(canvas, rest, 0, 0, ROLE_MUTED,
		    "regular expression; ! in front keeps the others; Esc clears");
	prompt_draw(canvas, area, 0, y, "/", &app->filter);
}

static void
draw_footer(struct canvas *canvas, struct area area, int y, const struct app *app)
{
	if (app->mode == MODE_FILTER)
		draw_filter(canvas, area, y, app);
	else if (app->mode == MODE_COMMAND)
		draw_command(canvas, area, y, app);
	else if (app->mode == MODE_REASON && app->hint[0] == '\0')
		draw_reason(canvas, area, y, app);
	else if (app->hint[0] != '\0')
		canvas_text(canvas, area, 1, y, app->hint_role, app->hint);
	else
		draw_keys(canvas, area, y, app);
}

static void
draw_tiny(struct canvas *canvas, struct area area, const struct app *app)
{
	struct pieces pieces = {0};
	char text[200];
	int64_t left;
	enum role role = list_troubles(app->view.snapshot, text, sizeof(text));
	if (actions_armed(&app->actions, app->newest, &left))
		add_piece(&pieces, ROLE_ARMED, 0, "ARMED %lld:%02lld",
		    (long long)(left / CLOCK_MINUTE), (long long)(left / CLOCK_SECOND % 60));
	if (app->view.frozen)
		add_piece(&pieces, ROLE_WARN, 0, "FROZEN");
	if (app->view.snapshot->services_count == 0)
		add_piece(&pieces, ROLE_MUTED, 1, "no service");
	else
		add_piece(&pieces, role, 1, "%s", text[0] != '\0' ? text : "OK");
	add_piece(
	    &pieces, ROLE_DEFAULT, 2, "%s/s", figure_metric(text, &app->view.snapshot->rps, 1, 0));
	add_piece(&pieces, ROLE_MUTED, 3, "fraudtop");
	if (app->view.snapshot->catchup.state != CATCHUP_DONE)
		add_piece(&pieces, ROLE_WARN, 1, "%.0f %% read",
		    100 * catchup_share(&app->view.snapshot->catchup));
	draw_pieces(canvas, area, 0, 0, &pieces, " ", area.width);
	if (app->mode != MODE_NORMAL || app->hint[0] != '\0') {
		struct area last = {0, area.height - 1, area.width, 1};
		canvas_fill(canvas, last, ROLE_DEFAULT, ' ');
		draw_footer(canvas, area, area.height - 1, app);
	}
}

static void
draw_frame(struct canvas *canvas, struct area area, struct app *app)
{
	const struct panel *panel = panel_get(app->panel);
	int y = 1, bottom = area.height;
	draw_top(canvas, area, app);
	if (app->actions.follow.state != FOLLOW_NONE)
		draw_follow(canvas, area, y++, app);
	if (app->view.snapshot->catchup.state != CATCHUP_DONE)
		draw_catchup(canvas, area, y++, app);
	if (!app->full && area.height >= 8) {
		draw_tabs(canvas, area, y++, app);
		canvas_rule(canvas, area, y++, NULL);
	}
	if (!app->full || app->mode != MODE_NORMAL || app->hint[0] != '\0') {
		draw_footer(canvas, area, area.height - 1, app);
		bottom--;
	}
	struct area body = {0, y, area.width, bottom - y};
	app->page = body.height > 2 ? body.height - 2 : 1;
	if (body.height > 0)
		panel->draw(canvas, body, &app->view, &app->states[app->panel]);
}

void
app_draw(struct app *app, struct canvas *canvas)
{
	struct area area = canvas_area(canvas);
	canvas->symbols = app->symbols;
	canvas_clear(canvas);
	app->view.now = clock_wall();
	if (area.width <= 0 || area.height <= 0)
		return;
	if (area.width < 24 || area.height < 5)
		draw_tiny(canvas, area, app);
	else
		draw_frame(canvas, area, app);
	if (app->mode == MODE_SHEET)
		sheet_draw(canvas, &app->view, &app->actions.sheet);
	app->dirty = false;
}
