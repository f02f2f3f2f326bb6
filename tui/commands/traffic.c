/* traffic.c: `fraudtop traffic`: simulated payments for scoring services, or as CSV. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/service/payments.h"
#include "core/service/traffic.h"
#include "tui/command.h"

static volatile sig_atomic_t ended;

static void
on_signal(int number)
{
	(void)number;
	ended = 1;
}

static int
print_payments(long count, uint64_t seed, double drift)
{
	struct payments *payments = payments_new(seed, 0);
	struct buf out = {0};
	payments_set_drift(payments, drift);
	payment_write_csv_header(&out);
	for (long i = 0; i < count; i++) {
		struct payment payment;
		payments_next(payments, &payment);
		payment_write_csv(&payment, &out);
		if (out.length > 65536) {
			fwrite(out.data, 1, out.length, stdout);
			buf_clear(&out);
		}
	}
	fwrite(out.data, 1, out.length, stdout);
	buf_free(&out);
	payments_free(payments);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : ERR_IO;
}

static bool
input_ended(void)
{
	char bytes[256];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));
	return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

static int
send_payments(const struct traffic_options *options, double seconds, bool until_eof)
{
	struct err err;
	struct sigaction action = {.sa_handler = on_signal};
	struct traffic *traffic = traffic_start(options, &err);
	if (traffic == NULL)
		return command_fail(&err);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	mono_us until = seconds > 0 ? clock_mono() + (int64_t)(seconds * 1e6) : INT64_MAX;
	while (!ended && clock_mono() < until) {
		if (traffic_turn(traffic, 50000, until_eof ? STDIN_FILENO : -1) && input_ended())
			ended = 1;
	}
	struct traffic_counts counts = traffic_counts(traffic);
	printf("sent %" PRIu64 ", answered %" PRIu64 ", refused %" PRIu64 ", failed %" PRIu64
	       ", dropped %" PRIu64 ", labels %" PRIu64 "\n",
	    counts.sent, counts.answered, counts.refused, counts.failed, counts.dropped,
	    counts.labels);
	traffic_free(traffic);
	return 0;
}

static bool
read_scenario(const struct args *args, struct traffic_options *options, struct err *err)
{
	char name[64];
	const char *text = args_option(args, "scenario");
	options->scenario = SCENARIO_CALM;
	if (text == NULL || scenario_find(text, &options->scenario))
		return true;
	text_copy(name, sizeof(name), text);
	const char *near = text_nearest(name, scenario_names());
	return err_set(err, ERR_USAGE, "--scenario: no scenario `%s`%s%s%s", name,
	    near != NULL ? "; do you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
}

static bool
read_numbers(
    const struct args *args, struct traffic_options *options, double *seconds, struct err *err)
{
	long seed = 1;
	long long duration_us = 0, delay_us = 20 * CLOCK_SECOND;
	options->rate = 40;
	options->speed = 1;
	if (!args_int(args, "seed", 0, 1000000000, &seed, err) ||
	    !args_double(args, "drift", &options->drift, err) ||
	    !args_double(args, "rate", &options->rate, err) ||
	    !args_double(args, "speed", &options->speed, err) ||
	    !args_duration(args, "label-delay", &delay_us, err) ||
	    !args_duration(args, "duration", &duration_us, err))
		return false;
	if (!(options->rate > 0 && options->rate <= 10000))
		return err_set(err, ERR_USAGE, "--rate: must be above 0 and at most 10000");
	if (!(options->speed > 0 && options->speed <= 1000))
		return err_set(err, ERR_USAGE, "--speed: must be above 0 and at most 1000");
	if (options->drift < 0)
		return err_set(err, ERR_USAGE, "--drift: must not be below 0");
	options->seed = (uint64_t)seed;
	options->label_delay_s = (double)delay_us / 1e6;
	*seconds = (double)duration_us / 1e6;
	return true;
}

static int
run(const struct args *args)
{
	struct traffic_options options = {0};
	struct err err;
	long count = 0;
	double seconds = 0;
	if (!args_int(args, "export", 1, 100000000, &count, &err) ||
	    !read_numbers(args, &options, &seconds, &err) || !read_scenario(args, &options, &err))
		return command_fail(&err);
	if (count > 0)
		return print_payments(count, options.seed, options.drift);
	options.targets = args_operands(args);
	options.labels_path = args_option(args, "labels");
	if (options.targets == 0 || options.targets > TRAFFIC_MAX_TARGETS) {
		err_set(&err, ERR_USAGE, "give 1 to %d URLs of scoring services, or --export N",
		    TRAFFIC_MAX_TARGETS);
		return command_fail(&err);
	}
	for (size_t i = 0; i < options.targets; i++)
		options.urls[i] = args_operand(args, i);
	return send_payments(&options, seconds, args_flag(args, "until-eof"));
}

static const struct command_option options_table[] = {
    {"rate", 0, "N", "payments a second to each service (40)"},
    {"labels", 0, "FILE", "append the labels of answered payments, late"},
    {"label-delay", 0, "TIME", "mean time until a label is known (20s)"},
    {"scenario", 0, "NAME", "calm, drift, bad-deploy, latency, outage or label-lag (calm)"},
    {"speed", 0, "X", "run the scenario and the labels X times faster (1)"},
    {"drift", 0, "X", "drift of this strength from the start (0)"},
    {"seed", 0, "N", "another seed is another town of customers (1)"},
    {"duration", 0, "TIME", "end after this time"},
    {"until-eof", 0, NULL, "end when standard input ends"},
    {"export", 0, "N", "print N payments with their labels as CSV and exit"},
    {NULL, 0, NULL, NULL},
};

static const char *const examples[] = {
    "fraudtop traffic --labels labels.jsonl http://127.0.0.1:8001 http://127.0.0.1:8002",
    "fraudtop traffic --export 100000 --seed 7 > payments.csv",
    NULL,
};

const struct command command_traffic = {
    .name = "traffic",
    .operands = "[URL...]",
    .operands_max = -1,
    .summary = "Send simulated card payments to scoring services.",
    .description =
	"Payments of a seeded town of customers, 1 to 2 % of them fraud of four kinds. A scenario\n"
	"begins after 20 s: drift shifts two features within a minute; latency slows the second\n"
	"service (if it runs with --simulate-delay) for two minutes, label-lag the labels for "
	"five.\n"
	"Of bad-deploy and outage the traffic itself knows nothing: `fraudtop demo` makes them.",
    .examples = examples,
    .options = options_table,
    .run = run,
};
