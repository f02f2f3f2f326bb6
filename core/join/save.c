/* save.c: the join in a checkpoint: what was counted, which files there are, and how far the
 * journals hold. */
#include "core/join/save.h"

#include "core/join/state.h"

#define MAGIC UINT64_C(0x0133766153696F4A)

/* What must be the same for a checkpoint to be of use. */
static void
pack_options(const struct join *join, struct buf *pack)
{
	pack_u64(pack, MAGIC);
	pack_i64(pack, join->options.ttl_us);
	pack_i64(pack, join->options.assume_us);
	pack_u64(pack, join->options.sample);
	pack_u64(pack, join->options.memory);
}

static bool
unpack_options(const struct join *join, struct unpack *unpack)
{
	bool same = unpack_u64(unpack) == MAGIC;
	same = unpack_i64(unpack) == join->options.ttl_us && same;
	same = unpack_i64(unpack) == join->options.assume_us && same;
	same = unpack_u64(unpack) == join->options.sample && same;
	same = unpack_u64(unpack) == join->options.memory && same;
	return same && !unpack->failed;
}

static void
pack_stats(const struct join *join, struct buf *pack)
{
	const struct join_stats *stats = &join->stats;
	pack_u64(pack, stats->joined);
	pack_u64(pack, stats->duplicate_labels);
	pack_u64(pack, stats->duplicate_predictions);
	pack_u64(pack, stats->expired);
	pack_u64(pack, stats->evicted);
	pack_u64(pack, stats->expired_labels);
	pack_u64(pack, stats->sampled_out);
	pack_u64(pack, join->files.reads);
	pack_i64(pack, join->newest);
	pack_i64(pack, join->ages.floor);
	pack_i64(pack, join->ages.expired);
	pack_i64(pack, join->ages.top);
	pack_u64(pack, join->ages.begun);
}

static void
unpack_stats(struct join *join, struct unpack *unpack)
{
	struct join_stats *stats = &join->stats;
	stats->joined = unpack_u64(unpack);
	stats->duplicate_labels = unpack_u64(unpack);
	stats->duplicate_predictions = unpack_u64(unpack);
	stats->expired = unpack_u64(unpack);
	stats->evicted = unpack_u64(unpack);
	stats->expired_labels = unpack_u64(unpack);
	stats->sampled_out = unpack_u64(unpack);
	join->files.reads = unpack_u64(unpack);
	join->newest = unpack_i64(unpack);
	join->ages.floor = unpack_i64(unpack);
	join->ages.expired = unpack_i64(unpack);
	join->ages.top = unpack_i64(unpack);
	join->ages.begun = unpack_u64(unpack) != 0;
	const int64_t most = SLOT_TIME_MAX;
	if (join->ages.floor < -most || join->ages.floor > INT64_MAX / 2 ||
	    join->ages.expired < -1 || join->ages.expired > INT64_MAX / 2 ||
	    join->ages.top < -most || join->ages.top > join->ages.floor + join->ages.mask)
		unpack_fail(unpack);
}

static void
pack_journal(struct join *join, struct buf *pack, struct journal_name name)
{
	pack_u64(pack, name.seq);
	pack_u64(pack, name.length);
	pack_u64(pack, name.slots);
	folder_refer(join->folder, name.seq);
}

static bool
is_whole(const struct join *join)
{
	return join->journal != NULL && !join->journal->failed && !join->lacks;
}

bool
join_keep(struct join *join, struct err *err)
{
	return join->folder == NULL || is_whole(join) || join_renew_journal(join, err);
}

bool
join_save(struct join *join, struct buf *pack, struct err *err)
{
	if (join->folder == NULL)
		return err_set(err, ERR_USAGE, "the label join has no folder to be saved in");
	if (!is_whole(join) && !join_renew_journal(join, err))
		return false;
	struct journal *journal = join->journal;
	if (!journal_save(journal, &join->ages, err))
		return false;
	if (!is_whole(join))
		return err_set(err, ERR_IO, "the label join's files cannot be written");
	folder_begin_save(join->folder);
	pack_options(join, pack);
	pack_stats(join, pack);
	files_save(&join->files, pack);
	pack_u64(pack, join->former_count + 1);
	for (size_t i = 0; i < join->former_count; i++)
		pack_journal(join, pack, join->former[i]);
	pack_journal(join, pack,
	    (struct journal_name){
		.seq = journal->seq, .length = journal->length, .slots = journal->slots});
	return join->due == NULL || due_save(join->due, pack, err);
}

void
join_saved(struct join *join)
{
	if (join->folder != NULL)
		folder_saved(join->folder);
}

static bool
load_journals(struct join *join, struct unpack *unpack, struct err *err)
{
	char path[FOLDER_PATH];
	size_t count = unpack_count(unpack, JOIN_JOURNALS + 1);
	struct journal_name name = {0};
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		name.seq = unpack_u64(unpack);
		name.length = unpack_u64(unpack);
		name.slots = unpack_u64(unpack);
		if (unpack->failed)
			break;
		folder_file(join->folder, name.seq, path);
		folder_refer(join->folder, name.seq);
		if (!journal_replay(path, name.length, &join->table, &join->ages, err))
			return false;
		if (i + 1 < count)
			join->former[join->former_count++] = name;
	}
	if (unpack->failed || count == 0)
		return err_set(err, ERR_DATA, "the label join's state is not as it was written");
	join->journal = journal_open(path, name.seq, name.length, name.slots, err);
	return join->journal != NULL;
}

static bool
load(struct join *join, struct unpack *unpack, struct err *err)
{
	if (!unpack_options(join, unpack))
		return err_set(err, ERR_DATA, "the label join was saved under other settings");
	unpack_stats(join, unpack);
	if (unpack->failed)
		return err_set(err, ERR_DATA, "the label join's state is not as it was written");
	if (!files_load(&join->files, unpack, err) || !load_journals(join, unpack, err))
		return false;
	ages_recount(&join->ages);
	return join->due == NULL || due_load(join->due, unpack, err);
}

bool
join_load(struct join *join, struct unpack *unpack, struct err *err)
{
	if (join->folder == NULL)
		return err_set(err, ERR_USAGE, "the label join has no folder to be loaded from");
	folder_begin_save(join->folder);
	if (!load(join, unpack, err)) {
		join_clear(join);
		return false;
	}
	folder_saved(join->folder);
	return true;
}
