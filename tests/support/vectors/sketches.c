/* sketches.c: quantiles: exact, of Prometheus' histograms, of the sketches; and plain counts of
 * what is wrong with a column. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/poll/promhist.h"
#include "core/stats/dataquality.h"
#include "core/stats/ddsketch.h"
#include "core/stats/hdr.h"
#include "core/stats/sort.h"
#include "core/stats/tdigest.h"
#include "tests/support/vectors/vectors.h"

static void
run_quantile(struct vector *v)
{
	struct sample x = sample_finite(v, "x"), q = sample_input(v, "q");
	for (size_t i = 0; i < q.count; i++)
		q.values[i] = sort_quantile(x.values, x.count, q.values[i]);
	vector_check_list(v, "type7", q.values, q.count);
	free(x.values);
	free(q.values);
}

static void
run_histogram_quantile(struct vector *v)
{
	const cJSON *pairs = vector_input(v, "buckets_le_cumulative"), *pair;
	struct promhist_bucket *buckets =
	    mem_alloc(((size_t)cJSON_GetArraySize(pairs) + 1) * sizeof(*buckets));
	size_t count = 0;
	double low, high;
	cJSON_ArrayForEach(pair, pairs)
	{
		buckets[count++] =
		    (struct promhist_bucket){vector_number(cJSON_GetArrayItem(pair, 0)),
			vector_number(cJSON_GetArrayItem(pair, 1))};
	}
	double q = vector_input_number(v, "q");
	vector_check(v, "value", promhist_quantile(buckets, count, q, &low, &high));
	vector_check(v, "lower", low);
	vector_check(v, "upper", high);
	free(buckets);
}

static void
run_native(struct vector *v)
{
	double lower = vector_input_number(v, "lower"), upper = vector_input_number(v, "upper");
	double fraction = vector_input_number(v, "fraction");
	vector_check(v, "value", promhist_native(lower, upper, fraction));
}

/* --- HdrHistogram --- */

static bool
make_hdr(struct vector *v, struct hdr *hdr, const cJSON *from)
{
	double lowest = vector_number(vector_item(from, "lowest"));
	double highest = vector_number(vector_item(from, "highest"));
	double digits = vector_number(vector_item(from, "sig"));
	bool input = from == v->inputs;
	static const char *const keys[] = {"lowest", "highest", "sig"};
	for (size_t i = 0; i < 3; i++)
		(void)(input ? vector_input(v, keys[i]) : vector_param(v, keys[i]));
	if (!(lowest > -9e18 && highest < 9.2e18 && fabs(digits) < 100)) {
		vector_fault(v, "no layout is given");
		return false;
	}
	return hdr_init(hdr, (int64_t)lowest, (int64_t)highest, (int)digits);
}

static void
run_hdr_config(struct vector *v)
{
	struct hdr hdr = {0};
	bool good = make_hdr(v, &hdr, v->inputs);
	vector_check_flag(v, "error", !good, 0);
	vector_check(v, "counts_len", good ? hdr.counts_len : NAN);
	vector_check(v, "sub_bucket_count", good ? hdr.sub_bucket_count : NAN);
	vector_check(v, "bucket_count", good ? hdr.bucket_count : NAN);
	hdr_free(&hdr);
}

/* "10000 x 1000 then 1 x 100000000": so many records of so much. */
static void
record_words(struct vector *v, struct hdr *hdr, const char *words, double interval)
{
	while (words != NULL && *words != '\0') {
		long long count, value;
		int used = 0;
		if (sscanf(words, "%lld x %lld%n", &count, &value, &used) != 2 ||
		    !hdr_record_corrected(
			hdr, value, count, interval > 0 ? (int64_t)interval : 0)) {
			vector_fault(v, "records: cannot take %s", words);
			return;
		}
		words = strstr(words + used, "then ");
		words = words != NULL ? words + 5 : NULL;
	}
}

/* "floor(v)+1 microseconds" */
static void
record_sample(struct vector *v, struct hdr *hdr, double interval)
{
	struct sample x = sample_input(v, "x");
	const cJSON *map = vector_input(v, "map");
	int more = 0;
	if (map != NULL && sscanf(vector_text(map), "floor(v)+%d", &more) != 1 &&
	    strncmp(vector_text(map), "floor(v)", 8) != 0)
		vector_fault(v, "map: cannot do %s", vector_text(map));
	for (size_t i = 0; i < x.count; i++) {
		int64_t value = (int64_t)floor(x.values[i]) + more;
		if (!hdr_record_corrected(hdr, value, 1, interval > 0 ? (int64_t)interval : 0))
			vector_fault(v, "record %zu does not fit", i);
	}
	free(x.values);
}

static void
check_percentiles(struct vector *v, const struct hdr *hdr)
{
	const cJSON *one, *list = vector_item(v->expected, "p");
	double percentile = vector_input_number(v, "percentile");
	double tolerance = vector_param_number(v, "stated_rel_tol", 0);
	bool empty = hdr->total == 0;
	if (!isnan(percentile)) {
		double value = empty ? NAN : (double)hdr_percentile(hdr, percentile);
		vector_check(v, "value", value);
		v->rel += tolerance; /* what its authors state is rounded */
		vector_check(v, "stated", value);
		v->rel -= tolerance;
	}
	cJSON_ArrayForEach(one, list)
	{
		double value = (double)hdr_percentile(hdr, strtod(one->string, NULL));
		vector_compare(v, one->string, empty ? NAN : value, one);
	}
}

