"""Splits the airline tweets that have a gold reason into dev.ndjson and test.ndjson (id, text, reason).

A tweet is in DEV if the second-last hex digit of the SHA-256 of its id is even, in TEST otherwise. (Not the last digit:
the gold in the stream was itself parted by that one, so that every tweet with a reason has it even.) Rules are written
on DEV; TEST is measured once, when they are finished.
"""

import argparse
import gzip
import hashlib
import json
import re
from pathlib import Path

GOLD_FIELD = "gold_topic"


# The published tweets went through a careless replacement of three words by label names, inside words too: "late" became
# "Late Flight" ("later": "Late Flightr"), "cancel" "Cancelled Flight", "booking" "Flight Booking Problems".
REPLACED = (("Late Flight", "late"), ("Cancelled Flight", "cancel"), ("Flight Booking Problems", "booking"))


def restore(text: str) -> str:
    """The text as it was written, but for the case of three words."""
    for label, word in REPLACED:
        text = text.replace(label, word)
    return text


def is_dev(mention_id: str) -> bool:
    return int(hashlib.sha256(mention_id.encode()).hexdigest()[-2], 16) % 2 == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stream", help="us_airline.ndjson.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder of the two files")
    parser.add_argument("--restore", action="store_true", help="write the texts as they were before the replacement")
    args = parser.parse_args()
    counts = {"dev": 0, "test": 0}
    with (
        gzip.open(args.stream, "rt", encoding="utf-8") as stream,
        open(args.out / "dev.ndjson", "w", encoding="utf-8") as dev,
        open(args.out / "test.ndjson", "w", encoding="utf-8") as test,
    ):
        for line in stream:
            mention = json.loads(line)
            if GOLD_FIELD not in mention:
                continue
            part, file = ("dev", dev) if is_dev(mention["id"]) else ("test", test)
            text = restore(mention["text"]) if args.restore else mention["text"]
            row = {"id": mention["id"], "text": text, "reason": mention[GOLD_FIELD]}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            counts[part] += 1
    print(counts)


if __name__ == "__main__":
    main()
