#include "tui/drift_selected.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/figure.h"
#include "tui/parts.h"
#include "widgets/graph.h"
#include "widgets/histogram.h"

enum { DISTANCES = 400 };

const char *
drift_season(enum season season)
{
	return season == SEASON_HOUR_OF_DAY    ? "hour of day"
	       : season == SEASON_HOUR_OF_WEEK ? "hour of week"
					       : "-";
}

void
drift_draw_windows(struct canvas *canvas, struct area area, const struct drift_view *feature)
{
	int x = 0;
	for (unsigned i = feature->windows_count; i-- > 0 && i < VERDICT_WINDOWS;) {
		enum severity severity = feature->windows[i];
		bool filled = severity >= SEVERITY_WARNING;
		x += canvas_text(canvas, area, x, 0,
		    filled ? figure_severity_role(severity) : ROLE_MUTED,
		    figure_sign(canvas, severity == SEVERITY_INSUFFICIENT ? SIGN_UNKNOWN
					: filled			  ? SIGN_FILLED
									  : SIGN_HOLLOW));
	}
}

static char *
rate_number(char dst[FIGURE_SIZE], const struct metric *metric, bool share)
{
	double value = metric_or_nan(metric);
	return figure_metric(dst, metric, share ? 100 : 1, share || value < 10 ? 2 : 1);
}

void
drift_rate_words(
    const struct canvas *canvas, const struct rate_view *rate, bool share, char *dst, size_t size)
{
	char text[FIGURE_SIZE];
	const char *unit = share ? "%" : "records/s";
	dst[0] = '\0';
	if (rate->severity == SEVERITY_INSUFFICIENT) {
		text_append(dst, size, "%s %s", rate_number(text, &rate->current, share), unit);
		return;
	}
	text_append(dst, size, "%s", rate_number(text, &rate->reference, share));
	text_append(dst, size, " %s %s %s", figure_sign(canvas, SIGN_ARROW),
	    rate_number(text, &rate->current, share), unit);
	if (isfinite(rate->statistic))
		text_append(dst, size, ", z %s", figure_number(text, rate->statistic, 1));
	if (isfinite(rate->p_value))
		text_append(dst, size, ", p %s", figure_p_value(text, rate->p_value));
}

static void
draw_graph(struct canvas *canvas, struct area area, const struct view *view,
    const struct drift_view *feature)
{
	struct graph_mark marks[4];
	char left[32], right[32], span_words[16];
	bool any = false;
	for (size_t i = 0; i < feature->curve_points; i++)
		any = any || isfinite(feature->psi_curve[i]);
	if (!any) {
		canvas_text(canvas, area, 0, 0, ROLE_MUTED, "PSI over time: too few records yet");
		return;
	}
	int64_t span = feature->window_us > 0 ? feature->window_us : view->snapshot->comparison_us;
	parts_span(view, span, left, right);
	parts_duration(span_words, sizeof(span_words), feature->curve_span_us);
	canvas_printf(canvas, area, 0, 0, ROLE_HEADING, "PSI, each point of %s", span_words);
	area = area_inset(area, 0, 1, 0, 0);
	const struct graph graph = {.levels = {{feature->critical, ROLE_CRIT, "critical"},
					{feature->warning, ROLE_WARN, "warning"},
					{feature->curve_null_level, ROLE_MUTED, "chance"}},
	    .levels_count = isfinite(feature->curve_null_level) ? 3 : 2,
	    .curves = {{feature->psi_curve, feature->curve_points, ROLE_GRAPH1, "PSI", false}},
	    .curves_count = 1,
	    .marks = marks,
	    .marks_count = parts_marks(view, span, marks, 4),
	    .low = NAN,
	    .high = NAN,
	    .unit = "",
	    .decimals = 2,
	    .muted_from = 2,
	    .left_label = left,
	    .right_label = right};
	graph_draw(canvas, area, &graph);
}

/* `■■□ over in 2 of 3 windows, alarms at 2 · n 2,610 against 10,000, same hours of the week`
 */
