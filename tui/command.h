/* command.h: one subcommand is one file of tui/commands/ that ends in a const record, and one line
 * of commands.def. Its options are a table, from which parsing, --help, completion and the man page
 * come. */
#ifndef FRAUDTOP_TUI_COMMAND_H
#define FRAUDTOP_TUI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

struct command_option {
	const char *name; /* without the dashes */
	char letter; /* 0: none */
	const char *value; /* what the argument is called (`FILE`), or NULL for a flag */
	const char *help;
};

struct args; /* parsed arguments */

struct command {
	const char *name;
	const char *operands; /* `MODEL [VERSION]`, or "" */
	int operands_min, operands_max; /* max -1: any number */
	const char *summary; /* one line */
	const char *description; /* paragraphs for --help and the man page */
	const char *const *examples; /* NULL-terminated command lines; NULL: none */
	const struct command_option *options; /* ended by a NULL name */
	int (*run)(const struct args *args); /* returns the exit code */
};

/* The value of an option, or NULL if it was not given (a flag given is ""). The last one given
 * counts. */
const char *args_option(const struct args *args, const char *name);
bool args_flag(const struct args *args, const char *name);
size_t args_operands(const struct args *args);
const char *args_operand(const struct args *args, size_t index); /* NULL past the end */
/* Numbers and durations; on a bad one err says which option and what was expected (ERR_USAGE). An
 * option not given leaves *value alone. */
bool args_double(const struct args *args, const char *name, double *value, struct err *err);
/* The same of a number from 0 to 1, such as a threshold. */
bool args_share(const struct args *args, const char *name, double *value, struct err *err);
bool args_int(
    const struct args *args, const char *name, long low, long high, long *value, struct err *err);
bool args_duration(const struct args *args, const char *name, long long *us, struct err *err);

/* Parses argv (argv[0] is the command's name) and runs it; prints help or the usage error. */
int command_main(const struct command *command, int argc, char **argv);
/* All commands, NULL-terminated. */
const struct command *const *command_list(void);
const struct command *command_find(const char *name);
/* The name of one that is like it, or NULL. */
const char *command_nearest(const char *name);
/* Prints "fraudtop: <text>" on stderr and returns err->code (or 1). */
int command_fail(const struct err *err);
void command_print_help(const struct command *command);

#endif
