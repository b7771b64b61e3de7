from odoo import api, models


class IrFieldsConverter(models.AbstractModel):
    """Import of our own records: each name is searched once in a file, and must be that of one record only."""

    _inherit = "ir.fields.converter"

    @api.model
    def db_id_for(self, model, field, subfield, value, savepoint):
        found = self.env.context.get("timebill_import_cache")
        if found is None:
            return super().db_id_for(model, field, subfield, value, savepoint)
        key = (field.comodel_name, subfield, value)
        if key not in found:
            record_id, warnings = super().db_id_for(model, field, subfield, value, savepoint)
            if warnings:
                # Odoo would take the first of several: work on the wrong matter, or billed to the wrong client.
                raise ValueError(*warnings[0].args)
            found[key] = record_id
        return found[key], []

    @api.model
    def _str_to_date(self, model, field, value, savepoint):
        try:
            return super()._str_to_date(model, field, value, savepoint)
        except ValueError as error:
            if self.env.context.get("timebill_import_cache") is None:
                raise
            # Without Odoo's advice to write 2012-12-31: the window understands the dates of the other rows.
            raise ValueError(error.args[0]) from error
