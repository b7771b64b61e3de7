import csv
import io
import re
from datetime import date, datetime

from odoo import api, models
from odoo.addons.base_import.models.base_import import ImportValidationError
from odoo.tools import format_date

from ..lib.durations import find_unit, needs_unit, read_duration
from ..lib.products import PRODUCTS, Reading, find_date_formats, normalize, recognize
from ..lib.spreadsheet import read_xls, read_xlsx
from ..lib.synonyms import find_synonym

ACTIVITY = "timebill.activity"
DURATIONS = ("duration", "billable_duration")
#: Layouts that are no product's.
TEMPLATE, EXPORT, OTHER = "template", "export", "other"
#: Numbers of rows in one message.
MAX_ROWS_SHOWN = 10
#: Parts of the formats of dates, as the window writes them.
HUMAN_PARTS = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%b": "MMM", "%B": "MMMM"}


class BaseImport(models.TransientModel):
    """How the file of a product is read: its layout, the unit of its durations and the order of its dates.

    What is found out is proposed in the options of the window, where the user sees and changes it. What only she can
    know is asked before anything is imported.
    """

    _inherit = "base_import.import"

    #=== READING THE FILE ===#

    def _timebill_imports_activities(self):
        return self.res_model == ACTIVITY

    def _read_file(self, options):
        """Complete the rows by the columns that are computed from those of a product."""
        result = super()._read_file(options)
        if not self._timebill_imports_for_firm() or not result or not result[1]:
            return result
        length, rows = result
        width = max(map(len, rows))
        rows = [[*map(self._timebill_clean, row), *[""] * (width - len(row))] for row in rows]
        if self._timebill_imports_activities() and options.get("has_headers"):
            options["timebill_layout"] = options.get("timebill_layout") or self._timebill_recognize(rows[0])
            if product := PRODUCTS.get(options["timebill_layout"]):
                rows = self._timebill_complete(product, rows)
        return length, rows

    @api.model
    def _timebill_clean(self, cell):
        """Without the character that no database stores."""
        return cell.replace("\x00", "") if isinstance(cell, str) and "\x00" in cell else cell

    def _timebill_recognize(self, header):
        """Code of the layout of a file with this header."""
        if product := recognize(header):
            return product.code
        names = {normalize(name) for name in header if str(name).strip()}
        fields_ = self.env[ACTIVITY]._fields
        if names and all(name.split("/")[0] in ("id", ".id", *fields_) for name in names):
            return EXPORT
        labels = {normalize(label) for field in fields_.values() for label in self._timebill_get_labels(field)}
        return TEMPLATE if names and all(name.split("/")[0].strip() in labels for name in names) else OTHER

    def _timebill_get_labels(self, field):
        return field.string or "", field._description_string(self.env) or ""

    def _timebill_complete(self, product, rows):
        """``rows`` with the computed columns of ``product`` on the right."""
        header, *others = rows
        # sudo: names of categories, which every user chooses from
        types = self.env["timebill.activity.type"].sudo().search([])
        reading = Reading(
            zone=self.env.context.get("tz") or self.env.user.tz or "UTC",
            categories=frozenset(str(word).casefold() for t in types for word in (t.name, t.code) if word),
            product=product.name,
        )
        labels = self._timebill_get_computed_labels(product)
        cells = product.compute(header, others, reading)
        return [[*header, *labels], *([*row, *more] for row, more in zip(others, cells, strict=True))]

    def _timebill_get_computed_labels(self, product):
        return [
            f"{self.env[ACTIVITY]._fields[name]._description_string(self.env)} ← {product.name}"
            for name in product.computed
        ]

    def _read_csv(self, options):
        """UTF-8 or the encoding of Windows: a short file does not say enough to guess others."""
        if self._timebill_imports_for_firm() and not options.get("encoding"):
            options["encoding"] = self._timebill_find_encoding() or ""
        result = super()._read_csv(options)
        numbers = self.env.context.get("timebill_row_numbers")
        if numbers is not None:
            text = io.StringIO(self.file.decode(options["encoding"]))
            rows = csv.reader(text, quotechar=options["quoting"], delimiter=options.get("separator") or ",")
            self._timebill_drop_empty(list(rows))
        return result

    def _timebill_find_encoding(self):
        content = self.file or b""
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        # Without the mark at the start, which would become part of the first title.
        for encoding in ("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8", "windows-1252"):
            try:
                content.decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
        return None

    def _read_xlsx(self, options):
        """Times and durations are no fault of the file, and numbers have no separators."""
        if not self._timebill_imports_for_firm():
            return super()._read_xlsx(options)
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(self.file or b""), data_only=True)
        sheets = options["sheets"] = book.sheetnames
        sheet = options["sheet"] = options.get("sheet") or sheets[0]
        return self._timebill_drop_empty(read_xlsx(book, sheet))

    def _read_xls_book(self, book, sheet_name):
        if not self._timebill_imports_for_firm():
            return super()._read_xls_book(book, sheet_name)
        return self._timebill_drop_empty(read_xls(book, sheet_name))

    @api.model
    def _timebill_drop_empty(self, rows):
        """Number of rows, and those that hold anything; their numbers are added to the list in the context, if any."""
        filled = {
            number: row
            for number, row in enumerate(rows, 1)
            if any(not isinstance(cell, str) or cell.strip() for cell in row)
        }
        self.env.context.get("timebill_row_numbers", []).extend(filled)
        return len(rows), list(filled.values())

    #=== WHAT THE WINDOW PROPOSES ===#

    def parse_preview(self, options, count=10):
        """Propose the layout, the unit of durations and the order of dates, from all rows of the file."""
        if not self._timebill_imports_activities():
            return super().parse_preview(options, count=count)
        is_new = not options.get("timebill_layout")
        chosen_format = options.get("date_format")
        result = super().parse_preview(options, count=count)
        if "error" in result or not options.get("has_headers"):
            return result
        _length, (_header, *rows) = self._read_file(options)
        cells = {
            "/".join(path): [row[int(index)] for row in rows] for index, path in (result["matches"] or {}).items()
        }
        product = PRODUCTS.get(options["timebill_layout"])
        formats = find_date_formats(list(filter(None, map(self._timebill_text, cells.get("date", ())))))
        if not chosen_format and (product or len(formats) == 1):
            options["date_format"] = formats[0] if len(formats) == 1 else ""
        if product and is_new and product.decimal_separator:
            options.update(float_decimal_separator=product.decimal_separator, float_thousand_separator=",")
        if not options.get("timebill_unit"):
            units = self._timebill_find_units(result["headers"], result["matches"] or {}, rows, options)
            options["timebill_unit"] = units.pop() if len(units) == 1 else ""
        options["timebill_choices"] = self._timebill_get_choices(cells, formats, options)
        return {**result, "options": options}

    @api.model
    def _timebill_text(self, value):
        """Text of a cell; nothing for a date that the spreadsheet knows to be one."""
        return "" if isinstance(value, date) else str(value or "").strip()

    def _timebill_find_units(self, header, matches, rows, options):
        """Units of the columns of durations: one of them is empty when nobody but the user knows it."""
        product = PRODUCTS.get(options.get("timebill_layout"))
        units = set()
        for index, path in matches.items():
            if path[0] not in DURATIONS:
                continue
            texts = [self._timebill_text(row[int(index)]) for row in rows]
            if not needs_unit(texts):
                continue
            if options.get("timebill_layout") == EXPORT:
                units.add("minutes")
            else:
                units.add((product and product.unit) or find_unit(header[int(index)], texts))
        return units

    def _timebill_get_choices(self, cells, formats, options):
        """What the window offers: layouts, units and orders of dates, with what the file would mean by them."""
        durations = [text for name in DURATIONS for text in map(self._timebill_text, cells.get(name, ()))]
        number = next((text for text in durations if needs_unit([text])), "")
        days = [text for text in map(self._timebill_text, cells.get("date", ())) if text]
        return {
            "layouts": [
                *((product.code, product.name) for product in PRODUCTS.values()),
                (TEMPLATE, self.env._("Our template")),
                (EXPORT, self.env._("Our export")),
                (OTHER, self.env._("Another file")),
            ],
            "units": number and [
                ("hours", self.env._("Hours: %s", self._timebill_show_duration(number, "hours"))),
                ("minutes", self.env._("Minutes: %s", self._timebill_show_duration(number, "minutes"))),
                ("seconds", self.env._("Seconds: %s", self._timebill_show_duration(number, "seconds"))),
            ],
            "dates": formats and self._timebill_show_dates(days, formats, options.get("date_format")),
        }

    def _timebill_show_duration(self, number, unit):
        try:
            minutes = read_duration(number, unit)
        except ValueError:
            return f"{number} → ?"
        return f"{number} → {minutes // 60} h {minutes % 60:02d}"

    def _timebill_show_dates(self, texts, formats, chosen):
        """(format in the window, “03/04/2026 → 4 March 2026”) of each format that reads the dates."""
        shown = []
        for date_format in dict.fromkeys([*formats, *filter(None, [chosen])]):
            sample = next((found for text in texts if (found := self._timebill_read_date(text, date_format))), None)
            text, day = sample or (texts[0], None)
            written = format_date(self.env, day, date_format="d MMMM y") if day else "?"
            name = "".join(HUMAN_PARTS.get(part, part) for part in re.split(r"(%[a-zA-Z])", date_format))
            shown.append((name, f"{text} → {written}"))
        return shown

    @api.model
    def _timebill_read_date(self, text, date_format):
        try:
            return text, datetime.strptime(text, date_format).date()
        except ValueError:
            return None

    def _get_mapping_suggestions(self, headers, header_types, fields_tree):
        """Columns of a product are what they are there, and the others stay out; computed ones say their field."""
        if not self._timebill_imports_activities():
            return super()._get_mapping_suggestions(headers, header_types, fields_tree)
        allowed = {field["name"] for field in fields_tree}
        for product in PRODUCTS.values():
            labels = self._timebill_get_computed_labels(product)
            if labels and headers[-len(labels):] == labels:
                mapping = product.get_mapping(headers)
                first = len(headers) - len(labels)
                mapping |= {first + index: name for index, name in enumerate(product.computed)}
                return {
                    (index, headers[index]): {"field_path": [name], "distance": 0}
                    for index, name in mapping.items()
                    if name in allowed
                }
        return super()._get_mapping_suggestions(headers, header_types, fields_tree)

    def _get_mapping_suggestion(self, header, fields_tree, header_types, mapping_fields):
        """Titles that people use, before those that only look similar."""
        suggestion = super()._get_mapping_suggestion(header, fields_tree, header_types, mapping_fields)
        if self._timebill_imports_activities() and suggestion.get("distance", 1) > 0:
            name = find_synonym(header)
            if name in {field["name"] for field in fields_tree}:
                return {"field_path": [name], "distance": 0.01}  # after a title that is ours
        return suggestion

    #=== IMPORTING ===#

    def execute_import(self, fields, columns, options, dryrun=False):
        """Ask what only the user knows, and name the rows of the file in what is wrong."""
        if not self._timebill_imports_for_firm():
            return super().execute_import(fields, columns, options, dryrun=dryrun)
        if self._timebill_imports_activities() and options.get("has_headers"):
            try:
                units = self._timebill_settle(fields, options)
            except ImportValidationError as error:
                return {"messages": [vars(error)]}
            self = self.with_context(timebill_units=units)
        result = super().execute_import(fields, columns, options, dryrun=dryrun)
        self._timebill_name_rows(result, fields, options)
        return result

    def _timebill_settle(self, mapping, options):
        """Units of the columns of durations, by field.

        :raises ImportValidationError: a unit or the order of the dates has to be chosen
        """
        _length, (header, *rows) = self._read_file(options)
        product = PRODUCTS.get(options.get("timebill_layout"))
        units = {}
        for index, name in enumerate(mapping[: len(header)]):
            if name in DURATIONS:
                found = self._timebill_find_units(header, {index: [name]}, rows, options)
                units[name] = options.get("timebill_unit") or "".join(found)
                if found and not units[name]:
                    raise ImportValidationError(
                        self.env._(
                            "Are the numbers in the column “%(column)s” hours, minutes or seconds? Choose it on the"
                            " left under “Durations”.",
                            column=header[index],
                        )
                    )
            if name == "date" and product and not options.get("date_format"):
                texts = list(filter(None, (self._timebill_text(row[index]) for row in rows)))
                formats = find_date_formats(texts)
                if len(formats) > 1:
                    raise ImportValidationError(
                        self.env._(
                            "Does the day or the month come first in the column “%(column)s”? Choose it on the left"
                            " under “Dates”.",
                            column=header[index],
                        )
                    )
                options["date_format"] = formats[0] if formats else ""
        return units

    def _timebill_name_rows(self, result, mapping, options):
        """Begin each message with the number of its row, as a spreadsheet shows it."""
        messages = [message for message in result.get("messages", ()) if message.get("rows")]
        if not messages:
            return
        numbers = self._timebill_number_rows(mapping, options)
        rows_of = {}
        for message in messages:
            if (place := message["rows"]["from"]) < len(numbers):
                message["timebill_row"] = numbers[place]
                rows_of.setdefault(message["message"], []).append(numbers[place])
        for message in messages:
            problem = message["message"]
            # The same message of several rows stays the same: the window shows it once.
            if len(rows := rows_of.get(problem, ())) == 1:
                message["message"] = self.env._("Row %(number)s: %(problem)s", number=rows[0], problem=problem)
            elif rows:
                shown = ", ".join(map(str, rows[:MAX_ROWS_SHOWN])) + ("…" if len(rows) > MAX_ROWS_SHOWN else "")
                message["message"] = self.env._("Rows %(numbers)s: %(problem)s", numbers=shown, problem=problem)

    def _timebill_number_rows(self, mapping, options):
        """Numbers, in the file, of the rows that Odoo imports: empty ones are left out, and those before ``skip``."""
        numbers = []
        _length, rows = self.with_context(timebill_row_numbers=numbers)._read_file(options)
        first = 1 if options.get("has_headers") else 0
        indices = [index for index, name in enumerate(mapping) if name]
        kept = [
            number
            for number, row in zip(numbers or range(1, len(rows) + 1), rows, strict=True)
            if any(row[index] for index in indices)
        ]
        return kept[first + (options.get("skip") or 0) :]
