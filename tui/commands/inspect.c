/* inspect.c: `fraudtop inspect`, what a model's file holds and whether what stands beside it fits:
 * a page for people, or JSON. Metadata that do not fit are shown as such beside a model that by
 * itself is sound. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/explain.h"
#include "core/model/facts.h"
#include "core/model/metadata.h"
#include "tui/command.h"
#include "tui/entry.h"

enum { CHECKS = 3, INPUTS_SHOWN = 60 };

enum verdict { CHECK_NONE, CHECK_GOOD, CHECK_BAD };

struct check {
	const char *name;
	enum verdict verdict;
	char text[512];
};

struct inspection {
	const char *path;
	char shown[512]; /* the path, clean */
	struct model *model;
	struct model_facts facts;
	bool *used; /* one an input */
	char sha256[HASH_HEX_SIZE];
	double base; /* NaN: not explainable */
	struct err unexplained;
	struct err refused; /* the metadata */
	struct check checks[CHECKS];
	size_t checks_count;
};

/* --- looking --- */

/* The model with its metadata; where they are refused, without them, and why. */
static bool
load(struct inspection *it, struct err *err)
{
	struct buf text = {0};
	it->model = model_load(it->path, &it->refused);
	bool done = buf_read_file(&text, it->path, MODEL_BYTES_MAX, err);
	if (done && text.length > 0) /* a pipe is empty the second time */
		hash_sha256(text.data, text.length, it->sha256);
	if (done && it->model == NULL)
		it->model = model_parse(text.data, text.length, it->path, err);
	buf_free(&text);
	return done && it->model != NULL;
}

static void
explain(struct inspection *it)
{
	struct explainer *explainer = explainer_new(it->model, &it->unexplained);
	it->base = explainer != NULL ? explainer_base(explainer) : (double)NAN;
	explainer_free(explainer);
}

