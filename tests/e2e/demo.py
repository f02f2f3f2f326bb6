#!/usr/bin/env python3
"""The demo's stage as processes: what it sets up, what its scenarios do, and that nothing outlives it.
Speaks TAP. Needs $FRAUDTOP (or build/fraudtop), /proc and the standard library."""
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
FRAUDTOP = os.environ.get("FRAUDTOP", str(ROOT / "build/fraudtop"))
count = 0
failed = False


def check(name, good, why=""):
    global count, failed
    count += 1
    failed |= not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good:
        print(f"# {why}", flush=True)


def wait_for(what, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return None


def environment(place):
    return dict(os.environ, XDG_RUNTIME_DIR=str(place), XDG_STATE_HOME=str(place / "state"))


def demo(place, *arguments):
    return subprocess.Popen([FRAUDTOP, "demo", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, text=True, env=environment(place))


def folders(place):
    return list(place.glob("fraudtop-demo.*"))


def processes(place):
    """Processes of the stage: their command line names a file in its folder."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if any(w.startswith(f"{place}/fraudtop-demo.") for w in words):
                service = words[words.index("--service") + 1] if "--service" in words else words[1]
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                found[service] = (int(entry.name), parent)
        except (OSError, IndexError):
            pass
    return found


def config_of(place):
    """The configuration, once it and all four processes are there."""
    def ready():
        files = [f / "config.yaml" for f in folders(place)]
        return len(processes(place)) == 4 and files and files[0].exists() and files[0]
    return wait_for(ready, 40)


def ports(config):
    text = config.read_text()
    return dict(zip(re.findall(r"name: (fraud-\w+)", text), re.findall(r"127\.0\.0\.1:(\d+)", text)))


def health(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return json.load(answer)
    except OSError:
        return None


def gone(place):
    return not processes(place) and not folders(place)


def bad_deploy(place):
    run = demo(place, "--headless", "9", "--speed", "10")
    config = config_of(place)
    check("the folder is private", config.parent.stat().st_mode & 0o777 == 0o700)
    db = sqlite3.connect(config.parent / "registry.db")

    def history():
        return db.execute("SELECT from_version, to_version, by, reason FROM alias_history WHERE alias = "
                          "'production-apac' ORDER BY seq DESC LIMIT 1").fetchone()
    check("the bad version is promoted by the deploy bot", wait_for(
        lambda: history() == ("12", "13", "deploy-bot", "new velocity features"), 20), history())
    versions = db.execute("SELECT alias, version FROM alias ORDER BY alias").fetchall()
    check("the others stay where they were", versions == [
        ("production-apac", "13"), ("production-eu", "12"), ("production-us", "12")], versions)
    db.close()
    check("its service serves it within a second", wait_for(
        lambda: health(ports(config)["fraud-apac"])["version"] == "13", 1.5))
    out, errors = run.communicate(timeout=60)
    check("it ends by itself with code 0", run.returncode == 0, (run.returncode, errors))
    picture = json.loads(out)
    services = {s["name"]: s for s in picture["services"]}
    told = {v["version"]: (v["trained_at"], v["metrics"].get("average_precision")) for v in picture["models"][0]["versions"]}
    check("the versions tell of their training", all(at and 0.5 < metric < 1 for at, metric in told.values()), told)
    check("headless prints one object of the schema", picture["schema"] == "fraudtop/1")
    check("three services answer", {n: (s["state"], s["version"]) for n, s in services.items()} == {
        "fraud-eu": ("OK", "12"), "fraud-us": ("OK", "12"), "fraud-apac": ("OK", "13")}, services)
    check("no line of the history or the services is rejected",
          picture["ingest"]["rejected"] == 0 and picture["ingest"]["lines"] > 100000, picture["ingest"])
    worst = [d["worst_psi"]["value"] for d in picture["drift"] if d["version"] == "12"]
    check("calm payments do not drift against the reference", len(worst) == 3 and max(worst) < 0.05, worst)
    quality = [q for q in picture["quality"] if q["version"] == "12"]
    check("version 12 is as good as it was trained to be", len(quality) == 3 and all(
        q["precision"]["value"] > 0.8 and q["recall"]["value"] > 0.7 and q["mature"] for q in quality),
        [(q["precision"], q["recall"]) for q in quality])
    replays = {r["service"]: r for r in picture["replay"]}
    check("the other version is replayed out of the box", {n: (r["progress"], r["other_version"])
          for n, r in replays.items()} == {"fraud-eu": ("there", "13"), "fraud-us": ("there", "13"),
                                           "fraud-apac": ("there", "12")}, replays)
    calm = replays["fraud-eu"]
    check("nearly all of its window is scored and labelled", calm["scored"] == calm["rows"] > 4000 and
          calm["labelled"] > 0.7 * calm["rows"] and calm["whole"], calm)
    check("and the bad version is found out before it is live", calm["better"] == "logged" and
          calm["other"]["precision"] < calm["logged"]["precision"], calm["verdict"])
    check("with reasons by both", all(len(c[w]["reasons"]) > 0 for c in calm["changes"]
                                      for w in ("why_logged", "why_other")), calm["changes"])
    check("nothing is left behind", wait_for(lambda: gone(place), 3), (processes(place), folders(place)))


def outage(place):
    run = demo(place, "--headless", "60", "--scenario", "outage", "--speed", "10")
    config = config_of(place)
    port = ports(config)["fraud-us"]
    before = processes(place)["fraud-us"][0]
    check("the second service dies", wait_for(lambda: health(port) is None, 10))
    check("and returns on its port", wait_for(lambda: health(port), 15))
    check("as another process", processes(place)["fraud-us"][0] != before)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=30)
    check("SIGINT ends all", run.returncode == 130 and wait_for(lambda: gone(place), 3),
          (run.returncode, processes(place)))


def killed(place):
    run = demo(place, "--headless", "60", "--scenario", "calm")
    config_of(place)
    run.kill()
    run.communicate()
    check("kill -9 of the dashboard ends all", wait_for(lambda: gone(place), 10),
          (processes(place), folders(place)))

    run = demo(place, "--headless", "60", "--scenario", "calm")
    config_of(place)
    stage = processes(place)["fraud-eu"][1]
    os.kill(stage, signal.SIGKILL)
    check("kill -9 of the stage ends its processes", wait_for(lambda: not processes(place), 10),
          processes(place))
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=30)
    check("and the dashboard removes the folder", not folders(place), folders(place))

    run = demo(place, "--headless", "60")
    wait_for(lambda: folders(place), 20)
    run.kill()
    run.communicate()
    check("kill -9 while it is set up leaves nothing", wait_for(lambda: gone(place), 30),
          (processes(place), folders(place)))


def refused():
    run = subprocess.run([FRAUDTOP, "demo", "--scenario", "doom"], capture_output=True, text=True)
    check("an unknown scenario is refused with the list", run.returncode == 64 and
          "bad-deploy" in run.stderr, run.stderr)


def main():
    with tempfile.TemporaryDirectory() as name:
        for part in (bad_deploy, outage, killed):
            part(pathlib.Path(name))
    refused()
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
