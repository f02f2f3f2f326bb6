/* help.c: `fraudtop help`: the list of commands, or the help of one. */
#include <stdio.h>

#include "tui/command.h"

static int
run(const struct args *args)
{
	const char *name = args_operand(args, 0);
	if (name != NULL) {
		const struct command *command = command_find(name);
		if (command == NULL) {
			fprintf(stderr, "fraudtop: no command `%s`\nTry: fraudtop help\n", name);
			return ERR_USAGE;
		}
		command_print_help(command);
		return 0;
	}
	printf("fraudtop: latency, drift and quality of fraud models, live in a terminal\n\n");
	for (const struct command *const *at = command_list(); *at != NULL; at++)
		printf("  %-10s %s\n", (*at)->name, (*at)->summary);
	printf("\n`fraudtop help COMMAND` tells more.\n");
	return 0;
}

static const struct command_option options[] = {{0}};

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .operands_max = 1,
    .summary = "List the commands, or explain one.",
    .options = options,
    .run = run,
};
