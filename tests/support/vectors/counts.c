/* counts.c: two histograms: divergences, chi-square, the z-test. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/divergence.h"
#include "core/stats/tests.h"
#include "tests/support/vectors/vectors.h"

static bool
read_rule(const char *name, enum zero_rule *rule)
{
	static const char *const names[] = {"jeffreys", "floor:1e-4", "evidently", "none"};
	static const enum zero_rule rules[] = {
	    ZERO_JEFFREYS, ZERO_FLOOR, ZERO_EVIDENTLY, ZERO_NONE};
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		if (strcmp(name, names[i]) == 0) {
			*rule = rules[i];
			return true;
		}
	}
	return false;
}

static double
sum(const struct sample *sample)
{
	double total = 0;
	for (size_t i = 0; i < sample->count; i++)
		total += sample->values[i];
	return total;
}

static void
run_divergence(struct vector *v)
{
	static const char *const rules[] = {"none", "jeffreys", "floor:1e-4", "evidently"};
	struct sample ref, cur;
	size_t bins = sample_pairs(v, "ref_counts", "cur_counts", &ref, &cur);
	const double *r = ref.values, *c = cur.values;
	double js = divergence_js(r, c, bins);
	vector_check(v, "js_distance_e", sqrt(js));
	vector_check(v, "js_distance_2", divergence_js_distance(r, c, bins));
	vector_check(v, "js_divergence_e", js);
	vector_check(v, "js_divergence_2", js / log(2));
	vector_check(v, "hellinger", divergence_hellinger(r, c, bins));
	vector_check(v, "linf", divergence_linf(r, c, bins));
	vector_check(v, "tvd", divergence_tvd(r, c, bins));
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		char key[64];
		enum zero_rule rule;
		read_rule(rules[i], &rule);
		snprintf(key, sizeof(key), "psi_%s", rules[i]);
		vector_check(v, key, divergence_psi(r, c, bins, rule));
		snprintf(key, sizeof(key), "kl_ref_cur_%s", rules[i]);
		vector_check(v, key, divergence_kl(r, c, bins, rule));
		snprintf(key, sizeof(key), "kl_cur_ref_%s", rules[i]);
		vector_check(v, key, divergence_kl(c, r, bins, rule));
	}
	vector_check(v, "psi_null_p99", divergence_psi_null(sum(&ref), sum(&cur), bins));
	free(ref.values);
	free(cur.values);
}

static void
run_psi_counts(struct vector *v)
{
	struct sample ref, cur;
	enum zero_rule rule = ZERO_JEFFREYS;
	const char *name = vector_param_text(v, "eps_rule", "jeffreys");
	size_t bins = sample_pairs(v, "ref_counts", "cur_counts", &ref, &cur);
	if (!read_rule(name, &rule))
		vector_fault(v, "unknown eps_rule %s", name);
	vector_check(v, "psi", divergence_psi(ref.values, cur.values, bins, rule));
	free(ref.values);
	free(cur.values);
}

static void
run_kl(struct vector *v)
{
	struct sample p, q;
	size_t bins = sample_pairs(v, "p", "q", &p, &q);
	const cJSON *base = vector_param(v, "base");
	double unit = cJSON_IsNumber(base) ? log(base->valuedouble) : 1;
	if (cJSON_IsString(base) && strcmp(base->valuestring, "e") != 0)
		unit = log(vector_number(base));
	vector_check(v, "kl", divergence_kl(p.values, q.values, bins, ZERO_NONE) / unit);
	free(p.values);
	free(q.values);
}

static void
run_nannyml_counts(struct vector *v)
{
	struct sample ref, cur;
	vector_param_is(v, "log_base", 2);
	sample_pairs(v, "ref_counts", "cur_counts", &ref, &cur);
	double leftover = vector_input_number(v, "cur_leftover");
	if (leftover > 0) {
		sample_add(&ref, 0);
		sample_add(&cur, leftover);
	}
	vector_check(
	    v, "jensen_shannon", divergence_js_distance(ref.values, cur.values, ref.count));
	vector_check(v, "hellinger", divergence_hellinger(ref.values, cur.values, ref.count));
	vector_check(v, "linf", divergence_linf(ref.values, cur.values, ref.count));
	free(ref.values);
	free(cur.values);
}

/* --- categories --- */

struct table { /* categories of both sides, in the order they come */
	const char **names;
	struct sample sides[2];
	size_t capacity;
};

