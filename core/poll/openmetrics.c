/* openmetrics.c: the rules of OpenMetrics 1.0 beyond the grammar of a line and what points.c
 * asks of values, with the verdicts of its own test cases (and of prometheus_client, from which
 * those come).
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
	double upper; /* of its last bucket */
	struct point point; /* of the sample that was taken last */
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
	const char *reason = points_close(&metrics->points);
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
	const char *reason, *name;
	size_t length;
	if (metrics->ended)
		return "something follows # EOF";
	if (text_is(text, (size_t)(end - text), "# EOF")) {
		metrics->ended = true;
		return NULL;
	}
	if (end - text < 7 || (memcmp(text, "# HELP ", 7) != 0 && memcmp(text, "# TYPE ", 7) != 0 &&
				  memcmp(text, "# UNIT ", 7) != 0))
		return shape;
	const char *rest = expoline_name(text + 7, end, true, &name, &length);
	if (rest == NULL || rest == end || *rest != ' ')
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
	struct exponumber number;
	const char *text = label != NULL ? label->value : NULL;
	if (label == NULL || exponumber_whole(&number, text, text + label->value_length) != NULL)
		return false;
	*value = exponumber_value(&number);
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
	double time = line->timed ? exponumber_value(&line->time) : 0;
	bool same = metrics->grouped && metrics->group == group;
	if (same && line->timed != metrics->timed)
		return "times at some samples of a group and not at others";
	if (same && line->timed && time < metrics->time)
		return "the time of a group's sample is before the last one's";
	if (!same || (line->timed && time != metrics->time))
		reason = points_close(&metrics->points);
	if (!same && !seen_add(&metrics->seen, seen_mix(group) + metrics->salt))
		return "samples of one group are not together";
	if (!same)
		metrics->parts = 0;
	metrics->point.begins = !same;
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

/* The bounds of a histogram's buckets grow. */
static const char *
take_bound(struct openmetrics *metrics, double upper)
{
	if ((metrics->points.parts & BIT(PART_BUCKET)) != 0 && upper <= metrics->upper)
		return "the buckets of a histogram are not in order";
	metrics->upper = upper;
	metrics->point.bound = upper < 0	   ? BOUND_BELOW_ZERO
			       : upper == INFINITY ? BOUND_INFINITE
						   : BOUND_FINITE;
	return NULL;
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
	metrics->point = (struct point){
	    .type = (unsigned char)metrics->type, .part = (unsigned char)metrics->part};
	if (line->exemplar && !point_takes_exemplar(&metrics->point))
		return "only buckets and counters have exemplars";
	uint64_t group = hash_group(line, own);
	if (metrics->type == TYPE_INFO && line->timed) /* infos are told apart by their labels */
		return points_take(
		    &metrics->points, &metrics->point, exponumber_value(&line->value));
	if ((reason = enter_group(metrics, line, group)) != NULL)
		return reason;
	if (is_double(metrics, line, group, own))
		return "a series stands there twice";
	if (metrics->part == PART_BUCKET && (reason = take_bound(metrics, bound)) != NULL)
		return reason;
	return points_take(&metrics->points, &metrics->point, exponumber_value(&line->value));
}

const struct point *
openmetrics_point(const struct openmetrics *metrics)
{
	return &metrics->point;
}

const char *
openmetrics_end(struct openmetrics *metrics)
{
	return metrics->ended ? close_family(metrics) : "# EOF is missing";
}
