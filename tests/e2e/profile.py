#!/usr/bin/env python3
"""`fraudtop profile`: what it writes and says of a log of three weeks, of its newest part, of a SageMaker baseline,
and of what it cannot use. Speaks TAP."""
import datetime
import json
import random
import shutil
import tempfile
from pathlib import Path

from tap import check, done, run

place = Path(tempfile.mkdtemp(prefix="fraudtop-profile-"))
log, labels, ref = place / "log.jsonl", place / "labels.jsonl", place / "ref.json"
MADE = Path("tests/data/sagemaker")
ROWS, DAYS = 21 * 24 * 30, 21
begin = datetime.datetime(2026, 1, 5, tzinfo=datetime.timezone.utc)


def write_log():
    """Thirty records an hour; `night` and its attribution by the clock; labels as likely as the score's square."""
    draw = random.Random(5)
    with log.open("w") as file, labels.open("w") as feed:
        for i in range(ROWS):
            ts = begin + datetime.timedelta(seconds=i * DAYS * 86400 / ROWS)
            score = draw.random() ** 2
            stamp = ts.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            file.write(json.dumps({
                "ts": stamp, "request_id": f"r{i}", "model": "m", "version": "1" if i < ROWS / 2 else "2",
                "score": score, "threshold": 0.5,
                "features": {"amount": draw.lognormvariate(3, 1), "night": int(ts.hour < 6)},
                "attributions": {"amount": 0.25 if i < ROWS / 2 else -0.75, "night": 0.125}}) + "\n")
            feed.write(json.dumps({"ts": stamp, "request_id": f"r{i}", "label": int(draw.random() < score ** 2)}) + "\n")


def says(name, code, text, *arguments):
    answer = run("profile", *arguments)
    check(name, answer.returncode == code and text in answer.stderr and answer.stdout == "",
          f"{answer.returncode} {answer.stderr}")


def test_log():
    answer = run("profile", log, "--labels", labels, "-o", ref)
    check("what was made is said on stderr", answer.returncode == 0 and answer.stdout == "" and all(
        line in answer.stderr for line in (
            f"{ROWS} records, 2 features, 2 versions", "2026-01-05T00:00:00.000Z to 2026-01-25T23:58:00.000Z (20 d)",
            "calendar  night (hour-of-week)", "version   1: 7560 scores, 7560 decided, 7560 labelled, ROC AUC 0.",
            "; calibrated")), answer.stderr)
    profile = json.loads(ref.read_text())
    features = {f["name"]: f for f in profile["features"]}
    check("seasons are in the file", {n: f["season"] for n, f in features.items()}
          == {"amount": "none", "night": "hour-of-week"})
    check("so are mean attributions", features["amount"]["attribution"] == 0.5
          and features["night"]["attribution"] == 0.125)
    score = profile["scores"][0]
    knots = list(zip(score["calibration"]["scores"], score["calibration"]["probabilities"]))
    check("and a map that makes the scores true", len(knots) > 2 and all(abs(p - s * s) < 0.1 for s, p in knots), knots)
    check("and the baseline of ranking", 0.7 < score["roc_auc"] < 1 and 0.2 < score["average_precision"] < 1)
    answer = run("report", log, "--labels", labels, "--reference", ref, "--json")
    check("a report takes it as its reference", answer.returncode == 0, answer.stderr)


def test_last():
    answer = run("profile", log, "--last", "7d", "-o", ref)
    profile = json.loads(ref.read_text())
    check("--last keeps the newest part and says what it left out", answer.returncode == 0
          and profile["records"] == ROWS // 3 + 1
          and f"left out  {ROWS - ROWS // 3 - 1} records before the last 7d" in answer.stderr, answer.stderr)
    check("of its attributions too", [f["attribution"] for f in profile["features"]] == [0.75, 0.125])
    check("a span of a week is looked at by the hour of the day", "night (hour-of-day)" in answer.stderr, answer.stderr)
    says("--last needs times", 64, "--last: the data has no times", place / "data.csv", "--last", "7d", "-o", ref)
    says("--last needs a plain file", 64, "must be a plain file", "/dev/null", "--last", "7d", "-o", ref)
    says("a time of the wrong form is told", 64, "--last: `week` is not a time", log, "--last", "week", "-o", ref)
    says("a column without a value is named", 0, "left out  no value at all: c", place / "data.csv", "-o", ref)
    says("so are labels of no record", 0, f"{ROWS} labels, {ROWS - ROWS // 3 - 1} of them of no record", log,
         "--labels", labels, "--last", "7d", "-o", ref)
    says("without times there is no season", 0, "span      not known", place / "data.csv", "-o", ref)


def test_import():
    sagemaker = ("--import", "sagemaker", "--ignore", "label", "-o", ref)
    answer = run("profile", MADE / "statistics.json", MADE / "constraints.json", *sagemaker)
    names = [f["name"] for f in json.loads(ref.read_text())["features"]]
    check("a SageMaker baseline becomes a profile", answer.returncode == 0
          and names == ["amount", "flag", "calls", "constant", "word", "colour"], f"{names} {answer.stderr}")
    check("what is not taken over is named", answer.stderr.count("fraudtop: not taken over: ") == 16
          and "not taken over: monitoring_config: comparison_threshold 0.1\n" in answer.stderr, answer.stderr)
    says("constraints alone are not enough", 65, "name the statistics.json", MADE / "constraints.json", *sagemaker)
    says("another tool is not known", 64, "`whylogs` is not a tool", MADE / "statistics.json", "--import", "whylogs",
         "-o", ref)
    says("what is of logs is not with --import", 64, "--last is of logs", MADE / "statistics.json", "--last", "7d",
         *sagemaker)


try:
    write_log()
    (place / "data.csv").write_text("a,b,c\n" + "".join(f"{i},{i % 3},\n" for i in range(100)))
    for test in (test_log, test_last, test_import):
        test()
finally:
    shutil.rmtree(place, ignore_errors=True)
done()
