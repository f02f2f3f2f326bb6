/* sklearn.c: linear models of scikit-learn, as the JSON of what they have fitted (docs/models.md
 * has the lines of Python that write it): a single estimator, or the "steps" of a Pipeline that end
 * in one. What the steps before it do to an input is a straight line too, so that the whole comes
 * out as one weight an input: margin = decision_function (or what a regressor predicts).
 *
 * The margin is that of the class to be flagged: the greater of two numbers, or the one under
 * "positive". */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/parts.h"

enum { STEPS_MAX = 16 };

struct estimator {
	const char *name;
	bool classifier;
	enum model_link link;
};

static const struct estimator estimators[] = {
    {"LogisticRegression", true, LINK_LOGISTIC},
    {"LogisticRegressionCV", true, LINK_LOGISTIC},
    {"SGDClassifier", true, LINK_IDENTITY}, /* logistic if its loss is */
    {"RidgeClassifier", true, LINK_IDENTITY},
    {"RidgeClassifierCV", true, LINK_IDENTITY},
    {"LinearSVC", true, LINK_IDENTITY},
    {"Perceptron", true, LINK_IDENTITY},
    {"PassiveAggressiveClassifier", true, LINK_IDENTITY},
    {"LinearRegression", false, LINK_IDENTITY},
    {"Ridge", false, LINK_IDENTITY},
    {"RidgeCV", false, LINK_IDENTITY},
    {"Lasso", false, LINK_IDENTITY},
    {"LassoCV", false, LINK_IDENTITY},
    {"ElasticNet", false, LINK_IDENTITY},
    {"ElasticNetCV", false, LINK_IDENTITY},
    {"SGDRegressor", false, LINK_IDENTITY},
    {"LinearSVR", false, LINK_IDENTITY},
    {"HuberRegressor", false, LINK_IDENTITY},
    {"PoissonRegressor", false, LINK_EXP},
    {"GammaRegressor", false, LINK_EXP},
};

/* What the steps so far make of an input: scale * value + offset. */
struct line {
	double scale, offset;
	bool imputed, centred;
};

struct reader {
	struct model *model;
	const cJSON *steps[STEPS_MAX]; /* the estimator is the last one */
	size_t steps_count;
	const struct estimator *kind;
	double *weights; /* of the estimator */
	size_t count;
	double intercept;
	struct line *lines;
};

static const cJSON *
get(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
	return cJSON_IsNull(item) ? NULL : item;
}

/* --- the steps --- */

static const char *
class_of(const cJSON *step)
{
	const cJSON *name = get(step, "class");
	return cJSON_IsString(name) ? name->valuestring : NULL;
}

static bool
find_steps(struct reader *reader, const cJSON *root, struct err *err)
{
	const cJSON *steps = get(root, "steps");
	const cJSON *step = steps != NULL ? steps->child : root;
	if (steps != NULL && (!cJSON_IsArray(steps) || step == NULL))
		return err_set(err, ERR_DATA, "steps is %s, not an array of steps",
		    cJSON_IsArray(steps) ? "empty" : cjson_word(steps));
	for (; step != NULL; step = steps != NULL ? step->next : NULL) {
		if (reader->steps_count == STEPS_MAX)
			return err_set(err, ERR_DATA, "more than %d steps", STEPS_MAX);
		if (class_of(step) == NULL)
			return err_set(err, ERR_DATA,
			    "step %zu: its \"class\" is %s, not the name of a class of "
			    "scikit-learn",
			    reader->steps_count, cjson_word(get(step, "class")));
		reader->steps[reader->steps_count++] = step;
	}
	return true;
}

static bool
find_class(struct reader *reader, struct err *err)
{
	const char *names[sizeof(estimators) / sizeof(estimators[0]) + 1] = {0};
	const char *name = class_of(reader->steps[reader->steps_count - 1]);
	for (size_t i = 0; i < sizeof(estimators) / sizeof(estimators[0]); i++) {
		names[i] = estimators[i].name;
		if (strcmp(name, names[i]) == 0)
			reader->kind = &estimators[i];
	}
	const char *near = text_nearest(name, names);
	if (reader->kind == NULL)
		return err_set(err, ERR_DATA,
		    "a scikit-learn %s, which is no linear model that can be scored%s%s%s", name,
		    near ? "; do you mean `" : " (docs/models.md lists them)", near ? near : "",
		    near ? "`?" : "");
	reader->model->objective = reader->kind->name;
	return true;
}

