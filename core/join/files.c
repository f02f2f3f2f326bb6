/* files.c: see files.h. */
#include "core/join/files.h"

#include <stdio.h>
#include <string.h>

/* Of rows for which all young runs ever take so many entries, about. */
enum { ROW_ENTRIES = 5 };

void
files_init(struct files *files, struct folder *folder, const struct files_room *room)
{
	uint64_t rows = room->board / board_bytes(1, YOUNG_FIRST);
	*files = (struct files){
	    .folder = folder, .room = *room, .young_most = rows * ROW_ENTRIES * YOUNG_MOST};
	if (room->entries > 0 && room->entries / 8 < files->young_most)
		files->young_most = room->entries / 8;
	if (folder != NULL)
		young_init(&files->young, rows);
}

void
files_drop_run(struct files *files, struct run *run)
{
	if (run == NULL)
		return;
	uint64_t number = run->seq;
	run_free(run);
	folder_drop(files->folder, number);
}

/* Those in memory leave room for what a merge has in its hands; where they are not, and never were
 * for this base, a second board leaves it. */
uint64_t
files_filter_blocks(const struct files *files, bool near)
{
	uint64_t room = files->room.filters / FILTER_BLOCK;
	uint64_t part = (room - MERGE_AHEAD - 2) / (MERGE_PARTS + MERGE_AHEAD + 1);
	return near || files->near.words != NULL ? part
						 : room - files->room.board / FILTER_BLOCK - 2;
}

bool
files_is_near(const struct files *files, uint64_t entries)
{
	uint64_t bytes = files_filter_blocks(files, true) * FILTER_BLOCK * MERGE_PARTS;
	return !young_is_wide(&files->young) && entries / 2 <= bytes;
}

void
files_make_near(struct files *files)
{
	if (files->near.words == NULL)
		filter_init(&files->near, files_filter_blocks(files, true) * MERGE_PARTS, 0);
}

void
files_set_base(struct files *files, unsigned part, struct run *run)
{
	files_drop_run(files, files->base[part]);
	files->base[part] = run;
	files->has_near &= ~(UINT64_C(1) << part);
	if (run == NULL || run->filter.words == NULL)
		return;
	if (run->filter.blocks * MERGE_PARTS == files->near.blocks) {
		uint64_t *words = files->near.words + part * run->filter.blocks * FILTER_WORDS;
		memcpy(words, run->filter.words, filter_bytes(&run->filter));
		files->has_near |= UINT64_C(1) << part;
	}
	filter_drop(&run->filter);
}

void
files_free(struct files *files)
{
	struct err err;
	if (files->merge != NULL)
		merge_end(files->merge, &err);
	files->merge = NULL;
	for (size_t i = 0; i < MERGE_PARTS; i++)
		files_drop_run(files, files->base[i]);
	for (size_t i = 0; i < files->young.count; i++)
		files_drop_run(files, files->young.runs[i]);
	young_free(&files->young);
	filter_drop(&files->near);
}

static unsigned
part_of(uint64_t key)
{
	return (unsigned)(key >> (64 - MERGE_PART_BITS));
}

/* The first of the young runs that the base's part has not taken in. */
static size_t
first_young(const struct files *files, unsigned part)
{
	return files->merge != NULL && part < files->merge->taken ? files->merging : 0;
}

void
files_prefetch(const struct files *files, uint64_t key)
{
	struct probe probe = probe_of(key);
	young_prefetch(&files->young, key);
	filter_prefetch(&files->near, &probe);
}

/* May the key be in the base's part? */
static bool
may_base_have(struct files *files, const struct run *base, const struct probe *probe)
{
	if ((files->has_near >> part_of(probe->key) & 1) == 0)
		return run_may_have(base, probe, &files->reads);
	return filter_block_has(&files->near.words[filter_block(&files->near, probe)], probe);
}

bool
files_find(struct files *files, uint64_t key, bool hoped, struct slot *slot)
{
	struct probe probe = probe_of(key);
	unsigned part = part_of(key);
	enum run_answer answer = RUN_NO;
	const struct young *young = &files->young;
	uint64_t asked = young_ask(young, &probe);
	size_t first = asked != 0 ? first_young(files, part) : young->count;
	for (size_t i = young->count; i > first && answer == RUN_NO; i--)
		if ((asked >> young->columns[i - 1] & 1) != 0)
			answer = run_find(young->runs[i - 1], key, slot, &files->reads);
	const struct run *base = files->base[part];
	if (answer == RUN_NO && base != NULL && (hoped || may_base_have(files, base, &probe)))
		answer = run_find(base, key, slot, &files->reads);
	if (answer == RUN_BROKEN)
		snprintf(files->error, sizeof(files->error),
		    "a file of the label join cannot be read, or was changed by someone");
	return answer == RUN_YES;
}

/* --- what comes from memory --- */

bool
files_begin_run(struct files *files, struct err *err)
{
	char path[FOLDER_PATH];
	if (files->young.count == young_room(&files->young))
		return err_set(err, ERR_FAILED, "the label join has too many files");
	uint64_t number = files->folder->next++;
	folder_file(files->folder, number, path);
	struct run *run = run_new(path, number, &files->room.young, 0, 0, err);
	if (run == NULL)
		return false;
	young_begin(&files->young, run);
	return true;
}

bool
files_add(struct files *files, const struct slot *slot, struct err *err)
{
	return young_add(&files->young, slot, err);
}

bool
files_finish_run(struct files *files, struct err *err)
{
	struct young *young = &files->young;
	if (!young_finish(young, err))
		return false;
	if (young->runs[young->count - 1]->count == 0)
		files_drop_run(files, young->runs[--young->count]);
	files->wanted = files_want_merge(files);
	return true;
}
