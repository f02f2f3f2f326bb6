/* traffic.c: `fraudtop traffic`: simulated payments for scoring services, or as CSV. */
#include <stdio.h>

#include "core/service/payments.h"
#include "tui/command.h"

static int
print_payments(long count, long seed, double drift)
{
	struct payments *payments = payments_new((uint64_t)seed, 0);
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
	return fflush(stdout) == 0 ? 0 : ERR_IO;
}

static int
run(const struct args *args)
{
	struct err err;
	long count = 0, seed = 1;
	double drift = 0;
	if (!args_int(args, "export", 1, 100000000, &count, &err) ||
	    !args_int(args, "seed", 0, 1000000000, &seed, &err) ||
	    !args_double(args, "drift", &drift, &err))
		return command_fail(&err);
	return print_payments(count, seed, drift);
}

static const struct command_option options[] = {
    {"export", 0, "N", "print N payments with their labels as CSV and exit"},
    {"seed", 0, "N", "another seed is another town of customers (1)"},
    {"drift", 0, "X", "strength of the drift (0)"},
    {NULL, 0, NULL, NULL},
};

const struct command command_traffic = {
    .name = "traffic",
    .operands = "[NAME=URL...]",
    .operands_max = -1,
    .summary = "Send simulated card payments to scoring services.",
    .options = options,
    .run = run,
};
