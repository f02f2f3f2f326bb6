/* refusals.c: what could not be read is counted whole, and shown by the first, the last and a fair
 * sample, however the file was cut into stretches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include "core/ingest/refusals.h"

static void
add_at(struct refusals *refusals, uint64_t base, uint64_t n)
{
	char reason[64];
	snprintf(reason, sizeof(reason), "reason %llu", (unsigned long long)n);
	refusals_add(refusals, base + n * 100, n, reason, "{\"a\x1b", 4, n % 2 == 0);
}

static void
add(struct refusals *refusals, uint64_t n)
{
	add_at(refusals, 0, n);
}

static void
the_first_the_last_and_all_of_a_few_are_kept(void **state)
{
	(void)state;
	struct refusals refusals = {0};
	for (uint64_t n = 1; n <= 8; n++)
		add(&refusals, n);
	assert_int_equal(refusals.count, 8);
	assert_int_equal(refusals.cut, 4);
	assert_int_equal(refusals.first.line, 1);
	assert_int_equal(refusals.last.line, 8);
	assert_int_equal(refusals.last.offset, 800);
	assert_string_equal(refusals.last.reason, "reason 8");
	assert_string_equal(refusals.last.text, "{\"a\xef\xbf\xbd");
	assert_int_equal(refusals.sample_count, 6);
	for (uint64_t i = 0; i < 6; i++)
		assert_int_equal(refusals.sample[i].line, i + 2);
}

static void
a_long_text_is_cut_at_a_whole_character(void **state)
{
	(void)state;
	struct refusals refusals = {0};
	char text[400];
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	refusals_add(&refusals, 0, 1, "", text, sizeof(text) - 1, 0);
	assert_int_equal(strlen(refusals.first.text), 118);
	assert_null(strstr(refusals.first.text, "\xef\xbf\xbd"));
}

/* Of 60 between, cut into stretches in many ways, each is kept about as often. */
static void
the_sample_is_fair_and_the_counts_exact_however_it_is_cut(void **state)
{
	(void)state;
	unsigned kept[63] = {0};
	uint64_t rounds = 4000;
	for (uint64_t round = 0; round < rounds; round++) {
		struct refusals all = {0};
		size_t n = 1;
		while (n <= 62) {
			struct refusals stretch = {0};
			size_t size = 1 + (round * 7919 + n * 31) % 40;
			for (size_t i = 0; i < size && n <= 62; i++, n++)
				add_at(&stretch, 7 * round, n);
			refusals_merge(&all, &stretch);
		}
		assert_int_equal(all.count, 62);
		assert_int_equal(all.cut, 31);
		assert_int_equal(all.first.line, 1);
		assert_int_equal(all.last.line, 62);
		assert_int_equal(all.sample_count, 6);
		for (size_t i = 0; i < 6; i++) {
			assert_in_range(all.sample[i].line, 2, 61);
			kept[all.sample[i].line]++;
			for (size_t j = 0; j < i; j++)
				assert_true(all.sample[i].line != all.sample[j].line);
		}
	}
	/* 400 expected; six deviations of chance. */
	for (size_t line = 2; line <= 61; line++)
		assert_in_range(kept[line], 280, 520);
}

static void
nothing_merged_changes_nothing(void **state)
{
	(void)state;
	struct refusals none = {0}, some = {0};
	refusals_merge(&some, &none);
	assert_int_equal(some.count, 0);
	add(&some, 3);
	refusals_merge(&none, &some);
	refusals_merge(&some, &(struct refusals){0});
	assert_memory_equal(&none, &some, sizeof(some));
	add(&none, 4);
	refusals_merge(&some, &none);
	assert_int_equal(some.count, 3);
	assert_int_equal(some.sample_count, 1);
	assert_int_equal(some.sample[0].line, 3);
	assert_int_equal(some.last.line, 4);
}

static void
they_come_back_from_a_checkpoint_and_nonsense_does_not(void **state)
{
	(void)state;
	struct refusals some = {0}, again;
	struct buf pack = {0};
	for (uint64_t n = 1; n <= 5; n++)
		add(&some, n);
	refusals_save(&some, &pack);
	struct unpack unpack = {.at = pack.data, .end = pack.data + pack.length};
	refusals_load(&again, &unpack);
	assert_true(unpack_good(&unpack));
	assert_memory_equal(&some, &again, sizeof(some));
	for (size_t length = 0; length < pack.length; length++) {
		unpack = (struct unpack){.at = pack.data, .end = pack.data + length};
		refusals_load(&again, &unpack);
		assert_false(unpack_good(&unpack));
	}
	pack.data[0] = 2; /* of two refusals there is no sample */
	unpack = (struct unpack){.at = pack.data, .end = pack.data + pack.length};
	refusals_load(&again, &unpack);
	assert_false(unpack_good(&unpack));
	buf_free(&pack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_the_last_and_all_of_a_few_are_kept),
	    cmocka_unit_test(a_long_text_is_cut_at_a_whole_character),
	    cmocka_unit_test(the_sample_is_fair_and_the_counts_exact_however_it_is_cut),
	    cmocka_unit_test(nothing_merged_changes_nothing),
	    cmocka_unit_test(they_come_back_from_a_checkpoint_and_nonsense_does_not),
	};
	return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
