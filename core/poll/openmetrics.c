/* openmetrics.c: the rules of OpenMetrics 1.0 beyond the grammar of a line, with the verdicts of
 * its own test cases (and of prometheus_client, from which those come).
 *
 * What always holds: one family is open at a time, and in it one group (the labels without `le`,
 * `quantile` or the state). Names, groups and series that were there are kept as 64-bit hashes in
 * one set, each kind with its own salt, so that memory is bounded by the lines. */
#include "core/poll/openmetrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/poll/seen.h"

enum type {
	TYPE_UNKNOWN,
	TYPE_GAUGE,
	TYPE_COUNTER,
	TYPE_HISTOGRAM,
	TYPE_GAUGEHISTOGRAM,
	TYPE_SUMMARY,
	TYPE_INFO,
	TYPE_STATESET,
	TYPES
};

/* What the suffix of a sample's name says it is. */
enum part {
	PART_VALUE,
	PART_TOTAL,
	PART_CREATED,
	PART_COUNT,
	PART_SUM,
	PART_BUCKET,
	PART_GCOUNT,
	PART_GSUM,
	PART_INFO,
	PARTS
};

#define BIT(part) (1u << (part))

static const char *const suffixes[PARTS] = {
    "", "_total", "_created", "_count", "_sum", "_bucket", "_gcount", "_gsum", "_info"};

static const struct {
	const char *name;
	unsigned parts;
} types[TYPES] = {
    [TYPE_UNKNOWN] = {"unknown", BIT(PART_VALUE)},
    [TYPE_GAUGE] = {"gauge", BIT(PART_VALUE)},
    [TYPE_COUNTER] = {"counter", BIT(PART_TOTAL) | BIT(PART_CREATED)},
    [TYPE_HISTOGRAM] = {"histogram",
	BIT(PART_COUNT) | BIT(PART_SUM) | BIT(PART_BUCKET) | BIT(PART_CREATED)},
    [TYPE_GAUGEHISTOGRAM] = {"gaugehistogram",
	BIT(PART_GCOUNT) | BIT(PART_GSUM) | BIT(PART_BUCKET)},
    [TYPE_SUMMARY] = {"summary",
	BIT(PART_VALUE) | BIT(PART_COUNT) | BIT(PART_SUM) | BIT(PART_CREATED)},
    [TYPE_INFO] = {"info", BIT(PART_INFO)},
    [TYPE_STATESET] = {"stateset", BIT(PART_VALUE)},
};

/* Those that only grow: no NaN, and none below zero (of sums the whole group decides). */
static const unsigned counting = BIT(PART_TOTAL) | BIT(PART_COUNT) | BIT(PART_SUM) |
				 BIT(PART_BUCKET) | BIT(PART_GCOUNT) | BIT(PART_GSUM);

/* What the points of one group have been so far, of those types whose points hang together. */
struct points {
	unsigned parts;
	double upper, value; /* of the last bucket */
	double below; /* observations in buckets below zero */
	double count;
	bool negative_bucket, negative; /* a bound; a sum or a quantile */
};

struct openmetrics {
	struct seen seen;
	bool ended;
	/* the family */
	const char *name; /* NULL: there is none yet */
	size_t length;
	enum type type;
	bool typed, helped, with_unit, sampled;
	const char *unit;
	size_t unit_length;
	uint64_t salt; /* of the family */
	/* the group */
	uint64_t group;
	bool grouped, timed;
	double time;
	unsigned parts; /* that stood there without a time */
	struct points points;
	/* the sample before */
	const char *sample;
	size_t sample_length;
	enum part part;
};

struct openmetrics *
openmetrics_new(void)
{
	return mem_alloc(sizeof(struct openmetrics));
}

void
openmetrics_free(struct openmetrics *metrics)
{
	if (metrics == NULL)
		return;
	seen_free(&metrics->seen);
	free(metrics);
}

/* --- families --- */
static bool
text_is(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(text, word, length) == 0;
}

static bool
claim_names(struct openmetrics *metrics)
{
	unsigned parts = types[metrics->type].parts | BIT(PART_VALUE);
	uint64_t hash =
	    seen_hash_more(UINT64_C(0xCBF29CE484222325), metrics->name, metrics->length);
	bool new = true;
	for (unsigned part = 0; part < PARTS; part++) {
		if ((parts & BIT(part)) != 0)
			new &= seen_add(&metrics->seen,
			    seen_hash_more(hash, suffixes[part], strlen(suffixes[part])));
	}
	return new;
}

