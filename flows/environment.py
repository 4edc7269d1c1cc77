"""The environment our dependencies read: their homes under ours, their telemetry off.

Set before any of them is imported; what the user has set already wins.
"""

import os
import socket

from flows.settings import Settings

_LEASES = "prefect.server.concurrency.lease_storage.filesystem"
_DURABLE = {  # after a restart, too, the server knows and frees the slots that killed runs hold
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": _LEASES,
}
_QUIET = {
    "BENTOML_DO_NOT_TRACK": "true",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "TOKENIZERS_PARALLELISM": "false",
}


def prepare(settings: Settings) -> None:
    """Points Prefect and BentoML to the folders under our home, and to the server if it runs."""
    home = settings.home.resolve()
    os.environ["SHOPKEEPER_HOME"] = str(home)  # our processes may run in other folders
    if settings.source_path is not None:
        os.environ["SHOPKEEPER_SOURCE_PATH"] = str(settings.source_path.resolve())
    ours = {
        "BENTOML_HOME": str(home / "bentoml"),
        "PREFECT_HOME": str(home / "prefect"),
    }
    if listens(settings.host, settings.prefect_port):
        ours["PREFECT_API_URL"] = settings.prefect_api
    for name, value in (_DURABLE | _QUIET | ours).items():
        os.environ.setdefault(name, value)
    for folder in ("bentoml", "prefect"):
        (home / folder).mkdir(parents=True, exist_ok=True)


def listens(host: str, port: int) -> bool:
    """Whether somebody answers on the port."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False
