/* payments.h: a seeded simulator of card payments, each with 12 features and its true label.
 *
 * Customers have habits (what, when, where and how much they pay) and each lives on a clock of its
 * own: `hour_of_day`, `transactions_24h` and `seconds_since_last` come from the customer's own
 * simulated time, which is independent of the wall clock and of the rate at which payments are
 * asked for. So a demo of ten minutes holds every hour of the day in the same mix as a reference of
 * a month, and does not drift by the hour it is started at (METRICS.md section 0, item 11). The
 * same seed and stream give the same payments, bit for bit on one platform. Streams of one seed
 * share the customers, not the draws. */
#ifndef FRAUDTOP_SERVICE_PAYMENTS_H
#define FRAUDTOP_SERVICE_PAYMENTS_H

#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/jsonw.h"

enum payment_feature {
	PAYMENT_AMOUNT,
	PAYMENT_MERCHANT_CATEGORY,
	PAYMENT_HOUR_OF_DAY,
	PAYMENT_DISTANCE_FROM_HOME,
	PAYMENT_TRANSACTIONS_24H,
	PAYMENT_AMOUNT_VS_MEAN_30D,
	PAYMENT_SECONDS_SINCE_LAST,
	PAYMENT_CARD_PRESENT,
	PAYMENT_IS_FOREIGN,
	PAYMENT_DEVICE_AGE_DAYS,
	PAYMENT_FAILED_PINS_24H,
	PAYMENT_MERCHANT_RISK,
	PAYMENT_FEATURES
};

enum payment_pattern { /* what lies behind it; all but the first are fraud */
	PATTERN_ORDINARY,
	PATTERN_CARD_TESTING, /* a burst of tiny online payments with stolen numbers */
	PATTERN_TAKEOVER, /* a new device, a few large purchases */
	PATTERN_SKIMMED, /* a copied card used abroad, cash and electronics */
	PATTERN_FRIENDLY /* the customer disputes a payment of their own: almost no signal */
};

struct payment {
	double values[PAYMENT_FEATURES]; /* NaN: missing; of the category: its number */
	char request_id[37]; /* UUID */
	uint32_t customer;
	const char *segment; /* retail, premium, business */
	enum payment_pattern pattern;
	int label; /* 1: fraud */
};

struct payments;

struct payments *payments_new(uint64_t seed, uint64_t stream);
void payments_free(struct payments *payments); /* NULL is fine */

/* Shifts exactly two features of the payments to come: `transactions_24h` (as if the velocity job
 * counted retries) and `amount` (as if it arrived in another currency; `amount_vs_mean_30d` was
 * computed before). strength 0 is none, 1 a drift that nobody should miss. Labels and all other
 * values stay as they were. */
void payments_set_drift(struct payments *payments, double strength);

void payments_next(struct payments *payments, struct payment *payment);

const char *payment_feature_name(enum payment_feature feature);
const char *payment_category_name(const struct payment *payment);
const char *const *payment_categories(void); /* NULL-terminated */

/* The body of a POST /predict; ts 0: without one. */
void payment_write_request(const struct payment *payment, wall_us ts, struct buf *out);
/* CSV: request_id, customer, pattern, segment, the 12 features, label. Ends with a newline. */
void payment_write_csv_header(struct buf *out);
void payment_write_csv(const struct payment *payment, struct buf *out);

#endif
