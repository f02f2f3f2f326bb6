#include "tui/replay_write.h"

#include <math.h>

static void
write_interval(struct jsonw *json, const char *key, struct interval interval)
{
	if (isnan(interval.low) || isnan(interval.high)) {
		jsonw_null(json, key);
		return;
	}
	jsonw_open_array(json, key);
	jsonw_number(json, NULL, interval.low);
	jsonw_number(json, NULL, interval.high);
	jsonw_close_array(json);
}

void
replay_write_flag(struct jsonw *json, const char *key, int flag)
{
	if (flag < 0)
		jsonw_null(json, key);
	else
		jsonw_bool(json, key, flag == 1);
}

void
replay_write_scored(struct jsonw *json, const struct replay_result *result)
{
	jsonw_int(json, "rows", (int64_t)result->rows);
	jsonw_int(json, "scored", (int64_t)result->scored);
	jsonw_open_object(json, "unscored");
	jsonw_int(json, "failed", (int64_t)result->unscored[REPLAY_FAILED]);
	jsonw_int(json, "no_input", (int64_t)result->unscored[REPLAY_NO_INPUT]);
	jsonw_int(json, "no_score", (int64_t)result->unscored[REPLAY_NO_SCORE]);
	jsonw_close_object(json);
}

void
replay_write_agreement(struct jsonw *json, const struct replay_result *result)
{
	uint64_t compared = result->agree + result->to_flagged + result->to_passed;
	jsonw_int(json, "compared", (int64_t)compared);
	jsonw_int(json, "agree", (int64_t)result->agree);
	jsonw_number(
	    json, "agreement", compared > 0 ? (double)result->agree / (double)compared : NAN);
	jsonw_int(json, "to_flagged", (int64_t)result->to_flagged);
	jsonw_int(json, "to_passed", (int64_t)result->to_passed);
}

void
replay_write_psi(struct jsonw *json, const struct replay_result *result)
{
	jsonw_open_object(json, "psi");
	jsonw_number(json, "value", result->psi);
	jsonw_number(json, "null_level", result->psi_null);
	jsonw_close_object(json);
}

void
replay_write_side(
    struct jsonw *json, const char *key, const char *name, const struct replay_side *side)
{
	const struct quality_confusion *counts = &side->counts;
	jsonw_open_object(json, key);
	jsonw_string(json, "name", name);
	jsonw_int(json, "decided", (int64_t)side->decided);
	jsonw_int(json, "flagged", (int64_t)side->flagged);
	jsonw_number(json, "flag_rate",
	    side->decided > 0 ? (double)side->flagged / (double)side->decided : NAN);
	jsonw_number(json, "mean_score", side->mean_score);
	jsonw_int(json, "tp", (int64_t)counts->tp);
	jsonw_int(json, "fp", (int64_t)counts->fp);
	jsonw_int(json, "tn", (int64_t)counts->tn);
	jsonw_int(json, "fn", (int64_t)counts->fn);
	jsonw_number(json, "precision", side->precision);
	jsonw_number(json, "recall", side->recall);
	jsonw_number(json, "roc_auc", side->rank.roc_auc);
	jsonw_number(json, "average_precision", side->rank.average_precision);
	jsonw_open_object(json, "ci");
	write_interval(json, "flag_rate", side->flag_rate);
	write_interval(json, "precision", side->precision_interval);
	write_interval(json, "recall", side->recall_interval);
	write_interval(json, "roc_auc", side->rank.roc_auc_interval);
	write_interval(json, "average_precision", side->average_precision_interval);
	jsonw_close_object(json);
	jsonw_close_object(json);
}

static void
open_test(struct jsonw *json, const char *key, const struct paired_test *test)
{
	jsonw_open_object(json, key);
	jsonw_number(json, "difference", test->difference);
	write_interval(json, "ci", test->interval);
	jsonw_number(json, "statistic", test->statistic);
	jsonw_number(json, "p_value", test->p_value);
}

void
replay_write_tests(struct jsonw *json, const struct replay_result *result)
{
	jsonw_open_object(json, "tests");
	open_test(json, "delong", &result->delong);
	jsonw_close_object(json);
	open_test(json, "mcnemar", &result->mcnemar);
	jsonw_int(json, "only_logged", (int64_t)result->mcnemar.only_first);
	jsonw_int(json, "only_other", (int64_t)result->mcnemar.only_second);
	jsonw_close_object(json);
	open_test(json, "average_precision", &result->average_precision);
	jsonw_close_object(json);
	jsonw_close_object(json);
}

void
replay_write_verdict(struct jsonw *json, const struct replay_result *result)
{
	jsonw_string(json, "better",
	    result->better == REPLAY_OTHER    ? "other"
	    : result->better == REPLAY_LOGGED ? "logged"
					      : NULL);
	jsonw_string(json, "verdict", result->verdict);
}
