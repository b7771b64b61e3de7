"""Command line of the developer tooling: ``python3 -m dev <command>``."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from . import postgres
from .console import Failure, say
from .database import Database, Workplace, base_addons, bridges, ensure_template, prepare
from .environment import ensure_environment, ensure_lint_environment, ensure_screenshots_environment
from .odoo_source import ensure_source
from .paths import CACHE, REPO, TEST_ADDONS, our_addons, test_addons
from .server import running_server, serve

#: Requests and deprecation warnings of Odoo's own code would scroll the welcome text off the screen.
QUIET = ("--log-handler=werkzeug:WARNING", "--log-handler=py.warnings:ERROR")
WELCOME = """
  ------------------------------------------------------------------
  Cabinet (timebill_legal, Odoo 19) :   {url}
  Le mot de passe est l'identifiant :   sophie, hugo (avocats), anne (assistante),
                                        brigitte (facturation), claire (direction), admin
  Pour commencer :   sophie    Dossiers › Clients › Transports Vernay SAS › Nouvelle activité › Temps
                     brigitte  Dossiers à facturer › Facturer › Aperçu PDF › Enregistrer
  Ctrl+C arrête le serveur.
  ------------------------------------------------------------------
"""


def database_name(kind: str, options: argparse.Namespace) -> str:
    """Return the name of the database to work on.

    ``--db`` names it; otherwise it is the demonstration or the test database, with ``TIMEBILL_DB`` as a
    suffix, so that several people can work at the same time.
    """
    suffix = os.environ.get("TIMEBILL_DB")
    name = getattr(options, "db", None) or "_".join(filter(None, ["timebill", kind, suffix]))
    if not name.replace("_", "").replace("-", "").isalnum() or name.startswith("timebill_template"):
        raise Failure(f"Not a good name for a database: {name}")
    return name


def open_database(kind: str, options: argparse.Namespace, *, current: bool = True, **wanted) -> Database:
    """Install what is missing and return the database, up to date with the repository.

    :param wanted: add-ons to install beside the usual ones, as for ``Database.ensure_current``
    """
    database = Database(prepare(), database_name(kind, options))
    if current or not database.exists():
        database.ensure_current(keep=kind == "demo", **wanted)
    else:
        database.check_version()
    return database


def setup(options: argparse.Namespace) -> int:
    """install what is missing: packages, Odoo, Python environment, PostgreSQL, template database"""
    ensure_template(prepare())
    say("Everything is installed")
    return 0


def demo(options: argparse.Namespace) -> int:
    """upgrade the demonstration database if the source changed, and run a server on it"""
    started = not postgres.is_running()
    try:
        arguments = [*QUIET, *options.rest]
        return serve(open_database("demo", options), arguments, welcome=WELCOME, port=options.port)
    finally:
        if started and postgres.is_running() and not postgres.is_used():
            postgres.stop_server()


def run(options: argparse.Namespace) -> int:
    """run a server on the demonstration database without upgrading it (extra arguments go to Odoo)"""
    return serve(open_database("demo", options, current=False), options.rest, welcome=WELCOME, port=options.port)


def shell(options: argparse.Namespace) -> int:
    """open Odoo's shell on the demonstration database, or run a script from standard input"""
    database = open_database("demo", options, current=False)
    command = database.workplace.odoo("shell", "-c", database.write_config(), "--no-http", *options.rest)
    return subprocess.call(command, env=database.workplace.environ(), cwd=database.folder)


def psql(options: argparse.Namespace) -> int:
    """open psql on the demonstration database"""
    prepare()
    command = [postgres.program("psql"), "-d", database_name("demo", options), *options.rest]
    return subprocess.call(command, env=postgres.environ())


def odoo(options: argparse.Namespace) -> int:
    """run any Odoo command line on a database: odoo --db NAME -- -u timebill_legal --stop-after-init"""
    database = Database(prepare(), database_name("demo", options))
    command = database.workplace.odoo("server", "-c", database.write_config(), "--no-http", *options.rest)
    return subprocess.call(command, env=database.workplace.environ(), cwd=database.folder)


