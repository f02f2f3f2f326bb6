#include "core/service/predict.h"

#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/record.h"
#include "core/replay/inputs.h"

enum { MAX_COMPLAINTS = 64, MAX_ID = 128 };

/* What is wrong with a request, as the elements of `detail`. */
struct complaints {
	struct buf text;
	struct jsonw json;
	size_t count;
	int row; /* of a batch, or -1 */
	bool nested; /* features stand under `features` */
};

struct transaction {
	char id[MAX_ID], segment[MAX_ID];
	wall_us ts;
	const cJSON *features; /* the object that holds them */
	bool nested;
};

static void complain(struct complaints *complaints, bool feature, const char *field,
    const char *type, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void
complain(struct complaints *complaints, bool feature, const char *field, const char *type,
    const char *format, ...)
{
	char message[256], raw[256];
	struct jsonw *json = &complaints->json;
	if (++complaints->count > MAX_COMPLAINTS)
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	text_scrub(message, sizeof(message), raw, strlen(raw));
	json->out = &complaints->text;
	jsonw_open_object(json, NULL);
	jsonw_open_array(json, "loc");
	jsonw_string(json, NULL, "body");
	if (complaints->row >= 0) {
		jsonw_string(json, NULL, "transactions");
		jsonw_int(json, NULL, complaints->row);
	}
	if (feature && complaints->nested)
		jsonw_string(json, NULL, "features");
	if (field != NULL)
		jsonw_string(json, NULL, field);
	jsonw_close_array(json);
	jsonw_string(json, "msg", message);
	jsonw_string(json, "type", type);
	jsonw_close_object(json);
	buf_append(&complaints->text, ",", 1);
}

/* Writes the member `"detail":[...]` of an object that is open. */
static void
put_detail(struct complaints *complaints, struct buf *answer)
{
	size_t length = complaints->text.length;
	buf_puts(answer, "\"detail\":[");
	if (length > 0) /* less the last comma */
		buf_append(answer, complaints->text.data, length - 1);
	buf_puts(answer, "]");
}

static int
refuse(struct complaints *complaints, struct buf *answer)
{
	buf_puts(answer, "{");
	put_detail(complaints, answer);
	buf_puts(answer, "}");
	buf_free(&complaints->text);
	return 422;
}

/* One JSON value and nothing behind it, or NULL and a complaint. */
static cJSON *
parse_body(const char *body, size_t length, struct complaints *complaints)
{
	const char *end = NULL;
	bool blank = true;
	for (size_t i = 0; i < length && blank; i++)
		blank = strchr(" \t\r\n", body[i]) != NULL && body[i] != '\0';
	if (blank) {
		complain(complaints, false, NULL, "missing",
		    "The body is empty, a JSON object is wanted");
		return NULL;
	}
	cJSON *json = cJSON_ParseWithLengthOpts(body, length, &end, false);
	size_t used = end != NULL ? (size_t)(end - body) : 0;
	while (json != NULL && used < length && body[used] != '\0' &&
	       strchr(" \t\r\n", body[used]) != NULL)
		used++;
	if (json == NULL || used < length) {
		complain(complaints, false, NULL, "json_invalid",
		    "The body is not JSON, at byte %zu", used);
		cJSON_Delete(json);
		return NULL;
	}
	if (!cJSON_IsObject(json)) {
		complain(complaints, false, NULL, "dict_type", "The body must be a JSON object");
		cJSON_Delete(json);
		return NULL;
	}
	return json;
}

static const cJSON *
member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* An optional string; "" if it is not there or null. */
static void
take_text(
    const cJSON *json, const char *name, char *dst, size_t size, struct complaints *complaints)
{
	const cJSON *item = member(json, name);
	dst[0] = '\0';
	if (item == NULL || cJSON_IsNull(item))
		return;
	if (!cJSON_IsString(item)) {
		complain(complaints, false, name, "string_type", "%s must be a string", name);
		return;
	}
	size_t length = strlen(item->valuestring);
	if (length == 0)
		complain(complaints, false, name, "string_too_short", "%s must not be empty", name);
	else if (length >= size)
		complain(complaints, false, name, "string_too_long",
		    "%s must have at most %zu bytes", name, size - 1);
	text_scrub(dst, size, item->valuestring, length);
}

static void
make_id(char *id, size_t size)
{
	unsigned char b[16];
	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		mem_die("no random bytes for a request id");
	snprintf(id, size, "%02x%02x%02x%02x-%02x%02x-4%x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6] & 15, b[7], 8 + (b[8] & 3), b[8] >> 4, b[9],
	    b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void
take_time(const cJSON *json, wall_us *ts, struct complaints *complaints)
{
	const cJSON *item = member(json, "ts");
	if (item == NULL || cJSON_IsNull(item))
		return;
	if (!cJSON_IsString(item) || !clock_parse(item->valuestring, strlen(item->valuestring), ts))
		complain(complaints, false, "ts", "datetime_parsing",
		    "ts must be an RFC 3339 time such as 2026-01-28T14:06:04.123Z");
}

static void
take_transaction(const cJSON *json, const struct predict *predict, struct transaction *out,
    struct complaints *complaints)
{
	const cJSON *features = member(json, "features");
	out->ts = predict->now;
	out->nested = complaints->nested = features != NULL;
	out->features = features != NULL ? features : json;
	take_text(json, "request_id", out->id, sizeof(out->id), complaints);
	take_text(json, "segment", out->segment, sizeof(out->segment), complaints);
	take_time(json, &out->ts, complaints);
	if (out->id[0] == '\0')
		make_id(out->id, sizeof(out->id));
	if (features != NULL && !cJSON_IsObject(features))
		complain(complaints, false, "features", "dict_type", "features must be an object");
}

static bool
is_feature(const struct transaction *transaction, const char *name)
{
	return transaction->nested || (strcmp(name, "request_id") != 0 && strcmp(name, "ts") != 0 &&
					  strcmp(name, "segment") != 0);
}

/* Is one of the words of an input with categories a number? */
static bool
has_numbers(const struct model *model, size_t input)
{
	double number;
	for (size_t i = 0; i < model_words(model, input); i++) {
		if (text_to_double(model_word(model, input, i, NULL), &number))
			return true;
	}
	return false;
}

static double
take_category(
    const struct predict *predict, size_t input, const cJSON *item, struct complaints *complaints)
{
	const struct model *model = predict->served->model;
	const char *name = model_feature(model, input);
	bool number = cJSON_IsNumber(item) && isfinite(item->valuedouble);
	double code = NAN;
	if (cJSON_IsString(item))
		code = inputs_word(model, input, item->valuestring);
	else if (number || cJSON_IsBool(item))
		code = inputs_number(model, input, number ? item->valuedouble : cJSON_IsTrue(item));
	if (!isnan(code))
		return code;
	if (cJSON_IsString(item) || (number && has_numbers(model, input)))
		metrics_unknown_category(predict->metrics, name);
	else
		complain(complaints, true, name, "string_type", "%s must be a string", name);
	return NAN;
}

/* The model's value of an input; complains and answers NaN if it has none. */
static double
take_value(
    const struct predict *predict, size_t input, const cJSON *item, struct complaints *complaints)
{
	const struct model *model = predict->served->model;
	const char *name = model_feature(model, input);
	double number = NAN;
	if (cJSON_IsNull(item))
		return NAN;
	if (model_categorical(model, input))
		return take_category(predict, input, item, complaints);
	if (cJSON_IsBool(item))
		return cJSON_IsTrue(item) ? 1 : 0;
	if (!cJSON_IsNumber(item))
		complain(complaints, true, name, "float_type", "%s must be a number", name);
	else if (!(fabs(item->valuedouble) <= FLT_MAX))
		complain(
		    complaints, true, name, "finite_number", "%s must be a finite number", name);
	else
		number = item->valuedouble;
	return number;
}

/* A feature that the model has no input for: only its form is checked, since it is logged. */
static void
check_other(const cJSON *item, const char *name, struct complaints *complaints)
{
	if (cJSON_IsArray(item) || cJSON_IsObject(item))
		complain(complaints, true, name, "scalar_type",
		    "%s must be a number, a string, a boolean or null", name);
	else if (cJSON_IsNumber(item) && !isfinite(item->valuedouble))
		complain(
		    complaints, true, name, "finite_number", "%s must be a finite number", name);
}

static void
take_features(const struct predict *predict, const struct transaction *transaction, double *row,
    unsigned char *seen, struct complaints *complaints)
{
	const struct model *model = predict->served->model;
	size_t inputs = model_features(model), others = 0;
	memset(seen, 0, inputs);
	const cJSON *item;
	cJSON_ArrayForEach(item, transaction->features)
	{
		char name[MAX_ID];
		text_scrub(name, sizeof(name), item->string, strlen(item->string));
		if (!is_feature(transaction, name))
			continue;
		int input = model_find(model, item->string);
		if (input < 0) {
			others++;
			check_other(item, name, complaints);
		} else if (seen[input]++) {
			complain(complaints, true, name, "duplicate", "%s stands twice", name);
			seen[input] = 1; /* not counted round to 0 */
		} else {
			row[input] = take_value(predict, (size_t)input, item, complaints);
		}
	}
	for (size_t i = 0; i < inputs; i++) {
		const char *name = model_feature(model, i);
		if (!seen[i])
			complain(complaints, true, name, "missing",
			    "%s is required (null if it is not known)", name);
	}
	if (inputs + others > RECORD_MAX_FEATURES && others > 0)
		complain(complaints, true, NULL, "too_long", "At most %d features are taken",
		    RECORD_MAX_FEATURES);
}

static void
log_features(const struct transaction *transaction, struct jsonw *json)
{
	const cJSON *item;
	jsonw_open_object(json, "features");
	cJSON_ArrayForEach(item, transaction->features)
	{
		char name[MAX_ID], text[RECORD_MAX_TEXT];
		text_scrub(name, sizeof(name), item->string, strlen(item->string));
		if (!is_feature(transaction, name))
			continue;
		if (cJSON_IsString(item)) {
			text_scrub(
			    text, sizeof(text), item->valuestring, strlen(item->valuestring));
			jsonw_string(json, name, text);
		} else if (cJSON_IsNumber(item)) {
			jsonw_number(json, name, item->valuedouble);
		} else if (cJSON_IsBool(item)) {
			jsonw_bool(json, name, cJSON_IsTrue(item));
		} else {
			jsonw_null(json, name);
		}
	}
	jsonw_close_object(json);
}

/* score NaN: it failed, and the line says so with its status. */
static void
log_prediction(struct predict *predict, const struct transaction *transaction, double score,
    bool flagged, struct buf *log)
{
	struct jsonw json = {.out = log};
	const struct served *served = predict->served;
	jsonw_open_object(&json, NULL);
	jsonw_time(&json, "ts", transaction->ts);
	jsonw_string(&json, "request_id", transaction->id);
	jsonw_string(&json, "service", predict->service);
	jsonw_string(&json, "model", served->name);
	jsonw_string(&json, "version", served->version);
	jsonw_number(&json, "latency_ms", (double)(clock_mono() - predict->began) / 1000);
	jsonw_int(&json, "status", isnan(score) ? 500 : 200);
	if (!isnan(score)) {
		jsonw_number(&json, "score", score);
		jsonw_number(&json, "threshold", served->threshold);
		jsonw_bool(&json, "decision", flagged);
	}
	if (transaction->segment[0] != '\0')
		jsonw_string(&json, "segment", transaction->segment);
	log_features(transaction, &json);
	jsonw_close_object(&json);
	buf_append(log, "\n", 1);
	predict->lines++;
}

static void
put_prediction(const struct predict *predict, const struct transaction *transaction, double score,
    bool flagged, struct buf *answer)
{
	struct jsonw json = {.out = answer};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "request_id", transaction->id);
	jsonw_bool(&json, "is_fraud", flagged);
	jsonw_number(&json, "fraud_probability", score);
	jsonw_number(&json, "confidence", fmax(score, 1 - score));
	jsonw_string(&json, "model", predict->served->name);
	jsonw_string(&json, "version", predict->served->version);
	jsonw_number(&json, "threshold", predict->served->threshold);
	jsonw_close_object(&json);
}

/* Scores one transaction. Complaints say why it answered nothing; the log has its line if it was
 * scored or failed to be. Returns its status. */
static int
predict_row(struct predict *predict, const cJSON *json, double *row, unsigned char *seen,
    struct complaints *complaints, struct buf *answer, struct buf *log)
{
	struct transaction transaction;
	if (!cJSON_IsObject(json)) {
		complain(complaints, false, NULL, "dict_type", "A transaction must be an object");
		return 422;
	}
	take_transaction(json, predict, &transaction, complaints);
	if (complaints->count == 0)
		take_features(predict, &transaction, row, seen, complaints);
	if (complaints->count > 0)
		return 422;
	double score = NAN;
	model_score(predict->served->model, row, &score);
	if (!(score >= 0 && score <= 1)) {
		complain(
		    complaints, false, NULL, "no_probability", "The model gave no probability");
		log_prediction(predict, &transaction, NAN, false, log);
		return 500;
	}
	bool flagged = score >= predict->served->threshold;
	put_prediction(predict, &transaction, score, flagged, answer);
	log_prediction(predict, &transaction, score, flagged, log);
	metrics_prediction(
	    predict->metrics, predict->served->name, predict->served->version, flagged);
	return 200;
}

int
predict_one(
    struct predict *predict, const char *body, size_t length, struct buf *answer, struct buf *log)
{
	struct complaints complaints = {.row = -1};
	size_t inputs = model_features(predict->served->model);
	cJSON *json = parse_body(body, length, &complaints);
	if (json == NULL)
		return refuse(&complaints, answer);
	double *row = mem_alloc(inputs * sizeof(*row));
	unsigned char *seen = mem_alloc(inputs);
	int status = predict_row(predict, json, row, seen, &complaints, answer, log);
	if (status != 200)
		refuse(&complaints, answer);
	free(row);
	free(seen);
	cJSON_Delete(json);
	return status;
}

static const cJSON *
take_transactions(const cJSON *json, struct complaints *complaints)
{
	const char *name = "transactions";
	const cJSON *list = member(json, name);
	int rows = list != NULL ? cJSON_GetArraySize(list) : 0;
	if (list == NULL)
		complain(complaints, false, name, "missing", "%s is required", name);
	else if (!cJSON_IsArray(list))
		complain(complaints, false, name, "list_type", "%s must be an array", name);
	else if (rows == 0)
		complain(complaints, false, name, "too_short", "%s must not be empty", name);
	else if (rows > PREDICT_MAX_ROWS)
		complain(complaints, false, name, "too_long",
		    "%s may hold at most %d, these are %d", name, PREDICT_MAX_ROWS, rows);
	return list;
}

int
predict_batch(
    struct predict *predict, const char *body, size_t length, struct buf *answer, struct buf *log)
{
	struct complaints complaints = {.row = -1};
	size_t inputs = model_features(predict->served->model);
	cJSON *json = parse_body(body, length, &complaints);
	const cJSON *list = json != NULL ? take_transactions(json, &complaints) : NULL, *item;
	if (complaints.count > 0) {
		cJSON_Delete(json);
		return refuse(&complaints, answer);
	}
	double *row = mem_alloc(inputs * sizeof(*row));
	unsigned char *seen = mem_alloc(inputs);
	unsigned errors = 0;
	int index = 0;
	buf_puts(answer, "{\"predictions\":[");
	cJSON_ArrayForEach(item, list)
	{
		struct complaints of_row = {.row = index};
		if (index++ > 0)
			buf_puts(answer, ",");
		if (predict_row(predict, item, row, seen, &of_row, answer, log) != 200) {
			errors++;
			refuse(&of_row, answer);
		}
	}
	buf_printf(answer, "],\"errors\":%u}", errors);
	free(row);
	free(seen);
	cJSON_Delete(json);
	return 200;
}
