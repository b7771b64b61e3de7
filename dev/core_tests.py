"""``python3 -m dev core-tests`` compares Odoo's own tests with and without our add-ons.

Both run in English, without demonstration data and with Odoo's generic chart of accounts: that is what those tests
expect. What comes out without our add-ons is kept for each version of Odoo; tests with a browser or HTTP are left out.
"""

import json
import os
import subprocess
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from . import postgres
from .console import Failure, say
from .database import TEMPLATE_EXTENSIONS, Database, Workplace
from .jobs import Job, run_jobs
from .paths import LOCK_FILE, LOGS, REPO, digest, locked, our_addons

#: What both databases have. The localization is there for our add-on that goes with it; no company uses it.
MODULES = ["account", "calendar", "contacts", "hr_expense", "l10n_fr_account", "project", "sale_timesheet"]
#: Add-ons of Odoo whose tests run beside ours: those that we extend, and one that extends them in its turn.
TESTED = ["account", "project", "calendar", "hr_expense", "sale_timesheet"]
#: Intended differences with their reasons: {"class.test": "reason"}.
EXPECTED = Path(__file__).with_name("core_tests_expected.toml")
SHARDS = 2
#: Seconds, for half of the tests.
LIMIT = 3 * 3600

Outcomes = dict[str, str]


def run_core_tests(workplace: Workplace, name: str, wanted: Sequence[str]) -> int:
    """Run the tests where needed, print the differences and return the exit code.

    :param name: of the database with our add-ons, which is made anew
    :param wanted: parts of names of test files, for instance ``account/test_audit`` or ``calendar``; all if empty
    """
    files = [file for file in _files(workplace) if not wanted or any(part in file for part in wanted)]
    if not files:
        raise Failure(f"No such file of tests: {', '.join(wanted)}")
    base = _ensure_base(workplace)
    known = _load_base(base)
    jobs, parts = [], []
    missing = [file for file in files if file not in known]
    for kind, todo, origin in (("without", missing, base), ("with", files, _install(base, name))):
        for number, part in enumerate(_split(workplace, todo), start=1):
            copy = Database(workplace, f"{name}_{kind}_{number}", addons_paths=origin.addons_paths)
            report = LOGS / f"core-{kind}-{number}-{name}.xml"
            work = partial(_run_part, copy, origin, part, report)
            log = report.with_suffix(".log")
            jobs.append(Job(f"{kind}-{number}", f"Odoo's tests {kind} our add-ons, part {number}", work, log, report))
            parts.append((kind, part, report))
    run_jobs(jobs, limit=LIMIT)
    if bad := [job.title for job in jobs if job.is_bad]:
        raise Failure(f"Failed: {', '.join(bad)}")
    outcomes = {}
    for kind, part, report in parts:
        found = read_outcomes(report)
        if kind == "without":
            known |= {file: {test: found[test] for test in found if _is_in(test, file)} for file in part}
        else:
            outcomes |= found
    _save_base(base, known)
    return _compare({test: outcome for file in files for test, outcome in known[file].items()}, outcomes, not wanted)


def _files(workplace: Workplace) -> list[str]:
    """Return the files of tests, ``module/test_name``."""
    return [
        f"{module}/{path.stem}"
        for module in TESTED
        for path in sorted((_folder(workplace, module) / "tests").glob("test_*.py"))
    ]


def _folder(workplace: Workplace, module: str) -> Path:
    return next(path / module for path in workplace.source.addons_paths if (path / module).is_dir())


def _split(workplace: Workplace, files: Sequence[str]) -> list[list[str]]:
    """Share out files on as many runs as are done at once, by the number of their tests."""
    parts: list[list[str]] = [[] for _number in range(SHARDS)]
    sizes = [0] * SHARDS
    counts = {}
    for file in files:
        module, name = file.split("/")
        counts[file] = (_folder(workplace, module) / "tests" / f"{name}.py").read_text().count("    def test_")
    for file in sorted(files, key=lambda file: -counts[file]):
        smallest = sizes.index(min(sizes))
        parts[smallest].append(file)
        sizes[smallest] += counts[file]
    return [part for part in parts if part]


# --- databases ---------------------------------------------------------------------------------------


def _ensure_base(workplace: Workplace) -> Database:
    """Return the database without our add-ons, making it the first time (minutes)."""
    key = digest(workplace.source.key, LOCK_FILE.read_bytes(), ",".join(MODULES), TEMPLATE_EXTENSIONS, length=10)
    base = Database(workplace, f"timebill_template_core_{key}", addons_paths=[])
    with locked("core-tests"):
        if not base.exists():
            building = Database(workplace, f"{base.name}_new", addons_paths=[])
            building.drop()
            postgres.query(f"CREATE DATABASE \"{building.name}\" ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0")
            # unaccent is immutable, as in the other databases: indexes of ours need it.
            postgres.query(TEMPLATE_EXTENSIONS, building.name)
            building.run_odoo(
                f"Database with {', '.join(MODULES)}", "-i", ",".join(MODULES), "--without-demo", log="core-base"
            )
            base.drop()
            base.copy_from(building, demo=False)
            building.drop()
    return base


