#!/usr/bin/env python3
"""Logs that are named on the command line, without a configuration: files, folders, globs, standard input; what they
come to, and what is refused. Speaks TAP. Needs $FRAUDTOP (or build/fraudtop) and the standard library."""
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import FRAUDTOP, check, done, run  # noqa: E402

folder = tempfile.TemporaryDirectory(prefix="fraudtop-named-")
place = pathlib.Path(folder.name)
program = str(pathlib.Path(FRAUDTOP).resolve())
os.environ.update(XDG_STATE_HOME=str(place / "state"), XDG_CONFIG_HOME=str(place / "config"))
os.environ.pop("FRAUDTOP_CONFIG", None)
N = 300
rows = [{"ts": f"2026-01-28T14:{i // 60:02}:{i % 60:02}Z", "request_id": f"r{i}", "score": i % 10 / 10, "latency_ms": 9,
         "status": 200, "features": {"a": i}} for i in range(N)]


def lines(objects):
    return "".join(json.dumps(each) + "\n" for each in objects)


def write(name, text):
    path = place / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


plain = write("plain.jsonl", lines(rows))
own = write("own.jsonl", lines({**row, "service": "fraud-eu", "model": "m", "version": "3"} for row in rows))
labels = write("labels.jsonl", lines({"ts": row["ts"], "request_id": row["request_id"], "label": i % 2}
                                     for i, row in enumerate(rows)))
docker = write("docker.log", lines({"log": json.dumps(row) + "\n", "stream": "stdout", "time": row["ts"]} for row in rows))
table = write("table.csv", "ts;request_id;score;amount\n" + "".join(
    f'{row["ts"]};{row["request_id"]};0,{i % 10};{i},5\n' for i, row in enumerate(rows)))
for name in ("alike/a.jsonl", "alike/b.jsonl"):
    write(name, plain.read_text())
for path in (own, labels, table):
    write(f"mixed/{path.name}", path.read_text())
write("mixed/README", "what stands here is not a log\n")


def frame(*names, **options):
    """Its services by name, and what was accepted of each source; and that nothing was refused."""
    result = run(*names, "--once", "--json", **options)
    if result.returncode != 0:
        return None, result.stderr
    told = json.loads(result.stdout)
    sources = told["ingest"]["sources"]
    refused = sum(source["rejected"] for source in sources)
    return (sorted(service["name"] for service in told["services"]),
            sorted(source["accepted"] for source in sources)), f"{refused} refused; {result.stdout[:2000]}"


def expect(name, wanted, *names, **options):
    found, detail = frame(*names, **options)
    check(name, found == wanted and detail.startswith("0 refused"), f"{found}, wanted {wanted}; {detail}")


expect("a log is a service, called after the file", (["plain.jsonl"], [N]), plain)
expect("a log that names its service keeps that", (["fraud-eu"], [N]), own)
expect("a label feed is known as one", (["plain.jsonl"], [N, N]), labels, plain)
result = json.loads(run(own, labels, "--once", "--json").stdout)
check("its labels reach the predictions", any(quality.get("labelled") == N or N == (quality.get("labelled") or {}).get("value")
      for quality in result["quality"]), json.dumps(result["quality"])[:1500])
expect("what docker put around the records is looked through", (["docker.log"], [N]), docker)
expect("a CSV with semicolons and decimal commas is read", (["table.csv"], [N]), table)
expect("several formats go together", (["docker.log", "fraud-eu", "table.csv"], [N] * 4), own, labels, docker, table)
expect("a log that is named twice is read once", (["plain.jsonl"], [N]), plain, plain)
expect("a folder of files that are alike is one log", (["alike"], [N, N]), place / "alike")
expect("a folder of several formats: each by its own, and what is no log is passed over",
       (["fraud-eu", "table.csv"], [N] * 3), place / "mixed")
