"""parity_train.py OUT: trains small models of many shapes with the XGBoost (and, if it is there, the LightGBM) that
this python imports, and keeps what the library itself says of some rows (parity_cases.py). Used by
tests/e2e/parity.py; the seed is fixed."""
import json
import math

import numpy as np
import xgboost as xgb

from parity_cases import cases, out, record, refuse, write_cases

ROWS, EDGES = 40, 20
THREADS = 2


def numbers(rng, count, features, missing=0.15, zeros=0.1):
    """Columns of different sorts: normal, heavy tails, whole numbers (that stand on thresholds), tiny, huge."""
    x = rng.normal(size=(count, features))
    for i in range(features):
        sort = i % 5
        if sort == 1:
            x[:, i] = np.exp(2 * x[:, i])
        elif sort == 2:
            x[:, i] = np.round(3 * x[:, i])
        elif sort == 3:
            x[:, i] *= 1e-4
        elif sort == 4:
            x[:, i] *= 1e9
    x[rng.random(x.shape) < zeros] = 0
    x[rng.random(x.shape) < missing] = np.nan
    return x


def signal(rng, x):
    """Something to learn: a few features, an interaction, and that a value is missing."""
    ranks = np.argsort(np.argsort(np.nan_to_num(x), axis=0), axis=0) / len(x) - 0.5
    weights = rng.normal(size=x.shape[1])
    y = ranks @ weights * 2 + 4 * ranks[:, 0] * ranks[:, -1] + np.isnan(x[:, 0])
    return y + 0.3 * rng.normal(size=len(x))


def labels(rng, objective, y):
    if objective.startswith(("binary", "reg:logistic", "cross_entropy", "xentlambda", "lambdarank", "rank")):
        return (y > np.median(y)).astype(float)
    if objective.endswith(("gamma", "tweedie", "poisson", "squaredlogerror", "mape")):
        return np.round(np.exp(y / 2), 2) + 0.01
    return y * 3 + 1


def on_edges(probe, thresholds, next_to):
    """The rows, and some of them again with every value on one of its input's thresholds, or next to it."""
    rng = np.random.default_rng(len(cases))
    rows = probe[rng.integers(0, len(probe), EDGES)].copy()
    for column, values in thresholds.items():
        for row in rows:
            value = values[rng.integers(len(values))]
            row[column] = (next_to(value, -np.inf), value, next_to(value, np.inf))[rng.integers(3)]
    return np.vstack([probe, rows])


# --- XGBoost ---------------------------------------------------------------------------------------------
def xgb_thresholds(booster):
    found = {}
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    for tree in model.get("gbtree", model)["model"]["trees"]:
        for node, left in enumerate(tree["left_children"]):
            if left != -1 and tree["split_type"][node] == 0:
                found.setdefault(tree["split_indices"][node], []).append(np.float32(tree["split_conditions"][node]))
    return found


