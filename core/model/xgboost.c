/* xgboost.c: an XGBoost model saved as JSON, from 1.0 to 3.x, as far as it is one booster of trees
 * (gbtree) with one output.
 *
 * The arithmetic is XGBoost's: the margin starts at the base score (a probability is brought to
 * log-odds first) and the trees' leaves are added in their order, all in float. Models stopped
 * early are scored with the trees up to best_iteration. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/parts.h"

static const struct {
	const char *name;
	enum model_link link;
} objectives[] = {
    {"binary:logistic", LINK_LOGISTIC},
    {"reg:logistic", LINK_LOGISTIC},
    {"binary:logitraw", LINK_IDENTITY},
    {"reg:squarederror", LINK_IDENTITY},
    {"reg:linear", LINK_IDENTITY}, /* its old name */
    {"reg:squaredlogerror", LINK_IDENTITY},
    {"reg:pseudohubererror", LINK_IDENTITY},
    {"reg:absoluteerror", LINK_IDENTITY},
    {"rank:pairwise", LINK_IDENTITY},
    {"rank:ndcg", LINK_IDENTITY},
    {"rank:map", LINK_IDENTITY},
};

static const cJSON *
member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* The object `name` of another one. `path` is for the message. */
static const cJSON *
need_object(const cJSON *object, const char *name, const char *path, struct err *err)
{
	const cJSON *item = member(object, name);
	if (cJSON_IsObject(item))
		return item;
	if (item == NULL)
		err_set(err, ERR_DATA, "%s is missing", path);
	else
		err_set(err, ERR_DATA, "%s is %s, not an object", path, cjson_word(item));
	return NULL;
}

bool
xgboost_param(const cJSON *object, const char *name, double absent, double *value, struct err *err)
{
	const cJSON *item = member(object, name);
	*value = absent;
	if (item == NULL)
		return true;
	if (cJSON_IsNumber(item)) {
		*value = item->valuedouble;
		return true;
	}
	if (cJSON_IsString(item) && text_to_double(item->valuestring, value))
		return true;
	return err_set(err, ERR_DATA, "%s is %s%s%s%s, not a number", name, cjson_word(item),
	    cJSON_IsString(item) ? " (`" : "", cJSON_IsString(item) ? item->valuestring : "",
	    cJSON_IsString(item) ? "`)" : "");
}

/* The same for a count: a whole number from 0 to `high`. */
static bool
count_param(const cJSON *object, const char *name, double absent, double high, size_t *count,
    struct err *err)
{
	double value;
	if (!xgboost_param(object, name, absent, &value, err))
		return false;
	if (!(value >= 0 && value <= high) || value != floor(value))
		return err_set(err, ERR_DATA, "%s is %g, not a whole number from 0 to %.0f", name,
		    value, high);
	*count = (size_t)value;
	return true;
}

static bool
read_objective(struct model *model, const cJSON *learner, struct err *err)
{
	const cJSON *name = member(member(learner, "objective"), "name");
	if (!cJSON_IsString(name))
		return err_set(err, ERR_DATA, "learner.objective.name is missing");
	for (size_t i = 0; i < sizeof(objectives) / sizeof(objectives[0]); i++) {
		if (strcmp(name->valuestring, objectives[i].name) != 0)
			continue;
		model->objective = objectives[i].name;
		model->link = objectives[i].link;
		return true;
	}
	if (strncmp(name->valuestring, "multi:", 6) == 0)
		return err_set(err, ERR_DATA,
		    "the objective %s has several outputs a row; only models of one output can be "
		    "scored",
		    name->valuestring);
	return err_set(err, ERR_DATA, "the objective %s cannot be scored; binary:logistic can",
	    name->valuestring);
}