/* --- the estimator --- */

/* The only row of an array of rows, or the array itself. */
static bool
read_weights(struct reader *reader, const cJSON *estimator, struct err *err)
{
	const cJSON *coef = get(estimator, "coef_"), *intercept = get(estimator, "intercept_");
	int rows = cJSON_IsArray(coef) && cJSON_IsArray(coef->child) ? cJSON_GetArraySize(coef) : 1;
	if (rows != 1)
		return err_set(err, ERR_DATA,
		    "a %s of %d outputs (coef_ has as many rows); only models of one output can be "
		    "scored",
		    reader->kind->name, rows);
	if (cJSON_IsArray(coef) && cJSON_IsArray(coef->child))
		coef = coef->child;
	if (!cjson_numbers(coef, "coef_", &reader->weights, &reader->count, err))
		return false;
	if (reader->count > MODEL_FEATURES_MAX)
		return err_set(err, ERR_DATA, "coef_ has %zu numbers, more than %d", reader->count,
		    MODEL_FEATURES_MAX);
	if (cJSON_IsArray(intercept) && cJSON_GetArraySize(intercept) == 1)
		intercept = intercept->child;
	return cjson_number(intercept, "intercept_", &reader->intercept, err);
}

static bool
read_link(struct reader *reader, const cJSON *estimator, struct err *err)
{
	const cJSON *loss = get(estimator, "loss"), *several = get(estimator, "multi_class");
	struct model *model = reader->model;
	model->link = reader->kind->link;
	/* The softmax of -margin and margin. */
	if (model->link == LINK_LOGISTIC && cJSON_IsString(several) &&
	    strcmp(several->valuestring, "multinomial") == 0)
		model->slope = 2;
	if (strcmp(reader->kind->name, "SGDClassifier") != 0)
		return true;
	if (!cJSON_IsString(loss))
		return err_set(err, ERR_DATA,
		    "an SGDClassifier needs its \"loss\": with log_loss it has probabilities");
	if (strcmp(loss->valuestring, "log_loss") == 0 || strcmp(loss->valuestring, "log") == 0)
		model->link = LINK_LOGISTIC;
	else if (strcmp(loss->valuestring, "modified_huber") == 0)
		return err_set(err, ERR_DATA,
		    "an SGDClassifier with the loss modified_huber, whose probabilities are cut "
		    "off at 0 and 1; train it with log_loss");
	return true;
}

/* --- its classes --- */

static bool
class_number(const cJSON *item, double *number)
{
	*number = cJSON_IsNumber(item) ? item->valuedouble : cJSON_IsTrue(item) ? 1 : 0;
	return cJSON_IsNumber(item) || cJSON_IsBool(item) ||
	       (cJSON_IsString(item) && text_to_double(item->valuestring, number));
}

/* Which of the two is to be flagged: 0 or 1; -1 and err if that cannot be told. */
static int
positive_class(const cJSON *first, const cJSON *positive, struct err *err)
{
	double one, other;
	if (positive != NULL) {
		bool is_first = cJSON_Compare(positive, first, true);
		if (is_first || cJSON_Compare(positive, first->next, true))
			return is_first ? 0 : 1;
		err_set(err, ERR_DATA, "\"positive\" is none of the two classes_");
		return -1;
	}
	if (class_number(first, &one) && class_number(first->next, &other) && one != other)
		return one > other ? 0 : 1;
	err_set(err, ERR_DATA,
	    "classes_ are `%s` and `%s`: which is the one to flag? Say it with \"positive\"",
	    cJSON_IsString(first) ? first->valuestring : cjson_word(first),
	    cJSON_IsString(first->next) ? first->next->valuestring : cjson_word(first->next));
	return -1;
}

