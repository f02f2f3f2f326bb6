#!/usr/bin/env python3
"""The corpus of broken files, tests/data/broken: each is refused with the message, word for word, that EXPECTED has
for it (file, tab, what follows the file's name), with exit code 65, without output, and soon: in little time of the
processor. A file of model_metadata is held beside the sound model tests/data/models/sound.json."""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from tap import FRAUDTOP, LONG, check, done

BROKEN = Path("tests/data/broken")
SOUND = Path("tests/data/models/sound.json").resolve()
PROGRAM = str(Path(FRAUDTOP).resolve())
SECONDS = 10


def run_timed(arguments, **options):
    """What came of it, and the seconds of the processor that it took, whatever else the machine does."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([PROGRAM, *arguments], stdout=out, stderr=err, **options)
        timer = threading.Timer(LONG, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        result = subprocess.CompletedProcess(process.args, process.returncode, out.read(), err.read())
    return result, usage.ru_utime + usage.ru_stime


def refusal(name):
    """What the program says of a file, its name cut off; or what is wrong with how it says it."""
    with tempfile.TemporaryDirectory() as folder:
        model = name
        if name.startswith("model_metadata/"):
            stem = Path(name).stem
            model = f"{folder}/{stem}.json"
            shutil.copy(SOUND, model)
            shutil.copy(BROKEN / name, f"{folder}/{stem}.metadata.json")
        result, took = run_timed(["score", "--model", model, "/dev/null"], cwd=BROKEN)
        words = result.stderr.decode("utf-8", "replace").replace(f"{folder}/", "")
    begin = f"fraudtop: {Path(model).name if model != name else name}: "
    if result.returncode != 65 or result.stdout or took > SECONDS:
        return f"exit code {result.returncode} after {took:.1f} s, stdout {result.stdout[:200]!r}, stderr {words[:2000]}"
    if not words.startswith("fraudtop: ") or words.count("\n") != 1:
        return f"not one line of the program's: {words[:2000]}"
    words = words[:-1].removeprefix("fraudtop: ")
    for file in (f"{Path(name).stem}.metadata.json", name):
        words = words.removeprefix(f"{file}: ")
    return words


files = sorted(str(path.relative_to(BROKEN)) for path in BROKEN.glob("*/*"))
expected = dict(line.split("\t", 1) for line in (BROKEN / "EXPECTED").read_text().splitlines())
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    got = dict(zip(files, pool.map(refusal, files)))
if os.environ.get("FRAUDTOP_ACCEPT") == "1":
    (BROKEN / "EXPECTED").write_text("".join(f"{file}\t{got[file]}\n" for file in files))
    sys.exit(0)
check(f"EXPECTED names the {len(files)} files of the corpus", sorted(expected) == files,
      "\n".join(sorted(set(expected) ^ set(files))))
for folder in sorted({Path(file).parts[0] for file in files}):
    mine = [file for file in files if file.startswith(f"{folder}/")]
    wrong = [f"{file}\n  got      {got[file]}\n  expected {expected.get(file)}" for file in mine
             if got[file] != expected.get(file)]
    check(f"{folder}: {len(mine)} broken files are refused in the words expected", not wrong, "\n".join(wrong))
with tempfile.TemporaryDirectory() as folder:
    large = f"{folder}/large.json"
    with open(large, "wb") as file:
        file.truncate(1 << 40)  # minutes of reading on any machine
    for command in (["score", "--model", large, "/dev/null"], ["inspect", large], ["serve", "--model", large, "--port", "0"]):
        result, took = run_timed(command)
        check(f"{command[0]} refuses a file of a terabyte without reading it", result.returncode == 65 and took < SECONDS
              and f"{large}: larger than 268435456 bytes" in result.stderr.decode(), f"{took} s\n{result.stderr}")
done()
