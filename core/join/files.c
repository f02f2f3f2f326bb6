/* files.c: see files.h. */
#include "core/join/files.h"

#include <stdio.h>
#include <string.h>

void
files_init(struct files *files, struct folder *folder, const struct files_room *room)
{
	*files = (struct files){
	    .folder = folder, .room = *room, .young_limit = room->young * 8 / FILES_YOUNG_BITS};
	files->young_most =
	    (files->young_limit + room->base / 3 * 2 * 8 / FILES_YOUNG_BITS) / 2 * 3;
	if (room->entries > 0 && room->entries / 8 < files->young_most)
		files->young_most = room->entries / 8;
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

void
files_free(struct files *files)
{
	struct err err;
	if (files->merge != NULL)
		merge_end(files->merge, &err);
	files->merge = NULL;
	for (size_t i = 0; i < MERGE_PARTS; i++)
		files_drop_run(files, files->base[i]);
	for (size_t i = 0; i < files->young_count; i++)
		files_drop_run(files, files->young[i]);
	struct files_room room = files->room;
	files_init(files, files->folder, &room);
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
	unsigned part = part_of(key);
	for (size_t i = first_young(files, part); i < files->young_count; i++)
		filter_prefetch(&files->young[i]->filter, &probe);
	if (files->base[part] != NULL)
		filter_prefetch(&files->base[part]->filter, &probe);
}

bool
files_find(struct files *files, uint64_t key, bool hoped, struct slot *slot)
{
	struct probe probe = probe_of(key);
	unsigned part = part_of(key);
	size_t first = first_young(files, part);
	enum run_answer answer = RUN_NO;
	for (size_t i = files->young_count; i > first && answer == RUN_NO; i--)
		if (run_may_have(files->young[i - 1], &probe, &files->reads))
			answer = run_find(files->young[i - 1], key, slot, &files->reads);
	const struct run *base = files->base[part];
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
	if (files->young_count == MERGE_YOUNG)
		return err_set(err, ERR_FAILED, "the label join has too many files");
	uint64_t number = files->folder->next++;
	folder_file(files->folder, number, path);
	const struct run_plan plan = {expected, FILES_YOUNG_BITS, 0};
	struct run *run = run_new(path, number, &plan, err);
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
		files_drop_run(files, run);
	} else if (!run_finish(run, true, err)) {
		return false;
	}
	files->writing = false;
	files->wanted = files_want_merge(files);
	return true;
}
