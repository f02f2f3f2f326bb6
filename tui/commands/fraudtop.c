/* fraudtop.c: the program without a subcommand: the dashboard, or its data without a screen. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/config_file.h"
#include "core/config/places.h"
#include "core/format/named.h"
#include "tui/command.h"
#include "tui/dashboard.h"
#include "tui/entry.h"
#include "tui/expected.h"
#include "tui/headless.h"
#include "tui/look.h"
#include "tui/panel.h"
#include "tui/theme.h"

enum { WAITING_MS = 1000 };

static bool
reads_input(const struct config *config)
{
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		for (size_t j = 0; j < service->logs_count; j++)
			if (strcmp(service->logs[j], "-") == 0)
				return true;
		for (size_t j = 0; j < service->labels_count; j++)
			if (strcmp(service->labels[j], "-") == 0)
				return true;
	}
	return false;
}

/* The terminal itself, where standard input is something else. */
static bool
has_keys(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Nothing can be shown of standard input before its first line. */
static void
tell_waiting(void)
{
	struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
	if (isatty(STDERR_FILENO) && !isatty(STDIN_FILENO) && poll(&ready, 1, WAITING_MS) == 0)
		fprintf(stderr, "fraudtop: waiting for the first line of standard input\n");
}

static struct config *
name_logs(const struct args *args, struct err *err)
{
	size_t count = args_operands(args);
	const char **names = mem_alloc((count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++) {
		names[i] = args_operand(args, i);
		if (strcmp(names[i], "-") == 0)
			tell_waiting();
	}
	struct config *config = named_config(names, count, err);
	const char *near = count == 1 ? command_nearest(names[0]) : NULL;
	if (config == NULL && err->code == ERR_NO_INPUT && near != NULL)
		text_append(err->text, sizeof(err->text),
		    "; if it is a command, it stands first: do you mean `fraudtop %s`?", near);
	free(names);
	return config;
}

/* The configuration: of the logs that are named; else -c, else where it is looked for; none is no
 * error, but an empty dashboard. */
static struct config *
read_config(const struct args *args, struct buf *errors, struct err *err)
{
	char path[1024];
	const char *given = args_option(args, "config");
	const char *first = args_operand(args, 0);
	if (first != NULL && (given != NULL || args_flag(args, "check-config"))) {
		err_set(err, ERR_USAGE,
		    "%s and a configuration do not go together: a log stands in the configuration "
		    "or behind the options",
		    first);
		return NULL;
	}
	if (first != NULL)
		return name_logs(args, err);
	if (given != NULL)
		return config_read(given, errors, err);
	if (places_find_config(path, sizeof(path)))
		return config_read(path, errors, err);
	return config_new();
}

static int
check_config(const struct args *args)
{
	struct buf errors = {0};
	struct err err = {0};
	struct theme theme;
	struct config *config = read_config(args, &errors, &err);
	bool themed =
	    config != NULL &&
	    theme_load(&theme, config->theme[0] != '\0' ? config->theme : "default", &err);
	int code = themed ? 0 : err.code == ERR_USAGE ? ERR_USAGE : ERR_CONFIG;
	if (config == NULL && errors.length > 0)
		fprintf(stderr, "%s", errors.data);
	else if (config == NULL)
		fprintf(stderr, "fraudtop: %s\n", err.text);
	else if (!themed)
		fprintf(stderr, "%s: `screen.theme`: %s\n", config->path, err.text);
	else if (config->path[0] == '\0')
		printf("no configuration file; defaults are used\n");
	else
		printf("%s: valid, %zu services, %zu registries\n", config->path,
		    config->services_count, config->registries_count);
	if (code == 0) {
		struct buf expected = {0};
		expected_print(config, &expected);
		fputs(expected.data, stdout);
		buf_free(&expected);
	}
	buf_free(&errors);
	config_free(config);
	return code;
}

static int
print_config(const struct config *config)
{
	struct buf out = {0};
	config_print(config, &out);
	fputs(out.data, stdout);
	buf_free(&out);
	return 0;
}

/* Options over the file's settings. */
static bool
override(const struct args *args, struct config *config, struct err *err)
{
	long long delay_us = config->delay_us;
	if (!args_duration(args, "delay", &delay_us, err) || !look_override(args, config, err))
		return false;
	if (delay_us < 250000 || delay_us > 3600 * CLOCK_SECOND)
		return err_set(err, ERR_USAGE, "--delay: from 250ms to 1h");
	config->delay_us = delay_us;
	const char *readonly = getenv("FRAUDTOP_READONLY");
	if (args_flag(args, "readonly") || (readonly != NULL && strcmp(readonly, "0") != 0))
		config->readonly = true;
	return true;
}

static int
run_headless(const struct args *args, const struct config *config, struct err *err)
{
	long iterations = args_flag(args, "once") ? 1 : 0;
	if (!args_int(args, "iterations", 1, 1000000000, &iterations, err))
		return command_fail(err);
	struct headless_options options = {
	    .format = args_flag(args, "json")	 ? HEADLESS_JSON
		      : args_flag(args, "plain") ? HEADLESS_PLAIN
						 : HEADLESS_TEXT,
	    .iterations = iterations,
	    .delay_us = config->delay_us,
	    .filter = args_option(args, "filter"),
	    .sort = args_option(args, "sort"),
	    .ascii = strcmp(config->graph, "ascii") == 0 || !entry_utf8(),
	};
	return headless_run(config, &options);
}

static int
run_screen(const struct args *args, const struct config *config, struct err *err)
{
	struct dashboard_options options = {
	    .filter = args_option(args, "filter"), .sort = args_option(args, "sort")};
	if (!look_color(args, &options.color, err))
		return command_fail(err);
	return dashboard_run(config, &options);
}

static int
list_sorts(void)
{
	for (const struct panel_sort *sort = panel_get(0)->sorts; sort->name != NULL; sort++)
		printf("%s\n", sort->name);
	return 0;
}

/* What the memory holds stays in it: no core file, and no other program of the user looks in. */
static void
guard_secrets(const struct config *config)
{
#ifdef __linux__
	if (config->access_count > 0)
		prctl(PR_SET_DUMPABLE, 0);
#else
	(void)config;
#endif
}

static int
run(const struct args *args)
{
	static const char *const screenless[] = {
	    "once", "batch", "json", "plain", "iterations", NULL};
	if (args_flag(args, "version")) {
		printf("fraudtop %s\n", FRAUDTOP_VERSION);
		return 0;
	}
	const char *sort = args_option(args, "sort");
	if (sort != NULL && strcmp(sort, "help") == 0)
		return list_sorts();
	if (args_flag(args, "check-config"))
		return check_config(args);
	struct err err = {0};
	struct buf errors = {0};
	struct config *config = read_config(args, &errors, &err);
	bool headless = !isatty(STDOUT_FILENO);
	for (size_t i = 0; screenless[i] != NULL; i++)
		headless |= args_flag(args, screenless[i]);
	/* Where the log is what comes in, the keys come from the terminal itself. */
	if (config != NULL && !isatty(STDIN_FILENO))
		headless |= !reads_input(config) || !has_keys();
	int code;
	if (config == NULL)
		code = errors.length > 0 ? (fputs(errors.data, stderr), ERR_CONFIG)
					 : command_fail(&err);
	else if (!override(args, config, &err))
		code = command_fail(&err);
	else if (args_flag(args, "print-config"))
		code = print_config(config);
	else {
		guard_secrets(config);
		code = headless ? run_headless(args, config, &err) : run_screen(args, config, &err);
	}
	buf_free(&errors);
	config_free(config);
	return code;
}

static const struct command_option options[] = {{"config", 'c', "FILE", "the configuration"},
    {"check-config", 0, NULL,
	"check the configuration, say what false alarms to expect of it, and exit: 0 valid, 78 "
	"not"},
    {"print-config", 0, NULL, "print the settings in effect"},
    {"delay", 'd', "TIME", "time between frames: 2, 0.5, 500ms (default 1s)"},
    {"once", 0, NULL,
	"read everything there is (standard input to its end), print one frame, exit"},
    {"batch", 'b', NULL, "print frames as text, no screen; default when not on a terminal"},
    {"iterations", 'n', "N", "stop after N frames"},
    {"json", 0, NULL, "frames as JSON (schema fraudtop/1), one object a line"},
    {"plain", 0, NULL, "frames as sentences, one line a service"},
    {"filter", 'f', "REGEX", "show only the rows that match; ! in front shows the others"},
    {"sort", 's', "COLUMN", "sort the rows of the overview; `help` lists the columns"},
    {"readonly", 0, NULL, "forbid arming: nothing can be rolled back or promoted"}, LOOK_OPTIONS,
    {"version", 'V', NULL, "print the version"}, {0}};

static const char *const examples[] = {"fraudtop demo", "fraudtop predictions.jsonl labels.jsonl",
    "fraudtop --once --json '/var/log/fraud/*.jsonl' | jq .services",
    "kubectl logs -f deploy/fraud | fraudtop -", "fraudtop -c /etc/fraudtop/config.yaml",
    "fraudtop --once --json | jq .services", NULL};

const struct command command_fraudtop = {
    .name = "fraudtop",
    .operands = "[LOG]...",
    .operands_max = -1,
    .summary = "The dashboard on the configured services, or on logs.",
    .description =
	"A LOG is a file, a folder, a glob in quotes or `-`, standard input. What format it has "
	"is\n"
	"guessed from its beginning, as `fraudtop probe` does, and all else is the default: no\n"
	"configuration is read, and no checkpoint kept, so that the next start reads it anew.\n"
	"Each is a service, named by its records or else after the file; label feeds are known as\n"
	"such. Keys come from the terminal. --print-config prints the configuration it comes to.\n"
	"A file that is called like a command is named with a ./ before it. Exit codes: 65 it is\n"
	"no log, 66 it is not there.\n"
	"\n"
	"Without -c the configuration is $FRAUDTOP_CONFIG, ~/.config/fraudtop/config.yaml or\n"
	"/etc/fraudtop/config.yaml. `fraudtop help` lists the other commands.\n"
	"A service's log may be `-`, standard input; it may be packed with gzip or zstd.",
    .examples = examples,
    .options = options,
    .run = run,
};
