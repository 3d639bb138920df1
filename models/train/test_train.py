"""Quick checks of the parts that everything else rests on. Run with `pytest`."""

import json
from pathlib import Path

import numpy as np
import pytest

import export
import ngrams
from bag import EMPTY, LONGEST, MAX_TOKENS, Corpus, Knobs, new_bag, new_sums, predict, train_epoch
from clean import clean
from prepare import Rows
from score import fit_temperature, macro_f1
from weighting import Weighting, group_priors

VOCAB = 50
CASES = Path(__file__).with_name("clean_cases.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", map(json.loads, CASES))
def test_clean(case):
    assert clean(case["input"]) == case["expected"]


@pytest.mark.parametrize("case", map(json.loads, CASES))
def test_clean_has_no_loose_ends(case):
    cleaned = clean(case["input"])
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    assert not any(cleaned[i] * 4 == cleaned[i : i + 4] for i in range(len(cleaned)))


def texts(seed: int, count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Random texts of 1 to MAX_TOKENS tokens."""
    rng = np.random.default_rng(seed)
    lengths = np.append(rng.integers(1, 12, count - 2), [1, MAX_TOKENS])
    starts = np.append(0, np.cumsum(lengths))
    return rng.integers(2, VOCAB, starts[-1]).astype(np.int32), starts


@pytest.fixture(scope="module")
def trained():
    """A small model of texts that are positive if they contain token 7, negative otherwise."""
    ids, starts = texts(1)
    label = np.array([2 if 7 in part else 0 for part in export.sequences(ids, starts)], np.int8)
    count = len(label)
    weight = np.ones(count, np.float32)
    target = np.eye(3, dtype=np.float32)[label]
    marks = ngrams.choose(ids, starts, target - 1 / 3, weight, 301)
    bag = new_bag(VOCAB, marks, 16, 32, np.random.default_rng(1))
    group, priors = np.zeros(count, np.int32), np.zeros((1, 3), np.float32)
    corpus = Corpus(ids, starts, target, weight, group, priors)
    sums = new_sums(bag)
    for seed in range(20):
        train_epoch(bag, sums, corpus, np.arange(count), Knobs(0.2, 0.1), 0.1, 1, seed)
    return bag, ids, starts, label


def test_learns(trained):
    bag, ids, starts, label = trained
    assert macro_f1(label, predict(bag, ids, starts).argmax(1)) > 0.9


def test_rows_know_their_owners(trained):
    bag, *_ = trained
    assert (bag.marks != EMPTY).any()


def test_export_computes_the_same(trained, tmp_path):
    bag, ids, starts, _ = trained
    (tmp_path / "model.onnx").write_bytes(export.build(bag).SerializeToString())
    runner = export.Runner(tmp_path / "model.onnx")
    sequences = export.sequences(ids, starts)
    expected = predict(export.dequantise(bag), ids, starts)
    assert np.abs(runner.logits(sequences) - expected).max() < 1e-4
    assert export.check_padding(runner, sequences) == 0
    assert np.abs(expected - predict(bag, ids, starts)).max() < 0.2


def test_export_on_tract(trained, tmp_path):
    tract = pytest.importorskip("tract")
    bag, ids, starts, _ = trained
    (tmp_path / "model.onnx").write_bytes(export.build(bag).SerializeToString())
    model = tract.onnx().load(str(tmp_path / "model.onnx")).into_model().into_runnable()
    expected = predict(export.dequantise(bag), ids, starts)
    for text, sequence in enumerate(export.sequences(ids, starts)[-20:], len(expected) - 20):
        padded, mask = export.pad([sequence], MAX_TOKENS)
        for inputs in ([padded, mask], list(export.pad([sequence]))):
            assert np.abs(model.run(inputs)[0].to_numpy()[0] - expected[text]).max() < 1e-4


def test_empty_text_is_the_bias(trained, tmp_path):
    bag, *_ = trained
    (tmp_path / "model.onnx").write_bytes(export.build(bag).SerializeToString())
    logits = export.Runner(tmp_path / "model.onnx").logits([np.empty(0, np.int64)])
    expected = predict(export.dequantise(bag), np.empty(0, np.int32), np.zeros(2, np.int64))
    assert np.abs(logits - expected).max() < 1e-6


def test_sums_stay_exact():
    """A limit that export.py relies on for results that do not depend on the batch."""
    assert LONGEST * MAX_TOKENS * export.WEIGHT_GRID <= 2**24


def test_two_class_sources_have_no_neutral():
    groups = [
        {"lang": "xx", "source": "a", "grade": "gold", "classes": classes} for classes in (3, 2)
    ]
    label, group = np.array([0, 1, 2, 0, 2], np.int8), np.array([0, 0, 0, 1, 1], np.int32)
    priors = group_priors(Rows([""] * 5, label, group, groups), Weighting())
    assert priors[0, 1] > -2 and priors[1, 1] < -1e8


def test_temperature_finds_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((3000, 3)).astype(np.float32)
    # The Gumbel trick: the largest noisy logit is a draw from the softmax of the logits.
    label = (logits + rng.gumbel(size=logits.shape)).argmax(1)
    groups = [{"lang": "xx", "source": "a", "grade": "gold", "classes": 3}]
    rows = Rows([""] * 3000, label, np.zeros(3000, np.int32), groups)
    assert 1.7 < fit_temperature(logits * 2, rows) < 2.3