static void
table_add(struct table *table, int side, const char *name, double count)
{
	size_t n = table->sides[0].count, i = 0;
	while (i < n && strcmp(table->names[i], name) != 0)
		i++;
	if (i == n) {
		mem_reserve(&table->names, &table->capacity, n + 1, sizeof(*table->names));
		table->names[n] = name;
		sample_add(&table->sides[0], 0);
		sample_add(&table->sides[1], 0);
	}
	table->sides[side].values[i] += count;
}

/* {name: count}, or a list of names. */
static void
table_read(struct vector *v, struct table *table, int side, const char *key)
{
	const cJSON *json = vector_input(v, key), *one;
	cJSON_ArrayForEach(one, json)
	{
		const char *word = one->string != NULL ? one->string : vector_word(v, one);
		if (word != NULL)
			table_add(table, side, word, one->string != NULL ? vector_number(one) : 1);
	}
}

static void
table_free(struct table *table)
{
	free(table->names);
	free(table->sides[0].values);
	free(table->sides[1].values);
}

static void
run_linf_cat(struct vector *v)
{
	struct table t = {0};
	table_read(v, &t, 0, "ref");
	table_read(v, &t, 1, "cur");
	vector_check(
	    v, "linf", divergence_linf(t.sides[0].values, t.sides[1].values, t.sides[0].count));
	table_free(&t);
}

static void
run_linf_robust(struct vector *v)
{
	struct table t = {0};
	table_read(v, &t, 0, "s1");
	table_read(v, &t, 1, "s2");
	double alpha = vector_param_number(v, "alpha", NAN);
	double c = vector_param_number(v, "c_alpha_default", 1.8);
	double linf = divergence_linf(t.sides[0].values, t.sides[1].values, t.sides[0].count);
	if (!isnan(alpha))
		c = sqrt(-log(alpha / 2) / 2);
	if (cJSON_IsTrue(vector_param(v, "robust")))
		linf = divergence_linf_robust(linf, sum(&t.sides[0]), sum(&t.sides[1]), c);
	vector_check(v, "distance", linf);
	table_free(&t);
}

static void
check_test(struct vector *v, const char *key, struct test_result test, double least_expected)
{
	const cJSON *expected = vector_item(v->expected, key);
	vector_check_in(v, expected, "statistic", test.statistic);
	vector_check_in(v, expected, "pvalue", test.p_value);
	vector_check_in(v, expected, "df", test.dof);
	vector_check_in(v, expected, "min_expected", least_expected);
}

static void
run_chi2(struct vector *v)
{
	struct table t = {0};
	table_read(v, &t, 0, "ref");
	table_read(v, &t, 1, "cur");
	const double *ref = t.sides[0].values, *cur = t.sides[1].values;
	size_t bins = t.sides[0].count;
	double least = test_chi2_least_expected(ref, cur, bins);
	check_test(v, "homogeneity", test_chi2(ref, cur, bins), least);
	check_test(v, "homogeneity_yates", test_chi2_yates(ref, cur, bins), least);
	check_test(v, "merged", test_chi2_merged(ref, cur, bins), NAN);
	check_test(v, "gof", test_chi2_fit(ref, cur, bins), NAN);
	table_free(&t);
}

static void
run_chi2_deequ(struct vector *v)
{
	struct table t = {0};
	table_read(v, &t, 0, "expected");
	table_read(v, &t, 1, "sample");
	struct test_result test =
	    test_chi2_deequ(t.sides[0].values, t.sides[1].values, t.sides[0].count);
	vector_check(v, "statistic", test.statistic);
	vector_check(v, "pvalue", test.p_value);
	vector_check(v, "df", test.dof);
	table_free(&t);
}

static void
run_ztest(struct vector *v)
{
	vector_param_is(v, "pooled", 1);
	vector_param_is(v, "two_sided", 1);
	struct test_result test =
	    test_proportions(vector_input_number(v, "k_ref"), vector_input_number(v, "n_ref"),
		vector_input_number(v, "k_cur"), vector_input_number(v, "n_cur"));
	vector_check(v, "z", test.statistic);
	vector_check(v, "pvalue", test.p_value);
}

const struct vector_metric vectors_of_counts[] = {
    {"divergence_counts", run_divergence},
    {"psi_counts", run_psi_counts},
    {"kl_probs", run_kl},
    {"nannyml_counts", run_nannyml_counts},
    {"linf_cat", run_linf_cat},
    {"linf_robust", run_linf_robust},
    {"chi2", run_chi2},
    {"chi2_deequ", run_chi2_deequ},
    {"prop_ztest", run_ztest},
    {NULL, NULL},
};
