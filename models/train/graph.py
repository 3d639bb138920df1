"""Building blocks of the exported graph.

Plain operators of opset 13 only, and no tensor in it is ever empty (a text may be one token long), so
that ONNX Runtime and tract run it alike.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
IR_VERSION = 8
SLICE_TO_END = np.iinfo(np.int32).max
NORM_EPSILON = 1e-5  # PyTorch's


class Graph:
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

    def shift(self, name: str, tensor: str, by: int) -> str:
        """`tensor` moved `by` positions (1 or −1) to the left along axis 1, with zeros in the gap."""
        first = self.slice(f"{name}_first", tensor, 0, 1, axis=1)
        zero = self.node(f"{name}_zero", "Sub", first, first)
        parts = (tensor, zero) if by > 0 else (zero, tensor)
        longer = self.node(f"{name}_longer", "Concat", *parts, axis=1)
        bounds = (1, SLICE_TO_END) if by > 0 else (0, -1)
        return self.slice(name, longer, *bounds, axis=1)

    def linear(self, name: str, inputs: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        """PyTorch's `Linear`: `weight` is [outputs, inputs]."""
        product = f"{name}_product" if bias is not None else name
        product = self.node(product, "MatMul", inputs, self.const(f"{name}_weight", weight.T))
        return product if bias is None else self.node(name, "Add", product, self.const(f"{name}_bias", bias))

    def layer_norm(self, name: str, inputs: str, weight: np.ndarray, bias: np.ndarray) -> str:
        """Over the last axis."""
        mean = self.node(f"{name}_mean", "ReduceMean", inputs, axes=[-1], keepdims=1)
        off = self.node(f"{name}_off", "Sub", inputs, mean)
        squares = self.node(f"{name}_squares", "Mul", off, off)
        variance = self.node(f"{name}_variance", "ReduceMean", squares, axes=[-1], keepdims=1)
        variance = self.node(f"{name}_not_nought", "Add", variance, self.floats(f"{name}_epsilon", NORM_EPSILON))
        unit = self.node(f"{name}_unit", "Div", off, self.node(f"{name}_deviation", "Sqrt", variance))
        scaled = self.node(f"{name}_scaled", "Mul", unit, self.const(f"{name}_weight", weight))
        return self.node(name, "Add", scaled, self.const(f"{name}_bias", bias))

    def gelu(self, name: str, inputs: str) -> str:
        """The exact one, by the error function."""
        scaled = self.node(f"{name}_scaled", "Mul", inputs, self.floats(f"{name}_root", 0.5**0.5))
        error = self.node(f"{name}_error", "Erf", scaled)
        share = self.node(f"{name}_share", "Add", error, self.floats(f"{name}_one", 1.0))
        half = self.node(f"{name}_half", "Mul", inputs, self.floats(f"{name}_by_half", 0.5))
        return self.node(name, "Mul", half, share)

    def model(self) -> onnx.ModelProto:
        """What was collected, from `input_ids` and `attention_mask` to `logits`."""
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "seq"])
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])]
        model = helper.make_model(
            helper.make_graph(self.nodes, "earmark", inputs, outputs, self.constants),
            producer_name="earmark",
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        onnx.checker.check_model(model, full_check=True)
        return model
