/* link.c: from a margin to a score: the link that was learnt with the model, then the maps that
 * calibrate it. */
#include <math.h>

#include "core/model/parts.h"

static double
score_of(enum model_link link, double slope, double margin)
{
	switch (link) {
	case LINK_LOGISTIC:
		return 1.0 / (1.0 + exp(-slope * margin));
	case LINK_EXP:
		return exp(margin);
	case LINK_SQUARE:
		return margin * fabs(margin);
	case LINK_SOFTPLUS:
		return log1p(exp(margin));
	case LINK_STEP:
		return margin > 0 ? 1 : 0;
	case LINK_IDENTITY:
		break;
	}
	return margin;
}

const char *
link_word(enum model_link link)
{
	switch (link) {
	case LINK_LOGISTIC:
		return "logistic";
	case LINK_EXP:
		return "exp";
	case LINK_SQUARE:
		return "square";
	case LINK_SOFTPLUS:
		return "softplus";
	case LINK_STEP:
		return "step";
	case LINK_IDENTITY:
		break;
	}
	return "identity";
}

void
link_scores(const struct model *model, const double *margins, size_t count, double *scores)
{
	for (size_t i = 0; i < count; i++)
		scores[i] = score_of(model->link, model->slope, margins[i]);
	if (model->calibrated != NULL)
		maps_apply(model->calibrated, margins, count, scores);
	if (model->calibration != NULL)
		maps_apply(model->calibration, margins, count, scores);
}
