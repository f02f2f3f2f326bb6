#!/usr/bin/env python3
"""What the program says of sources that are odd: services known by a URL alone, of other makes, that lie,
hang or break off; a log turned under its reader; data that cannot be judged. Speaks TAP. Needs $FRAUDTOP
(or build/fraudtop) and the standard library."""
import http.server
import json
import os
import pathlib
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import Frames, check, done, run, wait_for  # noqa: E402

folder = pathlib.Path(tempfile.mkdtemp(prefix="fraudtop-sources-"))
os.environ.update(XDG_STATE_HOME=str(folder / "state"), XDG_CONFIG_HOME=str(folder / "config"))
os.environ.pop("FRAUDTOP_CONFIG", None)
EVIL = "evil\x1b]52;c;AA\x07\u202e"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25)
asked = {}  # service -> moments


def exposition(seconds, latency, errors, restart=0):
    """Counters of 200 requests a second; every `restart` seconds they begin at 0."""
    n = int((seconds % restart if restart else seconds) * 200)
    lines = ["# TYPE api_requests_total counter", "# TYPE api_latency_seconds histogram"]
    for status, count in (("200", n - int(n * errors)), ("500", int(n * errors))):
        lines.append(f'api_requests_total{{endpoint="/predict",method="POST",status="{status}"}} {count}')
    for bound in BOUNDS:
        lines.append(f'api_latency_seconds_bucket{{endpoint="/predict",le="{bound}"}} {n * (bound >= latency)}')
    lines.append(f'api_latency_seconds_bucket{{endpoint="/predict",le="+Inf"}} {n}')
    lines.append(f'api_latency_seconds_count{{endpoint="/predict"}} {n}')
    lines.append(f'api_latency_seconds_sum{{endpoint="/predict"}} {n * latency}')
    return "\n".join(lines) + "\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    began = time.monotonic()

    def log_message(self, *_):
        pass

    def answer(self, body, kind="application/json", status=200):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        name = self.server.name
        asked.setdefault(name, []).append(time.monotonic())
        if name == "hangs":
            time.sleep(600)
        elif name == "page":
            self.answer("<html>\x1b[31mInternal Server Error</html>", "text/html", 500)
        elif self.path == "/health":
            version = f"{EVIL}7" if name == "evil" else 3
            self.answer(json.dumps({"status": "healthy", "model_loaded": True, "model_version": version,
                                    "model": EVIL if name == "evil" else None}))
        elif name == "garbage":
            self.answer(bytes(range(256)) * 40, "text/plain")
        elif name == "bare":
            self.answer('{"detail":"Not Found"}', status=404)
        else:
            self.answer(exposition(time.monotonic() - self.began + 60, 0.2 if name == "slow" else 0.02,
                                   0.1 if name == "errors" else 0, 3 if name == "restarts" else 0),
                        "text/plain; version=0.0.4")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the other side gave up


