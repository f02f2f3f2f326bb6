/* intake_workers.c: who reads: the caller's thread, or workers.
 *
 * A worker does what is next to be done: commit the stretch whose turn it is, else take another and
 * decode it, else wait. There are two slots more than workers, so that one who is done early goes
 * on. One takes at a time and one commits at a time, each in the order of turns. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/priority.h"
#include "core/monitor/intake_state.h"

enum { STRETCH_BYTES = 1024 * 1024, SPARE_SLOTS = 2 };

struct worker {
	struct intake *intake;
	struct decoder **decoders; /* one a kind, made when it is needed */
};

static struct decoder *
decoder_for(struct worker *worker, const struct slot *slot)
{
	size_t number = slot->item->context->kind;
	const struct intake_kind *kind = &worker->intake->kinds[number];
	if (kind->alone)
		return kind->decoder;
	if (worker->decoders[number] == NULL)
		worker->decoders[number] = decoder_new(kind->mapping, kind->labels);
	return worker->decoders[number];
}

static struct slot *
find_slot(struct intake *intake, enum slot_state state)
{
	for (size_t i = 0; i < intake->slots_count; i++) {
		struct slot *slot = &intake->slots[i];
		if (slot->state == state &&
		    (state == SLOT_FREE || slot->turn == intake->commit_turn))
			return slot;
	}
	return NULL;
}

/* What has waited for its turn: to be decoded and committed, or only that. Called and left with the
 * mutex held. */
static bool
commit_next(struct worker *worker)
{
	struct intake *intake = worker->intake;
	struct slot *slot = find_slot(intake, SLOT_DECODED);
	if (slot == NULL)
		slot = find_slot(intake, SLOT_TAKEN);
	if (slot == NULL || intake->committing)
		return false;
	bool decoded = slot->state == SLOT_DECODED;
	intake->committing = true;
	pthread_mutex_unlock(&intake->mutex);
	if (!decoded)
		intake_decode(intake, slot, decoder_for(worker, slot));
	turnlock_enter(&intake->monitor_lock, false);
	intake_commit(intake, slot);
	turnlock_leave(&intake->monitor_lock);
	pthread_mutex_lock(&intake->mutex);
	slot->state = SLOT_FREE;
	intake->commit_turn++;
	intake->committing = false;
	pthread_cond_broadcast(&intake->changed);
	return true;
}

/* Likewise. */
static bool
take_next(struct worker *worker)
{
	struct intake *intake = worker->intake;
	struct slot *slot = find_slot(intake, SLOT_FREE);
	if (slot == NULL || intake->taking || intake->stopping || intake->ended)
		return false;
	bool look = intake->look;
	intake->taking = true;
	intake->look = false;
	slot->state = SLOT_DECODING;
	pthread_mutex_unlock(&intake->mutex);
	if (look)
		intake_look_now(intake);
	enum intake_taken taken = intake_take(intake, slot, STRETCH_BYTES);
	pthread_mutex_lock(&intake->mutex);
	intake->taking = false;
	intake->ended = taken == TAKEN_NOTHING;
	slot->state = SLOT_FREE;
	if (taken == TAKEN_STRETCH) {
		bool alone = intake->kinds[slot->item->context->kind].alone;
		slot->turn = intake->next_turn++;
		slot->state = alone ? SLOT_TAKEN : SLOT_DECODING;
	}
	pthread_cond_broadcast(&intake->changed);
	if (slot->state != SLOT_DECODING)
		return true;
	pthread_mutex_unlock(&intake->mutex);
	intake_decode(intake, slot, decoder_for(worker, slot));
	pthread_mutex_lock(&intake->mutex);
	slot->state = SLOT_DECODED;
	pthread_cond_broadcast(&intake->changed);
	return true;
}

static bool
is_over(const struct intake *intake)
{
	return (intake->stopping || intake->ended) && !intake->taking &&
	       intake->commit_turn == intake->next_turn;
}

static void *
work(void *context)
{
	struct intake *intake = context;
	priority_give_way();
	struct worker worker = {.intake = intake,
	    .decoders = mem_alloc((intake->kinds_count + 1) * sizeof(struct decoder *))};
	pthread_mutex_lock(&intake->mutex);
	while (!is_over(intake)) {
		if (!commit_next(&worker) && !take_next(&worker) && !is_over(intake))
			pthread_cond_wait(&intake->changed, &intake->mutex);
	}
	intake->running--;
	pthread_mutex_unlock(&intake->mutex);
	for (size_t i = 0; i < intake->kinds_count; i++)
		decoder_free(worker.decoders[i]);
	free(worker.decoders);
	return NULL;
}

/* Those that ended by themselves are waited for too, that nothing of theirs is left. */
static void
gather(struct intake *intake)
{
	for (unsigned i = 0; i < intake->threads_count; i++)
		pthread_join(intake->threads[i], NULL);
	intake->threads_count = 0;
	for (size_t i = 1; i < intake->slots_count; i++)
		slot_clear(&intake->slots[i]);
	intake->slots_count = 1;
	turnlock_enter(&intake->monitor_lock, true);
	intake_settle(intake);
	turnlock_leave(&intake->monitor_lock);
}

void
intake_start(struct intake *intake, unsigned workers)
{
	intake_stop(intake);
	if (workers > INTAKE_WORKERS)
		workers = INTAKE_WORKERS;
	intake->slots = mem_grow(intake->slots, workers + SPARE_SLOTS, sizeof(*intake->slots));
	while (intake->slots_count < workers + SPARE_SLOTS)
		slot_init(&intake->slots[intake->slots_count++]);
	intake->stopping = intake->ended = false;
	intake->rated_at = 0; /* what lies between was no reading */
	pthread_mutex_lock(&intake->mutex);
	for (; intake->threads_count < workers; intake->threads_count++) {
		if (pthread_create(&intake->threads[intake->threads_count], NULL, work, intake) !=
		    0)
			break;
		intake->running++;
	}
	pthread_mutex_unlock(&intake->mutex);
}

bool
intake_running(struct intake *intake)
{
	pthread_mutex_lock(&intake->mutex);
	bool running = intake->running > 0;
	pthread_mutex_unlock(&intake->mutex);
	return running;
}

void
intake_pause(struct intake *intake)
{
	pthread_mutex_lock(&intake->mutex);
	intake->stopping = true;
	pthread_cond_broadcast(&intake->changed);
	pthread_mutex_unlock(&intake->mutex);
}

void
intake_stop(struct intake *intake)
{
	if (intake->threads_count == 0)
		return;
	intake_pause(intake);
	gather(intake);
}

bool
intake_read(struct intake *intake, size_t max_bytes)
{
	struct slot *slot = &intake->slots[0];
	size_t used = 0;
	intake_stop(intake);
	while (used < max_bytes) {
		enum intake_taken taken = intake_take(intake, slot, max_bytes - used);
		if (taken != TAKEN_STRETCH) {
			intake_settle(intake);
			return taken == TAKEN_LATER;
		}
		intake_decode(intake, slot, intake->kinds[slot->item->context->kind].decoder);
		intake_commit(intake, slot);
		used += slot->stretch.length;
	}
	return true;
}
