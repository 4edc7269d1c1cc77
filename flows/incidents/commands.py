"""The commands that tell of incidents; they read published files only."""

from typing import Annotated

import typer

from flows.arguments import AsJson, OneScenario, print_json
from flows.settings import Settings

app = typer.Typer()


@app.command()
def incidents(
    scenario: OneScenario = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that are over, of the last quarter.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the incidents that are open, the worst first."""
    from flows.incidents.printing import print_incidents
    from flows.incidents.published import listed

    settings = Settings()
    found = listed(settings.published, scenario, ended=every)
    if as_json:
        print_json(found)
    else:
        print_incidents(found, ended=every)


@app.command()
def incident(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="As `incidents` names it.")],
    as_json: AsJson = False,
) -> None:
    """Tell of an incident: what moved, where it comes from, and what was decided."""
    from flows.incidents.printing import print_incident
    from flows.incidents.published import about

    found = about(Settings().published, incident_id)
    if as_json:
        print_json(found.as_json())
    else:
        print_incident(found)
