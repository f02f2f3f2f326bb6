#!/usr/bin/env python3
"""The main job from the command line: two regions of one model, requests that never stop, a version promoted
in one region, seen to be bad, rolled back, while the other region stays. Then what a script must be able to
rely on: exit codes, one winner of a race, and somebody else's move in between. Speaks TAP."""
import contextlib
import csv
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tap import LONG, call, check, done, end, run, start, start_service, wait_for  # noqa: E402

MODELS = Path(__file__).resolve().parents[2] / "core/service/models"
MODEL = "fraud_classifier"
APAC, EU = "production-apac", "production-eu"

place = Path(tempfile.mkdtemp(prefix="fraudtop-command-"))
registry, config = place / "registry.db", place / "config.yaml"
os.environ.update(XDG_STATE_HOME=str(place / "state"), XDG_CONFIG_HOME=str(place / "none"), FRAUDTOP_SYSLOG="0")
for name in ("FRAUDTOP_READONLY", "FRAUDTOP_CONFIG"):
    os.environ.pop(name, None)

# The tables of DESIGN.md section 8, as a training pipeline would write them.
SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE model_version(model TEXT, version TEXT, path TEXT, sha256 TEXT, threshold REAL, metadata TEXT,
    created_at TEXT, created_by TEXT, PRIMARY KEY(model, version));
CREATE TABLE alias(model TEXT, alias TEXT, version TEXT, epoch INTEGER, changed_at TEXT, changed_by TEXT,
    reason TEXT, PRIMARY KEY(model, alias));
CREATE TABLE alias_history(seq INTEGER PRIMARY KEY, model TEXT, alias TEXT, from_version TEXT, to_version TEXT,
    epoch INTEGER, at TEXT, by TEXT, reason TEXT);
PRAGMA user_version = 1;
"""
NOW = "strftime('%Y-%m-%dT%H:%M:%fZ')"


@contextlib.contextmanager
def database():
    db = sqlite3.connect(registry, timeout=20, isolation_level=None)
    try:
        yield db
    finally:
        db.close()


def make_registry():
    with database() as db:
        db.executescript(SCHEMA)
        for version in ("12", "13"):
            path = MODELS / f"{MODEL}_{version}.json"
            metadata = path.with_suffix(".metadata.json").read_text()
            db.execute(f"INSERT INTO model_version VALUES (?,?,?,?,?,?,{NOW},'trainer')",
                       (MODEL, version, str(path), hashlib.sha256(path.read_bytes()).hexdigest(),
                        json.loads(metadata)["threshold"], metadata))
        for name in (APAC, EU):
            db.execute(f"INSERT INTO alias VALUES (?,?,'12',1,{NOW},'ann','first')", (MODEL, name))
            db.execute("INSERT INTO alias_history(model, alias, from_version, to_version, epoch, at, by, reason)"
                       f" VALUES (?,?,NULL,'12',1,{NOW},'ann','first')", (MODEL, name))


def alias(name=APAC):
    with database() as db:
        return db.execute("SELECT version, epoch FROM alias WHERE alias = ?", (name,)).fetchone()


def move(version, by, name=APAC):
    """Another program's compare-and-set, with its history row. True if it won."""
    with database() as db:
        db.execute("BEGIN IMMEDIATE")
        old, epoch = db.execute("SELECT version, epoch FROM alias WHERE alias = ?", (name,)).fetchone()
        changed = db.execute(f"UPDATE alias SET version = ?, epoch = ?, changed_at = {NOW}, changed_by = ?,"
                             " reason = 'mine' WHERE alias = ? AND epoch = ?",
                             (version, epoch + 1, by, name, epoch)).rowcount
        db.execute("INSERT INTO alias_history(model, alias, from_version, to_version, epoch, at, by, reason)"
                   f" VALUES (?,?,?,?,?,{NOW},?,'mine')", (MODEL, name, old, version, epoch + 1, by))
        db.execute("COMMIT")
        return changed == 1


def operate(command, *arguments):
    reason = "too many false alarms" if command == "rollback" else "FRAUD-231"
    return [command, MODEL, *arguments, "--confirm", MODEL, "--reason", reason, "-c", config]


