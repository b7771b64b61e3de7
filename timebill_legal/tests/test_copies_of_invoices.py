from odoo.fields import Command
from odoo.tests import tagged

from .credit_case import CreditCase


@tagged("post_install", "-at_install")
class TestCopiesOfInvoices(CreditCase):
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

    def test_a_duplicate_bills_no_activity(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        self.assertFalse(move.copy().timebill_allocation_ids)
        self.assertCovered(activity, 60)

    def test_a_debit_note_bills_no_activity(self):
        activity = self._time()
        move = self._bill(activity, post=True)
        for copy_lines in (True, False):
            wizard = (
                self.env["account.debit.note"]
                .with_user(self.biller)
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"copy_lines": copy_lines})
            )
            debit_note = self.env["account.move"].browse(wizard.create_debit()["res_id"])
            self.assertFalse(debit_note.timebill_allocation_ids)
        self.assertCovered(activity, 60)
