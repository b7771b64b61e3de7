from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .rpc import RpcCommon
from .test_ledger import LedgerCase


class CreditCase(LedgerCase, RpcCommon):
    """Credit notes made or completed through the windows."""

    # Refusals by name, of LedgerCase; those over RPC read their own message.
    assertRefused = LedgerCase.assertRefused

    def _window(self, moves, user=None, **values):
        """Odoo's window *Reverse* on ``moves``, as saved by ``user`` who changed nothing yet."""
        return (
            self.env["account.move.reversal"]
            .with_user(user or self.biller)
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"journal_id": moves.journal_id.id, **values})
        )

    def _press_reverse(self, window):
        window.refund_moves()
        return window.new_move_ids.sudo()

    def _row(self, window, source):
        """Line of a window for an activity, or for a line of the invoice that bills none."""
        lines = window["timebill_line_ids" if "timebill_line_ids" in window else "line_ids"]
        if source._name == "timebill.activity":
            return lines.filtered(lambda line: line.claim_id.sudo().activity_id == source)
        return lines.filtered(lambda line: line.origin_line_id == source and not line.claim_id)

    def _keep(self, window, amounts):
        """Tick only the activities of ``amounts``, each for its amount, None for all that is left."""
        lines = window["timebill_line_ids" if "timebill_line_ids" in window else "line_ids"]
        lines.included = False
        for source, amount in amounts.items():
            row = self._row(window, source)
            row.write({"included": True, "amount": row.left if amount is None else amount})

    def _credit(self, move, amounts, post=True, user=None, **values):
        window = self._window(move, user, **values)
        self._keep(window, amounts)
        credit = self._press_reverse(window)
        if post:
            credit.action_post()
        return credit

    def _choose(self, credit, amounts, user=None, **values):
        """Say in the window *Choose* which activities ``credit`` cancels."""
        action = credit.with_user(user or self.biller).timebill_action_choose_activities()
        window = self.env["timebill.credit"].with_user(user or self.biller).browse(action["res_id"])
        window.write(values)
        self._keep(window, amounts)
        window.action_save()
        return window

    def _edit(self, credit, amount):
        self._product_lines(credit).write({"quantity": 1, "price_unit": amount})

    def _by_hand(self, *amounts, partner=None, post=False, **values):
        credit = (
            self.env["account.move"]
            .with_user(self.biller)
            .create(
                {
                    "move_type": "out_refund",
                    "partner_id": (partner or self.lys).id,
                    "invoice_date": "2026-10-31",
                    "invoice_line_ids": [
                        Command.create({"name": f"Rebate {number}", "price_unit": amount, "tax_ids": [Command.clear()]})
                        for number, amount in enumerate(amounts, start=1)
                    ],
                    **values,
                }
            )
        )
        if post:
            credit.action_post()
        return credit

    def _add_text_line(self, move, amount=40, **values):
        move.write({"invoice_line_ids": [Command.create({"name": "Flat costs", "price_unit": amount, **values})]})
        return move.invoice_line_ids.filtered(lambda line: line.name == "Flat costs")


@tagged("post_install", "-at_install")
class TestCreditWindow(CreditCase):
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
        window = self._window(move, timebill_line_ids=[Command.create(twice), Command.create({**twice, "amount": 1})])
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
        answer = self._onchange(stranger, self.env["account.move"], [[0, "virtual_1", sent]])
        self.assertNotIn(self.matter.reference, str(answer))
        for model, names in (
            ("timebill.credit", ("summary", "company_id", "currency_id", "is_free")),
            ("timebill.credit.invoice", ("activity_count",)),
        ):
            spec = dict.fromkeys(("move_id", *names), {})
            answer = self.rpc(stranger, model, "onchange", [], {"move_id": move.id}, ["move_id"], spec)
            self.assertFalse(any(answer["value"].get(name) for name in names), answer)

    def test_a_window_belongs_to_who_opened_it(self):
        move = self._bill(self._time(), post=True)
        window = self._window(move)
        for records in (window.timebill_line_ids, window.timebill_invoice_ids):
            with self.assertRaises(AccessError):
                records.with_user(self.accountant).read(["id"])


