/* maps.c: maps behind the link that make a score a probability that can be believed, as
 * scikit-learn's CalibratedClassifierCV computes them.
 *
 * Isotonic: linear between the points, the outer ones' values beyond them (IsotonicRegression with
 * out_of_bounds="clip"). Platt: 1 / (1 + exp(a f + b)). Each map takes what came before it; only
 * the first of all may take the margin instead. A map's y never falls where it once rose, and is
 * from 0 to 1 where what it maps is a probability. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/parts.h"

enum { MAPS_MAX = 16 };

struct map {
	bool platt; /* else isotonic */
	bool margin; /* takes the margin, not the score */
	double a, b;
	double *x, *y; /* x rises */
	size_t count;
};

struct calibration {
	struct map maps[MAPS_MAX];
	size_t count;
	bool probability; /* what comes out is one */
	char words[MAPS_MAX * 48];
};

void
maps_free(struct calibration *calibration)
{
	for (size_t i = 0; calibration != NULL && i < calibration->count; i++) {
		free(calibration->maps[i].x);
		free(calibration->maps[i].y);
	}
	free(calibration);
}

/* --- reading --- */

/* The member under the one name or the other. */
static const cJSON *
member(const cJSON *json, const char *name, const char *other)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
	return item != NULL ? item : cJSON_GetObjectItemCaseSensitive(json, other);
}

static bool
check_points(const struct map *map, bool probability, struct err *err)
{
	int way = 0; /* of y: 1 up, -1 down, 0 not known yet */
	for (size_t i = 0; i < map->count; i++) {
		if (probability && !(map->y[i] >= 0 && map->y[i] <= 1))
			return err_set(err, ERR_DATA,
			    "y[%zu] is %g, but a probability is from 0 to 1", i, map->y[i]);
		if (i == 0)
			continue;
		if (!(map->x[i] > map->x[i - 1]))
			return err_set(err, ERR_DATA, "x[%zu], %.17g, is not above x[%zu], %.17g",
			    i, map->x[i], i - 1, map->x[i - 1]);
		int step = (map->y[i] > map->y[i - 1]) - (map->y[i] < map->y[i - 1]);
		if (step * way < 0)
			return err_set(err, ERR_DATA,
			    "y[%zu], %.17g, turns back: an isotonic map only rises or only falls",
			    i, map->y[i]);
		way = step != 0 ? step : way;
	}
	return true;
}

static bool
take_isotonic(struct map *map, const cJSON *json, bool probability, struct err *err)
{
	size_t others = 0;
	if (!cjson_numbers(member(json, "x", "X_thresholds_"), "x", &map->x, &map->count, err) ||
	    !cjson_numbers(member(json, "y", "y_thresholds_"), "y", &map->y, &others, err))
		return false;
	if (map->count != others)
		return err_set(
		    err, ERR_DATA, "x has %zu numbers and y has %zu", map->count, others);
	return check_points(map, probability, err);
}

static bool
take_platt(struct map *map, const cJSON *json, struct err *err)
{
	map->platt = true;
	return cjson_number(member(json, "a", "a_"), "a", &map->a, err) &&
	       cjson_number(member(json, "b", "b_"), "b", &map->b, err);
}

static bool
take_input(struct map *map, const cJSON *item, bool first, struct err *err)
{
	if (item == NULL || cJSON_IsNull(item))
		return true;
	if (!cJSON_IsString(item) ||
	    (strcmp(item->valuestring, "score") != 0 && strcmp(item->valuestring, "margin") != 0))
		return err_set(err, ERR_DATA, "input is %s, not \"score\" or \"margin\"",
		    cJSON_IsString(item) ? item->valuestring : cjson_word(item));
	map->margin = strcmp(item->valuestring, "margin") == 0;
	if (map->margin && !first)
		return err_set(err, ERR_DATA,
		    "its input is the margin, which only the first map can take: it would undo the "
		    "one before it");
	return true;
}

