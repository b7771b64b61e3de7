"""Upgrades from released versions: a dump of the data of a firm for each, and the figures to keep.

``python3 -m dev make-dump VERSION`` makes a dump from the commit of that version: it installs the add-ons with their
demonstration data, lets ``fill.py`` do a firm's work with them, and writes ``VERSION.sql.xz`` and ``VERSION.json``
(counts and sums) here. ``dev/tests/test_upgrade.py`` restores, upgrades and compares (``python3 -m dev upgrade-test``).
"""

import json
import lzma
import re
import shutil
import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from .. import postgres
from ..console import Failure, run, say
from ..database import TEMPLATE_EXTENSIONS, Database, Workplace, ensure_template
from ..paths import REPO, digest, locked

FOLDER = Path(__file__).parent
#: The versions that firms may upgrade from: the commit of each, and Odoo's apps that its bridges lead to.
RELEASES = {
    "19.0.1.0.0": ("7857505f94c5a32166c699a7d5978b8506de9b28", ()),
    "19.0.1.1.0": ("99d017143e8ff7667f5bd3beb622240baf4377d8", ("hr_timesheet", "hr_expense")),
}
#: Counts and sums that an upgrade must keep, as SQL for every version. ``{name}`` stands for
#: a column that has had several names, see ``COLUMNS``.
FIGURES = {
    "activities": """
        SELECT kind, count(*), sum(duration), sum(quantity), sum(billable_quantity), sum(amount), sum(covered),
               sum(amount_to_bill)
          FROM timebill_activity GROUP BY kind ORDER BY kind
    """,
    "states of activities": """
        SELECT billing_state, approved IS TRUE, count(*) FROM timebill_activity GROUP BY 1, 2 ORDER BY 1, 2
    """,
    "matters": """
        SELECT matter.reference, matter.state, matter.confidential IS TRUE, count(*), sum(amount_to_bill)
          FROM timebill_activity AS activity JOIN timebill_matter AS matter ON matter.id = matter_id
         GROUP BY 1, 2, 3 ORDER BY 1
    """,
    # Without rows that only lower a price: an upgrade adds those that 19.0.1.0.0 did not write.
    "ledger": """
        SELECT move_line_id IS NULL, reversed_id IS NOT NULL, live, count(*), sum(coverage), sum(net),
               sum(agreed_amount), sum(abs(standard_amount)), sum(billed)
          FROM timebill_allocation WHERE coverage <> 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """,
    "billed": """
        SELECT matter.reference, sum(billed), sum(net)
          FROM timebill_allocation AS allocation JOIN timebill_matter AS matter ON matter.id = allocation.matter_id
         WHERE live AND coverage <> 0 GROUP BY 1 ORDER BY 1
    """,
    "invoices": """
        SELECT move_type, state, payment_state, count(*), sum(amount_untaxed), sum(amount_tax), sum(amount_total),
               sum(amount_residual)
          FROM account_move GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """,
    "lines of invoices": """
        SELECT display_type, parent_state, count(*), sum(quantity), sum(price_subtotal), sum(balance)
          FROM account_move_line GROUP BY 1, 2 ORDER BY 1, 2
    """,
    "sending states": "SELECT {sending_state}, count(*) FROM account_move GROUP BY 1 ORDER BY 1",
    "users per group": """
        SELECT data.module || '.' || data.name, count(*)
          FROM res_groups_users_rel JOIN ir_model_data AS data ON data.res_id = gid AND data.model = 'res.groups'
         WHERE data.module LIKE 'timebill%' GROUP BY 1 ORDER BY 1
    """,
    "attachments": """
        SELECT res_model, count(*), sum(file_size) FROM ir_attachment
         WHERE res_model LIKE 'timebill%' OR res_model IN ('account.move', 'res.partner', 'hr.expense')
         GROUP BY 1 ORDER BY 1
    """,
    "messages": """
        SELECT model, count(*) FROM mail_message
         WHERE model LIKE 'timebill%' OR model LIKE 'project.%'
            OR model IN ('account.move', 'account.payment', 'calendar.event', 'hr.expense', 'res.partner')
         GROUP BY 1 ORDER BY 1
    """,
    "changes in the chatter": "SELECT count(*), count(field_id) FROM mail_tracking_value",
    "followers": "SELECT res_model, count(*) FROM mail_followers GROUP BY 1 ORDER BY 1",
    "filters": "SELECT model_id, count(*), count(*) FILTER (WHERE is_default) FROM ir_filters GROUP BY 1 ORDER BY 1",
    "exports": """
        SELECT exports.resource, count(*) FROM ir_exports_line JOIN ir_exports AS exports ON exports.id = export_id
         GROUP BY 1 ORDER BY 1
    """,
    "default values": "SELECT count(*), count(field_id) FROM ir_default",
    "sequences": """
        SELECT sequence.code, sequence.implementation, sequence.number_next, range.number_next
          FROM ir_sequence AS sequence LEFT JOIN ir_sequence_date_range AS range ON range.sequence_id = sequence.id
         WHERE sequence.code LIKE 'timebill%' ORDER BY 1, range.date_from
    """,
    "next numbers": """
        SELECT sequencename, last_value FROM pg_sequences WHERE sequencename LIKE 'ir\\_sequence\\_%' ORDER BY 1
    """,
}
#: Columns that have had several names: {name in ``FIGURES``: (table, names)}.
COLUMNS = {
    "sending_state": ("account_move", ["timebill_sending_state", "sending_state"]),
}
NUMBER = re.compile(r"-?\d+\.\d+")
#: Excluded from the dump: assets of the web client, which Odoo generates again.
FORGOTTEN = [
    "DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%'",
    "DELETE FROM bus_bus",
    "DELETE FROM ir_logging",
    "VACUUM FULL",
]


