"""The scenarios that Shopkeeper serves: adding one is a folder beside this file and a line here."""

from importlib import import_module

from bentos.scenario import Scenario

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
