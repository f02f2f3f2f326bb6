#include "tui/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"

static const char *const signs[SIGN_COUNT][2] = {
    [SIGN_TIMES] = {"×", "x"},
    [SIGN_PLUS_MINUS] = {"±", "+-"},
    [SIGN_ARROW] = {"→", "->"},
    [SIGN_DOT] = {"·", "|"},
    [SIGN_POINTER] = {"▸", ">"},
    [SIGN_CORNER] = {"└", "`"},
    [SIGN_GOOD] = {"✔", "+"},
    [SIGN_BAR] = {"│", "|"},
    [SIGN_FILLED] = {"■", "#"},
    [SIGN_HOLLOW] = {"□", "."},
    [SIGN_UNKNOWN] = {"·", "-"},
    [SIGN_CUT] = {"…", "~"},
    [SIGN_SIGMA] = {"σ", "sd"},
};

const char *
figure_sign(const struct canvas *canvas, enum sign sign)
{
	return signs[sign][canvas->symbols == SYMBOLS_ASCII];
}

const char *
figure_mark(enum severity severity)
{
	return severity == SEVERITY_CRITICAL ? "!!" : severity == SEVERITY_WARNING ? "!" : "";
}

enum role
figure_severity_role(enum severity severity)
{
	switch (severity) {
	case SEVERITY_CRITICAL:
		return ROLE_CRIT;
	case SEVERITY_WARNING:
		return ROLE_WARN;
	case SEVERITY_OK:
		return ROLE_DEFAULT;
	case SEVERITY_INSUFFICIENT:
		break;
	}
	return ROLE_MUTED;
}

enum role
figure_state_role(enum service_state state)
{
	switch (state) {
	case SERVICE_OK:
		return ROLE_OK;
	case SERVICE_SLOW:
		return ROLE_WARN;
	case SERVICE_FAILING:
	case SERVICE_DOWN:
		return ROLE_CRIT;
	case SERVICE_UNKNOWN:
		break;
	}
	return ROLE_MUTED;
}

enum role
figure_role(const struct metric *metric, enum severity severity)
{
	if (!metric_known(metric) || metric->state == METRIC_WARMING)
		return ROLE_MUTED;
	if (metric->state == METRIC_STALE)
		return ROLE_STALE;
	return severity == SEVERITY_INSUFFICIENT ? ROLE_DEFAULT : figure_severity_role(severity);
}

char *
figure_number(char dst[FIGURE_SIZE], double value, int decimals)
{
	char plain[FIGURE_SIZE];
	if (!isfinite(value) || fabs(value) >= 1e15) {
		text_copy(dst, FIGURE_SIZE, "-");
		return dst;
	}
	snprintf(plain, sizeof(plain), "%.*f", decimals, value);
	size_t sign = plain[0] == '-', digits = strspn(plain + sign, "0123456789"), used = 0;
	if (sign)
		dst[used++] = '-';
	for (size_t i = 0; i < digits; i++) {
		if (i > 0 && (digits - i) % 3 == 0)
			dst[used++] = ',';
		dst[used++] = plain[sign + i];
	}
	text_copy(dst + used, FIGURE_SIZE - used, plain + sign + digits);
	return dst;
}

char *
figure_count(char dst[FIGURE_SIZE], uint64_t count)
{
	return figure_number(dst, (double)count, 0);
}

char *
figure_bytes(char dst[FIGURE_SIZE], double bytes)
{
	static const char *const names[] = {"B", "kB", "MB", "GB", "TB", "PB"};
	size_t unit = 0;
	while (bytes >= 999.5 && unit + 1 < sizeof(names) / sizeof(names[0])) {
		bytes /= 1000;
		unit++;
	}
	snprintf(
	    dst, FIGURE_SIZE, unit > 0 && bytes < 9.95 ? "%.1f %s" : "%.0f %s", bytes, names[unit]);
	return dst;
}

char *
figure_metric(char dst[FIGURE_SIZE], const struct metric *metric, double scale, int decimals)
{
	return figure_number(dst, metric_or_nan(metric) * (scale > 0 ? scale : 1), decimals);
}

char *
figure_between(char dst[FIGURE_SIZE], const struct metric *metric, double scale, int decimals)
{
	char low[FIGURE_SIZE], high[FIGURE_SIZE];
	dst[0] = '\0';
	if (!metric_known(metric) || !isfinite(metric->low) || !isfinite(metric->high))
		return dst;
	figure_number(low, metric->low * scale, decimals);
	figure_number(high, metric->high * scale, decimals);
	text_append(dst, FIGURE_SIZE, "%s to %s", low, high);
	return dst;
}

char *
figure_age(char dst[FIGURE_SIZE], const struct metric *seconds)
{
	if (!metric_known(seconds) || !isfinite(seconds->value) || seconds->value > 1e10)
		return figure_number(dst, NAN, 0);
	double value = seconds->value < 0 ? 0 : seconds->value;
	return clock_format_age(dst, FIGURE_SIZE, (int64_t)(value * 1e6));
}

char *
figure_p_value(char dst[FIGURE_SIZE], double p)
{
	if (!isfinite(p))
		text_copy(dst, FIGURE_SIZE, "-");
	else if (p < 1e-99)
		text_copy(dst, FIGURE_SIZE, "< 1e-99");
	else
		snprintf(dst, FIGURE_SIZE, p < 0.001 ? "%.0e" : "%.3f", p);
	return dst;
}

void
figure_draw(
    struct canvas *canvas, struct area area, const struct metric *metric, struct figure_style style)
{
	char text[FIGURE_SIZE], half[FIGURE_SIZE];
	double scale = style.scale > 0 ? style.scale : 1;
	enum role role = style.immature ? ROLE_MUTED : figure_role(metric, style.severity);
	int end = area.width - style.marks;
	figure_metric(text, metric, scale, style.decimals);
	if (metric_known(metric))
		figure_number(half, (metric->high - metric->low) / 2 * scale, style.decimals);
	/* One that does not fit is left out rather than cut. */
	if (style.interval && metric_known(metric) &&
	    canvas_width(text) + canvas_width(half) + 1 +
		    canvas_width(figure_sign(canvas, SIGN_PLUS_MINUS)) >
		end)
		style.interval = false;
	if (style.interval && metric_known(metric) && isfinite(metric->low) &&
	    isfinite(metric->high)) {
		int start = canvas_text_right(canvas, area, end, 0, ROLE_MUTED, half) -
			    canvas_width(figure_sign(canvas, SIGN_PLUS_MINUS));
		canvas_text(
		    canvas, area, start, 0, ROLE_MUTED, figure_sign(canvas, SIGN_PLUS_MINUS));
		canvas_text_right(canvas, area, start - 1, 0, role, text);
	} else if (style.interval) {
		/* In line with the numbers that have an interval. */
		canvas_text_right(canvas, area, end - 5, 0, role, text);
	} else {
		canvas_text_right(canvas, area, end, 0, role, text);
	}
	if (style.marks > 0 && style.mark > style.severity)
		canvas_text(canvas, area, end + (style.marks > 2), 0,
		    figure_severity_role(style.mark), figure_mark(style.mark));
	else if (style.marks > 0 && metric_known(metric) && !style.immature)
		canvas_text(
		    canvas, area, end + (style.marks > 2), 0, role, figure_mark(style.severity));
}

void
figure_draw_number(
    struct canvas *canvas, struct area area, double value, int decimals, enum role role)
{
	char text[FIGURE_SIZE];
	figure_number(text, value, decimals);
	canvas_text_right(canvas, area, area.width, 0, isfinite(value) ? role : ROLE_MUTED, text);
}