static int
draw_standing(struct canvas *canvas, struct area area, int y, const struct view *view,
    const struct drift_view *feature)
{
	char text[300] = "", number[FIGURE_SIZE], span[16];
	const char *dot = figure_sign(canvas, SIGN_DOT);
	unsigned over = 0;
	for (unsigned i = 0; i < feature->windows_count && i < VERDICT_WINDOWS; i++)
		over += feature->windows[i] >= SEVERITY_WARNING;
	int x = 0;
	if (feature->windows_count > 0) {
		drift_draw_windows(canvas, area_inset(area, 0, y, 0, 0), feature);
		x = (int)feature->windows_count + 1;
		text_append(text, sizeof(text), "over in %u of %u windows, alarms at %u %s ", over,
		    feature->windows_count, feature->windows_confirm, dot);
	}
	text_append(text, sizeof(text), "n %s", figure_count(number, feature->psi.n));
	if (isfinite(feature->n_reference) && feature->n_reference > 0)
		text_append(text, sizeof(text), " against %s%s%s",
		    feature->own_reference ? "the first " : "",
		    figure_number(number, feature->n_reference, 0),
		    drift_season(feature->season)[0] != '-' ? " effective" : "");
	if (drift_season(feature->season)[0] != '-')
		text_append(text, sizeof(text), ", same %s%s",
		    feature->season == SEASON_HOUR_OF_DAY ? "hours of the day"
							  : "hours of the week",
		    feature->season_declared ? " (declared)" : "");
	if (feature->window_us > 0 && feature->window_us != view->snapshot->comparison_us) {
		parts_duration(span, sizeof(span), feature->window_us);
		text_append(text, sizeof(text), ", window %s", span);
	}
	return parts_wrap(canvas, area_inset(area, x, 0, 0, 0), y, ROLE_MUTED, text, 2);
}

/* Appends `KS 0.100 ±0.010`, the half width of its bound if it has one, if all of it fits. */
static void
put_distance(const struct canvas *canvas, char *dst, int width, const char *name,
    const struct metric *metric)
{
	char one[80] = "", text[FIGURE_SIZE];
	text_append(one, sizeof(one), "  %s %s", name, figure_metric(text, metric, 1, 3));
	if (metric_known(metric) && metric->high - metric->low >= 0.001)
		text_append(one, sizeof(one), " %s%s", figure_sign(canvas, SIGN_PLUS_MINUS),
		    figure_number(text, (metric->high - metric->low) / 2, 3));
	if (canvas_width(dst) + canvas_width(one) <= width)
		text_append(dst, DISTANCES, "%s", one);
}

static void
draw_distances(struct canvas *canvas, struct area area, int y, const struct drift_view *feature)
{
	char text[DISTANCES] = "", p[FIGURE_SIZE], sigma[16];
	int width = area.width;
	snprintf(sigma, sizeof(sigma), "W/%s", figure_sign(canvas, SIGN_SIGMA));
	text_append(text, sizeof(text), "p %s adjusted", figure_p_value(p, feature->p_adjusted));
	if (width >= 110)
		text_append(
		    text, sizeof(text), ", %s unadjusted", figure_p_value(p, feature->p_value));
	put_distance(canvas, text, width, "JS", &feature->js);
	if (metric_known(&feature->ks))
		put_distance(canvas, text, width, "KS", &feature->ks);
	if (metric_known(&feature->wasserstein)) {
		put_distance(canvas, text, width, sigma, &feature->wasserstein_norm);
		put_distance(canvas, text, width, "W", &feature->wasserstein);
	}
	put_distance(canvas, text, width, "Hellinger", &feature->hellinger);
	put_distance(canvas, text, width, "KL", &feature->kl);
	canvas_text(canvas, area, 0, y, ROLE_MUTED, text);
}

static void
put_share(char *dst, size_t size, const char *name, const struct metric *metric, bool always)
{
	char value[FIGURE_SIZE];
	if (!metric_known(metric) || (!always && !(metric->value > 0)))
		return;
	text_append(dst, size, "%s%s %s %%", dst[0] != '\0' ? ", " : "", name,
	    figure_metric(value, metric, 100, metric->value > 0 && metric->value < 0.001 ? 3 : 1));
}

/* Returns the rows used. */
static int
draw_data(struct canvas *canvas, struct area area, int y, const struct data_view *data)
{
	char text[400] = "", value[FIGURE_SIZE];
	enum role role =
	    data->severity >= SEVERITY_WARNING ? figure_severity_role(data->severity) : ROLE_MUTED;
	int x = canvas_text(canvas, area, 0, y, ROLE_HEADING, "DATA "), row = y;
	x += canvas_printf(canvas, area, x, y, role, "%s%s%s", severity_name(data->severity),
		 data->severity >= SEVERITY_WARNING ? " " : "", figure_mark(data->severity)) +
	     2;
	if (data->severity >= SEVERITY_WARNING && data->reason[0] != '\0') {
		canvas_text(canvas, area, x, y++, role, data->reason);
		x = 5;
	}
	text_append(
	    text, sizeof(text), "nulls %s", figure_metric(value, &data->nulls_reference, 100, 1));
	text_append(text, sizeof(text), " %s %s %%", figure_sign(canvas, SIGN_ARROW),
	    figure_metric(value, &data->nulls, 100, 1));
	put_share(text, sizeof(text), "other type", &data->type_changed, true);
	put_share(text, sizeof(text), "not finite", &data->nonfinite, false);
	put_share(text, sizeof(text), "out of range", &data->out_of_range, true);
	put_share(text, sizeof(text), "unseen", &data->unseen, true);
	for (size_t i = 0; i < SNAPSHOT_UNSEEN && data->unseen_words[i][0] != '\0'; i++)
		text_append(
		    text, sizeof(text), "%s%s", i == 0 ? ": " : ", ", data->unseen_words[i]);
	text_append(text, sizeof(text), "%s%s%s", data->constant ? ", constant" : "",
	    data->absent ? ", in no record" : "", data->extra ? ", not of the reference" : "");
	y += parts_wrap(canvas, area_inset(area, x, 0, 0, 0), y, ROLE_MUTED, text, 2);
	return y - row;
}

