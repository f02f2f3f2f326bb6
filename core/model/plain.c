/* plain.c: see plain.h. Without memory for a locale the host's stays. */
#include "core/model/plain.h"

struct plain
plain_begin(void)
{
	struct plain plain = {.numbers = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0)};
	if (plain.numbers != (locale_t)0)
		plain.before = uselocale(plain.numbers);
	return plain;
}

void
plain_end(struct plain plain)
{
	if (plain.numbers == (locale_t)0)
		return;
	uselocale(plain.before);
	freelocale(plain.numbers);
}
