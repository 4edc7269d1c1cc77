"""Several models in one service: who answers, and that answers can be had again from the log."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from math import nan
from pathlib import Path
from typing import Any

import orjson
import pytest
from bentoml.exceptions import InvalidArgument
from prometheus_client import REGISTRY
from safetensors.torch import load_file, save_file

from bentos.recommend.ranker import Query, RecommendRanker
from bentos.recommend.schema import RecommendRequest
from bentos.recommend.service import Recommend
from bentos.serving.deadline import begin
from bentos.serving.interleaving import team_draft
from bentos.serving.rollout import Beside, Role, RolloutRecord, write_rollout
from bentos.serving.state import OnlineState, write_state
from bentos.serving.store import WEIGHTS, save_model
from bentos.serving.variants import assigned
from tests.unit.bentos.conftest import N_USERS
from tests.unit.bentos.recommend.test_service import NOON

Eventually = Callable[[Callable[[], bool]], None]
USERS = [f"u{n:02}" for n in range(N_USERS)]


class Shop:
    """A recommender at work, its home, and two models that differ."""

    def __init__(self, home: Path, trained: Path, folder: Path, state: OnlineState) -> None:
        self.home, self.state, self.folders = home, state, {}
        self.inner: Any = None
        self.version = 0
        self.champion = self.make(trained)
        self.other = self.make(_changed(trained, folder / "other", -1.0))
        self._folder, self._trained = folder, trained

    def make(self, folder: Path) -> str:
        tag = save_model("recommend", date(2024, 3, 8), folder, {})
        self.folders[tag] = folder
        return tag

    def broken(self) -> str:
        """A model whose scores are no numbers."""
        return self.make(_changed(self._trained, self._folder / "broken", nan))

    def roll_out(self, role: Role | None, tag: str | None = None) -> RolloutRecord:
        self.version += 1
        share = 0.5 if role == "challenger" else None
        record = RolloutRecord(
            scenario="recommend",
            version=self.version,
            champion=self.champion,
            beside=role and Beside(model_tag=tag or self.other, role=role, share=share),
            bento_tag="recommend:b",
            reason="why",
        )
        write_rollout(self.home / "rollouts", record)
        return record

    def serve(self, role: Role | None) -> RolloutRecord:
        record = self.roll_out(role)
        self.inner = Recommend.inner()  # type: ignore[attr-defined]  # of its decorator
        return record

    def ask(self, pinned: Any = None, **request: Any) -> Any:
        asked = {"user_id": "u00", "occurred_at": NOON} | request

        async def go() -> Any:
            begin(time.monotonic(), 60_000, pinned)
            return await self.inner.recommend(RecommendRequest.model_validate(asked))

        return asyncio.run(go())

    def pool(self, tag: str, line: dict[str, Any]) -> Any:
        """What the model answers to a logged request, loaded anew."""
        ranker = RecommendRanker.load(self.folders[tag], self.state, "cpu")
        moment = datetime.fromisoformat(line["occurred_at"])
        return ranker.rank(Query(line["user_id"], moment)).candidates

    @property
    def logged(self) -> list[dict[str, Any]]:
        paths = (self.home / "serving_logs" / "recommend").glob("*.jsonl")
        return [orjson.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def _changed(trained: Path, folder: Path, times: float) -> Path:
    """The model with its tensors multiplied."""
    shutil.copytree(trained, folder)
    weights = load_file(folder / WEIGHTS)
    save_file({name: tensor * times for name, tensor in weights.items()}, folder / WEIGHTS)
    return folder


@pytest.fixture
def shop(
    tmp_path: Path,
    model_store: Path,
    trained: Path,
    state: OnlineState,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    home = tmp_path / "home"
    for name, value in {
        "HOME": str(home),
        "ALLOW_REPLAY": "true",
        "DEVICE": "cpu",
        "WATCH_SECONDS": "0.01",
    }.items():
        monkeypatch.setenv(f"SHOPKEEPER_{name}", value)
    shop = Shop(home, trained, tmp_path, state)
    write_state(home / "online_state", state.as_of, state.tables)
    yield shop
    shop.inner.close()


def _counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"scenario": "recommend"} | labels) or 0.0


def _same(logged: list[dict[str, Any]], found: Any) -> None:
    columns = ("product_id", "rank", "propensity", "variant")
    assert [[c[name] for name in columns] for c in logged] == [
        [getattr(c, name) for name in columns] for c in found
    ]
    assert [c["score"] for c in logged] == pytest.approx([c.score for c in found], abs=1e-4)


def test_a_share_of_users_is_answered_by_the_challenger(shop: Shop) -> None:
    record = shop.serve("challenger")
    for user in USERS:
        answer = shop.ask(user_id=user)
        assert answer.variant == assigned(record, user)
        assert answer.model_tag == record.models[answer.variant]
    assert {line["variant"] for line in shop.logged} == {"champion", "challenger"}
    for line in shop.logged[:3]:
        assert (line["pinned"], line["shadow_of"], line["interleaved_with"]) == (False, None, None)
        _same(line["candidates"], shop.pool(line["model_tag"], line))


def test_an_interleaved_answer_is_had_again_from_its_log_line(shop: Shop) -> None:
    shop.serve("interleaved")
    answer = shop.ask(limit=100)
    (line,) = shop.logged
    assert (answer.variant, answer.model_tag) == ("interleaved", shop.other)
    assert (line["variant"], line["policy"]) == ("interleaved", "team-draft")
    assert (line["model_tag"], line["interleaved_with"]) == (shop.other, shop.champion)
    pools = [shop.pool(line[name], line) for name in ("interleaved_with", "model_tag")]
    assert [c.product_id for c in pools[0]] != [c.product_id for c in pools[1]]
    _same(line["candidates"], team_draft(*pools, seed=line["request_id"]))
    shown = [(item.product_id, item.score, item.propensity) for item in answer.items]
    assert shown == [(c["product_id"], c["score"], c["propensity"]) for c in line["candidates"]]


def test_a_shadow_is_logged_after_the_answer_and_had_again_from_its_line(
    shop: Shop, eventually: Eventually
) -> None:
    shop.serve("shadow")
    answer = shop.ask()
    eventually(lambda: len(shop.logged) == 2)
    shown, shadow = shop.logged
    assert (answer.variant, answer.model_tag) == ("champion", shop.champion)
    assert (shown["request_id"], shown["shadow_of"]) == (answer.request_id, None)
    assert (shadow["variant"], shadow["model_tag"]) == ("shadow", shop.other)
    assert shadow["shadow_of"] == answer.request_id != shadow["request_id"]
    for same in ("user_id", "occurred_at", "session", "limit", "state_version"):
        assert shadow[same] == shown[same]
    _same(shadow["candidates"], shop.pool(shop.other, shadow))


def test_a_shadow_is_skipped_and_counted_while_somebody_waits(
    shop: Shop, eventually: Eventually
) -> None:
    shop.serve("shadow")
    before = _counted("shopkeeper_shadows_total", outcome="skipped")
    core = shop.inner._answers._core
    with core.turn("u01"):
        shop.ask()
    assert _counted("shopkeeper_shadows_total", outcome="skipped") == before + 1
    shop.ask()
    eventually(lambda: len(shop.logged) == 3)


def test_a_shadow_that_fails_is_counted_and_the_answers_go_on(
    shop: Shop, eventually: Eventually
) -> None:
    shop.serve("shadow")
    before = _counted("shopkeeper_shadows_total", outcome="failed")
    rankers = shop.inner._answers._core.current.rankers
    rankers["shadow"].rank = lambda *asked: 1 / 0
    for _ in range(2):
        shop.ask()
        before += 1
        eventually(lambda now=before: _counted("shopkeeper_shadows_total", outcome="failed") == now)  # type: ignore[misc]
    assert [line["variant"] for line in shop.logged] == ["champion"] * 2


@pytest.mark.parametrize("role", ["challenger", "shadow"])
def test_a_header_has_a_request_answered_by_either_model_and_leaves_it_out_of_experiments(
    shop: Shop, role: Role
) -> None:
    record = shop.serve(role)
    for variant in ("champion", role):
        answer = shop.ask(pinned=variant)
        assert (answer.variant, answer.model_tag) == (variant, record.models[variant])
    assert [(line["variant"], line["pinned"]) for line in shop.logged] == [
        ("champion", True),
        (role, True),
    ]


def test_a_header_that_names_a_variant_that_is_not_there_is_refused(shop: Shop) -> None:
    shop.serve("shadow")
    said = "X-Shopkeeper-Variant: recommend has no challenger now; it has champion and shadow"
    with pytest.raises(InvalidArgument, match=said):
        shop.ask(pinned="challenger")
    assert shop.logged == []


def test_the_metrics_tell_what_serves_as_what(shop: Shop, eventually: Eventually) -> None:
    def serving(tag: str, variant: str) -> float:
        return _counted("shopkeeper_serving", model_tag=tag, variant=variant)

    shop.serve("shadow")
    assert (serving(shop.champion, "champion"), serving(shop.other, "shadow")) == (1, 1)
    shop.roll_out(None)
    eventually(lambda: serving(shop.other, "shadow") == 0)
    assert serving(shop.champion, "champion") == 1


def test_a_model_whose_scores_are_no_numbers_is_not_taken_into_service(
    shop: Shop, eventually: Eventually
) -> None:
    shop.serve(None)
    before = _counted("shopkeeper_swap_failures_total")
    shop.roll_out("challenger", shop.broken())
    eventually(lambda: _counted("shopkeeper_swap_failures_total") == before + 1)
    assert {shop.ask(user_id=user).variant for user in USERS} == {"champion"}
    (path,) = (shop.home / "alerts").glob("*.jsonl")
    (alert,) = (orjson.loads(line) for line in path.read_bytes().splitlines())
    assert (alert["scenario"], alert["kind"]) == ("recommend", "swap_failed")
    assert "no finite numbers" in alert["message"]
