"""The online state: what a service knows of products and shoppers when a request comes.

Versions are folders of Arrow files that never change; ``current`` names the one in force. The flows
write them, services map them read-only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from os.path import relpath
from pathlib import Path

import numpy as np
import pyarrow as pa

from bentos.serving.arrow import map_table, write_table
from bentos.serving.errors import StateMissing
from bentos.serving.versions import digest_of, pointed_at, write_version

_DESCRIPTION = "state.json"


@dataclass(frozen=True)
class OnlineState:
    """One version: its tables by name, and the time up to which they hold what happened."""

    version: str
    as_of: datetime  # UTC
    tables: Mapping[str, pa.Table]
    indexes: Mapping[str, Path] = field(default_factory=dict)  # of the catalogue, by scenario

    @cached_property
    def known_products(self) -> frozenset[str]:
        """Every product of the catalogue, recommendable or not."""
        return frozenset(self.tables["products"]["product_id"].to_pylist())

    @cached_property
    def rows_of_user(self) -> Mapping[str, slice]:
        """Where in ``histories`` (sorted by user) each user's rows lie."""
        encoded = self.tables["histories"]["user_id"].combine_chunks().dictionary_encode()
        codes = encoded.indices.to_numpy()
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        ends = np.append(starts, len(codes))[1:]
        users = encoded.dictionary.take(encoded.indices.take(pa.array(starts))).to_pylist()
        return {
            user: slice(int(start), int(end))
            for user, start, end in zip(users, starts, ends, strict=True)
        }


def write_state(
    folder: Path,
    as_of: datetime,
    tables: Mapping[str, pa.Table],
    indexes: Mapping[str, Path] | None = None,
) -> str:
    """Writes a version, makes it the current one, and returns its name.

    The name ends in a digest of the contents: the same contents are the same version. Indexes lie
    elsewhere, never change either, and are named by their place beside ``folder``.
    """

    def fill(staging: Path) -> None:
        for name, table in tables.items():
            write_table(staging / f"{name}.arrow", table)
        places = {name: relpath(path, folder) for name, path in sorted((indexes or {}).items())}
        description = {"as_of": as_of.isoformat(), "tables": sorted(tables), "indexes": places}
        (staging / _DESCRIPTION).write_text(json.dumps(description), encoding="utf-8")

    return write_version(
        folder, lambda staging: f"{as_of:%Y%m%dT%H%M%S}-{digest_of(staging)}", fill
    )


def current_version(folder: Path) -> str:
    """The name of the version in force.

    Raises:
        StateMissing: none was ever written.
    """
    version = pointed_at(folder)
    if version is None:
        raise StateMissing(
            f"{folder} holds no online state; the nightly flow writes one, and so does "
            "`shopkeeper publish-state`."
        )
    return version


def read_state(folder: Path, version: str) -> OnlineState:
    """Maps a version into memory.

    Raises:
        StateMissing: the version is not there, or damaged.
    """
    try:
        description = json.loads((folder / version / _DESCRIPTION).read_text(encoding="utf-8"))
        as_of = datetime.fromisoformat(description["as_of"]).replace(tzinfo=UTC)
        tables = {
            name: map_table(folder / version / f"{name}.arrow") for name in description["tables"]
        }
        places = description.get("indexes", {})  # states from before there were any lack them
        indexes = {name: (folder / place).resolve() for name, place in places.items()}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid) as error:
        raise StateMissing(f"online state {version} in {folder} can't be read: {error}") from error
    return OnlineState(version, as_of, tables, indexes)
