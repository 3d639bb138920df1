"""Train the sentiment model, from labelled texts to the bundle that the engine embeds.

    python train.py all --data DATA --work SCRATCH --bundle BUNDLE

Each step skips what it finds done, so an interrupted run goes on where it stopped; delete the file
that a step writes to run it again. README.md tells what the steps read and write.
"""

import argparse
import os
import time
from dataclasses import fields
from pathlib import Path

import numba
import numpy as np

import card
import export
import export_bag
import export_reader
import ngrams
import prepare
import reader_steps
import score
import vocabulary
import weighting
from bag import EMPTY, Bag, Corpus, Knobs, new_bag, new_sums, predict, train_epoch
from reader import Weights
from settings import Settings

STEPS = (
    "prepare", "tokenizer", "encode", "ngrams", "opinions", "fit", "vectors", "read", "tune", "bundle"
)  # fmt: skip
TOLERANCE_TRAINER = 1e-3
TOLERANCE_BATCH = 1e-5
CHECKED_TEXTS = 512


class BagSteps:
    """The three steps that train the bag. Each leaves one file in the work folder."""

    def __init__(
        self, work: Path, settings: Settings, knobs: weighting.Weighting, threads: int
    ) -> None:
        numba.set_num_threads(threads)
        self.work, self.settings, self.threads = work, settings, threads
        self.rows, ids, starts = prepare.load_encoded(work, "train")
        self.corpus = Corpus(
            ids,
            starts,
            np.eye(3, dtype=np.float32)[self.rows.label],
            weighting.row_weights(self.rows, knobs),
            self.rows.group,
            weighting.group_priors(self.rows, knobs),
        )
        self.dev, self.dev_ids, self.dev_starts = prepare.load_encoded(work, "dev")
        self.vocab = vocabulary.size(work)

    def choose_ngrams(self) -> None:
        """Train on tokens alone, and choose the n-grams by what those leave open."""
        rng = self._rng("ngrams")
        nothing = np.full(1, EMPTY, np.int8)
        bag = new_bag(self.vocab, nothing, self.settings.dim, self.settings.units, rng)
        self._descend(bag, self.corpus, self._everything(), rng)
        corpus = self.corpus
        residuals = corpus.target - self._shares(bag)
        marks = ngrams.choose(
            corpus.ids, corpus.starts, residuals, corpus.weight, self.settings.buckets
        )
        np.save(self.work / "marks.npy", marks)

    def ask_opinions(self) -> None:
        """What models that have not seen a text make of it: softer than labels, often truer."""
        rng = self._rng("opinions")
        fold = rng.integers(0, self.settings.folds, len(self.rows.label))
        opinions = np.zeros_like(self.corpus.target)
        for held_out in range(self.settings.folds):
            bag = self._new_bag(rng)
            self._descend(bag, self.corpus, np.flatnonzero(fold != held_out), rng)
            mine = fold == held_out
            opinions[mine] = self._shares(bag)[mine]
        np.save(self.work / "opinions.npy", opinions)

    def fit(self) -> None:
        """Train the model on labels blended with opinions."""
        rng = self._rng("fit")
        target = prepare.targets(self.work, self.rows, self.settings.opinion)
        bag = self._new_bag(rng)
        self._descend(bag, self.corpus._replace(target=target), self._everything(), rng)
        bag.save(self.work / "model.npz")

    def _rng(self, step: str) -> np.random.Generator:
        """Random numbers that are a step's own, so that steps can be skipped."""
        return np.random.default_rng([self.settings.seed, STEPS.index(step)])

    def _new_bag(self, rng: np.random.Generator) -> Bag:
        marks = np.load(self.work / "marks.npy")
        return new_bag(self.vocab, marks, self.settings.dim, self.settings.units, rng)

    def _everything(self) -> np.ndarray:
        return np.arange(len(self.rows.label))

    def _descend(
        self, bag: Bag, corpus: Corpus, texts: np.ndarray, rng: np.random.Generator
    ) -> None:
        """Train in place on some texts, the rate falling to zero; tell how the dev texts fare."""
        sums = new_sums(bag)
        settings = self.settings
        for epoch in range(settings.epochs):
            began = time.monotonic()
            rate, next_rate = (
                settings.rate * (1 - done / settings.epochs) for done in (epoch, epoch + 1)
            )
            order, seed = rng.permutation(texts), int(rng.integers(2**31))
            knobs = Knobs(rate, settings.drop)
            loss = train_epoch(bag, sums, corpus, order, knobs, next_rate, self.threads, seed)
            table = score.scores(predict(bag, self.dev_ids, self.dev_starts), self.dev)
            means = ", ".join(f"{name} {100 * table[name][0]:.1f}" for name in score.MEANS if name in table)
            print(f"epoch {epoch + 1}: loss {loss:.4f}, {time.monotonic() - began:.0f} s, {means}")

    def _shares(self, bag: Bag) -> np.ndarray:
        """What a model says of each text, knowing the class balance of its group."""
        corpus = self.corpus
        return score.softmax(predict(bag, corpus.ids, corpus.starts) + corpus.priors[corpus.group])


