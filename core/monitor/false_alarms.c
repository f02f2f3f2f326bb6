#include "core/monitor/false_alarms.h"

#include <math.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/monitor/verdict.h"

enum { LARGER = 10, NAMED = 3 };

struct column {
	const char *name; /* NULL: the score */
	const struct config_feature *own;
	size_t bins;
	double reference; /* records in it */
	int hours; /* of the day or week that it is kept by; 0: no season */
};

static struct column
column_of(const struct config *config, const struct profile_feature *feature, const char *name)
{
	const struct config_feature *own = name != NULL ? config_feature(config, name) : NULL;
	const char *declared = name == NULL  ? config->score_season
			       : own != NULL ? own->season
					     : "auto";
	enum season season =
	    feature->hours != NULL ? season_chosen(declared, feature->season) : SEASON_NONE;
	return (struct column){.name = name,
	    .own = own,
	    .bins = feature->bins.coarse_count,
	    .reference = (double)feature->n,
	    .hours = season == SEASON_HOUR_OF_DAY    ? 24
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
add_rate(struct false_alarms_rate *rate, double chance, double looks)
{
	rate->window += chance;
	rate->day += chance * looks;
}

static void
add_column(struct false_alarms *sum, const struct config *config, const struct column *column,
    size_t columns)
{
	struct verdict_limits limits = column->name == NULL
					   ? verdict_limits_score(config)
					   : verdict_limits_feature(config, column->own);
	int64_t window_us = config_feature_window(config, column->own);
	double looks = (double)CLOCK_DAY * FALSE_ALARMS_LOOKS / (double)window_us;
	double reference = reference_of(column, window_us), least = (double)limits.min_samples;
	add_rate(&sum->least, verdict_false_alarm(&limits, column->bins, reference, least, columns),
	    looks);
	add_rate(&sum->larger,
	    verdict_false_alarm(&limits, column->bins, reference, least * LARGER, columns), looks);
	sum->columns++;
	sum->seasonal += column->hours > 0;
	if (reference >= least)
		return;
	if (sum->few < NAMED)
		text_append(sum->few_names, sizeof(sum->few_names), "%s%.30s",
		    sum->few > 0 ? ", " : "", column->name != NULL ? column->name : "score");
	sum->few++;
	sum->few_more = sum->few > NAMED;
}

static struct false_alarms
begin(const struct config *config)
{
	double least = (double)config->min_samples;
	return (struct false_alarms){.least.n = least, .larger.n = least * LARGER};
}

struct false_alarms
false_alarms_of_profile(const struct config *config, const struct profile *profile)
{
	struct false_alarms sum = begin(config);
	size_t columns = profile->features_count + 1;
	for (size_t i = 0; i < profile->features_count; i++) {
		const struct profile_feature *feature = &profile->features[i];
		struct column column = column_of(config, feature, feature->name);
		add_column(&sum, config, &column, columns);
	}
	if (profile->scores_count > 0) {
		struct column column = column_of(config, &profile->scores[0].score, NULL);
		add_column(&sum, config, &column, columns);
	}
	return sum;
}

struct false_alarms
false_alarms_assumed(const struct config *config)
{
	struct false_alarms sum = begin(config);
	struct column column = {
	    .name = "", .bins = FALSE_ALARMS_BINS, .reference = (double)config->reference_records};
	for (size_t i = 0; i < FALSE_ALARMS_FEATURES; i++)
		add_column(&sum, config, &column, FALSE_ALARMS_FEATURES + 1);
	column.name = NULL;
	add_column(&sum, config, &column, FALSE_ALARMS_FEATURES + 1);
	return sum;
}
