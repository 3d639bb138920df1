"""The steps between the corpus and a trained detector."""

import json
from pathlib import Path

import numpy as np

from language import detector
from language import grams
from language.codes import ENGLISH_PRIOR, LINGUA, OFTEN, RARE_PRIOR, ROMANISED_PRIOR

SLOTS = 1 << 26  # of the table that n-grams are counted in
TEXTS_COUNTED = 6000  # of each class
LEAST_COUNT = 1.5
SURELY_ANOTHER = 6.0  # so much higher a score, in nats
CHUNK = 50_000
VISIT_POWER = 0.35  # a class is drawn as often as its number of texts to this power


def load(work: Path) -> dict:
    """The arrays that corpus.gather wrote, and the classes."""
    arrays = {name: np.load(work / f"{name}.npy") for name in ("points", "starts", "class", "kind", "weight")}
    return arrays | {"classes": json.loads((work / "classes.json").read_text())}


def bounds(data: dict) -> np.ndarray:
    """Where the texts and the words of each class begin and end: [classes, 3]."""
    index = data["class"].astype(np.int64) * 2 + data["kind"]
    ends = np.searchsorted(index, np.arange(2 * len(data["classes"]) + 1))
    return np.stack([ends[0:-1:2], ends[1::2], ends[2::2]], axis=1)


def choose(data: dict, rows: int) -> np.ndarray:
    """Give the rows of the table to the n-grams that tell most about the class: [rows] of marks."""
    keys = np.zeros(SLOTS, np.uint64)
    counts, total, entropy = (np.zeros(SLOTS, np.float32) for _ in range(3))
    touched = np.empty(SLOTS // 4, np.int64)
    scripts = [entry["name"].split("/")[1] for entry in data["classes"]]
    for label, (first, middle, last) in enumerate(bounds(data)):
        if scripts.count(scripts[label]) == 1:
            continue
        spread = np.random.default_rng(label).permutation(np.arange(first, middle))[:TEXTS_COUNTED]
        n = _count(data, data["weight"], keys, counts, touched, np.sort(spread), np.arange(middle, last))
        rate = np.float32(1e6 / max(1.0, counts[touched[:n]].sum()))
        grams.add_gain(counts, touched, n, total, entropy, rate, np.float32(LEAST_COUNT))
    gain = np.where(total > 0, entropy - total * np.log(np.maximum(total, 1e-30)) + total * np.log(len(scripts)), 0)
    order = np.argsort(-gain)
    order = order[gain[order] > 0]
    print(f"{len(order)} n-grams, {rows} rows")
    marks, placed = grams.owners(order[: 3 * rows], keys, rows)
    print(f"{placed} placed")
    return marks


def _count(data, weights, keys, counts, touched, texts, listed):
    """Count the n-grams of texts, and of listed words as heavily as those of the texts."""
    n = 0
    scale = 1.0
    if len(listed):
        letters = np.diff(data["starts"])
        heavy = (letters[listed] * weights[listed]).sum()
        scale = letters[texts].sum() / heavy
    for indices, factor in ((texts, 1.0), (listed, scale)):
        if len(indices):
            n = grams.count_texts(keys, counts, touched, n, data["points"], data["starts"], weights, indices, factor)
    return n


def texts_of(data: dict) -> detector.Texts:
    """The corpus as training reads it."""
    where = bounds(data)
    running = np.zeros(len(data["class"]), np.float64)
    for first, middle, last in where:
        running[middle:last] = np.cumsum(data["weight"][middle:last])
    scripts = [entry["name"].split("/")[1] for entry in data["classes"]]
    names = sorted(set(scripts))
    share = np.array([entry["texts"] for entry in data["classes"]]) ** VISIT_POWER
    share = np.where([scripts.count(script) == 1 for script in scripts], 0, share)
    return detector.Texts(
        points=data["points"],
        starts=data["starts"],
        text_from=where,
        word_weight=running,
        group=np.array([names.index(script) for script in scripts], np.int64),
        share=np.cumsum(share),
    )


def without_mislabelled(data: dict, model: detector.Detector) -> dict:
    """The corpus without texts that a first model is sure are in another language: English in a Hindi collection."""
    texts = texts_of(data)
    first, middle, _ = bounds(data).T
    keep = np.ones(len(data["class"]), bool)
    for begin, end in zip(first, middle):
        label = data["class"][begin]
        for at in range(begin, end, CHUNK):
            last = min(at + CHUNK, end)
            starts = data["starts"][at : last + 1]
            group = np.full(last - at, texts.group[label])
            points = data["points"][starts[0] : starts[-1]]
            scores, _ = detector.predict(model, points, starts - starts[0], group, texts.group)
            keep[at:last] = scores.max(1) - scores[:, label] < SURELY_ANOTHER
    lengths = np.diff(data["starts"])
    kept = {name: data[name][keep] for name in ("class", "kind", "weight")}
    kept["points"] = data["points"][np.repeat(keep, lengths)]
    kept["starts"] = np.concatenate([[0], np.cumsum(lengths[keep])])
    counts = np.bincount(kept["class"][kept["kind"] == 0], minlength=len(data["classes"]))
    print(f"{(~keep).sum()} texts left out: surely in another language")
    return kept | {"classes": [entry | {"texts": int(n)} for entry, n in zip(data["classes"], counts)]}


def priors(classes: list[dict]) -> np.ndarray:
    """What is added to the scores of classes that are met more often, or less, than others."""
    return np.array([_prior(entry["name"].split("/")[0]) for entry in classes], np.float32)


def _prior(code: str) -> float:
    if code == "en":
        return ENGLISH_PRIOR
    if code.endswith("-Latn"):
        return ROMANISED_PRIOR
    return 0.0 if code in LINGUA or code in OFTEN else RARE_PRIOR
