#!/usr/bin/env python3
"""The same samples and files through this program and through scipy, scikit-learn, NannyML, Evidently and river,
which are installed into an environment of the build folder the first time. Where they cannot be installed the
script skips, loudly."""
import json
import math
import os
import subprocess
import sys
from pathlib import Path

from tap import DATA, check, done, peers, run

BUILD = Path(os.environ.get("BUILD", "build"))


def near(a, b, slack=1e-9):
    return a is not None and b is not None and math.isclose(a, b, rel_tol=slack, abs_tol=slack)


def compare(name, got, wanted, slack=1e-9):
    """Every figure of `wanted` is in `got`."""
    wrong = [f"{key}: got {got.get(key)}, expected {value}" for key, value in wanted.items()
             if not near(got.get(key), value, slack)]
    check(name, not wrong, "\n".join(wrong))


def california(others):
    """The housing files of NannyML: a drifted model of a log that has its labels."""
    files = DATA / "nannyml"
    options = ["--reference", files / "california_housing_reference.csv", "--labels",
               files / "california_housing_analysis_gt.csv", "--score", "y_pred_proba", "--decision", "y_pred", "--id",
               "id", "--time", "timestamp", "--label", "clf_target", "--json"]
    reports = {}
    for tool in ("evidently", "nannyml"):
        result = run("report", files / "california_housing_analysis.csv", *options, "--compat", tool)
        if not check(f"the report with --compat {tool} is made", result.returncode == 0, result.stderr):
            return
        reports[tool] = json.loads(result.stdout)
    report = reports["evidently"]
    features = {tool: {f["name"]: f for f in r["drift"]["features"]} for tool, r in reports.items()}
    ours = features["evidently"]
    names = list(others["scipy"])
    compare("KS is scipy's", {n: ours[n]["ks"]["statistic"] for n in names},
            {n: others["scipy"][n]["ks"] for n in names})
    compare("Wasserstein is scipy's, and NannyML's", {n: ours[n]["wasserstein"] for n in names},
            {n: others["scipy"][n]["wasserstein"] for n in names})
    compare("the distance of --compat evidently is Evidently's", {n: ours[n]["compat"]["value"] for n in names},
            others["evidently"])
    compare("the distance of --compat nannyml is NannyML's",
            {n: features["nannyml"][n]["compat"]["value"] for n in names},
            {n: others["nannyml"][n]["jensen_shannon"] for n in names})
    compare("realised quality is scikit-learn's", report["quality"], others["realised"])
    # NannyML fits its isotonic map in float32 steps of its own folds and ranks by raw scores: a little apart.
    compare("estimated quality is near NannyML's", report["estimated_quality"], others["estimated"], 0.02)


python, why = peers()
if python is None:
    print(f"ok - everything here # SKIP the peers cannot be installed: {why}")
    sys.exit(0)
vectors, figures = BUILD / "peers.vectors.json", BUILD / "peers.california.json"
figures.unlink(missing_ok=True)
made = subprocess.run([python, "tests/support/peers.py", vectors, DATA / "nannyml", figures], capture_output=True,
                      text=True, timeout=600)
if check("the peers compute", made.returncode == 0, made.stderr):
    quiet = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": ""}
    result = subprocess.run([BUILD / "tests/vectors", vectors], capture_output=True, text=True, timeout=600, env=quiet)
    last = result.stdout.strip().splitlines()[-1:] or [""]
    check(f"samples through both agree: {last[0]}", result.returncode == 0, result.stdout + result.stderr)
    if figures.exists():
        california(json.loads(figures.read_text()))
    else:
        print(f"ok - the files of NannyML # SKIP {DATA / 'nannyml'} is not there")
done()
