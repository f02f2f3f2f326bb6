/* collector_replay.h: the replays of a collector: other models asked about the newest rows. Inside
 * the collector only. */
#ifndef FRAUDTOP_MONITOR_COLLECTOR_REPLAY_H
#define FRAUDTOP_MONITOR_COLLECTOR_REPLAY_H

#include "core/monitor/collector_state.h"

void collector_replay_open(struct collector *collector);
void collector_replay_close(struct collector *collector);
/* Asks the other models about new rows, for a few milliseconds at most. Returns how long to leave
 * it be: 0, there is more to ask; else microseconds. */
int64_t collector_replay_work(struct collector *collector);
/* Has each replay that can be made a result? */
bool collector_replay_settled(const struct collector *collector);
/* After the services and the registries: says what is compared with what, and how far it is. */
void collector_replay_view(struct collector *collector, struct snapshot *snapshot);
void collector_replay_forget(struct collector *collector); /* files that could not be read */
/* The shown monitor is another one: its rows are asked anew. */
void collector_replay_moved(struct collector *collector);

#endif
