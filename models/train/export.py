"""Write the model as ONNX, and prove that the file computes what was trained.

Only the table is quantised, and only as storage: its rows are int8 with a scale of their own, and
become float before anything is computed. Quantising activations would make a text's result depend
on the texts that share its batch.

The graph has only plain operators, and no tensor in it is ever empty (a text may be one token
long), so that ONNX Runtime and tract run it alike.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from bag import HASH, LONGEST, MARK_OFFSET, MARKS, MAX_FEATURES, Bag
from score import label_names
from vocabulary import MAX_LENGTH, PAD

OPSET = 13
IR_VERSION = 8
INT8_MAX = 127
ATTENTION_UNIT = 6.0 / INT8_MAX  # logits beyond ±6 weigh as much as ±6
SCALE_UNIT = 0.08  # one step of the stored logarithm of the scale
SLICE_TO_END = np.iinfo(np.int32).max
INT8_LEVELS = 256
_STEPS = np.arange(-INT8_LEVELS // 2, INT8_LEVELS // 2, dtype=np.float64)
WEIGHT_GRID = 2.0**15  # 512 features, weighing at most 1, add up to 2 ** 24 grid steps
LEAST_WEIGHT = 1e-6  # divides the empty text, and changes no other
EVAL_BATCH = 256


class Stored(NamedTuple):
    """The table as it is stored, everything int8: one row a feature."""

    vectors: np.ndarray  # [rows, dim]
    attention: np.ndarray  # [rows], in ATTENTION_UNITs
    size: np.ndarray  # [rows], the logarithm of the row's scale in SCALE_UNITs
    owner: np.ndarray  # [rows], the mark of the n-gram that owns the row, 0 for tokens


def quantise(bag: Bag) -> Stored:
    """Round the table; the scale of a row is the least that holds its largest component."""
    largest = np.abs(bag.table).max(1).clip(1e-6)
    size = np.ceil(np.log(largest / INT8_MAX) / SCALE_UNIT).clip(-INT8_MAX, INT8_MAX)
    vectors = np.rint(bag.table / np.exp(size * SCALE_UNIT)[:, None])
    attention = np.rint(bag.attention / ATTENTION_UNIT)
    return Stored(
        vectors.clip(-INT8_MAX, INT8_MAX).astype(np.int8),
        attention.clip(-INT8_MAX, INT8_MAX).astype(np.int8),
        size.astype(np.int8),
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


class _Graph:
    """Collects nodes and constants; each node gives the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def const(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, name: str, op: str, *inputs: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def ints(self, name: str, *values: int) -> str:
        return self.const(name, np.array(values, np.int64))

    def floats(self, name: str, *values: float) -> str:
        return self.const(name, np.array(values, np.float32))

    def slice(self, name: str, tensor: str, start: int, end: int, axis: int) -> str:
        bounds = (
            self.ints(f"{name}_start", start),
            self.ints(f"{name}_end", end),
            self.ints(f"{name}_axis", axis),
        )
        return self.node(name, "Slice", tensor, *bounds)

    def gather(self, name: str, values: np.ndarray, index: str) -> str:
        return self.node(name, "Gather", self.const(f"{name}_table", values), index, axis=0)


def build(bag: Bag) -> onnx.ModelProto:
    """The whole graph, from token ids to logits."""
    graph = _Graph()
    rows, marks, mask = _features(graph, bag)
    pooled = _pool(graph, bag, rows, marks, mask)
    _classify(graph, bag, pooled)
    int64 = TensorProto.INT64
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "earmark-bag",
            [
                helper.make_tensor_value_info(name, int64, ["batch", "seq"])
                for name in ("input_ids", "attention_mask")
            ],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])],
            graph.constants,
        ),
        producer_name="earmark",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def _features(graph: _Graph, bag: Bag) -> tuple[str, str, str]:
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
        ids = _shift(graph, f"ids_{n}", ids, nought)
        hashed = graph.node(f"hashed_{n}", "Mul", ids, graph.ints(f"hash_{n}", HASH[n - 1]))
        mixed = graph.node(f"mixed_{n}", "Add", mixed, hashed)
        bucket = graph.node(f"bucket_{n}", "Mod", mixed, buckets)
        rows.append(graph.node(f"rows_{n}", "Add", bucket, vocab))
        quotient = graph.node(f"quotient_{n}", "Div", mixed, buckets)
        remainder = graph.node(f"remainder_{n}", "Mod", quotient, n_marks)
        marks.append(graph.node(f"marks_{n}", "Sub", remainder, offset))
        mask = _shift(graph, f"mask_{n}", mask, nought)
        # No hole in the mask: an n-gram is there if all its tokens are.
        masks.append(graph.node(f"all_{n}", "Mul", masks[-1], mask))
    return tuple(
        graph.node(name, "Concat", *parts, axis=1)
        for name, parts in (("rows", rows), ("marks", marks), ("masks", masks))
    )


def _shift(graph: _Graph, name: str, tensor: str, nought: str) -> str:
    """`tensor` moved one position to the left, with a zero at the end; of the same length."""
    first = graph.slice(f"{name}_first", tensor, 0, 1, axis=1)
    zero = graph.node(f"{name}_zero", "Mul", first, nought)
    longer = graph.node(f"{name}_longer", "Concat", tensor, zero, axis=1)
    return graph.slice(name, longer, 1, SLICE_TO_END, axis=1)


