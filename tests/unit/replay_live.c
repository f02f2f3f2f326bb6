/* replay_live.c: a collector with a registry puts what is logged to another version: what it says
 * of it, labels that come later, files that cannot be read, and reasons. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/mem.h"
#include "core/monitor/collector_state.h"
#include "core/registry/registry.h"
#include "tests/kit/collected.h"
#include "tests/support/replay_live/two_versions.h"

enum { ROWS = 600 };

static void
open_collector(struct collected *f, const char *more)
{
	char *yaml = mem_printf("%sservices: [{name: s, log: \"@/log.jsonl\", labels: "
				"\"@/labels.jsonl\", model: m, registry: r}]\n"
				"registries: [{name: r, path: \"@/registry.db\"}]\n",
	    more);
	collected_open(f, yaml);
	free(yaml);
}

static void
write_all(struct collected *f)
{
	place_make(f->folder, "replay");
	two_versions_models(f->folder);
	two_versions_registry(f->folder);
	two_versions_log(f->folder, ROWS);
}

static void
begin(struct collected *f, const char *more)
{
	write_all(f);
	open_collector(f, more);
}

static const struct replay_view *
replay_of(struct collected *f)
{
	const struct snapshot *snapshot = collector_snapshot(f->collector);
	return snapshot->services_count > 0 ? snapshot->services[0].replay : NULL;
}

/* Turns the loop until the replay is as far as `enough` says, two minutes at most. */
static const struct replay_view *
wait_for(struct collected *f, bool (*enough)(const struct replay_view *view))
{
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	while (clock_mono() < limit) {
		collected_turn(f, 20000);
		const struct replay_view *view = replay_of(f);
		if (view != NULL && enough(view))
			return view;
	}
	fail_msg("the replay did not come so far");
	return NULL;
}

static bool
is_there(const struct replay_view *view)
{
	return view->progress == REPLAY_THERE && view->result.rows == ROWS;
}

static bool
is_labelled(const struct replay_view *view)
{
	return view->result.labelled > 0;
}

static bool
is_broken(const struct replay_view *view)
{
	return view->progress == REPLAY_BROKEN;
}

static bool
is_by_hand(const struct replay_view *view)
{
	return view->by_hand && view->progress == REPLAY_THERE;
}

static void
the_version_before_is_asked_by_itself(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "");
	const struct replay_view *view = wait_for(&f, is_there);
	uint64_t failed = 0, lacking = 0, agree = 0, flips[2] = {0, 0};
	for (int i = 0; i < ROWS; i++) {
		bool fails = i % 50 == 7, lacks = !fails && i % 60 == 11;
		bool logged = two_versions_score(i, -2) >= 0.5,
		     other = two_versions_score(i, 3) >= 0.5;
		failed += fails;
		lacking += lacks;
		if (fails || lacks)
			continue;
		agree += logged == other;
		flips[other] += logged != other;
	}
	assert_string_equal(view->logged, "2");
	assert_string_equal(view->other, "1");
	assert_false(view->by_hand);
	assert_true(view->threshold == 0.5);
	assert_true(view->whole);
	assert_int_equal(view->kept, ROWS);
	assert_int_equal(view->result.unscored[REPLAY_FAILED], failed);
	assert_int_equal(view->result.unscored[REPLAY_NO_INPUT], lacking);
	assert_int_equal(view->result.scored, ROWS - failed - lacking);
	assert_int_equal(view->result.agree, agree);
	assert_int_equal(view->result.to_flagged, flips[1]);
	assert_int_equal(view->result.to_passed, flips[0]);
	assert_true(flips[0] > 20 && flips[1] > 20);
	collected_end(&f);
}

