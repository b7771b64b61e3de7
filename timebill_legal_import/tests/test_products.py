"""Files of other products, read and imported as Odoo's window does."""

from odoo.addons.timebill_legal.tests.browser import BrowserCase
from odoo.tests import tagged

from .import_case import ProductsCommon


@tagged("post_install", "-at_install")
class TestProducts(ProductsCommon):
    def _read(self, name, layout, user=None, **options):
        """Activities of the file, in its order."""
        window, preview = self._preview(self._file(name), user=user)
        self.assertEqual(preview["options"]["timebill_layout"], layout)
        return self._imported(self._execute(window, preview, **options))

    def _drop_rows(self, content, *texts):
        lines = content.decode().splitlines(keepends=True)
        return "".join(line for line in lines if not any(text in line for text in texts)).encode()

    def test_toggl(self):
        window, preview = self._preview(self._file("toggl"))
        [message] = self._execute(window, preview)["messages"]
        self.assertIn("Ligne 7", message["message"], "two seconds are no time, by their row")
        window, preview = self._preview(self._drop_rows(self._file("toggl"), "Minuteur"))
        activities = self._imported(self._execute(window, preview))
        self.assertEqual(activities.mapped("duration"), [49, 90, 105, 20, 600])
        self.assertEqual([str(day) for day in activities.mapped("date")], [
            "2026-03-03", "2026-03-03", "2026-03-12", "2026-03-13", "2026-03-17",
        ])
        first, second, third, internal, hearing = activities
        self.assertEqual((first + second).matter_id, self.divorce)
        self.assertEqual(internal.matter_id, self.cabinet, "the project alone says the matter")
        self.assertEqual((third + hearing).matter_id, self.lease)
        self.assertEqual(activities.mapped("billable"), [True, True, True, False, True])
        self.assertEqual(second.description, 'Conclusions n° 2 ; pièces 4, 7 et "8 bis"')
        self.assertEqual(third.description, "Relecture du bail\navant signature")
        self.assertEqual(activities.mapped("type_id.name")[:2], ["Téléphone", "Rédaction"], "tags that are categories")
        self.assertEqual(hearing.type_id.name, "Audience")
        self.assertEqual((first.user_id, third.user_id), (self.lawyer, self.colleague))

    def test_clockify(self):
        window, preview = self._preview(self._file("clockify"))
        self.assertEqual(preview["options"]["date_format"], "%m/%d/%Y", "the 17th proves it")
        activities = self._imported(self._execute(window, preview))
        self.assertEqual(activities.mapped("duration"), [60, 86, 25, 45])
        self.assertEqual(
            [str(day) for day in activities.mapped("date")], ["2026-03-04", "2026-03-12", "2026-03-17", "2026-03-17"]
        )
        self.assertEqual(
            activities.mapped("billing_state"), ["to_bill", "billed", "not_billable", "not_billable"]
        )
        self.assertEqual(activities.mapped("former_invoice"), ["", "F-2026-031", "", ""])
        self.assertEqual(activities.mapped("price_unit")[:2], [250, 250])

    def test_clockify_when_any_order_of_the_dates_is_possible(self):
        content = self._drop_rows(self._file("clockify"), "03/17/2026")
        window, preview = self._preview(content)
        self.assertEqual(preview["options"]["date_format"], "")
        self.assertEqual(
            preview["options"]["timebill_choices"]["dates"],
            [("MM/DD/YYYY", "03/04/2026 → 4 mars 2026"), ("DD/MM/YYYY", "03/04/2026 → 3 avril 2026")],
        )
        [message] = self._execute(window, preview)["messages"]
        self.assertIn("Start Date", message["message"])
        activities = self._imported(self._execute(window, preview, date_format="%d/%m/%Y"))
        self.assertEqual([str(day) for day in activities.mapped("date")], ["2026-04-03", "2026-12-03"])

    def test_harvest(self):
        activities = self._read("harvest", "harvest")
        self.assertEqual(activities.mapped("duration"), [49, 120, 600, 630])
        self.assertEqual(
            activities.mapped("billing_state"), ["to_bill", "to_bill", "billed", "not_billable"]
        )
        self.assertEqual(activities.mapped("former_invoice"), ["", "", "Harvest", ""])
        self.assertEqual(activities.mapped("price_unit")[:3], [250, 250, 250])
        self.assertEqual(activities.user_id, self.lawyer + self.colleague)
        self.assertEqual(activities.matter_id, self.divorce + self.lease)

    def test_harvest_with_european_numbers(self):
        activities = self._read("harvest_european", "harvest")
        self.assertEqual(activities.mapped("duration"), [49, 1200, 600])
        self.assertEqual(activities[0].price_unit, 250)
        self.assertEqual(activities[1].matter_id, self.cabinet)
        content = self._file("harvest_european").replace(b'"250,0","205,0"', b'"2.000,0","205,0"')
        window, preview = self._preview(content)
        self.assertEqual(self._imported(self._execute(window, preview))[0].price_unit, 2000)

    def test_kimai(self):
        activities = self._read("kimai", "kimai")
        self.assertEqual(activities.mapped("duration"), [50, 20, 20, 600, 165])
        self.assertEqual(activities.mapped("billable"), [True, True, True, True, False])
        self.assertEqual(
            activities.mapped("description")[:3], ["Appel du client", "=relance par courriel", "- rappel du greffe"]
        )
        self.assertEqual(activities.mapped("price_unit")[:4], [250] * 4)
        self.assertEqual(activities[4].price_unit, 200, "of the rate lists, for Kimai has no price")

    def test_kimai_import_bundle(self):
        activities = self._read("kimai_import", "kimai_import")
        self.assertEqual(activities.mapped("duration"), [121, 15, 18])
        self.assertEqual(activities.mapped("billing_state"), ["to_bill", "billed", "to_bill"])
        self.assertEqual(activities[2].amount, 150, "a fixed price is that of the whole")
        self.assertEqual(activities.matter_id, self.divorce + self.lease, "found by their titles")

    def test_solidtime(self):
        activities = self._read("solidtime", "solidtime")
        self.assertEqual(activities.mapped("duration"), [49, 30, 120])
        self.assertEqual(
            [str(day) for day in activities.mapped("date")], ["2026-03-03", "2026-04-01", "2026-03-29"], "in Paris"
        )
        self.assertEqual(activities.mapped("billable"), [True, True, False])

    def test_clio(self):
        matters = self._matter("Corlay", self.corlay, reference="00042-Corlay") + self._matter(
            "Boreal", self.boreal, reference="00107-Boreal"
        )
        Type = self.env["timebill.activity.type"]
        Type.create({"name": "Court fee", "kind": "disbursement"})
        Type.create([{"name": name, "kind": "expense"} for name in ("Photocopies", "Travel")])
        self.company._timebill_setup_kinds()
        activities = self._read("clio", "clio")
        self.assertEqual(activities.matter_id, matters)
        self.assertEqual(activities.mapped("duration"), [48, 600, 0, 0, 18, 0])
        self.assertEqual(activities.mapped("amount"), [200, 2500, 225, 30, 75, 104.55])
        self.assertEqual([a.kind for a in activities], ["time", "time", "disbursement", "expense", "time", "expense"])
        self.assertEqual(activities.mapped("billing_state"), ["to_bill"] * 4 + ["not_billable", "to_bill"])

    def test_what_is_proposed_can_be_changed(self):
        """Another layout, unit or order of dates, before anything is imported."""
        window, preview = self._preview(self._file("kimai_import"))
        choices = preview["options"]["timebill_choices"]
        self.assertEqual(preview["options"]["timebill_unit"], "seconds")
        self.assertIn(("seconds", "Secondes : 7260 → 2 h 01"), [
            (unit, label.replace("\xa0", " ").replace("\u202f", " ")) for unit, label in choices["units"]
        ])
        self.assertIn("toggl", dict(choices["layouts"]))
        result = self._execute(window, preview, timebill_unit="minutes")
        self.assertIn("24 heures au plus", result["messages"][0]["message"])
        window, preview = self._preview(self._file("toggl"), timebill_layout="other")
        self.assertEqual(preview["options"]["timebill_layout"], "other")
        self.assertEqual(len(preview["headers"]), 14, "no computed column")

    def test_products_leave_no_rule_for_other_files(self):
        self._read("harvest", "harvest")
        self.assertFalse(self.env["base_import.mapping"].search([("res_model", "=", "timebill.activity")]))

    def test_work_that_was_billed_needs_who_may_say_so(self):
        """Else it would enter as to bill."""
        self.assistant.timebill_timekeeper_ids = self.lawyer + self.colleague
        for name in ("clockify", "harvest"):
            for user in (self.lawyer, self.assistant):
                window, preview = self._preview(self._file(name), user=user)
                [message] = self._execute(window, preview)["messages"]
                self.assertTrue(message["not_matching_error"])

    def test_each_product_is_recognised_by_its_header_alone(self):
        for name, layout in (
            ("toggl", "toggl"),
            ("clockify", "clockify"),
            ("harvest", "harvest"),
            ("harvest_european", "harvest"),
            ("kimai", "kimai"),
            ("kimai_import", "kimai_import"),
            ("solidtime", "solidtime"),
            ("clio", "clio"),
        ):
            content = self._file(name).decode("utf-8-sig")
            saved_by_a_spreadsheet = content.upper() if name == "clio" else content
            _window, preview = self._preview(saved_by_a_spreadsheet.encode("utf-16"))
            self.assertEqual(preview["options"]["timebill_layout"], layout)


@tagged("post_install", "-at_install")
class TestImportWindow(ProductsCommon, BrowserCase):
    """The window itself, with a file that is really uploaded."""

    browser_size = "1400x900"

    def test_the_file_of_a_product_in_the_browser(self):
        before = self.env["timebill.activity"].search([])
        action = self.env.ref("timebill_legal.timebill_activity_action_all")
        self.start_tour(f"/odoo/action-{action.id}", "timebill_import_of_a_product", login=self.biller.login)
        self.env.invalidate_all()
        activity = self.env["timebill.activity"].search([]) - before
        self.assertEqual((str(activity.date), activity.duration, activity.amount), ("2026-03-04", 60, 250))
