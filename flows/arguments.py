"""What commands take, and how they print for programs."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bentos.registry import SCENARIOS

Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, YYYY-MM-DD (UTC).")
]
Data = Annotated[
    Path | None, typer.Option(help="A folder of your own data (docs/bring-your-own-data.md).")
]
AnyDay = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]
Tag = Annotated[str | None, typer.Option(metavar="TAG", help="A model of the store.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def _known(scenario: str | None) -> str | None:
    if scenario is not None and scenario not in SCENARIOS:
        raise typer.BadParameter(f"there is no {scenario!r}; there is {', '.join(SCENARIOS)}")
    return scenario


Scenario = Annotated[
    str, typer.Argument(help=f"Which kind of model: {', '.join(SCENARIOS)}.", callback=_known)
]
OneScenario = Annotated[
    str | None,
    typer.Option("--scenario", help=f"Only of one: {', '.join(SCENARIOS)}.", callback=_known),
]


def print_json(value: Any) -> None:
    """A line of JSON; days as text."""
    typer.echo(json.dumps(value, default=date.isoformat))
