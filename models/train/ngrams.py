"""Which sequences of tokens get a row of the table.

The training texts hold tens of millions of different ones, and the table has room for less than one
million rows. Plain feature hashing lets all of them share the rows, most of them noise. Here each
row belongs to one n-gram, the one that tells most about the label among those that hash to it, and
keeps a mark (a second hash) by which nearly all others are turned away.
"""

import numpy as np
from numba import njit

from bag import EMPTY, HASH, LONGEST, MARK_OFFSET, MARKS

LEAST_COUNT = 3
SHRINK = 3.0  # as if each n-gram had been seen this often more, without saying anything
SKETCH_BITS = 29


def choose(
    ids: np.ndarray, starts: np.ndarray, residuals: np.ndarray, weight: np.ndarray, buckets: int
) -> np.ndarray:
    """The mark of each bucket of the table, EMPTY where no n-gram hashes to it.

    `residuals` [texts, 3] is what the tokens alone leave unexplained of each label.
    """
    hashes, texts = _frequent(ids, starts)
    order = np.argsort(hashes)
    hashes, texts = hashes[order], texts[order]
    first = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1]))
    ends = np.append(first[1:], len(hashes))
    frequent = ends - first >= LEAST_COUNT
    first, ends = first[frequent], ends[frequent]
    gains = _gains(first, ends, texts, residuals, np.sqrt(weight))
    # In rising order of gain, so that the best of a bucket is written last and stays.
    rising = hashes[first[np.argsort(gains, kind="stable")]]
    marks = np.full(buckets, EMPTY, np.int8)
    marks[rising % buckets] = rising // buckets % MARKS - MARK_OFFSET
    return marks


def _frequent(ids: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hash and text of each occurrence of the n-grams that may occur LEAST_COUNT times.

    A first pass counts in a table of bytes, where n-grams may share a cell: what it counts too
    rarely is rare indeed, and most of what there is, so that the rest can be sorted in memory.
    """
    counts = np.zeros(1 << SKETCH_BITS, np.uint8)
    _count(ids, starts, counts)
    nothing = np.empty(0, np.int64), np.empty(0, np.int32)
    room = _collect(ids, starts, counts, *nothing)
    found = np.empty(room, np.int64), np.empty(room, np.int32)
    _collect(ids, starts, counts, *found)
    return found


@njit
def _cell(mixed, counts):
    return (mixed ^ (mixed >> 23)) & (len(counts) - 1)


@njit
def _count(ids, starts, counts):
    """Count all n-grams of two tokens or more, up to 255."""
    for text in range(len(starts) - 1):
        for i in range(starts[text], starts[text + 1]):
            mixed = np.int64(ids[i]) * HASH[0]
            for more in range(1, min(LONGEST, starts[text + 1] - i)):
                mixed += np.int64(ids[i + more]) * HASH[more]
                cell = _cell(mixed, counts)
                counts[cell] = min(counts[cell] + 1, 255)


@njit
def _collect(ids, starts, counts, hashes, texts):
    """Write down the occurrences of frequent n-grams, as far as there is room; return how many."""
    n = 0
    for text in range(len(starts) - 1):
        for i in range(starts[text], starts[text + 1]):
            mixed = np.int64(ids[i]) * HASH[0]
            for more in range(1, min(LONGEST, starts[text + 1] - i)):
                mixed += np.int64(ids[i + more]) * HASH[more]
                if counts[_cell(mixed, counts)] >= LEAST_COUNT:
                    if n < len(hashes):
                        hashes[n] = mixed
                        texts[n] = text
                    n += 1
    return n


@njit
def _gains(first, ends, texts, residuals, weight):
    """How much each n-gram explains: the square of its summed residuals by its weight."""
    gains = np.empty(len(first), np.float64)
    for gram in range(len(first)):
        total = np.zeros(3)
        mass = SHRINK
        for i in range(first[gram], ends[gram]):
            text = texts[i]
            mass += weight[text] * weight[text]
            for c in range(3):
                total[c] += weight[text] * residuals[text, c]
        gains[gram] = (total * total).sum() / mass
    return gains
