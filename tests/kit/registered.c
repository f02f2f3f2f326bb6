#include "tests/kit/registered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/sql.h"

struct registered registered;

int
registered_setup(void **state)
{
	(void)state;
	if (!folder_make(registered.folder, "registry"))
		return -1;
	snprintf(registered.file, sizeof(registered.file), "%s/registry.db", registered.folder);
	snprintf(
	    registered.artifact, sizeof(registered.artifact), "%s/model.json", registered.folder);
	return buf_write_file(registered.artifact, "{\"kind\":\"linear\"}", 17, 0600, NULL) ? 0
											    : -1;
}

int
registered_teardown(void **state)
{
	(void)state;
	return folder_remove(registered.folder);
}

struct registry *
registered_open(void)
{
	struct err err = {0};
	struct registry *registry = registry_open("test", "local", registered.file, true, &err);
	if (registry == NULL)
		fail_msg("%s", err.text);
	return registry;
}

void
registered_add(struct registry *registry, const char *version)
{
	struct err err = {0};
	if (!registry_add_version(
		registry, "fraud", version, registered.artifact, 0.5, NULL, "trainer", &err))
		fail_msg("%s", err.text);
}

void
registered_move(struct registry *registry, const char *version, int64_t expect)
{
	struct err err = {0};
	int64_t epoch = -1;
	if (!registry_set_alias(
		registry, "fraud", "production", version, expect, "alice", "why", &epoch, &err))
		fail_msg("%s", err.text);
	assert_int_equal(epoch, expect + 1);
}

struct registry *
registered_three(void)
{
	struct registry *registry = registered_open();
	registered_add(registry, "1");
	registered_add(registry, "2");
	registered_add(registry, "3");
	registered_move(registry, "1", 0);
	return registry;
}

const char *
registered_ask(const char *sql)
{
	return sql_ask(registered.file, sql);
}
