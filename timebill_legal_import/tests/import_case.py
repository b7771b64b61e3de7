from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.fields import Command
from odoo.tools import mute_logger
from odoo.tools.misc import file_open

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What the window sends in French, before it knows anything of the file.
OPTIONS = {
    "has_headers": True,
    "advanced": True,
    "keep_matches": False,
    "limit": 2000,
    "sheets": [],
    "sheet": "",
    "skip": 0,
    "tracking_disable": True,
    "separator": "",
    "quoting": '"',
    "encoding": "",
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": "",
    "float_decimal_separator": ",",
    "timebill_layout": "",
    "timebill_unit": "",
    "timebill_choices": False,
    "import_skip_records": [],
    "import_set_empty_fields": [],
    "fallback_values": {},
    "name_create_enabled_fields": {},
}


class ImportCommon(TimebillCommon):
    """Files go through Odoo's own window, from their bytes to the records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.phone.code = "TEL"
        cls.reference = cls.matter.reference

    def _preview(self, content, model="timebill.activity", user=None, mimetype=CSV, **options):
        """The window, and what it shows of a file."""
        name = "import.csv" if mimetype == CSV else "import.xlsx"
        window = self.env["base_import.import"].with_user(user or self.biller).create(
            {"res_model": model, "file": content, "file_type": mimetype, "file_name": name}
        )
        preview = window.parse_preview({**OPTIONS, **options})
        self.assertNotIn("error", preview, preview.get("error"))
        return window, preview

    def _mapping(self, preview):
        matches = preview["matches"] or {}
        return ["/".join(matches[index]) if index in matches else False for index in range(len(preview["headers"]))]

    def _execute(self, window, preview, dryrun=False, mapping=None, **options):
        """What the window answers to a click on *Import*."""
        columns = [str(header).strip().lower() for header in preview["headers"]]
        with mute_logger("odoo.sql_db"):
            return window.execute_import(
                mapping or self._mapping(preview), columns, {**preview["options"], **options}, dryrun=dryrun
            )

    def _import(
        self, content, model="timebill.activity", user=None, mimetype=CSV, dryrun=False, unknown=(), **options
    ):
        """What the window answers, with the columns that it recognised by itself: all, but those ``unknown``."""
        window, preview = self._preview(content, model, user, mimetype, **options)
        columns = preview["headers"]
        fields = self._mapping(preview)
        missing = [column for column, field in zip(columns, fields, strict=True) if not field]
        self.assertEqual(missing, list(unknown), "not recognised")
        return self._execute(window, preview, dryrun)

    def _imported(self, result, model="timebill.activity"):
        self.assertFalse([message["message"] for message in result["messages"]])
        return self.env[model].browse(result["ids"])


class ProductsCommon(ImportCommon):
    """The people, matters and categories of the sample files in tests/files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner, Matter = cls.env["res.partner"], cls.env["timebill.matter"]
        cls.corlay = Partner.create({"name": "Atelier Corlay", "ref": "0042"})
        cls.boreal = Partner.create({"name": "Boréal Transports", "ref": "0107"})
        cls.divorce = Matter.create(
            {
                "reference": "2026-0101",
                "name": "Corlay / Hennequin",
                "client_ids": [Command.create({"partner_id": cls.corlay.id})],
            }
        )
        cls.lease = Matter.create(
            {
                "reference": "2026-0102",
                "name": "Boréal – bail",
                "client_ids": [Command.create({"partner_id": cls.boreal.id})],
            }
        )
        cls.cabinet = Matter.create({"reference": "2026-0100", "name": "Cabinet (interne)", "internal": True})
        cls.lawyer.write({"name": "Inès Valbert", "tz": "Europe/Paris"})
        cls.colleague.write({"name": "Marc Tillier"})
        cls.manager.write({"name": "Sofia Renner"})
        cls.biller.tz = "Europe/Paris"
        Type = cls.env["timebill.activity.type"]
        names = set(Type.search([]).mapped("name"))
        for name in {"Rédaction", "Audience", "Téléphone", "Telephone", "Drafting"} - names:
            Type.create({"name": name, "kind": "time"})

    def _file(self, name):
        with file_open(f"timebill_legal_import/tests/files/{name}.csv", "rb") as file:
            return file.read()
