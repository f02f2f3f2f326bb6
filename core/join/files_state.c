/* files_state.c: what files there are: how many entries, how many bytes, and their names for a
 * checkpoint and back. */
#include "core/join/files.h"

#define NOT_WRITTEN "what files the label join has is not as it was written"

uint64_t
files_base_entries(const struct files *files)
{
	uint64_t entries = 0;
	for (size_t i = 0; i < MERGE_PARTS; i++)
		entries += files->base[i] != NULL ? files->base[i]->count : 0;
	return entries;
}

uint64_t
files_entries(const struct files *files)
{
	return files_base_entries(files) + young_entries(&files->young, 0);
}

uint64_t
files_bytes(const struct files *files)
{
	uint64_t bytes = files->merge != NULL ? merge_bytes(files->merge) : 0;
	for (size_t i = 0; i < MERGE_PARTS; i++)
		bytes += files->base[i] != NULL ? files->base[i]->bytes : 0;
	return bytes + young_bytes(&files->young);
}

uint64_t
files_memory(const struct files *files)
{
	uint64_t bytes = files->merge != NULL ? files->merge->memory : 0;
	bytes += files->near.words != NULL ? filter_bytes(&files->near) : 0;
	for (size_t i = 0; i < MERGE_PARTS; i++)
		bytes += files->base[i] != NULL ? run_memory(files->base[i]) : 0;
	return bytes + (files->folder != NULL ? young_memory(&files->young) : 0);
}

/* A run that is not finished is not told of: what it has is in the journals still. */
void
files_save(struct files *files, struct buf *pack)
{
	size_t finished = young_finished(&files->young);
	for (size_t i = 0; i < MERGE_PARTS; i++) {
		pack_u64(pack, files->base[i] != NULL ? files->base[i]->seq : 0);
		if (files->base[i] != NULL)
			folder_refer(files->folder, files->base[i]->seq);
	}
	pack_u64(pack, finished);
	for (size_t i = 0; i < finished; i++) {
		pack_u64(pack, files->young.runs[i]->seq);
		folder_refer(files->folder, files->young.runs[i]->seq);
	}
}

static struct run *
open_run(struct files *files, uint64_t number, const struct run_room *room, struct err *err)
{
	char path[FOLDER_PATH];
	folder_file(files->folder, number, path);
	struct run *run = run_open(path, number, room, err);
	if (run != NULL)
		folder_refer(files->folder, number);
	return run;
}

static bool
load_base(struct files *files, struct unpack *unpack, struct err *err)
{
	for (unsigned i = 0; i < MERGE_PARTS; i++) {
		uint64_t number = unpack_u64(unpack);
		if (number == 0)
			continue;
		files->base[i] = open_run(files, number, &files->room.base, err);
		if (files->base[i] == NULL)
			return false;
	}
	return true;
}

static bool
load_near(struct files *files, struct err *err)
{
	if (!files_is_near(files, files_base_entries(files)))
		return true;
	files_make_near(files);
	for (unsigned i = 0; i < MERGE_PARTS; i++) {
		struct run *run = files->base[i];
		if (run == NULL || run->filter.blocks * MERGE_PARTS != files->near.blocks)
			continue;
		if (!run_load_filter(run))
			return err_set(err, ERR_DATA, NOT_WRITTEN);
		files->base[i] = NULL;
		files_set_base(files, i, run);
	}
	return true;
}

bool
files_load(struct files *files, struct unpack *unpack, struct err *err)
{
	if (!load_base(files, unpack, err))
		return false;
	size_t count = unpack_count(unpack, YOUNG_MOST);
	if (count > YOUNG_FIRST)
		young_widen(&files->young);
	if (!load_near(files, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct run *run = open_run(files, unpack_u64(unpack), &files->room.young, err);
		if (run == NULL)
			return false;
		if (!young_load(&files->young, run)) {
			run_free(run);
			return err_set(err, ERR_DATA, NOT_WRITTEN);
		}
	}
	files->wanted = files_want_merge(files);
	return !unpack->failed || err_set(err, ERR_DATA, NOT_WRITTEN);
}
