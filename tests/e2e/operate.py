#!/usr/bin/env python3
"""The operating commands as an operator and a script meet them: models, rollback, promote, audit against
a registry file, a configuration and a living service. Exit codes, JSON, the audit log, kills at random
moments. Speaks TAP. Needs $FRAUDTOP (or build/fraudtop) and the standard library."""
import contextlib
import hashlib
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import LONG, call, check, done, end, run, start, start_service, wait_for  # noqa: E402

MODELS = pathlib.Path(__file__).resolve().parents[2] / "core/service/models"
MODEL = "fraud_classifier"
CONFIRM = ["--confirm", MODEL, "--reason", "too many false alarms"]

folder = pathlib.Path(tempfile.mkdtemp(prefix="fraudtop-operate-"))
registry = folder / "registry.db"
state = folder / "state"
os.environ.update(XDG_STATE_HOME=str(state), XDG_CONFIG_HOME=str(folder / "config"), FRAUDTOP_SYSLOG="0")
for name in ("FRAUDTOP_READONLY", "FRAUDTOP_CONFIG"):
    os.environ.pop(name, None)

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE model_version(model, version, path, sha256, threshold, metadata, created_at, created_by,
    PRIMARY KEY(model, version));
CREATE TABLE alias(model, alias, version, epoch, changed_at, changed_by, reason, PRIMARY KEY(model, alias));
CREATE TABLE alias_history(seq INTEGER PRIMARY KEY, model, alias, from_version, to_version, epoch, at, by,
    reason);
PRAGMA user_version = 1;
"""


@contextlib.contextmanager
def database(path=registry):
    db = sqlite3.connect(path, timeout=10)
    try:
        with db:
            yield db
    finally:
        db.close()


def add_version(version, path, sha256=None):
    sha256 = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
    metadata = path.with_suffix(".metadata.json")
    with database() as db:
        db.execute("INSERT INTO model_version VALUES(?,?,?,?,0.5,?,'2026-01-28T14:06:04.123Z','trainer')",
                   (MODEL, version, str(path), sha256, metadata.read_text() if metadata.exists() else "{}"))


def move(version, by="bob", reason="by hand"):
    """Somebody else's move, as DESIGN.md section 8 prescribes it."""
    with database() as db:
        old = db.execute("SELECT version, epoch FROM alias WHERE alias = 'production'").fetchone()
        if old is None:
            db.execute("INSERT INTO alias VALUES(?,'production',?,1,datetime('now'),?,?)",
                       (MODEL, version, by, reason))
        else:
            db.execute("UPDATE alias SET version=?, epoch=epoch+1, changed_at=datetime('now'), changed_by=?,"
                       " reason=? WHERE alias='production' AND epoch=?", (version, by, reason, old[1]))
        db.execute("INSERT INTO alias_history(model,alias,from_version,to_version,epoch,at,by,reason)"
                   " VALUES(?,'production',?,?,?,datetime('now'),?,?)",
                   (MODEL, old and old[0], version, (old[1] if old else 0) + 1, by, reason))


def alias():
    with database() as db:
        return db.execute("SELECT version, epoch FROM alias WHERE alias = 'production'").fetchone()


def rows(*arguments):
    return [json.loads(line) for line in run("audit", "--json", *arguments).stdout.splitlines()]


def refused(name, code, text, *arguments, moves=False, **options):
    """A command that must leave the alias alone, exit with code, and say text on stderr or stdout."""
    before = alias()
    result = run(*arguments, **options)
    said = result.stderr + result.stdout
    check(name, result.returncode == code and text in said and (moves or alias() == before),
          f"exit {result.returncode} (wanted {code}), alias {before} -> {alias()}\n{said}")
    return result


def write_config(path, *services, readonly=False):
    text = f"version: 1\nverify: {{timeout: {LONG}s}}\nreadonly: {str(readonly).lower()}\nregistries:\n  - {{name: prod, kind: local, path: {registry}}}\n"
    if services:
        text += "services:\n"
    for name, url, name_of_alias in services:
        text += (f"  - {{name: {name}, url: '{url}', model: {MODEL}, alias: {name_of_alias}, registry: prod}}\n")
    path.write_text(text)
    return path


# --- the stage --------------------------------------------------------------------------------------------
with database() as db:
    db.executescript(SCHEMA)
for version in ("12", "13"):
    add_version(version, MODELS / f"{MODEL}_{version}.json")
move("12", by="ann", reason="first")
move("13", by="ann", reason="FRAUD-231")
service, url = start_service("--registry", registry, "--model-name", MODEL, "--alias", "production",
                             "--service", "fraud-eu", "--log", folder / "predictions.jsonl")
