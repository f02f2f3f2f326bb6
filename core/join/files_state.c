/* files_state.c: what files there are: how many entries, how many bytes, and their names for a
 * checkpoint and back. */
#include "core/join/files.h"

bool
files_has_room(const struct files *files, uint64_t bytes)
{
	for (size_t i = 0; i < MERGE_PARTS; i++)
		if (files->base[i] != NULL && files->base[i]->filter.words != NULL)
			bytes += filter_bytes(&files->base[i]->filter);
	return bytes <= files->room.base;
}

uint64_t
files_young_entries(const struct files *files, size_t from)
{
	uint64_t entries = 0;
	for (size_t i = from; i < files->young_count; i++)
		entries += files->young[i]->count;
	return entries;
}

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
	return files_base_entries(files) + files_young_entries(files, 0);
}

uint64_t
files_bytes(const struct files *files)
{
	uint64_t bytes = files->merge != NULL ? merge_bytes(files->merge) : 0;
	for (size_t i = 0; i < MERGE_PARTS; i++)
		bytes += files->base[i] != NULL ? files->base[i]->bytes : 0;
	for (size_t i = 0; i < files->young_count; i++)
		bytes += files->young[i]->bytes;
	return bytes;
}

uint64_t
files_memory(const struct files *files)
{
	uint64_t bytes = files->merge != NULL ? files->merge->memory : 0;
	for (size_t i = 0; i < MERGE_PARTS; i++)
		bytes += files->base[i] != NULL ? run_memory(files->base[i]) : 0;
	for (size_t i = 0; i < files->young_count; i++)
		bytes += run_memory(files->young[i]);
	return bytes;
}

/* A run that is not finished is not told of: what it has is in the journals still. */
void
files_save(struct files *files, struct buf *pack)
{
	size_t finished = files->young_count - files->writing;
	for (size_t i = 0; i < MERGE_PARTS; i++) {
		pack_u64(pack, files->base[i] != NULL ? files->base[i]->seq : 0);
		if (files->base[i] != NULL)
			folder_refer(files->folder, files->base[i]->seq);
	}
	pack_u64(pack, finished);
	for (size_t i = 0; i < finished; i++) {
		pack_u64(pack, files->young[i]->seq);
		folder_refer(files->folder, files->young[i]->seq);
	}
}

static struct run *
open_run(struct files *files, uint64_t number, bool young, struct err *err)
{
	char path[FOLDER_PATH];
	folder_file(files->folder, number, path);
	struct run *run = run_open(path, number, err);
	if (run == NULL)
		return NULL;
	folder_refer(files->folder, number);
	if (!young && !files_has_room(files, filter_bytes(&run->filter)))
		filter_drop(&run->filter);
	return run;
}

bool
files_load(struct files *files, struct unpack *unpack, struct err *err)
{
	for (size_t i = 0; i < MERGE_PARTS; i++) {
		uint64_t number = unpack_u64(unpack);
		if (number != 0 && (files->base[i] = open_run(files, number, false, err)) == NULL)
			return false;
	}
	bool small = files_base_entries(files) <= files->room.base; /* of 8 bits an entry */
	for (size_t i = 0; i < MERGE_PARTS && !small; i++)
		if (files->base[i] != NULL)
			filter_drop(&files->base[i]->filter);
	size_t count = unpack_count(unpack, MERGE_YOUNG);
	for (size_t i = 0; i < count; i++) {
		struct run *run = open_run(files, unpack_u64(unpack), true, err);
		if (run == NULL)
			return false;
		files->young[files->young_count++] = run;
	}
	files->wanted = files_want_merge(files);
	return !unpack->failed ||
	       err_set(err, ERR_DATA, "what files the label join has is not as it was written");
}
