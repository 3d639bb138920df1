"""The reader as a graph.

Token vectors and n-gram rows are stored as int8 with a scale a row; all else is float. Positions
after a text's end are masked, and a text is always padded to the same length, so that neither its
neighbours in a batch nor the padding change its result by more than the last bits of a float.
"""

import numpy as np
from onnx import TensorProto

from bag import LONGEST, Bag
from export_bag import INT8_LEVELS, SCALE_UNIT, look_up, quantise_rows
from graph import SLICE_TO_END, Graph
from reader import GRAMS, MASKED_OUT, QUERIES, Weights, count_layers, distances
from vocabulary import MAX_LENGTH



def dequantise(weights: Weights) -> Weights:
    """The weights as the exported graph sees them."""
    rounded = dict(weights)
    for name in ("tokens.weight", "grams"):
        rows, size = quantise_rows(weights[name])
        rounded[name] = rows * np.exp(np.float32(SCALE_UNIT) * size)[:, None]
    rounded["grams"][-1] = 0
    return rounded


def add_reader(graph: Graph, weights: Weights, heads: int, bag: Bag, rows: str, there: str) -> str:
    """The reader's logits. `rows` and `there` are the bag's features."""
    seen = graph.node("seen_float", "Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = graph.node("unseen", "Sub", seen, graph.floats("unseen_one", 1.0))
    hidden = graph.node("masked_out", "Mul", hidden, graph.floats("masked_out_by", -MASKED_OUT))
    grams = _grams(graph, weights, bag, rows, there)
    tokens = _rows(graph, "tokens", weights["tokens.weight"], "input_ids")
    x = graph.node("words", "Add", tokens, grams)
    x = graph.node("mixed_in", "Add", x, _mix(graph, weights, x, seen))
    bias = graph.node("attention_bias", "Unsqueeze", hidden, graph.ints("bias_axes", 1, 2))
    bias = graph.node("bias_of_place", "Add", _distances(graph, weights), bias)
    for number in range(count_layers(weights)):
        x = add_block(graph, weights, number, heads, x, bias)
    x = graph.layer_norm("states", x, weights["norm.weight"], weights["norm.bias"])
    return _classify(graph, weights, x, hidden)


def _rows(graph: Graph, name: str, table: np.ndarray, index: str) -> str:
    """Rows of an int8 table as floats, one more axis than the index."""
    rows, size = quantise_rows(table)
    stored = graph.node(f"{name}_float", "Cast", graph.gather(f"{name}_stored", rows, index), to=TensorProto.FLOAT)
    levels = graph.node(f"{name}_level", "Cast", graph.gather(f"{name}_size", size, index), to=TensorProto.INT64)
    steps = np.arange(-INT8_LEVELS // 2, INT8_LEVELS // 2)
    scale = look_up(graph, f"{name}_scale", levels, np.exp(SCALE_UNIT * steps))
    last = graph.ints(f"{name}_last", -1)
    return graph.node(name, "Mul", stored, graph.node(f"{name}_scales", "Unsqueeze", scale, last))


def _grams(graph: Graph, weights: Weights, bag: Bag, rows: str, there: str) -> str:
    """The sum of the n-gram rows that begin at each position, [batch, seq, dim]."""

    def longer(name: str, features: str) -> str:
        """The features of two tokens and more, [batch, GRAMS, seq]."""
        by_length = graph.node(f"{name}_by_length", "Reshape", features, graph.ints(f"{name}_shape", 0, LONGEST, -1))
        return graph.slice(f"{name}_longer", by_length, 1, SLICE_TO_END, axis=1)

    bucket = graph.node("gram_bucket", "Sub", longer("gram_rows", rows), graph.ints("gram_vocab", bag.vocab))
    vectors = _rows(graph, "grams", weights["grams"][:-1], bucket)
    owned = graph.node("grams_owned", "Unsqueeze", longer("gram_there", there), graph.ints("owned_axis", 3))
    vectors = graph.node("grams_there", "Mul", vectors, owned)
    lengths = graph.ints("gram_lengths_axis", 1)
    total = ""
    for n in range(GRAMS):
        part = graph.node(f"gram_{n}_flat", "Squeeze", graph.slice(f"gram_{n}", vectors, n, n + 1, axis=1), lengths)
        total = graph.node(f"grams_to_{n}", "Add", total, part) if total else part
    return graph.linear("gram_words", total, weights["gram_to_token.weight"])


def _mix(graph: Graph, weights: Weights, x: str, seen: str) -> str:
    shown = graph.node("shown", "Mul", x, graph.node("seen_3d", "Unsqueeze", seen, graph.ints("seen_axis", 2)))
    here = graph.linear("here", shown, weights["here.weight"], weights["here.bias"])
    before = graph.linear("before", graph.shift("left_of", shown, -1), weights["left.weight"])
    after = graph.linear("after", graph.shift("right_of", shown, 1), weights["right.weight"])
    both = graph.node("beside", "Add", before, after)
    return graph.gelu("mix", graph.node("around", "Add", both, here))


def _distances(graph: Graph, weights: Weights) -> str:
    """What each head adds for the distance between two positions, [1, heads, seq, seq]."""
    table = graph.const("distance_table", weights["distance"][:, distances(MAX_LENGTH)][None])
    seq = graph.slice("seq", graph.node("shape", "Shape", "input_ids"), 1, 2, axis=0)
    start = graph.ints("distance_start", 0)
    rows = graph.node("distance_rows", "Slice", table, start, seq, graph.ints("distance_axis_2", 2))
    return graph.node("distance", "Slice", rows, start, seq, graph.ints("distance_axis_3", 3))


def add_block(graph: Graph, weights: Weights, number: int, heads: int, x: str, bias: str) -> str:
    """One block of attention and feed-forward, on states [batch, seq, dim]."""
    mine = {name.removeprefix(f"blocks.{number}."): value for name, value in weights.items()}
    name = f"block_{number}"

    def linear(part: str, inputs: str) -> str:
        return graph.linear(f"{name}_{part}", inputs, mine[f"{part}.weight"], mine[f"{part}.bias"])

    normed = graph.layer_norm(f"{name}_norm_1", x, mine["norm_1.weight"], mine["norm_1.bias"])
    read = _attend(graph, name, len(mine["out.bias"]), heads, linear("attend", normed), bias)
    x = graph.node(f"{name}_attended", "Add", x, linear("out", read))
    normed = graph.layer_norm(f"{name}_norm_2", x, mine["norm_2.weight"], mine["norm_2.bias"])
    inner = graph.gelu(f"{name}_gelu", linear("widen", normed))
    return graph.node(f"{name}_fed", "Add", x, linear("narrow", inner))


def _attend(graph: Graph, name: str, dim: int, heads: int, all_three: str, bias: str) -> str:
    """Attention over queries, keys and values that stand beside each other on the last axis."""
    parts = []
    for i, (part, order) in enumerate((("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3]))):
        sliced = graph.slice(f"{name}_{part}", all_three, i * dim, (i + 1) * dim, axis=2)
        shape = graph.ints(f"{name}_{part}_shape", 0, 0, heads, dim // heads)
        by_head = graph.node(f"{name}_{part}_by_head", "Reshape", sliced, shape)
        parts.append(graph.node(f"{name}_{part}_first", "Transpose", by_head, perm=order))
    q, k, v = parts
    scaled = graph.node(f"{name}_q_scaled", "Mul", q, graph.floats(f"{name}_scale", (dim // heads) ** -0.5))
    logits = graph.node(f"{name}_logits", "Add", graph.node(f"{name}_qk", "MatMul", scaled, k), bias)
    read = graph.node(f"{name}_read", "MatMul", graph.node(f"{name}_weights", "Softmax", logits, axis=-1), v)
    joined = graph.node(f"{name}_by_position", "Transpose", read, perm=[0, 2, 1, 3])
    return graph.node(f"{name}_joined", "Reshape", joined, graph.ints(f"{name}_joined_shape", 0, 0, dim))


def _classify(graph: Graph, weights: Weights, states: str, hidden: str) -> str:
    dim = weights["norm.weight"].size
    logits = graph.linear("queries", states, weights["queries.weight"], weights["queries.bias"])
    hidden = graph.node("hidden_3d", "Unsqueeze", hidden, graph.ints("hidden_axis", 2))
    logits = graph.node("queries_seen", "Add", logits, hidden)
    shares = graph.node("query_shares", "Softmax", graph.node("by_query", "Transpose", logits, perm=[0, 2, 1]), axis=-1)
    pooled = graph.node("read_out", "MatMul", shares, states)
    pooled = graph.node("read_out_flat", "Reshape", pooled, graph.ints("read_out_shape", 0, QUERIES * dim))
    inner = graph.linear("reader_hidden", pooled, weights["hidden.weight"], weights["hidden.bias"])
    inner = graph.gelu("reader_gelu", inner)
    return graph.linear("reader_logits", inner, weights["output.weight"], weights["output.bias"])
