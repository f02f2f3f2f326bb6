#!/usr/bin/env python3
"""`fraudtop replay` on the Handbook's days 90 to 104: a log of v1 through v2's file, and one of v2 through v1's.
The figures of both sides are those of scikit-learn, McNemar's those of statsmodels, DeLong's those of the
midranks of Sun and Xu in numpy: none shares code with the program.

The tools stand in the environment that oracles.py, which runs before, has made. `replay.py FILE` is the same
script run by that environment's python: it prints what they make of the columns in FILE."""
import csv
import datetime
import json
import lzma
import math
import subprocess
import sys
import tempfile
from pathlib import Path

THRESHOLD = 0.5


# --- what others make of the columns: run by the environment's own python ---


def midranks(values):
    from scipy.stats import rankdata
    return rankdata(values, "average")


def delong(labels, first, second):
    """Sun and Xu, IEEE Signal Processing Letters 2014, with the whole covariance matrix."""
    import numpy
    from scipy.stats import norm
    sides = [numpy.array(first), numpy.array(second)]
    placed = [[], []]
    for side in sides:
        ranks = midranks(side)
        for kind in (0, 1):
            own = side[labels == kind]
            others = len(side) - len(own)
            placed[kind].append((ranks[labels == kind] - midranks(own)) / others)
    matrix = sum(numpy.cov(values) / len(values[0]) for values in placed)
    difference = placed[1][1].mean() - placed[1][0].mean()
    error = math.sqrt(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1])
    z = norm.isf(0.025)
    return {"difference": difference, "statistic": difference / error, "p_value": 2 * norm.sf(abs(difference) / error),
            "low": difference - z * error, "high": difference + z * error}


def figures(path):
    import numpy
    from sklearn import metrics
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.proportion import proportion_confint
    data = json.loads(Path(path).read_text())
    labels = numpy.array(data["labels"])
    out, right = {}, {}
    for side in ("logged", "other"):
        score = numpy.array(data[side])
        flag = score >= THRESHOLD
        right[side] = flag == labels
        out[side] = {
            "precision": metrics.precision_score(labels, flag), "recall": metrics.recall_score(labels, flag),
            "roc_auc": metrics.roc_auc_score(labels, score),
            "average_precision": metrics.average_precision_score(labels, score), "mean_score": score.mean(),
            "flag_rate": flag.mean(),
        }
        counts = {"precision": (flag & (labels == 1), flag), "recall": (flag & (labels == 1), labels == 1)}
        out[side]["ci"] = {key: proportion_confint(int(k.sum()), int(n.sum()), method="wilson")
                           for key, (k, n) in counts.items()}
    table = [[int((right["logged"] & right["other"]).sum()), int((right["logged"] & ~right["other"]).sum())],
             [int((~right["logged"] & right["other"]).sum()), int((~right["logged"] & ~right["other"]).sum())]]
    found = mcnemar(table, exact=table[0][1] + table[1][0] < 25, correction=True)
    out["mcnemar"] = {"statistic": found.statistic, "p_value": found.pvalue, "only_logged": table[0][1],
                      "only_other": table[1][0]}
    out["delong"] = delong(labels, data["logged"], data["other"])
    edges = numpy.unique(numpy.quantile(data["logged"], numpy.arange(1, 10) / 10))
    counts = [numpy.bincount(numpy.searchsorted(edges, data[side], "right"), minlength=len(edges) + 1)
              for side in ("logged", "other")]
    shares = [(count + 0.5) / (count.sum() + len(count) / 2) for count in counts]
    out["psi"] = float(((shares[1] - shares[0]) * numpy.log(shares[1] / shares[0])).sum())
    print(json.dumps(out, default=float))


if len(sys.argv) > 1:
    figures(sys.argv[1])
    sys.exit(0)

# --- what the program makes of them ---

from tap import DATA, check, done, need, peers, run  # noqa: E402

BOOK = DATA / "handbook"
MODELS = {"v1": BOOK / "model_v1_stale.json", "v2": BOOK / "model_v2_fresh.json"}
for needed in (*MODELS.values(), BOOK / "features_d090-104.csv.xz", BOOK / "scores_v1_v2.csv.xz"):
    need(needed)
PYTHON, WHY = peers()
if PYTHON is None:
    print(f"ok - the figures of others # SKIP the peers cannot be installed: {WHY}")
