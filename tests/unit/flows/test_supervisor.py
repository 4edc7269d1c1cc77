"""What supervisord is told to run."""

from __future__ import annotations

from configparser import RawConfigParser
from pathlib import Path

from flows.settings import Settings
from flows.supervisor import _write_configuration


def test_every_replica_is_a_program_at_a_port_of_its_own(tmp_path: Path) -> None:
    written = RawConfigParser()
    written.read(_write_configuration(Settings(home=tmp_path, replicas=2, service_port=3000)))
    commands = {
        section.removeprefix("program:"): written[section]["command"].split(" -m ")[-1]
        for section in written.sections()
        if section.startswith("program:") and "flows.serve" in written[section]["command"]
    }
    assert commands == {
        "recommend": "flows.serve recommend 3000",
        "recommend-2": "flows.serve recommend 3002",
        "search": "flows.serve search 3001",
        "search-2": "flows.serve search 3003",
    }
