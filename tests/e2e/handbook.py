#!/usr/bin/env python3
"""The Fraud Detection Handbook's days 90 to 104, end to end: a service scores them over HTTP, the dashboard
follows its log and a label feed, and its figures are compared with a computation of the same rows that
shares no code with the program."""
import csv
import datetime
import json
import lzma
import math
import tempfile
from pathlib import Path

from tap import DATA, Frames, call, check, done, end, need, run, start_service

BOOK = DATA / "handbook"
THRESHOLD = 0.5
for name in ("model_v2_fresh.json", "features_d090-104.csv.xz", "features_d040-054.csv.xz",
             "features_d010-019.csv.xz", "scores_v1_v2.csv.xz"):
    need(BOOK / name)
INPUTS = json.loads((BOOK / "model_v2_fresh.json").read_text())["learner"]["feature_names"]


def rows_of(name):
    with lzma.open(BOOK / name, "rt") as file:
        for row in csv.DictReader(file):
            when = datetime.datetime.strptime(row["TX_DATETIME"], "%Y-%m-%d %H:%M:%S")
            yield {
                "id": row["TRANSACTION_ID"],
                "ts": when.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "label": int(row["TX_FRAUD"]),
                "features": {key: float(row[key]) for key in INPUTS},
            }


def roc_auc(pairs):
    """Mann-Whitney, ties one half, from the rank sum."""
    pairs = sorted(pairs)
    ranks, i = 0.0, 0
    positives = sum(label for _, label in pairs)
    while i < len(pairs):
        j = i
        while j < len(pairs) and pairs[j][0] == pairs[i][0]:
            j += 1
        ranks += (i + 1 + j) / 2 * sum(label for _, label in pairs[i:j])
        i = j
    return (ranks - positives * (positives + 1) / 2) / (positives * (len(pairs) - positives))


def average_precision(pairs):
    """The step sum, ties one step."""
    pairs = sorted(pairs, reverse=True)
    positives = sum(label for _, label in pairs)
    area, hits, i = 0.0, 0, 0
    while i < len(pairs):
        j = i
        while j < len(pairs) and pairs[j][0] == pairs[i][0]:
            j += 1
        gained = sum(label for _, label in pairs[i:j])
        hits += gained
        area += gained / positives * hits / j
        i = j
    return area


work = Path(tempfile.mkdtemp(prefix="fraudtop-handbook-"))
log, labels, config = work / "eu.jsonl", work / "labels.jsonl", work / "config.yaml"
rows = list(rows_of("features_d090-104.csv.xz"))
service, url = start_service("--model", BOOK / "model_v2_fresh.json", "--service", "handbook",
                             "--version", "v2", "--threshold", THRESHOLD, "--log", log)
config.write_text(f"""version: 1
context: test
services:
  - {{name: handbook, url: "{url}", log: {log}, labels: {labels}}}
windows: {{comparison: 15d, quality: 20d}}
""")
screen = Frames(config, every="500ms")
bad = 0
with labels.open("w") as feed:
    for at in range(0, len(rows), 500):
        part = rows[at:at + 500]
        status, answer = call(url + "/predict/batch", {"transactions": [
            {"request_id": row["id"], "ts": row["ts"], "features": row["features"]} for row in part]})
        bad += status != 200 or len(answer["predictions"]) != len(part)
        for row in part:
            feed.write(json.dumps({"ts": row["ts"], "request_id": row["id"], "label": row["label"]}) + "\n")
        feed.flush()
check(f"the service scores {len(rows):,} rows over HTTP", bad == 0, f"{bad} batches went wrong")

found = screen.until(lambda frame: frame["ingest"]["labels"]["joined"] == len(rows))
check("the dashboard follows log and labels to their end", found, screen.newest.get("ingest"))
screen.end()
newest = found or screen.newest

logged = [json.loads(line) for line in log.open()]
label_of = {row["id"]: row["label"] for row in rows}
pairs = [(record["score"], label_of[record["request_id"]]) for record in logged]
flagged = [(score >= THRESHOLD, label) for score, label in pairs]
tp = sum(1 for flag, label in flagged if flag and label)
fp = sum(1 for flag, label in flagged if flag and not label)
fn = sum(1 for flag, label in flagged if not flag and label)
own = {"precision": tp / (tp + fp), "recall": tp / (tp + fn),
       "roc_auc": roc_auc(pairs), "average_precision": average_precision(pairs)}

live = next((q for q in newest.get("quality", []) if q["service"] == "handbook"), {})
for key in ("precision", "recall"):
    got = live.get(key, {}).get("value")
    check(f"live {key} equals the independent computation", got is not None and abs(got - own[key]) < 1e-12,
          f"{got} against {own[key]}")
# The bins hide little: the value is near. The interval is wider: AUC's has the chance of the sample in it.
for key, near in (("roc_auc", 0.001), ("average_precision", 0.01)):
    metric = live.get(key, {})
    check(f"live {key} is near, and within the bound it states",
          metric.get("low") is not None and metric["low"] - 1e-12 <= own[key] <= metric["high"] + 1e-12
          and abs(metric["value"] - own[key]) < near, f"{metric} against {own[key]}")

# The reference: days 40 to 54 as a log, scored on the command line with the same core.
table, reference = work / "reference.csv", work / "reference.jsonl"
before = list(rows_of("features_d040-054.csv.xz"))
with table.open("w") as file:
    writer = csv.DictWriter(file, INPUTS)
    writer.writeheader()
    writer.writerows(row["features"] for row in before)
