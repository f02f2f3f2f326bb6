#!/usr/bin/env python3
"""NannyML's housing data through `fraudtop report`: a model that falls from an AUC of 0.908 to one of 0.840, on
features of which three have moved away. Every figure is held against a computation here that shares no code with the
program."""
import bisect
import csv
import json
import math
import tempfile
from pathlib import Path

from tap import DATA, check, done, need, run

FILES = {part: DATA / f"nannyml/california_housing_{part}.csv" for part in ("reference", "analysis", "analysis_gt")}
for path in FILES.values():
    need(path)
COLUMNS = ("--score", "y_pred_proba", "--decision", "y_pred", "--id", "id", "--time", "timestamp", "--label", "clf_target")
ROWS = {part: list(csv.DictReader(path.open())) for part, path in FILES.items()}


def report(part, *more):
    labels = ("--labels", FILES["analysis_gt"]) if part == "analysis" else ()
    answer = run("report", FILES[part], *labels, *COLUMNS, "--json", *more)
    check(f"report on {part} exits with 0", answer.returncode == 0, answer.stderr)
    return json.loads(answer.stdout)


def near(name, got, wanted, slack=1e-9):
    check(f"{name} equals the independent computation",
          got is not None and math.isclose(got, wanted, rel_tol=slack, abs_tol=slack), f"{got} against {wanted}")


def numbers(part, column):
    return sorted(float(row[column]) for row in ROWS[part])


def quantile(values, q):
    place = q * (len(values) - 1)
    low = int(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


def binned(column):
    """Counts of both sides between the deciles of the reference."""
    before, now = numbers("reference", column), numbers("analysis", column)
    edges = sorted({quantile(before, k / 10) for k in range(1, 10)})
    counts = [[0] * (len(edges) + 1) for _ in range(2)]
    for side, values in enumerate((before, now)):
        for value in values:
            counts[side][bisect.bisect_right(edges, value)] += 1
    return counts


def distances(column):
    counts = binned(column)
    bins = len(counts[0])
    plain = [[c / sum(side) for c in side] for side in counts]
    smooth = [[(c + 0.5) / (sum(side) + bins / 2) for c in side] for side in counts]
    middle = [(r + c) / 2 for r, c in zip(*plain)]
    return {
        "psi": sum((c - r) * math.log(c / r) for r, c in zip(*smooth)),
        "kl": sum(r * math.log(r / c) for r, c in zip(*smooth)),
        "hellinger": math.sqrt(1 - sum(math.sqrt(r * c) for r, c in zip(*plain))),
        "js_distance": math.sqrt(sum(p * math.log2(p / m) for side in plain for p, m in zip(side, middle) if p) / 2),
        "tvd": sum(abs(r - c) for r, c in zip(*plain)) / 2,
        "linf": max(abs(r - c) for r, c in zip(*plain)),
    }


def gaps(column):
    """KS and Wasserstein: the largest gap between both distribution functions, and the area between them."""
    before, now = numbers("reference", column), numbers("analysis", column)
    values = sorted(set(before) | set(now))
    gap = [bisect.bisect_right(before, v) / len(before) - bisect.bisect_right(now, v) / len(now) for v in values]
    area = sum(abs(g) * (b - a) for g, a, b in zip(gap, values, values[1:]))
    mean = sum(before) / len(before)
    deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in before) / len(before))
    return max(map(abs, gap)), area, deviation


def realised():
    label_of = {row["id"]: int(row["clf_target"]) for row in ROWS["analysis_gt"]}
    rows = [(float(row["y_pred_proba"]), int(row["y_pred"]), label_of[row["id"]]) for row in ROWS["analysis"]]
    n = len(rows)
    tp, fp = (sum(1 for _, flag, label in rows if flag and label == wanted) for wanted in (1, 0))
    fn, tn = (sum(1 for _, flag, label in rows if not flag and label == wanted) for wanted in (1, 0))
    ece = [[0.0, 0] for _ in range(10)]
    for score, _, label in rows:
        part = ece[max(math.ceil(score * 10) - 1, 0)]
        part[0] += label - score
    return {
        "precision": tp / (tp + fp), "recall": tp / (tp + fn), "fpr": fp / (fp + tn), "specificity": tn / (fp + tn),
        "f1": 2 * tp / (2 * tp + fp + fn), "brier": sum((s - y) ** 2 for s, _, y in rows) / n,
        "ece": sum(abs(gap) for gap, _ in ece) / n,
        "observed_expected": sum(y for _, _, y in rows) / sum(s for s, _, _ in rows),
        "log_loss_clipped": sum(1 for s, _, _ in rows if s in (0, 1)),
    }


before = report("reference")
check("the AUC on the reference is 0.908", round(before["quality"]["roc_auc"], 3) == 0.908, before["quality"]["roc_auc"])
now = report("analysis", "--reference", FILES["reference"])
quality = now["quality"]
check("the AUC on the analysis is 0.840", round(quality["roc_auc"], 3) == 0.840, quality["roc_auc"])
low, high = quality["ci"]["roc_auc"]
check("its interval holds it and not the one before", low < quality["roc_auc"] < high < before["quality"]["roc_auc"])
for key, value in realised().items():
    near(f"quality's {key}", quality.get(key), value)
