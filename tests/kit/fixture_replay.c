#include "tests/kit/fixture_replay.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "tests/kit/fixture_judged.h"

static void
fixture_why(struct why_view *why, const char *version, double score, double threshold, bool risky)
{
	static const char *const texts[2][WHY_REASONS] = {
	    {"transactions_24h 2 is as usual: -2.04",
		"amount 4,210 is 31 times this customer's "
		"mean: +1.81",
		"distance_from_home 3.2: -0.92", "card_present 1: -0.41", "hour_of_day 14: -0.22",
		"merchant_risk 0.1: -0.08"},
	    {"transactions_24h 41 is 9 times the usual: +3.17",
		"amount 4,210 is 31 times this customer's mean: +1.81",
		"merchant_category travel: +0.64", "distance_from_home 3.2: -0.52",
		"hour_of_day 14: -0.22", "merchant_risk 0.1: +0.08"}};
	static const double contributions[2][WHY_REASONS] = {
	    {-2.04, 1.81, -0.92, -0.41, -0.22, -0.08}, {3.17, 1.81, 0.64, -0.52, -0.22, 0.08}};
	text_copy(why->version, sizeof(why->version), version);
	why->known = true;
	why->score = score;
	why->threshold = threshold;
	why->why.margin = log(score / (1 - score));
	why->why.base = -4.21;
	why->why.rest = why->why.margin - why->why.base;
	why->why.count = WHY_REASONS;
	for (size_t i = 0; i < WHY_REASONS; i++) {
		why->why.reasons[i].contribution = contributions[risky][i];
		why->why.rest -= contributions[risky][i];
		text_copy(
		    why->why.reasons[i].text, sizeof(why->why.reasons[i].text), texts[risky][i]);
	}
}

static void
fixture_replay_figures(struct replay_figures *figures, double flagged, double precision,
    double recall, double auc, double average)
{
	figures->flag_rate = fixture_between(flagged, 0.0057, 5000);
	figures->precision = fixture_between(precision, 0.041, 160);
	figures->recall = fixture_between(recall, 0.052, 104);
	figures->roc_auc = fixture_between(auc, 0.0081, 2410);
	figures->average_precision = fixture_between(average, 0.031, 2410);
}

static void
fixture_replay_result(struct replay_view *view)
{
	struct replay_result *result = &view->result;
	result->rows = 5000;
	result->scored = 4988;
	result->unscored[REPLAY_FAILED] = 9;
	result->unscored[REPLAY_NO_INPUT] = 3;
	result->labelled = 2410;
	result->positives = 104;
	result->agree = 4173;
	result->to_flagged = 6;
	result->to_passed = 809;
	result->psi = 0.3124;
	result->psi_null = 0.0087;
	result->logged.decided = result->other.decided = 4988;
	result->logged.flagged = 1204;
	result->other.flagged = 402;
	result->mcnemar = (struct paired_test){
	    .p_value = 3.1e-12, .difference = 0.031, .only_first = 12, .only_second = 87};
	result->delong = (struct paired_test){
	    .p_value = 0.0004, .difference = 0.0391, .interval = {0.0174, 0.0608}};
	result->better = REPLAY_OTHER;
	text_copy(result->verdict, sizeof(result->verdict),
	    "12 is better: AUC 0.973 against 0.934, difference +0.039 (95 % +0.017 to +0.061), "
	    "p = 0.0004 by DeLong. Decisions: right on 75 more of 2,410 labelled, p < 1e-9 by "
	    "McNemar. Average precision 0.813 against 0.702.");
	result->headline = (size_t)(strstr(result->verdict, ". ") - result->verdict) + 1;
	view->maturity = fixture_between((double)result->labelled / 4988, 0.01, 4988);
	view->maturity.state = METRIC_WARMING; /* limits.maturity is 80 % */
	view->agreement = fixture_between(0.8366, 0.0103, 4988);
	fixture_replay_figures(&view->logged_figures, 0.2414, 0.610, 0.889, 0.9340, 0.7021);
	fixture_replay_figures(&view->other_figures, 0.0806, 0.921, 0.868, 0.9731, 0.8127);
}

static void
fixture_replay_changes(struct replay_view *view)
{
	view->changes_count = REPLAY_VIEW_CHANGES;
	for (size_t i = 0; i < REPLAY_VIEW_CHANGES; i++) {
		struct replay_change_view *item = &view->changes[i];
		struct replay_change *change = &item->change;
		bool down = i != 4;
		change->ts = FIXTURE_NOW - (int64_t)(i * 7 % 5 + 1) * 97 * CLOCK_SECOND;
		snprintf(change->id, sizeof(change->id), "%08x-5f7b-4248", (unsigned)i * 2654435);
		change->logged = down ? 0.9712 - 0.011 * (double)i : 0.0412;
		change->other = down ? 0.0291 + 0.004 * (double)i : 0.9021;
		change->logged_flag = down;
		change->other_flag = !down;
		change->label = i == 2 ? -1 : i == 4;
		fixture_why(&item->logged, "13", change->logged, 0.62, down);
		fixture_why(&item->other, "12", change->other, 0.5, !down);
	}
}

struct replay_view *
fixture_replay(
    struct snapshot *snapshot, enum replay_progress progress, const char *logged, const char *other)
{
	struct replay_view *view = snapshot_alloc(snapshot, sizeof(*view));
	view->progress = progress;
	text_copy(view->logged, sizeof(view->logged), logged);
	text_copy(view->other, sizeof(view->other), other);
	view->threshold = 0.5;
	view->kept = 5000;
	view->asked = progress == REPLAY_BEGUN ? 1280 : 5000;
	view->window = 36210;
	if (progress == REPLAY_BROKEN)
		text_copy(view->problem, sizeof(view->problem),
		    "/srv/models/fraud_11.json: SHA-256 is 1f0c77a1e3b2…, the registered file's is "
		    "4444444444444444…");
	if (progress != REPLAY_THERE)
		return view;
	view->made_at = FIXTURE_NOW - CLOCK_SECOND;
	fixture_replay_result(view);
	fixture_replay_changes(view);
	return view;
}

void
fixture_asked(struct asked_view *asked)
{
	*asked = (struct asked_view){
	    .ts = FIXTURE_NOW - 2 * CLOCK_SECOND, .score = 0.9712, .decision = 1, .label = -1};
	text_copy(asked->service, sizeof(asked->service), "fraud-apac");
	text_copy(asked->request_id, sizeof(asked->request_id), "12ac3e91-5f7b-4248");
	fixture_why(&asked->why, "13", 0.9712, 0.62, true);
}
