/* model_rows.h: rows to score and to explain, as models take them: payments of the simulator, or
 * the cases of a file, repeated. What a model lacks ends the benchmark. */
#ifndef FRAUDTOP_TESTS_BENCH_MODEL_ROWS_H
#define FRAUDTOP_TESTS_BENCH_MODEL_ROWS_H

#include <math.h>

#include "core/base/mem.h"
#include "core/ingest/dataset.h"
#include "core/model/model.h"
#include "core/service/payments.h"
#include "tests/bench/bench.h"

static inline double *
model_rows_payments(const struct model *model, size_t rows)
{
	size_t features = model_features(model);
	double *values = mem_alloc(rows * features * sizeof(*values));
	struct payments *payments = payments_new(7, 1);
	for (size_t i = 0; i < rows; i++) {
		struct payment payment;
		payments_next(payments, &payment);
		for (enum payment_feature f = 0; f < PAYMENT_FEATURES; f++) {
			int input = model_find(model, payment_feature_name(f));
			double value = payment.values[f];
			if (input < 0)
				bench_fail(payment_feature_name(f), "the demo's model lacks it");
			if (model_categorical(model, (size_t)input) &&
			    !model_code(
				model, (size_t)input, payment_category_name(&payment), &value))
				value = (double)NAN;
			values[i * features + (size_t)input] = value;
		}
	}
	payments_free(payments);
	return values;
}

static inline double *
model_rows_cases(const struct model *model, const char *path, size_t rows)
{
	size_t features = model_features(model);
	double *values = mem_alloc(rows * features * sizeof(*values));
	struct dataset data = {0};
	struct err err;
	if (!dataset_read(&data, path, NULL, &err))
		bench_fail(path, err.text);
	for (size_t f = 0; f < features; f++) {
		const struct dataset_column *column =
		    dataset_feature(&data, model_feature(model, f));
		if (column == NULL || column->categorical)
			bench_fail(model_feature(model, f), "no such column of numbers");
		for (size_t i = 0; i < rows; i++)
			values[i * features + f] = column->numbers[i % data.rows];
	}
	dataset_free(&data);
	return values;
}

/* What XGBoost takes. */
static inline float *
model_rows_floats(const double *values, size_t count)
{
	float *floats = mem_alloc(count * sizeof(*floats));
	for (size_t i = 0; i < count; i++)
		floats[i] = (float)values[i];
	return floats;
}

#endif