static void add(struct inspection *it, const char *name, enum verdict verdict, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

static void
add(struct inspection *it, const char *name, enum verdict verdict, const char *format, ...)
{
	struct check *check = &it->checks[it->checks_count++];
	va_list args;
	*check = (struct check){.name = name, .verdict = verdict};
	va_start(args, format);
	vsnprintf(check->text, sizeof(check->text), format, args);
	va_end(args);
}

static void
check_artifact(struct inspection *it, const struct model_metadata *metadata)
{
	const char *slash = strrchr(it->shown, '/'), *own = slash != NULL ? slash + 1 : it->shown;
	const char *other = metadata->artifact != NULL ? strrchr(metadata->artifact, '/') : NULL;
	other = other != NULL ? other + 1 : metadata->artifact;
	if (other == NULL)
		add(it, "artifact", CHECK_NONE, "not given");
	else if (strcmp(own, other) == 0)
		add(it, "artifact", CHECK_GOOD, "this file's name");
	else
		add(it, "artifact", CHECK_BAD, "it is of %s, and this is %s", other, own);
}

static void
check_metadata(struct inspection *it)
{
	const struct model_metadata *metadata = model_metadata(it->model);
	if (it->refused.code != ERR_NONE) {
		add(it, "metadata", CHECK_BAD, "%s", it->refused.text);
		return;
	}
	if (metadata->path == NULL)
		return;
	check_artifact(it, metadata);
	if (metadata->sha256_checked)
		add(it, "sha256", CHECK_GOOD, "the file's");
	else
		add(it, "sha256", CHECK_NONE, "not given");
	if (!metadata->features_checked)
		add(it, "features", CHECK_NONE, "not given");
	else if (model_nameless(it->model))
		add(it, "features", CHECK_GOOD, "they name the model's inputs, which have none");
	else
		add(it, "features", CHECK_GOOD, "the model's, in its order");
}

/* --- JSON --- */

static void
json_metadata(struct jsonw *json, const struct inspection *it)
{
	const struct model_metadata *metadata = model_metadata(it->model);
	jsonw_open_object(json, "metadata");
	jsonw_string(json, "path", metadata->path);
	jsonw_string(json, "model", metadata->name);
	jsonw_string(json, "version", metadata->version);
	jsonw_string(json, "trained_at", metadata->trained_at);
	jsonw_number(json, "threshold", metadata->threshold);
	jsonw_string(json, "artifact", metadata->artifact);
	jsonw_string(json, "sha256", metadata->sha256);
	jsonw_string(json, "note", metadata->note);
	jsonw_open_object(json, "metrics");
	for (size_t i = 0; i < metadata->metrics_count; i++)
		jsonw_number(json, metadata->metrics[i].name, metadata->metrics[i].value);
	jsonw_close_object(json);
	jsonw_open_array(json, "checks");
	for (size_t i = 0; i < it->checks_count; i++) {
		const struct check *check = &it->checks[i];
		jsonw_open_object(json, NULL);
		jsonw_string(json, "name", check->name);
		if (check->verdict == CHECK_NONE)
			jsonw_null(json, "ok");
		else
			jsonw_bool(json, "ok", check->verdict == CHECK_GOOD);
		jsonw_string(json, "text", check->text);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	jsonw_close_object(json);
}

static void
json_input(struct jsonw *json, const struct inspection *it, size_t index)
{
	struct model_term term;
	const struct model_note *notes = model_metadata(it->model)->notes;
	const struct model_note *note = notes != NULL ? &notes[index] : NULL;
	jsonw_open_object(json, NULL);
	jsonw_string(json, "name", model_feature(it->model, index));
	jsonw_bool(json, "used", it->used[index]);
	if (model_term(it->model, index, &term)) {
		jsonw_number(json, "weight", term.weight);
		jsonw_number(json, "missing", term.missing);
		jsonw_number(json, "explained_from", term.mean);
	}
	jsonw_string(json, "label", note != NULL ? note->label : NULL);
	jsonw_number(json, "mean", note != NULL ? note->mean : (double)NAN);
	jsonw_number(json, "low", note != NULL ? note->low : (double)NAN);
	jsonw_number(json, "high", note != NULL ? note->high : (double)NAN);
	if (model_categorical(it->model, index)) {
		double code;
		jsonw_open_object(json, "categories");
		for (size_t i = 0; i < model_words(it->model, index); i++) {
			const char *word = model_word(it->model, index, i, &code);
			jsonw_number(json, word, code);
		}
		jsonw_close_object(json);
	}
	jsonw_close_object(json);
}

static void
write_json(const struct inspection *it, struct buf *out)
{
	struct jsonw json = {.out = out};
	const struct model_facts *facts = &it->facts;
	const char *calibration = model_calibration(it->model);
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop.inspect/1");
	jsonw_string(&json, "path", it->path);
	jsonw_string(&json, "sha256", it->sha256[0] != '\0' ? it->sha256 : NULL);
	jsonw_string(&json, "kind", model_kind(it->model));
	jsonw_string(&json, "objective", facts->objective[0] != '\0' ? facts->objective : NULL);
	jsonw_string(&json, "link", facts->link);
	jsonw_string(&json, "calibration", calibration[0] != '\0' ? calibration : NULL);
	jsonw_int(&json, "trees", (int64_t)facts->trees);
	jsonw_int(&json, "trees_used", (int64_t)facts->used);
	jsonw_int(&json, "depth", (int64_t)facts->depth);
	jsonw_int(&json, "leaves", (int64_t)facts->leaves);
	jsonw_int(&json, "splits", (int64_t)facts->splits);
	jsonw_number(&json, "intercept", facts->intercept);
	jsonw_number(&json, "base_value", it->base);
	jsonw_string(&json, "not_explainable", isnan(it->base) ? it->unexplained.text : NULL);
	json_metadata(&json, it);
	jsonw_open_array(&json, "inputs");
	for (size_t i = 0; i < model_features(it->model); i++)
		json_input(&json, it, i);
	jsonw_close_array(&json);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
}

/* --- the page --- */

static void
page_line(struct buf *out, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		buf_printf(out, "  %-12s %s\n", name, text);
}

static void
page_trees(struct buf *out, const struct model_facts *facts)
{
	char count[3][32], text[200];
	if (facts->trees == 0)
		return;
	text_grouped(count[0], (double)facts->used);
	text_grouped(count[1], (double)facts->trees);
	text_grouped(count[2], (double)facts->leaves);
	snprintf(text, sizeof(text), "%s%s%s%s, depth %zu, %s leaves", count[0],
	    facts->used < facts->trees ? " of " : "", facts->used < facts->trees ? count[1] : "",
	    facts->used < facts->trees ? " (up to the best iteration)" : "", facts->depth,
	    count[2]);
	page_line(out, "trees", text);
}

static void
page_model(struct buf *out, const struct inspection *it)
{
	const struct model_facts *facts = &it->facts;
	char text[700];
	buf_printf(out, "%s\n", it->shown);
	snprintf(text, sizeof(text), "%s%s%s, link %s", model_kind(it->model),
	    facts->objective[0] != '\0' ? ", " : "", facts->objective, facts->link);
	if (facts->slope != 1)
		text_append(text, sizeof(text), " (slope %g)", facts->slope);
	page_line(out, "kind", text);
	page_line(out, "calibration", model_calibration(it->model));
	page_trees(out, facts);
	if (facts->inputs_used == model_features(it->model))
		snprintf(text, sizeof(text), "%zu, all used", facts->inputs_used);
	else
		snprintf(text, sizeof(text), "%zu, %zu of them used", model_features(it->model),
		    facts->inputs_used);
	page_line(out, "inputs", text);
	if (!isnan(facts->intercept)) {
		snprintf(text, sizeof(text), "%.6g", facts->intercept);
		page_line(out, "intercept", text);
	}
	if (isnan(it->base))
		snprintf(text, sizeof(text), "not explainable: %s", it->unexplained.text);
	else
		snprintf(
		    text, sizeof(text), "%.6g, the margin that explanations start from", it->base);
	page_line(out, "base value", text);
	page_line(out, "SHA-256", it->sha256);
}

static void
page_metadata(struct buf *out, const struct inspection *it, bool ascii)
{
	static const char *const marks[][2] = {{"-", "-"}, {"✔", "+"}, {"✘", "x"}};
	const struct model_metadata *metadata = model_metadata(it->model);
	char text[300] = "";
	if (metadata->path == NULL && it->checks_count == 0) {
		page_line(out, "metadata", "none beside the file");
		return;
	}
	page_line(out, "metadata", metadata->path);
	for (size_t i = 0; i < it->checks_count; i++) {
		const struct check *check = &it->checks[i];
		buf_printf(out, "  %-12s %s %s: %s\n",
		    i == 0 && metadata->path == NULL ? "metadata" : "",
		    marks[check->verdict][ascii], check->name, check->text);
	}
	page_line(out, "model", metadata->name);
	page_line(out, "version", metadata->version);
	page_line(out, "trained at", metadata->trained_at);
	if (!isnan(metadata->threshold)) {
		snprintf(text, sizeof(text), "%g", metadata->threshold);
		page_line(out, "threshold", text);
	}
	text[0] = '\0';
	for (size_t i = 0; i < metadata->metrics_count; i++)
		text_append(text, sizeof(text), "%s%s %.6g", i > 0 ? ", " : "",
		    metadata->metrics[i].name, metadata->metrics[i].value);
	page_line(out, "metrics", text);
	page_line(out, "note", metadata->note);
}

static void say(char text[160], const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends one more thing that is known, after a comma. */
static void
say(char text[160], const char *format, ...)
{
	char more[160];
	va_list args;
	va_start(args, format);
	vsnprintf(more, sizeof(more), format, args);
	va_end(args);
	text_append(text, 160, "%s%s", text[0] != '\0' ? ", " : "", more);
}

static void
say_words(char text[160], const struct model *model, size_t index)
{
	size_t count = model_words(model, index);
	if (count == 0)
		return;
	say(text, "%zu words:", count);
	for (size_t i = 0; i < count; i++) {
		const char *word = model_word(model, index, i, NULL);
		if (strlen(text) + strlen(word) > 110) {
			text_append(text, 160, " ...");
			break;
		}
		text_append(text, 160, " %s", word);
	}
}

/* What is known of an input, in one line: its use, its weight, its values, its words. */
static void
page_input(struct buf *out, const struct inspection *it, size_t index, int width)
{
	char text[160] = "";
	struct model_term term;
	const struct model_note *notes = model_metadata(it->model)->notes;
	bool linear = model_term(it->model, index, &term);
	double mean = notes != NULL ? notes[index].mean : (double)NAN;
	if (isnan(mean) && linear && term.mean != 0)
		mean = term.mean;
	if (!it->used[index])
		say(text, "not used");
	else if (linear)
		say(text, "weight %.6g, missing is %.6g", term.weight, term.missing);
	if (notes != NULL && notes[index].label != NULL)
		say(text, "%s", notes[index].label);
	if (!isnan(mean))
		say(text, "mean %.6g", mean);
	if (notes != NULL && !isnan(notes[index].low) && !isnan(notes[index].high))
		say(text, "%.6g to %.6g", notes[index].low, notes[index].high);
	say_words(text, it->model, index);
	const char *name = model_feature(it->model, index);
	if (text[0] != '\0')
		buf_printf(out, "  %5zu  %-*s  %s\n", index, width, name, text);
	else
		buf_printf(out, "  %5zu  %s\n", index, name);
}

static void
page_inputs(struct buf *out, const struct inspection *it)
{
	size_t count = model_features(it->model), shown = count;
	int width = 0;
	if (shown > INPUTS_SHOWN)
		shown = INPUTS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		int length = (int)strlen(model_feature(it->model, i));
		width = length > width && length <= 40 ? length : width;
	}
	buf_puts(out, "\n  INPUT\n");
	for (size_t i = 0; i < shown; i++)
		page_input(out, it, i, width);
	if (shown < count)
		buf_printf(out, "  and %zu more: --json has them all\n", count - shown);
}

/* --- the command --- */

static int
run(const struct args *args)
{
	struct inspection it = {.path = args_operand(args, 0)};
	struct err err = {0};
	struct buf out = {0};
	text_scrub(it.shown, sizeof(it.shown), it.path, strlen(it.path));
	bool done = load(&it, &err);
	if (done) {
		it.used = mem_alloc(model_features(it.model) * sizeof(*it.used));
		model_facts(it.model, &it.facts, it.used);
		explain(&it);
		check_metadata(&it);
		if (args_flag(args, "json")) {
			write_json(&it, &out);
		} else {
			page_model(&out, &it);
			page_metadata(&out, &it, args_flag(args, "ascii") || !entry_utf8());
			page_inputs(&out, &it);
		}
		fwrite(out.data, 1, out.length, stdout);
		done = (fflush(stdout) == 0 && !ferror(stdout)) ||
		       err_set(&err, ERR_IO, "the page cannot be written");
	}
	if (done && it.refused.code != ERR_NONE)
		done = err_set(&err, it.refused.code, "%s", it.refused.text);
	buf_free(&out);
	free(it.used);
	model_free(it.model);
	return done ? 0 : command_fail(&err);
}

const struct command command_inspect = {
    .name = "inspect",
    .operands = "MODEL",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "Show what a model file holds, and check what stands beside it.",
    .description =
	"MODEL is a file: XGBoost, LightGBM, scikit-learn's linear models or plain linear JSON\n"
	"(docs/models.md). Shown are its kind, link and calibration, its trees, the value that\n"
	"explanations start from, its inputs with their words, its SHA-256, and the metadata\n"
	"beside it with each check: SHA-256, artifact, names and order of the features. Metadata\n"
	"that do not fit are shown, and the exit code is 65: with them no other command takes\n"
	"the model.",
    .examples =
	(const char *const[]){
	    "fraudtop inspect fraud-v2.json",
	    "fraudtop inspect --json fraud-v2.json | jq .metadata.checks",
	    NULL,
	},
    .options =
	(const struct command_option[]){
	    {"json", 0, NULL, "print one JSON object"},
	    {"ascii", 0, NULL, "nothing but ASCII for the marks"},
	    {0},
	},
    .run = run,
};
