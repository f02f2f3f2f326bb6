/* histogram.c: two distributions beside each other. Bins that do not fit are joined with their
 * neighbours, never left out, so that what is drawn always sums to what was given. */
#include "widgets/histogram.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "widgets/axis.h"

struct plot {
	struct area area; /* of the bars alone */
	struct axis axis;
	size_t joined; /* bins drawn as one */
	size_t groups; /* bars, or pairs of bars */
	int bar, between; /* columns of a bar, columns between pairs */
};

/* The share of a group of bins; NaN if none of them is known. */
static double
group_share(const double *shares, size_t bins, const struct plot *plot, size_t group)
{
	double sum = 0;
	bool known = false;
	for (size_t i = group * plot->joined; i < bins && i < (group + 1) * plot->joined; i++)
		if (isfinite(shares[i])) {
			sum += shares[i];
			known = true;
		}
	return known ? sum : NAN;
}

static double
highest_share(const struct histogram *histogram, const struct plot *plot)
{
	double high = 0;
	for (size_t i = 0; i < plot->groups; i++) {
		double now = group_share(histogram->current, histogram->bins, plot, i);
		if (now > high)
			high = now;
		if (histogram->reference == NULL)
			continue;
		double then = group_share(histogram->reference, histogram->bins, plot, i);
		if (then > high)
			high = then;
	}
	return high > 0 ? high : 1;
}

static int
longest_label(const struct histogram *histogram)
{
	int longest = 0;
	for (size_t i = 0; histogram->labels != NULL && i < histogram->bins; i++) {
		int width = canvas_width(histogram->labels[i]);
		longest = width > longest ? width : longest;
	}
	return longest;
}

/* As wide as they fit, up to four columns a bar; pairs stand apart as far as their labels ask. */
static void
fit_bars(const struct histogram *histogram, struct plot *plot)
{
	int bars = histogram->reference != NULL ? 2 : 1;
	int room = plot->area.width;
	size_t at_once = (size_t)(room / bars > 0 ? room / bars : 1);
	plot->joined = (histogram->bins + at_once - 1) / at_once;
	plot->groups = (histogram->bins + plot->joined - 1) / plot->joined;
	int each = (int)((size_t)room / plot->groups);
	plot->bar = each > bars ? (each - 1) / bars : 1;
	if (plot->bar > 4)
		plot->bar = 4;
	int wanted = longest_label(histogram) + 1 - plot->bar * bars;
	plot->between = wanted > 2 ? wanted : each - plot->bar * bars < 2 ? 1 : 2;
	if (plot->between > each - plot->bar * bars)
		plot->between = each - plot->bar * bars;
	if (plot->between < 0)
		plot->between = 0;
}

/* The reference in shades, the current in eighths; more than nothing is always seen. */
static void
draw_bar(struct canvas *canvas, const struct plot *plot, int x, double share, bool reference,
    enum role role)
{
	struct area area = plot->area;
	if (isnan(share)) {
		canvas_put(canvas, area, x, area.height - 1, ROLE_MUTED, 0xB7);
		return;
	}
	double cells = axis_share(&plot->axis, share) * area.height;
	if (share > 0 && cells < 0.125)
		cells = 0.125;
	for (int y = area.height - 1; y >= 0 && cells > 0; y--, cells -= 1) {
		long eighths = cells >= 1 ? 8 : lround(cells * 8);
		if (eighths == 0)
			break;
		uint32_t code = 0x2580 + (uint32_t)eighths;
		if (reference)
			code = eighths >= 4 ? 0x2592 : 0x2591;
		for (int i = 0; i < plot->bar; i++)
			canvas_put(canvas, area, x + i, y, role, code);
	}
}

static void
draw_axis(struct canvas *canvas, struct area area, const struct plot *plot, int gutter)
{
	int bottom = plot->area.y - area.y + plot->area.height;
	for (int y = plot->area.y - area.y; y < bottom; y++)
		canvas_put(canvas, area, gutter - 1, y, ROLE_BORDER, 0x2502);
	canvas_put(canvas, area, gutter - 1, bottom, ROLE_BORDER, 0x253C);
	for (double tick = 0; tick <= plot->axis.high * (1 + 1e-9); tick += plot->axis.step) {
		int y = bottom - (int)lround(axis_share(&plot->axis, tick) * plot->area.height);
		char text[24];
		snprintf(text, sizeof(text), "%.*f %%",
		    plot->axis.decimals > 2 ? plot->axis.decimals - 2 : 0, tick * 100);
		canvas_text_right(canvas, area, gutter - 2, y, ROLE_MUTED, text);
		if (y != bottom)
			canvas_put(canvas, area, gutter - 1, y, ROLE_BORDER, 0x2524);
	}
}

