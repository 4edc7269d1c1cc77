"""The scenarios that Shopkeeper serves: adding one is a folder beside this file and a line here."""

from importlib import import_module

from bentos.scenario import LearnsFromJudgments, Scenario

SCENARIOS = {
    "recommend": "bentos.recommend.scenario:RECOMMEND",
    "search": "bentos.search.scenario:SEARCH",
}


def scenario(name: str) -> Scenario:
    """The scenario called ``name``, imported now: its module brings torch.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in SCENARIOS:
        raise KeyError(f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    module, _, attribute = SCENARIOS[name].partition(":")
    found: Scenario = getattr(import_module(module), attribute)
    return found


def learns_from_judgments(name: str) -> bool:
    """Whether a scenario is measured on judged queries, not on the days after a cut."""
    return isinstance(scenario(name), LearnsFromJudgments)
