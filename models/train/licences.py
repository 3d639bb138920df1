"""What the licences of the sources allow, read cautiously."""

import csv
from pathlib import Path

RESEARCH = ("research", "non-profit", "NC", "academic", "hobby", "commercial", "withdrawn")
UNCLEAR = ("unstated", "restrictions")
OPEN = ("Apache", "MIT", "CC BY", "CC0", "GPL", "Academic Free")
WRITTEN = "written"  # the source name of the mentions written for this project
PHRASES = "phrases"  # the source name of the phrases written for it
OWN = {
    "origin": "models/train/written",
    "languages": "see its CARD.md",
    "licence": "MIT OR Apache-2.0",
    "note": "",
}


def described(sources_tsv: Path) -> dict[str, dict[str, str]]:
    """Source → what `sources.tsv` says of it."""
    with open(sources_tsv, encoding="utf-8", newline="") as file:
        rows = {row["source"]: row for row in csv.DictReader(file, delimiter="\t")}
    return rows | dict.fromkeys((WRITTEN, PHRASES), OWN)


def use(row: dict[str, str]) -> str:
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
