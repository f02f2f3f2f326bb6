#!/usr/bin/env python3
"""stats_peer.py PROGRAM: scipy and scikit-learn beside the program of stats.c, on the columns it writes.

Prints the lines of bench.h, with the target in the name of what was measured. Both sides take one
thread's processor time; scipy takes half a minute, so it runs once, ours seven times. The figures
of both must agree to 1e-9, or the status is 1. Run it with a python that has both (tests/setup bench
installs Debian's)."""
import os
import statistics
import subprocess
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy  # noqa: E402
import scipy  # noqa: E402
import sklearn  # noqa: E402
from scipy.stats import ks_2samp, wasserstein_distance  # noqa: E402
from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: E402

ROWS, FEATURES = 1_000_000, 12


def timed(function):
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def check(what, ours, theirs):
    if not abs(ours - theirs) <= 1e-9 * max(1, abs(theirs)):
        sys.exit(f"{what}: {ours!r} here, {theirs!r} there")


def line(what, seconds, peer, peer_seconds):
    """The ratio is how many times faster we are, so that more is better, as for rates."""
    value = statistics.median(seconds)
    spread = (max(seconds) - min(seconds)) / 2 / value
    print(what, f"{1 / value:.4g}", "1/s", f"{100 * spread:.1f} %", peer,
          f"{1 / peer_seconds:.4g}", f"{peer_seconds / value:.3g}", sep="\t", flush=True)


def run_ours(program, path):
    """The program's rows by their first word."""
    rows = {}
    text = subprocess.run([program, path], check=True, capture_output=True, text=True).stdout
    for row in text.splitlines():
        word, *numbers = row.split("\t")
        rows.setdefault(word, []).append([float(number) for number in numbers])
    return rows


def main():
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(sys.argv[1])) as file:
        ours = run_ours(sys.argv[1], file.name)
        columns = numpy.fromfile(file.name).reshape(-1, ROWS)
    assert len(columns) == 2 * FEATURES + 2, columns.shape
    total = 0
    for at, (ks, distance) in enumerate(ours["feature"]):
        reference, current = columns[2 * at], columns[2 * at + 1]
        theirs, seconds = timed(lambda: (ks_2samp(reference, current).statistic,
                                         wasserstein_distance(reference, current)))
        total += seconds
        check(f"KS of feature {at}", ks, theirs[0])
        check(f"Wasserstein of feature {at}", distance, theirs[1])
    line("KS and Wasserstein, 1M rows x 12 (target 24 x)", ours["ks_wasserstein"][0],
         f"scipy {scipy.__version__}", total)
    scores, labels = columns[-2], columns[-1].astype(numpy.int8)
    runs = [timed(lambda: (roc_auc_score(labels, scores), average_precision_score(labels, scores)))
            for _ in range(3)]
    check("ROC AUC", ours["scores"][0][0], runs[0][0][0])
    check("average precision", ours["scores"][0][1], runs[0][0][1])
    line("ROC AUC and AP, 1M rows (target 20 x)", ours["rank"][0],
         f"scikit-learn {sklearn.__version__}", statistics.median(seconds for _, seconds in runs))


if __name__ == "__main__":
    main()
