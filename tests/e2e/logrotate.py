#!/usr/bin/env python3
"""A log that Debian's logrotate turns, in each of its usual ways, under a reader that is killed with SIGKILL and
started again: of what was written each prediction is counted once, whatever had become of its file. The writer stands
still while logrotate copies and truncates: what is written between the two is nobody's. Speaks TAP. FRAUDTOP_SEED
chooses other moments."""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from tap import FRAUDTOP, check, done, run  # noqa: E402

MODES = {
    "create": ("create", "eu.jsonl"),
    "compress": ("create\ncompress", "eu*"),
    "copytruncate": ("copytruncate", "eu*"),
    "copytruncate, compress": ("copytruncate\ncompress", "eu*"),
    "copytruncate, delaycompress": ("copytruncate\ncompress\ndelaycompress", "eu*"),
}
TURNS, LINES = 5, 300
LOGROTATE = shutil.which("logrotate", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
chance = random.Random(int(os.environ.get("FRAUDTOP_SEED", "7")))
place = Path(tempfile.mkdtemp(prefix="fraudtop-logrotate-"))
os.environ.update(XDG_STATE_HOME=str(place / "state"), XDG_CONFIG_HOME=str(place / "none"))
os.environ.pop("FRAUDTOP_CONFIG", None)


class Turned:
    """A log, its labels and what turns it, in a folder of its own."""

    def __init__(self, name, words, what):
        self.folder, self.written, self.reader = place / name.replace(", ", "-"), 0, None
        self.folder.mkdir(mode=0o755)
        self.log, self.labels = self.folder / "eu.jsonl", self.folder / "labels.feed"
        self.labels.touch()
        (self.folder / "turn.conf").write_text(f"{self.log} {{\nrotate 50\nmissingok\nnotifempty\n{words}\n}}\n")
        (self.folder / "config.yaml").write_text(
            f"version: 1\nservices:\n  - {{name: eu, log: '{self.folder}/{what}', labels: {self.labels}}}\n"
            "ingest: {checkpoint: 100ms}\nscreen: {delay: 250ms}\n")

    def write(self, count):
        """The log is opened anew each time, as by a writer who is told of each turn."""
        text = "".join(json.dumps({
            "ts": time.time_ns() // 1000 / 1e6, "request_id": f"id{self.written + i}",
            "service": "eu", "model": "m", "version": "1", "latency_ms": 5.0, "status": 200,
            "score": chance.random(), "threshold": 0.5, "features": {"amount": 100 * chance.random()}}) + "\n"
            for i in range(count))
        # A line is seen half now and then, but enough of the file to know its copy by.
        cut = chance.randrange(128, len(text)) if chance.random() < 0.5 else 0
        for part in (text[:cut], text[cut:]):
            with open(self.log, "a", encoding="ascii") as file:
                file.write(part)
            time.sleep(chance.random() * 0.02)
        self.written += count

    def turn(self):
        subprocess.run([LOGROTATE, "-f", "-s", self.folder / "turn.state", self.folder / "turn.conf"], check=True)

    def begin(self):
        self.reader = subprocess.Popen(
            [FRAUDTOP, "-c", self.folder / "config.yaml", "--batch", "--json", "-d", "0.25"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        if self.reader is not None:
            self.reader.kill()
            self.reader.wait()
        self.reader = None

    def once(self):
        return json.loads(run("-c", str(self.folder / "config.yaml"), "--once", "--json", check=False).stdout)

    def give_labels(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.labels.write_text("".join(f'{{"ts":"{now}","request_id":"id{i}","label":{i % 2}}}\n'
                                       for i in range(self.written)))


def turn_and_kill(turned):
    turned.write(1)
    turned.once()  # what is there before the first turn is known to be the log
    for _ in range(TURNS):
        turned.begin()
        for _ in range(3):
            turned.write(chance.randrange(1, LINES))
            time.sleep(chance.random() * 0.15)
        if chance.random() < 0.5:
            turned.kill()
            turned.write(chance.randrange(1, LINES))
        turned.turn()
        turned.write(chance.randrange(1, LINES))
        turned.kill()
    turned.give_labels()


for name, (words, what) in MODES.items():
    log = Turned(name, words, what)
    try:
        turn_and_kill(log)
    finally:
        log.kill()
    ingest = log.once()["ingest"]
    found = {"accepted": sum(s["accepted"] for s in ingest["sources"] if s["kind"] == "log"),
             "joined": ingest["labels"]["joined"], "refused": sum(s["rejected"] for s in ingest["sources"]),
             "resumed": ingest["checkpoint"]["resumed"]}
    wanted = {"accepted": log.written, "joined": log.written, "refused": 0, "resumed": True}
    check(f"{name} of {what}: each of the lines is counted once", found == wanted,
          f"wanted {wanted}\nfound  {found}\n{ingest['checkpoint']}\n" + "\n".join(
              f"{s['path']}: {s.get('last_reason')}" for s in ingest["sources"]))
shutil.rmtree(place)
done()