config = write_config(folder / "config.yaml", ("fraud-eu", url, "production"))
C = ["-c", config]


def serves():
    return call(url + "/health")[1].get("version")


def test_models():
    answer = run("models", "--json", *C)
    listing = json.loads(answer.stdout)
    model = listing["models"][0]
    check("models --json lists versions, newest first, with the aliases on them",
          answer.returncode == 0 and listing["schema"] == "fraudtop.models/1" and model["registry"] == "prod"
          and [(v["version"], v["aliases"]) for v in model["versions"]] == [("13", ["production"]), ("12", [])],
          answer.stdout + answer.stderr)
    a = model["aliases"][0]
    check("it says who moved an alias, why, and where it was before",
          (a["version"], a["previous"], a["epoch"], a["changed_by"], a["reason"]) ==
          ("13", "12", 2, "ann", "FRAUD-231"), a)
    text = run("models", MODEL, "--registry", registry).stdout
    check("models prints the same for a person", all(w in text for w in (MODEL, "production", "ann", "13")), text)
    check("a model that is nowhere is an error", run("models", "nothing", *C).returncode == 66)
    check("models never writes", not (state / "fraudtop/audit.db").exists())


def test_permission():
    refused("--readonly refuses with 77", 77, "--readonly", "rollback", MODEL, *CONFIRM, *C, "--readonly")
    os.environ["FRAUDTOP_READONLY"] = "1"
    refused("FRAUDTOP_READONLY=1 refuses with 77", 77, "FRAUDTOP_READONLY", "promote", MODEL, "12", *CONFIRM, *C)
    del os.environ["FRAUDTOP_READONLY"]
    locked = write_config(folder / "locked.yaml", ("fraud-eu", url, "production"), readonly=True)
    refused("readonly: true refuses with 77 and names the file", 77, str(locked),
            "rollback", MODEL, *CONFIRM, "-c", locked)
    check("a refused command leaves no audit log behind", not (state / "fraudtop/audit.db").exists())


def test_usage():
    refused("without --confirm: 64, and the way out", 64, f"--confirm {MODEL}", "rollback", MODEL, *C,
            "--reason", "x")
    refused("--confirm of another name: 64, and both names", 64, "`fraud`", "rollback", MODEL, *C,
            "--confirm", "fraud", "--reason", "x")
    refused("without --reason: 64", 64, "--reason", "rollback", MODEL, *C, "--confirm", MODEL)
    refused("a blank reason is none: 64", 64, "--reason", "rollback", MODEL, *C, "--confirm", MODEL,
            "--reason", "  ")
    refused("an unknown registry: 64, and the known ones", 64, "prod", "rollback", MODEL, *CONFIRM, *C,
            "--registry", "dev")
    refused("a bad action id: 64", 64, "--action-id", "rollback", MODEL, *CONFIRM, *C, "--action-id", "a;b")
    refused("a URL that is none: 64", 64, "--service-url", "rollback", MODEL, *CONFIRM, *C,
            "--service-url", "ftp://x")
    refused("promote without a version: 64", 64, "VERSION", "promote", MODEL, *CONFIRM, *C)
    two = write_config(folder / "two.yaml", ("eu", url, "production"), ("apac", url, "production-apac"))
    refused("two aliases to choose from: 64, and both", 64, "production-apac (apac)", "rollback", MODEL,
            *CONFIRM, "-c", two)
    broken = folder / "broken.yaml"
    broken.write_text("version: 1\nservices: [{nmae: x}]\n")
    refused("a broken configuration: 78, and the place", 78, f"{broken}:2", "rollback", MODEL, *CONFIRM,
            "-c", broken)


