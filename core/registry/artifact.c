#include "core/registry/artifact.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/hash.h"

/* The model, or NULL and err, and the model freed, if its scores are nothing to flag by. */
static struct model *
check_probability(struct model *model, const char *path, struct err *err)
{
	if (model == NULL || model_gives_probability(model))
		return model;
	err_set(err, ERR_DATA,
	    "%s: its scores are no probabilities; a `calibration` in its metadata makes them some",
	    path);
	model_free(model);
	return NULL;
}

struct model *
artifact_load_file(const char *path, struct err *err)
{
	return check_probability(model_load(path, err), path, err);
}

struct model *
artifact_load(const char *path, const char *sha256, const char *metadata, struct err *err)
{
	struct buf text = {0};
	struct model *model = NULL;
	char hex[HASH_HEX_SIZE];
	if (!buf_read_file(&text, path, MODEL_BYTES_MAX, err))
		goto out;
	hash_sha256(text.data, text.length, hex);
	if (strcmp(hex, sha256) != 0) {
		err_set(err, ERR_DATA, "%s: SHA-256 is %.12s…, the registered file's is %.12s…",
		    path, hex, sha256);
		goto out;
	}
	model = model_parse(text.data, text.length, path, err);
	if (model != NULL && !model_set_metadata(model, metadata, err)) {
		model_free(model);
		model = NULL;
	}
	model = check_probability(model, path, err);
out:
	buf_free(&text);
	return model;
}
