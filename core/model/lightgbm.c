/* lightgbm.c: a LightGBM model saved as text, versions v2 to v4 (LightGBM 2.1 to 4.x), as far as it
 * has one output.
 *
 * The arithmetic is LightGBM's: the leaves of all trees of the file are added in their order, in
 * double; a model that averages (random forests) has its leaves divided by the number of trees
 * here. Boosting types and learning rates are in the leaves already. What the library checks of a
 * file is checked too: also that each tree has the size that tree_sizes gives. */
#include "core/model/lightgbm.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum key {
	VERSION,
	NUM_CLASS,
	NUM_TREE_PER_ITERATION,
	MAX_FEATURE_IDX,
	OBJECTIVE,
	AVERAGE_OUTPUT,
	FEATURE_NAMES,
	FEATURE_INFOS,
	TREE_SIZES,
	KEYS
};

static const char *const keys[KEYS] = {"version", "num_class", "num_tree_per_iteration",
    "max_feature_idx", "objective", "average_output", "feature_names", "feature_infos",
    "tree_sizes"};

static const struct {
	const char *name;
	enum model_link link;
	bool root; /* may be learnt on the label's root: `sqrt` */
} objectives[] = {
    {"binary", LINK_LOGISTIC, false},
    {"cross_entropy", LINK_LOGISTIC, false},
    {"xentropy", LINK_LOGISTIC, false}, /* its old name */
    {"cross_entropy_lambda", LINK_SOFTPLUS, false},
    {"xentlambda", LINK_SOFTPLUS, false}, /* its old name */
    {"regression", LINK_IDENTITY, true},
    {"regression_l1", LINK_IDENTITY, true},
    {"huber", LINK_IDENTITY, false},
    {"fair", LINK_IDENTITY, true},
    {"quantile", LINK_IDENTITY, true},
    {"mape", LINK_IDENTITY, true},
    {"poisson", LINK_EXP, false},
    {"gamma", LINK_EXP, false},
    {"tweedie", LINK_EXP, false},
    {"lambdarank", LINK_IDENTITY, false},
    {"rank_xendcg", LINK_IDENTITY, false},
    {"custom", LINK_IDENTITY, false},
};

/* The file at hand. */
struct file {
	struct lightgbm_lines lines;
	struct lightgbm_span header[KEYS];
	bool old; /* v2 */
	bool average;
	struct lightgbm_span parameters; /* the line that begins them, while they have no end */
	struct lightgbm_span columns, words; /* see lightgbm_categories */
};

static bool
span_is(const struct lightgbm_span *span, const char *text)
{
	return span->length == strlen(text) && lightgbm_begins(span, text);
}

static bool
read_version(struct file *file, struct err *err)
{
	const struct lightgbm_span *version = &file->header[VERSION];
	if (version->text == NULL)
		return err_set(err, ERR_DATA,
		    "a LightGBM model from before 2.1 (it has no version); train and save it again "
		    "with a newer one");
	file->old = span_is(version, "v2");
	if (file->old || span_is(version, "v3") || span_is(version, "v4"))
		return true;
	return err_set(err, ERR_DATA,
	    "line %zu: the version `%.*s` of LightGBM's format is not known; v2, v3 and v4 are",
	    version->line, LIGHTGBM_SHOWN(*version));
}

/* What stands behind the objective's name: `sigmoid:1`, `sqrt`. Others are for training. */
static bool
read_objective_words(
    struct model *model, struct lightgbm_span rest, bool root, bool sigmoid, struct err *err)
{
	struct lightgbm_span word;
	bool scaled = !sigmoid;
	while (lightgbm_word(&rest, &word)) {
		if (root && span_is(&word, "sqrt"))
			model->link = LINK_SQUARE;
		if (!sigmoid || !lightgbm_begins(&word, "sigmoid:"))
			continue;
		word.text += strlen("sigmoid:");
		word.length -= strlen("sigmoid:");
		if (!lightgbm_number(&word, &model->slope) || !(model->slope > 0))
			return err_set(err, ERR_DATA,
			    "line %zu: sigmoid is `%.*s`, not a number above 0", word.line,
			    LIGHTGBM_SHOWN(word));
		scaled = true;
	}
	return scaled ||
	       err_set(err, ERR_DATA, "line %zu: the objective binary has no sigmoid", rest.line);
}

