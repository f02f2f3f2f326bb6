"""tap.py: what the end-to-end scripts share: TAP lines, the data folder, running fraudtop."""
import atexit
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

FRAUDTOP = os.environ.get("FRAUDTOP", "build/fraudtop")
DATA = Path("../shared/data")
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


def environment(folder, wanted, aside=()):
    """The python of an environment of the build folder that has what is wanted from PyPI, made the first time; `aside`
    are (folder in it, requirement) that cannot stand beside the others. None, and why, where it cannot be made."""
    python, stamp = folder / "bin/python", folder / "installed"
    text = "\n".join([*wanted, *(requirement for _, requirement in aside)])
    if stamp.exists() and stamp.read_text() == text:
        return python, ""
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [[sys.executable, "-m", "venv", folder], [*pip, *wanted],
             *([*pip, "--no-deps", "--upgrade", "--target", folder / name, requirement] for name, requirement in aside)]
    try:
        for step in steps:
            subprocess.run(step, check=True, capture_output=True, text=True, timeout=900)
    except (OSError, subprocess.SubprocessError) as error:
        words = (getattr(error, "stderr", "") or getattr(error, "stdout", "") or str(error)).strip().splitlines()
        return None, words[-1] if words else "no reason given"
    stamp.write_text(text)
    return python, ""


def done():
    sys.exit(1 if failures else 0)


def run(*arguments, **options):
    return subprocess.run([FRAUDTOP, *map(str, arguments)], capture_output=True, text=True,
                          timeout=options.pop("timeout", 300), **options)


def start(*arguments, **options):
    """Starts fraudtop; whatever becomes of the script, the process does not outlive it."""
    process = subprocess.Popen([FRAUDTOP, *map(str, arguments)], text=True, **options)
    started.append(process)
    return process


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


def call(url, body=None, timeout=30):
    """GET, or POST of JSON; returns (status, answer)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def wait_for(condition, seconds=30, every=0.1):
    """The first true value of condition() within the time, else None."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(every)
    return None


def end(process, seconds=20):
    """Ends a process we started, by its id."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()
    return process.returncode
