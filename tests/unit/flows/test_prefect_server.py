"""Our Prefect server: two that read and then write wait for each other, and nobody is refused."""

from __future__ import annotations

from tests.unit.flows.conftest import Run

# What the server does where a task takes a slot while the events of another are written.
_TWO_AT_ONCE = """
import asyncio, sys
import sqlalchemy as sa
from prefect.server.database.configurations import AioSqliteConfiguration
from flows.prefect_server import PatientSqlite

async def increment(configuration, engine):
    async with await configuration.session(engine) as session:
        async with configuration.begin_transaction(session):
            (slots,) = (await session.execute(sa.text("select slots from limits"))).one()
            await asyncio.sleep(0.2)
            await session.execute(sa.text("update limits set slots = :n"), {"n": slots + 1})

async def both(configuration):
    engine = await configuration.engine()
    async with engine.connect() as connection:
        await connection.execute(sa.text("create table limits as select 0 as slots"))
    outcomes = await asyncio.gather(
        *(increment(configuration, engine) for _ in range(2)), return_exceptions=True
    )
    async with engine.connect() as connection:
        (slots,) = (await connection.execute(sa.text("select slots from limits"))).one()
    await engine.dispose()
    print(slots, [str(outcome) for outcome in outcomes if outcome is not None])

kind = {"ours": PatientSqlite, "theirs": AioSqliteConfiguration}[sys.argv[1]]
asyncio.run(both(kind("sqlite+aiosqlite:///prefect.db")))
"""


def test_both_writers_have_written(python: Run) -> None:
    ran = python("-c", _TWO_AT_ONCE, "ours")
    assert ran.stdout.split(maxsplit=1) == ["2", "[]\n"], ran.stderr[-2000:]


def test_prefect_alone_still_refuses_one_of_them(python: Run) -> None:
    """Once it does not, `flows/prefect_server.py` has no reason to be."""
    ran = python("-c", _TWO_AT_ONCE, "theirs")
    assert "database is locked" in ran.stdout, ran.stderr[-2000:]
