/* scrape.c: what a scrape keeps is an array of series sorted by a key (name and sorted labels), so
 * that two scrapes are compared by one merge. All known families are kept, and which of them speaks
 * is chosen at the comparison: the first of the table that counts a scoring endpoint. */
#include "core/poll/scrape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/poll/promhist.h"

enum part { PART_COUNT, PART_BUCKET };
enum verdict { VERDICT_UNKNOWN, VERDICT_GOOD, VERDICT_REJECTED, VERDICT_ERROR };

/* In order of preference. A histogram's _count counts requests where no counter does. */
static const struct family {
	const char *name;
	double ms; /* of one unit of a histogram; 0: a counter */
} families[] = {
    {"api_requests_total", 0},
    {"http_requests_total", 0},
    {"request_count_total", 0},
    {"ts_inference_requests_total", 0},
    {"api_latency_seconds", 1e3},
    {"http_request_duration_seconds", 1e3},
    {"request_latency_seconds", 1e3},
    {"http_server_requests_seconds", 1e3},
    {"http_server_request_duration_seconds", 1e3},
    {"request_predict_seconds", 1e3},
    {"request_duration_seconds", 1e3},
};

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

struct series {
	size_t key; /* offset in the scrape's keys */
	unsigned family;
	enum part part;
	enum verdict verdict;
	bool endpoint, scoring; /* names its endpoint; and that one scores */
	double upper, value;
};

struct scrape {
	mono_us at;
	struct series *series;
	size_t count, capacity;
	struct buf keys;
};

/* What a family grew by between two scrapes. */
struct growth {
	double requests, rejected, errors;
	bool verdicts; /* some series says how its requests ended */
	struct promhist_bucket *buckets;
	size_t buckets_count, buckets_capacity;
};

/* --- one scrape --- */
static bool
rest_is(const char *rest, size_t length, const char *suffix)
{
	return length == strlen(suffix) && memcmp(rest, suffix, length) == 0;
}

static bool
find_family(const char *name, size_t length, unsigned *family, enum part *part)
{
	for (unsigned i = 0; i < FAMILIES; i++) {
		size_t known = strlen(families[i].name);
		if (length < known || memcmp(name, families[i].name, known) != 0)
			continue;
		const char *rest = name + known;
		size_t left = length - known;
		*family = i;
		*part = rest_is(rest, left, "_bucket") ? PART_BUCKET : PART_COUNT;
		if (families[i].ms == 0 ? left == 0
					: *part == PART_BUCKET || rest_is(rest, left, "_count"))
			return true;
	}
	return false;
}

static const char *
first_label(const struct exposition_sample *sample, const char *const *names)
{
	for (; *names != NULL; names++) {
		const char *value = exposition_label_of(sample, *names);
		if (value[0] != '\0')
			return value;
	}
	return "";
}

static bool
contains_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	for (; *text != '\0'; text++) {
		if (strncasecmp(text, word, length) == 0)
			return true;
	}
	return false;
}

static void
read_endpoint(struct series *series, const struct exposition_sample *sample)
{
	static const char *const names[] = {
	    "endpoint", "handler", "path", "route", "http_route", "uri", "url", NULL};
	const char *endpoint = first_label(sample, names);
	series->endpoint = endpoint[0] != '\0';
	series->scoring = contains_word(endpoint, "predict") ||
			  contains_word(endpoint, "invocations") ||
			  contains_word(endpoint, "score");
}

/* `500`, `5xx`, or a word. */
static enum verdict
read_verdict(const struct exposition_sample *sample)
{
	static const char *const names[] = {
	    "status", "code", "status_code", "http_response_status_code", NULL};
	static const char *const bad[] = {"error", "fail", "exception", "timeout"};
	const char *status = first_label(sample, names);
	if (status[0] == '\0')
		return VERDICT_UNKNOWN;
	if (status[0] == '5')
		return VERDICT_ERROR;
	if (status[0] == '4')
		return VERDICT_REJECTED;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (strncasecmp(status, bad[i], strlen(bad[i])) == 0)
			return VERDICT_ERROR;
	}
	return VERDICT_GOOD;
}

static bool
read_upper(const char *le, double *upper)
{
	const char *bare = le + (*le == '+');
	if (strcasecmp(bare, "inf") == 0) {
		*upper = INFINITY;
		return true;
	}
	return text_to_double(le, upper) && *upper >= 0; /* a latency */
}

