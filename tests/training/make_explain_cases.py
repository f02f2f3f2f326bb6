#!/usr/bin/env python3
"""Makes tests/data/models/explain: small models of XGBoost and LightGBM, and what the libraries themselves
say that each input gave to the margin (pred_contribs, pred_contrib).

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy scipy xgboost lightgbm
    /tmp/venv/bin/python tests/training/make_explain_cases.py

Not run by `make check`. NAME.csv: the inputs by name (empty: missing), `margin`, `phi INPUT` for each, `base`.
"""
import pathlib

import lightgbm as lgb
import numpy as np
import xgboost as xgb

OUT = pathlib.Path(__file__).resolve().parents[1] / "data/models/explain"
NAMES = ["amount", "category", "count", "distance", "hour", "unused"]
ROWS, CASES = 3000, 40


def data():
    rng = np.random.default_rng(4)
    x = np.column_stack([rng.lognormal(3, 1, ROWS), rng.integers(0, 40, ROWS), rng.poisson(0.8, ROWS),
                         rng.normal(0, 2, ROWS), rng.integers(0, 24, ROWS), np.zeros(ROWS)])
    x = x.astype(np.float32).astype(float)
    pull = (np.log(x[:, 0]) - 3 + np.isin(x[:, 1] % 7, (1, 4)) * (1 + x[:, 3]) + (x[:, 2] > 1) * x[:, 3]
            - np.abs(x[:, 4] - 12) / 6)
    y = (pull + rng.normal(0, 0.7, ROWS) > 1).astype(int)
    x[:, :5][rng.random((ROWS, 5)) < 0.08] = np.nan
    return x, y


def write(name, x, margin, contributions):
    lines = [",".join(NAMES + ["margin"] + [f"phi {n}" for n in NAMES] + ["base"])]
    for row, m, phi in zip(x, margin, contributions):
        lines.append(",".join(["" if np.isnan(v) else repr(float(v)) for v in row] + [repr(float(m))]
                              + [repr(float(v)) for v in phi]))
    (OUT / f"{name}.csv").write_text("\n".join(lines) + "\n")


def xgboost(name, x, y, categorical, **settings):
    kinds = ["c" if categorical and n == "category" else "float" for n in NAMES]

    def matrix(rows, label=None):
        return xgb.DMatrix(rows, label=label, feature_names=NAMES, feature_types=kinds, missing=np.nan,
                           enable_categorical=True)
    settings = {"objective": "binary:logistic", "max_depth": 4, "eta": 0.4, "tree_method": "hist", "seed": 3,
                "min_child_weight": 0, "nthread": 1, **settings}
    model = xgb.train(settings, matrix(x, y), num_boost_round=8)
    model.save_model(OUT / f"{name}.json")
    cases = matrix(x[:CASES])
    write(name, x[:CASES], model.predict(cases, output_margin=True),
          model.predict(cases, pred_contribs=True, approx_contribs=False))


def lightgbm(name, x, y, categorical, **settings):
    settings = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.3, "verbose": -1, "seed": 3,
                "min_data_in_leaf": 5, "num_threads": 1, "deterministic": True, **settings}
    model = lgb.train(settings, lgb.Dataset(x, y, feature_name=NAMES,
                                            categorical_feature=["category"] if categorical else []), 8)
    model.save_model(OUT / f"{name}.txt")
    # LightGBM averages a forest's trees where it makes a score, but adds them up in the two here.
    parts = model.num_trees() if settings.get("boosting") == "rf" else 1
    write(name, x[:CASES], model.predict(x[:CASES], raw_score=True) / parts,
          model.predict(x[:CASES], pred_contrib=True) / parts)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    x, y = data()
    xgboost("xgboost", x, y, False)
    xgboost("xgboost-categorical", x, y, True, max_cat_to_onehot=4)
    xgboost("xgboost-dart", x, y, True, booster="dart", rate_drop=0.4, max_cat_to_onehot=100)
    lightgbm("lightgbm", x, y, False)
    lightgbm("lightgbm-categorical", x, y, True, zero_as_missing=True, min_data_per_group=10,
             cat_smooth=1)
    lightgbm("lightgbm-forest", x, y, True, boosting="rf", bagging_freq=1, bagging_fraction=0.7)


if __name__ == "__main__":
    main()
