#!/usr/bin/env python3
"""Our reader of expositions beside the reference, prometheus_client: the corpora of data/prometheus and mutations of them
get the same verdict, names, labels and values, but for the differences that docs/endpoints.md lists. Speaks TAP. Needs
build/tests/exposition, ../shared/data and prometheus_client, which is installed beside the other peers."""
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tap import DATA, check, done, environment, need  # noqa: E402

BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
MUTATIONS = int(os.environ.get("EXPOSITION_MUTATIONS", "2500"))
# The reference as a process: JSON lists of [strict, text] in, of samples or [error] out.
REFERENCE = """
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict
from prometheus_client.parser import text_string_to_metric_families as free
for line in sys.stdin:
    open_, text = json.loads(line)
    try:
        said = [[s.name, sorted(s.labels.items()), repr(float(s.value)), str(s.timestamp)]
                for f in (strict if open_ else free)(text) for s in f.samples]
    except Exception as error:
        said = type(error).__name__ + ": " + str(error)
    print(json.dumps(said), flush=True)
"""
BYTES = b'\n {}",=#\\_:+-.eE019aNInf\t\r/\x00\xc3\xa9'
NUMBERS = [b"NaN", b"+Inf", b"-Inf", b"1e3", b"0x1", b"1_0", b"-1", b"1e400", b"1.5", b"3", b"0"]
WORDS = NUMBERS + [b"_total", b"_created", b"_bucket", b"_sum", b"_count", b"# EOF\n", b' # {a="b"} 1 2',
                   b" 1520879607.789", b"1520879607789", b'le="+Inf"', b'"', b"\\n", b"{}", b",", b"  ",
                   b'quantile="0.5"', b'"a b"', b'{"a b","c d"="e"}', b"gauge", b"counter", b"histogram"]
MORE = [b'# HELP "my.requests" a\n# TYPE "my.requests" counter\n{"my.requests_total","http.status"="200",x="y"} 5\n',
        '# TYPE "größe" gauge\n{"größe",a="b"} 1\n{"größe","c d"="é"} NaN\n'.encode(),
        b'# TYPE a counter\na_total{x="1"} 1 # {trace_id="x"} 0.5 1520879607.789\na_created{x="1"} 1520430000.123\n',
        b'# TYPE h histogram\nh_bucket{le="0.1"} 1\nh_bucket{le="1"} 3\nh_bucket{le="+Inf"} 4\nh_count 4\nh_sum 2.5\n',
        b'# TYPE s summary\ns{quantile="0.5"} NaN\ns{quantile="0.9"} 3\ns_sum 5\ns_count 4\n',
        b'# TYPE a gauge\n# UNIT a \n# HELP a x\\ny\na -Inf 1520879607789\na{b="c\\"d\\\\e\\n"} +Inf\n']
# What docs/endpoints.md lists: of our reasons where the reference accepts, and of its own where we accept.
MEANT_REFUSALS = {
    True: ["a series stands there twice", "the buckets of a histogram are not in order",
           "a comment that is no HELP, TYPE, UNIT or EOF", "a space must stand before the value",
           "a HELP, TYPE or UNIT line without", "is not a number", "a label must be followed by", "a label name must",
           "something follows the value"],
    False: ["labels without a metric's name", "a metric name holds a character", "a metric name must begin",
            "is not a number", "a HELP or TYPE line without", "something follows the value", "a label name must",
            "a label must be followed by", "a quoted metric name", "an unknown type of metric", "a label stands",
            "a label value", "the label name __name__", "a sample without a value"]}
MEANT_LIBERTIES = {True: ["Counter-like samples cannot be negative", "Quantile", "ValueError: $", "AttributeError"],
                   False: ["not UTF-8", "ValueError: $", "ValueError"]}


def mutate(dice, text):
    text = bytearray(text)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        lines, at, kind = text.split(b"\n"), dice.randrange(len(text) + 1), dice.randrange(8)
        if kind == 0:
            del text[at:at + 1]
        elif kind < 3:
            text[at:at + kind - 1] = bytes([dice.choice(BYTES)])
        elif kind == 3:
            text[at:at] = dice.choice(WORDS)
        elif kind == 4:
            del lines[dice.randrange(len(lines))]
        elif kind == 5:
            lines.insert(dice.randrange(len(lines)), lines.pop(dice.randrange(len(lines))))
        elif kind == 6:
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
        elif numbers := list(re.finditer(rb"[-+]?[0-9.]+(e[-+]?\d+)?|NaN|[-+]Inf", bytes(text))):
            place = dice.choice(numbers)
            text[place.start():place.end()] = dice.choice(NUMBERS)
        if 4 <= kind <= 6:
            text = bytearray(b"\n".join(lines))
    return bytes(text)


