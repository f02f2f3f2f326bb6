/* profile_parse.c: reads a profile's JSON. It may be anybody's, so all of it is checked before it
 * is used: edges ascending, as many counts as bins and adding up, sizes within the limits of
 * stats/bins.h, hours that hold no more than was counted, maps that rise. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/reference/profile_parts.h"

void
profile_take_text(const cJSON *object, const char *key, char *dst, size_t size)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
	text_scrub(dst, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

bool
profile_take_count(const cJSON *object, const char *key, uint64_t *value, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	double number = cJSON_GetNumberValue(item);
	if (item == NULL || !(number >= 0 && number <= PROFILE_MAX_COUNT) ||
	    number != floor(number))
		return err_set(err, ERR_DATA, "`%s` must be a count", key);
	*value = (uint64_t)number;
	return true;
}

double
profile_take_number(const cJSON *object, const char *key)
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
	while (which < 3 && (kind == NULL || strcmp(kind, profile_kinds[which]) != 0))
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
	for (size_t i = 1; i < bins->count; i++)
		psi_edges -= bins->coarse[i] - bins->coarse[i - 1] == 1;
	return psi_edges == 0 || err_set(err, ERR_DATA, "`psi_edges` must be some of `edges`");
}

enum { HOURS_COLUMNS = BINS_CATEGORIES + 2 }; /* the most that this program makes */

/* As many counts as bins, and `n` in all. */
static bool
take_counts(struct profile_feature *feature, const cJSON *object, struct err *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "counts");
	if ((size_t)cJSON_GetArraySize(list) != feature->bins.count)
		return err_set(err, ERR_DATA, "%d counts for %zu bins", cJSON_GetArraySize(list),
		    feature->bins.count);
	feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
	size_t i = 0;
	double sum = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		double count = cJSON_IsNumber(item) ? item->valuedouble : -1;
		if (!(count >= 0 && count <= PROFILE_MAX_COUNT) || count != floor(count))
			return err_set(err, ERR_DATA, "count %zu is none", i);
		feature->counts[i++] = (uint64_t)count;
		sum += count;
	}
	if (sum != (double)feature->n)
		return err_set(err, ERR_DATA, "the counts are %.0f in all and not `n`", sum);
	return true;
}

/* Counts of 32 bits by hour, whose columns add up to no more than `most`; NULL and no error if the
 * object has none. */
static bool
take_hours(const cJSON *object, const char *key, uint32_t **hours, const uint64_t *most,
    size_t columns, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	*hours = NULL;
	if (item == NULL)
		return true;
	const char *text = cJSON_GetStringValue(item);
	uint64_t *wide = mem_grow(NULL, SEASON_HOURS * columns, sizeof(*wide));
	uint64_t *sums = mem_alloc(columns * sizeof(*sums));
	bool good = text != NULL && profile_read_hours(text, wide, columns, UINT32_MAX);
	for (size_t i = 0; good && i < SEASON_HOURS * columns; i++)
		sums[i % columns] += wide[i];
	for (size_t i = 0; good && i < columns; i++)
		good = sums[i] <= most[i];
	if (good) {
		*hours = mem_grow(NULL, SEASON_HOURS * columns, sizeof(**hours));
		for (size_t i = 0; i < SEASON_HOURS * columns; i++)
			(*hours)[i] = (uint32_t)wide[i];
	}
	free(sums);
	free(wide);
	return good || err_set(err, ERR_DATA,
			   "`%s` are no counts by hour of the week of what is counted", key);
}

static bool
take_season(struct profile_feature *feature, const cJSON *object, struct err *err)
{
	if (cJSON_HasObjectItem(object, "hours") && feature->bins.coarse_count > HOURS_COLUMNS)
		return err_set(
		    err, ERR_DATA, "`hours` of more than %d PSI bins", (int)HOURS_COLUMNS);
	uint64_t *most = mem_alloc(feature->bins.coarse_count * sizeof(*most));
	bins_to_coarse(&feature->bins, feature->counts, most);
	bool done =
	    take_hours(object, "hours", &feature->hours, most, feature->bins.coarse_count, err);
	free(most);
	if (!done || feature->hours == NULL)
		return done;
	const char *word = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "season"));
	if (word == NULL || !season_parse(word, &feature->season) || feature->season == SEASON_AUTO)
		return err_set(err, ERR_DATA, "`season` must be none, hour-of-day or hour-of-week");
	return true;
}

