/* join_files.c: the join beyond its memory, beside a naive model: an array by id. Everything goes
 * through files, and every now and then the program is killed, and goes on from its last save. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/rng.h"
#include "core/join/save.h"
#include "tests/unit/join_counts.h"
#include "tests/folder.h"

#define MS INT64_C(1000)

enum { IDS = 400000, MEMORY = 1 << 20 };

static char folder[FOLDER_SIZE];
static struct join *join;
static struct rng rng;
static struct join_options options;

enum copy { COPY_KEEP, COPY_TAKE, COPY_REMOVE };

/* Keeps a copy of the folder beside it (while files come and go in it), takes that in its place, or
 * removes both. */
static void
copy_folder(enum copy what)
{
	char command[1024];
	const char *f = folder;
	if (what == COPY_KEEP)
		snprintf(command, sizeof(command),
		    "cp -r '%s' '%s.was' 2>/dev/null; test -d '%s.was'", f, f, f);
	else if (what == COPY_TAKE)
		snprintf(command, sizeof(command), "rm -r '%s' && mv '%s.was' '%s'", f, f, f);
	else
		snprintf(command, sizeof(command), "rm -rf '%s' '%s.was'", f, f);
	assert_int_equal(system(command), 0);
}

static int
set_up(void **state)
{
	(void)state;
	assert_true(folder_make(folder, "join"));
	rng_seed(&rng, 2026, 5);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	join_free(join);
	join = NULL;
	copy_folder(COPY_REMOVE);
	return 0;
}

static void
start(struct join_options wanted)
{
	options = wanted;
	options.memory = MEMORY;
	options.folder = folder;
	join = join_new(&options);
}

/* --- the model --- */

struct model_entry {
	int64_t ms;
	float score;
	int8_t label;
	char state; /* 0 none, p pending, j joined, l label, a negative by assumption */
};

struct model {
	struct model_entry entries[IDS];
	struct join_stats stats;
	int64_t newest_ms, floor; /* grain */
	unsigned step, front;
	struct rng rng;
};

static struct model *model, *saved_model;
static int64_t grain_ms;

static uint64_t
hash_of(unsigned id)
{
	char text[16];
	snprintf(text, sizeof(text), "r%u", id);
	return join_hash(text);
}

static bool
is_alive(int64_t ms)
{
	return ms / grain_ms > model->floor;
}

static uint64_t *
count_of(char state)
{
	static uint64_t none;
	return state == 'p'   ? &model->stats.pending
	       : state == 'l' ? &model->stats.waiting_labels
	       : state == 'a' ? &model->stats.assumed
			      : &none;
}

static void
see(int64_t ms)
{
	if (ms > model->newest_ms)
		model->newest_ms = ms;
}

static void
try_prediction(unsigned id, int64_t ms, float score, int own_label)
{
	struct model_entry *entry = &model->entries[id];
	struct join_entry asked = {.ts = ms * MS,
	    .score = score,
	    .series = id % 65536,
	    .cohort = (uint8_t)(id % 251),
	    .decision = (int8_t)(id % 3) - 1,
	    .label = (int8_t)own_label};
	see(ms);
	bool duplicate, found = join_prediction(join, hash_of(id), &asked, &duplicate);
	assert_int_equal(duplicate, entry->state != 0 && entry->state != 'l');
	if (duplicate) {
		assert_false(found);
		model->stats.duplicate_predictions++;
		return;
	}
	int label = own_label;
	if (entry->state == 'l') {
		label = entry->label;
		assert_int_equal(asked.label_ts, entry->ms * MS);
	}
	assert_int_equal(found, label >= 0);
	assert_int_equal(asked.label, label);
	--*count_of(entry->state);
	model->stats.joined += label >= 0;
	if (is_alive(ms)) {
		*entry = (struct model_entry){ms, score, (int8_t)label, label >= 0 ? 'j' : 'p'};
		++*count_of(entry->state);
	} else {
		*entry = (struct model_entry){0};
		model->stats.expired += label < 0;
	}
}

