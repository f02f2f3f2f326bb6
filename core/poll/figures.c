/* figures.c: from an answer to a scrape, and from two scrapes to the figures of a service. Whatever
 * is wrong with an answer leaves them unknown, and the scrape before as it was. */
#include "core/poll/figures.h"

#include <math.h>
#include <stdio.h>

#include "core/base/text.h"
#include "core/poll/answer.h"
#include "core/poll/exposition.h"
#include "core/poll/scrape.h"

void
figures_free(struct figures *figures)
{
	form_free(&figures->form);
	scrape_free(figures->last);
	scrape_free(figures->spare);
	*figures = (struct figures){0};
}

/* --- the figures --- */
void
figures_unknown(struct poll_state *state)
{
	state->metrics_known = false;
	state->rps = state->error_rate = state->rejected_rate = NAN;
	state->p50_ms = state->p90_ms = state->p95_ms = state->p99_ms = NAN;
	state->requests = 0;
}

/* A service can count in numbers that no sum holds: then nothing is known. */
static double
finite_or_nan(double value)
{
	return isfinite(value) ? value : NAN;
}

static void
set_rates(struct poll_state *state, const struct scrape_rates *rates)
{
	state->metrics_known = true;
	state->rps = finite_or_nan(rates->rps);
	state->error_rate = rates->error_rate;
	state->rejected_rate = rates->rejected_rate;
	state->requests = rates->requests < 0x1p63 ? (uint64_t)(rates->requests + 0.5) : 0;
	if (!rates->quantiles)
		return; /* nothing new: they are still those of the last requests */
	state->p50_ms = finite_or_nan(rates->p50_ms);
	state->p90_ms = finite_or_nan(rates->p90_ms);
	state->p95_ms = finite_or_nan(rates->p95_ms);
	state->p99_ms = finite_or_nan(rates->p99_ms);
}

static void
take_scrape(struct figures *figures, struct scrape *scrape, struct poll_state *state)
{
	struct scrape_rates rates;
	state->metrics_reason[0] = '\0';
	if (scrape_is_empty(scrape)) {
		figures_unknown(state);
		text_copy(state->metrics_reason, sizeof(state->metrics_reason),
		    "no request counter or latency histogram of a known name");
	} else if (figures->last != NULL) {
		scrape_compare(figures->last, scrape, &rates);
		set_rates(state, &rates);
	}
	scrape_free(figures->spare);
	figures->spare = figures->last;
	figures->last = scrape;
}

static void
name_native(const struct figures *figures, const char *other, struct poll_state *state)
{
	const char *native = scrape_native(figures->last);
	if (native == NULL)
		native = other;
	if (native[0] != '\0' && isnan(state->p50_ms))
		snprintf(state->metrics_reason, sizeof(state->metrics_reason),
		    "%s is a native histogram, which is not read", native);
}

/* --- an answer --- */
/* Its format; false with the reason if there is nothing in it to be read. */
static bool
check_answer(const struct http_answer *answer, enum exposition_format *format, struct err *err)
{
	if (answer->status == 0)
		return err_set(err, ERR_DATA, "%s", answer->reason);
	if (answer->status == 404)
		return err_set(err, ERR_DATA, "the service has no /metrics (HTTP 404)");
	if (answer->status < 200 || answer->status > 299) {
		char why[512];
		answer_explain(answer, "/metrics", why, sizeof(why));
		return err_set(err, ERR_DATA, "%s", why);
	}
	if (answer_is_html(answer))
		return err_set(err, ERR_DATA, "an HTML page instead of metrics");
	if (answer->cut)
		return err_set(
		    err, ERR_DATA, "/metrics is longer than %zu MiB", FIGURES_MAX_BYTES >> 20);
	return exposition_format_of(answer->content_type, format, err);
}

static bool
compare(struct figures *figures, const struct http_answer *answer, enum exposition_format format,
    mono_us at, struct poll_state *state)
{
	if (!form_match(&figures->form, answer->body, answer->body_length, format))
		return false;
	struct scrape *again =
	    scrape_again(figures->last, figures->spare, figures->form.values, at);
	if (again == NULL)
		return false;
	figures->spare = NULL;
	take_scrape(figures, again, state);
	name_native(figures, "", state);
	return true;
}

static bool
read_in_full(struct figures *figures, const struct http_answer *answer,
    enum exposition_format format, mono_us at, struct poll_state *state, struct err *err)
{
	struct exposition *exposition = exposition_parse(
	    answer->body, answer->body_length, format, scrape_wants, &figures->form, err);
	if (exposition == NULL)
		return false;
	take_scrape(figures, scrape_new(exposition, at), state);
	name_native(figures, exposition_native(exposition), state);
	exposition_free(exposition);
	return true;
}

bool
figures_take(struct figures *figures, const struct http_answer *answer, struct poll_state *state)
{
	struct err err = {0};
	enum exposition_format format;
	/* The counters were read somewhere between the question and the answer. */
	mono_us at = clock_mono() - answer->round_trip_us / 2;
	if (check_answer(answer, &format, &err) &&
	    (compare(figures, answer, format, at, state) ||
		read_in_full(figures, answer, format, at, state, &err)))
		return true;
	figures_unknown(state);
	text_copy(state->metrics_reason, sizeof(state->metrics_reason), err.text);
	return false;
}
