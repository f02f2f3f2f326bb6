#!/usr/bin/env python3
"""Makes the files beside it with scikit-learn (1.9.1): maps, and what scikit-learn's own predict says of values on,
between and beyond their points. NAME.json is a model whose margin is its only input, NAME.csv `value,score`."""
import json
from pathlib import Path

import numpy
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

folder = Path(__file__).parent
draw = numpy.random.default_rng(3)


def write(name, maps, values, scores):
    model = {"kind": "linear", "link": "identity", "intercept": 0, "features": [{"name": "margin", "weight": 1}],
             "calibration": maps}
    (folder / f"{name}.json").write_text(json.dumps(model) + "\n")
    lines = [f"{value!r},{score!r}\n" for value, score in zip(values.tolist(), scores.tolist())]
    (folder / f"{name}.csv").write_text("value,score\n" + "".join(lines))


def isotonic(fitted):
    return {"kind": "isotonic", "X_thresholds_": fitted.X_thresholds_.tolist(),
            "y_thresholds_": fitted.y_thresholds_.tolist()}


margins = draw.normal(0, 2, 600)
labels = (draw.random(600) < 1 / (1 + numpy.exp(-1.5 * margins + 0.5))).astype(float)
for name, rises in (("isotonic", True), ("isotonic_falling", False)):
    curve = IsotonicRegression(out_of_bounds="clip", increasing=rises).fit(margins, labels if rises else 1 - labels)
    points = curve.X_thresholds_
    values = numpy.concatenate([points, (points[1:] + points[:-1]) / 2, numpy.nextafter(points, numpy.inf),
                                draw.normal(0, 4, 100), [-1e300, 1e300]])
    write(name, isotonic(curve), values, curve.predict(values))
one = IsotonicRegression(out_of_bounds="clip").fit([0.5], [0.25])
write("isotonic_one_point", isotonic(one), numpy.array([-1.0, 0.5, 2.0]), one.predict([-1.0, 0.5, 2.0]))
sigmoid = _SigmoidCalibration().fit(margins, labels)
values = numpy.concatenate([draw.normal(0, 4, 200), [-800.0, 800.0, 0.0]])
sigmoid_map = {"kind": "sigmoid", "a_": float(sigmoid.a_), "b_": float(sigmoid.b_), "input": "margin"}
write("sigmoid", sigmoid_map, values, sigmoid.predict(values))
curve = IsotonicRegression(out_of_bounds="clip").fit(sigmoid.predict(margins), labels)
write("sigmoid_then_isotonic", [sigmoid_map, isotonic(curve)], values, curve.predict(sigmoid.predict(values)))
