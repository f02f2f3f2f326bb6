/* priority.c: see priority.h. A system that knows less of it does less; nothing depends on it, so
 * that no failure is told. */
#ifdef __linux__
#define _GNU_SOURCE /* SCHED_BATCH */
#endif
#include "core/base/priority.h"

#ifdef __linux__
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SHORT_TURN_NS = 200000 };

struct attributes { /* the kernel's sched_attr, as of its first version */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* turn_ns 0: of the usual length. */
static void
set(int policy, uint64_t turn_ns)
{
	struct attributes attributes = {.size = sizeof(attributes),
	    .policy = (uint32_t)policy,
	    .nice = getpriority(PRIO_PROCESS, 0),
	    .runtime = turn_ns};
	syscall(SYS_sched_setattr, 0, &attributes, 0);
}

void
priority_come_first(void)
{
	set(SCHED_OTHER, SHORT_TURN_NS);
}

void
priority_give_way(void)
{
	set(SCHED_BATCH, 0);
}
#else
void
priority_come_first(void)
{
}

void
priority_give_way(void)
{
}
#endif
