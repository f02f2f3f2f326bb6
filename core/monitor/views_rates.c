/* views_rates.c: how often the model flags, how much comes, and how much of it comes twice, against
 * the reference of the same hours. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/monitor/views.h"
#include "core/stats/dist.h"
#include "core/stats/proportion.h"
#include "core/stats/tests.h"

#define DUPLICATES_WARNING 0.01 /* share of the records */
#define VOLUME_LEAST 20.0 /* records expected, to judge at all */
#define VOLUME_UNKNOWN 0.01 /* share of the window whose hours the reference may lack */

static struct rate_view
unknown(const char *why)
{
	struct rate_view view = {.reference = metric_none(),
	    .current = metric_none(),
	    .statistic = NAN,
	    .p_value = NAN,
	    .season = SEASON_NONE};
	text_copy(view.reason, sizeof(view.reason), why);
	return view;
}

/* As configured; auto: by the hour of the week if the profile spans two of them. */
static enum season
season_of(const struct config *config, const struct profile *profile)
{
	return season_chosen(
	    config->rate_season, season_of_span(profile->last_ts - profile->first_ts));
}

/* The reference's decisions of the window's hours: not flagged, flagged. False if it lacks them. */
static bool
mix_decisions(const struct profile_score *score, enum season season, const struct window *window,
    size_t of, double counts[2])
{
	counts[0] = (double)(score->decided - score->flagged);
	counts[1] = (double)score->flagged;
	if (season == SEASON_NONE)
		return true;
	uint32_t rows[SEASON_HOURS * 2];
	uint64_t hours[SEASON_HOURS];
	for (size_t i = 0; i < SEASON_HOURS; i++) {
		rows[2 * i] = score->hours_decided[i] - score->hours_flagged[i];
		rows[2 * i + 1] = score->hours_flagged[i];
	}
	struct history history;
	history_init(&history, window, HISTORY_SCORES, 0, NULL, of, true);
	history_hours(&history, history_begin(&history, 0), history.buckets, hours);
	history_free(&history);
	double effective = 0;
	return season_mix(rows, 2, season, hours, counts, &effective);
}

static void
judge_decisions(struct rate_view *view, double alpha, uint64_t least)
{
	view->severity =
	    verdict_rate(view->reference.value, (double)view->reference.n, view->current.value,
		view->current.n, view->p_value, alpha, least, view->reason, sizeof(view->reason));
	if (view->severity == SEVERITY_INSUFFICIENT)
		view->current.state = METRIC_WARMING;
}

static struct rate_view
decisions_of(
    const struct window *window, const struct monitor *monitor, uint64_t flagged, uint64_t decided)
{
	const struct profile *profile = window->model->profile;
	const struct profile_score *score =
	    profile != NULL ? profile_score_of(profile, window->version->version) : NULL;
	struct rate_view view = unknown("the reference has no decisions of this version");
	view.current = metric_share(flagged, decided);
	if (score == NULL || score->decided == 0 || decided == 0)
		return view;
	double counts[2];
	view.season = season_of(monitor->config, profile);
	if (!mix_decisions(score, view.season, window, monitor->lengths.of, counts)) {
		text_copy(view.reason, sizeof(view.reason),
		    "not comparable: the reference has no decisions of these hours");
		return view;
	}
	double n = counts[0] + counts[1];
	struct interval interval =
	    proportion_wilson((uint64_t)llround(counts[1]), (uint64_t)llround(n));
	view.reference =
	    metric_bounded(counts[1] / n, interval.low, interval.high, (uint64_t)llround(n));
	struct test_result test = test_proportions(counts[1], n, (double)flagged, (double)decided);
	view.statistic = test.statistic;
	view.p_value = test.p_value;
	judge_decisions(&view, monitor->config->alpha, (uint64_t)monitor->config->min_samples);
	return view;
}

/* Records a second of the reference in an hour of the week, and how many that rests on. */
static double
usual_rate(const struct profile *profile, enum season season, size_t hour, uint64_t *records)
{
	size_t step = season == SEASON_HOUR_OF_WEEK  ? SEASON_HOURS
		      : season == SEASON_HOUR_OF_DAY ? 24
						     : 1;
	double seen = 0;
	*records = 0;
	for (size_t i = hour % step; i < SEASON_HOURS; i += step) {
		seen += profile->hours_seen[i];
		*records += profile->hours_records[i];
	}
	return seen > 0 ? (double)*records / (seen * 3600) : NAN;
}

struct expected {
	double records, variance, unknown_us;
};

/* What the reference would have had between two times; weight: of each record counted there. */
static struct expected
expect(
    const struct profile *profile, enum season season, wall_us from, wall_us until, double weight)
{
	struct expected sum = {0};
	double spent[SEASON_HOURS] = {0};
	for (wall_us at = from; at < until;) {
		wall_us next = at - ((at % CLOCK_HOUR) + CLOCK_HOUR) % CLOCK_HOUR + CLOCK_HOUR;
		next = next < until ? next : until;
		spent[season_hour(at)] += (double)(next - at);
		at = next;
	}
	for (size_t hour = 0; hour < SEASON_HOURS; hour++) {
		uint64_t behind;
		double rate = usual_rate(profile, season, hour, &behind);
		if (isnan(rate)) {
			sum.unknown_us += spent[hour];
			continue;
		}
		double records = rate * spent[hour] / (double)CLOCK_SECOND;
		sum.records += records;
		sum.variance += records * weight;
		if (behind > 0) /* the reference's own chance */
			sum.variance += records * records / (double)behind;
	}
	return sum;
}

