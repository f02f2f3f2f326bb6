/* replay.c: see replay.h. Rows that both sides have scored are kept by column; the others are only
 * counted. The interval of average precision is that of core/stats/average_precision.h: by the
 * rows' influences, on the logit. */
#include "core/replay/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/replay/verdict.h"
#include "core/stats/average_precision.h"
#include "core/stats/bins.h"
#include "core/stats/divergence.h"
#include "core/stats/sum.h"

struct side {
	double *scores;
	int8_t *flags;
	size_t scores_capacity, flags_capacity;
	struct sum sum;
};

struct replay {
	uint64_t rows, unscored[REPLAY_REASONS];
	size_t scored, labels_capacity;
	struct side logged, other;
	int8_t *labels;
	struct replay_change *heap; /* the least change on top */
	size_t heap_count, heap_limit;
	char logged_name[REPLAY_ID], other_name[REPLAY_ID];
};

int
replay_flag_logged(int decision, double score, double logged_threshold, double threshold)
{
	if (decision >= 0)
		return decision;
	double at = !isnan(logged_threshold) ? logged_threshold : threshold;
	return isnan(at) || isnan(score) ? -1 : score >= at;
}

int
replay_flag_other(double score, double threshold, double model_threshold, double row_threshold)
{
	double at = !isnan(threshold)	      ? threshold
		    : !isnan(model_threshold) ? model_threshold
					      : row_threshold;
	return isnan(at) || isnan(score) ? -1 : score >= at;
}

struct replay *
replay_new(size_t changes)
{
	struct replay *replay = mem_alloc(sizeof(*replay));
	replay->heap_limit = changes;
	replay->heap = mem_alloc((changes + 1) * sizeof(*replay->heap));
	replay_name(replay, "the log", "the other model");
	return replay;
}

void
replay_name(struct replay *replay, const char *logged, const char *other)
{
	text_copy(replay->logged_name, sizeof(replay->logged_name), logged);
	text_copy(replay->other_name, sizeof(replay->other_name), other);
}

void
replay_free(struct replay *replay)
{
	if (replay == NULL)
		return;
	free(replay->logged.scores);
	free(replay->logged.flags);
	free(replay->other.scores);
	free(replay->other.flags);
	free(replay->labels);
	free(replay->heap);
	free(replay);
}

static bool
is_score(double score)
{
	return score >= 0 && score <= 1;
}

/* Is a's change less than b's? Of equal ones the later is. */
static bool
is_less(const struct replay_change *a, const struct replay_change *b)
{
	double x = fabs(a->other - a->logged), y = fabs(b->other - b->logged);
	return x != y ? x < y : a->row > b->row;
}

static void
swap(struct replay_change *a, struct replay_change *b)
{
	struct replay_change was = *a;
	*a = *b;
	*b = was;
}

