/* files_merge.c: when the join's young runs are merged into the base, and what goes because all of
 * it is too old. */
#include "core/join/files.h"

enum {
	LOOK = 256, /* steps from one look at how far it is to the next */
	WAIT_US = 2000 /* at most, and again at the next look */
};

/* A third of the room is for those that come before a merge is through. */
static uint64_t
spare_entries(const struct files *files)
{
	return files->young_most / 3;
}

bool
files_want_merge(const struct files *files)
{
	const struct young *young = &files->young;
	size_t count = young_finished(young);
	uint64_t writing = young->writing ? young->runs[count]->count : 0;
	return count > files->refused &&
	       (count >= young_room(young) / 3 * 2 ||
		   young_entries(young, 0) - writing > files->young_most - spare_entries(files));
}

static bool
begin_merge(struct files *files, const struct ages *ages, struct err *err)
{
	struct young *young = &files->young;
	struct merge_order order = {.folder = files->folder->path,
	    .number = files->folder->next,
	    .young_count = young_finished(young),
	    .room = files->room.base,
	    .cursor_pages = files->room.cursor_pages,
	    .since_ms = ages_since(ages)};
	uint64_t entries = files_base_entries(files);
	for (size_t i = 0; i < order.young_count; i++) {
		order.young[i] = young->runs[i];
		entries += young->runs[i]->count;
	}
	for (size_t i = 0; i < MERGE_PARTS; i++)
		order.base[i] = files->base[i];
	young_narrow(young);
	order.near = files_is_near(files, entries);
	order.filter_blocks = files_filter_blocks(files, order.near);
	if (order.near)
		files_make_near(files);
	files->wanted = false;
	files->refused = files->merging = order.young_count;
	files->merge = merge_begin(&order, err);
	if (files->merge == NULL)
		return false;
	files->folder->next += MERGE_PARTS;
	return true;
}

/* What was merged takes the place of what was there. */
static void
take_parts(struct files *files)
{
	struct run *run;
	unsigned part;
	while (part = files->merge->taken, merge_take(files->merge, &run))
		files_set_base(files, part, run);
}

static void
drop_young(struct files *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		files_drop_run(files, files->young.runs[i]);
	young_leave(&files->young, count);
	files->refused = count < files->refused ? files->refused - count : 0;
}

static bool
end_merge(struct files *files, struct err *err)
{
	bool through = files->merge->taken == MERGE_PARTS;
	bool good = merge_end(files->merge, err);
	files->merge = NULL;
	if (through)
		drop_young(files, files->merging);
	if (files->has_near == 0)
		filter_drop(&files->near);
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

/* It is to be through when half as many have come as it takes in, or the room for them is used. */
static void
keep_up(struct files *files)
{
	const struct young *young = &files->young;
	uint64_t came = young_entries(young, files->merging);
	uint64_t room = (young_entries(young, 0) - came) / 2 + 1;
	if (room > spare_entries(files))
		room = spare_entries(files) + 1;
	merge_await(files->merge, came * files->merge->total / room, WAIT_US);
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

/* Where the base's filters are not in memory, a second board is. */
static bool
has_room(struct files *files, uint64_t entries)
{
	struct young *young = &files->young;
	if (files->near.words == NULL && !files_is_near(files, files_base_entries(files)))
		young_widen(young);
	return young->count < young_room(young) &&
	       young_entries(young, 0) + entries <= files->young_most;
}

void
files_await_room(struct files *files, uint64_t entries, const struct ages *ages)
{
	struct err err;
	bool good = true;
	while (good && files->young.count > 0 && !has_room(files, entries)) {
		if (files->merge == NULL && young_finished(&files->young) <= files->refused)
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
	for (size_t i = 0; i < files->young.count && dead; i++)
		dead = !ages_alive(ages, files->young.runs[i]->newest_ms);
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
	for (unsigned i = 0; i < MERGE_PARTS; i++) {
		struct run *run = files->base[i];
		if (run == NULL)
			continue;
		if (ages_alive(ages, run->newest_ms)) {
			lives = true;
			continue;
		}
		files_set_base(files, i, NULL);
	}
	size_t gone = 0, count = young_finished(&files->young);
	while (!lives && gone < count && !ages_alive(ages, files->young.runs[gone]->newest_ms))
		gone++;
	drop_young(files, gone);
	files->wanted = files->wanted && files_want_merge(files);
}
