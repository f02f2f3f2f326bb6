#!/usr/bin/env python3
"""A model of every format through `score`, `replay` and `serve`: rows with words, missing values and booleans get the
same score from all three, where the library's own answer is known that one; an input that is not there is told by its
name; what gives no probability is not served."""
import csv
import json
import tempfile
from pathlib import Path

from tap import call, check, done, end, run, start_service

MODELS, LIGHTGBMS, CALIBRATION = (Path("tests/data") / folder for folder in ("models", "lightgbms", "calibration"))
SCORE = 1e-9


def sparse(path, inputs, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*inputs, "unused"], extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: "" if value is None else value for key, value in row.items()} | {"unused": "x"})


def scores_of_score(model, folder, inputs, rows):
    sparse(folder / "rows.csv", inputs, rows)
    answer = run("score", "--json", "--model", model, folder / "rows.csv")
    return [json.loads(line)["score"] for line in answer.stdout.splitlines()] or answer.stderr


def scores_of_replay(model, folder, rows):
    with (folder / "log.jsonl").open("w") as log:
        for i, row in enumerate(rows):
            log.write(json.dumps({"ts": f"2026-01-28T14:{i // 60:02d}:{i % 60:02d}Z", "request_id": str(i), "score": 0.5,
                                  "features": row}) + "\n")
    answer = run("replay", folder / "log.jsonl", "--model", model, "--json", "--top", len(rows))
    if answer.returncode != 0:
        return answer.stderr
    found = json.loads(answer.stdout)
    by_id = {change["request_id"]: change["other"] for change in found["changes"]}
    return [by_id.get(str(i)) for i in range(len(rows))]


def scores_of_serve(model, rows):
    process, url = start_service("--model", model)
    try:
        status, answer = call(f"{url}/predict/batch", {"transactions": [{"features": row} for row in rows]})
        return [one.get("fraud_probability", one) for one in answer["predictions"]] if status == 200 else answer
    finally:
        end(process)


def apart(got, wanted):
    if not isinstance(got, list) or len(got) != len(wanted) or not all(isinstance(one, (int, float)) for one in got):
        return float("inf")
    return max(abs(a - b) for a, b in zip(got, wanted))


def hold(title, model, rows, wanted=None):
    """All three ways, against `wanted`, else against each other."""
    inputs = list(rows[0])
    with tempfile.TemporaryDirectory(prefix="fraudtop-formats-") as name:
        folder = Path(name)
        scores = scores_of_score(model, folder, inputs, rows)
        wanted = scores if wanted is None else wanted
        check(f"{title}: score gives the scores", apart(scores, wanted) <= SCORE and len(set(wanted)) > 1, scores)
        for way, got in (("replay", scores_of_replay(model, folder, rows)), ("serve", scores_of_serve(model, rows))):
            check(f"{title}: {way} gives the same", apart(got, wanted) <= SCORE, f"{got}\nagainst {wanted}")
        lost, less = inputs[1], [{key: value for key, value in row.items() if key != inputs[1]} for row in rows]
        told = {"score": scores_of_score(model, folder, [name for name in inputs if name != lost], less),
                "replay": scores_of_replay(model, folder, less), "serve": json.dumps(scores_of_serve(model, less[:1]))}
        check(f"{title}: {', '.join(told)} name the input that is not there", all(
            isinstance(text, str) and (f"`{lost}`" in text or f'"{lost}"' in text) for text in told.values()), told)


def value_of(cell, column):
    """As a service's log has it: whole numbers and booleans of columns of categories are not words in JSON."""
    if cell == "":
        return None
    if column == "foreign":
        return cell == "True"
    try:
        return int(cell) if column == "channel" else float(cell)
    except ValueError:
        return cell


with (LIGHTGBMS / "payments.csv").open() as file:
    table = list(csv.DictReader(file))
payments = [{name: value_of(row[name], name) for name in ("amount", "merchant", "hour", "channel", "foreign", "velocity")}
            for row in table]
hold("LightGBM with words, whole numbers and booleans", LIGHTGBMS / "payments.txt", payments,
     [float(row["score"]) for row in table])

WORDS = [{"amount": amount, "mcc": mcc, "k": k, "own": own} for amount, mcc, k, own in (
    (-0.802, "tea", 20, 2), (-1.324, "tea", 10, 0), (0.42, "tea", 30, 2), (0.11, "food", 10, 2), (-0.553, "gas", 30, 0),
    (0.749, "gas", 30, 2), (1.635, "x y", 30, 1), (0.3, "never heard of", 11, None), (None, None, None, 1))]
for ending in ("json", "ubj"):
    hold(f"XGBoost's own words, {ending}", MODELS / f"words.{ending}", WORDS)
as_text = [{**row, "k": None if row["k"] is None else str(row["k"])} for row in WORDS]
with tempfile.TemporaryDirectory() as name:
    check("a category that is a number is the same as its word",
          scores_of_score(MODELS / "words.json", Path(name), list(WORDS[0]), WORDS)
          == scores_of_replay(MODELS / "words.json", Path(name), as_text)
          == scores_of_serve(MODELS / "words.json", as_text))

with tempfile.TemporaryDirectory(prefix="fraudtop-formats-") as name:
    folder = Path(name)
    rows = [{"amount": amount, "distance": 0.5, "hour": hour} for amount in (1, 50, None) for hour in ("night", "day", 7)]
    (folder / "m.json").write_text((MODELS / "sound.json").read_text())
    (folder / "m.metadata.json").write_text(json.dumps({
        "categories": {"hour": {"night": 3, "day": 12, "7": 22}},
        "calibration": [{"kind": "platt", "a": -1.5, "b": 0.25, "input": "margin"},
                        {"kind": "isotonic", "x": [0, 0.4, 1], "y": [0.01, 0.2, 0.99]}]}))
    hold("XGBoost with the metadata's words and calibration", folder / "m.json", rows)
    plain = scores_of_score(MODELS / "sound.json", folder, list(rows[0]),
                            [{**row, "hour": {"night": 3, "day": 12}.get(row["hour"], 22)} for row in rows])
    mapped = scores_of_score(folder / "m.json", folder, list(rows[0]), rows)
    check("and its scores are not those without", apart(mapped, plain) > 0.01, f"{mapped} {plain}")

    steps = [{"class": "StandardScaler", "mean_": [10, -1], "scale_": [4, 2]},
             {"class": "LogisticRegression", "coef_": [[1.25, -0.5]], "intercept_": [-0.75], "classes_": [0, 1]}]
    (folder / "s.json").write_text(json.dumps({"kind": "sklearn", "feature_names_in_": ["a", "b"], "steps": steps}))
    hold("scikit-learn", folder / "s.json", [{"a": a, "b": b} for a in (3, 10.5, 200) for b in (-1, 0, 9)])

with (CALIBRATION / "sigmoid_then_isotonic.csv").open() as file:
    table = list(csv.DictReader(file))
scored = [{"margin": float(row["value"])} for row in table]
served = scores_of_serve(CALIBRATION / "sigmoid_then_isotonic.json", scored)
check("serve answers scikit-learn's calibrated scores", apart(served, [float(row["score"]) for row in table]) <= SCORE, served)

for title, model in (("a regression of LightGBM's", LIGHTGBMS / "tweedie.txt"), ("counts of XGBoost's", MODELS / "poisson.ubj")):
    for command in (["serve", "--port", 0], ["replay", "/dev/null"]):
        answer = run(*command, "--model", model)
        check(f"{title} is not taken by {command[0]}, and it says why", answer.returncode == 65
              and "its scores are no probabilities" in answer.stderr and answer.stdout == "", answer.stderr)
done()