static void
sift_up(struct replay_change *heap, size_t at)
{
	for (; at > 0 && is_less(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&heap[at], &heap[(at - 1) / 2]);
}

static void
sift_down(struct replay_change *heap, size_t count)
{
	size_t at = 0;
	for (;;) {
		size_t child = 2 * at + 1;
		if (child + 1 < count && is_less(&heap[child + 1], &heap[child]))
			child++;
		if (child >= count || !is_less(&heap[child], &heap[at]))
			return;
		swap(&heap[at], &heap[child]);
		at = child;
	}
}

static void
keep_change(struct replay *replay, const struct replay_row *row)
{
	struct replay_change change = {.row = (size_t)replay->rows,
	    .ts = row->ts,
	    .logged = row->logged,
	    .other = row->other,
	    .logged_flag = row->logged_flag,
	    .other_flag = row->other_flag,
	    .label = row->label};
	if (replay->heap_limit == 0 || row->logged == row->other)
		return;
	bool full = replay->heap_count == replay->heap_limit;
	if (full && !is_less(&replay->heap[0], &change))
		return;
	text_copy(change.id, sizeof(change.id), row->id);
	if (full) {
		replay->heap[0] = change;
		sift_down(replay->heap, replay->heap_count);
		return;
	}
	replay->heap[replay->heap_count] = change;
	sift_up(replay->heap, replay->heap_count++);
}

static void
add_to_side(struct side *side, size_t at, double score, int flag)
{
	mem_reserve(&side->scores, &side->scores_capacity, at + 1, sizeof(*side->scores));
	mem_reserve(&side->flags, &side->flags_capacity, at + 1, sizeof(*side->flags));
	side->scores[at] = score;
	side->flags[at] = (int8_t)flag;
	sum_add(&side->sum, score);
}

void
replay_add(struct replay *replay, const struct replay_row *row)
{
	enum replay_reason reason = row->reason;
	if (reason == REPLAY_SCORED && !is_score(row->logged))
		reason = REPLAY_FAILED;
	if (reason == REPLAY_SCORED && !is_score(row->other))
		reason = REPLAY_NO_SCORE;
	if (reason == REPLAY_SCORED) {
		size_t at = replay->scored;
		add_to_side(&replay->logged, at, row->logged, row->logged_flag);
		add_to_side(&replay->other, at, row->other, row->other_flag);
		mem_reserve(&replay->labels, &replay->labels_capacity, at + 1, 1);
		replay->labels[at] = (int8_t)row->label;
		replay->scored++;
		keep_change(replay, row);
	} else {
		replay->unscored[reason]++;
	}
	replay->rows++;
}

static void
compare_scores(const struct replay *replay, struct replay_result *result)
{
	size_t n = replay->scored;
	struct bins bins = {0};
	result->psi = result->psi_null = NAN;
	if (n == 0)
		return;
	double *sorted = mem_grow(NULL, n, sizeof(*sorted));
	memcpy(sorted, replay->logged.scores, n * sizeof(*sorted));
	bins_from_numbers(&bins, sorted, n);
	double *fine = mem_alloc(2 * bins.count * sizeof(*fine));
	double *coarse = mem_alloc(2 * bins.coarse_count * sizeof(*coarse));
	double *coarse_other = coarse + bins.coarse_count;
	for (size_t i = 0; i < n; i++) {
		fine[bins_find_number(&bins, replay->logged.scores[i])]++;
		fine[bins.count + bins_find_number(&bins, replay->other.scores[i])]++;
	}
	bins_to_coarse_real(&bins, fine, coarse);
	bins_to_coarse_real(&bins, fine + bins.count, coarse_other);
	size_t used = bins_in_use_real(&bins, coarse, coarse_other);
	result->psi = divergence_psi(coarse, coarse_other, used, ZERO_JEFFREYS);
	result->psi_null = divergence_psi_null((double)n, (double)n, used);
	free(coarse);
	free(fine);
	free(sorted);
	bins_free(&bins);
}

static void
count_decisions(const struct replay *replay, struct replay_result *result)
{
	uint64_t only_logged = 0, only_other = 0, judged = 0;
	for (size_t i = 0; i < replay->scored; i++) {
		int logged = replay->logged.flags[i], other = replay->other.flags[i];
		int label = replay->labels[i];
		result->labelled += label >= 0;
		result->positives += label == 1;
		if (logged < 0 || other < 0)
			continue;
		result->agree += logged == other;
		result->to_flagged += logged < other;
		result->to_passed += logged > other;
		if (label < 0)
			continue;
		judged++;
		only_logged += logged == label && other != label;
		only_other += other == label && logged != label;
	}
	result->mcnemar = paired_mcnemar(only_logged, only_other, judged);
}

static void
count_side(const struct side *side, const struct replay *replay, struct replay_side *result)
{
	struct quality_confusion *counts = &result->counts;
	for (size_t i = 0; i < replay->scored; i++) {
		int flag = side->flags[i], label = replay->labels[i];
		if (flag < 0)
			continue;
		result->decided++;
		result->flagged += flag == 1;
		counts->tp += flag == 1 && label == 1;
		counts->fp += flag == 1 && label == 0;
		counts->fn += flag == 0 && label == 1;
		counts->tn += flag == 0 && label == 0;
	}
}

static void
judge_side(const struct side *side, const struct replay *replay, struct replay_side *result)
{
	const struct quality_confusion *counts = &result->counts;
	size_t n = replay->scored;
	count_side(side, replay, result);
	result->flag_rate = proportion_wilson(result->flagged, result->decided);
	result->precision = quality_precision(counts);
	result->recall = quality_recall(counts);
	result->precision_interval = proportion_wilson(counts->tp, counts->tp + counts->fp);
	result->recall_interval = proportion_wilson(counts->tp, counts->tp + counts->fn);
	result->rank = quality_rank_exact(side->scores, replay->labels, n);
	result->average_precision_interval =
	    average_precision_interval(side->scores, replay->labels, n);
	result->mean_score = n > 0 ? sum_of(&side->sum) / (double)n : NAN;
}

static int
by_change(const void *left, const void *right)
{
	return is_less(left, right) ? 1 : -1;
}

static void
take_changes(const struct replay *replay, struct replay_result *result)
{
	result->changes_count = replay->heap_count;
	result->changes = mem_alloc((replay->heap_count + 1) * sizeof(*result->changes));
	memcpy(result->changes, replay->heap, replay->heap_count * sizeof(*result->changes));
	qsort(result->changes, result->changes_count, sizeof(*result->changes), by_change);
}

void
replay_result(struct replay *replay, struct replay_result *result)
{
	const double *logged = replay->logged.scores, *other = replay->other.scores;
	size_t n = replay->scored;
	*result = (struct replay_result){.rows = replay->rows, .scored = n};
	memcpy(result->unscored, replay->unscored, sizeof(result->unscored));
	count_decisions(replay, result);
	compare_scores(replay, result);
	judge_side(&replay->logged, replay, &result->logged);
	judge_side(&replay->other, replay, &result->other);
	result->delong = paired_delong(logged, other, replay->labels, n);
	result->average_precision = paired_average_precision(logged, other, replay->labels, n);
	take_changes(replay, result);
	replay_judge(result, replay->logged_name, replay->other_name);
}

void
replay_result_free(struct replay_result *result)
{
	free(result->changes);
	result->changes = NULL;
	result->changes_count = 0;
}
