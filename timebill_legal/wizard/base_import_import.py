import re
from contextlib import suppress
from datetime import datetime

from odoo import api, models
from odoo.addons.base_import.models.base_import import ImportValidationError

#: A number without its currency and its spaces, that ends in one comma or point and some digits.
ONE_SEPARATOR = re.compile(r"\d*([.,])(\d*)")
#: So written, only whoever knows the language of the file knows whether it is above a thousand.
DIGITS_OF_A_GROUP = 3


class BaseImport(models.TransientModel):
    """Files as French firms and their spreadsheets write them, for the records that we import."""

    _inherit = "base_import.import"

    def _imports_for_firm(self):
        return isinstance(self.env[self.res_model], self.env.registry["timebill.import.mixin"])

    @api.model
    def _try_match_date_time(self, preview_values, options):
        """No column after that of the dates changes their format because it might be one of dates too.

        Odoo looks for “%m.%d.%Y” with any character for the points: “2026-0010”, a matter, is taken for a date; and for
        “%m%d%y” with any number of spaces: so is “1 200”.
        """
        before = dict(options)
        result = super()._try_match_date_time(preview_values, options)
        found = {name: options.get(name) for name in ("date_format", "datetime_format")}
        changed = {name: pattern for name, pattern in found.items() if pattern != before.get(name)}
        if any(not self._is_date(value, pattern) for pattern in changed.values() for value in preview_values):
            options.update({name: before.get(name, "") for name in changed})
            return []
        return result

    @api.model
    def _is_date(self, value, pattern):
        if not value or not isinstance(value, str):
            return True
        value = value.strip()
        try:
            return bool(datetime.strptime(value, pattern)) and len(re.sub(r"\d", "", value)) != 1
        except ValueError:
            return False

    def _parse_date_from_data(self, data, index, name, field_type, options):
        """One date that cannot be read is the fault of its row, and told with those of the others."""
        if not self._imports_for_firm():
            return super()._parse_date_from_data(data, index, name, field_type, options)
        for line in data:
            with suppress(ImportValidationError):
                super()._parse_date_from_data([line], index, name, field_type, options)
        return None

    @api.model
    def _parse_float_from_data(self, data, index, name, options):
        """As for dates; spaces separate thousands, or the currency."""
        if not self._imports_for_firm():
            return super()._parse_float_from_data(data, index, name, options)
        for line in data:
            written = line[index]
            line[index] = "".join(written.split())
            try:
                super()._parse_float_from_data([line], index, name, options)
            except ImportValidationError:
                line[index] = written
        return None

    def _infer_separators(self, value, options):
        """What groups no three digits is the decimal separator: 95,50 is not 9550, whatever the window assumes."""
        number = ONE_SEPARATOR.fullmatch(re.sub(r"[^\d.,]", "", value))
        if self._imports_for_firm() and number and len(number[2]) != DIGITS_OF_A_GROUP:
            return " ", number[1]
        return super()._infer_separators(value, options)
