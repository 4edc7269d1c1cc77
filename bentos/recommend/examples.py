"""Training examples: a user on a day, what could be recommended, what was bought the week after."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bentos.recommend.features import candidate_features, find
from bentos.recommend.histories import BASKETS, histories
from bentos.recommend.parameters import Parameters
from bentos.recommend.shop import Catalogue, Ints, Purchases
from bentos.recommend.statistics import Knowledge

ABSENT = -1e4  # the logit of what is not there
_LABEL_DAYS = 7
_THREADS = 2


@dataclass(frozen=True)
class Lists:
    """One list of products an example: values[offsets[n]:offsets[n + 1]] are example n's."""

    offsets: Ints
    values: Ints

    @classmethod
    def of(cls, example: Ints, values: Ints, n_examples: int) -> "Lists":
        """``example`` is ascending."""
        return cls(np.searchsorted(example, np.arange(n_examples + 1)), values)

    def rows(self, examples: Ints) -> tuple[Ints, Ints]:
        """The rows of the picked examples, and where in the pick each row's example stands."""
        length = self.offsets[examples + 1] - self.offsets[examples]
        place = np.repeat(np.arange(len(examples)), length)
        first = np.cumsum(length) - length
        return np.arange(len(place)) + np.repeat(self.offsets[examples] - first, length), place


@dataclass(frozen=True)
class Examples:
    """N examples with K candidates each."""

    features: list[NDArray[np.float16]]  # of each week [examples, K, F]: in parts, to copy none
    product: Tensor  # [N, K]
    correction: Tensor  # [N, K] log of how many products it stands for; ABSENT where there is none
    positive: Tensor  # [N, K]
    week: Tensor  # [N] which week it is of …
    first_of_week: Tensor  # [weeks] … and the week's first example
    statistics: Tensor  # [weeks, P, S] float16
    basket_age: Tensor  # [N, BASKETS]
    baskets: Lists  # purchases of the newest baskets …
    basket_slot: Ints  # … and the slots of theirs
    others: Lists  # labels that are no candidates
    first_basket: Lists  # the first basket of the labelled week

    def __len__(self) -> int:
        """N."""
        return len(self.basket_age)

    def features_of(self, examples: Tensor) -> Tensor:
        """[B, K, F] of some examples."""
        weeks = self.week[examples]
        places = examples - self.first_of_week[weeks]
        picked = [self.features[w][p] for w, p in zip(weeks.tolist(), places.tolist(), strict=True)]
        return torch.from_numpy(np.stack(picked)).float()


@dataclass(frozen=True)
class _Week:
    """The examples of one day, by example * P + product where it says key."""

    features: NDArray[np.float16]
    product: NDArray[np.int32]
    correction: NDArray[np.float32]
    positive: NDArray[np.bool_]
    statistics: NDArray[np.float16]
    basket_product: Ints
    basket_slot: Ints
    basket_age: NDArray[np.float32]
    others: Ints  # keys
    first_basket: Ints  # keys


