"""The commands that tell of incidents, from published files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.errors import IncidentUnknown
from flows.incidents.published import about
from flows.policies.causes import MEANINGS
from tests.unit.flows.conftest import Run
from tests.unit.flows.published_nights import (
    alert,
    changed,
    decision,
    drift,
    incident,
    march,
    publish,
)

OPEN = "recommend-20240314-missing-field"
OVER = {"ended_on": march(12), "ended_by": "recommend:2 began to serve on 9 March"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of a shop with two open incidents and one that is over."""
    publish(
        tmp_path / "published",
        incidents=[
            incident(10, "taste", severity="notice", last_day=march(14)),
            incident(14, last_day=march(15)),
            incident(11, "stale_index", scenario="search", severity="warning"),
            incident(12, "latency", first_day=march(7), last_day=march(8), **OVER),
        ],
        incident_changes=[
            changed("query=head", 0.25),
            changed("query=tail", 0.75),
            changed("query=tail", 1.0, incident_id="another"),
        ],
        alerts=[
            alert(13, metric="mrr"),
            alert(14, metric="click_share", value=0.039),
            alert(15),
            alert(15, scenario="search", metric="mrr"),
        ],
        drift_values=[
            drift(13, "hour"),
            drift(14, "price", effect=0.01),
            drift(14, "brand", effect=-0.04, missing_share=0.6),
            drift(15, "brand", effect=-0.03),
            drift(15, "store", drifted=False, effect=0.9),
        ],
        decisions=[
            decision(14, reason=f"{OPEN} is open, a fault of data"),
            decision(15, reason="the model is old", action="retrain"),
        ],
    )
    return tmp_path


def _invoke(home: Path, *arguments: str) -> str:
    result = CliRunner().invoke(
        app, arguments, env={"COLUMNS": "200", "SHOPKEEPER_HOME": f"{home}"}
    )
    assert result.exit_code == 0, result.output
    return result.output


def _listed(home: Path, *arguments: str) -> list[str]:
    return [row["cause"] for row in json.loads(_invoke(home, "incidents", "--json", *arguments))]


def test_open_incidents_are_listed_the_worst_first(home: Path) -> None:
    assert _listed(home) == ["missing_field", "stale_index", "taste"]
    said = _invoke(home, "incidents")
    assert said.index(OPEN) < said.index("stale-index") < said.index("taste")
    assert "latency" not in said


def test_those_that_are_over_follow_where_all_are_asked_for(home: Path) -> None:
    assert _listed(home, "--all") == ["missing_field", "stale_index", "taste", "latency"]
    assert "12 Mar 2024" in _invoke(home, "incidents", "--all")


def test_one_scenarios_incidents_are_listed_alone(home: Path) -> None:
    assert _listed(home, "--scenario", "search") == ["stale_index"]
    result = CliRunner().invoke(app, ["incidents", "--scenario", "nonsense"])
    assert result.exit_code == 2
    assert "there is no 'nonsense'" in result.output


def test_where_nothing_was_published_no_incident_is_open(tmp_path: Path) -> None:
    assert _invoke(tmp_path, "incidents") == "No incident is open.\n"
    assert _invoke(tmp_path, "incidents", "--all") == "No incident was told in the last quarter.\n"
    assert _invoke(tmp_path, "incidents", "--json") == "[]\n"


def test_an_incident_is_told_with_what_was_seen_on_its_days(home: Path) -> None:
    found = json.loads(_invoke(home, "incident", OPEN, "--json"))
    assert found["incident"]["first_day"] == "2024-03-14"
    assert found["meaning"] == MEANINGS["missing_field"]
    assert [row["metric"] for row in found["alerts"]] == ["ctr@10", "click_share"]
    assert [(row["subject"], row["effect"]) for row in found["drifts"]] == [
        ("brand", -0.04),
        ("price", 0.01),
    ]
    assert [row["segments"] for row in found["change"]] == [["query=tail"], ["query=head"]]
    assert [row["as_of"] for row in found["decisions"]] == ["2024-03-14"]


def test_people_read_it_from_the_sentence_to_the_decision(home: Path) -> None:
    said = " ".join(_invoke(home, "incident", OPEN).split())
    parts = (
        f"{OPEN}: critical, open since 14 Mar 2024, last seen on 15 Mar 2024.",
        "ctr@10 fell 25.0% since 14 March, where brand went missing.",
        f"Cause: missing_field. That is: {MEANINGS['missing_field']}.",
        "ctr@10 from 14 Mar 2024 to 14 Mar 2024, against the same weekdays of the four weeks "
        "before: 4.00% then, 3.00% now (-30.0% to -20.0%).",
        "tail queries (named)",
        "What left its band on these days:",
        "What was distributed otherwise",
        "Because of it, on 14 Mar 2024: retrain: hold,",
    )
    assert [part for part in parts if part not in said] == []
    places = [said.index(part) for part in parts]
    assert places == sorted(places)


def test_how_one_ended_is_told(home: Path) -> None:
    said = _invoke(home, "incident", "recommend-20240312-latency")
    assert "from 7 Mar 2024 to 8 Mar 2024, over on 12 Mar 2024 because recommend:2 began" in said
    assert "Nothing was decided because of it." in said


def test_what_there_is_too_much_of_is_counted(home: Path) -> None:
    publish(home / "published", alerts=[alert(14, segment=f"store={n}") for n in range(14)])
    assert "… and 4 more series; --json has all." in _invoke(home, "incident", OPEN)


def test_an_unknown_incident_is_one_plain_message_that_names_those_there_are(
    home: Path, python: Run
) -> None:
    ran = python("-m", "flows.cli", "incident", "nonsense", SHOPKEEPER_HOME=f"{home}")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(
        "shopkeeper: no incident of the last quarter is named 'nonsense'; there are "
        f"{OPEN}, recommend-20240311-stale-index, "
    )
    assert len(ran.stderr.splitlines()) == 1


def test_where_none_was_told_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(IncidentUnknown, match="nights have told of none yet"):
        about(tmp_path, "nonsense")
