/* stage_history.c: predictions of the past. They go through predict.c, so that what they look like
 * is what the services write; only the times of arrival and the latencies are drawn instead of
 * lived. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/service/payments.h"
#include "core/service/predict.h"
#include "core/service/predlog.h"
#include "core/service/stage_run.h"

enum { REFERENCE_ROWS = 15000, FLUSH = 1 << 18, REFERENCE_STREAM = 0, HISTORY_STREAM = 1 };
static const double reference_days = 30;

/* Scores payments as a service would. */
struct scorer {
	struct model *model;
	struct served served;
	struct metrics *metrics;
	struct payments *payments;
	struct rng rng;
	struct buf request, answer;
};

static bool
open_scorer(struct scorer *scorer, const struct stage_run *run, uint64_t stream, struct err *err)
{
	const char *metadata;
	*scorer = (struct scorer){.model = stage_model("12", &metadata, err)};
	if (scorer->model == NULL)
		return false;
	scorer->served = (struct served){.model = scorer->model,
	    .name = STAGE_MODEL,
	    .version = "12",
	    .threshold = model_threshold(scorer->model)};
	scorer->metrics = metrics_new();
	scorer->payments = payments_new(run->options.seed, stream);
	rng_seed(&scorer->rng, run->options.seed, 200 + stream);
	return true;
}

static void
close_scorer(struct scorer *scorer)
{
	model_free(scorer->model);
	metrics_free(scorer->metrics);
	payments_free(scorer->payments);
	buf_free(&scorer->request);
	buf_free(&scorer->answer);
}

/* Appends one line to `log`. */
static void
score_next(struct scorer *scorer, const char *service, size_t place, wall_us ts,
    struct payment *payment, struct buf *log)
{
	double ms = 0.2 + scenario_delay_ms(SCENARIO_CALM, 0, place, &scorer->rng);
	payments_next(scorer->payments, payment);
	buf_clear(&scorer->request);
	buf_clear(&scorer->answer);
	payment_write_request(payment, ts, &scorer->request);
	struct predict predict = {.served = &scorer->served,
	    .service = service,
	    .metrics = scorer->metrics,
	    .now = ts,
	    .began = clock_mono() - (mono_us)(ms * 1000)};
	if (predict_one(&predict, scorer->request.data, scorer->request.length, &scorer->answer,
		log) != 200)
		mem_die("the demo's model refuses its own payments: %s", scorer->answer.data);
}

bool
stage_write_reference(struct stage_run *run, const char *path, struct err *err)
{
	struct scorer scorer;
	struct buf log = {0};
	wall_us end = clock_wall() - CLOCK_DAY;
	wall_us step = (wall_us)(reference_days * (double)CLOCK_DAY / REFERENCE_ROWS);
	if (!open_scorer(&scorer, run, REFERENCE_STREAM, err))
		return false;
	for (int i = 0; i < REFERENCE_ROWS; i++) {
		struct payment payment;
		const int place = i % STAGE_SERVICES;
		score_next(&scorer, run->services[place].name, (size_t)place,
		    end - (REFERENCE_ROWS - i) * step, &payment, &log);
		log.length -= strlen("}\n"); /* a reference is old: its labels are in */
		buf_printf(&log, ",\"label\":%d}\n", payment.label);
	}
	bool good = buf_write_file(path, log.data, log.length, 0600, err);
	close_scorer(&scorer);
	buf_free(&log);
	return good;
}

struct history {
	struct stage_run *run;
	struct scorer scorer;
	struct predlog *logs[STAGE_SERVICES];
	struct buf lines[STAGE_SERVICES];
	unsigned count[STAGE_SERVICES];
	wall_us due[STAGE_SERVICES];
};

static bool
flush_lines(struct history *history, int place, size_t least)
{
	struct buf *lines = &history->lines[place];
	if (lines->length <= least)
		return true;
	bool good =
	    predlog_append(history->logs[place], lines->data, lines->length, history->count[place]);
	buf_clear(lines);
	history->count[place] = 0;
	return good;
}

static void
write_one(struct history *history, int place)
{
	struct stage_run *run = history->run;
	struct rng *rng = &history->scorer.rng;
	struct payment payment;
	wall_us ts = history->due[place];
	score_next(&history->scorer, run->services[place].name, (size_t)place, ts, &payment,
	    &history->lines[place]);
	history->count[place]++;
	double delay_us = rng_exponential(rng, stage_label_delay_s(run) * 1e6);
	labels_add(run->labels, ts + (wall_us)delay_us, payment.request_id, payment.label);
	history->due[place] += 1 + (wall_us)rng_exponential(rng, 1e6 / run->options.rate);
}

static int
first_due(const struct history *history)
{
	int first = 0;
	for (int i = 1; i < STAGE_SERVICES; i++) {
		if (history->due[i] < history->due[first])
			first = i;
	}
	return first;
}

bool
stage_write_history(struct stage_run *run, struct err *err)
{
	struct history history = {.run = run};
	bool good = open_scorer(&history.scorer, run, HISTORY_STREAM, err);
	wall_us begin = clock_wall() - (wall_us)(run->options.history_s * 1e6);
	for (int i = 0; good && i < STAGE_SERVICES; i++) {
		char *path = stage_path(run, run->services[i].log);
		history.logs[i] = predlog_open(path, err);
		history.due[i] = begin;
		good = history.logs[i] != NULL;
		free(path);
	}
	/* Writing takes a second or two: it goes on until it has caught up with the clock. */
	for (int place = first_due(&history); good && history.due[place] < clock_wall();
	     place = first_due(&history)) {
		write_one(&history, place);
		good = flush_lines(&history, place, FLUSH) ||
		       err_set(err, ERR_IO, "%s: the history could not be written", run->folder);
	}
	for (int i = 0; i < STAGE_SERVICES; i++) {
		if (good && !flush_lines(&history, i, 0))
			good = err_set(
			    err, ERR_IO, "%s: the history could not be written", run->folder);
		predlog_close(history.logs[i]);
		buf_free(&history.lines[i]);
	}
	if (history.scorer.model != NULL)
		close_scorer(&history.scorer);
	labels_write_due(run->labels, clock_wall(), run->feed);
	return good;
}
