"""Notices about incidents, sent through a notification block of Prefect."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from prefect import State, task
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.policies.notices import Notice
from flows.settings import Settings
from flows.slot import writable_warehouse
from warehouse.incidents import remember_sent


def notify(settings: Settings, notices: Sequence[Notice]) -> None:
    """Sends notices where ``SHOPKEEPER_NOTIFY`` names a block; what could not be sent waits.

    A night does not fail because nobody could be told: the log says so, and the next one tries
    again.
    """
    if settings.notify is None:
        return
    for notice in notices:
        state = send(settings.notify, notice, return_state=True)
        if not state.is_completed():
            get_run_logger().warning(
                "nobody was told of %s through %s: %s; the next night tries again",
                *(notice.incident_id, settings.notify, state.message),
            )
            continue
        with writable_warehouse(settings, f"notice of {notice.incident_id}") as connection:
            remember_sent(connection, notice.key, datetime.now(UTC))


def _may_pass(_task: object, _run: object, state: State[None]) -> bool:
    """A block that is not there will not be in five seconds; whom it calls may be."""
    return not isinstance(state.result(raise_on_failure=False), ValueError)


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5, retry_condition_fn=_may_pass)
def send(block: str, notice: Notice) -> None:
    """Sends a notice through a block, named ``type/name`` as in Prefect's UI.

    Raises:
        ValueError: there is no such block, or it sends no notifications.
    """
    channel = Block.load(block)  # declared async, and sync where nothing else runs
    if not isinstance(channel, NotificationBlock):
        raise ValueError(f"{block} is no notification block: SHOPKEEPER_NOTIFY has to name one")
    tell: Callable[..., object] = channel.notify
    with channel.raise_on_failure():  # most only log that nobody could be told
        tell(body=notice.body, subject=notice.subject)
