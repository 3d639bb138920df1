"""Write the held-out texts as the files that `benches/language` reads: `SHAPE.tsv`, lines of CODE, tab, text."""

import argparse
import gzip
import json
from pathlib import Path

from language import score

CUSTOMERS = 10_000  # messages of a real stream, for speed alone

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True, help="folder with language/, sentiment/ and streams/")
parser.add_argument("--out", type=Path, required=True, help="folder for the files")
args = parser.parse_args()
args.out.mkdir(parents=True, exist_ok=True)
for shape, rows in score.everything(args.data).items():
    # The other half is what the confidences are fitted on.
    lines = (f"{code}\t{' '.join(text.split())}\n" for code, text in rows[1::2])
    (args.out / f"{shape}.tsv").write_text("".join(lines), encoding="utf-8")
with gzip.open(args.data / "streams/twcs.ndjson.gz", "rt", encoding="utf-8") as lines:
    messages = [" ".join(json.loads(line)["text"].split()) for line in lines]
(args.out / "customers.tsv").write_text("".join(f"en\t{text}\n" for text in messages[:CUSTOMERS]), encoding="utf-8")
