"""Step 1: read the labelled texts, clean them, and write them flat.

Parsing and cleaning take longer than training, so they are done once. The result is one text a line
and one array a property, in the same order.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import licences
from clean import clean
from licences import PHRASES, WRITTEN

LABELS = ("negative", "neutral", "positive")
SPLITS = ("train", "dev")
PHRASE_LABELS = "nup"
WRITTEN_DEV_SHARE = 0.1  # of them is never trained on


@dataclass
class Rows:
    """The rows of one split: texts, and what is known of each in parallel arrays."""

    texts: list[str]
    label: np.ndarray  # index into LABELS
    group: np.ndarray  # index into groups
    groups: list[dict]  # {"lang", "source", "grade", "classes"}

    def column(self, key: str) -> np.ndarray:
        """One property of the groups, spread over the rows."""
        return np.array([group[key] for group in self.groups])[self.group]


def prepare(data: Path, written: Path | None, out: Path, workers: int, only_open: bool) -> None:
    """Write `SPLIT.txt`, `SPLIT.npz` and `SPLIT.groups.json` for the splits that are not there.

    With `only_open`, training texts of sources whose licence is not plainly open are left out.
    """
    sources = licences.described(data / "sources.tsv") if only_open else {}
    free = {name for name, row in sources.items() if licences.use(row) == "open"}
    for split in SPLITS:
        if (out / f"{split}.groups.json").exists():
            continue
        files = sorted((data / split).glob("*.jsonl.gz"))
        if not files:
            raise FileNotFoundError(f"no *.jsonl.gz in {data / split}")
        with ProcessPoolExecutor(workers) as pool:
            parts = list(pool.map(_read_file, files, chunksize=1))
        rows = [row for part in parts for row in part]
        if only_open and split == "train":
            rows = [row for row in rows if row[2][1] in free]
        _write(out, split, rows + list(_read_written(written, split)))


def _read_file(path: Path) -> list[tuple[str, int, tuple]]:
    return list(_read_rows(path))


def _read_rows(path: Path) -> Iterator[tuple[str, int, tuple]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = clean(row["text"])
            if text:
                group = (row["lang"], row["source"], row["grade"], row["classes"])
                yield text, LABELS.index(row["label"]), group


def _read_written(folder: Path | None, split: str) -> Iterator[tuple[str, int, tuple]]:
    """The mentions written for this project; which split one is in follows from its id."""
    for path in sorted(folder.glob("*.jsonl")) if folder else []:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = clean(row["text"])
            if text and written_split(row["id"]) == split:
                yield text, LABELS.index(row["label"]), (row["lang"], WRITTEN, "gold", 3)
    for path in sorted((folder / "phrases").glob("*.tsv")) if folder and split == "train" else []:
        for line in path.read_text(encoding="utf-8").splitlines():
            label, _, phrase = line.partition("\t")
            if text := clean(phrase):
                yield text, PHRASE_LABELS.index(label), (path.stem, PHRASES, "gold", 3)


def written_split(identifier: str) -> str:
    """`dev` for a tenth of the ids, the same ones for ever; `train` for the others.

    Ten neighbours go together, because neighbouring texts are often about one situation. From number
    1000 on, so do the texts of that number in all languages: their writers took scenes from one
    language to the next.
    """
    lang, _, number = identifier.partition("-")
    block = number[:-1] if len(number) == 4 and number[0] != "0" else f"{lang}-{number[:-1]}"
    digest = hashlib.sha256(block.encode()).digest()
    return "dev" if int.from_bytes(digest[:4]) < WRITTEN_DEV_SHARE * 2**32 else "train"


def _write(out: Path, split: str, rows: list[tuple[str, int, tuple]]) -> None:
    keys = sorted({group for _, _, group in rows})
    index = {key: i for i, key in enumerate(keys)}
    groups = [dict(zip(("lang", "source", "grade", "classes"), key)) for key in keys]
    with open(out / f"{split}.txt", "w", encoding="utf-8", newline="\n") as file:
        file.writelines(text + "\n" for text, _, _ in rows)
    np.savez(
        out / f"{split}.npz",
        label=np.array([label for _, label, _ in rows], np.int8),
        group=np.array([index[group] for _, _, group in rows], np.int32),
    )
    # Last, because its presence says that the step is complete.
    (out / f"{split}.groups.json").write_text(json.dumps(groups, ensure_ascii=False, indent=0))


def load(out: Path, split: str) -> Rows:
    """Read back what `prepare` wrote."""
    with open(out / f"{split}.txt", encoding="utf-8", newline="\n") as file:
        texts = file.read().split("\n")[:-1]
    arrays = np.load(out / f"{split}.npz")
    groups = json.loads((out / f"{split}.groups.json").read_text(encoding="utf-8"))
    return Rows(texts, arrays["label"], arrays["group"], groups)


def load_encoded(work: Path, split: str) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Rows of a split with their token ids and offsets."""
    tokens = np.load(work / f"{split}.tokens.npz")
    return load(work, split), tokens["ids"], tokens["starts"]


def targets(work: Path, rows: Rows, share: float) -> np.ndarray:
    """What the model should say of each training text [texts, 3]: labels blended with opinions.

    A label that its own writer gave is truer than what a bag of n-grams thinks of it.
    """
    by_writer = np.isin(rows.column("source"), (WRITTEN, PHRASES))
    opinion = np.where(by_writer, 0, share).astype(np.float32)[:, None]
    labels = np.eye(len(LABELS), dtype=np.float32)[rows.label]
    return (1 - opinion) * labels + opinion * np.load(work / "opinions.npy")
