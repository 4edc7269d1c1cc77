"""ONNX Runtime over batches sorted by length; in int8 where bf16 is asked for, which it lacks.

The matrices are quantised ahead, a channel at a time, what they are multiplied with at run time.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import onnxruntime as ort
import torch
from bert import NAMES, Batch, example, in_batches, module
from onnxruntime.quantization import QuantType, quantize_dynamic
from reading import Floats, Score, Task, run

SIZES = (16, 32, 64, 128)


def load(task: Task) -> Score:
    """The model of a job, exported and quantised."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = task.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with TemporaryDirectory() as folder:
        path = _exported(task, Path(folder))
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def infer(batch: Batch) -> Floats:
        found: Floats = session.run(None, batch)[0]
        return found

    return in_batches(task, infer)


def _exported(task: Task, folder: Path) -> Path:
    path = folder / "model.onnx"
    sizes = {0: "batch", 1: "tokens"}
    inputs = example()
    torch.onnx.export(
        module(task),
        tuple(inputs[name] for name in NAMES),
        path,
        input_names=list(NAMES),
        output_names=["found"],
        dynamic_axes={**dict.fromkeys(NAMES, sizes), "found": {0: "batch"}},
        dynamo=False,
    )
    if task.precision == "fp32":
        return path
    quantised = folder / "int8.onnx"
    quantize_dynamic(
        path,
        quantised,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )
    return quantised


if __name__ == "__main__":
    run(__doc__, load, SIZES)
