"""Quick checks of the parts that everything else rests on. Run with `pytest`."""

import json
from pathlib import Path

import numpy as np
import pytest

import export
import export_bag
import export_reader
import ngrams
import reader_steps
from bag import (
    EMPTY,
    LONGEST,
    MAX_FEATURES,
    MAX_TOKENS,
    Corpus,
    Knobs,
    _features,
    new_bag,
    new_sums,
    predict,
    train_epoch,
)
from clean import clean
from prepare import Rows, written_split
from reader import Reader, gram_rows
from reader_training import Pass, ReaderTrainer, Texts
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


PLAN = Pass("read", 20_000, 3e-3, 0.03, 0.1, 0.1, 0.1, batch_tokens=1024)


def new_trainer(trained, report=print):
    """A small reader of the same texts, and what trains it."""
    bag, ids, starts, label = trained
    reader = Reader(VOCAB, bag.marks, 16, 2, 2, 32, 4)
    target, weight = np.eye(3, dtype=np.float32)[label], np.ones(len(label), np.float32)
    learned = Texts(ids, starts, target, weight, np.zeros((len(label), 3), np.float32))
    return ReaderTrainer(reader, learned, 1, report)


@pytest.fixture(scope="module")
def read(trained, tmp_path_factory):
    trainer = new_trainer(trained)
    checkpoint = tmp_path_factory.mktemp("read") / "checkpoint"
    trainer.run(PLAN, lambda rng: np.arange(len(trained[3])), checkpoint)
    assert not checkpoint.exists()
    return trainer.reader


def test_training_goes_on_where_it_was_cut_off(trained, tmp_path):
    def stop(line):
        raise KeyboardInterrupt

    checkpoint = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        new_trainer(trained, stop).run(PLAN, lambda rng: np.arange(len(trained[3])), checkpoint, every=15_000)
    lines = []
    trainer = new_trainer(trained, lines.append)
    trainer.run(PLAN, lambda rng: np.arange(len(trained[3])), checkpoint)
    assert "goes on after 15," in lines[0], lines
    _, ids, starts, label = trained
    assert macro_f1(label, reader_steps.predict(trainer.reader, ids, starts).argmax(1)) > 0.9


def test_reader_learns(trained, read):
    _, ids, starts, label = trained
    assert macro_f1(label, reader_steps.predict(read, ids, starts).argmax(1)) > 0.9


def test_reader_and_bag_mean_the_same_ngrams(trained):
    bag, ids, starts, _ = trained
    for start, end in zip(starts[:50], starts[1:51]):
        text = ids[start:end].astype(np.int64)
        rows = gram_rows(text[None], bag.marks, 0.0, None)
        mine = sorted(bag.vocab + row for row in rows.ravel() if row < len(bag.marks))
        features = np.empty(MAX_FEATURES, np.int64)
        n = _features(ids, start, end, bag.vocab, bag.marks, features)
        assert mine == sorted(row for row in features[:n] if row >= bag.vocab)


def exported(folder, bag, weights):
    (folder / "model.onnx").write_bytes(export.build(bag, weights, 2, 0.5).SerializeToString())
    return folder / "model.onnx"


def expected(bag, weights, ids, starts):
    reader = reader_steps.from_weights(export_reader.dequantise(weights), bag.marks, 2)
    logits = predict(export_bag.dequantise(bag), ids, starts)
    return logits + 0.5 * reader_steps.predict(reader, ids, starts)


def test_export_computes_the_same(trained, read, tmp_path):
    bag, ids, starts, _ = trained
    read.save(tmp_path / "reader.npz")
    weights = dict(np.load(tmp_path / "reader.npz"))
    runner = export.Runner(exported(tmp_path, bag, weights))
    sequences = export.sequences(ids, starts)
    assert np.abs(runner.logits(sequences) - expected(bag, weights, ids, starts)).max() < 1e-4
    assert export.check_batches(runner, sequences) < 1e-5


def test_export_on_tract(trained, read, tmp_path):
    tract = pytest.importorskip("tract")
    bag, ids, starts, _ = trained
    read.save(tmp_path / "reader.npz")
    weights = dict(np.load(tmp_path / "reader.npz"))
    model = tract.onnx().load(str(exported(tmp_path, bag, weights))).into_model().into_runnable()
    logits = expected(bag, weights, ids, starts)
    for text, sequence in enumerate(export.sequences(ids, starts)[-20:], len(logits) - 20):
        inputs = list(export.pad([sequence], export.padded_length(len(sequence))))
        assert np.abs(model.run(inputs)[0].to_numpy()[0] - logits[text]).max() < 1e-4


def test_the_bag_alone_does_not_depend_on_padding(trained, tmp_path):
    bag, ids, starts, _ = trained
    runner = export.Runner(exported(tmp_path, bag, None))
    for sequence in export.sequences(ids, starts)[:32]:
        narrow = runner.logits([sequence])
        padded, mask = export.pad([sequence], MAX_TOKENS)
        padded[mask == 0] = 7  # whatever stands beyond the mask must not count
        (wide,) = runner.session.run(["logits"], {"input_ids": padded, "attention_mask": mask})
        assert (wide[0] == narrow[0]).all()


def test_sums_stay_exact():
    """A limit that export_bag.py relies on for results that do not depend on the batch."""
    assert LONGEST * MAX_TOKENS * export_bag.WEIGHT_GRID <= 2**24


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


def test_the_split_keeps_neighbours_together():
    assert len({written_split(f"lv-{n:04}") for n in range(10, 20)}) == 1
    assert len({written_split(f"{lang}-{n}") for lang in ("lv", "fr", "hi") for n in range(1050, 1060)}) == 1
    assert 0.05 < np.mean([written_split(f"xx-{n}5") == "dev" for n in range(100, 999)]) < 0.15
