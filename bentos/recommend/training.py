"""Fine-tuning: epochs, early stopping, checkpoints, learning curves."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from math import ceil
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.tensorboard import SummaryWriter

from bentos.fitting import autocast, rate_share, repeatable
from bentos.recommend.batches import Material, make_batch
from bentos.recommend.examples import ABSENT, Examples
from bentos.recommend.loss import batch_loss
from bentos.recommend.model import BasketModel
from bentos.recommend.parameters import Parameters
from bentos.recommend.shop import Ints
from bentos.scenario import Progress

_GRADIENT_NORM = 5.0
STEPS_APART = 10  # steps that a member takes before it waits for the others
_CHECKPOINT = "checkpoint.pt"


def fit(
    members: Sequence[BasketModel],
    material: Material,
    parameters: Parameters,
    folder: Path,
    validate: Callable[[], float],
    progress: Progress,
) -> dict[str, float]:
    """Trains for at most ``parameters.epochs`` and leaves the members as they were at their best.

    Each epoch reads the newer half of the weeks that the one before it read: habits change. The
    members learn side by side from the same examples, each in an order of its own and with other
    negatives. After every epoch all that is needed to go on is in ``folder``; learning curves for
    TensorBoard lie beside it. Returns the figures of the best epoch.
    """
    run = _Run(members, material, parameters, folder)
    with SummaryWriter(str(folder / "curves")) as curves:
        for epoch in range(run.resume(), parameters.epochs):
            loss = run.epoch(epoch, progress)
            value = validate()
            curves.add_scalar("loss/training", loss, epoch)
            curves.add_scalar("ndcg@10/validation", value, epoch)
            stop = run.keep(epoch, loss, value)
            if stop:
                break
    return run.finish()


class _Learner:
    """A member, its optimizer and the schedule of its learning rate."""

    def __init__(self, model: BasketModel, material: Material, parameters: Parameters, steps: int):
        self.model = model
        self._material = material
        self._parameters = parameters
        self._device = next(model.parameters()).device
        self._texts = material.texts.to(self._device)
        tables = {id(p) for table in model.tables for p in table.parameters()}
        rest = [p for p in model.parameters() if id(p) not in tables]
        groups = [
            {"params": rest, "lr": parameters.rate},
            {"params": [t.weight for t in model.tables], "lr": parameters.table_rate},
        ]
        self._optimizer = torch.optim.AdamW(
            groups, weight_decay=parameters.weight_decay, fused=True
        )
        self._schedule = LambdaLR(self._optimizer, partial(rate_share, steps=steps))

    def step(self, pick: Ints, rng: np.random.Generator) -> float:
        """Learns from the examples ``pick``; returns their loss."""
        batch = make_batch(self._material, pick, self._parameters, rng).to(self._device)
        with autocast(self._device):
            loss = batch_loss(self.model, self._texts, batch)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _GRADIENT_NORM)
        self._optimizer.step()
        self._schedule.step()
        return loss.item()

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])


class _Run:
    """A training that can be put down and taken up again between epochs."""

    def __init__(
        self,
        members: Sequence[BasketModel],
        material: Material,
        parameters: Parameters,
        folder: Path,
    ) -> None:
        self._parameters = parameters
        self._path = folder / _CHECKPOINT
        self._best: dict[str, Any] = {"value": -1.0}
        self._epochs = [_newest(material.examples, epoch) for epoch in range(parameters.epochs)]
        steps = sum(ceil(len(examples) / parameters.batch) for examples in self._epochs)
        self._learners = [_Learner(model, material, parameters, steps) for model in members]

    def resume(self) -> int:
        """The epoch to begin with: the one after the checkpoint's, if there is one."""
        if not self._path.exists():
            return 0
        saved = torch.load(self._path, weights_only=False)
        if saved["parameters"] != self._parameters.model_dump():
            return 0
        for learner, state in zip(self._learners, saved["learners"], strict=True):
            learner.restore(state)
        self._best = saved["best"]
        return int(saved["epoch"]) + 1

    def epoch(self, epoch: int, progress: Progress) -> float:
        """One pass over the epoch's examples; returns the mean loss."""
        streams = [self._steps(place, epoch) for place in range(len(self._learners))]
        rounds = ceil(len(self._epochs[epoch]) / self._parameters.batch / STEPS_APART)
        losses: list[float] = []
        with repeatable(), ThreadPoolExecutor(min(len(streams), cpu_count() or 1)) as threads:
            for _ in progress(range(rounds), rounds):
                for some in threads.map(take_apart, streams):
                    losses += some
        for learner in self._learners:
            learner.model.eval()
        return float(np.mean(losses))

    def _steps(self, place: int, epoch: int) -> Iterator[float]:
        """The losses of one member's steps, each taken when it is asked for."""
        learner, size = self._learners[place], self._parameters.batch
        rng = np.random.default_rng([self._parameters.seed, place, epoch])
        order = rng.permutation(self._epochs[epoch])
        learner.model.train()
        for start in range(0, len(order), size):
            yield learner.step(order[start : start + size], rng)

    def keep(self, epoch: int, loss: float, value: float) -> bool:
        """Saves where training stands; returns whether it no longer gets better."""
        better = value > self._best["value"]
        if better:
            weights = [_copy(learner.model) for learner in self._learners]
            self._best = {"value": value, "epoch": epoch, "loss": loss, "weights": weights}
        saved = {
            "epoch": epoch,
            "parameters": self._parameters.model_dump(),
            "learners": [learner.state() for learner in self._learners],
            "best": self._best,
        }
        temporary = self._path.with_suffix(".writing")
        torch.save(saved, temporary)
        temporary.replace(self._path)
        return not better

    def finish(self) -> dict[str, float]:
        """Puts the best weights into the members and removes the checkpoint."""
        for learner, weights in zip(self._learners, self._best["weights"], strict=True):
            learner.model.load_state_dict(weights)
            learner.model.eval()
        self._path.unlink(missing_ok=True)
        return {
            "validation_ndcg@10": self._best["value"],
            "training_loss": self._best["loss"],
            "epochs": self._best["epoch"] + 1,
        }


