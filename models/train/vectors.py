"""Token vectors from plain text: skip-gram with negative sampling, by Hogwild gradient descent.

A network that starts from random vectors spends its first hour on what words mean; these take five
minutes. Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their
Compositionality", sections 2.2 and 2.3.
"""

import numpy as np
from numba import njit, prange

from bag import MAX_TOKENS

WINDOW = 5
NEGATIVES = 5
RATE = 0.05
SUBSAMPLING = 1e-4  # tokens more frequent than this are skipped more and more often
NEGATIVE_TABLE = 5_000_000
SLICES = 20  # the rate falls from one to the next


def train_vectors(
    ids: np.ndarray, starts: np.ndarray, vocab: int, dim: int, threads: int, seed: int
) -> np.ndarray:
    """Vectors of all tokens [vocab, dim], from one pass over all texts."""
    rng = np.random.default_rng(seed)
    counts = np.bincount(ids, minlength=vocab).astype(np.float64)
    smoothed = counts**0.75
    negatives = np.repeat(
        np.arange(vocab, dtype=np.int32),
        np.rint(smoothed / smoothed.sum() * NEGATIVE_TABLE).astype(np.int64),
    )
    frequency = counts / counts.sum() / SUBSAMPLING + 1e-12
    keep = np.minimum(1, frequency**-0.5 + 1 / frequency).astype(np.float32)
    vectors = rng.uniform(-0.5 / dim, 0.5 / dim, (vocab, dim)).astype(np.float32)
    contexts = np.zeros_like(vectors)
    for number, part in enumerate(np.array_split(rng.permutation(len(starts) - 1), SLICES)):
        rate = RATE * (1 - number / SLICES)
        _visit(
            vectors, contexts, ids, starts, part, negatives, keep, rate, threads, seed + number * threads
        )
    return vectors


@njit(parallel=True)
def _visit(vectors, contexts, ids, starts, texts, negatives, keep, rate, threads, seed):
    for thread in prange(threads):
        first = len(texts) * thread // threads
        last = len(texts) * (thread + 1) // threads
        _visit_slice(
            vectors, contexts, ids, starts, texts[first:last], negatives, keep, rate, seed + thread
        )


@njit(fastmath=True)
def _visit_slice(vectors, contexts, ids, starts, texts, negatives, keep, rate, seed):
    np.random.seed(seed)
    kept = np.empty(MAX_TOKENS, np.int32)
    gradient = np.empty(vectors.shape[1], np.float32)
    for text in texts:
        n = 0
        for i in range(starts[text], starts[text + 1]):
            if np.random.random() < keep[ids[i]]:
                kept[n] = ids[i]
                n += 1
        for i in range(n):
            reach = np.random.randint(1, WINDOW + 1)
            for j in range(max(0, i - reach), min(n, i + reach + 1)):
                if j != i:
                    _step(vectors[kept[i]], contexts, kept[j], negatives, rate, gradient)


@njit(fastmath=True)
def _step(vector, contexts, neighbour, negatives, rate, gradient):
    """One pair of neighbours against NEGATIVES random tokens."""
    gradient[:] = 0
    for number in range(NEGATIVES + 1):
        other = neighbour if number == 0 else negatives[np.random.randint(0, len(negatives))]
        if number > 0 and other == neighbour:
            continue
        dot = np.float32(0)
        for k in range(len(vector)):
            dot += vector[k] * contexts[other, k]
        label = np.float32(1 if number == 0 else 0)
        error = np.float32(rate) * (label - 1 / (1 + np.exp(-dot)))
        for k in range(len(vector)):
            gradient[k] += error * contexts[other, k]
            contexts[other, k] += error * vector[k]
    for k in range(len(vector)):
        vector[k] += gradient[k]
