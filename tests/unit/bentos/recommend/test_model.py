"""The model: what it reads, what it must not see, and that company changes nobody's scores."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import Tensor

from bentos.recommend.histories import BASKETS
from bentos.recommend.model import BasketModel, Baskets, Codes, Shape
from tests.unit.bentos.conftest import DEVICES

N, F, S = 12, 6, 5  # products, features, statistics
SHAPE = Shape(features=F, statistics=S, text=4, products=N + 1, types=3, makers=2)
STEPS = BASKETS + 1
SESSION = BASKETS  # the slot


@pytest.fixture(params=DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(device: str) -> BasketModel:
    torch.manual_seed(11)
    model = BasketModel(SHAPE)
    for table in model.tables:
        torch.nn.init.normal_(table.weight, std=0.3)
    return model.to(device).eval()


@pytest.fixture
def vectors(model: BasketModel, device: str) -> Tensor:
    texts = torch.randn(N, 4, generator=torch.Generator().manual_seed(2)).to(device)
    rows = torch.arange(N)
    with torch.inference_mode():
        return model.vectors(texts, Codes(rows, rows + 1, rows % 3, rows % 2).to(device))


User = dict[int, tuple[float, list[int]]]  # by slot: days ago, products

REGULAR: User = {
    SESSION - 3: (30.0, [1, 2]),
    SESSION - 2: (9.0, [3]),
    SESSION - 1: (2.0, [1, 4, 5]),
}
ONCE: User = {SESSION - 1: (70.0, [7])}
NEVER: User = {}


def _baskets(device: str, *users: User) -> Baskets:
    age = torch.full((len(users), BASKETS), -1.0)
    product, slot = [], []
    for n, user in enumerate(users):
        for place, (days, products) in user.items():
            if place != SESSION:
                age[n, place] = days
            product += products
            slot += [n * STEPS + place] * len(products)
    return Baskets(_ints(product).to(device), _ints(slot).to(device), age.to(device))


def _ints(values: list[int]) -> Tensor:
    return torch.tensor(values, dtype=torch.int64)


def _state(model: BasketModel, vectors: Tensor, device: str, *users: User) -> Tensor:
    with torch.inference_mode():
        return model.users(_baskets(device, *users), vectors).cpu()


def test_users_are_the_same_together_and_alone(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    everybody = [REGULAR, ONCE, NEVER, {SESSION: (0.0, [3])}]
    together = _state(model, vectors, device, *everybody)
    for n, user in enumerate(everybody):
        alone = _state(model, vectors, device, user)[0]
        assert_allclose(together[n], alone, atol=1e-5)


def test_a_user_without_any_basket_is_somebody(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    assert _state(model, vectors, device, NEVER).isfinite().all()


def test_the_order_of_products_in_a_basket_does_not_matter(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    turned: User = {slot: (age, products[::-1]) for slot, (age, products) in REGULAR.items()}
    one, other = _state(model, vectors, device, REGULAR, turned)
    assert_allclose(one, other, atol=1e-5)


def test_the_order_of_baskets_and_what_is_in_a_session_matter(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    first, second = REGULAR[SESSION - 3], REGULAR[SESSION - 2]
    swapped = REGULAR | {
        SESSION - 3: (first[0], second[1]),
        SESSION - 2: (second[0], first[1]),
    }
    asked = REGULAR | {SESSION: (0.0, [6])}
    states = _state(model, vectors, device, REGULAR, swapped, asked)
    assert (states[0] - states[1]).abs().max() > 1e-3
    assert (states[0] - states[2]).abs().max() > 1e-3


def test_an_earlier_basket_does_not_know_a_later_one(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    seen: list[Tensor] = []
    hook = model.attend.register_forward_hook(lambda _m, _i, output: seen.append(output.cpu()))
    other_end = REGULAR | {SESSION - 1: (1.0, [8, 9]), SESSION: (0.0, [10])}
    _state(model, vectors, device, REGULAR)
    _state(model, vectors, device, other_end)
    hook.remove()
    before, after = seen[0][0], seen[1][0]
    assert_allclose(before[: SESSION - 1], after[: SESSION - 1], atol=1e-5)
    assert (before[SESSION - 1] - after[SESSION - 1]).abs().max() > 1e-3


def test_what_stands_in_an_absent_basket_is_not_attended_to(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    """A basket counts by its age: -1 says that there is none, whatever lies in the slot before."""
    seen: list[Tensor] = []
    hook = model.attend.register_forward_hook(lambda _m, _i, output: seen.append(output.cpu()))
    _state(model, vectors, device, ONCE)
    _state(model, vectors, device, ONCE | {SESSION - 2: (-1.0, [3])})
    hook.remove()
    assert_allclose(seen[0][0, SESSION - 1 :], seen[1][0, SESSION - 1 :], atol=1e-5)


def test_products_without_a_vector_of_their_own_differ_by_text_type_and_maker(
    model: BasketModel, device: str
) -> None:
    texts = torch.eye(4).to(device)
    others = torch.zeros(5, dtype=torch.int64)
    codes = Codes(
        torch.tensor([0, 0, 1, 0, 0]),
        others,
        torch.tensor([1, 1, 1, 2, 1]),
        torch.tensor([1, 1, 1, 1, 0]),
    ).to(device)
    with torch.inference_mode():
        found = model.vectors(texts, codes).cpu()
    assert torch.equal(found[0], found[1])
    for other in found[2:]:
        assert (found[0] - other).abs().max() > 1e-3


def test_a_new_model_knows_products_by_their_texts_alone() -> None:
    model, rows = BasketModel(SHAPE), torch.arange(4)
    with torch.inference_mode():
        found = model.vectors(torch.eye(4), Codes(rows, rows + 1, rows % 3, rows % 2))
    assert_allclose(found, model.project.weight.detach().T)


def test_a_match_is_a_scaled_inner_product(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    user = torch.ones(2, SHAPE.width).to(device)
    found = model.match(user, vectors).cpu()
    expected = vectors.cpu().double().sum(1) / model.temperature
    assert_allclose(found, np.tile(expected, (2, 1)), atol=1e-4)


def test_scores_are_the_same_in_batches_of_any_size(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    random = torch.Generator().manual_seed(4)
    features = torch.randn(7, N, F, generator=random).to(device)
    user = torch.randn(7, SHAPE.width, generator=random).to(device)
    each = vectors.expand(7, -1, -1)
    with torch.inference_mode():
        together = model.refinement(user, each, features).cpu()
        for n in range(7):
            alone = model.refinement(user[n : n + 1], each[n : n + 1], features[n : n + 1]).cpu()
            assert_allclose(together[n], alone[0], atol=1e-5)
            one = model.refinement(user[n : n + 1], each[n : n + 1, 3:4], features[n : n + 1, 3:4])
            assert_allclose(together[n, 3], one[0, 0].cpu(), atol=1e-5)
    assert together.shape == (7, N)


def test_a_feature_or_statistic_far_off_counts_as_six_deviations(
    model: BasketModel, vectors: Tensor, device: str
) -> None:
    user, product = torch.ones(1, SHAPE.width).to(device), torch.zeros(1, dtype=torch.int64)
    with torch.inference_mode():
        far, six = (
            model.refinement(user, vectors[None, :1], torch.full((1, 1, F), value).to(device)).cpu()
            for value in (1e6, 6.0)
        )
        assert_allclose(far, six)
        far, six = (
            model.biases(product.to(device), torch.full((1, S), value).to(device)).cpu()
            for value in (1e6, 6.0)
        )
        assert_allclose(far, six)


def test_biases_are_read_after_the_standardisation(model: BasketModel, device: str) -> None:
    product = torch.zeros(1, dtype=torch.int64).to(device)
    with torch.inference_mode():
        before = model.biases(product, torch.full((1, S), 0.5).to(device))
        model.statistic_mean.fill_(1.0)
        model.statistic_scale.fill_(2.0)
        after = model.biases(product, torch.full((1, S), 2.0).to(device))
    assert_allclose(before.cpu(), after.cpu(), atol=1e-6)
