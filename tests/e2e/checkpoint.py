#!/usr/bin/env python3
"""Checkpoints: a restart goes on where the last run was, to the last figure; kill -9 at any moment while a log grows
and labels come loses and doubles nothing; a second process, a broken store, a changed configuration and a log written
anew are said and survived. Speaks TAP."""
import datetime
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import LONG, check, done, end, run, start  # noqa: E402

KILLS = 24
START = datetime.datetime(2026, 1, 28, 10, tzinfo=datetime.timezone.utc)
folder = pathlib.Path(tempfile.mkdtemp(prefix="fraudtop-checkpoint-"))
os.environ.update(XDG_STATE_HOME=str(folder / "state"), XDG_CONFIG_HOME=str(folder / "config"))
os.environ.pop("FRAUDTOP_CONFIG", None)
rng = random.Random(7)


class Writer:
    """Predictions of two services and their labels, and what must come of them."""

    def __init__(self, where):
        self.where = where
        self.where.mkdir()
        self.number = 0
        self.waiting = []  # labels not written yet
        self.counts = {}  # (service, version) -> figures
        self.joined = 0
        self.config = where / "config.yaml"
        self.config.write_text(
            "version: 1\nservices:\n  - {name: eu, log: eu.jsonl, labels: labels.jsonl, model: m}\n"
            "  - {name: us, log: us.jsonl, labels: labels.jsonl, model: m}\n"
            "ingest: {checkpoint: 100ms}\nscreen: {delay: 250ms}\n")
        for name in ("eu", "us", "labels"):
            self.open(name).close()

    def open(self, name):
        return open(self.where / f"{name}.jsonl", "a")

    def predict(self):
        service, version = rng.choice(("eu", "us")), str(1 + (self.number % 7 == 0))
        at = (START + datetime.timedelta(milliseconds=3 * self.number)).isoformat(timespec="milliseconds")
        score = round(rng.random() ** 2, 6)
        key = f"id-{self.number}"
        line = json.dumps({"ts": at.replace("+00:00", "Z"), "request_id": key, "service": service, "model": "m",
                           "version": version, "latency_ms": 5, "status": 200, "score": score, "threshold": 0.5,
                           "decision": score >= 0.5, "segment": rng.choice(("web", "app")),
                           "features": {"amount": round(rng.gauss(50, 9), 3), "kind": rng.choice("abc")}})
        counts = self.counts.setdefault((service, version), dict.fromkeys(
            ("predictions", "labelled", "positives", "tp", "fp", "tn", "fn"), 0))
        counts["predictions"] += 1
        if rng.random() < 0.6:
            self.waiting.append((key, at, int(rng.random() < score), score >= 0.5, counts))
        self.number += 1
        return service, line + "\n"

    def write(self, count):
        """Some predictions, and the labels of some; a label may stand before its prediction. The last line of a piece
        may be written in two."""
        logs = {name: self.open(name) for name in ("eu", "us", "labels")}
        for _ in range(count):
            service, line = self.predict()
            cut = rng.randrange(len(line)) if rng.random() < 0.02 else len(line)
            logs[service].write(line[:cut])
            if cut < len(line):
                logs[service].flush()
                logs[service].write(line[cut:])
            if rng.random() < 0.55 and self.waiting:
                self.label(logs["labels"])
        for log in logs.values():
            log.close()

    def label(self, log):
        key, at, value, flagged, counts = self.waiting.pop(rng.randrange(len(self.waiting)))
        log.write(json.dumps({"ts": at.replace("+00:00", "Z"), "request_id": key, "label": value}) + "\n")
        self.joined += 1
        counts["labelled"] += 1
        counts["positives"] += value
        counts[("tp" if value else "fp") if flagged else ("fn" if value else "tn")] += 1

    def once(self, program=None):
        arguments = ("--once", "--json", "-c", str(self.config))
        if program is None:
            result = run(*arguments)
        else:
            result = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=LONG)
        if result.returncode != 0:
            raise RuntimeError(result.stderr)
        return json.loads(result.stdout)

    def differences(self, frame):
        """What the frame has otherwise than it was written."""
        wrong = []
        found = {(row["service"], row["version"]): row for row in frame["quality"]}
        for key, counts in self.counts.items():
            for name, value in counts.items():
                if key not in found or found[key][name] != value:
                    wrong.append(f"{key} {name}: {found.get(key, {}).get(name)}, not {value}")
        ingest = frame["ingest"]
        expected = {"accepted": self.number, "rejected": 0, "late": 0}
        logs = [source for source in ingest["sources"] if source["kind"] == "log"]
        for name, value in expected.items():
            if sum(source[name] for source in logs) != value:
                wrong.append(f"{name}: {[source[name] for source in logs]}, not {value} in all")
        for name, value in (("joined", self.joined), ("duplicates", 0), ("waiting", 0), ("evicted", 0),
                            ("pending", self.number - self.joined)):
            if ingest["labels"][name] != value:
                wrong.append(f"labels {name}: {ingest['labels'][name]}, not {value}")
        return "\n".join(wrong)