static bool
read_objective(struct model *model, struct lightgbm_span rest, struct err *err)
{
	struct lightgbm_span name;
	if (rest.text == NULL)
		return true;
	lightgbm_word(&rest, &name);
	for (size_t i = 0; i < sizeof(objectives) / sizeof(objectives[0]); i++) {
		if (!span_is(&name, objectives[i].name))
			continue;
		model->objective = objectives[i].name;
		model->link = objectives[i].link;
		return read_objective_words(model, rest, objectives[i].root, i == 0, err);
	}
	if (lightgbm_begins(&name, "multiclass"))
		return err_set(err, ERR_DATA,
		    "the objective %.*s has several outputs a row; only models of one output can "
		    "be scored",
		    LIGHTGBM_SHOWN(name));
	return err_set(err, ERR_DATA, "the objective `%.*s` cannot be scored; binary can",
	    LIGHTGBM_SHOWN(name));
}

/* Both counts of outputs, of which the second one may be left out. */
static bool
check_outputs(const struct file *file, struct err *err)
{
	for (size_t key = NUM_CLASS; key <= NUM_TREE_PER_ITERATION; key++) {
		double count;
		if (key == NUM_TREE_PER_ITERATION && file->header[key].text == NULL)
			continue;
		if (!lightgbm_whole(&file->header[key], keys[key], 0, INT32_MAX, &count, err))
			return false;
		if (count != 1)
			return err_set(err, ERR_DATA,
			    "%s is %.0f; only models of one output can be scored", keys[key],
			    count);
	}
	return true;
}

static bool
read_names(struct model *model, const struct file *file, struct err *err)
{
	double last;
	if (!lightgbm_whole(&file->header[MAX_FEATURE_IDX], keys[MAX_FEATURE_IDX], 0,
		MODEL_FEATURES_MAX - 1, &last, err))
		return false;
	for (size_t key = FEATURE_NAMES; key <= FEATURE_INFOS; key++) {
		size_t words = lightgbm_words(file->header[key]);
		if (file->header[key].text == NULL)
			return err_set(err, ERR_DATA, "%s is missing", keys[key]);
		if (words != (size_t)last + 1)
			return err_set(err, ERR_DATA,
			    "line %zu: %s has %zu words, but max_feature_idx is %.0f",
			    file->header[key].line, keys[key], words, last);
	}
	cJSON *names = cJSON_CreateArray();
	struct lightgbm_span rest = file->header[FEATURE_NAMES], word;
	while (lightgbm_word(&rest, &word)) {
		char *name = mem_printf("%.*s", (int)word.length, word.text);
		cJSON_AddItemToArray(names, cJSON_CreateString(name));
		free(name);
	}
	bool done = names_set(model, names, (size_t)last + 1, err);
	cJSON_Delete(names);
	return done;
}

static bool
read_header(struct model *model, struct file *file, struct err *err)
{
	if (!lightgbm_fields(&file->lines, keys, KEYS, file->header, err))
		return err_prefix(err, "the header");
	file->average = file->header[AVERAGE_OUTPUT].text != NULL;
	if (!read_version(file, err) || !read_objective(model, file->header[OBJECTIVE], err) ||
	    !check_outputs(file, err) || !read_names(model, file, err))
		return false;
	/* Early ones kept probabilities in the leaves of such a forest; since v3 they are margins.
	 */
	if (file->old && file->average && model->link != LINK_IDENTITY)
		return err_set(err, ERR_DATA,
		    "a random forest of version v2: whether its leaves are probabilities depends "
		    "on the release that trained it; train it again with LightGBM 3 or later");
	return true;
}

/* --- trees --- */

/* Compares a tree's size with the next one of tree_sizes, as far as another tree begins behind it:
 * it is where the library looks for that one. */
static bool
check_size(const struct file *file, struct lightgbm_span *sizes, size_t number, size_t bytes,
    struct err *err)
{
	struct lightgbm_span word;
	double size;
	if (sizes->text == NULL)
		return true;
	if (!lightgbm_word(sizes, &word))
		return err_set(
		    err, ERR_DATA, "tree_sizes has %zu trees, but the file has more", number);
	if (!lightgbm_begins(&file->lines.line, "Tree=") ||
	    (lightgbm_number(&word, &size) && size == (double)bytes))
		return true;
	return err_set(err, ERR_DATA,
	    "tree %zu: it has %zu bytes, but tree_sizes says `%.*s`: the file was changed", number,
	    bytes, LIGHTGBM_SHOWN(word));
}

