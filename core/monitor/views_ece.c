/* views_ece.c: see views_ece.h. For equal counts the histogram is walked upwards; a bin of it that
 * a border parts gives each side its share of its positives, and every row the bin's middle for a
 * score. What that may hide is added up on the way. */
#include "core/monitor/views_ece.h"

#include <math.h>

#include "core/stats/calibration.h"

enum { COUNT_BINS = 10 };

double
views_ece_width(const struct width_bin bins[QUALITY_WIDTH_BINS])
{
	double sum = 0;
	uint64_t n = 0;
	for (size_t i = 0; i < QUALITY_WIDTH_BINS; i++) {
		sum += fabs((double)bins[i].positives - bins[i].scores);
		n += bins[i].n;
	}
	return n > 0 ? sum / (double)n : NAN;
}

/* `taken` of a bin's `n` rows, of which `positives` are: as many are taken as is fair; returns how
 * far off that may be. */
static double
part(uint64_t taken, uint64_t n, uint64_t positives, double *fair)
{
	*fair = (double)taken * (double)positives / (double)n;
	uint64_t left = n - taken;
	double least = positives > left ? (double)(positives - left) : 0;
	double most = (double)(positives < taken ? positives : taken);
	return fmax(*fair - least, most - *fair);
}

struct metric
views_ece_count(const struct quality_scores *scores)
{
	uint64_t rows = 0;
	for (size_t i = 0; i < QUALITY_BINS; i++)
		rows += (uint64_t)scores->positives[i] + scores->negatives[i];
	size_t edges[2 * COUNT_BINS + 1], bins = calibration_count_edges(rows, COUNT_BINS, edges);
	if (bins == 0)
		return metric_none();
	double sum = 0, doubt = 0;
	size_t at = 0; /* in the histogram */
	uint64_t used = 0; /* of its bin */
	for (size_t bin = 0; bin < bins; bin++) {
		double gap = 0; /* positives less scores */
		for (uint64_t wanted = edges[bin + 1] - edges[bin]; wanted > 0;) {
			uint64_t p = scores->positives[at], n = p + scores->negatives[at];
			if (used == n) {
				at++;
				used = 0;
				continue;
			}
			uint64_t taken = n - used < wanted ? n - used : wanted;
			double low = quality_bin_floor(at), high = quality_bin_floor(at + 1), fair;
			doubt += part(taken, n, p, &fair) + (double)taken * (high - low) / 2;
			gap += fair - (double)taken * (low + high) / 2;
			used += taken;
			wanted -= taken;
		}
		sum += fabs(gap);
	}
	double n = (double)rows;
	return metric_bounded(sum / n, fmax(sum - doubt, 0) / n, (sum + doubt) / n, rows);
}
