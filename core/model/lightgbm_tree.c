/* lightgbm_tree.c: one tree of a LightGBM model.
 *
 * A tree of n leaves has n-1 splits, numbered from the root on, and arrays with an element for
 * each; a child below zero is a leaf, ~child its number. Here the leaves follow the splits: leaf i
 * is node n-1+i, as in what messages call a node. No array is longer than the file's text, no tree
 * larger than LEAVES_MAX, and every set of categories is taken once at most, so that a file cannot
 * ask for more memory than a few times its size. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/model/lightgbm.h"
#include "core/model/trees_source.h"

enum key {
	NUM_LEAVES,
	NUM_CAT,
	SPLIT_FEATURE,
	THRESHOLD,
	DECISION_TYPE,
	LEFT_CHILD,
	RIGHT_CHILD,
	LEAF_VALUE,
	LEAF_COUNT,
	INTERNAL_COUNT,
	CAT_BOUNDARIES,
	CAT_THRESHOLD,
	IS_LINEAR,
	KEYS
};

static const char *const keys[KEYS] = {"num_leaves", "num_cat", "split_feature", "threshold",
    "decision_type", "left_child", "right_child", "leaf_value", "leaf_count", "internal_count",
    "cat_boundaries", "cat_threshold", "is_linear"};

/* LightGBM grows no tree of more than 131,072. */
enum { LEAVES_MAX = 1 << 20 };

/* The bits of a decision_type; the two above them are the type of what is missing. */
enum { DECISION_CATEGORICAL = 1, DECISION_DEFAULT_LEFT = 2, DECISION_MAX = 11 };
enum { MISSING_NONE, MISSING_ZERO, MISSING_NAN };

/* The tree at hand. */
struct reading {
	struct lightgbm_span fields[KEYS];
	size_t number, leaves, splits, nodes, sets_count, bits_count;
	double *scratch; /* an element each of the array read last */
	size_t scratch_capacity;
	int32_t *left, *right;
	uint32_t *feature, *flags, *set;
	double *value, *cover;
	struct trees_set *sets;
	uint8_t *set_taken;
	uint32_t *bits;
};

/* Reads the array `key` of exactly `count` numbers from low to high into scratch. */
static bool
read_array(struct reading *reading, enum key key, size_t count, bool whole, double low, double high,
    struct err *err)
{
	struct lightgbm_span rest = reading->fields[key], word;
	bool of_leaves = key == LEAF_VALUE || key == LEAF_COUNT;
	const char *unit = of_leaves ? "leaf" : key >= CAT_BOUNDARIES ? "element" : "node";
	if (rest.text == NULL)
		return err_set(err, ERR_DATA, "tree %zu: it has no %s", reading->number, keys[key]);
	size_t words = lightgbm_words(rest);
	if (words != count)
		return err_set(err, ERR_DATA, "tree %zu: %s has %zu elements, not %zu",
		    reading->number, keys[key], words, count);
	mem_reserve(
	    &reading->scratch, &reading->scratch_capacity, count, sizeof(*reading->scratch));
	for (size_t i = 0; lightgbm_word(&rest, &word); i++) {
		double *value = &reading->scratch[i];
		if (key == THRESHOLD && lightgbm_infinite(&word, value))
			continue;
		if (!lightgbm_number(&word, value))
			return err_set(err, ERR_DATA,
			    "tree %zu, %s %zu: %s is `%.*s`, not a finite number", reading->number,
			    unit, i, keys[key], LIGHTGBM_SHOWN(word));
		if (!(*value >= low && *value <= high) || (whole && *value != floor(*value)))
			return err_set(err, ERR_DATA,
			    "tree %zu, %s %zu: %s is %g, not a whole number from %.0f to %.0f",
			    reading->number, unit, i, keys[key], *value, low, high);
	}
	return true;
}

static bool
read_whole(
    struct reading *reading, enum key key, size_t count, double low, double high, struct err *err)
{
	return read_array(reading, key, count, true, low, high, err);
}

static bool
read_doubles(struct reading *reading, enum key key, size_t count, struct err *err)
{
	return read_array(reading, key, count, false, -DBL_MAX, DBL_MAX, err);
}

/* The size, which must agree with the number of values there are before room is made for it. */
static bool
read_size(struct reading *reading, struct err *err)
{
	double leaves, linear = 0;
	const struct lightgbm_span *fields = reading->fields;
	if ((fields[IS_LINEAR].text != NULL &&
		!lightgbm_whole(&fields[IS_LINEAR], "is_linear", 0, 1, &linear, err)) ||
	    !lightgbm_whole(&fields[NUM_LEAVES], "num_leaves", 1, LEAVES_MAX, &leaves, err))
		return err_prefix(err, "tree %zu", reading->number);
	if (linear != 0)
		return err_set(err, ERR_DATA,
		    "tree %zu: a linear tree; only trees with constant leaves can be scored (train "
		    "without linear_tree)",
		    reading->number);
	reading->leaves = (size_t)leaves;
	reading->splits = reading->leaves - 1;
	reading->nodes = reading->leaves + reading->splits;
	return read_doubles(reading, LEAF_VALUE, reading->leaves, err);
}

