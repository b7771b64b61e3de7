"""Upgrades with data from the versions before: see dev/upgrades. ``python3 -m dev upgrade-test`` runs them alone."""

import json
import os
from collections.abc import Iterator

import pytest

from dev import upgrades
from dev.console import Failure
from dev.database import Database, Workplace
from dev.environment import ensure_environment
from dev.odoo_log import problems
from dev.odoo_source import ensure_source
from dev.paths import manifest, our_addons

#: Columns with another name now: {(table, column): column}.
RENAMED = {
    ("account_move", "sending_state"): "timebill_sending_state",
    ("account_move", "sending_message_id"): "timebill_sending_message_id",
    ("hr_expense", "matter_id"): "timebill_matter_id",
    ("project_project", "matter_id"): "timebill_matter_id",
}
#: Tables with another name now.
RENAMED_TABLES = {"timebill_types_for_rel": "timebill_timekeeper_rel"}
#: Columns that are gone: {(table, column): why nothing is lost}.
GONE = {("account_move_line", "timebill_is_rebate"): "rows of the credit note lower the price"}
#: Columns with other values than before: {(table, column): what makes the old value the new one, by the old row}.
CHANGED = {
    # Since 19.0.1.1.0 what a credit gives back is negative in each column.
    ("timebill_allocation", "standard_amount"): lambda value, row: (
        f"-{value}" if row["reversed_id"] and "release" not in row else value
    ),
}
#: Written by every upgrade.
LOGGED = ("write_date", "write_uid")


class Upgrade:
    """A database of a version before, and the same after its upgrade.

    :ivar before: never changed
    :ivar after: a copy of it, upgraded
    :ivar figures: its counts and sums
    :ivar checked: what ``check.py`` found in it: {what: [problem]}
    """

    def __init__(self, version: str):
        workplace = Workplace(ensure_source(), ensure_environment())
        self.version = version
        self.before = upgrades.restore(workplace, version)
        name = f"{os.environ.get('TIMEBILL_TEST_DATABASE', 'timebill_test')}_from_{version.replace('.', '_')}"
        self.after = Database(workplace, name)
        self.after.copy_from(self.before, demo=False)
        # As docs/upgrading.md says: the bridges follow, the add-ons that are new come by themselves.
        self.log = self.after.run_odoo(f"Upgrade from {version}", "-u", "timebill_legal")
        # Before anything works in it: not even what is undone leaves the sequences as they were.
        self.figures = upgrades.figures(name)
        log = self.after.run_script(
            f"Work after the upgrade from {version}", upgrades.FOLDER / "check.py", log=f"check-{name}"
        )
        lines = [line for line in log.read_text().splitlines() if line.startswith("checked: ")]
        self.checked = json.loads(lines[-1].removeprefix("checked: "))


@pytest.fixture(scope="module", params=upgrades.RELEASES)
def upgrade(request) -> Iterator[Upgrade]:
    """Upgrade from a version, once for all the tests."""
    upgraded = Upgrade(request.param)
    yield upgraded
    upgraded.after.drop()


def compare(after: dict[str, list[str]], before: dict[str, list[str]]) -> list[str]:
    """Return the counts and sums that are not the same."""
    return [
        f"{name}: {row} is missing" if row in before.get(name, ()) else f"{name}: {row} was not there before"
        for name in {**before, **after}
        for row in sorted({*before.get(name, ())} ^ {*after.get(name, ())})
    ]


def test_dump_is_whole(upgrade):
    """What was restored is what was dumped."""
    found = compare(upgrades.figures(upgrade.before.name), upgrades.known_figures(upgrade.version))
    assert not found, "\n".join(found)


def test_tools_refuse_the_database_before_its_upgrade(upgrade):
    """Odoo would start on it, and fail once somebody works with it."""
    with pytest.raises(Failure, match="python3 -m dev upgrade"):
        upgrade.before.check_version()
    upgrade.after.check_version()


def test_log_is_clean(upgrade):
    found = problems(upgrade.log)
    assert not found, "\n".join(found)


def test_every_addon_is_there(upgrade):
    """Those that were installed have the new version; those that are new came by themselves."""
    apps = {app for _commit, apps in upgrades.RELEASES.values() for app in apps}
    missing = apps - {*upgrades.RELEASES[upgrade.version][1]}
    manifests = {addon: manifest(addon) for addon in our_addons()}
    expected = {addon: values["version"] for addon, values in manifests.items() if not missing & {*values["depends"]}}
    assert upgrade.after.installed_addons() == expected


def test_counts_and_sums_are_the_same(upgrade):
    found = compare(upgrade.figures, upgrades.known_figures(upgrade.version))
    assert not found, "\n".join(found)


def test_no_value_is_lost(upgrade):
    """Every row is there, with the value of every column."""
    stored = upgrades.stored_fields(upgrade.after.name)
    lost = []
    for table, columns in upgrades.stored_fields(upgrade.before.name).items():
        new_table = RENAMED_TABLES.get(table, table)
        if new_table not in stored:
            lost.append(f"{table}: the table is gone")
            continue
        after = upgrades.values(upgrade.after.name, new_table)
        for key, old in upgrades.values(upgrade.before.name, table).items():
            new = after.get(key)
            if new is None:
                lost.append(f"{table} {key}: the row is gone")
                continue
            for column in columns:
                place = table, column
                name = RENAMED.get(place, column)
                if column in LOGGED or place in GONE:
                    continue
                value = CHANGED[place](old[column], old) if place in CHANGED else old[column]
                if name not in new and value is not None:
                    lost.append(f"{table}.{column} {key}: {value!r} is gone")
                elif new.get(name) != value:
                    lost.append(f"{table}.{name} {key}: {value!r} is {new[name]!r}")
    assert not lost, "\n".join(lost[:100])


@pytest.mark.parametrize(
    "what", ["stored_computes", "views", "saved_filters", "leftovers", "french", "billing", "older_documents", "entry"]
)
def test_the_firm_works_on(upgrade, what):
    """See the checks of this name in dev/upgrades/check.py."""
    found = upgrade.checked[what]
    assert not found, "\n".join(found)
