"""The loss of a batch, against the same sums written out in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from bentos.recommend.batches import Material, make_batch
from bentos.recommend.examples import ABSENT, Examples, build_examples
from bentos.recommend.loss import batch_loss, softmax_loss
from bentos.recommend.model import BasketModel, Codes, Shape
from bentos.recommend.shop import shop_of
from bentos.recommend.statistics import Statistician
from bentos.recommend.training import label_share, standardise
from bentos.serving.state import OnlineState
from tests.unit.bentos.conftest import DEVICES, small_parameters

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def _by_hand(own: Floats, positive: Flags, rest: Floats, label: Flags) -> float:
    """ListNet's cross-entropy of each example, by the root of its positives, in plain loops."""
    losses = []
    for n in range(len(rest)):
        scores = np.append(own[n], rest[n])
        wanted = np.append(positive[n], label[n])
        likelihood = np.log(np.exp(scores) / np.exp(scores).sum())
        losses.append(-likelihood[wanted].sum() / np.sqrt(max(wanted.sum(), 1)))
    return float(np.mean(losses))


@pytest.mark.parametrize("device", DEVICES)
def test_the_loss_is_the_softmax_cross_entropy_over_candidates_and_drawn_products(
    device: str,
) -> None:
    rng = np.random.default_rng(3)
    own, rest = rng.normal(size=(4, 5)), rng.normal(size=(4, 6))
    positive, label = rng.random((4, 5)) < 0.3, rng.random((4, 6)) < 0.2
    positive[0], label[0] = False, False  # an example whose labels all fell away
    found = softmax_loss(
        *(torch.from_numpy(array).to(device) for array in (own, positive, rest, label))
    )
    assert_allclose(found.cpu(), _by_hand(own, positive, rest, label), rtol=1e-6)


@pytest.mark.parametrize("device", DEVICES)
def test_what_is_absent_takes_no_share(device: str) -> None:
    own, rest = torch.tensor([[1.0, 2.0, ABSENT]]), torch.tensor([[0.5, ABSENT]])
    positive, label = torch.tensor([[True, False, False]]), torch.tensor([[False, False]])
    with_absent = softmax_loss(*(t.to(device) for t in (own, positive, rest, label)))
    without = softmax_loss(
        *(t.to(device) for t in (own[..., :2], positive[:, :2], rest[:, :1], label[:, :1]))
    )
    assert_allclose(with_absent.cpu(), without.cpu(), rtol=1e-6)


def test_a_single_certain_positive_costs_nothing() -> None:
    own = torch.tensor([[50.0, 0.0]])
    positive, none = torch.tensor([[True, False]]), torch.zeros(1, 0)
    loss = softmax_loss(own, positive, none, none.bool())
    assert float(loss) == pytest.approx(0, abs=1e-6)


@pytest.fixture(scope="module")
def examples(state: OnlineState) -> Examples:
    shop = shop_of(state)
    statistician = Statistician(shop.catalogue, shop.purchases, shop.promotions, len(shop.stores))
    weeks = [statistician.know(shop.as_of - 7 * week, week) for week in range(2, 5)]
    return build_examples(shop.catalogue, shop.purchases, weeks, small_parameters())


@pytest.fixture(scope="module")
def material(state: OnlineState, examples: Examples) -> Material:
    catalogue = shop_of(state).catalogue
    rows = torch.arange(catalogue.size)
    texts = torch.randn(30, 4, generator=torch.Generator().manual_seed(1))
    codes = Codes(torch.from_numpy(catalogue.text_row), rows, rows % 3, rows % 2)
    return Material(examples, texts, codes, label_share(examples, catalogue.size))


@pytest.fixture
def model(examples: Examples, material: Material) -> BasketModel:
    torch.manual_seed(5)
    shape = Shape(
        features=examples.features[0].shape[2],
        statistics=examples.statistics.shape[2],
        text=4,
        products=len(material.label_share),
        types=3,
        makers=2,
    )
    model = BasketModel(shape)
    standardise(model, examples)
    return model


def _loss(
    model: BasketModel, material: Material, pick: list[int], **changes: float
) -> torch.Tensor:
    parameters = small_parameters(**{"session_share": 0.0} | changes)
    rng = np.random.default_rng(0)
    device = next(model.parameters()).device
    batch = make_batch(material, np.array(pick), parameters, rng).to(device)
    return batch_loss(model, material.texts.to(device), batch)


@pytest.mark.parametrize(
    ("session_share", "stranger_share"), [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5)]
)
def test_every_kind_of_example_has_a_loss_and_moves_the_weights(
    model: BasketModel, material: Material, session_share: float, stranger_share: float
) -> None:
    shares = {"session_share": session_share, "stranger_share": stranger_share}
    loss = _loss(model, material, list(range(20)), **shares)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert loss.isfinite()
    assert loss > 0
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert any(gradient.abs().sum() > 0 for gradient in gradients)


def test_the_order_of_a_batch_does_not_matter(model: BasketModel, material: Material) -> None:
    forth, back = list(range(12)), list(range(12))[::-1]
    with torch.inference_mode():
        one, other = (_loss(model, material, pick) for pick in (forth, back))
    assert_allclose(one, other, rtol=1e-5)


def test_a_few_steps_on_one_batch_lower_its_loss(model: BasketModel, material: Material) -> None:
    pick = list(range(16))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(15):
        loss = _loss(model, material, pick)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_shares_to_draw_negatives_by_are_damped_counts_of_what_was_bought(
    examples: Examples, material: Material
) -> None:
    share = material.label_share
    labels = np.concatenate([examples.others.values, examples.first_basket.values])
    counts = np.bincount(labels, minlength=len(share))
    assert share.sum() == pytest.approx(1)
    assert (share > 0).all()  # also what nobody bought is drawn
    most, least = counts.argmax(), counts.argmin()
    ratio = ((counts[most] + 0.05) / (counts[least] + 0.05)) ** 0.75
    assert share[most] / share[least] == pytest.approx(ratio)


def test_the_model_is_standardised_to_the_examples(model: BasketModel, examples: Examples) -> None:
    features = examples.features_of(torch.arange(len(examples)))
    there = features[examples.correction > ABSENT / 10]
    scaled = (there - model.feature_mean) / model.feature_scale
    assert scaled.mean(0).abs().max() < 1e-2
    assert scaled.std(0).max() < 1.01
