#!/usr/bin/env python3
"""The program without a screen: --once, --json, --batch, --plain, --check-config, demo --headless, what is
said of wrong usage; references, hostile logs and read-only folders as all of these show them. Speaks TAP."""
import csv
import datetime
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tap import FRAUDTOP, LONG, Frames, call, check, done, end, run, start, start_service, wait_for  # noqa: E402

MODEL = Path(__file__).resolve().parents[2] / "core/service/models/fraud_classifier_12.json"
ROWS = 3000
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

place = Path(tempfile.mkdtemp(prefix="fraudtop-faces-"))
os.environ.update(XDG_STATE_HOME=str(place / "state"), XDG_CONFIG_HOME=str(place / "none"),
                  XDG_RUNTIME_DIR=str(place), FRAUDTOP_SYSLOG="0", COLUMNS="120", LINES="40")
for name in ("FRAUDTOP_READONLY", "FRAUDTOP_CONFIG", "NO_COLOR"):
    os.environ.pop(name, None)


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def once(config, *arguments, **options):
    """The picture of --once --json, or {} with the reason told."""
    answer = run("-c", config, "--once", "--json", *arguments, **options)
    if answer.returncode != 0:
        print(f"# exit {answer.returncode}: {answer.stderr}")
    return json.loads(answer.stdout) if answer.returncode == 0 else {}


demos = {}
# --- the demo's scenarios, under way while the rest is tested -----------------------------------------------------


