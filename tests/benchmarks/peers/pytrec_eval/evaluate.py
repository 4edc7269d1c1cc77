"""pytrec_eval (Van Gysel and de Rijke 2018): trec_eval in C, called from Python."""

from pathlib import Path
from statistics import fmean

from pytrec_eval import RelevanceEvaluator
from ranking import JUDGMENTS, RUN, by_query, run

NAMES = {
    "precision@10": "P_10",
    "recall@10": "recall_10",
    "recall@20": "recall_20",
    "hit_rate@10": "success_10",
    "ndcg@10": "ndcg_cut_10",
    "mrr": "recip_rank",
}
MEASURES = {"P.10", "recall.10,20", "success.10", "ndcg_cut.10", "recip_rank"}

Scores = dict[str, dict[str, float]]


def load(data: Path) -> tuple[RelevanceEvaluator, Scores]:
    """An evaluator, which holds the judgments, and the run as dictionaries."""
    judgments = by_query(data / JUDGMENTS, "gain")
    return RelevanceEvaluator(judgments, MEASURES), by_query(data / RUN, "score")


def means(loaded: tuple[RelevanceEvaluator, Scores]) -> dict[str, float]:
    """The means over the queries, under the names that we use."""
    evaluator, scores = loaded
    found = evaluator.evaluate(scores).values()
    return {name: fmean(query[theirs] for query in found) for name, theirs in NAMES.items()}


if __name__ == "__main__":
    run(__doc__, load, means)
