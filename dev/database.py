"""Databases: a template with Odoo's modules, and copies of it with our add-ons.

The template is made once (minutes); a copy, with its filestore, takes a second. What a copy was made from is
kept beside its filestore, so that the next command knows whether to install, to upgrade, or to do nothing.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import postgres
from .console import Failure, run_long, say
from .environment import ensure_environment
from .odoo_source import OdooSource, ensure_source
from .paths import CACHE, LOCK_FILE, REPO, TEST_ADDONS, digest, locked, manifest, our_addons, test_addons
from .system import ensure_packages

#: What every database starts from: the add-ons' dependencies and their usual neighbours.
TEMPLATE_MODULES = [
    *("base", "mail", "portal", "calendar", "account", "project", "project_account"),
    *("account_debit_note", "l10n_fr_account", "contacts"),
]
#: What Odoo installs by itself with them, as far as one of our add-ons depends on it.
TEMPLATE_COMPANIONS = ["base_import"]
#: What Odoo does itself in the databases that it creates (odoo/service/db.py).
TEMPLATE_EXTENSIONS = """
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS unaccent;
    ALTER FUNCTION unaccent(text) IMMUTABLE;
    GRANT CREATE ON SCHEMA PUBLIC TO PUBLIC;
"""
TEMPLATE_SCRIPT = REPO / "dev" / "template_company.py"
#: Files that only an upgrade brings into the database (JavaScript and styles are read when a page is opened).
UPGRADE_SUFFIXES = {".py", ".xml", ".csv", ".po", ".pot", ".sql"}


@dataclass(frozen=True)
class Workplace:
    """Everything that is needed to run Odoo."""

    source: OdooSource
    bin: Path

    @property
    def template(self) -> str:
        """Name of the template database: it changes with everything the template is made from."""
        recipe = [",".join(TEMPLATE_MODULES), TEMPLATE_EXTENSIONS, TEMPLATE_SCRIPT.read_bytes()]
        return f"timebill_template_{digest(self.source.key, LOCK_FILE.read_bytes(), *recipe, length=10)}"

    def environ(self) -> dict[str, str]:
        """Return the environment of Odoo and of the tools around it."""
        paths = [str(self.source.python_path)]
        return {
            **os.environ,
            **postgres.connection(),
            "PATH": f"{self.bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": os.pathsep.join(paths),
            "VIRTUAL_ENV": str(self.bin.parent),
            "PYTHONWARNINGS": os.environ.get("PYTHONWARNINGS", "ignore::DeprecationWarning"),
        }

    def odoo(self, *arguments: str | Path) -> list[str]:
        """Return the command that runs Odoo with these arguments."""
        return [str(self.bin / "python"), "-m", "odoo", *map(str, arguments)]


def prepare() -> Workplace:
    """Install what is missing: Debian packages, Odoo, the virtual environment, a running PostgreSQL."""
    ensure_packages()
    workplace = Workplace(ensure_source(), ensure_environment())
    postgres.ensure_server()
    return workplace


class Database:
    """One Odoo database, with its own configuration file, filestore and sessions."""

    def __init__(self, workplace: Workplace, name: str, addons_paths: Sequence[Path] | None = None):
        """Name a database, which need not exist.

        :param addons_paths: where our add-ons are looked for, instead of in this repository
        """
        self.workplace = workplace
        self.name = name
        self.addons_paths = addons_paths
        self.installing: Sequence[str] = ()
        self.folder = CACHE / "databases" / name

    # --- files ---------------------------------------------------------------------------------------

    @property
    def config(self) -> Path:
        """Path of Odoo's configuration file for this database."""
        return self.folder / "odoo.conf"

    @property
    def filestore(self) -> Path:
        """Folder of the attachments."""
        return self.folder / "data" / "filestore" / self.name

    def write_config(
        self, addons_paths: Sequence[Path] | None = None, *, path: Path | None = None, with_odoo: bool = True
    ) -> Path:
        """Write the configuration file and return its path.

        :param addons_paths: where our add-ons are looked for, instead of in this repository
        :param path: another file to write
        :param with_odoo: put the folders of Odoo's own add-ons first
        """
        path = path or self.config
        self.filestore.mkdir(parents=True, exist_ok=True)
        if addons_paths is None:
            addons_paths = self.addons_paths
        if addons_paths is None:
            # Odoo refuses a folder without a single add-on in it.
            addons_paths = [REPO] if our_addons() else []
            # Only where one of them is installed: no other database knows that they exist.
            if {*self.state.get("addons", ()), *self.installing} & set(test_addons()):
                addons_paths.append(TEST_ADDONS)
        connect = postgres.connection()
        options = {
            "addons_path": ",".join(
                map(str, [*(self.workplace.source.addons_paths if with_odoo else ()), *addons_paths])
            ),
            "data_dir": self.folder / "data",
            "db_name": self.name,
            "dbfilter": f"^{self.name}$",
            "db_host": connect.get("PGHOST"),
            "db_port": connect.get("PGPORT"),
            "db_user": connect.get("PGUSER"),
            "db_password": connect.get("PGPASSWORD"),
            "db_template": "template0",
            "http_interface": "127.0.0.1",
            "list_db": False,
            # More than Odoo's default: a first asset build, or 2 cores shared with a test run, is slow.
            "limit_time_cpu": 1200,
            "limit_time_real": 2400,
        }
        lines = [f"{name} = {value}\n" for name, value in options.items() if value is not None]
        text = "[options]\n" + "".join(lines)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
        return path

    # --- state ---------------------------------------------------------------------------------------

    @property
    def state(self) -> dict:
        """What the database was made from, as far as known."""
        try:
            return json.loads((self.folder / "state.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def _remember(self, **values) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "state.json").write_text(json.dumps({**self.state, **values}, indent=1, sort_keys=True))

    def exists(self) -> bool:
        """Tell whether PostgreSQL has the database."""
        return bool(postgres.query(f"SELECT 1 FROM pg_database WHERE datname = '{self.name}'"))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other commands from changing this database meanwhile."""
        with locked(f"database-{self.name}"):
            yield

    def installed_addons(self) -> dict[str, str]:
        """Return our add-ons that are installed, and their versions there."""
        if not postgres.query("SELECT to_regclass('ir_module_module')", self.name)[0]:
            return {}
        rows = postgres.query(
            "SELECT name, latest_version FROM ir_module_module WHERE name LIKE 'timebill%' AND state = 'installed'"
            " ORDER BY name",
            self.name,
        )
        return dict(row.split("|") for row in rows)

    def check_version(self) -> None:
        """Refuse a database of another version: Odoo would start on it, and fail once somebody works with it.

        :raises Failure: with the command that upgrades it
        """
        for addon, version in self.installed_addons().items():
            if addon in our_addons() and version != manifest(addon)["version"]:
                raise Failure(
                    f"The database {self.name} has {addon} {version}, the repository {manifest(addon)['version']}."
                    f" Upgrade it first: python3 -m dev upgrade --db {self.name}"
                )

    # --- life ----------------------------------------------------------------------------------------

    def drop(self) -> None:
        """Remove the database, its filestore and its configuration."""
        postgres.query(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        shutil.rmtree(self.folder, ignore_errors=True)

    def copy_from(self, origin: "Database", demo: bool = True) -> None:
        """Make this database a copy of another one, filestore included.

        :param demo: let the add-ons installed from now on load their demonstration data. Odoo does so only
            if all their dependencies have theirs: they are marked as if, because Odoo's own demonstration
            data (an American company, dozens of partners) has no place in ours.
        """
        self.drop()
        postgres.query(f'CREATE DATABASE "{self.name}" TEMPLATE "{origin.name}"')
        self.filestore.parent.mkdir(parents=True, exist_ok=True)
        # Hard links will do: Odoo names the files by their content and never writes to one again.
        shutil.copytree(origin.filestore, self.filestore, copy_function=os.link)
        # As Odoo does after a copy: two databases with one identity would share sessions and caches.
        postgres.query(
            "UPDATE ir_config_parameter SET value = gen_random_uuid() WHERE key = 'database.uuid';"
            + ("UPDATE ir_module_module SET demo = true WHERE state = 'installed';" if demo else ""),
            self.name,
        )
        self.write_config()
        self._remember(template=self.workplace.template, demo=demo)

    def run_odoo(self, title: str, *arguments: str | Path, log: str | None = None) -> Path:
        """Run Odoo on this database to its end and return the path of its log."""
        self.write_config()
        command = self.workplace.odoo("server", "-c", self.config, "--no-http", "--stop-after-init", *arguments)
        log = log or f"odoo-{self.name}"
        return run_long(title, command, log=log, env=self.workplace.environ(), cwd=self.folder)

    def run_script(self, title: str, script: Path, *, log: str) -> Path:
        """Run a Python script in Odoo's shell on this database and return the path of its log."""
        command = self.workplace.odoo("shell", "-c", self.config, "--no-http")
        with script.open() as source:
            return run_long(title, command, log=log, stdin=source, env=self.workplace.environ(), cwd=self.folder)

    def install(self, *modules: str, log: str | None = None) -> Path:
        """Install add-ons (those that Odoo installs by itself come along) with their demonstration data."""
        self.installing = modules
        arguments = ["-i", ",".join(modules)]
        if self.state.get("demo"):
            self._install_dependencies(modules)
            arguments.append("--with-demo")
        seen = source_hash()
        path = self.run_odoo(f"Install {', '.join(modules)} in {self.name}", *arguments, log=log)
        self._remember(source=seen, addons=sorted({*self.state.get("addons", ()), *modules}))
        return path

    def _install_dependencies(self, modules: Sequence[str]) -> None:
        """Install what add-ons need and the template has not, without demonstration data (see ``copy_from``)."""
        needed = {name for module in modules for name in manifest(module)["depends"]} - set(our_addons())
        installed = set(postgres.query("SELECT name FROM ir_module_module WHERE state = 'installed'", self.name))
        if missing := sorted(needed - installed):
            self.run_odoo(f"Install {', '.join(missing)} in {self.name}", "-i", ",".join(missing))
            postgres.query("UPDATE ir_module_module SET demo = true WHERE state = 'installed'", self.name)

    def upgrade(self, *modules: str, log: str | None = None) -> Path:
        """Upgrade add-ons."""
        seen = source_hash()
        path = self.run_odoo(f"Upgrade {', '.join(modules)} in {self.name}", "-u", ",".join(modules), log=log)
        self._remember(source=seen)
        return path

    def ensure_current(self, keep: bool = False, with_bridges: bool = False, extra: Sequence[str] = ()) -> None:
        """Install or upgrade the database only if the repository changed.

        :param keep: keep a database made from another template: what was entered in it may be dear
        :param with_bridges: install the bridges too, with the apps of Odoo that they lead to
        :param extra: add-ons for tests to install too
        """
        template = ensure_template(self.workplace)
        with self.locked():
            ours = [*(our_addons() if with_bridges else base_addons()), *extra]
            state = self.state
            if self.exists() and set(state.get("addons", ())) - {*our_addons(), *test_addons()}:
                say(f"{self.name} has add-ons that no longer exist: created again")
                self.drop()
            if not self.exists() or not state or not (keep or state.get("template") == template.name):
                self.copy_from(template)
                state = self.state
            elif state.get("template") != template.name:
                say(f"{self.name} was created from an older template database; run 'make clean' to get a new one")
            self.write_config()
            if not ours:
                say("No add-on in this repository: the database has only Odoo")
            else:
                known = state.get("addons", [])
                # Odoo does not upgrade what is installed already while it installs what is new.
                if known and state.get("source") != source_hash():
                    known = self._upgrade_or_make_again(template, known, keep)
                if set(ours) - set(known):
                    self.install(*ours)

    def _upgrade_or_make_again(self, template: "Database", addons: list[str], keep: bool) -> list[str]:
        """Upgrade the add-ons and return those that are installed: none if the database had to be made again.

        Between two commits of one version, no migration script runs: after a rename, an old view names a field that
        is gone.
        """
        try:
            self.upgrade(*addons)
        except Failure:
            if keep:
                raise
            say(f"{self.name} cannot be upgraded: created again")
            self.copy_from(template)
            return []
        return addons


def bridges() -> dict[str, list[str]]:
    """Return our add-ons that Odoo installs by itself beside an app of its own, which the template has not.

    :return: {add-on: [app]}
    """
    own = {*our_addons(), *TEMPLATE_MODULES, *TEMPLATE_COMPANIONS}
    manifests = {addon: manifest(addon) for addon in our_addons()}
    missing = {addon: sorted({*values["depends"]} - own) for addon, values in manifests.items()}
    return {addon: apps for addon, apps in missing.items() if apps and manifests[addon].get("auto_install")}


def base_addons() -> list[str]:
    """Return our add-ons that are no bridges."""
    return [addon for addon in our_addons() if addon not in bridges()]


def source_hash() -> str:
    """Return a hash of everything in our add-ons that an upgrade would bring into the database."""
    parts: list[str | bytes] = []
    for folder in (*(REPO / addon for addon in our_addons()), *(TEST_ADDONS / addon for addon in test_addons())):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(REPO)
            if path.suffix in UPGRADE_SUFFIXES and not {"tests", "static", "__pycache__"} & set(inside.parts):
                parts += [str(inside), path.read_bytes()]
    return digest(*parts)


def ensure_template(workplace: Workplace) -> Database:
    """Return the template database; creating it the first time takes minutes."""
    # Without our add-ons: other versions of the repository use the same template.
    template = Database(workplace, workplace.template, addons_paths=[])
    if template.exists():
        return template
    with locked("template"):
        if template.exists():
            return template
        building = Database(workplace, f"{template.name}_new", addons_paths=[])
        building.drop()
        postgres.query(f"CREATE DATABASE \"{building.name}\" ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0")
        postgres.query(TEMPLATE_EXTENSIONS, building.name)
        building.write_config()
        # The language in the same command: loaded later, mail templates, units and journals stay English.
        building.run_odoo(
            "Template database: Odoo's modules, in French (a few minutes)",
            *("-i", ",".join(TEMPLATE_MODULES), "--load-language=fr_FR"),
            log="template",
        )
        building.run_script("Template database: a French company", TEMPLATE_SCRIPT, log="template-company")
        if postgres.query("SELECT count(*) FROM account_account", building.name) == ["0"]:
            raise Failure("The template database has no chart of accounts")
        shutil.rmtree(template.folder, ignore_errors=True)
        template.filestore.parent.mkdir(parents=True)
        building.filestore.rename(template.filestore)
        shutil.rmtree(building.folder, ignore_errors=True)
        template.write_config()
        # The name comes last: whoever sees it may copy it.
        postgres.query(f'ALTER DATABASE "{building.name}" RENAME TO "{template.name}"')
    return template
