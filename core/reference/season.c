/* season.c: see season.h. Rows of the reference are pooled by a group: the hour of the week, the
 * hour of the day, or all in one. */
#include "core/reference/season.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/dist.h"

enum { HOURS_OF_DAY = 24, EPOCH = 72 }; /* 1970 began on a Thursday */

/* From here on a column follows the calendar: the effect, and how sure of it; of all hours, or of
 * one of them (of so many). */
#define SEASON_EFFECT 0.02
#define SEASON_CHANCE 1e-5
#define SEASON_HOUR_EFFECT 0.05
#define SEASON_HOUR_CHANCE 1e-8
/* What share of a window may fall into hours the reference does not know. */
#define SEASON_UNKNOWN 0.01

static const char *const names[] = {"auto", "none", "hour-of-day", "hour-of-week"};

size_t
season_hour(wall_us ts)
{
	int64_t hour = ts / CLOCK_HOUR - (ts % CLOCK_HOUR < 0);
	int64_t of_week = (hour % SEASON_HOURS + EPOCH) % SEASON_HOURS;
	return (size_t)(of_week < 0 ? of_week + SEASON_HOURS : of_week);
}

bool
season_parse(const char *word, enum season *season)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(word, names[i]) == 0) {
			*season = (enum season)i;
			return true;
		}
	}
	return false;
}

const char *
season_name(enum season season)
{
	return names[season];
}

enum season
season_chosen(const char *word, enum season recognised)
{
	enum season season = SEASON_AUTO;
	season_parse(word, &season);
	if (season == SEASON_AUTO)
		season = recognised;
	return season == SEASON_AUTO ? SEASON_NONE : season;
}

enum season
season_of_span(int64_t span_us)
{
	return span_us >= 14 * CLOCK_DAY  ? SEASON_HOUR_OF_WEEK
	       : span_us >= 2 * CLOCK_DAY ? SEASON_HOUR_OF_DAY
					  : SEASON_NONE;
}

static size_t
groups_of(enum season season)
{
	return season == SEASON_HOUR_OF_WEEK  ? SEASON_HOURS
	       : season == SEASON_HOUR_OF_DAY ? HOURS_OF_DAY
					      : 1;
}

/* The rows of `hours` pooled into `groups` rows (168 is a multiple of each), and their sums. */
static void
pool(const uint32_t *hours, size_t bins, size_t groups, uint64_t *rows, uint64_t *sums)
{
	memset(rows, 0, groups * bins * sizeof(*rows));
	memset(sums, 0, groups * sizeof(*sums));
	for (size_t hour = 0; hour < SEASON_HOURS; hour++) {
		uint64_t *row = rows + hour % groups * bins;
		for (size_t bin = 0; bin < bins; bin++) {
			row[bin] += hours[hour * bins + bin];
			sums[hour % groups] += hours[hour * bins + bin];
		}
	}
}

/* The window's records by group where the reference has any, and their sum. False if more than
 * SEASON_UNKNOWN of them have nothing to be compared with. */
static bool
weigh(const uint64_t window[SEASON_HOURS], size_t groups, const uint64_t *sums, double *weights,
    double *known)
{
	double all = 0;
	memset(weights, 0, groups * sizeof(*weights));
	for (size_t hour = 0; hour < SEASON_HOURS; hour++) {
		weights[hour % groups] += (double)window[hour];
		all += (double)window[hour];
	}
	*known = 0;
	for (size_t i = 0; i < groups; i++) {
		if (sums[i] == 0)
			weights[i] = 0;
		*known += weights[i];
	}
	return all > 0 && all - *known <= SEASON_UNKNOWN * all;
}

