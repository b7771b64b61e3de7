import csv
import io
import logging
import os
import time

import xlsxwriter
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.misc import file_open

from .import_case import CSV, XLSX, ImportCommon

_logger = logging.getLogger(__name__)

#: Rows of the large file: 500 in a few seconds, 5000 in a minute.
ROWS = int(os.environ.get("TIMEBILL_IMPORT_ROWS", "500"))
#: Whatever the rows: for the names in the file, the matters, and each hundred rows that Odoo writes.
MAX_QUERIES = 350

HEADER = ["Date", "Dossier", "Catégorie", "Intervenant", "Temps passé", "Client", "Description"]


def csv_bytes(rows):
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(rows)
    return file.getvalue().encode()


def xlsx_bytes(rows):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


@tagged("post_install", "-at_install")
class TestImport(ImportCommon):
    def _import_rows(self, *rows, header=HEADER, to_bytes=csv_bytes, **kwargs):
        mimetype = XLSX if to_bytes is xlsx_bytes else CSV
        return self._import(to_bytes([header, *rows]), mimetype=mimetype, **kwargs)

    def _row(
        self,
        duration="30 min",
        matter=None,
        category="Téléphone",
        user="Claire Lawyer",
        client="",
        day="05/10/2026",
    ):
        return [day, matter or self.reference, category, user, duration, client, "Appel"]

    # === ACTIVITIES ===#

    def test_durations_are_written_as_in_the_form(self):
        texts = ("1h30", "1:30", "1,5", "90 min", "45'", "2", "10", "1:30:00")
        activities = self._imported(self._import_rows(*(self._row(text) for text in texts)))
        self.assertEqual(activities.mapped("duration"), [90, 90, 90, 90, 45, 120, 600, 90])
        self.assertEqual(activities.mapped("billable_duration"), activities.mapped("duration"))

    def test_a_spreadsheet(self):
        """Numbers and dates as the spreadsheet keeps them."""
        activities = self._imported(self._import_rows(self._row(1.5), self._row(10), to_bytes=xlsx_bytes))
        self.assertEqual(activities.mapped("duration"), [90, 600])
        self.assertEqual({str(day) for day in activities.mapped("date")}, {"2026-10-05"})

    def test_names(self):
        """A person by login, a matter by reference, a category by name or code, a client by name or reference."""
        self.morel.write({"name": "Jeanne Morel-Lys", "ref": "C042"})
        joint = self.joint_matter.reference
        activities = self._imported(
            self._import_rows(
                self._row(user="tb_lawyer", category="TEL"),
                self._row(matter=joint, client="Jeanne Morel-Lys"),
                self._row(matter=joint, client="C042"),
                self._row(matter=joint),
            )
        )
        self.assertEqual(activities.user_id, self.lawyer)
        self.assertEqual(activities.type_id, self.phone)
        self.assertEqual([a.partner_id for a in activities], [self.lys, self.morel, self.morel, self.morel.browse()])
        self.assertEqual(activities.mapped("amount"), [100] * 4, "priced by the rate list")

    def test_the_category_says_the_kind(self):
        header = ["Date", "Dossier", "Catégorie", "Quantité", "Tarif"]
        activities = self._imported(
            self._import_rows(["05/10/2026", self.reference, self.copies.name, "1 200", "0,25"], header=header)
        )
        self.assertEqual((activities.kind, activities.quantity, activities.amount), ("expense", 1200, 300))

    def test_amounts_are_never_multiplied(self):
        """Two decimals are cents, also where the window begins with the separators of English."""
        header = ["Date", "Dossier", "Catégorie", "Quantité", "Tarif"]
        written = {"0,20": 0.2, "95,50 €": 95.5, "1\u202f234,50": 1234.5, "1.234,50": 1234.5, "12.5": 12.5, "7": 7}
        for options in ({}, {"float_thousand_separator": ",", "float_decimal_separator": "."}):
            rows = [["17/11/2026", self.reference, self.copies.name, "1", text] for text in written]
            activities = self._imported(self._import_rows(*rows, header=header, **options))
            self.assertEqual(activities.mapped("price_unit"), list(written.values()))
            self.assertEqual({str(day) for day in activities.mapped("date")}, {"2026-11-17"})

    def _assert_refused(self, rows, expected, **kwargs):
        """:param expected: [(number of the row in the file, part of its message)]"""
        count = self.env["timebill.activity"].search_count([])
        result = self._import_rows(*rows, **kwargs)
        messages = result["messages"]
        self.assertEqual(
            [message["rows"]["from"] for message in messages], [number for number, _text in expected], messages
        )
        for message, (_number, text) in zip(messages, expected, strict=True):
            self.assertIn(text, message["message"])
        self.assertFalse(result["ids"])
        self.assertEqual(self.env["timebill.activity"].search_count([]), count, "all rows or none")

    def test_an_impossible_date_is_the_fault_of_its_row(self):
        """Also among the first rows, from which the window guesses how dates are written."""
        for day in ("31/02/2026", "demain"):
            with self.subTest(day=day):
                self._assert_refused([self._row(day=day), self._row(), self._row(day="06/10/2026")], [(0, day)])

    def test_each_bad_duration_has_its_reason(self):
        self._assert_refused(
            [self._row("25h"), self._row("1h90"), self._row("50 %"), self._row("24h")],
            [
                (0, "«\xa025h\xa0»\xa0: 24 heures au plus."),
                (1, "«\xa01h90\xa0» n'est pas une durée\xa0: écrivez 1h30, 1:30, 1,5 ou 90."),
                (2, "«\xa050 %\xa0» n'est pas une durée"),
            ],
        )

    def test_the_lines_of_a_record_have_french_columns(self):
        header = ["Nom", "Tarifs/Intervenant", "Tarifs/Tarif"]
        rows = [["2026", "Personne", "320"], ["2027", "", "cher"]]
        result = self._import_rows(*rows, header=header, model="timebill.rate.list", user=self.manager)
        messages = [message["message"] for message in result["messages"]]
        self.assertIn("'Tarifs/Intervenant'", messages[0])
        self.assertIn("'Tarifs/Tarif'", messages[1])

    def test_a_file_that_comes_in_twice(self):
        """Before anything is imported, the window warns of the rows that are there; it is no reason to refuse."""
        rows = [self._row("30 min"), self._row("1h"), self._row("30 min", client="SCI des Lys")]
        self.assertFalse(self._import_rows(*rows, dryrun=True)["messages"])
        self._imported(self._import_rows(*rows))
        more = self._row("30 min", day="06/10/2026"), self._row("30 min", user="Paul Colleague")
        changed = [*rows, self._row("1h30"), *more]
        result = self._import_rows(*changed, dryrun=True)
        [warning] = result["messages"]
        self.assertEqual(warning["type"], "warning")
        self.assertNotIn("record", warning, "the window shows it above the columns")
        self.assertIn("\xa0: 3 (", warning["message"])
        self.assertEqual(len(self._imported(self._import_rows(*changed))), 6)

    def test_costs_that_come_in_twice(self):
        """Two stamps of a day may only differ by their price."""
        header = ["Date", "Dossier", "Catégorie", "Quantité", "Tarif", "Description"]
        day = ["05/10/2026", self.reference, self.copies.name]
        self._imported(self._import_rows([*day, "1", "0,125", "A"], header=header))
        rows = [[*day, "1", "0,125", "A"], [*day, "1", "0,50", "A"], [*day, "2", "0,125", "A"]]
        [warning] = self._import_rows(*rows, header=header, dryrun=True)["messages"]
        self.assertIn("\xa0: 1 (", warning["message"])

    def test_rights_are_those_of_the_form(self):
        closed = self._matter("Closed", self.lys, state="closed")
        self._assert_refused(
            [
                self._row(user="Anne Assistant"),
                self._row(user="Paul Colleague"),
                self._row(user="Anne Assistant", matter=closed.reference),
                self._row(user="Anne Assistant", matter=self.secret_matter.reference),
            ],
            [(3, "Aucun"), (1, "Paul Colleague"), (2, "est clôturé")],
            user=self.assistant,
        )

    def test_a_name_of_several_is_refused(self):
        self.env["timebill.activity.type"].create({"name": "Téléphone", "kind": "time"})
        self._assert_refused([self._row()], [(0, "Téléphone")])

    def test_a_large_file(self):
        """Eight bad rows: each comes back with its reason, in French. Once mended, all are there."""
        matters = self.env["timebill.matter"].create(
            [
                {"name": f"Matter {number}", "client_ids": [Command.create({"partner_id": self.lys.id})]}
                for number in range(50)
            ]
        )
        people = ("Claire Lawyer", "Paul Colleague", "Anne Assistant", "Marc Manager")
        rows = [
            self._row("1h30", matters[number % 50].reference, "TEL", people[number % 4], "SCI des Lys")
            for number in range(ROWS)
        ]
        bad = {
            3: (self._row(matter="1999-0001"), "1999-0001"),
            57: (self._row(duration="beaucoup"), "beaucoup"),
            101: (self._row(duration="0"), "Le temps passé"),
            150: (self._row(day="demain"), "demain"),
            222: (self._row(category="Divination"), "Divination"),
            223: (self._row(user="Personne"), "Personne"),
            310: (self._row(client="Dupont SA"), "n'est pas client du dossier"),
            ROWS - 1: (self._row(day="05/10/1926"), "05/10/1926"),
        }
        spoilt = [bad[number][0] if number in bad else row for number, row in enumerate(rows)]
        for step, file in (("spoilt", spoilt), ("mended", rows)):
            self.env.flush_all()
            self.env.invalidate_all()
            queries, start = self.cr.sql_log_count, time.monotonic()
            result = self._import_rows(*file, to_bytes=xlsx_bytes)
            self.env.flush_all()
            queries, seconds = self.cr.sql_log_count - queries, time.monotonic() - start
            _logger.info("%s rows, %s: %.1f s, %s queries", ROWS, step, seconds, queries)
            self.assertLess(queries, MAX_QUERIES)
            messages = {message["rows"]["from"]: message["message"] for message in result["messages"]}
            if step == "spoilt":
                self.assertEqual(sorted(messages), sorted(bad))
                for number, (_row, text) in bad.items():
                    self.assertIn(text, messages[number])
                self.assertFalse(result["ids"])
        activities = self._imported(result)
        self.assertEqual(len(activities), ROWS)
        self.assertEqual(sum(activities.mapped("duration")), 90 * ROWS)

    # === TAKEOVER ===#

    def _import_former(self, *invoices, **kwargs):
        header = [*HEADER, "Facturé avant la reprise"]
        return self._import_rows(*([*self._row("60 min"), invoice] for invoice in invoices), header=header, **kwargs)

    def test_work_billed_before_the_takeover(self):
        former, open_work = self._imported(self._import_former("F-2025-118", ""))
        self.assertEqual((former.billing_state, open_work.billing_state), ("billed", "to_bill"))
        self.assertEqual((former.amount_billed, former.amount_to_bill, former.amount_difference), (200, 0, 0))
        self.assertEqual((former.former_invoice, open_work.former_invoice), ("F-2025-118", ""))
        row = former.allocation_ids
        self.assertEqual((row.operation, row.history_billed, row.history_difference), ("take_over", 200, 0))
        self.assertIn("F-2025-118", row.explanation)
        self.assertIn("F-2025-118", former.billing_message)
        self.assertEqual(self.matter.amount_to_bill, 200)
        self.assertEqual(self._bill(open_work).timebill_allocation_ids.activity_id, open_work)

    def test_a_takeover_can_be_undone(self):
        former = self._imported(self._import_former("F-2025-118"))
        former.allocation_ids.with_user(self.biller).action_undo()
        self.assertEqual((former.billing_state, former.amount_billed, former.amount_to_bill), ("to_bill", 0, 200))
        self.assertFalse(former.former_invoice)

    def test_only_billing_people_say_what_was_billed(self):
        window = self.env["base_import.import"].with_user(self.lawyer).create({"res_model": "timebill.activity"})
        names = [field["name"] for field in window.get_fields_tree("timebill.activity")]
        self.assertIn("duration", names)
        self.assertNotIn("former_invoice", names)

    def test_a_column_of_others_is_refused_when_it_is_filled(self):
        """Else work that was billed long ago would enter as to bill."""
        for column in ("Facturé avant la reprise", "Billed Before the Takeover", "former_invoice"):
            header = [*HEADER, column]
            rows = [[*self._row(), ""], [*self._row(), "F-2025-118"]]
            for dryrun in (True, False):
                result = self._import_rows(*rows, header=header, user=self.lawyer, unknown=[column], dryrun=dryrun)
                [message] = result["messages"]
                self.assertTrue(message["not_matching_error"], "the window shows it above the columns")
                self.assertIn("«\xa0Facturation\xa0»", message["message"])
                self.assertIn("«\xa0Facturé avant la reprise\xa0»", message["message"])
            result = self._import_rows(rows[0], header=header, user=self.lawyer, unknown=[column])
            self.assertEqual(self._imported(result).billing_state, "to_bill")

    def test_a_price_of_an_assistant_is_refused(self):
        result = self._import_rows(
            [*self._row(), "320"], header=[*HEADER, "Tarif"], user=self.assistant, unknown=["Tarif"]
        )
        self.assertIn("«\xa0Voir les montants\xa0»", result["messages"][0]["message"])

    # === TEMPLATES, MATTERS, RATE LISTS ===#

    def _import_template(self, template, model, mimetype):
        with file_open(template["template"].lstrip("/"), "rb") as file:
            return self._imported(self._import(file.read(), model, self.manager, mimetype), model)

    def test_templates(self):
        """Those of the import screen come in with their examples, as they are."""
        self.lawyer.name = "Camille Roux"
        self.env["res.partner"].create([{"name": name} for name in ("Lefèvre SARL", "Anne Bernard", "Paul Bernard")])
        for model, count in (("timebill.rate.list", 1), ("timebill.matter", 2), ("timebill.activity", 3)):
            spreadsheet, text = self.env[model].get_import_templates()
            self.assertTrue(text["label"].startswith("Modèle"), text["label"])
            with self.env.cr.savepoint() as savepoint:
                self.assertEqual(len(self._import_template(spreadsheet, model, XLSX)), count)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)
            self.assertEqual(len(self._import_template(text, model, CSV)), count)
        activities = self.env["timebill.activity"].search([("matter_id.reference", "=", "2025-0417")], order="date")
        self.assertEqual(
            [(activity.duration, activity.billable_duration, activity.amount) for activity in activities],
            [(150, 150, 550), (90, 75, 250), (0, 0, 2.4)],
        )
        self.assertEqual(activities[0].billing_state, "billed")
        matter = self.env["timebill.matter"].search([("reference", "=", "2025-0418")])
        self.assertEqual(matter.client_ids.partner_id.mapped("name"), ["Anne Bernard", "Paul Bernard"])
        rates = self.env["timebill.rate.list"].search([("name", "=", "Cabinet 2026")]).rate_ids
        self.assertEqual(sorted(rates.mapped("price")), [220, 260, 320])

    def test_the_template_of_who_does_not_bill(self):
        self.lawyer.name = "Camille Roux"
        self._matter("Lefèvre", self.lys, reference="2025-0417")
        for user in (self.lawyer, self.assistant):
            for template, mimetype in zip(
                self.env["timebill.activity"].with_user(user).get_import_templates(), (XLSX, CSV), strict=True
            ):
                with file_open(template["template"].lstrip("/"), "rb") as file:
                    activities = self._imported(self._import(file.read(), user=user, mimetype=mimetype))
                self.assertEqual(activities.sudo().mapped("amount"), [250, 2.4])

    def test_new_matters_step_over_imported_references(self):
        reference = self._matter("Next", self.lys).reference
        prefix, number = reference.rsplit("-", 1)
        taken = f"{prefix}-{int(number) + 1:0{len(number)}}"
        self._imported(
            self._import(
                csv_bytes([["Référence", "Intitulé", "Clients/Client"], [taken, "Imported", "SCI des Lys"]]),
                "timebill.matter",
            ),
            "timebill.matter",
        )
        self.assertEqual(
            self._matter("After", self.lys).reference, f"{prefix}-{int(number) + 2:0{len(number)}}"
        )
