/* probe.c: `fraudtop probe`: what a log is, the mapping to paste into the configuration, and its
 * first records as they were understood, or why not. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/config.h"
#include "core/format/probe.h"
#include "tui/command.h"
#include "tui/commands/targets.h"
#include "tui/json_ingest.h"

enum { SHOWN = 3, FEATURES_SHOWN = 8, PLACES_SHOWN = 40 };

struct probing {
	const char *path;
	char name[512]; /* the path, clean */
	struct config *config;
	struct probe_tries tries;
	struct mapping *mapping;
	bool labels;
	struct probe_counts counts;
	size_t shown;
	struct buf records; /* the first ones, as text or as JSON */
	struct jsonw json; /* into them */
	bool as_json;
};

/* --- one record --- */

static void
show_features(struct buf *out, const struct prediction *prediction)
{
	char number[32];
	for (size_t i = 0; i < prediction->features_count && i < FEATURES_SHOWN; i++) {
		const struct feature_value *value = &prediction->features[i];
		buf_printf(out, "%s%.64s=", i > 0 ? " " : "      ", value->name);
		if (value->kind == VALUE_NUMBER)
			buf_puts(out, jsonw_format_double(number, sizeof(number), value->number));
		else
			buf_printf(
			    out, "%.64s", value->kind == VALUE_TEXT ? value->text : "(missing)");
	}
	if (prediction->features_count > FEATURES_SHOWN)
		buf_printf(out, " and %zu more", prediction->features_count - FEATURES_SHOWN);
	buf_puts(out, prediction->features_count > 0 ? "\n" : "      no features\n");
}

static void
show_text(struct buf *out, const char *name, const char *text)
{
	if (*text != '\0')
		buf_printf(out, "  %s %.80s", name, text);
}

static void
show_number(struct buf *out, const char *name, double number)
{
	char text[32];
	if (!isnan(number))
		buf_printf(out, "  %s %s", name, jsonw_format_double(text, sizeof(text), number));
}

static void
show_prediction(struct buf *out, const struct prediction *prediction)
{
	char time[32];
	buf_printf(out, "    %s", clock_format(time, sizeof(time), prediction->ts));
	show_text(out, "id", prediction->request_id);
	show_text(out, "service", prediction->service);
	show_text(out, "model", prediction->model);
	show_text(out, "version", prediction->version);
	show_text(out, "segment", prediction->segment);
	show_number(out, "score", prediction->score);
	show_number(out, "threshold", prediction->threshold);
	if (prediction->decision >= 0)
		buf_printf(out, "  %s", prediction->decision ? "flagged" : "not flagged");
	show_number(out, "latency_ms", prediction->latency_ms);
	if (prediction->status > 0)
		buf_printf(out, "  status %d", prediction->status);
	if (prediction->label >= 0)
		buf_printf(out, "  label %d", prediction->label);
	buf_puts(out, "\n");
	show_features(out, prediction);
}

static void
json_features(struct jsonw *json, const struct prediction *prediction)
{
	jsonw_open_object(json, "features");
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *value = &prediction->features[i];
		if (value->kind == VALUE_TEXT)
			jsonw_string(json, value->name, value->text);
		else
			jsonw_number(json, value->name, value->number);
	}
	jsonw_close_object(json);
}

static void
json_flag(struct jsonw *json, const char *name, int flag)
{
	if (flag >= 0)
		jsonw_int(json, name, flag);
	else
		jsonw_null(json, name);
}

static void
json_prediction(struct jsonw *json, const struct prediction *prediction)
{
	jsonw_open_object(json, NULL);
	jsonw_time(json, "ts", prediction->ts);
	jsonw_string(json, "request_id", prediction->request_id);
	jsonw_string(json, "service", prediction->service);
	jsonw_string(json, "model", prediction->model);
	jsonw_string(json, "version", prediction->version);
	jsonw_string(json, "segment", prediction->segment);
	jsonw_number(json, "score", prediction->score);
	jsonw_number(json, "threshold", prediction->threshold);
	json_flag(json, "decision", prediction->decision);
	jsonw_number(json, "latency_ms", prediction->latency_ms);
	jsonw_int(json, "status", prediction->status);
	json_flag(json, "label", prediction->label);
	json_features(json, prediction);
	jsonw_close_object(json);
}

