#include "tui/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"

enum { OPTIONS_MAX = 48 };

struct args {
	const struct command *command;
	const char *values[OPTIONS_MAX]; /* by the option's place in the table */
	const char **operands;
	size_t operands_count;
};

#define X(name) extern const struct command command_##name;
#include "tui/commands.def"
#undef X

static const struct command *const commands[] = {
#define X(name) &command_##name,
#include "tui/commands.def"
#undef X
    NULL};

const struct command *const *
command_list(void)
{
	return commands;
}

const struct command *
command_find(const char *name)
{
	for (const struct command *const *at = commands; *at != NULL; at++) {
		if (strcmp((*at)->name, name) == 0)
			return *at;
	}
	return NULL;
}

const char *
command_nearest(const char *name)
{
	const char *names[sizeof(commands) / sizeof(*commands)];
	for (size_t i = 0; i + 1 < sizeof(commands) / sizeof(*commands); i++)
		names[i] = commands[i]->name;
	names[sizeof(commands) / sizeof(*commands) - 1] = NULL;
	return text_nearest(name, names);
}

static int
find_option(const struct command *command, const char *name, size_t length)
{
	for (int i = 0; command->options[i].name != NULL; i++) {
		if (strlen(command->options[i].name) == length &&
		    memcmp(command->options[i].name, name, length) == 0)
			return i;
	}
	return -1;
}

static int
find_letter(const struct command *command, char letter)
{
	for (int i = 0; command->options[i].name != NULL; i++) {
		if (command->options[i].letter == letter)
			return i;
	}
	return -1;
}

const char *
args_option(const struct args *args, const char *name)
{
	int i = find_option(args->command, name, strlen(name));
	if (i < 0)
		mem_die("%s: the option --%s is not in its table", args->command->name, name);
	return args->values[i];
}

bool
args_flag(const struct args *args, const char *name)
{
	return args_option(args, name) != NULL;
}

size_t
args_operands(const struct args *args)
{
	return args->operands_count;
}

const char *
args_operand(const struct args *args, size_t index)
{
	return index < args->operands_count ? args->operands[index] : NULL;
}

bool
args_double(const struct args *args, const char *name, double *value, struct err *err)
{
	const char *text = args_option(args, name);
	if (text == NULL || text_to_double(text, value))
		return true;
	return err_set(err, ERR_USAGE, "--%s: `%s` is not a number", name, text);
}

bool
args_share(const struct args *args, const char *name, double *value, struct err *err)
{
	if (args_option(args, name) == NULL)
		return true;
	if (!args_double(args, name, value, err))
		return false;
	return (*value >= 0 && *value <= 1) ||
	       err_set(err, ERR_USAGE, "--%s: must lie between 0 and 1", name);
}

bool
args_int(
    const struct args *args, const char *name, long low, long high, long *value, struct err *err)
{
	const char *text = args_option(args, name);
	int64_t parsed;
	if (text == NULL)
		return true;
	if (!text_to_int64(text, &parsed) || parsed < low || parsed > high)
		return err_set(err, ERR_USAGE, "--%s: `%s` is not a whole number from %ld to %ld",
		    name, text, low, high);
	*value = (long)parsed;
	return true;
}

bool
args_duration(const struct args *args, const char *name, long long *us, struct err *err)
{
	const char *text = args_option(args, name);
	int64_t parsed;
	if (text == NULL)
		return true;
	if (!clock_parse_duration(text, &parsed))
		return err_set(
		    err, ERR_USAGE, "--%s: `%s` is not a time such as 2s, 500ms or 5m", name, text);
	*us = parsed;
	return true;
}

int
command_fail(const struct err *err)
{
	fprintf(stderr, "fraudtop: %s\n", err->text);
	return err->code != 0 ? err->code : ERR_FAILED;
}

