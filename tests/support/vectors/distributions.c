/* distributions.c: the generator itself, and the tails of distributions. */
#include <math.h>
#include <stdlib.h>

#include "core/stats/dist.h"
#include "tests/support/vectors/vectors.h"

/* Pairs [label, score] of the `score` dist. */
static void
check_pairs(struct vector *v, const struct sample *labels, const struct sample *scores)
{
	const cJSON *pair;
	size_t i = 0;
	if ((size_t)cJSON_GetArraySize(vector_item(v->expected, "values")) != scores->count)
		vector_fault(v, "values: got %zu pairs", scores->count);
	cJSON_ArrayForEach(pair, vector_item(v->expected, "values"))
	{
		if (i >= scores->count || i >= labels->count)
			return;
		vector_compare(v, "label", labels->values[i], cJSON_GetArrayItem(pair, 0));
		vector_compare(v, "score", scores->values[i++], cJSON_GetArrayItem(pair, 1));
	}
}

static void
run_prng(struct vector *v)
{
	struct sample sample = {0}, labels = {0};
	const cJSON *input;
	cJSON_ArrayForEach(input, v->inputs) vector_input(v, input->string);
	sample_read(v, &sample, &labels, v->inputs);
	if (cJSON_IsArray(cJSON_GetArrayItem(vector_item(v->expected, "values"), 0)))
		check_pairs(v, &labels, &sample);
	else
		vector_check_list(v, "values", sample.values, sample.count);
	vector_check_list(v, "u32", sample.values, sample.count);
	double sum = 0, least = INFINITY, most = -INFINITY;
	for (size_t i = 0; i < sample.count; i++) {
		sum += sample.values[i];
		least = fmin(least, sample.values[i]);
		most = fmax(most, sample.values[i]);
	}
	vector_check(v, "sum_sequential", sum);
	vector_check(v, "min", least);
	vector_check(v, "max", most);
	vector_check(v, "first", sample.count > 0 ? sample.values[0] : NAN);
	vector_check(v, "last", sample.count > 0 ? sample.values[sample.count - 1] : NAN);
	free(sample.values);
	free(labels.values);
}

static void
run_chi2_sf(struct vector *v)
{
	double x = vector_input_number(v, "x"), dof = vector_input_number(v, "df");
	vector_check(v, "sf", dist_chi2_sf(x, dof));
}

static void
run_chi2_isf(struct vector *v)
{
	double p = vector_input_number(v, "p"), dof = vector_input_number(v, "df");
	vector_check(v, "x", dist_chi2_isf(p, dof));
}

static void
run_norm_sf(struct vector *v)
{
	vector_check(v, "sf", dist_normal_sf(vector_input_number(v, "z")));
}

static void
run_norm_isf(struct vector *v)
{
	vector_check(v, "z", dist_normal_isf(vector_input_number(v, "p")));
}

static void
run_kolmogorov_sf(struct vector *v)
{
	vector_check(v, "sf", dist_kolmogorov_sf(vector_input_number(v, "x")));
}

const struct vector_metric vectors_of_distributions[] = {
    {"prng", run_prng},
    {"chi2_sf", run_chi2_sf},
    {"chi2_isf", run_chi2_isf},
    {"norm_sf", run_norm_sf},
    {"norm_isf", run_norm_isf},
    {"kolmogorov_sf", run_kolmogorov_sf},
    {NULL, NULL},
};
