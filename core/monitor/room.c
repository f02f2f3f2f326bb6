#include "core/monitor/room.h"

#include "core/base/mem.h"
#include "core/monitor/kept.h"
#include "core/monitor/models.h"
#include "core/monitor/state.h"

enum {
	SHARE = 4, /* references and rows kept whole have so many-th of it */
	VIEWS = 4, /* of a series: its own and its service's, in the picture that is shown and the
		      next */
	COLUMN_VIEWS = 2,
	CURVES = 1024, /* bytes: a column's bins in a picture */
	DETECTORS = 40 << 10, /* of change: concept.h */
	SUMS = 80, /* rows of the running sums of a column: history.h */
	SUMMED_BINS = 12,
	REFERENCE = 12 << 10, /* of a column: bins, counts, and the numbers that make them */
	MERGED = (SERIES_QUALITY_BUCKETS + KEPT_STRETCHES) * sizeof(struct quality_bucket) +
		 SERIES_BUCKETS * sizeof(struct series_bucket)
};

/* --- what is fixed of a series --------------------------------------------------------------- */

static const size_t of_series = sizeof(struct series) + sizeof(struct kept) +
				KEPT_STRETCHES * sizeof(struct quality_bucket) +
				VIEWS * sizeof(struct series_view) + DETECTORS;
static const size_t of_column = sizeof(struct kept_column) + SUMS * SUMMED_BINS * sizeof(uint64_t) +
				COLUMN_VIEWS * (sizeof(struct drift_view) + CURVES);

static size_t
fixed_of(const struct monitor *monitor, const struct series *series)
{
	const struct model_state *model = monitor->models[series->model_index];
	size_t attributions = 0;
	if (series->attributions.profile != NULL)
		attributions = ATTRIBUTIONS_RING * sizeof(struct attributions_bucket) +
			       ATTRIBUTIONS_RING * series->attributions.profile->features_count *
				   sizeof(double);
	size_t columns = series->mixed ? 0 : model->features_count;
	return of_series + columns * of_column + attributions;
}

void
room_add_series(struct monitor *monitor, const struct series *series)
{
	monitor->room.used += fixed_of(monitor, series) + REFERENCE; /* its version's score */
	monitor->room.references += REFERENCE;
}

void
room_unfold(struct monitor *monitor, struct series *series)
{
	series->folded = false;
	monitor->room.used += fixed_of(monitor, series);
	monitor->room.changes++;
}

void
room_fold(struct monitor *monitor, struct series *series, wall_us since)
{
	size_t before = monitor->room.used;
	monitor->room.used -= fixed_of(monitor, series);
	recent_free(series->recent);
	series->recent = NULL;
	room_count_recent(monitor, series);
	monitor_empty_series(monitor, series);
	series->folded = true;
	series->since = since;
	monitor->room.freed += before - monitor->room.used;
	monitor->room.changes++;
}

/* --- references ------------------------------------------------------------------------------ */

bool
room_has_column(const struct monitor *monitor)
{
	return monitor->room.references + REFERENCE <= monitor->room.most / SHARE;
}

void
room_add_column(struct monitor *monitor, const struct model_state *model)
{
	monitor->room.references += REFERENCE;
	monitor->room.used += REFERENCE;
	for (size_t i = 0; i < monitor->series_count; i++) {
		const struct series *series = monitor->series[i];
		if (monitor->models[series->model_index] == model && !series->folded)
			monitor->room.used += of_column;
	}
}

bool
room_grow_reference(
    struct monitor *monitor, struct reference_column *column, const struct feature_value *value)
{
	struct room *room = &monitor->room;
	size_t before = column->words_bytes;
	column->closed = room->references > room->most / SHARE;
	bool ready =
	    reference_column_add(column, value, (uint64_t)monitor->config->reference_records);
	room->references += column->words_bytes - before;
	room->used += column->words_bytes - before;
	return ready;
}

/* --- when it is too much --------------------------------------------------------------------- */

void
room_count_recent(struct monitor *monitor, struct series *series)
{
	const struct recent *recent = series->recent;
	size_t rows = recent != NULL ? recent_bytes(recent) : 0;
	size_t own = recent != NULL ? recent_own_bytes(recent) : 0;
	monitor->room.recents += rows - series->recent_rows;
	monitor->room.used += rows + own - series->recent_rows - series->recent_own;
	series->recent_rows = rows;
	series->recent_own = own;
}

