"""The model: a bag of token n-grams, trained by Hogwild stochastic gradient descent.

Each token, and each of the most telling sequences of up to LONGEST tokens (ngrams.py), owns a small
vector and one attention logit. A text is the attention-weighted mean of the vectors of its
features; a linear layer and a small hidden layer beside it make three logits of it.

Written for numba: a text is a handful of table rows, and any framework spends far more time on
bookkeeping than on these few multiplications. All threads update the same tables without locks;
two texts seldom touch the same row, and when they do the loss is one small step. So only a run on
one thread can be repeated bit for bit.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit, prange

import xorshift

# The hash of an n-gram is the sum of its ids times these. With ids under 2 ** 17 it stays under
# 2 ** 51: it never overflows int64, here or in the exported graph.
HASH = (1_000_003, 754_974_721, 3_266_489_917, 2_246_822_519)
LONGEST = len(HASH)
# The hash modulo the number of buckets is an n-gram's bucket; the quotient modulo MARKS, moved into
# the range of int8, is the mark by which the owner of the bucket knows itself.
MARKS = 251
MARK_OFFSET = 125
EMPTY = -128
MAX_TOKENS = 128
MAX_FEATURES = LONGEST * MAX_TOKENS
NO_CLASS = np.float32(-1e9)
# Steps of the shared parts relative to those of the table. The dense layers see every text.
DENSE_STEP = 3.0
ATTENTION_STEP = 0.5
# What AdaGrad's sums start at: high enough that the first step on a row is not a jump.
TABLE_SUM = 1e-3
ATTENTION_SUM = 1e-2


class Bag(NamedTuple):
    """The weights. Rows 0 to `vocab - 1` of the table are tokens, the others buckets of n-grams."""

    table: np.ndarray  # [rows, dim]
    attention: np.ndarray  # [rows]
    hidden: np.ndarray  # [units, dim]
    hidden_bias: np.ndarray  # [units]
    output: np.ndarray  # [3, units]
    direct: np.ndarray  # [3, dim]
    bias: np.ndarray  # [3]
    marks: np.ndarray  # [rows - vocab], int8
    vocab: int

    def save(self, path: Path) -> None:
        """Write all weights to one file."""
        np.savez(path, **self._asdict())

    @staticmethod
    def load(path: Path) -> "Bag":
        """Read what `save` wrote."""
        arrays = dict(np.load(path))
        return Bag(**arrays | {"vocab": int(arrays["vocab"])})


class Corpus(NamedTuple):
    """Everything that training reads, in parallel arrays over the texts."""

    ids: np.ndarray  # token ids of all texts after one another
    starts: np.ndarray  # where each text starts in `ids`, and the end
    target: np.ndarray  # [texts, 3], what the model should say: shares that add up to 1
    weight: np.ndarray
    group: np.ndarray
    priors: np.ndarray  # [groups, 3], added to the logits while training


class Knobs(NamedTuple):
    """The settings of the descent."""

    rate: float
    drop: float  # the share of features left out of a text at each visit


class Sums(NamedTuple):
    """AdaGrad's sums of squared gradients: one a row, one for all dense layers."""

    table: np.ndarray
    attention: np.ndarray
    dense: np.ndarray


def new_bag(vocab: int, marks: np.ndarray, dim: int, units: int, rng: np.random.Generator) -> Bag:
    """Random token vectors; n-grams start at zero and earn their say."""
    rows = vocab + len(marks)
    table = np.zeros((rows, dim), np.float32)
    table[:vocab] = rng.uniform(-1 / dim, 1 / dim, (vocab, dim))
    return Bag(
        table=table,
        attention=np.zeros(rows, np.float32),
        hidden=(rng.standard_normal((units, dim)) / np.sqrt(dim)).astype(np.float32),
        hidden_bias=np.zeros(units, np.float32),
        output=(rng.standard_normal((3, units)) * 0.1).astype(np.float32),
        direct=(rng.standard_normal((3, dim)) / np.sqrt(dim)).astype(np.float32),
        bias=np.zeros(3, np.float32),
        marks=marks,
        vocab=vocab,
    )


