/* payments_write.c: a payment as JSON and as CSV. */
#include "core/service/payments.h"

#include <math.h>
#include <stddef.h>

static const char *const feature_names[PAYMENT_FEATURES] = {
    [PAYMENT_AMOUNT] = "amount",
    [PAYMENT_MERCHANT_CATEGORY] = "merchant_category",
    [PAYMENT_HOUR_OF_DAY] = "hour_of_day",
    [PAYMENT_DISTANCE_FROM_HOME] = "distance_from_home",
    [PAYMENT_TRANSACTIONS_24H] = "transactions_24h",
    [PAYMENT_AMOUNT_VS_MEAN_30D] = "amount_vs_mean_30d",
    [PAYMENT_SECONDS_SINCE_LAST] = "seconds_since_last",
    [PAYMENT_CARD_PRESENT] = "card_present",
    [PAYMENT_IS_FOREIGN] = "is_foreign",
    [PAYMENT_DEVICE_AGE_DAYS] = "device_age_days",
    [PAYMENT_FAILED_PINS_24H] = "failed_pins_24h",
    [PAYMENT_MERCHANT_RISK] = "merchant_risk",
};

const char *
payment_feature_name(enum payment_feature feature)
{
	return feature_names[feature];
}

static const char *
pattern_name(enum payment_pattern pattern)
{
	static const char *const names[] = {
	    [PATTERN_ORDINARY] = "ordinary",
	    [PATTERN_CARD_TESTING] = "card_testing",
	    [PATTERN_TAKEOVER] = "takeover",
	    [PATTERN_SKIMMED] = "skimmed",
	    [PATTERN_FRIENDLY] = "friendly",
	};
	return names[pattern];
}

const char *
payment_category_name(const struct payment *payment)
{
	return payment_categories()[(int)payment->values[PAYMENT_MERCHANT_CATEGORY]];
}

static void
write_features(const struct payment *payment, struct jsonw *json, const char *key)
{
	jsonw_open_object(json, key);
	for (int i = 0; i < PAYMENT_FEATURES; i++) {
		if (i == PAYMENT_MERCHANT_CATEGORY)
			jsonw_string(json, feature_names[i], payment_category_name(payment));
		else
			jsonw_number(json, feature_names[i], payment->values[i]);
	}
	jsonw_close_object(json);
}

void
payment_write_request(const struct payment *payment, wall_us ts, struct buf *out)
{
	struct jsonw json = {.out = out};
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "request_id", payment->request_id);
	if (ts != 0)
		jsonw_time(&json, "ts", ts);
	jsonw_string(&json, "segment", payment->segment);
	write_features(payment, &json, "features");
	jsonw_close_object(&json);
}

void
payment_write_csv_header(struct buf *out)
{
	buf_puts(out, "request_id,customer,pattern,segment");
	for (int i = 0; i < PAYMENT_FEATURES; i++)
		buf_printf(out, ",%s", feature_names[i]);
	buf_puts(out, ",label\n");
}

void
payment_write_csv(const struct payment *payment, struct buf *out)
{
	char text[32];
	buf_printf(out, "%s,%u,%s,%s", payment->request_id, payment->customer,
	    pattern_name(payment->pattern), payment->segment);
	for (int i = 0; i < PAYMENT_FEATURES; i++) {
		if (i == PAYMENT_MERCHANT_CATEGORY)
			buf_printf(out, ",%s", payment_category_name(payment));
		else if (isnan(payment->values[i]))
			buf_puts(out, ",");
		else
			buf_printf(out, ",%s",
			    jsonw_format_double(text, sizeof(text), payment->values[i]));
	}
	buf_printf(out, ",%d\n", payment->label);
}
