/* metadata_parts.h: what the files that read metadata share. Private to core/model. */
#ifndef FRAUDTOP_MODEL_METADATA_PARTS_H
#define FRAUDTOP_MODEL_METADATA_PARTS_H

#include "core/model/parts.h"

/* The model's file that metadata stand beside. */
struct metadata_file {
	const char *path;
	const void *bytes;
	size_t length;
};

/* model_set_metadata, and the hash checked against the file if there is one (else NULL). */
bool metadata_set(
    struct model *model, const char *json, const struct metadata_file *file, struct err *err);

/* Checks the member "features" (NULL: there is none) against the model's inputs, or names them by
 * it, and takes what it says of them. The names that the model had are left for the caller to free
 * if it has others now, also on failure. */
bool metadata_take_features(struct model *model, const cJSON *json, struct err *err);

#endif
