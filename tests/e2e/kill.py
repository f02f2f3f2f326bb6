#!/usr/bin/env python3
"""SIGKILL at random moments: of a service under load while its alias moves, of a rollback on the command line,
of the dashboard that began one by keys, of all at once. What was acknowledged stays: answered predictions are in
the log, printed steps are in the audit log; every line is whole, the chain holds, the databases are intact.
Speaks TAP; FRAUDTOP_SEED chooses other moments."""
import fcntl
import hashlib
import http.client
import json
import os
import pty
import random
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tap import FRAUDTOP, LONG, call, check, done, end, run, start, start_service, wait_for  # noqa: E402

MODELS = Path(__file__).resolve().parents[2] / "core/service/models"
MODEL = "fraud_classifier"
CONFIRM = ["--confirm", MODEL, "--reason", "at a random moment"]
FEATURES = {"amount": 120.5, "merchant_category": "grocery", "hour_of_day": 14, "distance_from_home": 3.2,
            "transactions_24h": 5, "amount_vs_mean_30d": 1.5, "seconds_since_last": 900, "card_present": 1,
            "is_foreign": 0, "device_age_days": None, "failed_pins_24h": 0, "merchant_risk": 0.1}

chance = random.Random(int(os.environ.get("FRAUDTOP_SEED", "11")))
place = Path(tempfile.mkdtemp(prefix="fraudtop-kill-"))
registry, log, config = place / "registry.db", place / "eu.jsonl", place / "config.yaml"
audit = place / "state/fraudtop/audit.db"
os.environ.update(XDG_STATE_HOME=str(place / "state"), XDG_CONFIG_HOME=str(place / "none"), FRAUDTOP_SYSLOG="0",
                  TERM="xterm-256color", LC_ALL="C.UTF-8")
for name in ("FRAUDTOP_READONLY", "FRAUDTOP_CONFIG"):
    os.environ.pop(name, None)

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


def make_registry():
    db = sqlite3.connect(registry)
    db.executescript(SCHEMA)
    for version in ("12", "13"):
        path = MODELS / f"{MODEL}_{version}.json"
        metadata = path.with_suffix(".metadata.json").read_text()
        db.execute("INSERT INTO model_version VALUES (?,?,?,?,?,?,'2026-01-28T14:06:04.123Z','trainer')",
                   (MODEL, version, str(path), hashlib.sha256(path.read_bytes()).hexdigest(),
                    json.loads(metadata)["threshold"], metadata))
    db.execute("INSERT INTO alias VALUES (?,'production','13',2,'2026-01-28T14:06:04.123Z','ann','next')", (MODEL,))
    for epoch, old, new in ((1, None, "12"), (2, "12", "13")):
        db.execute("INSERT INTO alias_history(model, alias, from_version, to_version, epoch, at, by, reason)"
                   " VALUES (?,'production',?,?,?,'2026-01-28T14:06:04.123Z','ann','')", (MODEL, old, new, epoch))
    db.commit()
    db.close()


def rows(*arguments):
    return [json.loads(line) for line in run("audit", "--json", *arguments).stdout.splitlines()]


def integrity(path):
    db = sqlite3.connect(path, timeout=20)
    try:
        return db.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        db.close()


class Ledger:
    """The audit log only grows: what was read once is read again, the same."""

    def __init__(self):
        self.hashes, self.faults = [], []

    def look(self, when):
        now = [row["hash"] for row in rows()]
        if now[:len(self.hashes)] != self.hashes:
            self.faults.append(f"{when}: {len(self.hashes)} rows before, {len(now)} now, or changed")
        self.hashes = now
        if now and run("audit", "verify").returncode != 0:
            self.faults.append(f"{when}: " + run("audit", "verify").stderr)
        for path in (audit, registry):
            if path.exists() and integrity(path) != "ok":
                self.faults.append(f"{when}: {path.name}: {integrity(path)}")


ledger = Ledger()


# --- the service ----------------------------------------------------------------------------------------------


def load(port, over, answered):
    """Predictions by one connection until the service is gone; the ids that were answered."""
    while not over.is_set():
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
        try:
            while not over.is_set():
                batch = [{"request_id": str(uuid.uuid4()), "features": FEATURES}
                         for _ in range(1 + len(answered) % 20)]
                link.request("POST", "/predict/batch", json.dumps({"transactions": batch}))
                answer = link.getresponse()
                body = json.loads(answer.read())
                if answer.status == 200:
                    answered.extend(p["request_id"] for p in body["predictions"])
                time.sleep(0.005)  # the log need not be long
        except (OSError, http.client.HTTPException, ValueError):
            over.wait(0.02)
        finally:
            link.close()


