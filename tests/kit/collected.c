#include "tests/kit/collected.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those first */
#include <cmocka.h>

void
collected_begin(struct collected *collected)
{
	struct err err = {0};
	collected->collector = collector_new(collected->loop, collected->config, &err);
	if (collected->collector == NULL)
		fail_msg("%s", err.text);
}

void
collected_open(struct collected *collected, const char *yaml)
{
	collected->config = place_config(collected->folder, yaml);
	collected->loop = loop_new();
	collected_begin(collected);
}

void
collected_end(struct collected *collected)
{
	collector_free(collected->collector);
	loop_free(collected->loop);
	config_free(collected->config);
	place_remove(collected->folder);
}

const struct snapshot *
collected_turn(struct collected *collected, int64_t us)
{
	loop_run_once(collected->loop, us);
	collector_update(collected->collector);
	return collector_snapshot(collected->collector);
}
