from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .credit_case import CreditCase


@tagged("post_install", "-at_install")
class TestCreditNoteChoice(CreditCase):
    """The window *Choose*: a credit note made elsewhere says later which activities it cancels."""

    def test_a_rebate_says_later_which_work_it_is_about(self):
        first, second = self._time(60), self._time(60)
        move = self._bill(first + second, post=True)
        credit = self._reverse(move)
        self._edit(credit, 150)
        self.assertEqual(credit.timebill_notice, "unsaid")
        credit.action_post()
        self.assertEqual(credit.timebill_notice, "unsaid")
        self.assertStates(first + second, "billed", "billed")
        self._choose(credit, {first: 150}, user=self.accountant)
        self.assertFalse(credit.timebill_notice)
        self.assertCovered(first + second, 15, 60)
        self.assertEqual((first + second).mapped("amount_billed"), [50, 200])
        self.assertBilledFollowsLines(move + credit)

    def test_all_of_an_activity_comes_back(self):
        first, second = self._time(60), self._time(60)
        move = self._bill(first + second, post=True)
        credit = self._reverse(move)
        self._edit(credit, 200)
        credit.action_post()
        self._choose(credit, {second: 200})
        self.assertStates(first + second, "billed", "to_bill")
        self._reverse(move).action_post()
        self.assertStates(first + second, "to_bill", "to_bill")

    def test_it_may_be_said_that_the_price_only_is_lowered(self):
        activity = self._time()
        credit = self._reverse(self._bill(activity, post=True))
        self._edit(credit, 50)
        credit.action_post()
        self._choose(credit, {activity: 50}, release=False)
        self.assertFalse(credit.timebill_notice)
        self.assertEqual((activity.billing_state, activity.covered, activity.amount_billed), ("billed", 60, 150))

    def test_a_validated_credit_note_is_said_to_the_cent(self):
        first, second = self._time(60), self._time(60)
        credit = self._reverse(self._bill(first + second, post=True))
        self._edit(credit, 150)
        credit.action_post()
        for amounts in ({first: 149.99}, {first: 100, second: 51}, {first: 200}):
            with self.subTest(list(amounts.values())), self.assertRefused(credit):
                self._choose(credit, amounts)
        self.assertEqual(credit.timebill_allocation_ids.mapped("release"), ["unsaid", "unsaid"])

    def test_never_more_than_was_billed(self):
        first, second = self._time(60), self._time(60)
        move = self._bill(first + second, post=True)
        credit = self._reverse(move)
        self._edit(credit, 250)
        credit.action_post()
        with self.assertRefused(move):
            self._choose(credit, {first: 250})
        self._choose(credit, {first: 200, second: 50})
        self.assertCovered(first + second, 0, 45)

    def test_a_draft_credits_what_is_chosen(self):
        first, second = self._time(60), self._time(60)
        credit = self._reverse(self._bill(first + second, post=True))
        self._edit(credit, 150)
        self._choose(credit, {first: 100})
        self.assertEqual((credit.amount_untaxed, credit.timebill_notice), (100, False))
        self._edit(credit, 120)
        self.assertEqual(credit.timebill_notice, "unsaid")
        self._choose(credit, {second: 120})
        credit.action_post()
        self.assertCovered(first + second, 60, 24)

    def test_one_made_by_hand_for_a_client_with_billed_work(self):
        for post in (False, True):
            with self.subTest(post=post):
                activity, other = self._time(60), self._time(30, type_id=self.hearing.id)
                move = self._bill(activity + other, post=True)
                credit = self._by_hand(100, post=post)
                self.assertEqual(credit.timebill_notice, "unsaid")
                self._choose(credit, {activity: 100}, user=self.accountant)
                self.assertEqual((credit.timebill_notice, credit.amount_untaxed), (False, 100))
                if not post:
                    credit.action_post()
                self.assertCovered(activity + other, 30, 30)
                self.assertBilledFollowsLines(move + credit)

    def test_a_draft_by_hand_takes_the_price_and_keeps_its_text(self):
        activity = self._time()
        self._bill(activity, post=True)
        credit = self._by_hand(100)
        self._choose(credit, {activity: 50})
        line = self._product_lines(credit)
        self.assertEqual((line.name, line.price_subtotal), ("Rebate 1", 50))

    def test_a_draft_by_hand_is_chosen_anew_for_work_of_another_line(self):
        first, second = self._time(60), self._cost(self.deed, 500)
        self._bill(first + second, post=True)
        credit = self._by_hand(100)
        self._choose(credit, {first: 100})
        self._choose(credit, {second: 80})
        self.assertEqual(credit.timebill_allocation_ids.activity_id, second)
        self.assertEqual(credit.amount_untaxed, 80)

    def test_one_by_hand_that_names_its_invoice_offers_that_one_only(self):
        activity, other = self._time(60), self._time(60)
        move, _other_move = self._bill(activity, post=True), self._bill(other, post=True)
        credit = self._by_hand(100, reversed_entry_id=move.id)
        window = self._choose(credit, {activity: 100})
        self.assertEqual(window.line_ids._get_claims_sudo().activity_id, activity)

    def test_each_activity_goes_to_one_of_several_lines(self):
        activity, other = self._time(60), self._time(60)
        self._bill(activity + other, post=True)
        credit = self._by_hand(50, 100, post=True)
        first, second = self._product_lines(credit)
        with self.assertRefused(credit):
            self._choose(credit, {activity: 50})
        action = credit.with_user(self.biller).timebill_action_choose_activities()
        window = self.env["timebill.credit"].with_user(self.biller).browse(action["res_id"])
        self.assertEqual((window.has_several_targets, window.target_ids.sudo()), (True, first + second))
        with Form(window) as form:
            for index, line in enumerate(window.line_ids):
                with form.line_ids.edit(index) as row:
                    row.credit_line_id = first if line.claim_id.activity_id == activity else second
                with form.line_ids.edit(index) as row:
                    row.included = True
            # A ticked activity takes what is left of its line.
            self.assertEqual(sorted(line["amount"] for line in form.line_ids._records), [50, 100])
        window.action_save()
        self.assertCovered(activity + other, 45, 30)

    def test_nobody_is_asked_without_reason(self):
        """Not for a client who was billed no work, in another currency, or for an invoice that bills none."""
        activity = self._time()
        self._bill(activity, post=True)
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.assertFalse(self._by_hand(10, partner=self.morel).timebill_notice)
        self.assertFalse(self._by_hand(10, currency_id=dollar.id).timebill_notice)
        rent = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.lys.id,
                "invoice_line_ids": [Command.create({"name": "Rent", "price_unit": 10})],
            }
        )
        rent.action_post()
        self.assertFalse(rent._reverse_moves().timebill_notice)
        self.assertEqual(self._by_hand(10).timebill_notice, "unsaid")

    def test_no_activity_is_cancelled(self):
        self._bill(self._time(), post=True)
        credit = self._by_hand(10, post=True)
        action = credit.with_user(self.accountant).timebill_action_choose_activities()
        self.env["timebill.credit"].with_user(self.accountant).browse(action["res_id"]).action_no_activity()
        self.assertEqual((credit.timebill_no_activity, credit.timebill_notice), (True, False))

    def test_an_invoice_limits_what_is_shown_and_keeps_what_is_ticked(self):
        activity, other = self._time(60), self._time(60)
        self._bill(activity, post=True)
        second = self._bill(other, post=True)
        credit = self._by_hand(300, post=True)
        action = credit.with_user(self.biller).timebill_action_choose_activities()
        window = self.env["timebill.credit"].with_user(self.biller).browse(action["res_id"])
        index = window.line_ids.ids.index(self._row(window, activity).id)
        with Form(window) as form:
            with form.line_ids.edit(index) as row:
                row.included = True
            form.invoice_id = second
            self.assertEqual([line["amount"] for line in form.line_ids._records], [200, 0])
            with form.line_ids.edit(1) as row:
                row.included = True
        self.assertEqual(window.line_ids.mapped("amount"), [200, 100])
        window.action_save()
        self.assertCovered(activity + other, 0, 30)

    def test_who_may_not_edit_the_credit_note_does_not_choose(self):
        activity = self._time()
        self._bill(activity, post=True)
        credit = self._by_hand(10)
        for method in ("timebill_action_choose_activities", "timebill_action_no_activity"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(self.lawyer, "account.move", method, credit.ids)
        window = self.env["timebill.credit"].with_user(self.accountant).create({"move_id": credit.id})
        with self.assertRaises(AccessError):
            window.with_user(self.biller).action_save()

    def test_what_somebody_made_up_is_not_chosen(self):
        activity, mine = self._time(60), self._time(60)
        move = self._bill(activity, post=True)
        theirs = self._time(matter=self.joint_matter, partner_id=self.morel.id)
        theirs_move = self._bill(theirs, post=True)
        self._bill(mine)
        credit, stranger = self._by_hand(50), self._by_hand(50, partner=self.morel)
        target, claim = self._product_lines(credit), activity.allocation_ids

        def choose(**values):
            window = self.env["timebill.credit"].with_user(self.accountant).create({"move_id": credit.id})
            values = {"claim_id": claim.id, "credit_line_id": target.id, "included": True, "amount": 50, **values}
            window.line_ids = [Command.create(values)]
            window.action_save()

        for values in (
            {"claim_id": theirs.allocation_ids.id},  # of another client
            {"claim_id": mine.allocation_ids.id},  # still on a draft
            {"claim_id": False, "origin_line_id": self._product_lines(move).id},
            {"credit_line_id": self._product_lines(theirs_move).id},
            {"credit_line_id": self._product_lines(stranger).id},
        ):
            with self.subTest(**values), self.assertRaises(UserError):
                choose(**values)
        self.assertCovered(activity + theirs, 60, 60)
        choose()
        self.assertEqual(target.timebill_allocation_ids.reversed_id, claim)

    def test_the_history_adds_up_after_a_choice(self):
        activity = self._time()
        self._bill(activity, post=True)
        self._choose(self._by_hand(200, post=True), {activity: 200})
        self.assertStates(activity, "to_bill")
        self._bill(activity, post=True)
        self.assertEqual(activity.allocation_ids.mapped("coverage"), [60, -60, 60])
        self.assertEqual(sum(activity.allocation_ids.mapped("billed")), 200)

    def test_credit_note_of_another_client_gives_nothing_back(self):
        activity = self._time()
        invoice = self._bill(activity, post=True)
        credit = self.env["account.move"].with_user(self.biller).create(
            {
                "move_type": "out_refund",
                "partner_id": self.lys.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 200, "tax_ids": [Command.clear()]})],
            }
        )
        action = credit.timebill_action_choose_activities()
        window = self.env["timebill.credit"].with_user(self.biller).browse(action["res_id"])
        window.line_ids.write({"included": True, "amount": 200})
        window.action_save()
        with self.assertRaises(UserError):
            credit.partner_id = self.dupont
            credit.action_post()
        self.assertEqual((activity.billing_state, invoice.payment_state), ("billed", "not_paid"))
