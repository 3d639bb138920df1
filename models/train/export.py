"""Write the model as ONNX, and prove that the file computes what was trained."""

import json
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from tokenizers import Tokenizer

from bag import Bag
from export_bag import add_bag
from export_reader import add_reader
from reader import Weights
from graph import Graph
from score import label_names
from vocabulary import MAX_LENGTH, PAD

EVAL_BATCH = 256
LENGTH_STEP = 8  # as in the engine
LEAST_ROWS = 2  # as in the engine


def build(bag: Bag, reader: Weights | None, heads: int, share: float) -> onnx.ModelProto:
    """The whole graph, from token ids to logits: those of the bag plus `share` times the reader's."""
    graph = Graph()
    logits, rows, there = add_bag(graph, bag)
    if reader is None:
        graph.node("logits", "Identity", logits)
    else:
        read = add_reader(graph, reader, heads, bag, rows, there)
        read = graph.node("reader_share", "Mul", read, graph.floats("reader_share_of", share))
        graph.node("logits", "Add", logits, read)
    return graph.model()


class Runner:
    """Runs an exported model as the engine does: texts of one padded length together, one thread."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(model), options)

    def logits(self, sequences: list[np.ndarray], batch: int = EVAL_BATCH) -> np.ndarray:
        """Logits of token sequences, in their order."""
        outputs = np.zeros((len(sequences), 3), np.float32)
        widths = np.array([padded_length(len(sequence)) for sequence in sequences])
        for width in np.unique(widths):
            (same,) = np.nonzero(widths == width)
            for first in range(0, len(same), batch):
                chosen = same[first : first + batch]
                ids, mask = pad([sequences[i] for i in chosen], width)
                feeds = {"input_ids": ids, "attention_mask": mask}
                outputs[chosen] = self.session.run(["logits"], feeds)[0][: len(chosen)]
        return outputs


def padded_length(tokens: int) -> int:
    """The length to which the engine pads a text of so many tokens."""
    return min(MAX_LENGTH, -(-max(tokens, 1) // LENGTH_STEP) * LENGTH_STEP)


def pad(sequences: list[np.ndarray], length: int) -> tuple[np.ndarray, np.ndarray]:
    """Ids and mask of a batch; of one text, twice, as in the engine."""
    rows = max(LEAST_ROWS, len(sequences))
    ids = np.zeros((rows, length), np.int64)
    mask = np.zeros_like(ids)
    for i in range(rows):
        sequence = sequences[i % len(sequences)]
        ids[i, : len(sequence)] = sequence
        mask[i, : len(sequence)] = 1
    return ids, mask


def check_batches(runner: Runner, sequences: list[np.ndarray]) -> float:
    """The largest change of a logit between a text in a batch and the same text in the least one."""
    together = runner.logits(sequences)
    return float(np.abs(together - runner.logits(sequences, batch=1)).max())


def write_bundle(model: onnx.ModelProto, tokenizer: Path, temperature: float, bundle: Path) -> None:
    """Write the three machine-read files, each in one step, so that a reader never sees half."""
    bundle.mkdir(parents=True, exist_ok=True)
    pad_id = Tokenizer.from_file(str(tokenizer)).token_to_id(PAD)
    replace(bundle / "model.onnx", model.SerializeToString())
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
        "model_type": "earmark-bag-and-reader",
        "architectures": ["EarmarkForSequenceClassification"],
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
