"""OpenVINO over batches sorted by length, with the precision as a hint."""

import openvino as ov
import torch
from bert import NAMES, Batch, example, in_batches, module
from openvino import properties
from reading import Floats, Score, Task, run

SIZES = (16, 32, 64, 128)

_TYPES = {"bf16": ov.Type.bf16, "fp32": ov.Type.f32}


def load(task: Task) -> Score:
    """The model of a job, converted and compiled."""
    with torch.no_grad():
        converted = ov.convert_model(module(task), example_input=example())
    converted.reshape({name: [-1, -1] for name in NAMES})
    compiled = ov.Core().compile_model(
        converted,
        "CPU",
        {
            properties.hint.inference_precision: _TYPES[task.precision],
            properties.hint.performance_mode: properties.hint.PerformanceMode.LATENCY,
            properties.inference_num_threads: task.threads,
        },
    )

    def infer(batch: Batch) -> Floats:
        found: Floats = compiled(batch)[0]
        return found

    return in_batches(task, infer)


if __name__ == "__main__":
    run(__doc__, load, SIZES)