static void
try_label(unsigned id, int64_t ms, int value)
{
	struct model_entry *entry = &model->entries[id];
	struct join_entry found = {0};
	int previous = -9;
	bool joins = join_label(join, hash_of(id), ms * MS, value, &found, &previous);
	if (ms == 0)
		ms = model->newest_ms;
	assert_int_equal(joins, entry->state != 0 && entry->state != 'l');
	if (joins) {
		assert_int_equal(previous, entry->label);
		assert_int_equal(found.assumed, entry->state == 'a');
		assert_int_equal(found.label, value);
		assert_true(found.label_ts == ms * MS && found.ts == entry->ms * MS);
		assert_true(found.score == join_score(entry->score));
		assert_int_equal(found.series, id % 65536);
		assert_int_equal(found.cohort, id % 251);
		assert_int_equal(found.decision, (int)(id % 3) - 1);
		--*count_of(entry->state);
		model->stats.joined += entry->state != 'j';
		model->stats.duplicate_labels += entry->state == 'j';
		entry->state = 'j';
		entry->label = (int8_t)value;
	} else if (entry->state == 'l') {
		model->stats.duplicate_labels++;
		entry->label = (int8_t)value;
		if (ms > entry->ms)
			entry->ms = ms;
	} else if (is_alive(ms)) {
		*entry = (struct model_entry){ms, 0, (int8_t)value, 'l'};
		model->stats.waiting_labels++;
	} else {
		model->stats.expired_labels++;
	}
}

/* Every prediction that is due, once, in order, and no other. */
static void
try_due(int64_t now_ms)
{
	struct join_entry entry;
	wall_us limit = (now_ms * MS - options.assume_us) / CLOCK_SECOND * CLOCK_SECOND, last = 0;
	while (join_due(join, now_ms * MS, &entry)) {
		wall_us second = (entry.ts + CLOCK_SECOND - 1) / CLOCK_SECOND;
		assert_true(second >= last && entry.ts <= limit && entry.label == 0);
		last = second;
		struct model_entry *known = NULL;
		for (unsigned id = entry.series; id < IDS && known == NULL; id += 65536)
			if (model->entries[id].ms * MS == entry.ts)
				known = &model->entries[id];
		assert_true(known != NULL && known->state == 'p');
		known->state = 'a';
		known->label = 0;
		model->stats.pending--;
		model->stats.assumed++;
	}
	for (unsigned id = 0; id < IDS; id++)
		assert_false(
		    model->entries[id].state == 'p' && model->entries[id].ms * MS <= limit);
}

static void
try_expire(int64_t now_ms)
{
	join_expire(join, now_ms * MS);
	see(now_ms);
	if (now_ms * MS < options.ttl_us)
		return;
	int64_t floor = (now_ms - options.ttl_us / MS + 1) / grain_ms - 1;
	if (floor <= model->floor)
		return;
	model->floor = floor;
	for (unsigned id = 0; id < IDS; id++) {
		struct model_entry *entry = &model->entries[id];
		if (entry->state == 0 || is_alive(entry->ms))
			continue;
		/* Never early. */
		assert_true(now_ms - entry->ms >= options.ttl_us / MS);
		--*count_of(entry->state);
		model->stats.expired += entry->state == 'p';
		model->stats.expired_labels += entry->state == 'l';
		*entry = (struct model_entry){0};
	}
}

/* --- restarts --- */

static struct buf saved;

static void
save(void)
{
	struct err err = {0};
	buf_clear(&saved);
	if (!join_save(join, &saved, &err))
		fail_msg("%s", err.text);
	model->rng = rng;
	*saved_model = *model;
}

