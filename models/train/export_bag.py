"""The bag as a graph.

Only the table is quantised, and only as storage: its rows are int8 with a scale of their own, and
become float before anything is computed. Quantising activations would make a text's result depend
on the texts that share its batch.
"""

from typing import NamedTuple

import numpy as np
from onnx import TensorProto

from bag import HASH, LONGEST, MARK_OFFSET, MARKS, MAX_FEATURES, Bag
from graph import Graph

INT8_MAX = 127
ATTENTION_UNIT = 6.0 / INT8_MAX  # logits beyond ±6 weigh as much as ±6
SCALE_UNIT = 0.08  # one step of the stored logarithm of the scale
INT8_LEVELS = 256
_STEPS = np.arange(-INT8_LEVELS // 2, INT8_LEVELS // 2, dtype=np.float64)
WEIGHT_GRID = 2.0**15  # 512 features, weighing at most 1, add up to 2 ** 24 grid steps
LEAST_WEIGHT = 1e-6  # divides the empty text, and changes no other


class Stored(NamedTuple):
    """The table as it is stored, everything int8: one row a feature."""

    vectors: np.ndarray  # [rows, dim]
    attention: np.ndarray  # [rows], in ATTENTION_UNITs
    size: np.ndarray  # [rows], the logarithm of the row's scale in SCALE_UNITs
    owner: np.ndarray  # [rows], the mark of the n-gram that owns the row, 0 for tokens


def quantise_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows as int8, and the logarithm of each row's scale in SCALE_UNITs."""
    largest = np.abs(table).max(1).clip(1e-6)
    size = np.ceil(np.log(largest / INT8_MAX) / SCALE_UNIT).clip(-INT8_MAX, INT8_MAX)
    rows = np.rint(table / np.exp(size * SCALE_UNIT)[:, None])
    return rows.clip(-INT8_MAX, INT8_MAX).astype(np.int8), size.astype(np.int8)


def quantise(bag: Bag) -> Stored:
    """Round the table; the scale of a row is the least that holds its largest component."""
    vectors, size = quantise_rows(bag.table)
    attention = np.rint(bag.attention / ATTENTION_UNIT)
    return Stored(
        vectors,
        attention.clip(-INT8_MAX, INT8_MAX).astype(np.int8),
        size,
        np.concatenate([np.zeros(bag.vocab, np.int8), bag.marks]),
    )


def dequantise(bag: Bag) -> Bag:
    """The weights as the exported graph sees them."""
    stored = quantise(bag)
    scale = np.exp(np.float32(SCALE_UNIT) * stored.size)
    gates = _gates()[stored.attention.astype(np.int64) + INT8_LEVELS // 2]
    return bag._replace(
        table=stored.vectors * scale[:, None],
        attention=np.log(gates / (1 - gates)).astype(np.float32),
    )


def _gates() -> np.ndarray:
    """The weight of a feature, for each value of its stored attention logit."""
    return np.rint(WEIGHT_GRID / (1 + np.exp(-_STEPS * ATTENTION_UNIT))) / WEIGHT_GRID


def add_bag(graph: Graph, bag: Bag) -> tuple[str, str, str]:
    """The bag's logits; and the rows of all features and whether they are there, for the reader."""
    rows, marks, mask = _features(graph, bag)
    pooled, there = _pool(graph, bag, rows, marks, mask)
    return _classify(graph, bag, pooled), rows, there


def _features(graph: Graph, bag: Bag) -> tuple[str, str, str]:
    """Rows, expected marks and mask of all features, each [batch, LONGEST × seq].

    At each position starts one n-gram of each length; those that reach over the end are masked.
    """
    ids, mask = "input_ids", "attention_mask"
    mixed = graph.node("mixed_1", "Mul", ids, graph.ints("hash_1", HASH[0]))
    nought = graph.ints("nought", 0)
    rows, marks, masks = [ids], [graph.node("no_mark", "Mul", ids, nought)], [mask]
    vocab = graph.ints("vocab", bag.vocab)
    buckets = graph.ints("buckets", len(bag.marks))
    n_marks, offset = graph.ints("n_marks", MARKS), graph.ints("mark_offset", MARK_OFFSET)
    for n in range(2, LONGEST + 1):
        ids = graph.shift(f"ids_{n}", ids, 1)
        hashed = graph.node(f"hashed_{n}", "Mul", ids, graph.ints(f"hash_{n}", HASH[n - 1]))
        mixed = graph.node(f"mixed_{n}", "Add", mixed, hashed)
        bucket = graph.node(f"bucket_{n}", "Mod", mixed, buckets)
        rows.append(graph.node(f"rows_{n}", "Add", bucket, vocab))
        quotient = graph.node(f"quotient_{n}", "Div", mixed, buckets)
        remainder = graph.node(f"remainder_{n}", "Mod", quotient, n_marks)
        marks.append(graph.node(f"marks_{n}", "Sub", remainder, offset))
        mask = graph.shift(f"mask_{n}", mask, 1)
        # No hole in the mask: an n-gram is there if all its tokens are.
        masks.append(graph.node(f"all_{n}", "Mul", masks[-1], mask))
    return tuple(
        graph.node(name, "Concat", *parts, axis=1)
        for name, parts in (("rows", rows), ("marks", marks), ("masks", masks))
    )


def _pool(graph: Graph, bag: Bag, rows: str, marks: str, mask: str) -> tuple[str, str]:
    """The attention-weighted mean of the rows [batch, dim], and which features are there (0 or 1).

    Sums of floats depend on their order, which a runtime chooses by the shape of the batch. Here
    all sums are exact, so they do not: the terms are rounded to a fixed grid and added up as
    integers, and the weights are multiples of 2 ** -15. For the same reason the gate and the scale
    are looked up rather than computed: vectorised exponentials differ in their last bit.
    """
    stored = quantise(bag)
    grid = _term_grid(stored)
    vectors, attention, size, owner = (
        graph.node(name, "Cast", graph.gather(f"{name}_stored", table, rows), to=kind)
        for name, table, kind in zip(
            Stored._fields, stored, (TensorProto.FLOAT, *[TensorProto.INT64] * 3)
        )
    )
    own = graph.node("own", "Equal", owner, marks)
    there = graph.node("there", "And", own, graph.node("seen", "Cast", mask, to=TensorProto.BOOL))
    counted = graph.node("counted", "Cast", there, to=TensorProto.FLOAT)
    weight = graph.node("weight", "Mul", look_up(graph, "gate", attention, _gates()), counted)
    scale = look_up(graph, "scale", size, np.exp(_STEPS * SCALE_UNIT) * grid)
    factor = graph.node("factor", "Mul", scale, weight)
    factor = graph.node("factor_3d", "Unsqueeze", factor, graph.ints("last_axis", 2))
    terms = graph.node("terms", "Mul", vectors, factor)
    on_grid = graph.node("on_grid", "Cast", terms, to=TensorProto.INT32)
    axis = graph.ints("feature_axis", 1)
    total = graph.node("total", "ReduceSum", on_grid, axis, keepdims=0)
    sums = graph.node("sums", "Cast", total, to=TensorProto.FLOAT)
    weights = graph.node("weights", "ReduceSum", weight, axis, keepdims=1)
    divisor = graph.node("divisor", "Max", weights, graph.floats("least", LEAST_WEIGHT))
    steps = graph.node("steps", "Mul", divisor, graph.floats("grid", grid))
    return graph.node("pooled", "Div", sums, steps), counted


def _term_grid(stored: Stored) -> float:
    """Steps a unit of the grid for the terms: the most with which their sum fits int32."""
    largest = np.abs(stored.vectors).max(1) * np.exp(SCALE_UNIT * stored.size.astype(np.float64))
    return 2.0 ** np.floor(np.log2((2**31 - 1) / (MAX_FEATURES * largest.max())))


def look_up(graph: Graph, name: str, index: str, values: np.ndarray) -> str:
    """`values[index + 128]`, for an index in the range of int8."""
    place = graph.node(f"{name}_place", "Add", index, graph.ints(f"{name}_zero", INT8_LEVELS // 2))
    return graph.gather(name, np.float32(values), place)


def _classify(graph: Graph, bag: Bag, pooled: str) -> str:
    """The linear layer and the hidden layer beside it, on [batch, 1, dim].

    Products and sums rather than MatMul, whose kernels for one text and for many round differently.
    ONNX Runtime's sums do not, as long as the rows that it adds up are whole vector registers: keep
    `dim` and `units` multiples of 16.
    """
    last = graph.ints("unit_axis", 2)
    pooled = graph.node("pooled_3d", "Unsqueeze", pooled, graph.ints("middle_axis", 1))

    def dense(name: str, inputs: str, weights: np.ndarray) -> str:
        products = graph.node(f"{name}_products", "Mul", inputs, graph.const(f"{name}_by", weights))
        return graph.node(name, "ReduceSum", products, last, keepdims=0)

    inner = dense("inner", pooled, bag.hidden)
    shifted = graph.node("shifted", "Add", inner, graph.const("hidden_bias", bag.hidden_bias))
    active = graph.node("active", "Relu", shifted)
    active = graph.node("active_3d", "Unsqueeze", active, graph.ints("active_axis", 1))
    both = graph.node(
        "both", "Add", dense("straight", pooled, bag.direct), dense("bent", active, bag.output)
    )
    return graph.node("bag_logits", "Add", both, graph.const("bias", bag.bias))
