/* replay.c: what another version would have said of the selected service's newest predictions:
 * which is better and how sure that is, both sides' figures, and the predictions they differ about
 * most. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/detail.h"
#include "tui/figure.h"
#include "tui/panel.h"
#include "tui/parts.h"
#include "widgets/table.h"

enum { DETAIL_LEAST = 9, LIST_LEAST = 3, TALL = 28, WIDE = 150, FLAT_MOST = 11, STACKED_MOST = 18 };

static const struct replay_view *
replay_of(const struct view *view)
{
	const struct service_view *service = view_service(view);
	return service == NULL ? NULL : service->replay;
}

static bool
is_there(const struct replay_view *replay)
{
	return replay != NULL && replay->progress == REPLAY_THERE;
}

static void
list_changes(const struct view *view, const struct panel_state *state, struct rows *rows)
{
	const struct replay_view *replay = replay_of(view);
	for (size_t i = 0; is_there(replay) && i < replay->changes_count; i++) {
		const struct replay_change *change = &replay->changes[i].change;
		char id[VIEW_ID];
		view_change_id(id, change);
		rows_add(rows, state->filter, change->id, id, &replay->changes[i], (double)i, NULL);
	}
}

enum column { TIME, ID, LOGGED, OTHER, CHANGE, LABEL, COLUMNS };

struct lines {
	const struct view *view;
	struct rows rows;
};

static void
draw_side(struct canvas *canvas, struct area area, double score, int flag)
{
	static const char *const decisions[] = {"-   ", "pass", "FLAG"};
	char text[FIGURE_SIZE];
	canvas_printf(canvas, area, 0, 0, flag == 1 ? ROLE_WARN : ROLE_DEFAULT, "%s %s",
	    figure_number(text, score, 4), decisions[flag + 1]);
}

static void
draw_cell(struct canvas *canvas, struct area area, size_t row, size_t column, void *context)
{
	static const char *const labels[] = {"-", "honest", "FRAUD"};
	const struct lines *lines = context;
	const struct replay_change_view *item = lines->rows.list[row].item;
	const struct replay_change *change = &item->change;
	char text[32], number[FIGURE_SIZE];
	switch ((enum column)column) {
	case TIME:
		canvas_text(
		    canvas, area, 0, 0, ROLE_MUTED, view_time(lines->view, text, change->ts));
		break;
	case ID:
		canvas_text(
		    canvas, area, 0, 0, ROLE_MUTED, change->id[0] != '\0' ? change->id : "-");
		break;
	case LOGGED:
		draw_side(canvas, area, change->logged, change->logged_flag);
		break;
	case OTHER:
		draw_side(canvas, area, change->other, change->other_flag);
		break;
	case CHANGE:
		canvas_printf(canvas, area, 0, 0, ROLE_DEFAULT, "%s%s",
		    change->other >= change->logged ? "+" : "",
		    figure_number(number, change->other - change->logged, 4));
		break;
	default:
		canvas_text(canvas, area, 0, 0, change->label == 1 ? ROLE_WARN : ROLE_MUTED,
		    labels[change->label + 1]);
		break;
	}
}

static void
draw_changes(
    struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct replay_view *replay = replay_of(view);
	struct lines lines = {.view = view};
	const struct replay_change_view *selected = view_change(view);
	char id[VIEW_ID] = "";
	bool wide = area.width >= 100;
	if (selected != NULL)
		view_change_id(id, &selected->change);
	const struct table_column columns[COLUMNS] = {
	    [TIME] = {"LARGEST", NULL, 8, false, false, 0},
	    [ID] = {"REQUEST", NULL, wide ? 36 : 12, false, !wide, 2},
	    [LOGGED] = {replay->logged, NULL, 11, false, false, 0},
	    [OTHER] = {replay->other, NULL, 11, false, false, 0},
	    [CHANGE] = {"CHANGE", NULL, 7, false, false, 1},
	    [LABEL] = {"LABEL", NULL, 6, false, false, 1},
	};
	list_changes(view, state, &lines.rows);
	const struct table table = {.columns = columns,
	    .columns_count = COLUMNS,
	    .rows = lines.rows.count,
	    .selected = rows_find(&lines.rows, id),
	    .top = &state->top,
	    .sort = -1,
	    .cell = draw_cell,
	    .context = &lines};
	table_draw(canvas, area, &table);
	rows_free(&lines.rows);
}

static bool
is_mature(const struct replay_view *replay)
{
	return replay->maturity.state == METRIC_OK;
}

/* What the figures rest on. */
static void
describe_rows(char *dst, size_t size, const struct view *view, const struct replay_view *replay)
{
	static const char *const reasons[REPLAY_REASONS] = {[REPLAY_FAILED] = "had failed",
	    [REPLAY_NO_INPUT] = "lack inputs",
	    [REPLAY_NO_SCORE] = "got no probability"};
	const struct replay_result *result = &replay->result;
	char rows[FIGURE_SIZE], all[FIGURE_SIZE], labelled[FIGURE_SIZE], frauds[FIGURE_SIZE];
	char span[32], share[FIGURE_SIZE];
	parts_duration(span, sizeof(span), view->snapshot->comparison_us);
	if (replay->whole)
		snprintf(dst, size, "all %s", figure_count(rows, result->rows));
	else
		snprintf(dst, size, "newest %s of %s", figure_count(rows, result->rows),
		    figure_count(all, replay->window));
	text_append(dst, size, " predictions of the last %s; %s labelled", span,
	    figure_count(labelled, result->labelled));
	if (result->labelled > 0)
		text_append(dst, size, " (%s %%%s), %s fraud",
		    figure_metric(share, &replay->maturity, 100, 0),
		    is_mature(replay) ? "" : ", more to come",
		    figure_count(frauds, result->positives));
	for (int i = REPLAY_FAILED; i < REPLAY_REASONS; i++) {
		if (result->unscored[i] > 0)
			text_append(dst, size, ", %s %s", figure_count(rows, result->unscored[i]),
			    reasons[i]);
	}
	if (replay->asked < replay->kept)
		text_append(dst, size, ", %s still to ask",
		    figure_count(rows, replay->kept - replay->asked));
}

