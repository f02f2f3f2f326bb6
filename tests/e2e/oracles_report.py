#!/usr/bin/env python3
"""Every figure of `fraudtop report` that scipy, scikit-learn, Evidently, NannyML or river has too, for every
column of two files: numbers with scores and labels, and categories, counts and gaps. None shares code with the
program. They must agree to 1e-9; where a tool means something else by a name, its function says what is compared.

The tools stand in the environment that oracles.py, which runs before, has made. `oracles_report.py TOOL FILE` is
the same script run by that environment's python: it prints what the tool makes of the columns in FILE."""
import csv
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

TOLERANCE = 1e-9
THRESHOLD = 0.5


# --- what each tool makes of the columns: run by its own python ---


def present(column):
    import numpy
    return numpy.array([value for value in column if value is not None])


def is_numeric(column):
    return not any(isinstance(value, str) for value in column)


def psi_counts(reference, current):
    """METRICS.md 1.2: deciles of the reference, equal ones merged; up to 20 values a bin each."""
    import numpy
    if not is_numeric(reference.tolist()) or len(numpy.unique(reference)) <= 20:
        values = sorted(set(reference.tolist()))
        sides = [[int((side == value).sum()) for value in values] for side in (reference, current)]
        unseen = len(current) - sum(sides[1])
        return [sides[0] + [0], sides[1] + [unseen]] if unseen else sides
    edges = numpy.unique(numpy.quantile(reference, numpy.arange(1, 10) / 10))
    return [numpy.bincount(numpy.searchsorted(edges, side, "right"), minlength=len(edges) + 1).tolist()
            for side in (reference, current)]


def scipy_bins(reference, current):
    """The distances over the PSI bins, by scipy's functions."""
    import numpy
    from scipy.spatial.distance import jensenshannon
    from scipy.stats import chi2_contingency, entropy
    counts = numpy.array(psi_counts(reference, current), float)
    smooth = (counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5 * counts.shape[1])
    shares = counts / counts.sum(axis=1, keepdims=True)
    figures = {
        "psi": entropy(smooth[0], smooth[1]) + entropy(smooth[1], smooth[0]),
        "kl": entropy(smooth[0], smooth[1]),
        "js_distance": jensenshannon(shares[0], shares[1], base=2),
        "hellinger": math.sqrt(((numpy.sqrt(shares[0]) - numpy.sqrt(shares[1])) ** 2).sum() / 2),
    }
    test = chi2_contingency(counts, correction=False)
    if (test[3] >= 5).all():  # else rare bins are merged before
        figures.update({"chi2.statistic": test[0], "chi2.dof": test[2], "chi2.p_value": test[1]})
    return figures


def scipy_numbers(reference, current):
    import warnings

    from scipy.special import kolmogorov
    from scipy.stats import anderson_ksamp, ks_2samp, wasserstein_distance
    n, m = len(reference), len(current)
    d = ks_2samp(reference, current).statistic
    if n * m <= 1_000_000:
        p = ks_2samp(reference, current, method="exact").pvalue
    else:  # scipy has no Stephens' factor, but the law it is put into
        root = math.sqrt(n * m / (n + m))
        p = kolmogorov((root + 0.12 + 0.11 / root) * d)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a p at the end of its table
        anderson = anderson_ksamp([reference, current])
    distance = wasserstein_distance(reference, current)
    p_anderson = getattr(anderson, "pvalue", None) or anderson.significance_level
    return {"ks.statistic": d, "ks.p_value": p, "wasserstein": distance,
            "wasserstein_norm": distance / max(reference.std(), 0.001),
            "anderson.statistic": anderson.statistic, "anderson.p_value": p_anderson}


def tool_scipy(data):
    for name, reference, current in pairs_of(data):
        figures = scipy_bins(reference, current)
        if is_numeric(reference.tolist()):
            figures.update(scipy_numbers(reference, current))
        yield name, figures
    from sklearn import metrics
    labels, scores = data["labels"], data["scores"]
    flags = [score >= THRESHOLD for score in scores]
    yield "quality", {
        "roc_auc": metrics.roc_auc_score(labels, scores),
        "average_precision": metrics.average_precision_score(labels, scores),
        "brier": metrics.brier_score_loss(labels, scores),
        "log_loss": metrics.log_loss(labels, scores),
        "precision": metrics.precision_score(labels, flags),
        "recall": metrics.recall_score(labels, flags),
        "f1": metrics.f1_score(labels, flags),
    }


