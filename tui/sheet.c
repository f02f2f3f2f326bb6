/* sheet.c: draws the action sheet: what is, what will be, what is not known, and what will be
 * written.
 *
 * Everything on it comes from the sheet's own plan and the snapshot held when it was opened, but
 * for what the replay says, which may still be under way then and is the newest. It is drawn twice:
 * once into an area without height to learn how many rows it takes, then into its box; only if all
 * of it was seen may it be confirmed. */
#include "tui/sheet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/figure.h"
#include "tui/parts.h"
#include "tui/view.h"
#include "widgets/dialog.h"

enum { LABEL = 12, SHEET_WIDTH = 82 };

struct side {
	const char *version;
	const struct version_view *registered;
	const struct series_view *series;
	const struct service_view
	    *service; /* that serves it now, if one alone follows the target */
};

/* Draws text broken at spaces; returns the rows taken (at least 1). */
static int
wrap(struct canvas *canvas, struct area area, int x, int y, enum role role, const char *text)
{
	int rows = 0, room = area.width - x;
	while (room > 0 && *text != '\0') {
		char line[512];
		size_t length = 0, fits = 0;
		for (size_t i = 0; text[i] != '\0' && i < sizeof(line) - 5;) {
			uint32_t code;
			size_t step = text_decode(text + i, strlen(text + i), &code);
			i += step > 0 ? step : 1;
			memcpy(line, text, i);
			line[i] = '\0';
			if (canvas_width(line) > room)
				break;
			length = i;
			if (text[i] == ' ' || text[i] == '\0')
				fits = i;
		}
		if (length == 0)
			break;
		if (fits > 0)
			length = fits;
		memcpy(line, text, length);
		line[length] = '\0';
		canvas_text(canvas, area, x, y + rows++, role, line);
		text += length + strspn(text + length, " ");
	}
	return rows > 0 ? rows : 1;
}

static const struct version_view *
find_version(const struct snapshot *facts, const char *model, const char *version)
{
	const struct model_view *view = snapshot_model(facts, model);
	for (size_t i = 0; view != NULL && i < view->versions_count; i++) {
		if (strcmp(view->versions[i].version, version) == 0)
			return &view->versions[i];
	}
	return NULL;
}

/* The series of the one service that follows the target; of several, the one over all services. */
static struct side
find_side(const struct sheet *sheet, const char *version)
{
	const struct rollout_plan *plan = &sheet->plan;
	struct side side = {.version = version};
	side.registered = find_version(sheet->facts, plan->model, version);
	if (plan->services == 1)
		side.series =
		    view_find_series(sheet->facts, plan->service_names[0], plan->model, version);
	if (side.series == NULL && side.registered != NULL)
		side.series = side.registered->series;
	if (side.series == NULL)
		side.series = view_find_series(sheet->facts, "", plan->model, version);
	const struct service_view *service =
	    plan->services == 1 ? snapshot_service(sheet->facts, plan->service_names[0]) : NULL;
	if (service != NULL && strcmp(service->version, version) == 0)
		side.service = service;
	return side;
}

/* From the log; without one, what the service that serves this version says of itself. */
static const struct metric *
choose(const struct metric *logged, const struct metric *reported)
{
	return logged != NULL && metric_known(logged) ? logged : reported;
}

static void
draw_fact(struct canvas *canvas, struct area area, int y, const struct metric *metric, double scale,
    int decimals, const char *unit, bool immature)
{
	char text[FIGURE_SIZE], half[FIGURE_SIZE];
	if (metric == NULL || !metric_known(metric)) {
		canvas_text(canvas, area, 0, y, ROLE_MUTED, "unknown");
		return;
	}
	int x = canvas_printf(canvas, area, 0, y, figure_role(metric, SEVERITY_OK), "%s %s",
	    figure_metric(text, metric, scale, decimals), unit);
	if (isfinite(metric->low) && isfinite(metric->high))
		x += canvas_printf(canvas, area, x, y, ROLE_MUTED, " %s%s",
		    figure_sign(canvas, SIGN_PLUS_MINUS),
		    figure_number(half, (metric->high - metric->low) / 2 * scale, decimals));
	if (metric->state == METRIC_STALE)
		x += canvas_text(canvas, area, x, y, ROLE_STALE, " (old)");
	if (immature || metric->state == METRIC_WARMING)
		canvas_text(canvas, area, x, y, ROLE_MUTED, immature ? " (few labels)" : " (few)");
}