def bundle(work: Path, data: Path, out: Path, settings: Settings) -> None:
    """Export both models as one, check the exported files, and write the card."""
    bag = Bag.load(work / "model.npz")
    reader = dict(np.load(work / "reader.npz"))
    dev, ids, starts = prepare.load_encoded(work, "dev")
    logits = expected_logits(bag, reader, ids, starts, settings)
    fitted, held_out = score.every_other(dev, 0), score.every_other(dev, 1)
    temperature = score.fit_temperature(logits[fitted], score.pick(dev, fitted))
    error = score.calibration_error(logits[held_out] / temperature, score.pick(dev, held_out))
    model = export.build(bag, reader, settings.reader_heads, settings.reader_share)
    export.write_bundle(model, work / "tokenizer.json", temperature, out)
    exported = check(out, logits, export.sequences(ids, starts))
    table = score.scores(exported, dev)
    rows = prepare.load(work, "train")
    text = card.render(table, rows, data / "sources.tsv", temperature, error, out)
    export.replace(out / "CARD.md", text.encode())
    print(score.report(table))


def expected_logits(
    bag: Bag, weights: Weights, ids: np.ndarray, starts: np.ndarray, settings: Settings
) -> np.ndarray:
    """What the exported graph should say, computed by the code that trained it."""
    rounded = export_reader.dequantise(weights)
    reader = reader_steps.from_weights(rounded, bag.marks, settings.reader_heads)
    read = reader_steps.predict(reader, ids, starts)
    return predict(export_bag.dequantise(bag), ids, starts) + settings.reader_share * read


def check(out: Path, expected: np.ndarray, sequences: list[np.ndarray]) -> np.ndarray:
    """Fail unless the exported model gives the trainer's logits, whatever a text is batched with."""
    runner = export.Runner(out / "model.onnx")
    logits = runner.logits(sequences)
    off = float(np.abs(logits - expected).max())
    alone = export.check_batches(runner, sequences[:: max(1, len(sequences) // CHECKED_TEXTS)])
    print(f"ONNX Runtime against the trainer {off:.1e}, alone against in a batch {alone:.1e}")
    if off > TOLERANCE_TRAINER or alone > TOLERANCE_BATCH:
        raise ValueError("the exported model is not the trained one")
    return logits


def main() -> None:
    """Read the command line and run the steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("all", *STEPS))
    parser.add_argument("--data", type=Path, required=True, help="train/, dev/ and sources.tsv")
    parser.add_argument("--written", type=Path, help="folder of LANG.jsonl written for the project")
    parser.add_argument(
        "--text", type=Path, action="append", default=[], help="folder of plain texts, *.txt.gz or *.ndjson.gz"
    )
    parser.add_argument("--work", type=Path, required=True, help="for what the steps leave behind")
    parser.add_argument("--bundle", type=Path, required=True, help="where the model is written")
    parser.add_argument("--only-open", action="store_true", help="leave out sources without an open licence")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    os.environ["RAYON_NUM_THREADS"] = str(arguments.threads)  # what tokenizers goes by
    settings, knobs = Settings(), weighting.Weighting()
    for item in arguments.set:
        override(item, settings, knobs)
    for step in STEPS if arguments.step == "all" else (arguments.step,):
        run(step, arguments, settings, knobs)


def override(item: str, *targets: object) -> None:
    """Apply one `name=value` to the settings that have that name."""
    name, _, value = item.partition("=")
    for target in targets:
        for field in fields(target):
            if field.name == name:
                setattr(target, name, field.type(value))
                return
    raise SystemExit(f"no setting is called {name!r}")


def run(
    step: str, arguments: argparse.Namespace, settings: Settings, knobs: weighting.Weighting
) -> None:
    """Run one step, unless what it writes is there, and say how long it took."""
    began = time.monotonic()
    work = arguments.work

    def bag() -> BagSteps:
        return BagSteps(work, settings, knobs, arguments.threads)

    def reader() -> reader_steps.ReaderSteps:
        return reader_steps.ReaderSteps(work, settings, knobs, arguments.threads)

    match step:
        case "prepare":
            prepare.prepare(arguments.data, arguments.written, work, arguments.threads, arguments.only_open)
        case "tokenizer":
            vocabulary.train_tokenizer(work, settings.vocab, settings.sample_chars, settings.seed)
        case "encode":
            vocabulary.encode(work)
            reader_steps.encode_plain(work, arguments.text)
        case "ngrams" if not (work / "marks.npy").exists():
            bag().choose_ngrams()
        case "opinions" if not (work / "opinions.npy").exists():
            bag().ask_opinions()
        case "fit" if not (work / "model.npz").exists():
            bag().fit()
        case "vectors" if not (work / "vectors.npy").exists():
            reader().learn_vectors()
        case "read" if not (work / "reader.read.npz").exists():
            reader().read()
        case "tune" if not (work / "reader.npz").exists():
            reader().tune()
        case "bundle":
            bundle(work, arguments.data, arguments.bundle, settings)
    print(f"{step}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
