/* explain.h: what each input gave to a margin: exact SHAP values.
 *
 * For trees: path-dependent TreeSHAP (Lundberg, Erion, Lee: "Consistent Individualized Feature
 * Attribution for Tree Ensembles", arXiv 1802.03888), the background being the training data as the
 * file's covers count them: XGBoost's sum_hessian, LightGBM's counts. The same numbers as XGBoost's
 * pred_contribs and LightGBM's pred_contrib. For linear models: weight times the distance from the
 * feature's mean (0 if the file gives none). The contributions and the base value sum to the
 * margin, before link and calibration; what XGBoost's arithmetic in float rounds of the margin is
 * dealt out to the contributions. Not offered: the interventional variant, which needs a
 * sample of data as its background. */
#ifndef FRAUDTOP_MODEL_EXPLAIN_H
#define FRAUDTOP_MODEL_EXPLAIN_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Tables and room made beforehand, so that explaining takes no memory. One a thread; the model must
 * outlive it. */
struct explainer;

/* NULL and err if the file tells no covers. */
struct explainer *explainer_new(const struct model *model, struct err *err);
void explainer_free(struct explainer *explainer); /* NULL is fine */

/* The margin that the model gives on average over its training data. */
double explainer_base(const struct explainer *explainer);

/* Explains `rows` rows of model_features() values laid one behind the other: contributions gets
 * model_features() + 1 numbers a row, the last of them the base value. NaN is missing. */
void explainer_rows(
    struct explainer *explainer, const double *values, size_t rows, double *contributions);

#ifdef __cplusplus
}
#endif

#endif
