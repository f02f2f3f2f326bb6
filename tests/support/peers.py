"""peers.py OUT: known answers by scipy, scikit-learn, NannyML, Evidently and river, on samples drawn afresh with a
seed, written as a vector file that build/tests/vectors can run; and what NannyML, Evidently and scikit-learn
make of the files in ../shared/data/nannyml. Run by oracles.py in an environment that has them."""
import json
import os
import sys
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = os.environ["DO_NOT_TRACK"] = "1"
warnings.filterwarnings("ignore")

import nannyml  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import river.drift  # noqa: E402
import scipy.spatial.distance as distance  # noqa: E402
import scipy.special as special  # noqa: E402
import scipy.stats as stats  # noqa: E402
import sklearn.isotonic  # noqa: E402
import sklearn.metrics as metrics  # noqa: E402
from evidently.legacy.calculations import stattests  # noqa: E402
from evidently.legacy.core import ColumnType  # noqa: E402

rng = np.random.default_rng(20261121)
cases = []


def case(metric, peer, inputs, params, expected, absolute=1e-12, relative=1e-9):
    number = sum(c["metric"] == metric for c in cases)
    cases.append({"id": f"{peer}-{metric}-{number}", "metric": metric, "inputs": inputs, "params": params,
                  "expected": expected, "tolerance": {"abs": absolute, "rel": relative}, "source": f"lib:{peer}"})


def floats(values):
    return [float(v) for v in values]


def pairs():
    """Samples of many shapes: shifted, scaled, skewed, tied, small, unequal."""
    for n, m in ((1, 1), (2, 7), (40, 30), (200, 150), (1500, 900), (20000, 12000)):
        yield rng.normal(size=n), rng.normal(0.2, 1.3, size=m)
        yield rng.lognormal(size=n), rng.lognormal(0.1, size=m)
        yield np.round(rng.exponential(3, size=n)), np.round(rng.exponential(3.5, size=m))


def samples():
    for ref, cur in pairs():
        inputs = {"ref": floats(ref), "cur": floats(cur)}
        both = stats.ks_2samp(ref, cur, method="asymp")
        expected = {"statistic": both.statistic}
        if len(ref) > 1:  # of one value each scipy has no asymptotic p
            expected["pvalue_asymp"] = both.pvalue
        if len(ref) * len(cur) <= 1e5:
            expected["pvalue_exact"] = stats.ks_2samp(ref, cur, method="exact").pvalue
        case("ks_2samp", "scipy", inputs, {}, expected, 1e-10, 1e-7)
        case("wasserstein", "scipy", inputs, {},
             {"distance": stats.wasserstein_distance(ref, cur), "ref_std_pop": float(np.std(ref))})
        if len(ref) > 20:
            with np.errstate(all="ignore"):
                found = stats.anderson_ksamp([ref, cur], midrank=True)
            case("anderson_ksamp", "scipy", {"samples": [floats(ref), floats(cur)]}, {"midrank": True},
                 {"statistic": found.statistic, "critical_values": floats(found.critical_values),
                  "pvalue": found.pvalue}, 1e-9, 1e-7)
        q = floats(rng.uniform(size=5)) + [0.0, 1.0]
        case("quantile_exact", "numpy", {"x": floats(ref), "q": q}, {}, {"type7": floats(np.quantile(ref, q))}, 1e-9)


def tails():
    for x in (0.3, 1.7, 4.0, 9.0, 25.0, 37.0):
        case("norm_sf", "scipy", {"z": x}, {}, {"sf": stats.norm.sf(x)}, 1e-300, 1e-10)
        case("kolmogorov_sf", "scipy", {"x": x / 3}, {}, {"sf": special.kolmogorov(x / 3)})
        for df in (1, 3, 9, 120):
            case("chi2_sf", "scipy", {"x": x * x, "df": df}, {}, {"sf": stats.chi2.sf(x * x, df)}, 1e-300)
    for k, n in ((0, 9), (9, 9), (3, 1000), (417, 921)):
        found = stats.binomtest(k, n).proportion_ci(method="wilson")
        case("wilson", "scipy", {"k": k, "n": n}, {"z": 1.959963984540054}, {"lo": found.low, "hi": found.high}, 1e-10)
    for n in (2, 12, 60):
        p = rng.uniform(size=n) ** 3
        case("multiple_testing", "scipy", {"pvalues": floats(p), "alpha": 0.05}, {"compare": "p <= threshold"},
             {"bh_adjusted": floats(stats.false_discovery_control(p)),
              "bh_rejected": np.flatnonzero(stats.false_discovery_control(p) <= 0.05).tolist()})


