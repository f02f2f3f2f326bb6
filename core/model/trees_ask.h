/* trees_ask.h: how far keys are in a short table, in vectors. Included by trees_program.h, with
 * NAME, TARGET and WIDTH as there. */

typedef int64_t NAME(keys) __attribute__((vector_size(WIDTH)));

/* How many keys of a short table each key has passed: each of them is asked about each, which is
 * what vectors do faster than a search. */
TARGET static void
NAME(ask_all)(
    const int64_t *table, size_t count, const int64_t *keys, size_t rows, int64_t *restrict passed)
{
	enum { EACH = WIDTH / sizeof(int64_t) };
	for (size_t row = 0; row < rows; row += 4 * (size_t)EACH) {
		const NAME(keys) *key = (const NAME(keys) *)(keys + row);
		NAME(keys) a = {0}, b = {0}, c = {0}, d = {0};
		for (size_t i = 0; i < count; i++) {
			NAME(keys) asked = table[i] - (NAME(keys)){0};
			a += asked > key[0];
			b += asked > key[1];
			c += asked > key[2];
			d += asked > key[3];
		}
		NAME(keys) *to = (NAME(keys) *)(passed + row);
		int64_t all = (int64_t)count;
		to[0] = a + all;
		to[1] = b + all;
		to[2] = c + all;
		to[3] = d + all;
	}
}
