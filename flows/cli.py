"""The ``shopkeeper`` command.

Commands import what they run when they run it: Prefect and BentoML read their environment when they
are imported, so it has to be prepared before; and `--help` should not wait for torch.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pkgutil import resolve_name
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from bentos.registry import learns_from_judgments
from flows.arguments import AnyDay, AsJson, Data, Day, Scenario, Tag, print_json
from flows.environment import prepare
from flows.incidents import commands as incident_commands
from flows.settings import Settings
from flows.temporary_server import server_for_a_command

app = typer.Typer(
    name="shopkeeper",
    help="Fine-tunes, proves, serves, watches and retrains a shop's models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(incident_commands.app)


def main() -> None:
    """Runs the command; what goes wrong is one clear message and exit code 1."""
    try:
        settings = Settings()
    except ValidationError as error:
        fields = ", ".join(
            f"SHOPKEEPER_{e['loc'][0]}".upper() + f": {e['msg']}" for e in error.errors()
        )
        sys.exit(f"shopkeeper: a setting can't be used: {fields}")
    prepare(settings)
    with _plain_errors():
        app()


@contextmanager
def _plain_errors() -> Iterator[None]:
    from bentos.serving.errors import ServingError
    from data_checks import CheckError
    from flows.errors import FlowError
    from warehouse.errors import WarehouseError

    try:
        yield
    except (FlowError, WarehouseError, CheckError, ServingError) as error:
        sys.exit(f"shopkeeper: {error}")


def _run(flow: str, **parameters: Any) -> Any:
    """Runs a flow, named as ``module:function``; its server comes up while that is imported."""
    wait_for_server = server_for_a_command()
    from flows.console import quiet_tracebacks
    from flows.disk import room_on_disk
    from flows.slot import free_what_was_abandoned

    run: Callable[..., Any] = resolve_name(flow)
    quiet_tracebacks()
    with room_on_disk(Settings().home):
        wait_for_server()
        free_what_was_abandoned(Settings())
        return run(**parameters)


@app.command()
def demo(
    data: Data = None,
    first: Day = None,
    days: Annotated[int, typer.Option(min=1, help="How many days to replay.")] = 14,
    stop: Annotated[bool, typer.Option(help="Stop everything at the end.")] = False,
) -> None:
    """Run the whole round on real purchases, ingest to retraining: 12 to 18 minutes on 2 cores."""
    from flows.demo import bring_up

    bring_up(data)
    _run("flows.demo:run_demo", first=first and first.date(), days=days, stop_after=stop)


@app.command()
def up() -> None:
    """Start the Prefect server, its worker, and the services of deployed models."""
    from flows.console import print_places
    from flows.supervisor import start

    start(Settings())
    print_places(Settings())


@app.command()
def down() -> None:
    """Stop what `up` or `demo` started."""
    from flows.supervisor import stop

    stop(Settings())


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say what runs, which models serve, and how the last night went."""
    from flows.console import print_status
    from flows.status import status as look

    found = look(Settings())
    if as_json:
        print_json(found.as_json())
    else:
        print_status(found)


@app.command()
def ingest(day: Day = None) -> None:
    """Bring the source up to date: load, check, stage; all of it or one day's drop."""
    for table, rows in _run("flows.ingest:ingest_flow", day=day and day.date()).items():
        typer.echo(f"{table:<20} {rows:>12,} rows")


@app.command()
def validate() -> None:
    """Check what the warehouse holds of the source, and stage it again."""
    _run("flows.ingest:validate_flow")
    typer.echo(f"all checks passed; see {Settings().reports / 'checks.html'}")


