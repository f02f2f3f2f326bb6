/* batch_commit.c: see batch.h; a batch into the monitor. What a row's values come to was found out
 * when it was prepared: here it is counted, row by row, and judged by what the rows before it left.
 */
#include <math.h>

#include "core/monitor/batch_rows.h"
#include "core/monitor/plan_code.h"

enum { AHEAD = 12 }; /* rows between asking for what a join needs and joining */

/* A column that has no reference yet, or came after the plan was made. */
static void
count_without_code(struct monitor *monitor, struct series *series, size_t at, uint16_t code)
{
	const struct feature_value value = {.name = "",
	    .kind = code == CODE_INFINITE ? VALUE_NUMBER : VALUE_MISSING,
	    .number = code == CODE_INFINITE ? INFINITY : NAN,
	    .text = ""};
	monitor_count_value(monitor, monitor->models[series->model_index], series, at, &value,
	    code == CODE_LACKING);
}

static void
count_special(struct cell *cell, uint16_t code)
{
	cell->lacking += code == CODE_LACKING;
	cell->missing += code == CODE_LACKING || code == CODE_MISSING;
	cell->nonfinite += code == CODE_INFINITE;
	cell->wrong_type += code == CODE_MISFIT;
	cell->present += code == CODE_PLAIN;
}

static inline void
count_code(struct cell *cell, uint16_t code, double value)
{
	size_t bin = code & CODE_BIN;
	if (bin >= CODE_MISSING) {
		count_special(cell, code);
		return;
	}
	cell->counts[bin]++;
	if ((code & CODE_NUMBER) != 0) {
		cell_add_number(cell, value, (code & CODE_BEYOND) != 0);
		return;
	}
	cell->present++;
	cell->wrong_type += (code & CODE_WRONG) != 0;
}

static void
count_features(struct monitor *monitor, const struct batch *batch, struct series *series,
    const struct row *row)
{
	struct model_state *model = monitor->models[series->model_index];
	const struct plan_model *plan = batch->plan->series[row->series].model;
	const double *values = batch->values + row->at;
	const uint16_t *codes = batch->codes + row->at;
	monitor_count_hour(model, series, row->traffic.ts, row->hour);
	for (size_t at = 0; at < plan->count; at++) {
		const struct model_place *place = &model->places[at];
		if (plan->columns[at].kind == PLAN_BARREN) {
			count_without_code(monitor, series, at, codes[at]);
			continue;
		}
		struct cell *cell = ring_cell(series->now[place->ring], place->offset);
		if (cell != NULL)
			count_code(cell, codes[at], values[at]);
	}
	for (size_t at = plan->count; at < model->features_count; at++)
		count_without_code(monitor, series, at, CODE_LACKING);
	for (size_t i = 0; i < row->words_count; i++) {
		const struct row_word *word = &batch->words[row->words + i];
		const struct model_place *place = &model->places[word->column];
		if (ring_cell(series->now[place->ring], place->offset) != NULL)
			series_unseen(
			    series, word->column, place->ring, word->text, series->last_ts);
	}
}

static void
count_score(const struct batch *batch, struct series *series, const struct row *row)
{
	const struct plan_column *column = &batch->plan->series[row->series].score;
	struct ring_bucket *bucket =
	    ring_at(&series->scores, row->traffic.ts, cell_size(column->bins.count));
	if (bucket == NULL)
		return;
	bucket->n++;
	bucket->hours[row->hour]++;
	struct cell *cell = ring_cell(bucket, 0);
	if (cell != NULL)
		count_code(cell, row->score_code, row->score);
}

static uint8_t
find_cohort(struct series *series, struct row_group *group, wall_us ts)
{
	struct cohorts *cohorts = &series->quality.cohorts;
	if (group == NULL)
		return cohorts_find_value(cohorts, NULL, 0, SERIES_QUALITY_BUCKETS);
	int64_t index = series_quality_index(&series->quality, ts);
	if (group->series == series && group->index == index && group->given == cohorts->given)
		return group->cohort;
	group->cohort = cohorts_find_value(cohorts, &group->value, index, SERIES_QUALITY_BUCKETS);
	group->series = series;
	group->index = index;
	group->given = cohorts->given;
	return group->cohort;
}

/* Returns true if its request id came before. */
static bool
count_quality(struct monitor *monitor, struct series *series, struct series_bucket *bucket,
    const struct row *row, struct row_group *group, struct join_entry *entry)
{
	*entry = (struct join_entry){.ts = row->traffic.ts,
	    .score = join_score(row->score),
	    .series = (uint32_t)series->number,
	    .decision = row->traffic.decision,
	    .cohort = find_cohort(series, group, row->traffic.ts),
	    .label = row->label};
	struct quality_place place = {row->probability, row->quality_bin};
	if (series->number != row->series)
		place = series_quality_place(series->quality.map, entry->score);
	return monitor_count_quality(monitor, series, bucket, row->hash, entry, &place);
}

