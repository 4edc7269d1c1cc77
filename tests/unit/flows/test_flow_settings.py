"""The settings of flows and commands, and which source they name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bentos.registry import SCENARIOS, scenario
from bentos.serving.settings import ServingSettings
from flows.settings import Settings
from flows.sources import configured_source, kind_of
from warehouse.errors import SourceError
from warehouse.sources import CompleteJourney, OnlineRetail


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HOME",
        "SOURCE",
        "SOURCE_PATH",
        "HOST",
        "PREFECT_PORT",
        "SERVICE_PORT",
        "REPLICAS",
    ):
        monkeypatch.delenv(f"SHOPKEEPER_{name}", raising=False)


def test_without_any_setting_servers_bind_this_machine_only() -> None:
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.prefect_api == "http://127.0.0.1:4200/api"


def test_everything_lies_under_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPKEEPER_HOME", "/shop")
    settings = Settings()
    folders = (
        settings.warehouse,
        settings.published,
        settings.reports,
        settings.runs,
        settings.embeddings,
        settings.logs,
    )
    assert all(folder.is_relative_to("/shop") for folder in folders)
    assert len(set(folders)) == len(folders)


def test_flows_and_services_mean_the_same_home(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().home == ServingSettings().home
    monkeypatch.setenv("SHOPKEEPER_HOME", "/shop")
    assert Settings().home == ServingSettings().home == Path("/shop")


def test_each_scenario_has_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPKEEPER_SERVICE_PORT", "8000")
    settings = Settings()
    ports = [settings.port_of(name) for name in SCENARIOS]
    assert ports == list(range(8000, 8000 + len(SCENARIOS)))
    assert settings.service_url("recommend") == "http://127.0.0.1:8000"


def test_replicas_listen_after_every_scenarios_first_service() -> None:
    assert Settings().ports_of("search") == {"search": 3001}
    settings = Settings(replicas=3)
    assert settings.ports_of("recommend") == {
        "recommend": 3000,
        "recommend-2": 3002,
        "recommend-3": 3004,
    }
    assert settings.ports_of("search") == {"search": 3001, "search-2": 3003, "search-3": 3005}


def test_settings_stay_as_they_were_read() -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.host = "0.0.0.0"  # type: ignore[misc]


# Sources.


def test_without_a_setting_the_source_is_complete_journey() -> None:
    assert isinstance(configured_source(Settings()), CompleteJourney)


def test_a_source_of_files_reads_the_folder_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    found = configured_source(Settings(source="online_retail", source_path=tmp_path / "data"))
    assert isinstance(found, OnlineRetail)


@pytest.mark.parametrize("source", ["online_retail", "chorus", "esci", "wands", "ubi", "tables"])
def test_a_source_of_files_without_its_folder_says_which_setting_is_missing(source: str) -> None:
    with pytest.raises(SourceError, match=f"{source} reads a folder; set SHOPKEEPER_SOURCE_PATH"):
        configured_source(Settings(source=source))


def test_a_folder_without_a_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"shopkeeper\.yaml"):
        configured_source(Settings(source="tables", source_path=tmp_path))


@pytest.mark.parametrize("path", [None, Path("anywhere")])
def test_an_unknown_source_is_refused_with_those_there_are(path: Path | None) -> None:
    with pytest.raises(SourceError, match=r"complete_journey, online_retail, .* or tables"):
        configured_source(Settings(source="nonsense", source_path=path))


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (["products.parquet", "judgments.parquet"], "chorus"),
        (["shopkeeper.yaml", "products.parquet", "judgments.parquet"], "tables"),
        (
            [
                "shopping_queries_dataset_products.parquet",
                "shopping_queries_dataset_examples.parquet",
                "shopping_queries_dataset_sources.csv",
            ],
            "esci",
        ),
        (["query.csv", "product.csv", "label.csv"], "wands"),
        (["ubi_queries.jsonl", "ubi_events.jsonl"], "ubi"),
    ],
)
def test_a_folder_is_known_by_its_files(tmp_path: Path, files: list[str], kind: str) -> None:
    for file in files:
        (tmp_path / file).touch()
    assert kind_of(tmp_path) == kind


@pytest.mark.parametrize("file", ["products.parquet", "orders.csv"])
def test_a_folder_of_no_known_layout_is_refused_with_those_there_are(
    tmp_path: Path, file: str
) -> None:
    (tmp_path / file).touch()
    with pytest.raises(SourceError, match=r"no layout that we know.*chorus: products\.parquet and"):
        kind_of(tmp_path)


# Scenarios.


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_called_what_the_registry_calls_it(name: str) -> None:
    assert scenario(name).name == name


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="there is no scenario 'ads'; there are recommend"):
        scenario("ads")


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no folder .*nowhere"):
        kind_of(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("logs_from", "found"),
    [
        (None, "/shop/serving_logs/search"),
        ("s3://bucket/logs/", "s3://bucket/logs/serving_logs/search"),
    ],
)
def test_the_night_looks_for_logs_in_the_home_or_where_it_is_told(
    monkeypatch: pytest.MonkeyPatch, logs_from: str | None, found: str
) -> None:
    monkeypatch.setenv("SHOPKEEPER_HOME", "/shop")
    if logs_from:
        monkeypatch.setenv("SHOPKEEPER_LOGS_FROM", logs_from)
    assert Settings().service_logs("serving_logs/search") == found