INPUTS = json.loads(MODELS["v2"].read_text())["learner"]["feature_names"]


def read_rows():
    with lzma.open(BOOK / "features_d090-104.csv.xz", "rt") as file:
        rows = {int(row["TRANSACTION_ID"]): row for row in csv.DictReader(file)}
    with lzma.open(BOOK / "scores_v1_v2.csv.xz", "rt") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if number in rows:
                rows[number].update(v1=float(row["v1"]), v2=float(row["v2"]))
    return list(rows.values())


def record_of(row, version, **more):
    when = datetime.datetime.strptime(row["TX_DATETIME"], "%Y-%m-%d %H:%M:%S")
    return {"ts": when.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "request_id": row["TRANSACTION_ID"],
            "service": "handbook", "version": version, "score": row[version], "threshold": THRESHOLD,
            "decision": row[version] >= THRESHOLD, "features": {key: float(row[key]) for key in INPUTS}, **more}


def write_lines(path, records):
    with path.open("w") as file:
        for record in records:
            file.write(json.dumps(record) + "\n")


def replay(*arguments):
    answer = run("replay", *arguments, "--json")
    check(f"replay of {Path(arguments[0]).name} exits with 0", answer.returncode == 0, answer.stderr)
    return json.loads(answer.stdout) if answer.returncode == 0 else {}


def near(name, got, wanted, slack=1e-9):
    check(f"{name} equals the independent computation",
          got is not None and math.isclose(got, wanted, rel_tol=slack, abs_tol=slack), f"{got} against {wanted}")


def hold(found, logged, other, labels, title, work):
    """Every figure of the replay against those of the environment's tools."""
    columns = work / "columns.json"
    columns.write_text(json.dumps({"labels": labels, "logged": logged, "other": other}))
    answer = subprocess.run([PYTHON, __file__, columns], capture_output=True, text=True, timeout=300)
    if not check(f"the others compute {title}", answer.returncode == 0, answer.stderr):
        return
    wanted = json.loads(answer.stdout)
    for side in ("logged", "other"):
        for key, value in wanted[side].items():
            if key != "ci":
                near(f"{title}: {key} of the {side} side", found[side][key], value)
        for key, (low, high) in wanted[side]["ci"].items():
            near(f"{title}: lower limit of {key} of the {side} side", found[side]["ci"][key][0], low)
            near(f"{title}: upper limit of {key} of the {side} side", found[side]["ci"][key][1], high)
    mcnemar, delong_found = found["tests"]["mcnemar"], found["tests"]["delong"]
    for key, value in wanted["mcnemar"].items():
        near(f"{title}: McNemar's {key}", mcnemar[key], value)
    for key in ("difference", "statistic", "p_value"):
        near(f"{title}: DeLong's {key}", delong_found[key], wanted["delong"][key], 1e-8)
    near(f"{title}: DeLong's lower limit", delong_found["ci"][0], wanted["delong"]["low"], 1e-8)
    near(f"{title}: DeLong's upper limit", delong_found["ci"][1], wanted["delong"]["high"], 1e-8)
    near(f"{title}: PSI of the scores", found["psi"]["value"], wanted["psi"], 1e-8)