@tagged("post_install", "-at_install")
class TestCreditChoice(CreditCase):
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


@tagged("post_install", "-at_install")
class TestCopiedLines(CreditCase):
    """Lines of ours that bill no recorded work say so: copies, whichever way Odoo makes them."""

    def test_an_ordinary_invoice_and_one_of_ours_say_nothing(self):
        move = self._bill(self._time())
        self.assertFalse(move.timebill_notice)
        self._add_text_line(move)
        move.action_post()
        self.assertFalse(move.timebill_notice)

    def test_a_duplicate_says_so_until_somebody_wants_it(self):
        copy = self._bill(self._time(), post=True).copy()
        self.assertEqual(copy.timebill_notice, "unrecorded")
        copy.action_post()
        self.assertEqual(copy.timebill_notice, "unrecorded")
        copy.with_user(self.accountant).timebill_action_no_activity()
        self.assertFalse(copy.timebill_notice)
        self.assertEqual(copy.copy().timebill_notice, "unrecorded")

    def test_a_debit_note_says_so_if_it_copies_lines(self):
        move = self._bill(self._time(), post=True)
        for copy_lines in (True, False):
            wizard = (
                self.env["account.debit.note"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"copy_lines": copy_lines})
            )
            debit_note = self.env["account.move"].browse(wizard.create_debit()["res_id"])
            self.assertEqual(debit_note.timebill_notice, copy_lines and "unrecorded")

    def test_duplicate_section(self):
        """What Odoo's list sends: new lines with the values of the visible columns."""
        activity = self._time()
        move = self._bill(activity)
        names = ("name", "display_type", "quantity", "price_unit", "discount", "collapse_prices")
        commands = [
            Command.create(
                {
                    **{name: line[name] for name in names},
                    "product_id": line.product_id.id,
                    "product_uom_id": line.product_uom_id.id,
                    "tax_ids": [Command.link(tax.id) for tax in line.tax_ids],
                    "analytic_distribution": line.analytic_distribution,
                    "sequence": 100 + line.sequence,
                }
            )
            for line in move.invoice_line_ids
        ]
        self.rpc(self.biller, "account.move", "web_save", move.ids, {"invoice_line_ids": commands}, {"name": {}})
        self.assertEqual((move.amount_untaxed, move.timebill_notice), (400, "unrecorded"))
        self.assertEqual((activity.amount_billed, activity.covered, len(activity.allocation_ids)), (200, 60, 1))
        move.invoice_line_ids.filtered(lambda line: line.sequence > 100).unlink()
        self.assertFalse(move.timebill_notice)

    def test_a_duplicate_is_as_free_as_any_invoice(self):
        """It bills no activity: another client, another currency, every month, or a credit note."""
        activity = self._time()
        move = self._bill(activity, post=True)
        copy, recurring, switched = move.copy(), move.copy(), move.copy()
        dollar = self.env.ref("base.USD")
        dollar.active = True
        copy.write({"partner_id": self.morel.id, "currency_id": dollar.id})
        recurring.write({"auto_post": "monthly", "invoice_date": "2026-10-31", "date": "2026-10-31"})
        (copy + recurring).action_post()
        again = self.env["account.move"].search([("auto_post_origin_id", "=", recurring.id), ("state", "=", "draft")])
        self.assertEqual((copy + recurring + again).mapped("timebill_notice"), ["unrecorded"] * 3)
        switched.action_switch_move_type()
        self.assertEqual((switched.move_type, switched.timebill_notice), ("out_refund", "unsaid"))
        switched.action_post()
        self.assertStates(activity, "billed")
        self._choose(switched, {activity: 200})
        self.assertStates(activity, "to_bill")
