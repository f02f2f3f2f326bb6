/* rollback.c: `fraudtop rollback`: an alias back to a version it had before. */
#include "tui/commands/operate.h"

static int
run(const struct args *args)
{
	return operate_run(args, "rollback", args_operand(args, 0), args_option(args, "to"));
}

static const char *const examples[] = {
    "fraudtop rollback fraud_classifier --confirm fraud_classifier --reason 'false alarms'",
    "fraudtop rollback fraud_classifier --to 12 --dry-run", NULL};

static const struct command_option options[] = {
    {"to", 0, "V", "the version to go back to (default: the one before the present one)"},
    OPERATE_OPTIONS, {0}};

const struct command command_rollback = {
    .name = "rollback",
    .operands = "MODEL",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "Move a model's alias back to the version before, and see it served.",
    .description = OPERATE_DESCRIPTION,
    .examples = examples,
    .options = options,
    .run = run,
};
