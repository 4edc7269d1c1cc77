"""The peers' environments: one virtual environment each, kept until its requirements change."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.figures import say

PEERS = Path(__file__).parent / "peers"


def peer_names() -> list[str]:
    """Every peer there is, by the folders that hold a ``rank.py``."""
    return sorted(script.parent.name for script in PEERS.glob("*/rank.py"))


def script(peer: str) -> Path:
    """What ranks for a peer."""
    return PEERS / peer / "rank.py"


def environment(peer: str, home: Path) -> Path:
    """The Python of a peer's environment under ``home``, installed first where it is not there."""
    requirements = PEERS / peer / "requirements.txt"
    folder = home / peer
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if not (python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        say(f"installing {peer} into {folder}")
        _run([sys.executable, "-m", "venv", str(folder)])
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        _run([*pip, "-r", str(requirements)])
        stamp.write_text(wanted, encoding="utf-8")
    _let_see_the_contract(folder)  # which another checkout may have installed it for
    return python.absolute()


def _let_see_the_contract(folder: Path) -> None:
    """Puts what peers share on the environment's path."""
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "peers.pth").write_text(f"{PEERS.resolve()}\n", encoding="utf-8")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