static void
take_label(struct probing *it, const struct label *label)
{
	char time[32];
	if (it->as_json) {
		jsonw_open_object(&it->json, NULL);
		jsonw_time(&it->json, "ts", label->ts);
		jsonw_string(&it->json, "request_id", label->request_id);
		jsonw_int(&it->json, "label", label->value);
		jsonw_close_object(&it->json);
	} else {
		buf_printf(&it->records, "    %s  id %.80s  label %d\n",
		    label->ts != 0 ? clock_format(time, sizeof(time), label->ts) : "no time",
		    label->request_id, label->value);
	}
}

static void
take_record(enum decoded step, const struct decoded_record *record, void *context)
{
	struct probing *it = context;
	if (step == DECODED_REFUSED || it->shown == SHOWN)
		return;
	it->shown++;
	if (step == DECODED_LABEL)
		take_label(it, &record->label);
	else if (it->as_json)
		json_prediction(&it->json, &record->prediction);
	else
		show_prediction(&it->records, &record->prediction);
}

/* --- the answer --- */

static void
print_refusal(const struct refusal *refusal)
{
	printf("    line %" PRIu64 ", byte %" PRIu64 ": %s\n      %s\n", refusal->line,
	    refusal->offset, refusal->reason, refusal->text);
}

static void
print_refusals(const struct probing *it)
{
	const struct refusals *refusals = &it->counts.refusals;
	if (refusals->count == 0)
		return;
	printf("refused:\n");
	print_refusal(&refusals->first);
	bool turned =
	    refusals->sample_count > 1 && refusals->sample[1].offset < refusals->sample[0].offset;
	for (size_t i = 0; i < refusals->sample_count && i < 2; i++)
		print_refusal(&refusals->sample[turned ? 1 - i : i]);
	if (refusals->count > 1)
		print_refusal(&refusals->last);
}