bool
season_mix(const uint32_t *hours, size_t bins, enum season season,
    const uint64_t window[SEASON_HOURS], double *counts, double *effective)
{
	size_t groups = groups_of(season);
	uint64_t *rows = mem_grow(NULL, groups * bins, sizeof(*rows));
	uint64_t sums[SEASON_HOURS];
	double weights[SEASON_HOURS], known, inverse = 0;
	pool(hours, bins, groups, rows, sums);
	bool comparable = weigh(window, groups, sums, weights, &known);
	memset(counts, 0, bins * sizeof(*counts));
	*effective = 0;
	for (size_t i = 0; comparable && i < groups; i++) {
		if (weights[i] <= 0)
			continue;
		double share = weights[i] / known, part = share / (double)sums[i];
		inverse += share * part;
		for (size_t bin = 0; bin < bins; bin++)
			counts[bin] += part * (double)rows[i * bins + bin];
	}
	if (comparable)
		*effective = 1 / inverse;
	for (size_t bin = 0; bin < bins; bin++)
		counts[bin] *= *effective;
	free(rows);
	return comparable;
}

static size_t
count_used(const uint64_t *values, size_t n)
{
	size_t used = 0;
	for (size_t i = 0; i < n; i++)
		used += values[i] > 0;
	return used;
}

/* What one hour says against all: twice its divergence from them times its records (G), and
 * Pearson's chi-square. */
struct evidence {
	double g, square;
};

static struct evidence
weigh_hour(const uint64_t *row, double sum, const uint64_t *columns, size_t bins, double n)
{
	struct evidence evidence = {0, 0};
	for (size_t bin = 0; bin < bins; bin++) {
		double cell = (double)row[bin], expected = sum * (double)columns[bin] / n;
		if (row[bin] > 0)
			evidence.g += 2 * cell * log(cell / expected);
		if (expected > 0)
			evidence.square += (cell - expected) * (cell - expected) / expected;
	}
	return evidence;
}

/* G of all hours over N is twice the mutual information; less its bias it is the effect (Miller
 * 1955). The bias is that of full cells; where cells are sparse it is larger, so Pearson's
 * chi-square, whose mean under independence is (B-1)(H-1) however sparse, must be beyond chance as
 * well. For one hour it is G alone that counts: one rare word makes a chi-square of any size. */
static bool
depends(const uint64_t *rows, const uint64_t *sums, size_t groups, size_t bins)
{
	uint64_t *columns = mem_alloc(bins * sizeof(*columns));
	struct evidence all = {0, 0};
	double n = 0;
	bool one = false;
	for (size_t i = 0; i < groups; i++) {
		n += (double)sums[i];
		for (size_t bin = 0; bin < bins; bin++)
			columns[bin] += rows[i * bins + bin];
	}
	double used = (double)count_used(columns, bins), in = (double)count_used(sums, groups);
	for (size_t i = 0; i < groups && used > 1; i++) {
		struct evidence hour =
		    weigh_hour(rows + i * bins, (double)sums[i], columns, bins, n);
		all.g += hour.g;
		all.square += hour.square;
		one = one || (hour.g - (used - 1) >= SEASON_HOUR_EFFECT * (double)sums[i] &&
				 dist_chi2_sf(hour.g, used - 1) < SEASON_HOUR_CHANCE);
	}
	free(columns);
	if (used < 2 || in < 2)
		return false;
	double freedom = (used - 1) * (in - 1);
	return one || (all.g - freedom >= SEASON_EFFECT * n &&
			  dist_chi2_sf(all.square, freedom) < SEASON_CHANCE);
}

enum season
season_recognise(const uint32_t *hours, size_t bins, int64_t span_us)
{
	enum season season = season_of_span(span_us);
	if (season == SEASON_NONE || bins == 0)
		return SEASON_NONE;
	size_t groups = groups_of(season);
	uint64_t *rows = mem_grow(NULL, groups * bins, sizeof(*rows));
	uint64_t sums[SEASON_HOURS];
	pool(hours, bins, groups, rows, sums);
	if (!depends(rows, sums, groups, bins))
		season = SEASON_NONE;
	free(rows);
	return season;
}
