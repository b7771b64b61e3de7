"""Odoo's source: from Debian's package, unpacked into the cache, or a checkout of your own.

Odoo is not on PyPI. Debian's unstable suite has it as a package, which is downloaded and unpacked beside
the few packages with the fonts and JavaScript it links to; nothing of it is installed on the machine.
"""

import os
import shutil
from pathlib import Path

from .console import Failure, run, run_long
from .paths import CACHE, digest, locked

VERSION = "19.0"
PACKAGE = "odoo-19"
#: Fonts and JavaScript that Debian took out of Odoo and links to, by the suite whose version still fits.
LINKED_PACKAGES = {
    "unstable": [
        "fonts-montserrat",
        "fonts-roboto-unhinted",
        "fonts-ocr-b",
        "fonts-glyphicons-halflings",
        "libjs-jquery",
        "libjs-underscore",
        "libjs-jquery-form",
    ],
    # Newer releases of these two no longer have the files that Odoo asks for.
    "bookworm": ["fonts-font-awesome", "fonts-inconsolata"],
}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
#: Listed in mail's assets and stripped by Debian; without it every page logs an error and every tour fails.
STRIPPED_FILES = ["mail/static/lib/selfie_segmentation/selfie_segmentation.js"]


class OdooSource:
    """An unpacked Odoo.

    :ivar python_path: folder to put on ``PYTHONPATH``: it holds the package ``odoo``
    :ivar addons_paths: folders with Odoo's own add-ons
    :ivar key: identifies this very source in the names of what is made from it
    """

    def __init__(self, python_path: Path, key: str):
        self.python_path = python_path
        self.key = key
        inside = python_path / "odoo" / "addons"
        # A checkout has "base" alone in the first folder and the rest in the second; Debian's package has all
        # in the first.
        self.addons_paths = [inside] if (inside / "web").is_dir() else [inside, python_path / "addons"]


def ensure_source() -> OdooSource:
    """Return Odoo's source, downloading and unpacking it the first time."""
    if os.environ.get("TIMEBILL_ODOO"):
        checkout = Path(os.environ["TIMEBILL_ODOO"]).expanduser().resolve()
        if not (checkout / "odoo" / "release.py").exists():
            raise Failure(f"TIMEBILL_ODOO={checkout} is not an Odoo checkout")
        return OdooSource(checkout, digest(str(checkout)))
    with locked("odoo"):
        current = CACHE / "odoo" / "current"
        if not current.exists():
            _download_and_unpack(current)
        root = current.resolve()
    return OdooSource(root / "usr" / "lib" / "python3" / "dist-packages", root.name)


def _download_and_unpack(current: Path) -> None:
    """Fill ``odoo/<hash of the package>`` in the cache and point ``current`` at it."""
    folder = current.parent
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    files = _download(packages)
    odoo_package = files[0]
    root = folder / digest(odoo_package.read_bytes())
    building = folder / "unpacking"
    for leftover in (building, root):
        shutil.rmtree(leftover, ignore_errors=True)
    building.mkdir()
    for file in files:
        title = f"Unpack {file.name.split('_')[0]}"
        if file == odoo_package:
            run_long(title, ["dpkg-deb", "-x", file, building], log="odoo-unpack")
        else:
            run(["dpkg-deb", "-x", file, building])
    repair_links(building)
    packages_folder = building / "usr" / "lib" / "python3" / "dist-packages"
    # Remains of the add-ons beside the whole ones: Odoo would find them.
    shutil.rmtree(packages_folder / "addons", ignore_errors=True)
    addons = packages_folder / "odoo" / "addons"
    for name in STRIPPED_FILES:
        if (addons / name.split("/")[0]).is_dir() and not (addons / name).exists():
            (addons / name).parent.mkdir(parents=True, exist_ok=True)
            (addons / name).write_text("")
    building.rename(root)
    current.symlink_to(root.name)


def _download(folder: Path) -> list[Path]:
    """Download the packages with apt, Odoo first, without touching the machine's own apt state."""
    mirror = _debian_mirror()
    apt = folder.parent / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (apt / name).mkdir(parents=True, exist_ok=True)
    sources = apt / "sources.list"
    signed_by = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    sources.write_text("".join(f"deb {signed_by}{mirror} {suite} main\n" for suite in LINKED_PACKAGES))
    config = apt / "apt.conf"
    config.write_text(
        f'Dir::Etc::sourcelist "{sources}";\n'
        'Dir::Etc::sourceparts "/dev/null";\n'
        'Dir::Etc::preferencesparts "/dev/null";\n'
        f'Dir::State::Lists "{apt / "lists"}";\n'
        f'Dir::Cache "{apt / "cache"}";\n'
        'Acquire::Languages "none";\n'
        # Download as ourselves: the user that apt would switch to may not write into the cache.
        'APT::Sandbox::User "";\n'
    )
    environ = {**os.environ, "APT_CONFIG": str(config)}
    run_long("List of Debian unstable's packages", ["apt-get", "update"], log="odoo-apt", env=environ)
    version = _candidate_version(environ)
    wanted = [f"{PACKAGE}={version}"]
    wanted += [f"{name}/{suite}" for suite, names in LINKED_PACKAGES.items() for name in names]
    run_long(
        f"Download Odoo {version} (about 130 MB)",
        ["apt-get", "download", *wanted],
        log="odoo-download",
        cwd=folder,
        env=environ,
    )
    shutil.rmtree(apt / "lists", ignore_errors=True)
    return [_newest(folder, item.split("=")[0].split("/")[0]) for item in wanted]


def _candidate_version(environ: dict[str, str]) -> str:
    """Return the version of Odoo that the mirror offers; only 19.0 will do."""
    offered = run(["apt-cache", "madison", PACKAGE], env=environ).stdout
    versions = [line.split("|")[1].strip() for line in offered.splitlines() if "|" in line]
    for version in versions:
        if version.startswith(f"{VERSION}."):
            return version
    raise Failure(f"No {PACKAGE} {VERSION}.* in Debian unstable, only: {', '.join(versions) or 'nothing'}")


def _newest(folder: Path, package: str) -> Path:
    return max(folder.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime)


def _debian_mirror() -> str:
    """Return the address of the Debian mirror that this machine is set up to use."""
    fields = "$(ORIGIN)|$(CODENAME)|$(REPO_URI)"
    listed = run(["apt-get", "indextargets", "--format", fields, "Created-By: Packages"]).stdout.splitlines()
    targets = [line.split("|") for line in listed]
    mirrors = [uri for origin, codename, uri in targets if origin == "Debian" and "-" not in codename]
    if not mirrors:
        raise Failure("apt has no Debian mirror; run 'sudo apt-get update', or set TIMEBILL_ODOO to a checkout")
    return mirrors[0]


def repair_links(root: Path) -> None:
    """Point absolute links into ``root``, and refuse links that lead nowhere."""
    dangling = []
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            if not path.is_symlink():
                continue
            target = os.readlink(path)
            if target.startswith("/") and not Path(target).is_relative_to(root):
                path.unlink()
                path.symlink_to(os.path.relpath(root / target.lstrip("/"), path.parent))
            if not path.exists():
                dangling.append(str(path.relative_to(root)))
    ours = [path for path in dangling if path.startswith("usr/lib/python3/")]
    if ours:
        raise Failure("Broken links in Odoo:\n" + "\n".join(ours))