static void
judge_volume(struct rate_view *view, uint64_t n, double expected, const struct config *config)
{
	double drop = 1 - (double)n / expected, limit = config->throughput_drop;
	view->severity = drop < limit || !(view->p_value <= config->alpha) ? SEVERITY_OK
			 : drop < fmin(2 * limit, 1)			   ? SEVERITY_WARNING
									   : SEVERITY_CRITICAL;
	const char *hours = view->season == SEASON_NONE ? "" : " of these hours";
	char times[32];
	if (drop <= -1)
		snprintf(view->reason, sizeof(view->reason), "%s times the reference's volume%s",
		    text_grouped(times, (double)n / expected), hours);
	else
		snprintf(view->reason, sizeof(view->reason), "%.0f %% %s the reference's volume%s",
		    100 * fabs(drop), drop > 0 ? "below" : "above", hours);
}

/* The volume of the model over all its services and versions, as its profile's: the share of one of
 * them is not the profile's to know. */
static struct rate_view
count_volume(const struct window *window, const struct monitor *monitor, wall_us first, wall_us end)
{
	const struct profile *profile = window->model->profile;
	struct rate_view view = unknown("the reference does not know its hours");
	int64_t length = window->list[0]->bucket_us;
	wall_us begin = (end / length - SERIES_BUCKETS + 1) * length;
	uint64_t n = 0, volume = 0, of_one;
	for (size_t i = 0; i < monitor->series_count; i++) {
		if (monitor->models[monitor->series[i]->model_index] != window->model)
			continue;
		n += series_records(monitor->series[i], begin, end, &of_one);
		volume += of_one;
	}
	double seconds = (double)(end - begin) / (double)CLOCK_SECOND;
	view.current = metric_ok(seconds > 0 ? (double)volume / seconds : NAN, n);
	if (profile == NULL || profile->records == 0)
		return view;
	view.season = season_of(monitor->config, profile);
	/* A sample's chance is as large as if so many fewer had come, and then is multiplied. */
	double weight = n > 0 ? (double)volume / (double)n : 1;
	struct expected usual = expect(profile, view.season, begin, end, weight);
	if (usual.unknown_us > VOLUME_UNKNOWN * (double)(end - begin))
		return view;
	view.reference = metric_ok(usual.records / seconds, profile->records);
	view.statistic = ((double)volume - usual.records) / sqrt(usual.variance);
	view.p_value = 2 * dist_normal_sf(fabs(view.statistic));
	if (first > begin)
		text_copy(view.reason, sizeof(view.reason), "the window is not full yet");
	else if (usual.records / weight < VOLUME_LEAST)
		snprintf(view.reason, sizeof(view.reason),
		    "too few to judge: such a window of the reference has %.1f records, %.0f "
		    "needed",
		    usual.records / weight, VOLUME_LEAST);
	else
		judge_volume(&view, volume, usual.records, monitor->config);
	return view;
}

/* The same for each series of the model, so it is counted once for all of them. */
static struct rate_view
volume_of(const struct window *window, const struct monitor *monitor)
{
	struct model_volume *kept = &window->model->volume;
	wall_us first = INT64_MAX, end = monitor->clock;
	uint64_t records = 0;
	for (size_t i = 0; i < monitor->series_count; i++) {
		const struct series *series = monitor->series[i];
		if (monitor->models[series->model_index] != window->model)
			continue;
		records += series->records;
		first = series->first_ts < first ? series->first_ts : first;
		end = series->last_ts > end ? series->last_ts : end;
	}
	if (kept->records != records || kept->end != end)
		*kept = (struct model_volume){.records = records,
		    .end = end,
		    .view = count_volume(window, monitor, first, end)};
	return kept->view;
}

void
views_rates(struct series_view *view, const struct window *window, const struct monitor *monitor)
{
	uint64_t decided = 0, flagged = 0, identified = 0, duplicates = 0;
	for (size_t slot = 0; slot < SERIES_BUCKETS; slot++) {
		const struct series_bucket *bucket = window->slots[slot];
		decided += bucket != NULL ? bucket->decided : 0;
		flagged += bucket != NULL ? bucket->flagged : 0;
		identified += bucket != NULL ? bucket->identified : 0;
		duplicates += bucket != NULL ? bucket->duplicates : 0;
	}
	view->duplicates = metric_share(duplicates, identified);
	view->decisions = unknown("");
	view->volume = unknown("");
	if (window->model == NULL)
		return;
	view->decisions = decisions_of(window, monitor, flagged, decided);
	view->volume = volume_of(window, monitor);
	if (identified >= (uint64_t)monitor->config->min_samples)
		view->duplicates_severity =
		    view->duplicates.low > DUPLICATES_WARNING ? SEVERITY_WARNING : SEVERITY_OK;
	view->data_severity = severity_worse(view->volume.severity, view->duplicates_severity);
	for (size_t i = 0; i < view->features_count; i++)
		view->data_severity =
		    severity_worse(view->data_severity, view->features[i].data.severity);
}