static void
draw_drift(struct canvas *canvas, struct area area, int y, const struct series_view *series)
{
	char psi[FIGURE_SIZE];
	if (series == NULL || !metric_known(&series->worst_psi)) {
		canvas_text(canvas, area, 0, y, ROLE_MUTED, "unknown");
		return;
	}
	canvas_printf(canvas, area, 0, y, figure_severity_role(series->drift_severity),
	    "%s%s%s, PSI %s: %s", severity_name(series->drift_severity),
	    series->drift_severity >= SEVERITY_WARNING ? " " : "",
	    figure_mark(series->drift_severity), figure_metric(psi, &series->worst_psi, 1, 2),
	    series->worst_feature);
}

/* One column of facts. */
static void
draw_side(struct canvas *canvas, const struct view *view, struct area area, const struct side *side,
    const char *title, const struct target_view *target)
{
	const struct series_view *series = side->series;
	const struct quality_view *quality = series == NULL ? NULL : &series->quality;
	bool immature = quality != NULL && !quality->mature;
	char time[32];
	canvas_printf(canvas, area, 0, 0, ROLE_HEADING, "%s %s", title, side->version);
	if (target != NULL)
		canvas_printf(canvas, area, 0, 1, ROLE_DEFAULT, "since %s, by %s",
		    view_minute(view, time, target->changed_at), target->changed_by);
	else if (side->registered != NULL && side->registered->last_live > 0)
		canvas_printf(canvas, area, 0, 1, ROLE_DEFAULT, "last %s",
		    view_minute(view, time, side->registered->last_live));
	else
		canvas_text(canvas, area, 0, 1, ROLE_MUTED, "never, as far as is known");
	draw_fact(canvas, area, 2,
	    choose(series ? &series->latency.p99 : NULL,
		side->service ? &side->service->p99_ms : NULL),
	    1, 1, "ms", false);
	draw_fact(canvas, area, 3,
	    choose(series ? &series->error_rate : NULL,
		side->service ? &side->service->error_rate : NULL),
	    100, 2, "%", false);
	draw_fact(canvas, area, 4, quality ? &quality->precision : NULL, 100, 1, "%", immature);
	draw_fact(canvas, area, 5, quality ? &quality->recall : NULL, 100, 1, "%", immature);
	draw_drift(canvas, area, 6, series);
}

struct replayed_counts { /* over the services of the plan */
	uint64_t logged, other, labelled;
	enum replay_progress progress; /* the least of them */
	const char *problem;
};

static struct replayed_counts
count_replayed(const struct view *view, const struct rollout_plan *plan)
{
	struct replayed_counts counts = {.progress = REPLAY_IDLE, .problem = "unknown"};
	/* What it was not asked about it is, when the sheet opens. */
	for (unsigned i = 0; i < plan->services; i++) {
		const struct service_view *service =
		    snapshot_service(view->snapshot, plan->service_names[i]);
		const struct replay_view *replay = service == NULL ? NULL : service->replay;
		bool asked = replay != NULL && strcmp(replay->logged, plan->from) == 0 &&
			     strcmp(replay->other, plan->to) == 0;
		enum replay_progress progress = asked		 ? replay->progress
						: replay != NULL ? REPLAY_BEGUN
								 : REPLAY_IDLE;
		if (i == 0 || progress < counts.progress)
			counts.progress = progress;
		if (!asked)
			continue;
		if (replay->progress == REPLAY_BROKEN)
			counts.problem = replay->problem;
		counts.logged += replay->result.logged.flagged;
		counts.other += replay->result.other.flagged;
		counts.labelled += replay->result.labelled;
	}
	return counts;
}

