"""The features: character n-grams within words and whole words, and which of them get a row of the table.

Mirrored by `src/language/grams.rs`.
"""

import numpy as np
from numba import njit

LONGEST = 5
WAYS = 4  # rows that an n-gram may live in
MAX_ROWS = 4096
SEED = np.uint64(0x9E3779B97F4A7C15)
TOP = np.uint64(1) << np.uint64(63)  # set in every hash, so that none is zero
PRIME = np.uint64(0xD6E8FEB86659FD93)
SPACE = 32


@njit(inline="always")
def _extend(hash, point):
    hash = (hash ^ np.uint64(point)) * PRIME
    return hash ^ (hash >> np.uint64(32))


@njit(inline="always")
def place(hash, sets):
    """The set of rows and the mark of an n-gram."""
    mixed = hash * SEED
    return np.int64(((mixed >> np.uint64(32)) * np.uint64(sets)) >> np.uint64(32)), np.uint16(mixed & np.uint64(0xFFFF))


@njit
def hashes_of(points, length, out):
    """Hashes of all n-grams and words of a text between spaces; return how many."""
    n = 0
    begin = 0
    for i in range(length - 1):
        here = SEED
        if points[i] == SPACE:
            begin = i
        for more in range(LONGEST):
            at = i + more
            if at >= length:
                break
            here = _extend(here, points[at])
            if more == 0 and points[i] == SPACE:
                continue
            if n < len(out):
                out[n] = here | TOP
                n += 1
            if more > 0 and points[at] == SPACE:
                break
        if points[i + 1] == SPACE and i - begin >= LONGEST - 1 and n < len(out):
            here = SEED + np.uint64(1)
            for at in range(begin + 1, i + 1):
                here = _extend(here, points[at])
            out[n] = here | TOP
            n += 1
    return n


@njit
def rows_of(points, length, marks, rows):
    """The table rows of a text; return how many."""
    hashes = np.empty(MAX_ROWS, np.uint64)
    count = hashes_of(points, length, hashes)
    n = 0
    sets = len(marks) // WAYS
    for i in range(count):
        where, mark = place(hashes[i], sets)
        if mark == 0:
            continue
        for way in range(WAYS):
            if marks[where * WAYS + way] == mark:
                rows[n] = where * WAYS + way
                n += 1
                break
    return n


@njit
def _slot(keys, key):
    at = np.int64(key & np.uint64(len(keys) - 1))
    while keys[at] != 0 and keys[at] != key:
        at = (at + 1) & (len(keys) - 1)
    return at


@njit
def count_texts(keys, counts, touched, n, points, starts, weights, texts, factor):
    """Add the n-grams of some texts to the counts of one class; return how many slots are touched by now."""
    hashes = np.empty(MAX_ROWS, np.uint64)
    for text in texts:
        length = starts[text + 1] - starts[text]
        found = hashes_of(points[starts[text] : starts[text + 1]], length, hashes)
        for i in range(found):
            at = _slot(keys, hashes[i])
            keys[at] = hashes[i]
            if counts[at] == 0 and n < len(touched):
                touched[n] = at
                n += 1
            counts[at] += weights[text] * factor
    return n


@njit
def add_gain(counts, touched, n, total_of, entropy_of, rate, least):
    """Fold the counts of one class into the sums over classes, and clear them."""
    for i in range(n):
        at = touched[i]
        if counts[at] >= least:
            share = (counts[at] - np.float32(0.5)) * rate
            total_of[at] += share
            entropy_of[at] += share * np.log(share)
        counts[at] = 0


@njit
def owners(order, keys, rows):
    """Give rows to n-grams in this order; an n-gram whose set is full gets none."""
    marks = np.zeros(rows, np.uint16)
    sets = rows // WAYS
    placed = 0
    for at in order:
        where, mark = place(keys[at], sets)
        if mark == 0:
            continue
        for way in range(WAYS):
            row = where * WAYS + way
            if marks[row] == mark:
                break
            if marks[row] == 0:
                marks[row] = mark
                placed += 1
                break
    return marks, placed
