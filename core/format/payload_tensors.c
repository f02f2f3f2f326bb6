/* payload_tensors.c: tensors of the Open Inference Protocol (and Seldon's) as rows: the first
 * dimension counts the rows, the others are their values. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/format/payload_parts.h"

/* Reads the numbers of a shape: rows by width. */
static bool
read_shape(struct jsonscan *scan, struct payload_tensor *tensor)
{
	tensor->rows = 0;
	tensor->width = 1;
	if (!jsonscan_take(scan, '['))
		return false;
	for (size_t i = 0;; i++) {
		enum jsonscan_step step = jsonscan_next_element(scan, i == 0);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		double size;
		if (!jsonscan_number(scan, &size))
			return false;
		if (!(size >= 0 && size <= 1e6) || size != (double)(size_t)size ||
		    (double)tensor->width * size > 1e6)
			return jsonscan_fail(scan, scan->at, "a shape that makes no sense");
		if (i == 0)
			tensor->rows = (size_t)size;
		else
			tensor->width *= (size_t)size;
	}
}

/* Appends all that stands in a list, flat or nested. */
static bool
read_data(struct payload *payload, struct jsonscan *scan, unsigned depth)
{
	if (depth >= JSONSCAN_MAX_DEPTH || !jsonscan_take(scan, '['))
		return depth < JSONSCAN_MAX_DEPTH ||
		       jsonscan_fail(scan, scan->at, "nested too deep");
	for (bool first = true;; first = false) {
		enum jsonscan_step step = jsonscan_next_element(scan, first);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		char c = jsonscan_peek(scan);
		if (c == '[') {
			if (!read_data(payload, scan, depth + 1))
				return false;
			continue;
		}
		if (c == '{')
			return jsonscan_fail(scan, scan->at, "an object in a tensor");
		mem_reserve(&payload->values, &payload->capacity, payload->count + 1,
		    sizeof(*payload->values));
		struct feature_value *value = &payload->values[payload->count++];
		*value = (struct feature_value){.number = NAN, .text = ""};
		if (!payload_scalar(payload, scan, value, 2))
			return false;
	}
}

/* The object of one tensor, at the end of the list of them. */
static bool
read_tensor(struct payload *payload, struct jsonscan *scan)
{
	struct payload_tensor tensor = {.first = payload->count};
	char key[RECORD_MAX_TEXT + 1], name[RECORD_MAX_TEXT + 1] = "";
	size_t length, named = 0, count = 0;
	enum jsonscan_step step;
	bool shaped = false, filled = false;
	const char *where = scan->at;
	if (!jsonscan_take(scan, '{'))
		return false;
	while ((step = jsonscan_member(scan, &count, key, &length)) == JSONSCAN_MEMBER) {
		bool data = strcmp(key, "data") == 0 || strcmp(key, "values") == 0, read;
		if (data) {
			payload->odd |= filled;
			payload->count = tensor.first;
			tensor.hole = payload->stencil.count;
			filled = true;
			read = read_data(payload, scan, 0);
		} else if (strcmp(key, "shape") == 0) {
			shaped = true;
			read = read_shape(scan, &tensor);
		} else if (strcmp(key, "name") == 0) {
			read = jsonscan_string(scan, name, &named);
		} else {
			read = payload_skip(payload, scan, 2);
		}
		if (!read)
			return false;
	}
	if (step == JSONSCAN_FAILED)
		return false;
	if (!shaped || !filled)
		return jsonscan_fail(scan, where, "a tensor without %s",
		    shaped ? "data in the text (it is binary)" : "a shape");
	if (payload->count - tensor.first != tensor.rows * tensor.width)
		return jsonscan_fail(scan, where, "a tensor of %zu values, its shape says %zu",
		    payload->count - tensor.first, tensor.rows * tensor.width);
	tensor.name = named > 0 ? payload_name(payload, name, named) : NULL;
	if (named > 0 && tensor.name == NULL)
		return false;
	mem_reserve(&payload->tensors, &payload->tensors_capacity, payload->tensors_count + 1,
	    sizeof(*payload->tensors));
	payload->tensors[payload->tensors_count++] = tensor;
	return true;
}

/* Its value stands at another place from now on. True, false and null have no holes. */
static void
move_hole(
    struct payload *payload, const struct payload_tensor *tensor, size_t index, uint32_t place)
{
	struct hole *holes = payload->stencil.holes;
	size_t i = tensor->hole + index, value = tensor->first + index;
	if (payload->odd)
		return;
	if (i >= payload->stencil.count)
		i = payload->stencil.count - 1;
	while (i > tensor->hole && holes[i].value > value)
		i--;
	if (payload->stencil.count > 0 && holes[i].value == value)
		holes[i].value = place;
}

/* One value of a tensor. Of the only tensor, wider than one, the values have no names: it is a
 * matrix of all features. */
static bool
place_value(struct payload *payload, const struct payload_tensor *tensor, size_t row, size_t column)
{
	const char *name = tensor->name;
	char text[RECORD_MAX_TEXT + 32];
	if (name != NULL && tensor->width > 1) {
		if (payload->tensors_count == 1 && !payload->response) {
			name = NULL;
		} else {
			int length = snprintf(text, sizeof(text), "%.200s.%zu", name, column);
			name = payload_name(payload, text, (size_t)length);
			if (name == NULL)
				return false;
		}
	}
	struct feature_value *place = payload_add(payload, name);
	if (place == NULL)
		return false;
	size_t index = row * tensor->width + column;
	*place = payload->values[tensor->first + index];
	place->name = name;
	move_hole(payload, tensor, index, (uint32_t)(place - payload->values));
	return true;
}

/* Lays the tensors beside each other. */
static bool
make_rows(struct payload *payload)
{
	size_t rows = payload->tensors_count > 0 ? payload->tensors[0].rows : 0, width = 0;
	for (size_t i = 0; i < payload->tensors_count; i++) {
		width += payload->tensors[i].width;
		if (payload->tensors[i].rows != rows)
			return err_set(payload->err, ERR_DATA, "tensors of %zu and %zu rows", rows,
			    payload->tensors[i].rows);
	}
	if (width > RECORD_MAX_FEATURES)
		return err_set(
		    payload->err, ERR_DATA, "more than %d values in a row", RECORD_MAX_FEATURES);
	for (size_t row = 0; row < rows; row++) {
		payload_begin_row(payload);
		for (size_t i = 0; i < payload->tensors_count; i++)
			for (size_t j = 0; j < payload->tensors[i].width; j++)
				if (!place_value(payload, &payload->tensors[i], row, j))
					return false;
	}
	return true;
}

bool
payload_tensors(struct payload *payload, struct jsonscan *scan)
{
	payload->tensors_count = 0;
	scan->at++;
	for (bool first = true;; first = false) {
		enum jsonscan_step step = jsonscan_next_element(scan, first);
		if (step == JSONSCAN_FAILED)
			return false;
		if (step == JSONSCAN_END)
			return make_rows(payload);
		if (!read_tensor(payload, scan))
			return false;
	}
}

bool
payload_tensor(struct payload *payload, struct jsonscan *scan)
{
	payload->tensors_count = 0;
	return read_tensor(payload, scan) && make_rows(payload);
}