def counts():
    for bins in (2, 3, 10, 40):
        ref, cur = rng.integers(5, 400, bins), rng.integers(5, 300, bins)
        r, c = ref / ref.sum(), cur / cur.sum()
        case("divergence_counts", "scipy", {"ref_counts": ref.tolist(), "cur_counts": cur.tolist()}, {}, {
            "js_distance_e": distance.jensenshannon(r, c), "js_distance_2": distance.jensenshannon(r, c, 2),
            "kl_ref_cur_none": stats.entropy(r, c), "tvd": 0.5 * np.abs(r - c).sum(), "linf": np.abs(r - c).max(),
            "hellinger": float(np.sqrt(1 - np.sqrt(r * c).sum()))}, 1e-10)
        names = [f"k{i:02d}" for i in range(bins)]

        def as_test(statistic, df, p):
            return {"statistic": float(statistic), "df": int(df), "pvalue": float(p)}

        plain = stats.chi2_contingency([ref, cur], correction=False)
        yates = stats.chi2_contingency([ref, cur], correction=True)
        fit = stats.chisquare(cur, r * cur.sum())
        case("chi2", "scipy", {"ref": dict(zip(names, ref.tolist())), "cur": dict(zip(names, cur.tolist()))}, {}, {
            "homogeneity": as_test(plain.statistic, plain.dof, plain.pvalue),
            "homogeneity_yates": as_test(yates.statistic, yates.dof, yates.pvalue),
            "gof": as_test(fit.statistic, bins - 1, fit.pvalue)}, 1e-12, 1e-8)


def quality():
    for n, share, digits in ((50, 0.5, 15), (3000, 0.1, 2), (20000, 0.01, 15)):
        y = (rng.uniform(size=n) < share).astype(int)
        y[:2] = (0, 1)
        score = np.round(1 / (1 + np.exp(-rng.normal(2 * y - 2, 1.2))), digits)
        at = []
        for threshold in (0.1, 0.5):
            flag = score >= threshold
            tn, fp, fn, tp = (int(v) for v in metrics.confusion_matrix(y, flag, labels=[0, 1]).ravel())
            at.append({"threshold": threshold, "tp": tp, "fp": fp, "fn": fn, "tn": tn,
                       "precision": metrics.precision_score(y, flag) if tp + fp else None,
                       "recall": metrics.recall_score(y, flag), "f1": metrics.f1_score(y, flag),
                       "accuracy": metrics.accuracy_score(y, flag)})
        case("binary_quality", "sklearn", {"y": y.tolist(), "score": floats(score)},
             {"thresholds": [0.1, 0.5], "positive_if": "score >= threshold", "log_loss_eps": 2.220446049250313e-16},
             {"n": n, "pos": int(y.sum()), "roc_auc": metrics.roc_auc_score(y, score),
              "average_precision": metrics.average_precision_score(y, score),
              "brier": metrics.brier_score_loss(y, score), "log_loss": metrics.log_loss(y, score), "at": at})
        model = sklearn.isotonic.IsotonicRegression(out_of_bounds="clip").fit(score, y)
        query = floats(rng.uniform(-0.1, 1.1, size=40))
        case("isotonic", "sklearn", {"x": floats(score), "y": y.tolist(), "query": query},
             {"out_of_bounds": "clip", "between_knots": "linear interpolation"},
             {"values": floats(model.predict(query))}, 1e-10)
    for n in (3, 12, 40):
        gain, score = rng.integers(0, 9, n), rng.integers(0, 6, n)
        gain[0] = 5
        case("ndcg_score", "sklearn", {"gain": gain.tolist(), "score": score.tolist(), "k": None}, {},
             {"ndcg": metrics.ndcg_score([gain], [score])})


def detections(detector, stream):
    found = []
    for i, value in enumerate(stream):
        detector.update(value)
        if detector.drift_detected:
            found.append(i)
    return found


