"""Everything that ``make test`` runs."""

import json
import os
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from . import postgres
from .console import Failure, run_long
from .database import Database, Workplace, base_addons, bridges, ensure_template
from .environment import ensure_lint_environment
from .jobs import NOT_RUN, Job, run_jobs
from .odoo_log import problems
from .paths import CACHE, LOGS, REPO, TEST_ADDONS, our_addons, test_addons

#: How long the tests took the last time, by module (see ``share_out``).
SECONDS_FILE = CACHE / "test-seconds.json"
#: What tests of tours and of JavaScript call.
BROWSER = re.compile(r"\b(start_tour|browser_js)\(")
#: With it, Odoo installs by itself the apps that sell timesheets and expenses; our add-ons need none of them.
SALES_APP = "sale_management"
#: Tests that need these apps: by its name, no other run collects this file.
SALES_TESTS = "with_sales.py"
#: Upgrades from the versions before, which are a check of their own.
UPGRADE_TESTS = "dev/tests/test_upgrade.py"
#: Until a file of tests has been timed: seconds for each of its tests, and what makes them slow.
GUESS, GUESS_SLOW = 1, 20
#: How many parts the tests in Odoo run in.
SHARDS = 3
SLOW = re.compile(rf"{BROWSER.pattern}|\bhypothesis\b")


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

    @property
    def ran(self) -> int:
        return self.passed + self.failed + len(self.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed" + (
            f", {len(self.skipped)} skipped" if self.skipped else ""
        )