def scores_of(version, work):
    """By `fraudtop score`, whose parity with XGBoost is tested elsewhere."""
    table = work / "table.csv"
    with table.open("w") as file:
        writer = csv.DictWriter(file, INPUTS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(ROWS)
    answer = run("score", "--model", MODELS[version], table)
    return [float(row["score"]) for row in csv.DictReader(answer.stdout.splitlines())]


ROWS = read_rows()
LABELS = [int(row["TX_FRAUD"]) for row in ROWS]
with tempfile.TemporaryDirectory(prefix="fraudtop-replay-") as folder:
    work = Path(folder)
    feed = work / "labels.jsonl"
    write_lines(feed, ({"request_id": row["TRANSACTION_ID"], "label": int(row["TX_FRAUD"])} for row in ROWS))
    results = {}
    for version, other in (("v1", "v2"), ("v2", "v1")):
        log = work / f"{version}.jsonl"
        write_lines(log, (record_of(row, version) for row in ROWS))
        found = results[version] = replay(log, "--model", MODELS[other], "--labels", feed)
        others = scores_of(other, work)
        logged = [row[version] for row in ROWS]
        title = f"{version} against {other}"
        check(f"{title}: every row is scored and labelled",
              found["rows"] == found["scored"] == found["labelled"] == len(ROWS)
              and found["positives"] == sum(LABELS), found["rows"])
        check(f"{title}: v2 is better, whichever side it is on", found["better"] == ("other" if other == "v2" else "logged"),
              found["verdict"])
        check(f"{title}: the verdict says how sure, and by which test",
              "is better: AUC 0." in found["verdict"] and "by DeLong" in found["verdict"]
              and "p < 1e-9 by McNemar" in found["verdict"], found["verdict"])
        flips = {key: sum(1 for a, b in zip(logged, others) if (a >= THRESHOLD, b >= THRESHOLD) == sides)
                 for key, sides in (("to_flagged", (False, True)), ("to_passed", (True, False)))}
        decisions = found["decisions"]
        check(f"{title}: the flips in both directions are counted",
              all(decisions[key] == count for key, count in flips.items())
              and decisions["agree"] == len(ROWS) - sum(flips.values()) and sum(flips.values()) > 0, decisions)
        check(f"{title}: decisions by what stands in the log, for want of another threshold",
              decisions["logged_by"]["decision"] == len(ROWS)
              and decisions["other_by"] == {"from": "rows", "threshold": THRESHOLD}, decisions)
        largest = sorted(range(len(ROWS)), key=lambda i: (-abs(others[i] - logged[i]), i))[:10]
        check(f"{title}: the largest changes, with their ids",
              [change["request_id"] for change in found["changes"]] == [ROWS[i]["TRANSACTION_ID"] for i in largest]
              and [change["label"] for change in found["changes"]] == [bool(LABELS[i]) for i in largest], found["changes"])
        if PYTHON is not None:
            hold(found, logged, others, LABELS, title, work)
    near("turned round, DeLong's difference", results["v1"]["tests"]["delong"]["difference"],
         -results["v2"]["tests"]["delong"]["difference"], 0.02)

    log = work / "v1.jsonl"
    found = replay(log, "-m", MODELS["v2"])
    check("without labels nothing says which is better",
          found["better"] is None and found["labelled"] == 0 and "no row is labelled" in found["verdict"]
          and found["logged"]["roc_auc"] is None and found["tests"]["mcnemar"]["p_value"] is None, found["verdict"])
    check("but how often they agree, and how far the scores moved",
          found["decisions"]["agreement"] > 0.99 and found["psi"]["value"] > 10 * found["psi"]["null_level"], found["psi"])
    # Several files; requests that failed; a threshold that is given; the page.
    half = len(ROWS) // 2
    parts = [work / "early.jsonl", work / "late.jsonl"]
    write_lines(parts[0], (record_of(row, "v1") for row in ROWS[:half]))
    failed = [{"ts": "2018-07-01T00:00:00Z", "request_id": f"f{i}", "status": 503, "version": "v1"} for i in range(7)]
    write_lines(parts[1], [*(record_of(row, "v1") for row in ROWS[half:]), *failed])
    found = replay(*parts, "-m", MODELS["v2"], "--labels", feed, "--top", 3, "--threshold", 0.2)
    check("two files are one log, failed requests aside",
          found["rows"] == len(ROWS) + 7 and found["scored"] == len(ROWS) and len(found["changes"]) == 3
          and found["unscored"] == {"failed": 7, "no_input": 0, "no_score": 0}, found["unscored"])
    check("--threshold moves the other model, not what was decided",
          found["logged"] == results["v1"]["logged"] and found["other"]["flagged"] > results["v1"]["other"]["flagged"]
          and found["decisions"]["other_by"] == {"from": "--threshold", "threshold": 0.2}, found["decisions"])
    page = run("replay", *parts, "-m", MODELS["v2"], "--labels", feed)
    lines = page.stdout.splitlines()
    check("the page has 80 columns, ends at a screenful, and begins with the verdict",
          page.returncode == 0 and max(map(len, lines)) <= 80 and len(lines) <= 40
          and lines[0].startswith(" model_v2_fresh is better: AUC 0."), page.stdout + page.stderr)
    check("it counts in groups of thousands, and says why rows are not scored",
          f"{len(ROWS) + 7:,}" in page.stdout and "7 failed: no logged score" in page.stdout, page.stdout)

    # A CSV of the same rows gives the same figures.
    table = work / "v1.csv"
    with table.open("w") as file:
        writer = csv.DictWriter(file, ["TRANSACTION_ID", "TX_DATETIME", "v1", "TX_FRAUD", *INPUTS], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(ROWS)
    columns = ("--score", "v1", "--label", "TX_FRAUD", "--id", "TRANSACTION_ID", "--time", "TX_DATETIME")
    found = replay(table, *columns, "-m", MODELS["v2"], "--threshold", THRESHOLD)
    same = results["v1"]
    check("a CSV gives what the log gives",
          found["other"] == same["other"] and found["tests"] == same["tests"] and found["psi"] == same["psi"]
          and {**found["logged"], "name": "v1"} == same["logged"] and found["changes"] == same["changes"],
          f"{found['other']} against {same['other']}")
    check("where its decisions come from the threshold that is given",
          found["decisions"]["logged_by"]["option"] == len(ROWS), found["decisions"])
    answer = run("replay", table, "-m", MODELS["v2"])
    check("a CSV whose score is not named is refused with 64", answer.returncode == 64 and "--score" in answer.stderr,
          answer.stderr)

    # Why: of the largest changes, and of one request.
    found = replay(log, "-m", MODELS["v2"], "--labels", feed, "--explain")
    whys = [change.get("why") for change in found["changes"]]
    check("--explain tells of every change why the other model says so", all(why and why["reasons"] for why in whys), whys)
    check("what it tells adds up to the margin, and that is the score",
          all(math.isclose(why["base"] + why["rest"] + sum(reason["contribution"] for reason in why["reasons"]),
                           why["margin"], abs_tol=1e-9)
              and math.isclose(1 / (1 + math.exp(-why["margin"])), change["other"], abs_tol=1e-6)
              for why, change in zip(whys, found["changes"])), whys)
    change, reason = found["changes"][0], found["changes"][0]["why"]["reasons"][0]
    page = run("replay", log, "-m", MODELS["v2"], "--explain").stdout
    check("in words, the largest first", reason["text"] in page and reason["text"].startswith(reason["input"]), page)
    for source, more in ((log, ()), (table, (*columns, "--threshold", THRESHOLD))):
        answer = run("replay", source, *more, "-m", MODELS["v2"], "--request", change["request_id"], "--json")
        one = json.loads(answer.stdout or "{}")
        check(f"--request tells of one request of {source.name} what all say",
              one.get("request_id") == change["request_id"] and one["row"] == change["row"]
              and one["logged"]["score"] == change["logged"] and one["other"]["score"] == change["other"]
              and one["other"]["why"] == change["why"] and one["unscored"] is None
              and one["logged"]["flag"] == change["logged_flag"] and one["other"]["flag"] == change["other_flag"],
              answer.stdout + answer.stderr)
    page = run("replay", log, "-m", MODELS["v2"], "--labels", feed, "--request", change["request_id"])
    check("so does its page", f"request {change['request_id']}, 2018-" in page.stdout and "by its label" in page.stdout
          and reason["text"] in page.stdout, page.stdout + page.stderr)
    answer = run("replay", log, "-m", MODELS["v2"], "--request", "nobody")
    check("a request that is not there is refused with 65",
          answer.returncode == 65 and "no request `nobody`" in answer.stderr, answer.stderr)
    page = run("replay", parts[1], "-m", MODELS["v2"], "--request", "f3")
    check("of one that failed it says so", page.returncode == 0 and "the request failed" in page.stdout, page.stdout)

    # Inputs that are not there, or are no numbers.
    few = ROWS[:400]
    lacking, renamed = work / "lacking.jsonl", INPUTS[3]

    def without(row, name, **more):
        record = record_of(row, "v1")
        record["features"] = {key: value for key, value in record["features"].items() if key != name} | more
        return record

    write_lines(lacking, (without(row, renamed, **{renamed + "S": 1}) for row in few))
    answer = run("replay", lacking, "-m", MODELS["v2"])
    check("an input that no record names is refused with 65, the nearest name and the way out",
          answer.returncode == 65 and f"`{renamed}`" in answer.stderr and f"`{renamed}S`" in answer.stderr
          and "--allow-missing" in answer.stderr, answer.stderr)
    found = replay(lacking, "-m", MODELS["v2"], "--allow-missing")
    check("with --allow-missing it is missing, and counted",
          found["scored"] == len(few) and found["missing_values"] ==
          [{"input": renamed, "absent": len(few), "empty": 0, "not_a_number": 0}], found["missing_values"])
    write_lines(lacking, (without(row, renamed) if i % 4 == 0 else record_of(row, "v1") for i, row in enumerate(few)))
    found = replay(lacking, "-m", MODELS["v2"])
    check("records that lack an input are not scored, and counted",
          found["unscored"]["no_input"] == len(few) // 4 and found["scored"] == 3 * len(few) // 4, found["unscored"])
    page = run("replay", lacking, "-m", MODELS["v2"], "--request", few[0]["TRANSACTION_ID"])
    check("of such a one it says which", f"does not name {renamed}" in page.stdout, page.stdout + page.stderr)
    write_lines(lacking, (without(row, renamed, **{renamed: "many" if i % 5 == 0 else None if i % 5 == 1 else 3})
                          for i, row in enumerate(few)))
    found = replay(lacking, "-m", MODELS["v2"])
    check("a word that is no number and a null count as missing, each for its reason",
          found["scored"] == len(few) and found["missing_values"] ==
          [{"input": renamed, "absent": 0, "empty": len(few) // 5, "not_a_number": len(few) // 5}],
          found["missing_values"])
    page = run("replay", lacking, "-m", MODELS["v2"]).stdout
    check("the page says so too", "MISSING VALUES" in page and f"{len(few) // 5} not numbers" in page, page)

    # A category that the model does not know; the metadata's threshold and name.
    model, words = work / "words.json", work / "words.jsonl"
    model.write_text(json.dumps({"kind": "linear", "link": "logistic", "intercept": -1, "features": [
        {"name": "amount", "weight": 0.01}, {"name": "country", "weight": 2}]}))
    (work / "words.metadata.json").write_text(json.dumps({
        "version": "13", "threshold": 0.4, "categories": {"country": {"de": 0, "fr": 1}}}))
    write_lines(words, ({"ts": f"2026-01-28T14:{i:02d}:00Z", "request_id": f"r{i}", "version": "12", "score": i / 60,
                         "features": {"amount": i, "country": ("de", "fr", "xx")[i % 3]}, "label": i % 2} for i in range(60)))
    found = replay(words, "-m", model, "--top", 1)
    check("words are scored by the model's categories, unknown ones count as missing",
          found["missing_values"] == [{"input": "country", "absent": 0, "empty": 0, "unknown_category": 20}],
          found["missing_values"])
    expected = [1 / (1 + math.exp(1 - 0.01 * i - 2 * (i % 3 == 1))) for i in range(60)]
    near("the mean score of a linear model", found["other"]["mean_score"], sum(expected) / 60)
    check("the metadata's threshold decides, and its version is the name",
          found["decisions"]["other_by"] == {"from": "metadata", "threshold": 0.4} and found["other"]["name"] == "13"
          and found["logged"]["name"] == "12" and found["logged"]["decided"] == 0
          and found["other"]["flagged"] == sum(1 for score in expected if score >= 0.4), found["decisions"])
    check("sides without decisions are not compared by them",
          found["decisions"]["compared"] == 0 and found["tests"]["mcnemar"]["p_value"] is None, found["tests"])
    wide = work / "wide.json"
    wide.write_text(model.read_text())
    (work / "wide.metadata.json").write_text(json.dumps({"features": [{"name": "amount", "label": "a" + "\u91d1" * 27},
                                                                      "country"]}))
    page = run("replay", words, "-m", wide, "--request", "r8", "--allow-missing")
    check("a long word is cut between characters", page.returncode == 0 and page.stdout.count("\u91d1") == 26
          and "\ufffd" not in page.stdout, page.stdout + page.stderr)
    both = run("replay", words, parts[1], "-m", model, "--allow-missing").stdout
    check("the versions of a log of several are named", "logged by versions 12, v1" in both, both)
    for arguments, code, words_of in (((words,), 64, "--model"), ((words, "-m", model, "--top", "many"), 64, "--top"),
                                      ((words, "-m", work / "none.json"), 66, "none.json"),
                                      ((feed, "-m", model), 65, "no usable record")):
        answer = run("replay", *arguments)
        check(f"what cannot be done is refused with {code}: {words_of}",
              answer.returncode == code and words_of in answer.stderr, f"{answer.returncode}: {answer.stderr}")
done()
