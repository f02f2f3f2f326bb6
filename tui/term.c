/* term.c: the terminal, the only file that knows curses. A canvas is compared with the last one
 * drawn: the same one sends nothing at all, a changed row is given to curses, which sends its
 * changed cells. The palette of the terminal is never edited and no question is ever asked of it,
 * since an answer that comes late would be read as keys. What must hold when things end is
 * guard.c's. */
#include "tui/term.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>
/* terminfo calls its own type `struct term`. */
#define term terminfo_term
#include <term.h>
#undef term

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/entry.h"
#include "tui/guard.h"
#include "tui/keys.h"
#include "tui/osc52.h"

enum { PAIRS_MAX = 64 };

static const char sync_begin[] = "\033[?2026h", sync_end[] = "\033[?2026l";

struct term {
	SCREEN *screen;
	WINDOW *keys; /* a pad: reading keys from the screen itself would draw it */
	char name[ENTRY_SIZE]; /* of the terminfo entry in use */
	FILE *input; /* /dev/tty if the standard input is something else, else NULL */
	int fd_in, fd_out;
	enum term_color color;
	int colors; /* 0: the mono look */
	struct theme wanted, theme; /* what was asked for, and what is in use */
	short pairs[PAIRS_MAX][2];
	int pairs_count;
	struct canvas *last; /* what the screen shows, or NULL */
	int width, height;
	bool sync, resized;
	char warning[256];
	struct keys_partial partial;
};

/* Can curses do anything with this entry? One that cannot place the cursor (dumb) is of no use. */
static bool
entry_exists(const char *name, int fd, bool *usable)
{
	int result;
	if (setupterm(name, fd, &result) != OK)
		return false;
	const char *cup = tigetstr("cup");
	*usable = cup != NULL && cup != (char *)-1;
	del_curterm(cur_term);
	return true;
}

static bool
find_entry(struct term *term, struct err *err)
{
	char names[ENTRY_MAX][ENTRY_SIZE];
	const char *wanted = getenv("TERM");
	size_t count = entry_list(wanted, term->color == TERM_COLOR_256, names);
	for (size_t i = 0; i < count; i++) {
		bool usable;
		if (!entry_exists(names[i], term->fd_out, &usable))
			continue;
		if (!usable)
			return err_set(err, ERR_UNAVAILABLE,
			    "the terminal type `%s` cannot place text on a screen; use --batch or"
			    " --plain, or set TERM",
			    names[i]);
		text_copy(term->name, sizeof(term->name), names[i]);
		entry_warning(wanted, term->name, term->warning, sizeof(term->warning));
		return true;
	}
	return err_set(err, ERR_UNAVAILABLE,
	    "no terminal description found, not even for vt100; is ncurses-base installed, or"
	    " TERMINFO_DIRS set wrongly?");
}

static void
find_size(struct term *term)
{
	struct winsize size = {0};
	if (ioctl(term->fd_out, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
		return;
	if (size.ws_col == getmaxx(stdscr) && size.ws_row == getmaxy(stdscr))
		return;
	resize_term(size.ws_row, size.ws_col);
	term->resized = true;
}

static void
take_size(struct term *term)
{
	term->width = getmaxx(stdscr);
	term->height = getmaxy(stdscr);
	term->resized = false;
}

/* The look in use: of a theme, or without colour that of the theme `mono`. */
static void
take_theme(struct term *term, const struct theme *theme)
{
	term->theme = *theme;
	if (term->colors == 0)
		theme_load(&term->theme, "mono", NULL);
	term->pairs_count = 0;
}

static void
begin_colors(struct term *term)
{
	bool never = term->color == TERM_COLOR_NEVER ||
		     (term->color == TERM_COLOR_AUTO && entry_is_set("NO_COLOR"));
	if (never || !has_colors())
		return;
	start_color();
	use_default_colors();
	int most = term->color == TERM_COLOR_16 ? 16 : 256;
	term->colors = COLORS >= 256 && most == 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}

/* --- what gives the screen back in an emergency --- */

static struct {
	char bytes[256];
	size_t length;
} farewell;

static int
keep_byte(int byte)
{
	if (farewell.length < sizeof(farewell.bytes))
		farewell.bytes[farewell.length++] = (char)byte;
	return byte;
}

static void
prepare_farewell(const struct term *term)
{
	static const char *const names[] = {"sgr0", "op", "rmkx", "rmcup", "cnorm"};
	farewell.length = 0;
	if (term->sync)
		for (const char *at = sync_end; *at != '\0'; at++)
			keep_byte(*at);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (term->colors == 0 && strcmp(names[i], "op") == 0)
			continue;
		const char *text = tigetstr(names[i]);
		if (text != NULL && text != (char *)-1)
			tputs(text, 1, keep_byte);
	}
	guard_set_bytes(farewell.bytes, farewell.length);
}

void
term_emergency_restore(void)
{
	guard_restore();
}

/* --- opening and closing --- */

/* Keys one by one, signals kept, and neither Ctrl-S nor Ctrl-V with a meaning of its own. */
static void
set_modes(struct term *term)
{
	cbreak();
	noecho();
	nonl();
	term->keys = newpad(1, 1);
	keypad(term->keys, TRUE);
	nodelay(term->keys, TRUE);
	meta(term->keys, TRUE);
	struct termios modes;
	if (tcgetattr(term->fd_in, &modes) == 0) {
		modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
		modes.c_lflag &= ~(tcflag_t)IEXTEN;
		tcsetattr(term->fd_in, TCSANOW, &modes);
	}
	def_prog_mode();
	/* A cursor that cannot be hidden is parked; else it stays where it is: fewer bytes. */
	leaveok(stdscr, curs_set(0) != ERR);
	if (!entry_is_set("ESCDELAY"))
		set_escdelay(entry_is_set("SSH_CONNECTION") ? 50 : 25);
}

/* newterm installs handlers of its own, which are not safe and would hide the application's. */
static bool
begin_screen(struct term *term)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGQUIT, SIGTSTP, SIGWINCH};
	struct sigaction before[sizeof(numbers) / sizeof(numbers[0])];
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], NULL, &before[i]);
	term->screen = newterm(term->name, stdout, term->input != NULL ? term->input : stdin);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &before[i], NULL);
	if (term->screen == NULL)
		return false;
	set_modes(term);
	begin_colors(term);
	prepare_farewell(term);
	take_theme(term, &term->wanted);
	find_size(term);
	return true;
}

