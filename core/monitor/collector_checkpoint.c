/* collector_checkpoint.c: the main monitor's checkpoint: taken up after the first frame and before
 * anything is read, kept now and then and at the end. The preview has none. A thread opens it: a
 * slow disk holds no picture and no key, only what is read.
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

static void
take_up(struct collector *collector, struct err *err)
{
	struct collector_feed *main = &collector->main;
	struct checkpoint *checkpoint = collector->checkpoint;
	collector->kept.kept = checkpoint_is_kept(checkpoint);
	monitor_set_join_folder(main->monitor, checkpoint_join_folder(checkpoint));
	switch (checkpoint_load(checkpoint, main->monitor, main->intake, &main->lines, err)) {
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
	if (err->code != ERR_NONE)
		say(collector, err->code == ERR_CHANGED ? SEVERITY_OK : SEVERITY_WARNING,
		    "the logs are read anew: ", err);
}

bool
collector_checkpoint_begin(struct collector *collector)
{
	struct err err = {0};
	if (collector->opening == NULL)
		collector->opening = checkpoint_opening_start(collector->config);
	if (!checkpoint_opening_ended(collector->opening))
		return false;
	collector->checkpoint = checkpoint_opening_take(collector->opening, &err);
	collector->opening = NULL;
	if (collector->checkpoint != NULL)
		take_up(collector, &err);
	else if (err.code != ERR_NONE)
		say(collector, SEVERITY_WARNING, "no checkpoint is kept: ", &err);
	return true;
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
	struct err err;
	if (collector->opening != NULL) { /* nothing was read */
		checkpoint_close(checkpoint_opening_take(collector->opening, &err));
		collector->opening = NULL;
	}
	if (collector->checkpoint == NULL || main->intake == NULL)
		return;
	intake_stop(main->intake);
	if (checkpoint_is_behind(collector->checkpoint, main->intake))
		collector_checkpoint_save(collector);
	checkpoint_finish(collector->checkpoint, main->monitor, NULL);
}
