"""Two rankings in one, so that each shopper compares them (team draft).

Radlinski, Kurup and Joachims: How does clickthrough data reflect retrieval quality? (2008)
"""

from collections.abc import Collection, Sequence
from random import Random

from bentos.serving.record import POOL_SIZE, LoggedCandidate
from bentos.serving.rollout import Variant


def team_draft(
    champion: Sequence[LoggedCandidate], interleaved: Sequence[LoggedCandidate], seed: str
) -> list[LoggedCandidate]:
    """Round by round a coin says which ranking picks first; each picks its best that is left.

    A candidate keeps the score that its ranking gave it and names the ranking (``variant``). Where
    one ranking has nothing left, the rest of the other follows in its order, as nobody's pick.

    ``propensity`` is the probability of a candidate at its rank given those above it: 1/2 where
    another one would have stood there had the coin fallen otherwise, else 1. Their product down to
    a rank is the probability of the whole ranking down to there.
    """
    coin = Random(seed)
    pools = {"champion": _Pool(champion), "interleaved": _Pool(interleaved)}
    drawn: list[LoggedCandidate] = []
    taken: set[str] = set()

    def put(
        candidate: LoggedCandidate, variant: Variant | None, other: LoggedCandidate | None
    ) -> None:
        chance = 1.0 if other is None or other.product_id == candidate.product_id else 0.5
        taken.add(candidate.product_id)
        drawn.append(
            LoggedCandidate(
                candidate.product_id,
                len(drawn) + 1,
                candidate.score,
                chance,
                candidate.stage,
                variant,
            )
        )

    def rest(pool: _Pool) -> None:
        while (candidate := pool.best(taken)) is not None:
            put(candidate, None, None)

    while len(drawn) < POOL_SIZE:
        first, second = _order(coin)
        one, rival = pools[first].best(taken), pools[second].best(taken)
        if one is None or rival is None:
            break
        put(one, first, rival)
        agreed = one.product_id == rival.product_id
        two, missed = pools[second].best(taken), pools[first].best(taken)
        if two is not None:
            put(two, second, missed if agreed else None)
    for pool in pools.values():
        rest(pool)
    return drawn[:POOL_SIZE]


class _Pool:
    """A ranking whose products are taken, one after another, also by others."""

    def __init__(self, candidates: Sequence[LoggedCandidate]) -> None:
        self._candidates = candidates
        self._place = 0

    def best(self, taken: Collection[str]) -> LoggedCandidate | None:
        """The best that is left, if there is one."""
        candidates = self._candidates
        while self._place < len(candidates) and candidates[self._place].product_id in taken:
            self._place += 1
        return candidates[self._place] if self._place < len(candidates) else None


def _order(coin: Random) -> tuple[Variant, Variant]:
    if coin.random() < 0.5:
        return "champion", "interleaved"
    return "interleaved", "champion"
