"""The Prefect server: the ``prefect`` command, whose writers wait for each other on SQLite.

Prefect begins a transaction without the right to write. One that has read, and then writes after
another one did, can't be helped by waiting: SQLite refuses it at once, the server answers 503, and
the client asks again after two seconds. Who takes the warehouse slot runs into that every third
time, for just then the server writes down what the task before did. A transaction that begins with
the right to write waits for its turn instead, some milliseconds.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prefect.cli import app
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.server.database.dependencies import set_database_config
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction


class PatientSqlite(AioSqliteConfiguration):
    """SQLite, with the right to write from a transaction's beginning."""

    @asynccontextmanager
    async def begin_transaction(
        self,
        session: AsyncSession,
        with_for_update: bool = False,  # noqa: ARG002 (it always may)
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        """Begins as Prefect does where it is asked ``with_for_update``."""
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction


def main() -> None:
    """Runs the command; another database than SQLite is left as it is."""
    url = PREFECT_API_DATABASE_CONNECTION_URL.value()
    if url.startswith("sqlite"):
        set_database_config(PatientSqlite(url))
    app()


if __name__ == "__main__":
    main()
