"""The reader: a small transformer that reads a text in order, beside the bag, which does not.

At each position stands a token's vector plus the rows of the n-grams that begin there (the same
n-grams as the bag's, with rows of its own), so that words cut into pieces are words again. One mix
of neighbours and a few blocks of attention follow; four learned queries pool the positions.

Neither attention nor training has element-wise dropout, which costs a fifth of the time: masked
tokens and dropped n-grams take its place.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from bag import HASH, LONGEST, MARK_OFFSET, MARKS

FURTHEST = 16  # positions further apart than this count as this far
QUERIES = 4
GRAMS = LONGEST - 1  # n-grams that may begin at a position: pairs, triples, …
Weights = dict[str, np.ndarray]
VECTOR_SPREAD = 0.5  # standard deviation of token vectors at the start
MASKED_OUT = -1e4


class Block(nn.Module):
    """Attention and a feed-forward layer, each normalised before and added to what came in."""

    def __init__(self, dim: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attend, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.widen, self.narrow = nn.Linear(dim, inner), nn.Linear(inner, dim)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """[texts, positions, dim] to the same shape; `bias` is added to the attention logits."""
        texts, positions, dim = x.shape
        shape = (texts, positions, 3, self.heads, dim // self.heads)
        q, k, v = self.attend(self.norm_1(x)).view(shape).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) * (dim // self.heads) ** -0.5 + bias, -1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(texts, positions, dim))
        return x + self.narrow(F.gelu(self.widen(self.norm_2(x))))


class Reader(nn.Module):
    """The network. Its n-gram rows are updated apart, because only few of them change in a step."""

    def __init__(
        self, vocab: int, marks: np.ndarray, dim: int, layers: int, heads: int, inner: int, gram_dim: int
    ) -> None:
        super().__init__()
        self.marks = marks
        self.heads = heads
        self.tokens = nn.Embedding(vocab, dim)
        self.grams = torch.zeros(len(marks) + 1, gram_dim, requires_grad=True)
        self.gram_to_token = nn.Linear(gram_dim, dim, bias=False)
        nn.init.normal_(self.gram_to_token.weight, std=gram_dim**-0.5)
        self.left, self.right = nn.Linear(dim, dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.here = nn.Linear(dim, dim)
        self.distance = nn.Parameter(torch.zeros(heads, 2 * FURTHEST + 1))
        self.blocks = nn.ModuleList(Block(dim, heads, inner) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.queries = nn.Linear(dim, QUERIES)
        self.hidden, self.output = nn.Linear(QUERIES * dim, dim), nn.Linear(dim, 3)
        self.guess = nn.Linear(dim, dim)  # for masked tokens, in training only
        self.guess_bias = nn.Parameter(torch.zeros(vocab))

    def start_from(self, vectors: np.ndarray) -> None:
        """Take token vectors learned elsewhere."""
        self.tokens.weight.data.copy_(torch.from_numpy(vectors * (VECTOR_SPREAD / vectors.std())))

    def read(self, ids: np.ndarray, drop: float = 0.0, rng: np.random.Generator | None = None) -> tuple:
        """Ids [texts, positions], 0 for padding, to states [texts, positions, dim] and the mask."""
        rows = torch.from_numpy(gram_rows(ids, self.marks, drop, rng))
        grams = F.embedding(rows, self.grams, sparse=True).sum(2)
        tokens = torch.from_numpy(ids)
        mask = tokens != 0
        x = self.tokens(tokens) + self.gram_to_token(grams)
        shown = x * mask.unsqueeze(-1)
        before, after = F.pad(shown, (0, 0, 1, 0))[:, :-1], F.pad(shown, (0, 0, 0, 1))[:, 1:]
        x = x + F.gelu(self.left(before) + self.right(after) + self.here(shown))
        bias = self.distance[:, distances(ids.shape[1])].unsqueeze(0)
        bias = bias + (~mask)[:, None, None, :] * MASKED_OUT
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x), mask

    def classify(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits [texts, 3]."""
        weights = torch.softmax(self.queries(states) + (~mask).unsqueeze(-1) * MASKED_OUT, 1)
        pooled = (weights.transpose(1, 2) @ states).reshape(len(states), -1)
        return self.output(F.gelu(self.hidden(pooled)))

    def save(self, path: Path) -> None:
        """Write all weights to one file."""
        weights = {name: value.numpy() for name, value in self.state_dict().items()}
        np.savez(path, grams=self.grams.detach().numpy(), **weights)

    def load(self, path: Path) -> None:
        """Read what `save` wrote."""
        self.set_weights(dict(np.load(path)))

    def set_weights(self, weights: Weights) -> None:
        """Take all weights, by the names under which `save` writes them."""
        self.grams = torch.from_numpy(weights["grams"]).requires_grad_(True)
        others = {name: torch.from_numpy(value) for name, value in weights.items() if name != "grams"}
        self.load_state_dict(others)


def count_layers(weights: Weights) -> int:
    """How many blocks these are the weights of."""
    return len({name.split(".")[1] for name in weights if name.startswith("blocks.")})


def distances(positions: int) -> np.ndarray:
    """[positions, positions]: which of the learned distances lies between two."""
    place = np.arange(positions)
    return np.clip(place[None] - place[:, None], -FURTHEST, FURTHEST) + FURTHEST


def gram_rows(
    ids: np.ndarray, marks: np.ndarray, drop: float, rng: np.random.Generator | None
) -> np.ndarray:
    """[texts, positions, GRAMS]: the rows of the n-grams that begin at a position.

    Where none begins, or it is dropped, the row after the last, which stays zero.
    """
    rows = np.full((*ids.shape, GRAMS), len(marks), np.int64)
    mixed, there = ids * HASH[0], ids > 0
    for n in range(1, LONGEST):
        later = np.zeros_like(ids)
        later[:, :-n] = ids[:, n:]
        there = there & (later > 0)
        mixed = mixed + later * HASH[n]
        bucket = mixed % len(marks)
        owned = there & (mixed // len(marks) % MARKS - MARK_OFFSET == marks[bucket])
        if drop:
            owned &= rng.random(owned.shape, dtype=np.float32) >= drop
        rows[..., n - 1] = np.where(owned, bucket, len(marks))
    return rows
