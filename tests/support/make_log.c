/* make_log.c: `make_log BYTES SEED [--service NAME] [--model NAME] [--version V] [--rate N]
 * [--start TIME]` writes a prediction log in the default format to standard output: whole lines of
 * 480 bytes on the mean, BYTES in all or up to a line less.
 *
 * The same arguments give the same bytes. Each line has a request id and a time of its own (event
 * time moves on by N lines a second, 1,640 if nothing else is said); its features, among them three
 * categorical ones, are those of a payment out of POOL simulated ones, drawn at random, and so is
 * its score, with all its digits, as `fraudtop serve` logs it. Lines are put together from parts
 * that are text already, so that a benchmark does not wait for its data. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/service/payments.h"

enum { POOL = 32768, BLOCK = 1 << 20, LONGEST = 2048, PART = 512 };

struct part {
	uint16_t length;
	char text[PART];
};

struct maker {
	struct rng rng;
	const char *service, *model, *version;
	double per_second;
	wall_us now;
	int64_t minute; /* that `stamp` is of */
	char stamp[32];
	struct part head; /* from the request id to the latency */
	struct part *tails; /* from the score to the line's end */
	uint32_t gaps[POOL]; /* us */
};

static const char *const names[PAYMENT_FEATURES] = {"amount", "merchant_category", "hour_of_day",
    "distance_from_home", "transactions_24h", "vs_mean", "since_last", "entry", "country",
    "device_days", "failed_pins", "risk"};

static const char *
entry_mode(const struct payment *payment, uint32_t draw)
{
	static const char *const modes[] = {"contactless", "chip", "swipe"};
	if (payment->values[PAYMENT_CARD_PRESENT] != 1)
		return "online";
	return modes[draw % 16 < 9 ? 0 : draw % 16 < 15];
}

static const char *
country(const struct payment *payment, uint32_t draw)
{
	static const char *const abroad[] = {"FR", "NL", "AT", "PL", "GB", "US", "TR", "CH"};
	return payment->values[PAYMENT_IS_FOREIGN] == 1 ? abroad[draw % 8] : "DE";
}

static void
make_tail(struct part *part, const struct payment *payment, struct rng *rng)
{
	struct buf text = {0};
	struct jsonw json = {.out = &text};
	double score = 1 / (1 + exp(4 - 2 * rng_normal(rng) - 6 * payment->label));
	jsonw_open_object(&json, NULL);
	jsonw_int(&json, "status", 200);
	jsonw_number(&json, "score", score);
	jsonw_number(&json, "threshold", 0.5);
	jsonw_bool(&json, "decision", score >= 0.5);
	jsonw_string(&json, "segment", payment->segment);
	jsonw_open_object(&json, "features");
	for (enum payment_feature i = 0; i < PAYMENT_FEATURES; i++) {
		if (i == PAYMENT_MERCHANT_CATEGORY)
			jsonw_string(&json, names[i], payment_category_name(payment));
		else if (i == PAYMENT_CARD_PRESENT)
			jsonw_string(&json, names[i], entry_mode(payment, rng_u32(rng)));
		else if (i == PAYMENT_IS_FOREIGN)
			jsonw_string(&json, names[i], country(payment, rng_u32(rng)));
		else
			jsonw_number(&json, names[i], payment->values[i]);
	}
	jsonw_close_object(&json);
	jsonw_close_object(&json);
	/* The brace becomes the comma after the latency. */
	text.data[0] = ',';
	buf_append(&text, "\n", 1);
	if (text.length > PART)
		mem_die("a line's end of %zu bytes", text.length);
	part->length = (uint16_t)text.length;
	memcpy(part->text, text.data, text.length);
	buf_free(&text);
}

static void
make_parts(struct maker *maker, uint64_t seed)
{
	struct payments *payments = payments_new(seed, 1);
	struct payment payment;
	rng_seed(&maker->rng, seed, 2);
	maker->tails = mem_alloc(POOL * sizeof(*maker->tails));
	for (size_t i = 0; i < POOL; i++) {
		payments_next(payments, &payment);
		make_tail(&maker->tails[i], &payment, &maker->rng);
		maker->gaps[i] = (uint32_t)rng_exponential(&maker->rng, 1e6 / maker->per_second);
	}
	payments_free(payments);
	int length = snprintf(maker->head.text, PART,
	    "\",\"service\":\"%.100s\",\"model\":\"%.100s\",\"version\":\"%.100s\",\"latency_ms\":",
	    maker->service, maker->model, maker->version);
	maker->head.length = (uint16_t)length;
	maker->minute = INT64_MIN;
}