def new_sums(bag: Bag) -> Sums:
    """AdaGrad's state before the first step."""
    rows = len(bag.table)
    return Sums(
        np.full(rows, TABLE_SUM, np.float32), np.full(rows, ATTENTION_SUM, np.float32), np.ones(1)
    )


@njit
def _features(ids, start, end, vocab, marks, rows):
    """Fill `rows` with the table rows of a text; return how many there are."""
    n = 0
    for i in range(start, end):
        rows[n] = ids[i]
        n += 1
        mixed = np.int64(ids[i]) * HASH[0]
        for more in range(1, min(LONGEST, end - i)):
            mixed += np.int64(ids[i + more]) * HASH[more]
            bucket = mixed % len(marks)
            if mixed // len(marks) % MARKS - MARK_OFFSET == marks[bucket]:
                rows[n] = vocab + bucket
                n += 1
    return n


@njit
def _drop(rows, n, share, state):
    """Leave out a random share of the features; return how many stay, and the generator's state."""
    kept = 0
    for i in range(n):
        state = xorshift.following(state)
        if xorshift.share(state) >= share:
            rows[kept] = rows[i]
            kept += 1
    return kept, state


@njit(fastmath=True)
def _forward(bag, rows, n, weights, pooled, active, logits):
    """Compute the logits, keeping what the backward pass needs; return the sum of the weights."""
    total = np.float32(1e-6)
    pooled[:] = 0
    for i in range(n):
        row = rows[i]
        weights[i] = np.float32(1) / (np.float32(1) + np.exp(-bag.attention[row]))
        total += weights[i]
        for j in range(len(pooled)):
            pooled[j] += weights[i] * bag.table[row, j]
    for j in range(len(pooled)):
        pooled[j] /= total
    for k in range(len(active)):
        value = bag.hidden_bias[k]
        for j in range(len(pooled)):
            value += bag.hidden[k, j] * pooled[j]
        active[k] = max(value, np.float32(0))
    for c in range(3):
        value = bag.bias[c]
        for k in range(len(active)):
            value += bag.output[c, k] * active[k]
        for j in range(len(pooled)):
            value += bag.direct[c, j] * pooled[j]
        logits[c] = value
    return total


@njit(fastmath=True)
def _loss(logits, prior, target, weight):
    """Turn logits into the gradient of the loss with respect to them; return the loss."""
    largest = np.float32(-1e30)
    for c in range(3):
        logits[c] += prior[c]
        largest = max(largest, logits[c])
    total = np.float32(0)
    for c in range(3):
        total += np.exp(logits[c] - largest)
    level = largest + np.log(total)
    loss = np.float32(0)
    for c in range(3):
        if target[c] > 0:
            loss += target[c] * (level - logits[c])
        logits[c] = weight * (np.exp(logits[c] - level) - target[c])
    return weight * loss


@njit(fastmath=True)
def _backward(bag, gradient, active, active_gradient, pooled_gradient):
    """Carry the gradient of the logits back to the pooled vector."""
    pooled_gradient[:] = 0
    for c in range(3):
        for j in range(len(pooled_gradient)):
            pooled_gradient[j] += gradient[c] * bag.direct[c, j]
    for k in range(len(active)):
        active_gradient[k] = 0
        if active[k] > 0:
            for c in range(3):
                active_gradient[k] += gradient[c] * bag.output[c, k]
            for j in range(len(pooled_gradient)):
                pooled_gradient[j] += active_gradient[k] * bag.hidden[k, j]


@njit(fastmath=True)
def _step_dense(bag, sums, rate, gradient, active, active_gradient, pooled):
    """Move the layers above the table."""
    for c in range(3):
        sums.dense[0] += gradient[c] * gradient[c]
    step = np.float32(DENSE_STEP * rate / np.sqrt(sums.dense[0]))
    for c in range(3):
        for j in range(len(pooled)):
            bag.direct[c, j] -= step * gradient[c] * pooled[j]
        for k in range(len(active)):
            bag.output[c, k] -= step * gradient[c] * active[k]
        bag.bias[c] -= step * gradient[c]
    for k in range(len(active)):
        if active[k] > 0:
            for j in range(len(pooled)):
                bag.hidden[k, j] -= step * active_gradient[k] * pooled[j]
            bag.hidden_bias[k] -= step * active_gradient[k]


