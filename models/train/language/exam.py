"""Write the held-out texts as the files that `benches/language` reads: `SHAPE.tsv`, lines of CODE, tab, text."""

import argparse
from pathlib import Path

from language import score

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True, help="folder with language/ and sentiment/")
parser.add_argument("--out", type=Path, required=True, help="folder for the files")
args = parser.parse_args()
args.out.mkdir(parents=True, exist_ok=True)
for shape, rows in score.everything(args.data).items():
    # The other half is what the confidences are fitted on.
    lines = (f"{code}\t{' '.join(text.split())}\n" for code, text in rows[1::2])
    (args.out / f"{shape}.tsv").write_text("".join(lines), encoding="utf-8")