static void
make_room(struct reading *reading)
{
	size_t nodes = reading->nodes;
	reading->left = mem_alloc(nodes * sizeof(*reading->left));
	reading->right = mem_alloc(nodes * sizeof(*reading->right));
	reading->feature = mem_alloc(nodes * sizeof(*reading->feature));
	reading->flags = mem_alloc(nodes * sizeof(*reading->flags));
	reading->set = mem_alloc(nodes * sizeof(*reading->set));
	reading->value = mem_alloc(nodes * sizeof(*reading->value));
	reading->cover = mem_alloc(nodes * sizeof(*reading->cover));
}

static void
free_room(struct reading *reading)
{
	free(reading->scratch);
	free(reading->left);
	free(reading->right);
	free(reading->feature);
	free(reading->flags);
	free(reading->set);
	free(reading->value);
	free(reading->cover);
	free(reading->sets);
	free(reading->set_taken);
	free(reading->bits);
}

static bool
read_children(struct reading *reading, enum key key, int32_t *children, struct err *err)
{
	double leaves = (double)reading->leaves;
	if (!read_whole(reading, key, reading->splits, -leaves, leaves - 2, err))
		return false;
	for (size_t node = 0; node < reading->splits; node++) {
		int32_t child = (int32_t)reading->scratch[node];
		children[node] = child >= 0 ? child : (int32_t)reading->splits + ~child;
	}
	return true;
}

/* The sets of categories: bits in words of 32, cut at the boundaries. */
static bool
read_sets(struct reading *reading, struct err *err)
{
	double sets;
	if (!lightgbm_whole(
		&reading->fields[NUM_CAT], "num_cat", 0, (double)reading->splits, &sets, err))
		return err_prefix(err, "tree %zu", reading->number);
	reading->sets_count = (size_t)sets;
	if (reading->sets_count == 0)
		return true;
	size_t bits = lightgbm_words(reading->fields[CAT_THRESHOLD]);
	if (!read_whole(reading, CAT_THRESHOLD, bits, 0, UINT32_MAX, err))
		return false;
	reading->bits_count = bits;
	reading->bits = mem_alloc(bits * sizeof(*reading->bits));
	for (size_t i = 0; i < bits; i++)
		reading->bits[i] = (uint32_t)reading->scratch[i];
	if (!read_whole(reading, CAT_BOUNDARIES, reading->sets_count + 1, 0, (double)bits, err))
		return false;
	reading->sets = mem_alloc(reading->sets_count * sizeof(*reading->sets));
	reading->set_taken = mem_alloc(reading->sets_count);
	for (size_t i = 0; i < reading->sets_count; i++) {
		double first = reading->scratch[i], last = reading->scratch[i + 1];
		if (last < first)
			return err_set(err, ERR_DATA,
			    "tree %zu, element %zu: cat_boundaries goes back from %.0f to %.0f",
			    reading->number, i + 1, first, last);
		reading->sets[i] =
		    (struct trees_set){.first = (uint32_t)first, .words = (uint32_t)(last - first)};
	}
	return true;
}

/* The t for which `x < t` says what LightGBM's `x <= threshold` says, x counting as 0 near it. */
static double
threshold_below(double threshold)
{
	if (fabs(threshold) <= TREES_NEAR_ZERO)
		threshold =
		    threshold < 0 ? nextafter(-TREES_NEAR_ZERO, -INFINITY) : TREES_NEAR_ZERO;
	return nextafter(threshold, INFINITY);
}

/* A numeric split; scratch holds the thresholds. Below infinity is no double that says `x <=
 * infinity`, which parts what is missing from all else: such a split is turned round. If nothing
 * is missing by its type, a NaN goes where 0 goes. */
static void
take_threshold(struct reading *reading, size_t node)
{
	unsigned decision = reading->flags[node], type = decision >> 2;
	bool missing_left = (decision & DECISION_DEFAULT_LEFT) != 0;
	double threshold = threshold_below(reading->scratch[node]);
	if (isinf(reading->scratch[node]) && threshold > 0) {
		int32_t left = reading->left[node];
		reading->left[node] = reading->right[node];
		reading->right[node] = left;
		threshold = -INFINITY;
		missing_left = !missing_left;
	}
	if (type == MISSING_NONE)
		missing_left = 0 < threshold;
	reading->value[node] = threshold;
	reading->flags[node] = (missing_left ? TREES_MISSING_LEFT : 0) |
			       (type == MISSING_ZERO ? TREES_ZERO_MISSING : 0);
}