/* Written as "5E-1", "0.500000", "[5E-1]" (3.1 on), a number or an array of one. */
static bool
read_base_score(const cJSON *param, double *base, struct err *err)
{
	const cJSON *item = member(param, "base_score");
	if (item == NULL)
		return err_set(err, ERR_DATA, "base_score is missing");
	if (cJSON_IsArray(item)) {
		if (cJSON_GetArraySize(item) != 1)
			return err_set(err, ERR_DATA,
			    "base_score has %d values; only models of one output can be scored",
			    cJSON_GetArraySize(item));
		item = item->child;
	}
	if (cJSON_IsNumber(item) && isfinite(item->valuedouble)) {
		*base = item->valuedouble;
		return true;
	}
	if (!cJSON_IsString(item))
		return err_set(err, ERR_DATA, "base_score is %s, not a number",
		    cJSON_IsNumber(item) ? "infinite" : cjson_word(item));
	const char *text = item->valuestring;
	if (strchr(text, ',') != NULL)
		return err_set(err, ERR_DATA,
		    "base_score has several values (`%s`); only models of one output can be scored",
		    text);
	char number[64];
	size_t length = strlen(text);
	bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';
	if (bracketed) {
		text++;
		length -= 2;
	}
	if (length < sizeof(number)) {
		memcpy(number, text, length);
		number[length] = '\0';
		if (text_to_double(number, base))
			return true;
	}
	return err_set(err, ERR_DATA, "base_score is `%s`, not a number", item->valuestring);
}

/* Newer versions write a base score of 0 or 1 where all labels were the same, and bound it like
 * this. */
static float
logit(float probability)
{
	const float least = 1e-6f;
	float bounded = fminf(fmaxf(probability, least), 1.0f - least);
	return -logf(1.0f / bounded - 1.0f);
}

static bool
read_learner_param(struct model *model, const cJSON *param, struct err *err)
{
	size_t classes, targets, features;
	double base;
	if (!count_param(param, "num_class", 0, 1e9, &classes, err) ||
	    !count_param(param, "num_target", 1, 1e9, &targets, err) ||
	    !count_param(param, "num_feature", 0, 4294967295.0, &features, err) ||
	    !read_base_score(param, &base, err))
		return err_prefix(err, "learner_model_param");
	if (classes > 1 || targets > 1)
		return err_set(err, ERR_DATA,
		    "the model has %zu outputs a row; only models of one output can be scored",
		    classes > targets ? classes : targets);
	if (features == 0 || features > MODEL_FEATURES_MAX)
		return err_set(err, ERR_DATA,
		    "learner_model_param: num_feature is %zu, not from 1 to %d", features,
		    MODEL_FEATURES_MAX);
	if (model->link == LINK_LOGISTIC && !(base >= 0 && base <= 1))
		return err_set(err, ERR_DATA,
		    "learner_model_param: base_score is %g, not a probability", base);
	if (!(fabs(base) <= 1e30))
		return err_set(err, ERR_DATA, "learner_model_param: base_score is %g", base);
	model->features_count = features;
	model->base = (double)(model->link == LINK_LOGISTIC ? logit((float)base) : (float)base);
	return true;
}

/* Trees of the iterations up to the best one; all of them if the model was not stopped early. */
static bool
count_used(const cJSON *learner, const cJSON *gbtree, size_t trees, size_t *used, struct err *err)
{
	const cJSON *attributes = member(learner, "attributes");
	const cJSON *param = member(gbtree, "gbtree_model_param");
	const cJSON *starts = member(gbtree, "iteration_indptr");
	size_t best, parallel, limit;
	*used = trees;
	if (member(attributes, "best_iteration") == NULL)
		return true;
	if (!count_param(attributes, "best_iteration", 0, TREES_MAX, &best, err) ||
	    !count_param(attributes, "best_ntree_limit", 0, TREES_MAX, &limit, err) ||
	    !count_param(param, "num_parallel_tree", 1, TREES_MAX, &parallel, err))
		return false;
	if (cJSON_IsArray(starts) && starts->child != NULL) {
		const cJSON *end = cJSON_GetArrayItem(starts, (int)best + 1);
		limit =
		    cJSON_IsNumber(end) && end->valuedouble >= 0 && end->valuedouble <= TREES_MAX
			? (size_t)end->valuedouble
			: TREES_MAX + 1;
	} else if (limit == 0 || member(param, "num_parallel_tree") != NULL) {
		limit = (best + 1) * (parallel > 0 ? parallel : 1);
	}
	if (limit > trees)
		return err_set(err, ERR_DATA,
		    "best_iteration is %zu, but the file ends before that iteration (%zu trees)",
		    best, trees);
	*used = limit;
	return true;
}

