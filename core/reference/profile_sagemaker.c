/* profile_sagemaker.c: see profile_import.h. The files may be anybody's: a feature whose numbers do
 * not fit together is left out by name, a file that is none of the two is refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/reference/profile_import.h"
#include "core/reference/profile_parts.h"

enum { WHOLE_RANGE = 9 }; /* ten buckets over at most this hold one whole number each */

static const cJSON *
member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* Is the name one of the comma-separated ones? */
static bool
is_listed(const char *names, const char *name)
{
	size_t length = strlen(name);
	while (names != NULL && *names != '\0') {
		size_t end = strcspn(names, ",");
		if (end == length && memcmp(names, name, length) == 0)
			return true;
		names += end + (names[end] == ',');
	}
	return false;
}

struct buckets {
	size_t count;
	double low[BINS_MAX], high[BINS_MAX];
	uint64_t counts[BINS_MAX];
};

/* False: there are none, or they do not rise without a gap. */
static bool
read_buckets(struct buckets *buckets, const cJSON *statistics)
{
	const cJSON *kll = member(member(statistics, "distribution"), "kll"), *item;
	const cJSON *list = member(kll, "buckets");
	struct err err;
	buckets->count = 0;
	if (!cJSON_IsArray(list) || list->child == NULL || cJSON_GetArraySize(list) > BINS_MAX)
		return false;
	cJSON_ArrayForEach(item, list)
	{
		size_t i = buckets->count++;
		buckets->low[i] = profile_take_number(item, "lower_bound");
		buckets->high[i] = profile_take_number(item, "upper_bound");
		if (!isfinite(buckets->low[i]) || !isfinite(buckets->high[i]) ||
		    buckets->low[i] > buckets->high[i] ||
		    (i > 0 && buckets->low[i] != buckets->high[i - 1]) ||
		    !profile_take_count(item, "count", &buckets->counts[i], &err))
			return false;
	}
	return true;
}

/* The whole number in each bucket that holds any. False: there may be more than one, or none. */
static bool
find_values(const struct buckets *buckets, double *values, uint64_t *counts, size_t *found)
{
	size_t last = buckets->count - 1;
	double low = buckets->low[0], high = buckets->high[last];
	*found = 0;
	if (low != floor(low) || high != floor(high) || high - low > WHOLE_RANGE ||
	    buckets->count <= WHOLE_RANGE)
		return false;
	for (size_t i = 0; i <= last; i++) {
		double value = i < last ? ceil(buckets->low[i]) : high;
		if (buckets->counts[i] == 0)
			continue;
		if (i < last && !(value < buckets->high[i]))
			return false;
		values[*found] = value;
		counts[(*found)++] = buckets->counts[i];
	}
	return *found > 0;
}

static void
set_counts(struct profile_feature *feature, const uint64_t *counts, size_t n)
{
	feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
	for (size_t i = 0; i < n; i++) {
		feature->counts[i] = counts[i];
		feature->n += counts[i];
	}
}

/* Makes bins of values, or of edges. False: the edges do not rise. */
static bool
set_buckets(struct profile_feature *feature, const struct buckets *buckets, bool whole)
{
	double values[BINS_MAX];
	uint64_t counts[BINS_MAX];
	size_t found, inner = buckets->count - 1;
	if (buckets->low[0] == buckets->high[inner]) { /* one value, in whichever bucket */
		counts[0] = 0;
		for (size_t i = 0; i <= inner; i++)
			counts[0] += buckets->counts[i];
		bins_from_values(&feature->bins, buckets->low, 1);
		set_counts(feature, counts, 1);
	} else if (whole && find_values(buckets, values, counts, &found)) {
		bins_from_values(&feature->bins, values, found);
		set_counts(feature, counts, found);
	} else {
		for (size_t i = 1; i < inner; i++) {
			if (!(buckets->high[i] > buckets->high[i - 1]))
				return false;
		}
		bins_from_edges(&feature->bins, buckets->high, inner);
		bins_set_coarse(&feature->bins, buckets->high, inner);
		set_counts(feature, buckets->counts, buckets->count);
	}
	return true;
}

