/* profile_json.c: profiles as JSON, schema fraudtop.profile/1. What is read is checked before it is
 * used: edges ascending, as many counts as bins, sizes within the limits of stats/bins.h. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/profile.h"

#define SCHEMA "fraudtop.profile/1"
enum { FILE_LIMIT = 64 * 1024 * 1024, LIST_LIMIT = 4096 };

static const char *const kinds[] = {"edges", "values", "categories"};

static void
write_feature(struct jsonw *json, const char *key, const struct profile_feature *feature)
{
	const struct bins *bins = &feature->bins;
	jsonw_open_object(json, key);
	jsonw_string(json, "name", feature->name);
	jsonw_string(json, "kind", kinds[bins->kind]);
	jsonw_int(json, "n", (int64_t)feature->n);
	jsonw_int(json, "missing", (int64_t)feature->missing);
	if (bins->kind == BINS_CATEGORIES_KIND) {
		jsonw_open_array(json, "categories");
		for (size_t i = 0; i + 1 < bins->count; i++)
			jsonw_string(json, NULL, bins->categories[i]);
		jsonw_close_array(json);
		jsonw_bool(json, "other", bins->has_other);
	} else {
		jsonw_number(json, "mean", feature->mean);
		jsonw_number(json, "deviation", feature->deviation);
		jsonw_number(json, "min", feature->low);
		jsonw_number(json, "max", feature->high);
		jsonw_open_array(json, "edges");
		for (size_t i = 0; i + 1 < bins->count; i++)
			jsonw_number(json, NULL, bins->edges[i]);
		jsonw_close_array(json);
		if (bins->kind == BINS_EDGES) { /* where a PSI bin begins */
			jsonw_open_array(json, "psi_edges");
			for (size_t i = 0; i + 1 < bins->count; i++) {
				if (bins->coarse[i] != bins->coarse[i + 1])
					jsonw_number(json, NULL, bins->edges[i]);
			}
			jsonw_close_array(json);
		}
	}
	jsonw_open_array(json, "counts");
	for (size_t i = 0; i < bins->count; i++)
		jsonw_int(json, NULL, (int64_t)feature->counts[i]);
	jsonw_close_array(json);
	jsonw_close_object(json);
}

static void
write_score(struct jsonw *json, const struct profile_score *score)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "version", score->version);
	write_feature(json, "score", &score->score);
	const struct {
		const char *key;
		uint64_t value;
	} counts[] = {{"decided", score->decided}, {"flagged", score->flagged},
	    {"labelled", score->labelled}, {"tp", score->tp}, {"fp", score->fp}, {"tn", score->tn},
	    {"fn", score->fn}};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		jsonw_int(json, counts[i].key, (int64_t)counts[i].value);
	jsonw_close_object(json);
}

void
profile_to_json(const struct profile *profile, struct buf *out)
{
	struct jsonw json = {.out = out};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", SCHEMA);
	jsonw_string(&json, "model", profile->model);
	jsonw_int(&json, "records", (int64_t)profile->records);
	jsonw_open_array(&json, "features");
	for (size_t i = 0; i < profile->features_count; i++)
		write_feature(&json, NULL, &profile->features[i]);
	jsonw_close_array(&json);
	jsonw_open_array(&json, "scores");
	for (size_t i = 0; i < profile->scores_count; i++)
		write_score(&json, &profile->scores[i]);
	jsonw_close_array(&json);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}

