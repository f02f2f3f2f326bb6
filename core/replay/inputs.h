/* inputs.h: a model's row from named values: of a dataset's columns, or of one record.
 *
 * By name, never by place. A word becomes its category's code; a word that is none, and a word in
 * an input without categories that is no number, counts as missing and is counted. */
#ifndef FRAUDTOP_REPLAY_INPUTS_H
#define FRAUDTOP_REPLAY_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/ingest/dataset.h"
#include "core/ingest/record.h"
#include "core/model/model.h"

struct inputs; /* of one model */

struct inputs *inputs_new(const struct model *model);
void inputs_free(struct inputs *inputs); /* NULL is fine */

/* The value of input `index` for a word. */
double inputs_word(const struct model *model, size_t index, const char *word);
/* The same for a number: in an input with categories, the code of the word that it prints as; 1 and
 * 0, which booleans of a log are, may also be the words true and false. */
double inputs_number(const struct model *model, size_t index, double number);

/* Finds the columns. False: an input has none; err names it, and the nearest column that there is.
 * The dataset must outlive the inputs. */
bool inputs_bind(struct inputs *inputs, const struct dataset *data, struct err *err);
/* How many rows to fill at a time: at most INPUTS_BLOCK, of wide models fewer, so that their values
 * take 8 MB. */
enum { INPUTS_BLOCK = 1024 };
size_t inputs_block(const struct inputs *inputs);
/* Fills rows [from, from + rows) of the bound dataset, one behind the other. */
void inputs_fill(struct inputs *inputs, size_t from, size_t rows, double *values);

/* Fills one row from a record's features; returns how many inputs the record does not name: they
 * are missing in the row. */
size_t inputs_record(struct inputs *inputs, const struct prediction *prediction, double *row);
/* Is there an input that none of the records so far has named? Then false, and err names it, and
 * the nearest name that there was. True of no records. */
bool inputs_named(const struct inputs *inputs, struct err *err);

/* From now on an input that the data has not is missing in every row: inputs_bind does not refuse
 * it, inputs_named neither. */
void inputs_allow_absent(struct inputs *inputs);

/* Of the rows filled so far, in how many an input was not named; was named, but empty or null; had
 * a value that counts as missing because it was no category, or no number. */
uint64_t inputs_absent(const struct inputs *inputs, size_t index);
uint64_t inputs_empty(const struct inputs *inputs, size_t index);
uint64_t inputs_unknown(const struct inputs *inputs, size_t index);

#endif
