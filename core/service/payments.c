/* payments.c: customers, their habits, and the frauds among them.
 *
 * A payment is either the next one of a customer (drawn in proportion to how often they pay) or the
 * next one of a fraud under way. A fraud is an episode on a customer's card: its payments enter the
 * card's history, so that velocity features see it, but not the customer's habits. Every rate and
 * size below is an assumption of this simulator, chosen so that fraud is 1 to 2 % of the payments,
 * most of it can be found, and some of it cannot. */
#include "core/service/payments.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/rng.h"

enum {
	CUSTOMERS = 3000,
	HISTORY = 48, /* of a card's last payments; enough for 24 hours and a burst */
	PINS = 4, /* last failed PINs remembered */
	WARM_UP = 24, /* payments of each customer before the first that is handed out */
	EPISODES = 64, /* frauds under way at once */
	DAY = 86400,
	LONGEST_GAP = 30 * DAY
};

static const double episode_chance = 0.0060; /* a fraud begins, per ordinary payment */
/* A day and a customer. By time, not by payment, so that the town is in balance from its first day.
 */
static const double devices_per_day = 1 / 310.0, trips_per_day = 0.008;
static const double trip_least = 2 * 86400.0, trip_most = 12 * 86400.0;

static const char *const categories[] = {"grocery", "restaurant", "fuel", "travel", "electronics",
    "online_retail", "entertainment", "cash", NULL};
enum {
	GROCERY,
	RESTAURANT,
	FUEL,
	TRAVEL,
	ELECTRONICS,
	ONLINE_RETAIL,
	ENTERTAINMENT,
	CASH,
	CATEGORIES
};

/* How common, how dear against the customer's usual, how often with the card in hand, how risky. */
static const struct category {
	double weight, price, present, risk;
} category_table[CATEGORIES] = {
    [GROCERY] = {30, 0.9, 0.97, 0.06},
    [RESTAURANT] = {17, 0.8, 0.97, 0.09},
    [FUEL] = {11, 1.3, 0.99, 0.12},
    [TRAVEL] = {4, 4.5, 0.35, 0.28},
    [ELECTRONICS] = {5, 4.0, 0.65, 0.34},
    [ONLINE_RETAIL] = {19, 1.1, 0, 0.25},
    [ENTERTAINMENT] = {9, 0.6, 0.5, 0.2},
    [CASH] = {5, 2.2, 1, 0.22},
};

struct customer {
	int64_t now; /* own simulated time, seconds */
	double usual, mean; /* median payment; running mean of about 30 days */
	double per_day; /* payments */
	double peak_hour, radius_km;
	double taste[CATEGORIES]; /* cumulative weights */
	int64_t device_since;
	int64_t paid[HISTORY], failed_pin[PINS];
	unsigned paid_count, failed_count;
	int64_t trip_until;
	double trip_km;
	bool trip_abroad;
	uint8_t segment;
};

struct episode {
	enum payment_pattern pattern;
	unsigned customer, left;
	double km, ratio;
	bool foreign, new_device;
};

struct payments {
	struct rng rng;
	struct customer *customers;
	double *busyness; /* cumulative per_day */
	struct episode episodes[EPISODES];
	unsigned episodes_count;
	double drift;
};

static double
round_to(double value, double parts)
{
	return round(value * parts) / parts;
}

static double
between(struct rng *rng, double low, double high)
{
	return low + (high - low) * rng_uniform(rng);
}

static bool
chance(struct rng *rng, double probability)
{
	return rng_uniform(rng) < probability;
}