static bool
take_map(struct calibration *calibration, const cJSON *json, bool first, struct err *err)
{
	static const char *const kinds[] = {"isotonic", "platt", "sigmoid", NULL};
	struct map *map = &calibration->maps[calibration->count++];
	const cJSON *kind = cJSON_GetObjectItemCaseSensitive(json, "kind");
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_DATA, "it is %s, not an object", cjson_word(json));
	if (!cJSON_IsString(kind))
		return err_set(
		    err, ERR_DATA, "kind is %s, not \"isotonic\" or \"platt\"", cjson_word(kind));
	if (!take_input(map, cJSON_GetObjectItemCaseSensitive(json, "input"), first, err))
		return false;
	bool isotonic = strcmp(kind->valuestring, kinds[0]) == 0;
	const char *near = text_nearest(kind->valuestring, kinds);
	if (!isotonic && strcmp(kind->valuestring, kinds[1]) != 0 &&
	    strcmp(kind->valuestring, kinds[2]) != 0)
		return err_set(err, ERR_DATA, "a map of the unknown kind `%s`%s%s%s",
		    kind->valuestring, near ? "; do you mean `" : ", not isotonic or platt",
		    near ? near : "", near ? "`?" : "");
	bool done = isotonic ? take_isotonic(map, json, calibration->probability, err)
			     : take_platt(map, json, err);
	if (!done)
		return err_prefix(err, "%s", isotonic ? "isotonic" : "platt");
	/* An isotonic map of a decision is a probability if it looks like one. */
	calibration->probability = !isotonic || (fmin(map->y[0], map->y[map->count - 1]) >= 0 &&
						    fmax(map->y[0], map->y[map->count - 1]) <= 1);
	return true;
}

static void
add_words(struct calibration *calibration, const struct map *map)
{
	char *words = calibration->words;
	size_t size = sizeof(calibration->words);
	if (words[0] != '\0')
		text_append(words, size, ", then ");
	if (map->platt)
		text_append(words, size, "platt");
	else
		text_append(
		    words, size, "isotonic, %zu point%s", map->count, map->count == 1 ? "" : "s");
	if (map->margin)
		text_append(words, size, " of the margin");
}

bool
maps_parse(
    struct calibration **calibration, const struct model *model, const cJSON *json, struct err *err)
{
	const struct calibration *before = model->calibrated;
	const cJSON *item = cJSON_IsArray(json) ? json->child : json;
	if (item == NULL || cJSON_IsNull(json))
		return true;
	struct calibration *made = mem_alloc(sizeof(*made));
	made->probability = model_gives_probability(model);
	*calibration = made;
	if (before != NULL)
		text_copy(made->words, sizeof(made->words), before->words);
	for (; item != NULL; item = cJSON_IsArray(json) ? item->next : NULL) {
		if (made->count == MAPS_MAX)
			return err_set(
			    err, ERR_DATA, "calibration has more than %d maps", MAPS_MAX);
		if (!take_map(made, item, before == NULL && made->count == 0, err))
			return cJSON_IsArray(json)
				   ? err_prefix(err, "calibration[%zu]", made->count - 1)
				   : err_prefix(err, "calibration");
		add_words(made, &made->maps[made->count - 1]);
	}
	return true;
}

bool
model_gives_probability(const struct model *model)
{
	const struct calibration *last =
	    model->calibration != NULL ? model->calibration : model->calibrated;
	return last != NULL ? last->probability
			    : model->link == LINK_LOGISTIC || model->link == LINK_STEP;
}

const char *
model_calibration(const struct model *model)
{
	return model->calibration != NULL  ? model->calibration->words
	       : model->calibrated != NULL ? model->calibrated->words
					   : "";
}

/* --- applying --- */

/* As numpy.interp computes it, and never outside the two points. */
static double
interpolate(const struct map *map, double value)
{
	size_t low = 0, high = map->count;
	if (isnan(value))
		return value;
	while (low < high) { /* the first point above the value */
		size_t middle = low + (high - low) / 2;
		if (map->x[middle] <= value)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || low == map->count)
		return map->y[low == 0 ? 0 : low - 1];
	const double *x = &map->x[low - 1], *y = &map->y[low - 1];
	if (x[0] == value)
		return y[0];
	double slope = (y[1] - y[0]) / (x[1] - x[0]);
	return fmax(fmin(slope * (value - x[0]) + y[0], fmax(y[0], y[1])), fmin(y[0], y[1]));
}

void
maps_apply(
    const struct calibration *calibration, const double *margins, size_t count, double *scores)
{
	for (size_t m = 0; m < calibration->count; m++) {
		const struct map *map = &calibration->maps[m];
		const double *from = map->margin ? margins : scores;
		for (size_t i = 0; i < count; i++) {
			if (map->platt)
				scores[i] = 1.0 / (1.0 + exp(map->a * from[i] + map->b));
			else
				scores[i] = interpolate(map, from[i]);
		}
	}
}