/* Reads the tree at whose first line the lines stand, and goes on behind it. */
static bool
read_tree(struct model *model, struct file *file, struct lightgbm_span *sizes, struct err *err)
{
	struct trees *trees = &model->trees;
	struct lightgbm_lines *lines = &file->lines;
	struct lightgbm_span said = lines->line;
	size_t number = trees->count, start = lines->bytes;
	double numbered;
	said.text += strlen("Tree=");
	said.length -= strlen("Tree=");
	if (number >= TREES_MAX)
		return err_set(err, ERR_DATA, "more than %d trees", TREES_MAX);
	if (!lightgbm_number(&said, &numbered) || numbered != (double)number)
		return err_set(err, ERR_DATA, "line %zu: tree %zu is called `%.*s`", said.line,
		    number, LIGHTGBM_SHOWN(said));
	uint32_t root;
	if (!lightgbm_tree(model, lines, number, &root, err))
		return false;
	trees->roots[trees->count++] = root;
	if (!lightgbm_next_block(lines))
		return err_set(err, ERR_DATA, "the file ends behind tree %zu: it is cut", number);
	return check_size(file, sizes, number, lines->bytes - start, err);
}

static bool
read_trees(struct model *model, struct file *file, struct err *err)
{
	struct trees *trees = &model->trees;
	struct lightgbm_span sizes = file->header[TREE_SIZES], word;
	size_t capacity = 0;
	if (!lightgbm_next_block(&file->lines))
		return err_set(err, ERR_DATA, "the file ends behind its header: it is cut");
	while (lightgbm_begins(&file->lines.line, "Tree=")) {
		mem_reserve(&trees->roots, &capacity, trees->count + 1, sizeof(*trees->roots));
		if (!read_tree(model, file, &sizes, err))
			return false;
	}
	if (lightgbm_word(&sizes, &word))
		return err_set(
		    err, ERR_DATA, "tree_sizes has more trees than the file (%zu)", trees->count);
	trees->used = trees->count;
	const struct lightgbm_span *line = &file->lines.line;
	if (span_is(line, "end of trees") || span_is(line, "feature importances:") ||
	    span_is(line, "feature_importances:"))
		return true;
	return err_set(err, ERR_DATA, "line %zu: `%.*s` where a tree or the end of trees belongs",
	    line->line, LIGHTGBM_SHOWN(*line));
}

static void
average(struct trees *trees)
{
	for (size_t i = 0; i < trees->nodes_count; i++) {
		if (trees->nodes[i].child == 0)
			trees->nodes[i].value /= (double)trees->count;
	}
}

/* --- what follows the trees --- */

static void
take_rest(struct lightgbm_span *span, const struct lightgbm_span *line, const char *key)
{
	*span = *line;
	span->text += strlen(key);
	span->length -= strlen(key);
}

static bool
read_tail(struct file *file, struct err *err)
{
	static const char columns[] = "[categorical_feature: ", words[] = "pandas_categorical:";
	const struct lightgbm_span *line = &file->lines.line;
	while (lightgbm_next_block(&file->lines)) {
		if (span_is(line, "parameters:"))
			file->parameters = *line;
		else if (span_is(line, "end of parameters"))
			file->parameters.text = NULL;
		else if (file->parameters.text != NULL && lightgbm_begins(line, columns))
			take_rest(&file->columns, line, columns);
		else if (lightgbm_begins(line, words))
			take_rest(&file->words, line, words);
	}
	/* v2 did not always mark their end. */
	if (file->parameters.text != NULL && !file->old)
		return err_set(err, ERR_DATA,
		    "line %zu: the parameters have no end: the file is cut", file->parameters.line);
	return true;
}

static bool
read_file(struct model *model, struct file *file, struct err *err)
{
	if (!read_header(model, file, err) || !read_trees(model, file, err) ||
	    !read_tail(file, err))
		return false;
	if (file->average)
		average(&model->trees);
	return lightgbm_categories(
	    model, file->header[FEATURE_INFOS], file->columns, &file->words, err);
}

bool
lightgbm_parse(struct model *model, const char *text, size_t length, struct err *err)
{
	struct file file = {.lines = {.next = text, .end = text + length}};
	const char *nul = memchr(text, '\0', length);
	model->kind = "lightgbm";
	if (nul != NULL)
		return err_set(err, ERR_DATA, "a NUL byte at byte %zu", (size_t)(nul - text));
	lightgbm_next(&file.lines);
	if (!span_is(&file.lines.line, "tree"))
		return err_set(err, ERR_DATA,
		    "a LightGBM model of 2016 (`%.*s`): what it makes of a margin depends on the "
		    "release that wrote it; train and save it again with LightGBM 2.1 or later",
		    LIGHTGBM_SHOWN(file.lines.line));
	return read_file(model, &file, err);
}