static bool
read_numbers(struct profile_feature *feature, const cJSON *item, const cJSON *statistics)
{
	struct buckets buckets;
	const char *type = cJSON_GetStringValue(member(item, "inferred_type"));
	feature->mean = profile_take_number(statistics, "mean");
	feature->deviation = profile_take_number(statistics, "std_dev");
	feature->low = profile_take_number(statistics, "min");
	feature->high = profile_take_number(statistics, "max");
	return read_buckets(&buckets, statistics) &&
	       set_buckets(feature, &buckets, type != NULL && strcmp(type, "Integral") == 0);
}

/* Adds a word before the unseen bin. */
static void
add_word(struct profile_feature *feature, const char *word, uint64_t count)
{
	struct bins *bins = &feature->bins;
	size_t last = bins->count++ - 1;
	bins->categories = mem_grow(bins->categories, bins->count, sizeof(*bins->categories));
	feature->counts = mem_grow(feature->counts, bins->count, sizeof(*feature->counts));
	bins->categories[last] = mem_string(word);
	feature->counts[last + 1] = feature->counts[last];
	feature->counts[last] = count;
	bins_set_coarse(bins, NULL, 0);
}

static bool
has_word(const struct bins *bins, const char *word)
{
	for (size_t i = 0; i + 1 < bins->count; i++) {
		if (strcmp(bins->categories[i], word) == 0)
			return true;
	}
	return false;
}

/* Words of the domain that were not seen. False: there are too many, or they are no words. */
static bool
add_domain(struct profile_feature *feature, const cJSON *constraint)
{
	const cJSON *list = member(member(constraint, "string_constraints"), "domains"), *item;
	bool whole = true;
	cJSON_ArrayForEach(item, list)
	{
		const char *text = cJSON_GetStringValue(item);
		char word[256];
		text_scrub(
		    word, sizeof(word), text != NULL ? text : "", text != NULL ? strlen(text) : 0);
		if (text == NULL || feature->bins.has_other)
			whole = false;
		else if (has_word(&feature->bins, word))
			continue;
		else if (feature->bins.count > BINS_CATEGORIES)
			whole = false;
		else
			add_word(feature, word, 0);
	}
	return whole;
}

static bool
read_words(struct profile_feature *feature, const cJSON *statistics, uint64_t present)
{
	const cJSON *list =
	    member(member(member(statistics, "distribution"), "categorical"), "buckets");
	size_t size = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0, count = 0;
	char **words = mem_alloc((size + 1) * sizeof(*words));
	uint64_t *counts = mem_alloc((size + 1) * sizeof(*counts));
	const cJSON *item;
	struct err err;
	bool good = size > 0;
	cJSON_ArrayForEach(item, list)
	{
		char word[256];
		profile_take_text(item, "value", word, sizeof(word));
		good = good && cJSON_IsString(member(item, "value")) &&
		       profile_take_count(item, "count", &counts[count], &err);
		words[count++] = mem_string(word);
		feature->n += counts[count - 1];
	}
	good = good && feature->n > 0;
	if (good) {
		bins_from_categories(&feature->bins, (const char *const *)words, counts, count);
		feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
		for (size_t i = 0; i < count; i++)
			feature->counts[bins_find_word(&feature->bins, words[i])] += counts[i];
		uint64_t rest = present > feature->n ? present - feature->n : 0;
		if (rest > 0 && !feature->bins.has_other)
			add_word(feature, "other", 0);
		if (rest > 0)
			feature->counts[feature->bins.count - 2] += rest;
		feature->bins.has_other = feature->bins.has_other || rest > 0;
		feature->n += rest;
	}
	for (size_t i = 0; i < count; i++)
		free(words[i]);
	free(words);
	free(counts);
	return good;
}

static const cJSON *
feature_item(const cJSON *root, const char *name)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, member(root, "features"))
	{
		const char *text = cJSON_GetStringValue(member(item, "name"));
		if (text != NULL && strcmp(text, name) == 0)
			return item;
	}
	return NULL;
}