def figures(frame):
    """All of a frame that does not tell the time, or how it came to be."""
    frame = json.loads(json.dumps(frame))
    for name in ("made_at", "events"):
        del frame[name]
    for service in frame["services"]:
        del service["since"], service["age_s"]
    for name in ("progress", "checkpoint", "lag_s"):
        del frame["ingest"][name]
    for source in frame["ingest"]["sources"]:
        del source["lag_s"]
    return frame


def store_of(writer):
    return sorted(path for path in (folder / "state/fraudtop/checkpoints").iterdir()
                  if (path / "store.db").exists())


# --- a restart --------------------------------------------------------------------------------------
writer = Writer(folder / "restart")
writer.write(4000)
first = writer.once()
check("everything is counted", not writer.differences(first), writer.differences(first))
second = writer.once()
check("a restart reads nothing again and has every figure as before",
      second["ingest"]["checkpoint"]["resumed"] and second["ingest"]["progress"]["bytes"] == 0 and
      figures(first) == figures(second), writer.differences(second))
writer.write(3000)
third = writer.once()
check("it goes on with what was added", third["ingest"]["checkpoint"]["resumed"] and not writer.differences(third),
      writer.differences(third))
(folder / "state").rename(folder / "aside")
anew = writer.once()
check("read in one go it comes to the same counts", not writer.differences(anew), writer.differences(anew))
program = pathlib.Path(os.environ.get("BUILD", "build")) / "fraudtop"
if program.exists():  # one without sanitizers
    def processor_of(command):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Python's own start and a loop, 0.1 s of the processor or so, say how slow the machine is in the same moments.
    yardstick = [sys.executable, "-S", "-c", "for i in range(1500000): pass"]
    writer.once(program)
    took = [(processor_of(lambda: writer.once(program)), processor_of(lambda: subprocess.run(yardstick, check=True)))
            for _ in range(7)]
    best, slowness = min(own for own, _ in took), max(1, min(yard for _, yard in took) / 0.1)
    print(f"# a restart: {best * 1000:.0f} ms of the processor; {100 * slowness:.0f} ms are allowed here")
    check("a restart takes less than 100 ms of the processor, start and end of the program included",
          best < 0.1 * slowness, took)

# --- kill -9 ----------------------------------------------------------------------------------------
writer = Writer(folder / "kills")
writer.write(500)
resumed, killed = 0, 0


def is_kept(line):
    return line.endswith("\n") and json.loads(line)["ingest"]["checkpoint"]["made_at"]