def _install(base: Database, name: str) -> Database:
    """Make the database with our add-ons, and return it."""
    database = Database(base.workplace, name)
    with database.locked():
        database.copy_from(base, demo=False)
        database.run_odoo("Install our add-ons", "-i", ",".join(our_addons()), "--without-demo", log=f"core-{name}")
    return database


def _run_part(database: Database, origin: Database, files: Iterable[str], report: Path) -> str:
    """Run files of tests in a copy of a database; whether they pass is looked at afterwards."""
    database.copy_from(origin, demo=False)
    try:
        workplace = database.workplace
        paths = [str(_folder(workplace, module) / "tests" / f"{name}.py") for module, name in map(_parts, files)]
        command = [
            str(workplace.bin / "pytest"),
            *("-c", str(REPO / "dev" / "pytest_odoo.ini"), "--rootdir", str(workplace.source.addons_paths[-1])),
            *("--odoo-config", str(database.write_config()), "--odoo-database", database.name),
            *("-q", "--tb=short", f"--junitxml={report}", *paths),
        ]
        environ = {**workplace.environ(), "PYTHONDONTWRITEBYTECODE": "1"}
        code = subprocess.call(command, cwd=workplace.source.addons_paths[-1], env=environ, stdin=subprocess.DEVNULL)
        if code not in (os.EX_OK, 1) or not report.exists():
            raise Failure(f"pytest's exit code {code}")
    finally:
        database.drop()
    outcomes = list(read_outcomes(report).values())
    return ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in sorted(set(outcomes)))


def _parts(file: str) -> list[str]:
    return file.split("/")


# --- outcomes ----------------------------------------------------------------------------------------


def read_outcomes(report: Path) -> Outcomes:
    """Return the outcome of each test of a JUnit report: ``{"module.tests.file.Class.test": outcome}``."""
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        bad = any(case.find(tag) is not None for tag in ("failure", "error"))
        outcome = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
        name = f"{case.get('classname')}.{case.get('name')}".removeprefix("odoo.addons.")
        # A test that passes is listed twice if the teardown of its class fails.
        outcomes[name] = "failed" if "failed" in (outcome, outcomes.get(name)) else outcome
    return outcomes


def _is_in(test: str, file: str) -> bool:
    module, name = _parts(file)
    return test.startswith(f"{module}.tests.{name}.")


def _load_base(base: Database) -> dict[str, Outcomes]:
    path = base.folder / "outcomes.json"
    return json.loads(path.read_text()) if path.exists() else {}


def _save_base(base: Database, known: dict[str, Outcomes]) -> None:
    (base.folder / "outcomes.json").write_text(json.dumps(known, indent=1, sort_keys=True))


def differences(without: Outcomes, with_ours: Outcomes) -> dict[str, str]:
    """Return the tests that pass without our add-ons but not with them, with their outcome."""
    return {
        test: with_ours.get(test, "not run")
        for test, outcome in without.items()
        if outcome == "passed" and with_ours.get(test) != "passed"
    }


def _compare(without: Outcomes, with_ours: Outcomes, is_whole: bool) -> int:
    expected = tomllib.loads(EXPECTED.read_text())
    found = differences(without, with_ours)
    passed = sum(outcome == "passed" for outcome in with_ours.values())
    new = {test: outcome for test, outcome in found.items() if _short(test) not in expected}
    # One that is not among these tests at all was renamed by Odoo: seen when all of them run.
    seen = expected.keys() if is_whole else {_short(test) for test in without}
    stale = seen & expected.keys() - {_short(test) for test in found}
    for test in found.keys() - new.keys():
        print(f"expected: {test}: {expected[_short(test)]}")
    for test in sorted(stale):
        print(f"passes now, take it out of {EXPECTED.name}: {test}")
    for test, outcome in new.items():
        print(f"{outcome.upper()} with our add-ons: {test}")
    say(f"{len(without)} tests without our add-ons, {len(with_ours)} with them; their logs: {LOGS}/core-*.log")
    print(f"{passed} passed, {len(new)} failed")
    return 1 if new or stale else 0


def _short(test: str) -> str:
    """``class.test``: how a test is named in the list of expected differences."""
    return ".".join(test.split(".")[-2:])
