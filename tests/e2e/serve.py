#!/usr/bin/env python3
"""The embedded scoring service as a process: endpoints, hostile bodies, an alias that moves under load,
SIGTERM, SIGHUP, SIGKILL. Speaks TAP. Needs $FRAUDTOP (or build/fraudtop) and the standard library."""
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import FRAUDTOP, LONG, check, done, run, wait_for  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "core/service/models"
MODEL = str(MODELS / "fraud_classifier_12.json")
FEATURES = {"amount": 120.5, "merchant_category": "grocery", "hour_of_day": 14, "distance_from_home": 3.2,
            "transactions_24h": 5, "amount_vs_mean_30d": 1.5, "seconds_since_last": 900, "card_present": 1,
            "is_foreign": 0, "device_age_days": None, "failed_pins_24h": 0, "merchant_risk": 0.1}


class Service:
    def __init__(self, *arguments, **options):
        self.process = subprocess.Popen([FRAUDTOP, "serve", *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, **options)
        self.line = self.process.stdout.readline().strip()
        self.port = int(self.line.split("http://")[1].split(",")[0].rsplit(":", 1)[1]) if self.line else 0

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONG)

    def ask(self, method, path, body=None, headers=None, connection=None):
        link = connection or self.connect()
        link.request(method, path, body if isinstance(body, (str, bytes, type(None))) else json.dumps(body),
                     headers or {})
        answer = link.getresponse()
        text = answer.read()
        if not connection:
            link.close()
        return answer.status, text, answer

    def json(self, method, path, body=None):
        status, text, _ = self.ask(method, path, body)
        return status, json.loads(text)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=LONG)
        self.process.stdout.close()
        self.errors = self.process.stderr.read()
        self.process.stderr.close()
        return code


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def endpoints(folder):
    log = folder / "log.jsonl"
    service = Service("--model", MODEL, "--service", "fraud-eu", "--model-name", "fraud_classifier",
                      "--log", str(log))
    check("one line says where it listens and what it serves",
          service.line == f"fraudtop serve: fraud-eu on http://127.0.0.1:{service.port}, "
                          "model fraud_classifier 12", service.line)
    status, body = service.json("GET", "/")
    check("GET / names the model and its inputs", status == 200 and body["model"] == "fraud_classifier"
          and [f["name"] for f in body["features"]] == list(FEATURES), body)
    status, body = service.json("GET", "/health")
    check("GET /health", status == 200 and body["status"] == "ok" and body["model_loaded"] is True
          and body["version"] == "12" and body["service"] == "fraud-eu", body)

    request = {"request_id": "r1", "ts": "2026-01-28T14:06:04.123Z", "segment": "retail",
               "features": FEATURES}
    status, nested = service.json("POST", "/predict", request)
    check("POST /predict", status == 200 and nested["request_id"] == "r1"
          and nested["is_fraud"] is (nested["fraud_probability"] >= nested["threshold"])
          and nested["confidence"] == max(nested["fraud_probability"], 1 - nested["fraud_probability"])
          and set(nested) == {"request_id", "is_fraud", "fraud_probability", "confidence", "model",
                              "version", "threshold"}, nested)
    status, flat = service.json("POST", "/predict", FEATURES)
    check("a flat body scores the same", flat["fraud_probability"] == nested["fraud_probability"], flat)
    check("a request without an id gets one", len(flat["request_id"]) == 36, flat)
    line = lines_of(log)[0]
    check("the log line has the contract's fields", all(line[k] == v for k, v in {
        "ts": "2026-01-28T14:06:04.123Z", "request_id": "r1", "service": "fraud-eu",
        "model": "fraud_classifier", "version": "12", "status": 200, "segment": "retail",
        "score": nested["fraud_probability"], "threshold": nested["threshold"],
        "decision": nested["is_fraud"], "features": FEATURES}.items()) and line["latency_ms"] > 0, line)

    status, body = service.json("POST", "/predict/batch", {"transactions": [FEATURES, {"amount": 1}]})
    check("POST /predict/batch answers row by row", status == 200 and body["errors"] == 1
          and body["predictions"][0]["fraud_probability"] == nested["fraud_probability"]
          and body["predictions"][1]["detail"][0]["loc"][:3] == ["body", "transactions", 1], body)

    bad = dict(FEATURES, amount="much")
    status, body = service.json("POST", "/predict", {"features": bad})
    check("a wrong type is 422 with field and rule", status == 422 and body["detail"][0]["loc"] ==
          ["body", "features", "amount"] and body["detail"][0]["type"] == "float_type", body)
    missing = {k: v for k, v in FEATURES.items() if k != "hour_of_day"}
    status, body = service.json("POST", "/predict", missing)
    check("a missing field is 422 by its name", status == 422 and
          body["detail"] == [{"loc": ["body", "hour_of_day"], "type": "missing",
                              "msg": body["detail"][0]["msg"]}], body)

    status, _, answer = service.ask("GET", "/predict")
    check("405 says what is allowed", status == 405 and answer.getheader("Allow") == "POST", status)
    status, _, answer = service.ask("DELETE", "/health")
    check("405 on a page too", status == 405 and answer.getheader("Allow") == "GET, HEAD", status)
    check("404 elsewhere", service.json("GET", "/nothing")[0] == 404)
    status, text, _ = service.ask("HEAD", "/health")
    check("HEAD has no body", status == 200 and text == b"", text)

    service.json("POST", "/predict", dict(FEATURES, merchant_category="moon"))
    _, text, answer = service.ask("GET", "/metrics")
    text = text.decode()
    check("GET /metrics is Prometheus text", answer.getheader("Content-Type").startswith(
        "text/plain; version=0.0.4"), answer.getheader("Content-Type"))
    wanted = ['api_requests_total{endpoint="/predict",method="POST",status="200"} 3',
              'api_requests_total{endpoint="/predict",method="POST",status="422"} 2',
              'api_requests_total{endpoint="/predict",method="GET",status="405"} 1',
              'api_requests_total{endpoint="other",method="GET",status="404"} 1',
              'api_latency_seconds_count{endpoint="/predict"} 6',
              'api_latency_seconds_bucket{endpoint="/predict",le="+Inf"} 6',
              'fraud_predictions_total{model="fraud_classifier",version="12",decision="legit"} 4',
              'fraudtop_unknown_categories_total{feature="merchant_category"} 1',
              'fraudtop_log_lines_total 4']
    lines = text.splitlines()
    check("the counters count", all(w in lines for w in wanted),
          [w for w in wanted if w not in lines])
    hostile(service, log)
    check("SIGTERM ends it well", service.end() == 0, service.process.returncode)