def tool_evidently(data):
    """Its own stat tests on the columns; its Jensen-Shannon distance is to base e, over its own bins, so it
    is compared where both have a bin a value."""
    import pandas
    try:
        from evidently.legacy.calculations import stattests
        from evidently.legacy.core import ColumnType
    except ImportError:
        from evidently.calculations import stattests
        from evidently.core import ColumnType

    def value(test, reference, current, kind):
        return float(test(pandas.Series(reference), pandas.Series(current), kind, None).drift_score)

    for name, reference, current in pairs_of(data):
        figures = {}
        numeric = is_numeric(reference.tolist())
        if numeric:
            figures["wasserstein_norm"] = value(
                stattests.wasserstein_stat_test, reference, current, ColumnType.Numerical)
        if len(set(reference.tolist())) <= 20:
            distance = value(stattests.jensenshannon_stat_test, reference, current, ColumnType.Categorical)
            figures["js_distance"] = distance / math.sqrt(math.log(2))
        if numeric and len(reference) * len(current) <= 1_000_000:
            figures["ks.p_value"] = value(stattests.ks_stat_test, reference, current, ColumnType.Numerical)
        yield name, figures


def tool_nannyml(data):
    """Its drift methods, fitted on the reference. Up to 10,000 reference rows they are exact. Its chi-square
    is Yates's of two categories, so those are passed over."""
    import pandas
    from nannyml.chunk import DefaultChunker
    from nannyml.drift.univariate.methods import FeatureType, MethodFactory
    from nannyml.thresholds import ConstantThreshold

    def value(key, reference, current, kind):
        method = MethodFactory.create(key=key, feature_type=kind, chunker=DefaultChunker(),
                                      threshold=ConstantThreshold(lower=None, upper=1),
                                      computation_params={"kolmogorov_smirnov": {"calculation_method": "exact"},
                                                          "wasserstein": {"calculation_method": "exact"}})
        method.fit(pandas.Series(reference, name="column"))
        return float(method.calculate(pandas.Series(current, name="column")))

    for name, reference, current in pairs_of(data):
        figures = {}
        if is_numeric(reference.tolist()):
            figures["ks.statistic"] = value("kolmogorov_smirnov", reference, current, FeatureType.CONTINUOUS)
            figures["wasserstein"] = value("wasserstein", reference, current, FeatureType.CONTINUOUS)
        else:
            figures["js_distance"] = value(
                "jensen_shannon", pandas.Categorical(reference), pandas.Categorical(current),
                FeatureType.CATEGORICAL)
            if len(set(reference.tolist())) > 2:
                figures["chi2.statistic"] = value(
                    "chi2", pandas.Categorical(reference), pandas.Categorical(current), FeatureType.CATEGORICAL)
        yield name, figures


def tool_river(data):
    """Its running metrics, row by row. Its ROC AUC is an approximation by thresholds and not compared."""
    from river import metrics
    running = {"precision": metrics.Precision(), "recall": metrics.Recall(), "f1": metrics.F1()}
    loss = metrics.LogLoss()
    for label, score in zip(data["labels"], data["scores"]):
        for metric in running.values():
            metric.update(bool(label), score >= THRESHOLD)
        loss.update(bool(label), score)
    figures = {name: metric.get() for name, metric in running.items()}
    if 0 < min(data["scores"]) and max(data["scores"]) < 1:  # else it clips elsewhere than scikit-learn
        figures["log_loss"] = loss.get()
    yield "quality", figures


def pairs_of(data):
    for name, column in data["reference"].items():
        yield name, present(column), present(data["current"][name])


# --- the files and the comparison ---