def xgb_case(group, name, parameters, rounds, rng, features=8, x=None, probe=None, types=None, names=None, count=1500,
             stop=0, formats=("json", "ubj"), label=None):
    objective = parameters.get("objective", "binary:logistic")
    x = numbers(rng, count, features) if x is None else x
    y = labels(rng, objective, signal(rng, x)) if label is None else label
    probe = np.vstack([x[:ROWS // 2], numbers(rng, ROWS // 2, x.shape[1], 0.3)]) if probe is None else probe
    options = {"feature_names": names, "feature_types": types}
    if types is not None:
        options["enable_categorical"] = True
    matrix = xgb.DMatrix(x, label=y, **options)
    if objective.startswith("rank"):
        matrix.set_group([10] * (len(x) // 10))
    parameters = {"objective": objective, "nthread": THREADS, "seed": len(cases), "tree_method": "hist", **parameters}
    more = {}
    if stop:
        more = {"evals": [(xgb.DMatrix(x[::3], label=-y[::3] if y.min() < 0 else 1 - y[::3], **options), "e")],
                "early_stopping_rounds": stop, "verbose_eval": False}
    booster = xgb.train(parameters, matrix, rounds, **more)
    used = (0, booster.best_iteration + 1) if stop else (0, 0)
    probe = on_edges(probe, xgb_thresholds(booster), lambda value, to: np.nextafter(value, np.float32(to)))
    asked = xgb.DMatrix(probe, **options)
    margin = booster.predict(asked, output_margin=True, iteration_range=used)
    score = booster.predict(asked, iteration_range=used)
    contributions = booster.predict(asked, pred_contribs=True, iteration_range=used)
    columns = names or [f"f{i}" for i in range(x.shape[1])]
    for ending in formats:
        path = out / f"{name}.{ending}"
        booster.save_model(path)
        record(group, f"{name}.{ending}", path, columns, probe, margin, score, contributions)


def categories(rng, count, cats, numeric=3, missing=0.1):
    """Columns of category codes, then numbers."""
    x = np.column_stack([rng.integers(0, c, count).astype(float) for c in cats] + [numbers(rng, count, numeric)])
    x[:, :len(cats)][rng.random((count, len(cats))) < missing] = np.nan
    effects = [rng.normal(size=c + 1) for c in cats]
    y = sum(e[np.nan_to_num(x[:, i], nan=len(e) - 1).astype(int)] for i, e in enumerate(effects))
    return x, y + 0.5 * np.nan_to_num(x[:, len(cats)]) + 0.2 * rng.normal(size=count)


def xgb_shapes(version):
    group = f"XGBoost {version}, depths and numbers of trees"
    rng = np.random.default_rng(1)
    trees = {1: 500, 2: 300, 3: 1, 4: 100, 5: 37, 6: 100, 7: 13, 8: 64, 9: 5, 10: 150, 11: 1, 12: 60}
    for depth, rounds in trees.items():
        xgb_case(group, f"shape-{depth}x{rounds}", {"max_depth": depth, "eta": 0.3 if rounds < 50 else 0.05}, rounds, rng,
                 features=int(rng.integers(1, 30)), formats=("json",) if depth % 2 else ("ubj",))
    xgb_case(group, "shape-6x500", {"max_depth": 6, "eta": 0.02}, 500, rng, features=12)
    xgb_case(group, "shape-12x500", {"max_depth": 12, "eta": 0.02}, 500, rng, features=20, formats=("ubj",))
    xgb_case(group, "leafwise", {"grow_policy": "lossguide", "max_leaves": 200, "max_depth": 0}, 20, rng, count=4000)
    xgb_case(group, "forest", {"num_parallel_tree": 7, "subsample": 0.7, "colsample_bynode": 0.7, "max_depth": 5}, 9, rng)
    xgb_case(group, "exact", {"tree_method": "exact", "max_depth": 7}, 30, rng)
    xgb_case(group, "nothing-missing", {"max_depth": 6}, 50, rng, x=numbers(rng, 1500, 5, missing=0))
    xgb_case(group, "named", {"max_depth": 4}, 20, rng, features=3, names=["amount", "größe", "n tx 24h"])
    xgb_case(group, "stumps-of-nothing", {"max_depth": 3, "gamma": 1e9}, 5, rng)


def xgb_objectives(version):
    rng = np.random.default_rng(2)
    wanted = ["binary:logistic", "binary:logitraw", "reg:logistic", "reg:squarederror", "reg:squaredlogerror",
              "reg:pseudohubererror", "reg:gamma", "reg:tweedie", "rank:pairwise", "rank:ndcg", "rank:map",
              "reg:absoluteerror", "count:poisson", "binary:hinge"]
    if int(version.split(".")[0]) >= 2:
        wanted.append("reg:quantileerror")
    for objective in wanted:
        parameters = {"objective": objective, "max_depth": 4}
        if objective == "reg:quantileerror":
            parameters["quantile_alpha"] = 0.7
        xgb_case(f"XGBoost {version}, objectives", objective.replace(":", "-"), parameters, 25, rng)
    for base in (0.01, 0.97):
        xgb_case(f"XGBoost {version}, objectives", f"base-score-{base}", {"base_score": base, "max_depth": 3}, 10, rng)
    xgb_case(f"XGBoost {version}, objectives", "base-score-regression",
             {"objective": "reg:squarederror", "base_score": 123.456, "max_depth": 3}, 10, rng)


def xgb_categories(version):
    group = f"XGBoost {version}, categories"
    rng = np.random.default_rng(3)
    for name, limit, cats in [("onehot", 100, [3, 12]), ("partition", 1, [3, 12, 40]), ("mixed", 5, [2, 4, 9, 100]),
                              ("wide", 1, [700])]:
        x, y = categories(rng, 3000, cats)
        probe, _ = categories(rng, ROWS, [c + 40 for c in cats], missing=0.3)  # some unheard of
        types = ["c"] * len(cats) + ["q"] * 3
        xgb_case(group, f"cat-{name}", {"max_depth": 5, "max_cat_to_onehot": limit, "eta": 0.1}, 30, rng, x=x,
                 probe=probe, types=types, label=(y > 0).astype(float))


def xgb_dart(version):
    group = f"XGBoost {version}, dart and early stopping"
    rng = np.random.default_rng(4)
    for kind in ("tree", "forest"):
        xgb_case(group, f"dart-{kind}", {"booster": "dart", "rate_drop": 0.3, "normalize_type": kind, "max_depth": 5},
                 40, rng)
    xgb_case(group, "dart-regression", {"booster": "dart", "rate_drop": 0.5, "one_drop": 1, "max_depth": 3,
                                        "objective": "reg:squarederror"}, 15, rng)
    xgb_case(group, "stopped", {"max_depth": 4}, 50, rng, stop=3)
    xgb_case(group, "stopped-forest", {"max_depth": 3, "num_parallel_tree": 3, "subsample": 0.6}, 30, rng, stop=4)


def xgb_words(version):
    """Categories by their words, which the newest files bear."""
    import pandas
    group = f"XGBoost {version}, categories"
    rng = np.random.default_rng(5)
    x, y = categories(rng, 2000, [4, 11], 2)
    words = [[f"shop {i}" for i in range(4)], [f"mcc-{i * 7}" for i in range(11)]]
    frame = pandas.DataFrame({f"n{i}": x[:, 2 + i] for i in range(2)})
    for i, list_ in enumerate(words):
        frame.insert(i, f"c{i}", pandas.Categorical.from_codes(np.nan_to_num(x[:, i], nan=-1).astype(int), list_))
    matrix = xgb.DMatrix(frame, label=y > 0, enable_categorical=True)
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 4, "max_cat_to_onehot": 5, "nthread": THREADS},
                        matrix, 20)
    probe = xgb.DMatrix(frame[:ROWS], enable_categorical=True)
    rows = [["" if isinstance(v, float) and math.isnan(v) else v for v in row] for row in
            frame[:ROWS].astype(object).itertuples(index=False)]
    for ending in ("json", "ubj"):
        path = out / f"words.{ending}"
        booster.save_model(path)
        record(group, f"words.{ending}", path, list(frame.columns), rows, booster.predict(probe, output_margin=True),
               booster.predict(probe), booster.predict(probe, pred_contribs=True))


def xgb_refused(version, files):
    """What is to be refused by its name, with a word of the message."""
    rng = np.random.default_rng(6)
    x = numbers(rng, 300, 4)
    y = rng.integers(0, 3, 300)
    model = xgb.train({"objective": "multi:softprob", "num_class": 3, "nthread": THREADS}, xgb.DMatrix(x, label=y), 2)
    linear = xgb.train({"booster": "gblinear", "nthread": THREADS}, xgb.DMatrix(np.nan_to_num(x), label=y), 2)
    for ending in files:
        for name, booster, word in [("multi", model, "multi:softprob"), ("gblinear", linear, "gblinear")]:
            path = out / f"{name}.{ending}"
            booster.save_model(path)
            word = "binary" if ending == "model" else word
            refuse(f"XGBoost {version}, refused", path.name, path, word)


# --- LightGBM --------------------------------------------------------------------------------------------
def lgb_thresholds(path):
    found, lines = {}, {}
    for line in path.read_text().splitlines():
        key, _, value = line.partition("=")
        lines[key] = value.split()
        if key == "left_child":
            for column, value, kind in zip(lines["split_feature"], lines["threshold"], lines["decision_type"]):
                if int(kind) & 1 == 0:
                    found.setdefault(int(column), []).append(float(value))
    return found


def lgb_case(group, name, parameters, rounds, rng, features=8, x=None, probe=None, cats=(), count=1500, label=None,
             names=None):
    import lightgbm as lgb
    objective = parameters.get("objective", "binary")
    x = numbers(rng, count, features) if x is None else x
    y = labels(rng, objective, signal(rng, x)) if label is None else label
    probe = np.vstack([x[:ROWS // 2], numbers(rng, ROWS // 2, x.shape[1], 0.3)]) if probe is None else probe
    parameters = {"objective": objective, "num_threads": THREADS, "seed": len(cases), "verbosity": -1,
                  "deterministic": True, **parameters}
    group_sizes = [10] * (len(x) // 10) if objective in ("lambdarank", "rank_xendcg") else None
    columns = names or [f"Column_{i}" for i in range(x.shape[1])]
    data = lgb.Dataset(x, label=y, group=group_sizes, categorical_feature=list(cats), feature_name=columns)
    booster = lgb.train(parameters, data, rounds)
    path = out / f"{name}.txt"
    booster.save_model(path)
    # As loaded from the file, which is what anyone serves.
    booster = lgb.Booster(model_file=str(path))
    probe = on_edges(probe, lgb_thresholds(path), np.nextafter)
    # A forest's score is of the trees' average, but LightGBM gives their sum as raw score and contributions.
    share = booster.num_trees() if parameters.get("boosting") == "rf" else 1
    record(group, name, path, columns, probe, booster.predict(probe, raw_score=True) / share, booster.predict(probe),
           booster.predict(probe, pred_contrib=True) / share)


def lgb_all():
    import lightgbm as lgb
    version = lgb.__version__
    rng = np.random.default_rng(7)
    group = f"LightGBM {version}, depths and numbers of trees"
    trees = {1: 500, 2: 200, 3: 1, 4: 100, 5: 37, 6: 100, 7: 13, 8: 64, 9: 5, 10: 120, 11: 1, 12: 40}
    for depth, rounds in trees.items():
        lgb_case(group, f"lgb-shape-{depth}x{rounds}",
                 {"max_depth": depth, "num_leaves": min(2 ** depth, 255), "min_data_in_leaf": 3,
                  "learning_rate": 0.3 if rounds < 50 else 0.05}, rounds, rng, features=int(rng.integers(1, 30)))
    lgb_case(group, "lgb-shape-12x500", {"max_depth": 12, "num_leaves": 200, "min_data_in_leaf": 2,
                                         "learning_rate": 0.02}, 500, rng, features=20)
    lgb_case(group, "lgb-deep", {"num_leaves": 400, "min_data_in_leaf": 1, "max_bin": 1000}, 15, rng, count=4000)
    lgb_case(group, "lgb-stump-of-nothing", {"min_data_in_leaf": 1400}, 3, rng)
    lgb_case(group, "lgb-named", {}, 10, rng, features=3, names=["amount", "größe", "n_tx_24h"])
    group = f"LightGBM {version}, missing values"
    for name, more in [("nan", {}), ("zero", {"zero_as_missing": True}), ("none", {"use_missing": False})]:
        lgb_case(group, f"lgb-missing-{name}", {**more, "min_data_in_leaf": 5}, 40, rng)
        full = numbers(rng, 1500, 6, missing=0, zeros=0.3)  # nothing missing while it learnt, but now
        lgb_case(group, f"lgb-missing-{name}-later", {**more, "min_data_in_leaf": 5}, 40, rng, x=full,
                 probe=numbers(rng, ROWS, 6, 0.4, 0.3))
    group = f"LightGBM {version}, objectives"
    for objective, more in [("binary", {"sigmoid": 0.7}), ("binary", {"is_unbalance": True}), ("regression", {}),
                            ("regression", {"reg_sqrt": True}), ("regression_l1", {}), ("huber", {}), ("fair", {}),
                            ("quantile", {"alpha": 0.8}), ("mape", {}), ("poisson", {}), ("gamma", {}), ("tweedie", {}),
                            ("cross_entropy", {}), ("cross_entropy_lambda", {}), ("lambdarank", {}),
                            ("rank_xendcg", {})]:
        name = "-".join(["lgb", objective, *more])
        lgb_case(group, name, {"objective": objective, "num_leaves": 12, **more}, 25, rng)
    group = f"LightGBM {version}, dart, forest, goss"
    lgb_case(group, "lgb-dart", {"boosting": "dart", "drop_rate": 0.3}, 40, rng)
    lgb_case(group, "lgb-rf", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, 30, rng)
    lgb_case(group, "lgb-rf-regression", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6,
                                          "objective": "regression"}, 12, rng)
    lgb_case(group, "lgb-goss", {"boosting": "gbdt", "data_sample_strategy": "goss"}, 40, rng)
    lgb_case(group, "lgb-extra", {"extra_trees": True, "path_smooth": 3}, 40, rng)
    group = f"LightGBM {version}, categories"
    for name, cats, more in [("onehot", [3, 4], {}), ("many", [12, 80], {}), ("wide", [500], {"min_data_per_group": 5}),
                             ("zero", [6, 30], {"zero_as_missing": True}), ("none", [6, 30], {"use_missing": False})]:
        x, y = categories(rng, 3000, cats)
        probe, _ = categories(rng, ROWS, [c + 40 for c in cats], missing=0.3)
        probe[::7, 0] = -1  # below, between and far above the codes
        probe[3::7, 0] += 0.5
        probe[5::7, 0] = 2.0 ** 33
        lgb_case(group, f"lgb-cat-{name}", {"min_data_in_leaf": 5, "cat_smooth": 1, **more}, 30, rng, x=x, probe=probe,
                 cats=range(len(cats)), label=(y > 0).astype(float))
    lgb_words(group, rng)
    x = numbers(rng, 300, 4, missing=0)
    for name, more, word in [("lgb-linear", {"linear_tree": True}, "linear"),
                             ("lgb-multi", {"objective": "multiclass", "num_class": 3}, "multiclass")]:
        y = rng.integers(0, 3, 300)
        booster = lgb.train({"verbosity": -1, "num_threads": THREADS, **more}, lgb.Dataset(x, label=y), 3)
        booster.save_model(out / f"{name}.txt")
        refuse(f"LightGBM {version}, refused", name, out / f"{name}.txt", word)


def lgb_words(group, rng):
    """Categories by their words: LightGBM keeps them in the last line of the file."""
    import lightgbm as lgb
    import pandas
    x, y = categories(rng, 2000, [4, 30], 2)
    frame = pandas.DataFrame({f"n{i}": x[:, 2 + i] for i in range(2)})
    for i, list_ in enumerate([[f"shop {i}" for i in range(4)], [f"mcc-{i * 7}" for i in range(30)]]):
        frame.insert(i, f"c{i}", pandas.Categorical.from_codes(np.nan_to_num(x[:, i], nan=-1).astype(int), list_))
    booster = lgb.train({"objective": "binary", "verbosity": -1, "num_threads": THREADS, "min_data_in_leaf": 5},
                        lgb.Dataset(frame, label=y > 0), 20)
    booster.save_model(out / "lgb-words.txt")
    rows = [["" if isinstance(v, float) and math.isnan(v) else v for v in row] for row in
            frame[:ROWS].astype(object).itertuples(index=False)]
    probe = frame[:ROWS]
    record(group, "lgb-words", out / "lgb-words.txt", list(frame.columns), rows, booster.predict(probe, raw_score=True),
           booster.predict(probe), booster.predict(probe, pred_contrib=True))


release = xgb.__version__
new = int(release.split(".")[0]) >= 3
xgb_shapes(release)
xgb_objectives(release)
xgb_categories(release)
xgb_dart(release)
xgb_refused(release, ("json", "ubj") if new else ("json", "ubj", "model"))
if new:
    xgb_words(release)
    lgb_all()
write_cases()
