/* model_ubjson.c: any bytes as an XGBoost model in UBJSON. Bytes put in or taken out at random put
 * every length behind them out of step, so half of the changes keep the form: a value is written
 * over in its place, or an array gets or loses an element and its count with it. */
#include <string.h>

#include "tests/fuzz/kit/model.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t limit);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	must_parse(data, size);
	return 0;
}

/* The next number of a small generator, enough to choose places with. */
static unsigned
next(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static size_t
width_of(uint8_t type)
{
	switch (type) {
	case 'i':
	case 'U':
	case 'C':
		return 1;
	case 'I':
		return 2;
	case 'l':
	case 'd':
		return 4;
	case 'L':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

static uint64_t
get(const uint8_t *at, size_t width)
{
	uint64_t value = 0;
	for (size_t i = 0; i < width; i++)
		value = value << 8 | at[i];
	return value;
}

static void
put(uint8_t *at, size_t width, uint64_t value)
{
	for (size_t i = width; i-- > 0; value >>= 8)
		at[i] = (uint8_t)value;
}

static const uint64_t values[] = {0, 1, 2, 3, 4, 5, 7, 31, 32, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF,
    0x80000000, 0xFFFFFFFF, 0x7F800000, 0x7FC00000, 0xFF800000, 0x3F800000, 0x7F7FFFFF, 0x100000000,
    0x7FF0000000000000, 0x7FF8000000000000, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF};

/* A typed array, [$ type # width count elements...: where it is and what it has. */
struct array {
	uint8_t *count;
	size_t count_width, width, elements;
};

/* The array, of those that lie wholly inside, at or behind the place `from`. */
static bool
find_array(uint8_t *data, size_t size, size_t from, struct array *array)
{
	for (size_t at = from; at + 6 < size; at++) {
		if (memcmp(data + at, "[$", 2) != 0 || data[at + 3] != '#')
			continue;
		array->width = width_of(data[at + 2]);
		array->count_width = width_of(data[at + 4]);
		array->count = data + at + 5;
		size_t body = at + 5 + array->count_width;
		if (array->width == 0 || array->count_width == 0 || body > size)
			continue;
		array->elements = get(array->count, array->count_width);
		if (array->elements <= (size - body) / array->width)
			return true;
	}
	return false;
}

/* Writes over an element, or the bytes at any place if there is no array. */
static void
overwrite(uint8_t *data, size_t size, unsigned *seed)
{
	struct array array;
	size_t width = (size_t)1 << next(seed) % 4, at = next(seed) % size;
	if (next(seed) % 4 != 0 && find_array(data, size, at, &array) && array.elements > 0) {
		width = array.width;
		at = (size_t)(array.count - data) + array.count_width +
		     next(seed) % array.elements * width;
	}
	uint64_t value = values[next(seed) % (sizeof(values) / sizeof(*values))];
	if (at + width <= size)
		put(data + at, width, next(seed) % 4 == 0 ? get(data + at, width) + 1 : value);
}

/* One element more or fewer at the end of an array, and in its count. */
static size_t
resize(uint8_t *data, size_t size, size_t limit, unsigned *seed)
{
	struct array array;
	if (!find_array(data, size, next(seed) % size, &array))
		return size;
	uint8_t *end = array.count + array.count_width + array.elements * array.width;
	size_t behind = (size_t)(data + size - end);
	if (next(seed) % 2 == 0 && array.elements > 0) {
		memmove(end - array.width, end, behind);
		put(array.count, array.count_width, array.elements - 1);
		return size - array.width;
	}
	if (size + array.width > limit)
		return size;
	memmove(end + array.width, end, behind);
	put(end, array.width, values[next(seed) % (sizeof(values) / sizeof(*values))]);
	put(array.count, array.count_width, array.elements + 1);
	return size + array.width;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	if (size == 0 || next(&seed) % 2 == 0)
		return LLVMFuzzerMutate(data, size, limit);
	for (unsigned times = 1 + next(&seed) % 3; times > 0 && size > 0; times--) {
		if (next(&seed) % 3 != 0)
			overwrite(data, size, &seed);
		else
			size = resize(data, size, limit, &seed);
	}
	return size;
}