/* As kill -9 leaves it: with all that was written after the save, and nothing removed. */
static void
restart(bool killed)
{
	struct err err = {0};
	if (killed)
		copy_folder(COPY_KEEP);
	join_free(join);
	if (killed)
		copy_folder(COPY_TAKE);
	join = join_new(&options);
	struct unpack unpack = {saved.data, saved.data + saved.length, false};
	if (!join_load(join, &unpack, &err))
		fail_msg("%s", err.text);
	assert_true(unpack_good(&unpack));
	*model = *saved_model;
	rng = model->rng;
	assert_counts(join, model->stats);
}

/* --- a long run --- */

static void
one_step(void)
{
	unsigned step = ++model->step, window = 150000;
	int64_t base = (int64_t)step * 50 + 1000000000;
	int64_t ms = base - rng_below(&rng, 400000);
	if (rng_below(&rng, 100) == 0)
		ms = base - rng_below(&rng, 20000000);
	unsigned back = rng_below(&rng, window), front = model->front;
	unsigned old = back < front ? front - back : rng_below(&rng, front + 1);
	if (rng_below(&rng, 2) == 0) {
		bool again = rng_below(&rng, 8) == 0;
		unsigned id = again ? old : model->front++;
		try_prediction(
		    id, ms, (float)rng_uniform(&rng), (int)rng_below(&rng, 20) == 0 ? 1 : -1);
	} else {
		unsigned id = rng_below(&rng, 10) == 0 ? front + rng_below(&rng, 3000) : old;
		try_label(id, rng_below(&rng, 50) == 0 ? 0 : ms, (int)rng_below(&rng, 2));
	}
	if (step % 2048 == 0) {
		if (options.assume_us > 0)
			try_due(base);
		try_expire(base);
	}
	if (step % 64 == 0) {
		assert_counts(join, model->stats);
		/* However far a merge is. */
		assert_true(join_stats(join).memory_bytes <= (uint64_t)MEMORY);
	}
}

static void
run_beside_the_model(int64_t assume_us, unsigned steps)
{
	start((struct join_options){
	    .ttl_us = 6000 * CLOCK_SECOND, .assume_us = assume_us, .file_bytes = 1 << 30});
	grain_ms = join_stats(join).grain_us / MS;
	assert_true(grain_ms <= 2000);
	model = calloc(1, sizeof(*model));
	saved_model = calloc(1, sizeof(*saved_model));
	model->floor = -1;
	try_expire(1000000000);
	unsigned restarts = 0, kills = 0, done = 0;
	save();
	join_saved(join);
	while (model->step < steps) {
		one_step();
		done++;
		if (rng_below(&rng, 5000) == 0) {
			save();
			if (rng_below(&rng, 4) > 0)
				join_saved(join);
		}
		if (done % 23456 == 0) {
			restart(done % 3 != 0);
			restarts++;
			kills += done % 3 != 0;
			/* Another way from here than the first time. */
			rng_seed(&rng, done, 1);
		}
	}
	struct join_stats stats = join_stats(join);
	assert_true(restarts > 10 && kills > 5 && stats.in_files > 50000 && stats.reads > 10000);
	assert_true(stats.expired_labels > 100 && stats.duplicate_labels > 1000);
	assert_true(stats.duplicate_predictions > 1000);
	try_expire(INT64_C(2000000000));
	assert_counts(join, model->stats);
	assert_int_equal(join_stats(join).pending, 0);
	assert_int_equal(join_stats(join).in_files, 0);
	free(model);
	free(saved_model);
	buf_free(&saved);
}

static void
a_long_run_through_files_and_restarts_equals_the_naive_model(void **state)
{
	(void)state;
	run_beside_the_model(0, 400000);
}

static void
a_long_run_with_assumed_negatives_equals_the_naive_model(void **state)
{
	(void)state;
	run_beside_the_model(4000 * CLOCK_SECOND, 400000);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_long_run_through_files_and_restarts_equals_the_naive_model),
	    TEST(a_long_run_with_assumed_negatives_equals_the_naive_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
