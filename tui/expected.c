/* expected.c: a look at one window of one calm column warns with at most the chance that
 * verdict_false_alarm says. An alarm begins at a look at which the newest window warns, so no more
 * alarms begin in a day than the sum of that over columns and looks, whatever windows have in
 * common; that k of n must agree can only lessen it. */
#include "tui/expected.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/base/mem.h"
#include "core/expect/suite.h"
#include "core/reference/profile.h"
#include "core/monitor/verdict.h"
#include "tui/figure.h"
#include "tui/parts.h"

enum { ASSUMED_FEATURES = 12, ASSUMED_BINS = 10, LARGER = 10, LOOKS = 12, NAMED = 3 };

struct column {
	const char *name; /* NULL: the score */
	size_t bins;
	double reference; /* records in it */
	int hours; /* of the day or week that it is kept by; 0: no season */
};

struct tally {
	double window[2], day[2]; /* at min_samples, and at LARGER times as many */
	size_t columns, seasonal, few;
	char few_names[120]; /* the first of them */
};

static enum season
season_of(const struct config *config, const char *name, enum season recognised)
{
	enum season season = SEASON_AUTO;
	const char *word = name == NULL ? config->score_season : "auto";
	for (size_t i = 0; name != NULL && i < config->features_count; i++) {
		if (strcmp(config->features[i].name, name) == 0)
			word = config->features[i].season;
	}
	season_parse(word, &season);
	return season == SEASON_AUTO ? recognised : season;
}

static struct column
column_of(const struct config *config, const struct profile_feature *feature, const char *name)
{
	enum season season = season_of(config, name, feature->season);
	bool follows = feature->hours != NULL;
	return (struct column){.name = name,
	    .bins = feature->bins.coarse_count,
	    .reference = (double)feature->n,
	    .hours = !follows			     ? 0
		     : season == SEASON_HOUR_OF_DAY  ? 24
		     : season == SEASON_HOUR_OF_WEEK ? SEASON_HOURS
						     : 0};
}

/* Of a column in season: about so many records are of a window's hours. */
static double
reference_of(const struct column *column, int64_t window_us)
{
	double hours = fmax((double)window_us / (double)CLOCK_HOUR, 1);
	return column->hours == 0 ? column->reference
				  : column->reference * fmin(hours / column->hours, 1);
}

static void
add_column(
    struct tally *tally, const struct config *config, const struct column *column, size_t columns)
{
	struct verdict_limits limits = {.warning = config->score_psi_warning,
	    .critical = config->score_psi_critical,
	    .alpha = config->alpha,
	    .min_samples = (uint64_t)config->min_samples};
	int64_t window_us = config->comparison_us;
	if (column->name != NULL) {
		limits.warning = config->psi_warning;
		limits.critical = config->psi_critical;
	}
	for (size_t i = 0; column->name != NULL && i < config->features_count; i++) {
		const struct config_feature *own = &config->features[i];
		if (strcmp(own->name, column->name) != 0)
			continue;
		limits.warning = isnan(own->warning) ? limits.warning : own->warning;
		limits.critical = isnan(own->critical) ? limits.critical : own->critical;
		if (own->min_samples > 0)
			limits.min_samples = (uint64_t)own->min_samples;
		if (own->window_us > 0)
			window_us = own->window_us;
	}
	double looks = (double)CLOCK_DAY * LOOKS / (double)window_us;
	double reference = reference_of(column, window_us);
	for (int i = 0; i < 2; i++) {
		double n = (double)limits.min_samples * (i == 0 ? 1 : LARGER);
		double chance = verdict_false_alarm(&limits, column->bins, reference, n, columns);
		tally->window[i] += chance;
		tally->day[i] += chance * looks;
	}
	tally->columns++;
	tally->seasonal += column->hours > 0;
	if (reference >= (double)limits.min_samples)
		return;
	if (tally->few < NAMED)
		text_append(tally->few_names, sizeof(tally->few_names), "%s%.30s",
		    tally->few > 0 ? ", " : "", column->name != NULL ? column->name : "score");
	tally->few++;
}

static struct tally
tally_profile(const struct config *config, const struct profile *profile)
{
	struct tally tally = {0};
	size_t columns = profile->features_count + 1;
	for (size_t i = 0; i < profile->features_count; i++) {
		const struct profile_feature *feature = &profile->features[i];
		struct column column = column_of(config, feature, feature->name);
		add_column(&tally, config, &column, columns);
	}
	if (profile->scores_count > 0) {
		struct column column = column_of(config, &profile->scores[0].score, NULL);
		add_column(&tally, config, &column, columns);
	}
	return tally;
}

static struct tally
tally_assumed(const struct config *config)
{
	struct tally tally = {0};
	struct column column = {
	    .name = "", .bins = ASSUMED_BINS, .reference = (double)config->reference_records};
	for (size_t i = 0; i <= ASSUMED_FEATURES; i++) {
		if (i == ASSUMED_FEATURES)
			column.name = NULL;
		add_column(&tally, config, &column, ASSUMED_FEATURES + 1);
	}
	return tally;
}