def test_gates():
    bad = folder / "bad.json"
    bad.write_text('{"kind": "linear"')
    other = folder / "other.json"
    other.write_text('{"kind":"linear","link":"logistic","intercept":0,"features":'
                     '[{"name":"amount","weight":1,"missing":0}]}')
    add_version("20", bad)
    add_version("21", other)
    add_version("22", MODELS / f"{MODEL}_12.json", sha256="0" * 64)
    for command in (["rollback", MODEL, "--to"], ["promote", MODEL]):
        word = command[0]
        refused(f"{word}: a file that does not load: 79", 79, "bad.json", *command, "20", *CONFIRM, *C)
        refused(f"{word}: other features: 79", 79, "other features", *command, "21", *CONFIRM, *C)
        refused(f"{word}: another file than registered: 79", 79, "not the one that was registered",
                *command, "22", *CONFIRM, *C)
        refused(f"{word}: no such version: 1", 1, "no version 99", *command, "99", *CONFIRM, *C)
        refused(f"{word}: already there: 1", 1, "already", *command, "13", *CONFIRM, *C)
    refused("no such model: 1", 1, "no alias", "rollback", "nobody", "--confirm", "nobody", "--reason", "x", *C)
    refused("not the version that was shown: 80", 80, "not as it was shown", "rollback", MODEL, *CONFIRM, *C,
            "--expect-version", "11")
    refused("not the epoch that was shown: 80", 80, "not as it was shown", "rollback", MODEL, *CONFIRM, *C,
            "--expect-epoch", "1")
    check("refusals stand in the audit log, and no INTENT",
          {r["event"] for r in rows()} == {"PLAN", "PREFLIGHT", "REFUSED"}, {r["event"] for r in rows()})
    with database() as db:
        db.execute("DELETE FROM model_version WHERE version IN ('20', '21', '22')")


def test_dry_run():
    last = rows()[-1]["seq"]
    result = refused("a dry run: 0, and nothing moves", 0, "dry-run", "rollback", MODEL, "--dry-run", *C, "--json")
    answer = json.loads(result.stdout)
    check("it says from, to and every check",
          (answer["outcome"], answer["from"], answer["to"], answer["exit"]) == ("dry-run", "13", "12", 0)
          and {c["name"] for c in answer["checks"]} >= {"target", "artifact", "sha256", "loads", "features"}
          and all(c["verdict"] == "pass" for c in answer["checks"]), answer)
    check("it writes the PLAN alone", [r["event"] for r in rows() if r["seq"] > last] == ["PLAN"])
    refused("a dry run that would be stopped says so: 1", 1, "no version 99", "promote", MODEL, "99",
            "--dry-run", *C)


def test_rollback():
    result = run("rollback", MODEL, *CONFIRM, *C, "--json")
    answer = json.loads(result.stdout)
    check("a rollback is done and verified: 0", result.returncode == 0 and answer["outcome"] == "verified"
          and (answer["from"], answer["to"], answer["services"]) == ("13", "12", ["fraud-eu"]),
          result.stdout + result.stderr)
    check("the service serves the version before", serves() == "12" and alias() == ("12", 3))
    mine = rows("--action-id", answer["action_id"])
    events = [r["event"] for r in mine if r["event"] != "OBSERVE"]
    check("the audit log has intent before result before verdict",
          events == ["PLAN", "PREFLIGHT", "INTENT", "RESULT", "STATE", "STATE"]
          and mine[-1]["outcome"] == "verified", [(r["event"], r["outcome"]) for r in mine])
    check("each row bears who, where and why",
          all("uid=" in r["actor"] and "host=" in r["origin"] and r["reason"] == CONFIRM[3] for r in mine), mine[0])
    with database() as db:
        by, why = db.execute("SELECT by, reason FROM alias_history ORDER BY seq DESC").fetchone()
    check("the registry's history bears them too", by != "" and why == CONFIRM[3], (by, why))
    check("progress goes to stderr, one object to stdout", "VERIFYING" in result.stderr
          and result.stdout.count("\n") == 1)


def test_promote():
    result = run("promote", MODEL, "13", *CONFIRM, "--registry", registry, "--alias", "production",
                 "--service-url", f"fraud-eu={url}", "--expect-version", "12", "--expect-epoch", "3",
                 "--action-id", "from-the-screen-1")
    check("a promote by a registry's path and --service-url is verified: 0", result.returncode == 0
          and result.stdout.startswith(f"verified: promote of {MODEL} (production) 12 -> 13, served by fraud-eu"),
          result.stdout + result.stderr)
    check("the screen finds it by its action id", [r["event"] for r in rows("--action-id", "from-the-screen-1")][0]
          == "PLAN" and serves() == "13")
    again = run("rollback", MODEL, *CONFIRM, "--registry", registry, "-c", config)
    check("a path that is a configured registry's finds its services", again.returncode == 0 and serves() == "12",
          again.stdout + again.stderr)


def test_unverified():
    lone = folder / "lone.yaml"
    write_config(lone)
    result = run("promote", MODEL, "13", *CONFIRM, "-c", lone)
    check("no service known: moved, 75, and said", result.returncode == 75 and alias()[0] == "13"
          and "no service to verify with" in result.stdout, result.stdout + result.stderr)
    result = run("rollback", MODEL, *CONFIRM, *C, "--service-url", "http://127.0.0.1:1", "--timeout", "1s")
    check("a service that is dead: moved, 75, and which", result.returncode == 75 and alias()[0] == "12"
          and "http://127.0.0.1:1 does not answer" in result.stdout, result.stdout + result.stderr)