def ours(texts, strict):
    """Of each its samples as [name, labels, value], or the reason."""
    said = []
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            (pathlib.Path(folder) / f"{number:06}").write_bytes(text)
        paths = [str(pathlib.Path(folder) / f"{number:06}") for number in range(len(texts))]
        for begin in range(0, len(paths), 500):
            run = subprocess.run([BUILD / "tests/exposition", "--openmetrics" if strict else "--text",
                                  *paths[begin:begin + 500]], capture_output=True, timeout=300)
            for line in run.stdout.decode("utf-8", "replace").splitlines():
                if line.startswith("\t"):
                    said[-1].append(sample(line[1:]))
                elif line.startswith(folder):
                    said.append(line.split("refused: ", 1)[1] if "refused: " in line else [])
    return said


def sample(line):
    head, value = line.rsplit(" ", 1)
    name = re.match(r"[^{]*", head)[0]
    labels = re.findall(r'(?:^|,)([^"]*?)="((?:[^"\\]|\\.)*)"', head[len(name) + 1:-1] if head.endswith("}") else "")
    return [clean(name), sorted((clean(key), clean(re.sub(r"\\(.)", r"\1", text))) for key, text in labels),
            repr(float(value))]


def clean(text):
    """Without what is scrubbed where it enters."""
    return re.sub("[\x00-\x20\x7f-\x9f\ufffd]", "", text)


def theirs(reference, text, strict):
    try:
        reference.stdin.write(json.dumps([strict, text.decode()]) + "\n")
    except UnicodeDecodeError:
        return "not UTF-8"
    reference.stdin.flush()
    said = json.loads(reference.stdout.readline())
    if isinstance(said, str):
        return said
    # The free reader gives every counter its _total.
    return [[clean(name if strict else name.removesuffix("_total")), sorted((clean(k), clean(v)) for k, v in labels), value, at]
            for name, labels, value, at in said]


def compare(reference, strict, texts):
    agree, odd, kinds = 0, [], collections.Counter()
    for text, mine in zip(texts, ours(texts, strict), strict=True):
        other = theirs(reference, text, strict)
        if isinstance(mine, str) and isinstance(other, str):
            agree += 1
        elif isinstance(mine, str):
            kinds["refused here alone"] += 1
            if not any(words in mine for words in MEANT_REFUSALS[strict]):
                odd.append((mine, text))
        elif isinstance(other, str):
            kinds["accepted here alone"] += 1
            if not any(re.search(words, other) for words in MEANT_LIBERTIES[strict]):
                odd.append((other, text))
        else:
            timed = strict and any(at != "None" for *_, at in other)
            wanted = sorted(row[:3] for row in other)
            got = sorted([name if strict else name.removesuffix("_total"), labels, value] for name, labels, value in mine)
            if wanted == got:
                agree += 1
            elif timed and all(row in got for row in wanted):  # points at one time, of which one is dropped there
                kinds["points at one time"] += 1
            else:
                odd.append(("samples", [row for row in got + wanted if (row in got) != (row in wanted)][:4], text))
    return agree, odd, kinds


def corpus(strict):
    folder = DATA / "prometheus"
    if strict:
        paths = [*sorted(folder.glob("openmetrics/*/metrics")), *sorted(folder.glob("*.om*")), *folder.glob("*.openmetrics")]
    else:
        paths = sorted(folder.glob("*.prom*"))
    texts = {path: path.read_bytes() for path in paths}
    return [text for text in texts.values() if len(text) < 20000] + [
        text + (b"# EOF\n" if strict else b"") for text in MORE]


need(DATA / "prometheus")
python, why = environment(BUILD / "peers-prometheus", ["prometheus-client==0.26.0"])
if python is None:
    print(f"ok - everything here # SKIP prometheus_client cannot be installed: {why}")
    sys.exit(0)
reference = subprocess.Popen([python, "-c", REFERENCE], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for strict in (True, False):
    dice = random.Random(20260128)
    seeds = corpus(strict)
    texts = seeds + [mutate(dice, dice.choice(seeds)) for _ in range(MUTATIONS)]
    agree, odd, kinds = compare(reference, strict, texts)
    name = "OpenMetrics" if strict else "text 0.0.4"
    check(f"{name}: {len(seeds)} expositions and {MUTATIONS} mutations: the same samples or a difference that is meant",
          not odd and agree > len(texts) * (0.95 if strict else 0.6), f"{agree} agree, {kinds}\n" + "\n".join(map(str, odd)))
    print(f"# {name}: {agree} of {len(texts)} the same, {dict(kinds)}")
reference.stdin.close()
reference.wait()
done()
