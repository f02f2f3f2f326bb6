/* stencil.c: records that are read as the ones before were are read as if they stood alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/format/stencil.h"
#include "tests/kit/decoding.h"
#include "tests/support/lockstep.h"

static struct rng rng;

static unsigned
below(unsigned n)
{
	return rng_below(&rng, n);
}

static const char *
one_of(const char *const *list, unsigned count)
{
	return list[below(count)];
}

/* A number, or now and then what is none. */
static const char *
number(void)
{
	static char text[40];
	static const char *const odd[] = {"0", "-0", "0.50", "1e-3", "123456789012345678", "1.5E+2",
	    "0.30000000000000004", "-7", "17", "1e400", "null", "true", "00", "1.", ".5", "\"x\"",
	    "[]"};
	if (below(12) == 0)
		return one_of(odd, 17);
	snprintf(text, sizeof(text), "%.*f", (int)below(8), (double)below(1000) / 7);
	return text;
}

static const char *
word(void)
{
	static const char *const words[] = {"DE", "FR", "", "a \\\"quoted\\\" one", "M\\u00fcller",
	    "\xc3\xa9", "12", "null", "NaN", "a,b", "\\ud800", "\xff"};
	return one_of(words, below(20) == 0 ? 12 : 2);
}

static void
put_row(struct buf *out)
{
	buf_printf(out, "{\"amount\":%s,", number());
	buf_printf(out, "\"hour\":%s,\"country\":\"%s\"", number(), word());
	if (below(15) == 0)
		buf_printf(out, ",\"amount\":%s", number());
	if (below(10) == 0)
		buf_printf(out, ",\"more\":[%s]", number());
	if (below(15) == 0)
		buf_printf(out, ",\"features\":{\"amount\":%s}", number());
	buf_puts(out, "}");
}

static void
put_score(struct buf *out)
{
	if (below(20) == 0)
		buf_puts(out, number());
	else
		buf_printf(out, "0.%u", below(1000000));
}

static void
put_event(struct buf *out, unsigned n)
{
	static const char *const ends[] = {"request", "response", "response", "feedback"};
	bool request = n % 2 == 0;
	buf_printf(out,
	    "{\"specversion\":\"1.0\",\"id\":\"e%u\",\"type\":\"x.%s\",\"time\":\"2026-01-28T14:0%"
	    "u:0%u%s\",",
	    n / 2, below(20) == 0 ? one_of(ends, 4) : ends[!request], below(10), below(10),
	    below(3) ? "Z" : ".25Z");
	if (below(8) == 0)
		buf_printf(out, "\"inferenceservicename\":\"%s\",", word());
	buf_printf(out, "\"data\":");
	if (request) {
		buf_puts(out, "{\"instances\":[");
		put_row(out);
		if (below(8) == 0) {
			buf_puts(out, ",");
			put_row(out);
		}
		buf_puts(out, "]}}\n");
		return;
	}
	buf_puts(out, below(8) == 0 ? "{\"predictions\":[0.5," : "{\"predictions\":[");
	put_score(out);
	buf_puts(out, "]}}\n");
}

static void
put_tensors(struct buf *out, unsigned n)
{
	static const char *const names[] = {"amount", "hour", "distance"};
	unsigned rows = below(12) == 0 ? 2 : 1;
	buf_printf(
	    out, "{\"ts\":%u,\"request\":{\"id\":\"q%u\",\"inputs\":[", 1769609164 + below(99), n);
	for (unsigned i = 0; i < 3; i++) {
		buf_printf(out,
		    "%s{\"name\":\"%s\",\"shape\":[%u],\"datatype\":\"FP64\",\"data\":[%s",
		    i > 0 ? "," : "", below(30) == 0 ? word() : names[i], rows, number());
		buf_printf(out, rows > 1 ? ",%s]}" : "]}", number());
	}
	buf_puts(out, "]},\"response\":{\"model_name\":\"m\",\"id\":\"7\",\"outputs\":[{\"name\":"
		      "\"predict\",\"shape\":[");
	buf_printf(out, "%u],\"data\":[", rows);
	put_score(out);
	buf_printf(
	    out, "%s]}]},\"status\":%s}\n", rows > 1 ? ",0.5" : "", below(30) ? "200" : number());
}

