from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestBilling(TimebillCommon):
    def _tick(self, bill, activity):
        return bill.line_ids.filtered(lambda line: line.activity_id == activity)

    def _layout(self, move):
        """The invoice as it reads: titles, and what each line multiplies."""
        return [
            line.name if line.display_type != "product" else (line.quantity, line.price_unit)
            for line in move.invoice_line_ids
        ]

    def _product_lines(self, moves):
        return moves.invoice_line_ids.filtered(lambda line: line.display_type == "product")

    def assertWindowTellsTheTruth(self, bill):
        """The invoices amount to what the window said."""
        said = (bill.invoice_count, bill.amount_untaxed, bill.amount_tax, bill.amount_total)
        moves = bill._create_invoices()
        made = (len(moves), *(sum(moves.mapped(name)) for name in ("amount_untaxed", "amount_tax", "amount_total")))
        for one, other in zip(said, made, strict=True):
            self.assertAlmostEqual(one, other, places=6)
        for line in self._product_lines(moves):
            self.assertAlmostEqual(sum(line.timebill_allocation_ids.mapped("billed")), line.price_subtotal, places=6)
        return moves

    # What the window shows is what is billed.

    def test_an_invoice_bills_what_the_window_shows(self):
        activities = self._time(60) + self._time(30) + self._cost(self.stamp, 225)
        bill = self._open_bill(activities)
        self.assertEqual((bill.amount_untaxed, bill.amount_tax, bill.amount_total), (525, 60, 585))
        move = self.assertWindowTellsTheTruth(bill)
        self.assertEqual(activities.mapped("billing_state"), ["draft"] * 3)
        self.assertEqual(move.timebill_allocation_ids.mapped("billed"), [200, 100, 225])

    def test_the_window_tells_the_truth_whatever_is_mixed(self):
        """The French chart rounds taxes over the whole invoice: odd cents are where totals part."""
        mixes = {
            "odd minutes": lambda: self._time(5) + self._time(7) + self._time(50),
            "many small costs": lambda: self._cost(self.copies, 0.33, 7) + self._cost(self.deed, 10.01, 7),
            "odd rates": lambda: self._time(20, price_unit=133.33) + self._time(75, price_unit=90.1),
            "fees, expenses, disbursements": lambda: (
                self._time(10) + self._cost(self.copies, 0.2, 333) + self._cost(self.stamp, 13.07, 3)
            ),
            "two matters": lambda: self._time(20) + self._time(25, matter=self.joint_matter, partner_id=self.lys.id),
            "two clients": lambda: self._time(20) + self._time(25, matter=self.joint_matter, partner_id=self.morel.id),
        }
        for name, make in mixes.items():
            for revised in (False, True):
                with self.subTest(name, revised=revised):
                    bill = self._open_bill(make())
                    if revised:
                        for line in bill.line_ids.filtered(lambda line: line.kind != "disbursement"):
                            line.revised_amount = round(line.amount * 0.87, 2)
                    self.assertWindowTellsTheTruth(bill)

    def test_the_window_tells_the_truth_about_a_client_abroad(self):
        """The taxes are those of whoever receives the invoice, also when he is chosen in the window."""
        self.env["account.fiscal.position"].create(
            {
                "name": "Switzerland",
                "auto_apply": True,
                "country_id": self.env.ref("base.ch").id,
                "sequence": 0,
                "company_id": self.company.id,
            }
        )
        exempt = self.env["account.tax"].create(
            {
                "name": "Export",
                "amount": 0,
                "fiscal_position_ids": self.env["account.fiscal.position"].search([("name", "=", "Switzerland")]).ids,
                "original_tax_ids": self.company.timebill_time_tax_id.ids,
                "country_id": self.company.account_fiscal_country_id.id,
            }
        )
        branch = self.env["res.partner"].create(
            {"name": "Lys Genève", "parent_id": self.lys.id, "country_id": self.env.ref("base.ch").id}
        )
        bill = self._open_bill(self._time())
        bill.billing_contact_id = branch
        self.assertEqual(bill.amount_tax, 0)
        move = self.assertWindowTellsTheTruth(bill)
        self.assertEqual((move.partner_id, self._product_lines(move).tax_ids), (branch, exempt))

    def test_yen_have_no_cents_and_dinars_have_mils(self):
        for name, price, worked, amount in (("JPY", 10000, 20, 3333), ("KWD", 12.345, 20, 4.115)):
            with self.subTest(name):
                currency = self.env.ref(f"base.{name}")
                currency.active = True
                matter = self._matter(name, self.lys, currency_id=currency.id)
                activity = self._time(worked, matter=matter, price_unit=price)
                self.assertEqual(activity.amount, amount)
                move = self.assertWindowTellsTheTruth(self._open_bill(activity))
                self.assertEqual((move.currency_id, move.amount_untaxed), (currency, amount))

    # Lines and sections.

    def test_work_alike_shares_a_line_under_the_title_of_its_section(self):
        move = self._bill(
            self._cost(self.stamp, 225)
            + self._time(60)
            + self._cost(self.copies, 0.2, 50)
            + self._time(30)
            + self._time(30, type_id=self.hearing.id)
        )
        self.assertEqual(
            self._layout(move),
            ["Honoraires", (1.5, 200), (0.5, 200), "Frais", (50, 0.2), "Débours (sans TVA)", (1, 225)],
        )

    def test_time_that_does_not_divide_is_one_amount_with_the_time_in_its_text(self):
        line = self._product_lines(self._bill(self._time(50)))
        self.assertEqual((line.quantity, line.price_unit), (1, 166.67))
        self.assertEqual(line.product_uom_id, self.env.ref("uom.product_uom_unit"))
        self.assertIn("(50 min)", line.name)

    def test_a_revised_activity_has_a_line_of_its_own(self):
        first, second, third = self._time(60), self._time(60), self._time(60)
        bill = self._open_bill(first + second + third)
        self._tick(bill, second).revised_amount = 150
        self.assertEqual((bill.amount_standard, bill.amount_difference, bill.amount_untaxed), (600, -50, 550))
        move = self.assertWindowTellsTheTruth(bill)
        self.assertEqual(self._layout(move)[1:], [(2, 200), (1, 150)])
        row = second.allocation_ids
        self.assertEqual((row.standard_amount, row.agreed_amount, row.billed, row.coverage), (200, 150, 150, 60))

    def test_an_offered_activity_is_billed_at_nothing_and_is_billed(self):
        offered, paid = self._time(60), self._time(30)
        bill = self._open_bill(offered + paid)
        self._tick(bill, offered).revised_amount = 0
        bill.reason_id = self.env.ref("timebill_legal.reason_goodwill")
        move = self.assertWindowTellsTheTruth(bill)
        move.action_post()
        self.assertEqual((offered.billing_state, offered.allocation_ids.billed), ("billed", 0))
        self.assertEqual(move.amount_untaxed, 100)

    def test_work_is_offered_by_one_tick_and_charged_again_by_another(self):
        bill = self._open_bill(self._time(60) + self._cost(self.stamp, 225))
        with Form(bill) as form:
            with form.line_ids.edit(0) as line:
                line.is_offered = True
                self.assertEqual((line.revised_amount, line.amount), (0, 200))
                line.is_offered = False
                self.assertEqual(line.revised_amount, 200)
                line.revised_amount = 0
                self.assertTrue(line.is_offered)
            form.reason_id = self.env.ref("timebill_legal.reason_goodwill")
        self.assertEqual((bill.amount_difference, bill.amount_untaxed), (-200, 225))
        self.assertEqual(bill.line_ids.mapped("is_offered"), [True, False])

    def test_several_matters_are_sections_that_hold_those_of_fees_and_expenses(self):
        activities = (
            self._time(60)
            + self._cost(self.stamp, 225)
            + self._time(30, matter=self.joint_matter, partner_id=self.lys.id)
        )
        move = self.assertWindowTellsTheTruth(self._open_bill(activities))
        self.assertEqual(
            move.invoice_line_ids.mapped("display_type"),
            ["line_section", "line_subsection", "product", "line_subsection", "product"]
            + ["line_section", "line_subsection", "product"],
        )
        titles = move.invoice_line_ids.filtered(lambda line: line.display_type == "line_section").mapped("name")
        for title, matter in zip(titles, self.matter + self.joint_matter, strict=True):
            self.assertIn(matter.reference, title)

    def test_the_accounts_never_read_the_narrative(self):
        secret = "He admitted everything"
        activities = self._time(20, description=secret) + self._cost(self.stamp, 225, description=secret)
        move = self._bill(activities, post=True)
        texts = [move.ref, move.narration, move.invoice_origin, move.payment_reference, move.name]
        texts += move.line_ids.mapped("name") + move.line_ids.analytic_line_ids.mapped("name")
        self.assertNotIn(secret, " ".join(filter(None, texts)))
        self.assertEqual(move.timebill_allocation_ids.mapped("description"), [secret] * 2)
        self.assertIn(self.matter.reference, self._product_lines(move)[0].name)

    def test_the_text_corrected_in_the_window_is_that_of_the_activity(self):
        activity = self._time()
        bill = self._open_bill(activity)
        bill.line_ids.description = "Call with the court"
        move = bill._create_invoices()
        printed = move.timebill_allocation_ids.description
        self.assertEqual((activity.description, printed), ("Call with the court", "Call with the court"))

    # Accounts and taxes.

    def test_each_kind_has_its_product_account_and_tax(self):
        vat = self.env["account.chart.template"].with_company(self.company).ref("tva_normale_encaissement")
        for activity, code in (
            (self._time(), "706000"),
            (self._cost(self.deed, 500), "706000"),
            (self._cost(self.copies, 0.2, 10), "708500"),
        ):
            line = self._product_lines(self._bill(activity))
            self.assertEqual((line.account_id.code, line.tax_ids), (code, vat))
            self.assertEqual(line.product_id, activity.type_id.product_id)
        line = self._product_lines(self._bill(self._cost(self.stamp, 225)))
        self.assertEqual((line.account_id.code, line.tax_ids.amount, line.price_total), ("467000", 0, 225))
        self.assertFalse(line.tax_tag_ids)
        self.assertFalse(line.tax_ids.repartition_line_ids.tag_ids)

    def test_updating_taxes_and_accounts_changes_nothing(self):
        """Odoo recomputes the lines from their product, also those that are offered."""
        activities = self._time(20) + self._time(60, type_id=self.hearing.id) + self._cost(self.stamp, 225)
        bill = self._open_bill(activities)
        self._tick(bill, activities[1]).revised_amount = 0
        move = bill._create_invoices()
        fields = ("account_id", "tax_ids", "price_unit", "quantity", "name", "product_uom_id")
        before = [[line[name] for name in fields] for line in self._product_lines(move)]
        move.action_update_fpos_values()
        self.assertEqual([[line[name] for name in fields] for line in self._product_lines(move)], before)

    def test_the_income_goes_to_the_analytic_account_of_the_matter(self):
        activities = self._time() + self._time(matter=self.joint_matter, partner_id=self.lys.id)
        move = self._bill(activities, post=True)
        for line in self._product_lines(move):
            account = line.timebill_allocation_ids.matter_id.analytic_account_id
            self.assertEqual(line.analytic_distribution, {str(account.id): 100})
            self.assertEqual(line.analytic_line_ids.mapped("amount"), [200])
            self.assertEqual(line.analytic_line_ids.account_id, account)

    # Who pays.

    def test_each_client_gets_an_invoice_of_his_own(self):
        activities = self._time(60) + self._time(30, matter=self.joint_matter, partner_id=self.morel.id)
        bill = self._open_bill(activities)
        moves = self.assertWindowTellsTheTruth(bill)
        self.assertEqual({move.partner_id: move.amount_untaxed for move in moves}, {self.lys: 200, self.morel: 100})
        for payer, activity in zip(self.lys + self.morel, activities, strict=True):
            move = moves.filtered(lambda move, payer=payer: move.partner_id == payer)
            self.assertEqual(move.timebill_allocation_ids.activity_id, activity)
            self.assertEqual(move.timebill_allocation_ids.client_id, move.partner_id)

    def test_nobody_is_guessed_to_pay_for_common_work(self):
        common = self._time(matter=self.joint_matter)
        bill = self._open_bill(common)
        self.assertEqual((bool(bill.common_label), bill.line_ids.payer_id), (True, self.env["res.partner"]))
        with self.assertRaises(UserError) as refusal:
            bill._create_invoices()
        self.assertIn(common.display_name, str(refusal.exception))
        bill.line_ids.payer_id = self.morel
        self.assertEqual(bill._create_invoices().partner_id, self.morel)

    def test_one_choice_fills_in_the_payer_of_the_common_work_of_his_matters(self):
        """As the web client does it: what is typed goes to ``onchange``, which answers with commands for the rows."""
        other_matter = self._matter("Dupont and Morel v. Durand", self.dupont + self.morel)
        common = self._time(matter=self.joint_matter) + self._time(30, matter=self.joint_matter)
        other, own = self._time(matter=other_matter), self._time()
        bill = self._open_bill(common + other + own)
        with Form(bill) as form:
            self.assertEqual(set(form.candidate_payer_ids[:]), set(self.lys + self.morel + self.dupont))
            form.common_payer_id = self.lys
            self.assertTrue(form.common_label)
            self.assertEqual(set(form.candidate_payer_ids[:]), set(self.dupont + self.morel))
            form.common_payer_id = self.morel
            self.assertFalse(form.common_label)
        payers = {line.activity_id: line.payer_id for line in bill.line_ids}
        self.assertEqual([payers[activity] for activity in common], [self.lys] * 2)
        self.assertEqual((payers[other], payers[own]), (self.morel, self.lys))

    def test_each_matter_has_its_own_choice_of_payer_which_can_be_changed(self):
        """As the titles between the lines make it."""
        other_matter = self._matter("Lys and Morel v. Bank", self.lys + self.morel)
        common = self._time(matter=self.joint_matter) + self._time(30, matter=self.joint_matter)
        own, other = self._time(matter=self.joint_matter, partner_id=self.morel.id), self._time(matter=other_matter)
        bill = self._open_bill(common + own + other)
        for payer in (self.lys, self.morel, self.lys):
            bill.update({"common_matter_id": self.joint_matter, "common_payer_id": payer})
            bill._onchange_common_payer_id()
            self.assertFalse(bill.common_payer_id, "ready for the next choice")
            payers = {line.activity_id: line.payer_id for line in bill.line_ids}
            self.assertEqual([payers[activity] for activity in common], [payer] * 2)
            self.assertEqual((payers[own], payers[other]), (self.morel, self.env["res.partner"]))

    def test_the_lines_stand_by_client_and_matter_with_the_amount_of_each(self):
        first, second = self._time(60, date="2026-10-14"), self._time(30, date="2026-10-12")
        common = self._time(matter=self.joint_matter, date="2026-10-13")
        own = self._time(15, matter=self.joint_matter, partner_id=self.morel.id, date="2026-10-13")
        bill = self._open_bill(first + second + common + own)
        self.assertEqual(bill.line_ids.activity_id, own + second + first + common)
        self._tick(bill, first).included = False
        self._tick(bill, second).revised_amount = 80
        titles = [(group["client"], group["included"], group["count"], group["amount"]) for group in bill.groups]
        self.assertEqual(
            [(client, included, count, amount.replace("\xa0", " ")) for client, included, count, amount in titles],
            [
                ("Jeanne Morel", 1, 1, "50,00 €"),
                ("SCI des Lys", 1, 2, "80,00 €"),
                ("Commun (SCI des Lys, Jeanne Morel)", 1, 1, "200,00 €"),
            ],
        )
        self.assertEqual([len(group["payers"]) for group in bill.groups], [0, 0, 2])

    def test_the_title_of_the_window_names_who_is_billed(self):
        for activities, name in (
            (self._time(), f"SCI des Lys, {self.matter.display_name}"),
            (self._time() + self._time(matter=self.joint_matter), "2 clients, 2 dossiers"),
        ):
            self.assertIn(name, activities.with_user(self.biller).action_bill()["name"])

    def test_only_clients_of_matters_with_common_work_are_offered_to_pay_for_it(self):
        bill = self._open_bill(self._time() + self._time(matter=self.joint_matter))
        self.assertEqual(bill.candidate_payer_ids, self.lys + self.morel)
        bill.line_ids.filtered(lambda line: line.matter_id == self.joint_matter).included = False
        self.assertFalse(bill.candidate_payer_ids)

    def test_a_payer_is_a_client_of_the_matter_and_that_of_the_activity(self):
        common = self._time(matter=self.joint_matter)
        of_lys = self._time(matter=self.joint_matter, partner_id=self.lys.id)
        for activity, payer in ((common, self.dupont), (of_lys, self.morel)):
            bill = self._open_bill(activity)
            bill.line_ids.payer_id = payer
            with self.assertRaises(UserError) as refusal:
                bill._create_invoices()
            self.assertIn(activity.display_name, str(refusal.exception))

    def test_one_billing_contact_does_not_pay_for_several_clients(self):
        bill = self._open_bill(self._time() + self._time(matter=self.joint_matter, partner_id=self.morel.id))
        bill.billing_contact_id = self.lys
        with self.assertRaises(UserError) as refusal:
            bill._create_invoices()
        self.assertIn(self.morel.display_name, str(refusal.exception))

    def test_the_lines_are_in_the_language_of_the_client(self):
        names = []
        for lang in ("fr_FR", "en_US"):
            self.lys.lang = lang
            self.phone.with_context(lang=lang).name = f"Phone {lang}"
            names += self._product_lines(self._bill(self._time())).mapped("name")
        self.assertTrue(names[0].startswith("Phone fr_FR"), names)
        self.assertTrue(names[1].startswith("Phone en_US"), names)

    def test_the_date_and_the_terms_of_the_window_are_those_of_the_invoice(self):
        terms = self.env.ref("account.account_payment_term_30days")
        bill = self._open_bill(self._time())
        bill.write({"invoice_date": "2026-10-31", "invoice_payment_term_id": terms.id})
        move = bill._create_invoices()
        self.assertEqual((str(move.invoice_date), move.invoice_payment_term_id), ("2026-10-31", terms))
        self.assertEqual(str(move.invoice_date_due), "2026-11-30")

    # Currencies.

    def _dollar_matter(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create({"currency_id": dollar.id, "name": "2026-01-01", "rate": 1.25})
        return self._matter("Lys Inc. v. Martin", self.lys, currency_id=dollar.id)

    def test_currencies_are_not_added_up_and_each_has_its_invoice(self):
        activities = self._time() + self._time(matter=self._dollar_matter(), price_unit=300)
        bill = self._open_bill(activities)
        self.assertTrue(bill.mixed_currencies)
        self.assertEqual((bill.invoice_count, bill.amount_total), (0, 0))
        moves = bill._create_invoices()
        self.assertEqual({move.currency_id.name: move.amount_untaxed for move in moves}, {"EUR": 200, "USD": 300})

    def test_a_matter_in_dollars_is_billed_in_dollars_and_booked_in_euros(self):
        activity = self._time(20, matter=self._dollar_matter(), price_unit=300)
        move = self.assertWindowTellsTheTruth(self._open_bill(activity))
        move.action_post()
        line = self._product_lines(move)
        self.assertEqual((move.currency_id.name, line.price_subtotal, line.balance), ("USD", 100, -80))
        self.assertEqual(activity.allocation_ids.billed, 100)

    # What is left out, and why.

    def _cut_off(self, bill, day):
        """Choose a day in the window."""
        bill.cutoff = day
        bill._onchange_cutoff()

    def test_the_cut_off_day_itself_is_billed(self):
        before, that_day, after = (self._time(date=f"2026-10-{day}") for day in (30, 31, 29))
        after.date = "2026-11-01"
        activities = (before + that_day + after).with_user(self.biller)
        action = activities.with_context(timebill_cutoff="2026-10-31").action_bill()
        bill = self.env["timebill.bill"].browse(action["res_id"])
        self.assertEqual(bill._get_included().activity_id, before + that_day)
        self._cut_off(bill, "2026-10-30")
        self.assertEqual(bill._get_included().activity_id, before)

    def test_nothing_is_left_out_without_saying_why(self):
        free = self._time_without_price()
        late, unticked, billed = self._time(date="2026-11-02"), self._time(), self._time(30)
        activities = billed + unticked + late + free
        bill = self._open_bill(activities)
        self._cut_off(bill, "2026-10-31")
        self._tick(bill, unticked).included = False
        self.assertEqual(len(bill.left_out.split(", ")), 3)
        self.assertIn(free._get_billing_problem(), bill.left_out)
        moves = self.assertWindowTellsTheTruth(bill)
        self.assertEqual(moves.timebill_allocation_ids.activity_id, billed)

    def test_the_window_holds_what_is_left_to_bill_only(self):
        billed, gift, on_hold, to_bill = self._time(), self._time(billable=False), self._time(), self._time()
        self._bill(billed, post=True)
        on_hold.on_hold = True
        bill = self._open_bill(billed + gift + on_hold + to_bill)
        self.assertEqual(bill.line_ids.activity_id, on_hold + to_bill)

    def test_work_without_a_price_is_shown_and_cannot_be_billed(self):
        self.company.timebill_rate_list_id = False
        activity = self._time()
        bill = self._open_bill(activity)
        self.assertTrue(bill.line_ids.problem)
        with self.assertRaises(UserError):
            bill._create_invoices()

    def test_a_category_without_account_or_tax_is_named(self):
        call, stamp = self._time(), self._cost(self.stamp, 225)
        self.phone.product_id.with_company(self.company).property_account_income_id = False
        self.stamp.product_id.taxes_id = False
        with self.assertRaises(UserError) as refusal:
            self._bill(call + stamp)
        for record in (call, stamp):
            self.assertIn(record.display_name, str(refusal.exception))
        self.assertFalse((call + stamp).allocation_ids)

    def test_a_disbursement_is_billed_at_its_exact_cost(self):
        stamp = self._cost(self.stamp, 225)
        for amount in (200, 250, 0):
            bill = self._open_bill(stamp)
            bill.line_ids.revised_amount = amount
            with self.subTest(amount), self.assertRaises(UserError) as refusal:
                bill._create_invoices()
            self.assertIn(stamp.display_name, str(refusal.exception))

    def test_a_revised_amount_is_not_negative(self):
        bill = self._open_bill(self._time())
        bill.line_ids.revised_amount = -1
        with self.assertRaises(UserError):
            bill._create_invoices()

    def test_nothing_to_bill_says_why(self):
        billed, internal = self._time(), self._time(matter=self.internal_matter)
        self._bill(billed)
        with self.assertRaises(UserError) as refusal:
            self._open_bill(billed + internal)
        for activity in (billed, internal):
            self.assertIn(activity._get_billing_problem(), str(refusal.exception))

    def test_all_that_is_wrong_is_said_at_once_and_nothing_is_made(self):
        good, gone = self._time(date="2026-10-01"), self._time(date="2026-10-02")
        common = self._time(matter=self.joint_matter)
        bill = self._open_bill(good + gone + common)
        self._bill(gone)
        with self.assertRaises(UserError) as refusal:
            bill._create_invoices()
        for activity in (gone, common):
            self.assertIn(activity.display_name, str(refusal.exception))
        self.assertNotIn(good.display_name, str(refusal.exception))
        self.assertFalse((good + common).allocation_ids)

    def test_an_empty_window_bills_nothing(self):
        bill = self._open_bill(self._time())
        bill.line_ids.included = False
        with self.assertRaises(UserError):
            bill._create_invoices()

    # Posting.

    def test_a_draft_dated_in_a_period_closed_since_is_booked_in_the_open_one(self):
        activity = self._time()
        bill = self._open_bill(activity)
        bill.invoice_date = "2026-09-30"
        move = bill._create_invoices()
        self.company.fiscalyear_lock_date = "2026-09-30"
        move.action_post()
        self.assertEqual((move.state, str(move.invoice_date)), ("posted", "2026-09-30"))
        self.assertGreater(move.date, Date.to_date("2026-09-30"))
        self.assertEqual(activity.billing_state, "billed")

    def test_the_window_refuses_a_date_in_a_closed_period(self):
        self.company.fiscalyear_lock_date = "2026-09-30"
        bill = self._open_bill(self._time())
        bill.invoice_date = "2026-09-30"
        with self.assertRaises(UserError):
            bill._create_invoices()

    def test_a_locked_invoice_keeps_its_activities(self):
        activity = self._time()
        move = self._bill(activity, post=True, invoice_date="2026-09-30")
        self.company.fiscalyear_lock_date = "2026-09-30"
        with self.assertRaises(UserError):
            move.button_draft()
        self.assertEqual(activity.billing_state, "billed")

    def test_save_opens_the_draft_and_save_and_send_posts_it_first(self):
        bill = self._open_bill(self._time())
        move = self.env["account.move"].browse(bill.action_save()["res_id"])
        self.assertEqual((move.state, move.name), ("draft", False))
        activity = self._time(30)
        action = self._open_bill(activity).action_save_and_send()
        self.assertEqual(activity.allocation_ids.move_id.state, "posted")
        self.assertEqual(action["params"]["send"]["res_model"], "account.move.send.wizard")

    def test_several_drafts_open_as_a_list(self):
        bill = self._open_bill(self._time() + self._time(matter=self.joint_matter, partner_id=self.morel.id))
        action = bill.action_save()
        self.assertEqual(len(self.env["account.move"].search(action["domain"])), 2)

    def test_recorded_prices_are_billed_whatever_the_lists_become(self):
        activity = self._time()
        self.rate_list.rate_ids.write({"price": 300})
        self.assertEqual(self._bill(activity).amount_untaxed, 200)
        self.rate_list.rate_ids = [Command.clear()]

    def test_prices_that_include_tax_bill_the_amount_without_it(self):
        for minutes, rate in ((75, 200), (20, 200), (60, 33.33)):
            with self.subTest(minutes=minutes, rate=rate):
                taxes = self.phone.product_id.taxes_id
                taxes.price_include_override = "tax_included"
                activity = self._time(minutes, price_unit=rate)
                move = self._bill(activity)
                self.assertEqual(move.amount_untaxed, activity.amount)
                self.assertEqual(activity.amount_difference, 0)
