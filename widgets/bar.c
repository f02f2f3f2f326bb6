/* bar.c: a horizontal bar. What is more than nothing is always seen, as an eighth of a cell. */
#include "widgets/bar.h"

#include <math.h>

void
bar_draw(struct canvas *canvas, struct area area, enum role role, double share)
{
	if (area.width <= 0 || area.height <= 0)
		return;
	struct area row = {area.x, area.y, area.width, 1};
	canvas_fill(canvas, row, ROLE_DEFAULT, ' ');
	if (isnan(share)) {
		canvas_put(canvas, row, 0, 0, ROLE_MUTED, 0xB7);
		return;
	}
	share = share < 0 ? 0 : share > 1 ? 1 : share;
	long long eighths = llround(share * area.width * 8);
	if (eighths == 0 && share > 0)
		eighths = 1;
	for (int x = 0; x < area.width && eighths > 0; x++, eighths -= 8) {
		uint32_t code = eighths >= 8 ? 0x2588 : 0x2590 - (uint32_t)eighths;
		canvas_put(canvas, row, x, 0, role, code);
	}
}
