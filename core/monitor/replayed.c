#include "core/monitor/replayed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { BLOCK_ROWS = 64, BLOCK_VALUES = 32768 };

struct answer {
	double score; /* NaN unless scored */
	enum replay_reason reason;
};

struct replayed {
	struct replayed_pair pair;
	struct answer *answers; /* a ring: of the rows from `from` up to `asked` */
	size_t capacity;
	uint64_t from, asked;
	uint64_t changes, concluded; /* recent_changes and asked of the last result */
	bool any; /* there was one */
};

struct replayed *
replayed_new(void)
{
	return mem_alloc(sizeof(struct replayed));
}

void
replayed_free(struct replayed *replayed)
{
	if (replayed == NULL)
		return;
	free(replayed->answers);
	free(replayed);
}

void
replayed_set(struct replayed *replayed, const struct replayed_pair *pair)
{
	const struct replayed_pair *now = &replayed->pair;
	bool same = now->recent == pair->recent && now->own == pair->own &&
		    now->other == pair->other &&
		    (now->threshold == pair->threshold ||
			(isnan(now->threshold) && isnan(pair->threshold)));
	if (same)
		return;
	bool same_answers = now->recent == pair->recent && now->other == pair->other;
	replayed->pair = *pair;
	replayed->any = false;
	if (same_answers)
		return;
	replayed->from = replayed->asked = pair->recent != NULL ? recent_first(pair->recent) : 0;
}

/* The answers ring holds as many rows as are kept now. */
static void
make_room(struct replayed *replayed)
{
	uint64_t first = recent_first(replayed->pair.recent);
	size_t need = (size_t)(recent_end(replayed->pair.recent) - first), capacity;
	if (replayed->asked < first)
		replayed->asked = first;
	if (replayed->from < first)
		replayed->from = first;
	if (need <= replayed->capacity)
		return;
	for (capacity = 256; capacity < need;)
		capacity *= 2;
	struct answer *answers = mem_alloc(capacity * sizeof(*answers));
	for (uint64_t at = replayed->from; at < replayed->asked; at++)
		answers[at % capacity] = replayed->answers[at % replayed->capacity];
	free(replayed->answers);
	replayed->answers = answers;
	replayed->capacity = capacity;
}

static struct answer *
answer_of(struct replayed *replayed, uint64_t number)
{
	return &replayed->answers[number % replayed->capacity];
}

/* Asks about the next `count` rows at once. */
static void
ask_block(struct replayed *replayed, size_t count, double *values, double *scores)
{
	const struct replayed_pair *pair = &replayed->pair;
	size_t features = model_features(pair->other->model), rows = 0;
	uint64_t numbers[BLOCK_ROWS];
	for (size_t i = 0; i < count; i++) {
		uint64_t number = replayed->asked++;
		struct answer *answer = answer_of(replayed, number);
		*answer = (struct answer){.score = NAN, .reason = REPLAY_SCORED};
		if (recent_get(pair->recent, number).failed)
			answer->reason = REPLAY_FAILED;
		else if (inputs_record(pair->other->inputs, recent_prediction(pair->recent, number),
			     values + rows * features) > 0)
			answer->reason = REPLAY_NO_INPUT;
		else
			numbers[rows++] = number;
	}
	model_score_rows(pair->other->model, values, rows, NULL, scores);
	for (size_t i = 0; i < rows; i++) {
		struct answer *answer = answer_of(replayed, numbers[i]);
		if (scores[i] >= 0 && scores[i] <= 1)
			answer->score = scores[i];
		else
			answer->reason = REPLAY_NO_SCORE;
	}
}

bool
replayed_ask(struct replayed *replayed, mono_us until)
{
	struct recent *recent = replayed->pair.recent;
	if (recent == NULL)
		return false;
	make_room(replayed);
	uint64_t end = recent_end(recent);
	if (replayed->asked == end)
		return false;
	size_t features = model_features(replayed->pair.other->model);
	size_t most = features * BLOCK_ROWS <= BLOCK_VALUES ? BLOCK_ROWS : 1;
	double *values = mem_alloc((most * features + 1) * sizeof(*values)), scores[BLOCK_ROWS];
	do {
		size_t left = (size_t)(end - replayed->asked);
		ask_block(replayed, left < most ? left : most, values, scores);
	} while (replayed->asked < end && clock_mono() < until);
	free(values);
	return replayed->asked < end;
}

uint64_t
replayed_asked(const struct replayed *replayed)
{
	return replayed->asked;
}

bool
replayed_is_due(const struct replayed *replayed)
{
	return replayed->pair.recent != NULL &&
	       (!replayed->any || replayed->concluded != replayed->asked ||
		   replayed->changes != recent_changes(replayed->pair.recent));
}

