/* log.c: the newest lines of the prediction logs, followed; below them each source, or the lines
 * that were refused and why. A line's identity is its time, a hash of its text, and its place among
 * its equals. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/base/hash.h"
#include "tui/detail.h"
#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/reasons.h"

enum { ASKED_ROWS = 9 }; /* a rule, the score, six reasons, their sum */

static void
list_lines(const struct view *view, const struct panel_state *state, struct rows *rows)
{
	const struct snapshot *snapshot = view->snapshot;
	unsigned equals = 0;
	for (size_t i = 0; i < snapshot->lines_count; i++) {
		const struct line_view *line = &snapshot->lines[i];
		char id[64 + sizeof(line->request_id)], text[sizeof(*line)];
		bool same = i > 0 && line->ts == line[-1].ts &&
			    strcmp(line->text, line[-1].text) == 0 &&
			    strcmp(line->request_id, line[-1].request_id) == 0;
		equals = same ? equals + 1 : 0;
		/* What stands after the mark is what `y` copies. */
		snprintf(id, sizeof(id), "%" PRId64 " %016" PRIx64 " %u\x1f%s", line->ts,
		    hash_bytes(line->text, strlen(line->text),
			hash_bytes(line->request_id, strlen(line->request_id), 1)),
		    equals, line->request_id);
		snprintf(text, sizeof(text), "%s %s %s %s", line->service, line->version,
		    line->text, line->request_id);
		rows_add(rows, state->filter, text, id, line, (double)i, NULL);
	}
}

static enum role
role_of(const struct line_view *line)
{
	if (line->rejected || line->failed)
		return ROLE_CRIT;
	return line->flagged ? ROLE_WARN : ROLE_DEFAULT;
}

/* The columns, as wide as the widest of all lines, filtered or not, so that they keep still. */
struct columns {
	int time, service, version;
};

static struct columns
fit_columns(const struct view *view, int room)
{
	struct columns columns = {.time = 8};
	char time[32];
	for (size_t i = 0; i < view->snapshot->lines_count; i++) {
		const struct line_view *line = &view->snapshot->lines[i];
		int widths[] = {canvas_width(view_time(view, time, line->ts)),
		    canvas_width(line->service), canvas_width(line->version)};
		columns.time = widths[0] > columns.time ? widths[0] : columns.time;
		columns.service = widths[1] > columns.service ? widths[1] : columns.service;
		columns.version = widths[2] > columns.version ? widths[2] : columns.version;
	}
	int most = room < 100 ? room / 10 : 12; /* what was scored matters more than long names */
	columns.service = columns.service > 2 * most ? 2 * most : columns.service;
	columns.version = columns.version > most ? most : columns.version;
	return columns;
}

/* A word in a column of its own; returns where the next begins. */
static int
draw_word(struct canvas *canvas, struct area area, int x, int y, int width, enum role role,
    const char *text)
{
	struct area column = {area.x + x, area.y + y, width, 1};
	if (column.width > area.width - x)
		column.width = area.width - x;
	canvas_text(canvas, column, 0, 0, role, text);
	return x + width + 1;
}

static void
draw_line(struct canvas *canvas, struct area area, int y, const struct view *view,
    const struct columns *columns, const struct line_view *line, bool selected)
{
	static const char *const labels[] = {"", "honest", "FRAUD"};
	char time[32];
	enum role role = role_of(line);
	if (selected)
		canvas_text(canvas, area, 0, y, ROLE_KEY, figure_sign(canvas, SIGN_POINTER));
	int x = draw_word(
	    canvas, area, 2, y, columns->time, ROLE_MUTED, view_time(view, time, line->ts));
	x++;
	if (line->service[0] != '\0') /* else it is a line as it came, and has no columns */
		x = draw_word(canvas, area, x, y, columns->service, role, line->service);
	if (line->version[0] != '\0')
		x = draw_word(canvas, area, x, y, columns->version, role, line->version);
	if (line->rejected)
		x += canvas_text(canvas, area, x, y, ROLE_CRIT, "REJECTED  ");
	if (line->request_id[0] != '\0' &&
	    area.width >= 100) /* its beginning; the filter knows all */
		x = draw_word(canvas, area, x, y, 8, ROLE_MUTED, line->request_id) + 1;
	x += canvas_text(canvas, area, x, y, role, line->text);
	if (line->label >= -1 && line->label <= 1)
		canvas_printf(canvas, area, x, y, line->label == 1 ? ROLE_WARN : ROLE_MUTED, "  %s",
		    labels[line->label + 1]);
	if (selected)
		canvas_select_row(canvas, area, y);
}

