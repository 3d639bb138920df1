"""The model: a bag of hashed character n-grams and words, one linear layer, trained by Hogwild descent.

Each of the most telling n-grams (grams.py) owns a row of the table. A text is the sum of its rows over the root of
their number; a linear layer makes a score for each class of the text's script. Written for numba, as ../bag.py is and
for the same reasons.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit, prange

import xorshift
from language.grams import MAX_ROWS, rows_of

TABLE_SUM = 1e-3  # what AdaGrad's sums start at
OUTPUT_SUM = 1e-1
ONE_LISTED = 0.6  # how often a visit to the list of words is for one of them


class Detector(NamedTuple):
    """The weights."""

    table: np.ndarray  # [rows, dim]
    output: np.ndarray  # [classes, dim]
    bias: np.ndarray  # [classes]
    marks: np.ndarray  # [rows], uint16: who owns the row; 0 nobody

    def save(self, path: Path) -> None:
        """Write all weights to one file."""
        np.savez(path, **self._asdict())

    @staticmethod
    def load(path: Path) -> "Detector":
        """Read what `save` wrote."""
        return Detector(**np.load(path))


class Texts(NamedTuple):
    """What training reads. Texts and single words are sorted by class, texts first."""

    points: np.ndarray  # code points of all texts, each between spaces
    starts: np.ndarray
    text_from: np.ndarray  # [classes + 1] x 2: where the texts and the words of a class begin and end
    word_weight: np.ndarray  # running sums of the words' weights, within the class
    group: np.ndarray  # [classes], the script
    share: np.ndarray  # [classes], how often a class is drawn, running sum


@njit
def _span(points, start, end, state, buffer):
    """Copy a text or one to six words of it; return the length."""
    state = xorshift.following(state)
    chance = xorshift.share(state)
    if chance < 0.35:
        length = min(end - start, len(buffer))
        buffer[:length] = points[start : start + length]
        return length, state
    wanted = 1 if chance < 0.62 else (2 if chance < 0.8 else 3 + int((chance - 0.8) * 20))
    spaces = 0
    for i in range(start, end):
        spaces += points[i] == 32
    state = xorshift.following(state)
    first = int(xorshift.share(state) * max(1, spaces - wanted))
    seen, length = 0, 0
    for i in range(start, end):
        if points[i] == 32:
            seen += 1
        if seen > first and length < len(buffer):
            buffer[length] = points[i]
            length += 1
        if seen > first + wanted:
            break
    return length, state


@njit
def _listed(texts, middle, last, state, buffer):
    """Copy a word of the list, or two of them: content words together, as in headlines; return the length."""
    state = xorshift.following(state)
    wanted = 1 if xorshift.share(state) < ONE_LISTED else 2
    length = 0
    for _ in range(wanted):
        state = xorshift.following(state)
        chance = xorshift.share(state) * texts.word_weight[last - 1]
        at = min(middle + np.searchsorted(texts.word_weight[middle:last], chance, side="right"), last - 1)
        first = texts.starts[at] + (1 if length else 0)
        more = min(texts.starts[at + 1] - first, len(buffer) - length)
        buffer[length : length + more] = texts.points[first : first + more]
        length += more
    return length, state


@njit(fastmath=True)
def _scores(model, rows, n, group, groups, pooled, scores):
    pooled[:] = 0
    for i in range(n):
        for j in range(len(pooled)):
            pooled[j] += model.table[rows[i], j]
    scale = np.float32(1) / np.sqrt(np.float32(max(n, 1)))
    for j in range(len(pooled)):
        pooled[j] *= scale
    for c in range(len(scores)):
        if groups[c] == group:
            value = model.bias[c]
            for j in range(len(pooled)):
                value += model.output[c, j] * pooled[j]
            scores[c] = value
    return scale


@njit(fastmath=True)
def _step(model, sums_table, sums_output, rows, n, label, groups, rate, pooled, scores, grad):
    group = groups[label]
    scale = _scores(model, rows, n, group, groups, pooled, scores)
    top = np.float32(-1e30)
    for c in range(len(scores)):
        if groups[c] == group:
            top = max(top, scores[c])
    total = np.float32(0)
    for c in range(len(scores)):
        if groups[c] == group:
            total += np.exp(scores[c] - top)
    loss = np.log(total) + top - scores[label]
    grad[:] = 0
    for c in range(len(scores)):
        if groups[c] != group:
            continue
        delta = np.exp(scores[c] - top) / total
        if c == label:
            delta -= np.float32(1)
        if abs(delta) < 1e-4:
            continue
        square = np.float32(0)
        for j in range(len(pooled)):
            grad[j] += delta * model.output[c, j]
            square += pooled[j] * pooled[j]
        sums_output[c] += delta * delta * (square / len(pooled) + np.float32(0.1))
        step = rate / np.sqrt(sums_output[c]) * delta
        for j in range(len(pooled)):
            model.output[c, j] -= step * pooled[j]
        model.bias[c] -= step * np.float32(0.1)
    square = np.float32(0)
    for j in range(len(pooled)):
        grad[j] *= scale
        square += grad[j] * grad[j]
    square /= len(pooled)
    for i in range(n):
        row = rows[i]
        sums_table[row] += square
        step = rate / np.sqrt(sums_table[row])
        for j in range(len(pooled)):
            model.table[row, j] -= step * grad[j]
    return loss


@njit(parallel=True, fastmath=True)
def _run(model, sums_table, sums_output, texts, visits, threads, seed, rate_from, rate_to, word_share):
    losses = np.zeros(threads)
    for t in prange(threads):
        state = np.uint64(seed * 1_000_003 + t * 7919 + 88172645463325252)
        rows = np.empty(MAX_ROWS, np.int64)
        buffer = np.empty(700, np.int32)
        classes = len(model.bias)
        pooled = np.empty(model.table.shape[1], np.float32)
        grad = np.empty(model.table.shape[1], np.float32)
        scores = np.zeros(classes, np.float32)
        for visit in range(visits):
            rate = np.float32(rate_from + (rate_to - rate_from) * visit / visits)
            state = xorshift.following(state)
            label = np.searchsorted(texts.share, xorshift.share(state) * texts.share[-1], side="right")
            first, middle, last = texts.text_from[label]
            state = xorshift.following(state)
            if last > middle and xorshift.share(state) < word_share:
                length, state = _listed(texts, middle, last, state, buffer)
            else:
                state = xorshift.following(state)
                at = first + int(xorshift.share(state) * (middle - first))
                length, state = _span(texts.points, texts.starts[at], texts.starts[at + 1], state, buffer)
            n = rows_of(buffer, length, model.marks, rows)
            if n:
                losses[t] += _step(
                    model, sums_table, sums_output, rows, n, label, texts.group, rate, pooled, scores, grad
                )
    return losses.sum() / (visits * threads)


def new_detector(marks: np.ndarray, classes: int, dim: int, seed: int) -> Detector:
    """Random output rows; table rows start at zero and earn their say."""
    rng = np.random.default_rng(seed)
    return Detector(
        table=np.zeros((len(marks), dim), np.float32),
        output=(rng.standard_normal((classes, dim)) / np.sqrt(dim)).astype(np.float32),
        bias=np.zeros(classes, np.float32),
        marks=marks,
    )


def fit(model, texts, rounds, visits, threads, rate, word_share, report):
    """Descend for `rounds` of `visits` spans each, the rate falling to nearly nothing."""
    sums_table = np.full(len(model.table), TABLE_SUM, np.float32)
    sums_output = np.full(len(model.bias), OUTPUT_SUM, np.float32)
    for number in range(rounds):
        high, low = rate * (1 - number / rounds), rate * (1 - (number + 1) / rounds) + rate * 0.01
        loss = _run(
            model, sums_table, sums_output, texts, visits // threads, threads, number + 1, high, low, word_share
        )
        report(number + 1, loss)
    return model


@njit(parallel=True, fastmath=True)
def predict(model, points, starts, group_of_text, groups):
    """Scores of all classes for each text; classes of other scripts get -1e9."""
    count = len(starts) - 1
    result = np.full((count, len(model.bias)), np.float32(-1e9))
    found = np.zeros(count, np.int32)
    for at in prange(count):
        rows = np.empty(MAX_ROWS, np.int64)
        pooled = np.empty(model.table.shape[1], np.float32)
        length = min(starts[at + 1] - starts[at], 700)
        n = rows_of(points[starts[at] : starts[at] + length], length, model.marks, rows)
        found[at] = n
        _scores(model, rows, n, group_of_text[at], groups, pooled, result[at])
    return result, found
