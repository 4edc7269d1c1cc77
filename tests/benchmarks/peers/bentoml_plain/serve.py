"""BentoML with sentence-transformers as its documentation shows it: adaptive batching."""

import os
import sys
from pathlib import Path

from reading import HOST, Serving


def main() -> None:
    """Becomes `bentoml serve`."""
    serving = Serving.of_command_line(__doc__)
    command = [sys.executable, "-m", "bentoml", "serve", "service:Plain", "--host", HOST]
    os.chdir(Path(__file__).parent)
    os.execve(
        sys.executable,
        [*command, "--port", str(serving.port)],
        {**os.environ, **serving.to_environment(), "BENTOML_DO_NOT_TRACK": "True"},
    )


if __name__ == "__main__":
    main()