/* `0.0021`, `4e-07`; the least that is told apart is 1e-09. */
static const char *
small(char dst[32], double value)
{
	if (value < 1e-9)
		return "1e-09";
	snprintf(dst, 32, value >= 0.01 ? "%.2f" : "%.1g", value);
	return dst;
}

static void
put_tally(const struct config *config, const struct tally *tally, struct buf *out)
{
	char number[FIGURE_SIZE], day[32], window[32];
	for (int i = 0; i < 2; i++) {
		double n = (double)config->min_samples * (i == 0 ? 1 : LARGER);
		buf_printf(out, "    at n = %s a window: at most %s a day (%s a window)\n",
		    figure_number(number, n, 0), small(day, tally->day[i]),
		    small(window, tally->window[i]));
	}
	if (tally->seasonal > 0)
		buf_printf(out,
		    "    %zu of the %zu columns compared with the same hours of the reference\n",
		    tally->seasonal, tally->columns);
	if (tally->few > 0)
		buf_printf(out,
		    "    %zu of the %zu columns will not be judged, for too few records in what "
		    "they "
		    "are compared with: %s%s\n",
		    tally->few, tally->columns, tally->few_names,
		    tally->few > NAMED ? ", ..." : "");
}

static void
put_model(const struct config *config, const char *model, struct buf *out)
{
	struct err err = {0};
	const char *path = NULL;
	char number[FIGURE_SIZE];
	for (size_t i = 0; i < config->references_count; i++) {
		if (strcmp(config->references[i].model, model) == 0)
			path = config->references[i].profile;
	}
	struct profile *profile = path != NULL ? profile_read(path, &err) : NULL;
	struct tally tally =
	    profile != NULL ? tally_profile(config, profile) : tally_assumed(config);
	buf_printf(out, "  %s: ", model[0] != '\0' ? model : "any model");
	if (profile != NULL)
		buf_printf(out, "%zu features%s of %s (%s records)\n", profile->features_count,
		    tally.columns > profile->features_count ? " and the score" : "", path,
		    figure_count(number, profile->records));
	else if (path != NULL)
		buf_printf(out, "%s; assumed: ", err.text);
	else
		buf_puts(out, "no profile; assumed: ");
	if (profile == NULL)
		buf_printf(out, "%d features and the score, %d bins each, a reference of %s\n",
		    ASSUMED_FEATURES, ASSUMED_BINS,
		    figure_count(number, (uint64_t)config->reference_records));
	put_tally(config, &tally, out);
	profile_free(profile);
}

/* A suite that cannot be read stops the dashboard; what it cannot check is named there. */
static void
put_suite(const char *path, struct buf *out)
{
	struct err err = {0};
	struct suite *suite = suite_read(path, &err);
	if (suite == NULL) {
		buf_printf(out, "  expectations: %s\n", err.text);
		return;
	}
	size_t size = suite_size(suite), unknown = 0;
	struct suite_counts *counts = suite_counts_new(suite);
	struct expectation_view *views = mem_alloc(size * sizeof(*views) + 1);
	suite_judge(suite, counts, views);
	for (size_t i = 0; i < size; i++)
		unknown += views[i].state == EXPECTATION_UNKNOWN;
	buf_printf(out, "  expectations: %zu of %s", size, path);
	if (unknown > 0)
		buf_printf(out, ", of which this version does not know %zu", unknown);
	for (size_t i = 0; i < size; i++) {
		if (views[i].state == EXPECTATION_UNKNOWN)
			buf_printf(out, "\n    %s%s%s: %s", views[i].type,
			    views[i].column[0] != '\0' ? " of " : "", views[i].column,
			    views[i].observed);
	}
	buf_puts(out, "\n");
	free(views);
	suite_counts_free(counts);
	suite_free(suite);
}

static bool
is_first(const struct config *config, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (strcmp(config->services[i].model, config->services[at].model) == 0)
			return false;
	}
	return true;
}

static void
put_concept(const struct config *config, struct buf *out)
{
	if (strcmp(config->detector, "adwin") == 0)
		buf_printf(out,
		    "  concept drift: ADWIN with delta %g, shared by the %d streams of a series",
		    config->concept_delta, CONCEPT_STREAMS);
	else
		buf_printf(out, "  concept drift: %s, which bounds no rate of false alarms",
		    config->detector);
	buf_puts(out, "; only a rise of the label error alarms\n");
}

void
expected_print(const struct config *config, struct buf *out)
{
	char window[16], step[16];
	parts_duration(window, sizeof(window), config->comparison_us);
	parts_duration(step, sizeof(step), config->comparison_us / LOOKS);
	buf_printf(out,
	    "False alarms of drift to expect if nothing drifts; windows of %s, one every %s, of "
	    "which %lld of the last %lld must agree:\n",
	    window, step, (long long)config->confirm_windows, (long long)config->of_windows);
	for (size_t i = 0; i < config->services_count; i++) {
		if (is_first(config, i))
			put_model(config, config->services[i].model, out);
	}
	if (config->services_count == 0)
		put_model(config, "", out);
	put_concept(config, out);
	for (size_t i = 0; i < config->expectations_count; i++)
		put_suite(config->expectations[i].suite, out);
}