static bool
read_trees(struct model *model, const struct skeleton *skeleton, struct err *err)
{
	struct trees *trees = &model->trees;
	trees->count = skeleton->count;
	trees->roots = mem_alloc(skeleton->count * sizeof(*trees->roots));
	uint8_t *given = mem_alloc(skeleton->count);
	bool done = true;
	for (size_t i = 0; i < skeleton->count && done; i++) {
		size_t id = 0;
		uint32_t root = 0;
		cJSON *json = skeleton_tree(skeleton, i, err);
		done = json != NULL && xgboost_tree(model, json, i, &id, &root, err);
		cJSON_Delete(json);
		if (done && id >= skeleton->count)
			done = err_set(err, ERR_DATA,
			    "tree %zu: its id is %zu, but there are %zu trees", i, id,
			    skeleton->count);
		else if (done && given[id])
			done = err_set(err, ERR_DATA, "tree %zu: its id %zu stands twice", i, id);
		if (!done)
			break;
		given[id] = 1;
		trees->roots[id] = root;
	}
	free(given);
	return done;
}

/* What the booster says of its trees must agree with the trees there are. */
static bool
check_booster(const cJSON *gbtree, size_t trees, struct err *err)
{
	const cJSON *param = member(gbtree, "gbtree_model_param");
	const cJSON *info = member(gbtree, "tree_info");
	size_t said, leaf_size;
	if (!count_param(param, "num_trees", (double)trees, 4294967295.0, &said, err) ||
	    !count_param(param, "size_leaf_vector", 0, 4294967295.0, &leaf_size, err))
		return err_prefix(err, "gbtree_model_param");
	if (said != trees)
		return err_set(err, ERR_DATA,
		    "gbtree_model_param says %zu trees, but the file has %zu", said, trees);
	if (leaf_size > 1)
		return err_set(err, ERR_DATA,
		    "the leaves hold %zu values; only models of one output can be scored",
		    leaf_size);
	if (info == NULL)
		return true;
	size_t count = 0;
	const cJSON *item;
	cJSON_ArrayForEach(item, info)
	{
		if (!cJSON_IsNumber(item) || item->valuedouble != 0)
			return err_set(err, ERR_DATA,
			    "tree %zu: tree_info gives it to another output than 0", count);
		count++;
	}
	if (!cJSON_IsArray(info) || count != trees)
		return err_set(err, ERR_DATA, "tree_info has %zu elements, but the file %zu trees",
		    count, trees);
	return true;
}

static void
score_rows(const struct model *model, const double *values, size_t rows, double *margins)
{
	trees_score(&model->trees, model->base, values, model->features_count, rows, margins);
}

static bool
read_booster(
    struct model *model, const cJSON *learner, const struct skeleton *skeleton, struct err *err)
{
	const cJSON *booster =
	    need_object(learner, "gradient_booster", "learner.gradient_booster", err);
	if (booster == NULL)
		return false;
	const cJSON *name = member(booster, "name");
	if (!cJSON_IsString(name))
		return err_set(err, ERR_DATA, "learner.gradient_booster.name is missing");
	if (strcmp(name->valuestring, "gbtree") != 0)
		return err_set(err, ERR_DATA, "the booster %s cannot be scored; gbtree can",
		    name->valuestring);
	if (!read_objective(model, learner, err))
		return false;
	const cJSON *param =
	    need_object(learner, "learner_model_param", "learner.learner_model_param", err);
	if (param == NULL || !read_learner_param(model, param, err) ||
	    !names_set(model, member(learner, "feature_names"), model->features_count, err))
		return false;
	const cJSON *gbtree = need_object(booster, "model", "learner.gradient_booster.model", err);
	if (gbtree == NULL)
		return false;
	if (!cJSON_IsArray(member(gbtree, "trees")) || !skeleton->found)
		return err_set(
		    err, ERR_DATA, "learner.gradient_booster.model.trees, an array, is missing");
	return check_booster(gbtree, skeleton->count, err) &&
	       count_used(learner, gbtree, skeleton->count, &model->trees.used, err) &&
	       read_trees(model, skeleton, err);
}

bool
xgboost_parse(
    struct model *model, const cJSON *root, const struct skeleton *skeleton, struct err *err)
{
	model->kind = "xgboost";
	model->score_rows = score_rows;
	model->trees.single = true;
	const cJSON *learner = need_object(root, "learner", "learner", err);
	return learner != NULL && read_booster(model, learner, skeleton, err);
}