class Demo:
    """A demo without a screen. If a frame is wanted, a dashboard beside it waits for one: a scenario has its time, and a
    busy machine takes its own."""

    def __init__(self, *arguments, wanted=None):
        self.place = Path(tempfile.mkdtemp(prefix="fraudtop-faces-demo-"))
        environment = dict(os.environ, XDG_RUNTIME_DIR=str(self.place), XDG_STATE_HOME=str(self.place / "state"))
        self.process = start("demo", *arguments, env=environment, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.frames = None
        if wanted:
            found = wait_for(lambda: list(self.place.glob("fraudtop-demo.*/config.yaml")))
            self.frames = Frames(found[0], every="1s", wanted=wanted)

    def shows(self, name):
        """Waits for the wanted frame."""
        self.frames.thread.join(LONG)
        check(name, self.frames.found, self.frames.newest.get("services"))
        return self.frames.found or self.frames.newest

    def finish(self, name, code):
        if self.frames:
            self.frames.end()
            self.process.send_signal(signal.SIGINT)
        out, errors = self.process.communicate(timeout=LONG)
        check(f"{name}: the demo ends with {code}, and says nothing but its picture", self.process.returncode == code
              and errors == "", f"{self.process.returncode} {errors}")
        check(f"{name}: it leaves no process and no folder", wait_for(
            lambda: not self.processes() and not list(self.place.glob("fraudtop-demo.*"))), self.processes())
        shutil.rmtree(self.place, ignore_errors=True)
        return json_lines(out)

    def processes(self):
        """Those that this demo's runtime folder was given to: the demo and all below it."""
        mark = f"XDG_RUNTIME_DIR={self.place}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                pass
        return found


def states(picture):
    return {service["name"]: service for service in picture["services"]}


def value(service, name):
    return service[name]["value"] or 0


def is_out(picture):
    """fraud-us is down, and another is not; what was seen of it last is old."""
    if len(picture["services"]) < 3:
        return False
    eu, us = states(picture)["fraud-eu"], states(picture)["fraud-us"]
    return (us["state"] == "DOWN" and "refused" in us["reason"] and us["since"] and eu["state"] != "DOWN"
            and us["rtt_ms"]["state"] != "ok" and value(us, "age_s") > value(eu, "age_s")
            and any(e["kind"] == "down" and e["service"] == "fraud-us" for e in picture["events"]))


def is_slow(picture):
    """fraud-us alone: it is far beyond what the others have, however slow the machine makes all of them."""
    if len(picture["services"]) < 3:
        return False
    found = states(picture)
    us, others = found["fraud-us"], (found["fraud-eu"], found["fraud-apac"])
    return (us["state"] == "SLOW" and "p99" in us["reason"] and value(us, "p99_ms") > 60
            and all(0 < 2 * value(other, "p95_ms") < value(us, "p95_ms") for other in others))


def psi(picture, service, feature):
    drift = next(d for d in picture["drift"] if d["service"] == service)
    return next(f["psi"]["value"] for f in drift["features"] if f["name"] == feature)


def has_drifted(picture):
    """The two features that shift are the worst of each service, both far from where they are without the scenario."""
    if len(picture["drift"]) < 3:
        return False
    return all({f["name"] for f in drift["features"][:2]} == {"transactions_24h", "amount"}
               and drift["features"][0]["times_chance"] > 5
               and all(psi(picture, drift["service"], name) > times * psi(calm, drift["service"], name)
                       for name, times in (("transactions_24h", 5), ("amount", 2))) for drift in picture["drift"])


def test_demos():
    demos["drift"].shows("drift: the two features that shift are the worst of each service, far from where they were")
    demos["drift"].finish("drift", 130)
    demos["outage"].shows("outage: fraud-us is DOWN, since when and why, its last answer old, an event; fraud-eu is not")
    demos["outage"].finish("outage", 130)
    demos["latency"].shows("latency: fraud-us is SLOW, and says by how much; the others are far from it")
    demos["latency"].finish("latency", 130)


# --- a service with a log and labels ----------------------------------------------------------------------------
log, labels, config = place / "eu.jsonl", place / "labels.jsonl", place / "config.yaml"
service, url = start_service("--model", MODEL, "--model-name", "fraud_classifier", "--service", "fraud-eu", "--log", log)


def fill():
    """ROWS payments over the last five minutes, scored by the service, and their labels."""
    table = list(csv.DictReader(io.StringIO(run("traffic", "--export", ROWS, "--seed", 7).stdout)))
    words = ("merchant_category",)
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=300)
    inputs = [f["name"] for f in call(url + "/")[1]["features"]]
    transactions = []
    with labels.open("w") as feed:
        for i, row in enumerate(table):
            ts = (begin + datetime.timedelta(seconds=300 * i / ROWS)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            features = {name: row[name] if name in words else float(row[name] or "nan") for name in inputs}
            features = {k: None if v != v else v for k, v in features.items()}
            transactions.append({"request_id": row["request_id"], "ts": ts, "features": features})
            feed.write(json.dumps({"ts": ts, "request_id": row["request_id"], "label": int(row["label"])}) + "\n")
    good = all(call(url + "/predict/batch", {"transactions": transactions[i:i + 500]})[1]["errors"] == 0
               for i in range(0, ROWS, 500))
    check(f"a service scores {ROWS:,} simulated payments", good)


def write_config(path, *lines, source=log):
    path.write_text("version: 1\ncontext: test\nservices:\n  - {name: fraud-eu, url: '" + url + "', model: "
                    f"fraud_classifier, log: {source}, labels: {labels}}}\nlimits: {{p95_ms: 60000, p99_warning_ms: "
                    "60000, p99_critical_ms: 60000}\n" + "".join(line + "\n" for line in lines))
    return path


def test_json():
    answer = run("-c", config, "--once", "--json")
    check("--once --json is one object on one line", answer.returncode == 0 and answer.stdout.count("\n") == 1
          and answer.stderr == "", answer.stderr)
    picture = json.loads(answer.stdout)
    check("of schema fraudtop/1", picture["schema"] == "fraudtop/1")
    members = {"services", "models", "drift", "quality", "alerts", "registry", "actions", "ingest"}
    check("with the members of the contract", members <= set(picture), members - set(picture))
    one = picture["services"][0]
    wanted = {"name", "url", "state", "version", "rtt_ms", "rps", "error_rate", "p50_ms", "p95_ms", "p99_ms",
              "age_s", "reason"}
    check("a service has its members", wanted <= set(one), wanted - set(one))
    check("its name, address, state and version", (one["name"], one["url"], one["state"], one["version"]) ==
          ("fraud-eu", url, "OK", "12"), one)
    numbers = ("rtt_ms", "rps", "error_rate", "p50_ms", "p95_ms", "p99_ms", "age_s")
    check("each number is a value, a state and a count", all(
        {"value", "state", "n"} <= set(one[key]) and one[key]["state"] in ("ok", "warming", "none", "stale")
        for key in numbers), {key: one[key] for key in numbers})
    ingest = picture["ingest"]
    check("ingest counts what there was", {"lines", "rejected", "late", "bytes", "lag_s"} <= set(ingest)
          and ingest["lines"] == 2 * ROWS and ingest["rejected"] == 0
          and ingest["bytes"] == log.stat().st_size + labels.stat().st_size, ingest)
    quality = picture["quality"][0]
    check("quality is of the labels that are in", quality["labelled"] == ROWS and quality["mature"]
          and quality["tp"] + quality["fp"] + quality["tn"] + quality["fn"] == ROWS, quality)
    precision = quality["tp"] / (quality["tp"] + quality["fp"])
    check("its precision is that of its counts", abs(quality["precision"]["value"] - precision) < 1e-12
          and quality["precision"]["low"] < precision < quality["precision"]["high"], quality["precision"])
    estimate = quality["estimate"]
    check("the estimate stands apart, with what it assumes", estimate["n"] == ROWS and estimate["assumption"]
          and estimate["precision"]["value"] is not None, estimate)
    check("change, groups and expectations have their members", len(quality["concept"]) == 3
          and quality["concept"][0]["stream"] == "label error" and {"cohorts", "bias", "attribution",
          "expectations"} <= set(quality), sorted(quality))
    drift = picture["drift"][0]
    feature = drift["features"][0]
    check("drift has its verdict in words, its windows and its data", feature["reason"]
          and {"no_drift_level", "p_adjusted", "n_reference", "season", "windows", "data"} <= set(feature)
          and {"decisions", "volume", "duplicates"} <= set(drift), feature)


def test_frames():
    frames = json_lines(run("-c", config, "--json", "-n", "3", "-d", "250ms").stdout)
    times = [frame["made_at"] for frame in frames]
    check("--json -n 3 is three lines, each an object, one after the other", len(frames) == 3
          and times == sorted(set(times)), times)
    answer = run("-c", config, "--batch", "-n", "1")
    check("--batch -n 1 prints a frame of text and no terminal sequence", answer.returncode == 0
          and "fraud-eu" in answer.stdout and "1 Overview" in answer.stdout and not CONTROL.search(answer.stdout)
          and answer.stdout.count("1 Overview") == 1, answer.stdout + answer.stderr)
    check("-b -n 2 prints two", run("-c", config, "-b", "-n", "2", "-d", "0.25").stdout.count("1 Overview") == 2)
    without = run("-c", config, "-n", "1")
    check("into a pipe it is a batch by itself", without.returncode == 0 and "1 Overview" in without.stdout
          and not CONTROL.search(without.stdout), without.stdout + without.stderr)
    plain = run("-c", config, "--plain", "--once")
    check("--plain is a sentence a service", plain.returncode == 0 and plain.stdout.count("\n") == 1
          and re.search(r"fraud-eu: OK, version 12, .*precision \d.*labels in \d+ %", plain.stdout)
          and "estimate" in plain.stdout, plain.stdout + plain.stderr)
    ascii_only = run("-c", config, "--once", "--ascii")
    check("--ascii prints nothing but ASCII", ascii_only.stdout.isascii() and "fraud-eu" in ascii_only.stdout)


def test_endings():
    process = start("-c", config, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    check("a reader that goes away ends it", wait_for(lambda: process.poll() is not None)
          and process.returncode > 0, process.returncode)
    end(process, 0)
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        process = start("-c", config, "--json", stdout=subprocess.PIPE)
        process.stdout.readline()
        process.send_signal(number)
        check(f"{number.name} ends it with {code}", process.wait(LONG) == code, process.returncode)
        process.stdout.close()


def test_usage():
    def says(name, code, text, *arguments):
        answer = run(*arguments)
        check(name, answer.returncode == code and text in answer.stderr and answer.stdout == "",
              f"exit {answer.returncode}\n{answer.stdout}{answer.stderr}")

    says("an unknown option is 64, with the nearest", 64, "do you mean --json?", "--jsno")
    says("also of a command", 64, "do you mean --scenario?", "demo", "--senario", "calm")
    says("an unknown command is 64, with the nearest", 64, "do you mean `rollback`?", "rolback", "x")
    says("a missing value is 64", 64, "--iterations", "--iterations")
    says("a delay under the least is 64", 64, "250ms", "-d", "1ms", "--once")
    says("a configuration that is not there is told", 78, "nowhere.yaml", "-c", place / "nowhere.yaml", "--once")


def test_check_config():
    answer = run("-c", config, "--check-config")
    check("--check-config of a good file: 0", answer.returncode == 0 and "valid" in answer.stdout, answer.stderr)
    check("and what false alarms to expect of it", re.search(r"at n = 1,000 a window: at most \S+ a day",
          answer.stdout) and "12 features and the score" in answer.stdout and "ADWIN" in answer.stdout, answer.stdout)
    bad = place / "bad.yaml"
    bad.write_text("version: 1\nservices:\n  - name: fraud-eu\n    urll: http://127.0.0.1:1\n"
                   "limits:\n  psi_warning: high\nwindws: {}\n")
    answer = run("-c", bad, "--check-config")
    check("of a bad file: 78, every error with file, line and column", answer.returncode == 78 and
          all(f"{bad}:{place_of}" in answer.stderr for place_of in ("4:5", "6:16", "7:1")), answer.stderr)
    check("and the nearest right word", "did you mean `url`?" in answer.stderr
          and "did you mean `windows`?" in answer.stderr, answer.stderr)
    bad.write_text("version: 1\nservices: [{name: a\n")
    answer = run("-c", bad, "--check-config")
    check("of one that is no YAML: 78 and the place", answer.returncode == 78
          and re.search(re.escape(str(bad)) + r":\d+:\d+: ", answer.stderr), answer.stderr)
    answer = run("-c", bad, "--once", "--json")
    check("the dashboard refuses it with the same", answer.returncode == 78 and str(bad) in answer.stderr
          and answer.stdout == "", answer.stderr)


def test_reference():
    def texts(path):
        models = once(path)["models"]
        check("(one model)", [m["model"] for m in models] == ["fraud_classifier"], models)
        return models[0]["reference"], run("-c", path, "--batch", "-n", "1").stdout

    own, screen = texts(config)
    check("without a profile the reference is the first records, in JSON and on screen",
          own["origin"] == "first 10000 records" and own["records"] == ROWS and own["ready"]
          and "reference: first 10000" in screen, f"{own}\n{screen}")
    profile = place / "ref.json"
    answer = run("profile", log, "--labels", labels, "-o", profile)
    check("profile makes a reference of the log", answer.returncode == 0 and profile.exists(), answer.stderr)
    with_file = write_config(place / "with-profile.yaml", "references:\n  - {model: fraud_classifier, profile: "
                             f"{profile}}}")
    given, screen = texts(with_file)
    check("with one it is the profile, in JSON and on screen", str(profile) in given["origin"]
          and given["ready"] and given["records"] == ROWS and "reference: profile" in screen, f"{given}\n{screen}")
    drift = once(with_file)["drift"][0]
    check("the log against its own profile has not drifted", drift["severity"] == "ok"
          and drift["worst_psi"]["value"] < 1e-9, drift["worst_psi"])
    profile.write_text(profile.read_text()[:200])
    answer = run("-c", with_file, "--once", "--json")
    check("a broken profile is refused or told, by name", (answer.returncode != 0 and str(profile) in answer.stderr)
          or str(profile) in answer.stdout, f"{answer.returncode} {answer.stderr}")


# --- hostile input ----------------------------------------------------------------------------------------------
EVIL = "e\x1b]52;c;ZXZpbA==\x07\x1b[2J\u202e\x9b31m"


def hostile_lines(good):
    """Lines that must be rejected, and lines that are right but hold what would run in a terminal."""
    record = json.loads(good)
    rejected = [b"garbage", b"{", b"null", b"[]", b"{}", b"\xff\xfe\xfd", b"\x00" * 100,
                b'{"ts":"2026-01-28T14:06:04Z"}', b'{"ts":"yesterday","score":0.5}',
                b'{"ts":"2026-01-28T14:06:04Z","score":1.5}', b"\x1b]0;owned\x07\x1b[2J" * 10,
                b"[" * 200000, b'{"ts":' * 5000, random.Random(7).randbytes(4096).replace(b"\n", b"x"),
                b"x" * (3 << 20), json.dumps(dict(record, score="high")).encode(),
                json.dumps(dict(record, service="s")).encode().replace(b'"s"', b'"\xc3\x28'),
                json.dumps(dict(record, ts="2126-01-28T14:06:04Z")).encode()]
    right = [json.dumps(dict(record, request_id=EVIL + str(i), service=EVIL, model=EVIL, version=EVIL, segment=EVIL,
                             features={EVIL: EVIL, "amount": 1.0}), ensure_ascii=i % 2 == 0).encode()
             for i in range(20)]
    right += [json.dumps(dict(record, features={f"f{i}": i for i in range(300)})).encode()]
    right += [json.dumps(dict(record, request_id="x" * 500000)).encode()]
    return rejected, right


def test_hostile():
    good = log.read_bytes().splitlines()
    rejected, right = hostile_lines(good[499])
    path = place / "hostile.jsonl"
    path.write_bytes(b"\n".join(good[:500] + rejected + right + good[500:]) + b"\n")
    anew = "ingest: {checkpoint: 0s}"  # files are written anew below
    evil = write_config(place / "hostile.yaml", anew, source=path)
    answer = run("-c", evil, "--once", "--json")
    check("a hostile log is read to its end", answer.returncode == 0, answer.stderr[-3000:])
    picture = json.loads(answer.stdout or "{}")
    source = next((s for s in picture["ingest"]["sources"] if s["kind"] == "log"), {})
    check("every bad line is counted, and none else", source["rejected"] == len(rejected)
          and source["accepted"] == len(good) + len(right) and source["late"] == 0
          and source["lines"] == source["rejected"] + source["accepted"],
          f"{source}, wanted {len(rejected)} and {len(good) + len(right)}")
    check("the last reason is told", source["last_reason"], source)
    check("neither JSON, nor text, nor sentences hold what would run in a terminal", not any(
        CONTROL.search(text.replace("\n", "")) or "\\u001b" in text or "\\u009b" in text or "\\u202e" in text
        for text in (answer.stdout, run("-c", evil, "--batch", "-n", "1").stdout,
                     run("-c", evil, "--plain", "--once").stdout)))
    path.write_bytes(b"x" * (2 << 20) + b"\n")
    source = once(evil)["ingest"]["sources"][0]
    check("a line too long to be read is counted, and told as such", (source["lines"], source["rejected"]) == (1, 1)
          and "longer than" in source["last_reason"], source)
    path.write_bytes(random.Random(8).randbytes(1 << 20) + b"\n" + bytes(range(256)) * 4096)
    answer = run("-c", evil, "--once", "--json")
    check("noise alone is no reason to fail", answer.returncode == 0
          and json.loads(answer.stdout)["ingest"]["rejected"] > 0, answer.stderr[-3000:])
    labels_before = labels.read_bytes()
    labels.write_bytes(b'{"request_id":"\x1b[2J","label":2}\n{\n\xff\n' + labels_before)
    ingest = once(write_config(place / "hostile-labels.yaml", anew))["ingest"]
    labels.write_bytes(labels_before)
    feed = next(s for s in ingest["sources"] if s["kind"] == "labels")
    check("a hostile label feed is counted likewise", feed["rejected"] == 3 and feed["accepted"] == ROWS, feed)


# --- folders that cannot be written -------------------------------------------------------------------------------


def test_read_only():
    """As another user where this is root, whom no mode holds back."""
    home = place / "locked"
    home.mkdir()
    options = {}
    program = Path(FRAUDTOP).resolve()
    if os.geteuid() == 0:
        program = Path(shutil.copy2(program, place / "fraudtop"))
        program.chmod(0o755)
        place.chmod(0o755)
        for path in (log, labels, config):
            path.chmod(0o644)
        options = {"user": 65534, "group": 65534, "extra_groups": []}
    home.chmod(0o555)
    environment = dict(os.environ, HOME=str(home), XDG_STATE_HOME=str(home / "state"),
                       XDG_CONFIG_HOME=str(home / "config"), XDG_RUNTIME_DIR=str(home))

    def locked(*arguments):
        return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=LONG,
                              env=environment, **options)

    probe = subprocess.run(["mkdir", str(home / "probe")], capture_output=True, **options)
    check("(the folder cannot be written)", probe.returncode != 0)
    answer = locked("-c", config, "--once", "--json")
    check("it starts where no folder can be written, and says nothing of it", answer.returncode == 0
          and answer.stderr == "" and json.loads(answer.stdout)["services"][0]["state"] == "OK", answer.stderr)
    answer = locked("audit", "verify")
    check("an audit log that is not there is told, not made", answer.returncode == 66, answer.stderr)
    check("nothing was written", not list(home.iterdir()))
    run("-c", config, "--once", "--json", env=dict(environment, XDG_STATE_HOME=str(place / "fresh")))
    made = {path.name for path in (place / "fresh/fraudtop").iterdir()}
    check("what only reads makes no audit log: nothing but its checkpoint", made == {"checkpoints"}, made)


try:
    demos["outage"] = Demo("--scenario", "outage", "--headless", "10m", wanted=is_out)  # from 20 to 50 s
    demos["latency"] = Demo("--scenario", "latency", "--speed", "2", "--headless", "10m", wanted=is_slow)  # from 10 to 70 s
    demos["calm"] = Demo("--scenario", "calm", "--headless", "5")
    lines = demos["calm"].finish("calm", 0)
    check("demo --headless prints one object and exits", len(lines) == 1 and lines[0]["schema"] == "fraudtop/1")
    calm = lines[0]
    demos["drift"] = Demo("--scenario", "drift", "--speed", "100", "--headless", "10m", wanted=has_drifted)
    write_config(config)
    fill()
    for test in (test_json, test_frames, test_endings, test_usage, test_check_config, test_reference, test_hostile,
                 test_read_only, test_demos):
        test()
finally:
    for demo in demos.values():
        if demo.frames:
            end(demo.frames.process)
        end(demo.process)
        shutil.rmtree(demo.place, ignore_errors=True)
    end(service)
    shutil.rmtree(place, ignore_errors=True)
done()