def install(options: argparse.Namespace) -> int:
    """drop the database, create it and install our add-ons with their demonstration data"""
    database = Database(prepare(), database_name("demo", options))
    with database.locked():
        database.drop()
    return _show_log(database, lambda: database.ensure_current())


def upgrade(options: argparse.Namespace) -> int:
    """upgrade our add-ons in the database (created if missing)"""
    database = Database(prepare(), database_name("demo", options))
    if database.exists():
        with database.locked():
            return _show_log(database, lambda: database.upgrade(*database.installed_addons()))
    return _show_log(database, lambda: database.ensure_current())


def _show_log(database: Database, work) -> int:
    """Do the work, then show the problems in Odoo's log."""
    from .odoo_log import problems

    work()
    found = problems(CACHE / "logs" / f"odoo-{database.name}.log")
    print("\n".join(found) or "no warning and no error in the log")
    return 1 if found else 0


def pytest(options: argparse.Namespace) -> int:
    """run our tests with pytest-odoo in the test database, upgraded if the source changed

    Name the folder of a bridge, or of an add-on in test_addons/, to run its tests. They install that add-on in the
    database: choose a database with --db.
    """
    from .checks import pytest_odoo_command

    with_bridges = any(argument.startswith(bridge) for bridge in bridges() for argument in options.rest)
    extra = [addon for addon in test_addons() if any(f"test_addons/{addon}" in argument for argument in options.rest)]
    current = not getattr(options, "as_is", False)
    database = open_database("test", options, current=current, with_bridges=with_bridges, extra=extra)
    folders = [folder for addon in base_addons() if (REPO / (folder := f"{addon}/tests")).is_dir()]
    has_path = any((REPO / argument.split("::")[0]).exists() for argument in options.rest)
    command = pytest_odoo_command(database, [*([] if has_path else folders), *options.rest])
    return subprocess.call(command, env=database.workplace.environ(), cwd=REPO)


def soak(options: argparse.Namespace) -> int:
    """run many random examples of the state machine of the billing ledger, in the test database: soak 2000"""
    from .checks import pytest_odoo_command

    examples, *rest = options.rest or [""]
    if not examples.isdigit():
        raise Failure("Give the number of examples, for instance: python3 -m dev soak 2000")
    database = open_database("test", options)
    arguments = ["timebill_legal/tests/test_ledger_machine.py", "-v", "-s", "-p", "dev.pytest_soak", *rest]
    environ = {**database.workplace.environ(), "TIMEBILL_SOAK_EXAMPLES": examples}
    environ["PYTHONPATH"] += f"{os.pathsep}{REPO}"
    return subprocess.call(pytest_odoo_command(database, arguments), env=environ, cwd=REPO)


def dialogs(options: argparse.Namespace) -> int:
    """play each dialog in many random orders of its fields, in the test database: dialogs 500"""
    from .checks import pytest_odoo_command

    orders, *rest = options.rest or [""]
    if not orders.isdigit():
        raise Failure("Give the number of orders for each dialog, for instance: python3 -m dev dialogs 500")
    database = open_database("test", options)
    has_path = any(argument.startswith("timebill_") for argument in rest)
    paths = [] if has_path else [f"{addon}/tests" for addon in base_addons() if (REPO / addon / "tests").is_dir()]
    arguments = [*paths, "-k", "random_orders", "--log-cli-level=INFO", *rest]
    environ = {**database.workplace.environ(), "TIMEBILL_DIALOG_ORDERS": orders}
    return subprocess.call(pytest_odoo_command(database, arguments), env=environ, cwd=REPO)


def access_test(options: argparse.Namespace) -> int:
    """try every field path that leads to a matter for every group, in the test database: access-test [-k TEST]"""
    from .checks import pytest_odoo_command

    database = open_database("test", options)
    arguments = ["timebill_legal/tests/test_access_generated.py", "--log-cli-level=INFO", *options.rest]
    environ = {**database.workplace.environ(), "TIMEBILL_ACCESS_TEST": "whole"}
    return subprocess.call(pytest_odoo_command(database, arguments), env=environ, cwd=REPO)