static bool
take_feature(struct profile_feature *feature, const cJSON *object, struct err *err)
{
	profile_feature_init(feature, "");
	if (!cJSON_IsObject(object))
		return err_set(err, ERR_DATA, "must be an object");
	profile_take_text(object, "name", feature->name, sizeof(feature->name));
	feature->mean = profile_take_number(object, "mean");
	feature->deviation = profile_take_number(object, "deviation");
	feature->low = profile_take_number(object, "min");
	feature->high = profile_take_number(object, "max");
	feature->attribution = profile_take_number(object, "attribution");
	if (feature->attribution < 0 || feature->deviation < 0)
		return err_set(err, ERR_DATA, "feature `%s`: `%s` is below 0", feature->name,
		    feature->deviation < 0 ? "deviation" : "attribution");
	if (feature->low > feature->high)
		return err_set(err, ERR_DATA, "feature `%s`: `min` is above `max`", feature->name);
	if (!profile_take_count(object, "n", &feature->n, err) ||
	    !profile_take_count(object, "missing", &feature->missing, err) ||
	    !take_bins(&feature->bins, object, err) || !take_counts(feature, object, err) ||
	    !take_season(feature, object, err))
		return err_prefix(err, "feature `%s`", feature->name);
	return true;
}

/* Numbers from 0 to 1, none below the one before it; `apart`: each above it. */
static bool
take_knots(
    const cJSON *map, const char *key, double *knots, size_t *count, bool apart, struct err *err)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(map, key), *item;
	*count = 0;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > CALIBRATION_KNOTS)
		return err_set(err, ERR_DATA, "`calibration`: `%s` must be a list of at most %d",
		    key, CALIBRATION_KNOTS);
	cJSON_ArrayForEach(item, list)
	{
		double last = *count > 0 ? knots[*count - 1] : -1;
		double value = cJSON_IsNumber(item) ? item->valuedouble : NAN;
		if (!(value >= 0 && value <= 1 && value >= last) || (apart && value == last))
			return err_set(err, ERR_DATA,
			    "`calibration`: `%s` must rise from 0 to 1 at most", key);
		knots[(*count)++] = value;
	}
	return true;
}

static bool
take_calibration(struct profile_score *score, const cJSON *object, struct err *err)
{
	struct calibration_map *map = &score->calibration;
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "calibration");
	size_t probabilities;
	if (item == NULL)
		return true;
	score->calibrated = true;
	if (!take_knots(item, "scores", map->x, &map->knots, true, err) ||
	    !take_knots(item, "probabilities", map->y, &probabilities, false, err))
		return false;
	return probabilities == map->knots ||
	       err_set(err, ERR_DATA, "`calibration`: %zu scores and %zu probabilities", map->knots,
		   probabilities);
}

static bool
take_decisions(struct profile_score *score, const cJSON *object, struct err *err)
{
	const struct {
		const char *key;
		uint32_t *hours;
		uint64_t most;
	} counts[] = {{"hours_decided", score->hours_decided, score->decided},
	    {"hours_flagged", score->hours_flagged, score->flagged}};
	for (size_t i = 0; i < 2; i++) {
		uint32_t *hours;
		if (!take_hours(object, counts[i].key, &hours, &counts[i].most, 1, err))
			return false;
		if (hours != NULL)
			memcpy(counts[i].hours, hours, SEASON_HOURS * sizeof(*hours));
		free(hours);
	}
	for (size_t i = 0; i < SEASON_HOURS; i++) {
		if (score->hours_flagged[i] > score->hours_decided[i])
			return err_set(err, ERR_DATA, "more flagged than decided in an hour");
	}
	return true;
}

static bool
take_share(const cJSON *object, const char *key, double *share, struct err *err)
{
	*share = profile_take_number(object, key);
	return !(*share < 0 || *share > 1) ||
	       err_set(err, ERR_DATA, "`%s` must be from 0 to 1", key);
}