static void
put_capture(struct buf *out, unsigned n)
{
	unsigned rows = below(10) == 0 ? 1 + below(3) : 1;
	buf_puts(out, "{\"captureData\":{\"endpointInput\":{\"data\":\"");
	if (below(30) == 0)
		buf_puts(out, "amount,hour,country\\n");
	for (unsigned i = 0; i < rows; i++) {
		buf_printf(
		    out, "%s%s,", i > 0 ? "\\n" : "", number()[0] == '"' ? "\\\"x\\\"" : number());
		buf_printf(out, "%u,%s", below(24), below(6) ? word() : "7");
	}
	buf_puts(out, below(20) ? "\",\"encoding\":\"CSV\"}" : "\",\"encoding\":\"BASE64\"}");
	if (below(20) != 0) {
		buf_puts(out, ",\"endpointOutput\":{\"data\":\"");
		for (unsigned i = 0; i < rows; i++) {
			buf_puts(out, i > 0 ? "\\n" : "");
			put_score(out);
		}
		buf_puts(out, "\",\"encoding\":\"CSV\"}");
	}
	buf_puts(out, "}");
	if (below(10) == 0)
		buf_printf(
		    out, ",\"groundTruthData\":{\"data\":\"%u\",\"encoding\":\"CSV\"}", below(2));
	buf_printf(out,
	    ",\"eventMetadata\":{\"eventId\":\"e%u\",\"inferenceTime\":\"2026-01-28T14:06:0%uZ\"}}%"
	    "s",
	    n, below(10), below(2) ? "\n" : "");
}

static void
assert_lockstep(const char *format, void (*put)(struct buf *, unsigned))
{
	struct buf text = {0};
	rng_seed(&rng, 7, 7);
	for (unsigned n = 0; n < 6000; n++)
		put(&text, n);
	clock_freeze(INT64_C(1769609164000000));
	struct decoding d = decoding_of(format, false);
	struct decoder *cold = decoder_new(d.mapping, false);
	decoding_text(&d, text.data);
	int difference = lockstep(d.decoder, cold, &d.stretch);
	if (difference != 0)
		fail_msg("%s: record %d", format, difference);
	/* And it did learn. */
	uint64_t fitted = 0;
	for (size_t i = 0; i < PICK_KNOWN; i++)
		fitted += d.decoder->memory->known[i].worth;
	assert_true(fitted > 0);
	clock_freeze(0);
	decoder_free(cold);
	decoding_free(&d);
	buf_free(&text);
}

static void
events_are_read_as_if_each_stood_alone(void **state)
{
	(void)state;
	assert_lockstep("cloudevents", put_event);
}

static void
tensors_are_read_as_if_each_stood_alone(void **state)
{
	(void)state;
	assert_lockstep("mlserver-v2", put_tensors);
}

static void
captures_are_read_as_if_each_stood_alone(void **state)
{
	(void)state;
	assert_lockstep("sagemaker-capture", put_capture);
}

static void
begin(struct stencil *stencil, const char *text)
{
	assert_true(stencil_begin(stencil, text, strlen(text)));
	assert_true(stencil_add_json(stencil));
	stencil_end(stencil);
}

static bool
fits(struct stencil *stencil, const char *text)
{
	/* Of exactly its size, so that a read past it is caught. */
	size_t length = strlen(text);
	char *copy = mem_alloc(length + 1);
	memcpy(copy, text, length);
	copy = mem_grow(copy, length > 0 ? length : 1, 1);
	bool fit = stencil_fit(stencil, copy, copy + length) == copy + length;
	free(copy);
	return fit;
}

