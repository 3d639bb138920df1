"""Steps 2 and 3: train the tokenizer, and turn every text into token ids once."""

import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from bag import MAX_TOKENS
from prepare import SPLITS, Rows, load

PAD, UNK = "<pad>", "<unk>"
MAX_LENGTH = MAX_TOKENS
# Characters that earn a place of their own; the rest, mostly rare ideographs, become <unk>.
ALPHABET = 8000
LONGEST_TOKEN = 16
ENCODE_BATCH = 50_000


def train_tokenizer(out: Path, size: int, sample_chars: int, seed: int) -> None:
    """Train BPE on a sample in which no language drowns the others, and write `tokenizer.json`."""
    path = out / "tokenizer.json"
    if path.exists():
        return
    rows = load(out, "train")
    tokenizer = Tokenizer(models.BPE(unk_token=UNK, fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, UNK],
        limit_alphabet=ALPHABET,
        max_token_length=LONGEST_TOKEN,
        min_frequency=3,
        show_progress=False,
    )
    tokenizer.train_from_iterator(balanced_sample(rows, sample_chars, seed), trainer)
    path.write_text(_slim(tokenizer.to_str()), encoding="utf-8")


def balanced_sample(rows: Rows, chars: int, seed: int) -> list[str]:
    """Texts of all languages, each language's share growing with the square root of its size."""
    langs = rows.column("lang")
    lengths = np.array([len(text) for text in rows.texts])
    order = np.random.default_rng(seed).permutation(len(rows.texts))
    names = np.unique(langs)
    sizes = np.array([lengths[langs == name].sum() for name in names])
    budgets = chars * np.sqrt(sizes) / np.sqrt(sizes).sum()
    picked = []
    for name, budget in zip(names, budgets):
        mine = order[langs[order] == name]
        picked.append(mine[np.cumsum(lengths[mine]) <= budget])
    return [rows.texts[i] for i in np.concatenate(picked)]


def _slim(tokenizer_json: str) -> str:
    """Write the tokenizer without white space, and without its list of special tokens.

    A text that happens to contain `<pad>` is then split like any other text. Both tokens stay in
    the vocabulary, under ids 0 and 1.
    """
    spec = json.loads(tokenizer_json)
    spec["added_tokens"] = []
    # Merges as "left right", which is shorter than pairs; Metaspace leaves no spaces inside tokens.
    spec["model"]["merges"] = [" ".join(pair) for pair in spec["model"]["merges"]]
    return json.dumps(spec, ensure_ascii=False, separators=(",", ":"))


def encode(out: Path) -> None:
    """Write the token ids of each split: one flat array, and where each text starts in it."""
    for split in SPLITS:
        path = out / f"{split}.tokens.npz"
        if path.exists():
            continue
        ids, starts = tokenize(out / "tokenizer.json", load(out, split).texts)
        np.savez(path, ids=ids, starts=starts)


def tokenize(tokenizer_json: Path, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The ids of all texts after one another, and the offsets (one more than there are texts)."""
    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    tokenizer.enable_truncation(MAX_LENGTH)
    starts = np.zeros(len(texts) + 1, np.int64)
    chunks = []
    for first in range(0, len(texts), ENCODE_BATCH):
        encoded = tokenizer.encode_batch_fast(texts[first : first + ENCODE_BATCH])
        lengths = [len(item.ids) for item in encoded]
        starts[first + 1 : first + 1 + len(lengths)] = lengths
        chunks.append(np.concatenate([np.array(item.ids, np.int32) for item in encoded]))
    np.cumsum(starts, out=starts)
    return np.concatenate(chunks), starts


def size(out: Path) -> int:
    """How many tokens the tokenizer has."""
    return Tokenizer.from_file(str(out / "tokenizer.json")).get_vocab_size()