expect("a glob is one log", (["*.jsonl"], [N, N]), place / "alike/*.jsonl")
near = subprocess.run([program, "plain.jsonl", "--once", "--json"], cwd=place, capture_output=True)
check("a path is relative to where one stands", near.returncode == 0
      and json.loads(near.stdout)["ingest"]["sources"][0]["accepted"] == N, near.stderr)
for path in (plain, docker, table):
    with open(path) as file:
        expect(f"standard input from a file loses nothing: {path.name}", (["stdin"], [N]), "-", stdin=file)
    writer = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
    expect(f"nor from a pipe: {path.name}", (["stdin"], [N]), "-", stdin=writer.stdout)
    writer.stdout.close()
    writer.wait()
packed = subprocess.run([program, "-", "--once", "--json"], input=gzip.compress(plain.read_bytes()), capture_output=True)
check("standard input may be packed", packed.returncode == 0
      and [source["accepted"] for source in json.loads(packed.stdout)["ingest"]["sources"]] == [N], packed.stderr)
large = lines({**row, "request_id": f"{row['request_id']}-{n}"} for row in rows for n in range(20)).encode()
packed = subprocess.run([program, "-", "--once", "--json"], input=large, capture_output=True)
check("nor when it is more than what is looked at", packed.returncode == 0 and len(large) > 2 * 262144
      and [source["accepted"] for source in json.loads(packed.stdout)["ingest"]["sources"]] == [N * 20], packed.stderr)
slow = subprocess.Popen([program, "-", "--once", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
text = plain.read_bytes()
for at in range(0, len(text), len(text) // 3):
    slow.stdin.write(text[at:at + len(text) // 3])
    slow.stdin.flush()
    try:
        slow.wait(0.2)
    except subprocess.TimeoutExpired:
        pass
told = json.loads(slow.communicate()[0])
check("nor when it comes in pieces", [source["accepted"] for source in told["ingest"]["sources"]] == [N], told["ingest"])
result = run(docker, table, "--print-config")
config = write("printed.yaml", result.stdout)
result = run("-c", config, "--once", "--json")
check("--print-config prints a configuration that reads the same", result.returncode == 0
      and [source["accepted"] for source in json.loads(result.stdout)["ingest"]["sources"]] == [N, N],
      result.stdout[:1000] + result.stderr)
kept = [json.loads(run(plain, "--once", "--json").stdout)["ingest"]["checkpoint"] for _ in range(2)]
check("nothing is kept for the next start", not any(each["kept"] or each["resumed"] for each in kept), kept)


def refused(name, code, words, *arguments, **options):
    result = run(*arguments, **options)
    check(name, result.returncode == code and words in result.stderr and result.stdout == "",
          f"{result.returncode}\n{result.stderr}{result.stdout[:300]}")


page, empty = write("page.html", "<html><body>no</body></html>\n"), write("empty.jsonl", "")
(place / "nothing").mkdir()
refused("no such file: 66", 66, "No such file", place / "none.jsonl", "--once")
refused("a word that is neither: the command that is meant", 64, "do you mean `probe`?", "porbe")
refused("behind an option as well", 66, "do you mean `fraudtop probe`?", "--once", "porbe")
refused("what is no log: 65, and what it is", 65, "page.html is no log: neither JSON nor a table", page, "--once")
refused("an empty file: 65", 65, "empty.jsonl is no log", empty, "--once")
refused("an empty standard input: 65", 65, "standard input is no log", "-", "--once", stdin=subprocess.DEVNULL)
refused("an empty folder: 66", 66, "there is no file", place / "nothing", "--once")
refused("a glob of nothing: 66", 66, "there is no file", place / "none*", "--once")
refused("one that is none among others: 65", 65, "page.html", plain, page, "--once")
refused("a log beside -c: 64", 64, "do not go together", "-c", config, plain, "--once")
refused("a log beside --check-config: 64", 64, "do not go together", "--check-config", plain)
done()