/* A categorical split's threshold is the number of its set; scratch holds the thresholds. The
 * members go left, all else right, also NaN and whatever the missing type. */
static bool
take_set(struct reading *reading, size_t node, struct err *err)
{
	double number = reading->scratch[node];
	if (!(number >= 0 && number < (double)reading->sets_count) || number != floor(number))
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: its set of categories is %g, but num_cat is %zu",
		    reading->number, node, number, reading->sets_count);
	uint32_t set = (uint32_t)number;
	if (reading->set_taken[set])
		return err_set(err, ERR_DATA,
		    "tree %zu, node %zu: its set of categories, %lu, is another split's",
		    reading->number, node, (unsigned long)set);
	reading->set_taken[set] = 1;
	reading->set[node] = set;
	reading->flags[node] = TREES_SET | TREES_SET_LEFT;
	return true;
}

static bool
read_splits(struct reading *reading, size_t features, struct err *err)
{
	size_t splits = reading->splits;
	if (!read_children(reading, LEFT_CHILD, reading->left, err) ||
	    !read_children(reading, RIGHT_CHILD, reading->right, err) ||
	    !read_whole(reading, SPLIT_FEATURE, splits, 0, (double)features - 1, err))
		return false;
	for (size_t node = 0; node < splits; node++)
		reading->feature[node] = (uint32_t)reading->scratch[node];
	if (!read_whole(reading, DECISION_TYPE, splits, 0, DECISION_MAX, err))
		return false;
	for (size_t node = 0; node < splits; node++)
		reading->flags[node] = (uint32_t)reading->scratch[node];
	if (!read_sets(reading, err) || !read_doubles(reading, THRESHOLD, splits, err))
		return false;
	for (size_t node = 0; node < splits; node++) {
		if ((reading->flags[node] & DECISION_CATEGORICAL) == 0)
			take_threshold(reading, node);
		else if (!take_set(reading, node, err))
			return false;
	}
	return true;
}

/* How many rows of the training data came through each node. A lone leaf's cover has nothing that
 * it could be held against, and the file gives none. */
static bool
read_cover(struct reading *reading, bool *covered, struct err *err)
{
	size_t splits = reading->splits;
	*covered = true;
	reading->cover[0] = 1;
	if (splits == 0)
		return true;
	*covered = reading->fields[LEAF_COUNT].text != NULL &&
		   reading->fields[INTERNAL_COUNT].text != NULL;
	if (!*covered)
		return true;
	if (!read_whole(reading, INTERNAL_COUNT, splits, 0, INT32_MAX, err))
		return false;
	for (size_t node = 0; node < splits; node++)
		reading->cover[node] = reading->scratch[node];
	if (!read_whole(reading, LEAF_COUNT, reading->leaves, 0, INT32_MAX, err))
		return false;
	for (size_t leaf = 0; leaf < reading->leaves; leaf++)
		reading->cover[splits + leaf] = reading->scratch[leaf];
	return true;
}

static bool
read_tree(struct reading *reading, struct model *model, uint32_t *root, struct err *err)
{
	bool covered;
	if (!read_size(reading, err))
		return false;
	make_room(reading);
	for (size_t leaf = 0; leaf < reading->leaves; leaf++) {
		size_t node = reading->splits + leaf;
		reading->value[node] = reading->scratch[leaf];
		reading->left[node] = reading->right[node] = -1;
	}
	if ((reading->splits > 0 && !read_splits(reading, model->features_count, err)) ||
	    !read_cover(reading, &covered, err))
		return false;
	const struct trees_source source = {
	    .number = reading->number,
	    .nodes = reading->nodes,
	    .left = reading->left,
	    .right = reading->right,
	    .feature = reading->feature,
	    .flags = reading->flags,
	    .value = reading->value,
	    .cover = covered ? reading->cover : NULL,
	    .set = reading->set,
	    .sets = reading->sets,
	    .sets_count = reading->sets_count,
	    .bits = reading->bits,
	    .bits_count = reading->bits_count,
	};
	return trees_add(&model->trees, &source, model->features_count, root, err);
}

bool
lightgbm_tree(struct model *model, struct lightgbm_lines *lines, size_t number, uint32_t *root,
    struct err *err)
{
	struct reading reading = {.number = number};
	if (!lightgbm_fields(lines, keys, KEYS, reading.fields, err))
		return err_prefix(err, "tree %zu", number);
	bool done = read_tree(&reading, model, root, err);
	free_room(&reading);
	return done;
}