for key in ("precision", "recall", "fpr"):
    low, high = quality["ci"][key]
    check(f"the interval of {key} holds it", low < quality[key] < high)

features = {feature["name"]: feature for feature in now["drift"]["features"]}
features["y_pred_proba"] = now["prediction_drift"]["score"]
for name, feature in features.items():
    for key, value in distances(name).items():
        near(f"{key} of {name}", feature.get(key), value, 1e-8)
    gap, area, deviation = gaps(name)
    near(f"KS of {name}", feature["ks"]["statistic"], gap)
    near(f"Wasserstein of {name}", feature["wasserstein"], area)
    near(f"Wasserstein in deviations of {name}", feature["wasserstein_norm"], area / deviation)
    check(f"{name} has an Anderson-Darling statistic", feature["anderson"]["statistic"] is not None)
critical = sorted(name for name, feature in features.items() if feature["severity"] == "critical")
check("longitude, latitude and the score are critical, and nothing else",
      critical == ["Latitude", "Longitude", "y_pred_proba"], critical)
warned = sorted(name for name, feature in features.items() if feature["severity"] == "warning")
check("what moved by less is no warning", not warned, warned)
check("the reason is in words", "times what chance gives" in features["Longitude"]["reason"])
check("the dataset has drifted", now["drift"]["dataset_drift"] is True, now["drift"]["share"])

flags = {part: [int(row["y_pred"]) for row in ROWS[part]] for part in ("reference", "analysis")}
k, n = zip(*((sum(part), len(part)) for part in flags.values()))
pooled = sum(k) / sum(n)
rate = now["prediction_drift"]["decision_rate"]
near("the decision rate's z", rate["z"]["statistic"],
     (k[0] / n[0] - k[1] / n[1]) / math.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1])))
check("a decision rate that fell to a third is critical", rate["severity"] == "critical", rate)

estimate = now["estimated_quality"]
check("the estimate is calibrated on the reference, and out of its support",
      estimate["calibrated"] is True and estimate["in_support"] is False, estimate)
check("it sees some of the fall, and not all of it",
      quality["roc_auc"] < estimate["roc_auc"] < before["quality"]["roc_auc"], estimate["roc_auc"])
for a, b, c in (("tp", "fp", "precision"), ("tp", "fn", "recall")):
    near(f"its {c}", estimate[c], estimate[a] / (estimate[a] + estimate[b]))

with tempfile.TemporaryDirectory(prefix="fraudtop-california-") as folder:
    profile = Path(folder) / "reference.profile.json"
    made = run("profile", FILES["reference"], *COLUMNS, "-o", profile)
    check("the reference makes a profile", made.returncode == 0, made.stderr)
    by_profile = report("analysis", "--reference", profile)
    for feature in by_profile["drift"]["features"]:
        exact = features[feature["name"]]
        check(f"{feature['name']} is judged alike by the profile",
              feature["severity"] == exact["severity"] and math.isclose(feature["psi"], exact["psi"], rel_tol=1e-9),
              f"{feature['psi']} against {exact['psi']}")
        bounds = feature["wasserstein_bounds"]
        check(f"its bounds hold the Wasserstein distance of {feature['name']}",
              bounds[0] <= exact["wasserstein"] <= bounds[1], bounds)
    near("the profile's estimate", by_profile["estimated_quality"]["precision"], estimate["precision"])
    config = Path(folder) / "config.yaml"
    config.write_text("version: 1\nfeatures:\n  - {name: HouseAge, warning: 0.05}\nverdict: {compat: evidently}\n")
    strict = report("analysis", "--reference", FILES["reference"], "-c", config)
    feature = next(f for f in strict["drift"]["features"] if f["name"] == "HouseAge")
    check("a limit of the configuration is obeyed", feature["severity"] == "warning", feature["severity"])
    check("so is its compat", feature["compat"]["tool"] == "evidently", feature.get("compat"))
    broken = Path(folder) / "broken.jsonl"
    broken.write_text('{"features": 1}\n')
    answer = run("report", FILES["analysis"], *COLUMNS, "--labels", FILES["analysis_gt"], "--reference", broken)
    check("a reference without one good record is refused with 65",
          answer.returncode == 65 and "broken.jsonl: no usable record" in answer.stderr, answer.stderr)
answer = run("report", FILES["analysis"], *COLUMNS, "--reference", FILES["reference"], "--json")
check("labels may be in the reference alone", answer.returncode == 0, answer.stderr)
unlabelled = json.loads(answer.stdout)
check("then nothing is labelled", unlabelled["quality"]["labelled"] == 0, unlabelled["quality"])
near("and the estimate is as it was", unlabelled["estimated_quality"]["precision"], estimate["precision"])
check("which is no drift of a column that is gone", len(unlabelled["drift"]["features"]) == len(now["drift"]["features"]))
answer = run("report", FILES["analysis"], *COLUMNS[:-1], "nowhere", "--reference", FILES["reference"])
check("a label's column that neither side has is refused with 64",
      answer.returncode == 64 and "nowhere" in answer.stderr, answer.stderr)
answer = run("report", FILES["analysis"], *COLUMNS, "--labels", FILES["analysis_gt"], "--compat", "elsewhere")
check("an unknown tool is refused with 64", answer.returncode == 64 and "sagemaker" in answer.stderr, answer.stderr)
done()