static int
compare_labels(const void *a, const void *b)
{
	return strcmp(
	    ((const struct exposition_label *)a)->name, ((const struct exposition_label *)b)->name);
}

/* Clean text holds no control characters, so that they part the pieces without a doubt. */
static void
append_key(struct buf *keys, const struct exposition_sample *sample)
{
	struct exposition_label labels[EXPOSITION_MAX_LABELS];
	if (sample->labels_count > 0)
		memcpy(labels, sample->labels, sample->labels_count * sizeof(*labels));
	qsort(labels, sample->labels_count, sizeof(*labels), compare_labels);
	buf_puts(keys, sample->name);
	for (size_t i = 0; i < sample->labels_count; i++) {
		buf_append(keys, "\x01", 1);
		buf_puts(keys, labels[i].name);
		buf_append(keys, "\x02", 1);
		buf_puts(keys, labels[i].value);
	}
	buf_append(keys, "", 1);
}

static void
add_sample(struct scrape *scrape, const struct exposition_sample *sample)
{
	struct series series = {.value = sample->value};
	if (!find_family(sample->name, strlen(sample->name), &series.family, &series.part))
		return;
	if (!isfinite(sample->value) || sample->value < 0)
		return;
	if (series.part == PART_BUCKET &&
	    !read_upper(exposition_label_of(sample, "le"), &series.upper))
		return;
	read_endpoint(&series, sample);
	series.verdict = read_verdict(sample);
	series.key = scrape->keys.length;
	append_key(&scrape->keys, sample);
	mem_reserve(&scrape->series, &scrape->capacity, scrape->count + 1, sizeof(series));
	scrape->series[scrape->count++] = series;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct ordered {
	const char *key; /* first: compare_keys looks at it */
	size_t place;
};

static void
sort_series(struct scrape *scrape)
{
	struct ordered *ordered = mem_grow(NULL, scrape->count + 1, sizeof(*ordered));
	struct series *series = mem_grow(NULL, scrape->count + 1, sizeof(*series));
	for (size_t i = 0; i < scrape->count; i++) {
		ordered[i].key = scrape->keys.data + scrape->series[i].key;
		ordered[i].place = i;
	}
	qsort(ordered, scrape->count, sizeof(*ordered), compare_keys);
	for (size_t i = 0; i < scrape->count; i++)
		series[i] = scrape->series[ordered[i].place];
	free(ordered);
	free(scrape->series);
	scrape->series = series;
}

struct scrape *
scrape_new(const struct exposition *exposition, mono_us at)
{
	struct scrape *scrape = mem_alloc(sizeof(*scrape));
	size_t count;
	const struct exposition_sample *samples = exposition_samples(exposition, &count);
	scrape->at = at;
	for (size_t i = 0; i < count; i++)
		add_sample(scrape, &samples[i]);
	sort_series(scrape);
	return scrape;
}

void
scrape_free(struct scrape *scrape)
{
	if (scrape == NULL)
		return;
	buf_free(&scrape->keys);
	free(scrape->series);
	free(scrape);
}

bool
scrape_is_empty(const struct scrape *scrape)
{
	return scrape->count == 0;
}

bool
scrape_wants(const char *name, size_t length)
{
	unsigned family;
	enum part part;
	for (unsigned i = 0; i < FAMILIES; i++) {
		if (families[i].ms > 0 && rest_is(name, length, families[i].name))
			return true; /* a native histogram, where OpenMetrics 2 writes one */
	}
	return find_family(name, length, &family, &part);
}

const char *
scrape_native(const struct scrape *scrape)
{
	bool classic[FAMILIES] = {false}, bare[FAMILIES] = {false};
	for (size_t i = 0; i < scrape->count; i++) {
		const struct series *series = &scrape->series[i];
		if (series->part == PART_BUCKET)
			(isinf(series->upper) ? bare : classic)[series->family] = true;
	}
	for (unsigned i = 0; i < FAMILIES; i++) {
		if (classic[i])
			return NULL;
	}
	for (unsigned i = 0; i < FAMILIES; i++) {
		if (bare[i])
			return families[i].name;
	}
	return NULL;
}

/* --- two scrapes --- */
static bool
family_is_wanted(unsigned family, bool histogram)
{
	return !histogram || families[family].ms > 0;
}

/* The first family with a scoring series; else the first that names no endpoints at all; else the
 * first that is there (its scoring requests are 0 so far); else FAMILIES. */
static unsigned
choose_family(const struct scrape *scrape, enum part part, bool histogram, bool *all)
{
	bool there[FAMILIES] = {false}, named[FAMILIES] = {false}, scoring[FAMILIES] = {false};
	for (size_t i = 0; i < scrape->count; i++) {
		const struct series *series = &scrape->series[i];
		if (series->part != part || !family_is_wanted(series->family, histogram))
			continue;
		there[series->family] = true;
		named[series->family] |= series->endpoint;
		scoring[series->family] |= series->scoring;
	}
	*all = false;
	for (unsigned i = 0; i < FAMILIES; i++) {
		if (scoring[i] || (there[i] && !named[i])) {
			*all = !named[i];
			return i;
		}
	}
	for (unsigned i = 0; i < FAMILIES; i++) {
		if (there[i])
			return i;
	}
	return FAMILIES;
}

static void
add_growth(struct growth *growth, const struct series *series, double increase)
{
	if (series->part == PART_BUCKET) {
		mem_reserve(&growth->buckets, &growth->buckets_capacity, growth->buckets_count + 1,
		    sizeof(*growth->buckets));
		growth->buckets[growth->buckets_count++] =
		    (struct promhist_bucket){.upper = series->upper, .count = increase};
		return;
	}
	growth->requests += increase;
	growth->rejected += series->verdict == VERDICT_REJECTED ? increase : 0;
	growth->errors += series->verdict == VERDICT_ERROR ? increase : 0;
	growth->verdicts |= series->verdict != VERDICT_UNKNOWN;
}

static void
measure_growth(const struct scrape *before, const struct scrape *now, unsigned family,
    enum part part, bool all, struct growth *growth)
{
	size_t old = 0;
	for (size_t i = 0; i < now->count; i++) {
		const struct series *series = &now->series[i];
		const char *key = now->keys.data + series->key;
		if (series->family != family || series->part != part || (!all && !series->scoring))
			continue;
		int order = -1;
		while (old < before->count) {
			order = strcmp(before->keys.data + before->series[old].key, key);
			if (order >= 0)
				break;
			old++;
		}
		double start = old < before->count && order == 0 ? before->series[old].value : 0;
		add_growth(growth, series, promhist_increase(start, series->value));
	}
}

static double
quantile_ms(const struct growth *growth, struct promhist_bucket *scratch, double q, double ms)
{
	memcpy(scratch, growth->buckets, growth->buckets_count * sizeof(*scratch));
	return promhist_quantile(scratch, growth->buckets_count, q, NULL, NULL) * ms;
}

static void
compare_buckets(const struct scrape *before, const struct scrape *now, struct scrape_rates *rates)
{
	bool all;
	struct growth growth = {0};
	unsigned family = choose_family(now, PART_BUCKET, true, &all);
	if (family == FAMILIES)
		return;
	measure_growth(before, now, family, PART_BUCKET, all, &growth);
	if (growth.buckets_count > 0) {
		double ms = families[family].ms;
		struct promhist_bucket *scratch =
		    mem_grow(NULL, growth.buckets_count, sizeof(*scratch));
		rates->p50_ms = quantile_ms(&growth, scratch, 0.5, ms);
		rates->p90_ms = quantile_ms(&growth, scratch, 0.9, ms);
		rates->p95_ms = quantile_ms(&growth, scratch, 0.95, ms);
		rates->p99_ms = quantile_ms(&growth, scratch, 0.99, ms);
		rates->quantiles = !isnan(rates->p50_ms);
		free(scratch);
	}
	free(growth.buckets);
}

void
scrape_compare(const struct scrape *before, const struct scrape *now, struct scrape_rates *rates)
{
	bool all;
	struct growth growth = {0};
	double seconds = (double)(now->at - before->at) / CLOCK_SECOND;
	*rates = (struct scrape_rates){.rps = NAN,
	    .error_rate = NAN,
	    .rejected_rate = NAN,
	    .requests = NAN,
	    .p50_ms = NAN,
	    .p90_ms = NAN,
	    .p95_ms = NAN,
	    .p99_ms = NAN};
	unsigned family = choose_family(now, PART_COUNT, false, &all);
	if (family != FAMILIES) {
		measure_growth(before, now, family, PART_COUNT, all, &growth);
		rates->requests = growth.requests;
		if (seconds > 0)
			rates->rps = growth.requests / seconds;
		if (growth.verdicts && growth.requests > 0) {
			rates->error_rate = growth.errors / growth.requests;
			rates->rejected_rate = growth.rejected / growth.requests;
		}
	}
	compare_buckets(before, now, rates);
}
