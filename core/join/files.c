/* files.c: see files.h. */
#include "core/join/files.h"

#include <stdio.h>
#include <string.h>

void
files_init(struct files *files, struct folder *folder, size_t young, size_t base)
{
	*files = (struct files){
	    .folder = folder, .young_limit = young * 8 / FILES_YOUNG_BITS, .filter_room = base};
}

static void
drop_run(struct files *files, struct run *run)
{
	if (run == NULL)
		return;
	folder_drop(files->folder, run->seq);
	run_free(run);
}

static void
end_merge(struct files *files)
{
	struct files_merge *merge = &files->merge;
	for (size_t i = 0; i < merge->young; i++)
		run_cursor_close(&merge->cursors[i]);
	run_cursor_close(&merge->base);
	drop_run(files, merge->out);
	*merge = (struct files_merge){.on = false};
}

void
files_free(struct files *files)
{
	end_merge(files);
	for (size_t i = 0; i < FILES_PARTS; i++)
		drop_run(files, files->base[i]);
	for (size_t i = 0; i < files->young_count; i++)
		drop_run(files, files->young[i]);
	files_init(
	    files, files->folder, files->young_limit * FILES_YOUNG_BITS / 8, files->filter_room);
}

static unsigned
part_of(uint64_t key)
{
	return (unsigned)(key >> 58);
}

void
files_prefetch(const struct files *files, uint64_t key)
{
	struct probe probe = probe_of(key);
	for (size_t i = 0; i < files->young_count; i++)
		run_prefetch(files->young[i], &probe);
	const struct run *base = files->base[part_of(key)];
	if (base != NULL)
		run_prefetch(base, &probe);
}

bool
files_find(struct files *files, uint64_t key, bool hoped, struct slot *slot)
{
	struct probe probe = probe_of(key);
	enum run_answer answer = RUN_NO;
	for (size_t i = files->young_count; i > 0 && answer == RUN_NO; i--)
		if (run_may_have(files->young[i - 1], &probe, &files->reads))
			answer = run_find(files->young[i - 1], key, slot, &files->reads);
	const struct run *base = files->base[part_of(key)];
	if (answer == RUN_NO && base != NULL &&
	    (hoped || run_may_have(base, &probe, &files->reads)))
		answer = run_find(base, key, slot, &files->reads);
	if (answer == RUN_BROKEN)
		snprintf(files->error, sizeof(files->error),
		    "a file of the label join cannot be read, or was changed by someone");
	return answer == RUN_YES;
}

/* --- what comes from memory --- */

bool
files_begin_run(struct files *files, uint64_t expected, struct err *err)
{
	char path[FOLDER_PATH];
	if (files->young_count == FILES_YOUNG)
		return err_set(err, ERR_FAILED, "the label join has too many files");
	uint64_t number = files->folder->next++;
	folder_file(files->folder, number, path);
	struct run *run = run_new(path, number, expected, FILES_YOUNG_BITS, err);
	if (run == NULL)
		return false;
	files->young[files->young_count++] = run;
	files->writing = true;
	return true;
}

bool
files_add(struct files *files, const struct slot *slot, struct err *err)
{
	return run_add(files->young[files->young_count - 1], slot, err);
}

bool
files_finish_run(struct files *files, struct err *err)
{
	struct run *run = files->young[files->young_count - 1];
	if (run->count == 0) {
		files->young_count--;
		drop_run(files, run);
	} else if (!run_finish(run, true, err)) {
		return false;
	}
	files->writing = false;
	return true;
}

/* --- merging --- */

static size_t
count_finished(const struct files *files)
{
	return files->young_count - files->writing;
}

static void
find_least(struct files_merge *merge)
{
	const struct slot *least = NULL;
	for (size_t i = 0; i < merge->young; i++) {
		const struct slot *other = run_cursor_slot(&merge->cursors[i]);
		if (other != NULL && (least == NULL || slot_key(other) <= slot_key(least)))
			least = other;
	}
	merge->least = least;
}

/* As many young ones again are there before a merge is through, so a third is not too much of the
 * base's room. */
static uint64_t
young_limit(const struct files *files)
{
	bool small = files_is_base_small(files, files_base_entries(files));
	return files->young_limit + (small ? 0 : files->filter_room / 3 * 8 / FILES_YOUNG_BITS);
}

static void
begin_merge(struct files *files)
{
	struct files_merge *merge = &files->merge;
	uint64_t entries = 0, total = files_base_entries(files);
	*merge = (struct files_merge){.on = true, .young = count_finished(files)};
	for (size_t i = 0; i < merge->young; i++) {
		run_cursor_open(&merge->cursors[i], files->young[i]);
		entries += files->young[i]->count;
	}
	find_least(merge);
	if (files->base[0] != NULL)
		run_cursor_open(&merge->base, files->base[0]);
	merge->expected = entries / FILES_PARTS;
	merge->filters = files_is_base_small(files, entries + total);
	/* It is through before as many again as half the limit have come. */
	merge->pace = 2 * (entries + total) / (young_limit(files) / 2 + 1) + 4;
}

static const struct slot *
base_slot(struct files_merge *merge)
{
	return merge->base.run != NULL ? run_cursor_slot(&merge->base) : NULL;
}