class Checks:
    """The checks of one run, sharing what they prepare.

    :ivar database: the test database
    :ivar shards: copies of it, for the parts of the tests in Odoo
    :ivar server_database: another one, for the tests that run a real server
    :ivar bridges_database: another one, into which the apps go that our bridges lead to
    :ivar extensions_database: another one, into which the add-ons of test_addons/ go
    """

    def __init__(self, workplace: Workplace, test_database: str):
        self.workplace = workplace
        self.database = Database(workplace, test_database)
        self.shards = [Database(workplace, f"{test_database}_{number}") for number in range(1, SHARDS + 1)]
        self.server_database = Database(workplace, f"{test_database}_server")
        self.bridges_database = Database(workplace, f"{test_database}_bridges")
        self.extensions_database = Database(workplace, f"{test_database}_extensions")
        self.wheel_database = Database(workplace, f"{test_database}_wheel", addons_paths=[])

    def jobs(self, timed: Mapping[str, float]) -> list[Job]:
        """Return the checks as jobs, the most urgent first.

        Tests with a browser have limits on time: while they run, the other jobs are nice to them.

        :param timed: how long tests and checks took the last time
        """
        installation = self._job("installation", self.installation)
        later = []
        if bridges():  # the longest way to the end first
            later.append(self._job("bridges", self.bridges, needs=installation, nice=2))
            later.append(self._job("sales", self.sales, needs=later[-1], nice=2))
        later += [
            self._job("journeys", self.journeys, needs=installation, nice=2),
            self._job("odoo-lint", self.odoo_lint, needs=installation, nice=2),
        ]
        if test_addons():
            later.append(self._job("extensions", self.extensions, needs=installation, nice=2))
        files = [path for addon in base_addons() for path in sorted((REPO / addon / "tests").rglob("test_*.py"))]
        tests = [
            self._job(f"odoo-{number}", partial(self.odoo_tests, number, *part), needs=installation, nice=nice)
            for number, (part, nice) in enumerate(zip(share_out(files, timed), (0, 2, 2), strict=True), start=1)
            if part
        ]
        others = [
            self._job("lint", self.lint, nice=2),
            self._job("library", self.library, nice=2),
            self._job("wheel", self.wheel, nice=2),
            self._job("upgrades", self.upgrades, nice=2),
        ]
        return [installation, *tests, *others, *later]

    # --- the checks ---------------------------------------------------------------------------

    def lint(self, *arguments: str) -> str:
        """Style: the hooks of .pre-commit-config.yaml, on every file."""
        if "--fix" in arguments:
            self._call(["ruff", "check", "--fix-only", "."])
        pre_commit = ensure_lint_environment() / "pre-commit"
        self._call([str(pre_commit), "run", "--all-files", "--show-diff-on-failure", "--color=never"])
        return "pre-commit"

    def library(self, *arguments: str) -> str:
        """The library ``lib/`` without Odoo: unit tests, property tests, doctests; and the doctests of ``tools/``."""
        paths = [REPO / addon / name for addon in our_addons() for name in ("lib", "tools")]
        folders = [str(path.relative_to(REPO)) for path in paths if path.is_dir()]
        return self._pytest("library", [*folders, "-q", *arguments])

    def installation(self) -> str:
        """Installation with demonstration data in a new database, then an upgrade, both without warnings in the log."""
        with self.database.locked():
            self.database.copy_from(ensure_template(self.workplace))
            for action in (self.database.install, self.database.upgrade):
                self._no_problems(action(*base_addons(), log=f"test-{action.__name__}-{self.database.name}"))
            title = "Build the web client and the styles of reports"
            self.database.run_script(title, REPO / "dev" / "warm_assets.py", log=f"test-assets-{self.database.name}")
            copies = [*self.shards, self.server_database, self.bridges_database]
            for copy in [*copies, *([self.extensions_database] if test_addons() else [])]:
                copy.copy_from(self.database)
        return "installed, upgraded, no error and no warning of ours"

    def odoo_tests(self, number: int, *files: str) -> str:
        """Our tests in Odoo, with HTTP and a browser: a part of them."""
        command = pytest_odoo_command(self.shards[number - 1], files)
        return self._pytest(f"odoo-{number}", command=command, env=self.workplace.environ())

    def bridges(self) -> str:
        """The bridges: Odoo installs each with the apps that it extends, and no other bridge; their tests."""
        database, addons = self.bridges_database, bridges()
        expected = set()
        # As everywhere here, without Odoo's own demonstration data: a new app has it if those it needs have theirs.
        postgres.query("UPDATE ir_module_module SET demo = false", database.name)
        for addon, apps in addons.items():
            title = f"Install {', '.join(apps)} in {database.name}"
            self._no_problems(database.run_odoo(title, "-i", ",".join(apps), log=f"test-bridges-{database.name}"))
            expected.add(addon)
            installed = postgres.query("SELECT name FROM ir_module_module WHERE state = 'installed'", database.name)
            if wrong := expected.symmetric_difference(addons.keys() & installed):
                raise Failure(f"With {', '.join(apps)}: missing, or without its apps: {', '.join(sorted(wrong))}")
        title = "Build the web client with the bridges"
        database.run_script(title, REPO / "dev" / "warm_assets.py", log=f"test-bridges-assets-{database.name}")
        common = [f"timebill_legal/tests/{name}.py" for name in ("test_i18n", "test_overrides")]
        tests = [*(f"{addon}/tests" for addon in addons), *common]
        return self._pytest("bridges", command=pytest_odoo_command(database, tests), env=self.workplace.environ())

    def sales(self) -> str:
        """Odoo's sales apps beside the bridges: no work or cost is charged twice."""
        database = self.bridges_database
        title = f"Install {SALES_APP} in {database.name}"
        self._no_problems(database.run_odoo(title, "-i", SALES_APP, log=f"test-sales-{database.name}"))
        tests = [path for addon in bridges() if (REPO / (path := f"{addon}/tests/{SALES_TESTS}")).exists()]
        return self._pytest("sales", command=pytest_odoo_command(database, tests), env=self.workplace.environ())

    def extensions(self) -> str:
        """The add-ons in test_addons/, which extend ours as others would: installed, and their tests."""
        database, addons = self.extensions_database, test_addons()
        self._no_problems(database.install(*addons, log=f"test-extensions-{database.name}"))
        tests = [f"{TEST_ADDONS.name}/{addon}/tests" for addon in addons]
        return self._pytest("extensions", command=pytest_odoo_command(database, tests), env=self.workplace.environ())

    def odoo_lint(self) -> str:
        """Odoo's own checks of source code (module test_lint), which look at our add-ons too."""
        folder = self.database.folder / "lint"
        shutil.rmtree(folder, ignore_errors=True)
        tests = self._link_installed_odoo(folder) / "test_lint" / "tests"
        # Not run: eslint is not installed, and Odoo's pylint checks need another release of pylint.
        selection = ["-k", "not eslint and not test_pylint"]
        config = self.database.write_config([tests.parent.parent, REPO], path=folder / "odoo.conf", with_odoo=False)
        command = pytest_odoo_command(self.database, [str(tests), *selection], config)
        environ = {**self.workplace.environ(), "PYTHONPATH": str(folder)}
        try:
            return self._pytest("odoo-lint", command=command, env=environ)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def wheel(self) -> str:
        """The wheels contain every file; all add-ons except the bridges are installed from them, without demo data."""
        folder = self.wheel_database.folder.parent / f"{self.database.name}_wheels"
        shutil.rmtree(folder, ignore_errors=True)
        site = folder / "site-packages"
        addons = our_addons()
        try:
            self._build_wheels(addons, folder, site)
            self._compare_wheels(addons, site / "odoo" / "addons")
            self.wheel_database.copy_from(ensure_template(self.workplace), demo=False)
            environ = self.workplace.environ()
            environ["PYTHONPATH"] += os.pathsep + str(site)
            options = [
                "-c",
                self.wheel_database.write_config(),
                "--no-http",
                "--stop-after-init",
                "-i",
                ",".join(base_addons()),
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
                raise Failure(f"Odoo did not take the add-ons from the wheels, see {log}")
        finally:
            self.wheel_database.drop()
            shutil.rmtree(folder, ignore_errors=True)
        return f"{len(addons)} built and installed"

    def journeys(self, *arguments: str) -> str:
        """Tests with a real server, and tests of the tools, with plain pytest."""
        return self._pytest(
            "journeys",
            ["dev/tests", "--ignore", UPGRADE_TESTS, "-q", *arguments],
            {"TIMEBILL_TEST_DATABASE": self.server_database.name},
        )

    def upgrades(self, *arguments: str) -> str:
        """Upgrades of the data of a firm from each released version."""
        return self._pytest(
            "upgrades", [UPGRADE_TESTS, "-q", *arguments], {"TIMEBILL_TEST_DATABASE": self.database.name}
        )

    # --- helpers ---------------------------------------------------------------------------------------

    def _job(self, name: str, check: Callable[[], str], **options) -> Job:
        doc = (check.func if isinstance(check, partial) else check).__doc__
        title = re.split(r"[:,;.\n]", doc)[0]
        return Job(name, title, check, LOGS / f"check-{name}-{self.database.name}.log", self._report(name), **options)

    def _report(self, name: str) -> Path:
        """Return the path of the JUnit report of a check."""
        return LOGS / f"pytest-{name}-{self.database.name}.xml"

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
            raise Failure(f"{len(addons)} add-ons but {len(wheels)} wheels")
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index"]
        run_long("Install the wheels", [*pip, "--target", site, *wheels], log="wheel-install")

    def _compare_wheels(self, addons: Iterable[str], site: Path) -> None:
        """Fail if a file of an add-on is not in its wheel."""
        for addon in addons:
            tracked = [path for path in (REPO / addon).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
            names = {path.relative_to(REPO) for path in tracked} - {Path(addon) / "pyproject.toml"}
            if missing := sorted(str(name) for name in names if not (site / name).exists()):
                raise Failure(f"Not in the wheel of {addon}: {', '.join(missing)}")

    def _call(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Run a program of the virtual environment, its output on the screen."""
        environ = {**self.workplace.environ(), **(env or {})}
        if subprocess.call(list(command), cwd=REPO, env=environ, stdin=subprocess.DEVNULL):
            raise Failure(f"{command[0]} found problems")

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
        report = self._report(name)
        LOGS.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        command = [*(command or [str(self.workplace.bin / "pytest"), *arguments]), f"--junitxml={report}"]
        environ = {**(env or plain_environ(self.workplace)), **(variables or {})}
        code = subprocess.call(command, cwd=REPO, env=environ, stdin=subprocess.DEVNULL)
        counts = Counts()
        if report.exists():
            counts.add(report)
        if counts.skipped:
            raise Failure("Skipped tests are not allowed:\n" + "\n".join(counts.skipped))
        if code or not counts.passed:
            raise Failure(f"pytest's exit code {code}, {counts}")
        return str(counts)

    def _no_problems(self, log: Path) -> None:
        found = problems(log)
        if found:
            raise Failure("\n".join([*found, f"(whole log: {log})"]))


def plain_environ(workplace: Workplace) -> dict[str, str]:
    """Return an environment without Odoo, to prove that the library does not need it."""
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


def share_out(files: Iterable[Path], timed: Mapping[str, float]) -> list[list[str]]:
    """Share out the files of tests on several runs.

    :param timed: seconds of the last time by module; a file that is not there is guessed
    :return: the files of each run. The first has every test with a browser and no other (two browsers would slow each
        other down, until a tour takes too long); the others end together.
    """
    seconds, with_browser = {}, set()
    for path in files:
        name, text = str(path.relative_to(REPO)), path.read_text()
        guess = len(re.findall(r"^ +def test_", text, re.MULTILINE)) * (GUESS_SLOW if SLOW.search(text) else GUESS)
        seconds[name] = timed.get(name.removesuffix(".py").replace("/", "."), guess)
        if BROWSER.search(text):
            with_browser.add(name)
    others: list[list[str]] = [[] for _number in range(SHARDS - 1)]
    for name in sorted(seconds.keys() - with_browser, key=lambda name: (-seconds[name], name)):
        min(others, key=lambda part: sum(seconds[name] for name in part)).append(name)
    return [sorted(with_browser), *others]


def _last_seconds() -> dict[str, float]:
    """Return how long tests, by module, and checks took the last time."""
    try:
        return json.loads(SECONDS_FILE.read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _remember_seconds(jobs: Iterable[Job]) -> None:
    seconds = Counter({job.name: job.seconds for job in jobs if job.outcome != NOT_RUN})
    for job in jobs:
        if re.fullmatch(r"odoo-\d", job.name) and job.report.exists():
            for case in ElementTree.parse(job.report).iter("testcase"):
                seconds[case.get("classname").rpartition(".")[0]] += float(case.get("time"))
    SECONDS_FILE.write_text(json.dumps({**_last_seconds(), **seconds}, indent=1, sort_keys=True))


def run_all(workplace: Workplace, test_database: str) -> int:
    """Run all checks, print the outcome and the duration of each, and return the exit code."""
    began = time.monotonic()
    jobs = Checks(workplace, test_database).jobs(_last_seconds())
    run_jobs(jobs)
    _remember_seconds(jobs)
    print("\n=== Summary ===")
    total = Counts()
    for title in dict.fromkeys(job.title for job in jobs):
        same = [job for job in jobs if job.title == title]
        counts = Counts()
        for job in same:
            if job.report.exists():
                counts.add(job.report)
                total.add(job.report)
        outcome = next((job.outcome for job in same if job.is_bad), str(counts) if counts.ran else same[0].outcome)
        seconds = " + ".join(f"{job.seconds:.0f}" for job in same)
        print(f"  {title:<55} {seconds:>9} s   {outcome}")
    bad = list(dict.fromkeys(job.title for job in jobs if job.is_bad))
    print(f"  {'all' if not bad else 'FAILED: ' + ', '.join(bad)} ({time.monotonic() - began:.0f} s)")
    print(f"{total.passed} passed, {max(total.failed, len(bad))} failed", flush=True)
    return 1 if bad else 0
