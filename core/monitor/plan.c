#include "core/monitor/plan.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/base/arena.h"
#include "core/monitor/state.h"

struct shared_plan {
	struct plan plan; /* first: a pointer to it is one to this */
	atomic_size_t holders;
	struct arena arena; /* what it points to */
};

static struct shared_plan *
shared_of(const struct plan *plan)
{
	union { /* who only holds it cannot change the plan, but let go of it */
		const struct plan *plan;
		struct shared_plan *shared;
	} both = {.plan = plan};
	return both.shared;
}

const struct plan *
plan_take(struct monitor *monitor)
{
	pthread_mutex_lock(&monitor->plan_lock);
	const struct plan *plan = monitor->plan;
	if (plan != NULL)
		atomic_fetch_add(&shared_of(plan)->holders, 1);
	pthread_mutex_unlock(&monitor->plan_lock);
	return plan;
}

void
plan_release(const struct plan *plan)
{
	if (plan == NULL)
		return;
	struct shared_plan *shared = shared_of(plan);
	if (atomic_fetch_sub(&shared->holders, 1) > 1)
		return;
	arena_free(&shared->arena);
	free(shared);
}

/* --- making one ------------------------------------------------------------------------------ */

/* Will nothing that comes change the reference any more? */
static bool
is_settled(const struct monitor *monitor, const struct reference_column *column)
{
	int64_t limit = monitor->config->reference_records;
	return column->ready &&
	       column->seen >= (uint64_t)(limit > REFERENCE_MINIMUM ? limit : REFERENCE_MINIMUM);
}

static bool
is_barren(const struct reference_column *column)
{
	return !column->ready && column->numbers_count == 0 && column->words_count == 0;
}

/* False: the column is still growing. */
static bool
fill_column(struct plan_column *into, struct arena *arena, const struct monitor *monitor,
    const struct reference_column *column, bool extra)
{
	const struct profile_feature *feature = &column->feature;
	text_copy(into->name, sizeof(into->name), feature->name);
	into->bins = feature->bins;
	into->low = feature->low;
	into->high = feature->high;
	into->kind =
	    feature->bins.kind == BINS_CATEGORIES_KIND && column->ready ? PLAN_WORDS : PLAN_NUMBERS;
	if (extra)
		into->kind = PLAN_PLAIN;
	else if (is_barren(column))
		into->kind = PLAN_BARREN;
	else if (!is_settled(monitor, column))
		return false;
	if (into->kind == PLAN_NUMBERS) {
		struct bins_index *index = arena_take(arena, sizeof(*index));
		bins_index_make(index, &feature->bins);
		into->index = index;
	}
	return true;
}

/* NULL: its records have to go the long way for now, or always. */
static const struct plan_model *
make_model(struct arena *arena, const struct monitor *monitor, const struct model_state *model)
{
	if (model->suites_count > 0)
		return NULL;
	struct plan_model *made = arena_take(arena, sizeof(*made));
	made->count = model->features_count;
	made->full = made->count == MONITOR_FEATURES_MAX;
	made->columns = arena_take(arena, made->count * sizeof(*made->columns));
	for (size_t i = 0; i < made->count; i++) {
		if (!fill_column(&made->columns[i], arena, monitor, &model->features[i],
			model->places[i].extra))
			return NULL;
	}
	return made;
}

static struct plan *
make_plan(const struct monitor *monitor)
{
	struct shared_plan *shared = mem_alloc(sizeof(*shared));
	struct arena *arena = &shared->arena;
	atomic_init(&shared->holders, 1);
	const struct plan_model **models =
	    arena_take(arena, monitor->models_count * sizeof(struct plan_model *));
	for (size_t i = 0; i < monitor->models_count; i++)
		models[i] = make_model(arena, monitor, monitor->models[i]);
	shared->plan.series_count = monitor->series_count;
	shared->plan.series =
	    arena_take(arena, monitor->series_count * sizeof(*shared->plan.series));
	for (size_t i = 0; i < monitor->series_count; i++) {
		const struct series *series = monitor->series[i];
		const struct model_state *model = monitor->models[series->model_index];
		struct plan_series *made = &shared->plan.series[i];
		*made = (struct plan_series){.service = series->service,
		    .model_name = series->model,
		    .version = series->version,
		    .model = models[series->model_index],
		    .map = series->quality.map,
		    .attributions = series->attributions.profile != NULL};
		const struct reference_column *score =
		    &model->versions[series->version_index].score;
		if (!fill_column(&made->score, arena, monitor, score, false) || !score->ready)
			made->model = NULL;
		if (series->folded)
			made->model = NULL;
	}
	return &shared->plan;
}

/* Grows with everything that a plan is made of. */
static size_t
progress(const struct monitor *monitor)
{
	size_t sum = monitor->series_count + (size_t)monitor->room.changes;
	for (size_t i = 0; i < monitor->models_count; i++) {
		const struct model_state *model = monitor->models[i];
		sum += model->features_count + model->versions_count;
		for (size_t k = 0; k < model->features_count; k++) {
			const struct reference_column *column = &model->features[k];
			sum += !is_barren(column) + (size_t)is_settled(monitor, column);
		}
		for (size_t k = 0; k < model->versions_count; k++)
			sum += is_settled(monitor, &model->versions[k].score);
	}
	return sum;
}

void
plan_renew(struct monitor *monitor)
{
	size_t now = progress(monitor);
	if (monitor->plan != NULL && now == monitor->plan_progress)
		return;
	struct plan *plan = make_plan(monitor);
	pthread_mutex_lock(&monitor->plan_lock);
	const struct plan *old = monitor->plan;
	monitor->plan = plan;
	monitor->plan_progress = now;
	pthread_mutex_unlock(&monitor->plan_lock);
	plan_release(old);
}
