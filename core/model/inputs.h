/* inputs.h: a model's inputs, by name and by word, and the JSON members that tell of them. Private
 * to core/model. */
#ifndef FRAUDTOP_MODEL_INPUTS_H
#define FRAUDTOP_MODEL_INPUTS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/model/model.h"

enum { MODEL_FEATURES_MAX = 65536, MODEL_NAME_MAX = 256 };

struct category {
	char *word;
	double code;
};

struct categories {
	struct category *list; /* sorted by word */
	size_t count, capacity;
	bool present;
};

/* Takes the names, an array of strings, or makes f0, f1... if it is NULL or empty. Refuses a wrong
 * count, an empty name and a name that stands twice. */
bool names_set(struct model *model, const cJSON *names, size_t count, struct err *err);
/* Names the inputs by this and their numbers. */
bool names_number(struct model *model, size_t count, const char *prefix, struct err *err);
void names_free(struct model *model);
/* Finds a name, or says that it is not there and which one is near. */
bool names_find(const struct model *model, const char *name, int *index, struct err *err);

/* Adds a word with its code to an input's categories; the word is made clean. */
bool categories_add(
    struct categories *categories, const char *word, size_t length, double code, struct err *err);
/* To be called behind the last one: makes them findable. False: a word stands twice. */
bool categories_sort(struct categories *categories, struct err *err);
void categories_free(struct categories *categories, size_t features); /* NULL is fine */

const char *cjson_word(const cJSON *item); /* "a string", "an object"... for messages */
/* A finite number, or an array of at least one of them; `name` is for messages. free() *list, also
 * on failure. */
bool cjson_number(const cJSON *item, const char *name, double *value, struct err *err);
bool cjson_numbers(
    const cJSON *json, const char *name, double **list, size_t *count, struct err *err);

#endif