/* Keeps the selected line in view. */
static void
scroll(struct panel_state *state, int count, int room, int selected)
{
	if (state->follow)
		state->top = count - room;
	else if (selected >= 0 && selected < state->top)
		state->top = selected;
	else if (selected >= state->top + room)
		state->top = selected - room + 1;
	if (state->top > count - room)
		state->top = count - room;
	if (state->top < 0)
		state->top = 0;
}

/* Why the asked prediction has its score, instead of the sources. */
static void
draw_asked(struct canvas *canvas, struct area area, const struct view *view)
{
	static const char *const decisions[] = {"", " pass", " FLAG"};
	static const char *const labels[] = {"", ", honest", ", FRAUD"};
	const struct asked_view *asked = view->asked;
	char title[400], time[32], score[FIGURE_SIZE];
	int id = area.width >= 100 ? 36 : 8; /* its beginning, as in the lines above */
	snprintf(title, sizeof(title), "Why %s %s %.*s%s, logged %s%s%s; Esc closes",
	    asked->service, view_time(view, time, asked->ts), id, asked->request_id,
	    (int)strlen(asked->request_id) > id ? figure_sign(canvas, SIGN_CUT) : "",
	    figure_number(score, asked->score, 4), decisions[asked->decision + 1],
	    labels[asked->label + 1]);
	if (asked->service[0] == '\0') /* nobody knows it */
		snprintf(title, sizeof(title), "Why %s; Esc closes", asked->request_id);
	canvas_rule(canvas, area, 0, title);
	reasons_draw(canvas, area_inset(area, 2, 1, 1, 0), &asked->why);
}

static bool
is_asked(struct area area, const struct view *view)
{
	return view->asked != NULL && area.height >= 2 * ASKED_ROWS;
}

/* Sources take a third at most; where more is to be said of them, two thirds. */
static int
rows_below(struct area area, const struct view *view, const struct panel_state *state)
{
	if (is_asked(area, view))
		return ASKED_ROWS;
	const struct detail *detail = detail_shown(panel_get(PANEL_log), state, NULL);
	int rows = detail->rows(view->snapshot);
	int most = detail == details_of_log[0] ? area.height / 3 : area.height * 2 / 3;
	rows = rows < most ? rows : most;
	return rows < 2 ? 0 : rows;
}

/* What the windows had no room for. */
static void
draw_heading(
    struct canvas *canvas, struct area area, const struct view *view, size_t count, bool follow)
{
	char shown[FIGURE_SIZE], all[FIGURE_SIZE];
	const struct windows_view *windows = &view->snapshot->windows;
	int x = 2 + canvas_printf(canvas, area, 2, 0, ROLE_HEADING, "%s of the newest %s lines%s",
			figure_count(shown, count), figure_count(all, view->snapshot->lines_count),
			follow ? ", following" : "; G follows");
	if (windows->elsewhere > 0)
		x += canvas_printf(canvas, area, x, 0, ROLE_WARN, "  %s counted as other",
		    figure_count(shown, windows->elsewhere));
	if (windows->passed > 0)
		canvas_printf(canvas, area, x, 0, ROLE_WARN, "  %s feature values passed over",
		    figure_count(shown, windows->passed));
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	struct rows rows = {0};
	int below = rows_below(area, view, state);
	list_lines(view, state, &rows);
	int room = area.height - below - 1, count = (int)rows.count;
	int selected = rows_find(&rows, view->selected[SUBJECT_LINE]);
	draw_heading(canvas, area, view, rows.count, state->follow);
	if (count == 0)
		canvas_text(canvas, area, 2, 1, ROLE_MUTED,
		    state->filter != NULL		 ? "no line matches the filter"
		    : view->snapshot->checkpoint.resumed ? "no line has come since the start"
							 : "no line was read yet");
	const struct columns columns = fit_columns(view, area.width);
	scroll(state, count, room, selected);
	for (int i = 0; i < room && state->top + i < count; i++)
		draw_line(canvas, area, i + 1, view, &columns, rows.list[state->top + i].item,
		    state->top + i == selected);
	struct area rest = area_inset(area, 0, area.height - below, 0, 0);
	if (is_asked(area, view))
		draw_asked(canvas, rest, view);
	else if (below > 0)
		detail_shown(panel_get(PANEL_log), state, NULL)
		    ->draw(canvas, rest, view, NULL, state);
	rows_free(&rows);
}

const struct panel panel_log = {
    .name = "log",
    .title = "Log",
    .short_title = "Log",
    .help = "the newest predictions, followed; what was rejected; Enter: why one has its score",
    .subject = SUBJECT_LINE,
    .follows = true,
    .explains = true,
    .rows = list_lines,
    .draw = draw,
    .details = details_of_log,
};
