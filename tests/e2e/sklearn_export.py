#!/usr/bin/env python3
"""Linear models of scikit-learn, exported by the very lines of docs/models.md, score here as they do there: every
class that is named, alone, behind imputers and scalers, and calibrated.

scikit-learn stands in the environment that oracles.py, which runs before, has made. `sklearn_export.py FOLDER` is the
same script run by that environment's python: it trains the models and writes them, their rows and their answers."""
import csv
import json
import math
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

TOLERANCE = 1e-12
STEEP = 1e-11  # a steep line of an isotonic map makes more of the margin's last digits


# --- scikit-learn's side: run by its own python ---


def lines_of_the_docs():
    text = Path("docs/models.md").read_text()
    space = {}
    exec(re.search(r"```python\n(.*?)```", text, re.S)[1], space)
    return space["export"]


def estimators():
    from sklearn import linear_model as lm, svm
    classifiers = [lm.LogisticRegression(), lm.LogisticRegression(fit_intercept=False), lm.LogisticRegressionCV(Cs=3),
                   lm.SGDClassifier(loss="log_loss", random_state=1), lm.SGDClassifier(loss="hinge", random_state=1),
                   lm.RidgeClassifier(), lm.RidgeClassifierCV(), svm.LinearSVC(), lm.Perceptron(random_state=1),
                   lm.PassiveAggressiveClassifier(random_state=1)]
    regressors = [lm.LinearRegression(), lm.Ridge(), lm.RidgeCV(), lm.Lasso(0.01), lm.LassoCV(), lm.ElasticNet(0.01),
                  lm.ElasticNetCV(), lm.SGDRegressor(random_state=1), svm.LinearSVR(), lm.HuberRegressor(),
                  lm.PoissonRegressor(), lm.GammaRegressor()]
    return classifiers, regressors


def cases(frame, gaps, flagged, amount):
    """(name, model, rows, what else to export)."""
    from sklearn import impute, linear_model as lm, preprocessing as pre, svm
    from sklearn.base import clone
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.pipeline import make_pipeline
    classifiers, regressors = estimators()
    for number, estimator in enumerate(classifiers):
        yield f"{type(estimator).__name__} {number}", estimator.fit(frame, flagged), frame, {}
    for estimator in regressors:
        yield type(estimator).__name__, estimator.fit(frame, amount), frame, {}
    for scaler in (pre.StandardScaler(), pre.StandardScaler(with_mean=False), pre.StandardScaler(with_std=False),
                   pre.RobustScaler(), pre.MaxAbsScaler(), pre.MinMaxScaler()):
        name = f"{scaler}".replace("()", "")
        after = make_pipeline(impute.SimpleImputer(strategy="median"), scaler, lm.LogisticRegression())
        yield f"imputer, {name}", after.fit(gaps, flagged), gaps, {}
        before = make_pipeline(clone(scaler), impute.SimpleImputer(), "passthrough", lm.SGDClassifier(random_state=1))
        yield f"{name}, imputer", before.fit(gaps, flagged), gaps, {}
    yield "two scalers", make_pipeline(pre.StandardScaler(), pre.MinMaxScaler(), svm.LinearSVC()).fit(
        frame, flagged), frame, {}
    yield "bare columns", lm.LogisticRegression().fit(frame.to_numpy(), flagged), frame, {}
    words = ["fraud" if it else "legit" for it in flagged]
    yield "words for classes", lm.LogisticRegression().fit(frame, words), frame, {"positive": "fraud"}
    yield "true and false", lm.LogisticRegression().fit(frame, flagged == 1), frame, {}
    for method in ("sigmoid", "isotonic"):
        for estimator in (lm.LogisticRegression(), svm.LinearSVC(), make_pipeline(
                impute.SimpleImputer(), pre.StandardScaler(), lm.RidgeClassifier())):
            rows = gaps if hasattr(estimator, "steps") else frame
            name = f"{method} of {type(estimator).__name__}"
            yield name, calibrate(clone(estimator), method, rows, flagged), rows, {}
        whole = CalibratedClassifierCV(svm.LinearSVC(), method=method, ensemble=False)
        yield f"{method}, ensemble=False", whole.fit(frame, flagged), frame, {}