for turn in range(KILLS):
    process = start("--batch", "--json", "-c", writer.config, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    frames = []
    reader = threading.Thread(target=lambda: frames.extend(process.stdout))
    reader.start()
    # Every other one lives until it has gone on and written a checkpoint, however long that takes.
    begun = time.monotonic()
    while turn % 2 and time.monotonic() < begun + LONG and not any(map(is_kept, frames)):
        writer.write(rng.randrange(40))
        time.sleep(0.02)
    until = time.monotonic() + rng.random() * 1.2
    while time.monotonic() < until:
        writer.write(rng.randrange(40))
        time.sleep(rng.random() * 0.03)
    process.send_signal(signal.SIGKILL)
    reader.join()
    process.wait()
    killed += process.returncode == -signal.SIGKILL
    resumed += any(frame.endswith("\n") and json.loads(frame)["ingest"]["checkpoint"]["resumed"] for frame in frames)
    writer.write(rng.randrange(100))
check(f"{KILLS} runs are killed, and many of them had gone on from a checkpoint", killed == KILLS and resumed >= KILLS / 4,
      f"{killed} killed, {resumed} resumed")
frame = writer.once()
check(f"nothing is lost or doubled: {writer.number} predictions, {writer.joined} labels", not writer.differences(frame),
      writer.differences(frame))
check("the end was not read from the beginning", frame["ingest"]["checkpoint"]["resumed"], frame["ingest"]["checkpoint"])

# --- two at once ------------------------------------------------------------------------------------
before = len(store_of(writer))
process = start("--batch", "--json", "-c", writer.config, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
process.stdout.readline()
process.stdout.readline()
other = writer.once()
check("beside another process it has a store of its own, and all the figures",
      not writer.differences(other) and len(store_of(writer)) == before + 1 and
      not other["ingest"]["checkpoint"]["resumed"], f"{store_of(writer)}\n{writer.differences(other)}")
end(process)

# --- halves of exchanges ------------------------------------------------------------------------------
events = Writer(folder / "events")
events.config.write_text("version: 1\nservices:\n  - {name: eu, log: events.jsonl, model: m, format: cloudevents}\n")


def event(kind, number, data):
    return json.dumps({"specversion": "1.0", "id": f"e{number}", "source": "kserve", "inferenceservicename": "fraud",
                       "type": f"org.kubeflow.serving.inference.{kind}", "time": "2026-01-28T10:00:00Z",
                       "data": data}) + "\n"


with events.open("events") as log:
    log.write("".join(event("request", i, {"instances": [[i, 2.5]]}) for i in range(50)))
halves = events.once()
with events.open("events") as log:
    log.write("".join(event("response", i, {"predictions": [0.25]}) for i in range(50)))
whole = events.once()["ingest"]
check("requests that were read before a restart meet their responses after it",
      sum(source["accepted"] for source in whole["sources"]) == 50 and whole["checkpoint"]["resumed"] and
      halves["ingest"]["sources"][0]["accepted"] == 0, whole)

# --- broken, changed, written anew --------------------------------------------------------------------
for store in store_of(writer):
    size = (store / "store.db").stat().st_size
    with open(store / "store.db", "r+b") as file:
        file.seek(size // 2)
        file.write(bytes(range(256)) * 8)
frame = writer.once()
reason = frame["ingest"]["checkpoint"]["reason"] or ""
check("a broken store is put aside, all is read anew, and it is said",
      "put aside" in reason and any(event["kind"] == "checkpoint" for event in frame["events"]) and
      not writer.differences(frame) and any(path.name.startswith("store.db.aside")
                                            for store in store_of(writer) for path in store.iterdir()),
      f"{frame['ingest']['checkpoint']}\n{writer.differences(frame)}")
writer.config.write_text(writer.config.read_text() + "windows: {comparison: 30m}\n")
frame = writer.once()
check("another window: all is read anew, and it is said", not frame["ingest"]["checkpoint"]["resumed"] and
      "read anew: the configuration" in str(frame["ingest"]["checkpoint"]["reason"]) and not writer.differences(frame),
      f"{frame['ingest']['checkpoint']}\n{writer.differences(frame)}")
kept = writer.once()["ingest"]["checkpoint"]
check("and kept from then on", kept["resumed"] and kept["reason"] is None, kept)
for name in ("eu", "us", "labels"):
    (writer.where / f"{name}.jsonl").write_text("")
writer.number, writer.joined, writer.counts, writer.waiting = 0, 0, {}, []
writer.write(700)
frame = writer.once()
check("logs written anew from their beginning are counted alone, and it is said",
      "written anew" in (frame["ingest"]["checkpoint"]["reason"] or "") and not writer.differences(frame),
      f"{frame['ingest']['checkpoint']}\n{writer.differences(frame)}")
full = Writer(folder / "full")
full.write(3000)
unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
process = start("-c", full.config, "--batch", "--json", "--delay", "0.25", stdout=subprocess.PIPE,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, resource.RLIM_INFINITY)))


def frame_of(wanted):
    """The first of the next frames whose checkpoint is as wanted, or the last."""
    until = time.monotonic() + LONG
    while True:
        full.write(10)
        frame = json.loads(process.stdout.readline())
        if wanted(frame["ingest"]["checkpoint"]) or time.monotonic() > until:
            return frame


frame = frame_of(lambda checkpoint: checkpoint["reason"])
reason = frame["ingest"]["checkpoint"]["reason"] or ""
check("no room for a checkpoint: it is said, and reading goes on",
      "no checkpoint can be written: " in reason and frame["ingest"]["lines"] >= 3000, frame["ingest"]["checkpoint"])
resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)
frame = frame_of(lambda checkpoint: checkpoint["made_at"] and not checkpoint["reason"])
check("room again: checkpoints are written again, and that is said too",
      frame["ingest"]["checkpoint"]["made_at"] and not frame["ingest"]["checkpoint"]["reason"] and
      any(event["text"] == "checkpoints are written again" for event in frame["events"]), frame["ingest"]["checkpoint"])
end(process)
frame = full.once()
check("and the next run goes on from there", frame["ingest"]["checkpoint"]["resumed"] and not full.differences(frame),
      f"{frame['ingest']['checkpoint']}\n{full.differences(frame)}")
config = writer.config.read_text().replace("checkpoint: 100ms", "checkpoint: 0s")
writer.config.write_text(config)
frame = writer.once()
check("0s keeps none and uses none", not frame["ingest"]["checkpoint"]["kept"] and
      not frame["ingest"]["checkpoint"]["resumed"] and not writer.differences(frame), frame["ingest"]["checkpoint"])
done()