static void
shrink_recents(struct monitor *monitor)
{
	struct room *room = &monitor->room;
	while (room->recents > room->most / SHARE) {
		struct series *most = monitor->series[0];
		for (size_t i = 1; i < monitor->series_count; i++)
			if (monitor->series[i]->recent_rows > most->recent_rows)
				most = monitor->series[i];
		recent_shrink(most->recent, most->recent_rows / 8 * 7);
		room_count_recent(monitor, most);
	}
}

struct kept *
room_new_merged(struct monitor *monitor, size_t columns)
{
	struct room *room = &monitor->room;
	size_t bytes = MERGED + sizeof(struct kept) + columns * of_column;
	if (room->used + room->merged + bytes > room->most - room->most / 8)
		return NULL;
	struct kept *kept = kept_new();
	kept->merged = bytes;
	room->merged += bytes;
	return kept;
}

static void
drop_merged(struct monitor *monitor, struct kept **kept)
{
	monitor->room.merged -= *kept != NULL ? (*kept)->merged : 0;
	kept_free(*kept);
	*kept = NULL;
}

/* What pictures keep of several series: it is made again where there is room. */
static void
drop_all_merged(struct monitor *monitor)
{
	for (size_t i = 0; i < monitor->services_count; i++)
		drop_merged(monitor, &monitor->services[i].kept);
	for (size_t m = 0; m < monitor->models_count; m++)
		for (size_t i = 0; i < monitor->models[m]->versions_count; i++)
			drop_merged(monitor, &monitor->models[m]->versions[i].kept);
}

static bool
is_rarer(const struct series *a, const struct series *b, wall_us now)
{
	bool first = a->tally.all < TALLY_LEAD, second = b->tally.all < TALLY_LEAD;
	if (first != second)
		return first;
	uint64_t one = tally_recent(&a->tally, now), other = tally_recent(&b->tally, now);
	return one != other ? one < other : a->last_ts < b->last_ts;
}

/* NULL: there is but one that could go. */
static struct series *
find_rarest(const struct monitor *monitor, wall_us newest)
{
	struct series *rarest = NULL;
	size_t count = 0;
	for (size_t i = 0; i < monitor->series_count; i++) {
		struct series *series = monitor->series[i];
		if (series->folded || series->mixed)
			continue;
		count++;
		if (rarest == NULL || is_rarer(series, rarest, newest))
			rarest = series;
	}
	return count > 1 ? rarest : NULL;
}

static wall_us
find_newest(const struct monitor *monitor)
{
	wall_us newest = INT64_MIN;
	for (size_t i = 0; i < monitor->series_count; i++)
		if (monitor->series[i]->last_ts > newest)
			newest = monitor->series[i]->last_ts;
	return newest;
}

/* So clearly that two of the same traffic do not take each other's place by chance; of one that had
 * not a record since, whatever the pace. */
static bool
is_ahead(const struct tally *tally, const struct series *rarest, wall_us now)
{
	return rarest->last_ts < tally->began ||
	       tally_recent(tally, now) >= 2 * tally_recent(&rarest->tally, now) + TALLY_LEAD;
}

bool
room_returns(struct monitor *monitor, struct series *series, wall_us ts)
{
	if (!room_is_ample(&monitor->room)) {
		if (series->tally.all % TALLY_LEAD != 0) /* to look every so often is enough */
			return false;
		wall_us newest = find_newest(monitor), now = newest > ts ? newest : ts;
		struct series *rarest = find_rarest(monitor, now);
		if (rarest == NULL || !is_ahead(&series->tally, rarest, now))
			return false;
		room_fold(monitor, rarest, newest + 1);
	}
	room_unfold(monitor, series);
	return true;
}

void
room_make(struct monitor *monitor)
{
	struct room *room = &monitor->room;
	shrink_recents(monitor);
	if (room->used + room->merged <= room->most)
		return;
	wall_us newest = find_newest(monitor);
	drop_all_merged(monitor);
	struct series *rarest;
	while (room->used > room->most && (rarest = find_rarest(monitor, newest)) != NULL)
		room_fold(monitor, rarest, newest + 1);
	if (room->freed > room->most / 8) {
		mem_trim();
		room->freed = 0;
	}
}

struct windows_view
room_view(const struct monitor *monitor)
{
	const struct room *room = &monitor->room;
	struct windows_view view = {
	    .most = room->most, .elsewhere = room->elsewhere, .passed = room->passed};
	for (size_t i = 0; i < monitor->series_count; i++)
		view.folded += monitor->series[i]->folded;
	return view;
}
