/* app_parts.h: what keys and commands do to the dashboard. For keymap.c, begin.c, modes.c, colon.c
 * and layout.c alone. */
#ifndef FRAUDTOP_TUI_APP_PARTS_H
#define FRAUDTOP_TUI_APP_PARTS_H

#include <stdbool.h>

#include "tui/app.h"

void app_hint(struct app *app, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void app_open_panel(struct app *app, int panel, bool remember);
void app_move(struct app *app, int by, bool wrap);
void app_move_to(struct app *app, bool last);
void app_select_service(struct app *app, int by);
/* Asks why the selected line has its score. */
void app_ask(struct app *app);
void app_freeze(struct app *app);
void app_set_filter(struct app *app, const char *text); /* "" clears */
bool app_set_sort(struct app *app, const char *name, struct err *err);
void app_try_quit(struct app *app);
struct actions_scene app_scene(const struct app *app);
/* Does this panel show whose model R and P would move? */
bool app_can_begin(const struct app *app);
/* Opens the action sheet on a wish, or says why not. */
void app_open_sheet(struct app *app, const struct actions_wish *wish);
/* Begins a rollback or promote of what is selected; version NULL: as the panel says. */
void app_begin(struct app *app, const char *operation, const char *version);

#endif
