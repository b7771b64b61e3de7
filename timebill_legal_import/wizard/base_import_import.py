import re
from contextlib import suppress

from odoo import api, fields, models
from odoo.addons.base_import.models.base_import import ImportValidationError

from ..lib.numbers import find_decimal_separator, get_separator, is_decimal_separator
from ..lib.products import PRODUCTS, normalize
from ..lib.spreadsheet import SpreadsheetNumber

#: What follows the name of a field in a title: a field of its records, or the product from which it is computed.
AFTER_FIELD = re.compile("[/←]")
#: What a date, or the pattern of one, is made of, between its separators.
PART_OF_A_DATE = re.compile(r"%[a-z]|\d+|[ap]m", re.IGNORECASE)


class BaseImport(models.TransientModel):
    """Files as French firms and their spreadsheets write them, for the records that we import."""

    _inherit = "base_import.import"

    def _timebill_imports_for_firm(self):
        """Whether the records are ours: the imports of other models are Odoo's alone."""
        return bool(self.res_model) and isinstance(self.env[self.res_model], self.env.registry["timebill.import.mixin"])

    def execute_import(self, fields, columns, options, dryrun=False):
        """Nothing enters without what a column says of it, only because this user may not import that column."""
        if self._timebill_imports_for_firm():
            try:
                self._timebill_check_columns(fields, columns, options)
            except ImportValidationError as error:
                return {"messages": [vars(error)]}
            self = self.with_context(timebill_import_test=dryrun)
            if options.get("timebill_layout") in PRODUCTS:
                # Odoo remembers mappings by title: that of a product is no rule for other files.
                columns = [False] * len(columns)
        return super().execute_import(fields, columns, options, dryrun=dryrun)

    def _timebill_check_columns(self, mapping, columns, options):
        """Refuse a filled column that is not imported, and that others may import.

        :raises ImportValidationError: with the column, and the right that it takes
        """
        if not options.get("has_headers"):
            return
        others = self._timebill_get_fields_of_others()
        if product := PRODUCTS.get(options.get("timebill_layout")):
            names = {field.name: field for field in others.values()}
            others.update({column: names[name] for column, name in product.columns.items() if name in names})
        found = {
            index: others[name]
            for index, column in enumerate(columns)
            if not mapping[index] and (name := normalize(AFTER_FIELD.split(column or "")[0])) in others
        }
        if not found:
            return
        _length, rows = self._read_file(dict(options))
        for index, field in found.items():
            if any(str(row[index]).strip() for row in rows[1:] if index < len(row)):
                groups = [self.env.ref(group) for group in field.groups.split(",")]
                raise ImportValidationError(
                    self.env._(
                        "Only people with the right “%(right)s” may import the column “%(column)s”, and this file fills"
                        " it. Let one of them import the file, or import only the rows where that column is empty.",
                        # sudo: names of rights, no more
                        right=", ".join(group.sudo().name for group in groups),
                        column=field._description_string(self.env),
                    )
                )

    def _timebill_get_fields_of_others(self):
        """Fields that can be imported, but not by this user; by each of their names, in small letters."""
        model = self.env[self.res_model]
        return {
            name.casefold(): field
            for field in model._fields.values()
            if field.groups not in (None, fields.NO_ACCESS)
            and not field.readonly
            and not model._has_field_access(field, "write")
            for name in (field.name, field.string, field._description_string(self.env))
        }

    @api.model
    def _try_match_date_time(self, preview_values, options):
        """No column after that of the dates changes their format because it might be one of dates too.

        Odoo looks for “%m.%d.%Y” with any character for the points: “2026-0010”, a matter, is taken for a date; and for
        “%m%d%y” with any number of spaces: so is “1 200”.
        """
        if not self._timebill_imports_for_firm():
            return super()._try_match_date_time(preview_values, options)
        before = dict(options)
        result = super()._try_match_date_time(preview_values, options)
        found = {name: options.get(name) for name in ("date_format", "datetime_format")}
        changed = {name: pattern for name, pattern in found.items() if pattern != before.get(name)}
        if any(not self._timebill_is_date(value, pattern) for pattern in changed.values() for value in preview_values):
            options.update({name: before.get(name, "") for name in changed})
            return []
        return result

    @api.model
    def _timebill_is_date(self, value, pattern):
        """Whether it is written like one: 31/02/2026 too, the fault of its row only."""
        if not value or not isinstance(value, str):
            return True
        return PART_OF_A_DATE.sub("#", value.strip()) == PART_OF_A_DATE.sub("#", pattern)

    def _parse_date_from_data(self, data, index, name, field_type, options):
        """One date that cannot be read is the fault of its row, and told with those of the others.

        When the first rows hold such a one, Odoo guesses no format: dates then are read as the user writes them.
        """
        if not self._timebill_imports_for_firm():
            return super()._parse_date_from_data(data, index, name, field_type, options)
        written = self.env["res.lang"]._get_data(code=self.env.user.lang).date_format
        formats = [options["date_format"]] if options.get("date_format") else ["", written]
        for line in data:
            for date_format in formats:
                with suppress(ImportValidationError):
                    super()._parse_date_from_data(
                        [line], index, name, field_type, {**options, "date_format": date_format}
                    )
                    break
        return None

    @api.model
    def _parse_float_from_data(self, data, index, name, options):
        """As for dates; spaces separate thousands, or the currency; numbers of spreadsheets have no separators."""
        if not self._timebill_imports_for_firm():
            return super()._parse_float_from_data(data, index, name, options)
        options = {**options, "timebill_decimal": find_decimal_separator(line[index] for line in data)}
        for line in data:
            written = line[index]
            if isinstance(written, SpreadsheetNumber):
                continue
            line[index] = "".join(str(written).split())
            try:
                super()._parse_float_from_data([line], index, name, options)
            except ImportValidationError:
                line[index] = written
        return None

    def _infer_separators(self, value, options):
        """What groups no three digits is the decimal separator: 95,50 is not 9550, whatever the window assumes.

        1,234 is read as the other numbers of its column are; if they do not tell, as the window says.
        """
        if not self._timebill_imports_for_firm():
            return super()._infer_separators(value, options)
        separator = get_separator(value)
        if not separator:
            return super()._infer_separators(value, options)
        if is_decimal_separator(value):
            return " ", separator
        if decimal := options.get("timebill_decimal"):
            return (" ", separator) if separator == decimal else (separator, decimal)
        return super()._infer_separators(value, options)
