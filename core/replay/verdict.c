/* verdict.c: see verdict.h. Two tests decide, DeLong's of the ranking and McNemar's of the
 * decisions, so by Holm (1979) the smaller p must be under 2.5 %, and then the other counts under
 * 5 %. Average precision decides nothing, but where it points the other way nothing is decided.
 * Without both classes of labels no test says anything: agreement and PSI are no measure of
 * quality.
 *
 * DeLong's p is by the normal law, its variance by as many values as the smaller class has rows:
 * equal models differ "at 5 %" in 18 % of cases with 2 positives, 8 % with 10, 6 % with 20. With
 * fewer than LEAST it is told, and not gone by. */
#include "core/replay/verdict.h"

#include <math.h>
#include <string.h>

#include "core/base/text.h"

#define ALPHA 0.05

enum { NAME_SHOWN = 24, LEAST = 20 };

/* Which side a test is for: 1 the other model, -1 the log, 0 it does not tell. */
struct signs {
	int rank, decisions, precision;
};

struct words {
	struct replay_result *result;
	char logged[NAME_SHOWN + 1], other[NAME_SHOWN + 1];
};

static void
say_p(struct replay_result *result, double p)
{
	text_append(
	    result->verdict, sizeof(result->verdict), p < 1e-9 ? ", p < 1e-9" : ", p = %.2g", p);
}

static int
sign_of(const struct paired_test *test, double level)
{
	if (!(test->p_value < level) || test->difference == 0)
		return 0;
	return test->difference > 0 ? 1 : -1;
}

static bool
is_few(const struct replay_result *result)
{
	return result->positives < LEAST || result->labelled - result->positives < LEAST;
}

static struct signs
find_signs(const struct replay_result *result)
{
	double rank = result->delong.p_value, decisions = result->mcnemar.p_value;
	if (is_few(result))
		return (struct signs){.decisions = sign_of(&result->mcnemar, ALPHA)};
	bool single = isnan(rank) || isnan(decisions);
	double level = single || fmin(rank, decisions) < ALPHA / 2 ? ALPHA : ALPHA / 2;
	return (struct signs){sign_of(&result->delong, level), sign_of(&result->mcnemar, level),
	    sign_of(&result->average_precision, ALPHA)};
}

#define SAY(words, ...)                                                                            \
	text_append((words)->result->verdict, sizeof((words)->result->verdict), __VA_ARGS__)

static const char *
name_of(const struct words *words, int sign)
{
	return sign > 0 ? words->other : words->logged;
}

/* Rounded to what is shown, so that a small negative is no -0.000. */
static double
shown(double value)
{
	return fabs(value) < 0.0005 ? 0 : value;
}

/* AUC of the side `sign` against the other's. */
static void
say_rank(struct words *words, int sign)
{
	struct replay_result *result = words->result;
	const struct paired_test *test = &result->delong;
	double first = result->other.rank.roc_auc, second = result->logged.rank.roc_auc;
	double low = test->interval.low, high = test->interval.high;
	bool turned = sign < 0;
	SAY(words, "AUC %.3f against %.3f", turned ? second : first, turned ? first : second);
	if (isnan(test->p_value))
		return;
	SAY(words, ", difference %+.3f (95 %% %+.3f to %+.3f)",
	    shown(turned ? -test->difference : test->difference), shown(turned ? -high : low),
	    shown(turned ? -low : high));
	say_p(result, test->p_value);
	SAY(words, " by DeLong%s", is_few(result) ? " (too few of a class to go by)" : "");
}

/* Right and wrong decisions of the side `sign`. */
static void
say_decisions(struct words *words, int sign)
{
	const struct paired_test *test = &words->result->mcnemar;
	char count[32];
	if (isnan(test->p_value)) {
		SAY(words, "none to compare");
		return;
	}
	double more = (double)test->only_second - (double)test->only_first;
	if (sign < 0)
		more = -more;
	if (more == 0)
		SAY(words, "right on as many");
	else
		SAY(words, "right on %s %s", text_grouped(count, fabs(more)),
		    more > 0 ? "more" : "fewer");
	SAY(words, " of %s labelled", text_grouped(count, (double)words->result->labelled));
	say_p(words->result, test->p_value);
	SAY(words, " by McNemar");
}