/* Sums and quantiles below zero are against the letter, but client_golang writes them where the
 * observations are, and Prometheus reads them: they pass if some observation can have been. */
static const char *
check_histogram(const struct points *points)
{
	bool count = (points->parts & (BIT(PART_COUNT) | BIT(PART_GCOUNT))) != 0;
	bool sum = (points->parts & BIT(PART_SUM)) != 0;
	bool gsum = (points->parts & BIT(PART_GSUM)) != 0;
	if ((points->parts & BIT(PART_BUCKET)) == 0 || points->upper != INFINITY)
		return "the histogram before it has no +Inf bucket";
	if (count && points->count != points->value)
		return "the count of the histogram before it is not that of its +Inf bucket";
	if ((sum || gsum) != count)
		return "the histogram before it has one of sum and count without the other";
	if (points->negative_bucket && sum && !(points->below > 0))
		return "the histogram before it has a sum and buckets below zero";
	if (points->negative && !points->negative_bucket)
		return "the sum of the histogram before it is below zero, but no bucket is";
	return NULL;
}

static const char *
close_points(struct openmetrics *metrics)
{
	struct points points = metrics->points;
	metrics->points = (struct points){0};
	if (points.parts == 0)
		return NULL;
	if (metrics->type != TYPE_SUMMARY)
		return check_histogram(&points);
	if (points.negative && !(points.count > 0))
		return "the summary before it is below zero, but counts nothing";
	return NULL;
}

static bool
unit_fits(const struct openmetrics *metrics)
{
	size_t length = metrics->length, unit = metrics->unit_length;
	if (unit == 0)
		return true;
	return metrics->type != TYPE_INFO && metrics->type != TYPE_STATESET && length > unit &&
	       metrics->name[length - unit - 1] == '_' &&
	       memcmp(metrics->name + length - unit, metrics->unit, unit) == 0;
}

static const char *
close_family(struct openmetrics *metrics)
{
	if (metrics->name == NULL)
		return NULL;
	const char *reason = close_points(metrics);
	if (reason != NULL)
		return reason;
	if (!unit_fits(metrics))
		return "the unit of the metric before it is not the end of its name, or not for it";
	return claim_names(metrics)
		   ? NULL
		   : "the name of the metric before it, or of its series, was there";
}

static const char *
open_family(struct openmetrics *metrics, const char *name, size_t length)
{
	const char *reason = close_family(metrics);
	metrics->name = name;
	metrics->length = length;
	metrics->type = TYPE_UNKNOWN;
	metrics->typed = metrics->helped = metrics->with_unit = metrics->sampled = false;
	metrics->unit_length = 0;
	metrics->salt++;
	metrics->grouped = false;
	metrics->sample = NULL;
	return reason;
}

/* --- metadata --- */
static const char *
take_type(struct openmetrics *metrics, const char *text, size_t length)
{
	if (metrics->typed)
		return "a second TYPE of one metric";
	metrics->typed = true;
	for (unsigned type = 0; type < TYPES; type++) {
		if (text_is(text, length, types[type].name)) {
			metrics->type = type;
			return NULL;
		}
	}
	return "an unknown type of metric";
}

static const char *
take_unit(struct openmetrics *metrics, const char *text, size_t length)
{
	if (metrics->with_unit)
		return "a second UNIT of one metric";
	metrics->with_unit = true;
	metrics->unit = text;
	metrics->unit_length = length;
	return NULL;
}

/* `# WORD name rest`: exactly one space between them; the rest may be empty. */
const char *
openmetrics_comment(struct openmetrics *metrics, const char *text, const char *end)
{
	static const char shape[] = "a comment that is no HELP, TYPE, UNIT or EOF";
	const char *reason, *name = text + 7;
	if (metrics->ended)
		return "something follows # EOF";
	if (text_is(text, (size_t)(end - text), "# EOF")) {
		metrics->ended = true;
		return NULL;
	}
	if (end - text < 7 || (memcmp(text, "# HELP ", 7) != 0 && memcmp(text, "# TYPE ", 7) != 0 &&
				  memcmp(text, "# UNIT ", 7) != 0))
		return shape;
	size_t length = expoline_name(name, end, true);
	const char *rest = name + length;
	if (length == 0 || rest == end || *rest != ' ')
		return "a HELP, TYPE or UNIT line without a metric's name, or nothing after it";
	rest++;
	bool same = metrics->name != NULL && metrics->length == length &&
		    memcmp(metrics->name, name, length) == 0;
	if (same && metrics->sampled)
		return "a HELP, TYPE or UNIT line after the metric's samples";
	if (!same && (reason = open_family(metrics, name, length)) != NULL)
		return reason;
	if (text[2] == 'T')
		return take_type(metrics, rest, (size_t)(end - rest));
	if (text[2] == 'U')
		return take_unit(metrics, rest, (size_t)(end - rest));
	if (metrics->helped)
		return "a second HELP of one metric";
	metrics->helped = true;
	return NULL;
}

