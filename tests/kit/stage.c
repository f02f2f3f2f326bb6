#include "tests/kit/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/kit/fixture.h"
#include "tui/term.h"

static bool
record_arm(void *context, struct audit_row *row, struct err *err)
{
	struct recorder *recorder = context;
	if (recorder->arm_fails)
		return err_set(err, ERR_IO, "disk full");
	recorder->arms++;
	recorder->armed = *row;
	return true;
}

static bool
record_prepare(void *context, struct rollout_plan *plan, struct rollout_check *checks,
    unsigned *count, struct err *err)
{
	struct recorder *recorder = context;
	recorder->prepares++;
	*count = 1;
	checks[0] = (struct rollout_check){"target", "12 is registered", ROLLOUT_PASS};
	if (plan->to[0] == '\0')
		text_copy(plan->to, sizeof(plan->to), "12");
	return !recorder->prepare_fails || err_set(err, ERR_GATE, "the artifact is not there");
}

static bool
record_start(void *context, const struct rollout_plan *plan, struct err *err)
{
	struct recorder *recorder = context;
	recorder->starts++;
	recorder->started = *plan;
	text_copy(recorder->first_service, SNAPSHOT_NAME,
	    plan->services > 0 ? plan->service_names[0] : "");
	return !recorder->start_fails || err_set(err, ERR_FAILED, "no process left");
}

static bool
record_rows(void *context, const char *action_id, int64_t after, struct audit_row **list,
    size_t *count, struct err *err)
{
	struct recorder *recorder = context;
	(void)err;
	assert_string_equal(action_id, recorder->started.action_id);
	*list = mem_alloc(sizeof(**list) * 8);
	*count = 0;
	for (size_t i = 0; i < recorder->rows_count; i++) {
		if (recorder->rows[i].seq > after)
			(*list)[(*count)++] = recorder->rows[i];
	}
	return true;
}

static bool
record_running(void *context, int *code)
{
	struct recorder *recorder = context;
	*code = 75;
	return !recorder->ended;
}

struct stage *
stage_new(bool readonly)
{
	struct stage *stage = mem_alloc(sizeof(*stage));
	const struct driver driver = {.arm = record_arm,
	    .prepare = record_prepare,
	    .start = record_start,
	    .rows = record_rows,
	    .running = record_running,
	    .context = &stage->recorder};
	clock_freeze(FIXTURE_NOW);
	stage->app = app_new(NULL, &driver, readonly);
	stage->snapshot = fixture_snapshot();
	stage->canvas = canvas_new(120, 40, SYMBOLS_BRAILLE);
	app_set_snapshot(stage->app, stage->snapshot);
	app_draw(stage->app, stage->canvas);
	return stage;
}

void
stage_free(struct stage *stage)
{
	app_free(stage->app);
	snapshot_free(stage->snapshot);
	canvas_free(stage->canvas);
	free(stage);
}

void
stage_press(struct stage *stage, uint32_t code)
{
	app_key(stage->app, code);
	app_draw(stage->app, stage->canvas);
}

void
stage_type(struct stage *stage, const char *keys)
{
	for (; *keys != '\0'; keys++)
		stage_press(stage, *keys == '\n' ? TERM_ENTER : (uint32_t)(unsigned char)*keys);
}

bool
stage_shows(struct stage *stage, const char *text)
{
	struct buf out = {0};
	app_draw(stage->app, stage->canvas);
	canvas_dump(stage->canvas, false, &out);
	bool found = strstr(out.data, text) != NULL;
	if (!found)
		print_error("not on the screen: %s\n%s\n", text, out.data);
	buf_free(&out);
	return found;
}

void
stage_renew(struct stage *stage)
{
	snapshot_free(stage->snapshot);
	stage->snapshot = fixture_snapshot();
	stage->snapshot->made_at = clock_wall();
	for (size_t i = 0; i < stage->snapshot->targets_count; i++)
		stage->snapshot->targets[i].read_at = clock_wall();
}
