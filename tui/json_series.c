#include "tui/json_series.h"

#include <math.h>

struct named {
	const char *key;
	const struct metric *metric;
};

void
json_metric(struct jsonw *json, const char *key, const struct metric *metric)
{
	bool known = metric->state != METRIC_NONE;
	jsonw_open_object(json, key);
	jsonw_number(json, "value", known ? metric->value : NAN);
	jsonw_string(json, "state", metric_state_name(metric->state));
	jsonw_int(json, "n", (int64_t)metric->n);
	if (known && !isnan(metric->low)) {
		jsonw_number(json, "low", metric->low);
		jsonw_number(json, "high", metric->high);
	}
	jsonw_close_object(json);
}

const char *
json_word(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void
put_metrics(struct jsonw *json, const struct named *metrics, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_metric(json, metrics[i].key, metrics[i].metric);
}

static void
put_data(struct jsonw *json, const struct data_view *data)
{
	const struct named metrics[] = {{"type_changed", &data->type_changed},
	    {"nonfinite", &data->nonfinite}, {"out_of_range", &data->out_of_range},
	    {"unseen", &data->unseen}};
	jsonw_open_object(json, "data");
	jsonw_string(json, "severity", severity_name(data->severity));
	jsonw_string(json, "reason", json_word(data->reason));
	put_metrics(json, metrics, sizeof(metrics) / sizeof(metrics[0]));
	jsonw_open_array(json, "unseen_words");
	for (size_t i = 0; i < SNAPSHOT_UNSEEN && data->unseen_words[i][0] != '\0'; i++)
		jsonw_string(json, NULL, data->unseen_words[i]);
	jsonw_close_array(json);
	jsonw_bool(json, "constant", data->constant);
	jsonw_bool(json, "absent", data->absent);
	jsonw_bool(json, "extra", data->extra);
	jsonw_close_object(json);
}

static void
put_verdict(struct jsonw *json, const struct drift_view *view)
{
	jsonw_number(json, "no_drift_level", view->null_level);
	jsonw_number(json, "times_chance", view->chance);
	jsonw_number(json, "chi2_p_value", view->p_value);
	jsonw_number(json, "p_adjusted", view->p_adjusted);
	jsonw_number(json, "n_reference", view->n_reference);
	jsonw_string(json, "season", season_name(view->season));
	jsonw_bool(json, "own_reference", view->own_reference);
	jsonw_bool(json, "season_declared", view->season_declared);
	jsonw_number(json, "window_s", (double)view->window_us / 1e6);
	jsonw_open_array(json, "windows"); /* newest first */
	for (unsigned i = 0; i < view->windows_count && i < VERDICT_WINDOWS; i++)
		jsonw_string(json, NULL, severity_name(view->windows[i]));
	jsonw_close_array(json);
	jsonw_int(json, "windows_confirm", view->windows_confirm);
	jsonw_number(json, "warning", view->warning);
	jsonw_number(json, "critical", view->critical);
	jsonw_string(json, "severity", severity_name(view->severity));
	jsonw_string(json, "reason", json_word(view->reason));
}

static void
put_feature(struct jsonw *json, const char *key, const struct drift_view *view, bool data)
{
	const struct named metrics[] = {{"psi", &view->psi}, {"js_distance", &view->js},
	    {"hellinger", &view->hellinger}, {"kl", &view->kl}, {"ks", &view->ks},
	    {"wasserstein", &view->wasserstein}, {"wasserstein_norm", &view->wasserstein_norm},
	    {"missing_reference", &view->data.nulls_reference},
	    {"missing_current", &view->data.nulls}};
	jsonw_open_object(json, key);
	jsonw_string(json, "name", view->name);
	jsonw_string(json, "kind", view->categorical ? "categorical" : "numeric");
	put_metrics(json, metrics, sizeof(metrics) / sizeof(metrics[0]));
	put_verdict(json, view);
	if (data)
		put_data(json, &view->data);
	jsonw_close_object(json);
}

static void
put_rate(struct jsonw *json, const char *key, const struct rate_view *rate)
{
	jsonw_open_object(json, key);
	json_metric(json, "reference", &rate->reference);
	json_metric(json, "current", &rate->current);
	jsonw_number(json, "statistic", rate->statistic);
	jsonw_number(json, "p_value", rate->p_value);
	jsonw_string(json, "season", season_name(rate->season));
	jsonw_string(json, "severity", severity_name(rate->severity));
	jsonw_string(json, "reason", json_word(rate->reason));
	jsonw_close_object(json);
}

static void
put_names(struct jsonw *json, const struct series_view *series)
{
	jsonw_string(json, "service", json_word(series->service));
	jsonw_string(json, "model", json_word(series->model));
	jsonw_string(json, "version", json_word(series->version));
}

void
json_drift(struct jsonw *json, const struct series_view *series)
{
	jsonw_open_object(json, NULL);
	put_names(json, series);
	json_metric(json, "share", &series->drift_share);
	json_metric(json, "worst_psi", &series->worst_psi);
	jsonw_string(json, "worst_feature", json_word(series->worst_feature));
	jsonw_string(json, "severity", severity_name(series->drift_severity));
	jsonw_open_array(json, "features");
	for (size_t i = 0; i < series->features_count; i++)
		put_feature(json, NULL, &series->features[i], true);
	jsonw_close_array(json);
	put_feature(json, "score", &series->score, false);
	json_metric(json, "decision_rate", &series->decision_rate);
	put_rate(json, "decisions", &series->decisions);
	put_rate(json, "volume", &series->volume);
	json_metric(json, "duplicates", &series->duplicates);
	jsonw_string(json, "data_severity", severity_name(series->data_severity));
	jsonw_close_object(json);
}

static void
put_estimate(struct jsonw *json, const struct estimate_view *view)
{
	const struct named metrics[] = {{"precision", &view->precision}, {"recall", &view->recall},
	    {"f1", &view->f1}, {"fpr", &view->fpr}, {"roc_auc", &view->roc_auc},
	    {"average_precision", &view->average_precision}};
	jsonw_open_object(json, "estimate");
	jsonw_int(json, "n", (int64_t)view->n);
	jsonw_bool(json, "calibrated", view->calibrated);
	jsonw_bool(json, "muted", view->muted);
	jsonw_string(json, "assumption", json_word(view->assumption));
	put_metrics(json, metrics, sizeof(metrics) / sizeof(metrics[0]));
	jsonw_close_object(json);
}

static void
put_concept(struct jsonw *json, const struct concept_view *view)
{
	static const char *const directions[] = {
	    [CHANGE_NONE] = "none", [CHANGE_UP] = "up", [CHANGE_DOWN] = "down"};
	bool changed = view->changed_at != 0;
	jsonw_open_object(json, NULL);
	jsonw_string(json, "stream", view->stream);
	jsonw_string(json, "detector", view->detector);
	jsonw_int(json, "n", (int64_t)view->n);
	json_metric(json, "mean", &view->mean);
	jsonw_number(json, "smallest_change", view->smallest_change);
	jsonw_int(json, "changes", (int64_t)view->changes);
	jsonw_time(json, "changed_at", view->changed_at);
	jsonw_time(json, "changed_prediction", view->changed_prediction);
	jsonw_number(json, "before", changed ? view->before : NAN);
	jsonw_number(json, "after", changed ? view->after : NAN);
	jsonw_string(json, "direction", directions[view->direction]);
	jsonw_bool(json, "worse", view->worse);
	jsonw_string(json, "severity", severity_name(view->severity));
	jsonw_close_object(json);
}

static void
put_cohort(struct jsonw *json, const struct cohort_view *view)
{
	const struct named metrics[] = {{"share", &view->share},
	    {"selection_rate", &view->selection_rate}, {"precision", &view->precision},
	    {"recall", &view->recall}, {"fpr", &view->fpr}};
	jsonw_open_object(json, NULL);
	jsonw_string(json, "name", view->name);
	jsonw_int(json, "n", (int64_t)view->n);
	jsonw_int(json, "decided", (int64_t)view->decided);
	jsonw_int(json, "flagged", (int64_t)view->flagged);
	jsonw_int(json, "labelled", (int64_t)view->labelled);
	put_metrics(json, metrics, sizeof(metrics) / sizeof(metrics[0]));
	jsonw_close_object(json);
}

static void
put_bias(struct jsonw *json, const struct bias_view *view)
{
	const struct named metrics[4] = {
	    {"demographic_parity_difference", &view->demographic_parity_difference},
	    {"disparate_impact", &view->disparate_impact},
	    {"equal_opportunity_difference", &view->equal_opportunity_difference},
	    {"fpr_difference", &view->fpr_difference}};
	jsonw_open_object(json, "bias");
	jsonw_string(json, "by", json_word(view->by));
	put_metrics(json, metrics, 4);
	jsonw_open_object(json, "groups"); /* that make each figure */
	for (size_t i = 0; i < 4; i++) {
		jsonw_open_array(json, metrics[i].key);
		jsonw_string(json, NULL, json_word(view->extremes[i][0]));
		jsonw_string(json, NULL, json_word(view->extremes[i][1]));
		jsonw_close_array(json);
	}
	jsonw_close_object(json);
	jsonw_string(json, "severity", severity_name(view->severity));
	jsonw_string(json, "reason", json_word(view->reason));
	jsonw_close_object(json);
}

static void
put_attribution(struct jsonw *json, const struct attribution_view *view)
{
	jsonw_open_object(json, "attribution");
	json_metric(json, "ndcg", &view->ndcg);
	jsonw_int(json, "n", (int64_t)view->n);
	jsonw_open_array(json, "moved");
	for (size_t i = 0; i < view->moved_count; i++) {
		jsonw_open_object(json, NULL);
		jsonw_string(json, "name", view->moved[i].name);
		jsonw_int(json, "rank_reference", view->moved[i].rank_reference);
		jsonw_int(json, "rank", view->moved[i].rank);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	jsonw_string(json, "severity", severity_name(view->severity));
	jsonw_close_object(json);
}

static void
put_expectation(struct jsonw *json, const struct expectation_view *view)
{
	static const char *const states[] = {[EXPECTATION_NONE] = "none",
	    [EXPECTATION_MET] = "met",
	    [EXPECTATION_FAILED] = "failed",
	    [EXPECTATION_UNKNOWN] = "unknown"};
	jsonw_open_object(json, NULL);
	jsonw_string(json, "type", view->type);
	jsonw_string(json, "column", json_word(view->column));
	jsonw_string(json, "arguments", json_word(view->arguments));
	jsonw_string(json, "observed", json_word(view->observed));
	jsonw_string(json, "state", states[view->state]);
	jsonw_int(json, "n", (int64_t)view->n);
	jsonw_int(json, "unexpected", (int64_t)view->unexpected);
	jsonw_close_object(json);
}

static void
put_realised(struct jsonw *json, const struct quality_view *quality)
{
	const struct named metrics[] = {{"maturity", &quality->maturity},
	    {"threshold", &quality->threshold}, {"precision", &quality->precision},
	    {"recall", &quality->recall}, {"f1", &quality->f1}, {"fpr", &quality->fpr},
	    {"specificity", &quality->specificity}, {"roc_auc", &quality->roc_auc},
	    {"average_precision", &quality->average_precision}, {"brier", &quality->brier},
	    {"log_loss", &quality->log_loss}, {"ece", &quality->ece},
	    {"ece_count", &quality->ece_count}, {"observed_expected", &quality->observed_expected},
	    {"label_lag_s", &quality->label_lag_s}, {"label_lag_p90_s", &quality->label_lag_p90_s},
	    {"early_positives", &quality->early_positives}};
	const struct {
		const char *key;
		uint64_t count;
	} counts[] = {{"predictions", quality->predictions}, {"labelled", quality->labelled},
	    {"positives", quality->positives}, {"assumed", quality->assumed}, {"tp", quality->tp},
	    {"fp", quality->fp}, {"tn", quality->tn}, {"fn", quality->fn}};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		jsonw_int(json, counts[i].key, (int64_t)counts[i].count);
	jsonw_int(json, "sample", quality->sample > 1 ? quality->sample : 1);
	jsonw_bool(json, "mature", quality->mature);
	jsonw_string(json, "reason", json_word(quality->reason));
	put_metrics(json, metrics, sizeof(metrics) / sizeof(metrics[0]));
}

void
json_quality(struct jsonw *json, const struct series_view *series)
{
	jsonw_open_object(json, NULL);
	put_names(json, series);
	put_realised(json, &series->quality);
	jsonw_string(json, "severity", severity_name(series->quality_severity));
	jsonw_string(json, "precision_severity", severity_name(series->precision_severity));
	jsonw_string(json, "recall_severity", severity_name(series->recall_severity));
	put_estimate(json, &series->estimated);
	jsonw_open_array(json, "concept");
	for (size_t i = 0; i < CONCEPT_STREAMS; i++) {
		if (series->concept[i].stream != NULL)
			put_concept(json, &series->concept[i]);
	}
	jsonw_close_array(json);
	jsonw_string(json, "concept_severity", severity_name(series->concept_severity));
	jsonw_open_array(json, "cohorts");
	for (size_t i = 0; i < series->cohorts_count; i++)
		put_cohort(json, &series->cohorts[i]);
	jsonw_close_array(json);
	put_bias(json, &series->bias);
	put_attribution(json, &series->attribution);
	jsonw_open_array(json, "expectations");
	for (size_t i = 0; i < series->expectations_count; i++)
		put_expectation(json, &series->expectations[i]);
	jsonw_close_array(json);
	jsonw_close_object(json);
}