def stopwatch(options: argparse.Namespace) -> int:
    """measure clicks, keys and time of the daily actions with the tours, and write docs/stopwatch.md"""
    from .checks import pytest_odoo_command
    from .stopwatch import TESTS, write_page

    database = open_database("test", options)
    arguments = ["timebill_legal/tests/test_tours.py", "-q", "-k", TESTS, *options.rest]
    with TemporaryDirectory() as folder:
        measured = Path(folder) / "measured"
        environ = {**database.workplace.environ(), "TIMEBILL_STOPWATCH": str(measured)}
        code = subprocess.call(pytest_odoo_command(database, arguments), env=environ, cwd=REPO)
        if code == 0:
            write_page(measured.read_text().splitlines())
    return code


def test(options: argparse.Namespace) -> int:
    """run all tests; with arguments for pytest, only the selected tests in Odoo"""
    from .checks import run_all

    workplace = prepare()
    if options.rest:
        return pytest(options)
    return run_all(workplace, database_name("test", options))


def core_tests(options: argparse.Namespace) -> int:
    """compare Odoo's own tests with and without our add-ons: core-tests [calendar account/test_account_move_out …]"""
    from .core_tests import run_core_tests

    return run_core_tests(prepare(), database_name("core", options), options.rest)


def click_everywhere(options: argparse.Namespace) -> int:
    """let Odoo's robot open each menu, view and filter of all apps, in each role of the demonstration firm"""
    from .checks import pytest_odoo_command

    database = open_database("test", options)
    command = pytest_odoo_command(database, ["timebill_legal/tests/test_click_everywhere.py", "-v", *options.rest])
    environ = {**database.workplace.environ(), "TIMEBILL_CLICK_EVERYWHERE": "1"}
    return subprocess.call(command, env=environ, cwd=REPO)


def test_lib(options: argparse.Namespace) -> int:
    """run the tests of lib/, without Odoo"""
    return _one_check("library", options)


def lint(options: argparse.Namespace) -> int:
    """run pre-commit on all files (--fix repairs what ruff can repair)"""
    return _one_check("lint", options)


def tool(options: argparse.Namespace) -> int:
    """run a program of the environments with pinned versions: tool ruff check ."""
    name, *arguments = options.rest or [""]
    for folder in (ensure_environment(), ensure_lint_environment()):
        if name and (folder / name).exists():
            environ = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
            return subprocess.call([str(folder / name), *arguments], env=environ)
    raise Failure(f"No such program in the environments: {name or '(no name given)'}")


def pylint(options: argparse.Namespace) -> int:
    """run pylint-odoo on the add-ons"""
    folders = [*our_addons(), *(f"{TEST_ADDONS.name}/{addon}" for addon in test_addons())]
    command = [str(ensure_environment() / "pylint"), "--rcfile=.pylintrc", "-j2", *options.rest, *folders]
    return subprocess.call(command, cwd=REPO)


def readme(options: argparse.Namespace) -> int:
    """generate README.md and the page in Odoo's list of apps from the readme/ of each add-on (--check: only compare)"""
    command = [str(ensure_lint_environment() / "python"), str(REPO / "dev" / "readme.py"), *options.rest]
    return subprocess.call(command, cwd=REPO)


def _one_check(name: str, options: argparse.Namespace) -> int:
    """Run a check that needs no database, without PostgreSQL."""
    from .checks import Checks

    workplace = Workplace(ensure_source(), ensure_environment())
    say(getattr(Checks(workplace, database_name("test", options)), name)(*options.rest))
    return 0


def journeys(options: argparse.Namespace) -> int:
    """run the tests with a real server (dev/tests) on an installed database: give --db"""
    from .checks import Checks

    database = open_database("demo", options, current=False)
    checks = Checks(database.workplace, database_name("test", options))
    checks.server_database = database
    say(checks.journeys(*options.rest))
    return 0


def upgrade_test(options: argparse.Namespace) -> int:
    """upgrade the data of a firm from each released version and compare (-k 19.0.1.1.0: only from that version)"""
    from .checks import Checks

    say(Checks(prepare(), database_name("test", options)).upgrades(*options.rest))
    return 0