@njit(fastmath=True)
def _step_rows(bag, sums, rate, rows, n, weights, total, pooled, pooled_gradient):
    """Move the vectors and attention logits of a text's features."""
    square = np.float32(0)
    along = np.float32(0)
    for j in range(len(pooled)):
        square += pooled_gradient[j] * pooled_gradient[j]
        along += pooled_gradient[j] * pooled[j]
    for i in range(n):
        row = rows[i]
        share = weights[i] / total
        own = np.float32(0)
        for j in range(len(pooled)):
            own += pooled_gradient[j] * bag.table[row, j]
        slope = (own - along) * share * (np.float32(1) - weights[i])
        sums.attention[row] += slope * slope
        step = np.float32(ATTENTION_STEP * rate) / np.sqrt(sums.attention[row])
        bag.attention[row] -= step * slope
        sums.table[row] += share * share * square / len(pooled)
        step = np.float32(rate) * share / np.sqrt(sums.table[row])
        for j in range(len(pooled)):
            bag.table[row, j] -= step * pooled_gradient[j]


@njit(fastmath=True)
def _train_slice(bag, sums, corpus, order, first, last, knobs, next_rate, seed):
    """Visit the texts `order[first:last]`, the rate falling from `knobs.rate` to `next_rate`."""
    rows = np.empty(MAX_FEATURES, np.int64)
    weights = np.empty(MAX_FEATURES, np.float32)
    pooled = np.empty(bag.table.shape[1], np.float32)
    pooled_gradient = np.empty_like(pooled)
    active = np.empty(len(bag.hidden), np.float32)
    active_gradient = np.empty_like(active)
    logits = np.empty(3, np.float32)
    state = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    loss = 0.0
    for visit in range(first, last):
        text = order[visit]
        rate = knobs.rate + (next_rate - knobs.rate) * (visit - first) / (last - first)
        start, end = corpus.starts[text], corpus.starts[text + 1]
        n = _features(corpus.ids, start, end, bag.vocab, bag.marks, rows)
        n, state = _drop(rows, n, knobs.drop, state)
        if n == 0:
            continue
        total = _forward(bag, rows, n, weights, pooled, active, logits)
        prior = corpus.priors[corpus.group[text]]
        loss += _loss(logits, prior, corpus.target[text], corpus.weight[text])
        _backward(bag, logits, active, active_gradient, pooled_gradient)
        _step_dense(bag, sums, rate, logits, active, active_gradient, pooled)
        _step_rows(bag, sums, rate, rows, n, weights, total, pooled, pooled_gradient)
    return loss


@njit(parallel=True)
def train_epoch(bag, sums, corpus, order, knobs, next_rate, threads, seed):
    """Visit the texts of `order` once; return the mean loss."""
    losses = np.zeros(threads)
    for thread in prange(threads):
        first = len(order) * thread // threads
        last = len(order) * (thread + 1) // threads
        losses[thread] = _train_slice(
            bag, sums, corpus, order, first, last, knobs, next_rate, seed * threads + thread
        )
    return losses.sum() / len(order)


@njit
def predict(bag, ids, starts):
    """The logits of texts, without any prior."""
    outputs = np.zeros((len(starts) - 1, 3), np.float32)
    rows = np.empty(MAX_FEATURES, np.int64)
    weights = np.empty(MAX_FEATURES, np.float32)
    pooled = np.empty(bag.table.shape[1], np.float32)
    active = np.empty(len(bag.hidden), np.float32)
    for text in range(len(outputs)):
        n = _features(ids, starts[text], starts[text + 1], bag.vocab, bag.marks, rows)
        _forward(bag, rows, n, weights, pooled, active, outputs[text])
    return outputs
