#!/usr/bin/env python3
"""Makes tests/data/lightgbms: small LightGBM models and the library's own answers to rows of inputs.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy pandas lightgbm==4.5.0
    /tmp/venv/bin/python tests/training/make_lightgbm_fixtures.py [../shared/data/trees]

Not run by `make check`. NAME.txt is a model, NAME.csv its inputs (an empty cell is missing, a word is
a category) with the columns `margin` and `score`. The models under ../shared get only a table.
"""
import csv
import pathlib
import sys

import lightgbm as lgb
import numpy as np
import pandas as pd

OUT = pathlib.Path(__file__).resolve().parents[1] / "data/lightgbms"
QUIET = {"verbosity": -1, "num_threads": 1, "seed": 5, "deterministic": True}


def cell(value):
    return "" if isinstance(value, float) and np.isnan(value) else \
        repr(float(value)) if isinstance(value, float) else str(value)


def write_answers(name, booster, table, asked=None, average=1):
    """`asked`: what the booster is given for the table, if it is not the table itself. `average`:
    raw scores are the sum of the trees also where the model averages."""
    asked = table if asked is None else asked
    margins = booster.predict(asked, raw_score=True) / average
    names = list(table.columns) if isinstance(table, pd.DataFrame) else booster.feature_name()
    with open(OUT / f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(names + ["margin", "score"])
        for row, margin, score in zip(np.asarray(table, dtype=object), margins,
                                      booster.predict(asked)):
            out.writerow([cell(v) for v in row] + [repr(float(margin)), repr(float(score))])


def save(name, booster):
    booster.save_model(OUT / f"{name}.txt")
    return lgb.Booster(model_file=OUT / f"{name}.txt")


def payments(random, rows):
    table = pd.DataFrame({
        "amount": np.round(random.lognormal(3, 1.2, rows), 2),
        "merchant": random.choice(["grocery", "café", "fuel & oil", "travel", "online"], rows),
        "hour": random.integers(0, 24, rows).astype(float),
        "channel": random.choice([10, 20, 30, 45], rows),
        "foreign": random.choice([True, False], rows),
        "velocity": random.poisson(1.0, rows).astype(float),
    })
    table.loc[random.random(rows) < 0.1, "amount"] = np.nan
    table.loc[random.random(rows) < 0.1, "merchant"] = None
    return table


def as_categories(table):
    table = table.copy()
    for name in ("merchant", "channel", "foreign"):
        table[name] = pd.Categorical(table[name])
    return table


def risk(table, random):
    return (np.log(table.amount.fillna(30)) - 4 + (table.merchant == "travel") * 1.5 +
            (table.channel == 30) * 1.2 + table.foreign * 0.8 + table.velocity * 0.4 +
            random.normal(size=len(table)) * 0.7)


def make_payments():
    random = np.random.default_rng(11)
    table = payments(random, 3000)
    label = (risk(table, random) > 0.8).astype(int)
    settings = {**QUIET, "objective": "binary", "num_leaves": 9, "min_data_per_group": 5,
                "cat_smooth": 1, "learning_rate": 0.3}
    booster = save("payments", lgb.train(settings, lgb.Dataset(as_categories(table), label), 12))
    cases = payments(random, 80)
    cases.loc[:3, "merchant"] = "never heard of"
    cases.loc[4:6, "channel"] = 99
    write_answers("payments", booster, cases, asked=as_categories(cases))


def make_plain():
    """Models over numbers, one for each of what a file can say."""
    random = np.random.default_rng(12)
    x = random.normal(size=(2000, 5)) * [1, 10, 100, 1, 1]
    x[:, 3] = np.where(random.random(2000) < 0.5, 0, np.round(x[:, 3] * 3))
    x[:, 4] = random.integers(0, 40, 2000)
    x[random.random(x.shape) < 0.08] = np.nan
    y = np.nansum(x / [1, 10, 100, 2, 30], axis=1) + random.normal(size=2000) * 0.3
    probes = np.concatenate([x[:60], np.full((1, 5), np.nan), np.zeros((1, 5)),
                             np.full((1, 5), -1.0), np.full((1, 5), 1e9), np.full((1, 5), np.inf)])
    models = {
        "zero_missing": ({"objective": "regression", "reg_sqrt": True, "zero_as_missing": True},
                         y, [4]),
        "no_missing": ({"objective": "poisson", "use_missing": False}, np.exp(y / 3), [4]),
        "dart": ({"objective": "cross_entropy_lambda", "boosting": "dart"}, 1 / (1 + np.exp(-y)), []),
        "forest": ({"objective": "binary", "boosting": "rf", "bagging_freq": 1,
                    "bagging_fraction": 0.6}, (y > 0).astype(int), []),
        "tweedie": ({"objective": "tweedie", "extra_trees": True, "sigmoid": 2.5}, np.exp(y / 3), []),
        "sigmoid": ({"objective": "binary", "sigmoid": 2.5, "data_sample_strategy": "goss"},
                    (y > 0).astype(int), [4]),
    }
    for name, (settings, label, categories) in models.items():
        booster = save(name, lgb.train({**QUIET, "num_leaves": 7, **settings}, lgb.Dataset(
            x, label, categorical_feature=categories), 7))
        write_answers(name, booster, probes,
                      average=booster.num_trees() if name == "forest" else 1)
    save("linear", lgb.train({**QUIET, "objective": "regression", "linear_tree": True,
                              "num_leaves": 4}, lgb.Dataset(x, y), 2))
    save("classes", lgb.train({**QUIET, "objective": "multiclass", "num_class": 3, "num_leaves": 4},
                              lgb.Dataset(x, np.digitize(y, [-1, 1])), 2))


def answer_shared(folder):
    random = np.random.default_rng(13)
    for name, path, high in (
            ("shared_windows", "lightgbm/windows__LightGBM_model.txt", [75, 2, 3, 2, 40]),
            ("shared_categories", "lightgbm/tests__cpp_tests__LightGBM_model.txt",
             [14, 31, 7, 2600, 24, 300, 300, 3000]),
            ("shared_constant", "lightgbm_constant_tree/model_with_constant_tree.txt", [2] * 126)):
        # Python cannot read the back slashes that the parameters of the Windows model have.
        text = (folder / path).read_text().replace("\\", "/")
        booster = lgb.Booster(model_str=text)
        rows = random.integers(-1, np.array(high) + 1, size=(40, len(high))).astype(float)
        rows[random.random(rows.shape) < 0.1] = np.nan
        write_answers(name, booster, rows)


make_payments()
make_plain()
if len(sys.argv) > 1:
    answer_shared(pathlib.Path(sys.argv[1]))