static void
run_hdr_percentile(struct vector *v)
{
	struct hdr hdr = {0};
	const cJSON *records = vector_input(v, "records");
	double interval = vector_input_number(v, "corrected_interval");
	if (!make_hdr(v, &hdr, v->params)) {
		vector_fault(v, "the layout is refused");
		return;
	}
	if (cJSON_IsString(records))
		record_words(v, &hdr, records->valuestring, interval);
	else if (vector_item(v->inputs, "x") != NULL)
		record_sample(v, &hdr, interval);
	check_percentiles(v, &hdr);
	hdr_free(&hdr);
}

static void
run_hdr_equivalent(struct vector *v)
{
	struct hdr hdr = {0};
	int64_t value = (int64_t)vector_input_count(v, "value");
	if (!make_hdr(v, &hdr, v->params)) {
		vector_fault(v, "the layout is refused");
		return;
	}
	vector_check(v, "lowest_equivalent", (double)hdr_lowest_equivalent(&hdr, value));
	vector_check(v, "highest_equivalent", (double)hdr_highest_equivalent(&hdr, value));
	vector_check(v, "range", (double)hdr_equivalent_range(&hdr, value));
	hdr_free(&hdr);
}

/* --- sketches --- */

static void
run_ddsketch(struct vector *v)
{
	struct sample x = sample_input(v, "x"), q = sample_input(v, "q");
	struct ddsketch sketch;
	double most = vector_param_number(v, "max_bins", 0);
	if (!ddsketch_init(&sketch, vector_param_number(v, "alpha", 0.01), (size_t)most))
		vector_fault(v, "the alpha is refused");
	for (size_t i = 0; i < x.count; i++)
		ddsketch_add(&sketch, x.values[i], 1);
	for (size_t i = 0; i < q.count; i++)
		q.values[i] = ddsketch_quantile(&sketch, q.values[i]);
	vector_check_list(v, "values", q.values, q.count);
	vector_check(v, "bins_used", (double)ddsketch_keys_used(&sketch));
	ddsketch_free(&sketch);
	free(x.values);
	free(q.values);
}

static void
run_tdigest(struct vector *v)
{
	struct sample x = sample_input(v, "x"), q = {0}, at = {0}, w = {0};
	struct tdigest digest;
	if (vector_item(v->inputs, "w") != NULL)
		w = sample_input(v, "w");
	tdigest_init(&digest, vector_param_number(v, "compression", 100));
	for (size_t i = 0; i < x.count; i++)
		tdigest_add(&digest, x.values[i], i < w.count ? w.values[i] : 1);
	if (vector_item(v->inputs, "q") != NULL)
		q = sample_input(v, "q");
	if (vector_item(v->inputs, "at") != NULL)
		at = sample_input(v, "at");
	for (size_t i = 0; i < q.count; i++)
		q.values[i] = tdigest_quantile(&digest, q.values[i]);
	for (size_t i = 0; i < at.count; i++)
		at.values[i] = tdigest_cdf(&digest, at.values[i]);
	vector_check_list(v, "values", q.values, q.count);
	vector_check_list(v, "cdf", at.values, at.count);
	tdigest_free(&digest);
	free(w.values);
	free(x.values);
	free(q.values);
	free(at.values);
}

/* --- data quality --- */

static void
check_dataquality(struct vector *v, const struct dataquality *d)
{
	vector_check(v, "n", (double)d->n);
	vector_check(v, "null", (double)d->null);
	vector_check(v, "null_share", dataquality_share(d, d->null));
	vector_check(v, "nonfinite", (double)d->nonfinite);
	vector_check(v, "nonfinite_share", dataquality_share(d, d->nonfinite));
	vector_check(v, "out_of_range", (double)d->out_of_range);
	vector_check(v, "out_of_range_share", dataquality_share(d, d->out_of_range));
	vector_check(v, "unseen", (double)d->unseen);
	vector_check(v, "unseen_share", dataquality_share(d, d->unseen));
}

static void
run_dq_numeric(struct vector *v)
{
	struct sample x = sample_input(v, "x");
	double low = vector_input_number(v, "lo"), high = vector_input_number(v, "hi");
	struct dataquality counts = {0};
	for (size_t i = 0; i < x.count; i++)
		dataquality_add_number(&counts, x.values[i], low, high);
	check_dataquality(v, &counts);
	free(x.values);
}

static const char **
read_words(struct vector *v, const char *key, size_t *n)
{
	const cJSON *json = vector_input(v, key), *one;
	const char **words = mem_alloc(((size_t)cJSON_GetArraySize(json) + 1) * sizeof(*words));
	*n = 0;
	cJSON_ArrayForEach(one, json) words[(*n)++] = vector_word(v, one);
	return words;
}

static void
run_dq_categorical(struct vector *v)
{
	size_t n, domain_count;
	const char **words = read_words(v, "x", &n);
	const char **domain = read_words(v, "domain", &domain_count);
	const char **unseen = mem_alloc((n + 1) * sizeof(*unseen));
	struct dataquality counts = {0};
	size_t different = dataquality_of_words(&counts, words, n, domain, domain_count, unseen);
	check_dataquality(v, &counts);
	vector_check_words(v, "unseen_values", unseen, different);
	free(words);
	free(domain);
	free(unseen);
}

const struct vector_metric vectors_of_sketches[] = {
    {"quantile_exact", run_quantile},
    {"histogram_quantile", run_histogram_quantile},
    {"native_interp", run_native},
    {"hdr_config", run_hdr_config},
    {"hdr_percentile", run_hdr_percentile},
    {"hdr_equivalent", run_hdr_equivalent},
    {"ddsketch", run_ddsketch},
    {"tdigest", run_tdigest},
    {"dq_numeric", run_dq_numeric},
    {"dq_categorical", run_dq_categorical},
    {NULL, NULL},
};
