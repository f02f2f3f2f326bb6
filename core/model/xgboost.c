/* xgboost.c: an XGBoost model, from 1.0 to 3.x, as far as it is one booster of trees (gbtree or
 * dart) with one output.
 *
 * The arithmetic is XGBoost's: the margin starts at the base score, which the file has as a score
 * and which is brought back through the link (but for binary:logitraw, whose base score is a
 * margin), and the trees' leaves are added in their order, all in float. A dart tree's leaves are
 * multiplied by its weight first. Models stopped early are scored with the trees up to
 * best_iteration, dart ones too, as XGBoost's estimators do. */
#include "core/model/xgboost.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"

static const struct {
	const char *name;
	enum model_link link;
} objectives[] = {
    {"binary:logistic", LINK_LOGISTIC},
    {"binary:logitraw", LINK_IDENTITY},
    {"binary:hinge", LINK_STEP},
    {"reg:squarederror", LINK_IDENTITY},
    {"reg:linear", LINK_IDENTITY}, /* its old name */
    {"reg:squaredlogerror", LINK_IDENTITY},
    {"reg:logistic", LINK_LOGISTIC},
    {"reg:pseudohubererror", LINK_IDENTITY},
    {"reg:absoluteerror", LINK_IDENTITY},
    {"reg:quantileerror", LINK_IDENTITY},
    {"reg:expectileerror", LINK_IDENTITY},
    {"reg:gamma", LINK_EXP},
    {"reg:tweedie", LINK_EXP},
    {"count:poisson", LINK_EXP},
    {"survival:cox", LINK_EXP},
    {"survival:aft", LINK_EXP},
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
	return err_set(err, ERR_DATA,
	    "the objective %s is not known; binary:, reg:, rank:, count: and survival: ones of "
	    "XGBoost are",
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

/* The margin that a base score stands for. */
static bool
bring_to_margin(enum model_link link, double score, double *margin, struct err *err)
{
	if (link == LINK_LOGISTIC && !(score >= 0 && score <= 1))
		return err_set(err, ERR_DATA, "base_score is %g, not a probability", score);
	if (link == LINK_EXP && !(score >= (double)FLT_MIN))
		return err_set(err, ERR_DATA, "base_score is %g, not above 0", score);
	if (!(fabs(score) <= 1e30))
		return err_set(err, ERR_DATA, "base_score is %g", score);
	float single = (float)score;
	*margin = (double)(link == LINK_LOGISTIC ? logit(single)
			   : link == LINK_EXP	 ? logf(single)
						 : single);
	return true;
}

static bool
read_learner_param(struct model *model, const cJSON *param, struct err *err)
{
	size_t classes, targets, features;
	double base;
	if (!count_param(param, "num_class", 0, 1e9, &classes, err) ||
	    !count_param(param, "num_target", 1, 1e9, &targets, err) ||
	    !count_param(param, "num_feature", 0, 4294967295.0, &features, err))
		return err_prefix(err, "learner_model_param");
	if (classes > 1 || targets > 1)
		return err_set(err, ERR_DATA,
		    "the model has %zu outputs a row; only models of one output can be scored",
		    classes > targets ? classes : targets);
	if (features == 0 || features > MODEL_FEATURES_MAX)
		return err_set(err, ERR_DATA,
		    "learner_model_param: num_feature is %zu, not from 1 to %d", features,
		    MODEL_FEATURES_MAX);
	if (!read_base_score(param, &base, err) ||
	    !bring_to_margin(model->link, base, &model->base, err))
		return err_prefix(err, "learner_model_param");
	model->features_count = features;
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

/* What dart multiplies each tree by; NULL: nothing. Free *weights, also on failure. */
static bool
read_weights(
    const cJSON *booster, const cJSON *gbtree, size_t trees, double **weights, struct err *err)
{
	const cJSON *list = member(booster, "weight_drop");
	bool dart = list != NULL || strcmp(member(booster, "name")->valuestring, "dart") == 0;
	if (list == NULL)
		list = member(gbtree, "weight_drop");
	size_t count = (size_t)cJSON_GetArraySize(list);
	if (count == 0 && (!dart || trees == 0))
		return true;
	if (!cjson_numbers(list, "weight_drop", weights, &count, err))
		return false;
	if (count != trees)
		return err_set(err, ERR_DATA,
		    "weight_drop has %zu elements, but the file %zu trees", count, trees);
	for (size_t i = 0; i < count; i++) {
		if (!(fabs((*weights)[i]) <= (double)FLT_MAX))
			return err_set(err, ERR_DATA,
			    "weight_drop[%zu] is %g, too large for a float", i, (*weights)[i]);
	}
	return true;
}

/* Tree `number` of the file, to be put where its id says. */
static bool
take_tree(struct model *model, const struct xgboost_tree *tree, size_t number, size_t count,
    const double *weights, uint8_t *given, struct err *err)
{
	if (!(tree->id >= 0 && tree->id <= TREES_MAX) || tree->id != floor(tree->id))
		return err_set(err, ERR_DATA, "tree %zu: its id is %g", number, tree->id);
	size_t id = (size_t)tree->id;
	if (id >= count)
		return err_set(err, ERR_DATA, "tree %zu: its id is %zu, but there are %zu trees",
		    number, id, count);
	if (given[id])
		return err_set(err, ERR_DATA, "tree %zu: its id %zu stands twice", number, id);
	given[id] = 1;
	float weight = weights != NULL ? (float)weights[id] : 1;
	return xgboost_tree_add(model, tree, number, weight, &model->trees.roots[id], err);
}

static bool
read_trees(
    struct model *model, const struct xgboost_file *file, const double *weights, struct err *err)
{
	struct trees *trees = &model->trees;
	struct xgboost_tree tree = {0};
	trees->count = file->count;
	trees->roots = mem_alloc(file->count * sizeof(*trees->roots));
	uint8_t *given = mem_alloc(file->count);
	bool done = true;
	for (size_t i = 0; i < file->count && done; i++)
		done = file->read_tree(file->form, i, &tree, err) &&
		       take_tree(model, &tree, i, file->count, weights, given, err);
	xgboost_tree_free(&tree);
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

/* Of the booster the object that holds the trees; a dart booster has a gbtree inside. */
static const cJSON *
find_gbtree(const cJSON *booster, struct err *err)
{
	const cJSON *name = member(booster, "name");
	if (!cJSON_IsString(name)) {
		err_set(err, ERR_DATA, "learner.gradient_booster.name is missing");
		return NULL;
	}
	if (strcmp(name->valuestring, "gbtree") == 0)
		return need_object(booster, "model", "learner.gradient_booster.model", err);
	if (strcmp(name->valuestring, "dart") == 0) {
		const cJSON *gbtree =
		    need_object(booster, "gbtree", "learner.gradient_booster.gbtree", err);
		return gbtree == NULL ? NULL
				      : need_object(gbtree, "model",
					    "learner.gradient_booster.gbtree.model", err);
	}
	err_set(err, ERR_DATA, "the booster %s cannot be scored; gbtree and dart can",
	    name->valuestring);
	return NULL;
}

static bool
read_booster(struct model *model, const cJSON *learner, const cJSON *booster, const cJSON *gbtree,
    const struct xgboost_file *file, struct err *err)
{
	double *weights = NULL;
	if (!cJSON_IsArray(member(gbtree, "trees")) || !file->found)
		return err_set(
		    err, ERR_DATA, "learner.gradient_booster.model.trees, an array, is missing");
	bool done = check_booster(gbtree, file->count, err) &&
		    count_used(learner, gbtree, file->count, &model->trees.used, err) &&
		    read_weights(booster, gbtree, file->count, &weights, err) &&
		    xgboost_words(model, member(gbtree, "cats"), err) &&
		    read_trees(model, file, weights, err);
	free(weights);
	return done;
}

bool
xgboost_read(struct model *model, const struct xgboost_file *file, struct err *err)
{
	model->kind = "xgboost";
	model->trees.single = true;
	const cJSON *learner = need_object(file->root, "learner", "learner", err);
	if (learner == NULL)
		return false;
	const cJSON *booster =
	    need_object(learner, "gradient_booster", "learner.gradient_booster", err);
	const cJSON *gbtree = booster != NULL ? find_gbtree(booster, err) : NULL;
	if (gbtree == NULL || !read_objective(model, learner, err))
		return false;
	const cJSON *param =
	    need_object(learner, "learner_model_param", "learner.learner_model_param", err);
	return param != NULL && read_learner_param(model, param, err) &&
	       names_set(model, member(learner, "feature_names"), model->features_count, err) &&
	       read_booster(model, learner, booster, gbtree, file, err);
}