/* The bottom line, with as many bin labels set into it as fit. */
static void
draw_labels(struct canvas *canvas, struct area line, const struct histogram *histogram,
    const struct plot *plot)
{
	canvas_fill(canvas, line, ROLE_BORDER, 0x2500);
	int pair = plot->bar * (histogram->reference != NULL ? 2 : 1) + plot->between;
	int next = 0;
	for (size_t i = 0; histogram->labels != NULL && i < plot->groups; i++) {
		char label[24];
		memcpy(label, histogram->labels[i * plot->joined], sizeof(label));
		label[sizeof(label) - 1] = '\0';
		int at = (int)i * pair, width = canvas_width(label);
		if (at < next || width == 0 || at + width > line.width)
			continue;
		canvas_text(canvas, line, at, 0, ROLE_MUTED, label);
		next = at + width + 1;
	}
}

static const char *
reference_name(const struct histogram *histogram)
{
	return histogram->reference_name != NULL ? histogram->reference_name : "reference";
}

static const char *
current_name(const struct histogram *histogram)
{
	return histogram->current_name != NULL ? histogram->current_name : "now";
}

bool
histogram_has_legend(struct area area, const struct histogram *histogram)
{
	return histogram->reference != NULL && area.height >= 7 && area.width >= 24;
}

static void
draw_legend(struct canvas *canvas, struct area row, int x, const struct histogram *histogram)
{
	x += canvas_printf(canvas, row, x, 0, ROLE_MUTED, "%s ", reference_name(histogram));
	x += canvas_text(canvas, row, x, 0, ROLE_REFERENCE, "▒");
	x += canvas_printf(canvas, row, x, 0, ROLE_MUTED, "  %s ", current_name(histogram));
	canvas_text(canvas, row, x, 0, histogram->current_role, "█");
}

void
histogram_legend(struct canvas *canvas, struct area row, const struct histogram *histogram)
{
	int width =
	    canvas_width(reference_name(histogram)) + canvas_width(current_name(histogram)) + 8;
	if (width > row.width)
		return;
	row = area_inset(row, row.width - width, 0, 0, 0);
	canvas_fill(canvas, row, ROLE_DEFAULT, ' ');
	draw_legend(canvas, row, 1, histogram);
}

/* A line up through what is blank, with its foot on the axis. */
static void
draw_mark(struct canvas *canvas, struct area foot, const struct histogram *histogram,
    const struct plot *plot)
{
	int pair = plot->bar * (histogram->reference != NULL ? 2 : 1) + plot->between;
	struct area area = plot->area;
	if (!(histogram->mark > 0 && histogram->mark < (double)histogram->bins))
		return;
	int x = (int)(histogram->mark / (double)plot->joined * pair);
	for (int y = 0; y < area.height; y++) {
		int cx = area.x + x, cy = area.y + y;
		if (cx >= 0 && cy >= 0 && cx < canvas->width && cy < canvas->height &&
		    canvas->cells[cy * canvas->width + cx].code == ' ')
			canvas_put(canvas, area, x, y, ROLE_MARKER, 0x250A);
	}
	int cx = foot.x + x;
	if (foot.height > 0 && cx >= 0 && cx < canvas->width && foot.y >= 0 &&
	    foot.y < canvas->height &&
	    canvas->cells[foot.y * canvas->width + cx].role == ROLE_BORDER) /* no label */
		canvas_put(canvas, foot, x, 0, ROLE_MARKER, 0x25B2);
}

void
histogram_draw(struct canvas *canvas, struct area area, const struct histogram *histogram)
{
	if (area.width <= 0 || area.height <= 0 || histogram->bins == 0)
		return;
	int gutter = area.width >= 24 && area.height >= 3 ? 8 : 0;
	int legend = histogram_has_legend(area, histogram) ? 1 : 0;
	int foot = area.height >= 3 ? 1 : 0;
	struct plot plot = {.area = area_inset(area, gutter, legend, 0, foot)};
	fit_bars(histogram, &plot);
	int ticks = plot.area.height / 2;
	plot.axis = axis_fit(0, highest_share(histogram, &plot), ticks > 5 ? 5 : ticks, 1);
	if (gutter > 0)
		draw_axis(canvas, area, &plot, gutter);
	if (legend > 0)
		draw_legend(canvas, area_inset(area, gutter, 0, 0, area.height - 1), 0, histogram);
	int bars = histogram->reference != NULL ? 2 : 1;
	for (size_t i = 0; i < plot.groups; i++) {
		int x = (int)i * (plot.bar * bars + plot.between);
		if (histogram->reference != NULL) {
			draw_bar(canvas, &plot, x,
			    group_share(histogram->reference, histogram->bins, &plot, i), true,
			    ROLE_REFERENCE);
			x += plot.bar;
		}
		draw_bar(canvas, &plot, x,
		    group_share(histogram->current, histogram->bins, &plot, i), false,
		    histogram->current_role);
	}
	if (foot > 0)
		draw_labels(
		    canvas, area_inset(area, gutter, area.height - 1, 0, 0), histogram, &plot);
	draw_mark(canvas,
	    foot > 0 ? area_inset(area, gutter, area.height - 1, 0, 0) : (struct area){0},
	    histogram, &plot);
}