def i18n(options: argparse.Namespace) -> int:
    """update the translation files (.pot and fr.po) and list the untranslated terms"""
    workplace = prepare()
    database = Database(workplace, database_name("i18n", options))
    with database.locked():
        # Demonstration data is not translated.
        database.copy_from(ensure_template(workplace), demo=False)
        database.install(*our_addons())
        script = REPO / "dev" / "export_translations.py"
        log = database.run_script("Export the terms", script, log=f"i18n-{database.name}")
        database.drop()
    lines = [line for line in log.read_text().splitlines() if line.startswith("i18n: ")]
    print("\n".join(line.removeprefix("i18n: ") for line in lines))
    return 0 if lines else 1


def make_dump(options: argparse.Namespace) -> int:
    """create the dump of a released version for the upgrade tests, from its commit: make-dump 19.0.1.1.0"""
    from .upgrades import make_dump as make

    make(prepare(), options.rest[0] if options.rest else "")
    return 0


def screenshots(options: argparse.Namespace) -> int:
    """run a server on the demonstration database and take the pictures (dev/screenshots.py)"""
    database = open_database("demo", options)
    with running_server(database) as address:
        python = ensure_screenshots_environment() / "python"
        command = [str(python), str(REPO / "dev" / "screenshots.py"), *options.rest]
        environ = {**database.workplace.environ(), "TIMEBILL_URL": address}
        return subprocess.call(command, env=environ, cwd=REPO)


def stop(options: argparse.Namespace) -> int:
    """stop the private PostgreSQL server"""
    postgres.stop_server()
    return 0


def clean(options: argparse.Namespace) -> int:
    """drop the databases but not the template (--db: one; --all: everything in the cache)"""
    # Drop only databases with a folder in our cache: the server may also have databases of the user.
    ours = sorted(path.name for path in (CACHE / "databases").glob("*"))
    suffix = os.environ.get("TIMEBILL_DB")
    if ours and (postgres.is_running() or postgres.CLUSTER.exists()):
        postgres.ensure_server()
        for name in ours:
            wanted = name == options.db if options.db else not suffix or re.search(rf"_{re.escape(suffix)}(_|$)", name)
            if wanted and (options.all or not name.startswith("timebill_template")):
                Database(None, name).drop()
                say(f"dropped {name}")
    if options.db or (suffix and not options.all):
        return 0
    postgres.stop_server()
    if options.all:
        shutil.rmtree(CACHE, ignore_errors=True)
        say(f"removed {CACHE}")
    return 0


def env(options: argparse.Namespace) -> int:
    """print shell variables to use Odoo and PostgreSQL by hand: eval "$(python3 -m dev env)" """
    workplace = prepare()
    environ = workplace.environ()
    names = ["PATH", "PYTHONPATH", "VIRTUAL_ENV", *postgres.connection()]
    print("\n".join(f"export {name}={shlex.quote(environ[name])}" for name in names))
    print(f"# Odoo's source: {workplace.source.python_path / 'odoo'}")
    return 0


COMMANDS = {
    command.__name__.replace("_", "-"): command
    for command in (
        *(setup, demo, run, shell, psql, odoo, install, upgrade),
        *(test, test_lib, core_tests, click_everywhere, upgrade_test, pytest, soak, dialogs, stopwatch, journeys),
        access_test,
        *(lint, tool, pylint, readme),
        *(i18n, make_dump, screenshots, stop, clean, env),
    )
}


def main() -> int:
    """Parse the command line and run the command."""
    parser = argparse.ArgumentParser(prog="python3 -m dev", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, function in COMMANDS.items():
        first_line = function.__doc__.strip().split("\n")[0]
        command = commands.add_parser(name, help=first_line, description=function.__doc__)
        command.add_argument("--db", help="name of the database (default: see TIMEBILL_DB)")
        if name in ("demo", "run"):
            command.add_argument("--port", type=int, default=8069, help="HTTP port, if it is free (%(default)s)")
        if name == "pytest":
            text = "do not upgrade the database; enough when only bodies of methods, JavaScript or styles changed"
            command.add_argument("--as-is", action="store_true", help=text)
        if name == "clean":
            command.add_argument("--all", action="store_true", help="remove the whole cache")
    options, rest = parser.parse_known_args()
    options.rest = rest[1:] if rest[:1] == ["--"] else rest
    try:
        return COMMANDS[options.command](options)
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