def calibrate(estimator, method, rows, flagged):
    from sklearn.calibration import CalibratedClassifierCV
    half = len(rows) // 2
    estimator.fit(rows[:half], flagged[:half])
    try:
        from sklearn.frozen import FrozenEstimator
        calibrated = CalibratedClassifierCV(FrozenEstimator(estimator), method=method)
    except ImportError:  # before 1.6
        calibrated = CalibratedClassifierCV(estimator, method=method, cv="prefit")
    return calibrated.fit(rows[half:], flagged[half:])


def answers(model, rows, more):
    """What the program must say: margins (None where nothing of them is known) and scores."""
    rows = rows if hasattr(model, "feature_names_in_") else rows.to_numpy()
    margins = [None] * len(rows)
    if hasattr(model, "decision_function"):
        margins = model.decision_function(rows)
    if not hasattr(model, "classes_"):
        return margins, model.predict(rows)
    side = 0 if more.get("positive") == model.classes_[0] else 1
    if side == 0:
        margins = [-margin for margin in margins]
    return margins, model.predict_proba(rows)[:, side] if hasattr(model, "predict_proba") else margins


def train(folder):
    import numpy
    import pandas
    warnings.simplefilter("ignore")
    export = lines_of_the_docs()
    draw = numpy.random.default_rng(7)
    frame = pandas.DataFrame({"amount": draw.lognormal(3, 1, 400), "hour": draw.integers(0, 24, 400),
                              "distance": draw.normal(5, 2, 400), "day": draw.normal(200, 100, 400)})
    logit = 0.04 * frame["amount"] - 0.1 * frame["hour"] + 0.3 * frame["distance"] - 1.5
    flagged = (draw.random(400) < 1 / (1 + numpy.exp(-logit))).astype(int)
    amount = numpy.exp(0.01 * frame["hour"] + draw.normal(0, 0.1, 400))
    gaps = frame.mask(pandas.DataFrame(draw.random(frame.shape) < 0.1, columns=frame.columns))
    names = []
    for name, model, rows, more in cases(frame, gaps, flagged, amount):
        at = folder / f"{len(names)}"
        names.append(name)
        export(model, f"{at}.json", **more)
        bare = not hasattr(model, "feature_names_in_")
        rows.rename(columns=dict(zip(frame.columns, ["f0", "f1", "f2", "f3"])) if bare else {}).to_csv(
            f"{at}.csv", index=False)
        margins, scores = answers(model, rows, more)
        Path(f"{at}.answers.json").write_text(json.dumps([list(margins), list(map(float, scores))]))
    (folder / "names.json").write_text(json.dumps(names))


# --- this program's side ---


def furthest(got, wanted):
    """The largest distance of two lists, of what is larger than 1 by its size; infinite if one lacks something."""
    pairs = [(a, b) for a, b in zip(got, wanted, strict=True) if b is not None]
    return max((abs(a - b) / max(1, abs(b)) if math.isfinite(a) else math.inf for a, b in pairs), default=0)


def compare(folder):
    from tap import check, run
    names = json.loads((folder / "names.json").read_text())
    check("every class and step that the docs name is there", len(names) >= 45, names)
    for number, name in enumerate(names):
        at = folder / f"{number}"
        result = run("score", "--model", f"{at}.json", f"{at}.csv")
        margins, scores = json.loads(Path(f"{at}.answers.json").read_text())
        if result.returncode != 0:
            check(f"{name} is scored", False, result.stderr)
            continue
        rows = list(csv.DictReader(result.stdout.splitlines()))
        margin, score = (furthest([float(row[it]) for row in rows], wanted)
                         for it, wanted in (("margin", margins), ("score", scores)))
        near = margin <= TOLERANCE and score <= (STEEP if name.startswith("isotonic") else TOLERANCE)
        check(f"{name} scores as in scikit-learn, margin within {margin:.1e}, score within {score:.1e}", near)


def main():
    from tap import check, done, peers
    python, why = peers()
    if python is None:
        print(f"ok - everything here # SKIP the peers cannot be installed: {why}")
        return
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run([python, __file__, folder], capture_output=True, text=True, timeout=600)
        if check("scikit-learn trains, and the lines of docs/models.md export", made.returncode == 0, made.stderr):
            compare(Path(folder))
    done()


if len(sys.argv) > 1:
    train(Path(sys.argv[1]))
else:
    main()
