#include "tui/expected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/expect/suite.h"
#include "core/monitor/false_alarms.h"
#include "core/reference/profile.h"
#include "tui/figure.h"
#include "tui/parts.h"

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
put_rate(const struct false_alarms_rate *rate, struct buf *out)
{
	char number[FIGURE_SIZE], day[32], window[32];
	buf_printf(out, "    at n = %s a window: at most %s a day (%s a window)\n",
	    figure_number(number, rate->n, 0), small(day, rate->day), small(window, rate->window));
}

static void
put_false_alarms(const struct false_alarms *sum, struct buf *out)
{
	put_rate(&sum->least, out);
	put_rate(&sum->larger, out);
	if (sum->seasonal > 0)
		buf_printf(out,
		    "    %zu of the %zu columns compared with the same hours of the reference\n",
		    sum->seasonal, sum->columns);
	if (sum->few > 0)
		buf_printf(out,
		    "    %zu of the %zu columns will not be judged, for too few records in what "
		    "they "
		    "are compared with: %s%s\n",
		    sum->few, sum->columns, sum->few_names, sum->few_more ? ", ..." : "");
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
	struct false_alarms sum = profile != NULL ? false_alarms_of_profile(config, profile)
						  : false_alarms_assumed(config);
	buf_printf(out, "  %s: ", model[0] != '\0' ? model : "any model");
	if (profile != NULL)
		buf_printf(out, "%zu features%s of %s (%s records)\n", profile->features_count,
		    sum.columns > profile->features_count ? " and the score" : "", path,
		    figure_count(number, profile->records));
	else if (path != NULL)
		buf_printf(out, "%s; assumed: ", err.text);
	else
		buf_puts(out, "no profile; assumed: ");
	if (profile == NULL)
		buf_printf(out, "%d features and the score, %d bins each, a reference of %s\n",
		    FALSE_ALARMS_FEATURES, FALSE_ALARMS_BINS,
		    figure_count(number, (uint64_t)config->reference_records));
	put_false_alarms(&sum, out);
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
	parts_duration(step, sizeof(step), config->comparison_us / FALSE_ALARMS_LOOKS);
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
