/* compare.c: two versions of a model side by side, each over all services that serve it, and how
 * they differ. A difference is only of two numbers that are known. */
#include "tui/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/figure.h"

enum { LABEL = 22, FIGURE = 20, ROWS = 11, MARKS = 3 };

const struct version_view *
compare_other(const struct snapshot *snapshot, const struct model_view *model,
    const struct version_view *version)
{
	const struct version_view *best = NULL;
	int most = -1;
	for (size_t i = 0; i < model->versions_count; i++) {
		const struct version_view *other = &model->versions[i];
		if (other == version || other->series == NULL)
			continue;
		int worth = other->aliases[0] != '\0';
		for (size_t k = 0; k < snapshot->targets_count; k++) {
			const struct target_view *target = &snapshot->targets[k];
			if (strcmp(target->model, model->model) == 0 &&
			    strcmp(target->version, version->version) == 0 &&
			    strcmp(target->previous, other->version) == 0)
				worth = 2;
		}
		if (worth > most) {
			most = worth;
			best = other;
		}
	}
	return best;
}

struct line {
	const char *label;
	struct metric metric;
	struct figure_style style;
};

static size_t
list_lines(const struct series_view *series, struct line lines[ROWS])
{
	const struct quality_view *quality = &series->quality;
	const struct latency_view *latency = &series->latency;
	const struct figure_style plain = {.decimals = 1, .marks = MARKS};
	struct figure_style share = {.scale = 100, .decimals = 2, .marks = MARKS};
	struct figure_style judged = {.scale = 100,
	    .decimals = 1,
	    .marks = MARKS,
	    .interval = true,
	    .immature = !quality->mature};
	struct figure_style drift = {.decimals = 3, .marks = MARKS};
	size_t count = 0;
	lines[count++] = (struct line){"p50 ms", latency->p50, plain};
	lines[count++] = (struct line){"p95 ms", latency->p95, plain};
	lines[count] = (struct line){"p99 ms", latency->p99, plain};
	lines[count++].style.severity = series->latency_severity;
	lines[count] = (struct line){"errors %", series->error_rate, share};
	lines[count++].style.severity = series->error_severity;
	lines[count++] = (struct line){"flagged %", series->decision_rate, share};
	lines[count] = (struct line){"precision %", quality->precision, judged};
	lines[count++].style.severity = series->precision_severity;
	lines[count] = (struct line){"recall %", quality->recall, judged};
	lines[count++].style.severity = series->recall_severity;
	lines[count++] = (struct line){"labels in %", quality->maturity, plain};
	lines[count - 1].style.scale = 100;
	lines[count] = (struct line){"worst feature's PSI", series->worst_psi, drift};
	lines[count++].style.severity = series->drift_severity;
	lines[count] = (struct line){"score's PSI", series->score.psi, drift};
	lines[count++].style.severity = series->score_severity;
	return count;
}

void
compare_difference(struct canvas *canvas, struct area cell, const struct metric *first,
    const struct metric *second, double scale, int decimals)
{
	char text[FIGURE_SIZE], sign[FIGURE_SIZE + 1];
	if (!metric_known(first) || !metric_known(second))
		return;
	double difference = (first->value - second->value) * scale;
	figure_number(text, difference, decimals);
	snprintf(sign, sizeof(sign), "%s%s", difference >= 0 ? "+" : "", text);
	canvas_text_right(canvas, cell, cell.width, 0, ROLE_MUTED, sign);
}

/* The version's name, where the numbers below end. */
static void
draw_name(struct canvas *canvas, struct area cell, const char *name)
{
	canvas_text_right(canvas, cell, cell.width - MARKS, 0, ROLE_TITLE, name);
}

int
compare_draw(struct canvas *canvas, struct area area, const struct version_view *version,
    const struct version_view *other)
{
	struct line left[ROWS], right[ROWS];
	char title[2 * SNAPSHOT_NAME + 32];
	if (version->series == NULL || other->series == NULL)
		return 0;
	size_t count = list_lines(version->series, left);
	list_lines(other->series, right);
	snprintf(title, sizeof(title), "%s beside %s, over all services", version->version,
	    other->version);
	canvas_rule(canvas, area, 0, title);
	int x = area.x + 2 + LABEL, gap = area.width < 80 ? 1 : 2;
	struct area cells[3] = {{x, area.y + 1, FIGURE, 1},
	    {x + FIGURE + gap, area.y + 1, FIGURE, 1}, {x + 2 * (FIGURE + gap), area.y + 1, 10, 1}};
	draw_name(canvas, cells[0], version->version);
	draw_name(canvas, cells[1], other->version);
	canvas_text_right(canvas, cells[2], cells[2].width, 0, ROLE_HEADING, "DIFFERENCE");
	int y = 2;
	for (size_t i = 0; i < count && y < area.height; i++, y++) {
		for (size_t k = 0; k < 3; k++)
			cells[k].y = area.y + y;
		canvas_text(canvas, area, 2, y, ROLE_MUTED, left[i].label);
		figure_draw(canvas, cells[0], &left[i].metric, left[i].style);
		figure_draw(canvas, cells[1], &right[i].metric, right[i].style);
		compare_difference(canvas, cells[2], &left[i].metric, &right[i].metric,
		    left[i].style.scale > 0 ? left[i].style.scale : 1, left[i].style.decimals);
	}
	return y;
}