def begin(*arguments):
    """Starts an operation and returns once the alias has moved."""
    before = alias()[1]
    process = start(*arguments, stdout=-1, stderr=-1)
    check("(the operation is under way)", wait_for(lambda: alias()[1] > before, LONG, 0.02))
    return process


def test_meanwhile():
    service.send_signal(signal.SIGSTOP)
    first = begin("promote", MODEL, "13", *CONFIRM, *C)
    refused("a second operation on the target: 79, and who holds it", 79, "promote by", "rollback", MODEL,
            *CONFIRM, *C)
    move("12", by="mallory", reason="no, 12")
    out, error = first.communicate(timeout=LONG)
    check("moved by someone else meanwhile: 76, who and what", first.returncode == 76
          and "mallory moved production" in out and "no, 12" in out, out + error)
    second = begin("promote", MODEL, "13", *CONFIRM, *C)
    second.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    check("a hang-up does not end the watching", second.poll() is None)
    service.send_signal(signal.SIGCONT)
    out, error = second.communicate(timeout=LONG)
    check("it is verified after the service came back", second.returncode == 0 and serves() == "13", out + error)
    service.send_signal(signal.SIGSTOP)
    third = begin("rollback", MODEL, *CONFIRM, *C)
    third.send_signal(signal.SIGTERM)
    out, error = third.communicate(timeout=LONG)
    service.send_signal(signal.SIGCONT)
    check("SIGTERM ends the watching and says what is known: 75", third.returncode == 75
          and "interrupted" in out and alias()[0] == "12", out + error)


def test_hostile():
    evil = "x\x1b]52;c;ZXZpbA==\x07\u202e\ny"
    result = run("promote", MODEL, "13", "--confirm", MODEL, "--reason", evil, *C, "--json")
    kept = rows()[-1]["reason"]
    dirty = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202e]")
    check("what would run in a terminal is kept out of log, registry and output",
          result.returncode == 0 and not dirty.search(kept) and not dirty.search(result.stdout)
          and not dirty.search(result.stderr) and not dirty.search(run("models", *C).stdout), repr(kept))
    result = run("rollback", "a\x1b[2Jb", "--confirm", "a\x1b[2Jb", "--reason", "x", *C)
    check("a model's name with such things is refused: 64", result.returncode == 64
          and "\x1b" not in result.stderr, repr(result.stderr))


def test_audit():
    answer = run("audit", "verify")
    check("audit verify: 0", answer.returncode == 0 and "the chain is whole" in answer.stdout,
          answer.stdout + answer.stderr)
    head = "0" * 64
    good = True
    for number, row in enumerate(rows(), 1):
        kept, previous = row.pop("hash"), row.pop("prev_hash")
        text = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
        good &= row["seq"] == number and previous == head
        head = hashlib.sha256((previous + text).encode()).hexdigest()
        good &= head == kept
    check("the chain can be proved without fraudtop, from audit --json", good)
    check("--last", [r["seq"] for r in rows("--last", "2")] == [r["seq"] for r in rows()][-2:])
    check("audit prints lines for a person", run("audit").stdout.count("\n") == len(rows()))
    copy = folder / "tampered.db"
    with database(state / "fraudtop/audit.db") as db, database(copy) as other:
        db.backup(other)
    with database(copy) as db:
        db.executescript("DROP TRIGGER audit_no_update; UPDATE audit SET reason = 'none' WHERE seq = 5;")
    result = run("audit", "verify", "--file", copy)
    check("a changed row: 65 and its number", result.returncode == 65 and "row 5" in result.stderr, result.stderr)
    result = run("audit", "verify", "--file", copy, "--json")
    check("the same as JSON", result.returncode == 65 and json.loads(result.stdout)["ok"] is False, result.stdout)
    check("no log: 66", run("audit", "verify", "--file", folder / "none.db").returncode == 66)


def integrity(path):
    with database(path) as db:
        return db.execute("PRAGMA integrity_check").fetchone()[0]


def events_of(action):
    return [row["event"] for row in rows("--action-id", action)]


def has_intent(action):
    """From the file itself, at once: the program waits 2 s for the registry's lock, and then writes what came of it."""
    with contextlib.suppress(sqlite3.Error), database(state / "fraudtop/audit.db") as db:
        return db.execute("SELECT 1 FROM audit WHERE action_id = ? AND event = 'INTENT'", (action,)).fetchone()


