/* samples.c: the inputs of known answers that are samples, literal or drawn (the `prng` and `dists`
 * of a vector file), bit for bit. */
#include "tests/support/vectors/vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/stats/sort.h"

void
sample_add(struct sample *sample, double value)
{
	mem_reserve(&sample->values, &sample->capacity, sample->count + 1, sizeof(double));
	sample->values[sample->count++] = value;
}

static double
field(const cJSON *part, const char *key)
{
	return vector_number(vector_item(part, key));
}

static double
draw_sum(struct rng *rng, const cJSON *part, double mean)
{
	double t = 0;
	for (int i = 0; i < 12; i++)
		t += rng_uniform(rng);
	return (t - 6) * field(part, "sigma") + mean;
}

static double
draw_category(struct rng *rng, const cJSON *weights)
{
	double u = rng_uniform(rng), c = 0;
	int i = 0, n = cJSON_GetArraySize(weights);
	const cJSON *weight;
	cJSON_ArrayForEach(weight, weights)
	{
		c += vector_number(weight);
		if (u < c)
			return i;
		i++;
	}
	return n - 1;
}

static double
draw_plain(struct vector *v, struct rng *rng, const cJSON *part, const char *dist)
{
	if (strcmp(dist, "const") == 0)
		return field(part, "v");
	if (strcmp(dist, "ih12") == 0)
		return draw_sum(rng, part, field(part, "mu"));
	if (strcmp(dist, "intmod") == 0)
		return rng_u32(rng) % (uint32_t)fmax(field(part, "mod"), 1);
	if (strcmp(dist, "cat") == 0)
		return draw_category(rng, vector_item(part, "w"));
	double u = rng_uniform(rng), value = u;
	if (strcmp(dist, "uniform") == 0)
		return field(part, "lo") + (field(part, "hi") - field(part, "lo")) * u;
	if (strcmp(dist, "bernoulli") == 0)
		return u < field(part, "p");
	if (strcmp(dist, "pow") != 0)
		vector_fault(v, "unknown dist %s", dist);
	for (int k = (int)field(part, "k"); k > 1; k--)
		value *= u;
	return value * field(part, "scale");
}

static void
draw(struct vector *v, struct rng *rng, const cJSON *part, struct sample *sample,
    struct sample *labels)
{
	const cJSON *dist = vector_item(part, "dist");
	const char *name = vector_text(dist);
	double value;
	if (strcmp(name, "score") == 0) {
		bool positive = rng_uniform(rng) < field(part, "p");
		value = draw_sum(rng, part, field(part, positive ? "mu1" : "mu0"));
		value = fmin(fmax(value, 0), 1);
		if (labels != NULL)
			sample_add(labels, positive);
	} else {
		value = draw_plain(v, rng, part, name);
	}
	if (vector_item(part, "q") != NULL) {
		double q = field(part, "q");
		value = floor(value * q + 0.5) / q;
	}
	if (vector_item(part, "nan") != NULL && rng_uniform(rng) < field(part, "nan"))
		value = NAN;
	sample_add(sample, value);
}

static uint64_t
seed(const cJSON *spec, const char *key)
{
	const cJSON *json = vector_item(spec, key);
	if (cJSON_IsString(json))
		return strtoull(json->valuestring, NULL, 10);
	return cJSON_IsNumber(json) ? (uint64_t)json->valuedouble : 0;
}

/* Draws the parts in order; without parts, `n` outputs: u32, or what `what` asks for. */
static void
generate(struct vector *v, struct sample *sample, struct sample *labels, const cJSON *spec)
{
	struct rng rng;
	rng_seed(&rng, seed(spec, "seed"), seed(spec, "seq"));
	const cJSON *part, *parts = vector_item(spec, "parts"), *what = vector_item(spec, "what");
	if (parts == NULL && vector_item(spec, "n") == NULL)
		vector_fault(v, "an input that is no sample");
	cJSON_ArrayForEach(part, parts)
	{
		for (double n = field(part, "n"); n > 0; n--)
			draw(v, &rng, part, sample, labels);
	}
	bool whole = what == NULL || strcmp(vector_text(what), "u32") == 0;
	if (!whole && strcmp(vector_text(what), "u53") != 0)
		vector_fault(v, "unknown output %s", vector_text(what));
	for (double n = parts == NULL ? field(spec, "n") : 0; n > 0; n--)
		sample_add(sample, whole ? rng_u32(&rng) : rng_uniform(&rng));
}

void
sample_read(struct vector *v, struct sample *sample, struct sample *labels, const cJSON *json)
{
	const cJSON *value;
	if (cJSON_IsArray(json)) {
		cJSON_ArrayForEach(value, json) sample_add(sample, vector_number(value));
	} else if (vector_item(json, "repeat") != NULL) {
		cJSON_ArrayForEach(value, vector_item(json, "repeat"))
		{
			double one = vector_number(cJSON_GetArrayItem(value, 0));
			double n = vector_number(cJSON_GetArrayItem(value, 1));
			for (; n > 0; n--)
				sample_add(sample, one);
		}
	} else if (vector_item(json, "digits") != NULL) {
		for (const char *d = vector_text(vector_item(json, "digits")); *d != '\0'; d++)
			sample_add(sample, *d - '0');
	} else {
		generate(v, sample, labels, json);
	}
}

struct sample
sample_input(struct vector *v, const char *key)
{
	struct sample sample = {0};
	sample_read(v, &sample, NULL, vector_input(v, key));
	return sample;
}

struct sample
sample_finite(struct vector *v, const char *key)
{
	struct sample sample = sample_input(v, key);
	size_t kept = 0;
	for (size_t i = 0; i < sample.count; i++) {
		if (isfinite(sample.values[i]))
			sample.values[kept++] = sample.values[i];
	}
	sample.count = kept;
	sort_doubles(sample.values, kept);
	return sample;
}

size_t
sample_pairs(
    struct vector *v, const char *a_key, const char *b_key, struct sample *a, struct sample *b)
{
	*a = sample_input(v, a_key);
	*b = sample_input(v, b_key);
	if (a->count != b->count)
		vector_fault(v, "%zu numbers in %s, %zu in %s", a->count, a_key, b->count, b_key);
	a->count = b->count = a->count < b->count ? a->count : b->count;
	return a->count;
}
