"""Serves the Bento that a scenario's rollout record names: what supervisord runs."""

import os
import sys
from pathlib import Path

from bentos.serving.rollout import read_rollout
from flows.environment import prepare
from flows.settings import Settings


def main(scenario: str) -> None:
    """Becomes ``bentoml serve``."""
    settings = Settings()
    prepare(settings)
    record = read_rollout(settings.home / "rollouts", scenario)
    bentoml = str(Path(sys.executable).parent / "bentoml")
    port = str(settings.port_of(scenario))
    os.execv(bentoml, [bentoml, "serve", record.bento_tag, "--host", settings.host, "--port", port])


if __name__ == "__main__":
    main(sys.argv[1])