static char *
put(char *at, const char *text, size_t length)
{
	memcpy(at, text, length);
	return at + length;
}

static char *
put_digits(char *at, uint64_t value, unsigned count)
{
	for (unsigned i = count; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + count;
}

static char *
put_time(char *at, struct maker *maker, wall_us time)
{
	int64_t minute = time / CLOCK_MINUTE;
	if (minute != maker->minute) {
		clock_format(maker->stamp, sizeof(maker->stamp), minute * CLOCK_MINUTE);
		maker->minute = minute;
	}
	uint64_t ms = (uint64_t)(time % CLOCK_MINUTE) / 1000;
	at = put(at, maker->stamp, 17);
	at = put_digits(at, ms / 1000, 2);
	*at++ = '.';
	at = put_digits(at, ms % 1000, 3);
	*at++ = 'Z';
	return at;
}

static char *
put_uuid(char *at, struct rng *rng)
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned word = 0; word < 4; word++) {
		uint32_t bits = rng_u32(rng);
		for (unsigned i = 0; i < 8; i++, bits >>= 4) {
			if ((word == 1 || word == 2) && i % 4 == 0)
				*at++ = '-';
			*at++ = digits[bits & 15];
		}
	}
	return at;
}

/* From 3 to 15 ms, one in 32 eight times that; as few digits as it takes. */
static char *
put_latency(char *at, struct rng *rng)
{
	uint32_t draw = rng_u32(rng), us = 3000 + (draw & 4095) + (draw >> 12 & 8191);
	if (draw >> 27 == 0)
		us *= 8;
	at = put_digits(at, us / 1000, us < 10000 ? 1 : us < 100000 ? 2 : 3);
	*at++ = '.';
	at = put_digits(at, us % 1000, 3);
	while (at[-1] == '0' && at[-2] != '.')
		at--;
	return at;
}

static char *
put_line(char *at, struct maker *maker)
{
	uint32_t draw = rng_u32(&maker->rng);
	const struct part *tail = &maker->tails[draw % POOL];
	maker->now += maker->gaps[draw >> 15 & (POOL - 1)];
	at = put(at, "{\"ts\":\"", 7);
	at = put_time(at, maker, maker->now);
	at = put(at, "\",\"request_id\":\"", 16);
	at = put_uuid(at, &maker->rng);
	at = put(at, maker->head.text, maker->head.length);
	at = put_latency(at, &maker->rng);
	return put(at, tail->text, tail->length);
}

static void
write_log(struct maker *maker, uint64_t bytes)
{
	char *block = mem_alloc(BLOCK + LONGEST);
	for (uint64_t written = 0;;) {
		char *at = block, *before = block;
		while (at < block + BLOCK && written + (uint64_t)(at - block) <= bytes) {
			before = at;
			at = put_line(at, maker);
		}
		bool over = written + (uint64_t)(at - block) > bytes;
		size_t length = (size_t)((over ? before : at) - block);
		if (fwrite(block, 1, length, stdout) != length || fflush(stdout) != 0) {
			perror("make_log");
			exit(1);
		}
		written += length;
		if (over)
			break;
	}
	free(block);
}

static bool
take_option(struct maker *maker, const char *name, const char *value)
{
	if (strcmp(name, "--service") == 0)
		maker->service = value;
	else if (strcmp(name, "--model") == 0)
		maker->model = value;
	else if (strcmp(name, "--version") == 0)
		maker->version = value;
	else if (strcmp(name, "--rate") == 0)
		return text_to_double(value, &maker->per_second) && maker->per_second >= 0.001;
	else if (strcmp(name, "--start") == 0)
		return clock_parse(value, strlen(value), &maker->now);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	int64_t bytes, seed;
	struct maker *maker = mem_alloc(sizeof(*maker));
	maker->service = "eu";
	maker->model = "fraud";
	maker->version = "12";
	maker->per_second = 1640;
	clock_parse("2026-01-28T14:00:00Z", 20, &maker->now);
	bool good = argc >= 3 && argc % 2 == 1 && text_to_int64(argv[1], &bytes) && bytes >= 0 &&
		    text_to_int64(argv[2], &seed);
	for (int i = 3; good && i < argc; i += 2)
		good = take_option(maker, argv[i], argv[i + 1]);
	if (!good) {
		fprintf(stderr, "usage: make_log BYTES SEED [--service NAME] [--model NAME] "
				"[--version V] [--rate N] [--start TIME]\n");
		return 64;
	}
	make_parts(maker, (uint64_t)seed);
	write_log(maker, (uint64_t)bytes);
	free(maker->tails);
	free(maker);
	return 0;
}
