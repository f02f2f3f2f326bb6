/* registered.h: a local registry in a folder of the test's own, of the model `fraud`. */
#ifndef FRAUDTOP_TESTS_KIT_REGISTERED_H
#define FRAUDTOP_TESTS_KIT_REGISTERED_H

#include "core/registry/registry.h"
#include "tests/folder.h"

struct registered {
	char folder[FOLDER_SIZE], file[128]; /* of the registry, which is not there at first */
	char artifact[128]; /* a model's file */
};
extern struct registered registered; /* of the test that runs */

int registered_setup(void **state);
int registered_teardown(void **state);
#define REGISTERED_TEST(name)                                                                      \
	cmocka_unit_test_setup_teardown(name, registered_setup, registered_teardown)

struct registry *registered_open(void);
/* With versions 1, 2, 3 and production at 1. */
struct registry *registered_three(void);
void registered_add(struct registry *registry, const char *version);
/* Moves production from the epoch that is expected. */
void registered_move(struct registry *registry, const char *version, int64_t expect);
/* What sql_ask answers about the file. */
const char *registered_ask(const char *sql);

#endif