/* Index of the first cumulative weight above a uniform draw. */
static unsigned
draw_index(struct rng *rng, const double *cumulative, unsigned count)
{
	double at = rng_uniform(rng) * cumulative[count - 1];
	unsigned low = 0, high = count - 1;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (cumulative[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* How likely a customer pays at this moment of their day, between 0.05 and 1. */
static double
appetite(const struct customer *customer, int64_t at)
{
	double hour = (double)(at % DAY) / 3600;
	double wave = cos((hour - customer->peak_hour) / 24 * 6.283185307179586);
	return 0.05 + 0.95 * pow((1 + wave) / 2, 2);
}

static void
advance(struct customer *customer, struct rng *rng)
{
	/* Thinning (Lewis and Shedler 1979); the mean of appetite over a day is 0.05 + 0.95 * 3/8.
	 */
	double fastest = DAY / customer->per_day * 0.40625;
	int64_t limit = customer->now + LONGEST_GAP;
	do {
		customer->now += 1 + (int64_t)rng_exponential(rng, fastest);
	} while (customer->now < limit && !chance(rng, appetite(customer, customer->now)));
}

static unsigned
count_since(const int64_t *times, unsigned count, unsigned room, int64_t since)
{
	unsigned found = 0, kept = count < room ? count : room;
	while (found < kept && times[(count - 1 - found) % room] > since)
		found++;
	return found;
}

static unsigned
draw_category(struct rng *rng, const struct customer *customer)
{
	return draw_index(rng, customer->taste, CATEGORIES);
}

static double
draw_risk(struct rng *rng, double centre)
{
	double risk = centre + 0.07 * rng_normal(rng);
	return risk < 0.01 ? 0.01 : risk > 0.99 ? 0.99 : risk;
}

/* Fills in what follows from the card's history, and enters the payment into it. */
static void
settle(struct payments *payments, struct customer *customer, struct payment *payment)
{
	double *values = payment->values;
	unsigned last = (customer->paid_count - 1) % HISTORY;
	int64_t since =
	    customer->paid_count > 0 ? customer->now - customer->paid[last] : LONGEST_GAP;
	customer->paid[customer->paid_count++ % HISTORY] = customer->now;
	values[PAYMENT_HOUR_OF_DAY] = (double)(customer->now % DAY / 3600);
	values[PAYMENT_SECONDS_SINCE_LAST] = (double)(since < LONGEST_GAP ? since : LONGEST_GAP);
	values[PAYMENT_TRANSACTIONS_24H] =
	    count_since(customer->paid, customer->paid_count, HISTORY, customer->now - DAY);
	values[PAYMENT_FAILED_PINS_24H] =
	    count_since(customer->failed_pin, customer->failed_count, PINS, customer->now - DAY);
	values[PAYMENT_AMOUNT] = round_to(fmax(values[PAYMENT_AMOUNT], 0.5), 100);
	values[PAYMENT_AMOUNT_VS_MEAN_30D] =
	    round_to(values[PAYMENT_AMOUNT] / customer->mean, 1000);
	values[PAYMENT_DISTANCE_FROM_HOME] = round_to(values[PAYMENT_DISTANCE_FROM_HOME], 10);
	values[PAYMENT_MERCHANT_RISK] = round_to(values[PAYMENT_MERCHANT_RISK], 1000);
	if (chance(&payments->rng, 0.02)) /* a wallet that does not tell */
		values[PAYMENT_DEVICE_AGE_DAYS] = NAN;
}

static void
fail_pin(struct customer *customer)
{
	customer->failed_pin[customer->failed_count++ % PINS] = customer->now;
}

static void
travel(struct customer *customer, struct rng *rng, double seconds)
{
	customer->trip_until = customer->now + (int64_t)seconds;
	customer->trip_km = fmin(rng_lognormal(rng, 900, 0.9), 12000);
	customer->trip_abroad = chance(rng, 0.75);
}

/* What may have happened to a customer since their last payment, `days` ago. */
static void
live(struct customer *customer, struct rng *rng, double days)
{
	if (customer->now >= customer->trip_until && chance(rng, 1 - exp(-days * trips_per_day)))
		travel(customer, rng, between(rng, trip_least, trip_most));
	if (chance(rng, 1 - exp(-days * devices_per_day)))
		customer->device_since = customer->now;
}

static void
pay_ordinarily(struct payments *payments, struct customer *customer, struct payment *payment)
{
	struct rng *rng = &payments->rng;
	double *values = payment->values;
	int64_t before = customer->now;
	advance(customer, rng);
	live(customer, rng, (double)(customer->now - before) / DAY);
	unsigned category = draw_category(rng, customer);
	const struct category *kind = &category_table[category];
	bool present = chance(rng, kind->present);
	bool away = customer->now < customer->trip_until;
	double amount = customer->usual * kind->price * rng_lognormal(rng, 1, 0.55);
	if (chance(rng, 0.01))
		amount *= between(rng, 3, 8);
	double km = rng_exponential(rng, customer->radius_km);
	if (away)
		km = fabs(customer->trip_km + 20 * rng_normal(rng));
	if (present && chance(rng, 0.012))
		fail_pin(customer);
	values[PAYMENT_AMOUNT] = amount;
	values[PAYMENT_MERCHANT_CATEGORY] = category;
	values[PAYMENT_DISTANCE_FROM_HOME] = km;
	values[PAYMENT_CARD_PRESENT] = present;
	values[PAYMENT_IS_FOREIGN] = away && customer->trip_abroad ? present || chance(rng, 0.7)
								   : !present && chance(rng, 0.05);
	values[PAYMENT_DEVICE_AGE_DAYS] =
	    fmin((double)((customer->now - customer->device_since) / DAY), 1500);
	values[PAYMENT_MERCHANT_RISK] = draw_risk(rng, kind->risk);
	settle(payments, customer, payment);
	customer->mean += 0.04 * (values[PAYMENT_AMOUNT] - customer->mean);
}

static void
pay_friendly(struct payments *payments, struct customer *customer, struct payment *payment)
{
	struct rng *rng = &payments->rng;
	double *values = payment->values;
	advance(customer, rng);
	unsigned category = chance(rng, 0.6) ? ONLINE_RETAIL : ENTERTAINMENT;
	values[PAYMENT_AMOUNT] =
	    customer->usual * category_table[category].price * rng_lognormal(rng, 1.4, 0.6);
	values[PAYMENT_MERCHANT_CATEGORY] = category;
	values[PAYMENT_DISTANCE_FROM_HOME] = rng_exponential(rng, customer->radius_km);
	values[PAYMENT_CARD_PRESENT] = 0;
	values[PAYMENT_IS_FOREIGN] = chance(rng, 0.06);
	values[PAYMENT_DEVICE_AGE_DAYS] =
	    fmin((double)((customer->now - customer->device_since) / DAY), 1500);
	values[PAYMENT_MERCHANT_RISK] = draw_risk(rng, category_table[category].risk + 0.04);
	settle(payments, customer, payment);
}

static unsigned
draw_loot(struct rng *rng, enum payment_pattern pattern)
{
	static const unsigned testing[] = {ONLINE_RETAIL, ONLINE_RETAIL, ENTERTAINMENT};
	static const unsigned takeover[] = {ELECTRONICS, ELECTRONICS, ONLINE_RETAIL, TRAVEL};
	static const unsigned skimmed[] = {CASH, CASH, ELECTRONICS, FUEL, GROCERY};
	if (pattern == PATTERN_CARD_TESTING)
		return testing[rng_below(rng, 3)];
	return pattern == PATTERN_TAKEOVER ? takeover[rng_below(rng, 4)]
					   : skimmed[rng_below(rng, 5)];
}

static void
pay_stolen(struct payments *payments, struct episode *episode, struct payment *payment)
{
	struct rng *rng = &payments->rng;
	struct customer *customer = &payments->customers[episode->customer];
	double *values = payment->values;
	bool testing = episode->pattern == PATTERN_CARD_TESTING;
	bool skimmed = episode->pattern == PATTERN_SKIMMED;
	customer->now += 5 + (int64_t)rng_exponential(rng, testing ? 45 : skimmed ? 2400 : 1200);
	unsigned category = draw_loot(rng, episode->pattern);
	if (skimmed && chance(rng, 0.3))
		fail_pin(customer);
	values[PAYMENT_AMOUNT] = testing
				     ? between(rng, 0.5, 6)
				     : customer->mean * episode->ratio * rng_lognormal(rng, 1, 0.4);
	values[PAYMENT_MERCHANT_CATEGORY] = category;
	values[PAYMENT_DISTANCE_FROM_HOME] = episode->km * between(rng, 0.97, 1.03);
	values[PAYMENT_CARD_PRESENT] = skimmed;
	values[PAYMENT_IS_FOREIGN] = episode->foreign;
	values[PAYMENT_DEVICE_AGE_DAYS] =
	    episode->new_device
		? rng_below(rng, 3)
		: fmin((double)((customer->now - customer->device_since) / DAY), 1500);
	values[PAYMENT_MERCHANT_RISK] =
	    draw_risk(rng, category_table[category].risk + (testing ? 0.25 : 0.12));
	settle(payments, customer, payment);
}

static void
begin_episode(struct payments *payments)
{
	struct rng *rng = &payments->rng;
	if (payments->episodes_count == EPISODES)
		return;
	struct episode *episode = &payments->episodes[payments->episodes_count++];
	episode->customer = draw_index(rng, payments->busyness, CUSTOMERS);
	double kind = rng_uniform(rng);
	if (kind < 0.36) {
		episode->pattern = PATTERN_FRIENDLY;
		episode->left = 1;
		return;
	}
	episode->pattern = kind < 0.48	 ? PATTERN_CARD_TESTING
			   : kind < 0.74 ? PATTERN_TAKEOVER
					 : PATTERN_SKIMMED;
	bool testing = episode->pattern == PATTERN_CARD_TESTING;
	bool skimmed = episode->pattern == PATTERN_SKIMMED;
	episode->left = testing	  ? 4 + rng_below(rng, 7)
			: skimmed ? 2 + rng_below(rng, 3)
				  : 1 + rng_below(rng, 4);
	episode->km = fmin(rng_lognormal(rng, skimmed ? 1800 : 350, 0.8), 14000);
	episode->foreign = chance(rng, skimmed ? 0.85 : 0.4);
	episode->ratio = between(rng, skimmed ? 1.2 : 2, skimmed ? 5 : 9);
	episode->new_device = !skimmed && chance(rng, 0.85);
	advance(&payments->customers[episode->customer], rng);
}

static bool
continue_episode(struct payments *payments, struct payment *payment)
{
	struct rng *rng = &payments->rng;
	if (payments->episodes_count == 0 ||
	    !chance(rng, fmin(0.5, 0.06 * payments->episodes_count)))
		return false;
	unsigned index = rng_below(rng, payments->episodes_count);
	struct episode *episode = &payments->episodes[index];
	struct customer *customer = &payments->customers[episode->customer];
	payment->customer = episode->customer;
	payment->pattern = episode->pattern;
	payment->label = 1;
	if (episode->pattern == PATTERN_FRIENDLY)
		pay_friendly(payments, customer, payment);
	else
		pay_stolen(payments, episode, payment);
	if (--episode->left == 0)
		*episode = payments->episodes[--payments->episodes_count];
	return true;
}

static void
write_id(struct rng *rng, char id[37])
{
	uint32_t a = rng_u32(rng), b = rng_u32(rng), c = rng_u32(rng), d = rng_u32(rng);
	snprintf(id, 37, "%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xFFF,
	    (c >> 16 & 0x3FFF) | 0x8000, c & 0xFFFF, d);
}

static void
apply_drift(const struct payments *payments, struct payment *payment)
{
	if (payments->drift <= 0)
		return;
	double *count = &payment->values[PAYMENT_TRANSACTIONS_24H];
	double *amount = &payment->values[PAYMENT_AMOUNT];
	*count = round(*count * (1 + payments->drift));
	*amount = round_to(*amount * (1 + 1.6 * payments->drift), 100);
}

void
payments_next(struct payments *payments, struct payment *payment)
{
	static const char *const segments[] = {"retail", "premium", "business"};
	*payment = (struct payment){.pattern = PATTERN_ORDINARY};
	if (!continue_episode(payments, payment)) {
		payment->customer = draw_index(&payments->rng, payments->busyness, CUSTOMERS);
		pay_ordinarily(payments, &payments->customers[payment->customer], payment);
		if (chance(&payments->rng, episode_chance))
			begin_episode(payments);
	}
	payment->segment = segments[payments->customers[payment->customer].segment];
	write_id(&payments->rng, payment->request_id);
	apply_drift(payments, payment);
}

static void
make_customer(struct customer *customer, struct rng *rng)
{
	double sum = 0;
	customer->usual = rng_lognormal(rng, 24, 0.5);
	customer->mean = customer->usual * 1.4;
	customer->per_day = fmin(fmax(rng_lognormal(rng, 1.8, 0.6), 0.3), 9);
	customer->peak_hour = 14.5 + 2.5 * rng_normal(rng);
	customer->radius_km = rng_lognormal(rng, 6, 0.7);
	for (int i = 0; i < CATEGORIES; i++) {
		sum += category_table[i].weight * rng_lognormal(rng, 1, 0.6);
		customer->taste[i] = sum;
	}
	customer->now = 4000 * (int64_t)DAY + (int64_t)between(rng, 0, DAY);
	customer->device_since =
	    customer->now - (int64_t)rng_exponential(rng, DAY / devices_per_day);
	/* Away already: a longer trip is likelier to be met, at any point of it. */
	double trip = between(rng, trip_least, trip_most);
	if (chance(rng, trip / DAY * trips_per_day))
		travel(customer, rng, between(rng, 0, trip));
	double kind = rng_uniform(rng);
	customer->segment = kind < 0.8 ? 0 : kind < 0.92 ? 1 : 2;
}

struct payments *
payments_new(uint64_t seed, uint64_t stream)
{
	struct payments *payments = mem_alloc(sizeof(*payments));
	payments->customers = mem_alloc(CUSTOMERS * sizeof(*payments->customers));
	payments->busyness = mem_alloc(CUSTOMERS * sizeof(*payments->busyness));
	double sum = 0;
	rng_seed(&payments->rng, seed, 0);
	for (unsigned i = 0; i < CUSTOMERS; i++) {
		struct customer *customer = &payments->customers[i];
		struct payment unused = {0};
		make_customer(customer, &payments->rng);
		sum += customer->per_day;
		payments->busyness[i] = sum;
		for (unsigned j = 0; j < WARM_UP; j++)
			pay_ordinarily(payments, customer, &unused);
	}
	rng_seed(&payments->rng, seed, stream + 1);
	return payments;
}

void
payments_free(struct payments *payments)
{
	if (payments == NULL)
		return;
	free(payments->customers);
	free(payments->busyness);
	free(payments);
}

void
payments_set_drift(struct payments *payments, double strength)
{
	payments->drift = strength;
}

const char *const *
payment_categories(void)
{
	return categories;
}