def picture():
    answer = run("-c", config, "--once", "--json")
    shown = json.loads(answer.stdout) if answer.returncode == 0 else {}
    return {s["name"]: s for s in shown.get("services", [])}, shown


def served(url):
    return call(url + "/health")[1]["version"]


class Load:
    """Requests to a service, one after the other, until told to stop; each answer is kept, with when it was asked."""

    def __init__(self, url, transactions):
        self.url, self.transactions = url, transactions
        self.answers, self.failures, self.over = [], [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            for features in self.transactions:
                request = urllib.request.Request(self.url + "/predict", json.dumps({"features": features}).encode())
                asked = time.monotonic()
                try:
                    with urllib.request.urlopen(request, timeout=LONG) as answer:
                        self.answers.append((asked, json.load(answer)["version"]))
                except OSError as error:
                    self.failures.append(repr(error))
                if self.over.is_set():
                    return
                time.sleep(0.01)

    def stop(self):
        self.over.set()
        self.thread.join()

    def versions(self):
        """The versions in the order they answered, repeats left out."""
        seen = [version for _, version in self.answers]
        return [v for i, v in enumerate(seen) if i == 0 or seen[i - 1] != v]


def test_story(urls, transactions):
    services, _ = picture()
    check("both regions serve 12", {n: s["version"] for n, s in services.items()} ==
          {"fraud-apac": "12", "fraud-eu": "12"}, services)
    load = {name: Load(url, transactions) for name, url in urls.items()}
    wait_for(lambda: all(len(one.answers) > 50 for one in load.values()))

    answer = run(*operate("promote", "13", "--alias", APAC))
    check("promote moves one region and sees it served: 0", answer.returncode == 0
          and answer.stdout.startswith(f"verified: promote of {MODEL} ({APAC}) 12 -> 13"), answer.stdout + answer.stderr)
    check("that region answers with 13, the other with 12", served(urls["fraud-apac"]) == "13"
          and served(urls["fraud-eu"]) == "12")
    begin = len(load["fraud-apac"].answers)
    wait_for(lambda: len(load["fraud-apac"].answers) > begin + 50)
    services, shown = picture()
    check("--once --json shows 13 there, and who promoted it why", services["fraud-apac"]["version"] == "13"
          and services["fraud-eu"]["version"] == "12" and any(
              (t["alias"], t["version"], t["previous"], t["reason"]) == (APAC, "13", "12", "FRAUD-231")
              for t in shown["registry"]), shown.get("registry"))

    wanted = [("fraud-apac", "12"), ("fraud-apac", "13"), ("fraud-eu", "12")]
    check("figures stand by service and version", sorted((d["service"], d["version"]) for d in shown["quality"])
          == wanted, [(d["service"], d["version"]) for d in shown["quality"]])

    answer = run(*operate("rollback", "--alias", APAC), "--json")
    result = json.loads(answer.stdout or "{}")
    check("rollback goes back to the version before and sees it served: 0", answer.returncode == 0
          and (result["outcome"], result["from"], result["to"], result["services"]) ==
          ("verified", "13", "12", ["fraud-apac"]), answer.stdout + answer.stderr)
    moment = time.monotonic()
    check("the service answers /health with the old version", served(urls["fraud-apac"]) == "12")
    status, body = call(urls["fraud-apac"] + "/predict", {"features": transactions[0]})
    check("and /predict", status == 200 and body["version"] == "12", body)
    begin = len(load["fraud-apac"].answers)
    wait_for(lambda: len(load["fraud-apac"].answers) > begin + 20)
    for one in load.values():
        one.stop()
    services, shown = picture()
    check("--once --json shows the old version", services["fraud-apac"]["version"] == "12"
          and services["fraud-apac"]["state"] == "OK", services["fraud-apac"])
    check("and what was done, newest last, by whom and with which end",
          [a["operation"] for a in shown["actions"] if a["outcome"] == "verified"] == ["promote", "rollback"]
          and shown["actions"][-1]["outcome"] == "verified" and shown["actions"][-1]["reason"] ==
          "too many false alarms", shown["actions"][-3:])
    check("no request failed on the way", not load["fraud-apac"].failures and not load["fraud-eu"].failures,
          load["fraud-apac"].failures[:3])
    check("each region's answers changed their version as often as it was moved",
          load["fraud-apac"].versions() == ["12", "13", "12"] and load["fraud-eu"].versions() == ["12"],
          (load["fraud-apac"].versions(), load["fraud-eu"].versions()))
    check("none was of 13 once the command had said verified",
          all(version == "12" for at, version in load["fraud-apac"].answers if at > moment))
    logged = [json.loads(line)["version"] for line in (place / "fraud-apac.jsonl").open()]
    check("the log tells the same", [v for i, v in enumerate(logged) if i == 0 or logged[i - 1] != v] ==
          ["12", "13", "12"] and len(logged) == len(load["fraud-apac"].answers) + 1, len(logged))
    check("the other region was never moved", alias(EU) == ("12", 1), alias(EU))


def test_codes(services):
    def code(name, wanted, text, *arguments, moves=False):
        before = alias()
        answer = run(*arguments)
        check(name, answer.returncode == wanted and text in answer.stdout + answer.stderr
              and (alias() != before) == moves, f"exit {answer.returncode}\n{answer.stdout}{answer.stderr}")

    base = ["rollback", MODEL, "-c", config, "--alias", APAC]
    code("64 without the model's name", 64, "--confirm", *base, "--reason", "x")
    code("64 with another name", 64, "--confirm", *base, "--confirm", "fraud", "--reason", "x")
    code("64 without a reason", 64, "--reason", *base, "--confirm", MODEL)
    code("64 where two aliases could be meant", 64, EU, *operate("rollback"))
    code("1 for a version that is not registered", 1, "no version 99", *operate("promote", "99", "--alias", APAC))
    code("1 for the version that serves already", 1, "already", *operate("promote", "12", "--alias", APAC))
    code("1 for a region with nothing before", 1, "", *operate("rollback", "--alias", EU))
    code("77 in a read-only session", 77, "--readonly", *operate("rollback", "--alias", APAC), "--readonly")
    code("80 if it is not as it was shown", 80, "not as it was shown",
         *operate("promote", "13", "--alias", APAC, "--expect-epoch", "2"))
    code("0 for a dry run, which moves nothing", 0, "", *operate("promote", "13", "--alias", APAC), "--dry-run")
    services["fraud-apac"].send_signal(signal.SIGSTOP)
    code("75 if it is moved and not seen served in time", 75, "fraud-apac",
         *operate("promote", "13", "--alias", APAC), "--timeout", "2s", moves=True)
    services["fraud-apac"].send_signal(signal.SIGCONT)
    check("the service serves it when it is back", wait_for(
        lambda: served(services["fraud-apac"].url) == "13"))


def test_superseded(services):
    """Somebody else moves the alias while the service is watched."""
    apac = services["fraud-apac"]
    epoch = alias()[1]
    apac.send_signal(signal.SIGSTOP)
    process = start(*operate("rollback", "--alias", APAC), "--timeout", f"{LONG}s", stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE)
    moved = wait_for(lambda: alias()[1] > epoch, LONG, 0.02)
    move("13", "mallory")
    apac.send_signal(signal.SIGCONT)
    out, errors = process.communicate(timeout=2 * LONG)
    check("76 if another program moves the alias meanwhile, and which", moved and process.returncode == 76
          and "mallory" in out, f"exit {process.returncode}\n{out}{errors}")
    last = [json.loads(line) for line in run("audit", "--json", "--last", "1").stdout.splitlines()][0]
    check("the audit log says superseded", last["outcome"] == "superseded" and "mallory" in last["detail"], last)
    check("the service serves what was moved last", wait_for(lambda: served(apac.url) == "13"))


def test_race():
    """Several commands that were shown the same thing: one wins, the others are told and change nothing."""
    version, epoch = alias()
    to = "12" if version == "13" else "13"
    racers = [start(*operate("promote", to, "--alias", APAC, "--expect-epoch", str(epoch)), stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT) for _ in range(4)]
    said = [(racer.communicate(timeout=2 * LONG)[0], racer.returncode) for racer in racers]
    codes = sorted(code for _, code in said)
    check("of four that race one wins, three are told that it is changed or held", codes[0] == 0
          and all(code in (79, 80) for code in codes[1:]) and alias() == (to, epoch + 1), said)


def test_contest():
    """A script that moves the alias again and again, against commands that do."""
    over, mine, codes = threading.Event(), [], []
    before = alias()[1]

    def script():
        turn = 0
        while not over.is_set():
            mine.append(move(("12", "13")[turn % 2], "script"))
            turn += 1
            time.sleep(0.05)

    thread = threading.Thread(target=script)
    thread.start()
    for turn in range(8):
        codes.append(run(*operate("promote", ("13", "12")[turn % 2], "--alias", APAC), "--timeout", "1s").returncode)
    over.set()
    thread.join()
    print(f"# exit codes: {codes}")
    check("each command ends as the contest lets it: done, refused, in doubt, superseded, held or changed",
          all(code in (0, 1, 75, 76, 79, 80) for code in codes), codes)
    with database() as db:
        history = db.execute("SELECT from_version, to_version, epoch, by FROM alias_history WHERE alias = ?"
                             " ORDER BY seq", (APAC,)).fetchall()
        intact = db.execute("PRAGMA integrity_check").fetchone()[0]
    check("the history has every move once, each from where the last one led", intact == "ok" and
          [row[2] for row in history] == list(range(1, len(history) + 1)) and
          all(history[i][0] == history[i - 1][1] for i in range(1, len(history)))
          and alias() == (history[-1][1], history[-1][2]), history[-6:])
    check("the script lost none of its own", sum(mine) == len(mine)
          and sum(1 for row in history if row[3] == "script") == len(mine), (sum(mine), len(mine)))
    ours = [json.loads(line) for line in run("audit", "--json").stdout.splitlines()]
    results = [row for row in ours if row["event"] == "RESULT" and row["outcome"] == "ok" and row["epoch"] > before]
    moves = [row for row in history if row[2] > before and row[3] != "script"]
    check("each of the commands' moves has its RESULT in the audit log, and no other has",
          sorted(row["epoch"] for row in results) == sorted(row[2] for row in moves), (len(results), len(moves)))
    check("the chain is whole", run("audit", "verify").returncode == 0)


def transactions_of(url):
    inputs = [f["name"] for f in call(url + "/")[1]["features"]]
    rows = csv.DictReader(io.StringIO(run("traffic", "--export", "200", "--seed", "3").stdout))
    return [{name: row[name] if name == "merchant_category" else float(row[name]) if row[name] else None
             for name in inputs} for row in rows]


services = {}
try:
    make_registry()
    for name, follows in (("fraud-apac", APAC), ("fraud-eu", EU)):
        services[name], url = start_service("--registry", registry, "--model-name", MODEL, "--alias", follows,
                                            "--service", name, "--log", place / f"{name}.jsonl")
        services[name].url = url
    config.write_text(f"version: 1\nverify: {{timeout: {LONG}s}}\nlimits: {{p95_ms: 60000, p99_warning_ms: 60000, "
                      f"p99_critical_ms: 60000}}\nregistries:\n  - {{name: prod, kind: local, path: {registry}}}\nservices:\n" +
                      "".join(f"  - {{name: {name}, url: '{services[name].url}', log: {place / name}.jsonl, model: "
                              f"{MODEL}, alias: {follows}, registry: prod}}\n"
                              for name, follows in (("fraud-apac", APAC), ("fraud-eu", EU))))
    test_story({name: one.url for name, one in services.items()}, transactions_of(services["fraud-eu"].url))
    test_codes(services)
    test_superseded(services)
    test_race()
    test_contest()
finally:
    for one in services.values():
        one.send_signal(signal.SIGCONT)
        end(one)
    shutil.rmtree(place, ignore_errors=True)
done()
