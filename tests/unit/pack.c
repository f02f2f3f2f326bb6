/* State as bytes and back: everything comes back as it was, and no bytes lead the reader astray. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/pack.h"
#include "core/base/rng.h"

static struct unpack
reader_of(const struct buf *pack)
{
	return (struct unpack){.at = pack->data, .end = pack->data + pack->length};
}

static void
what_was_packed_comes_back(void **state)
{
	(void)state;
	struct buf pack = {0};
	const uint64_t varints[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
	pack_u64(&pack, UINT64_MAX);
	pack_i64(&pack, INT64_MIN);
	pack_f64(&pack, NAN);
	pack_f64(&pack, -0.0);
	pack_text(&pack, "");
	pack_text(&pack, "Zürich");
	pack_bytes(&pack, "abc", 3);
	pack_u64(&pack, 7);
	for (size_t i = 0; i < 8; i++)
		pack_varint(&pack, varints[i]);
	struct unpack unpack = reader_of(&pack);
	char text[8], bytes[3];
	assert_true(unpack_u64(&unpack) == UINT64_MAX);
	assert_true(unpack_i64(&unpack) == INT64_MIN);
	assert_true(isnan(unpack_f64(&unpack)));
	assert_true(signbit(unpack_f64(&unpack)));
	unpack_text(&unpack, text, sizeof(text));
	assert_string_equal(text, "");
	unpack_text(&unpack, text, sizeof(text)); /* 7 bytes and the NUL */
	assert_string_equal(text, "Zürich");
	unpack_bytes(&unpack, bytes, 3);
	assert_memory_equal(bytes, "abc", 3);
	assert_int_equal(unpack_count(&unpack, 7), 7);
	assert_false(unpack_good(&unpack)); /* not all was read */
	for (size_t i = 0; i < 8; i++)
		assert_true(unpack_varint(&unpack, UINT64_MAX) == varints[i]);
	assert_true(unpack_good(&unpack));
	buf_free(&pack);
}

static void
after_a_failure_everything_is_nothing(void **state)
{
	(void)state;
	struct buf pack = {0};
	pack_u64(&pack, 8);
	pack_text(&pack, "more");
	struct unpack unpack = reader_of(&pack);
	assert_int_equal(unpack_count(&unpack, 7), 0);
	char text[8] = "before";
	unpack_text(&unpack, text, sizeof(text));
	assert_string_equal(text, "");
	uint32_t counts[2] = {1, 1};
	unpack_counts(&unpack, counts, 2);
	assert_int_equal(counts[0] + counts[1], 0);
	assert_true(unpack_u64(&unpack) == 0 && unpack_f64(&unpack) == 0);
	assert_true(unpack_varint(&unpack, 9) == 0);
	assert_false(unpack_good(&unpack));
	buf_free(&pack);
}

static void
a_text_that_does_not_fit_or_holds_a_nul_fails(void **state)
{
	(void)state;
	struct buf pack = {0};
	pack_text(&pack, "four");
	char text[5];
	struct unpack unpack = reader_of(&pack);
	unpack_text(&unpack, text, 4);
	assert_true(unpack.failed && text[0] == '\0');
	unpack = reader_of(&pack);
	unpack_text(&unpack, text, 5);
	assert_true(unpack_good(&unpack));
	pack.data[2] = '\0';
	unpack = reader_of(&pack);
	unpack_text(&unpack, text, 5);
	assert_true(unpack.failed && text[0] == '\0');
	buf_free(&pack);
}

static void
a_reader_never_reads_past_its_end(void **state)
{
	(void)state;
	struct buf pack = {0};
	pack_u64(&pack, 1);
	pack_text(&pack, "text");
	pack_varint(&pack, UINT64_MAX);
	uint32_t counts[5] = {0, 9, 0, 0, 1};
	pack_counts(&pack, counts, 5);
	for (size_t length = 0; length < pack.length; length++) {
		char *copy = test_malloc(length + 1); /* of that length: ASan watches its end */
		memcpy(copy, pack.data, length);
		char *exact = length > 0 ? test_realloc(copy, length) : copy;
		struct unpack unpack = {.at = exact, .end = exact + length};
		char text[8];
		unpack_u64(&unpack);
		unpack_text(&unpack, text, sizeof(text));
		unpack_varint(&unpack, UINT64_MAX);
		unpack_counts(&unpack, counts, 5);
		assert_false(unpack_good(&unpack));
		test_free(exact);
	}
	buf_free(&pack);
}

static void
a_varint_written_in_another_way_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t length;
	} wrong[] = {{"\x80\x00", 2}, {"\xff\x80\x00", 3},
	    {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},
	    {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11}};
	for (size_t i = 0; i < 4; i++) {
		struct unpack unpack = {
		    .at = wrong[i].bytes, .end = wrong[i].bytes + wrong[i].length};
		unpack_varint(&unpack, UINT64_MAX);
		assert_true(unpack.failed);
	}
}

static void
counts_take_little_and_come_back(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 11, 1);
	for (int round = 0; round < 2000; round++) {
		uint32_t counts[64], back[64];
		size_t count = rng_below(&rng, 65), used = 0;
		for (size_t i = 0; i < count; i++) {
			counts[i] = rng_below(&rng, 4) > 0 ? 0 : rng_u32(&rng);
			used += counts[i] != 0;
		}
		struct buf pack = {0};
		pack_counts(&pack, counts, count);
		assert_true(pack.length <= 6 * used + 1);
		struct unpack unpack = reader_of(&pack);
		memset(back, 0xFF, sizeof(back));
		unpack_counts(&unpack, back, count);
		assert_true(unpack_good(&unpack));
		assert_memory_equal(back, counts, count * sizeof(*counts));
		buf_free(&pack);
	}
}

/* Whatever is read without a complaint packs to the bytes it was read from. */
static void
random_bytes_are_refused_or_come_back(void **state)
{
	(void)state;
	struct rng rng;
	rng_seed(&rng, 12, 1);
	int taken = 0;
	for (int round = 0; round < 20000; round++) {
		char bytes[12];
		size_t length = rng_below(&rng, sizeof(bytes) + 1);
		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)(rng_below(&rng, 3) > 0 ? rng_below(&rng, 4)
								 : rng_below(&rng, 256));
		struct unpack unpack = {.at = bytes, .end = bytes + length};
		uint32_t counts[8];
		unpack_counts(&unpack, counts, 8);
		if (!unpack_good(&unpack))
			continue;
		struct buf pack = {0};
		pack_counts(&pack, counts, 8);
		assert_int_equal(pack.length, length);
		assert_memory_equal(pack.data, bytes, length);
		buf_free(&pack);
		taken++;
	}
	assert_true(taken > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_packed_comes_back),
	    cmocka_unit_test(after_a_failure_everything_is_nothing),
	    cmocka_unit_test(a_text_that_does_not_fit_or_holds_a_nul_fails),
	    cmocka_unit_test(a_reader_never_reads_past_its_end),
	    cmocka_unit_test(a_varint_written_in_another_way_is_refused),
	    cmocka_unit_test(counts_take_little_and_come_back),
	    cmocka_unit_test(random_bytes_are_refused_or_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
