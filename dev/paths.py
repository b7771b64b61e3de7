"""Where things live: the repository, the cache outside of it, and the names derived from both."""

import ast
import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
LOCK_FILE = REPO / "dev" / "requirements.txt"
#: Add-ons that only tests install: they show how others extend ours.
TEST_ADDONS = REPO / "test_addons"
LINT_LOCK_FILE = LOCK_FILE.with_name("requirements-lint.txt")
SCREENSHOTS_LOCK_FILE = LOCK_FILE.with_name("requirements-screenshots.txt")


def _cache_root() -> Path:
    """Return the folder that holds everything downloaded or generated.

    root gets a folder under ``/var/cache``: PostgreSQL refuses to run as root, and the user it runs as
    instead cannot enter root's home.
    """
    if os.environ.get("TIMEBILL_CACHE"):
        base = Path(os.environ["TIMEBILL_CACHE"]).expanduser().resolve()
    elif os.getuid() == 0:
        base = Path("/var/cache")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "timebill_legal"


CACHE = _cache_root()
LOGS = CACHE / "logs"


def digest(*parts: str | bytes, length: int = 12) -> str:
    """Return a short hash of the parts: the key of everything that is cached."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hasher.update(len(data).to_bytes(8, "big") + data)
    return hasher.hexdigest()[:length]


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process at a time do ``name``; the others wait (the lock goes with the process)."""
    folder = CACHE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def our_addons() -> list[str]:
    """Return the names of the add-ons of this repository: every folder with a manifest."""
    return sorted(path.parent.name for path in REPO.glob("*/__manifest__.py"))


def test_addons() -> list[str]:
    """Return the names of the add-ons that only tests install; nothing else ever sees them."""
    return sorted(path.parent.name for path in TEST_ADDONS.glob("*/__manifest__.py"))


def manifest(addon: str) -> dict:
    """Return the manifest of one of our add-ons."""
    folder = TEST_ADDONS if addon in test_addons() else REPO
    return ast.literal_eval((folder / addon / "__manifest__.py").read_text())