def dump_path(version: str) -> Path:
    """Return the path of the dump of a version."""
    return FOLDER / f"{version}.sql.xz"


def known_figures(version: str) -> dict:
    """Return the counts and sums of a version when its dump was made."""
    return json.loads((FOLDER / f"{version}.json").read_text())


# --- what is in a database -------------------------------------------------------------------------


def figures(database: str) -> dict[str, list[str]]:
    """Return the counts and sums of a database: {name: [row, its values separated by "|"]}."""
    there = set(postgres.query("SELECT table_name || '.' || column_name FROM information_schema.columns", database))
    names = {
        name: next(column for column in columns if f"{table}.{column}" in there)
        for name, (table, columns) in COLUMNS.items()
    }
    return {
        name: ["|".join(map(_number, row.split("|"))) for row in postgres.query(sql.format(**names), database)]
        for name, sql in FIGURES.items()
    }


def _number(text: str) -> str:
    """Write a number in one way: 200.00 and 200 are the same amount."""
    return text.rstrip("0").rstrip(".") if NUMBER.fullmatch(text) else text


def stored_fields(database: str) -> dict[str, list[str]]:
    """Return the columns of our fields, and all those of our tables: {table: [column]}."""
    rows = postgres.query(
        """
        SELECT DISTINCT columns.table_name, columns.column_name
          FROM information_schema.columns AS columns
          JOIN information_schema.tables AS tables
            ON tables.table_name = columns.table_name AND tables.table_schema = 'public' AND table_type = 'BASE TABLE'
     LEFT JOIN ir_model ON replace(ir_model.model, '.', '_') = columns.table_name
     LEFT JOIN ir_model_fields AS field ON field.model_id = ir_model.id AND field.name = columns.column_name
         WHERE NOT coalesce(ir_model.transient, false)
           AND (columns.table_name LIKE '%timebill%'
                OR EXISTS (SELECT FROM ir_model_data AS data
                            WHERE data.model = 'ir.model.fields' AND data.res_id = field.id
                              AND data.module LIKE 'timebill%'))
        """,
        database,
    )
    found: dict[str, list[str]] = {}
    for table, column in sorted(row.split("|") for row in rows):
        found.setdefault(table, []).append(column)
    return found


