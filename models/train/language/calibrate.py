"""How sure the detector may be: a factor on the scores, by how many n-grams of a text are known.

Guo et al. 2017, "On Calibration of Modern Neural Networks" (temperature scaling), with a temperature for each length:
the scores of a single word and of a paragraph are wrong by different amounts.
"""

import numpy as np

KNOTS = (2, 5, 10, 20, 40, 80, 160, 400)
LEAST_TEXTS = 50  # fewer say nothing of a knot, which then is like the one before
FACTORS = np.geomspace(0.2, 5, 120)


def fit(scores: np.ndarray, found: np.ndarray, label: np.ndarray) -> list[dict]:
    """The factor at each knot that makes the labels likeliest among the texts nearest to it."""
    nearest = np.abs(np.log(np.maximum(found, 1))[:, None] - np.log(KNOTS)[None]).argmin(1)
    knots, factor = [], 1.0
    for at, rows in enumerate(KNOTS):
        here = (nearest == at) & (label >= 0)
        if here.sum() >= LEAST_TEXTS:
            losses = [_loss(scores[here] * factor, label[here]) for factor in FACTORS]
            factor = float(FACTORS[int(np.argmin(losses))])
        knots.append({"rows": rows, "factor": round(factor, 3)})
    return knots


def factors(found: np.ndarray, knots: list[dict]) -> np.ndarray:
    """The factor for texts with so many known n-grams."""
    at = np.log([knot["rows"] for knot in knots])
    return np.interp(np.log(np.maximum(found, 1)), at, [knot["factor"] for knot in knots])


def probabilities(scores: np.ndarray, found: np.ndarray, knots: list[dict]) -> np.ndarray:
    """The calibrated probabilities; classes of other scripts have none."""
    scaled = scores.astype(np.float64) * factors(found, knots)[:, None]
    scaled -= scaled.max(1, keepdims=True)
    shares = np.exp(scaled)
    return shares / shares.sum(1, keepdims=True)


def error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """The expected calibration error (Naeini et al. 2015) over equally wide bins."""
    where = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[where == b].sum() - right[where == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(confidence))


def _loss(scores: np.ndarray, label: np.ndarray) -> float:
    top = scores.max(1)
    return float((top + np.log(np.exp(scores - top[:, None]).sum(1)) - scores[np.arange(len(label)), label]).mean())
