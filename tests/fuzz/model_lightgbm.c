/* model_lightgbm.c: any bytes as a LightGBM text model. */
#include "tests/fuzz/kit/model.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	must_parse(data, size);
	return 0;
}