def values(database: str, table: str) -> dict[str, dict]:
    """Return the rows of a table by their key: the id, or all the columns of a relation."""
    lines = postgres.query(f'SELECT row_to_json("row") FROM "{table}" AS "row"', database)
    rows = [json.loads(line, parse_float=_number) for line in lines]
    return {str(row["id"]) if "id" in row else json.dumps(row, sort_keys=True): row for row in rows}


# --- dumps -----------------------------------------------------------------------------------------


def make_dump(workplace: Workplace, version: str) -> None:
    """Make the dump of a version from its commit, and write its counts and sums beside it."""
    if version not in RELEASES:
        raise Failure(f"Give a version, one of {', '.join(RELEASES)}")
    commit, apps = RELEASES[version]
    with tempfile.TemporaryDirectory(prefix="timebill-") as folder, locked("make-dump"):
        names = run(["git", "ls-tree", "--name-only", commit], cwd=REPO).stdout.split()
        addons = [name for name in names if name.startswith("timebill_")]
        archive = subprocess.check_output(["git", "archive", commit, *addons], cwd=REPO)
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        database = Database(workplace, f"timebill_dump_{version.replace('.', '_')}", addons_paths=[Path(folder)])
        database.copy_from(ensure_template(workplace))
        database.run_odoo(f"Install {version}", "-i", "timebill_legal", "--with-demo")
        if apps:
            # As everywhere here, without Odoo's own demonstration data.
            postgres.query("UPDATE ir_module_module SET demo = false", database.name)
            database.run_odoo(f"Install {', '.join(apps)}", "-i", ",".join(apps))
        database.run_script(f"Work with {version}", FOLDER / "fill.py", log=f"fill-{database.name}")
        for statement in FORGOTTEN:
            postgres.query(statement, database.name)
        write_dump(database.name, dump_path(version))
        content = json.dumps(figures(database.name), indent=1, ensure_ascii=False)
        (FOLDER / f"{version}.json").write_text(content + "\n")
        database.drop()
    say(f"{dump_path(version).relative_to(REPO)}: {dump_path(version).stat().st_size / 1e6:.2f} MB")


def write_dump(database: str, path: Path) -> None:
    """Write a database as compressed SQL, without commands that depend on its server."""
    command = [postgres.program("pg_dump"), "--no-owner", "--no-privileges", "--no-comments", "-d", database]
    text = run(command, env=postgres.environ()).stdout
    # Commands of psql itself, that older ones do not know.
    text = re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.MULTILINE)
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def restore(workplace: Workplace, version: str) -> Database:
    """Return the database of a dump, never to be changed: restored the first time, copied afterwards."""
    path = dump_path(version)
    # A name that "make clean" keeps, as the other template.
    name = f"timebill_template_{version.replace('.', '_')}_{digest(path.read_bytes(), TEMPLATE_EXTENSIONS, length=10)}"
    database = Database(workplace, name, addons_paths=[])
    with locked(f"restore-{version}"):
        if not database.exists():
            building = f"{name}_new"
            postgres.query(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
            postgres.query(f"CREATE DATABASE \"{building}\" ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0")
            # Before the dump: its indexes need a function that is immutable.
            postgres.query(TEMPLATE_EXTENSIONS, building)
            command = [postgres.program("psql"), "--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", "-d", building]
            sql = lzma.decompress(path.read_bytes())
            done = subprocess.run(command, input=sql, capture_output=True, env=postgres.environ(), check=False)
            if done.returncode:
                raise Failure(f"{path.name} cannot be restored:\n{done.stderr.decode()[-2000:]}")
            shutil.rmtree(database.folder, ignore_errors=True)
            database.filestore.mkdir(parents=True)
            postgres.query(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
    return database
