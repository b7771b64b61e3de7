"""PostgreSQL: a private server on a local socket, or the one that ``TIMEBILL_PGURL`` names.

The private server listens on no network port. It is started when needed and left running for the next
command (``make stop`` stops it). Data in it can always be made again, so it trades safety for speed.
"""

import os
import pwd
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from .console import Failure, run, say
from .paths import CACHE, digest, locked
from .system import postgres_bin

CLUSTER = CACHE / "postgres"
ROLE = "odoo"
PORT = "5432"
#: Users that may run the server when we are root: PostgreSQL refuses to.
SERVER_USERS = ("postgres", "nobody")
SETTINGS = """
# Written by dev/postgres.py: a development server whose data may be lost.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
shared_buffers = 512MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 30min
autovacuum_naptime = 5min
# jit costs more than it gives on the many small queries of an ORM
jit = off
log_min_messages = fatal
"""


def _socket_folder() -> Path:
    """Return the folder of the server's socket: short, because a socket's path is limited to 107 bytes."""
    inside = CLUSTER / "socket"
    return inside if len(str(inside)) < 80 else Path("/tmp") / f"timebill-{os.getuid()}-{digest(str(CACHE))}"


def connection() -> dict[str, str]:
    """Return how to connect, as libpq's environment variables."""
    url = os.environ.get("TIMEBILL_PGURL")
    if not url:
        return {"PGHOST": str(_socket_folder()), "PGPORT": PORT, "PGUSER": ROLE}
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    found = {
        "PGHOST": query.get("host") or parts.hostname,
        "PGPORT": str(parts.port or query.get("port") or PORT),
        "PGUSER": parts.username and urllib.parse.unquote(parts.username),
        "PGPASSWORD": parts.password and urllib.parse.unquote(parts.password),
    }
    return {name: value for name, value in found.items() if value}


def environ() -> dict[str, str]:
    """Return the environment for PostgreSQL's own client programs."""
    return {**os.environ, **connection()}


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    folder = postgres_bin()
    found = folder / name if folder else None
    return str(found) if found and found.exists() else shutil.which(name) or name


def query(sql: str, database: str = "postgres") -> list[str]:
    """Run one statement and return the lines of its answer, the columns separated by ``|``."""
    command = [program("psql"), "--no-psqlrc", "-qAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
    return run(command, env=environ()).stdout.splitlines()


def is_running() -> bool:
    """Tell whether the server answers."""
    try:
        return query("SELECT 1") == ["1"]
    except (Failure, FileNotFoundError):
        return False


def ensure_server() -> bool:
    """Start the server if it is down; return whether it was us who started it."""
    if os.environ.get("TIMEBILL_PGURL"):
        if not is_running():
            raise Failure("The PostgreSQL server of TIMEBILL_PGURL does not answer")
        return False
    if is_running():
        return False
    with locked("postgres"):
        if is_running():
            return False
        if not (CLUSTER / "data" / "PG_VERSION").exists():
            _create_cluster()
        _start()
    return True


def _create_cluster() -> None:
    say("Create a private PostgreSQL server")
    shutil.rmtree(CLUSTER / "data", ignore_errors=True)
    CLUSTER.mkdir(parents=True, exist_ok=True)
    user = _server_user()
    if user:
        account = pwd.getpwnam(user)
        os.chown(CLUSTER, account.pw_uid, account.pw_gid)
    initdb = [program("initdb"), "-D", CLUSTER / "data", "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    run(_as_server_user([*initdb, "--no-sync"]), cwd="/")


def _start() -> None:
    socket = _socket_folder()
    socket.mkdir(parents=True, exist_ok=True)
    socket.chmod(0o700)
    user = _server_user()
    if user:
        account = pwd.getpwnam(user)
        os.chown(socket, account.pw_uid, account.pw_gid)
    settings = CLUSTER / "data" / "postgresql.auto.conf"
    owner = settings.stat()
    settings.write_text(SETTINGS.format(socket=socket))
    os.chown(settings, owner.st_uid, owner.st_gid)
    command = [program("pg_ctl"), "-D", CLUSTER / "data", "-l", CLUSTER / "data" / "server.log", "-w", "-s", "start"]
    # The server outlives this command: give it none of our files, or whoever waits for our output hangs.
    started = subprocess.run(
        [str(part) for part in _as_server_user(command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        check=False,
    )
    for _attempt in range(50):
        if is_running():
            return
        time.sleep(0.2)
    log = CLUSTER / "data" / "server.log"
    tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise Failure(f"PostgreSQL did not start (exit code {started.returncode})\n{tail}")


def stop_server() -> None:
    """Stop the private server, if it runs; another server is never touched."""
    if os.environ.get("TIMEBILL_PGURL") or not (CLUSTER / "data" / "postmaster.pid").exists():
        return
    with locked("postgres"):
        command = [program("pg_ctl"), "-D", CLUSTER / "data", "-m", "fast", "-w", "-s", "stop"]
        run(_as_server_user(command), cwd="/")
    say("PostgreSQL stopped")


def is_used() -> bool:
    """Tell whether somebody else is connected to the server."""
    return query("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'") != ["1"]


def _server_user() -> str | None:
    """Return the user to run the server as, or None for ourselves."""
    if os.getuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for user in SERVER_USERS:
        if user in known:
            _check_reachable()
            return user
    raise Failure("PostgreSQL does not run as root, and there is no user to run it as")


def _check_reachable() -> None:
    closed = [folder for folder in (CLUSTER, *CLUSTER.parents) if folder.exists() and not folder.stat().st_mode & 0o001]
    if closed and closed != [CLUSTER]:
        raise Failure(f"PostgreSQL does not run as root, and its user cannot enter {closed[-1]}: set TIMEBILL_CACHE")


def _as_server_user(command: Sequence[str | Path]) -> list[str | Path]:
    user = _server_user()
    return list(command) if not user else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
