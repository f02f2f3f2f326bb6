/* lightgbm.h: what the files of the LightGBM reader share. Private to core/model.
 *
 * A model's text is blocks of lines `key=value`, each block ended by a blank line: a header, a
 * block for every tree, and behind them sections for people, of which the parameters and the words
 * of the categories are read. Nothing is copied: a span points into the text, which has a NUL
 * behind its last byte and must outlive it. */
#ifndef FRAUDTOP_MODEL_LIGHTGBM_H
#define FRAUDTOP_MODEL_LIGHTGBM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/model/parts.h"

struct lightgbm_span {
	const char *text; /* NULL: it is not there */
	size_t length;
	size_t line; /* from 1 */
};

struct lightgbm_lines {
	struct lightgbm_span line; /* at hand, without its end; none behind the last one */
	const char *next, *end; /* what follows it */
	size_t bytes; /* before the line at hand, every line's end counted as one */
};

/* Goes on to the next line, or to the next one that is not blank. False: there is none. */
bool lightgbm_next(struct lightgbm_lines *lines);
bool lightgbm_next_block(struct lightgbm_lines *lines);

/* Whether a span begins with a text. */
bool lightgbm_begins(const struct lightgbm_span *span, const char *with);

/* Reads the lines from the one behind the line at hand up to a blank one, into spans, one for each
 * of the `count` keys; other keys are passed over. False: a key stands twice, or the file ends. */
bool lightgbm_fields(struct lightgbm_lines *lines, const char *const *keys, size_t count,
    struct lightgbm_span *spans, struct err *err);

/* Takes the next word off the front of a span; words stand between blanks. False: no more. */
bool lightgbm_word(struct lightgbm_span *rest, struct lightgbm_span *word);
size_t lightgbm_words(struct lightgbm_span span); /* how many */

/* The finite number that a word is, rounded as strtod does, under the C locale. */
bool lightgbm_number(const struct lightgbm_span *word, double *value);
bool lightgbm_infinite(const struct lightgbm_span *word, double *value); /* inf or -inf */

/* The one whole number from low to high that a field holds; `name` is for the message. */
bool lightgbm_whole(const struct lightgbm_span *span, const char *name, double low, double high,
    double *value, struct err *err);

/* What can be shown of a word: printf's "%.*s". */
#define LIGHTGBM_SHOWN(word) (int)((word).length < 40 ? (word).length : 40), (word).text

/* Reads the block of tree `number` behind the line at hand and adds it to model->trees. */
bool lightgbm_tree(struct model *model, struct lightgbm_lines *lines, size_t number, uint32_t *root,
    struct err *err);

/* Gives the model's categorical inputs the words that pandas had for them. `infos` is the header's
 * feature_infos, `columns` the numbers of the categorical inputs among the parameters (NULL: not
 * there), `words` an array of arrays in JSON. The file does not say which inputs they belong to: if
 * it is not certain, there are none. */
bool lightgbm_categories(struct model *model, struct lightgbm_span infos,
    struct lightgbm_span columns, const struct lightgbm_span *words, struct err *err);

#endif
