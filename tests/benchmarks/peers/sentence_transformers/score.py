"""sentence-transformers: CrossEncoder and SentenceTransformer, which sort by length themselves."""

import torch
from reading import Score, Task, run
from sentences import Pairs, Texts

SIZES = (16, 32, 64, 128)


def load(task: Task) -> Score:
    """The model of a job."""
    torch.set_num_threads(task.threads)
    return (Pairs if task.job == "pairs" else Texts)(task.model, task.precision)


if __name__ == "__main__":
    run(__doc__, load, SIZES)
