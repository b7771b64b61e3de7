from odoo import api, models


class TimebillImportMixin(models.AbstractModel):
    """Records that a firm brings along from a spreadsheet or from another product.

    Odoo reads the file and its columns; here, what is wrong with a row is said before anything is created. Odoo
    would try all rows at once, and then all of them one by one to find those that cannot be.
    """

    _name = "timebill.import.mixin"
    _description = "Imported Records"

    @api.model
    def load(self, fields, data):
        return super(TimebillImportMixin, self.with_context(timebill_import_cache={})).load(fields, data)

    def _convert_records(self, records, *, savepoint, **options):
        log, failed = options["log"], set()

        def note(message):
            if message["type"] == "error":
                failed.add(message["record"])
            log(message)

        records = ((self._read_import_row(row), extras) for row, extras in records)
        converted = [
            (dbid, xid, values, info)
            for dbid, xid, values, info in super()._convert_records(records, log=note, savepoint=savepoint)
            if info["record"] not in failed
        ]
        problems = self._get_import_problems([values for _dbid, _xid, values, _info in converted])
        for (dbid, xid, values, info), problem in zip(converted, problems, strict=True):
            if problem:
                log({**info, "type": "error", "message": problem})
            else:
                yield dbid, xid, values, info
        # Only while testing: the window takes any message of the import itself for a failure of it.
        if self.env.context.get("timebill_import_test") and not failed and not any(problems):
            warning = self._get_import_warning([values for _dbid, _xid, values, _info in converted])
            if warning:
                log({"type": "warning", "message": warning})

    @api.model
    def _read_import_row(self, row):
        """The texts of a row, by field, as Odoo is to convert them."""
        return row

    @api.model
    def _get_import_problems(self, vals_list):
        """What is wrong with each of the converted rows, or False; they may be completed here."""
        return [False] * len(vals_list)

    @api.model
    def _get_import_warning(self, vals_list):
        """What to know before importing the converted rows, or False; each by itself, they are right."""
        return False

    @api.model
    def get_import_templates(self):
        """Two files to start from, of the same columns: one for spreadsheets, one that any product can write."""
        records = self.env["ir.model"]._get(self._name).name
        name = self._get_import_template()
        return [
            {
                "label": self.env._("Template: %(records)s (%(format)s)", records=records, format=suffix),
                "template": f"/timebill_legal_import/static/xls/{name}.{suffix}",
            }
            for suffix in ("xlsx", "csv")
        ]

    @api.model
    def _get_import_template(self):
        """Name of the files in static/xls."""
        return self._name.removeprefix("timebill.").replace(".", "_")
