"""From trained weights to the file that earmark embeds; `src/language/model.rs` reads it.

A line that names the format, a line of JSON (classes, step sizes, calibration), filled up with spaces, the table at four bits a weight (value
plus 8, the even dimension in the low half of a byte), the marks (uint16), and the output layer (float32). All little-endian.
"""

import json
from pathlib import Path

import numpy as np
from language.detector import Detector

MAGIC = b"earmark-language-1\n"
LEVELS = 7
LINE = 64  # bytes of a cache line
# Weights beyond this percentile of their dimension are cut: finer steps for all others are worth more.
CLIP = 99.5


def quantised(model: Detector) -> tuple[Detector, np.ndarray, np.ndarray]:
    """The model as it will be after rounding, its integers, and the size of a step in each dimension."""
    used = model.table[model.marks > 0]
    steps = (np.percentile(np.abs(used), CLIP, axis=0) / LEVELS).astype(np.float32)
    whole = np.clip(np.round(model.table / steps), -LEVELS, LEVELS).astype(np.int8)
    return model._replace(table=whole.astype(np.float32) * steps), whole, steps


def write(model: Detector, classes: list[dict], calibration: list[dict], path: Path) -> None:
    """Write the model. `classes` have name, prior; `calibration` has rows, factor."""
    _, whole, steps = quantised(model)
    described = []
    for entry, bias in zip(classes, model.bias, strict=True):
        code, script = entry["name"].split("/")
        described.append(
            {"code": code, "script": script, "prior": round(float(entry["prior"]), 4), "bias": round(float(bias), 6)}
        )
    header = {
        "rows": len(whole),
        "steps": [float(step) for step in steps],
        "calibration": calibration,
        "classes": described,
    }
    nibbles = (whole + 8).astype(np.uint8)
    with path.open("wb") as out:
        described = MAGIC + json.dumps(header, separators=(",", ":")).encode()
        # The table begins at a whole number of cache lines.
        out.write(described.ljust(-(-(len(described) + 1) // LINE) * LINE - 1) + b"\n")
        out.write((nibbles[:, 0::2] | nibbles[:, 1::2] << 4).tobytes())
        out.write(model.marks.astype("<u2").tobytes())
        out.write(model.output.astype("<f4").tobytes())