void
command_print_help(const struct command *command)
{
	bool dashboard = strcmp(command->name, "fraudtop") == 0;
	printf("Usage: fraudtop%s%s [OPTION]...%s%s\n%s\n", dashboard ? "" : " ",
	    dashboard ? "" : command->name, command->operands[0] != '\0' ? " " : "",
	    command->operands, command->summary);
	if (command->examples != NULL)
		printf("\nExamples:\n");
	for (const char *const *at = command->examples; at != NULL && *at != NULL; at++)
		printf("  %s\n", *at);
	if (command->description != NULL)
		printf("\n%s\n", command->description);
	printf("\nOptions:\n");
	for (const struct command_option *at = command->options; at->name != NULL; at++) {
		char left[64];
		snprintf(left, sizeof(left), "%s%c%s--%s%s%s", at->letter ? "-" : "  ",
		    at->letter ? at->letter : ' ', at->letter ? ", " : " ", at->name,
		    at->value != NULL ? " " : "", at->value != NULL ? at->value : "");
		printf("  %-30s %s\n", left, at->help);
	}
	printf("  %-30s %s\n", "-h, --help", "print this help");
}

static int usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
usage_error(const struct command *command, const char *format, ...)
{
	bool dashboard = strcmp(command->name, "fraudtop") == 0;
	va_list args;
	va_start(args, format);
	fputs("fraudtop: ", stderr);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry: fraudtop%s%s --help\n", dashboard ? "" : " ",
	    dashboard ? "" : command->name);
	return ERR_USAGE;
}

static int
unknown_option(const struct command *command, const char *word)
{
	const char *names[OPTIONS_MAX + 1] = {NULL};
	for (int i = 0; command->options[i].name != NULL; i++)
		names[i] = command->options[i].name;
	char clean[64], text[160];
	text_scrub(clean, sizeof(clean), word, strcspn(word, "="));
	const char *near = text_nearest(clean, names);
	snprintf(text, sizeof(text), "no option --%s%s%s%s", clean, near ? "; do you mean --" : "",
	    near ? near : "", near ? "?" : "");
	return usage_error(command, "%s", text);
}

/* Reads one word that begins with a dash; *at may move to the next word for its value. Returns 0,
 * an exit code, or -1 for help. */
static int
take_option(const struct command *command, struct args *args, int argc, char **argv, int *at)
{
	const char *word = argv[*at];
	const char *value = NULL;
	int option;
	if (word[1] == '-') {
		size_t length = strcspn(word + 2, "=");
		option = find_option(command, word + 2, length);
		if (option < 0 && strcmp(word, "--help") == 0)
			return -1;
		if (option < 0)
			return unknown_option(command, word + 2);
		if (word[2 + length] == '=')
			value = word + 2 + length + 1;
	} else {
		option = find_letter(command, word[1]);
		if (option < 0 && word[1] == 'h')
			return -1;
		if (option < 0)
			return usage_error(command, "no option %s", word);
		if (word[2] != '\0')
			value = word + 2;
	}
	const struct command_option *spec = &command->options[option];
	if (spec->value == NULL && value != NULL)
		return usage_error(command, "--%s takes no value", spec->name);
	if (spec->value != NULL && value == NULL) {
		if (*at + 1 >= argc)
			return usage_error(command, "--%s needs a value", spec->name);
		value = argv[++*at];
	}
	args->values[option] = spec->value != NULL ? value : "";
	return 0;
}

int
command_main(const struct command *command, int argc, char **argv)
{
	struct args args = {.command = command};
	const char **operands = mem_alloc(sizeof(*operands) * (size_t)(argc + 1));
	args.operands = operands;
	int code = 0;
	bool only_operands = false;
	for (int i = 1; i < argc && code == 0; i++) {
		if (!only_operands && strcmp(argv[i], "--") == 0)
			only_operands = true;
		else if (!only_operands && argv[i][0] == '-' && argv[i][1] != '\0')
			code = take_option(command, &args, argc, argv, &i);
		else
			operands[args.operands_count++] = argv[i];
	}
	if (code == -1) {
		command_print_help(command);
		code = 0;
	} else if (code == 0 && args.operands_count < (size_t)command->operands_min) {
		code = usage_error(command, "missing: %s", command->operands);
	} else if (code == 0 && command->operands_max >= 0 &&
		   args.operands_count > (size_t)command->operands_max) {
		code =
		    usage_error(command, "one word too many: %s", operands[command->operands_max]);
	} else if (code == 0) {
		code = command->run(&args);
	}
	free(operands);
	return code;
}