@app.command()
def evaluate(
    scenario: Scenario,
    cut: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="Train before this day; may be repeated."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Fine-tune up to each cut and measure on the week after it, baselines beside it.

    What learns from judged queries is measured on all of them, by cross-validation.
    """
    from flows.sources import take_from

    if cut and learns_from_judgments(scenario):
        raise typer.BadParameter(
            f"{scenario} is measured on judged queries, not after a cut; leave --cut out"
        )
    if data is not None:
        take_from(data)
    cuts = [day.date() for day in cut or ()]
    asked = {"settings": Settings(), "scenario": scenario, "cuts": cuts}
    say = print_json if as_json else _print_evaluation
    for row in _run("flows.evaluations:evaluations", **asked):
        say(row)


@app.command(name="fine-tune")
def fine_tune(scenario: Scenario, cut: AnyDay) -> None:
    """Train a model on what happened before the cut; print its tag."""
    typer.echo(_run("flows.fine_tune:fine_tune_flow", scenario=scenario, cut=cut.date()))


@app.command()
def retrain(scenario: Scenario, as_of: Day = None, why: str = "on demand") -> None:
    """Fine-tune, prove, and promote what passes the gate; exit code 1 where it does not."""
    promoted = _run(
        "flows.retrain:retrain_flow", scenario=scenario, as_of=as_of and as_of.date(), why=why
    )
    typer.echo("promoted" if promoted else "kept the champion; `shopkeeper status` says why")
    raise typer.Exit(0 if promoted else 1)


@app.command()
def rollout(
    scenario: Scenario,
    champion: Tag = None,
    challenger: Tag = None,
    share: Annotated[
        float | None, typer.Option(help="Of users, whom the challenger answers: 0.1 is a tenth.")
    ] = None,
    shadow: Tag = None,
    interleave: Tag = None,
    end: Annotated[bool, typer.Option("--end", help="The champion serves alone.")] = False,
    why: str = "on demand",
    as_json: AsJson = False,
) -> None:
    """Have a model serve as champion, or beside it: to a share of users, unseen, or interleaved."""
    from flows.console import print_rollout

    named = {
        "champion": champion,
        "challenger": challenger,
        "shadow": shadow,
        "interleaved": interleave,
    }
    wanted = {variant: tag for variant, tag in named.items() if tag is not None}
    if len(wanted) + end != 1:
        raise typer.BadParameter(
            "one of --champion, --challenger, --shadow, --interleave and --end is needed, and no "
            "more than one"
        )
    if (challenger is None) != (share is None) or not 0 < (0.5 if share is None else share) < 1:
        raise typer.BadParameter(
            "--challenger needs --share, above 0 and below 1, and nothing else takes it"
        )
    ((variant, tag),) = wanted.items() or [("champion", None)]
    asked = {"scenario": scenario, "variant": variant, "model_tag": tag, "share": share, "why": why}
    record = _run("flows.rollout:rollout_flow", **asked)
    if as_json:
        print_json(record.model_dump())
    else:
        print_rollout(record)


@app.command(name="publish-state")
def publish_state(as_of: AnyDay) -> None:
    """Make what was known at the beginning of a day the online state."""
    typer.echo(_run("flows.online_state:publish_state_flow", as_of=as_of.date()))


@app.command()
def nightly(day: Day = None) -> None:
    """Take in a day's logs, measure them, decide whether to retrain, write the report pages."""
    retrained = _run("flows.nightly:nightly_flow", day=day and day.date())
    typer.echo(f"retrained: {', '.join(retrained) or 'nothing'}")


@app.command()
def backfill(first: AnyDay, last: AnyDay) -> None:
    """Stage and measure a range of days again from the rows that were pulled."""
    from flows.days import days_between

    days_between(first.date(), last.date())  # what makes no sense need not wait for a server
    days = _run("flows.backfill:backfill_flow", first=first.date(), last=last.date())
    typer.echo(f"measured {days:,} days again")


@app.command()
def replay(
    first: AnyDay,
    days: Annotated[int, typer.Option(min=1)] = 14,
) -> None:
    """Replay past days over HTTP (the service needs SHOPKEEPER_ALLOW_REPLAY=true)."""
    replayed = _run("flows.replay:replay_flow", first=first.date(), days=days)
    typer.echo(f"{replayed:,} searches and shopping trips replayed")


@app.command()
def report() -> None:
    """Write the report pages."""
    for path in _run("flows.report:report_flow"):
        typer.echo(path)


def _print_evaluation(row: Mapping[str, Any]) -> None:
    from flows.console import print_evaluation

    print_evaluation(row)


if __name__ == "__main__":
    main()
