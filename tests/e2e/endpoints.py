#!/usr/bin/env python3
"""Services that want to see something first, and services that misbehave, as the program meets them from outside:
tokens, certificates, proxies, redirects; bodies without end; connections and beats counted at the server. Speaks TAP.
Needs $FRAUDTOP (or build/fraudtop), openssl and the standard library."""
import contextlib
import gzip
import http.server
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import FRAUDTOP, LONG, check, done  # noqa: E402

SECRET = "S3CRET-t0ken"
METRICS = b'# TYPE api_requests_total counter\napi_requests_total{endpoint="/predict",status="200"} %d\n'
folder = pathlib.Path(tempfile.mkdtemp(prefix="fraudtop-endpoints-"))
os.environ.update(XDG_STATE_HOME=str(folder / "state"), XDG_CONFIG_HOME=str(folder / "config"), FRAUDTOP_SYSLOG="0")
for name in list(os.environ):
    if name.lower().endswith("_proxy") or name in ("FRAUDTOP_CONFIG", "FRAUDTOP_READONLY"):
        del os.environ[name]


class Server(http.server.ThreadingHTTPServer):
    """Keeps what it was asked, by whom, when, and how often somebody connected."""
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, answer, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.asked, self.accepts = answer, [], 0
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"http{'s' if context else ''}://localhost:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def process_request(self, request, address):
        self.accepts += 1
        super().process_request(request, address)

    def handle_error(self, request, address):
        pass  # a client that is refused ends its connection


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((time.monotonic(), self.path, dict(self.headers)))
        self.server.answer(self)

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def well(request):
    body = METRICS % int(time.time() * 100) if request.path == "/metrics" else b'{"status":"ok","version":"7"}'
    request.say(200, body)


def guarded(request):
    well(request) if request.headers.get("Authorization") == f"Bearer {SECRET}" else request.say(401)


