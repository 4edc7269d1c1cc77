"""Notices of incidents, sent through a block of a real Prefect server to a real listener."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.flows.conftest import Run

OPS = "custom-webhook/ops"
INCIDENT = "recommend-20240315-unknown"

# Nights of a scenario of which a metric left its band, told by the task that nights run. Each line
# that is printed: what the listener was sent that night, and the notices that are remembered.
_NIGHTS = """
import json, sys, threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from flows.environment import prepare
from flows.settings import Settings
from flows.temporary_server import server_for_a_command

settings = Settings()
prepare(settings)
wait_for_server = server_for_a_command()
from prefect import flow
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from flows.incidents import notify
from flows.nightly import tell
from warehouse.connection import open_warehouse

DAY = date(2024, 3, 15)
received = []
answers = iter(json.loads(sys.argv[2]))

class Listener(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = next(answers, 200)
        if status == 200:
            received.append(json.loads(body))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

listener = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
threading.Thread(target=listener.serve_forever, daemon=True).start()
with open_warehouse(settings.warehouse) as connection:
    connection.execute(
        "insert into alerts by name select 'recommend' as scenario, $1 as day, 'ctr@10' as metric, "
        "'m:1' as model_tag, 'champion' as variant, 'all' as segment, $1 as as_of, 0.03 as value, "
        "0.001 as standard_error, 5000 as n, 0.04 as expected, 0.035 as low, 0.045 as high, "
        "'down' as direction", [DAY],
    )

@flow
def night(day, block):
    return tell(settings.model_copy(update={"notify": block}), "recommend", day)

wait_for_server()
CustomWebhookNotificationBlock(
    name="ops",
    url=f"http://127.0.0.1:{listener.server_port}/",
    json_data={"text": "{{subject}} | {{body}}"},
).save("ops")
Secret(value="no channel").save("ops")
notify.send.retry_delay_seconds = 0
for after, block in json.loads(sys.argv[1]):
    night(DAY + timedelta(days=after), block)
    with open_warehouse(settings.warehouse) as connection:
        told = connection.execute(
            "select what from incident_notices order by what"
        ).fetchall()
    print(json.dumps([received, [what for (what,) in told]]), flush=True)
    received.clear()
"""


def _nights(
    python: Run, nights: list[tuple[int, str]], answers: list[int]
) -> tuple[list[Any], str]:
    """What each night came to, so many days after the first, and what was logged."""
    ran = python("-c", _NIGHTS, json.dumps(nights), json.dumps(answers))
    assert ran.returncode == 0, ran.stderr[-3000:]
    return [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


def test_an_incident_is_told_once_and_its_end_once(python: Run) -> None:
    nights, _ = _nights(python, [(after, OPS) for after in (0, 0, 1, 4, 5)], [])
    (opened, told), again, quiet, (ended, all_told), after = nights
    (text,) = (each["text"] for each in opened)
    assert text.startswith("Shopkeeper: critical for recommend opened: unknown | ")
    assert "ctr@10 fell 25.0% since 15 March" in text
    assert text.endswith(f"shopkeeper incident {INCIDENT}")
    assert told == ["opened"]
    assert again == quiet == [[], ["opened"]]
    (text,) = (each["text"] for each in ended)
    assert text.startswith("Shopkeeper: critical for recommend ended: unknown | ")
    assert "It was over on 19 March: its signals were as usual again." in text
    assert all_told == ["ended", "opened"]
    assert after == [[], ["ended", "opened"]]


def test_whom_nobody_can_tell_the_next_night_tells_and_each_night_goes_on(python: Run) -> None:
    """There is no such block, or none that sends anything, or its listener refuses thrice."""
    useless = ["custom-webhook/nobody", "secret/ops", "nonsense"]
    asked = [*((0, block) for block in useless), (0, OPS), (1, OPS)]
    nights, logged = _nights(python, asked, [503, 503, 503])
    assert nights[:-1] == [[[], []]] * 4
    received, told = nights[-1]
    assert (len(received), told) == (1, ["opened"])
    for block in (*useless, OPS):
        assert f"nobody was told of {INCIDENT} through {block}" in logged
    assert logged.count("the next night tries again") == 4