struct commit {
	struct monitor *monitor;
	struct batch *batch;
	struct source_state *source;
	struct batch_result *result;
	struct monitor_how how;
	size_t wholes; /* used */
	bool whole; /* a row came the long way */
	void (*refused)(const char *reason, uint64_t offset, uint64_t line, void *context);
	void *context;
};

/* The bins of its score are those of its own version, which may be folded. */
static void
count_columns(struct commit *commit, struct series *series, const struct row *row)
{
	count_features(commit->monitor, commit->batch, series, row);
	if (series->number == row->series)
		count_score(commit->batch, series, row);
	else
		monitor_count_score(
		    commit->monitor, series, row->score, row->traffic.ts, row->hour);
}

/* Its values; those of its recent rows are `kept` (NULL: none). */
static void
count_prepared(struct commit *commit, struct series *series, struct series_bucket *bucket,
    const struct row *row, const struct prediction *kept)
{
	struct monitor *monitor = commit->monitor;
	struct row_group *group =
	    row->group != GROUP_NONE ? &commit->batch->groups[row->group] : NULL;
	struct join_entry entry = {.decision = -1, .label = row->label};
	monitor_count_traffic(series, bucket, &row->traffic, commit->source->weight);
	if (row->traffic.scored) {
		if (!series->mixed)
			count_columns(commit, series, row);
		if (count_quality(monitor, series, bucket, row, group, &entry))
			return;
	}
	if (kept != NULL)
		monitor_keep_row(monitor, series, kept, row->hash, &entry, !row->traffic.scored);
}

static enum monitor_verdict
add_prepared(
    struct commit *commit, const struct row *row, const struct prediction *kept, struct err *err)
{
	struct monitor *monitor = commit->monitor;
	struct source_state *source = commit->source;
	wall_us ts = row->traffic.ts;
	enum monitor_verdict verdict = monitor_judge(monitor, source, ts, commit->how.now, err);
	if (verdict != MONITOR_ACCEPTED)
		return verdict;
	struct series *series = monitor->series[row->series];
	tally_add(&series->tally, ts);
	if (series->folded)
		series = monitor_back_or_other(monitor, series, ts);
	source->last_series = series->number;
	struct series_bucket *bucket = series_bucket_at(series, ts);
	if (bucket == NULL)
		return MONITOR_LATE;
	monitor_accept(monitor, source, ts, commit->how.now);
	count_prepared(commit, series, bucket, row, kept);
	if (room_is_over(&monitor->room))
		room_make(monitor);
	return MONITOR_ACCEPTED;
}

static void
see(struct commit *commit, wall_us ts)
{
	if (ts > commit->result->newest)
		commit->result->newest = ts;
}

static void
take_label(struct commit *commit, const struct row *row)
{
	const struct label *label = &commit->batch->labels[row->at];
	monitor_count_label(commit->monitor, label, row->hash);
	commit->result->labels++;
	see(commit, label->ts);
}

static void
take_prediction(struct commit *commit, const struct row *row)
{
	const struct batch *batch = commit->batch;
	bool prepared = row->kind == ROW_PREPARED;
	const struct prediction *whole = NULL;
	struct err err;
	if (!prepared || batch->keep)
		whole = &batch->whole[commit->wholes++];
	commit->whole |= !prepared;
	enum monitor_verdict verdict = prepared ? add_prepared(commit, row, whole, &err)
						: monitor_add(commit->monitor, commit->source,
						      whole, row->hash, &commit->how, &err);
	wall_us ts = prepared ? row->traffic.ts : whole->ts;
	struct batch_result *result = commit->result;
	result->accepted += verdict == MONITOR_ACCEPTED;
	result->late += verdict == MONITOR_LATE;
	result->refused += verdict == MONITOR_REFUSED;
	if (verdict == MONITOR_ACCEPTED)
		see(commit, ts);
	if (verdict != MONITOR_REFUSED || commit->refused == NULL)
		return;
	const struct row_origin *origin = &batch->origins[row - batch->rows];
	commit->refused(err.text, origin->offset, origin->line, commit->context);
}

void
monitor_commit(struct monitor *monitor, struct batch *batch, struct batch_result *result,
    void (*refused)(const char *reason, uint64_t offset, uint64_t line, void *context),
    void *context)
{
	*result = (struct batch_result){0};
	struct commit commit = {.monitor = monitor,
	    .batch = batch,
	    .source =
		batch->source < monitor->sources_count ? &monitor->sources[batch->source] : NULL,
	    .result = result,
	    .how = {.now = clock_wall(),
		.service = batch->service,
		.model = batch->model,
		.keep = batch->keep},
	    .refused = refused,
	    .context = context};
	for (size_t i = 0; i < batch->count; i++) {
		if (i + AHEAD < batch->count)
			join_prefetch(monitor->join, batch->rows[i + AHEAD].hash);
		const struct row *row = &batch->rows[i];
		if (row->kind == ROW_LABEL)
			take_label(&commit, row);
		else
			take_prediction(&commit, row);
	}
	if (result->accepted + result->late > 0)
		monitor->sources[batch->source].heard = clock_mono();
	monitor_settle(monitor);
	if (commit.whole)
		plan_renew(monitor);
}
