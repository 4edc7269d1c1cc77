"""What `shopkeeper up` starts and `down` stops: supervisord over Prefect, its worker and services.

supervisord restarts what dies. It is driven over its socket, which lies in the temporary folder
because a socket's path may have only a hundred characters.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from jinja2 import Environment, PackageLoader
from supervisor.xmlrpc import SupervisorTransport

from bentos.registry import SCENARIOS
from flows.environment import listens
from flows.errors import SupervisorError
from flows.settings import Settings

ROOT = Path(__file__).parent.parent
POOL = "shopkeeper"
_SERVER, _WORKER = "prefect-server", "prefect-worker"
_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Program:
    """A supervised process, as supervisord sees it."""

    name: str
    state: str  # RUNNING, STARTING, BACKOFF, STOPPED, FATAL, …
    pid: int
    description: str


def start(settings: Settings) -> None:
    """Starts the Prefect server, then its worker; services start when a model is deployed.

    Raises:
        SupervisorError: it runs already, a port is taken, or the server does not come up.
    """
    if is_up(settings):
        raise SupervisorError(
            f"shopkeeper is already up in {settings.home}; `shopkeeper status` shows what runs, "
            "`shopkeeper down` stops it."
        )
    _refuse_busy_ports(settings)
    subprocess.run(
        [str(_BIN / "supervisord"), "-c", str(_write_configuration(settings))],
        check=True,
        cwd=ROOT,
    )
    _wait_for(lambda: listens(settings.host, settings.prefect_port), settings, _SERVER)
    os.environ["PREFECT_API_URL"] = settings.prefect_api
    _deploy_flows()
    start_program(settings, _WORKER)
    for scenario in SCENARIOS:
        if (settings.home / "rollouts" / f"{scenario}.json").exists():
            start_services(settings, scenario)


def stop(settings: Settings) -> None:
    """Stops everything that `start` started.

    Raises:
        SupervisorError: nothing runs.
    """
    if not is_up(settings):
        raise SupervisorError(f"shopkeeper is not up in {settings.home}: there is nothing to stop.")
    _supervisor(settings).shutdown()
    deadline = time.monotonic() + 30
    while _socket(settings).exists() and time.monotonic() < deadline:
        time.sleep(0.2)


def programs(settings: Settings) -> list[Program]:
    """What runs and what does not; empty when shopkeeper is not up."""
    if not is_up(settings):
        return []
    return [
        Program(info["name"], info["statename"], info["pid"], info["description"])
        for info in _supervisor(settings).getAllProcessInfo()
    ]


def is_up(settings: Settings) -> bool:
    """Whether supervisord answers."""
    try:
        return bool(_supervisor(settings).getState())
    except (OSError, Fault):
        return False


def start_services(settings: Settings, scenario: str) -> None:
    """Starts every replica of a scenario that does not run yet."""
    for name in settings.ports_of(scenario):
        start_program(settings, name)


def start_program(settings: Settings, name: str) -> None:
    """Starts one program, if it does not run yet."""
    states = {program.name: program.state for program in programs(settings)}
    if states.get(name) not in {"RUNNING", "STARTING"}:
        _supervisor(settings).startProcess(name)


def _supervisor(settings: Settings) -> Any:
    transport = SupervisorTransport(None, None, f"unix://{_socket(settings)}")
    return ServerProxy("http://127.0.0.1", transport=transport).supervisor


def _socket(settings: Settings) -> Path:
    digest = sha256(str(settings.home.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"shopkeeper-{os.getuid()}-{digest}.sock"


def _refuse_busy_ports(settings: Settings) -> None:
    services = [("SHOPKEEPER_SERVICE_PORT", port) for _, _, port in _services(settings)]
    for variable, port in [("SHOPKEEPER_PREFECT_PORT", settings.prefect_port), *services]:
        if listens(settings.host, port):
            raise SupervisorError(
                f"port {port} on {settings.host} is taken by another process; stop that one, or "
                f"set {variable} to a free port."
            )


def _services(settings: Settings) -> list[tuple[str, str, int]]:
    """Scenario, program and port of every replica."""
    return [
        (scenario, name, port)
        for scenario in SCENARIOS
        for name, port in settings.ports_of(scenario).items()
    ]


def _write_configuration(settings: Settings) -> Path:
    home = settings.home.resolve()
    settings.logs.mkdir(parents=True, exist_ok=True)
    prefect = _BIN / "prefect"
    place = f"--host {settings.host} --port {settings.prefect_port}"
    server = f"{sys.executable} -m flows.prefect_server server start {place}"
    worker = f"{prefect} worker start --pool {POOL} --type process"
    services = [
        {
            "name": name,
            "command": f"{sys.executable} -m flows.serve {scenario} {port}",
            "autostart": False,
        }
        for scenario, name, port in _services(settings)
    ]
    text = (
        Environment(loader=PackageLoader("flows"), autoescape=False)
        .get_template("supervisord.conf")
        .render(
            root=ROOT,
            home=home,
            logs=settings.logs.resolve(),
            socket=_socket(settings),
            programs=[
                {"name": _SERVER, "command": server, "autostart": True},
                {
                    "name": _WORKER,
                    "command": worker,
                    "autostart": False,
                    "api": settings.prefect_api,
                },
                *services,
            ],
        )
    )
    path = home / "supervisord.conf"
    path.write_text(text, encoding="utf-8")
    return path


def _deploy_flows() -> None:
    for arguments in (
        ["work-pool", "create", POOL, "--type", "process", "--overwrite"],
        ["concurrency-limit", "create", "warehouse", "1"],
        ["gcl", "update", "tag:warehouse", "--active-slots", "0"],  # whoever held one is gone
        ["--no-prompt", "deploy", "--all", "--prefect-file", "deploy/prefect.yaml"],
    ):
        outcome = subprocess.run(
            [str(_BIN / "prefect"), *arguments], cwd=ROOT, capture_output=True, text=True
        )
        if outcome.returncode != 0:
            said = (outcome.stderr or outcome.stdout).strip()
            raise SupervisorError(f"`prefect {' '.join(arguments)}` failed: {said}")


def _wait_for(ready: Any, settings: Settings, name: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.2)
    raise SupervisorError(
        f"{name} did not come up within {seconds:.0f} s; see {settings.logs / f'{name}.log'}."
    )