static void
print_places(const struct probing *it)
{
	struct buf places = {0};
	probe_places(it->path, mapping_frame(it->mapping), PLACES_SHOWN, &places, NULL);
	if (places.length > 0)
		printf("its first record has\n");
	for (const char *line = places.data; line != NULL && *line != '\0';) {
		size_t length = strcspn(line, "\n");
		printf("    %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
	buf_free(&places);
}

/* How the words for labels and decisions were taken, and those that say nothing. */
static void
print_words(const struct flags *flags)
{
	for (size_t i = 0; i < flags->own_count; i++)
		if (flags->met_own >> i & 1)
			printf("    the word `%s` is %d\n", flags->own[i].word.text,
			    flags->own[i].word.positive);
	for (size_t i = 0; i < flagwords_common_count; i++)
		if (flags->met_common >> i & 1)
			printf("    the word `%s` is %d\n", flagwords_common[i].text,
			    flagwords_common[i].positive);
	for (size_t i = 0; i < flags->unknown_count; i++)
		printf(
		    "    the word `%s` says nothing: put it into `positive` or `negative` below\n",
		    flags->unknown[i]);
}

/* What of its lines the records are; "": all, or what the mapping itself says. */
static const char *
inside_of(const struct probing *it)
{
	return it->tries.count > 0 ? it->tries.list[it->tries.best].inside : "";
}

static uint64_t
understood(const struct probing *it)
{
	return it->counts.predictions + it->counts.labels;
}

/* What the file is instead of a log, where nobody says what it is. */
static const char *
looks_of(const struct probing *it)
{
	return understood(it) == 0 && it->tries.count > 0 ? probe_looks(it->path) : NULL;
}

static void
print_text(const struct probing *it)
{
	const struct probe_counts *counts = &it->counts;
	struct buf yaml = {0};
	char n[4][32];
	const char *looks = looks_of(it);
	const char *inside = inside_of(it);
	printf("%s: %s%s%s%s\n", it->name, looks != NULL ? looks : mapping_name(it->mapping),
	    it->labels && looks == NULL ? ", labels" : "",
	    *inside != '\0' ? ", inside the lines: " : "", inside);
	if (looks != NULL)
		return;
	printf("    %s predictions, %s labels, %s refused, of them %s cut short\n",
	    text_grouped(n[0], (double)counts->predictions),
	    text_grouped(n[1], (double)counts->labels),
	    text_grouped(n[2], (double)counts->refusals.count),
	    text_grouped(n[3], (double)counts->refusals.cut));
	if (counts->waiting + counts->orphans > 0)
		printf("    %s requests or responses without their other half\n",
		    text_grouped(n[0], (double)(counts->waiting + counts->orphans)));
	if (counts->too_long > 0)
		printf("    %s records longer than 1 MiB passed over\n",
		    text_grouped(n[0], (double)counts->too_long));
	print_words(&counts->flags);
	if (it->records.length > 0)
		printf("first records as understood:\n%s", it->records.data);
	print_refusals(it);
	if (understood(it) == 0 && counts->refusals.count + counts->waiting + counts->orphans == 0)
		printf("nothing is in it that could be a record\n");
	if (understood(it) == 0)
		print_places(it);
	mapping_print(it->mapping, &it->counts.flags, &yaml);
	bool mine = *inside != '\0' || (mapping_frame(it->mapping) > FRAME_CSV &&
					   strcmp(mapping_name(it->mapping), "csv") == 0);
	printf("# for the configuration: `format: %s` of a service, or change what differs of\n%s",
	    mine ? "mine" : mapping_name(it->mapping), yaml.data);
	buf_free(&yaml);
}

static void
json_words(struct jsonw *json, const struct flags *flags)
{
	jsonw_open_object(json, "words");
	for (size_t i = 0; i < flags->own_count; i++)
		if (flags->met_own >> i & 1)
			jsonw_int(json, flags->own[i].word.text, flags->own[i].word.positive);
	for (size_t i = 0; i < flagwords_common_count; i++)
		if (flags->met_common >> i & 1)
			jsonw_int(json, flagwords_common[i].text, flagwords_common[i].positive);
	for (size_t i = 0; i < flags->unknown_count; i++)
		jsonw_null(json, flags->unknown[i]);
	jsonw_close_object(json);
}

static void
json_tries(struct jsonw *json, const struct probe_tries *tries)
{
	jsonw_open_array(json, "tried");
	for (size_t i = 0; i < tries->count; i++) {
		const struct probe_try *try = &tries->list[i];
		jsonw_open_object(json, NULL);
		jsonw_string(json, "format", try->format);
		jsonw_string(json, "inside", try->inside);
		jsonw_bool(json, "labels", try->labels);
		jsonw_int(
		    json, "understood", (int64_t)(try->counts.predictions + try->counts.labels));
		jsonw_int(json, "refused", (int64_t)try->counts.refusals.count);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
}

static void
print_json(struct probing *it)
{
	const struct probe_counts *counts = &it->counts;
	struct buf out = {0}, yaml = {0};
	struct jsonw json = {.out = &out, .pretty = true};
	mapping_print(it->mapping, &it->counts.flags, &yaml);
	jsonw_close_array(&it->json);
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop.probe/1");
	jsonw_string(&json, "file", it->name);
	jsonw_string(&json, "format", mapping_name(it->mapping));
	jsonw_string(&json, "inside", inside_of(it));
	if (looks_of(it) != NULL)
		jsonw_string(&json, "looks", looks_of(it));
	jsonw_int(&json, "predictions", (int64_t)counts->predictions);
	jsonw_int(&json, "labels", (int64_t)counts->labels);
	jsonw_int(&json, "refused", (int64_t)counts->refusals.count);
	jsonw_int(&json, "cut", (int64_t)counts->refusals.cut);
	jsonw_int(&json, "waiting", (int64_t)counts->waiting);
	jsonw_int(&json, "orphans", (int64_t)counts->orphans);
	jsonw_int(&json, "too_long", (int64_t)counts->too_long);
	jsonw_raw(&json, "records", it->records.data);
	if (counts->refusals.count > 0) {
		json_refusal(&json, "first_refused", &counts->refusals.first);
		json_refusal(&json, "last_refused", &counts->refusals.last);
	}
	json_words(&json, &counts->flags);
	json_tries(&json, &it->tries);
	jsonw_string(&json, "mapping", yaml.data);
	jsonw_close_object(&json);
	printf("%s\n", out.data);
	buf_free(&out);
	buf_free(&yaml);
}

/* --- the command --- */

static bool
choose(struct probing *it, const char *format, struct err *err)
{
	if (format == NULL) {
		if (!probe_guess(it->path, it->config, &it->tries, err))
			return false;
		format = it->tries.list[it->tries.best].format;
		it->labels = it->labels || it->tries.list[it->tries.best].labels;
	}
	it->mapping = it->tries.count > 0 ? probe_mapping(it->path, it->config, format, err)
					  : mapping_new(it->config, format, err);
	const char *inside = inside_of(it);
	if (it->mapping == NULL)
		err->code = ERR_USAGE;
	return it->mapping != NULL &&
	       (*inside == '\0' || mapping_put_inside(it->mapping, inside, err));
}

static int
run(const struct args *args)
{
	struct probing it = {.path = args_operand(args, 0),
	    .labels = args_flag(args, "labels"),
	    .as_json = args_flag(args, "json")};
	struct err err;
	text_scrub(it.name, sizeof(it.name), it.path, strlen(it.path));
	it.json = (struct jsonw){.out = &it.records};
	it.config = targets_config(args, &err);
	if (it.as_json)
		jsonw_open_array(&it.json, NULL);
	bool done =
	    it.config != NULL && choose(&it, args_option(args, "format"), &err) &&
	    probe_read(it.path, it.mapping, it.labels, 0, &it.counts, take_record, &it, &err);
	if (done && it.as_json)
		print_json(&it);
	else if (done)
		print_text(&it);
	bool found = understood(&it) > 0;
	mapping_free(it.mapping);
	probe_tries_free(&it.tries);
	config_free(it.config);
	buf_free(&it.records);
	if (!done)
		return command_fail(&err);
	return found ? 0 : ERR_DATA;
}

const struct command command_probe = {
    .name = "probe",
    .operands = "FILE",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "Look at a log: what format it has, and how it is understood.",
    .description =
	"Tries every preset (and every mapping of the configuration) on the beginning of the\n"
	"file, takes the one that understands most of it, reads the whole file by it, and prints\n"
	"what it counted, the first records as it understood them, and those it refused, with\n"
	"place and reason. At the end stands the mapping as the configuration would have it, to "
	"be\n"
	"pasted and changed. Where nothing understands a line it looks inside: at what docker,\n"
	"journald, Kubernetes or a logger put around the record. Of a file that nothing "
	"understands\n"
	"even so it shows what stands in its first record, and the preset that it looks like, or\n"
	"what it is instead of a log.\n"
	"\n"
	"The file may be packed with gzip or zstd. It is read more than once, so it must be a "
	"plain\n"
	"file. docs/formats.md tells of the presets and of mappings.\n"
	"\n"
	"Exit codes: 0 if at least one record was understood, 65 if none was.",
    .examples =
	(const char *const[]){
	    "fraudtop probe /var/log/fraud/eu.jsonl",
	    "fraudtop probe --format csv scores.csv.gz",
	    "fraudtop probe --json capture.jsonl | jq -r .mapping",
	    NULL,
	},
    .options =
	(const struct command_option[]){
	    {"format", 'f', "NAME", "a preset, or a mapping of the configuration: no guess"},
	    {"labels", 0, NULL, "it is a label feed"},
	    {"json", 0, NULL, "print one JSON object"},
	    {"config", 'c', "FILE", "the configuration"},
	    {0},
	},
    .run = run,
};
