/* vectors.c: the known answers of ../shared/data/vectors.json (METRICS.md section 4) against
 * core/stats.
 *
 * A runner a metric; each compares the keys that core/stats computes and names every one that is
 * off. The keys and metrics that nothing here computes are printed at the end, so that nothing is
 * left in silence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/bins.h"
#include "core/stats/dist.h"
#include "core/stats/drift.h"
#include "core/stats/quality.h"
#include "core/stats/sort.h"

#define VECTORS "../shared/data/vectors.json"

static cJSON *file;

/* The case that is being run, and how many keys of its metric were off. */
static const cJSON *now;
static unsigned wrong, compared;

static const cJSON *
item(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static double
number(const cJSON *json)
{
	if (cJSON_IsNumber(json))
		return json->valuedouble;
	if (!cJSON_IsString(json))
		return NAN;
	if (strcmp(json->valuestring, "Infinity") == 0)
		return INFINITY;
	if (strcmp(json->valuestring, "-Infinity") == 0)
		return -INFINITY;
	return strcmp(json->valuestring, "NaN") == 0 ? NAN : strtod(json->valuestring, NULL);
}

static double
input(const char *key)
{
	return number(item(item(now, "inputs"), key));
}

static uint64_t
input_count(const char *key)
{
	return (uint64_t)input(key);
}

static void
compare(const char *key, double got, const cJSON *expected)
{
	const cJSON *tolerance = item(now, "tolerance");
	double want = number(expected);
	compared++;
	if (isnan(want) ? isnan(got)
			: got == want ||
			      fabs(got - want) <= number(item(tolerance, "abs")) +
						      number(item(tolerance, "rel")) * fabs(want))
		return;
	wrong++;
	print_error(
	    "%s: %s: got %.17g, expected %.17g\n", item(now, "id")->valuestring, key, got, want);
}

/* Compares with expected[key], if the case has it. */
static void
check(const char *key, double got)
{
	const cJSON *expected = item(item(now, "expected"), key);
	if (expected != NULL)
		compare(key, got, expected);
}

/* --- inputs: literal arrays, repeats, digits and generator specs --- */

struct sample {
	double *values; /* of `score` pairs: label, score, label, score... */
	size_t count, capacity;
};

static void
add(struct sample *sample, double value)
{
	mem_reserve(&sample->values, &sample->capacity, sample->count + 1, sizeof(double));
	sample->values[sample->count++] = value;
}

static double
draw_sum(struct rng *rng)
{
	double t = 0;
	for (int i = 0; i < 12; i++)
		t += rng_uniform(rng);
	return t - 6;
}

static double
draw_category(struct rng *rng, const cJSON *weights)
{
	double u = rng_uniform(rng), c = 0;
	int n = cJSON_GetArraySize(weights);
	for (int i = 0; i < n; i++) {
		c += cJSON_GetArrayItem(weights, i)->valuedouble;
		if (u < c)
			return i;
	}
	return n - 1;
}

static double
draw_plain(struct rng *rng, const cJSON *part)
{
	const char *dist = item(part, "dist")->valuestring;
	if (strcmp(dist, "const") == 0)
		return number(item(part, "v"));
	if (strcmp(dist, "ih12") == 0)
		return draw_sum(rng) * number(item(part, "sigma")) + number(item(part, "mu"));
	if (strcmp(dist, "intmod") == 0)
		return rng_u32(rng) % (uint32_t)number(item(part, "mod"));
	if (strcmp(dist, "cat") == 0)
		return draw_category(rng, item(part, "w"));
	double u = rng_uniform(rng), v = u;
	if (strcmp(dist, "uniform") == 0) {
		double low = number(item(part, "lo"));
		return low + (number(item(part, "hi")) - low) * u;
	}
	if (strcmp(dist, "bernoulli") == 0)
		return u < number(item(part, "p"));
	if (strcmp(dist, "pow") != 0)
		fail_msg("%s: unknown dist %s", item(now, "id")->valuestring, dist);
	for (int k = (int)number(item(part, "k")); k > 1; k--)
		v *= u;
	return v * number(item(part, "scale"));
}

static double
draw(struct rng *rng, const cJSON *part, struct sample *labels)
{
	double value;
	if (strcmp(item(part, "dist")->valuestring, "score") == 0) {
		bool positive = rng_uniform(rng) < number(item(part, "p"));
		double mean = number(item(part, positive ? "mu1" : "mu0"));
		value = draw_sum(rng) * number(item(part, "sigma")) + mean;
		value = fmin(fmax(value, 0), 1);
		add(labels, positive);
	} else {
		value = draw_plain(rng, part);
	}
	if (item(part, "q") != NULL) {
		double q = number(item(part, "q"));
		value = floor(value * q + 0.5) / q;
	}
	if (item(part, "nan") != NULL && rng_uniform(rng) < number(item(part, "nan")))
		value = NAN;
	return value;
}

static uint64_t
read_seed(const cJSON *spec, const char *key)
{
	const cJSON *seed = item(spec, key);
	return cJSON_IsString(seed) ? strtoull(seed->valuestring, NULL, 10)
				    : (uint64_t)seed->valuedouble;
}

static void
generate(struct sample *sample, struct sample *labels, const cJSON *spec)
{
	struct rng rng;
	rng_seed(&rng, read_seed(spec, "seed"), read_seed(spec, "seq"));
	const cJSON *part;
	cJSON_ArrayForEach(part, item(spec, "parts"))
	{
		for (double n = number(item(part, "n")); n > 0; n--)
			add(sample, draw(&rng, part, labels));
	}
}

static void
read_sample(struct sample *sample, const cJSON *json)
{
	const cJSON *value;
	if (cJSON_IsArray(json)) {
		cJSON_ArrayForEach(value, json) add(sample, number(value));
	} else if (item(json, "repeat") != NULL) {
		cJSON_ArrayForEach(value, item(json, "repeat"))
		{
			double v = number(cJSON_GetArrayItem(value, 0));
			for (double n = number(cJSON_GetArrayItem(value, 1)); n > 0; n--)
				add(sample, v);
		}
	} else if (item(json, "digits") != NULL) {
		for (const char *d = item(json, "digits")->valuestring; *d != '\0'; d++)
			add(sample, *d - '0');
	} else {
		struct sample labels = {0};
		generate(sample, &labels, json);
		free(labels.values);
	}
}

/* A sample of the case with what is not finite left out, as the drift metrics do. */
static struct sample
input_sample(const char *key)
{
	struct sample sample = {0};
	read_sample(&sample, item(item(now, "inputs"), key));
	size_t kept = 0;
	for (size_t i = 0; i < sample.count; i++) {
		if (isfinite(sample.values[i]))
			sample.values[kept++] = sample.values[i];
	}
	sample.count = kept;
	return sample;
}

static size_t
read_counts(uint64_t *counts, size_t room, const cJSON *json)
{
	size_t n = 0;
	const cJSON *value;
	cJSON_ArrayForEach(value, json)
	{
		assert_true(n < room);
		counts[n++] = (uint64_t)number(value);
	}
	return n;
}

/* --- the runners --- */

static void
run_prng(void)
{
	const cJSON *inputs = item(now, "inputs"), *expected = item(now, "expected"), *value;
	struct sample sample = {0}, labels = {0};
	if (item(inputs, "parts") != NULL) {
		generate(&sample, &labels, inputs);
	} else {
		struct rng rng;
		rng_seed(&rng, read_seed(inputs, "seed"), read_seed(inputs, "seq"));
		for (double n = input("n"); n > 0; n--)
			add(&sample,
			    item(inputs, "what") != NULL ? rng_uniform(&rng) : rng_u32(&rng));
	}
	size_t i = 0;
	double sum = 0, least = INFINITY, most = -INFINITY;
	cJSON_ArrayForEach(value, item(expected, item(expected, "u32") ? "u32" : "values"))
	{
		if (cJSON_IsArray(value)) {
			compare("label", labels.values[i], cJSON_GetArrayItem(value, 0));
			compare("score", sample.values[i++], cJSON_GetArrayItem(value, 1));
		} else {
			compare("value", sample.values[i++], value);
		}
	}
	for (i = 0; i < sample.count; i++) {
		sum += sample.values[i];
		least = fmin(least, sample.values[i]);
		most = fmax(most, sample.values[i]);
	}
	check("sum_sequential", sum);
	check("min", least);
	check("max", most);
	check("first", sample.values[0]);
	check("last", sample.values[sample.count - 1]);
	free(sample.values);
	free(labels.values);
}

static void
run_chi2_sf(void)
{
	check("sf", dist_chi2_sf(input("x"), input("df")));
}

static void
run_chi2_isf(void)
{
	check("x", dist_chi2_isf(input("p"), input("df")));
}

static void
run_norm_sf(void)
{
	check("sf", dist_normal_sf(input("z")));
}

static void
run_norm_isf(void)
{
	check("z", dist_normal_isf(input("p")));
}

static void
run_kolmogorov_sf(void)
{
	check("sf", dist_kolmogorov_sf(input("x")));
}

static void
run_ks(void)
{
	struct sample ref = input_sample("ref"), cur = input_sample("cur");
	struct drift_test test = drift_ks(ref.values, ref.count, cur.values, cur.count);
	double n = (double)ref.count, m = (double)cur.count;
	double stephens = drift_ks_stephens(test.statistic, ref.count, cur.count);
	check("statistic", test.statistic);
	check("pvalue_stephens", stephens);
	check("pvalue_limit", dist_kolmogorov_sf(sqrt(n * m / (n + m)) * test.statistic));
	bool exact = n * m <= 1e6;
	if (exact)
		check("pvalue_exact", test.p_value);
	else
		check("pvalue_stephens", test.p_value);
	free(ref.values);
	free(cur.values);
}

static void
run_divergence(void)
{
	uint64_t ref[64], cur[64];
	size_t bins = read_counts(ref, 64, item(item(now, "inputs"), "ref_counts"));
	read_counts(cur, 64, item(item(now, "inputs"), "cur_counts"));
	uint64_t n = 0, m = 0;
	for (size_t i = 0; i < bins; i++) {
		n += ref[i];
		m += cur[i];
	}
	check("psi_jeffreys", drift_psi(ref, cur, bins));
	check("js_distance_2", drift_js_distance(ref, cur, bins));
	check("psi_null_p99", drift_psi_null(n, m, bins));
}

static void
check_list(const char *key, const double *values, size_t n)
{
	const cJSON *expected = item(item(now, "expected"), key);
	if (expected == NULL)
		return;
	compared++;
	if ((size_t)cJSON_GetArraySize(expected) != n) {
		wrong++;
		print_error("%s: %s: got %zu numbers, expected %d\n", item(now, "id")->valuestring,
		    key, n, cJSON_GetArraySize(expected));
		return;
	}
	for (size_t i = 0; i < n; i++)
		compare(key, values[i], cJSON_GetArrayItem(expected, (int)i));
}

static void
check_psi(const struct bins *bins, const struct sample *ref, const struct sample *cur)
{
	const struct sample *sides[] = {ref, cur};
	uint64_t counts[2][BINS_MAX] = {{0}};
	uint64_t *fine = mem_grow(NULL, bins->count, sizeof(*fine));
	for (size_t side = 0; side < 2; side++) {
		memset(fine, 0, bins->count * sizeof(*fine));
		for (size_t i = 0; i < sides[side]->count; i++)
			fine[bins_find_number(bins, sides[side]->values[i])]++;
		bins_to_coarse(bins, fine, counts[side]);
	}
	size_t used = bins_in_use(bins, counts[0], counts[1]);
	for (size_t side = 0; side < 2; side++) {
		double numbers[BINS_MAX];
		for (size_t i = 0; i < used; i++)
			numbers[i] = (double)counts[side][i];
		check_list(side == 0 ? "ref_counts" : "cur_counts", numbers, used);
	}
	check("psi_jeffreys", drift_psi(counts[0], counts[1], used));
	check("js_distance_2", drift_js_distance(counts[0], counts[1], used));
	free(fine);
}

/* The quantile rule makes its edges here; those of the other rules are taken as the case gives
 * them. Where the sample is not a matter of few values, bins_from_numbers must give the same ten
 * bins. */
static void
run_psi_samples(void)
{
	struct sample ref = input_sample("ref"), cur = input_sample("cur"), given = {0};
	const cJSON *params = item(now, "params");
	const char *rule = item(params, "rule")->valuestring;
	size_t parts = (size_t)number(item(params, "bins")), n;
	double edges[64];
	if (ref.count == 0) {
		check("psi_jeffreys", drift_psi(NULL, NULL, 0));
		check("js_distance_2", drift_js_distance(NULL, NULL, 0));
	} else {
		struct bins bins;
		if (strcmp(rule, "quantile") == 0) {
			sort_doubles(ref.values, ref.count);
			n = bins_quantile_edges(edges, ref.values, ref.count, parts);
		} else {
			read_sample(&given, item(item(now, "expected"), "edges"));
			n = given.count;
			memcpy(edges, given.values, n * sizeof(*edges));
		}
		check_list("edges", edges, n);
		bins_from_edges(&bins, edges, n);
		bins_set_coarse(&bins, edges, n);
		check_psi(&bins, &ref, &cur);
		bins_free(&bins);
		if (strcmp(rule, "quantile") == 0 && parts == 10 && ref.count > 1000) {
			bins_from_numbers(&bins, ref.values, ref.count);
			check_psi(&bins, &ref, &cur);
			bins_free(&bins);
		}
	}
	free(ref.values);
	free(cur.values);
	free(given.values);
}

static void
run_psi_values(void)
{
	struct sample ref = input_sample("ref"), cur = input_sample("cur");
	struct bins bins;
	bins_from_numbers(&bins, ref.values, ref.count);
	assert_int_equal(bins.kind, BINS_VALUES);
	check_list("values", bins.edges, bins.count - 1);
	check_psi(&bins, &ref, &cur);
	bins_free(&bins);
	free(ref.values);
	free(cur.values);
}

static void
run_chi2(void)
{
	const cJSON *inputs = item(now, "inputs"), *word;
	const cJSON *sides[] = {item(inputs, "ref"), item(inputs, "cur")};
	uint64_t ref[128] = {0}, cur[128] = {0};
	size_t bins = 0;
	cJSON_ArrayForEach(word, sides[0])
	{
		const cJSON *other = item(sides[1], word->string);
		ref[bins] = (uint64_t)word->valuedouble;
		cur[bins++] = other != NULL ? (uint64_t)other->valuedouble : 0;
	}
	cJSON_ArrayForEach(word, sides[1])
	{
		if (item(sides[0], word->string) == NULL)
			cur[bins++] = (uint64_t)word->valuedouble;
	}
	const cJSON *expected = item(item(now, "expected"), "homogeneity");
	struct drift_test test = drift_chi2_plain(ref, cur, bins);
	compare("homogeneity.statistic", test.statistic, item(expected, "statistic"));
	compare("homogeneity.pvalue", test.p_value, item(expected, "pvalue"));
	if (item(expected, "df") != NULL)
		compare("homogeneity.df", test.dof, item(expected, "df"));
	/* Where no expected count is low, merging has nothing to merge. */
	if (item(expected, "min_expected") == NULL || number(item(expected, "min_expected")) >= 5)
		compare("merged statistic", drift_chi2(ref, cur, bins).statistic,
		    item(expected, "statistic"));
}

static void
run_ztest(void)
{
	struct drift_test test = drift_ztest(
	    input_count("k_ref"), input_count("n_ref"), input_count("k_cur"), input_count("n_cur"));
	check("z", test.statistic);
	check("pvalue", test.p_value);
}

static void
run_wilson(void)
{
	struct interval interval = proportion_wilson(input_count("k"), input_count("n"));
	check("lo", interval.low);
	check("hi", interval.high);
}

static void
check_threshold(const cJSON *at, const double *scores, const int8_t *labels, size_t n)
{
	double threshold = number(item(at, "threshold"));
	struct quality_confusion counts = {0};
	for (size_t i = 0; i < n; i++) {
		if (labels[i] < 0 || isnan(scores[i]))
			continue;
		bool flagged = scores[i] >= threshold;
		if (labels[i] == 1)
			*(flagged ? &counts.tp : &counts.fn) += 1;
		else
			*(flagged ? &counts.fp : &counts.tn) += 1;
	}
	compare("tp", (double)counts.tp, item(at, "tp"));
	compare("fp", (double)counts.fp, item(at, "fp"));
	compare("fn", (double)counts.fn, item(at, "fn"));
	compare("tn", (double)counts.tn, item(at, "tn"));
	compare("precision", quality_precision(&counts), item(at, "precision"));
	compare("recall", quality_recall(&counts), item(at, "recall"));
	compare("f1", quality_f1(&counts), item(at, "f1"));
	compare("fpr", quality_fpr(&counts), item(at, "fpr"));
}

static void
check_binned_rank(
    const struct quality_rank *exact, const double *scores, const int8_t *labels, size_t n)
{
	uint64_t positives[QUALITY_BINS] = {0}, negatives[QUALITY_BINS] = {0};
	for (size_t i = 0; i < n; i++) {
		if (labels[i] >= 0 && !isnan(scores[i]))
			(labels[i] ? positives : negatives)[quality_bin(scores[i])]++;
	}
	struct quality_rank binned = quality_rank_binned(positives, negatives, QUALITY_BINS);
	bool inside = isnan(exact->roc_auc)
			  ? isnan(binned.roc_auc)
			  : exact->roc_auc >= binned.roc_auc_binning.low - 1e-12 &&
				exact->roc_auc <= binned.roc_auc_binning.high + 1e-12;
	bool ap_inside =
	    isnan(exact->average_precision)
		? isnan(binned.average_precision)
		: exact->average_precision >= binned.average_precision_binning.low - 1e-12 &&
		      exact->average_precision <= binned.average_precision_binning.high + 1e-12;
	compared++;
	if (inside && ap_inside)
		return;
	wrong++;
	print_error("%s: the binned bounds do not hold the exact AUC or AP\n",
	    item(now, "id")->valuestring);
}

static void
run_quality(void)
{
	const cJSON *inputs = item(now, "inputs"), *at;
	struct sample scores = {0}, truth = {0};
	if (item(inputs, "labels_scores") != NULL) {
		generate(&scores, &truth, item(inputs, "labels_scores"));
	} else {
		read_sample(&scores, item(inputs, "score"));
		read_sample(&truth, item(inputs, "y"));
	}
	int8_t *labels = mem_alloc(scores.count);
	for (size_t i = 0; i < scores.count; i++)
		labels[i] = (int8_t)(isnan(truth.values[i]) ? -1 : truth.values[i]);
	struct quality_rank rank = quality_rank_exact(scores.values, labels, scores.count);
	check("roc_auc", rank.roc_auc);
	check("average_precision", rank.average_precision);
	check("brier", quality_brier(scores.values, labels, scores.count));
	check("log_loss", quality_log_loss(scores.values, labels, scores.count));
	cJSON_ArrayForEach(at, item(item(now, "expected"), "at"))
	    check_threshold(at, scores.values, labels, scores.count);
	check_binned_rank(&rank, scores.values, labels, scores.count);
	free(labels);
	free(scores.values);
	free(truth.values);
}

static void
run_confusion(void)
{
	const cJSON *inputs = item(now, "inputs"), *matrix = item(inputs, "matrix");
	struct quality_confusion counts = {
	    input_count("tp"), input_count("fp"), input_count("tn"), input_count("fn")};
	if (matrix != NULL)
		return; /* a matrix a class: named among the left ones */
	check("precision", quality_precision(&counts));
	check("recall", quality_recall(&counts));
	check("f1", quality_f1(&counts));
	check("fpr", quality_fpr(&counts));
}

static void
run_quantile(void)
{
	struct sample x = input_sample("x"), answers = {0};
	const cJSON *q;
	sort_doubles(x.values, x.count);
	cJSON_ArrayForEach(q, item(item(now, "inputs"), "q"))
	    add(&answers, sort_quantile(x.values, x.count, number(q)));
	check_list("type7", answers.values, answers.count);
	free(x.values);
	free(answers.values);
}

static const struct metric {
	const char *name;
	void (*run)(void);
	const char *left; /* the keys that no function computes yet */
} metrics[] = {
    {"prng", run_prng, NULL},
    {"chi2_sf", run_chi2_sf, NULL},
    {"chi2_isf", run_chi2_isf, NULL},
    {"norm_sf", run_norm_sf, NULL},
    {"norm_isf", run_norm_isf, NULL},
    {"kolmogorov_sf", run_kolmogorov_sf, NULL},
    {"ks_2samp", run_ks, "pvalue_asymp"},
    {"divergence_counts", run_divergence,
	"js_distance_e, js_divergence_e, js_divergence_2, hellinger, linf, tvd, kl_*, "
	"psi_floor:1e-4, psi_evidently"},
    {"psi_samples", run_psi_samples,
	"psi_floor:1e-4, psi_evidently, js_distance_e, hellinger; edges of the width rule"},
    {"psi_values", run_psi_values, "psi_floor:1e-4, psi_evidently, js_distance_e, hellinger"},
    {"chi2", run_chi2, "gof, homogeneity_yates, min_expected"},
    {"prop_ztest", run_ztest, NULL},
    {"wilson", run_wilson, NULL},
    {"binary_quality", run_quality,
	"pr_auc_trapezoid, ece_*, mce_width10, specificity, accuracy, flag_rate"},
    {"confusion", run_confusion, "f0_5, f2, accuracy, tnr, fnr; the matrix of classes"},
    {"quantile_exact", run_quantile, NULL},
};

#define METRICS (sizeof(metrics) / sizeof(*metrics))

static const struct metric *
find_metric(const char *name)
{
	for (size_t i = 0; i < METRICS; i++) {
		if (strcmp(metrics[i].name, name) == 0)
			return &metrics[i];
	}
	return NULL;
}

static void
skip_without_file(void)
{
	if (file != NULL)
		return;
	print_message("SKIPPED: %s is not there\n", VECTORS);
	skip();
}

static void
run_metric(void **state)
{
	const struct metric *metric = *state;
	skip_without_file();
	unsigned cases = 0;
	wrong = compared = 0;
	cJSON_ArrayForEach(now, item(file, "cases"))
	{
		if (strcmp(item(now, "metric")->valuestring, metric->name) != 0)
			continue;
		unsigned before = compared;
		cases++;
		metric->run();
		bool skipped = compared == before;
		if (skipped)
			print_message("left: %s\n", item(now, "id")->valuestring);
	}
	print_message(
	    "%s: %u cases, %u comparisons, %u off\n", metric->name, cases, compared, wrong);
	assert_int_equal(cases, (int)number(item(item(file, "counts"), metric->name)));
	assert_true(compared >= cases / 2 && compared > 0);
	assert_int_equal(wrong, 0);
}

static void
what_no_function_computes_yet_is_named(void **state)
{
	(void)state;
	skip_without_file();
	unsigned covered = 0, left = 0;
	const cJSON *count;
	cJSON_ArrayForEach(count, item(file, "counts"))
	{
		const struct metric *metric = find_metric(count->string);
		*(metric != NULL ? &covered : &left) += (unsigned)count->valuedouble;
		if (metric == NULL)
			print_message("left: %s (%d cases)\n", count->string, count->valueint);
		else if (metric->left != NULL)
			print_message("left of %s: %s\n", metric->name, metric->left);
	}
	print_message(
	    "%zu metrics with %u cases are run, %u cases are left\n", METRICS, covered, left);
	assert_int_equal(covered + left, (unsigned)number(item(file, "n_cases")));
	assert_int_equal(covered + left, cJSON_GetArraySize(item(file, "cases")));
}

int
main(void)
{
	struct buf text = {0};
	struct err err;
	if (buf_read_file(&text, VECTORS, 64 << 20, &err))
		file = cJSON_Parse(text.data);
	if (text.length > 0 && file == NULL) {
		fprintf(stderr, "%s is not JSON\n", VECTORS);
		return 1;
	}
	struct CMUnitTest tests[METRICS + 1];
	for (size_t i = 0; i < METRICS; i++) {
		char *name = mem_printf("the_known_answers_for_%s_hold", metrics[i].name);
		struct metric *metric = mem_alloc(sizeof(*metric));
		*metric = metrics[i];
		tests[i] = (struct CMUnitTest){
		    .name = name, .test_func = run_metric, .initial_state = metric};
	}
	tests[METRICS] =
	    (struct CMUnitTest)cmocka_unit_test(what_no_function_computes_yet_is_named);
	int failed = cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
	for (size_t i = 0; i < METRICS; i++) {
		union {
			const char *name;
			void *memory;
		} owned = {tests[i].name};
		free(owned.memory);
		free(tests[i].initial_state);
	}
	cJSON_Delete(file);
	buf_free(&text);
	return failed;
}