static void
say_precision(struct words *words, int sign)
{
	double first = words->result->other.rank.average_precision;
	double second = words->result->logged.rank.average_precision;
	SAY(words, ". Average precision %.3f against %.3f.", sign < 0 ? second : first,
	    sign < 0 ? first : second);
}

/* What was said until now stands alone, with the full stop that follows. */
static void
end_headline(struct words *words)
{
	size_t most = sizeof(words->result->verdict) - 1;
	size_t length = strlen(words->result->verdict) + 1;
	words->result->headline = length < most ? length : most;
}

/* No test can say anything: what else there is. */
static void
say_unlabelled(struct words *words)
{
	struct replay_result *result = words->result;
	uint64_t decided = result->agree + result->to_flagged + result->to_passed;
	char count[32];
	if (result->labelled == 0)
		SAY(words, "Nothing says which is better: no row is labelled");
	else
		SAY(words, "Nothing says which is better: all %s labels are %s",
		    text_grouped(count, (double)result->labelled),
		    result->positives > 0 ? "fraud" : "honest");
	end_headline(words);
	if (decided > 0)
		SAY(words, ". The decisions agree in %.2f %% of %s rows",
		    100 * (double)result->agree / (double)decided,
		    text_grouped(count, (double)decided));
	SAY(words, ". PSI of the scores %.3g, chance gives up to %.2g.", result->psi,
	    result->psi_null);
}

static void
say_disagreement(struct words *words, const struct signs *signs)
{
	SAY(words, "Undecided:");
	if (signs->rank != 0)
		SAY(words, " %s ranks better", name_of(words, signs->rank));
	if (signs->decisions != 0)
		SAY(words, "%s %s decides better", signs->rank != 0 ? "," : "",
		    name_of(words, signs->decisions));
	if (signs->precision != 0)
		SAY(words, ", %s has the higher average precision",
		    name_of(words, signs->precision));
	end_headline(words);
	SAY(words, ". For %s: ", words->other);
	say_rank(words, 1);
	SAY(words, "; decisions: ");
	say_decisions(words, 1);
	say_precision(words, 1);
}

static void
say_better(struct words *words, const struct signs *signs, int sign)
{
	SAY(words, "%s %s: ", name_of(words, sign),
	    signs->rank == 0	    ? "decides better"
	    : signs->decisions == 0 ? "ranks better"
				    : "is better");
	if (signs->rank != 0) {
		say_rank(words, sign);
		end_headline(words);
		SAY(words, ". Decisions: ");
		say_decisions(words, sign);
	} else {
		say_decisions(words, sign);
		end_headline(words);
		SAY(words, ". The ranking does not tell: ");
		say_rank(words, sign);
	}
	say_precision(words, sign);
}

static void
say_even(struct words *words)
{
	char count[32];
	SAY(words, "Neither is shown to be better by %s labels",
	    text_grouped(count, (double)words->result->labelled));
	end_headline(words);
	SAY(words, ". For %s: ", words->other);
	say_rank(words, 1);
	SAY(words, "; decisions: ");
	say_decisions(words, 1);
	say_precision(words, 1);
}

void
replay_judge(struct replay_result *result, const char *logged, const char *other)
{
	struct words words = {.result = result};
	text_copy(words.logged, sizeof(words.logged), logged);
	text_copy(words.other, sizeof(words.other), other);
	result->better = REPLAY_UNDECIDED;
	result->verdict[0] = '\0';
	if (result->scored == 0) {
		SAY(&words, "Nothing to compare: no row was scored by both");
		end_headline(&words);
		SAY(&words, ".");
		return;
	}
	if (result->positives == 0 || result->positives == result->labelled) {
		say_unlabelled(&words);
		return;
	}
	struct signs signs = find_signs(result);
	int sum = signs.rank + signs.decisions;
	int sign = sum > 0 ? 1 : sum < 0 ? -1 : 0;
	if (signs.rank * signs.decisions < 0 || sign * signs.precision < 0) {
		say_disagreement(&words, &signs);
	} else if (sign == 0) {
		say_even(&words);
	} else {
		result->better = sign > 0 ? REPLAY_OTHER : REPLAY_LOGGED;
		say_better(&words, &signs, sign);
	}
	/* A version's name stays as it is; `the log` and its like begin a sentence. */
	if (strncmp(result->verdict, "the ", 4) == 0)
		result->verdict[0] = 'T';
}
