/* exchange.c: see exchange.h. */
#include "core/format/exchange.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/columns.h"
#include "core/ingest/decimal.h"

struct exchange *
exchange_new(const struct mapping *mapping, struct flags *flags)
{
	struct exchange *exchange = mem_alloc(sizeof(*exchange));
	exchange->mapping = mapping;
	exchange->flags = flags;
	exchange->request.names = exchange->response.names = exchange->truth.names =
	    &exchange->names;
	exchange->response.response = exchange->truth.response = true;
	exchange->truth.truth = true;
	exchange->numbered = mem_alloc(RECORD_MAX_FEATURES * sizeof(*exchange->numbered));
	for (size_t i = 0; i < RECORD_MAX_FEATURES; i++)
		snprintf(exchange->numbered[i], sizeof(*exchange->numbered), "f%zu", i % 1000);
	return exchange;
}

void
exchange_free(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	payload_free(&exchange->request);
	payload_free(&exchange->response);
	payload_free(&exchange->truth);
	for (size_t i = 0; i < 3; i++)
		buf_free(&exchange->texts[i]);
	payload_names_free(&exchange->names);
	free(exchange->numbered);
	free(exchange);
}

/* --- what stands beside the payloads --- */

static struct csv_field
field_of(const struct picked *value)
{
	bool quoted = *value->at == '"';
	return (struct csv_field){value->at + quoted, value->length - 2 * quoted};
}

static bool
read_time(const struct picked *value, wall_us *ts, struct err *err)
{
	*ts = 0;
	if (value->at == NULL)
		return true;
	struct csv_field field = field_of(value);
	return (field_time(&field, ts) && *ts != 0) ||
	       err_set(err, ERR_DATA, "the time is none like 2026-01-28T14:06:04.123Z");
}

static bool
read_number(const struct picked *value, double least, double most, const char *what, double *number,
    struct err *err)
{
	*number = NAN;
	if (value->at == NULL)
		return true;
	struct csv_field field = field_of(value);
	if (!decimal_field(field.text, field.length, number))
		return err_set(err, ERR_DATA, "%s is not a number", what);
	return (*number >= least && *number <= most) ||
	       err_set(err, ERR_DATA, "%s %.17g is out of range", what, *number);
}

bool
exchange_begin(struct exchange *exchange, const struct picked *values, struct err *err)
{
	double status;
	exchange->row = exchange->rows = 0;
	exchange_text(&values[RECORD_REQUEST_ID], exchange->id);
	exchange_text(&values[RECORD_SERVICE], exchange->service);
	exchange_text(&values[RECORD_MODEL], exchange->model);
	exchange_text(&values[RECORD_VERSION], exchange->version);
	exchange_text(&values[RECORD_SEGMENT], exchange->segment);
	if (!read_time(&values[RECORD_TS], &exchange->ts, err) ||
	    !read_number(
		&values[RECORD_LATENCY], 0, 1e300, "the latency", &exchange->latency_ms, err) ||
	    !read_number(&values[RECORD_STATUS], 0, 999, "the status", &status, err))
		return false;
	exchange->status = isnan(status) ? 0 : (int)status;
	return true;
}

/* --- the rows --- */

bool
exchange_match(struct exchange *exchange, struct err *err)
{
	size_t asked = exchange->request.rows_count, answered = exchange->response.rows_count;
	exchange->row = 0;
	exchange->headed = false;
	exchange->steady = exchange->steady && exchange->request.same && exchange->response.same;
	if (asked == 1 && answered > 1)
		payload_join_rows(&exchange->response, 0);
	answered = exchange->response.rows_count;
	exchange->rows = answered > 0 ? answered : exchange->status >= 400 ? asked : 0;
	if (answered == 0 && exchange->status < 400)
		return err_set(err, ERR_DATA, "no response to the request");
	if (answered > 0 && asked == answered + 1)
		exchange->headed = payload_is_head(&exchange->request, 0);
	if (asked != 0 && answered != 0 && asked != answered + exchange->headed)
		return err_set(err, ERR_DATA, "%zu rows were asked, %zu answered", asked, answered);
	if (exchange->truth.rows_count != 0 && exchange->truth.rows_count != exchange->rows)
		return err_set(err, ERR_DATA, "%zu labels for %zu rows", exchange->truth.rows_count,
		    exchange->rows);
	return true;
}

/* The value of a row at one of the places; of a list at a place the last. NULL: none. */
static const struct feature_value *
find_place(const struct payload *payload, size_t row, const struct mapping_places *places)
{
	const struct feature_value *values = payload_row(payload, row);
	size_t count = payload->rows[row].count;
	for (size_t i = 0; i < places->count; i++) {
		const struct mapping_place *place = &places->list[i];
		size_t length = strlen(place->name);
		if (length == 0 && place->index < count)
			return &values[place->index];
		for (size_t j = count; length > 0 && j-- > 0;) {
			const char *name = values[j].name;
			if (name == NULL || strncmp(name, place->name, length) != 0)
				continue;
			if (name[length] == '\0' ||
			    (name[length] == '.' && name[length + 1] >= '0' &&
				name[length + 1] <= '9'))
				return &values[j];
		}
	}
	return NULL;
}

