"""Team draft: both rankings pick in turns, and which one shoppers like can be told from it."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from random import Random
from statistics import mean

import pytest

from bentos.serving.interleaving import team_draft
from bentos.serving.record import POOL_SIZE, LoggedCandidate

Drawn = list[tuple[str, str | None, float]]  # product, whose pick, propensity


def _ranking(products: str, scale: float = 1.0) -> list[LoggedCandidate]:
    return [
        LoggedCandidate(product, rank, scale / rank, 1.0, "both")
        for rank, product in enumerate(products, start=1)
    ]


def _draw(champion: str, interleaved: str, seed: str) -> Drawn:
    found = team_draft(_ranking(champion), _ranking(interleaved), seed)
    assert [candidate.rank for candidate in found] == list(range(1, len(found) + 1))
    return [(c.product_id, c.variant, c.propensity) for c in found]


def _all(champion: str, interleaved: str) -> Counter[tuple[tuple[str, str | None, float], ...]]:
    return Counter(tuple(_draw(champion, interleaved, str(seed))) for seed in range(4_000))


C, N = "champion", "interleaved"


def test_every_way_that_the_coins_can_fall_by_hand() -> None:
    # Round 1: both want a. The champion's next is b, the other's c.
    # Round 2: who is left wants c or b, and d comes last, alone: both want it.
    ways = {
        (("a", C, 1.0), ("c", N, 0.5), ("b", C, 1.0), ("d", N, 1.0)),
        (("a", C, 1.0), ("c", N, 0.5), ("b", N, 1.0), ("d", C, 1.0)),
        (("a", N, 1.0), ("b", C, 0.5), ("c", C, 1.0), ("d", N, 1.0)),
        (("a", N, 1.0), ("b", C, 0.5), ("c", N, 1.0), ("d", C, 1.0)),
    }
    found = _all("abcd", "acbd")
    assert set(found) == ways
    for count in found.values():
        assert count / 4_000 == pytest.approx(1 / 4, abs=4 * sqrt(3 / 16 / 4_000))


def test_rankings_that_share_nothing_take_turns_in_pairs() -> None:
    for way in _all("ab", "xy"):
        assert [{name for name, _, _ in way[:2]}, {name for name, _, _ in way[2:]}] == [
            {"a", "x"},
            {"b", "y"},
        ]
        assert [chance for _, _, chance in way] == [0.5, 1.0, 0.5, 1.0]


@pytest.mark.parametrize(("champion", "interleaved"), [("abcd", "acbd"), ("abcde", "edcba")])
def test_propensities_multiply_to_the_probability_of_the_ranking(
    champion: str, interleaved: str
) -> None:
    seen: Counter[str] = Counter()
    said: dict[str, float] = {}
    for way, count in _all(champion, interleaved).items():
        products = "".join(name for name, _, _ in way)
        seen[products] += count
        chance = 1.0
        for _, _, propensity in way:
            chance *= propensity
        assert said.setdefault(products, chance) == chance
    assert sum(said.values()) == 1
    for products, chance in said.items():
        error = sqrt(chance * (1 - chance) / 4_000)
        assert seen[products] / 4_000 == pytest.approx(chance, abs=4 * error + 1e-9)


def test_the_same_request_is_drawn_the_same_way() -> None:
    assert _draw("abcd", "dcba", "r1") == _draw("abcd", "dcba", "r1")


def test_one_ranking_twice_is_that_ranking_and_sure() -> None:
    for way in _all("abc", "abc"):
        assert [(name, chance) for name, _, chance in way] == [("a", 1), ("b", 1), ("c", 1)]


def test_what_is_left_of_the_longer_one_follows_as_nobodys_pick() -> None:
    for way in _all("a", "bcd"):
        assert {name for name, _, _ in way[:2]} == {"a", "b"}
        assert way[2:] == (("c", None, 1.0), ("d", None, 1.0))


def test_a_candidate_keeps_the_score_of_the_ranking_that_put_it_there() -> None:
    scale = {C: 1.0, N: 10.0}
    for candidate in team_draft(_ranking("abc"), _ranking("bca", 10.0), "r1"):
        own = "abc" if candidate.variant == C else "bca"
        assert candidate.score == scale[str(candidate.variant)] / (
            own.index(candidate.product_id) + 1
        )
        assert candidate.stage == "both"


def test_no_more_are_drawn_than_a_pool_holds() -> None:
    letters = [chr(300 + n) for n in range(2 * POOL_SIZE)]
    found = _draw("".join(letters[:POOL_SIZE]), "".join(letters[POOL_SIZE:]), "r1")
    assert len(found) == POOL_SIZE


def _margin(champion: str, interleaved: str, wanted: dict[str, float], seed: int) -> float:
    """What the second ranking is credited with beyond the first, a shopper who likes ``wanted``."""
    chance = Random(seed)
    credit = {C: 0, N: 0}
    for product, variant, _ in _draw(champion, interleaved, str(seed)):
        if variant is not None and chance.random() < wanted.get(product, 0.0):
            credit[variant] += 1
    return credit[N] - credit[C]


def test_who_clicks_at_random_prefers_neither() -> None:
    products = "abcdefgh"
    margins = [
        _margin(products, products[::-1], dict.fromkeys(products, 0.3), seed)
        for seed in range(4_000)
    ]
    error = sqrt(8 * 0.3 / 4_000)
    assert mean(margins) == pytest.approx(0, abs=4 * error)


def test_who_likes_what_the_second_ranks_higher_prefers_it() -> None:
    # Only a and h are liked, and only the first four are looked at by either ranking.
    margins = [_margin("abcd", "hgfa", {"h": 0.9, "a": 0.1}, seed) for seed in range(500)]
    assert mean(margins) > 0.5
