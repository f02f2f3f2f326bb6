/* model_json.c: any bytes as a model in JSON: XGBoost's, scikit-learn's and the plain linear one.
 */
#include "tests/fuzz/kit/model.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	must_parse(data, size);
	return 0;
}