def build_examples(
    catalogue: Catalogue,
    purchases: Purchases,
    weeks: Iterable[Knowledge],
    parameters: Parameters,
) -> Examples:
    """Examples of each known day; their labels are the purchases of the seven days after it.

    ``purchases`` must end where training may know no more. The weeks are worked on side by side.
    """

    def of_week(known: Knowledge) -> _Week:
        return _examples_of_week(catalogue, purchases, known, parameters)

    with ThreadPoolExecutor(_THREADS) as threads:
        made = list(threads.map(of_week, weeks))
    sizes = np.array([len(week.product) for week in made])
    first = np.cumsum(sizes) - sizes
    n, size = int(sizes.sum()), catalogue.size
    others = np.concatenate([w.others + f * size for w, f in zip(made, first, strict=True)])
    basket = np.concatenate([w.first_basket + f * size for w, f in zip(made, first, strict=True)])
    owner = np.concatenate([w.basket_slot // BASKETS + f for w, f in zip(made, first, strict=True)])
    return Examples(
        features=[week.features for week in made],
        product=_joined([week.product for week in made]),
        correction=_joined([week.correction for week in made]),
        positive=_joined([week.positive for week in made]),
        week=torch.from_numpy(np.repeat(np.arange(len(made)), sizes)),
        first_of_week=torch.from_numpy(first),
        statistics=torch.from_numpy(np.stack([week.statistics for week in made])),
        basket_age=_joined([week.basket_age for week in made]),
        baskets=Lists.of(owner, np.concatenate([week.basket_product for week in made]), n),
        basket_slot=np.concatenate([week.basket_slot % BASKETS for week in made]),
        others=Lists.of(others // size, others % size, n),
        first_basket=Lists.of(basket // size, basket % size, n),
    )


def _joined(parts: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.concatenate(parts))


def _examples_of_week(
    catalogue: Catalogue, purchases: Purchases, known: Knowledge, parameters: Parameters
) -> _Week:
    size, k = catalogue.size, parameters.candidates
    users, labels, first_basket = _labels(purchases, known.as_of, size)
    n = len(users)
    past = histories(catalogue, purchases, users, np.full(n, known.as_of))
    popular = known.statistics.popular[: parameters.popular]
    key = np.union1d(past.product.key, (np.arange(n)[:, None] * size + popular).ravel())
    positive = np.isin(key, labels, assume_unique=True)
    place, bought = find(past.product.key, key)
    sure = positive | (bought & (past.product_rank[place] < parameters.sure))
    chosen, column = _choose(key // size, sure, k, _random(parameters, known.as_of))
    example = key[chosen] // size
    of_chosen = candidate_features(catalogue, past, known, example, key[chosen] % size)
    features = np.zeros((n, k, of_chosen.shape[1]), np.float16)
    product = np.zeros((n, k), np.int32)
    correction = np.full((n, k), ABSENT, np.float32)
    labelled = np.zeros((n, k), np.bool_)
    at = (example, column)
    features[at] = of_chosen
    product[at] = key[chosen] % size
    correction[at] = np.where(sure[chosen], 0, _stands_for(key // size, sure, k, n)[example])
    labelled[at] = positive[chosen]
    others = np.setdiff1d(labels, key, assume_unique=True)
    return _Week(
        features=features,
        product=product,
        correction=correction,
        positive=labelled,
        statistics=known.statistics.values.astype(np.float16),
        basket_product=past.basket_product,
        basket_slot=past.basket_slot,
        basket_age=past.basket_age,
        others=others,
        first_basket=first_basket,
    )


def _labels(purchases: Purchases, as_of: float, size: int) -> tuple[Ints, Ints, Ints]:
    """Who has a history and bought in the week after; what, and what in the first basket (keys)."""
    user = purchases.user
    inside = (purchases.time >= as_of) & (purchases.time < as_of + _LABEL_DAYS)
    users = np.intersect1d(user[inside], user[purchases.time < as_of])
    rows = np.flatnonzero(inside & np.isin(user, users))
    example = np.searchsorted(users, user[rows])
    key = example * size + purchases.product[rows]
    begins = np.full(len(users), np.inf)
    np.minimum.at(begins, example, purchases.time[rows])
    first = key[purchases.time[rows] == begins[example]]
    return users, np.unique(key), np.unique(first)


def _random(parameters: Parameters, as_of: float) -> np.random.Generator:
    return np.random.default_rng([parameters.seed, int(as_of)])


def _choose(
    example: Ints, sure: NDArray[np.bool_], k: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Up to ``k`` candidates an example, the sure ones first, the rest drawn; and their columns."""
    order = np.lexsort((np.where(sure, -1.0, rng.random(len(example))), example))
    column = np.arange(len(example)) - np.searchsorted(example, example)[order]
    return order[column < k], column[column < k]


def _stands_for(example: Ints, sure: NDArray[np.bool_], k: int, n: int) -> NDArray[np.float64]:
    """[N] log of how many products each drawn candidate stands for."""
    there, certain = np.bincount(example, minlength=n), np.bincount(example, sure, n)
    drawn = np.maximum(np.minimum(there, k) - certain, 1)
    logs: NDArray[np.float64] = np.log(np.maximum(there - certain, 1) / drawn)
    return logs
