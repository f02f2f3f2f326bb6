#!/usr/bin/env python3
"""memory.py: logs made to take memory (a name of its own in each record, very many features, very long words and lines,
deep nesting, a line without an end, hundreds of versions in a week): anonymous memory stays within what is configured
and a fixed rest, every line is counted, and what there was no room for is said."""
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from tap import LONG, check, done  # noqa: E402

FRAUDTOP = Path(os.environ.get("BUILD", "build")) / "fraudtop"  # as users have it: sanitizers take memory of their own
WINDOWS, JOIN = 16, 4  # MiB, as configured
REST = 40  # MiB: program, workers' stretches, lines shown, pictures being made
START = datetime(2026, 1, 28, 14)
rng = random.Random(5)


def record(second, **changed):
    fields = {"ts": (START + timedelta(seconds=second)).isoformat() + "Z", "request_id": f"{rng.getrandbits(64):x}",
              "service": "s", "model": "m", "version": "1", "latency_ms": round(rng.lognormvariate(3, 1), 2),
              "status": 200, "score": round(rng.random(), 4), "threshold": 0.5,
              "features": {f"f{j}": round(rng.gauss(0, 1), 3) for j in range(12)}}
    fields.update(changed)
    return json.dumps(fields) + "\n"


def name():
    return f"{rng.getrandbits(60):x}"


def evenly(count, seconds, make):
    return (record(i * seconds / count, **make(i)) for i in range(count))


LOGS = {  # what: lines, are they refused, must something be counted as `other`
    "a version and a service of its own in each record": (
        lambda: evenly(15000, 3600, lambda i: {"version": name(), "service": name()}), False, True),
    "a model of its own in each record": (lambda: evenly(15000, 3600, lambda i: {"model": name()}), False, True),
    "255 versions in a week": (
        lambda: evenly(40000, 604800, lambda i: {"version": str(i % 255)}), False, True),
    "400 features of 40 models": (
        lambda: evenly(1500, 3600, lambda i: {"model": f"m{i % 40}", "features": {
            f"f{j}": j for j in range(400)}}), False, None),
    "features of new names": (
        lambda: evenly(2000, 3600, lambda i: {"features": {name(): 1 for _ in range(200)}}), False, None),
    "words of their own in 40 features": (
        lambda: evenly(4000, 3600, lambda i: {"model": f"m{i % 20}", "features": {
            f"f{j}": name() * 15 for j in range(40)}}), False, None),
    "100,000 features": (lambda: evenly(10, 60, lambda i: {"features": {f"f{j}": j for j in range(100000)}}), True, None),
    "lines of 10 MB": (lambda: evenly(3, 60, lambda i: {"segment": "x" * 10000000}), True, None),
    "500,000 brackets": (lambda: ('{"a":' + "[" * 500000 + "]" * 500000 + "}\n" for _ in range(20)), True, None),
    "a line without an end": (lambda: ("x" * 1000000 for _ in range(60)), None, None),
}


def watch(process, most):
    """The most that RssAnon was, in MiB."""
    path = f"/proc/{process.pid}/status"
    while process.poll() is None:
        try:
            with open(path) as status:
                for line in status:
                    if line.startswith("RssAnon"):
                        most[0] = max(most[0], int(line.split()[1]) / 1024)
        except (OSError, ValueError):
            pass
        try:
            process.wait(0.01)
        except subprocess.TimeoutExpired:
            pass


def run(folder, lines):
    log = folder / "log.jsonl"
    count = 0
    with open(log, "w") as file:
        for line in lines:
            file.write(line)
            count += line.endswith("\n")
    config = folder / "config.yaml"
    config.write_text(f"version: 1\nservices: [{{name: s, log: {log}}}]\n"
                      f"memory: {{windows: {WINDOWS}, join_memory: {JOIN}}}\ningest: {{checkpoint: 0s}}\n")
    most = [0]
    environment = dict(os.environ, XDG_STATE_HOME=str(folder / "state"))
    with open(folder / "out.json", "w") as out:
        process = subprocess.Popen([FRAUDTOP, "-c", str(config), "--json", "--once"], stdout=out,
                                   stderr=subprocess.PIPE, env=environment)
        watcher = threading.Thread(target=watch, args=(process, most))
        watcher.start()
        try:
            errors = process.communicate(timeout=LONG)[1].decode()
        except subprocess.TimeoutExpired:
            process.kill()
            errors = "it did not end"
        watcher.join()
    text = (folder / "out.json").read_text()
    return count, most[0], errors, json.loads(text) if text.startswith("{") else None


for what, (make, refused, other) in LOGS.items():
    with tempfile.TemporaryDirectory(prefix="fraudtop-memory-") as folder:
        count, most, errors, said = run(Path(folder), make())
        check(f"{what}: memory within its bound", 0 < most < WINDOWS + JOIN + REST, f"{most:.0f} MiB {errors}")
        if not check(f"{what}: it is read", said is not None, errors):
            continue
        ingest = said["ingest"]
        windows = ingest["windows"]
        print(f"# {most:.0f} MiB; {windows}")
        if refused is not None:
            check(f"{what}: every line is counted",
                  ingest["lines"] == count and ingest["rejected"] == (count if refused else 0), ingest)
        if other:
            check(f"{what}: what is counted as other is said", windows["as_other"] > 0, windows)
done()