/* Returns the rows used. */
static int
draw_state(struct canvas *canvas, struct area area, const struct replay_view *replay)
{
	char text[800], asked[FIGURE_SIZE], kept[FIGURE_SIZE];
	switch (replay->progress) {
	case REPLAY_LOADING:
		snprintf(text, sizeof(text), "the model files of %s and %s are being read",
		    replay->logged, replay->other);
		break;
	case REPLAY_BROKEN:
		snprintf(text, sizeof(text), "%s cannot be asked: %s%s", replay->other,
		    replay->problem,
		    replay->by_hand ? "; :replay auto asks the version that a rollback brings"
				    : "; :replay VERSION or FILE asks another");
		break;
	case REPLAY_BEGUN:
		snprintf(text, sizeof(text), "being replayed: %s of %s",
		    figure_count(asked, replay->asked), figure_count(kept, replay->kept));
		break;
	default:
		text_copy(text, sizeof(text), replay->problem);
		break;
	}
	return parts_wrap(
	    canvas, area, 0, replay->progress == REPLAY_BROKEN ? ROLE_WARN : ROLE_MUTED, text, 3);
}

static void
draw_title(struct canvas *canvas, struct area area, const struct view *view)
{
	const struct replay_view *replay = replay_of(view);
	char after[400] = "";
	if (replay != NULL && replay->other[0] != '\0')
		snprintf(after, sizeof(after), "what %s would have said%s", replay->other,
		    replay->by_hand ? ", chosen" : "");
	parts_title(canvas, area, 0, view, after);
}

extern const struct panel panel_replay;