def take_apart(steps: Iterator[float]) -> list[float]:
    """The next steps of a member, before it waits for the others."""
    return list(islice(steps, STEPS_APART))


def _newest(examples: Examples, epoch: int) -> Ints:
    """The examples of the newest weeks: all of them first, and half as many with every epoch."""
    kept = max(len(examples.first_of_week) >> epoch, 1)
    newest: Ints = np.flatnonzero(examples.week.numpy() < kept)
    return newest


def _copy(model: BasketModel) -> dict[str, torch.Tensor]:
    return {name: weights.clone() for name, weights in model.state_dict().items()}


def standardise(model: BasketModel, examples: Examples) -> None:
    """Sets the means and scales of features and statistics from a sample of the examples."""
    sample = torch.arange(0, len(examples), max(len(examples) // 3000, 1))
    features = examples.features_of(sample)[examples.correction[sample] > ABSENT / 10]
    model.feature_mean.copy_(features.mean(0))
    model.feature_scale.copy_(features.std(0) + 1e-3)
    sold = examples.statistics[:, :, 1] > 0
    statistics = examples.statistics[sold][:200_000].float()
    model.statistic_mean.copy_(statistics.mean(0))
    model.statistic_scale.copy_(statistics.std(0) + 1e-3)


def label_share(examples: Examples, size: int) -> NDArray[np.float64]:
    """[P] shares to draw negatives by: a damped count of the labels (Mikolov et al. 2013)."""
    labels = np.concatenate([examples.others.values, examples.first_basket.values])
    damped = (np.bincount(labels, minlength=size) + 0.05) ** 0.75
    share: NDArray[np.float64] = damped / damped.sum()
    return share
