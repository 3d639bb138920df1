"""The steps that train the reader. Each leaves one file in the work folder."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

import prepare
import score
import vectors
import vocabulary
import weighting
from clean import clean
from reader import Reader, Weights, count_layers
from reader_training import LENGTH_STEP, Pass, ReaderTrainer, Texts
from settings import Settings

EVAL_BATCH = 256
# A text of a large source is visited as seldom as its weight says, but never more seldom than this.
LEAST_VISITS = 0.2


def encode_plain(work: Path, folders: list[Path]) -> None:
    """Token ids of texts without labels: lines of `*.txt.gz`, and the `text` of `*.ndjson.gz`."""
    path = work / "plain.tokens.npz"
    if not path.exists():
        texts = [text for folder in folders for text in _plain_texts(folder)]
        ids, starts = vocabulary.tokenize(work / "tokenizer.json", texts or [""])
        np.savez(path, ids=ids, starts=starts)


def _plain_texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = clean(json.loads(line).get("text") or "") if ".ndjson" in path.name else clean(line)
                if text:
                    yield text


class ReaderSteps:
    """What the steps share."""

    def __init__(self, work: Path, settings: Settings, knobs: weighting.Weighting, threads: int) -> None:
        torch.set_num_threads(threads)
        self.work, self.settings, self.threads = work, settings, threads
        self.rows, self.ids, self.starts = prepare.load_encoded(work, "train")
        self.dev, self.dev_ids, self.dev_starts = prepare.load_encoded(work, "dev")
        self.weight = weighting.row_weights(self.rows, knobs)
        self.prior = weighting.group_priors(self.rows, knobs)[self.rows.group]
        plain = np.load(work / "plain.tokens.npz")
        self.all_ids = np.concatenate([self.ids, plain["ids"]])
        self.all_starts = np.concatenate([self.starts, self.starts[-1] + plain["starts"][1:]])

    def learn_vectors(self) -> None:
        """Token vectors from all text."""
        vocab = vocabulary.size(self.work)
        learned = vectors.train_vectors(
            self.all_ids, self.all_starts, vocab, self.settings.reader_dim, self.threads, self.settings.seed
        )
        np.save(self.work / "vectors.npy", learned)

    def read(self) -> None:
        """Masked tokens of all text and the sentiment of the labelled ones, together."""
        settings, labelled = self.settings, len(self.rows.label)
        reader = self.new_reader()
        reader.start_from(np.load(self.work / "vectors.npy"))
        plan = Pass("read", settings.read_texts, settings.read_rate, settings.gram_rate, 0.15, 0.3, settings.gram_drop)
        plain = np.arange(labelled, len(self.all_starts) - 1)

        def choose(rng: np.random.Generator) -> np.ndarray:
            return np.concatenate([np.arange(labelled), rng.choice(plain, len(plain) // 2, replace=False)])

        trainer = ReaderTrainer(reader, self._texts(self.weight), settings.seed, lambda line: self._tell(line, reader))
        trainer.run(plan, choose, self.work / "read.checkpoint")
        reader.save(self.work / "reader.read.npz")

    def tune(self) -> None:
        """Sentiment alone, on texts drawn by their weight: most of all on what looks like the domain."""
        settings = self.settings
        reader = self.new_reader()
        reader.load(self.work / "reader.read.npz")
        visits = np.maximum(self.weight, LEAST_VISITS)
        rest = np.clip(self.weight / visits, 0.1, 3).astype(np.float32) * float(self.weight.mean())
        chances = visits / visits.sum()
        gram_rate = settings.gram_rate / 3
        plan = Pass("tune", settings.tune_texts, settings.tune_rate, gram_rate, 0.1, 0.0, settings.gram_drop)

        def choose(rng: np.random.Generator) -> np.ndarray:
            return rng.choice(len(chances), 400_000, p=chances)

        trainer = ReaderTrainer(reader, self._texts(rest), settings.seed, lambda line: self._tell(line, reader))
        trainer.run(plan, choose, self.work / "tune.checkpoint")
        reader.save(self.work / "reader.npz")
        self._tell("tuned", reader)

    def new_reader(self) -> Reader:
        """A reader of the size that the settings say."""
        settings = self.settings
        marks = np.load(self.work / "marks.npy")
        return Reader(
            vocabulary.size(self.work),
            marks,
            settings.reader_dim,
            settings.reader_layers,
            settings.reader_heads,
            settings.reader_inner,
            settings.gram_dim,
        )

    def _texts(self, weight: np.ndarray) -> Texts:
        target = prepare.targets(self.work, self.rows, self.settings.opinion)
        return Texts(self.all_ids, self.all_starts, target, weight, self.prior)

    def _tell(self, line: str, reader: Reader) -> None:
        table = score.scores(predict(reader, self.dev_ids, self.dev_starts), self.dev)
        means = ", ".join(f"{name} {100 * table[name][0]:.1f}" for name in score.MEANS if name in table)
        print(f"{line}, {means}", flush=True)


def from_weights(weights: Weights, marks: np.ndarray, heads: int) -> Reader:
    """The reader that has these weights."""
    vocab, dim = weights["tokens.weight"].shape
    inner = len(weights["blocks.0.widen.bias"])
    reader = Reader(vocab, marks, dim, count_layers(weights), heads, inner, weights["grams"].shape[1])
    reader.set_weights(weights)
    return reader


def predict(reader: Reader, ids: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The logits of texts, without any prior."""
    logits = np.zeros((len(starts) - 1, 3), np.float32)
    nothing = np.zeros((0, 3), np.float32)
    texts = Texts(ids, starts, nothing, nothing, nothing)
    widths = -(-np.maximum(texts.lengths(), 1) // LENGTH_STEP)
    order = np.argsort(widths, kind="stable")
    with torch.no_grad():
        for first in range(0, len(order), EVAL_BATCH):
            batch = order[first : first + EVAL_BATCH]
            logits[batch] = reader.classify(*reader.read(texts.pad(batch))).numpy()
    return logits