scored = run("score", "--model", BOOK / "model_v2_fresh.json", table)
scores = [float(row["score"]) for row in csv.DictReader(scored.stdout.splitlines())]
check("score prints a row for each row", len(scores) == len(before), scored.stderr)
with reference.open("w") as file:
    for row, score in zip(before, scores):
        file.write(json.dumps({"ts": row["ts"], "request_id": row["id"], "service": "handbook", "version": "v2",
                               "score": score, "threshold": THRESHOLD, "decision": score >= THRESHOLD,
                               "features": row["features"]}) + "\n")

answer = run("report", log, "--labels", labels, "--reference", reference, "--json")
report = json.loads(answer.stdout) if answer.returncode == 0 else {}
check("report exits with 0 and counts the rows", report.get("records") == len(rows), answer.stderr)
quality = report.get("quality", {})
for key, value in own.items():
    check(f"report's {key} equals the independent computation to 1e-9",
          quality.get(key) is not None and abs(quality[key] - value) <= 1e-9, f"{quality.get(key)} against {value}")
features = report.get("drift", {}).get("features", [])
alarms = [f"{f['name']} {f['severity']} {f['psi']}" for f in features if f["severity"] != "ok"]
check("no feature drifts from days 40 to 54", len(features) == len(INPUTS) and not alarms, alarms)
score = report.get("prediction_drift", {}).get("score", {})
check("nor does v2's score", score.get("severity") == "ok", score)
check("the dataset has not drifted", report.get("drift", {}).get("dataset_drift") is False)

by_name = {feature["name"]: feature for feature in features}
weekend = by_name.get("TX_DURING_WEEKEND", {})
check("the weekend is seen to follow the calendar, and compared with weekends",
      weekend.get("season", {}).get("kind") == "hour-of-week" and weekend["season"]["psi"] < 0.001 < weekend["psi"],
      weekend)
flagged = [[row["features"]["TX_DURING_WEEKEND"] for row in side] for side in (before, rows)]
shares, sizes = [sum(side) / len(side) for side in flagged], [len(side) for side in flagged]
pooled = sum(map(sum, flagged)) / sum(sizes)
own_z = (shares[0] - shares[1]) / (pooled * (1 - pooled) * sum(1 / size for size in sizes)) ** 0.5
check("its z equals the independent computation",
      abs(weekend.get("z", {}).get("statistic", 0) - own_z) <= 1e-9 * abs(own_z), f"{weekend.get('z')} against {own_z}")
tn = len(pairs) - tp - fp - fn
bins = [0.0] * 10
for value, label in pairs:
    bins[max(math.ceil(value * 10) - 1, 0)] += label - value
for key, value in {"specificity": tn / (tn + fp), "fpr": fp / (tn + fp),
                   "observed_expected": sum(label for _, label in pairs) / sum(value for value, _ in pairs),
                   "ece": sum(map(abs, bins)) / len(pairs)}.items():
    check(f"report's {key} equals the independent computation to 1e-9",
          quality.get(key) is not None and abs(quality[key] - value) <= 1e-9, f"{quality.get(key)} against {value}")
check("no request came twice", report.get("duplicates", {}).get("count") == 0, report.get("duplicates"))

# Other days, and each of these days by itself, as a CSV against a profile of days 40 to 54.
def write_days(path, part):
    with path.open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["ts", *INPUTS])
        writer.writerows([row["ts"], *row["features"].values()] for row in part)


profile, days = work / "days.profile.json", work / "days.csv"
write_days(days, before)
made = run("profile", days, "--time", "ts", "-o", profile)
check("days 40 to 54 make a profile", made.returncode == 0, made.stderr)


def alarms_of(part):
    write_days(days, part)
    answer = run("report", days, "--time", "ts", "--reference", profile, "--json")
    found = json.loads(answer.stdout)["drift"]["features"] if answer.returncode == 0 else []
    return {feature["name"]: feature for feature in found if feature["severity"] != "ok"}, answer.stderr


early, said = alarms_of(list(rows_of("features_d010-019.csv.xz")))
counts = [name for name in early if early[name]["severity"] == "critical"]
check("on days 10 to 19 the counts of thirty days are critical, and nothing but counts warns",
      sorted(counts) == ["CUSTOMER_ID_NB_TX_30DAY_WINDOW", "TERMINAL_ID_NB_TX_30DAY_WINDOW"]
      and all("_NB_TX_" in name for name in early), early or said)
for day in sorted({row["ts"][:10] for row in rows}):
    found, said = alarms_of([row for row in rows if row["ts"].startswith(day)])
    check(f"no feature warns on {day} alone", not found,
          said + "\n".join(f"{name} {f['severity']}: {f['reason']}" for name, f in found.items()))
hour = [row for row in rows if row["ts"].startswith(rows[0]["ts"][:10] + "T12")]
found, said = alarms_of(hour)
check(f"an hour of {len(hour)} rows is insufficient",
      len(found) == len(INPUTS) and {f["severity"] for f in found.values()} == {"insufficient"}, said)

# v1's scores against v2's, on the same days.
ids = {int(row["id"]) for row in rows}
first, last = min(ids), max(ids)
with lzma.open(BOOK / "scores_v1_v2.csv.xz", "rt") as file, \
        (work / "v1.csv").open("w") as one, (work / "v2.csv").open("w") as two:
    one.write("score\n")
    two.write("score\n")
    for number, row in enumerate(csv.DictReader(file)):
        if first <= number <= last:
            one.write(row["v1"] + "\n")
            two.write(row["v2"] + "\n")
answer = run("report", work / "v1.csv", "--reference", work / "v2.csv", "--score", "score", "--json")
score = json.loads(answer.stdout).get("prediction_drift", {}).get("score", {}) if answer.stdout else {}
check("v1's scores against v2's are an alarm", score.get("severity") in ("warning", "critical"), score or answer.stderr)

check("the service ends well when told to", end(service) == 0)
for path in work.iterdir():
    path.unlink()
work.rmdir()
done()
