/* main.c: finds the subcommand and runs it; without one, the dashboard, of logs if there are any.
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "tui/command.h"

static int
refuse(const char *name)
{
	char clean[64];
	const char *near = command_nearest(name);
	text_scrub(clean, sizeof(clean), name, strlen(name));
	fprintf(stderr, "fraudtop: no command and no file `%s`", clean);
	if (near != NULL)
		fprintf(stderr, "; do you mean `%s`?", near);
	fprintf(stderr, "\nTry: fraudtop help\n");
	return ERR_USAGE;
}

/* A word that no file is called by and that names none is meant for a command. */
static bool
is_log(const char *word)
{
	return word[0] == '-' || strpbrk(word, "/.*?[") != NULL || access(word, F_OK) == 0;
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
	if (argc > 1)
		command = command_find(argv[1]);
	if (command != NULL)
		return command_main(command, argc - 1, argv + 1);
	if (argc > 1 && !is_log(argv[1]))
		return refuse(argv[1]);
	command = command_find("fraudtop");
	if (command == NULL) {
		fprintf(stderr, "fraudtop: the dashboard is not built in\n");
		return ERR_INTERNAL;
	}
	return command_main(command, argc, argv);
}
