/* why.h: why a model gives a prediction its score. */
#ifndef FRAUDTOP_MONITOR_WHY_H
#define FRAUDTOP_MONITOR_WHY_H

#include "core/ingest/record.h"
#include "core/monitor/replay_files.h"
#include "core/monitor/replay_view.h"

/* Fills *why but its version. file NULL: no file of the version is known. */
void why_fill(struct why_view *why, const struct replay_file *file,
    const struct prediction *prediction, double threshold);

#endif
