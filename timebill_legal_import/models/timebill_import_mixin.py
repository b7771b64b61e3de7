from odoo import api, models

from .ir_fields_converter import MAX_ID_DIGITS, MAX_QUOTED


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

        records = self._read_import_rows(records, note)
        converted = [
            (dbid, xid, values, info)
            for dbid, xid, values, info in super()._convert_records(records, log=note, savepoint=savepoint)
            if info["record"] not in failed
        ]
        there = self._get_records_to_update([(dbid, xid) for dbid, xid, _values, _info in converted])
        problems = self._get_import_problems([values for _dbid, _xid, values, _info in converted], there)
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

    def _read_import_rows(self, records, log):
        """The rows as Odoo is to convert them; an ID that is none would be an error of the database."""
        for number, (row, extras) in enumerate(records):
            row = self._read_import_row(row)
            if (text := str(row.get(".id") or "").strip()) and not (text.isdecimal() and len(text) <= MAX_ID_DIGITS):
                message = self.env._("“%(value)s” is not a database ID.", value=text[:MAX_QUOTED])
                log({**extras, "type": "error", "record": number, "field": ".id", "message": message})
                row = {**row, ".id": False}
            yield row, extras

    @api.model
    def _get_records_to_update(self, keys):
        """The record that each row changes; empty for those that create one.

        :param keys: [(database id, external id)]
        """
        names = {xid if "." in xid else f"__import__.{xid}" for _dbid, xid in keys if xid}
        # sudo: external ids are readable by administrators only; the user names them
        data = self.env["ir.model.data"].sudo().search_fetch(
            [("model", "=", self._name), ("name", "in", [name.split(".", 1)[1] for name in names])],
            ["module", "name", "res_id"],
        )
        id_of = {f"{found.module}.{found.name}": found.res_id for found in data}
        ids = [dbid or id_of.get(xid and (xid if "." in xid else f"__import__.{xid}")) or False for dbid, xid in keys]
        existing = {record.id: record for record in self.browse(filter(None, ids)).exists()}
        return [existing.get(res_id, self.browse()) for res_id in ids]

    @api.model
    def _read_import_row(self, row):
        """The texts of a row, by field, as Odoo is to convert them."""
        return row

    @api.model
    def _get_import_problems(self, vals_list, records):
        """What is wrong with each of the converted rows, or False; they may be completed here.

        :param records: the record that each row changes; empty for those that create one
        """
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