/* What stands next, the youngest of its key, with every cursor moved on beyond it; none if the part
 * is through. */
static bool
next_slot(struct files_merge *merge, struct slot *slot)
{
	const struct slot *base = base_slot(merge), *least = merge->least;
	bool old = base != NULL && (least == NULL || slot_key(base) < slot_key(least));
	const struct slot *best = old ? base : least;
	if (best == NULL || part_of(slot_key(best)) != merge->part)
		return false;
	*slot = *best;
	if (base != NULL && slot_key(base) == slot_key(slot))
		run_cursor_next(&merge->base);
	if (old)
		return true;
	for (size_t i = 0; i < merge->young; i++) {
		const struct slot *other = run_cursor_slot(&merge->cursors[i]);
		if (other != NULL && slot_key(other) == slot_key(slot))
			run_cursor_next(&merge->cursors[i]);
	}
	find_least(merge);
	return true;
}

static bool
add_merged(struct files *files, const struct slot *slot, struct err *err)
{
	struct files_merge *merge = &files->merge;
	if (merge->out == NULL) {
		char path[FOLDER_PATH];
		uint64_t number = files->folder->next++;
		const struct run *base = files->base[merge->part];
		folder_file(files->folder, number, path);
		uint64_t expected = merge->expected + (base != NULL ? base->count : 0);
		merge->out = run_new(path, number, expected, FILES_BITS, err);
		if (merge->out == NULL)
			return false;
	}
	return run_add(merge->out, slot, err);
}

static bool
is_broken(const struct files_merge *merge)
{
	bool broken = merge->base.broken;
	for (size_t i = 0; i < merge->young; i++)
		broken = broken || merge->cursors[i].broken;
	return broken;
}

/* The part is through: what was merged takes the place of what was there. */
static bool
end_part(struct files *files, struct err *err)
{
	struct files_merge *merge = &files->merge;
	if (is_broken(merge))
		return err_set(err, ERR_DATA,
		    "a file of the label join cannot be read, or was changed by someone");
	struct run *before = files->base[merge->part], *after = merge->out;
	files->base[merge->part] = NULL;
	bool room = after != NULL && merge->filters && files_has_room(files, after->blocks);
	files->base[merge->part] = before;
	if (after != NULL && !run_finish(after, room, err))
		return false;
	run_cursor_close(&merge->base);
	drop_run(files, before);
	files->base[merge->part++] = after;
	merge->out = NULL;
	if (merge->part < FILES_PARTS) {
		if (files->base[merge->part] != NULL)
			run_cursor_open(&merge->base, files->base[merge->part]);
		return true;
	}
	size_t gone = merge->young;
	end_merge(files);
	for (size_t i = 0; i < gone; i++)
		drop_run(files, files->young[i]);
	files->young_count -= gone;
	files->refused = 0;
	memmove(files->young, files->young + gone, files->young_count * sizeof(files->young[0]));
	return true;
}

static bool
needs_merge(const struct files *files)
{
	uint64_t entries = 0;
	size_t count = count_finished(files);
	for (size_t i = 0; i < count; i++)
		entries += files->young[i]->count;
	return count > files->refused && (entries > young_limit(files) || count > FILES_YOUNG / 2);
}

bool
files_step(struct files *files, const struct ages *ages, struct err *err)
{
	struct files_merge *merge = &files->merge;
	if (!merge->on && needs_merge(files))
		begin_merge(files);
	for (uint64_t i = 0; merge->on && i < merge->pace; i++) {
		struct slot slot;
		bool good = true;
		if (!next_slot(merge, &slot))
			good = end_part(files, err);
		else if (ages_alive(ages, slot_ms(&slot)))
			good = add_merged(files, &slot, err);
		if (!good) {
			files->refused = count_finished(files);
			end_merge(files);
			return false;
		}
	}
	return true;
}

void
files_merge_soon(struct files *files)
{
	if (!files->merge.on && count_finished(files) > 0)
		begin_merge(files);
}

static bool
is_dead(const struct files *files, const struct ages *ages)
{
	bool dead = true;
	for (size_t i = 0; i < FILES_PARTS && dead; i++)
		dead = files->base[i] == NULL || !ages_alive(ages, files->base[i]->newest_ms);
	for (size_t i = 0; i < files->young_count && dead; i++)
		dead = !ages_alive(ages, files->young[i]->newest_ms);
	return dead;
}

/* What takes part in a merge under way stays until that is through, or all is dead. */
void
files_drop_dead(struct files *files, const struct ages *ages)
{
	if (files->merge.on && is_dead(files, ages))
		end_merge(files);
	if (files->merge.on)
		return;
	bool lives = false;
	for (size_t i = 0; i < FILES_PARTS; i++) {
		struct run *run = files->base[i];
		if (run == NULL)
			continue;
		if (ages_alive(ages, run->newest_ms)) {
			lives = true;
			continue;
		}
		drop_run(files, run);
		files->base[i] = NULL;
	}
	size_t gone = 0, count = count_finished(files);
	while (!lives && gone < count && !ages_alive(ages, files->young[gone]->newest_ms))
		drop_run(files, files->young[gone++]);
	files->young_count -= gone;
	files->refused = gone < files->refused ? files->refused - gone : 0;
	memmove(files->young, files->young + gone, files->young_count * sizeof(files->young[0]));
}