def serve(name):
    server = Server(("127.0.0.1", 0), Handler)
    server.name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def resets():
    """A port whose connections are reset at once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            link, _ = listener.accept()
            asked.setdefault("resets", []).append(time.monotonic())
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.close()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def write_config(name, text):
    path = folder / name
    path.write_text("version: 1\n" + text)
    return path


# --- services known by a URL alone ------------------------------------------------------------------------
ports = {name: serve(name) for name in
         ("good", "slow", "errors", "restarts", "evil", "garbage", "bare", "hangs", "page")}
ports["resets"] = resets()
config = write_config("urls.yaml", "services:\n" + "".join(
    f"  - {{name: {name}, url: 'http://127.0.0.1:{port}'}}\n" for name, port in ports.items()))
alone = write_config("alone.yaml", f"services: [{{name: good, url: 'http://127.0.0.1:{ports['good']}'}}]\n")
odd, calm = Frames(config, every="1s"), Frames(alone, every="1s")


def frames_keep_coming():
    """As many as beside a service that is well, but for some: each of those that hang would hold one for 2 s."""
    return len(odd.all) > 10 and len(odd.all) >= len(calm.all) * 2 / 3


def services_of(frame):
    return {service["name"]: service for service in frame["services"]}


def check_services(name, wanted, *shown):
    """Waits for a frame whose services are as wanted; else shows those of the newest."""
    found = odd.until(lambda frame: wanted(services_of(frame)))
    check(name, found, [services_of(odd.newest).get(service) for service in shown])


check("frames keep coming while services hang, break off and lie", wait_for(frames_keep_coming),
      f"{len(odd.all)} frames, and {len(calm.all)} beside a service that is well")
calm.end()
check_services("a service of another make is read: its version is a number, its figures are those of /metrics",
               lambda last: last["good"]["state"] == "OK" and last["good"]["version"] == "3"
               and last["good"]["latency_source"] == "metrics" and abs((last["good"]["rps"]["value"] or 0) - 200) < 20
               and last["good"]["error_rate"]["value"] == 0 and 10 < last["good"]["p95_ms"]["value"] <= 25, "good")
check_services("its limits hold without a log, too",
               lambda last: last["slow"]["state"] == "SLOW" and last["slow"]["reason"].startswith("lately p95 ")
               and last["errors"]["state"] == "FAILING"
               and " % of the newest requests fail" in last["errors"]["reason"], "slow", "errors")
check_services("metrics that are none are refused with the reason, and nothing is made up",
               lambda last: last["garbage"]["reason"].startswith("no figures: line 1: ")
               and last["garbage"]["rps"]["value"] is None and "no /metrics (HTTP 404)" in last["bare"]["reason"]
               and last["bare"]["rps"]["value"] is None, "garbage", "bare")
check_services("what is down says why",
               lambda last: [last[name]["state"] for name in ("hangs", "page", "resets")] == ["DOWN"] * 3
               and last["hangs"]["reason"].startswith("no answer within 2 s")
               and last["page"]["reason"].startswith("HTTP 500 on /health")
               and last["resets"]["reason"].startswith("connection reset"), "hangs", "page", "resets")
check("and is asked ever more rarely", wait_for(lambda: all(
    len(asked[name]) < len(asked["good"]) * 0.7 for name in ("hangs", "page", "resets"))),
      {name: len(moments) for name, moments in asked.items()})


def rates_of(name):
    rates = [services_of(frame)[name]["rps"]["value"] for frame in odd.all]
    return [rate for rate in rates if rate is not None]


wait_for(lambda: len(rates_of("restarts")) > 10)
rates = rates_of("restarts")
jumps = [rate for rate in rates if rate >= 300]  # a moment's delay of one answer may do it, not each restart
check("a counter that begins anew is no negative rate, nor a jump",
      len(rates) > 10 and min(rates) >= 0 and len(jumps) <= len(rates) // 6, rates)
odd.end()
said = "".join(map(json.dumps, odd.all))


def plainly():
    """What is said once each service has been asked; on a busy machine that may be too late for one."""
    text = run("-c", config, "--plain", "--once").stdout
    return text if "no figures: line 1: " in text and "52;c;AA" in text else None


plain = wait_for(plainly) or ""
check("the reason for missing figures is also said in words", plain)
text = said.replace("\\n", "") + plain
check("no control character of theirs comes through", not set("\x1b\x07\u202e") & set(text)
      and "\\u001b" not in text and "\\u202e" not in text and "52;c;AA" in said, repr(text[-500:]))

# --- rows chosen without a screen -------------------------------------------------------------------------
named = [line.split(" ", 2)[1] for line in run("-c", config, "--plain", "--once", "-f", "^[rg]", "-s",
                                               "name").stdout.splitlines()]
check("--filter and --sort choose the sentences", named == ["garbage:", "good:", "resets:", "restarts:"], named)
text = run("-c", config, "--once", "-f", "!^[a-f]|^[h-z]").stdout
shown = text.split("─ good")[0]
check("and the rows of a frame of text", "▸ good" in shown and "  garbage" in shown
      and "  hangs" not in shown and "  errors" not in shown, text)
refusals = [run("-c", config, "--once", *options) for options in
            (("-f", "("), ("-s", "colour"), ("--json", "-f", "x"))]
check("what cannot be done with them is wrong usage", [refusal.returncode for refusal in refusals] == [64] * 3
      and "--filter" in refusals[0].stderr and "p99" in refusals[1].stderr, refusals)
result = run("-s", "help")
check("--sort help lists the columns", result.returncode == 0 and "p99" in result.stdout.split(), result)

# --- a log turned under its reader ------------------------------------------------------------------------
log, labels = folder / "eu.jsonl", folder / "labels.jsonl"
number = 0


def record(request_id=None, ahead=0.0):
    global number
    number += 1
    at = time.time() + ahead
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03d}Z"
    return json.dumps({"ts": stamp, "request_id": request_id or f"r{number}", "service": "eu", "model": "m",
                       "version": "1", "latency_ms": 5.0, "status": 200, "score": 0.75, "threshold": 0.5,
                       "decision": True, "features": {"amount": 1.0}}) + "\n"


def append(path, text):
    with path.open("a") as file:
        file.write(text)


now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
append(labels, json.dumps({"ts": now, "request_id": "early", "label": 1}) + "\n")
append(log, "".join(record() for _ in range(10)))
config = write_config("log.yaml", f"services: [{{name: eu, log: {log}, labels: {labels}}}]\n")
screen = Frames(config)


def accepted(frame):
    return sum(source["accepted"] for source in frame["ingest"]["sources"] if source["kind"] == "log")


def check_log(name, wanted):
    check(name, screen.until(wanted), screen.newest.get("ingest"))


check_log("a log is read from its beginning", lambda frame: accepted(frame) == 10)
half = record("half")
append(log, half[:60])
screen.more()
check("half a line waits for its other half", accepted(screen.newest) == 10, screen.newest.get("ingest"))
append(log, half[60:])
check_log("and is read with it", lambda frame: accepted(frame) == 11)
log.rename(folder / "eu.jsonl.1")
append(folder / "eu.jsonl.1", record())
append(log, "".join(record() for _ in range(5)))
check_log("renamed: the last lines of the old one and all of the new one are read", lambda frame: accepted(frame) == 17)
(folder / "eu.jsonl.2").write_text(log.read_text())
os.truncate(log, 0)
screen.more()
append(log, "".join(record() for _ in range(3)))
check_log("copied and truncated: the new lines are read, none twice", lambda frame: accepted(frame) == 20)
append(log, "not a record\n" + '{"ts":"2026-01-28T14:06:04Z"\n' + record(ahead=3600))
check_log("bad lines and times from the future are counted, with a reason",
          lambda frame: frame["ingest"]["rejected"] == 3 and accepted(frame) == 20
          and any(source["last_reason"] for source in frame["ingest"]["sources"]))
append(log, record("early"))
check_log("a label may come before its prediction", lambda frame: frame["ingest"]["labels"]["joined"] == 1)
check("SIGTERM ends it as a signal does", screen.end() in (0, 143, -15), screen.process.returncode)

# --- what cannot be judged, and what is asked wrongly -----------------------------------------------------
rows = folder / "rows.csv"
rows.write_text("amount,fraud\n" + "".join(f"{i},{int(i % 10 == 0)}\n" for i in range(100)))
report = json.loads(run("report", rows, "--label", "fraud", "--json").stdout)["quality"]
check("labels without scores or decisions: the labels are counted, the cells unknown",
      report["labelled"] == 100 and report["positives"] == 10 and report["maturity"] == 1
      and all(report[cell] is None for cell in ("tp", "fp", "tn", "fn", "precision")), report)
result = run("report", rows, "--threshold", "7", "--json")
check("a threshold outside 0 to 1 is wrong usage", result.returncode == 64 and "between 0 and 1" in
      result.stderr, result.stderr)
os.environ["FT_SECRET"] = "hunter2"
config = write_config("bad.yaml", "services: [{name: a, url: 'http://me:${FT_SECRET}@host', ulr: x}]\n")
result = run("-c", config, "--check-config")
check("a wrong configuration is told with its place and without its secrets", result.returncode == 78
      and f"{config}:2:27: " in result.stderr and "did you mean `url`?" in result.stderr
      and "hunter2" not in result.stderr + result.stdout, result.stderr)
config = write_config("theme.yaml", "screen: {theme: nowhere}\n")
result = run("-c", config, "--check-config")
check("--check-config also knows the themes", result.returncode == 78 and "nowhere" in result.stderr,
      result.stdout + result.stderr)
(folder / "piped.yaml").write_text("version: 1\nservices:\n  - {name: piped, log: '-'}\n")
writer = subprocess.Popen(
    [sys.executable, "-c", """
import sys, time
for i in range(4000):
    if i % 1000 == 999:
        sys.stdout.flush()
        time.sleep(0.3)
    print('{"ts":%d,"request_id":"p%d","score":0.5}' % (1769608800 + i, i))
"""], stdout=subprocess.PIPE)
frame = json.loads(run("-c", folder / "piped.yaml", "--once", "--json", stdin=writer.stdout).stdout)
writer.wait()
check("--once reads standard input to its end, however slowly it comes",
      [source["accepted"] for source in frame["ingest"]["sources"]] == [4000], frame["ingest"])
result = run("-c", folder / "piped.yaml", "--once", "--json", preexec_fn=lambda: os.close(0))
check("a standard input that is closed is an empty one", result.returncode == 0
      and [source["finished"] for source in json.loads(result.stdout)["ingest"]["sources"]] == [True], result.stderr)
done()
