from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models.ir_fields_converter import IrFieldsConverter
from ..wizard.base_import_files import BaseImport as BaseImportFiles
from ..wizard.base_import_import import BaseImport

OPTIONS = {
    "has_headers": True,
    "advanced": False,
    "separator": "",
    "quoting": '"',
    "encoding": "",
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
}
#: Columns with technical names, for both languages; texts and numbers that Odoo takes for dates.
CONTACTS = """\
name,ref,calendar_last_notif_ack,partner_latitude,company_id
Ann,2026-0010,{0},"1 200",
Bob,2026-0011,{1},"95,50",Nobody at all
Eve,2026-0012,{2},"1,234.5",
"""
EVENTS = """\
name,start_date,stop_date,start,stop,location
Hearing,{0},{0},{0},{0},1 200
Meeting,{1},{1},{1},{1},1 300
Call,{2},{2},{2},{2},1 400
"""
#: Dates of three rows: clear, ambiguous, impossible, of several formats, and none at all.
DATES = (
    ("2026-10-05", "2026-10-06", "2026-10-07"),
    ("05/10/2026", "06/10/2026", "07/10/2026"),  # of which month?
    ("05/10/2026", "10/05/2026", "25/10/2026"),
    ("31/02/2026", "01/03/2026", ""),
    ("5.10.26", "6.10.26", "demain"),
    ("2026-10-05 10:00:00", "05/10/2026 10:00", "10/05/26 10:00 PM"),
    ("20261005", "100526", "1 200"),
    ("1h30", "90", "1:30"),
)


@contextmanager
def without_overrides():
    """Odoo's import as if our overrides did not exist: each only calls what it overrides."""

    def get_super(definition, name):
        def call(self, *args, **kwargs):
            return getattr(super(definition, self), name)(*args, **kwargs)

        return call

    with ExitStack() as stack:
        for definition in (BaseImport, BaseImportFiles, IrFieldsConverter):
            for name, value in vars(definition).items():
                if callable(value) and not name.startswith("_timebill_"):
                    stack.enter_context(patch.object(definition, name, get_super(definition, name)))
        yield


@tagged("post_install", "-at_install")
class TestImportsOfOtherModels(TransactionCase):
    """Records that are not ours are imported as by Odoo alone: same preview, same result, same messages."""

    def _import(self, model, content, **options):
        """:return: what the window shows of the file, and what it answers to the test and to the import"""
        window = self.env["base_import.import"].create(
            {"res_model": model, "file": content.encode(), "file_type": "text/csv", "file_name": "import.csv"}
        )
        preview = window.parse_preview({**OPTIONS, **options})
        self.assertNotIn("error", preview)
        matches, columns = preview["matches"], preview["headers"]
        fields = ["/".join(matches[index]) if index in matches else False for index in range(len(columns))]
        self.assertTrue(all(fields), fields)
        shown = {name: preview[name] for name in ("matches", "headers", "header_types", "preview", "options")}
        with self.env.cr.savepoint() as savepoint, mute_logger("odoo.sql_db", "odoo.models"):
            tested = window.execute_import(fields, columns, dict(preview["options"]), dryrun=True)
            done = window.execute_import(fields, columns, dict(preview["options"]))
            values = self.env[model].browse(done.get("ids")).read([name for name in fields if "/" not in name])
            savepoint.rollback()
        self.env.invalidate_all(flush=False)
        for result in (tested, done):
            result["ids"] = len(result.get("ids") or ())  # of new records
        return shown, tested, done, [{**record, "id": 0} for record in values]

    def _check_same(self, model, content):
        for lang in ("en_US", "fr_FR"):
            self.env.user.lang = lang
            for options in ({}, {"float_thousand_separator": "", "float_decimal_separator": ","}):
                for dates in DATES:
                    with self.subTest(model=model, lang=lang, dates=dates, **options):
                        file = content.format(*dates)
                        with without_overrides():
                            expected = self._import(model, file, **options)
                        self.assertEqual(self._import(model, file, **options), expected)

    def test_contacts(self):
        self._check_same("res.partner", CONTACTS)

    def test_meetings(self):
        self._check_same("calendar.event", EVENTS)