static void
add_feature(struct profile *profile, const cJSON *item, const cJSON *constraints,
    const char *ignore, struct buf *notes)
{
	struct profile_feature *feature = &profile->features[profile->features_count];
	const cJSON *numbers = member(item, "numerical_statistics");
	const cJSON *words = member(item, "string_statistics");
	const cJSON *common = member(numbers != NULL ? numbers : words, "common");
	const char *name = cJSON_GetStringValue(member(item, "name"));
	uint64_t present = 0;
	struct err err;
	profile_feature_init(feature, "");
	profile_take_text(item, "name", feature->name, sizeof(feature->name));
	if (name == NULL || is_listed(ignore, feature->name))
		return;
	if (!profile_take_count(common, "num_present", &present, &err) ||
	    !profile_take_count(common, "num_missing", &feature->missing, &err)) {
		buf_printf(notes, "feature `%s`: no counts of present and missing values\n",
		    feature->name);
	} else if ((numbers != NULL ? read_numbers(feature, item, numbers)
				    : read_words(feature, words, present)) &&
		   feature->n > 0 && (double)feature->n <= PROFILE_MAX_COUNT) {
		profile->features_count++;
		if (numbers == NULL && !add_domain(feature, feature_item(constraints, name)))
			buf_printf(notes, "feature `%s`: words of its domain that were not seen\n",
			    feature->name);
		return;
	} else {
		buf_printf(notes,
		    "feature `%s`: no distribution that can be used, only %llu present and %llu "
		    "missing\n",
		    feature->name, (unsigned long long)present,
		    (unsigned long long)feature->missing);
	}
	profile_feature_free(feature);
}

/* Features of the constraints that bear a limit which is no part of a profile. */
static void
note_limits(const cJSON *constraints, const char *ignore, struct buf *notes)
{
	size_t complete = 0, positive = 0, overridden = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, member(constraints, "features"))
	{
		const char *name = cJSON_GetStringValue(member(item, "name"));
		if (name == NULL || is_listed(ignore, name))
			continue;
		complete += member(item, "completeness") != NULL;
		positive +=
		    cJSON_IsTrue(member(member(item, "num_constraints"), "is_non_negative"));
		overridden += member(item, "monitoringConfigOverrides") != NULL;
	}
	if (complete > 0)
		buf_printf(notes, "completeness, of %zu features\n", complete);
	if (positive > 0)
		buf_printf(notes, "is_non_negative, of %zu features\n", positive);
	if (overridden > 0)
		buf_printf(notes, "monitoringConfigOverrides, of %zu features\n", overridden);
}

static void
note_unknown(const cJSON *statistics, const cJSON *constraints, struct buf *notes)
{
	size_t count = 0;
	char first[128] = "";
	const cJSON *item;
	cJSON_ArrayForEach(item, member(constraints, "features"))
	{
		const char *name = cJSON_GetStringValue(member(item, "name"));
		if (name == NULL || feature_item(statistics, name) != NULL)
			continue;
		if (count++ == 0)
			text_scrub(first, sizeof(first), name, strlen(name));
	}
	if (count > 0)
		buf_printf(notes,
		    "%zu features of the constraints that are not in the statistics, `%s` first\n",
		    count, first);
}

/* The thresholds and switches of the monitor: they belong into a configuration. */
static void
note_config(const cJSON *config, struct buf *notes)
{
	const cJSON *item;
	if (!cJSON_IsObject(config))
		return;
	cJSON_ArrayForEach(item, config)
	{
		char key[64], value[64];
		text_scrub(key, sizeof(key), item->string, strlen(item->string));
		if (cJSON_IsObject(item)) {
			note_config(item, notes);
			continue;
		}
		profile_take_text(config, item->string, value, sizeof(value));
		if (cJSON_IsNumber(item))
			buf_printf(notes, "monitoring_config: %s %g\n", key, item->valuedouble);
		else
			buf_printf(notes, "monitoring_config: %s %s\n", key, value);
	}
}

enum kind { KIND_NONE, KIND_STATISTICS, KIND_CONSTRAINTS, KIND_VIOLATIONS };

static enum kind
kind_of(const cJSON *root)
{
	const cJSON *item;
	if (cJSON_IsArray(member(root, "violations")))
		return KIND_VIOLATIONS;
	cJSON_ArrayForEach(item, member(root, "features"))
	{
		if (member(item, "numerical_statistics") != NULL ||
		    member(item, "string_statistics") != NULL)
			return KIND_STATISTICS;
		if (member(item, "completeness") != NULL)
			return KIND_CONSTRAINTS;
	}
	return member(root, "monitoring_config") != NULL ? KIND_CONSTRAINTS : KIND_NONE;
}

