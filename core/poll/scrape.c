/* scrape.c: what a scrape keeps is an array of series in the order they came, each with a key, the
 * hash of its name and labels in whatever order those stand. A service writes its series in the
 * same order each time, so that the series before is looked for at the next place first; only if it
 * is not there, in a sorted copy. All known families are kept, and which of them speaks is chosen
 * at the comparison: the first of the table that counts a scoring endpoint. */
#include "core/poll/scrape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/hash.h"
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
	uint64_t key;
	double upper, value;
	uint32_t sample; /* the number of its sample in the exposition */
	unsigned char family, part, verdict;
	bool endpoint, scoring; /* names its endpoint; and that one scores */
};

struct scrape {
	mono_us at;
	bool partial; /* a sample was left out for its value */
	struct series *series;
	size_t count, capacity;
};

/* The sample before: one metric's samples share the strings of their names and values. */
struct reading {
	const struct exposition_sample *sample;
	uint64_t name_hash, hashes[EXPOSITION_MAX_LABELS];
	const char *name, *endpoint;
	bool known, scoring;
	unsigned family;
	enum part part;
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
read_endpoint(
    struct series *series, const struct exposition_sample *sample, struct reading *reading)
{
	static const char *const names[] = {
	    "endpoint", "handler", "path", "route", "http_route", "uri", "url", NULL};
	const char *endpoint = first_label(sample, names);
	if (endpoint != reading->endpoint) {
		reading->endpoint = endpoint;
		reading->scoring = contains_word(endpoint, "predict") ||
				   contains_word(endpoint, "invocations") ||
				   contains_word(endpoint, "score");
	}
	series->endpoint = endpoint[0] != '\0';
	series->scoring = reading->scoring;
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

/* A sum, so that the labels' order is all the same. */
static uint64_t
hash_series(const struct exposition_sample *sample, struct reading *reading)
{
	const struct exposition_sample *last = reading->sample;
	uint64_t sum = reading->name_hash;
	for (size_t i = 0; i < sample->labels_count; i++) {
		const struct exposition_label *label = &sample->labels[i];
		if (last == NULL || i >= last->labels_count ||
		    label->name != last->labels[i].name || label->value != last->labels[i].value) {
			uint64_t name = hash_bytes(label->name, strlen(label->name), 0);
			reading->hashes[i] = hash_bytes(label->value, strlen(label->value), name);
		}
		sum += reading->hashes[i];
	}
	reading->sample = sample;
	return sum;
}

static bool
is_count(double value)
{
	return isfinite(value) && value >= 0;
}

static void
add_sample(struct scrape *scrape, const struct exposition_sample *sample, size_t number,
    struct reading *reading)
{
	if (sample->name != reading->name) {
		reading->name = sample->name;
		reading->known = find_family(
		    sample->name, strlen(sample->name), &reading->family, &reading->part);
		reading->name_hash = hash_bytes(sample->name, strlen(sample->name), 1);
	}
	if (!reading->known)
		return;
	struct series series = {.value = sample->value,
	    .sample = (uint32_t)number,
	    .family = (unsigned char)reading->family,
	    .part = (unsigned char)reading->part};
	if (!is_count(sample->value)) {
		scrape->partial = true;
		return;
	}
	if (series.part == PART_BUCKET &&
	    !read_upper(exposition_label_of(sample, "le"), &series.upper))
		return;
	read_endpoint(&series, sample, reading);
	series.verdict = (unsigned char)read_verdict(sample);
	series.key = hash_series(sample, reading);
	mem_reserve(&scrape->series, &scrape->capacity, scrape->count + 1, sizeof(series));
	scrape->series[scrape->count++] = series;
}

struct scrape *
scrape_new(const struct exposition *exposition, mono_us at)
{
	struct scrape *scrape = mem_alloc(sizeof(*scrape));
	struct reading reading = {0};
	size_t count;
	const struct exposition_sample *samples = exposition_samples(exposition, &count);
	scrape->at = at;
	for (size_t i = 0; i < count; i++)
		add_sample(scrape, &samples[i], i, &reading);
	return scrape;
}

struct scrape *
scrape_again(const struct scrape *last, struct scrape *into, const double *values, mono_us at)
{
	if (last == NULL || last->partial)
		return NULL;
	for (size_t i = 0; i < last->count; i++) {
		if (!is_count(values[last->series[i].sample]))
			return NULL;
	}
	if (into == NULL)
		into = mem_alloc(sizeof(*into));
	mem_reserve(&into->series, &into->capacity, last->count + 1, sizeof(*into->series));
	for (size_t i = 0; i < last->count; i++) {
		into->series[i] = last->series[i];
		into->series[i].value = values[last->series[i].sample];
	}
	into->at = at;
	into->count = last->count;
	into->partial = false;
	return into;
}

void
scrape_free(struct scrape *scrape)
{
	if (scrape == NULL)
		return;
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

static int
compare_keys(const void *a, const void *b)
{
	uint64_t left = ((const struct series *)a)->key, right = ((const struct series *)b)->key;
	return (left > right) - (left < right);
}

static struct series *
sort_series(const struct scrape *scrape)
{
	struct series *sorted = mem_grow(NULL, scrape->count + 1, sizeof(*sorted));
	if (scrape->count > 0)
		memcpy(sorted, scrape->series, scrape->count * sizeof(*sorted));
	qsort(sorted, scrape->count, sizeof(*sorted), compare_keys);
	return sorted;
}

/* What each series had before: at the place after the last one's as a rule. */
struct search {
	const struct scrape *before;
	size_t next;
	struct series *sorted; /* NULL until it is needed */
};

static double
value_before(struct search *search, const struct series *series)
{
	const struct scrape *before = search->before;
	const struct series *found = NULL;
	if (search->next < before->count && before->series[search->next].key == series->key)
		return before->series[search->next++].value;
	if (search->sorted == NULL)
		search->sorted = sort_series(before);
	found =
	    bsearch(series, search->sorted, before->count, sizeof(*search->sorted), compare_keys);
	return found != NULL ? found->value : 0;
}

static void
measure_growth(const struct scrape *before, const struct scrape *now, unsigned family,
    enum part part, bool all, struct growth *growth)
{
	struct search search = {.before = before};
	for (size_t i = 0; i < now->count; i++) {
		const struct series *series = &now->series[i];
		if (series->family != family || series->part != part || (!all && !series->scoring))
			continue;
		if (search.next != i && i < before->count && before->series[i].key == series->key)
			search.next = i;
		double start = value_before(&search, series);
		add_growth(growth, series, promhist_increase(start, series->value));
	}
	free(search.sorted);
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
