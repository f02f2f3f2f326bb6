"""tap.py: what the end-to-end scripts share: TAP lines, the data folder, running fraudtop, waiting for what must come.
A wait is for a condition and as long as no working machine needs; how fast something is has its own measures."""
import atexit
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

FRAUDTOP = os.environ.get("FRAUDTOP", "build/fraudtop")
DATA = Path("../shared/data")
LONG = 180  # seconds: more than a slow, loaded machine needs for anything here
failures = 0
started = []


def check(name, good, detail=""):
    """One TAP line."""
    global failures
    failures += not good
    print(f"{'ok' if good else 'not ok'} - {name}", flush=True)
    if not good and detail != "":
        for line in str(detail).splitlines()[:40]:
            print(f"#   {line}")
    return good


def need(path):
    """Ends the script, loudly, where test data is absent."""
    if not path.exists():
        print(f"ok - everything here # SKIP {path} is not there")
        sys.exit(0)


PEERS = ["scipy", "scikit-learn", "pandas<3", "evidently==0.7.23", "nannyml==0.13.1", "river==0.26.1"]


def peers():
    """The python of the environment that the programs we compare ourselves with stand in."""
    return environment(Path(os.environ.get("BUILD", "build")) / "peers", PEERS)


def environment(folder, wanted, aside=()):
    """The python of an environment of the build folder that has what is wanted from PyPI, made the first time; `aside`
    are (folder in it, requirement) that cannot stand beside the others. None, and why, where it cannot be made. Who
    else wants it meanwhile waits."""
    text = "\n".join([*wanted, *(requirement for _, requirement in aside)])
    python, stamp, failed = folder / "bin/python", folder / "installed", folder / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == text:
            return python, ""
        if failed.exists() and time.time() - failed.stat().st_mtime < 900:  # by another script of this run
            return None, failed.read_text()
        why = install(python, folder, wanted, aside)
        (failed if why else stamp).write_text(why or text)
    return (None if why else python), why


def install(python, folder, wanted, aside):
    """Why it could not be done; "" if it was. What one that was broken off left is no ground to build on, and a
    registry may fail for a moment."""
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [[sys.executable, "-m", "venv", folder], [*pip, *wanted],
             *([*pip, "--no-deps", "--upgrade", "--target", folder / name, requirement] for name, requirement in aside)]
    shutil.rmtree(folder)
    folder.mkdir()
    for pause in (10, 60, None):
        try:
            while steps:
                subprocess.run(steps[0], check=True, capture_output=True, text=True, timeout=900)
                del steps[0]
            return ""
        except (OSError, subprocess.SubprocessError) as error:
            words = str(getattr(error, "stderr", "") or getattr(error, "stdout", "") or error).strip().splitlines()
        if pause:
            print(f"# {folder} cannot be filled: {words[-1] if words else 'no reason given'}; again in {pause} s",
                  flush=True)
            time.sleep(pause)
    return words[-1] if words else "no reason given"


def done():
    sys.exit(1 if failures else 0)


def run(*arguments, **options):
    return subprocess.run([FRAUDTOP, *map(str, arguments)], capture_output=True, text=True,
                          timeout=options.pop("timeout", 600), **options)


def start(*arguments, **options):
    """Starts fraudtop; whatever becomes of the script, the process does not outlive it."""
    process = subprocess.Popen([FRAUDTOP, *map(str, arguments)], text=True, **options)
    started.append(process)
    return process


signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@atexit.register
def end_started():
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def start_service(*arguments):
    """Starts `fraudtop serve --port 0`; returns the process and its base URL."""
    process = start("serve", "--port", "0", *arguments, stdout=subprocess.PIPE)
    line = process.stdout.readline()
    words = [word.strip(",") for word in line.split() if word.startswith("http://")]
    if not words:
        raise RuntimeError(f"serve said: {line!r}")
    return process, words[0]


def call(url, body=None, timeout=LONG):
    """GET, or POST of JSON; returns (status, answer)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def wait_for(condition, seconds=LONG, every=0.05):
    """The first true value of condition() within the time, else None."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every)
    return None


class Frames:
    """A dashboard without a screen on a configuration, and the frames that it prints. Until the first that is `wanted`
    alone, where that is given: the newest is kept, and the dashboard ends."""

    def __init__(self, config, *arguments, every="250ms", wanted=None):
        self.all, self.wanted, self.found = [], wanted, None
        self.process = start("-c", config, "--json", "-b", "-d", every, *arguments, stdout=subprocess.PIPE)
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        for line in self.process.stdout:
            if self.found:
                continue  # it has been told to end, and must not be left writing
            self.all.append(json.loads(line))
            if self.wanted is None:
                continue
            del self.all[:-1]
            if self.wanted(self.all[0]):
                self.found = self.all[0]
                self.process.terminate()

    @property
    def newest(self):
        return self.all[-1] if self.all else {}

    def until(self, wanted, seconds=LONG):
        """The first of the newest frame and those to come of which `wanted` is true, else None."""
        at, until = max(len(self.all) - 1, 0), time.monotonic() + seconds
        while time.monotonic() < until and (self.thread.is_alive() or at < len(self.all)):
            if at == len(self.all):
                time.sleep(0.02)
            elif wanted(self.all[at]):
                return self.all[at]
            else:
                at += 1
        return None

    def more(self, count=3):
        """Waits for so many frames: the program has looked around since."""
        wanted = len(self.all) + count
        return wait_for(lambda: len(self.all) >= wanted)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.thread.join(LONG)  # the last line is read whole before the pipe is closed
        return end(self.process)


def end(process, seconds=LONG):
    """Ends a process we started, by its id; what it still writes is read, that it need not wait."""
    if process.poll() is None:
        process.terminate()
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()
    return process.returncode
