"""Messages, progress of long steps, and running other programs."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .paths import LOGS

START = time.monotonic()
#: Seconds between two signs of life of a long step, when the output is not a terminal.
HEARTBEAT = 15


class Failure(Exception):
    """An expected failure, shown to the developer without a traceback."""


def is_terminal() -> bool:
    """Return whether the output goes to a terminal; a job (dev/jobs.py) writes to a log even if its parent does not."""
    return sys.stderr.isatty()


def say(message: str) -> None:
    """Print a message with the time since the command started."""
    print(f"[{time.monotonic() - START:6.1f} s] {message}", file=sys.stderr, flush=True)


def run(command: Sequence[str | Path], **kwargs) -> subprocess.CompletedProcess:
    """Run a short command and return it; a failure shows what it printed."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **kwargs)
    if done.returncode:
        raise Failure(f"{_shown(command)}\nexit code {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done


def run_long(title: str, command: Sequence[str | Path], *, log: str, append: bool = False, **kwargs) -> Path:
    """Run a long command with its output in a log file, and show that it is alive.

    :param title: what is being done, for the developer
    :param log: name of the log file in the cache
    :return: the path of the log file
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    began = last = time.monotonic()
    with path.open("a" if append else "w") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            **{"stdin": subprocess.DEVNULL, **kwargs},
        )
        if not is_terminal():
            say(f"{title} …")
        try:
            while True:
                try:
                    process.wait(timeout=0.5)
                    break
                except subprocess.TimeoutExpired:
                    now = time.monotonic()
                    if is_terminal():
                        print(f"\r  … {title} ({now - began:.0f} s)", end="", file=sys.stderr, flush=True)
                    elif now - last >= HEARTBEAT:
                        last = now
                        say(f"  … {title} ({now - began:.0f} s)")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if is_terminal():
        print("\r\033[K", end="", file=sys.stderr)
    seconds = time.monotonic() - began
    if process.returncode:
        tail = "\n".join(path.read_text(errors="replace").splitlines()[-40:])
        raise Failure(f"{title}: exit code {process.returncode} after {seconds:.0f} s\n{tail}\n(whole log: {path})")
    say(f"{title}: done in {seconds:.1f} s")
    return path


def _shown(command: Sequence[str | Path]) -> str:
    return " ".join(str(part) for part in command)


def as_root(command: Sequence[str]) -> list[str]:
    """Return the command as root would run it: with sudo unless we are root."""
    return list(command) if os.getuid() == 0 else ["sudo", *command]
