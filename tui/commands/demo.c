/* demo.c: `fraudtop demo`: the dashboard on a stage of its own (core/service/stage.h). */
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/config/config_file.h"
#include "core/service/stage.h"
#include "tui/command.h"
#include "tui/dashboard.h"
#include "tui/headless.h"
#include "tui/look.h"

/* The one place where the demo meets the dashboard. headless_s 0: on the screen. */
static int
run_dashboard(const struct args *args, const char *config_path, double headless_s)
{
	struct err err = {0};
	struct config *config = config_read(config_path, NULL, &err);
	if (config == NULL)
		return command_fail(&err);
	struct headless_options headless = {.format = HEADLESS_JSON,
	    .iterations = 1,
	    .delay_us = config->delay_us,
	    .after_us = (int64_t)(headless_s * 1e6)};
	struct dashboard_options screen = {.color = TERM_COLOR_AUTO};
	int code;
	if (!look_override(args, config, &err) || !look_color(args, &screen.color, &err))
		code = command_fail(&err);
	else
		code = headless_s > 0 ? headless_run(config, &headless)
				      : dashboard_run(config, &screen);
	config_free(config);
	return code;
}

static bool
read_scenario(const struct args *args, enum scenario *scenario, struct err *err)
{
	const char *text = args_option(args, "scenario");
	*scenario = SCENARIO_BAD_DEPLOY;
	if (text == NULL || scenario_find(text, scenario))
		return true;
	char list[128] = "", clean[64];
	for (const char *const *at = scenario_names(); *at != NULL; at++)
		text_append(list, sizeof(list), "%s%s", list[0] != '\0' ? ", " : "", *at);
	text_copy(clean, sizeof(clean), text);
	return err_set(err, ERR_USAGE, "--scenario: `%s` is none of %s", clean, list);
}

static bool
read_options(
    const struct args *args, struct stage_options *options, double *headless_s, struct err *err)
{
	long seed = 10;
	long long headless_us = 0;
	options->speed = 1;
	if (!read_scenario(args, &options->scenario, err) ||
	    !args_int(args, "seed", 0, 1000000000, &seed, err) ||
	    !args_double(args, "speed", &options->speed, err) ||
	    !args_duration(args, "headless", &headless_us, err))
		return false;
	if (!(options->speed > 0 && options->speed <= 1000))
		return err_set(err, ERR_USAGE, "--speed: must be above 0 and at most 1000");
	if (args_option(args, "headless") != NULL && headless_us <= 0)
		return err_set(err, ERR_USAGE, "--headless: must be above 0");
	options->seed = (uint64_t)seed;
	*headless_s = (double)headless_us / 1e6;
	return true;
}

static int
run(const struct args *args)
{
	struct stage_options options = {0};
	struct err err;
	double headless_s = 0;
	if (!read_options(args, &options, &headless_s, &err))
		return command_fail(&err);
	if (headless_s == 0 && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
		err_set(&err, ERR_UNAVAILABLE,
		    "the demo needs a terminal; --headless SECONDS prints JSON without one");
		return command_fail(&err);
	}
	if (headless_s == 0)
		fputs("fraudtop demo: simulating the last twelve minutes ...\n", stderr);
	struct stage *stage = stage_start(&options, &err);
	if (stage == NULL)
		return command_fail(&err);
	int code = run_dashboard(args, stage_config(stage), headless_s);
	stage_stop(stage);
	return code;
}

static const struct command_option options_table[] = {
    {"scenario", 0, "NAME", "calm, drift, bad-deploy, latency, outage or label-lag (bad-deploy)"},
    {"seed", 0, "N", "another seed is another town of customers (10)"},
    {"speed", 0, "X", "run the scenario and the labels X times faster (1)"},
    {"headless", 0, "SECONDS", "run that long without a screen, print one JSON object, exit"},
    LOOK_OPTIONS,
    {NULL, 0, NULL, NULL},
};

static const char *const examples[] = {
    "fraudtop demo",
    "fraudtop demo --scenario outage --speed 2",
    "fraudtop demo --headless 30 | jq .services",
    NULL,
};

const struct command command_demo = {
    .name = "demo",
    .operands = "",
    .summary = "Show the dashboard on three small scoring services of its own.",
    .description =
	"Starts three embedded scoring services, traffic with late labels and a local registry of\n"
	"two model versions in a private folder, and the dashboard on them. All of it is "
	"simulated:\n"
	"the twelve minutes before the start are written into the logs, scored by the real model.\n"
	"After 20 s the scenario begins. bad-deploy: a worse version is promoted for fraud-apac; "
	"roll\n"
	"it back with R. drift: two features shift. latency: fraud-us slows down. outage: fraud-us "
	"is\n"
	"killed and returns. label-lag: labels come twenty times later. Everything ends, and the\n"
	"folder is removed, when the dashboard ends.",
    .examples = examples,
    .options = options_table,
    .run = run,
};