/* The length of a name without the number at its end. */
static size_t
stem_of(const char *name)
{
	size_t length = name != NULL ? strlen(name) : 0;
	while (length > 0 && name[length - 1] >= '0' && name[length - 1] <= '9')
		length--;
	return length;
}

/* Are all values of one list (a.0, a.1, ... or t:0, t:1, ...), nameless, or one alone? */
static bool
is_one_list(const struct feature_value *values, size_t count)
{
	const char *first = values[0].name;
	size_t stem = stem_of(first);
	for (size_t i = 0; i < count && count > 1; i++) {
		const char *name = values[i].name;
		if ((name == NULL) != (first == NULL) || stem_of(name) != stem)
			return false;
		if (name != NULL && (name[stem] == '\0' || memcmp(name, first, stem) != 0))
			return false;
	}
	return true;
}

static const struct feature_value *
find_score(const struct exchange *exchange, size_t row)
{
	const struct mapping_places *places = &exchange->mapping->score;
	const struct payload *response = &exchange->response;
	const struct feature_value *found = find_place(response, row, places);
	size_t count = response->rows[row].count;
	const struct feature_value *values = payload_row(response, row);
	/* What nobody named: the only value, or the last of a list (of two classes' chances). */
	if (found == NULL && !places->given && count > 0 && is_one_list(values, count))
		found = &values[count - 1];
	return found;
}

static bool
number_of(const struct feature_value *value, double *number)
{
	*number = value->number;
	return value->kind == VALUE_NUMBER ||
	       (value->kind == VALUE_TEXT &&
		   decimal_field(value->text, strlen(value->text), number));
}

/* 0 or 1, or -1 if there is none. */
static bool
read_flag(const struct exchange *exchange, const struct feature_value *value, const char *what,
    int *flag, struct err *err)
{
	*flag = -1;
	if (value == NULL || value->kind == VALUE_MISSING)
		return true;
	if (value->kind == VALUE_NUMBER)
		return flag_number(exchange->flags, value->number, flag) ||
		       err_set(err, ERR_DATA, "%s is not 0, 1, true or false", what);
	return flag_text(exchange->flags, value->text, strlen(value->text), flag) ||
	       err_set(err, ERR_DATA, "%s " FLAG_REFUSAL, what, value->text);
}

static bool
read_label(const struct exchange *exchange, size_t row, int *flag, struct err *err)
{
	const struct payload *truth = &exchange->truth;
	const struct feature_value *value = find_place(truth, row, &exchange->mapping->label);
	if (value == NULL && !exchange->mapping->label.given && truth->rows[row].count == 1)
		value = &truth->values[truth->rows[row].first];
	return read_flag(exchange, value, "the label", flag, err) &&
	       (*flag >= 0 || err_set(err, ERR_DATA, "no label in the ground truth"));
}

static bool
answer_row(struct exchange *exchange, size_t row, struct prediction *prediction, struct err *err)
{
	prediction->score = prediction->threshold = NAN;
	prediction->decision = -1;
	if (exchange->response.rows_count == 0)
		return true;
	const struct mapping *mapping = exchange->mapping;
	if (!exchange->steady) {
		exchange->score = find_score(exchange, row);
		exchange->decision = find_place(&exchange->response, row, &mapping->decision);
		exchange->threshold = find_place(&exchange->response, row, &mapping->threshold);
	}
	const struct feature_value *score = exchange->score, *decision = exchange->decision,
				   *threshold = exchange->threshold;
	if ((score == NULL || score->kind == VALUE_MISSING) && exchange->status < 400)
		return err_set(err, ERR_DATA,
		    "no score in the response: a mapping's `score` says where it is");
	if (score != NULL && score->kind != VALUE_MISSING) {
		if (!number_of(score, &prediction->score))
			return err_set(err, ERR_DATA, "the score is not a number");
		if (!(prediction->score >= 0 && prediction->score <= 1))
			return err_set(
			    err, ERR_DATA, "the score %.17g is out of range", prediction->score);
	}
	/* What only may be the decision may be another class as well. */
	if (decision != score &&
	    !read_flag(exchange, decision, "the decision", &prediction->decision, err)) {
		if (mapping->decision.given)
			return false;
		prediction->decision = -1;
	}
	if (threshold != NULL && !number_of(threshold, &prediction->threshold))
		prediction->threshold = NAN;
	return true;
}

static const char *
name_of(const struct exchange *exchange, const struct feature_value *value, size_t index)
{
	if (value->name != NULL)
		return value->name;
	if (exchange->headed)
		return exchange->request.values[exchange->request.rows[0].first + index].text;
	return index < exchange->mapping->columns_count ? exchange->mapping->columns[index]
							: exchange->numbered[index];
}

