"""A Prefect server for one command, where none runs.

Prefect would start one by itself, but not ours, whose writers wait for each other
(``flows/prefect_server.py``), and not while the command still imports what it runs.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from flows.environment import listens
from flows.errors import ServerMissing

_SECONDS = 60.0  # on a machine that has much else to do
_HOST = "127.0.0.1"


def server_for_a_command() -> Callable[[], None]:
    """Starts a server unless one is known; returns what waits until it answers.

    It ends with this process, however that ends, after Prefect has told it the last.

    Raises:
        ServerMissing: while it waits: none came up.
    """
    if "PREFECT_API_URL" in os.environ:
        return lambda: None
    port = _free_port()
    os.environ["PREFECT_API_URL"] = f"http://{_HOST}:{port}/api"
    server = subprocess.Popen(
        [sys.executable, "-m", "flows.temporary_server", f"{port}"],
        stdin=subprocess.PIPE,  # closed when we end
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PREFECT_UI_ENABLED": "false"},
        start_new_session=True,  # a Ctrl-C is for the flow, which tells the server of it
    )
    atexit.register(_end, server)
    return lambda: _wait_for(server, port)


def _end(server: subprocess.Popen[bytes]) -> None:
    try:
        server.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        server.kill()


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if listens(_HOST, port):
            return
        time.sleep(0.05)
    raise ServerMissing(
        f"no Prefect server came up for this command on port {port}; it was given {_SECONDS:.0f} "
        "seconds. `python -m flows.prefect_server server start` says what is wrong with it."
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port: int = free.getsockname()[1]
    return port


def main() -> None:
    """Runs a server on the port that is named, until standard input is closed."""
    from flows.prefect_server import main as serve

    def end_with_the_command() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_with_the_command, daemon=True).start()
    sys.argv = ["prefect", "server", "start", "--host", _HOST, "--port", sys.argv[1]]
    serve()


if __name__ == "__main__":
    main()