/* The verdict's first sentence, muted where labels are too few in for 4 Quality to judge either;
 * what it rests on follows where there is room, for Figures has it too. Returns the rows used. */
static int
draw_verdict(struct canvas *canvas, struct area area, const struct replay_view *replay)
{
	static const enum role roles[] = {
	    [REPLAY_UNDECIDED] = ROLE_MUTED, [REPLAY_LOGGED] = ROLE_OK, [REPLAY_OTHER] = ROLE_WARN};
	const struct replay_result *result = &replay->result;
	char first[sizeof(result->verdict)];
	text_copy(first, sizeof(first), result->verdict);
	first[result->headline] = '\0';
	int y = parts_wrap(
	    canvas, area, 0, is_mature(replay) ? roles[result->better] : ROLE_MUTED, first, 2);
	if (result->verdict[result->headline] == ' ' && area.height >= TALL)
		y += parts_wrap(
		    canvas, area, y, ROLE_MUTED, result->verdict + result->headline + 1, 3);
	return y;
}

/* The shown one, and below it the other where both have room. */
static void
draw_details(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, struct panel_state *state)
{
	const struct detail *shown = detail_shown(&panel_replay, state, series);
	int each = area.width >= WIDE ? FLAT_MOST : STACKED_MOST;
	bool both = area.height >= 2 * each;
	shown->draw(canvas, area_inset(area, 0, 0, 0, both ? area.height - each + 1 : 0), view,
	    series, state);
	for (size_t i = 0; both && details_of_replay[i] != NULL; i++) {
		const struct detail *detail = details_of_replay[i];
		if (detail == shown)
			continue;
		canvas_text(canvas, area, 0, each - 1, ROLE_HEADING, detail->title);
		detail->draw(canvas, area_inset(area, 0, each, 0, 0), view, series, state);
	}
}

static void
draw_result(
    struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct replay_view *replay = replay_of(view);
	const struct series_view *series = view_series(view);
	char text[640];
	int y = draw_verdict(canvas, area, replay);
	describe_rows(text, sizeof(text), view, replay);
	y += parts_wrap(canvas, area, y, ROLE_MUTED, text, 2);
	area = area_inset(area, 0, y, 0, 0);
	int list = (int)replay->changes_count + 1;
	if (list > area.height - 1 - DETAIL_LEAST)
		list = area.height - 1 - DETAIL_LEAST;
	if (list < LIST_LEAST)
		list = LIST_LEAST;
	struct area top = area_inset(area, -2, 0, -1, area.height - list);
	if (area.height < list)
		return;
	draw_changes(canvas, top, view, state);
	area = area_inset(area, 0, list, 0, 0);
	detail_draw_titles(canvas, area, 0, &panel_replay, state, series);
	if (area.width >= 60 && area.height > 0)
		canvas_text_right(
		    canvas, area, area.width, 0, ROLE_MUTED, ":replay VERSION asks another");
	area = area_inset(area, 0, 1, 0, 0);
	if (area.height > 0)
		draw_details(canvas, area, view, series, state);
}

static void
draw(struct canvas *canvas, struct area area, const struct view *view, struct panel_state *state)
{
	const struct replay_view *replay = replay_of(view);
	struct area body = area_inset(area, 2, 1, 1, 0);
	draw_title(canvas, area, view);
	if (replay == NULL)
		canvas_text(canvas, body, 0, 0, ROLE_MUTED,
		    view_service(view) == NULL
			? "select a service in 1 Overview"
			: "no prediction of it is kept: none was logged, or replay.rows is 0");
	else if (is_there(replay))
		draw_result(canvas, body, view, state);
	else
		draw_state(canvas, body, replay);
}

const struct panel panel_replay = {
    .name = "replay",
    .title = "Replay",
    .short_title = "Replay",
    .help = "what another version would have said of the newest predictions, and why",
    .subject = SUBJECT_CHANGE,
    .opens_detail = "why",
    .rows = list_changes,
    .draw = draw,
    .details = details_of_replay,
};