static void
take_text(const cJSON *object, const char *key, char *dst, size_t size)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
	text_scrub(dst, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static bool
take_count(const cJSON *object, const char *key, uint64_t *value, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	double number = cJSON_GetNumberValue(item);
	if (item == NULL || !(number >= 0 && number <= 9007199254740992.0) ||
	    number != floor(number))
		return err_set(err, ERR_DATA, "`%s` must be a count", key);
	*value = (uint64_t)number;
	return true;
}

static double
take_number(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

/* An ascending list of numbers, or NULL with the reason in err. */
static double *
take_edges(const cJSON *object, const char *key, size_t *count, struct err *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, key);
	int size = cJSON_GetArraySize(list);
	if (!cJSON_IsArray(list) || size >= BINS_MAX) {
		err_set(
		    err, ERR_DATA, "`%s` must be a list of fewer than %d numbers", key, BINS_MAX);
		return NULL;
	}
	double *edges = mem_grow(NULL, (size_t)size, sizeof(*edges));
	*count = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) ||
		    (*count > 0 && !(item->valuedouble > edges[*count - 1]))) {
			free(edges);
			err_set(err, ERR_DATA, "`%s`[%zu] must be a number above the one before it",
			    key, *count);
			return NULL;
		}
		edges[(*count)++] = item->valuedouble;
	}
	return edges;
}

static bool
take_categories(struct bins *bins, const cJSON *object, struct err *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "categories");
	int size = cJSON_GetArraySize(list);
	if (!cJSON_IsArray(list) || size > BINS_CATEGORIES + 1)
		return err_set(err, ERR_DATA, "`categories` must be a list of at most %d words",
		    BINS_CATEGORIES + 1);
	bins->categories = mem_alloc((size_t)(size + 1) * sizeof(*bins->categories));
	bins->count = 1;
	bins->has_other = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "other"));
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		const char *text = cJSON_GetStringValue(item);
		if (text == NULL)
			return err_set(err, ERR_DATA, "`categories` must be words");
		char word[256];
		text_scrub(word, sizeof(word), text, strlen(text));
		bins->categories[bins->count++ - 1] = mem_string(word);
	}
	bins_set_coarse(bins, NULL, 0);
	return true;
}

static bool
take_bins(struct bins *bins, const cJSON *object, struct err *err)
{
	const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "kind"));
	size_t which = 0, edges = 0, psi_edges = 0;
	while (which < 3 && (kind == NULL || strcmp(kind, kinds[which]) != 0))
		which++;
	if (which == 3)
		return err_set(err, ERR_DATA, "`kind` must be edges, values or categories");
	bins->kind = (enum bins_kind)which;
	if (bins->kind == BINS_CATEGORIES_KIND)
		return take_categories(bins, object, err);
	bins->edges = take_edges(object, "edges", &edges, err);
	if (bins->edges == NULL)
		return false;
	bins->count = edges + 1;
	if (bins->kind == BINS_VALUES) {
		bins_set_coarse(bins, NULL, 0);
		return true;
	}
	double *coarse = take_edges(object, "psi_edges", &psi_edges, err);
	if (coarse == NULL)
		return false;
	bins_set_coarse(bins, coarse, psi_edges);
	free(coarse);
	return true;
}

static bool
take_feature(struct profile_feature *feature, const cJSON *object, struct err *err)
{
	*feature = (struct profile_feature){0};
	if (!cJSON_IsObject(object))
		return err_set(err, ERR_DATA, "must be an object");
	take_text(object, "name", feature->name, sizeof(feature->name));
	feature->mean = take_number(object, "mean");
	feature->deviation = take_number(object, "deviation");
	feature->low = take_number(object, "min");
	feature->high = take_number(object, "max");
	if (!take_count(object, "n", &feature->n, err) ||
	    !take_count(object, "missing", &feature->missing, err) ||
	    !take_bins(&feature->bins, object, err))
		return err_prefix(err, "feature `%s`", feature->name);
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "counts");
	if ((size_t)cJSON_GetArraySize(list) != feature->bins.count)
		return err_set(err, ERR_DATA, "feature `%s`: %d counts for %zu bins", feature->name,
		    cJSON_GetArraySize(list), feature->bins.count);
	feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
	size_t i = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < 9e15))
			return err_set(
			    err, ERR_DATA, "feature `%s`: count %zu is none", feature->name, i);
		feature->counts[i++] = (uint64_t)item->valuedouble;
	}
	return true;
}