static void
the_largest_changes_bear_the_reasons_of_both(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "");
	const struct replay_view *view = wait_for(&f, is_there);
	assert_int_equal(view->changes_count, REPLAY_VIEW_CHANGES);
	for (size_t i = 0; i < view->changes_count; i++) {
		const struct replay_change_view *item = &view->changes[i];
		int number = atoi(item->change.id + 1);
		const struct why_view *sides[] = {&item->logged, &item->other};
		assert_true(fabs(item->change.logged - two_versions_score(number, -2)) < 1e-12);
		assert_true(fabs(item->change.other - two_versions_score(number, 3)) < 1e-12);
		assert_string_equal(item->logged.version, "2");
		assert_string_equal(item->other.version, "1");
		for (int k = 0; k < 2; k++) {
			double sum = sides[k]->why.base + sides[k]->why.rest;
			assert_true(sides[k]->known);
			assert_true(sides[k]->why.count > 0);
			for (size_t r = 0; r < sides[k]->why.count; r++)
				sum += sides[k]->why.reasons[r].contribution;
			assert_true(fabs(sum - sides[k]->why.margin) < 1e-9);
			assert_true(fabs(sides[k]->score -
					 two_versions_score(number, k == 0 ? -2 : 3)) < 1e-12);
		}
	}
	collected_end(&f);
}

static void
labels_that_come_later_count(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "");
	const struct replay_view *view = wait_for(&f, is_there);
	assert_int_equal(view->result.labelled, 0);
	assert_int_equal(view->logged_figures.precision.state, METRIC_NONE);
	assert_int_equal(view->maturity.state, METRIC_WARMING);
	two_versions_labels(f.folder, ROWS);
	view = wait_for(&f, is_labelled);
	assert_int_equal(view->maturity.state, METRIC_OK);
	assert_true(view->maturity.value == 1);
	struct quality_confusion logged = {0};
	for (int i = 0; i < ROWS; i++) {
		bool flag = two_versions_score(i, -2) >= 0.5, fraud = two_versions_x(i) > 0.4;
		if (i % 50 == 7 || i % 60 == 11)
			continue;
		logged.tp += flag && fraud;
		logged.fp += flag && !fraud;
		logged.fn += !flag && fraud;
		logged.tn += !flag && !fraud;
	}
	const struct quality_confusion *counts = &view->result.logged.counts;
	assert_int_equal(counts->tp, logged.tp);
	assert_int_equal(counts->fp, logged.fp);
	assert_int_equal(counts->fn, logged.fn);
	assert_int_equal(counts->tn, logged.tn);
	assert_true(view->other_figures.roc_auc.value > view->logged_figures.roc_auc.value);
	assert_int_equal(view->result.better, REPLAY_OTHER); /* `x` makes fraud, and 1 knows it */
	collected_end(&f);
}

static void
of_many_the_newest_are_kept_and_it_is_said(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "replay: {rows: 100}\n");
	two_versions_labels(f.folder, ROWS);
	const struct replay_view *view = wait_for(&f, is_labelled);
	assert_int_equal(view->kept, 100);
	assert_int_equal(view->result.rows, 100);
	assert_false(view->whole);
	assert_in_range(view->window, ROWS, ROWS);
	for (size_t i = 0; i < view->changes_count; i++)
		assert_true(atoi(view->changes[i].change.id + 1) >= ROWS - 100);
	collected_end(&f);
}

static void
with_no_rows_nothing_is_kept(void **state)
{
	(void)state;
	struct collected f;
	struct err err = {0};
	begin(&f, "replay: {rows: 0}\n");
	for (int i = 0; i < 20; i++)
		loop_run_once(f.loop, 20000);
	collector_update(f.collector);
	assert_null(replay_of(&f));
	assert_false(collector_replay(f.collector, "s", "1", &err));
	assert_non_null(strstr(err.text, "replay.rows is 0"));
	collector_ask(f.collector, "s", "2", "r5", 0);
	assert_non_null(strstr(collector_snapshot(f.collector)->asked->why.problem, "replay.rows"));
	collected_end(&f);
}

static void
a_file_that_is_not_the_registered_one_is_refused_and_tried_again(void **state)
{
	(void)state;
	struct collected f;
	write_all(&f);
	place_write(f.folder, "m1.json", "{\"kind\":\"linear\"}");
	open_collector(&f, "");
	const struct replay_view *view = wait_for(&f, is_broken);
	assert_non_null(strstr(view->problem, "SHA-256"));
	assert_string_equal(view->other, "1");
	two_versions_models(f.folder);
	collector_refresh(f.collector);
	wait_for(&f, is_there);
	collected_end(&f);
}

