"""The SQL files of this room, found by name."""

from functools import cache
from importlib.resources import files


def statement(name: str, **placeholders: str) -> str:
    """The text of ``data_checks/sql/<name>.sql``, its ``{placeholders}`` filled with SQL."""
    text = _read(name)
    for placeholder, sql in placeholders.items():
        text = text.replace(f"{{{placeholder}}}", sql)
    return text


def quoted(text: str) -> str:
    """A string as a SQL literal, where DuckDB takes no parameter (the body of a view)."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _read(name: str) -> str:
    return (files("data_checks") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