static int
put_byte(int byte)
{
	return fputc(byte, stdout);
}

/* Curses shows the cursor and then leaves the alternate screen, where terminals of libvterm
 * (Neovim's, Emacs' vterm) restore what a scroll had saved, a hidden cursor with it. */
static void
leave_screen(void)
{
	endwin();
	const char *cnorm = tigetstr("cnorm");
	if (cnorm != NULL && cnorm != (char *)-1)
		tputs(cnorm, 1, put_byte);
	fflush(stdout);
}

static void
discard(struct term *term)
{
	if (term->screen != NULL)
		delscreen(term->screen);
	if (term->input != NULL)
		fclose(term->input);
	canvas_free(term->last);
	free(term);
}

struct term *
term_open(const struct theme *theme, enum term_color color, struct err *err)
{
	struct term *term = mem_alloc(sizeof(*term));
	term->color = color;
	term->wanted = *theme;
	if (!entry_files(&term->fd_in, &term->fd_out, &term->input, err) ||
	    !find_entry(term, err)) {
		discard(term);
		return NULL;
	}
	if (term->warning[0] != '\0')
		fprintf(stderr, "fraudtop: %s\n", term->warning);
	fflush(stdout);
	term->sync = entry_wants_sync(term->name);
	guard_begin(term->fd_in, term->fd_out);
	if (!begin_screen(term)) {
		err_set(err, ERR_UNAVAILABLE, "the terminal type `%s` could not be started",
		    term->name);
		guard_end();
		discard(term);
		return NULL;
	}
	take_size(term);
	return term;
}

void
term_close(struct term *term)
{
	if (term == NULL)
		return;
	leave_screen();
	guard_end();
	discard(term);
}

const char *
term_warning(const struct term *term)
{
	return term->warning[0] != '\0' ? term->warning : NULL;
}

int
term_input_fd(const struct term *term)
{
	return term->fd_in;
}

void
term_size(const struct term *term, int *width, int *height)
{
	*width = term->width;
	*height = term->height;
}

/* The next draw sends every row to curses. */
static void
forget(struct term *term)
{
	canvas_free(term->last);
	term->last = NULL;
}

void
term_set_theme(struct term *term, const struct theme *theme)
{
	term->wanted = *theme;
	take_theme(term, &term->wanted);
	forget(term);
}

void
term_repaint(struct term *term)
{
	clearok(curscr, TRUE);
	forget(term);
}

/* Curses is ended and begun anew: its own way back would reset the palette that a user has set. */
void
term_suspend(struct term *term)
{
	leave_screen();
	delscreen(term->screen);
	term->screen = NULL;
	guard_stop();
	if (!begin_screen(term))
		mem_die("the terminal could not be taken again");
	term->resized = true;
	forget(term);
}

void
term_copy(struct term *term, const char *text)
{
	struct buf bytes = {0};
	osc52_encode(&bytes, text);
	guard_write(term->fd_out, bytes.data, bytes.length);
	buf_free(&bytes);
}

/* --- drawing --- */

static short
pair_of(struct term *term, short foreground, short background)
{
	if (foreground < 0 && background < 0)
		return 0;
	for (int i = 0; i < term->pairs_count; i++)
		if (term->pairs[i][0] == foreground && term->pairs[i][1] == background)
			return (short)(i + 1);
	if (term->pairs_count >= PAIRS_MAX || term->pairs_count + 1 >= COLOR_PAIRS)
		return 0;
	int at = term->pairs_count++;
	term->pairs[at][0] = foreground;
	term->pairs[at][1] = background;
	init_pair((short)(at + 1), foreground, background);
	return (short)(at + 1);
}