/* --- samples --- */
/* The part of the open family that a name is; PARTS if it is not of it. */
static enum part
find_part(const struct openmetrics *metrics, const char *name, size_t length)
{
	if (metrics->name == NULL || length < metrics->length ||
	    memcmp(name, metrics->name, metrics->length) != 0)
		return PARTS;
	for (unsigned part = 0; part < PARTS; part++) {
		if ((types[metrics->type].parts & BIT(part)) != 0 &&
		    text_is(name + metrics->length, length - metrics->length, suffixes[part]))
			return part;
	}
	return PARTS;
}

static const char *
enter_sample(struct openmetrics *metrics, const struct expoline *line)
{
	const char *reason = NULL;
	if (metrics->sample != NULL && metrics->sample_length == line->name_length &&
	    (metrics->sample == line->name ||
		memcmp(metrics->sample, line->name, line->name_length) == 0))
		return NULL;
	enum part part = find_part(metrics, line->name, line->name_length);
	if (part == PARTS && line->native && metrics->name != NULL &&
	    (metrics->type == TYPE_HISTOGRAM || metrics->type == TYPE_GAUGEHISTOGRAM) &&
	    metrics->length == line->name_length &&
	    memcmp(metrics->name, line->name, line->name_length) == 0)
		part = PART_VALUE;
	if (part == PARTS) {
		reason = open_family(metrics, line->name, line->name_length);
		part = PART_VALUE;
	}
	metrics->sampled = true;
	metrics->sample = line->name;
	metrics->sample_length = line->name_length;
	metrics->part = part;
	return reason;
}

static struct expoline_label *
find_label(struct expoline *line, const char *name, size_t length)
{
	for (size_t i = line->labels_count; i > 0; i--) { /* it is the last as a rule */
		struct expoline_label *label = &line->labels[i - 1];
		if (label->name_length == length && memcmp(label->name, name, length) == 0)
			return label;
	}
	return NULL;
}

static bool
label_number(const struct expoline_label *label, double *value)
{
	struct expoline_number number;
	const char *text = label != NULL ? label->value : NULL;
	if (label == NULL || expoline_number(&number, text, text + label->value_length) != NULL)
		return false;
	*value = expoline_value(&number);
	return !isnan(*value);
}

/* The label that tells the points of a group apart, checked; NULL if the part has none. */
static const char *
take_own_label(
    struct openmetrics *metrics, struct expoline *line, struct expoline_label **own, double *bound)
{
	*own = NULL;
	if (metrics->part == PART_BUCKET) {
		*own = find_label(line, "le", 2);
		return label_number(*own, bound) ? NULL : "a bucket without a number as its le";
	}
	if (metrics->part == PART_VALUE && metrics->type == TYPE_SUMMARY) {
		*own = find_label(line, "quantile", 8);
		return label_number(*own, bound) && *bound >= 0 && *bound <= 1
			   ? NULL
			   : "a summary's sample without a quantile of 0 to 1";
	}
	if (metrics->type == TYPE_STATESET) {
		*own = find_label(line, metrics->name, metrics->length);
		return *own != NULL ? NULL : "a stateset's sample without a label of its name";
	}
	return NULL;
}

static const char *
check_value(const struct openmetrics *metrics, double value)
{
	enum part part = metrics->part;
	if ((counting & BIT(part)) != 0 && isnan(value))
		return "what counts is not a number";
	if ((counting & BIT(part)) != 0 && part != PART_SUM && part != PART_GSUM && value < 0)
		return "what counts is below zero";
	if ((BIT(part) & (BIT(PART_BUCKET) | BIT(PART_COUNT) | BIT(PART_GCOUNT))) != 0 &&
	    value != floor(value))
		return "a bucket or a count is no whole number";
	if (metrics->type == TYPE_STATESET && value != 0 && value != 1)
		return "a state is neither 0 nor 1";
	if (part == PART_INFO && value != 1)
		return "an info is not 1";
	return NULL;
}