/* What both versions say of the newest predictions. */
static void
draw_replayed(struct canvas *canvas, const struct view *view, struct area left, struct area right,
    int y, const struct rollout_plan *plan)
{
	struct replayed_counts counts = count_replayed(view, plan);
	char text[160], span[32], number[FIGURE_SIZE], change[FIGURE_SIZE], labelled[FIGURE_SIZE];
	if (plan->to[0] == '\0') {
		canvas_text(canvas, right, 0, y, ROLE_MUTED, "nothing to ask");
		return;
	}
	if (counts.progress != REPLAY_THERE) {
		canvas_text(canvas, right, 0, y, ROLE_MUTED,
		    counts.progress == REPLAY_IDLE || counts.progress == REPLAY_BROKEN
			? counts.problem
			: "being replayed");
		return;
	}
	parts_duration(span, sizeof(span), view->snapshot->comparison_us);
	canvas_printf(canvas, left, 0, y, ROLE_DEFAULT, "%s flagged in %s",
	    figure_count(number, counts.logged), span);
	double difference = (double)counts.other - (double)counts.logged;
	snprintf(text, sizeof(text), "%s flagged (%s%s, %s labelled)",
	    figure_count(number, counts.other), difference > 0 ? "+" : "",
	    figure_number(change, difference, 0), figure_count(labelled, counts.labelled));
	if (canvas_width(text) > right.width)
		snprintf(text, sizeof(text), "%s (%s%s, %s labelled)", number,
		    difference > 0 ? "+" : "", change, labelled);
	canvas_text(canvas, right, 0, y, ROLE_DEFAULT, text);
}

static int
draw_facts(
    struct canvas *canvas, const struct view *view, struct area area, const struct sheet *sheet)
{
	static const char *const labels[] = {
	    "", "live", "p99", "errors", "precision", "recall", "drift", "replayed"};
	enum { LABELS = sizeof(labels) / sizeof(labels[0]) };
	const struct rollout_plan *plan = &sheet->plan;
	struct side now = find_side(sheet, plan->from), to = find_side(sheet, plan->to);
	int half = (area.width - LABEL) / 2;
	struct area left = {area.x + LABEL, area.y, half - 1, area.height};
	struct area right = {area.x + LABEL + half, area.y, area.width - LABEL - half, area.height};
	for (int i = 0; i < LABELS; i++)
		canvas_text(canvas, area, 0, i, ROLE_MUTED, labels[i]);
	draw_side(canvas, view, left, &now,
	    "now:", snapshot_target(sheet->facts, plan->registry, plan->model, plan->alias));
	if (plan->to[0] != '\0')
		draw_side(canvas, view, right, &to, "to:", NULL);
	else
		canvas_text(canvas, right, 0, 0, ROLE_MUTED, "to: unknown");
	draw_replayed(canvas, view, left, right, LABELS - 1, plan);
	return LABELS;
}

static const struct {
	enum sign sign;
	const char *text; /* instead of the sign, or NULL */
	enum role role;
} verdicts[] = {
    [ROLLOUT_PASS] = {SIGN_GOOD, NULL, ROLE_OK},
    [ROLLOUT_WARN] = {SIGN_GOOD, "!", ROLE_WARN},
    [ROLLOUT_FAIL] = {SIGN_GOOD, "!!", ROLE_CRIT},
};

/* What failed first, then the warnings; each on its own rows. What passed flows together. */
static int
draw_checks(struct canvas *canvas, struct area area, int y, const struct sheet *sheet)
{
	int rows = 0, x = LABEL;
	canvas_text(canvas, area, 0, y, ROLE_MUTED, "checks");
	for (int verdict = ROLLOUT_FAIL; verdict >= ROLLOUT_PASS; verdict--) {
		for (unsigned i = 0; i < sheet->checks_count; i++) {
			const struct rollout_check *check = &sheet->checks[i];
			const char *text = verdict != ROLLOUT_PASS && check->text[0] != '\0'
					       ? check->text
					       : check->name;
			const char *sign = verdicts[verdict].text != NULL
					       ? verdicts[verdict].text
					       : figure_sign(canvas, verdicts[verdict].sign);
			int width = canvas_width(sign) + 1 + canvas_width(text);
			if ((int)check->verdict != verdict)
				continue;
			if (x > LABEL && x + width > area.width) {
				rows++;
				x = LABEL;
			}
			canvas_text(canvas, area, x, y + rows, verdicts[verdict].role, sign);
			x += canvas_width(sign) + 1;
			int more = wrap(canvas, area, x, y + rows, ROLE_DEFAULT, text);
			x = more > 1 ? area.width : x + canvas_width(text) + 2;
			rows += more - 1;
		}
	}
	return rows + 1;
}

