"""infinity-emb as its command line serves two models, with its BetterTransformer kernels."""

import os
import sys

from reading import HOST, Serving

_TYPES = {"bf16": "bfloat16", "fp32": "float32"}
_QUIET = {"DO_NOT_TRACK": "1", "INFINITY_ANONYMOUS_USAGE_STATS": "0"}


def main() -> None:
    """Becomes `infinity_emb v2`; each model goes by the name of what it reads."""
    serving = Serving.of_command_line(__doc__)
    command = [sys.executable, "-m", "infinity_emb.cli", "v2", "--host", HOST]
    command += ["--port", str(serving.port), "--log-level", "warning"]
    for name, folder in (("pairs", serving.pairs), ("texts", serving.texts)):
        command += ["--model-id", str(folder), "--served-model-name", name]
        command += ["--device", "cpu", "--dtype", _TYPES[serving.precision]]
    threads = {"OMP_NUM_THREADS": str(serving.threads)}
    os.execve(sys.executable, command, {**os.environ, **threads, **_QUIET})


if __name__ == "__main__":
    main()