def serve(port=0):
    process, url = start_service("--registry", registry, "--model-name", MODEL, "--service", "fraud-eu", "--log", log,
                                 *(["--port", port] if port else []))
    return process, url


def move():
    """The alias to its other version, as any program may."""
    db = sqlite3.connect(registry, timeout=20)
    with db:
        version, epoch = db.execute("SELECT version, epoch FROM alias").fetchone()
        other = "12" if version == "13" else "13"
        db.execute("UPDATE alias SET version = ?, epoch = ? WHERE epoch = ?", (other, epoch + 1, epoch))
        db.execute("INSERT INTO alias_history(model, alias, from_version, to_version, epoch, at, by, reason)"
                   " VALUES (?,'production',?,?,?,'2026-01-28T14:06:04.123Z','script','')",
                   (MODEL, version, other, epoch + 1))
    db.close()


def whole_lines(data):
    """The records of a log, and the lines that are none: SIGKILL may break a write off in the midst of a line."""
    lines, torn = [], []
    for line in data.split(b"\n"):
        try:
            if line:
                lines.append(json.loads(line))
        except ValueError:
            torn.append(line)
    return lines, torn


def test_service(seconds):
    process, url = serve()
    port = int(url.rsplit(":", 1)[1])
    over, answered, kills = threading.Event(), [], 0
    threads = [threading.Thread(target=load, args=(port, over, answered)) for _ in range(2)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begin = len(answered)
        wait_for(lambda: len(answered) > begin, LONG, 0.01)
        move()
        time.sleep(chance.uniform(0, 0.4))
        process.kill()
        end(process)
        kills += 1
        process, _ = serve(port)
    over.set()
    for thread in threads:
        thread.join()
    lines, torn = whole_lines(log.read_bytes())
    check(f"a service killed {kills} times leaves a log of whole lines, but for one torn by each kill at most",
          lines and len(torn) <= kills and all(line.startswith(b'{"ts":"'[:len(line)]) for line in torn)
          and all(set(line) >= {"ts", "request_id", "score", "version"} for line in lines), torn)
    read = json.loads(run("report", log, "--json").stdout)
    check("the reader takes each whole line and counts the torn ones", read["records"] == len(lines)
          and read["rejected"] == len(torn), (read["records"], read["rejected"], len(lines), len(torn)))
    lost = set(answered) - {line["request_id"] for line in lines}
    check(f"each of the {len(answered):,} answered predictions is in it", answered and not lost, len(lost))
    check("it serves what the alias says", wait_for(lambda: call(url + "/health")[1]["version"] == version_now()))
    ledger.look("after the service")
    return process, url


def version_now():
    db = sqlite3.connect(registry, timeout=20)
    try:
        return db.execute("SELECT version FROM alias").fetchone()[0]
    finally:
        db.close()


# --- the executor ---------------------------------------------------------------------------------------------

# What a printed step promises to be in the log.
PROMISED = {"PLANNED": ("PLAN", None), "INTENT": ("INTENT", None), "VERIFYING": ("RESULT", "ok"),
            "VERIFIED": ("STATE", "verified")}


def test_executor(seconds):
    until, kills, finished, kept = time.monotonic() + seconds, 0, 0, True
    reached = dict.fromkeys(PROMISED, 0)
    while kills < 100 and (time.monotonic() < until or kills <= 3 or not reached["INTENT"]):
        action = f"kill-{kills}"
        process = start("rollback", MODEL, *CONFIRM, "-c", config, "--action-id", action, stdout=subprocess.DEVNULL,
                        stderr=subprocess.PIPE)
        first = "".join(process.stderr.readline() for _ in range(chance.choice((0, 1, 2, 3))))
        time.sleep(chance.uniform(0, chance.choice((0, 0.01, 0.1, 0.3))))
        finished += process.poll() is not None
        process.kill()
        said = first + process.stderr.read()
        process.stderr.close()
        process.wait()
        kills += 1
        have = {(row["event"], row["outcome"]) for row in rows("--action-id", action)}
        for word in {line.split()[0] for line in said.splitlines() if line.split()} & set(PROMISED):
            event, outcome = PROMISED[word]
            reached[word] += 1
            kept &= any(e == event and outcome in (None, o) for e, o in have)
        ledger.look(action)
    print(f"# steps reached before the kill: {reached}, {finished} finished")
    check(f"of {kills} rollbacks killed each printed step is in the audit log", kept and kills > 3)
    check("not all were killed before they began", reached["INTENT"] > 0, reached)


# --- the dashboard --------------------------------------------------------------------------------------------


class Screen:
    """The dashboard in a pseudo-terminal; what it draws is read by a thread of its own."""

    def __init__(self):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            os.execv(FRAUDTOP, [FRAUDTOP, "-c", str(config)])
        self.drawn, self.ended = b"", False
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        while True:
            try:
                if select.select([self.master], [], [], 0.5)[0]:
                    self.drawn += os.read(self.master, 65536)
            except OSError:
                return
            if self.ended:
                return

    def keys(self, text):
        os.write(self.master, text.encode())

    def shows(self, text, seconds=LONG):
        return wait_for(lambda: text.encode() in self.drawn, seconds, 0.02)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.ended = True
        self.thread.join()
        os.close(self.master)


def executors():
    """Those of the screen, which outlive it, known by the configuration that they were given."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"--config={config}".encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(entry)
        except OSError:
            pass
    return found


def settled():
    """Has every operation that wrote its INTENT come to its end?"""
    log_rows = rows()
    over = {r["action_id"] for r in log_rows if r["outcome"] in ("verified", "unverified", "superseded", "refused",
                                                                 "changed", "aborted")}
    return all(r["action_id"] in over for r in log_rows if r["event"] == "INTENT"
               and not r["action_id"].startswith("kill-"))


def test_dashboard(rounds):
    armed, whole, begun = True, True, 0
    for turn in range(rounds):
        before = len(rows())
        screen = Screen()
        ready = screen.shows("production since")
        screen.keys("R")
        ready = ready and screen.shows("Reason")
        screen.keys("from the screen\r")
        ready = ready and screen.shows("ARMED") and screen.shows("Type the model")
        screen.keys(MODEL)
        if turn % 4 != 3:
            screen.keys("\r")
            if turn == 0:  # one at least has begun
                wait_for(lambda: any(row["event"] == "INTENT" for row in rows()[before:]))
            time.sleep(chance.uniform(0, 0.5))
        screen.kill()
        armed &= bool(ready) and any(row["event"] == "ARM" for row in rows()[before:])
        whole &= bool(wait_for(lambda: not executors()) and settled())
        begun += any(row["event"] == "INTENT" for row in rows()[before:])
        ledger.look(f"dashboard {turn}")
    check(f"of {rounds} dashboards killed each that showed ARMED has its row", armed)
    check("each rollback that was begun came to its end without the screen", whole and begun > 0, begun)


def test_all(process, rounds):
    """Service, rollback and dashboard, killed within the same moment."""
    for turn in range(rounds):
        screen = Screen()
        rollback = start("rollback", MODEL, *CONFIRM, "-c", config, "--action-id", f"kill-all-{turn}",
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.02, 0.5))
        victims = [process.kill, rollback.kill, screen.kill]
        chance.shuffle(victims)
        for kill in victims:
            kill()
        end(process)
        end(rollback)
        process, url = serve()
        write_config(url)
        ledger.look(f"all {turn}")
    return process, url


def write_config(url):
    config.write_text(f"version: 1\ncontext: prod\nregistries:\n  - {{name: prod, kind: local, path: {registry}}}\n"
                      f"services:\n  - {{name: fraud-eu, url: '{url}', log: {log}, model: {MODEL}, registry: prod}}\n"
                      f"verify: {{timeout: {LONG}s}}\n")


def test_after(url):
    answer = run("promote", MODEL, "12" if version_now() == "13" else "13", *CONFIRM, "-c", config)
    check("the next operation goes through, and is verified", answer.returncode == 0
          and call(url + "/health")[1]["version"] == version_now(), answer.stdout + answer.stderr)
    found = rows()
    intents = {row["action_id"] for row in found if row["event"] == "INTENT"}
    results = {row["action_id"] for row in found if row["event"] == "RESULT"}
    check(f"each of the {len(intents)} INTENT rows has its RESULT by then", intents and intents <= results,
          intents - results)
    db = sqlite3.connect(registry)
    epochs = [epoch for (epoch,) in db.execute("SELECT epoch FROM alias_history ORDER BY seq")]
    moved = db.execute("SELECT count(*) FROM alias_history WHERE reason != ''").fetchone()[0]
    db.close()
    written = sum(1 for row in found if row["event"] == "RESULT" and row["outcome"] == "ok")
    check("every move of the alias is in both, once", epochs == list(range(1, len(epochs) + 1))
          and moved == written, (moved, written))
    ledger.look("at the end")
    check(f"no row of {len(ledger.hashes)} was ever lost or changed, the chain and both databases held",
          not ledger.faults, "\n".join(ledger.faults))


process = None
try:
    make_registry()
    process, url = test_service(6)
    write_config(url)
    test_executor(6)
    test_dashboard(4)
    process, url = test_all(process, 3)
    test_after(url)
finally:
    if process is not None:
        end(process)
    shutil.rmtree(place, ignore_errors=True)
done()
