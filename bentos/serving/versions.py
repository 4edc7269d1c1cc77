"""Versions that never change, folders beside one another, and the pointer to the one in force."""

import shutil
import tempfile
from collections.abc import Callable
from filecmp import cmp
from hashlib import file_digest, sha256
from pathlib import Path

from bentos.serving.atomic import write_atomically

POINTER = "current"
DIGEST_LENGTH = 12  # characters of a digest in a version's name


def write_version(folder: Path, name: Callable[[Path], str], fill: Callable[[Path], None]) -> str:
    """Has ``fill`` write a version's files, puts it in force, and returns its name.

    ``name`` names the version, perhaps by ``digest_of`` the folder that was filled. A version that
    is there already stays as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder, prefix=".writing-"))
    try:
        fill(staging)
        version = name(staging)
        if not (folder / version).exists():
            _share_files(folder, staging)
            staging.chmod(0o755)
            staging.rename(folder / version)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    point_at(folder, version)
    return version


def point_at(folder: Path, version: str) -> None:
    """Puts a version that is there in force."""
    write_atomically(folder / POINTER, version)


def pointed_at(folder: Path) -> str | None:
    """The name of the version in force, if one was ever written."""
    try:
        return (folder / POINTER).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def digest_of(staging: Path) -> str:
    """Names the contents of a folder's files."""
    digest = sha256()
    for path in sorted(staging.iterdir()):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            file_digest(file, lambda: digest)
    return digest.hexdigest()[:DIGEST_LENGTH]


def _share_files(folder: Path, staging: Path) -> None:
    """Links the files that the version in force has too, so that they are there once."""
    before = pointed_at(folder)
    if before is None:
        return
    for path in staging.iterdir():
        old = folder / before / path.name
        if old.exists() and cmp(path, old, shallow=False):
            path.unlink()
            path.hardlink_to(old)
