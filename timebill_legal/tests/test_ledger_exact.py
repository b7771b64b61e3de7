from itertools import product

from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestLedgerExact(LedgerCase):
    """A disbursement is billed at its exact cost, without tax, on its pass-through account (CGI art. 267, II-2°)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("timebill_legal.reason_agreement")
        cls.vat = cls.phone.product_id.taxes_id
        cls.exempt = cls.stamp.product_id.taxes_id
        cls.income = cls.phone.product_id.property_account_income_id
        cls.pass_through = cls.stamp.product_id.property_account_income_id

    def _draft(self):
        fee, stamp = self._time(), self._cost(self.stamp, 225)
        move = self._bill(fee + stamp)
        return move, *(row.move_line_id for row in (fee.allocation_ids, stamp.allocation_ids))

    def _get_changes(self):
        """Ways to bill a disbursement of 225 otherwise."""
        return {
            "more": {"price_unit": 230},
            "much more": {"price_unit": 300},
            "half": {"discount": 50},
            "a cent less": {"price_unit": 224.99},
            "nothing": {"price_unit": 0},
            "below zero": {"quantity": -1},
            "two": {"quantity": 2},
            "the cost with a discount": {"price_unit": 450, "discount": 50},
            "with VAT": {"tax_ids": [Command.set(self.vat.ids)]},
            "with both taxes": {"tax_ids": [Command.link(self.vat.id)]},
            "without tax": {"tax_ids": [Command.clear()]},
            "on an income account": {"account_id": self.income.id},
            "as a fee": {"product_id": self.phone.product_id.id, "price_unit": 225},
        }

    def test_no_edit_bills_a_disbursement_otherwise(self):
        roads = {
            "line": lambda move, line, values: line.write(values),
            "nested": lambda move, line, values: move.write({"invoice_line_ids": [Command.update(line.id, values)]}),
            "line_ids": lambda move, line, values: move.write({"line_ids": [Command.update(line.id, values)]}),
        }
        for (what, values), (road, edit) in product(self._get_changes().items(), roads.items()):
            with self.subTest(what, road=road):
                move, _fee, line = self._draft()
                edit(move.with_user(self.biller), line.with_user(self.biller), dict(values))
                line.timebill_reason_id = self.reason  # no reason excuses it
                with self.assertRefused(move):
                    move.with_user(self.biller).action_post()
                self.assertEqual(move.state, "draft")

    def test_what_was_put_right_is_billed(self):
        move, _fee, line = self._draft()
        line.write({"price_unit": 300, "tax_ids": [Command.set(self.vat.ids)]})
        line.write({"price_unit": 225, "tax_ids": [Command.set(self.exempt.ids)]})
        move.action_post()
        self.assertEqual((move.amount_untaxed, move.amount_tax), (425, 40))

    def test_the_form_bills_no_disbursement_otherwise(self):
        move, _fee, line = self._draft()
        index = move.invoice_line_ids.ids.index(line.id)
        with Form(move.with_user(self.biller)) as form, form.invoice_line_ids.edit(index) as edited:
            edited.price_unit = 230
        with self.assertRefused(move):
            move.action_post()

    def test_the_dialog_of_reasons_is_not_opened_for_it(self):
        for button in ("action_post", "action_validate_moves_with_confirmation"):
            move, _fee, line = self._draft()
            line.price_unit = 300
            with self.subTest(button), self.assertRefused(move):
                getattr(move.with_context(disable_abnormal_invoice_detection=False), button)()

    def test_nothing_else_is_billed_like_a_disbursement(self):
        for values in ({"tax_ids": [Command.set(self.exempt.ids)]}, {"account_id": self.pass_through.id}):
            move, fee, _line = self._draft()
            fee.write(values)
            with self.subTest(**values), self.assertRefused(move):
                move.action_post()

    def test_a_fiscal_position_that_replaces_account_or_tax_is_refused(self):
        country = self.company.account_fiscal_country_id.id
        taxed = self.vat.copy({"name": "Replaces", "amount": 20, "country_id": country})
        other = self.income.copy({"name": "Other", "code": "706999"})
        positions = {
            "account": {"account_ids": [Command.create(
                {"account_src_id": self.pass_through.id, "account_dest_id": other.id}
            )]},
            "tax": {"tax_ids": [Command.set(taxed.ids)]},
        }
        taxed.original_tax_ids = self.exempt
        for what, values in positions.items():
            position = self.env["account.fiscal.position"].create({"name": what, **values})
            with self.subTest(what):
                move, _fee, line = self._draft()
                move.fiscal_position_id = position
                move.action_update_fpos_values()
                self.assertNotEqual((line.account_id, line.tax_ids), (self.pass_through, self.exempt))
                with self.assertRefused(move):
                    move.action_post()

    def test_a_deleted_line_that_is_typed_again_bills_no_activity(self):
        move, _fee, line = self._draft()
        activity = line.timebill_row_ids.activity_id
        values = {"product_id": line.product_id.id, "price_unit": 300, "name": "Stamp"}
        move.write({"invoice_line_ids": [Command.delete(line.id), Command.create(values)]})
        self.assertStates(activity, "to_bill")
        self.assertEqual(move.timebill_notice, "unrecorded")

    def test_the_draft_of_a_disbursement_follows_its_corrected_cost(self):
        activity = self._cost(self.stamp, 225)
        move = self._bill(activity)
        move.button_cancel()
        activity.price_unit = 230
        move.button_draft()
        move.action_post()
        self.assertEqual((move.amount_total, activity.amount_billed), (230, 230))

    # Credit notes

    def _credit(self, move, amount, release=True):
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id})
        )
        for line in wizard.timebill_line_ids:
            line.write({"included": line.claim_id.kind == "disbursement", "amount": amount})
        wizard.timebill_invoice_ids.release = release
        wizard.refund_moves()
        return wizard.new_move_ids.sudo()

    def test_a_part_is_credited_at_its_cost_and_to_bill_again(self):
        move, _fee, line = self._draft()
        move.action_post()
        credit = self._credit(move, 100)
        credit.action_post()
        self.assertEqual(credit.amount_total, 100)
        activity = line.timebill_row_ids.activity_id
        self.assertEqual((activity.amount_billed, activity.amount_to_bill), (125, 100))

    def test_a_credit_that_only_lowers_the_price_of_a_disbursement_is_refused(self):
        move, _fee, line = self._draft()
        move.action_post()
        credit = self._credit(move, 100, release=False)
        with self.assertRefused(line.timebill_row_ids.activity_id, move):
            credit.action_post()
        rebate = self._credit(move, 225)
        rebate.invoice_line_ids.filtered("timebill_row_ids").discount = 50
        with self.assertRefused(line.timebill_row_ids.activity_id, move):
            rebate.action_post()

    def test_all_of_a_disbursement_is_renounced(self):
        move, _fee, line = self._draft()
        move.action_post()
        self._credit(move, 225, release=False).action_post()
        self.assertEqual(line.timebill_row_ids.activity_id.amount_billed, 0)

    def test_a_credit_note_has_the_account_and_the_tax_of_the_invoice(self):
        for values in ({"tax_ids": [Command.set(self.vat.ids)]}, {"account_id": self.income.id}):
            move, _fee, _line = self._draft()
            move.action_post()
            credit = self._credit(move, 225)
            credit.invoice_line_ids.filtered("timebill_row_ids").write(values)
            with self.subTest(**values), self.assertRefused():
                credit.action_post()

    def test_a_credit_note_of_former_settings_has_those_of_its_invoice(self):
        move, _fee, line = self._draft()
        move.action_post()
        self.company.timebill_disbursement_account_id = self.pass_through.copy({"code": "467999"})
        credit = self._reverse(move)
        credit.action_post()
        self.assertEqual(credit.amount_total, move.amount_total)

    def test_a_credit_note_by_hand_takes_account_and_tax_of_the_disbursement(self):
        move, _fee, line = self._draft()
        move.action_post()
        for posted in (False, True):
            credit = self.env["account.move"].create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.lys.id,
                    "invoice_line_ids": [
                        Command.create({"name": "x", "price_unit": 100, "tax_ids": [Command.set(self.vat.ids)]})
                    ],
                }
            )
            typed = self._product_lines(credit)
            choices = [(line.timebill_row_ids, 100, "share")]
            with self.subTest(posted=posted):
                if posted:
                    credit.action_post()
                    with self.assertRefused(credit):
                        typed._timebill_choose_credits(choices)
                    continue
                typed._timebill_choose_credits(choices)
                self.assertEqual((typed.account_id, typed.tax_ids), (self.pass_through, self.exempt))
                credit.action_post()
                self.assertEqual((credit.amount_untaxed, credit.amount_tax), (100, 0))