/* Gives the values their names; true: they are those of the record before. */
static bool
name_features(struct exchange *exchange, struct feature_value *features, size_t count)
{
	bool same = exchange->shape_count == count && exchange->shape != 0;
	for (size_t i = 0; i < count; i++) {
		features[i].name = name_of(exchange, &features[i], i);
		same = same && exchange->shape_names[i] == features[i].name;
		exchange->shape_names[i] = features[i].name;
	}
	exchange->shape_count = count;
	return same;
}

/* The place of a feature of its own among the values, or count. */
static size_t
find_named(const struct exchange *exchange, const struct feature_value *values, size_t count,
    const struct mapping_places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct mapping_place *place = &places->list[i];
		if (place->name[0] == '\0' && place->index < count)
			return place->index;
		for (size_t j = 0; j < count && place->name[0] != '\0'; j++)
			if (strcmp(name_of(exchange, &values[j], j), place->name) == 0)
				return j;
	}
	return count;
}

/* Of the values only those that the mapping names. */
static void
pick_named(struct exchange *exchange, const struct feature_value *values, size_t count)
{
	const struct mapping *mapping = exchange->mapping;
	for (size_t i = 0; i < mapping->named_count; i++) {
		struct feature_value *feature = &exchange->features[i];
		if (!exchange->steady)
			exchange->named_at[i] =
			    find_named(exchange, values, count, &mapping->named_places[i]);
		if (exchange->named_at[i] < count)
			*feature = values[exchange->named_at[i]];
		else
			*feature = (struct feature_value){.number = NAN, .text = ""};
		feature->name = mapping->named[2 * i];
	}
}

/* What the row was asked about: of the request, or where the response repeats it (a batch transform
 * that joins its input) all that is before the score. */
static struct feature_value *
asked_of(const struct exchange *exchange, size_t row, size_t *count)
{
	const struct payload *request = &exchange->request, *response = &exchange->response;
	bool asked = request->rows_count > 0;
	const struct payload *from = asked ? request : response;
	*count = 0;
	if (from->rows_count == 0)
		return NULL;
	const struct payload_row *place = &from->rows[asked ? row + exchange->headed : row];
	if (place->count == 0)
		return NULL;
	struct feature_value *values = &from->values[place->first];
	if (asked)
		*count = place->count;
	else if (place->count > 1 && values->name == NULL &&
		 exchange->score == &values[place->count - 1])
		*count = place->count - 1;
	return values;
}

static void
ask_row(struct exchange *exchange, size_t row, struct prediction *prediction)
{
	size_t count, named = exchange->mapping->named_count;
	struct feature_value *features = asked_of(exchange, row, &count);
	/* Of many rows, and of a response, the values' own names are asked for again. */
	if (named > 0)
		pick_named(exchange, features, count);
	else if (count > 0 && exchange->request.rows_count != 1)
		memcpy(exchange->features, features, count * sizeof(*features));
	if (named > 0 || count == 0 || exchange->request.rows_count != 1)
		features = exchange->features;
	if (named > 0)
		count = named;
	if (!exchange->steady)
		exchange->shape += !name_features(exchange, features, count);
	prediction->features = features;
	prediction->features_count = count;
	/* A header's names are not the same pointers for ever. */
	prediction->shape = exchange->headed && named == 0 ? 0 : exchange->shape;
}

static const char *
row_id(struct exchange *exchange, size_t row, size_t rows)
{
	if (rows < 2 || exchange->id[0] == '\0')
		return exchange->id;
	snprintf(exchange->row_id, sizeof(exchange->row_id), "%s#%zu", exchange->id, row);
	return exchange->row_id;
}

bool
exchange_next(struct exchange *exchange, struct prediction *prediction, struct err *err)
{
	size_t row = exchange->row;
	err->code = 0;
	if (row == exchange->rows)
		return false;
	exchange->row++;
	const struct payload *response = &exchange->response;
	*prediction = (struct prediction){.ts = exchange->ts,
	    .service = exchange->service,
	    .model = exchange->model[0] != '\0' ? exchange->model : response->model,
	    .version = exchange->version[0] != '\0' ? exchange->version : response->version,
	    .segment = exchange->segment,
	    .latency_ms = exchange->latency_ms,
	    .status = exchange->status,
	    .label = -1};
	if (!answer_row(exchange, row, prediction, err))
		return false;
	ask_row(exchange, row, prediction);
	prediction->request_id = row_id(exchange, row, exchange->rows);
	exchange->steady = exchange->rows == 1 && !exchange->headed;
	return exchange->truth.rows_count == 0 ||
	       read_label(exchange, row, &prediction->label, err);
}

bool
exchange_next_label(struct exchange *exchange, struct label *label, struct err *err)
{
	const struct payload *truth = &exchange->truth;
	size_t row = exchange->row;
	err->code = 0;
	if (row == truth->rows_count)
		return false;
	exchange->row++;
	label->ts = exchange->ts;
	label->request_id = row_id(exchange, row, truth->rows_count);
	if (!read_label(exchange, row, &label->value, err))
		return false;
	return label->request_id[0] != '\0' || err_set(err, ERR_DATA, "a label without an id");
}
