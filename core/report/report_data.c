/* report_data.c: see report_data.h. A share beyond its limit is a fault only if it is more than
 * chance gives two samples of one source: the least and greatest of both lie with the smaller one
 * now and then, and each sample has rare words of its own. */
#include "core/report/report_data.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/text.h"

static double
share_of(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

static void
add_unseen(struct report_data *data, const char *text, uint64_t count)
{
	data->unseen += count;
	size_t place = REPORT_UNSEEN;
	while (place > 0 && data->unseen_top[place - 1].count < count)
		place--;
	if (place == REPORT_UNSEEN)
		return;
	for (size_t i = REPORT_UNSEEN - 1; i > place; i--)
		data->unseen_top[i] = data->unseen_top[i - 1];
	data->unseen_top[place].count = count;
	text_copy(data->unseen_top[place].text, sizeof(data->unseen_top[place].text), text);
}

/* Both lists are in order of the text. */
static void
find_unseen_words(
    struct report_data *data, const struct report_base *base, const struct report_side *current)
{
	const struct bins *bins = &base->feature->bins;
	const struct report_side *known = base->side;
	size_t at = 0;
	for (size_t i = 0; i < current->words_count; i++) {
		const struct report_word *word = &current->words[i];
		bool seen;
		if (known != NULL) {
			while (at < known->words_count &&
			       strcmp(known->words[at].text, word->text) < 0)
				at++;
			seen = at < known->words_count &&
			       strcmp(known->words[at].text, word->text) == 0;
		} else {
			seen = bins_find_word(bins, word->text) + 1 < bins->count;
		}
		if (!seen)
			add_unseen(data, word->text, word->count);
	}
	data->unseen_known = known != NULL || !bins->has_other;
}

static void
find_unseen_numbers(
    struct report_data *data, const struct bins *bins, const struct report_side *current)
{
	for (uint64_t i = 0; i < current->n;) {
		uint64_t from = i;
		double value = current->numbers[i];
		while (i < current->n && current->numbers[i] == value)
			i++;
		if (bins_find_number(bins, value) + 1 < bins->count)
			continue;
		char text[32];
		add_unseen(data, jsonw_format_double(text, sizeof(text), value), i - from);
	}
	data->unseen_known = true;
}

static void
find_range(
    struct report_data *data, const struct profile_feature *feature, const struct report_side *side)
{
	data->low = feature->low;
	data->high = feature->high;
	while (data->below < side->n && side->numbers[data->below] < data->low)
		data->below++;
	while (data->above < side->n - data->below &&
	       side->numbers[side->n - 1 - data->above] > data->high)
		data->above++;
}

static bool
is_constant(const struct report_side *side)
{
	if (side->categorical)
		return side->words_count == 1;
	return side->n > 1 && side->numbers[0] == side->numbers[side->n - 1];
}

static bool
varies(const struct profile_feature *feature)
{
	if (feature->bins.kind != BINS_CATEGORIES_KIND)
		return feature->low < feature->high;
	size_t used = 0;
	for (size_t i = 0; i < feature->bins.count; i++)
		used += feature->counts[i] > 0;
	return used > 1;
}

/* The chance that the `beyond` greatest of both samples are all of the second one. */
static double
chance_beyond(uint64_t beyond, uint64_t n, uint64_t m)
{
	return pow((double)m / (double)(n + m), (double)beyond);
}

static bool
is_out_of_range(const struct report_data *data, uint64_t n, uint64_t m, const struct config *config)
{
	double p = fmin(chance_beyond(data->below, n, m), chance_beyond(data->above, n, m));
	return share_of(data->below + data->above, m) > config->range_share &&
	       2 * p <= config->alpha;
}

/* Words that the reference has once are as many as a further sample of it would bring anew (Good
 * 1953). */
static bool
is_unseen(const struct report_data *data, const struct report_base *base, uint64_t m,
    const struct config *config)
{
	uint64_t once = 0;
	for (size_t i = 0; base->side != NULL && i < base->side->words_count; i++)
		once += base->side->words[i].count == 1;
	double p = test_proportions((double)once, (double)base->n, (double)data->unseen, (double)m)
		       .p_value;
	double share = share_of(data->unseen, m);
	return share > config->unseen_share && share > share_of(once, base->n) &&
	       p <= config->alpha;
}

static void __attribute__((format(printf, 3, 4)))
blame(struct report_data *data, enum severity severity, const char *format, ...)
{
	if (severity <= data->severity)
		return;
	va_list args;
	data->severity = severity;
	va_start(args, format);
	vsnprintf(data->reason, sizeof(data->reason), format, args);
	va_end(args);
}

static void
judge(struct report_data *data, const struct report_base *base, const struct report_side *current,
    const struct config *config, uint64_t min_samples)
{
	uint64_t m = current->n + current->strangers;
	data->severity = SEVERITY_OK;
	if (data->nulls_severity >= SEVERITY_WARNING)
		blame(data, data->nulls_severity, "nulls rose from %.2f %% to %.2f %%",
		    100 * data->nulls_reference, 100 * data->nulls);
	if (base->n < min_samples || m < min_samples) {
		if (data->severity == SEVERITY_OK)
			data->severity = SEVERITY_INSUFFICIENT;
		return;
	}
	if (data->constant)
		blame(data, SEVERITY_CRITICAL, "all of its values are one");
	if (data->type_changed > config->type_share)
		blame(data, SEVERITY_WARNING, "%.2f %% of its values are of another type",
		    100 * data->type_changed);
	if (data->unseen_beyond)
		blame(data, SEVERITY_WARNING, "%.2f %% of its values are new, most of them %.64s",
		    100 * share_of(data->unseen, m), data->unseen_top[0].text);
	if (share_of(data->nonfinite, m + data->nonfinite) > config->type_share)
		blame(data, SEVERITY_WARNING, "%.2f %% of its values are infinite",
		    100 * share_of(data->nonfinite, m + data->nonfinite));
	if (is_out_of_range(data, base->n, m, config))
		blame(data, SEVERITY_WARNING, "%.2f %% of its values are outside %.6g to %.6g",
		    100 * share_of(data->below + data->above, m), data->low, data->high);
}

/* What is infinite is not a null: it is counted apart. */
static void
compare_nulls(struct report_data *data, const struct report_base *base, uint64_t missing,
    uint64_t records, const struct config *config, uint64_t min_samples)
{
	uint64_t before = base->n + base->missing;
	uint64_t nulls = base->missing - (base->side != NULL ? base->side->nonfinite : 0);
	data->nulls_reference = share_of(nulls, before);
	data->nulls_z =
	    test_proportions((double)nulls, (double)before, (double)missing, (double)records);
	data->nulls_severity = verdict_nulls(nulls, before, missing, records, config->alpha,
	    config->nulls_rise, config->nulls_critical, min_samples);
}

struct report_data
report_data_of(const struct report_base *base, const struct report_side *current,
    double numeric_share, bool absent, const struct config *config, uint64_t min_samples)
{
	uint64_t records = current->n + current->missing + current->strangers;
	uint64_t missing = current->missing - current->nonfinite;
	struct report_data data = {.compared = base->known,
	    .nulls_reference = NAN,
	    .nulls = share_of(missing, records),
	    .nulls_z = {NAN, NAN, NAN, NAN, NAN},
	    .nonfinite = current->nonfinite,
	    .low = NAN,
	    .high = NAN,
	    .type_changed = NAN,
	    .absent = absent,
	    .extra = !base->known};
	if (absent || data.extra) {
		data.severity = absent ? SEVERITY_CRITICAL : SEVERITY_WARNING;
		text_copy(data.reason, sizeof(data.reason),
		    absent ? "the data has no such column" : "the reference has no such column");
		return data;
	}
	compare_nulls(&data, base, missing, records, config, min_samples);
	data.type_changed = fabs(numeric_share - base->numeric_share);
	const struct profile_feature *feature = base->feature;
	if (feature != NULL) {
		bool words = feature->bins.kind == BINS_CATEGORIES_KIND;
		data.constant = varies(feature) && is_constant(current);
		if (words && current->categorical)
			find_unseen_words(&data, base, current);
		if (!words && !current->categorical)
			find_range(&data, feature, current);
		if (feature->bins.kind == BINS_VALUES && !current->categorical)
			find_unseen_numbers(&data, &feature->bins, current);
		data.unseen_beyond =
		    is_unseen(&data, base, current->n + current->strangers, config);
	}
	judge(&data, base, current, config, min_samples);
	return data;
}

static void
write_nulls(struct jsonw *json, const struct report_data *data)
{
	jsonw_open_object(json, "nulls");
	jsonw_number(json, "reference", data->nulls_reference);
	jsonw_number(json, "current", data->nulls);
	jsonw_open_object(json, "z");
	jsonw_number(json, "statistic", data->nulls_z.statistic);
	jsonw_number(json, "p_value", data->nulls_z.p_value);
	jsonw_close_object(json);
	jsonw_string(json, "severity",
	    data->compared && !data->absent ? severity_name(data->nulls_severity) : NULL);
	jsonw_close_object(json);
}

static void
write_unseen(struct jsonw *json, const struct report_data *data, uint64_t n)
{
	if (!data->unseen_known) {
		jsonw_null(json, "unseen");
		return;
	}
	jsonw_open_object(json, "unseen");
	jsonw_int(json, "count", (int64_t)data->unseen);
	jsonw_number(json, "share", share_of(data->unseen, n));
	jsonw_open_array(json, "top");
	for (size_t i = 0; i < REPORT_UNSEEN && data->unseen_top[i].count > 0; i++) {
		jsonw_open_object(json, NULL);
		jsonw_string(json, "value", data->unseen_top[i].text);
		jsonw_int(json, "count", (int64_t)data->unseen_top[i].count);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	jsonw_close_object(json);
}

void
report_data_write(struct jsonw *json, const struct report_data *data, uint64_t n)
{
	jsonw_open_object(json, "data");
	write_nulls(json, data);
	jsonw_int(json, "nonfinite", (int64_t)data->nonfinite);
	if (isnan(data->low)) {
		jsonw_null(json, "out_of_range");
	} else {
		uint64_t outside = data->below + data->above;
		jsonw_open_object(json, "out_of_range");
		jsonw_int(json, "count", (int64_t)outside);
		jsonw_number(json, "share", share_of(outside, n));
		jsonw_number(json, "low", data->low);
		jsonw_number(json, "high", data->high);
		jsonw_close_object(json);
	}
	write_unseen(json, data, n);
	jsonw_number(json, "type_changed", data->type_changed);
	jsonw_bool(json, "constant", data->constant);
	jsonw_bool(json, "absent", data->absent);
	jsonw_bool(json, "extra", data->extra);
	jsonw_string(json, "severity", severity_name(data->severity));
	jsonw_string(json, "reason", data->reason[0] != '\0' ? data->reason : NULL);
	jsonw_close_object(json);
}