static void
holes_open_where_texts_differ(void **state)
{
	(void)state;
	struct stencil stencil = {0};
	begin(&stencil, "{\"a\":1,\"b\" : \"x\\\"\",\"c\":[true,-2.5e1]}");
	assert_int_equal(stencil.count, 3);
	assert_true(fits(&stencil, "{\"a\":1,\"b\" : \"x\\\"\",\"c\":[true,-2.5e1]}"));
	assert_false(fits(&stencil, "{\"a\":2,\"b\" : \"x\\\"\",\"c\":[true,-2.5e1]}"));
	static const char wider[] = "{\"a\":2,\"b\" : \"\",\"c\":[true,-2.5e1]}";
	assert_true(stencil_widen(&stencil, wider, wider + sizeof(wider) - 1));
	assert_int_equal(stencil.open_count, 2);
	assert_true(fits(&stencil, "{\"a\":-17.25,\"b\" : \"any \\u00e9\",\"c\":[true,-2.5e1]}"));
	assert_true(stencil.holes[0].number == -17.25);
	assert_int_equal(stencil.holes[1].now_length, 12);
	assert_int_equal(stencil_open_before(&stencil, 6), 1);
	static const char *const strange[] = {"", "{", "{\"a\":", "{\"a\":2", "{\"a\":2,\"b\" : \"",
	    "{\"a\":\"2\",\"b\" : \"\",\"c\":[true,-2.5e1]}",
	    "{\"a\":02,\"b\" : \"\",\"c\":[true,-2.5e1]}",
	    "{\"a\":2.,\"b\" : \"\",\"c\":[true,-2.5e1]}",
	    "{\"a\":2,\"b\" : \"\n\",\"c\":[true,-2.5e1]}",
	    "{\"a\":2,\"b\" : \"\",\"c\":[true,-2.5e1]",
	    "{\"a\":2,\"b\" : \"\",\"c\":[false,-2.5e1]}",
	    "{\"a\":2,\"b\" : \"\",\"c\":[true,-2.5e1]}}"};
	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++)
		if (fits(&stencil, strange[i]))
			fail_msg("%s", strange[i]);
	stencil_free(&stencil);
}

static void
numbers_in_holes_are_rounded_as_ever(void **state)
{
	(void)state;
	struct stencil stencil = {0};
	begin(&stencil, "[1]");
	static const char two[] = "[2]";
	assert_true(stencil_widen(&stencil, two, two + 3));
	rng_seed(&rng, 3, 3);
	for (int i = 0; i < 20000; i++) {
		char text[64];
		int length = snprintf(text, sizeof(text), "[%.*f]", (int)below(20),
		    (double)below(100000000) / (1 + below(1000000)));
		if (stencil_fit(&stencil, text, text + length) != text + length)
			fail_msg("%s", text);
		double wanted = strtod(text + 1, NULL);
		if (memcmp(&stencil.holes[0].number, &wanted, sizeof(wanted)) != 0)
			fail_msg("%s is not %.17g", text, stencil.holes[0].number);
	}
	stencil_free(&stencil);
}

static void
what_is_never_of_use_is_learned_ever_more_rarely(void **state)
{
	(void)state;
	struct stencil stencil = {0};
	unsigned learned = 0;
	for (int i = 0; i < 10000; i++) {
		if (!stencil_begin(&stencil, "[1,2,3]", 7))
			continue;
		assert_true(stencil_add_json(&stencil));
		stencil_end(&stencil);
		learned++;
	}
	assert_true(learned > 2 && learned < 12);
	stencil_free(&stencil);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events_are_read_as_if_each_stood_alone),
	    cmocka_unit_test(tensors_are_read_as_if_each_stood_alone),
	    cmocka_unit_test(captures_are_read_as_if_each_stood_alone),
	    cmocka_unit_test(holes_open_where_texts_differ),
	    cmocka_unit_test(numbers_in_holes_are_rounded_as_ever),
	    cmocka_unit_test(what_is_never_of_use_is_learned_ever_more_rarely),
	};
	return cmocka_run_group_tests_name("stencil", tests, NULL, NULL);
}
