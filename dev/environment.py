"""The virtual environment: Odoo's tested versions and the developer's tools, all pinned."""

import shutil
import sys
import venv
from pathlib import Path

from .console import Failure, run, run_long
from .paths import CACHE, LINT_LOCK_FILE, LOCK_FILE, SCREENSHOTS_LOCK_FILE, digest, locked

SUPPORTED = (3, 11)


def ensure_environment() -> Path:
    """Return the environment's ``bin`` folder, building it when the lock file changed."""
    return _ensure("venv", LOCK_FILE)


def ensure_lint_environment() -> Path:
    """Return the ``bin`` folder of the environment with pre-commit and what makes the pages of the add-ons."""
    return _ensure("venv-lint", LINT_LOCK_FILE)


def ensure_screenshots_environment() -> Path:
    """Return the ``bin`` folder of the environment that drives the browser of ``make screenshots``."""
    return _ensure("venv-screenshots", SCREENSHOTS_LOCK_FILE)


def _ensure(name: str, lock_file: Path) -> Path:
    if sys.version_info[:2] != SUPPORTED:
        raise Failure(f"Python {'.'.join(map(str, SUPPORTED))} is required (Debian 12's own), by the pinned packages")
    folder = CACHE / f"{name}-{digest(lock_file.read_bytes(), sys.version, sys.base_prefix)}"
    complete = folder / "complete"
    if not complete.exists():
        with locked("venv"):
            if not complete.exists():
                _build(folder, lock_file)
                if lock_file == LOCK_FILE:
                    _add_wkhtmltopdf(folder)
                complete.touch()
    return folder / "bin"


def _build(folder: Path, lock_file: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True, symlinks=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
    # Some of the pinned releases are so old that their build wants setuptools as it was then.
    run([*pip, "--quiet", *_pinned("setuptools", "wheel")])
    run_long("Python packages", [*pip, "--no-deps", "-r", lock_file], log="pip")
    run([folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "check"])


def _add_wkhtmltopdf(folder: Path) -> None:
    # Debian's wkhtmltopdf lacks the patched Qt that Odoo's headers and footers need; this one has it.
    (folder / "bin" / "wkhtmltopdf").symlink_to("wkhtmltopdf-pack")


def _pinned(*names: str) -> list[str]:
    lines = [line.split("#")[0].strip() for line in LOCK_FILE.read_text().splitlines()]
    return [line for line in lines if line.split("==")[0] in names]