def make_certificates():
    """An authority, a certificate for localhost and svc.example, one for the client, and a key with a password."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Own authority")
    (folder / "names").write_text("subjectAltName=DNS:localhost,DNS:svc.example\n")
    for who in ("server", "client"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{who}.key", "-out", f"{who}.csr", "-subj",
                f"/CN={who}")
        openssl("x509", "-req", "-in", f"{who}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                "2", "-extfile", "names", "-out", f"{who}.pem")
    openssl("rsa", "-aes256", "-passout", "pass:x", "-in", "client.key", "-out", "locked.key")


def tls(client=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    if client:
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def write_config(services, accesses="", poll="{interval: 1s, timeout: 2s}"):
    path = folder / "config.yaml"
    path.write_text("version: 1\nservices:\n" + "".join(f"  - {{{s}}}\n" for s in services)
                    + (f"access:\n{accesses}" if accesses else "") + f"poll: {poll}\n")
    return path


def watch(path, frames, env=None, until=None):
    """Runs the dashboard without a screen. The last frame's services by name, all that it printed, its command line as
    /proc tells. Ends it early when `until` holds of the services."""
    process = subprocess.Popen([FRAUDTOP, "-c", path, "--json", "-n", str(frames), "-d", "0.5"], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env={**os.environ, **(env or {})})
    killer = threading.Timer(LONG, process.kill)
    killer.start()
    cmdline, output, services = "", "", {}
    with contextlib.suppress(OSError):
        cmdline = pathlib.Path(f"/proc/{process.pid}/cmdline").read_text()
    for line in process.stdout:
        output += line
        with contextlib.suppress(ValueError):
            services = {service["name"]: service for service in json.loads(line)["services"]}
            if until and until(services):
                process.terminate()
                break
    process.stdout.close()
    process.wait()
    killer.cancel()
    return services, output, cmdline


def one(service, accesses="", env=None, want=lambda service: True):
    """What is said of a service when it was asked, and all that was printed."""
    path = write_config([f"name: s, {service}"], accesses)
    services, output, cmdline = watch(
        path, 60, env, lambda all: all["s"]["state"] not in ("unknown", "waiting") and want(all["s"]))
    return services.get("s", {}), output + cmdline


def is_up(service):
    return service["state"] == "ok" or service["version"] == "7"


def secrets():
    server = Server(guarded, tls(client=True))
    (folder / "token").write_text(SECRET + "\n")
    own = (f"  - name: a\n    token_file: {folder}/token\n    ca_file: {folder}/ca.pem\n"
           f"    cert_file: {folder}/client.pem\n    key_file: {folder}/client.key\n")
    said, output = one(f"url: {server.url}, access: a", own, want=is_up)
    check("a token, an own authority and a client certificate: the service answers", is_up(said), output[-2000:])
    check("a token is in nothing that is printed and in no command line", SECRET not in output)
    variable = own.replace(f"token_file: {folder}/token", "token: ${FRAUD_TOKEN}")
    said, output = one(f"url: {server.url}, access: a", variable, {"FRAUD_TOKEN": SECRET}, is_up)
    check("a token from the environment does as well", is_up(said) and SECRET not in output, output[-2000:])
    shown = subprocess.run([FRAUDTOP, "-c", folder / "config.yaml", "--print-config"], capture_output=True, text=True,
                           env={**os.environ, "FRAUD_TOKEN": SECRET})
    check("--print-config shows the variable, not what it holds", shown.returncode == 0
          and "${FRAUD_TOKEN}" in shown.stdout and SECRET not in shown.stdout + shown.stderr, shown.stdout)
    (folder / "token").write_text("wr0ng-one\n")
    said, output = one(f"url: {server.url}, access: a", own)
    check("a wrong token: HTTP 401, with a way out, and not shown", "HTTP 401 on /health" in said["reason"]
          and "services.access" in said["reason"] and "wr0ng" not in output, said)
    said, output = one(f"url: {server.url}, access: a", own.replace("/client.key", "/locked.key"))
    check("a key with a password is refused at once, and nothing asks for it",
          said["reason"] and "PEM pass phrase:" not in output, output[-2000:])
    said, output = one(f"url: {server.url}, access: a", own.replace(f"    ca_file: {folder}/ca.pem\n", ""))
    check("a certificate that nobody vouches for: named", "certificate" in said["reason"], said)
    said, output = one(f"url: {server.url}, access: a", own.replace("/token\n", "/none\n"))
    check("a token's file that is not there: named", "none" in said["reason"], said)
    everything = "".join(p.read_text(errors="replace") for p in (folder / "state").rglob("*") if p.is_file())
    check("no file of the program's own holds a secret", SECRET not in everything and "wr0ng" not in everything)


def redirects():
    other = Server(well)
    server = Server(lambda request: request.say(302, Location=f"{other.url}/login?state={SECRET}"))
    said, output = one(f"url: {server.url}, access: a", "  - {name: a, user: u, password: '${PASSWORD}'}\n",
                       {"PASSWORD": SECRET})
    check("a redirect is not followed, its end is named without the query",
          f"moved to {other.url}/login" in said["reason"] and SECRET not in output, said)
    check("a password is sent to whom it is for and to nobody else",
          server.asked[0][2].get("Authorization", "").startswith("Basic ") and not other.asked)


def proxies():
    tunnels = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self):
            tunnels.append((self.path, dict(self.headers)))
            with socket.create_connection(("127.0.0.1", server.server_port)) as far:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                far_side = threading.Thread(target=pump, args=(far, self.connection), daemon=True)
                far_side.start()
                pump(self.connection, far)

        def log_message(self, *_):
            pass

    def pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)

    server = Server(guarded, tls())
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    proxy.daemon_threads = True
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    (folder / "token").write_text(SECRET + "\n")
    access = f"  - {{name: a, token_file: {folder}/token, ca_file: {folder}/ca.pem}}\n"
    env = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.server_port}"}
    said, output = one("url: https://svc.example, access: a", access, env, is_up)
    check("HTTPS_PROXY: a tunnel to the service", is_up(said) and tunnels and tunnels[0][0] == "svc.example:443", said)
    check("the proxy does not see the token", tunnels and all("Authorization" not in seen for _, seen in tunnels)
          and SECRET not in str(tunnels))
    tunnels.clear()
    said, output = one("url: https://svc.example, access: a", access, {**env, "NO_PROXY": ".example"})
    check("NO_PROXY: the proxy is not asked", not tunnels and said["reason"], said)
    said, output = one(f"url: {server.url}, access: a", access, env, is_up)
    check("a service on this machine is asked without the proxy", is_up(said) and not tunnels, said)


BOMB = gzip.compress(b"a" * (64 << 20))


def drip(request):
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(600):
            request.wfile.write(b"#")
            time.sleep(0.05)


def endless(request):
    request.send_response(200)
    request.send_header("Connection", "close")
    request.end_headers()
    with contextlib.suppress(OSError):
        while True:
            request.wfile.write(b"a 1\n" * 16384)


def old(request):
    request.protocol_version = "HTTP/1.0"
    well(request)


def hostile_bodies():
    def metrics(answer):
        return lambda request: answer(request) if request.path == "/metrics" else well(request)

    kinds = {"bomb": (metrics(lambda r: r.say(200, BOMB, Content_Encoding="gzip")), "longer than 16 MiB"),
             "drip": (metrics(drip), "did not end within 2 s"),
             "endless": (metrics(endless), "longer than 16 MiB"),
             "page": (metrics(lambda r: r.say(200, b"<html>", Content_Type="text/html")), "an HTML page"),
             "busy": (metrics(lambda r: r.say(429, Retry_After="20")), "left alone for 20 s"),
             "forbidden": (metrics(lambda r: r.say(403)), "HTTP 403 on /metrics"),
             "unchanged": (metrics(lambda r: r.say(304)), "HTTP 304 on /metrics"),
             "nothing": (metrics(lambda r: r.say(204)), "no request counter"),
             "odd": (metrics(lambda r: r.say(200, METRICS % 5, Content_Type="image/png")), ""),
             "old": (old, ""), "well": (well, "")}
    servers = {name: Server(answer) for name, (answer, _) in kinds.items()}
    path = write_config([f"name: {name}, url: '{server.url}'" for name, server in servers.items()])
    began = time.monotonic()
    services, output, _ = watch(path, 30)
    lasted = time.monotonic() - began
    for name, (_, words) in kinds.items():
        said = services.get(name, {})
        good = words in (said["reason"] or "") if words else said["rps"]["state"] == "ok"
        check(f"{name}: {words or 'its figures are known'}", good, said)
    beats = [at for at, where, _ in servers["well"].asked if where == "/metrics"]
    check("one that is well is asked at every beat beside them", len(beats) >= (lasted - 3) / 2, (lasted, len(beats)))
    times = sum(where == "/metrics" for _, where, _ in servers["busy"].asked)
    check("who wants to be left alone for 20 s is", 1 <= times <= 1 + lasted / 20, (lasted, times))


def crowd():
    """Sixty services and one that never answers: beats and connections as the servers saw them."""
    silent = Server(lambda request: time.sleep(30))
    servers = [Server(well) for _ in range(60)]
    path = write_config([f"name: n{i}, url: '{server.url}'" for i, server in enumerate([silent, *servers])])
    began = time.monotonic()
    watch(path, 24)
    accepts = sorted(server.accepts for server in servers)
    counts = sorted(len(server.asked) for server in servers)
    check("connections are kept: two at most (health and metrics at once) for all the questions to a service",
          accepts[-1] <= 2 and counts[0] > 4, (accepts, counts))
    meanwhile = [sum(0.1 < at - start < 1.9 for server in servers for at, _, _ in server.asked)
                 for start, _, _ in silent.asked if start - began < 6]
    check("while a silent one is waited for the others are asked", meanwhile and min(meanwhile) >= 20, meanwhile)
    shares = [0] * 8
    for server in servers:
        for at, where, _ in server.asked:
            if at - began > 3 and where == "/metrics":
                shares[int(at % 1 * 8)] += 1
    check("questions are spread over the interval", min(shares) > sum(shares) / 8 / 4, shares)


make_certificates()
secrets()
redirects()
proxies()
hostile_bodies()
crowd()
done()
