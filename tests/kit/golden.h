/* golden.h: a canvas compared with the screen kept in tests/screens/NAME.txt. On a difference both
 * are shown where they part, and the command that accepts the new one. */
#ifndef FRAUDTOP_TESTS_KIT_GOLDEN_H
#define FRAUDTOP_TESTS_KIT_GOLDEN_H

#include <stdbool.h>

#include "widgets/canvas.h"

bool golden_matches(const char *name, const struct canvas *canvas, bool roles, const char *program);

/* In a test program NAME.c, the last argument is NAME. */
#define golden_assert(name, canvas, program)                                                       \
	assert_true(golden_matches(name, canvas, false, program))
#define golden_assert_roles(name, canvas, program)                                                 \
	assert_true(golden_matches(name, canvas, true, program))

#endif
