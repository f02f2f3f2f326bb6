/* views_data.c: soundness of a feature's data in its newest window (METRICS.md 1.15).
 *
 * A share alarms when the low end of its interval is beyond its limit, so that a few records do not
 * alarm; and beyond what chance gives where the reference itself is small. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/monitor/views.h"
#include "core/stats/proportion.h"

/* The share of records beyond the least and greatest of n others is about Gamma(2) / n; one in
 * 10,000 is above this. */
#define RANGE_CHANCE 11.76
/* Times the share of words seen once, which estimates what n records have not seen (Good 1953). */
#define UNSEEN_CHANCE 3.0
/* A window of one value by chance: the log of one in a million. */
#define CONSTANT_CHANCE -13.8

/* Keeps the worst; of equals the first stands. */
static void find(struct data_view *view, enum severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
find(struct data_view *view, enum severity severity, const char *format, ...)
{
	if (severity <= view->severity)
		return;
	va_list values;
	va_start(values, format);
	view->severity = severity;
	if (severity >= SEVERITY_WARNING)
		vsnprintf(view->reason, sizeof(view->reason), format, values);
	va_end(values);
}

/* A share as a metric; warming below the minimum. */
static struct metric
share(uint64_t k, uint64_t n, uint64_t least)
{
	struct metric metric = metric_share(k, n);
	if (n < least && metric.state == METRIC_OK)
		metric.state = METRIC_WARMING;
	return metric;
}

/* Is it surely above the limit? */
static bool
is_over(const struct metric *share, double limit)
{
	return share->state == METRIC_OK && share->low > limit;
}

/* Counts by PSI bin of the newest window against the reference of the same: did it take many
 * values, and is all of the window one? */
static bool
became_constant(const struct views_column *column)
{
	double reference[BINS_MAX + 1], current[BINS_MAX + 1];
	const struct cell_sum *sum = &column->history->newest;
	const struct profile_feature *feature = column->feature;
	bool words = feature->bins.kind == BINS_CATEGORIES_KIND;
	size_t begin = history_begin(column->history, 0), used = 0, bin = 0;
	uint64_t n = history_counts(column->history, begin, column->history->buckets, current);
	double all = views_reference(column, begin, column->history->buckets, reference);
	if (n == 0 || !(all > 0) || (!words && sum->low != sum->high) ||
	    (!words && feature->low == feature->high))
		return false;
	for (size_t i = 0; i < column->history->bins; i++) {
		used += current[i] > 0;
		bin = current[i] > 0 ? i : bin;
	}
	return used == 1 && (double)n * log(reference[bin] / all) < CONSTANT_CHANCE;
}

static void
check_types(struct data_view *view, const struct config *config)
{
	const struct metric *changed = &view->type_changed, *odd = &view->nonfinite;
	/* A value that the model cannot take is as good as none: critical as nulls are. */
	find(view,
	    !is_over(changed, config->type_share)     ? SEVERITY_OK
	    : changed->value > config->nulls_critical ? SEVERITY_CRITICAL
						      : SEVERITY_WARNING,
	    "%.3g %% of the values are of another type than the reference's", 100 * changed->value);
	find(view, is_over(odd, config->type_share) ? SEVERITY_WARNING : SEVERITY_OK,
	    "%.3g %% of the values are infinite", 100 * odd->value);
}

static void
check_nulls(struct data_view *view, const struct views_column *column, uint64_t missing,
    uint64_t all, const struct config *config)
{
	uint64_t before = column->feature->missing, of = column->feature->n + before;
	enum severity severity = verdict_nulls(before, of, missing, all, config->alpha,
	    config->nulls_rise, config->nulls_critical, column->min_samples);
	find(view, severity, "%.3g %% nulls, %.3g %% in the reference", 100 * view->nulls.value,
	    100 * view->nulls_reference.value);
}

/* Values that the reference has not, and numbers beyond its range. */
static void
check_values(struct data_view *view, const struct views_column *column, const struct config *config)
{
	const struct profile_feature *feature = column->feature;
	double n = (double)feature->n, once = 1;
	for (size_t i = 0; i + 1 < feature->bins.count; i++)
		once += feature->counts[i] == 1;
	double before = (double)feature->counts[feature->bins.count - 1] / n;
	double limit = before + fmax(config->unseen_share, UNSEEN_CHANCE * once / n);
	find(view, is_over(&view->unseen, limit) ? SEVERITY_WARNING : SEVERITY_OK,
	    "%.3g %% of the values are not in the reference: %s%s%s", 100 * view->unseen.value,
	    view->unseen_words[0], view->unseen_words[1][0] != '\0' ? ", " : "",
	    view->unseen_words[1]);
	find(view,
	    is_over(&view->out_of_range, fmax(config->range_share, RANGE_CHANCE / n))
		? SEVERITY_WARNING
		: SEVERITY_OK,
	    "%.3g %% of the values are beyond the reference's %.6g to %.6g",
	    100 * view->out_of_range.value, feature->low, feature->high);
}

static void
fill_unseen(struct data_view *view, const struct views_column *column, const struct window *window)
{
	const struct unseen *list[MONITOR_SERIES_ALL];
	for (size_t i = 0; i < window->list_count; i++) {
		const struct series *series = window->list[i];
		list[i] =
		    column->number < series->unseen_count ? series->unseen[column->number] : NULL;
	}
	unseen_top(list, window->list_count, window->end - column->window_us, view->unseen_words,
	    SNAPSHOT_UNSEEN);
}

/* A feature that the reference has not. */
static void
check_extra(struct data_view *view, const struct cell_sum *sum, uint64_t all, uint64_t least)
{
	view->nulls = share(sum->missing, all, least);
	view->extra = sum->present + sum->nonfinite + sum->wrong_type > 0;
	if (all >= least)
		find(view, view->extra ? SEVERITY_WARNING : SEVERITY_OK,
		    "the reference has no such feature");
}

void
views_data(struct data_view *view, const struct views_column *column, const struct window *window,
    const struct config *config)
{
	const struct profile_feature *feature = column->feature;
	const struct cell_sum *sum = &column->history->newest;
	bool words = feature->bins.kind == BINS_CATEGORIES_KIND;
	/* Among words a number of another type is counted as a word as well. */
	uint64_t values = sum->present + sum->nonfinite + (words ? 0 : sum->wrong_type);
	uint64_t all = values + sum->missing, least = column->min_samples;
	*view = (struct data_view){.nulls_reference = metric_none(),
	    .nulls = metric_none(),
	    .type_changed = metric_none(),
	    .nonfinite = metric_none(),
	    .out_of_range = metric_none(),
	    .unseen = metric_none()};
	if (column->place->extra) {
		check_extra(view, sum, all, least);
		return;
	}
	if (!column->ready)
		return;
	view->nulls_reference = metric_share(feature->missing, feature->n + feature->missing);
	view->nulls = share(sum->missing, all, least);
	view->type_changed = share(sum->wrong_type, values, least);
	view->nonfinite = share(sum->nonfinite, values, least);
	if (!words)
		view->out_of_range = share(sum->out_of_range, sum->present, least);
	if (feature->bins.kind != BINS_EDGES && !feature->bins.has_other)
		view->unseen = share(sum->counts[feature->bins.count - 1], sum->present, least);
	fill_unseen(view, column, window);
	if (all < least)
		return;
	char records[32];
	view->absent = sum->lacking == all;
	view->constant = sum->present >= least && became_constant(column);
	find(view, view->absent ? SEVERITY_CRITICAL : SEVERITY_OK,
	    "not one of the %s records has it", text_grouped(records, (double)all));
	check_types(view, config);
	find(view, view->constant ? SEVERITY_CRITICAL : SEVERITY_OK,
	    "every value is the same; the reference's differ");
	check_nulls(view, column, sum->missing, all, config);
	check_values(view, column, config);
}
