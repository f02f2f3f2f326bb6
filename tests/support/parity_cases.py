"""parity_cases.py: what a library says of rows, as tests/e2e/parity.py holds the program against it: for each model
NAME.csv, the rows as the program gets them, and a line of cases.jsonl, both in the folder that the script was given."""
import csv
import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np

out = Path(sys.argv[1])
cases = []
warnings.filterwarnings("ignore")


def cell(value):
    if isinstance(value, str):
        return value
    return "" if value is None or math.isnan(value) else repr(float(value))


def record(group, name, path, columns, rows, margin, score, contributions):
    """One model's rows and the library's answers. Columns are shuffled: the program finds them by name."""
    order = np.random.default_rng(len(cases)).permutation(len(columns))
    with open(out / f"{name}.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([columns[i] for i in order] + ["not_an_input"])
        for row in rows:
            writer.writerow([cell(row[i]) for i in order] + ["x"])
    cases.append({"group": group, "name": name, "model": str(path), "rows": str(out / f"{name}.csv"),
                  "columns": list(columns), "margin": [float(v) for v in margin], "score": [float(v) for v in score],
                  "contributions": [[float(v) for v in r] for r in contributions]})


def refuse(group, name, path, word):
    """A model that the program is to refuse, with this word in what it says."""
    cases.append({"group": group, "name": name, "model": str(path), "refused": word})


def write_cases():
    with open(out / "cases.jsonl", "w") as lines:
        for case in cases:
            lines.write(json.dumps(case) + "\n")
