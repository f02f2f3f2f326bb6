#include "tests/support/batch/random_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

static bool
chance(struct rng *rng, unsigned of_thousand)
{
	return rng_uniform(rng) * 1000 < of_thousand;
}

size_t
log_below(struct rng *rng, size_t n)
{
	return (size_t)(rng_uniform(rng) * (double)n);
}

static struct feature_value
number(const char *name, double value)
{
	return (struct feature_value){.name = name,
	    .kind = isnan(value) ? VALUE_MISSING : VALUE_NUMBER,
	    .number = value,
	    .text = ""};
}

static struct feature_value
word(const char *name, const char *text)
{
	return (struct feature_value){
	    .name = name, .kind = VALUE_TEXT, .number = NAN, .text = text};
}

static void
make_features(struct event *event, const struct kind *kind, struct rng *rng, size_t i)
{
	struct feature_value *features = event->features;
	size_t count = 0;
	snprintf(event->words[0], sizeof(event->words[0]), "w%zu",
	    chance(rng, kind->unseen) ? 1000 + i % 37 : log_below(rng, WORDS));
	snprintf(event->words[1], sizeof(event->words[1]), "k%zu", log_below(rng, 5));
	if (!chance(rng, kind->lacking))
		features[count++] = number("amount", rng_lognormal(rng, 50, 1));
	if (!chance(rng, kind->lacking))
		features[count++] = number("age", floor(20 + 60 * rng_uniform(rng)));
	if (!chance(rng, kind->lacking))
		features[count++] = word("merchant", event->words[0]);
	features[count++] = kind->mixed && chance(rng, 100)
				? number("kind", (double)log_below(rng, 3))
				: word("kind", event->words[1]);
	if (i > kind->count / 3) /* one that comes only later */
		features[count++] = number("later", rng_normal(rng));
	features[count++] = number("nothing", i == kind->count / 2 ? 1 : NAN);
	if (kind->mixed && chance(rng, 100)) {
		struct feature_value first = features[0];
		features[0] = features[1];
		features[1] = first;
	}
	if (kind->mixed && chance(rng, 20))
		features[0].number = chance(rng, 500) ? INFINITY : -1e300;
	event->prediction.features = features;
	event->prediction.features_count = count;
}

static void
make_prediction(struct event *event, const struct kind *kind, struct rng *rng, size_t i, wall_us ts)
{
	static const char *const versions[] = {"1", "2", "3"};
	static const char *const services[] = {"eu", "us", ""};
	static const char *const segments[] = {"retail", "travel", ""};
	if (chance(rng, kind->late))
		ts -= (wall_us)(rng_uniform(rng) * 5 * CLOCK_HOUR);
	if (chance(rng, kind->ahead))
		ts += 30 * CLOCK_DAY;
	bool failed = chance(rng, 10);
	size_t version = i * kind->versions / kind->count; /* they appear one after the other */
	if (version > 0 && chance(rng, 300))
		version--;
	size_t id = i > 100 && chance(rng, kind->twice) ? i - log_below(rng, 100) : i;
	snprintf(event->id, sizeof(event->id), "id-%zu", id);
	double score = failed ? NAN : 1 / (1 + exp(3 - 2 * rng_normal(rng)));
	event->prediction = (struct prediction){.ts = ts,
	    .request_id = chance(rng, 5) ? "" : event->id,
	    .service = services[log_below(rng, kind->services)],
	    .model = "m",
	    .version = versions[version],
	    .segment = segments[log_below(rng, 3)],
	    .score = score,
	    .threshold = chance(rng, 20) ? NAN : 0.5,
	    .decision = failed || chance(rng, 20) ? -1 : score >= 0.5,
	    .latency_ms = chance(rng, 20) ? NAN : rng_lognormal(rng, 12, 0.5),
	    .status = failed ? (chance(rng, 500) ? 503 : 422) : 200,
	    .label = chance(rng, 10) ? chance(rng, 500) : -1};
	make_features(event, kind, rng, i);
	if (!kind->attributions)
		return;
	event->attributions[0] = number("amount", rng_normal(rng));
	event->attributions[1] = number("age", rng_normal(rng));
	event->prediction.attributions = event->attributions;
	event->prediction.attributions_count = 2;
}

struct log
log_make(const struct kind *kind, uint64_t seed)
{
	struct log log = {mem_alloc(kind->count * sizeof(*log.events)), kind->count};
	struct rng rng;
	rng_seed(&rng, seed, 7);
	wall_us ts = START;
	for (size_t i = 0; i < log.count; i++) {
		struct event *event = &log.events[i];
		ts += (wall_us)rng_exponential(&rng, kind->step_s * (double)CLOCK_SECOND);
		event->labels = chance(&rng, kind->labels);
		if (!event->labels) {
			make_prediction(event, kind, &rng, i, ts);
			continue;
		}
		/* Some before their prediction, some twice, some of none. */
		snprintf(event->id, sizeof(event->id), "id-%zu", log_below(&rng, i + i / 10 + 1));
		event->label = (struct label){.ts = chance(&rng, 100) ? 0 : ts,
		    .request_id = event->id,
		    .value = chance(&rng, 200)};
	}
	return log;
}
