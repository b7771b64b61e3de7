"""Durations, numbers, dates and rows of files that no product wrote, and of our own exports."""

import csv
import doctest
import io
from datetime import datetime, time, timedelta

import xlsxwriter
from odoo.tests import BaseCase, tagged

from .. import lib
from ..lib import durations, numbers, products, spreadsheet, synonyms
from .import_case import XLSX, ImportCommon


def csv_file(*rows, delimiter=";"):
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def xlsx_file(*rows, formats=None):
    """:param formats: {index of a column: format of its cells}"""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        styles = {index: book.add_format({"num_format": text}) for index, text in (formats or {}).items()}
        for number, row in enumerate(rows):
            for index, value in enumerate(row):
                sheet.write(number, index, value, styles.get(index) if number else None)
    return file.getvalue()


class TestReadingInPlainPython(BaseCase):
    def test_the_examples_in_the_library(self):
        for module in (lib, durations, numbers, products, spreadsheet, synonyms):
            self.assertFalse(doctest.testmod(module).failed, module.__name__)


@tagged("post_install", "-at_install")
class TestReading(ImportCommon):
    HEADER = ("Date", "Dossier", "Catégorie", "Durée")

    def _rows(self, *durations, day="05/10/2026"):
        return [[day, self.reference, "Téléphone", duration] for duration in durations]

    def _read(self, content, mimetype="text/csv", **options):
        window, preview = self._preview(content, mimetype=mimetype)
        return self._execute(window, preview, **options)

    def _messages(self, result):
        return [message["message"] for message in result["messages"]]

    def assertMinutes(self, texts, minutes, header="Durée", **options):
        content = csv_file([*self.HEADER[:3], header], *self._rows(*texts))
        self.assertEqual(self._imported(self._read(content, **options)).mapped("duration"), minutes)

    # === DURATIONS === #

    def test_durations_with_seconds(self):
        self.assertMinutes(["00:49:25", "49:25 min", "00:49:30", "01:30:00", "1 h 5 min 31 s"], [49, 49, 50, 90, 66])

    def test_cells_of_times_and_durations(self):
        for pattern in ("h:mm", "[h]:mm", "hh:mm:ss", "mm:ss", "[h]:mm:ss;@"):
            with self.subTest(pattern=pattern):
                content = xlsx_file(
                    self.HEADER,
                    *self._rows(time(1, 30), time(12, 0), timedelta(hours=2), timedelta(minutes=49, seconds=25)),
                    formats={3: pattern},
                )
                activities = self._imported(self._read(content, XLSX))
                self.assertEqual(activities.mapped("duration"), [90, 720, 120, 49])

    def test_cells_that_hold_no_duration_are_told_by_their_rows(self):
        content = xlsx_file(
            self.HEADER, *self._rows(time(1, 30), timedelta(hours=25), datetime(2026, 3, 3, 12), "=1/0"),
            formats={3: "[h]:mm"},
        )
        messages = self._messages(self._read(content, XLSX))
        self.assertEqual(len(messages), 2 if "Ligne 5" not in str(messages) else 3, messages)
        for row, message in zip((3, 4), messages, strict=False):
            self.assertIn(f"Ligne {row}", message)

    def test_the_unit_is_that_of_the_column(self):
        self.assertMinutes(["0.82", "2", "10", "10.5"], [49, 120, 600, 630])
        for header in ("Heures", "Durée (h)", "Hours"):
            self.assertMinutes(["2", "10"], [120, 600], header)
        self.assertMinutes(["2", "90"], [2, 90], "Durée (min)")
        self.assertMinutes(["900", "1080", "0:10:00"], [15, 18, 10], "Durée (secondes)")

    def test_a_unit_that_only_the_user_knows_is_asked(self):
        content = csv_file(self.HEADER, *self._rows("900", "1080", "600"))
        window, preview = self._preview(content)
        self.assertEqual(preview["options"]["timebill_unit"], "")
        [message] = self._execute(window, preview)["messages"]
        self.assertTrue(message["not_matching_error"], "the window shows it above the columns")
        self.assertIn("«\xa0Durée\xa0»", message["message"])
        for unit, minutes in (("seconds", [15, 18, 10]), ("minutes", [900, 1080, 600])):
            with self.env.cr.savepoint() as savepoint:
                activities = self._imported(self._execute(window, preview, timebill_unit=unit))
                self.assertEqual(activities.mapped("duration"), minutes)
                savepoint.rollback()
            self.env.invalidate_all(flush=False)
        self.assertIn("24 heures au plus", self._messages(self._execute(window, preview, timebill_unit="hours"))[0])

    def test_what_says_its_unit_asks_nothing(self):
        self.assertMinutes(["1h30", "0", "45'"][::2], [90, 45])
        self.assertMinutes(["1h30", "90 min"], [90, 90])

    def test_a_typed_billable_time_of_0_is_not_billed(self):
        header = [*self.HEADER, "Temps facturable"]
        content = csv_file(header, *([*row, "0"] for row in self._rows("4h25")))
        activity = self._imported(self._read(content))
        self.assertEqual((activity.duration, activity.billable_duration), (265, 0))
        self.assertEqual((activity.billing_state, activity.amount_to_bill), ("not_billable", 0))

    # === NUMBERS === #

    def _prices(self, *texts, to_file=csv_file, mimetype="text/csv", lang="fr_FR", **options):
        self.biller.lang = lang
        header = ["date", "matter_id", "type_id", "quantity", "price_unit"]
        copies = self.copies.with_context(lang=lang).name
        rows = [["2026-10-05", self.reference, copies, "1", text] for text in texts]
        window, preview = self._preview(to_file(header, *rows), mimetype=mimetype, **options)
        return self._imported(self._execute(window, preview)).mapped("price_unit")

    def test_numbers_of_a_spreadsheet_have_no_separators(self):
        for separators in ((".", ","), (",", "."), ("", ",")):
            thousand, decimal = separators
            prices = self._prices(
                0.375, 1.125, 1234.567, 2000, to_file=xlsx_file, mimetype=XLSX,
                float_thousand_separator=thousand, float_decimal_separator=decimal,
            )
            self.assertEqual(prices, [0.375, 1.125, 1234.567, 2000])

    def test_numbers_in_texts(self):
        english = {"float_thousand_separator": ",", "float_decimal_separator": "."}
        german = {"float_thousand_separator": ".", "float_decimal_separator": ","}
        for texts, options, prices in (
            (["0,697"], english, [0.697]),
            (["0.697"], german, [0.697]),
            (["1,234"], english, [1234]),
            (["1.234"], german, [1234]),
            (["1,234", "250.00"], german, [1234, 250]),
            (["1.234", "250,00"], english, [1234, 250]),
            (["2.000,0", "1.500"], english, [2000, 1500]),
            (["1'234.50", "12,5 €"][1:], english, [12.5]),
        ):
            with self.subTest(texts=texts):
                self.assertEqual(self._prices(*texts, **options), prices)

    # === BILLED BEFORE === #

    def test_a_column_of_yes_and_no_says_what_was_billed(self):
        header = [*self.HEADER, "Facturé avant la reprise"]
        answers = ("Non", "Oui", "No", "Yes", "false", "0", "F-2025-1", "")
        rows = [[*row, answer] for row, answer in zip(self._rows(*["1h"] * len(answers)), answers, strict=True)]
        activities = self._imported(self._read(csv_file(header, *rows)))
        self.assertEqual(
            activities.mapped("former_invoice"),
            ["", "Numéro inconnu", "", "Numéro inconnu", "", "", "F-2025-1", ""],
        )
        self.assertEqual(
            [state == "billed" for state in activities.mapped("billing_state")],
            [False, True, False, True, False, False, True, False],
        )

    def test_no_other_row_is_accused(self):
        """Of work that is not billable, an invoice number is the error of its row."""
        header = [*self.HEADER, "Facturable", "Facturé avant la reprise"]
        answers = ("oui", "non", "oui")
        rows = [[*row, said, "F-1"] for row, said in zip(self._rows("1h", "2h", "3h"), answers, strict=True)]
        messages = self._messages(self._read(csv_file(header, *rows)))
        self.assertEqual(len(messages), 1, messages)
        self.assertIn("Ligne 3", messages[0])

    # === ROWS, HEADERS, RECORDS === #

    def test_each_message_has_the_number_of_its_row(self):
        """As a spreadsheet shows it, empty rows included."""
        rows = self._rows("1h", "beaucoup", "1h", "25h", "", "1h", "0 min")
        rows[4] = ["", "", "", ""]
        for content, mimetype in ((csv_file(self.HEADER, *rows), "text/csv"), (xlsx_file(self.HEADER, *rows), XLSX)):
            messages = self._messages(self._read(content, mimetype))
            self.assertEqual([message.split("\xa0")[0] for message in messages], ["Ligne 3", "Ligne 5", "Ligne 8"])

    def test_one_message_of_several_rows_names_them_all(self):
        rows = [["05/10/2026", matter, "Téléphone", "1h"] for matter in ("1999-1", self.reference, "1999-1")]
        self.assertEqual({message.split("\xa0")[0] for message in self._messages(
            self._read(csv_file(self.HEADER, *rows))
        )}, {"Lignes 2, 4"})

    def test_titles_that_people_use(self):
        for header in (
            ["Jour", "Dossier", "Prestation", "Durée"],
            ["Date", "Affaire", "Nature", "Heures"],
            ["Date", "Matter", "Activity", "Duration"],
            ["date", "Projet", "catégorie", "Nombre d'heures"],
        ):
            _window, preview = self._preview(csv_file(header, *self._rows("1h")))
            self.assertEqual(self._mapping(preview), ["date", "matter_id", "type_id", "duration"], header)

    def test_a_matter_is_found_by_what_we_print(self):
        for name in (self.reference, self.matter.display_name, f"{self.reference} – {self.matter.name}"):
            rows = [["05/10/2026", name, "Téléphone", "1h"]]
            self.assertEqual(self._imported(self._read(csv_file(self.HEADER, *rows))).matter_id, self.matter)

    def test_internal_work_that_is_billable_is_told_by_its_row(self):
        header = [*self.HEADER, "Facturable"]
        internal = self.internal_matter.reference
        rows = [["05/10/2026", internal, "Téléphone", "1h", said] for said in ("non", "oui")]
        [message] = self._messages(self._read(csv_file(header, *rows)))
        self.assertIn("Ligne 3", message)
        self.assertIn("interne", message)

    def test_a_duration_or_a_quantity_never_gets_lost(self):
        header = ["Date", "Dossier", "Catégorie", "Durée", "Quantité", "Tarif"]
        day = ["05/10/2026", self.reference]
        rows = [[*day, self.copies.name, "1h", "2", "5"], [*day, "Téléphone", "", "3", "5"]]
        messages = self._messages(self._read(csv_file(header, *rows)))
        self.assertEqual([message.split("\xa0")[0] for message in messages], ["Ligne 2", "Ligne 3"], messages)

    def test_records_are_changed_by_their_ids(self):
        """Only what a row holds changes, and only what it changes is checked."""
        activity, other = self._time(60), self._time(30)
        self.matter.action_close()
        [[xid]] = other.export_data(["id"])["datas"]
        names = [".id", "description"]
        self._imported(self._read(csv_file(names, [activity.id, "Changed"]), mapping=names))
        self.assertEqual((activity.description, activity.duration, activity.kind), ("Changed", 60, "time"))
        self._imported(self._read(csv_file(["id", "description"], [xid, "Other"])))
        self.assertEqual((other.description, other.duration), ("Other", 30))

    def test_ids_that_are_none_are_told_by_their_row(self):
        for wrong in ("9" * 400, "-1", "abc", "1.5", "99999999999"):
            for names, row in (
                ([".id", "description"], [wrong, "x"]),
                (["date", "matter_id/.id", "duration"], ["2026-10-05", wrong, "1h"]),
            ):
                messages = self._messages(self._read(csv_file(names, row), mapping=names))
                self.assertIn("Ligne 2", messages[0])
                self.assertIn(wrong[:20], messages[0])
        messages = self._messages(self._read(csv_file(["id", "description"], ["no.such\x00id", "x"])))
        self.assertTrue(messages)

    def test_our_own_export_comes_in_unchanged(self):
        """With technical names, as Odoo exports them for an import, and with the titles of the list."""
        self.lys.ref = "LYS"
        sources = (
            self._time(90, description="=1+1")
            + self._time(6, billable=False, matter=self.internal_matter)
            + self._cost(self.copies, 0.125, 240)
        )
        names = [
            "date", "matter_id", "kind", "type_id", "user_id", "duration", "billable_duration", "quantity",
            "billable", "price_unit", "description",
        ]
        labels = [sources._fields[name]._description_string(self.env) for name in names]
        rows = sources.export_data(names)["datas"]
        for header, options in ((names, {}), (labels, {"timebill_unit": "minutes"})):
            for content, mimetype in (
                (csv_file(header, *([self._guard(cell) for cell in row] for row in rows)), "text/csv"),
                (self._export_xlsx(header, rows), XLSX),
            ):
                copies = self._imported(self._read(content, mimetype, **options))
                for name in names:
                    self.assertEqual(copies.mapped(name), sources.mapped(name), name)

    def _guard(self, cell):
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "-", "+")) else cell

    def _export_xlsx(self, header, rows):
        file = io.BytesIO()
        with xlsxwriter.Workbook(file) as book:
            sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
            for number, row in enumerate([header, *rows]):
                for index, value in enumerate(row):
                    if number and index == 0:
                        sheet.write_datetime(number, index, datetime.fromisoformat(str(value)), day)
                    elif isinstance(value, str):
                        sheet.write_string(number, index, value)
                    else:
                        sheet.write(number, index, value)
        return file.getvalue()
