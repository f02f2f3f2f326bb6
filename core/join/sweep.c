/* sweep.c: makes room in memory: see struct sweep. Without a file to go to, the oldest are evicted,
 * by a grain of ages.h at a time. */
#include <stdio.h>

#include "core/join/state.h"

enum { STEP = 64 }; /* slots to look at for an entry that comes in */

static void
fail(struct join *join, const struct err *err)
{
	folder_fail(join->folder, err);
}

static bool
keep(void *context, const struct slot *slot)
{
	struct join *join = context;
	struct sweep *sweep = &join->sweep;
	if (slot_key(slot) <= sweep->key)
		return true;
	sweep->key = slot_key(slot);
	int64_t ms = slot_ms(slot);
	if (!ages_alive(&join->ages, ms) && sweep->drop_dead)
		return false;
	if (sweep->flush && ages_grain(&join->ages, ms) <= sweep->cut) {
		struct err err;
		if (files_add(&join->files, slot, &err))
			return false;
		fail(join, &err);
		sweep->flush = false;
	}
	if (sweep->renew)
		journal_add(join->journal, slot);
	return true;
}

/* Everything up to that grain goes; what waited is counted as evicted. */
static void
evict(struct join *join, int64_t grain)
{
	uint64_t gone[STATES] = {0};
	ages_raise(&join->ages, grain, gone);
	join->stats.evicted += gone[STATE_PENDING] + gone[STATE_LABEL];
	if (join->folder != NULL)
		files_drop_dead(&join->files, &join->ages);
}

/* --- the journal --- */

static void
drop_former(struct join *join)
{
	while (join->former_count > 0)
		folder_drop(join->folder, join->former[--join->former_count].seq);
}

/* What is said from now on goes to a new one. One that failed is of no use to those that go on. */
static bool
change_journal(struct join *join, struct err *err)
{
	char path[FOLDER_PATH];
	uint64_t number = join->folder->next++, dropped = 0;
	folder_file(join->folder, number, path);
	struct journal *journal = journal_new(path, number, err), *former = join->journal;
	if (journal == NULL)
		return false;
	if (former != NULL) {
		journal_flush(former);
		if (former->failed || join->former_count == JOIN_JOURNALS) {
			join->lacks = true;
			drop_former(join);
			dropped = former->seq;
		} else {
			join->former[join->former_count++] =
			    (struct journal_name){former->seq, former->length, former->slots};
		}
		journal_free(former);
		if (dropped != 0)
			folder_drop(join->folder, dropped);
	}
	join->journal = journal;
	ages_change_all(&join->ages);
	return true;
}

/* --- a pass --- */

/* Keeps the files within their bytes: the base is written again while young runs are there still,
 * so of what there is room for twice those are not for what is alive; what is beyond goes, the
 * oldest first. It follows from the counts alone, however far merging is. */
static void
keep_within_bytes(struct join *join)
{
	uint64_t entries = join->files.room.entries, alive = 0, room = entries / 4;
	uint64_t young = 2 * (join->files.young_most + join->table.capacity) + entries / 32;
	if (entries == 0)
		return;
	if (young < entries - room)
		room = entries - young;
	for (int i = 0; i < STATES; i++)
		alive += join->ages.totals[i];
	if (alive > room)
		evict(join, ages_oldest(&join->ages, alive - room));
}

/* The youngest that fill two fifths of the table stay. */
static bool
begin_flush(struct join *join, struct err *err)
{
	struct sweep *sweep = &join->sweep;
	if (join->files.young.writing && !files_finish_run(&join->files, err))
		return false;
	keep_within_bytes(join);
	uint64_t expected = join->table.count / 5 * 3;
	files_await_room(&join->files, expected, &join->ages);
	if (!files_begin_run(&join->files, err))
		return false;
	sweep->cut = ages_cut(&join->ages, join->table.capacity / 5 * 2);
	if (sweep->cut < join->ages.floor)
		sweep->cut = join->ages.floor;
	sweep->flush = true;
	return true;
}

static void
begin_sweep(struct join *join)
{
	struct sweep *sweep = &join->sweep;
	struct err err;
	bool full = join->table.count >= join->high;
	*sweep = (struct sweep){.on = true, .cut = -1};
	/* Said before there is a run of this pass: then nothing older of what is dead exists. */
	sweep->drop_dead = join->folder == NULL || files_entries(&join->files) == 0;
	if (full && join->folder != NULL && !begin_flush(join, &err))
		fail(join, &err);
	if (full && !sweep->flush) {
		evict(join, ages_cut(&join->ages, join->table.capacity / 5 * 3));
		sweep->drop_dead = true;
	}
	if (join->journal != NULL && (sweep->flush || !full)) {
		sweep->renew = change_journal(join, &err);
		if (!sweep->renew)
			fail(join, &err);
	}
}

static void
end_sweep(struct join *join)
{
	struct sweep *sweep = &join->sweep;
	struct err err;
	sweep->on = false;
	if (join->files.young.writing && join->folder != NULL) {
		if (!files_finish_run(&join->files, &err)) {
			fail(join, &err);
			return;
		}
		if (sweep->flush)
			join->folder->error[0] = '\0';
	}
	if (sweep->renew) {
		drop_former(join);
		join->lacks = false;
	}
}

static void
step(struct join *join, size_t slots)
{
	struct sweep *sweep = &join->sweep;
	sweep->at = table_sweep(&join->table, sweep->at, slots, keep, join);
	if (sweep->at >= join->table.size)
		end_sweep(join);
}

static bool
needs_sweep(const struct join *join)
{
	return join->table.count >= join->high ||
	       (join->journal != NULL && join->journal->slots > 2 * join->table.size);
}

void
join_work(struct join *join)
{
	struct err err;
	if (!join->sweep.on && needs_sweep(join))
		begin_sweep(join);
	if (join->sweep.on)
		step(join, STEP);
	if (join->folder != NULL && !files_step(&join->files, &join->ages, &err))
		fail(join, &err);
}

void
join_make_room(struct join *join)
{
	if (!join->sweep.on)
		begin_sweep(join);
	while (join->sweep.on)
		step(join, join->table.size);
}

bool
join_renew_journal(struct join *join, struct err *err)
{
	while (join->sweep.on)
		step(join, join->table.size);
	if (!change_journal(join, err))
		return false;
	if (join->table.count == 0 && join->former_count == 0 && !join->files.young.writing) {
		join->lacks = false;
		return true;
	}
	join->sweep = (struct sweep){.on = true, .cut = -1, .renew = true};
	while (join->sweep.on)
		step(join, join->table.size);
	return true;
}
