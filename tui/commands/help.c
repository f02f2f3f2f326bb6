/* help.c: `fraudtop help`: the list of commands, the help of one, and the generated parts of the
 * docs. */
#include <stdio.h>

#include "tui/colon.h"
#include "tui/command.h"
#include "tui/keymap.h"

/* Text for troff: backslashes and dashes escaped, no line that begins with a dot or an apostrophe.
 */
static void
roff(const char *text)
{
	bool start = true;
	for (const char *at = text; *at != '\0'; at++) {
		if (start && (*at == '.' || *at == '\''))
			fputs("\\&", stdout);
		start = *at == '\n';
		if (*at == '-')
			fputs("\\-", stdout);
		else if (*at == '\\')
			fputs("\\e", stdout);
		else
			putchar(*at);
	}
}

static void
man_command(const struct command *command)
{
	bool dashboard = command == command_list()[0];
	printf(".SS fraudtop%s%s", dashboard ? "" : " ", dashboard ? "" : command->name);
	printf("%s", command->operands[0] != '\0' ? " " : "");
	roff(command->operands);
	putchar('\n');
	roff(command->summary);
	putchar('\n');
	if (command->description != NULL) {
		printf(".PP\n");
		roff(command->description);
		putchar('\n');
	}
	for (const struct command_option *at = command->options; at->name != NULL; at++) {
		printf(".TP\n.B ");
		if (at->letter != '\0')
			printf("\\-%c, ", at->letter);
		printf("\\-\\-");
		roff(at->name);
		if (at->value != NULL)
			printf(" \\fI%s\\fR", at->value);
		putchar('\n');
		roff(at->help);
		putchar('\n');
	}
}

/* Keys of one action stand together: their labels are joined, the first has the words. */
static void
each_key(void (*row)(const char *labels, const char *help))
{
	size_t count;
	const struct key *keys = key_list(&count);
	for (size_t i = 0; i < count;) {
		char labels[64];
		size_t used = (size_t)snprintf(labels, sizeof(labels), "%s", keys[i].label);
		size_t next = i + 1;
		for (; next < count && keys[next].action == keys[i].action; next++)
			used += (size_t)snprintf(labels + used,
			    used < sizeof(labels) ? sizeof(labels) - used : 0, " %s",
			    keys[next].label);
		row(labels, keys[i].help);
		i = next;
	}
}

static void
man_key(const char *labels, const char *help)
{
	printf(".TP\n.B ");
	roff(labels);
	putchar('\n');
	roff(help);
	putchar('\n');
}

static void
markdown_key(const char *labels, const char *help)
{
	printf("| `%s` | %s |\n", labels, help);
}

static int
print_man(void)
{
	printf(".SH COMMANDS\n");
	for (const struct command *const *at = command_list(); *at != NULL; at++)
		man_command(*at);
	printf(".SH KEYS\n");
	each_key(man_key);
	printf(".SH PROMPT\nAfter\n.BR : ,\nTab completes:\n");
	size_t count;
	const struct colon *list = colon_list(&count);
	for (size_t i = 0; i < count; i++) {
		printf(".TP\n.B :%s ", list[i].name);
		roff(list[i].operands);
		putchar('\n');
		roff(list[i].help);
		putchar('\n');
	}
	return 0;
}

static int
print_keys(void)
{
	printf("# Keys\n\nMade by `make docs` from the program's own table.\n\n"
	       "| key | what it does |\n|---|---|\n");
	each_key(markdown_key);
	printf("\n## The prompt\n\n| command | what it does |\n|---|---|\n");
	size_t count;
	const struct colon *list = colon_list(&count);
	for (size_t i = 0; i < count; i++)
		printf("| `:%s%s%s` | %s |\n", list[i].name, list[i].operands[0] != '\0' ? " " : "",
		    list[i].operands, list[i].help);
	return 0;
}

static int
run(const struct args *args)
{
	if (args_flag(args, "man"))
		return print_man();
	if (args_flag(args, "keys"))
		return print_keys();
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

static const struct command_option options[] = {
    {"man", 0, NULL, "print the generated part of the man page"},
    {"keys", 0, NULL, "print the table of keys as Markdown"}, {0}};

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .operands_max = 1,
    .summary = "List the commands, or explain one.",
    .options = options,
    .run = run,
};
