/* promote.c: `fraudtop promote`: an alias to another version. */
#include "tui/commands/operate.h"

static int
run(const struct args *args)
{
	return operate_run(args, "promote", args_operand(args, 0), args_operand(args, 1));
}

static const char *const examples[] = {
    "fraudtop promote fraud_classifier 14 --confirm fraud_classifier --reason 'FRAUD-231'",
    "fraudtop promote fraud_classifier 14 --alias production-eu --dry-run", NULL};

static const struct command_option options[] = {OPERATE_OPTIONS, {0}};

const struct command command_promote = {
    .name = "promote",
    .operands = "MODEL VERSION",
    .operands_min = 2,
    .operands_max = 2,
    .summary = "Move a model's alias to a version, and see it served.",
    .description = OPERATE_DESCRIPTION,
    .examples = examples,
    .options = options,
    .run = run,
};
