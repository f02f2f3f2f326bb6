/* collector_checkpoint.c: the main monitor's checkpoint: taken up after the first frame and before
 * anything is read, kept now and then and at the end. The preview has none.
 *
 * While workers read they are asked to end first, which takes them some stretches; the loop does
 * not wait for it. */
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/collector_parts.h"

static void
say(struct collector *collector, enum severity severity, const char *what, const struct err *why)
{
	struct checkpoint_view *kept = &collector->kept;
	text_copy(kept->reason, sizeof(kept->reason), what);
	text_append(kept->reason, sizeof(kept->reason), "%s", why->text);
	collector_event(
	    collector, EVENT_CHECKPOINT, severity, "", clock_wall(), "%s", kept->reason);
}

/* Nothing was read yet, so that a new one is as good. */
static void
begin_anew(struct collector *collector)
{
	collector_feed_anew(&collector->main, collector->config);
	collector->monitor = collector->main.monitor;
	monitor_set_join_folder(collector->monitor, checkpoint_join_folder(collector->checkpoint));
	checkpoint_keep(collector->checkpoint, collector->monitor);
}

void
collector_checkpoint_begin(struct collector *collector)
{
	struct err err = {0};
	struct collector_feed *main = &collector->main;
	struct checkpoint *checkpoint = checkpoint_open(collector->config, &err);
	collector->checkpoint = checkpoint;
	if (checkpoint == NULL) {
		if (err.code != ERR_NONE)
			say(collector, SEVERITY_WARNING, "no checkpoint is kept: ", &err);
		return;
	}
	collector->kept.kept = checkpoint_is_kept(checkpoint);
	monitor_set_join_folder(main->monitor, checkpoint_join_folder(checkpoint));
	switch (checkpoint_load(checkpoint, main->monitor, main->intake, &main->lines, &err)) {
	case CHECKPOINT_BROKEN:
		begin_anew(collector);
		break;
	case CHECKPOINT_LOADED:
		collector->kept.resumed = true;
		collector->kept.made_at = checkpoint_made_at(checkpoint);
		break;
	case CHECKPOINT_NONE:
		checkpoint_keep(checkpoint, main->monitor);
		break;
	}
	if (err.code != ERR_NONE)
		say(collector, err.code == ERR_CHANGED ? SEVERITY_OK : SEVERITY_WARNING,
		    "the logs are read anew: ", &err);
}

static void
note(struct collector *collector, bool good, const struct err *err)
{
	wall_us made_at = checkpoint_made_at(collector->checkpoint);
	if (!good) {
		say(collector, SEVERITY_WARNING, "no checkpoint can be written: ", err);
		collector->unkept = true;
	} else if (collector->unkept && made_at > collector->kept.made_at) {
		collector_event(collector, EVENT_CHECKPOINT, SEVERITY_OK, "", clock_wall(),
		    "checkpoints are written again");
		collector->kept.reason[0] = '\0';
		collector->unkept = false;
	}
	collector->kept.made_at = made_at;
}

void
collector_checkpoint_save(struct collector *collector)
{
	struct collector_feed *main = &collector->main;
	checkpoint_save(collector->checkpoint, main->monitor, main->intake, &main->lines);
}

bool
collector_checkpoint_due(struct collector *collector)
{
	struct collector_feed *main = &collector->main;
	struct err err = {0};
	if (collector->checkpoint == NULL)
		return false;
	collector_lock(collector);
	bool good = checkpoint_look(collector->checkpoint, main->monitor, &err);
	bool due = checkpoint_due(collector->checkpoint, main->intake);
	collector_unlock(collector);
	note(collector, good, &err);
	return due;
}

void
collector_checkpoint_end(struct collector *collector)
{
	struct collector_feed *main = &collector->main;
	if (collector->checkpoint == NULL || main->intake == NULL)
		return;
	intake_stop(main->intake);
	if (checkpoint_is_behind(collector->checkpoint, main->intake))
		collector_checkpoint_save(collector);
	checkpoint_finish(collector->checkpoint, main->monitor, NULL);
}