static struct profile *
build(const cJSON *statistics, const cJSON *constraints, const char *ignore, struct buf *notes,
    struct err *err)
{
	struct profile *profile = mem_alloc(sizeof(*profile));
	const cJSON *list = member(statistics, "features"), *item;
	size_t size = (size_t)cJSON_GetArraySize(list), sketches = 0;
	if (!profile_take_count(
		member(statistics, "dataset"), "item_count", &profile->records, err) ||
	    (size > PROFILE_MAX_LIST &&
		!err_set(err, ERR_DATA, "more than %d features", PROFILE_MAX_LIST))) {
		profile_free(profile);
		return NULL;
	}
	profile->features = mem_alloc(size * sizeof(*profile->features));
	cJSON_ArrayForEach(item, list)
	{
		add_feature(profile, item, constraints, ignore, notes);
		const cJSON *numbers = member(item, "numerical_statistics");
		sketches +=
		    member(member(member(numbers, "distribution"), "kll"), "sketch") != NULL;
	}
	if (sketches > 0)
		buf_printf(notes, "KLL sketches, of %zu features: their buckets are\n", sketches);
	note_limits(constraints, ignore, notes);
	note_unknown(statistics, constraints, notes);
	note_config(member(constraints, "monitoring_config"), notes);
	if (profile->features_count > 0)
		return profile;
	err_set(err, ERR_DATA, "no feature of the statistics has a distribution");
	profile_free(profile);
	return NULL;
}

static cJSON *
parse(const char *text, const char *name, struct err *err)
{
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithOpts(text, &end, true);
	if (root == NULL)
		err_set(
		    err, ERR_DATA, "%s: not JSON at byte %td", name, end != NULL ? end - text : 0);
	return root;
}

struct profile *
profile_from_sagemaker(const char *statistics, const char *constraints, const char *ignore,
    struct buf *notes, struct err *err)
{
	struct profile *profile = NULL;
	cJSON *roots[2] = {parse(statistics, "statistics", err), NULL};
	if (roots[0] != NULL && constraints != NULL)
		roots[1] = parse(constraints, "constraints", err);
	if (roots[0] != NULL && (constraints == NULL || roots[1] != NULL))
		profile = build(roots[0], roots[1], ignore, notes, err);
	cJSON_Delete(roots[0]);
	cJSON_Delete(roots[1]);
	return profile;
}

/* Reads a file into the place of its kind. */
static bool
take_file(const char *path, cJSON *roots[2], struct err *err)
{
	struct buf text = {0};
	cJSON *root = NULL;
	if (buf_read_file(&text, path, PROFILE_MAX_FILE, err))
		root = parse(text.data != NULL ? text.data : "", path, err);
	buf_free(&text);
	if (root == NULL)
		return false;
	enum kind kind = kind_of(root);
	if (kind == KIND_STATISTICS || kind == KIND_CONSTRAINTS) {
		cJSON **place = &roots[kind == KIND_CONSTRAINTS];
		if (*place == NULL) {
			*place = root;
			return true;
		}
		err_set(err, ERR_USAGE, "%s: a second file of %s", path,
		    kind == KIND_CONSTRAINTS ? "constraints" : "statistics");
	} else if (kind == KIND_VIOLATIONS) {
		err_set(err, ERR_DATA,
		    "%s: a report of violations: it holds no distribution to make a profile of",
		    path);
	} else {
		err_set(err, ERR_DATA,
		    "%s: neither statistics nor constraints of SageMaker Model Monitor", path);
	}
	cJSON_Delete(root);
	return false;
}

struct profile *
profile_import_sagemaker(
    const char *const *paths, size_t count, const char *ignore, struct buf *notes, struct err *err)
{
	struct profile *profile = NULL;
	cJSON *roots[2] = {NULL, NULL};
	bool read = true;
	for (size_t i = 0; i < count && read; i++)
		read = take_file(paths[i], roots, err);
	if (read && roots[0] == NULL)
		err_set(err, ERR_DATA,
		    "%s: constraints hold no distribution: name the statistics.json beside them "
		    "too",
		    count > 0 ? paths[0] : "no file");
	else if (read)
		profile = build(roots[0], roots[1], ignore, notes, err);
	cJSON_Delete(roots[0]);
	cJSON_Delete(roots[1]);
	return profile;
}