static void
style_of(struct term *term, const struct cell *cell, attr_t *attributes, short *pair)
{
	struct theme_style style = theme_style(&term->theme, cell, term->colors);
	*pair = pair_of(term, style.foreground, style.background);
	*attributes = (style.attributes & THEME_BOLD ? A_BOLD : 0) |
		      (style.attributes & THEME_DIM ? A_DIM : 0) |
		      (style.attributes & THEME_UNDERLINE ? A_UNDERLINE : 0) |
		      (style.attributes & THEME_REVERSE ? A_REVERSE : 0);
}

static void
draw_row(struct term *term, const struct canvas *canvas, int y, int width)
{
	const struct cell *row = &canvas->cells[(size_t)y * (size_t)canvas->width];
	for (int x = 0; x < width; x++) {
		if (row[x].code == 0)
			continue;
		attr_t attributes;
		short pair;
		cchar_t glyph;
		wchar_t text[2] = {(wchar_t)entry_glyph(row[x].code, entry_utf8()), L'\0'};
		bool wide = x + 1 < canvas->width && row[x + 1].code == 0;
		if (wide && (x + 1 >= width || text[0] == L'?'))
			text[0] = L'?';
		style_of(term, &row[x], &attributes, &pair);
		setcchar(&glyph, text, attributes, pair, NULL);
		mvadd_wch(y, x, &glyph);
		if (wide && text[0] == L'?' && x + 1 < width)
			mvadd_wch(y, x + 1, &glyph);
	}
}

/* Gives curses the rows that are not as they were; false if all are. */
static bool
draw_changes(struct term *term, const struct canvas *canvas)
{
	struct canvas *last = term->last;
	bool all = last == NULL || last->width != canvas->width || last->height != canvas->height;
	int width = canvas->width < getmaxx(stdscr) ? canvas->width : getmaxx(stdscr);
	int height = canvas->height < getmaxy(stdscr) ? canvas->height : getmaxy(stdscr);
	bool changed = all;
	if (all) {
		erase();
		canvas_free(last);
		last = term->last = canvas_new(canvas->width, canvas->height, canvas->symbols);
	}
	for (int y = 0; y < height; y++) {
		size_t at = (size_t)y * (size_t)canvas->width;
		if (!all && canvas_row_same(canvas, last, y))
			continue;
		changed = true;
		draw_row(term, canvas, y, width);
		memcpy(last->cells + at, canvas->cells + at,
		    (size_t)canvas->width * sizeof(*canvas->cells));
	}
	return changed;
}

void
term_draw(struct term *term, const struct canvas *canvas)
{
	if (!draw_changes(term, canvas))
		return;
	if (!is_leaveok(stdscr))
		move(getmaxy(stdscr) - 1, getmaxx(stdscr) - 1);
	wnoutrefresh(stdscr);
	if (term->sync)
		guard_write(term->fd_out, sync_begin, sizeof(sync_begin) - 1);
	doupdate();
	if (term->sync)
		guard_write(term->fd_out, sync_end, sizeof(sync_end) - 1);
}

/* --- keys --- */

static const struct {
	int code;
	uint32_t key;
} key_table[] = {{KEY_UP, TERM_UP}, {KEY_DOWN, TERM_DOWN}, {KEY_LEFT, TERM_LEFT},
    {KEY_RIGHT, TERM_RIGHT}, {KEY_HOME, TERM_HOME}, {KEY_FIND, TERM_HOME}, {KEY_END, TERM_END},
    {KEY_SELECT, TERM_END}, {KEY_PPAGE, TERM_PAGE_UP}, {KEY_NPAGE, TERM_PAGE_DOWN},
    {KEY_BACKSPACE, TERM_BACKSPACE}, {8, TERM_BACKSPACE}, {127, TERM_BACKSPACE},
    {KEY_DC, TERM_DELETE}, {KEY_BTAB, TERM_BACK_TAB}, {KEY_ENTER, TERM_ENTER}, {10, TERM_ENTER},
    {KEY_F(1), TERM_F1}};

static uint32_t
key_of(int code)
{
	for (size_t i = 0; i < sizeof(key_table) / sizeof(key_table[0]); i++)
		if (key_table[i].code == code)
			return key_table[i].key;
	return code > 0 && code < 0x80 ? (uint32_t)code : (uint32_t)TERM_NONE;
}

static int
next_byte(void *context)
{
	int code = wgetch(((struct term *)context)->keys);
	return code == ERR ? -1 : code;
}

uint32_t
term_key(struct term *term)
{
	find_size(term);
	if (term->resized) {
		take_size(term);
		term_repaint(term);
		return TERM_RESIZE;
	}
	for (;;) {
		int code = wgetch(term->keys);
		uint32_t key;
		if (code == ERR)
			return guard_is_gone(term->fd_in) ? (uint32_t)TERM_HANGUP
							  : (uint32_t)TERM_NONE;
		if (code >= 0x80 && code < 0x100)
			key = keys_collect(&term->partial, code, entry_utf8());
		else
			key =
			    code == 27 ? keys_after_escape(next_byte, term, ungetch) : key_of(code);
		if (key != TERM_NONE)
			return key;
	}
}
