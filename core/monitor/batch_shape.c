/* batch_shape.c: which columns a record's features are. Records repeat their order, so each order
 * is looked up once a batch; a reader that tells equal ones apart by a number saves comparing the
 * names. */
#include <string.h>

#include "core/base/mem.h"
#include "core/monitor/batch_rows.h"
#include "core/monitor/models.h"

enum { SHAPES = 16 }; /* of one batch; of more the last is replaced */

static size_t
find_column(const struct plan_model *model, size_t guess, const char *name)
{
	if (guess < model->count && strcmp(model->columns[guess].name, name) == 0)
		return guess;
	char room[SNAPSHOT_NAME];
	name = models_kept_name(room, name);
	for (size_t i = 0; i < model->count; i++) {
		if (strcmp(model->columns[i].name, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

static bool
is_alike(
    const struct shape *shape, const struct plan_model *model, const struct prediction *prediction)
{
	if (shape->model != model || shape->count != prediction->features_count)
		return false;
	if (shape->id != 0 && shape->id == prediction->shape)
		return true;
	for (size_t i = 0; i < shape->count; i++) {
		if (strcmp(shape->names[i], prediction->features[i].name) != 0)
			return false;
	}
	return true;
}

/* Columns of the names, the absent ones; false if a name is new. Of a name that stands twice the
 * first counts. */
static bool
map_columns(struct shape *shape, struct arena *arena, const struct prediction *prediction)
{
	const struct plan_model *model = shape->model;
	bool seen[MONITOR_FEATURES_MAX] = {false};
	for (size_t i = 0; i < shape->count; i++) {
		size_t column = find_column(model, i, prediction->features[i].name);
		if (column == SIZE_MAX && !model->full)
			return false;
		shape->columns[i] = SHAPE_NONE;
		if (column == SIZE_MAX || seen[column])
			continue;
		seen[column] = true;
		shape->columns[i] = (uint16_t)column;
	}
	shape->absent = arena_take(arena, model->count * sizeof(*shape->absent));
	for (size_t i = 0; i < model->count; i++) {
		if (!seen[i])
			shape->absent[shape->absent_count++] = (uint16_t)i;
	}
	return true;
}

static bool
make_shape(struct batch *batch, struct shape *shape, const struct plan_model *model,
    const struct prediction *prediction)
{
	struct arena *arena = &batch->arena;
	size_t count = prediction->features_count;
	*shape = (struct shape){
	    .id = prediction->shape, .model = model, .count = count, .group = SIZE_MAX};
	shape->names = arena_take(arena, count * sizeof(char *));
	shape->columns = arena_take(arena, count * sizeof(*shape->columns));
	if (!map_columns(shape, arena, prediction))
		return false;
	const char *by = batch->monitor->config->cohort_by;
	for (size_t i = 0; i < count; i++) {
		const char *name = prediction->features[i].name;
		shape->names[i] = arena_text(arena, name);
		if (shape->group == SIZE_MAX && strcmp(name, by) == 0)
			shape->group = i;
	}
	return true;
}

const struct shape *
batch_shape(
    struct batch *batch, const struct plan_model *model, const struct prediction *prediction)
{
	for (size_t i = 0; i <= batch->shapes_count; i++) {
		size_t at = i == 0 ? batch->last_shape : i - 1;
		if (at < batch->shapes_count && is_alike(&batch->shapes[at], model, prediction)) {
			batch->last_shape = at;
			return &batch->shapes[at];
		}
	}
	struct shape shape;
	if (!make_shape(batch, &shape, model, prediction))
		return NULL;
	if (batch->shapes_count < SHAPES)
		batch->shapes_count++;
	mem_reserve(
	    &batch->shapes, &batch->shapes_capacity, batch->shapes_count, sizeof(*batch->shapes));
	batch->last_shape = batch->shapes_count - 1;
	batch->shapes[batch->last_shape] = shape;
	return &batch->shapes[batch->last_shape];
}
