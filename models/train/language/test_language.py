"""Tests of the detector's training: the parts that the engine mirrors, and a small run of everything."""

import json
from pathlib import Path

from language import calibrate
from language import detector
from language import export
from language import grams
import numpy as np
from language import romanise
from language import steps
from language.words import main_script, words

HERE = Path(__file__).parent
SENTENCES = {
    "en/Latn": "the parcel came today and it was good|we are here with the others|this is not what they said",
    "de/Latn": "das paket kam heute und es war gut|wir sind hier mit den anderen|das ist nicht was sie sagten",
    "ru/Cyrl": "посылка пришла сегодня|мы здесь с другими|это не то что они сказали",
    "uk/Cyrl": "посилка прийшла сьогодні|ми тут з іншими|це не те що вони сказали",
}


def corpus_of(sentences: dict[str, str]) -> dict:
    """A corpus in the shape that `steps.load` gives."""
    rows = [(n, text) for n, name in enumerate(sentences) for text in sentences[name].split("|")]
    points = [np.array([ord(c) for c in f" {text} "], np.int32) for _, text in rows]
    return {
        "points": np.concatenate(points),
        "starts": np.concatenate([[0], np.cumsum([len(p) for p in points])]).astype(np.int64),
        "class": np.array([n for n, _ in rows], np.int16),
        "kind": np.zeros(len(rows), np.int8),
        "weight": np.ones(len(rows), np.float32),
        "classes": [{"name": name, "texts": 3} for name in sentences],
    }


def trained(data: dict, monkeypatch) -> detector.Detector:
    monkeypatch.setattr(steps, "SLOTS", 1 << 16)
    model = detector.new_detector(steps.choose(data, 4096), len(data["classes"]), 32, seed=1)
    return detector.fit(model, steps.texts_of(data), 2, 4000, 1, 0.5, 0.3, lambda number, loss: None)


def test_words_are_those_of_the_engine():
    for line in (HERE / "words_cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        assert [list(word) for word in words(case["text"])] == case["words"], case["text"]


def test_the_script_of_most_letters_is_the_main_one():
    assert main_script(words("iPhone 壊れた")) == "Hani"
    assert main_script(words("123 😂")) is None


def test_ngrams_stay_within_words():
    def count(text):
        points = np.array([ord(c) for c in f" {text} "], np.int32)
        return grams.hashes_of(points, len(points), np.empty(grams.MAX_ROWS, np.uint64))

    assert count("ab") == 8
    assert count("abcd") == 19  # the word itself among them
    assert count("ab abcd") == 27


def test_a_small_detector_learns_and_survives_rounding(monkeypatch):
    data = corpus_of(SENTENCES)
    model = trained(data, monkeypatch)
    rounded, whole, _ = export.quantised(model)
    assert np.abs(whole).max() <= export.LEVELS
    groups = steps.texts_of(data).group
    for some in (model, rounded):
        scores, found = detector.predict(some, data["points"], data["starts"], groups[data["class"]], groups)
        assert (scores.argmax(1) == data["class"]).all()
        assert (found > 0).all()


def test_texts_surely_in_another_language_are_left_out(monkeypatch):
    data = corpus_of(SENTENCES)
    model = trained(data, monkeypatch)
    monkeypatch.setattr(steps, "SURELY_ANOTHER", 1.0)
    mixed_up = corpus_of(SENTENCES | {"en/Latn": SENTENCES["en/Latn"] + "|" + SENTENCES["de/Latn"].split("|")[0]})
    kept = steps.without_mislabelled(mixed_up, model)
    assert (np.bincount(kept["class"]) == 3).all()
    assert len(kept["points"]) == kept["starts"][-1] == len(data["points"])


def test_the_written_file_has_every_part(tmp_path, monkeypatch):
    data = corpus_of(SENTENCES)
    model = trained(data, monkeypatch)
    classes = [entry | {"prior": 0.0} for entry in data["classes"]]
    export.write(model, classes, [{"rows": 2, "factor": 1.0}], tmp_path / "detector.bin")
    magic, header, rest = (tmp_path / "detector.bin").read_bytes().split(b"\n", 2)
    assert magic + b"\n" == export.MAGIC
    rows = json.loads(header)["rows"]
    assert len(rest) == rows * 16 + rows * 2 + len(classes) * 32 * 4


def test_calibration_finds_the_temperature():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 3)) * 2
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    label = (shares.cumsum(1) > rng.random((4000, 1))).argmax(1)
    knots = calibrate.fit(logits * 3, np.full(4000, 40), label)
    at_40 = next(knot["factor"] for knot in knots if knot["rows"] == 40)
    assert abs(at_40 - 1 / 3) < 0.04
    shares = calibrate.probabilities(logits * 3, np.full(4000, 40), knots)
    assert calibrate.error(shares.max(1), shares.argmax(1) == label) < 0.03


def test_romanised_text_is_latin():
    assert romanise.apply("Почему?", "ru").isascii()
    assert romanise.apply("ఇది చాలా బాగుంది", "te").replace("ఁ", "").isascii()