static int
draw_labelled(struct canvas *canvas, struct area area, int y, const char *label, enum role role,
    const char *text)
{
	canvas_text(canvas, area, 0, y, ROLE_MUTED, label);
	return wrap(canvas, area, LABEL, y, role, text);
}

static void
list_unknown(char *dst, size_t size, const struct sheet *sheet)
{
	struct side to = find_side(sheet, sheet->plan.to);
	dst[0] = '\0';
	if (to.series == NULL || to.series->records == 0)
		text_append(dst, size, "how %s does on the traffic of now; ", sheet->plan.to);
	else if (!metric_known(&to.series->worst_psi))
		text_append(dst, size, "drift of the inputs of %s; ", sheet->plan.to);
	if (to.series != NULL && !metric_known(&to.series->quality.precision))
		text_append(dst, size, "precision and recall of %s; ", sheet->plan.to);
	if (sheet->plan.services == 0)
		text_append(dst, size, "whether any service follows this alias; ");
	text_append(dst, size, "labels of the newest predictions");
}

static int
draw_writes(struct canvas *canvas, struct area area, int y, const struct sheet *sheet)
{
	const struct rollout_plan *plan = &sheet->plan;
	char text[1536];
	int start = y;
	if (plan->to[0] == '\0')
		return draw_labelled(canvas, area, y, "writes", ROLE_DEFAULT, "nothing");
	snprintf(text, sizeof(text),
	    "%s: UPDATE alias SET version = '%s', epoch %lld %s %lld WHERE model = '%s' AND "
	    "alias = '%s' AND epoch = %lld",
	    plan->registry, plan->to, (long long)plan->epoch, figure_sign(canvas, SIGN_ARROW),
	    (long long)plan->epoch + 1, plan->model, plan->alias, (long long)plan->epoch);
	y += draw_labelled(canvas, area, y, "writes", ROLE_DEFAULT, text);
	text[0] = '\0';
	for (unsigned i = 0; i < plan->services; i++)
		text_append(text, sizeof(text), "%s%s", i > 0 ? ", " : "", plan->service_names[i]);
	y += draw_labelled(canvas, area, y, "moves", ROLE_DEFAULT,
	    text[0] != '\0' ? text : "no configured service");
	list_unknown(text, sizeof(text), sheet);
	y += draw_labelled(canvas, area, y, "unknown", ROLE_MUTED, text);
	y += draw_labelled(canvas, area, y, "reason", ROLE_DEFAULT, plan->reason);
	return y - start;
}

/* Draws all and returns the rows it takes. */
static int
draw_body(
    struct canvas *canvas, const struct view *view, struct area area, const struct sheet *sheet)
{
	int y = draw_facts(canvas, view, area, sheet);
	y += draw_checks(canvas, area, y, sheet);
	y += draw_writes(canvas, area, y, sheet);
	if (!sheet->ready)
		y += draw_labelled(canvas, area, y, "cannot", ROLE_CRIT, sheet->problem);
	else if (sheet->refused[0] != '\0')
		y += draw_labelled(canvas, area, y, "refused", ROLE_CRIT, sheet->refused);
	else
		y++;
	if (sheet->ready)
		prompt_draw(canvas, area, 0, y,
		    area.width >= 70 ? "Type the model's name to go on, Esc to leave: "
				     : "Model's name, or Esc: ",
		    &sheet->name);
	else
		canvas_text(canvas, area, 0, y, ROLE_MUTED, "Esc leaves");
	return y + 1;
}

void
sheet_draw(struct canvas *canvas, const struct view *view, struct sheet *sheet)
{
	const struct rollout_plan *plan = &sheet->plan;
	char title[420];
	int width = canvas->width - 4 < SHEET_WIDTH ? canvas->width - 4 : SHEET_WIDTH;
	int height = draw_body(canvas, view, (struct area){0, 0, width, 0}, sheet);
	snprintf(title, sizeof(title), "%s %s @%s",
	    strcmp(plan->operation, "rollback") == 0 ? "Roll back" : "Promote", plan->model,
	    plan->alias);
	struct area inside =
	    dialog_draw(canvas, width, height, ROLE_PROD, title, sheet->facts->context);
	draw_body(canvas, view, inside, sheet);
	sheet->visible = inside.width >= 48 && inside.height >= height;
}
