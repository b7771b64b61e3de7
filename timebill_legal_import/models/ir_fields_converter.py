from odoo import api, models
from odoo.addons.timebill_legal.lib.durations import LongerThanDayError

from ..lib.durations import is_plain_number, read_duration

DURATIONS = ("duration", "billable_duration")
#: Digits of the largest id.
MAX_ID_DIGITS = 9
#: Letters of a text that an error quotes.
MAX_QUOTED = 50


class IrFieldsConverter(models.AbstractModel):
    """Import of our own records: each name is searched once in a file, and must be that of one record only."""

    _inherit = "ir.fields.converter"

    @api.model
    def db_id_for(self, model, field, subfield, value, savepoint):
        found = self.env.context.get("timebill_import_cache")
        if found is None:
            return super().db_id_for(model, field, subfield, value, savepoint)
        self._timebill_check_reference(subfield, value)
        key = (field.comodel_name, subfield, value)
        if key not in found:
            record_id, warnings = super().db_id_for(model, field, subfield, value, savepoint)
            if warnings:
                # Odoo would take the first of several: work on the wrong matter, or billed to the wrong client.
                raise ValueError(*warnings[0].args)
            found[key] = record_id
        return found[key], []

    @api.model
    def _timebill_check_reference(self, subfield, value):
        """
        :raises ValueError: the id of a record is none, and would be an error of the database
        """
        text = str(value).strip()
        if subfield == ".id" and not (text.isdecimal() and text.isascii() and len(text) <= MAX_ID_DIGITS):
            reason = self.env._("“%(value)s” is not a database ID.")
            raise self._format_import_error(ValueError, reason, {"value": text[:MAX_QUOTED]})

    @api.model
    def _str_to_integer(self, model, field, value, savepoint):
        """Durations of activities as people and products write them."""
        if model._name != "timebill.activity" or field.name not in DURATIONS:
            return super()._str_to_integer(model, field, value, savepoint)
        text = str(value).strip()
        try:
            return read_duration(text, self.env.context.get("timebill_units", {}).get(field.name, "")), []
        except LongerThanDayError:
            reason = self.env._("“%(duration)s”: 24 hours at most.")
        except ValueError:
            if is_plain_number(text):
                reason = self.env._("“%(duration)s”: of which unit? Write 1h30, 1:30 or 90 min.")
            else:
                reason = self.env._("“%(duration)s” is not a duration: write 1h30, 1:30, 1.5 or 90.")
        raise self._format_import_error(ValueError, reason, {"duration": text[:MAX_QUOTED]})

    @api.model
    def for_model(self, model, fromtype=str, *, savepoint):
        """Of the lines of a record, Odoo names the columns in English."""
        convert = super().for_model(model, fromtype, savepoint=savepoint)
        if self.env.context.get("timebill_import_cache") is None:
            return convert

        def convert_with_labels(record, log):
            def log_with_label(name, exception):
                try:
                    log(name, exception)
                except ValueError as error:  # of a line, that the record is to tell
                    column, (message, *others) = model._fields[name], error.args
                    label = f"%(field)s/{column._description_string(self.env)}"
                    error.args = (message.replace(f"%(field)s/{column.string}", label), *others)
                    raise

            return convert(record, log_with_label)

        return convert_with_labels
