"""Serves the Bento that a scenario's rollout record names: what supervisord runs."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from bentos.serving.rollout import read_rollout
from flows.environment import prepare
from flows.settings import Settings

_SHARED = ("bentos", "models", "envs")  # of BentoML's home


def main(scenario: str, port: str | None = None) -> None:
    """Becomes ``bentoml serve``, at the scenario's port or another one."""
    settings = Settings()
    prepare(settings)
    port = port or str(settings.port_of(scenario))
    shared = Path(os.environ["BENTOML_HOME"])
    os.environ["BENTOML_HOME"] = str(own_home(settings, f"{scenario}-{port}", shared))
    record = read_rollout(settings.home / "rollouts", scenario)
    bentoml = str(Path(sys.executable).parent / "bentoml")
    os.execv(bentoml, [bentoml, "serve", record.bento_tag, "--host", settings.host, "--port", port])


def own_home(settings: Settings, service: str, shared: Path) -> Path:
    """A home of BentoML's for one service: the store is the shared one, the metrics are its own.

    BentoML keeps metrics in one folder of its home, which it empties when a service starts: of two
    services in one home the first would lose its metrics and tell the other's.
    """
    home = settings.home.resolve() / "services" / service
    home.mkdir(parents=True, exist_ok=True)
    for name in _SHARED:
        (shared / name).mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # it has started before
            (home / name).symlink_to((shared / name).resolve())
    return home


if __name__ == "__main__":
    main(*sys.argv[1:])
