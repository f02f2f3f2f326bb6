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
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import LONG, Frames, check, done, run, start, wait_for  # noqa: E402


def environment(place):
    return dict(os.environ, XDG_RUNTIME_DIR=str(place), XDG_STATE_HOME=str(place / "state"))


def demo(place, *arguments):
    return start("demo", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                 env=environment(place))


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
    return wait_for(ready)


def ports(config):
    text = config.read_text()
    return dict(zip(re.findall(r"name: (fraud-\w+)", text), re.findall(r"127\.0\.0\.1:(\d+)", text)))


def health(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
            return json.load(answer)
    except OSError:
        return None


def gone(place):
    return not processes(place) and not folders(place)


def services(picture):
    return {service["name"]: service for service in picture["services"]}


def replays(picture):
    return {r["service"]: (r["progress"], r["other_version"], r.get("rows", 0)) for r in picture["replay"]}


def is_deployed(picture):
    """Three services answer, one with the bad version, and what the other version of each would say is there."""
    return ({n: (s["state"] != "DOWN", s["version"]) for n, s in services(picture).items()} == {
        "fraud-eu": (True, "12"), "fraud-us": (True, "12"), "fraud-apac": (True, "13")}
        and {n: r[:2] for n, r in replays(picture).items()} == {
            "fraud-eu": ("there", "13"), "fraud-us": ("there", "13"), "fraud-apac": ("there", "12")}
        and replays(picture)["fraud-eu"][2] > 4000)


def bad_deploy(place):
    process = demo(place, "--headless", "10m", "--speed", "10")
    config = config_of(place)
    check("the folder is private", config.parent.stat().st_mode & 0o777 == 0o700)
    db = sqlite3.connect(config.parent / "registry.db")

    def history():
        return db.execute("SELECT from_version, to_version, by, reason FROM alias_history WHERE alias = "
                          "'production-apac' ORDER BY seq DESC LIMIT 1").fetchone()
    check("the bad version is promoted by the deploy bot", wait_for(
        lambda: history() == ("12", "13", "deploy-bot", "new velocity features")), history())
    versions = db.execute("SELECT alias, version FROM alias ORDER BY alias").fetchall()
    check("the others stay where they were", versions == [
        ("production-apac", "13"), ("production-eu", "12"), ("production-us", "12")], versions)
    db.close()
    check("its service serves it", wait_for(
        lambda: (health(ports(config)["fraud-apac"]) or {}).get("version") == "13"))
    frames = Frames(config)
    picture = frames.until(is_deployed)
    if check("three services answer, and the other version of each is replayed out of the box", picture,
             (frames.newest.get("services"), replays(frames.newest or {"replay": []}))):
        check_picture(picture)
    frames.end()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONG)
    check("nothing is left behind", wait_for(lambda: gone(place)), (processes(place), folders(place)))


def check_picture(picture):
    told = {v["version"]: (v["trained_at"], v["metrics"].get("average_precision")) for v in picture["models"][0]["versions"]}
    check("the versions tell of their training", all(at and 0.5 < metric < 1 for at, metric in told.values()), told)
    check("no line of the history or the services is rejected",
          picture["ingest"]["rejected"] == 0 and picture["ingest"]["lines"] > 100000, picture["ingest"])
    worst = [d["worst_psi"]["value"] for d in picture["drift"] if d["version"] == "12"]
    check("calm payments do not drift against the reference", len(worst) == 3 and max(worst) < 0.05, worst)
    quality = [q for q in picture["quality"] if q["version"] == "12"]
    check("version 12 is as good as it was trained to be", len(quality) == 3 and all(
        q["precision"]["value"] > 0.8 and q["recall"]["value"] > 0.7 and q["mature"] for q in quality),
        [(q["precision"], q["recall"]) for q in quality])
    calm = next(r for r in picture["replay"] if r["service"] == "fraud-eu")
    check("nearly all of its window is scored and labelled", calm["scored"] == calm["rows"] > 4000 and
          calm["labelled"] > 0.7 * calm["rows"] and calm["whole"], calm)
    check("and the bad version is found out before it is live", calm["better"] == "logged" and
          calm["other"]["precision"] < calm["logged"]["precision"], calm["verdict"])
    check("with reasons by both", all(len(c[w]["reasons"]) > 0 for c in calm["changes"]
                                      for w in ("why_logged", "why_other")), calm["changes"])


def outage(place):
    process = demo(place, "--headless", "10m", "--scenario", "outage", "--speed", "10")
    config = config_of(place)
    port = ports(config)["fraud-us"]
    before = processes(place)["fraud-us"][0]
    check("the second service dies", wait_for(lambda: "fraud-us" not in processes(place), LONG, 0.02))
    check("and returns on its port", wait_for(lambda: health(port)))
    check("as another process", processes(place)["fraud-us"][0] != before)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONG)
    check("SIGINT ends all", process.returncode == 130 and wait_for(lambda: gone(place)),
          (process.returncode, processes(place)))


def killed(place):
    process = demo(place, "--headless", "10m", "--scenario", "calm")
    config_of(place)
    process.kill()
    process.communicate()
    check("kill -9 of the dashboard ends all", wait_for(lambda: gone(place)), (processes(place), folders(place)))

    process = demo(place, "--headless", "10m", "--scenario", "calm")
    config_of(place)
    stage = processes(place)["fraud-eu"][1]
    os.kill(stage, signal.SIGKILL)
    check("kill -9 of the stage ends its processes", wait_for(lambda: not processes(place)), processes(place))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=LONG)
    check("and the dashboard removes the folder", not folders(place), folders(place))

    process = demo(place, "--headless", "10m")
    wait_for(lambda: folders(place))
    process.kill()
    process.communicate()
    check("kill -9 while it is set up leaves nothing", wait_for(lambda: gone(place)), (processes(place), folders(place)))


def refused():
    answer = run("demo", "--scenario", "doom")
    check("an unknown scenario is refused with the list", answer.returncode == 64 and "bad-deploy" in answer.stderr,
          answer.stderr)


with tempfile.TemporaryDirectory() as name:
    for part in (bad_deploy, outage, killed):
        part(pathlib.Path(name))
refused()
done()