static struct replay_row
make_row(struct replayed *replayed, uint64_t number)
{
	struct recent_row row = recent_get(replayed->pair.recent, number);
	const struct answer *answer = answer_of(replayed, number);
	double threshold = replayed->pair.threshold;
	if (isnan(threshold))
		threshold = row.threshold;
	bool scored = answer->reason == REPLAY_SCORED;
	return (struct replay_row){.ts = row.ts,
	    .id = row.id,
	    .logged = scored ? row.score : NAN,
	    .other = answer->score,
	    .logged_flag = row.decision,
	    .other_flag = !scored || isnan(threshold) ? -1 : answer->score >= threshold,
	    .label = row.label,
	    .reason = answer->reason};
}

static void
fill_change(struct replayed *replayed, struct replay_change_view *view,
    const struct replay_change *change, uint64_t number)
{
	const struct replayed_pair *pair = &replayed->pair;
	const struct prediction *prediction = recent_prediction(pair->recent, number);
	view->change = *change;
	replay_file_explain(pair->own, prediction, prediction->threshold, &view->logged);
	replay_file_explain(pair->other, prediction,
	    isnan(pair->threshold) ? prediction->threshold : pair->threshold, &view->other);
}

/* One that rests on too few cases is muted. */
static struct metric
figure(double value, uint64_t n, struct interval interval, bool enough)
{
	struct metric metric = isnan(value) ? metric_none() : metric_ok(value, n);
	metric.low = interval.low;
	metric.high = interval.high;
	if (metric.state == METRIC_OK && !enough)
		metric.state = METRIC_WARMING;
	return metric;
}

static struct metric
share(uint64_t k, uint64_t n)
{
	return figure(n > 0 ? (double)k / (double)n : NAN, n, proportion_wilson(k, n), n > 0);
}

static struct replay_figures
figures_of(const struct replay_result *result, const struct replay_side *side, uint64_t least)
{
	const struct quality_confusion *counts = &side->counts;
	uint64_t flagged = counts->tp + counts->fp, frauds = counts->tp + counts->fn;
	const struct quality_rank *rank = &side->rank;
	bool ranked = result->positives >= least && result->labelled - result->positives >= least;
	return (struct replay_figures){
	    .flag_rate = share(side->flagged, side->decided),
	    .precision =
		figure(side->precision, flagged, side->precision_interval, flagged >= least),
	    .recall = figure(side->recall, frauds, side->recall_interval, frauds >= least),
	    .roc_auc = figure(rank->roc_auc, result->labelled, rank->roc_auc_interval, ranked),
	    .average_precision = figure(rank->average_precision, result->labelled,
		side->average_precision_interval, ranked),
	};
}

void
replayed_conclude(
    struct replayed *replayed, wall_us from, const struct config *config, struct replay_view *view)
{
	struct recent *recent = replayed->pair.recent;
	uint64_t least = (uint64_t)config->min_labels;
	make_room(replayed);
	size_t count = 0, most = (size_t)(replayed->asked - replayed->from);
	uint64_t *numbers = mem_alloc((most + 1) * sizeof(*numbers));
	struct replay *replay = replay_new(REPLAY_VIEW_CHANGES);
	replay_name(replay, view->logged, view->other);
	for (uint64_t at = replayed->from; at < replayed->asked; at++) {
		struct replay_row row = make_row(replayed, at);
		if (row.ts < from)
			continue;
		replay_add(replay, &row);
		numbers[count++] = at;
	}
	replay_result(replay, &view->result);
	view->logged_figures = figures_of(&view->result, &view->result.logged, least);
	view->other_figures = figures_of(&view->result, &view->result.other, least);
	view->maturity = share(view->result.labelled, view->result.scored);
	if (view->maturity.state == METRIC_OK && view->maturity.value < config->maturity)
		view->maturity.state = METRIC_WARMING;
	view->agreement = share(view->result.agree,
	    view->result.agree + view->result.to_flagged + view->result.to_passed);
	view->changes_count = 0;
	for (size_t i = 0; i < view->result.changes_count && i < REPLAY_VIEW_CHANGES; i++) {
		const struct replay_change *change = &view->result.changes[i];
		fill_change(
		    replayed, &view->changes[view->changes_count++], change, numbers[change->row]);
	}
	replay_result_free(&view->result);
	view->result.changes = NULL;
	view->result.changes_count = 0;
	replay_free(replay);
	free(numbers);
	replayed->any = true;
	replayed->concluded = replayed->asked;
	replayed->changes = recent_changes(recent);
}
