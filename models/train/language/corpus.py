"""Step 1: gather texts and words by class, cut into words, and write them flat.

A class is a language in a script: `sr/Cyrl` and `sr/Latn` are two, and one answer. Words come from sentences, tweets
and reviews, mentions written for the project, lists of words with frequencies, and dictionaries.
"""

import gzip
import json
import random
import re
import unicodedata
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from language import romanise
from language.codes import OF_FILE, OF_TAG, ROMANISED
from language.words import main_script, words

MAX_SENTENCES = 25_000  # of one file
MAX_LABELLED = 30_000
MIN_CLASS_TEXTS = 150
# Lines written for the detector, where there is little else: one text a line, `CODE.txt`. Those in `more` are for training
# alone: the held-out ones are by other hands.
LINES = Path(__file__).parent / "written"
# Letters that a language does not have, where wrongly decoded files put them.
FOREIGN = {code: re.compile("[æèðþ¿]") for code in ("sr", "hr", "bs", "sl")}
TEXT, WORD = 0, 1
# Files of sentences that are no known language to the detector: what the class without a code learns from, beside
# gibberish. Left out altogether are those that a known language is too near to.
UNKNOWN = ("bas", "cbk", "cor", "dtp", "ido", "ile", "ina", "kzj", "lfn", "mhr", "orv", "pam", "pms", "shi", "vot")
MAX_UNKNOWN = 800
GIBBERISH = {"Latn": 4000, "Cyrl": 1500, "Arab": 1000, "Deva": 600, "Beng": 300, "Hebr": 300, "Ethi": 300}
HELD_OUT = 10  # every tenth line of the lines written for the detector


def gather(data: Path, written: Path, out: Path, workers: int) -> None:
    """Write `points.npy`, `starts.npy`, `kind.npy`, `class.npy`, `weight.npy` and `classes.json` into `out`."""
    held_out = {text for _, text in dev_rows(data)} | {text for _, text in labelled_dev(data)}
    jobs = []
    for path in sorted((data / "language/sentences").glob("*.txt.gz")):
        name = path.name.removesuffix(".txt.gz")
        if name in OF_FILE or name in UNKNOWN:
            jobs.append((_sentences, path, OF_FILE.get(name, ""), held_out))
    for path in sorted((data / "sentiment/train").glob("*.jsonl.gz")):
        jobs.append((_labelled, path, path.name.removesuffix(".jsonl.gz"), held_out))
    for path in sorted(written.glob("*.jsonl")):
        jobs.append((_written, path, path.stem, held_out))
    for path in sorted((data / "language/words").glob("*.tsv.gz")):
        jobs.append((_frequencies, path, OF_FILE[path.name.removesuffix(".tsv.gz")], held_out))
    for path in sorted((data / "lexicons/bilingual").glob("*-en.tsv.gz")):
        jobs.append((_dictionary, path, path.name[:2], held_out))
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(_run, jobs, chunksize=1))
    rows = [row for part in parts for row in part]
    for code, text in written_for_detector(held_out=False) + _more_lines():
        rows += _text(text, code, weight=2)
    _write(out, rows + _gibberish(rows))


