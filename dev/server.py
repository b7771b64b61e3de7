"""A real Odoo server process: in the foreground for people, in the background for tests."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence

from . import postgres
from .console import Failure, say
from .database import Database

HOST = "127.0.0.1"
START_SECONDS = 120


def free_port(preferred: int | None = None) -> int:
    """Return a free port of the loopback interface: the preferred one if it is free."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise Failure("No free port on the loopback interface")


def server_command(database: Database, port: int, *arguments: str) -> list[str]:
    """Return the command of a server for one database."""
    config = database.write_config()
    # The live chat's port as well, even though nothing listens there without workers: never a fixed port.
    ports = [f"--http-port={port}", f"--gevent-port={free_port()}"]
    return database.workplace.odoo("server", "-c", config, f"--http-interface={HOST}", *ports, *arguments)


def _tell_address(database: Database, address: str) -> None:
    """Store the address of the server in the database: PDFs fetch their style sheets from it."""
    postgres.query(
        "INSERT INTO ir_config_parameter (key, value) VALUES "
        f"('report.url', '{address}'), ('web.base.url', '{address}') "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        database.name,
    )


@contextlib.contextmanager
def running_server(database: Database, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a real server on a free port while the block lasts, and yield its address.

    :param arguments: more options for Odoo, for instance ``--smtp=127.0.0.1``
    :param environ: more environment variables for the server
    """
    port = free_port()
    address = f"http://{HOST}:{port}"
    _tell_address(database, address)
    log = database.folder / f"server-{port}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            server_command(database, port, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**database.workplace.environ(), **(environ or {})},
            cwd=database.folder,
        )
        try:
            if not _answers(address, process):
                raise Failure(f"The server did not start; its log ({log}) ends with:\n{log.read_text()[-3000:]}")
            yield address
        finally:
            _stop(process)


def serve(database: Database, arguments: Sequence[str] = (), *, welcome: str = "", port: int = 8069) -> int:
    """Run a server in the foreground until Ctrl+C, and return its exit code.

    :param welcome: printed when the server answers; ``{url}`` stands for its address
    """
    port = free_port(port)
    address = f"http://{HOST}:{port}"
    _tell_address(database, address)
    process = subprocess.Popen(
        server_command(database, port, *arguments), env=database.workplace.environ(), cwd=database.folder
    )

    def terminate(_signal, _frame):
        process.terminate()
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, terminate)
    try:
        if _answers(address, process):
            print(welcome.format(url=address) if welcome else f"\n  Odoo answers on {address}\n", flush=True)
        return process.wait()
    except KeyboardInterrupt:
        say("Stopping …")
        # Ctrl+C reached the server as well; a second signal would make it quit at once.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        return 0
    finally:
        _stop(process)
        signal.signal(signal.SIGTERM, previous)


def _answers(address: str, process: subprocess.Popen) -> bool:
    """Wait until the server answers; False if it ends before, or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.URLError):
            with urllib.request.urlopen(f"{address}/web/health", timeout=5):
                return True
        time.sleep(0.3)
    return False


def _stop(process: subprocess.Popen) -> None:
    """Terminate the process, then kill it if it does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
