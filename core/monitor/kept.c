#include "core/monitor/kept.h"

#include <stdlib.h>

#include "core/base/mem.h"

static void
free_column(struct kept_column *column)
{
	history_free(&column->history);
	free(column->labels);
	*column = (struct kept_column){0};
}

struct kept *
kept_new(void)
{
	return mem_alloc(sizeof(struct kept));
}

void
kept_free(struct kept *kept)
{
	if (kept == NULL)
		return;
	for (size_t i = 0; i < kept->columns_count; i++)
		free_column(&kept->columns[i]);
	for (size_t i = 0; i < kept->rings_count; i++)
		history_free(&kept->hours[i]);
	free_column(&kept->score);
	history_free(&kept->score_hours);
	free(kept->columns);
	free(kept->hours);
	free(kept);
}

struct kept_column *
kept_column(struct kept *kept, size_t number, bool ready, enum season season, uint64_t min_samples)
{
	if (number != HISTORY_SCORES && number >= kept->columns_count) {
		kept->columns = mem_grow(kept->columns, number + 1, sizeof(*kept->columns));
		for (size_t i = kept->columns_count; i <= number; i++)
			kept->columns[i] = (struct kept_column){0};
		kept->columns_count = number + 1;
	}
	struct kept_column *column =
	    number == HISTORY_SCORES ? &kept->score : &kept->columns[number];
	if (column->ready != ready || column->season != season ||
	    column->min_samples != min_samples)
		free_column(column);
	column->ready = ready;
	column->season = season;
	column->min_samples = min_samples;
	return column;
}

const struct history *
kept_hours(struct kept *kept, const struct window *window, size_t ring, size_t of)
{
	if (kept->hours == NULL) {
		kept->rings_count = window->list[0]->rings_count;
		kept->hours = mem_alloc(kept->rings_count * sizeof(*kept->hours));
	}
	struct history *hours = ring == HISTORY_SCORES ? &kept->score_hours : &kept->hours[ring];
	const struct history_column column = {.ring = ring, .of = of};
	history_update(hours, window, &column);
	return hours;
}