static void
a_file_is_asked_by_its_path(void **state)
{
	(void)state;
	struct collected f;
	struct err err = {0};
	begin(&f, "");
	wait_for(&f, is_there);
	char *path = place_path(f.folder, "m3.json"), *broken = place_path(f.folder, "broken.json");
	assert_true(collector_replay(f.collector, "s", path, &err));
	const struct replay_view *view = wait_for(&f, is_by_hand);
	assert_string_equal(view->other, path);
	const struct replay_change *change = &view->changes[0].change;
	assert_true(fabs(change->other - two_versions_score(atoi(change->id + 1), 5)) < 1e-12);
	place_write(f.folder, "broken.json", "{\"kind\":\"linear\",");
	assert_true(collector_replay(f.collector, "s", broken, &err));
	view = wait_for(&f, is_broken);
	assert_non_null(strstr(view->problem, "broken.json"));
	assert_false(collector_replay(f.collector, "s", "2", &err)); /* it serves */
	assert_false(collector_replay(f.collector, "s", "99", &err));
	assert_non_null(strstr(err.text, "is neither a version of m (Tab lists them) nor a file"));
	assert_false(collector_replay(f.collector, "nobody", "1", &err));
	assert_true(collector_replay(f.collector, "s", "", &err));
	view = wait_for(&f, is_there);
	assert_string_equal(view->other, "1");
	assert_false(view->by_hand);
	free(path);
	free(broken);
	collected_end(&f);
}

static const struct asked_view *
ask(struct collected *f, const char *id, wall_us ts)
{
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	const struct asked_view *asked;
	collector_ask(f->collector, "s", "2", id, ts);
	while ((asked = collector_snapshot(f->collector)->asked)->waiting && clock_mono() < limit) {
		collected_turn(f, 20000);
	}
	return asked;
}

static void
a_prediction_that_is_asked_about_is_explained(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "");
	wait_for(&f, is_there);
	const struct asked_view *asked = ask(&f, "r22", 0);
	assert_true(asked->why.known);
	assert_string_equal(asked->why.version, "2");
	assert_true(asked->score == asked->why.score);
	assert_true(asked->why.threshold == 0.5);
	assert_true(asked->decision == (two_versions_score(22, -2) >= 0.5));
	assert_true(asked->why.why.count > 0);
	asked = ask(&f, "r7", 0); /* it had failed */
	assert_false(asked->why.known);
	asked = ask(&f, "r11", 0); /* without the word */
	assert_false(asked->why.known);
	assert_non_null(strstr(asked->why.problem, "does not name 1 of the 2 inputs"));
	asked = ask(&f, "nobody", 0);
	assert_non_null(strstr(asked->why.problem, "not among the newest 5000"));
	struct err err = {0};
	assert_true(collector_ask_request(f.collector, "r22", &err));
	asked = collector_snapshot(f.collector)->asked;
	assert_string_equal(asked->service, "s");
	assert_string_equal(asked->why.version, "2");
	assert_true(asked->ts > 0 && asked->why.known);
	assert_false(collector_ask_request(f.collector, "r2222", &err));
	assert_non_null(strstr(err.text, "r2222 is not among the newest"));
	collector_ask(f.collector, "", "", "", 0);
	assert_null(collector_snapshot(f.collector)->asked);
	collected_end(&f);
}

static const struct asked_view *
turn_until_asked(struct collected *f, const char *id)
{
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	const struct asked_view *asked = NULL;
	while (asked == NULL || strcmp(asked->request_id, id) != 0 || asked->waiting) {
		assert_true(clock_mono() < limit);
		loop_run_once(f->loop, 20000);
		asked = collector_snapshot(f->collector)->asked;
	}
	return asked;
}

/* The one who holds it here is this thread: who waited for it would wait for ever. */
static void
who_asks_while_a_worker_commits_is_answered_after_it(void **state)
{
	(void)state;
	enum { PATIENCE_S = 120 };
	struct collected f;
	struct err err = {0};
	begin(&f, "");
	wait_for(&f, is_there);
	struct intake *intake = f.collector->main.intake;
	alarm(PATIENCE_S);
	intake_lock(intake);
	assert_true(collector_ask_request(f.collector, "r22", &err));
	assert_true(collector_replay(f.collector, "s", "", &err));
	loop_run_once(f.loop, 20000);
	assert_null(collector_snapshot(f.collector)->asked);
	intake_unlock(intake);
	const struct asked_view *asked = turn_until_asked(&f, "r22");
	assert_true(asked->why.known && asked->ts > 0);
	assert_string_equal(asked->service, "s");
	intake_lock(intake);
	collector_ask(f.collector, "s", "2", "r7", 0);
	assert_true(collector_ask_request(f.collector, "r2222", &err)); /* nobody knows yet */
	intake_unlock(intake);
	asked = turn_until_asked(&f, "r2222");
	assert_string_equal(asked->service, "");
	assert_non_null(strstr(asked->why.problem, "r2222 is not among the newest"));
	alarm(0);
	collected_end(&f);
}