/* decision_function speaks of the second class. */
static bool
turn_to_positive(struct reader *reader, const cJSON *estimator, const cJSON *root, struct err *err)
{
	const cJSON *list = get(estimator, "classes_"), *positive = get(root, "positive");
	if (!reader->kind->classifier)
		return true;
	if (!cJSON_IsArray(list))
		return err_set(err, ERR_DATA, "classes_ is %s, not an array", cjson_word(list));
	if (cJSON_GetArraySize(list) != 2)
		return err_set(err, ERR_DATA,
		    "a %s of %d classes; only models of two classes can be scored",
		    reader->kind->name, cJSON_GetArraySize(list));
	int flagged = positive_class(list->child, positive, err);
	if (flagged != 0)
		return flagged == 1;
	if (get(root, "calibration") != NULL)
		return err_set(err, ERR_DATA,
		    "the class to flag is the first of classes_, but the calibration is of the "
		    "second: train with 1 for what is to be flagged");
	reader->intercept = -reader->intercept;
	for (size_t i = 0; i < reader->count; i++)
		reader->weights[i] = -reader->weights[i];
	return true;
}

/* --- what comes before it --- */

/* One number an input, or NULL where the step has none. */
static bool
read_vector(const struct reader *reader, const cJSON *step, const char *name, double **list,
    struct err *err)
{
	size_t count;
	const cJSON *item = get(step, name);
	if (item == NULL)
		return true;
	if (!cjson_numbers(item, name, list, &count, err))
		return false;
	return count == reader->count || err_set(err, ERR_DATA, "%s has %zu numbers for %zu inputs",
					     name, count, reader->count);
}

/* A statistic is in the units that the steps before have made. */
static bool
read_imputer(struct reader *reader, const cJSON *step, struct err *err)
{
	double *statistics = NULL;
	bool done = read_vector(reader, step, "statistics_", &statistics, err);
	if (done && statistics == NULL)
		done = err_set(err, ERR_DATA, "statistics_ is missing");
	if (done && cJSON_IsTrue(get(step, "add_indicator")))
		done = err_set(err, ERR_DATA, "add_indicator, which adds inputs, is not supported");
	if (done && get(step, "missing_values") != NULL)
		done = err_set(err, ERR_DATA, "missing_values is not NaN");
	for (size_t i = 0; done && i < reader->count; i++) {
		struct line *line = &reader->lines[i];
		struct linear_term *term = &reader->model->terms[i];
		if (line->imputed)
			continue;
		line->imputed = true;
		term->missing = (statistics[i] - line->offset) / line->scale;
		if (!line->centred)
			term->mean = term->missing;
	}
	free(statistics);
	return done;
}

/* StandardScaler and RobustScaler, (x - centre) / scale; MaxAbsScaler has no centre; MinMaxScaler
 * is x * scale + min. */
static bool
read_scaler(
    struct reader *reader, const cJSON *step, const char *centre, bool multiplies, struct err *err)
{
	double *middle = NULL, *scale = NULL;
	bool done = (centre == NULL || read_vector(reader, step, centre, &middle, err)) &&
		    read_vector(reader, step, "scale_", &scale, err);
	/* A StandardScaler knows the mean also where it leaves it in. */
	bool shifts = middle != NULL && !cJSON_IsFalse(get(step, "with_mean"));
	if (done && cJSON_IsTrue(get(step, "clip")))
		done = err_set(err, ERR_DATA, "clip is not supported");
	if (done && multiplies && (middle == NULL || scale == NULL))
		done = err_set(err, ERR_DATA, "min_ or scale_ is missing");
	for (size_t i = 0; done && i < reader->count; i++) {
		struct line *line = &reader->lines[i];
		struct linear_term *term = &reader->model->terms[i];
		double factor = scale == NULL ? 1 : multiplies ? scale[i] : 1 / scale[i];
		double shift = !shifts ? 0 : multiplies ? middle[i] : -middle[i] * factor;
		if (middle != NULL && !multiplies && !line->centred) {
			line->centred = true;
			term->mean = (middle[i] - line->offset) / line->scale;
			if (!line->imputed)
				term->missing = term->mean;
		}
		line->scale *= factor;
		line->offset = line->offset * factor + shift;
		if (!isfinite(line->scale) || line->scale == 0 || !isfinite(line->offset))
			done = err_set(err, ERR_DATA, "scale_[%zu] is no scale", i);
	}
	free(middle);
	free(scale);
	return done;
}

