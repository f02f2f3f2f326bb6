/* streams.c: detectors of change. Where they detect is exact, whatever the tolerance. */
#include <stdio.h>
#include <stdlib.h>

#include "core/stats/adwin.h"
#include "core/stats/ddm.h"
#include "core/stats/page_hinkley.h"
#include "tests/support/vectors/vectors.h"

static struct adwin_options
read_options(struct vector *v)
{
	struct adwin_options options = adwin_defaults();
	options.delta = vector_param_number(v, "delta", options.delta);
	options.clock = (unsigned)vector_param_number(v, "clock", options.clock);
	options.max_buckets = (unsigned)vector_param_number(v, "max_buckets", options.max_buckets);
	options.min_window =
	    (unsigned)vector_param_number(v, "min_window_length", options.min_window);
	options.grace = (unsigned)vector_param_number(v, "grace_period", options.grace);
	return options;
}

static void
check_adwin(struct vector *v, const struct sample *stream, const struct adwin_options *options)
{
	struct adwin *adwin = adwin_new(options);
	struct sample detections = {0};
	char key[64];
	for (size_t i = 0; i < stream->count; i++) {
		if (adwin_add(adwin, stream->values[i]))
			sample_add(&detections, (double)i);
	}
	snprintf(key, sizeof(key), "detections%s%s", options->legacy_scan ? "_legacy_scan" : "",
	    options->keep ? "_noreset" : "");
	vector_check_exact(v, key, detections.values, detections.count);
	if (!options->legacy_scan && !options->keep) {
		double width = (double)adwin_width(adwin);
		bool empty = adwin_width(adwin) == 0;
		vector_check(v, "final_width", width);
		vector_check(v, "final_total", empty ? 0 : adwin_mean(adwin) * width);
		vector_check(v, "final_variance_sum", empty ? 0 : adwin_variance(adwin) * width);
	}
	adwin_free(adwin);
	free(detections.values);
}

static void
run_adwin(struct vector *v)
{
	struct sample stream = sample_input(v, "stream");
	struct adwin_options options = read_options(v);
	for (int i = 0; i < 4; i++) {
		options.legacy_scan = i & 1;
		options.keep = i & 2;
		check_adwin(v, &stream, &options);
	}
	free(stream.values);
}

static void
run_ddm(struct vector *v)
{
	struct sample stream = sample_input(v, "stream"), drift = {0}, warnings = {0};
	struct ddm ddm = ddm_defaults();
	enum ddm_state before = DDM_CALM;
	ddm.warm_start = (uint64_t)vector_param_number(v, "warm_start", (double)ddm.warm_start);
	ddm.warning = vector_param_number(v, "warning_threshold", ddm.warning);
	ddm.drift = vector_param_number(v, "drift_threshold", ddm.drift);
	for (size_t i = 0; i < stream.count; i++) {
		enum ddm_state state = ddm_add(&ddm, stream.values[i] != 0);
		if (state != DDM_CALM && before == DDM_CALM)
			sample_add(&warnings, (double)i);
		if (state == DDM_DRIFT)
			sample_add(&drift, (double)i);
		before = state;
	}
	vector_check_exact(v, "drift", drift.values, drift.count);
	vector_check_exact(v, "warning_entries", warnings.values, warnings.count);
	free(stream.values);
	free(drift.values);
	free(warnings.values);
}

static void
run_page_hinkley(struct vector *v)
{
	static const struct form {
		const char *key;
		enum page_hinkley_mode mode;
	} forms[] = {{"two_sided", PAGE_HINKLEY_BOTH}, {"up_only", PAGE_HINKLEY_UP},
	    {"down_only", PAGE_HINKLEY_DOWN}, {"one_sided_clamped", PAGE_HINKLEY_CLAMPED}};
	struct sample stream = sample_input(v, "stream");
	struct page_hinkley start = page_hinkley_defaults();
	start.least = (uint64_t)vector_param_number(v, "min_instances", (double)start.least);
	start.delta = vector_param_number(v, "delta", start.delta);
	start.threshold = vector_param_number(v, "threshold", start.threshold);
	start.alpha = vector_param_number(v, "alpha", start.alpha);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct page_hinkley detector = start;
		struct sample detections = {0};
		detector.mode = forms[i].mode;
		for (size_t j = 0; j < stream.count; j++) {
			if (page_hinkley_add(&detector, stream.values[j]) != CHANGE_NONE)
				sample_add(&detections, (double)j);
		}
		vector_check_exact(v, forms[i].key, detections.values, detections.count);
		free(detections.values);
	}
	free(stream.values);
}

const struct vector_metric vectors_of_streams[] = {
    {"adwin", run_adwin},
    {"adwin_noreset", run_adwin},
    {"ddm", run_ddm},
    {"page_hinkley", run_page_hinkley},
    {NULL, NULL},
};