/* More rows and labels while it runs: what was asked is kept, what left the window is gone. */
static void
rows_that_leave_the_window_leave_the_replay(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "windows: {comparison: 5m}\n");
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	const struct replay_view *view = NULL;
	while (clock_mono() < limit && (view == NULL || view->progress != REPLAY_THERE ||
					   view->result.rows != view->kept)) {
		collected_turn(&f, 20000);
		view = replay_of(&f);
	}
	assert_non_null(view);
	assert_in_range(view->kept, 299, 302);
	assert_true(view->whole);
	assert_int_equal(view->result.rows, view->kept);
	collected_end(&f);
}

static void
caught_up_means_replayed(void **state)
{
	(void)state;
	struct collected f;
	begin(&f, "");
	mono_us limit = clock_mono() + 120 * CLOCK_SECOND;
	assert_false(collector_caught_up(f.collector));
	while (!collector_caught_up(f.collector) && clock_mono() < limit)
		loop_run_once(f.loop, 20000);
	assert_true(clock_mono() < limit);
	collector_update(f.collector);
	assert_int_equal(replay_of(&f)->progress, REPLAY_THERE);
	assert_int_equal(replay_of(&f)->result.rows, ROWS);
	collected_end(&f);
}

static void
what_the_metadata_tell_of_a_version_is_there(void **state)
{
	(void)state;
	struct collected f;
	struct err err = {0};
	begin(&f, "");
	wait_for(&f, is_there);
	char *path = place_path(f.folder, "registry.db"), *file = place_path(f.folder, "m3.json");
	struct registry *registry = registry_open("r", "local", path, false, &err);
	assert_non_null(registry);
	assert_true(registry_add_version(registry, "m", "3", file, 0.5,
	    "{\"trained_at\":\"2026-01-12\",\"note\":\"a\\u001b[2Jb\",\"metrics\":{\"auc\":0.9,"
	    "\"best\":\"yes\",\"rows\":12000}}",
	    "test", &err));
	registry_close(registry);
	collector_update(f.collector);
	const struct model_view *model = snapshot_model(collector_snapshot(f.collector), "m");
	assert_int_equal(model->versions_count, 3);
	const struct version_told *told = &model->versions[0].told;
	assert_string_equal(model->versions[0].version, "3");
	assert_string_equal(told->trained_at, "2026-01-12");
	assert_null(strchr(told->note, '\x1b'));
	assert_int_equal(told->metrics_count, 2);
	assert_string_equal(told->metrics[1].name, "rows");
	assert_true(told->metrics[1].value == 12000);
	assert_int_equal(model->versions[1].told.metrics_count, 0);
	free(path);
	free(file);
	collected_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_version_before_is_asked_by_itself),
	    cmocka_unit_test(the_largest_changes_bear_the_reasons_of_both),
	    cmocka_unit_test(labels_that_come_later_count),
	    cmocka_unit_test(of_many_the_newest_are_kept_and_it_is_said),
	    cmocka_unit_test(with_no_rows_nothing_is_kept),
	    cmocka_unit_test(a_file_that_is_not_the_registered_one_is_refused_and_tried_again),
	    cmocka_unit_test(a_file_is_asked_by_its_path),
	    cmocka_unit_test(a_prediction_that_is_asked_about_is_explained),
	    cmocka_unit_test(who_asks_while_a_worker_commits_is_answered_after_it),
	    cmocka_unit_test(rows_that_leave_the_window_leave_the_replay),
	    cmocka_unit_test(caught_up_means_replayed),
	    cmocka_unit_test(what_the_metadata_tell_of_a_version_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
