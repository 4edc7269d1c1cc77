"""Fine-tuning: epochs, early stopping, checkpoints, learning curves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.tensorboard import SummaryWriter

from bentos.recommend.examples import ABSENT, Examples
from bentos.recommend.loss import Material, batch_loss
from bentos.recommend.model import BasketModel
from bentos.recommend.parameters import Parameters
from bentos.scenario import Progress

_GRADIENT_NORM = 5.0
_CHECKPOINT = "checkpoint.pt"


def fit(
    model: BasketModel,
    material: Material,
    parameters: Parameters,
    folder: Path,
    validate: Callable[[], float],
    progress: Progress,
) -> dict[str, float]:
    """Trains for at most ``parameters.epochs`` and leaves the model as it was at its best.

    After every epoch all that is needed to go on is in ``folder``; learning curves for TensorBoard
    lie beside it. Returns the figures of the best epoch.
    """
    run = _Run(model, material, parameters, folder)
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


class _Run:
    """A training that can be put down and taken up again between epochs."""

    def __init__(
        self, model: BasketModel, material: Material, parameters: Parameters, folder: Path
    ) -> None:
        self._model = model
        self._material = material
        self._parameters = parameters
        self._path = folder / _CHECKPOINT
        self._best: dict[str, Any] = {"value": -1.0}
        tables = {id(p) for table in model.tables for p in table.parameters()}
        rest = [p for p in model.parameters() if id(p) not in tables]
        groups = [
            {"params": rest, "lr": parameters.rate},
            {"params": [t.weight for t in model.tables], "lr": parameters.table_rate},
        ]
        self._steps = len(material.examples) // parameters.batch
        self._optimizer = torch.optim.AdamW(
            groups, weight_decay=parameters.weight_decay, fused=True
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer,
            [parameters.rate, parameters.table_rate],
            total_steps=max(parameters.epochs * self._steps, 1),
            pct_start=0.1,
        )

    def resume(self) -> int:
        """The epoch to begin with: the one after the checkpoint's, if there is one."""
        if not self._path.exists():
            return 0
        saved = torch.load(self._path, weights_only=False)
        if saved["parameters"] != self._parameters.model_dump():
            return 0
        self._model.load_state_dict(saved["model"])
        self._optimizer.load_state_dict(saved["optimizer"])
        self._schedule.load_state_dict(saved["schedule"])
        self._best = saved["best"]
        return int(saved["epoch"]) + 1

    def epoch(self, epoch: int, progress: Progress) -> float:
        """One pass over the examples; returns the mean loss."""
        rng = np.random.default_rng([self._parameters.seed, epoch])
        order = rng.permutation(len(self._material.examples))
        total, batch = 0.0, self._parameters.batch
        device = next(self._model.parameters()).device.type
        self._model.train()
        for step in progress(range(self._steps), self._steps):
            pick = order[step * batch : (step + 1) * batch]
            with torch.autocast(device, torch.bfloat16):
                loss = batch_loss(self._model, self._material, pick, self._parameters, rng)
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(self._model.parameters(), _GRADIENT_NORM)
            self._optimizer.step()
            self._schedule.step()
            total += loss.item()
        self._model.eval()
        return total / max(self._steps, 1)

    def keep(self, epoch: int, loss: float, value: float) -> bool:
        """Saves where training stands; returns whether it no longer gets better."""
        better = value > self._best["value"]
        if better:
            weights = {name: w.clone() for name, w in self._model.state_dict().items()}
            self._best = {"value": value, "epoch": epoch, "loss": loss, "weights": weights}
        saved = {
            "epoch": epoch,
            "parameters": self._parameters.model_dump(),
            "model": self._model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "best": self._best,
        }
        temporary = self._path.with_suffix(".writing")
        torch.save(saved, temporary)
        temporary.replace(self._path)
        return not better

    def finish(self) -> dict[str, float]:
        """Puts the best weights into the model and removes the checkpoint."""
        self._model.load_state_dict(self._best["weights"])
        self._model.eval()
        self._path.unlink(missing_ok=True)
        return {
            "validation_ndcg@10": self._best["value"],
            "training_loss": self._best["loss"],
            "epochs": self._best["epoch"] + 1,
        }


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
