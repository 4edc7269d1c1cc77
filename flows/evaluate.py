"""Evaluate: a model and the baselines on the days after a cut, the whole catalogue ranked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from bentos.registry import scenario as scenario_named
from bentos.scenario import LearnsFromJudgments, Ranker
from bentos.serving.device import best_device
from bentos.serving.memory import give_back
from bentos.serving.state import OnlineState
from bentos.serving.store import model_folder
from flows.fine_tune import fine_tune
from flows.judgeable import require_held_out_queries, require_judgments
from flows.online_state import state_at
from flows.policies.gate import Comparison, best_rival
from flows.settings import Settings
from flows.slot import TAG, writable_warehouse
from warehouse.evaluation import TUNING_METRIC, Evaluation, Key, Measured, best_half_life
from warehouse.intervals import Values, paired_difference
from warehouse.metric_values import MetricRow, Window, store_metrics

DAYS = 7


@dataclass(frozen=True)
class Result:
    """What an evaluation found: all metrics, and the values behind them for paired comparisons."""

    cut: date
    measured: Sequence[Measured]
    per_query: Mapping[Key, Values]
    baselines: Sequence[str]

    def means(self, rankers: Iterable[str]) -> dict[str, float]:
        """The tuning metric of each ranker over all queries."""
        return {
            m.ranker: m.value
            for m in self.measured
            if m.metric == TUNING_METRIC and m.segment == "all" and m.ranker in set(rankers)
        }

    def compare(self, ranker: str, rival: str) -> list[Comparison]:
        """The ranker against a rival in each segment, paired by query."""
        segments = sorted({segment for segment, _, _ in self.per_query})
        return [self._comparison(segment, ranker, rival) for segment in segments]

    def _comparison(self, segment: str, ranker: str, rival: str) -> Comparison:
        theirs = self.per_query[segment, TUNING_METRIC, rival]
        difference = paired_difference(self.per_query[segment, TUNING_METRIC, ranker], theirs)
        return Comparison(
            rival=rival,
            segment=segment,
            value=float(theirs.mean()),
            difference=difference.mean,
            standard_error=difference.standard_error,
            n=difference.n,
        )


@flow(name="evaluate")
def evaluate_flow(scenario: str, cut: date) -> Result:
    """Fine-tunes on what happened before ``cut`` and measures on the days after it."""
    settings = Settings()
    judgeable(settings, scenario, cut)
    tag = fine_tune(settings, scenario, cut)
    return evaluate(settings, scenario, cut, [tag])


@task(tags=[TAG], cache_policy=NO_CACHE)
def judgeable(settings: Settings, name: str, cut: date) -> None:
    """Passes if there is something to judge a model by, and something to tune baselines on.

    Raises:
        NothingToJudge: there is not.
    """
    scenario = scenario_named(name)
    with writable_warehouse(settings, f"evaluate {name}") as connection:
        if isinstance(scenario, LearnsFromJudgments):
            require_held_out_queries(connection, name, cut, scenario.folds)
            return
        require_judgments(connection, name, cut - timedelta(days=DAYS), DAYS)
        require_judgments(connection, name, cut, DAYS)


@task(cache_policy=NO_CACHE)
def evaluate(settings: Settings, name: str, cut: date, tags: Sequence[str]) -> Result:
    """Measures models, and what they must not lose to: the baselines and the first one's stages.

    The baselines are tuned on the days before ``cut``.
    """
    state, evaluation, half_lives = _materials(settings, name, cut)
    rivals: list[str] = []
    for tag in tags:
        ranker = scenario_named(name).load(model_folder(tag), state, best_device())
        evaluation.add_run(tag, ranker.run(evaluation.queries, evaluation.product_segments))
        if tag == tags[0]:
            rivals += _add_stages(evaluation, ranker)
    rivals += evaluation.add_baselines(half_lives) if half_lives else []
    result = Result(cut, evaluation.measure(), evaluation.per_query(), rivals)
    evaluation.close()
    give_back()
    _store(settings, name, result)
    return result


def _add_stages(evaluation: Evaluation, ranker: Ranker) -> list[str]:
    stages = ranker.stages(evaluation.queries)
    for stage, ranking in stages.items():
        evaluation.add_run(stage, ranking)
    return list(stages)


def _materials(
    settings: Settings, name: str, cut: date
) -> tuple[OnlineState, Evaluation, list[int]]:
    with writable_warehouse(settings, f"evaluate {name}") as connection:
        state = state_at(connection, settings, cut)
        evaluation = Evaluation(connection, name, cut, DAYS)
        half_lives = []
        if not isinstance(scenario_named(name), LearnsFromJudgments):
            before = cut - timedelta(days=DAYS)
            half_lives = [best_half_life(connection, name, before, DAYS)]
    return state, evaluation, half_lives


def _store(settings: Settings, name: str, result: Result) -> None:
    rows = [
        MetricRow(m.ranker, "offline", m.segment, m.metric, m.value, m.standard_error, m.n)
        for m in result.measured
    ]
    start = result.cut
    end = start + timedelta(days=DAYS - 1)
    with writable_warehouse(settings, f"evaluate {name}") as connection:
        store_metrics(connection, name, end, {Window("offline", start): rows})
    create_table_artifact(
        [
            {"ranker": m.ranker, "metric": m.metric, "value": round(m.value, 4), "n": m.n}
            for m in result.measured
            if m.segment == "all"
        ],
        key=f"evaluation-{name}",
        description=f"{name} on the {DAYS} days after {start}, whole catalogue",
    )


def rivals(result: Result, champion: str | None) -> list[str]:
    """Whom a new model must not lose to: the champion, if there is one, and the best baseline."""
    best = best_rival(result.means(result.baselines))
    return [best] if champion is None else [champion, best]
