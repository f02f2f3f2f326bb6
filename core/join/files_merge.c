/* files_merge.c: when the join's young runs are merged into the base, and what goes because all of
 * it is too old. */
#include <string.h>

#include "core/join/files.h"

enum {
	LOOK = 256, /* steps from one look at how far it is to the next */
	WAIT_US = 2000 /* at most, and again at the next look */
};

/* As many young ones again as half the limit may come before a merge is through, so two thirds of
 * the base's room are not too much. */
uint64_t
files_young_limit(const struct files *files)
{
	uint64_t limit = files->young_limit, most = files->young_most / 3 * 2;
	if (files_base_entries(files) > files->room.base)
		limit += files->room.base / 3 * 2 * 8 / FILES_YOUNG_BITS;
	return limit < most ? limit : most;
}

bool
files_want_merge(const struct files *files)
{
	size_t count = files->young_count - files->writing;
	uint64_t writing = files->writing ? files->young[count]->count : 0;
	uint64_t entries = files_young_entries(files, 0) - writing;
	return count > files->refused &&
	       (entries > files_young_limit(files) || count > MERGE_YOUNG / 2);
}

/* Young ones that took the base's room need it until they are merged. */
static bool
begin_merge(struct files *files, const struct ages *ages, struct err *err)
{
	size_t count = files->young_count - files->writing;
	uint64_t entries = 0;
	struct merge_order order = {.folder = files->folder->path,
	    .number = files->folder->next,
	    .young_count = count,
	    .filter_bits = FILES_BITS,
	    .since_ms = ages_since(ages)};
	for (size_t i = 0; i < count; i++) {
		order.young[i] = files->young[i];
		entries += files->young[i]->count;
	}
	for (size_t i = 0; i < MERGE_PARTS; i++)
		order.base[i] = files->base[i];
	/* Of 8 bits an entry. */
	order.keep_filters = entries <= files->young_limit / 2 * 3 &&
			     entries + files_base_entries(files) <= files->room.base;
	files->wanted = false;
	files->refused = count;
	files->merge = merge_begin(&order, err);
	if (files->merge == NULL)
		return false;
	files->folder->next += MERGE_PARTS;
	files->merging = count;
	return true;
}

/* What was merged takes the place of what was there. */
static void
take_parts(struct files *files)
{
	struct run *after;
	unsigned part;
	while (part = files->merge->taken, merge_take(files->merge, &after)) {
		files_drop_run(files, files->base[part]);
		files->base[part] = NULL;
		if (after != NULL && after->filter.words != NULL &&
		    !files_has_room(files, filter_bytes(&after->filter)))
			filter_drop(&after->filter);
		files->base[part] = after;
	}
}

static void
drop_young(struct files *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		files_drop_run(files, files->young[i]);
	files->young_count -= count;
	files->refused = count < files->refused ? files->refused - count : 0;
	memmove(files->young, files->young + count, files->young_count * sizeof(files->young[0]));
}

static bool
end_merge(struct files *files, struct err *err)
{
	bool through = files->merge->taken == MERGE_PARTS;
	bool good = merge_end(files->merge, err);
	files->merge = NULL;
	if (through)
		drop_young(files, files->merging);
	files->wanted = files_want_merge(files);
	return good;
}

/* Parts are taken until all that are ready are, so that what is over is through, or has failed. */
static bool
go_on(struct files *files, struct err *err)
{
	bool over = merge_is_over(files->merge);
	take_parts(files);
	return !over || end_merge(files, err);
}

/* It is to be through when as many young ones as half the limit have come meanwhile. */
static void
keep_up(struct files *files)
{
	uint64_t came = files_young_entries(files, files->merging);
	uint64_t share = came * files->merge->total / (files_young_limit(files) / 2 + 1);
	merge_await(files->merge, share, WAIT_US);
}

bool
files_step(struct files *files, const struct ages *ages, struct err *err)
{
	if (files->merge == NULL)
		return !files->wanted || begin_merge(files, ages, err);
	if (++files->steps % LOOK == 0)
		keep_up(files);
	return (!merge_has_part(files->merge) && !merge_is_over(files->merge)) || go_on(files, err);
}

void
files_await_room(struct files *files, uint64_t entries, const struct ages *ages)
{
	struct err err;
	uint64_t room = files_young_limit(files) / 2 * 3;
	bool good = true;
	while (
	    good && files->young_count > 0 &&
	    (files->young_count == MERGE_YOUNG || files_young_entries(files, 0) + entries > room)) {
		if (files->merge == NULL && files->young_count - files->writing <= files->refused)
			break;
		files->wanted = true;
		good = files_step(files, ages, &err);
		if (good && files->merge != NULL)
			merge_await(files->merge, UINT64_MAX, WAIT_US);
	}
}

static bool
is_dead(const struct files *files, const struct ages *ages)
{
	bool dead = true;
	for (size_t i = 0; i < MERGE_PARTS && dead; i++)
		dead = files->base[i] == NULL || !ages_alive(ages, files->base[i]->newest_ms);
	for (size_t i = 0; i < files->young_count && dead; i++)
		dead = !ages_alive(ages, files->young[i]->newest_ms);
	return dead;
}

/* What takes part in a merge under way stays until that is through, or all is dead. */
void
files_drop_dead(struct files *files, const struct ages *ages)
{
	struct err err;
	if (files->merge != NULL && is_dead(files, ages))
		end_merge(files, &err);
	if (files->merge != NULL)
		return;
	bool lives = false;
	for (size_t i = 0; i < MERGE_PARTS; i++) {
		struct run *run = files->base[i];
		if (run == NULL)
			continue;
		if (ages_alive(ages, run->newest_ms)) {
			lives = true;
			continue;
		}
		files_drop_run(files, run);
		files->base[i] = NULL;
	}
	size_t gone = 0, count = files->young_count - files->writing;
	while (!lives && gone < count && !ages_alive(ages, files->young[gone]->newest_ms))
		gone++;
	drop_young(files, gone);
	files->wanted = files->wanted && files_want_merge(files);
}
