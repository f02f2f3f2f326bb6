/* model.h: what the fuzzers of model files share: what must hold of a model that was taken, and of
 * the words with which another is refused. */
#ifndef FRAUDTOP_FUZZ_KIT_MODEL_H
#define FRAUDTOP_FUZZ_KIT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void must(bool good);
void must_be_clean(const char *text);
void must_be_refusal(const struct err *err);

/* A score ends, is the same for one row and for many, and no value does it harm. */
void must_score(const struct model *model);

/* Reads the bytes as a model file and holds it, or the refusal, to all of this. */
void must_parse(const uint8_t *data, size_t size);

#endif
