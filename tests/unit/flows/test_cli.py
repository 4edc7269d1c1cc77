"""The command: quick to help, plain about what went wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from bentos.registry import SCENARIOS
from flows.cli import app
from tests.unit.flows.conftest import ROOT, Run

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
ROOMS = ("flows", "bentos", "data_checks", "warehouse")


def _invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_help_does_not_wait_for_what_commands_run(python: Run) -> None:
    heavy = ("prefect", "torch", "bentoml", "duckdb", "great_expectations", "transformers")
    code = f"import sys, flows.cli; print([name for name in {heavy} if name in sys.modules])"
    assert python("-c", code).stdout.strip() == "[]"


def test_the_help_lists_every_command() -> None:
    exit_code, said = _invoke("--help")
    assert exit_code == 0
    for command in COMMANDS:
        assert re.search(rf"\b{command}\b", said)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    exit_code, said = _invoke(command, "--help")
    assert exit_code == 0
    assert f"{command} [OPTIONS]" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"`(shopkeeper )?{command}\b[^`]*`", readme)


def test_whatever_command_is_named_to_people_exists() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    pages += [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    for page in pages:
        named = re.findall(r"`shopkeeper ([a-z][a-z-]*)", page.read_text(encoding="utf-8"))
        assert set(named) <= set(COMMANDS), page


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nonsense"], "No such command"),
        (["retrain"], "Missing argument"),
        (["retrain", "nonsense"], "there is no 'nonsense'; there is recommend"),
        (["evaluate", "nonsense"], "there is no 'nonsense'"),
        (["fine-tune", "nonsense", "--cut", "2024-03-15"], "there is no 'nonsense'"),
        (["fine-tune", "recommend"], "Missing option '--cut'"),
        (["fine-tune", "recommend", "--cut", "soon"], "does not match"),
        (["ingest", "--day", "15.03.2024"], "does not match"),
        (["publish-state"], "Missing option '--as-of'"),
        (["replay", "--first", "2024-03-15", "--days", "0"], "greater than or equal to 1"),
        (["demo", "--days", "0"], "greater than or equal to 1"),
        (["rollout", "search"], "one of --champion, --challenger"),
        (["rollout", "search", "--end", "--shadow", "search:a"], "no more than one"),
        (["rollout", "search", "--challenger", "search:a"], "--challenger needs --share"),
        (["rollout", "search", "--shadow", "search:a", "--share", "0.1"], "nothing else takes it"),
        (["rollout", "search", "--challenger", "search:a", "--share", "1"], "below 1"),
        (["rollout", "search", "--challenger", "search:a", "--share", "0"], "above 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_can_not_be_meant_is_refused_before_anything_runs(
    arguments: list[str], reason: str
) -> None:
    exit_code, said = _invoke(*arguments)
    assert exit_code == 2
    assert reason in said


def test_what_learns_from_judged_queries_is_not_evaluated_after_a_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SCENARIOS, "search", "bentos.search.scenario:SEARCH")
    exit_code, said = _invoke("evaluate", "search", "--cut", "2024-03-15")
    assert exit_code == 2
    assert "search is measured on judged queries, not after a cut" in said


def test_a_folder_of_no_known_layout_is_refused_by_each_command_that_reads_one(
    python: Run, tmp_path: Path
) -> None:
    for command in (["demo"], ["evaluate", "recommend"]):
        code, _, complained = _shopkeeper(python, *command, "--data", str(tmp_path))
        assert code == 1
        assert f"shopkeeper: {tmp_path} holds data of no layout that we know" in complained


def _shopkeeper(python: Run, *arguments: str, **changes: str) -> tuple[int, str, str]:
    done = python("-m", "flows.cli", *arguments, **changes)
    return done.returncode, done.stdout, done.stderr


def test_a_failure_is_one_plain_message_and_exit_code_1(python: Run) -> None:
    code, said, complained = _shopkeeper(python, "down")
    assert (code, said) == (1, "")
    assert complained.startswith("shopkeeper: shopkeeper is not up in")
    assert "Traceback" not in complained


def test_a_setting_that_can_not_be_used_is_named(python: Run) -> None:
    code, _, complained = _shopkeeper(python, "status", SHOPKEEPER_PREFECT_PORT="many")
    assert code == 1
    assert complained.startswith("shopkeeper: a setting can't be used: SHOPKEEPER_PREFECT_PORT: ")
    assert len(complained.splitlines()) == 1


def test_the_status_of_nothing_is_told_to_people_and_programs(python: Run, tmp_path: Path) -> None:
    code, said, _ = _shopkeeper(python, "status")
    assert code == 0
    assert "Nothing runs; `shopkeeper up` starts it." in said
    assert "recommend: served by no model yet" in said
    assert "No night was measured yet." in said
    code, said, _ = _shopkeeper(python, "status", "--json")
    found = json.loads(said)
    assert code == 0
    assert found["home"] == str(tmp_path / "home")
    assert (found["programs"], found["champions"]) == ([], {"recommend": None, "search": None})
