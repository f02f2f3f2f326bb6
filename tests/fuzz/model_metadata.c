/* model_metadata.c: any bytes as what stands beside a model: words, codes, calibration, notes. The
 * models are a linear one and two trees of which the file has the covers. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/metadata.h"
#include "tests/fuzz/kit/model.h"

static const char *const models[] = {
    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":0.5,\"features\":["
    "{\"name\":\"a\",\"weight\":1},{\"name\":\"b\",\"weight\":-2},{\"name\":\"c\",\"weight\":0}]}",
    "{\"learner\":{\"feature_names\":[\"a\",\"b\",\"c\"],\"learner_model_param\":{\"base_score\":0."
    "5,"
    "\"num_feature\":3},\"objective\":{\"name\":\"binary:logistic\"},\"gradient_booster\":{"
    "\"name\":"
    "\"gbtree\",\"model\":{\"trees\":[{\"left_children\":[1,-1,3,-1,-1],\"right_children\":[2,-1,4,"
    "-1,-1],"
    "\"split_indices\":[0,0,1,0,0],\"split_conditions\":[0.5,-1,3,2,-0.25],\"default_left\":[1,0,0,"
    "0,0],"
    "\"sum_hessian\":[10,4,6,5,1]},{\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],"
    "\"split_indices\":[1,0,0],\"split_conditions\":[1,0.5,-0.5],\"default_left\":[0,0,0],"
    "\"sum_hessian\":[10,7,3]}]}}}}"};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_alloc(size + 1);
	memcpy(text, data, size);
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++) {
		struct err err = {0};
		struct model *model = model_parse(models[i], strlen(models[i]), "sound", &err);
		must(model != NULL);
		if (model_set_metadata(model, text, &err)) {
			const struct model_metadata *metadata = model_metadata(model);
			must(metadata != NULL);
			must_be_clean(model_name(model));
			must_be_clean(model_version(model));
			must_be_clean(model_calibration(model));
			for (size_t metric = 0; metric < metadata->metrics_count; metric++)
				must_be_clean(metadata->metrics[metric].name);
			must_score(model);
		} else {
			must_be_refusal(&err);
		}
		model_free(model);
	}
	free(text);
	return 0;
}
