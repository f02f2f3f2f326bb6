#!/usr/bin/env python3
"""Models of many shapes, trained here with XGBoost (of today and of the 1.7 years) and LightGBM, and those of the data
folder, through this program and through the library that made them: margins, scores, contributions. The libraries are
installed into an environment of the build folder the first time; where they cannot be, the script skips, loudly."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

BUILD = Path(os.environ.get("BUILD", "build"))
os.environ["FRAUDTOP"] = str(BUILD / "fraudtop")  # as users have it: with sanitizers the large models take minutes
from tap import DATA, check, done, environment, run  # noqa: E402

WANTED = ["xgboost-cpu==3.2.0", "lightgbm==4.7.0", "pandas<3"]
OLD = ("xgboost-1.7", "xgboost==1.7.6")
SCORE, CONTRIBUTION = 1e-6, 1e-5


def apart(got, wanted):
    """How far apart, in units of the value where that is above 1: the libraries answer in float."""
    if got is None or (got != got) != (wanted != wanted):
        return float("inf")
    return abs(got - wanted) / max(1, abs(wanted)) if got != wanted else 0.0


def explained(case):
    """What the program says of the rows of a case: its JSON lines."""
    result = run("score", "--explain", "--json", "--model", case["model"], case["rows"])
    if result.returncode != 0:
        return None, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()], ""


def worst_of(case):
    """The worst differences of margin, score, contributions, and of the contributions' sum; or what went wrong."""
    lines, why = explained(case)
    if lines is None:
        return None, why
    if len(lines) != len(case["margin"]):
        return None, f"{len(lines)} rows of {len(case['margin'])}"
    worst = [0.0] * 4
    for line, margin, score, contributions in zip(lines, case["margin"], case["score"], case["contributions"]):
        given = dict(line["contributions"])
        ours = [given.get(name, 0.0) for name in case["columns"]] + [line["base"]]
        worst[0] = max(worst[0], apart(line["margin"], margin))
        worst[1] = max(worst[1], apart(line["score"], score))
        worst[2] = max(worst[2], *(apart(a, b) for a, b in zip(ours, contributions)))
        worst[3] = max(worst[3], apart(sum(ours), line["margin"]))
    return worst, ""


def refusal(case):
    result = run("score", "--model", case["model"], "/dev/null")
    words = result.stderr.strip()
    good = result.returncode == 65 and case["refused"] in words and words.count("\n") == 0
    return good, f"{case['name']}: exit {result.returncode}: {words}"


def answers(script, folder, *arguments, more=None):
    """The cases that a script of tests/support makes with the libraries."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = subprocess.run([python, f"tests/support/{script}", folder, *arguments], capture_output=True, text=True,
                          timeout=600, env={**os.environ, "OMP_WAIT_POLICY": "passive", **(more or {})})
    if not check(f"{script} has the libraries' answers for {folder.name}", made.returncode == 0, made.stderr[-3000:]):
        return []
    return [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]


def compare(group, cases, pool):
    """One TAP line for a group: its worst differences and whose they are, or every model that is too far."""
    refused = [case for case in cases if "refused" in case]
    trained = [case for case in cases if "refused" not in case]
    wrong = [words for good, words in pool.map(refusal, refused) if not good]
    worst = [(0.0, "")] * 4
    for case, (found, why) in zip(trained, pool.map(worst_of, trained)):
        if found is None:
            wrong.append(f"{case['name']}: {why}")
            continue
        worst = [max(old, (value, case["name"])) for old, value in zip(worst, found)]
        limits = (SCORE, SCORE, CONTRIBUTION, SCORE)
        if any(not value <= limit for value, limit in zip(found, limits)):
            wrong.append(f"{case['name']}: margin {found[0]:.2g}, score {found[1]:.2g}, "
                         f"contributions {found[2]:.2g}, their sum {found[3]:.2g}")
    words = f"{len(cases)} models"
    if trained:
        words += ", worst: " + ", ".join(f"{name} {value:.1e}" for name, (value, _) in
                                         zip(("margin", "score", "contribution", "sum"), worst))
    check(f"{group}: {words}", not wrong, "\n".join(wrong))


def convert_mushroom():
    """The old binary form: refused with a command, and what the command makes scores as the old file did."""
    folder = DATA / "trees/mushroom"
    result = run("score", "--model", folder / "mushroom.model", "/dev/null")
    command = result.stderr.partition("python3 -c ")[2].strip().strip('"')
    made = models / "data/mushroom.converted.json"
    command = command.replace("OLD", str(folder / "mushroom.model")).replace("NEW.json", str(made))
    converted = subprocess.run([python, "-c", command], capture_output=True, text=True, env={**os.environ, **old})
    rows = models / "data/mushroom.converted.csv"
    inputs = json.loads(run("inspect", "--json", made).stdout or '{"inputs": []}')["inputs"]
    with rows.open("w") as file:
        file.write(",".join(f"f{i}" for i in range(len(inputs))) + "\n")
        for line in (folder / "agaricus.test").read_text().splitlines():
            given = dict(pair.split(":") for pair in line.split()[1:])
            file.write(",".join(given.get(str(i), "") for i in range(len(inputs))) + "\n")
    lines = run("score", "--model", made, rows).stdout.splitlines()[1:]
    wanted = zip(*((folder / f"agaricus.test.{kind}").read_text().split() for kind in ("margin", "prob")))
    worst = max((apart(float(got), float(want)) for line, pair in zip(lines, wanted)
                 for got, want in zip(line.split(",")[1:], pair)), default=float("inf"))
    check(f"a model in the old binary form is refused with the command that converts it, {len(lines)} rows then score "
          f"as they did, worst {worst:.1e}", result.returncode == 65 and converted.returncode == 0 and len(lines) == 1583
          and worst <= SCORE, result.stderr + converted.stderr)


python, why = environment(BUILD / "parity", WANTED, [OLD])
if python is None:
    print(f"ok - everything here # SKIP the libraries cannot be installed: {why}")
    sys.exit(0)
models = BUILD / "parity-models"
old = {"PYTHONPATH": str(BUILD / "parity" / OLD[0])}
cases = answers("parity_train.py", models / "new") + answers("parity_train.py", models / "old", more=old)
if (DATA / "trees").exists() and (DATA / "handbook").exists():
    cases += answers("parity_data.py", models / "data", DATA)
    convert_mushroom()
else:
    print(f"ok - the models of the data folder # SKIP {DATA} is not there")
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for group in dict.fromkeys(case["group"] for case in cases):
        compare(group, [case for case in cases if case["group"] == group], pool)
done()