static bool
take_score(struct profile_score *score, const cJSON *object, struct err *err)
{
	*score = (struct profile_score){0};
	profile_take_text(object, "version", score->version, sizeof(score->version));
	if (!take_feature(&score->score, cJSON_GetObjectItemCaseSensitive(object, "score"), err) ||
	    !profile_take_count(object, "decided", &score->decided, err) ||
	    !profile_take_count(object, "flagged", &score->flagged, err) ||
	    !profile_take_count(object, "labelled", &score->labelled, err) ||
	    !profile_take_count(object, "tp", &score->tp, err) ||
	    !profile_take_count(object, "fp", &score->fp, err) ||
	    !profile_take_count(object, "tn", &score->tn, err) ||
	    !profile_take_count(object, "fn", &score->fn, err) ||
	    !take_share(object, "roc_auc", &score->roc_auc, err) ||
	    !take_share(object, "average_precision", &score->average_precision, err) ||
	    !take_calibration(score, object, err) || !take_decisions(score, object, err))
		return err_prefix(err, "version `%s`", score->version);
	if (score->flagged > score->decided || score->labelled > score->decided ||
	    score->tp + score->fp + score->tn + score->fn != score->labelled)
		return err_set(err, ERR_DATA,
		    "version `%s`: the counts of decisions and labels do not add up",
		    score->version);
	return true;
}

static bool
take_time(const cJSON *root, const char *key, wall_us *ts, struct err *err)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
	const char *text = cJSON_GetStringValue(item);
	*ts = 0;
	return item == NULL || (text != NULL && clock_parse(text, strlen(text), ts)) ||
	       err_set(err, ERR_DATA, "`%s` is not a time like 2026-01-28T14:06:04.123Z", key);
}

static bool
take_times(struct profile *profile, const cJSON *root, struct err *err)
{
	if (!take_time(root, "first_ts", &profile->first_ts, err) ||
	    !take_time(root, "last_ts", &profile->last_ts, err))
		return false;
	if (profile->last_ts < profile->first_ts ||
	    (profile->first_ts == 0) != (profile->last_ts == 0))
		return err_set(err, ERR_DATA, "`last_ts` must be a time not before `first_ts`");
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "hours_records");
	const char *text = cJSON_GetStringValue(item);
	uint64_t left = profile->records;
	bool good = item == NULL ||
		    (text != NULL && profile_read_hours(text, profile->hours_records, 1, left));
	for (size_t i = 0; i < SEASON_HOURS && good; i++) {
		good = profile->hours_records[i] <= left;
		left -= profile->hours_records[i];
	}
	if (!good)
		return err_set(err, ERR_DATA, "`hours_records` are no counts by hour of the week");
	profile_see_hours(profile);
	return true;
}

bool
profile_parse(struct profile *profile, const cJSON *root, struct err *err)
{
	const char *schema = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "schema"));
	if (schema == NULL || strcmp(schema, PROFILE_SCHEMA) != 0)
		return err_set(err, ERR_DATA, "no profile of this program (`schema` is not %s)",
		    PROFILE_SCHEMA);
	profile_take_text(root, "model", profile->model, sizeof(profile->model));
	const cJSON *features = cJSON_GetObjectItemCaseSensitive(root, "features");
	const cJSON *scores = cJSON_GetObjectItemCaseSensitive(root, "scores");
	if (!profile_take_count(root, "records", &profile->records, err) ||
	    !take_times(profile, root, err))
		return false;
	if (!cJSON_IsArray(features) || (scores != NULL && !cJSON_IsArray(scores)))
		return err_set(err, ERR_DATA, "`features` and `scores` must be lists");
	int sizes[] = {cJSON_GetArraySize(features), cJSON_GetArraySize(scores)};
	if (sizes[0] > PROFILE_MAX_LIST || sizes[1] > PROFILE_MAX_LIST)
		return err_set(
		    err, ERR_DATA, "more than %d features or versions", PROFILE_MAX_LIST);
	profile->features = mem_alloc((size_t)sizes[0] * sizeof(*profile->features));
	profile->scores = mem_alloc((size_t)sizes[1] * sizeof(*profile->scores));
	const cJSON *item;
	cJSON_ArrayForEach(item, features)
	{
		struct profile_feature *feature = &profile->features[profile->features_count++];
		if (!take_feature(feature, item, err))
			return false;
		if (profile_feature_of(profile, feature->name) != feature)
			return err_set(err, ERR_DATA, "feature `%s` stands twice", feature->name);
	}
	cJSON_ArrayForEach(item, scores)
	{
		if (!take_score(&profile->scores[profile->scores_count++], item, err))
			return false;
	}
	return true;
}
