/* csv.c: what is quoted and written is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/rng.h"
#include "core/ingest/csv.h"

/* Random tables with every kind of quoting. */
static void
what_is_quoted_and_written_is_read_back(void **state)
{
	(void)state;
	static const char alphabet[] = "ab,\"\n\r; ";
	struct rng rng;
	rng_seed(&rng, 4180, 1);
	for (int round = 0; round < 2000; round++) {
		char cells[4][3][8];
		struct buf text = {0};
		for (int row = 0; row < 4; row++) {
			for (int column = 0; column < 3; column++) {
				char *cell = cells[row][column];
				size_t length = rng_below(&rng, 7);
				for (size_t i = 0; i < length; i++)
					cell[i] = alphabet[rng_below(&rng, sizeof(alphabet) - 1)];
				cell[length] = '\0';
				buf_puts(&text, column ? ",\"" : "\"");
				for (size_t i = 0; i < length; i++)
					buf_printf(&text, cell[i] == '"' ? "\"\"" : "%c", cell[i]);
				buf_puts(&text, "\"");
			}
			buf_puts(&text, row == 3 ? "" : round % 2 ? "\r\n" : "\n");
		}
		struct csv csv;
		csv_begin(&csv, text.data, text.length);
		for (int row = 0; row < 4; row++) {
			assert_true(csv_next(&csv));
			assert_null(csv.reason);
			assert_int_equal(csv.count, 3);
			for (int column = 0; column < 3; column++) {
				const char *cell = cells[row][column];
				assert_int_equal(csv.fields[column].length, strlen(cell));
				assert_memory_equal(csv.fields[column].text, cell, strlen(cell));
			}
		}
		assert_false(csv_next(&csv));
		csv_free(&csv);
		buf_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_quoted_and_written_is_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