def streams():
    for before, after in ((0.1, 0.1), (0.02, 0.08), (0.4, 0.2), (0.3, 0.6)):
        stream = np.concatenate([rng.uniform(size=4000) < before, rng.uniform(size=4000) < after]).astype(int)
        inputs = {"stream": {"digits": "".join(map(str, stream))}}
        case("adwin", "river", inputs, {"delta": 0.002, "clock": 32, "max_buckets": 5, "min_window_length": 5,
                                        "grace_period": 10,
                                        "on_detection": "detector is re-created before the next update"},
             {"detections": detections(river.drift.ADWIN(), stream.tolist())})
        case("ddm", "river", inputs, {"warm_start": 30, "warning_threshold": 2.0, "drift_threshold": 3.0},
             {"drift": detections(river.drift.binary.DDM(), stream.tolist())})
        case("page_hinkley", "river", inputs,
             {"min_instances": 30, "delta": 0.005, "threshold": 50, "alpha": 0.9999},
             {"two_sided": detections(river.drift.PageHinkley(), stream.tolist())})


def tools():
    for ref, cur in ((rng.normal(size=4000), rng.normal(0.3, 1.2, size=2500)),
                     (rng.lognormal(size=1200), rng.lognormal(0.2, size=5000))):
        inputs = {"ref": floats(ref), "cur": floats(cur)}
        series = pd.Series(ref), pd.Series(cur)
        case("evidently_num", "evidently", inputs, {"log_base": "e"}, {
            "psi": stattests.psi_stat_test.func(*series, ColumnType.Numerical, 0.1)[0],
            "kl_div": stattests.kl_div_stat_test.func(*series, ColumnType.Numerical, 0.1)[0],
            "jensenshannon": stattests.jensenshannon_stat_test.func(*series, ColumnType.Numerical, 0.1)[0]}, 1e-9, 1e-8)
        found = nannyml_drift(pd.DataFrame({"x": ref}), pd.DataFrame({"x": cur}), ["x"])["x"]
        case("nannyml_num", "nannyml", inputs, {"log_base": 2},
             {"jensen_shannon": found["jensen_shannon"], "hellinger": found["hellinger"]}, 1e-9, 1e-8)


def nannyml_drift(reference, current, columns):
    methods = ["jensen_shannon", "hellinger", "wasserstein", "kolmogorov_smirnov"]
    calculator = nannyml.UnivariateDriftCalculator(column_names=columns, continuous_methods=methods, chunk_number=1)
    table = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
    return {c: {m: float(table[(c, m, "value")].iloc[0]) for m in methods} for c in columns}


def california(folder):
    reference, current = (pd.read_csv(f"{folder}/california_housing_{part}.csv") for part in ("reference", "analysis"))
    truth = current.merge(pd.read_csv(f"{folder}/california_housing_analysis_gt.csv"), on="id")
    columns = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]
    estimate = nannyml.CBPE(y_pred_proba="y_pred_proba", y_pred="y_pred", y_true="clf_target",
                            metrics=["roc_auc", "f1", "precision", "recall", "average_precision"],
                            problem_type="classification_binary", chunk_number=1)
    table = estimate.fit(reference).estimate(current).filter(period="analysis").to_df()
    names = ["roc_auc", "f1", "precision", "recall", "average_precision"]
    y, score, flag = truth["clf_target"], truth["y_pred_proba"], truth["y_pred"]
    return {
        "nannyml": nannyml_drift(reference, current, columns),
        "evidently": {c: float(stattests.wasserstein_stat_test.func(reference[c], current[c], ColumnType.Numerical, 0.1)[0])
                      for c in columns},
        "scipy": {c: {"ks": float(stats.ks_2samp(reference[c], current[c]).statistic),
                      "wasserstein": float(stats.wasserstein_distance(reference[c], current[c]))} for c in columns},
        "estimated": {name: float(table[(name, "value")].iloc[0]) for name in names},
        "realised": {"roc_auc": metrics.roc_auc_score(y, score),
                     "average_precision": metrics.average_precision_score(y, score),
                     "brier": metrics.brier_score_loss(y, score), "log_loss": metrics.log_loss(y, score),
                     "precision": metrics.precision_score(y, flag), "recall": metrics.recall_score(y, flag),
                     "f1": metrics.f1_score(y, flag)},
    }


for part in (samples, tails, counts, quality, streams, tools):
    part()
out = {"format": "fraudtop-vectors/1", "cases": cases}
with open(sys.argv[1], "w") as file:
    json.dump(out, file, default=float)
if len(sys.argv) > 3 and os.path.isdir(sys.argv[2]):
    with open(sys.argv[3], "w") as file:
        json.dump(california(sys.argv[2]), file, default=float)
