from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .credit_case import CreditCase


@tagged("post_install", "-at_install")
class TestCreditNoteWindow(CreditCase):
    """Odoo's window *Reverse*: which work is credited, and whether it is to bill again."""

    def test_nothing_said_is_everything(self):
        first, second, stamp = self._time(60), self._time(20), self._cost(self.stamp, 225)
        move = self._bill(first + second + stamp, post=True)
        with Form(
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=move.ids)
        ) as form:
            self.assertEqual([line["amount"] for line in form.timebill_line_ids._records], [200, 66.67, 225])
            self.assertTrue(form.timebill_everything)
            self.assertEqual(form.timebill_amount, 491.67)
        credit = self._press_reverse(form.record)
        plain = move._reverse_moves()
        names = ("name", "quantity", "price_unit", "price_subtotal", "display_type", "sequence")
        self.assertEqual(*([tuple(line[n] for n in names) for line in c.invoice_line_ids] for c in (credit, plain)))
        credit.action_post()
        self.assertStates(first + second + stamp, "to_bill", "to_bill", "to_bill")

    def test_the_work_may_stay_out_of_what_is_to_bill(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        window = self._window(move)
        window.timebill_invoice_ids.release = False
        self.assertFalse(self._row(window, activity).given_back)
        credit = self._press_reverse(window)
        credit.action_post()
        self.assertEqual(credit.amount_untaxed, 200)
        self.assertStates(activity, "billed")
        self.assertEqual((activity.amount_billed, credit.timebill_notice), (0, False))

    def test_only_what_is_ticked_comes_back(self):
        first, second = self._time(60), self._time(30)
        move = self._bill(first + second, post=True)
        credit = self._credit(move, {second: None})
        self.assertEqual((credit.amount_untaxed, credit.amount_total), (100, 120))
        self.assertStates(first + second, "billed", "to_bill")
        self.assertBilledFollowsLines(move + credit)

    def test_an_amount_brings_its_share_back(self):
        activity = self._time(60)
        move = self._bill(activity, post=True)
        window = self._window(move)
        self._row(window, activity).amount = 50
        self.assertEqual(self._row(window, activity).given_back, "15 min")
        credit = self._press_reverse(window)
        credit.action_post()
        self.assertCovered(activity, 45)
        self.assertEqual((activity.amount_billed, activity.standard_to_bill), (150, 50))
        self.assertBilledFollowsLines(move + credit)

    def test_an_expense_brings_units_back(self):
        copies = self._cost(self.copies, 2, quantity=10)
        move = self._bill(copies, post=True)
        window = self._window(move)
        self._row(window, copies).amount = 5
        self.assertEqual(self._row(window, copies).given_back, "2,50")
        self._press_reverse(window).action_post()
        self.assertCovered(copies, 7.5)

    def test_several_partial_credits_on_one_line_never_exceed_it(self):
        activity, other = self._time(60), self._time(60)
        move = self._bill(activity + other, post=True)
        for amount, covered in ((50, 45), (50, 30), (40, 18)):
            self._credit(move, {activity: amount})
            self.assertCovered(activity + other, covered, 60)
        window = self._window(move)
        row = self._row(window, activity)
        self.assertEqual((row.billed, row.credited, row.left, row.amount), (200, 140, 60, 60))
        row.amount = 60.01
        with self.assertRefused(move) as refusal:
            self._press_reverse(window)
        for text in (row.label, "60,01", "200,00", "60,00"):
            self.assertIn(text, str(refusal.exception).replace("\xa0", " "))
        row.amount = 60
        self._press_reverse(window).action_post()
        self.assertStates(activity + other, "to_bill", "to_bill")
        with self.assertRefused(move):
            self._press_reverse(self._window(move))

    def test_a_negative_amount_and_nothing_at_all_are_refused(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        for values in ({"amount": -1}, {"amount": 0}, {"included": False}):
            window = self._window(move)
            self._row(window, activity).write(values)
            with self.subTest(**values), self.assertRefused(move):
                self._press_reverse(window)
        self.assertFalse(move.reversal_move_ids)

    def test_lines_and_titles_with_nothing_left_disappear(self):
        call, stamp = self._time(), self._cost(self.stamp, 225)
        move = self._bill(call + stamp, post=True)
        credit = self._credit(move, {call: None})
        self.assertEqual(credit.invoice_line_ids.mapped("display_type"), ["line_section", "product"])
        self.assertEqual((credit.amount_untaxed, credit.amount_total), (200, 240))
        self.assertStates(call + stamp, "to_bill", "billed")

    def test_a_line_that_bills_no_work_is_credited_as_one_says(self):
        activity = self._time()
        move = self._bill(activity)
        text = self._add_text_line(move)
        move.action_post()
        first = self._credit(move, {text: 10})
        self.assertEqual((first.amount_untaxed, first.timebill_notice), (10, False))
        window = self._window(move)
        self.assertEqual(self._row(window, text).left, 30)
        rest = self._press_reverse(window)
        self.assertEqual(rest.amount_untaxed, 230)
        rest.action_post()
        self.assertStates(activity, "to_bill")

    def test_a_typed_amount_is_without_tax_where_prices_include_it(self):
        tax = self.env["account.tax"].create(
            {"name": "20 incl.", "amount": 20, "price_include_override": "tax_included"}
        )
        move = self._bill(self._time())
        text = self._add_text_line(move, 120, tax_ids=[Command.set(tax.ids)])
        move.action_post()
        credit = self._credit(move, {text: 50}, post=False)
        self.assertEqual((credit.amount_untaxed, credit.amount_total), (50, 60))

    def test_work_offered_on_the_invoice_is_given_back_for_nothing(self):
        activity, offered = self._time(60), self._cost(self.deed, 100)
        reason = self.env.ref("timebill_legal.reason_agreement")
        move = self._bill(activity + offered)
        offered.allocation_ids.move_line_id.write({"price_unit": 0, "timebill_reason_id": reason.id})
        move.action_post()
        self._credit(move, {activity: None})
        self.assertStates(activity + offered, "to_bill", "billed")
        self._credit(move, {offered: None})
        self.assertStates(activity + offered, "to_bill", "to_bill")

    def test_credited_in_part_unpaid_partly_paid_or_paid(self):
        for paid in (0, 100, 360):
            with self.subTest(paid=paid):
                first, second = self._time(60), self._time(30)
                move = self._bill(first + second, post=True)
                if paid:
                    self.env["account.payment.register"].with_context(
                        active_model="account.move", active_ids=move.ids
                    ).create({"amount": paid})._create_payments()
                credit = self._credit(move, {first: 100})
                self.assertCovered(first + second, 30, 30)
                self.assertEqual(credit.amount_total, 120)

    def test_several_invoices_at_once(self):
        mine, theirs = self._time(60), self._time(60, self.joint_matter, partner_id=self.morel.id)
        moves = self._bill(mine + theirs, post=True)
        window = self._window(moves)
        self.assertEqual(window.timebill_invoice_ids.move_id, moves)
        self._row(window, mine).amount = 50
        window.timebill_invoice_ids.filtered(lambda row: row.move_id == theirs.allocation_ids.move_id).release = False
        credits = self._press_reverse(window)
        credits.action_post()
        self.assertCovered(mine + theirs, 45, 60)
        self.assertEqual(sorted(credits.mapped("amount_untaxed")), [50, 200])

    def test_an_invoice_among_others_is_not_left_out_silently(self):
        mine, theirs = self._time(60), self._time(60, self.joint_matter, partner_id=self.morel.id)
        moves = self._bill(mine + theirs, post=True)
        window = self._window(moves)
        self._row(window, mine).included = False
        with self.assertRefused(mine.allocation_ids.move_id):
            self._press_reverse(window)

    def test_replacing_is_always_the_whole(self):
        first, second = self._time(60), self._time(30)
        move = self._bill(first + second, post=True)
        part, unticked, kept_off = (self._window(move) for _window in range(3))
        self._row(part, first).amount = 10
        self._row(unticked, first).included = False
        kept_off.timebill_invoice_ids.release = False
        for window in (part, unticked, kept_off):
            with self.assertRefused(move):
                window.modify_moves()
        self._credit(move, {first: 50})
        with self.assertRefused(move):
            self._window(move).modify_moves()
        self.assertStates(first + second, "to_bill", "billed")

    def test_ordinary_invoices_and_credit_notes_have_no_list(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        credit.action_post()
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.lys.id,
                "invoice_line_ids": [Command.create({"name": "Rent", "price_unit": 10})],
            }
        )
        plain.action_post()
        for move in (credit, plain):
            self.assertFalse(self._window(move).timebill_invoice_ids)
            self.assertFalse(self._window(move).timebill_line_ids)
        self.assertFalse(self._press_reverse(self._window(plain)).timebill_notice)

    def test_tick_all_or_none(self):
        activities = self._time(60) + self._time(30)
        move = self._bill(activities, post=True)
        with Form(
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=move.ids)
        ) as form:
            with form.timebill_line_ids.edit(0) as line:
                line.included = False
            self.assertFalse(form.timebill_everything)
            self.assertEqual(form.timebill_amount, 100)
            form.timebill_everything = True
            self.assertEqual(form.timebill_amount, 300)
            form.timebill_everything = False
            self.assertEqual(form.timebill_amount, 0)
            with form.timebill_line_ids.edit(1) as line:
                line.included = True
        self.assertEqual(self._press_reverse(form.record).amount_untaxed, 100)

    # Whoever credits, rights on the work or not.

    def _secret_invoice(self):
        self.secret_matter.member_ids += self.biller
        activity = self._time(matter=self.secret_matter, partner_id=self.dupont.id, description="Hostile takeover")
        move = self._bill(activity, post=True)
        self.secret_matter.member_ids -= self.biller
        return activity, move

    def test_an_accountant_credits_a_part(self):
        first, second = self._time(60), self._time(30)
        move = self._bill(first + second, post=True)
        credit = self._credit(move, {first: 50}, post=False, user=self.accountant)
        credit.with_user(self.accountant).action_post()
        self.assertCovered(first + second, 45, 30)

    def test_who_may_not_read_the_work_sees_a_number_and_amounts(self):
        activity, move = self._secret_invoice()
        for user in (self.accountant, self.biller):
            row = self._row(self._window(move, user), activity)
            self.assertEqual(row.label, f"{self.secret_matter.reference} (1)")
            self.assertEqual((row.billed, row.left, row.given_back), (200, 200, "1 h 00"))
        self.assertIn("Hostile takeover", self._row(self._window(move, self.env.user), activity).label)

    def _spec(self):
        fields_of_line = ("label", "billed", "credited", "left", "amount", "included", "given_back", "currency_id")
        spec = {name: {} for name in fields_of_line}
        spec.update(
            claim_id={"fields": {}},
            origin_line_id={"fields": {}},
            invoice_id={"fields": {"display_name": {}}},
        )
        return spec

    def _onchange(self, user, move, lines):
        return self.rpc(
            user,
            "account.move.reversal",
            "onchange",
            [],
            {"move_ids": [Command.set(move.ids)], "timebill_line_ids": lines},
            ["timebill_line_ids"],
            {"move_ids": {}, "timebill_line_ids": {"fields": self._spec()}},
        )

    def test_the_browser_of_an_accountant_opens_and_saves_the_window(self):
        activity, move = self._secret_invoice()
        context = {"active_model": "account.move", "active_ids": move.ids}
        spec = {
            "move_ids": {},
            "journal_id": {},
            "company_id": {},
            "date": {},
            "timebill_invoice_ids": {"fields": {"move_id": {"fields": {"display_name": {}}}, "release": {}}},
            "timebill_line_ids": {"fields": self._spec()},
        }
        opened = self.rpc(self.accountant, "account.move.reversal", "onchange", [], {}, [], spec, context=context)
        self.assertNotIn("Hostile", str(opened))
        values = opened["value"]
        (_create, _id, line), = values["timebill_line_ids"]
        self.assertEqual((line["claim_id"]["id"], line["amount"]), (activity.allocation_ids.id, 200))
        sent = {
            "move_ids": [Command.set(move.ids)],
            "journal_id": values["journal_id"],
            "company_id": values["company_id"],
            "date": values["date"],
            "timebill_invoice_ids": [Command.create({"move_id": move.id, "release": True})],
            "timebill_line_ids": [
                Command.create(
                    {
                        "claim_id": line["claim_id"]["id"],
                        "origin_line_id": line["origin_line_id"]["id"],
                        "included": True,
                        "amount": 100,
                    }
                )
            ],
        }
        saved = self.rpc(self.accountant, "account.move.reversal", "web_save", [], sent, spec, context=context)
        self.assertNotIn("Hostile", str(saved))
        self.rpc(self.accountant, "account.move.reversal", "refund_moves", [saved[0]["id"]])
        move.reversal_move_ids.action_post()
        self.assertCovered(activity, 30)

    def test_ids_that_somebody_made_up_say_and_do_nothing(self):
        activity = self._time(60)
        move = self._bill(activity, post=True)
        other, other_move = self._secret_invoice()
        claim = other.allocation_ids
        forged = {"claim_id": claim.id, "origin_line_id": claim.move_line_id.id, "included": True, "amount": 200}
        for user in (self.accountant, self.biller):
            answer = self._onchange(user, move, [[0, "virtual_1", forged]])
            self.assertNotIn("Hostile", str(answer))
            self.assertNotIn(self.secret_matter.reference, str(answer))
        # The invoice line is that of the claim, whatever is sent along.
        for values in (forged, {**forged, "origin_line_id": activity.allocation_ids.move_line_id.id}):
            window = self._window(move, self.accountant, timebill_line_ids=[Command.create(values)])
            self.assertEqual((window.timebill_line_ids.label, window.timebill_line_ids.billed), (False, 0))
            with self.assertRaises(UserError):
                window.refund_moves()
        # Twice the same activity.
        claim = activity.allocation_ids
        twice = {"claim_id": claim.id, "origin_line_id": claim.move_line_id.id, "included": True, "amount": 150}
        window = self._window(move, timebill_line_ids=[Command.create(twice), Command.create(twice)])
        with self.assertRaises(UserError):
            window.refund_moves()
        twice["origin_line_id"] = False
        without_line = {**twice, "origin_line_id": False, "amount": 1}
        without_claim = {**twice, "claim_id": False, "origin_line_id": claim.move_line_id.id, "amount": 1}
        for second in ({**twice, "amount": 1}, without_line, without_claim):
            window = self._window(move, timebill_line_ids=[Command.create(twice), Command.create(second)])
            with self.assertRaises(UserError):
                window.refund_moves()
        twice["origin_line_id"] = claim.move_line_id.id
        for second in (without_line, without_claim):
            window = self._window(move, timebill_line_ids=[Command.create(twice), Command.create(second)])
            with self.assertRaises(UserError):
                window.refund_moves()
        # An invoice line that bills work, without any.
        window = self._window(move, timebill_line_ids=[Command.create(without_claim)])
        with self.assertRaises(UserError):
            window.refund_moves()
        self.assertFalse((move + other_move).reversal_move_ids)

    def test_an_accountant_of_another_company_sees_nothing(self):
        activity = self._time(60)
        move = self._bill(activity, post=True)
        company = self.env["res.company"].create({"name": "Other firm"})
        stranger = new_test_user(
            self.env,
            "tb_stranger",
            groups="account.group_account_invoice",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        claim = activity.allocation_ids
        sent = {"claim_id": claim.id, "origin_line_id": claim.move_line_id.id, "included": True}
        with self.assertRaises(AccessError):
            self._onchange(stranger, self.env["account.move"], [[0, "virtual_1", sent]])
        for model in ("timebill.credit", "timebill.credit.invoice"):
            with self.assertRaises(AccessError):
                self.rpc(stranger, model, "onchange", [], {"move_id": move.id}, ["move_id"], {"move_id": {}})

    def test_a_window_belongs_to_who_opened_it(self):
        move = self._bill(self._time(), post=True)
        window = self._window(move)
        for records in (window.timebill_line_ids, window.timebill_invoice_ids):
            with self.assertRaises(AccessError):
                records.with_user(self.accountant).read(["id"])

    def test_lower_price_taken_back_then_full_credit_bills_nothing_twice(self):
        """200 billed, 50 credited (nothing comes back), that credit reversed, then the invoice credited in full."""
        activity = self._time()
        invoice = self._bill(activity, post=True)
        credit = self._credit(invoice, {activity: 50}, release=False)
        with self.assertRaises(UserError) as refusal:
            self._reverse(credit)
        self.assertIn(credit.name, str(refusal.exception))
        self._reverse(invoice).action_post()
        self.assertEqual((activity.amount_billed, activity.amount_to_bill), (0, 200))

    def test_amount_typed_where_nothing_is_left_is_no_crash(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        self._credit(invoice, {activity: 200}, release=False)
        window = self._window(invoice)
        window.timebill_line_ids.amount = 5
        self.assertFalse(window.timebill_line_ids.given_back)
