"""The online state: versions that never change behind one pointer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bentos.serving.errors import StateMissing
from bentos.serving.state import OnlineState, current_version, read_state, write_state

MIDNIGHT = datetime(2024, 3, 15, tzinfo=UTC)
TABLES = {
    "products": pa.table({"product_id": ["p1", "p2"], "recommendable": [True, False]}),
    "histories": pa.table({"user_id": ["a", "a", "b", "c", "c"], "product": [0, 1, 0, 1, 1]}),
}


def test_a_version_comes_back_as_it_was_written(tmp_path: Path) -> None:
    version = write_state(tmp_path, MIDNIGHT, TABLES)
    assert current_version(tmp_path) == version
    state = read_state(tmp_path, version)
    assert (state.version, state.as_of) == (version, MIDNIGHT)
    assert dict(state.tables) == TABLES


def test_a_version_is_named_after_its_time_and_its_contents(tmp_path: Path) -> None:
    version = write_state(tmp_path, MIDNIGHT, TABLES)
    assert version.startswith("20240315T000000-")
    other = TABLES | {"products": TABLES["products"].slice(0, 1)}
    assert write_state(tmp_path, MIDNIGHT, other) != version
    assert write_state(tmp_path, MIDNIGHT.replace(day=16), TABLES) != version


def test_the_same_contents_are_the_same_version_however_they_are_chunked(tmp_path: Path) -> None:
    version = write_state(tmp_path, MIDNIGHT, TABLES)
    chunked = {
        name: pa.concat_tables([table.slice(0, 1), table.slice(1)])
        for name, table in TABLES.items()
    }
    assert write_state(tmp_path, MIDNIGHT, chunked) == version
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([version, "current"])


def test_a_version_names_the_indexes_that_belong_to_it(tmp_path: Path) -> None:
    states, index = tmp_path / "online_state", tmp_path / "indexes" / "search" / "v1"
    version = write_state(states, MIDNIGHT, TABLES, {"search": index})
    assert read_state(states, version).indexes == {"search": index}
    assert write_state(states, MIDNIGHT, TABLES, {"search": index.with_name("v2")}) != version


def test_indexes_are_found_where_the_home_was_moved_to(tmp_path: Path) -> None:
    home = tmp_path / "home"
    version = write_state(
        home / "online_state", MIDNIGHT, TABLES, {"search": home / "indexes" / "search" / "v1"}
    )
    home.rename(tmp_path / "moved")
    state = read_state(tmp_path / "moved" / "online_state", version)
    assert state.indexes == {"search": tmp_path / "moved" / "indexes" / "search" / "v1"}


def test_the_pointer_moves_and_old_versions_stay(tmp_path: Path) -> None:
    old = write_state(tmp_path, MIDNIGHT, TABLES)
    new = write_state(tmp_path, MIDNIGHT.replace(day=16), TABLES)
    assert current_version(tmp_path) == new
    assert read_state(tmp_path, old).as_of == MIDNIGHT


def test_a_state_in_use_survives_its_successor(tmp_path: Path) -> None:
    state = read_state(tmp_path, write_state(tmp_path, MIDNIGHT, TABLES))
    write_state(tmp_path, MIDNIGHT.replace(day=16), TABLES)
    assert state.tables["histories"]["user_id"].to_pylist() == ["a", "a", "b", "c", "c"]


def test_what_can_not_be_written_leaves_the_pointer_where_it_was(tmp_path: Path) -> None:
    version = write_state(tmp_path, MIDNIGHT, TABLES)
    with pytest.raises(FileNotFoundError):
        write_state(tmp_path, MIDNIGHT.replace(day=16), TABLES | {"no/folder": TABLES["products"]})
    assert current_version(tmp_path) == version
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([version, "current"])


def test_every_product_of_the_catalogue_is_known_recommendable_or_not() -> None:
    assert OnlineState("v", MIDNIGHT, TABLES).known_products == {"p1", "p2"}


def test_each_user_has_the_rows_of_their_own() -> None:
    rows = OnlineState("v", MIDNIGHT, TABLES).rows_of_user
    assert rows == {"a": slice(0, 2), "b": slice(2, 3), "c": slice(3, 5)}


def test_without_histories_there_are_no_users() -> None:
    empty = TABLES | {"histories": TABLES["histories"].slice(0, 0)}
    assert OnlineState("v", MIDNIGHT, empty).rows_of_user == {}


def test_before_the_first_version_it_says_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(StateMissing, match="shopkeeper publish-state"):
        current_version(tmp_path / "nowhere")


def _forget(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _tear(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _scramble(path: Path) -> None:
    path.write_bytes(b"\xff" * 500)


@pytest.mark.parametrize("file", ["state.json", "products.arrow", "histories.arrow"])
@pytest.mark.parametrize("damage", [_forget, _empty, _tear, _scramble])
def test_a_damaged_version_is_refused(
    tmp_path: Path, file: str, damage: Callable[[Path], None]
) -> None:
    version = write_state(tmp_path, MIDNIGHT, TABLES)
    damage(tmp_path / version / file)
    with pytest.raises(StateMissing, match=version):
        read_state(tmp_path, version)


@pytest.mark.parametrize(
    "description",
    ["[]", "{}", '{"tables": []}', '{"tables": [], "as_of": "soon"}', '{"tables": 1}', "null"],
)
def test_a_description_that_describes_nothing_is_refused(tmp_path: Path, description: str) -> None:
    version = write_state(tmp_path, MIDNIGHT, TABLES)
    (tmp_path / version / "state.json").write_text(description)
    with pytest.raises(StateMissing, match=version):
        read_state(tmp_path, version)


@pytest.mark.parametrize("version", ["", "20240101T000000-none"])
def test_a_version_that_is_not_there_is_refused(tmp_path: Path, version: str) -> None:
    write_state(tmp_path, MIDNIGHT, TABLES)
    with pytest.raises(StateMissing):
        read_state(tmp_path, version)


def test_a_table_that_did_not_change_is_on_the_disk_once(tmp_path: Path) -> None:
    first, second = _two_versions(tmp_path)
    assert first.joinpath("products.arrow").samefile(second / "products.arrow")
    assert not first.joinpath("histories.arrow").samefile(second / "histories.arrow")


def test_a_damaged_file_is_not_carried_into_the_next_version(tmp_path: Path) -> None:
    version = write_state(tmp_path, MIDNIGHT, TABLES)
    _tear(tmp_path / version / "products.arrow")
    (tmp_path / version / "state.json").write_text("damaged too")
    changed = {**TABLES, "histories": TABLES["histories"].slice(1)}
    after = write_state(tmp_path, MIDNIGHT, changed)
    assert read_state(tmp_path, after).tables["products"].equals(TABLES["products"])


def _two_versions(folder: Path) -> tuple[Path, Path]:
    changed = {**TABLES, "histories": TABLES["histories"].slice(1)}
    names = [write_state(folder, MIDNIGHT, tables) for tables in (TABLES, changed)]
    return folder / names[0], folder / names[1]