static bool
read_step(struct reader *reader, const cJSON *step, struct err *err)
{
	const char *name = class_of(step);
	if (strcmp(name, "SimpleImputer") == 0)
		return read_imputer(reader, step, err);
	if (strcmp(name, "StandardScaler") == 0)
		return read_scaler(reader, step, "mean_", false, err);
	if (strcmp(name, "RobustScaler") == 0)
		return read_scaler(reader, step, "center_", false, err);
	if (strcmp(name, "MaxAbsScaler") == 0)
		return read_scaler(reader, step, NULL, false, err);
	if (strcmp(name, "MinMaxScaler") == 0)
		return read_scaler(reader, step, "min_", true, err);
	return err_set(err, ERR_DATA,
	    "it cannot be scored; what can stand before the estimator: SimpleImputer, "
	    "StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler");
}

static bool
read_steps(struct reader *reader, struct err *err)
{
	struct model *model = reader->model;
	reader->lines = mem_alloc(reader->count * sizeof(*reader->lines));
	model->terms = mem_alloc(reader->count * sizeof(*model->terms));
	for (size_t i = 0; i < reader->count; i++)
		reader->lines[i].scale = 1;
	for (size_t i = 0; i + 1 < reader->steps_count; i++) {
		if (!read_step(reader, reader->steps[i], err))
			return err_prefix(err, "step %zu, %s", i, class_of(reader->steps[i]));
	}
	model->intercept = reader->intercept;
	for (size_t i = 0; i < reader->count; i++) {
		model->terms[i].weight = reader->weights[i] * reader->lines[i].scale;
		model->intercept += reader->weights[i] * reader->lines[i].offset;
		if (!isfinite(model->terms[i].weight) || !isfinite(model->intercept) ||
		    !isfinite(model->terms[i].missing) || !isfinite(model->terms[i].mean))
			return err_set(
			    err, ERR_DATA, "input %zu: its numbers are too large together", i);
	}
	return true;
}

/* --- pickles --- */

bool
sklearn_refuse_pickle(const char *bytes, size_t length, struct err *err)
{
	static const struct {
		const char *bytes, *word;
	} starts[] = {{"\x80\x02", "pickle"}, {"\x80\x03", "pickle"}, {"\x80\x04", "pickle"},
	    {"\x80\x05", "pickle"}, {"ccopy_reg", "pickle"}, {"csklearn", "pickle"},
	    {"\x78\x01", "zlib"}, {"\x78\x5E", "zlib"}, {"\x78\x9C", "zlib"}, {"\x78\xDA", "zlib"},
	    {"\x1F\x8B", "gzip"}, {"BZh", "bzip2"},
	    {"\xFD"
	     "7zXZ",
		"xz"},
	    {"\x04\x22\x4D\x18", "lz4"}};
	static const char way_out[] =
	    "write the model as JSON from Python instead: docs/models.md, "
	    "\"scikit-learn\", has the lines that do it";
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t width = strlen(starts[i].bytes);
		if (length < width || memcmp(bytes, starts[i].bytes, width) != 0)
			continue;
		if (strcmp(starts[i].word, "pickle") == 0)
			return err_set(err, ERR_DATA,
			    "a Python pickle, such as pickle or joblib write of scikit-learn's "
			    "models: it is a program, and is not run here; %s",
			    way_out);
		return err_set(err, ERR_DATA,
		    "a file compressed with %s, such as joblib writes: unpack it if there is JSON "
		    "in it, and if it is a pickle %s",
		    starts[i].word, way_out);
	}
	return true;
}

/* --- the whole --- */

/* By the file, or by the first step that was fitted to names. */
static const cJSON *
find_names(const struct reader *reader, const cJSON *root)
{
	const cJSON *names = get(root, "feature_names_in_");
	for (size_t i = 0; names == NULL && i < reader->steps_count; i++)
		names = get(reader->steps[i], "feature_names_in_");
	return names;
}

bool
sklearn_parse(struct model *model, const cJSON *root, struct err *err)
{
	struct reader reader = {.model = model};
	model->kind = "sklearn";
	bool done = find_steps(&reader, root, err) && find_class(&reader, err);
	if (done) {
		const cJSON *estimator = reader.steps[reader.steps_count - 1];
		done =
		    read_weights(&reader, estimator, err) && read_link(&reader, estimator, err) &&
		    turn_to_positive(&reader, estimator, root, err) && read_steps(&reader, err) &&
		    names_set(model, find_names(&reader, root), reader.count, err) &&
		    maps_parse(&model->calibrated, model, get(root, "calibration"), err);
	}
	free(reader.weights);
	free(reader.lines);
	return done;
}
