/* serve.c: `fraudtop serve`: one embedded scoring service, until it is told to end. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/loop.h"
#include "core/service/serve.h"
#include "tui/command.h"

struct serving {
	struct service *service;
	bool ended;
};

static void
on_end(int number, void *context)
{
	(void)number;
	((struct serving *)context)->ended = true;
}

static void
on_hangup(int number, void *context)
{
	struct serving *serving = context;
	struct err err;
	(void)number;
	if (serving->service != NULL && !service_reopen_log(serving->service, &err))
		fprintf(stderr, "fraudtop serve: %s\n", err.text);
}

static void
on_input(void *context)
{
	char bytes[256];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));
	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
		((struct serving *)context)->ended = true;
}

static bool
read_options(const struct args *args, struct service_options *options, struct err *err)
{
	struct served_source *source = &options->source;
	long port = 0;
	source->threshold = NAN;
	source->model_path = args_option(args, "model");
	source->registry_path = args_option(args, "registry");
	source->model_name = args_option(args, "model-name");
	source->alias = args_option(args, "alias");
	source->version = args_option(args, "version");
	options->name = args_option(args, "service");
	options->address = args_option(args, "address");
	options->log_path = args_option(args, "log");
	options->simulate_delay = args_flag(args, "simulate-delay");
	if (options->name == NULL)
		options->name = "fraudtop";
	if (source->alias == NULL)
		source->alias = "production";
	if ((source->model_path == NULL) == (source->registry_path == NULL))
		return err_set(err, ERR_USAGE, "give either --model FILE or --registry DB");
	if (source->registry_path != NULL && source->model_name == NULL)
		return err_set(err, ERR_USAGE, "--registry needs --model-name");
	if (source->registry_path != NULL && source->version != NULL)
		return err_set(err, ERR_USAGE, "--version: with --registry the alias says it");
	if (!args_int(args, "port", 0, 65535, &port, err) ||
	    !args_share(args, "threshold", &source->threshold, err))
		return false;
	options->port = (unsigned)port;
	return true;
}

static int
serve(struct loop *loop, const struct service_options *options, bool until_eof)
{
	struct serving serving = {0};
	struct buf text = {0};
	struct err err;
	/* Before the service's threads: what arrives while it starts must not kill it half-way. */
	loop_on_signal(loop, SIGTERM, on_end, &serving);
	loop_on_signal(loop, SIGINT, on_end, &serving);
	loop_on_signal(loop, SIGHUP, on_hangup, &serving);
	serving.service = service_start(options, &err);
	if (serving.service == NULL)
		return command_fail(&err);
	service_describe(serving.service, &text);
	printf("fraudtop serve: %s\n", text.data);
	fflush(stdout);
	buf_free(&text);
	if (until_eof)
		loop_watch_read(loop, STDIN_FILENO, on_input, &serving);
	while (!serving.ended)
		loop_run_once(loop, -1);
	service_stop(serving.service);
	return 0;
}

static int
run(const struct args *args)
{
	struct service_options options = {0};
	struct err err;
	if (!read_options(args, &options, &err))
		return command_fail(&err);
	struct loop *loop = loop_new();
	int code = serve(loop, &options, args_flag(args, "until-eof"));
	loop_free(loop);
	return code;
}

static const struct command_option options_table[] = {
    {"model", 0, "FILE", "a model file, of any kind that score reads"},
    {"registry", 0, "DB", "or the local registry's file, whose alias is followed"},
    {"model-name", 0, "M", "the model's name in the registry"},
    {"alias", 0, "A", "the alias to follow (production)"},
    {"service", 0, "NAME", "the service's name in its log and answers (fraudtop)"},
    {"version", 0, "V", "the version to report for a model file (its metadata's)"},
    {"threshold", 0, "T", "flag scores from T on (as registered, else 0.5)"},
    {"port", 0, "N", "port to listen on (0: any free one)"},
    {"address", 0, "IP", "numeric address to listen on (127.0.0.1)"},
    {"log", 0, "FILE", "append every prediction; opened anew on SIGHUP"},
    {"until-eof", 0, NULL, "end when standard input ends"},
    {"simulate-delay", 0, NULL, "for demos: sleep as X-Simulate-Delay-Ms asks"},
    {NULL, 0, NULL, NULL},
};

static const char *const examples[] = {
    "fraudtop serve --model fraud.json --port 8001 --log eu.jsonl --service fraud-eu",
    "fraudtop serve --registry models.db --model-name fraud_classifier --alias production-eu",
    NULL,
};

const struct command command_serve = {
    .name = "serve",
    .operands = "",
    .summary = "Run one embedded scoring service.",
    .description =
	"Answers GET /, /health and /metrics, POST /predict and /predict/batch. Prints one line "
	"with\n"
	"its URL once it answers. With --registry it follows the alias: within a second of a move "
	"it\n"
	"serves the new version, and no request is dropped. A version that cannot be loaded, "
	"whose\n"
	"file is not the registered one, or whose scores are no probabilities, is refused; the old "
	"one\n"
	"goes on and /health says why. A category may come as its word, or as a number where the "
	"words\n"
	"are numbers.\n"
	"SIGTERM ends it once the requests under way are answered. It asks nobody who they are: on "
	"an\n"
	"address other than loopback, put it behind something that does.",
    .examples = examples,
    .options = options_table,
    .run = run,
};
