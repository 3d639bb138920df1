"""The model card: what the model is for, what it was made of, and how well it does."""

import csv
import json
from pathlib import Path

import numpy as np

from clean import clean
from export import Runner, sequences
from prepare import LABELS, WRITTEN, Rows
from score import report, softmax
from vocabulary import tokenize

HERE = Path(__file__).parent
RESEARCH = ("research", "non-profit", "NC", "academic", "hobby", "commercial", "withdrawn")
UNCLEAR = ("unstated", "restrictions")
OPEN = ("Apache", "MIT", "CC BY", "CC0", "GPL", "Academic Free")


def render(
    table: dict[str, tuple[float, int]],
    rows: Rows,
    sources_tsv: Path,
    temperature: float,
    bundle: Path,
) -> str:
    """Fill the figures into the text of `card.md`."""
    size = sum((bundle / name).stat().st_size for name in ("model.onnx", "tokenizer.json"))
    return (
        (HERE / "card.md")
        .read_text(encoding="utf-8")
        .format(
            scores=report(table),
            examples=_examples(bundle, temperature),
            sources=_sources(rows, sources_tsv),
            texts=f"{len(rows.label):,}",
            temperature=temperature,
            megabytes=f"{size / 1e6:.1f}",
        )
    )


def _examples(bundle: Path, temperature: float) -> str:
    """The verdicts on `examples.jsonl`: how many are right, and each one that is not."""
    lines = (HERE / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    ids, starts = tokenize(bundle / "tokenizer.json", [clean(item["text"]) for item in examples])
    logits = Runner(bundle / "model.onnx").logits(sequences(ids, starts))
    shares = softmax(logits / temperature)
    wrong = []
    for item, share in zip(examples, shares):
        verdict = LABELS[share.argmax()]
        if verdict != item["label"]:
            cells = (item["lang"], item["text"], item["label"], f"{verdict} {share.max():.2f}")
            wrong.append("| " + " | ".join(cells) + " |")
    right = f"{len(examples) - len(wrong)} of {len(examples)} are right. The others:"
    return "\n".join(
        [right, "", "| | text | meant | verdict |", "| --- | --- | --- | --- |", *wrong]
    )


def _sources(rows: Rows, sources_tsv: Path) -> str:
    """One line a source that was used: where from, languages, texts, licence, how free it is."""
    names, counts = np.unique(rows.column("source"), return_counts=True)
    with open(sources_tsv, encoding="utf-8", newline="") as file:
        described = {row["source"]: row for row in csv.DictReader(file, delimiter="\t")}
    lines = [
        "| source | origin | languages | texts | licence | use |",
        "| --- | --- | --- | ---: | --- | --- |",
    ]
    described[WRITTEN] = {
        "origin": "models/train/written",
        "languages": "see its CARD.md",
        "licence": "MIT OR Apache-2.0",
        "note": "",
    }
    unknown = {"origin": "not described", "languages": "", "licence": "unknown", "note": ""}
    for name, count in zip(names, counts):
        row = described.get(name, unknown)
        cells = (
            name,
            row["origin"].split(" ")[0],
            row["languages"],
            str(count),
            row["licence"],
            _use(row),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _use(row: dict[str, str]) -> str:
    """The strictest thing that the licence and the notes on the source say."""
    terms = row["licence"]
    if (
        any(word in terms for word in RESEARCH)
        or "research" in row["note"]
        or "commercial" in row["note"]
    ):
        return "restricted"
    if any(word in terms for word in UNCLEAR) or not any(word in terms for word in OPEN):
        return "unstated"
    return "open"