static int
draw_facts(struct canvas *canvas, struct area area, const struct view *view,
    const struct drift_view *feature, bool score)
{
	int y = 0;
	char psi[FIGURE_SIZE], n[FIGURE_SIZE];
	enum role role = feature->severity >= SEVERITY_WARNING
			     ? figure_severity_role(feature->severity)
			     : ROLE_DEFAULT;
	if (feature->reason[0] != '\0')
		y += parts_wrap(canvas, area, y, role, feature->reason, 2);
	else
		canvas_printf(canvas, area, 0, y++, role, "PSI %s at n = %s",
		    figure_metric(psi, &feature->psi, 1, 3), figure_count(n, feature->psi.n));
	y += draw_standing(canvas, area, y, view, feature);
	draw_distances(canvas, area, y++, feature);
	if (!score)
		y += draw_data(canvas, area, y, &feature->data);
	return y;
}

/* `above` is the row of the title, where the legend goes if the bins have no row for it. */
static void
draw_feature(struct canvas *canvas, struct area area, struct area above, const struct view *view,
    const struct drift_view *feature, bool score)
{
	area = area_inset(area, 0, draw_facts(canvas, area, view, feature, score), 0, 0);
	if (area.height > 12)
		area = area_inset(area, 0, 1, 0, 0);
	struct area left = area, right = area;
	if (area.width >= 90) {
		left.width = area.width / 2 - 2;
		right.x += left.width + 4;
		right.width = area.width - left.width - 4;
		draw_graph(canvas, right, view, feature);
	}
	const struct histogram histogram = {.reference = feature->reference,
	    .current = feature->current,
	    .bins = feature->bins,
	    .labels = feature->labels,
	    .current_role = ROLE_GRAPH1};
	if (feature->bins == 0 || left.height == 0)
		return;
	histogram_draw(canvas, left, &histogram);
	if (!histogram_has_legend(left, &histogram))
		histogram_legend(canvas, above, &histogram);
}

static void
draw_rate(struct canvas *canvas, struct area area, const struct rate_view *rate, bool share)
{
	char text[200], between[FIGURE_SIZE];
	drift_rate_words(canvas, rate, share, text, sizeof(text));
	int x = canvas_text(canvas, area, 0, 0, figure_role(&rate->current, rate->severity), text);
	if (figure_between(between, &rate->current, share ? 100 : 1, share ? 2 : 1)[0] != '\0')
		canvas_printf(canvas, area, x + 1, 0, ROLE_MUTED, "(now %s)", between);
	canvas_text(canvas, area, 0, 1,
	    rate->severity >= SEVERITY_WARNING ? figure_severity_role(rate->severity) : ROLE_MUTED,
	    rate->reason);
	if (!share)
		canvas_text(canvas, area, 0, 3, ROLE_MUTED, "of the model, over all its services");
	if (drift_season(rate->season)[0] != '-')
		canvas_printf(canvas, area, 0, 2, ROLE_MUTED,
		    "compared with the same hours of the %s",
		    rate->season == SEASON_HOUR_OF_DAY ? "day" : "week");
}

void
drift_draw_selected(
    struct canvas *canvas, struct area area, const struct view *view, const struct row *row)
{
	const char *dot = figure_sign(canvas, SIGN_DOT);
	bool decisions = strcmp(row->id, DRIFT_DECISIONS) == 0;
	bool rate = decisions || strcmp(row->id, DRIFT_VOLUME) == 0;
	struct area body = area_inset(area, 2, 1, 1, 0);
	char title[400];
	if (rate) {
		const struct rate_view *shown = row->item;
		snprintf(title, sizeof(title), "%s %s %s", row->word, dot,
		    severity_name(shown->severity));
		canvas_rule(canvas, area, 0, title);
		draw_rate(canvas, body, shown, decisions);
		return;
	}
	const struct drift_view *shown = row->item;
	snprintf(title, sizeof(title), "%s %s %s %s %s", row->word, dot,
	    shown->categorical ? "categorical" : "numeric", dot, severity_name(shown->severity));
	canvas_rule(canvas, area, 0, title);
	struct area above = area_inset(area, canvas_width(title) + 4, 0, 1, area.height - 1);
	draw_feature(canvas, body, above, view, shown, strcmp(row->id, VIEW_SCORE) == 0);
}