/* One of 0 is only made again each time. */
static uint64_t
hash_label(struct expoline_label *label)
{
	if (label->hash == 0) {
		uint64_t name = seen_hash(label->name, label->name_length, 1);
		label->hash = seen_mix(seen_hash(label->value, label->value_length, name));
	}
	return label->hash;
}

/* Labels in another order are the same group. */
static uint64_t
hash_group(struct expoline *line, const struct expoline_label *own)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < line->labels_count; i++) {
		if (&line->labels[i] != own)
			sum += hash_label(&line->labels[i]);
	}
	return sum;
}

/* A group that begins, or one that goes on with a later time. */
static const char *
enter_group(struct openmetrics *metrics, const struct expoline *line, uint64_t group)
{
	const char *reason = NULL;
	double time = line->timed ? expoline_value(&line->time) : 0;
	bool same = metrics->grouped && metrics->group == group;
	if (same && line->timed != metrics->timed)
		return "times at some samples of a group and not at others";
	if (same && line->timed && time < metrics->time)
		return "the time of a group's sample is before the last one's";
	if (!same || (line->timed && time != metrics->time))
		reason = close_points(metrics);
	if (!same && !seen_add(&metrics->seen, seen_mix(group) + metrics->salt))
		return "samples of one group are not together";
	if (!same)
		metrics->parts = 0;
	metrics->grouped = true;
	metrics->group = group;
	metrics->timed = line->timed;
	metrics->time = time;
	return reason;
}

/* Without a time no series may come twice. Buckets cannot: their bounds grow. */
static bool
is_double(struct openmetrics *metrics, const struct expoline *line, uint64_t group,
    struct expoline_label *own)
{
	unsigned bit = BIT(metrics->part);
	if (line->timed || metrics->part == PART_BUCKET)
		return false;
	if (own != NULL)
		return !seen_add(
		    &metrics->seen, seen_mix(seen_mix(group) + hash_label(own)) + metrics->salt);
	bool there = (metrics->parts & bit) != 0;
	metrics->parts |= bit;
	return there;
}

static const char *
count_bucket(struct points *points, double upper, double value)
{
	if ((points->parts & BIT(PART_BUCKET)) != 0 && upper <= points->upper)
		return "the buckets of a histogram are not in order";
	if (value < points->value)
		return "a bucket holds less than the one before it";
	if (upper < 0) {
		points->negative_bucket = true;
		points->below = value;
	}
	points->upper = upper;
	points->value = value;
	return NULL;
}

static const char *
count_point(struct openmetrics *metrics, double upper, double value)
{
	struct points *points = &metrics->points;
	const char *reason = NULL;
	if (metrics->type != TYPE_HISTOGRAM && metrics->type != TYPE_GAUGEHISTOGRAM &&
	    metrics->type != TYPE_SUMMARY)
		return NULL;
	if (metrics->part == PART_BUCKET)
		reason = count_bucket(points, upper, value);
	else if (metrics->part == PART_COUNT || metrics->part == PART_GCOUNT)
		points->count = value;
	else
		points->negative |= value < 0;
	points->parts |= BIT(metrics->part);
	return reason;
}

const char *
openmetrics_sample(struct openmetrics *metrics, struct expoline *line)
{
	struct expoline_label *own;
	double bound = 0;
	if (metrics->ended)
		return "something follows # EOF";
	const char *reason = enter_sample(metrics, line);
	if (reason != NULL)
		return reason;
	if (line->native)
		return metrics->type == TYPE_HISTOGRAM || metrics->type == TYPE_GAUGEHISTOGRAM
			   ? NULL
			   : "the value of a sample is not a number";
	if ((reason = take_own_label(metrics, line, &own, &bound)) != NULL)
		return reason;
	double value = expoline_value(&line->value);
	if ((reason = check_value(metrics, value)) != NULL)
		return reason;
	if (line->exemplar && metrics->part != PART_BUCKET && metrics->part != PART_TOTAL)
		return "only buckets and counters have exemplars";
	uint64_t group = hash_group(line, own);
	if (metrics->type == TYPE_INFO && line->timed)
		return NULL; /* infos are told apart by their labels alone */
	if ((reason = enter_group(metrics, line, group)) != NULL)
		return reason;
	if (is_double(metrics, line, group, own))
		return "a series stands there twice";
	return count_point(metrics, bound, value);
}

const char *
openmetrics_end(struct openmetrics *metrics)
{
	return metrics->ended ? close_family(metrics) : "# EOF is missing";
}