def raw(service, data, wait=True):
    with socket.create_connection(("127.0.0.1", service.port), timeout=LONG) as link:
        try:
            link.sendall(data)
            return link.recv(65536) if wait else b""
        except (ConnectionError, TimeoutError) as error:
            return str(error).encode()


def hostile(service, log):
    bodies = [b"", b"{", b"[]", b"null", b"\x00\xff\xfe", b"{\"features\":" * 5000, b"[" * 100000,
              b'{"amount":' + b"9" * 5000 + b"}", b'{"features":{"amount":1e999}}',
              b'{"request_id":{"a":1}}', b'{"transactions":"x"}', "{\"a\\u0000b\":1}".encode()]
    statuses = [service.ask("POST", path, body)[0] for body in bodies
                for path in ("/predict", "/predict/batch")]
    check("hostile bodies are all 422", set(statuses) == {422}, statuses)
    status = service.ask("POST", "/predict", b"x" * (1024 * 1024 + 1))[0]
    check("a body over the limit is 413", status == 413, status)
    answer = raw(service, b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
    check("at once where it is far over", b" 413 " in answer.split(b"\r\n")[0], answer[:200])
    status = service.ask("POST", "/health", b"x" * 3000000)[0]
    check("a large body where none belongs is read, and answered", status == 405, status)
    chunks = b"".join(b"10000\r\n" + b"y" * 65536 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
    answer = raw(service, b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    check("also when its length was not told", b" 413 " in answer.split(b"\r\n")[0], answer[:200])
    raw(service, b"\x16\x03\x01" + os.urandom(500), wait=False)
    raw(service, b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", wait=False)
    raw(service, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    evil = "e\x1b]52;c;AA\x07\u202e\n"
    status, _ = service.json("POST", "/predict", {"request_id": evil, "segment": evil,
                                                  "features": dict(FEATURES, **{evil: evil})})
    text = log.read_text()
    check("terminal controls do not reach the log", status == 200 and "\\u001b" not in text
          and "\x1b" not in text and "\u202e" not in text and len(lines_of(log)) == 5, text[-600:])
    check("it still answers", service.json("GET", "/health")[0] == 200)


def make_registry(folder, bad_hash=False):
    """The tables of DESIGN.md section 8, as another program would write them."""
    path = folder / "registry.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("""
        CREATE TABLE model_version(model TEXT, version TEXT, path TEXT, sha256 TEXT, threshold REAL,
            metadata TEXT, created_at TEXT, created_by TEXT, PRIMARY KEY(model, version));
        CREATE TABLE alias(model TEXT, alias TEXT, version TEXT, epoch INTEGER, changed_at TEXT,
            changed_by TEXT, reason TEXT, PRIMARY KEY(model, alias));
        CREATE TABLE alias_history(seq INTEGER PRIMARY KEY, model TEXT, alias TEXT, from_version TEXT,
            to_version TEXT, epoch INTEGER, at TEXT, by TEXT, reason TEXT);
        PRAGMA user_version = 1; PRAGMA journal_mode = WAL;""")
    now = "2026-01-28T14:06:04.123Z"
    for version, name in (("12", "12"), ("13", "13"), ("14", "12")):
        file = MODELS / f"fraud_classifier_{name}.json"
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if version == "14":
            digest = "0" * 64
        metadata = file.with_suffix(".metadata.json").read_text()
        db.execute("INSERT INTO model_version VALUES (?,?,?,?,?,?,?,?)",
                   ("fraud_classifier", version, str(file), digest, json.loads(metadata)["threshold"],
                    metadata, now, "test"))
    db.execute("INSERT INTO alias VALUES ('fraud_classifier','production-eu','12',1,?,'test','')", (now,))
    return path, db


def move(db, version):
    db.execute("UPDATE alias SET version = ?, epoch = epoch + 1", (version,))


def health_of(service):
    return service.json("GET", "/health")[1]


def wait_version(service, version):
    return wait_for(lambda: health_of(service)["version"] == version, every=0.02)


def loading_s():
    """How long another process takes to read the model, in these moments."""
    began = time.monotonic()
    run("inspect", MODEL)
    return time.monotonic() - began


def alias_moves(folder):
    path, db = make_registry(folder)
    log = folder / "alias.jsonl"
    service = Service("--registry", str(path), "--model-name", "fraud_classifier", "--alias",
                      "production-eu", "--service", "fraud-eu", "--log", str(log))
    check("it serves what the alias points at", service.line.endswith("model fraud_classifier 12"),
          service.line)
    stop = threading.Event()
    results, failures = [], []

    def load():
        link = service.connect()
        while not stop.is_set():
            try:
                asked = time.monotonic()
                status, text, _ = service.ask("POST", "/predict", FEATURES, connection=link)
                answer = json.loads(text)
                results.append((asked, status, answer["version"], answer["threshold"]))
            except Exception as error:
                failures.append(repr(error))
                link = service.connect()

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    late = []
    wait_for(lambda: len(results) > 100)
    for version in ("13", "12", "13", "12", "13"):
        move(db, version)
        moved = time.monotonic()
        slow = loading_s()  # half a second to look, and to read the file: a second, where the machine lets it
        wait_for(lambda: results[-1][2] == version and results[-1][0] > moved + 1 + 2 * slow)
        begin = len(results)
        wait_for(lambda: len(results) > begin + 100)
        late += [r for r in results if r[0] > moved + 1 + 2 * slow and r[2] != version]
    stop.set()
    for thread in threads:
        thread.join()
    bad = [r for r in results if r[1] != 200]
    check("no request failed while the alias moved under load", len(results) > 500 and not bad
          and not failures, (len(results), bad[:3], failures[:3]))
    check("every move was served within a second", not late, late[:3])
    pairs = {(r[2], r[3]) for r in results}
    thresholds = {v: json.loads((MODELS / f"fraud_classifier_{v}.metadata.json").read_text())["threshold"]
                  for v in ("12", "13")}
    check("each answer bears the version and the threshold that belong together",
          pairs == set(thresholds.items()), pairs)
    check("health tells version and epoch", health_of(service)["epoch"] == 6)

    move(db, "14")
    wait_for(lambda: health_of(service).get("refused_version") == "14")
    health = health_of(service)
    check("a file that is not the registered one is refused, the old version goes on",
          health["version"] == "13" and health["status"] == "degraded"
          and health["refused_version"] == "14" and "SHA-256" in health["reason"], health)
    check("and it still scores", service.json("POST", "/predict", FEATURES)[1].get("version") == "13")
    move(db, "99")
    wait_for(lambda: health_of(service).get("refused_version") == "99")
    health = health_of(service)
    check("a version that does not exist is refused", health["refused_version"] == "99", health)
    move(db, "12")
    check("the next good move is served", wait_version(service, "12"))
    check("and health is well again", health_of(service)["status"] == "ok")
    metrics = service.ask("GET", "/metrics")[1].decode()
    check("switches and refusals are counted", "fraudtop_model_switches_total 6\n" in metrics
          and "fraudtop_model_refusals_total 2\n" in metrics, metrics[-1500:])
    db.close()
    check("SIGINT ends it well", service.end(signal.SIGINT) == 0)
    check("every answered prediction is in the log", len(lines_of(log)) == len(results) + 1,
          (len(lines_of(log)), len(results)))


def is_taken(service, link):
    """Has the service read all that was sent by this connection?"""
    ends = f":{service.port:04X}", f":{link.sock.getsockname()[1]:04X}"
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(ends[0]) and words[2].endswith(ends[1]):
            return words[4].endswith(":00000000")
    return False


def signals(folder):
    log = folder / "signals.jsonl"
    service = Service("--model", MODEL, "--log", str(log), "--simulate-delay")
    link = service.connect()
    began = time.monotonic()
    link.request("POST", "/predict", json.dumps(FEATURES), {"X-Simulate-Delay-Ms": "700"})
    wait_for(lambda: is_taken(service, link))
    code, status = service.end(), link.getresponse().status
    check("SIGTERM finishes the request under way", code == 0 and status == 200
          and time.monotonic() - began >= 0.65, (code, status))
    check("its latency holds the simulated delay", lines_of(log)[0]["latency_ms"] >= 700, log.read_text())

    service = Service("--model", MODEL, "--log", str(log))
    began = time.monotonic()
    service.ask("POST", "/predict", FEATURES, {"X-Simulate-Delay-Ms": "30000"})
    check("without --simulate-delay the header means nothing", time.monotonic() - began < 25)
    moved = folder / "moved.jsonl"
    log.rename(moved)
    service.json("POST", "/predict", dict(FEATURES, request_id="before"))
    service.process.send_signal(signal.SIGHUP)
    wait_for(log.exists)
    service.json("POST", "/predict", dict(FEATURES, request_id="after"))
    check("SIGHUP opens the log anew", lines_of(moved)[-1]["request_id"] == "before"
          and [line["request_id"] for line in lines_of(log)] == ["after"])
    service.end()

    with log.open("a") as file:
        file.write('{"ts":"2026-')
    service = Service("--model", MODEL, "--log", str(log))
    service.json("POST", "/predict", dict(FEATURES, request_id="next"))
    service.end()
    check("a torn last line does not swallow the next",
          json.loads(log.read_text().splitlines()[-1])["request_id"] == "next", log.read_text()[-300:])

    service = Service("--model", MODEL, "--log", str(log), "--until-eof", stdin=subprocess.PIPE)
    service.process.stdin.close()
    check("--until-eof ends it with its input", service.process.wait(timeout=LONG) == 0)
    service.end()


def killed(folder):
    log = folder / "killed.jsonl"
    service = Service("--model", MODEL, "--log", str(log))

    def load():
        link = service.connect()
        body = json.dumps({"transactions": [FEATURES] * 50})
        while True:
            try:
                service.ask("POST", "/predict/batch", body, connection=link)
            except Exception:
                return

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_for(lambda: log.exists() and log.read_bytes().count(b"\n") > 500)
    service.end(signal.SIGKILL)
    for thread in threads:
        thread.join()
    *whole, last = log.read_bytes().split(b"\n")
    check("kill -9 leaves whole lines, and the last torn at worst", len(whole) > 50
          and all("score" in json.loads(line) for line in whole) and last.startswith(b'{"ts":"'[:len(last)]),
          (len(whole), last))
    again = Service("--model", MODEL, "--log", str(log), "--port", str(service.port))
    check("the port can be taken again at once", again.port == service.port, again.line)
    third = Service("--model", MODEL, "--port", str(service.port))
    check("a taken port is told", third.end() == 69 and "in use" in third.errors, third.line)
    again.end()


def refusals(folder):
    def code(*arguments):
        answer = run("serve", *arguments)
        return answer.returncode, answer.stderr

    broken = folder / "broken.json"
    broken.write_text("{}")
    path, db = make_registry(pathlib.Path(tempfile.mkdtemp(dir=folder)))
    db.close()
    check("neither model nor registry", code()[0] == 64)
    check("both", code("--model", MODEL, "--registry", str(path), "--model-name", "m")[0] == 64)
    check("a model that is not there", code("--model", str(folder / "none.json"))[0] == 66)
    check("a model that is broken", code("--model", str(broken))[0] == 65)
    check("a registry that is not there", code("--registry", str(folder / "none.db"), "--model-name",
                                               "m")[0] == 66)
    check("an alias that is not there", code("--registry", str(path), "--model-name",
                                             "fraud_classifier", "--alias", "moon")[0] == 66)
    check("an address that is none", code("--model", MODEL, "--address", "example")[0] == 64)
    check("a threshold outside 0 to 1", code("--model", MODEL, "--threshold", "2")[0] == 64)


with tempfile.TemporaryDirectory() as name:
    for part in (endpoints, alias_moves, signals, killed, refusals):
        part(pathlib.Path(name))
done()