def read_table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def columns_of(rows, names):
    """Numbers where a whole column is, None for what is empty."""
    columns = {}
    for name in names:
        texts = [row[name] for row in rows]
        try:
            columns[name] = [float(text) if text else None for text in texts]
        except ValueError:
            columns[name] = [text or None for text in texts]
    return columns


def write_table(path, columns):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*columns.values()):
            writer.writerow(["" if value is None else value if isinstance(value, str) else repr(value)
                             for value in row])


def data_sets(folder):
    """NannyML's samples: houses have numbers, scores and labels, the Titanic has categories and gaps."""
    houses = read_table(folder / "california_housing_analysis.csv")
    truth = {row["id"]: int(row["clf_target"])
             for row in read_table(folder / "california_housing_analysis_gt.csv")}
    numbers = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]
    yield "houses", {
        "reference": columns_of(read_table(folder / "california_housing_reference.csv"), numbers),
        "current": columns_of(houses, numbers),
        "labels": [truth[row["id"]] for row in houses],
        "scores": [float(row["y_pred_proba"]) for row in houses],
    }
    mixed = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"]
    passengers = read_table(folder / "titanic_analysis.csv")
    survived = {row["PassengerId"]: int(row["Survived"]) for row in read_table(folder / "titanic_target.csv")}
    yield "titanic", {
        "reference": columns_of(read_table(folder / "titanic_reference.csv"), mixed),
        "current": columns_of(passengers, mixed),
        "labels": [survived[row["PassengerId"]] for row in passengers],
        # No model comes with these rows: a rule of thumb, with many ties.
        "scores": [0.75 if row["Sex"] == "female" else 0.125 * int(row["Pclass"]) for row in passengers],
    }


def report_of(data, work):
    from tap import run
    score = {"score": data["scores"]}
    write_table(work / "reference.csv", {**data["reference"], "score": [0.5] * len(
        next(iter(data["reference"].values())))})
    write_table(work / "current.csv", {**data["current"], **score, "label": [float(y) for y in data["labels"]]})
    reference = work / "reference.csv"
    answer = run("report", work / "current.csv", "--reference", reference, "--score", "score", "--label", "label",
                 "--threshold", THRESHOLD, "--json")
    if answer.returncode != 0:
        sys.exit(f"fraudtop report: {answer.stderr}")
    return json.loads(answer.stdout)


def figure(block, path):
    for key in path.split("."):
        block = block.get(key) if isinstance(block, dict) else None
    return block


def compare(tool, data_set, report, answers):
    """One line a figure, over all columns."""
    from tap import check
    features = {feature["name"]: feature for feature in report["drift"]["features"]}
    by_path = {}
    for name, figures in answers.items():
        ours = report["quality"] if name == "quality" else features[name]
        for path, theirs in figures.items():
            by_path.setdefault(path, []).append((name, figure(ours, path), theirs))
    for path, rows in by_path.items():
        what = f"{tool} and the report have the same {path} ({len(rows)} of the {data_set})"
        off = [f"{name}: {mine!r} here, {theirs!r} there" for name, mine, theirs in rows
               if mine is None or not abs(mine - theirs) <= TOLERANCE * max(1, abs(theirs))]
        check(what, not off, "\n".join(off))


TOOLS = {"scipy": tool_scipy, "evidently": tool_evidently, "nannyml": tool_nannyml, "river": tool_river}


def main():
    from tap import DATA, check, done, need, peers
    need(DATA / "nannyml")
    python, why = peers()
    if python is None:
        print(f"ok - everything here # SKIP the peers cannot be installed: {why}")
        return
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for data_set, data in data_sets(DATA / "nannyml"):
            report = report_of(data, work)
            (work / data_set).write_text(json.dumps(data))
            for tool in TOOLS:
                answer = subprocess.run([python, __file__, tool, work / data_set], capture_output=True, text=True,
                                        timeout=300)
                if check(f"{tool} measures the {data_set}", answer.returncode == 0, answer.stderr[-2000:]):
                    compare(tool, data_set, report, json.loads(answer.stdout.splitlines()[-1]))
    done()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        with open(sys.argv[2]) as source:
            print(json.dumps(dict(TOOLS[sys.argv[1]](json.load(source))), default=float))
    else:
        main()
