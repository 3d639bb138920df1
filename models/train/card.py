"""The model card: what the model is for, what it was made of, and how well it does."""

import json
from pathlib import Path

import numpy as np

import licences
from clean import clean
from export import Runner, sequences
from prepare import LABELS, Rows
from score import report, softmax
from vocabulary import tokenize

HERE = Path(__file__).parent


def render(
    table: dict[str, tuple[float, int]],
    rows: Rows,
    sources_tsv: Path,
    temperature: float,
    calibration_error: float,
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
            ece=f"{calibration_error:.3f}",
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
    described = licences.described(sources_tsv)
    lines = [
        "| source | origin | languages | texts | licence | use |",
        "| --- | --- | --- | ---: | --- | --- |",
    ]
    unknown = {"origin": "not described", "languages": "", "licence": "unknown", "note": ""}
    for name, count in zip(names, counts):
        row = described.get(name, unknown)
        cells = (
            name,
            row["origin"].split(" ")[0],
            row["languages"],
            str(count),
            row["licence"],
            licences.use(row),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
