"""Scores of a detector on held-out texts: words, pairs and sentences as in lingua's exam, and labelled tweets."""

import gzip
import json
import random
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from language import calibrate
from language import corpus
from language import detector
import numpy as np
from language.codes import LINGUA
from language.words import main_script, words

MIN_LETTERS = 5
MIN_CONFIDENCE = 0.3  # below it the engine answers `und`
KANA_SHARE = 12  # one in so many


def exam(data: Path) -> dict[str, list[tuple[str, str]]]:
    """Single words of five letters or more, pairs of them, and sentences, each with its code.

    Of Han and kana, which have no spaces, every seventh pair of characters is a word. Phrases are two or three words in
    a row, as they stand.
    """
    shapes = {"words": [], "pairs": [], "sentences": [], "phrases": []}
    for code, text in corpus.dev_rows(data):
        if code not in LINGUA:
            continue
        shapes["sentences"].append((code, text))
        found = words(text)
        script = main_script(found)
        own = [word for word, here in found if here == script]
        shapes["phrases"] += [(code, " ".join(own[at : at + 3 - at % 2])) for at in range(0, len(own) - 2, 5)]
        long = [word for word in own if len(word) >= MIN_LETTERS]
        if script == "Hani":
            long = [text[i : i + 2] for i in range(0, len(text) - 1, 7)]
        shapes["words"] += [(code, word) for word in dict.fromkeys(long)]
        shapes["pairs"] += [(code, f"{a} {b}") for a, b in zip(long[::2], long[1::2])]
    rng = random.Random(7)
    return {shape: rng.sample(rows, len(rows)) for shape, rows in shapes.items()}


def everything(data: Path) -> dict[str, list[tuple[str, str]]]:
    """The exam, and tweets: the labelled texts that models are compared on, and Armenian ones from the streams."""
    with gzip.open(data / "streams/armenian_tweets.ndjson.gz", "rt", encoding="utf-8") as lines:
        armenian = [("hy", json.loads(line)["text"]) for line in lines]
    tweets = corpus.labelled_dev(data) + [(code, text) for code, text in armenian if text.strip()]
    return exam(data) | {"tweets": random.Random(7).sample(tweets, len(tweets))}


@dataclass
class Read:
    """What a detector says of some texts, in parallel arrays."""

    code: np.ndarray  # what is right
    label: np.ndarray  # the right class; -1 where it is not among those of the text's script
    scores: np.ndarray  # [texts, classes], -1e9 for classes of other scripts
    found: np.ndarray  # known n-grams

    @staticmethod
    def of(rows: list[tuple[str, str]], classes: list[dict], model: detector.Detector, priors: np.ndarray) -> "Read":
        """Run the detector over texts."""
        names = [entry["name"] for entry in classes]
        scripts = sorted({name.split("/")[1] for name in names})
        points, starts, script = flat(rows, scripts)
        group = np.array([scripts.index(name.split("/")[1]) for name in names])
        scores, found = detector.predict(model, points, starts, np.maximum(script, 0), group)
        right = [f"{code}/{scripts[at]}" if at >= 0 else "" for (code, _), at in zip(rows, script)]
        label = np.array([names.index(name) if name in names else -1 for name in right])
        scores += priors
        if "ja/Hani" in names:
            kana = np.array([is_japanese(points[a:b]) for a, b in pairwise(starts)]) & (script == scripts.index("Hani"))
            scores[kana] = -1e9
            scores[kana, names.index("ja/Hani")] = 0
        return Read(np.array([code for code, _ in rows]), label, scores, found)

    def answers(self, codes: np.ndarray, knots: list[dict]) -> list[tuple[str, float]]:
        """What the engine answers: the code, `und` where it is not sure, and how likely the likeliest language is."""
        shares = calibrate.probabilities(self.scores, self.found, knots)
        languages = np.where(codes == "", 0, shares)
        best, likeliest = codes[shares.argmax(1)], languages.max(1)
        sure = (best != "") & (likeliest >= MIN_CONFIDENCE)
        return [(str(code) if ok else "und", round(float(p), 4)) for code, ok, p in zip(best, sure, likeliest)]

    def half(self, which: int) -> "Read":
        """Every other text."""
        return Read(self.code[which::2], self.label[which::2], self.scores[which::2], self.found[which::2])


def flat(rows: list[tuple[str, str]], scripts: list[str]):
    """Texts as code points, where each starts, and the index of its script, -1 for none."""
    points, starts, script = [], [0], []
    for _, text in rows:
        found = words(text)
        main = main_script(found)
        own = " ".join(word for word, here in found if here == main)
        points.append(np.array([ord(c) for c in f" {own} "], np.int32))
        starts.append(starts[-1] + len(points[-1]))
        script.append(scripts.index(main) if main in scripts else -1)
    return np.concatenate(points), np.array(starts), np.array(script)


def is_japanese(points: np.ndarray) -> bool:
    """True if enough of the letters are kana: decided without the model, as the engine does."""
    letters = points[points != ord(" ")]
    kana = (letters >= 0x3041) & (letters <= 0x30FF) | (letters >= 0x31F0) & (letters <= 0x31FF)
    return len(letters) > 0 and kana.sum() * KANA_SHARE >= len(letters)


def summary(read: Read, codes: np.ndarray, knots: list[dict], only: list[str] | None) -> str:
    """Accuracy over all texts and as the mean over languages, and calibration."""
    scores = np.where(np.isin(codes, only), read.scores, -1e9) if only else read.scores
    shares = calibrate.probabilities(scores, read.found, knots)
    right = codes[shares.argmax(1)] == read.code
    per = {code: right[read.code == code].mean() for code in sorted(set(read.code))}
    worst = ", ".join(f"{code} {100 * value:.0f}" for code, value in sorted(per.items(), key=lambda kv: kv[1])[:8])
    return (
        f"{100 * right.mean():.2f} % of {len(right)}, mean over {len(per)} languages {100 * np.mean(list(per.values())):.2f}, "
        f"calibration error {calibrate.error(shares.max(1), right):.3f}; worst: {worst}"
    )