def dev_rows(data: Path) -> list[tuple[str, str]]:
    """The held-out sentences of the detector's languages with their codes."""
    with gzip.open(data / "language/dev.tsv.gz", "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    rows = [(OF_FILE[name], text) for name, _, text, _ in rows if name in OF_FILE]
    return rows + written_for_detector(held_out=True)


def labelled_dev(data: Path) -> list[tuple[str, str]]:
    """The labelled texts that models are compared on, with their codes."""
    rows = []
    for path in sorted((data / "sentiment/dev").glob("*.jsonl.gz")):
        code = code_of(path.name.removesuffix(".jsonl.gz"))
        rows += [(code, json.loads(line)["text"]) for line in _lines(path)]
    return rows


def written_for_detector(held_out: bool) -> list[tuple[str, str]]:
    """The lines written for the detector with their codes: those held out, or the others."""
    rows = []
    for path in sorted(LINES.glob("*.txt")):
        lines = _written_lines(path)
        rows += [(path.stem, line) for at, line in enumerate(lines) if (at % HELD_OUT == HELD_OUT - 1) == held_out]
    return rows


def _more_lines() -> list[tuple[str, str]]:
    return [(path.stem, line) for path in sorted((LINES / "more").glob("*.txt")) for line in _written_lines(path)]


def _written_lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def code_of(tag: str) -> str:
    """The detector's code of a tag: `no` is `nb`, `fil` is `tl`."""
    return OF_TAG.get(tag, tag)


def _run(job):
    read, path, code, held_out = job
    return list(read(path, code, held_out))


def _sentences(path, code, held_out):
    for line in _lines(path)[: MAX_SENTENCES if code else MAX_UNKNOWN]:
        if line not in held_out and not (code in FOREIGN and FOREIGN[code].search(line)):
            yield from _text(line, code)
            if code in romanise.TABLES and random.Random(line).random() < 0.3:
                yield from _text(romanise.apply(line, code), f"{code}-Latn")


def _labelled(path, tag, held_out):
    rows = [json.loads(line)["text"] for line in _lines(path)]
    rows = list(dict.fromkeys(rows))
    random.Random(tag).shuffle(rows)
    if tag == "ar-Latn":  # English names and titles from Arabic reviews
        return
    for text in rows[:MAX_LABELLED]:
        if text not in held_out and not (tag in FOREIGN and FOREIGN[tag].search(text)):
            yield from _text(text, code_of(tag))


def _written(path, _, held_out):
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield from _text(row["text"], code_of(row["lang"]), weight=2)


def _gibberish(rows):
    """Letters of real words in disorder, and keys hit at random."""
    rng = random.Random(11)
    made = []
    for script, count in GIBBERISH.items():
        some = rng.sample([text for name, kind, _, text in rows if kind == TEXT and name.endswith(script)], count)
        for text in some:
            words_ = [rng.sample(word, len(word)) for word in text.split()[: rng.randint(1, 6)]]
            if script == "Latn" and rng.random() < 0.4:
                words_ = [rng.choices("asdfghjklqwertyuiopzxcvbnm", k=rng.randint(3, 12)) for _ in words_]
            made.append((f"/{script}", TEXT, 1.0, " ".join("".join(word) for word in words_)))
    return made


def _text(text, code, weight=1.0):
    found = words(text)
    script = main_script(found)
    own = [word for word, here in found if here == script]
    if script is None or sum(map(len, own)) < 3:
        return
    base, _, romanised = code.partition("-")
    if script == "Latn" and base in ROMANISED and not romanised or script != "Latn" and romanised:
        if script == "Latn":
            return
        code = base
    yield f"{code}/{script}", TEXT, weight, " ".join(own)


def _frequencies(path, code, _):
    counts = Counter()
    for line in _lines(path):
        word, count = line.split("\t")
        found = words(word)
        if len(found) == 1 and len(found[0][0]) >= 2 and not (code in FOREIGN and FOREIGN[code].search(word)):
            counts[found[0]] += int(count)
    for (word, script), count in counts.items():
        if script == "Latn" and code in ROMANISED:
            continue
        yield f"{code}/{script}", WORD, float(count) ** 0.5, word


def _dictionary(path, code, _):
    for line in _lines(path):
        for word, script in words(line.split("\t")[0]):
            if len(word) >= 3 and not (script == "Latn" and code in ROMANISED):
                yield f"{code}/{script}", WORD, 1.0, word


def _lines(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [unicodedata.normalize("NFC", line.rstrip("\n")) for line in lines]


def _write(out, rows):
    texts = Counter(name for name, kind, _, _ in rows if kind == TEXT)
    classes = sorted(name for name, count in texts.items() if count >= MIN_CLASS_TEXTS)
    index = {name: n for n, name in enumerate(classes)}
    rows = [row for row in rows if row[0] in index]
    rows.sort(key=lambda row: (index[row[0]], row[1]))
    points = [np.array([ord(c) for c in f" {text} "], np.int32) for _, _, _, text in rows]
    np.save(out / "points.npy", np.concatenate(points))
    np.save(out / "starts.npy", np.concatenate([[0], np.cumsum([len(p) for p in points])]).astype(np.int64))
    np.save(out / "class.npy", np.array([index[row[0]] for row in rows], np.int16))
    np.save(out / "kind.npy", np.array([row[1] for row in rows], np.int8))
    np.save(out / "weight.npy", np.array([row[2] for row in rows], np.float32))
    counted = [{"name": name, "texts": texts[name]} for name in classes]
    (out / "classes.json").write_text(json.dumps(counted, indent=1))