def _pool(graph: _Graph, bag: Bag, rows: str, marks: str, mask: str) -> str:
    """The attention-weighted mean of the rows [batch, dim].

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
    weight = graph.node("weight", "Mul", _look_up(graph, "gate", attention, _gates()), counted)
    scale = _look_up(graph, "scale", size, np.exp(_STEPS * SCALE_UNIT) * grid)
    factor = graph.node("factor", "Mul", scale, weight)
    factor = graph.node("factor_3d", "Unsqueeze", factor, graph.ints("last_axis", 2))
    terms = graph.node("terms", "Mul", vectors, factor)
    on_grid = graph.node("on_grid", "Cast", terms, to=TensorProto.INT32)
    axis = graph.ints("feature_axis", 1)
    total = graph.node("total", "ReduceSum", on_grid, axis, keepdims=0)
    sums = graph.node("sums", "Cast", total, to=TensorProto.FLOAT)
    weights = graph.node("weights", "ReduceSum", weight, axis, keepdims=1)
    divisor = graph.node("divisor", "Max", weights, graph.floats("least", LEAST_WEIGHT))
    return graph.node(
        "pooled", "Div", sums, graph.node("steps", "Mul", divisor, graph.floats("grid", grid))
    )


def _term_grid(stored: Stored) -> float:
    """Steps a unit of the grid for the terms: the most with which their sum fits int32."""
    largest = np.abs(stored.vectors).max(1) * np.exp(SCALE_UNIT * stored.size.astype(np.float64))
    return 2.0 ** np.floor(np.log2((2**31 - 1) / (MAX_FEATURES * largest.max())))


def _look_up(graph: _Graph, name: str, index: str, values: np.ndarray) -> str:
    """`values[index + 128]`, for an index in the range of int8."""
    place = graph.node(f"{name}_place", "Add", index, graph.ints(f"{name}_zero", INT8_LEVELS // 2))
    return graph.gather(name, np.float32(values), place)


def _classify(graph: _Graph, bag: Bag, pooled: str) -> None:
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
    graph.node("logits", "Add", both, graph.const("bias", bag.bias))


class Runner:
    """Runs an exported model as the engine does: padded batches, one thread."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(model), options)

    def logits(self, sequences: list[np.ndarray], batch: int = EVAL_BATCH) -> np.ndarray:
        """Logits of token sequences, in their order."""
        outputs = np.zeros((len(sequences), 3), np.float32)
        by_length = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
        for first in range(0, len(by_length), batch):
            chosen = by_length[first : first + batch]
            ids, mask = pad([sequences[i] for i in chosen])
            (outputs[chosen],) = self.session.run(
                ["logits"], {"input_ids": ids, "attention_mask": mask}
            )
        return outputs


def pad(sequences: list[np.ndarray], length: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Ids and mask of a batch, at least `length` long; never empty, because seq may not be 0."""
    longest = max(length, *(len(sequence) for sequence in sequences))
    ids = np.zeros((len(sequences), longest), np.int64)
    mask = np.zeros_like(ids)
    for i, sequence in enumerate(sequences):
        ids[i, : len(sequence)] = sequence
        mask[i, : len(sequence)] = 1
    return ids, mask


def check_padding(runner: Runner, sequences: list[np.ndarray]) -> float:
    """The largest change of a logit between a text alone and the same text in padded batches."""
    together = runner.logits(sequences)
    worst = np.abs(together - runner.logits(sequences, batch=1)).max()
    for sequence, expected in zip(sequences[:32], together):
        ids, mask = pad([sequence], MAX_LENGTH)
        ids[mask == 0] = 7  # whatever stands beyond the mask must not count
        (wide,) = runner.session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        worst = max(worst, np.abs(wide[0] - expected).max())
    return float(worst)


def write_bundle(bag: Bag, tokenizer: Path, temperature: float, bundle: Path) -> None:
    """Write the three machine-read files, each in one step, so that a reader never sees half."""
    bundle.mkdir(parents=True, exist_ok=True)
    pad_id = Tokenizer.from_file(str(tokenizer)).token_to_id(PAD)
    replace(bundle / "model.onnx", build(bag).SerializeToString())
    replace(bundle / "tokenizer.json", tokenizer.read_bytes())
    replace(bundle / "config.json", json.dumps(config(temperature, pad_id), indent=2).encode())


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path` atomically."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def config(temperature: float, pad_id: int) -> dict:
    """The `config.json` of the bundle."""
    names = label_names()
    return {
        "model_type": "earmark-bag",
        "architectures": ["EarmarkBagForSequenceClassification"],
        "num_labels": len(names),
        "id2label": names,
        "label2id": {label: int(i) for i, label in names.items()},
        "earmark": {
            "temperature": temperature,
            "max_length": MAX_LENGTH,
            "clean": "social-v1",
            "pad_token_id": pad_id,
        },
    }


def sequences(ids: np.ndarray, starts: np.ndarray) -> list[np.ndarray]:
    """The flat arrays of `vocabulary.tokenize` as one array a text."""
    return np.split(ids, starts[1:-1])
