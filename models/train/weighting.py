"""How much each row counts, and which class balance its source came with."""

from dataclasses import dataclass

import numpy as np

from bag import NO_CLASS
from prepare import PHRASES, WRITTEN, Rows

TARGET_DOMAIN = "umsab_"


@dataclass
class Weighting:
    """Knobs of the loss weights; see EXPERIMENTS.md for how they were chosen."""

    size_power: float = 0.5  # a group (language × source) of n rows weighs n ** (1 - size_power)
    silver: float = 0.25  # machine-made labels against labels by people
    target: float = 2.0  # tweets, the nearest of the public sources to how people write to brands
    written: float = 4.0  # mentions written for this project: the domain itself
    phrases: float = 1.0  # against a source of their size
    least: float = 0.1  # bounds on one row's weight, the mean being 1
    most: float = 30.0
    prior: float = 0.7  # how much of the class balance of a group is explained away


def row_weights(rows: Rows, knobs: Weighting) -> np.ndarray:
    """One loss weight a row."""
    counts = np.bincount(rows.group, minlength=len(rows.groups)).astype(np.float64)
    weights = np.maximum(counts, 1) ** -knobs.size_power
    for i, group in enumerate(rows.groups):
        if group["grade"] == "silver":
            weights[i] *= knobs.silver
        if group["source"].startswith(TARGET_DOMAIN):
            weights[i] *= knobs.target
        if group["source"] == WRITTEN:
            weights[i] *= knobs.written
        if group["source"] == PHRASES:
            weights[i] *= knobs.phrases
    weights *= counts.sum() / (weights * counts).sum()
    return np.clip(weights, knobs.least, knobs.most)[rows.group].astype(np.float32)


def group_priors(rows: Rows, knobs: Weighting) -> np.ndarray:
    """What to add to the logits of each group while training: its (smoothed) log class shares.

    With it the model need not learn that, say, Latvian texts are negative because the Latvian
    source was politics; without it at prediction time the model assumes balanced classes. A group
    without neutral rows gets no neutral at all, which masks that class in the loss.
    """
    counts = np.zeros((len(rows.groups), 3))
    np.add.at(counts, (rows.group, rows.label), 1)
    shares = (counts + 2) / (counts.sum(1, keepdims=True) + 6)
    priors = (knobs.prior * np.log(shares)).astype(np.float32)
    for i, group in enumerate(rows.groups):
        if group["classes"] == 2 or counts[i, 1] == 0:
            priors[i, 1] = NO_CLASS
    return priors
