"""parity_data.py OUT DATA: the models of DATA/trees and DATA/handbook through the library that made them, as
parity_cases.py keeps it. Used by tests/e2e/parity.py."""
import csv
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from parity_cases import record, refuse, write_cases

GROUP = "the models of the data folder"
data = Path(sys.argv[2])
trees = data / "trees"


def table(path, columns):
    with open(path) as file:
        return np.array([[float(row[c]) if row[c] != "" else np.nan for c in columns] for row in csv.DictReader(file)])


def sparse(path, features):
    """Lines of `label input:value...`; what is not there is missing."""
    lines = path.read_text().splitlines()
    rows = np.full((len(lines), features), np.nan)
    for row, line in zip(rows, lines):
        for pair in line.split()[1:]:
            row[int(pair.split(":")[0])] = float(pair.split(":")[1])
    return rows


def by_xgboost(path, rows):
    booster = xgb.Booster(model_file=path)
    columns = booster.feature_names or [f"f{i}" for i in range(rows.shape[1])]
    matrix = xgb.DMatrix(rows, feature_names=booster.feature_names, feature_types=booster.feature_types,
                         enable_categorical=True)
    record(GROUP, path.stem, path, columns, rows, booster.predict(matrix, output_margin=True),
           booster.predict(matrix), booster.predict(matrix, pred_contribs=True))


def by_lightgbm(path, rows):
    # Python cannot read the back slashes that the parameters of a model made on Windows have.
    booster = lgb.Booster(model_str=path.read_text().replace("\\", "/"))
    record(GROUP, path.stem, path, booster.feature_name(), rows, booster.predict(rows, raw_score=True),
           booster.predict(rows), booster.predict(rows, pred_contrib=True))


def whole_numbers(rng, high):
    rows = rng.integers(-1, np.array(high) + 1, size=(200, len(high))).astype(float)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    return rows


random = np.random.default_rng(8)
for name in ("logit", "logitraw", "ltr", "reg"):
    path = trees / f"xgboost/xgboost-1.0.0rc1.{name}.json"
    by_xgboost(path, table(trees / f"expected/{path.name}.expected.csv", ["f0", "f1", "f2", "f3"]))
by_xgboost(trees / "xgboost/mushroom.json", sparse(trees / "xgboost/agaricus.txt.test", 127)[:, :126])
toy = trees / "xgb_toy_categorical/xgb_toy_categorical"
by_xgboost(Path(f"{toy}_model.json"), sparse(Path(f"{toy}.test"), 2))
by_lightgbm(trees / "toy_categorical/toy_categorical_model.txt", sparse(trees / "toy_categorical/toy_categorical.test", 2))
by_lightgbm(trees / "lightgbm/windows__LightGBM_model.txt", whole_numbers(random, [75, 2, 3, 2, 40]))
by_lightgbm(trees / "lightgbm/tests__cpp_tests__LightGBM_model.txt",
            whole_numbers(random, [14, 31, 7, 2600, 24, 300, 300, 3000]))
by_lightgbm(trees / "lightgbm_constant_tree/model_with_constant_tree.txt", whole_numbers(random, [2] * 126))
for name in ("model_v1_stale", "model_v2_fresh"):
    path = data / f"handbook/{name}.json"
    names = xgb.Booster(model_file=path).feature_names
    by_xgboost(path, table(data / f"handbook/{name}.cases.csv", names))
# Not here: LightGBM's predict_result.txt, whose rows nobody has, and what belongs to the two that are refused.
refuse(GROUP, "cls", trees / "xgboost/xgboost-1.0.0rc1.cls.json", "multi:softmax")
refuse(GROUP, "gbdt", trees / "lightgbm/examples__binary_classification__LightGBM_model.txt", "a LightGBM model of 2016")
write_cases()
