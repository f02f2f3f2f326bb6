/* main.c: finds the subcommand and runs it; without one, the dashboard. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/command.h"

static int
refuse(const char *name)
{
	const char *names[64] = {NULL};
	char clean[64];
	size_t count = 0;
	for (const struct command *const *at = command_list(); *at != NULL && count < 63; at++)
		names[count++] = (*at)->name;
	const char *near = text_nearest(name, names);
	text_scrub(clean, sizeof(clean), name, strlen(name));
	fprintf(stderr, "fraudtop: no command `%s`", clean);
	if (near != NULL)
		fprintf(stderr, "; do you mean `%s`?", near);
	fprintf(stderr, "\nTry: fraudtop help\n");
	return ERR_USAGE;
}

/* Of descriptors that were closed before we began: what is opened first must not come to be
 * standard input or output. */
static void
open_standard(void)
{
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			exit(ERR_INTERNAL);
	}
}

int
main(int argc, char **argv)
{
	open_standard();
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file as large as is allowed is told like a full disk */
	const struct command *command = NULL;
	if (argc > 1 && argv[1][0] != '-') {
		command = command_find(argv[1]);
		if (command != NULL)
			return command_main(command, argc - 1, argv + 1);
		return refuse(argv[1]);
	}
	command = command_find("fraudtop");
	if (command == NULL) {
		fprintf(stderr, "fraudtop: the dashboard is not built in\n");
		return ERR_INTERNAL;
	}
	return command_main(command, argc, argv);
}