def stop_at_intent(name, hold):
    """A promotion to the other version that has written its INTENT, waits for the registry's lock and is stopped there:
    the process, its action's id and the version. One that was too late in being stopped is let go."""
    for attempt in range(20):
        action, to = f"{name}-{attempt}", "12" if alias()[0] == "13" else "13"
        hold.execute("BEGIN IMMEDIATE")
        process = start("promote", MODEL, to, *CONFIRM, *C, "--action-id", action, stdout=-3, stderr=-3)
        wait_for(lambda: has_intent(action), LONG, 0.005)
        process.send_signal(signal.SIGSTOP)
        if events_of(action)[-1:] == ["INTENT"]:
            return process, action, to
        hold.execute("ROLLBACK")
        process.send_signal(signal.SIGCONT)
        process.wait(LONG)
    raise RuntimeError(f"{name}: it was never stopped in time")


def test_seams():
    """Killed on either side of the write, which a held lock makes long enough to hit."""
    hold = sqlite3.connect(registry, isolation_level=None)
    process, first, _ = stop_at_intent("killed-before", hold)
    before = alias()
    process.kill()
    process.wait()
    hold.execute("ROLLBACK")
    check("killed between INTENT and the write: the alias stays", alias() == before, alias())

    for _ in range(20):
        process, second, to = stop_at_intent("killed-after", hold)
        log = sqlite3.connect(state / "fraudtop/audit.db", isolation_level=None)
        log.execute("BEGIN IMMEDIATE")
        hold.execute("ROLLBACK")
        process.send_signal(signal.SIGCONT)
        wait_for(lambda: alias()[0] == to or process.poll() is not None, LONG, 0.005)
        moved = alias()[0] == to
        process.kill()
        process.wait()
        log.execute("ROLLBACK")
        log.close()
        if moved:
            break
    hold.close()
    check("killed between the write and RESULT: the alias is moved", moved)

    events = {a: events_of(a) for a in (first, second)}
    result = run("rollback", MODEL, "--dry-run", *C)
    outcomes = {a: [(r["outcome"], r["detail"].startswith("recovered:")) for r in rows("--action-id", a)
                    if r["event"] == "RESULT"] for a in events}
    check("the next command finds out what became of both", result.returncode == 0
          and outcomes == {first: [("aborted", True)], second: [("ok", True)]}
          and events[second][-1] == "INTENT", f"{events} {outcomes}\n{result.stdout}{result.stderr}")


def test_kills():
    chance = random.Random(7)
    seen, good = len(rows()), True
    for _ in range(25):
        to = "12" if alias()[0] == "13" else "13"
        process = start("promote", MODEL, to, *CONFIRM, *C, stdout=-3, stderr=-3)
        time.sleep(chance.uniform(0.02, 0.35))
        process.kill()
        process.wait()
        now = len(rows())
        good &= now >= seen and run("audit", "verify").returncode == 0
        seen = now
    check("SIGKILL at any moment loses no audit row and breaks no chain", good)
    check("nor does it corrupt a database", integrity(registry) == "ok"
          and integrity(state / "fraudtop/audit.db") == "ok")
    to = "12" if alias()[0] == "13" else "13"
    result = run("promote", MODEL, to, *CONFIRM, *C)
    check("the next operation goes through", result.returncode == 0 and serves() == to, result.stdout + result.stderr)
    log = rows()
    intents = {r["action_id"] for r in log if r["event"] == "INTENT"}
    results = {r["action_id"] for r in log if r["event"] == "RESULT"}
    check("and every intent has its result then", intents and intents <= results, intents - results)
    with database() as db:
        epochs = [e for (e,) in db.execute("SELECT epoch FROM alias_history ORDER BY seq")]
        reasons = db.execute("SELECT count(*) FROM alias_history WHERE reason = ?", (CONFIRM[3],)).fetchone()[0]
    written = sum(1 for r in log if r["event"] == "RESULT" and r["outcome"] == "ok" and r["reason"] == CONFIRM[3])
    check("every move in the registry has its row in the log", epochs == list(range(1, len(epochs) + 1))
          and reasons == written, (epochs, reasons, written))


try:
    for test in (test_models, test_permission, test_usage, test_gates, test_dry_run, test_rollback, test_promote,
                 test_unverified, test_meanwhile, test_hostile, test_audit, test_seams, test_kills):
        test()
finally:
    service.send_signal(signal.SIGCONT)
    end(service)
    os.system(f"rm -rf '{folder}'")
done()