static bool
take_score(struct profile_score *score, const cJSON *object, struct err *err)
{
	*score = (struct profile_score){0};
	take_text(object, "version", score->version, sizeof(score->version));
	return take_feature(
		   &score->score, cJSON_GetObjectItemCaseSensitive(object, "score"), err) &&
	       take_count(object, "decided", &score->decided, err) &&
	       take_count(object, "flagged", &score->flagged, err) &&
	       take_count(object, "labelled", &score->labelled, err) &&
	       take_count(object, "tp", &score->tp, err) &&
	       take_count(object, "fp", &score->fp, err) &&
	       take_count(object, "tn", &score->tn, err) &&
	       take_count(object, "fn", &score->fn, err);
}

static bool
take_profile(struct profile *profile, const cJSON *root, struct err *err)
{
	const char *schema = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "schema"));
	if (schema == NULL || strcmp(schema, SCHEMA) != 0)
		return err_set(
		    err, ERR_DATA, "no profile of this program (`schema` is not %s)", SCHEMA);
	take_text(root, "model", profile->model, sizeof(profile->model));
	const cJSON *features = cJSON_GetObjectItemCaseSensitive(root, "features");
	const cJSON *scores = cJSON_GetObjectItemCaseSensitive(root, "scores");
	if (!take_count(root, "records", &profile->records, err))
		return false;
	int sizes[] = {cJSON_GetArraySize(features), cJSON_GetArraySize(scores)};
	if (sizes[0] > LIST_LIMIT || sizes[1] > LIST_LIMIT)
		return err_set(err, ERR_DATA, "more than %d features or versions", LIST_LIMIT);
	profile->features = mem_alloc((size_t)sizes[0] * sizeof(*profile->features));
	profile->scores = mem_alloc((size_t)sizes[1] * sizeof(*profile->scores));
	const cJSON *item;
	cJSON_ArrayForEach(item, features)
	{
		if (!take_feature(&profile->features[profile->features_count++], item, err))
			return false;
	}
	cJSON_ArrayForEach(item, scores)
	{
		if (!take_score(&profile->scores[profile->scores_count++], item, err))
			return false;
	}
	return true;
}

struct profile *
profile_from_json(const char *text, const char *name, struct err *err)
{
	const char *end = NULL;
	cJSON *root = cJSON_ParseWithOpts(text, &end, true);
	if (root == NULL) {
		err_set(
		    err, ERR_DATA, "%s: not JSON at byte %td", name, end != NULL ? end - text : 0);
		return NULL;
	}
	struct profile *profile = mem_alloc(sizeof(*profile));
	if (!take_profile(profile, root, err)) {
		err_prefix(err, "%s", name);
		profile_free(profile);
		profile = NULL;
	}
	cJSON_Delete(root);
	return profile;
}

struct profile *
profile_read(const char *path, struct err *err)
{
	struct buf text = {0};
	struct profile *profile = NULL;
	if (buf_read_file(&text, path, FILE_LIMIT, err))
		profile = profile_from_json(text.data, path, err);
	buf_free(&text);
	return profile;
}

bool
profile_write(const struct profile *profile, const char *path, struct err *err)
{
	struct buf text = {0};
	profile_to_json(profile, &text);
	bool done = buf_write_file(path, text.data, text.length, 0644, err);
	buf_free(&text);
	return done;
}

bool
profile_build_file(const char *data_path, const char *out_path, struct err *err)
{
	struct dataset data = {0};
	bool done = dataset_read(&data, data_path, NULL, err);
	if (done && data.rows == 0)
		done = err_set(err, ERR_DATA, "%s: no usable record%s%s", data_path,
		    data.rejected > 0 ? "; the last was refused: " : "", data.last_reason);
	if (done) {
		struct profile *profile = profile_from_dataset(&data);
		done = profile_write(profile, out_path, err);
		profile_free(profile);
	}
	dataset_free(&data);
	return done;
}
