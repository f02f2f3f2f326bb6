#include "tests/kit/dashed.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "tests/kit/fixture.h"
#include "tests/kit/fixture_replay.h"
#include "tui/term.h"

struct dashed_said dashed_said;

static bool
arm(void *context, struct audit_row *row, struct err *err)
{
	(void)context;
	(void)row;
	(void)err;
	return true;
}

static bool
prepare(void *context, struct rollout_plan *plan, struct rollout_check *checks, unsigned *count,
    struct err *err)
{
	static const struct rollout_check found[] = {
	    {"exists", "12 is registered", ROLLOUT_PASS},
	    {"artifact", "the artifact's SHA-256 is the registered one", ROLLOUT_PASS},
	    {"loads", "the model file loads", ROLLOUT_PASS},
	    {"threshold", "the threshold goes from 0.62 to 0.5", ROLLOUT_WARN},
	};
	(void)context;
	(void)err;
	if (plan->to[0] == '\0')
		text_copy(plan->to, sizeof(plan->to), "12");
	memcpy(checks, found, sizeof(found));
	*count = 4;
	return true;
}

static bool
start(void *context, const struct rollout_plan *plan, struct err *err)
{
	(void)context;
	(void)plan;
	(void)err;
	return true;
}

static bool
replay(void *context, const char *service, const char *other, struct err *err)
{
	(void)context;
	dashed_said.replays++;
	text_copy(dashed_said.service, sizeof(dashed_said.service), service);
	text_copy(dashed_said.other, sizeof(dashed_said.other), other);
	return strcmp(other, "99") != 0 ||
	       err_set(err, ERR_NO_INPUT, "99: no such version or file");
}

static void
ask(void *context, const char *service, const char *version, const char *request_id, wall_us ts)
{
	static struct asked_view asked;
	struct app *app = context;
	(void)version;
	(void)ts;
	dashed_said.asks++;
	text_copy(dashed_said.request_id, sizeof(dashed_said.request_id), request_id);
	fixture_asked(&asked);
	app->view.asked = service[0] != '\0' ? &asked : NULL;
}

static bool
catchup(void *context, bool stop, struct err *err)
{
	(void)context;
	dashed_said.catchups++;
	dashed_said.stop = stop;
	return dashed_said.catchups < 3 ||
	       err_set(err, ERR_USAGE, "there is nothing to catch up with");
}

struct app *
dashed_app(enum symbols symbols)
{
	const struct driver driver = {.arm = arm, .prepare = prepare, .start = start};
	clock_freeze(FIXTURE_NOW);
	struct app *app = app_new(NULL, &driver, false);
	struct snapshot *snapshot = fixture_snapshot();
	app->host =
	    (struct app_host){.replay = replay, .ask = ask, .catchup = catchup, .context = app};
	app->symbols = symbols;
	app_set_snapshot(app, snapshot);
	snapshot_free(snapshot);
	return app;
}

void
dashed_press(struct app *app, struct canvas *canvas, const char *keys)
{
	app_draw(app, canvas);
	for (; *keys != '\0'; keys++) {
		app_key(app, *keys == '\n'  ? TERM_ENTER
			     : *keys == '~' ? TERM_ESCAPE
					    : (uint32_t)(unsigned char)*keys);
		app_draw(app, canvas);
	}
}
