"""Serves the Bento that a scenario's rollout record names: what supervisord runs."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from bentos.serving.rollout import read_rollout
from flows.environment import prepare
from flows.settings import Settings

_SHARED = ("bentos", "models", "envs")  # of BentoML's home


def main(scenario: str) -> None:
    """Becomes ``bentoml serve``."""
    settings = Settings()
    prepare(settings)
    os.environ["BENTOML_HOME"] = str(own_home(settings, scenario, Path(os.environ["BENTOML_HOME"])))
    record = read_rollout(settings.home / "rollouts", scenario)
    bentoml = str(Path(sys.executable).parent / "bentoml")
    port = str(settings.port_of(scenario))
    os.execv(bentoml, [bentoml, "serve", record.bento_tag, "--host", settings.host, "--port", port])


def own_home(settings: Settings, scenario: str, shared: Path) -> Path:
    """A home of BentoML's for one service: the store is the shared one, the metrics are its own.

    BentoML keeps metrics in one folder of its home, which it empties when a service starts: of two
    services in one home the first would lose its metrics and tell the other's. The port tells
    services of one scenario apart.
    """
    home = settings.home.resolve() / "services" / f"{scenario}-{settings.port_of(scenario)}"
    home.mkdir(parents=True, exist_ok=True)
    for name in _SHARED:
        (shared / name).mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # it has started before
            (home / name).symlink_to((shared / name).resolve())
    return home


if __name__ == "__main__":
    main(sys.argv[1])
