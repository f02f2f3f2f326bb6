/* metadata.h: what stands beside a model's file: NAME.metadata.json (NAME with or without the
 * file's ending), else a metadata.json that names the file as its artifact, or names none and has
 * no member but those here.
 *
 * `{"model":name, "version":v, "trained_at":time, "threshold":t, "sha256":hex of the model's file,
 * "artifact":file name, "metrics":{name:number,...}, "note":text,
 * "features":["name", {"name":n, "label":words, "mean":x, "low":x, "high":x,
 *   "compare":{"mean" or "ratio":feature, "words":"this customer's mean"}}, ...],
 * "categories":{feature:{word:code,...}}, "calibration":{...}}`: all of it optional, unknown
 * members kept out. Checked: the SHA-256 and the features' names and order against the file;
 * features name the inputs of a file that has no names. */
#ifndef FRAUDTOP_MODEL_METADATA_H
#define FRAUDTOP_MODEL_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "core/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct model_metric {
	char *name;
	double value;
};

/* What is known of one input, for words about its values. */
struct model_note {
	char *label; /* what people call it; NULL: its name */
	double mean, low,
	    high; /* of the training data, low and high about all of it; NaN unknown */
	int compare; /* input to hold it against, or -1 */
	bool ratio; /* that input is the ratio itself, else the mean to divide by */
	char *compare_words; /* "this customer's mean"; NULL if compare is -1 */
};

/* Strings are clean; NULL where the file does not say. */
struct model_metadata {
	char *path; /* of the metadata file; NULL: none, or given from memory */
	char *name, *version, *trained_at, *artifact, *sha256, *note;
	double threshold; /* NaN: none */
	bool sha256_checked; /* the model's file has the SHA-256 that stands here */
	bool features_checked; /* features stand here, and are the file's in its order */
	struct model_metric *metrics;
	size_t metrics_count;
	struct model_note *notes; /* one an input; NULL: none */
};

const struct model_metadata *model_metadata(const struct model *model); /* never NULL */

/* A word for what follows the link, one behind the other ("isotonic, 41 points"); "" if nothing
 * does. */
const char *model_calibration(const struct model *model);

#ifdef __cplusplus
}
#endif

#endif
