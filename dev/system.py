"""Debian packages of the machine itself: installed only where something is missing."""

import importlib.util
import os
import shutil
from pathlib import Path

from .console import Failure, as_root, run_long, say
from .paths import locked

POSTGRES_ROOT = Path("/usr/lib/postgresql")
CLUSTER_SETTINGS = Path("/etc/postgresql-common/createcluster.conf")
#: Shared libraries of the wkhtmltopdf binary and of python-magic, by Debian package.
LIBRARIES = {
    "libxrender1": "libXrender.so.1",
    "libxext6": "libXext.so.6",
    "libx11-6": "libX11.so.6",
    "libfontconfig1": "libfontconfig.so.1",
    "libfreetype6": "libfreetype.so.6",
    "libjpeg62-turbo": "libjpeg.so.62",
    "libmagic1": "libmagic.so.1",
}
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def postgres_bin() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs on the machine."""
    folders = [path.parent for path in POSTGRES_ROOT.glob("*/bin/initdb")]
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


def missing_packages() -> list[str]:
    """Return the Debian packages whose files are not on the machine."""
    missing = []
    if not postgres_bin():
        missing.append("postgresql")
    if not shutil.which("chromium"):
        missing.append("chromium")
    if not shutil.which("pdftotext"):
        missing.append("poppler-utils")
    if not importlib.util.find_spec("ensurepip"):
        missing.append("python3-venv")
    if not FONT.exists():
        missing.append("fonts-dejavu-core")
    folders = [Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib/aarch64-linux-gnu"), Path("/usr/lib")]
    for package, library in LIBRARIES.items():
        if not any((folder / library).exists() for folder in folders):
            missing.append(package)
    return missing


def ensure_packages() -> None:
    """Install what is missing with apt, asking for a password at most once."""
    if not missing_packages():
        return
    with locked("apt"):
        missing = missing_packages()
        if not missing:
            return
        if os.getuid() and not shutil.which("sudo"):
            raise Failure(f"Please install these Debian packages first: {' '.join(missing)}")
        say(f"Debian packages to install: {' '.join(missing)}")
        if os.getuid():
            # Ask for the password now, in the terminal: the long commands below write to a log.
            import subprocess

            subprocess.run(["sudo", "--validate"], check=False)
        if "postgresql" in missing:
            _forbid_default_cluster()
        environ = ["env", "DEBIAN_FRONTEND=noninteractive"]
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
        run_long("List of Debian packages", as_root([*environ, *apt, "update"]), log="apt-update")
        command = [*environ, *apt, "install", "--yes", "--no-install-recommends", *missing]
        run_long(f"Install {len(missing)} Debian packages", as_root(command), log="apt-install")
        if missing_packages():
            raise Failure(f"Still missing after apt-get install: {' '.join(missing_packages())}")


def _forbid_default_cluster() -> None:
    """Keep Debian's postgresql package from creating and starting a cluster of its own.

    Only on a machine that has no PostgreSQL configuration yet: somebody else's choice is left alone.
    """
    if CLUSTER_SETTINGS.exists():
        return
    script = f"mkdir -p {CLUSTER_SETTINGS.parent} && echo 'create_main_cluster = false' > {CLUSTER_SETTINGS}"
    run_long("PostgreSQL without a default cluster", as_root(["sh", "-c", script]), log="apt-postgres")
