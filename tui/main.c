/* main.c: finds the subcommand and runs it; without one, the dashboard. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tui/command.h"

int
main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	const struct command *command = NULL;
	if (argc > 1 && argv[1][0] != '-') {
		command = command_find(argv[1]);
		if (command != NULL)
			return command_main(command, argc - 1, argv + 1);
		fprintf(stderr, "fraudtop: no command `%s`\nTry: fraudtop help\n", argv[1]);
		return ERR_USAGE;
	}
	command = command_find("fraudtop");
	if (command == NULL) {
		fprintf(stderr, "fraudtop: the dashboard is not built in\n");
		return ERR_INTERNAL;
	}
	return command_main(command, argc, argv);
}
