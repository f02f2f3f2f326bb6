/* skeleton.h: takes the trees out of a model's JSON before it is parsed. Private to core/model.
 *
 * cJSON holds some 80 bytes a number, so a large model is not parsed at once: the skeleton is the
 * text with the array under the key "trees" emptied, and each tree is parsed by itself and let go.
 * What is parsed at one time is bounded by SKELETON_VALUES_MAX. Besides, XGBoost writes the words
 * NaN and Infinity, which JSON has not: they become null and 1e999 here. */
#ifndef FRAUDTOP_MODEL_SKELETON_H
#define FRAUDTOP_MODEL_SKELETON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/* About 320 MB of cJSON at worst; a tree of 300,000 nodes has as many. */
enum { SKELETON_VALUES_MAX = 4000000 };

struct skeleton_span {
	size_t offset, length;
};

struct skeleton {
	const char *source; /* not owned */
	size_t source_length;
	struct buf text;
	bool found; /* there is an array of trees */
	struct skeleton_span *trees;
	size_t count, capacity;
};

/* Fills *skeleton (zero-initialised) from a text that must outlive it. False: the text ends early,
 * has two arrays of trees or too many of them, or is too large. */
bool skeleton_cut(struct skeleton *skeleton, const char *text, size_t length, struct err *err);
/* Parses the skeleton, or tree `index`. NULL and err if it is not valid JSON. Free with
 * cJSON_Delete. */
cJSON *skeleton_parse(const struct skeleton *skeleton, struct err *err);
cJSON *skeleton_tree(const struct skeleton *skeleton, size_t index, struct err *err);
/* The same for any text: NULL and err, naming the place, if it is not exactly one JSON value. */
cJSON *skeleton_parse_text(const char *text, struct err *err);
void skeleton_free(struct skeleton *skeleton); /* what it points to */

#endif
