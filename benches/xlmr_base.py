"""Make a bundle of the shape of XLM-R base (12 layers of 768, 12 heads), int8, with random weights.

    python benches/xlmr_base.py BUNDLE

What it says is noise; what it costs is what a downloaded XLM-T costs in the same engine. Needs
models/train/requirements.txt. The vocabulary is the shipped model's, so that both read the same
tokens (looking rows up in a larger table costs the same). Weights are int8 and activations are
quantised on the fly, as published int8 exports do; earmark would not ship that, because a text's
result then depends on its batch.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto
from onnxruntime.quantization import quantize_dynamic

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "models" / "train"))

from export_reader import add_block  # noqa: E402
from graph import Graph  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

DIM, INNER, LAYERS, HEADS = 768, 3072, 12, 12


def build(vocab: int) -> Graph:
    """Token vectors, twelve blocks, the first position's state, a dense layer, three logits."""
    rng = np.random.default_rng(1)
    graph = Graph()

    def random(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * 0.02).astype(np.float32)

    x = graph.gather("words", random(vocab, DIM), "input_ids")
    seen = graph.node("seen", "Cast", "attention_mask", to=TensorProto.FLOAT)
    hidden = graph.node("unseen", "Sub", seen, graph.floats("one", 1.0))
    hidden = graph.node("masked_out", "Mul", hidden, graph.floats("far", 1e4))
    bias = graph.node("bias", "Unsqueeze", hidden, graph.ints("bias_axes", 1, 2))
    for number in range(LAYERS):
        sizes = {"attend": (3 * DIM, DIM), "out": (DIM, DIM), "widen": (INNER, DIM), "narrow": (DIM, INNER)}
        weights = {f"blocks.{number}.{name}.weight": random(*shape) for name, shape in sizes.items()}
        weights |= {f"blocks.{number}.{name}.bias": random(shape[0]) for name, shape in sizes.items()}
        for norm in ("norm_1", "norm_2"):
            weights[f"blocks.{number}.{norm}.weight"] = np.ones(DIM, np.float32)
            weights[f"blocks.{number}.{norm}.bias"] = np.zeros(DIM, np.float32)
        x = add_block(graph, weights, number, HEADS, x, bias)
    first = graph.node("first", "Squeeze", graph.slice("first_position", x, 0, 1, axis=1), graph.ints("first_axis", 1))
    dense = graph.node("dense_tanh", "Tanh", graph.linear("dense", first, random(DIM, DIM), random(DIM)))
    graph.linear("logits", dense, random(3, DIM), random(3))
    return graph


def main(out: Path) -> None:
    """Write the three files."""
    out.mkdir(parents=True, exist_ok=True)
    shipped = ROOT / "models" / "sentiment"
    for name in ("tokenizer.json", "config.json"):
        shutil.copy(shipped / name, out / name)
    vocab = Tokenizer.from_file(str(out / "tokenizer.json")).get_vocab_size()
    floats = out / "float.onnx"
    floats.write_bytes(build(vocab).model().SerializeToString())
    quantize_dynamic(floats, out / "model.onnx")
    floats.unlink()
    print(f"{out}: {(out / 'model.onnx').stat().st_size / 1e6:.0f} MB")


main(Path(sys.argv[1]))
