"""What our dependencies are told: to keep their things under our home, and to call nobody."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from tests.unit.flows.conftest import Run

_PREPARED = """
import json, os
from flows.environment import prepare
from flows.settings import Settings
prepare(Settings())
"""
_ENVIRONMENT = _PREPARED + "print(json.dumps(dict(os.environ)))"
_AS_THEY_SEE_IT = (
    _PREPARED
    + """
import huggingface_hub.constants
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.utils.analytics.usage_stats import do_not_track
from prefect.settings import get_current_settings
prefect = get_current_settings()
print(json.dumps({
    "bentoml": do_not_track(),
    "bentoml home": BentoMLContainer.bentoml_home.get(),
    "hugging face": huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY,
    "hugging face is offline": huggingface_hub.constants.HF_HUB_OFFLINE,
    "prefect server": not prefect.server.analytics_enabled,
    "prefect adverts": not prefect.server.ui.show_promotional_content,
    "prefect home": str(prefect.home),
}))
"""
)


def _environment(python: Run, **changes: str) -> dict[str, str]:
    done = python("-c", _ENVIRONMENT, **changes)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_the_telemetry_of_our_dependencies_is_off_as_they_see_it_themselves(
    python: Run, tmp_path: Path
) -> None:
    done = python("-c", _AS_THEY_SEE_IT)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    homes = {found.pop("bentoml home"), found.pop("prefect home")}
    assert homes == {str(tmp_path / "home" / "bentoml"), str(tmp_path / "home" / "prefect")}
    assert found == dict.fromkeys(found, True)


def test_great_expectations_and_everybody_else_are_told_too(python: Run) -> None:
    found = _environment(python)
    assert found["GX_ANALYTICS_ENABLED"] == "false"
    assert found["DO_NOT_TRACK"] == "1"


def test_what_the_user_has_set_wins(python: Run) -> None:
    found = _environment(python, BENTOML_HOME="/elsewhere", GX_ANALYTICS_ENABLED="true")
    assert found["BENTOML_HOME"] == "/elsewhere"
    assert found["GX_ANALYTICS_ENABLED"] == "true"


def test_folders_are_told_from_the_root_because_processes_run_elsewhere(
    python: Run, tmp_path: Path
) -> None:
    found = _environment(python, SHOPKEEPER_HOME="shop", SHOPKEEPER_SOURCE_PATH="data")
    assert found["SHOPKEEPER_HOME"] == str(tmp_path / "shop")
    assert found["SHOPKEEPER_SOURCE_PATH"] == str(tmp_path / "data")
    assert found["BENTOML_HOME"] == str(tmp_path / "shop" / "bentoml")
    assert (tmp_path / "shop" / "prefect").is_dir()


def test_without_a_server_prefect_is_told_of_none(python: Run) -> None:
    assert "PREFECT_API_URL" not in _environment(python)


def test_a_server_that_runs_is_told_of(python: Run, free_port: int) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port))
        server.listen()
        found = _environment(python)
    assert found["PREFECT_API_URL"] == f"http://127.0.0.1:{free_port}/api"
