"""Everything that ``make test`` runs, in order."""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import postgres
from .console import Failure, run_long, say
from .database import Database, Workplace, ensure_template
from .odoo_log import problems
from .paths import LOGS, REPO, our_addons


class CheckFailed(Exception):
    """A check found something wrong; what it is has been printed."""


@dataclass
class Counts:
    """How many tests ran."""

    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)

    def add(self, report: Path) -> "Counts":
        """Add the tests of a JUnit report."""
        for case in ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed += 1
            elif (skip := case.find("skipped")) is not None:
                self.skipped.append(f"{case.get('classname')}.{case.get('name')}: {skip.get('message')}")
            else:
                self.passed += 1
        return self

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (
            f", {len(self.skipped)} skipped" if self.skipped else ""
        )


class Checks:
    """The checks of one run, sharing what they prepare and what they count.

    :ivar database: the test database: the tests in Odoo run in it
    :ivar server_database: a copy of it, for the tests that run a real server
    """

    def __init__(self, workplace: Workplace, test_database: str):
        self.workplace = workplace
        self.database = Database(workplace, test_database)
        self.server_database = Database(workplace, f"{test_database}_server")
        self.wheel_database = Database(workplace, f"{test_database}_wheel", addons_paths=[])
        self.total = Counts()

    # --- the checks, in order --------------------------------------------------------------------------

    def lint(self, *arguments: str) -> str:
        """Style: ruff everywhere, pylint-odoo on the add-ons."""
        self._call(["ruff", "check", *arguments, "."])
        if our_addons():
            self._call(["pylint", "--rcfile=.pylintrc", "-j2", *our_addons()])
        return "ruff, pylint-odoo"

    def library(self, *arguments: str) -> str:
        """The library alone, without Odoo: unit tests, property tests, doctests."""
        folders = [str(path.relative_to(REPO)) for addon in our_addons() if (path := REPO / addon / "lib").is_dir()]
        return self._pytest("library", [*folders, "-q", *arguments])

    def installation(self) -> str:
        """Installation with demonstration data in a new database, then an upgrade; the logs are read."""
        with self.database.locked():
            self.database.copy_from(ensure_template(self.workplace))
            for action in (self.database.install, self.database.upgrade):
                self._no_problems(action(*our_addons(), log=f"test-{action.__name__}-{self.database.name}"))
            title = "Build the web client for the tests with a browser"
            self.database.run_script(title, REPO / "dev" / "warm_assets.py", log=f"test-assets-{self.database.name}")
            self.server_database.copy_from(self.database)
        return "installed, upgraded, no error and no warning of ours"

    def odoo_tests(self, *arguments: str) -> str:
        """Our tests in Odoo, with HTTP and a browser."""
        folders = [f"{addon}/tests" for addon in our_addons() if (REPO / addon / "tests").is_dir()]
        paths = [argument for argument in arguments if (REPO / argument.split("::")[0]).exists()]
        command = pytest_odoo_command(self.database, [*([] if paths else folders), *arguments])
        return self._pytest("odoo", command=command, env=self.workplace.environ())

    def odoo_lint(self) -> str:
        """Odoo's own checks of source code (module test_lint), which look at our add-ons too."""
        folder = self.database.folder / "lint"
        shutil.rmtree(folder, ignore_errors=True)
        tests = self._link_installed_odoo(folder) / "test_lint" / "tests"
        # Left out: eslint is not at hand, and Odoo's pylint checks are written for another release of pylint.
        selection = ["-k", "not eslint and not test_pylint"]
        config = self.database.write_config([tests.parent.parent, REPO], path=folder / "odoo.conf", with_odoo=False)
        command = pytest_odoo_command(self.database, [str(tests), *selection], config)
        environ = {**self.workplace.environ(), "PYTHONPATH": str(folder)}
        try:
            return self._pytest("odoo-lint", command=command, env=environ)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def wheel(self) -> str:
        """The wheels: built, installed beside Odoo, and the add-ons installed from them, without demo data."""
        folder = self.wheel_database.folder.parent / f"{self.database.name}_wheels"
        shutil.rmtree(folder, ignore_errors=True)
        site = folder / "site-packages"
        addons = our_addons()
        try:
            self._build_wheels(addons, folder, site)
            self.wheel_database.copy_from(ensure_template(self.workplace), demo=False)
            environ = self.workplace.environ()
            environ["PYTHONPATH"] += os.pathsep + str(site)
            options = [
                "-c",
                self.wheel_database.write_config(),
                "--no-http",
                "--stop-after-init",
                "-i",
                ",".join(addons),
            ]
            log = run_long(
                "Install the add-ons from their wheels",
                self.workplace.odoo("server", *options),
                log=f"test-wheel-{self.database.name}",
                env=environ,
                cwd=folder,
            )
            self._no_problems(log)
            if str(REPO) in log.read_text():
                self._fail(f"Odoo did not take the add-ons from the wheels, see {log}")
        finally:
            self.wheel_database.drop()
            shutil.rmtree(folder, ignore_errors=True)
        return f"{len(addons)} built and installed"

    def journeys(self, *arguments: str) -> str:
        """Tests that run a real server (and those of these tools), with plain pytest."""
        return self._pytest(
            "journeys", ["dev/tests", "-q", *arguments], {"TIMEBILL_TEST_DATABASE": self.server_database.name}
        )

    # --- helpers ---------------------------------------------------------------------------------------

    def _link_installed_odoo(self, folder: Path) -> Path:
        """Fill a folder with links to Odoo and its installed add-ons only, and return that of the add-ons.

        test_lint reads every add-on it can find: with 600 others around ours it takes over a minute.
        """
        addons = folder / "odoo" / "addons"
        addons.mkdir(parents=True)
        for path in (self.workplace.source.python_path / "odoo").iterdir():
            if path.name not in ("addons", "__pycache__"):
                (folder / "odoo" / path.name).symlink_to(path)
        installed = postgres.query("SELECT name FROM ir_module_module WHERE state = 'installed'", self.database.name)
        for source in self.workplace.source.addons_paths:
            for name in {*installed, "test_lint"}:
                if (source / name).is_dir() and not (addons / name).exists():
                    (addons / name).symlink_to(source / name)
        return addons

    def _build_wheels(self, addons: Sequence[str], folder: Path, site: Path) -> None:
        python = self.workplace.bin / "python"
        # Built from a copy: the build must leave nothing behind in the repository.
        for addon in addons:
            ignore = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(REPO / addon, folder / "source" / addon, ignore=ignore)
            command = [
                python,
                "-m",
                "build",
                "--wheel",
                "--no-isolation",
                "--outdir",
                folder,
                folder / "source" / addon,
            ]
            run_long(f"Build the wheel of {addon}", command, log="wheel-build", cwd=folder)
        wheels = sorted(folder.glob("*.whl"))
        if len(wheels) != len(addons):
            self._fail(f"{len(addons)} add-ons but {len(wheels)} wheels")
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index"]
        run_long("Install the wheels", [*pip, "--target", site, *wheels], log="wheel-install")

    def _call(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Run a program of the virtual environment, its output on the screen."""
        environ = {**self.workplace.environ(), **(env or {})}
        if subprocess.call(list(command), cwd=REPO, env=environ, stdin=subprocess.DEVNULL):
            raise CheckFailed

    def _pytest(
        self,
        name: str,
        arguments: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        *,
        command: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> str:
        """Run pytest; fail as well if no test ran, or if one was skipped."""
        report = LOGS / f"pytest-{name}-{self.database.name}.xml"
        LOGS.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        command = [*(command or [str(self.workplace.bin / "pytest"), *arguments]), f"--junitxml={report}"]
        environ = {**(env or plain_environ(self.workplace)), **(variables or {})}
        code = subprocess.call(command, cwd=REPO, env=environ, stdin=subprocess.DEVNULL)
        counts = Counts()
        if report.exists():
            counts.add(report)
            self.total.add(report)
        if counts.skipped:
            self._fail("Skipped, and no test may be:\n" + "\n".join(counts.skipped))
        if code or not counts.passed:
            self._fail(f"pytest's exit code {code}, {counts}")
        return str(counts)

    def _no_problems(self, log: Path) -> None:
        found = problems(log)
        if found:
            self._fail("\n".join([*found, f"(whole log: {log})"]))

    def _fail(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)
        raise CheckFailed


def plain_environ(workplace: Workplace) -> dict[str, str]:
    """Return an environment in which Odoo cannot be imported: a library that needs it would not be one."""
    environ = workplace.environ()
    del environ["PYTHONPATH"]
    return environ


def pytest_odoo_command(database: Database, arguments: Sequence[str], config: Path | None = None) -> list[str]:
    """Return the pytest command for tests that need Odoo."""
    config = config or database.write_config()
    return [
        str(database.workplace.bin / "pytest"),
        *("-c", str(REPO / "dev" / "pytest_odoo.ini"), "--rootdir", str(REPO)),
        *("--odoo-config", str(config), "--odoo-database", database.name, "--odoo-http"),
        *arguments,
    ]


def run_all(workplace: Workplace, test_database: str) -> int:
    """Run every check, print how long each took and what came out of it, and return the exit code."""
    checks = Checks(workplace, test_database)
    results: list[tuple[str, str, float]] = []
    installed = True
    needs_installation = {checks.odoo_tests, checks.odoo_lint, checks.journeys}
    for check in (
        checks.lint,
        checks.library,
        checks.installation,
        checks.odoo_tests,
        checks.odoo_lint,
        checks.wheel,
        checks.journeys,
    ):
        title = (check.__doc__ or "").split(":")[0].split(",")[0].split(";")[0].splitlines()[0].rstrip(".")
        began = time.monotonic()
        print(f"\n=== {title} ===", flush=True)
        if check in needs_installation and not installed:
            results.append((title, "NOT RUN", 0.0))
            continue
        try:
            outcome = check()
        except (CheckFailed, Failure) as failure:
            print(failure, file=sys.stderr)
            outcome = "FAILED"
            installed = installed and check != checks.installation
        results.append((title, outcome, time.monotonic() - began))
        say(f"{title}: {outcome} ({results[-1][2]:.0f} s)")
    print("\n=== Summary ===")
    for title, outcome, seconds in results:
        print(f"  {title:<55} {seconds:6.1f} s   {outcome}")
    bad = [title for title, outcome, _seconds in results if outcome in ("FAILED", "NOT RUN")]
    print(f"  {'all' if not bad else 'FAILED: ' + ', '.join(bad)}")
    print(f"{checks.total.passed} passed, {max(checks.total.failed, len(bad))} failed", flush=True)
    return 1 if bad else 0
