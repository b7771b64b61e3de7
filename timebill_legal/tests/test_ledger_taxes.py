from odoo.fields import Command
from odoo.tests import tagged

from .test_ledger import LedgerCase


@tagged("post_install", "-at_install")
class TestLedgerTaxes(LedgerCase):
    """Taxes and rates of exchange of invoices and of what credits them."""

    def _credit(self, move, activity):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id})
        )
        for line in wizard.timebill_line_ids:
            line.included = line.claim_id.activity_id == activity
        wizard.refund_moves()
        return wizard.new_move_ids

    def _reconcile(self, moves):
        moves.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable").reconcile()

    def _get_vat_due(self, moves):
        """VAT that became due by payment."""
        entries = self.env["account.move"].search([("tax_cash_basis_origin_move_id", "in", moves.ids)])
        return -sum(entries.line_ids.filtered(lambda line: line.account_id.code.startswith("44571")).mapped("balance"))

    # VAT on payment

    def test_vat_made_due_by_the_credit_note_of_a_disbursement_is_said_and_made_up_by_the_payment(self):
        """Odoo makes VAT due in proportion to the totals: 225 / 1,425 of 200."""
        fee, stamp = self._time(300), self._cost(self.stamp, 225)
        move = self._bill(fee + stamp, post=True)
        self.assertEqual(move.amount_total, 1425)
        credit = self._credit(move, stamp)
        credit.action_post()
        self._reconcile(move + credit)
        self.assertEqual(self._get_vat_due(move + credit), 31.58)
        said = credit.message_ids.mapped("body")
        self.assertTrue(any("31,58" in body and "0,00" in body and move.name in body for body in said), said)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()
        self.assertEqual((move.amount_residual, round(self._get_vat_due(move + credit), 2)), (0, 200))

    def test_a_credit_note_in_proportion_says_nothing_of_vat(self):
        move = self._bill(self._time() + self._time(type_id=self.hearing.id), post=True)
        credit = self._reverse(move)
        credit.action_post()
        self.assertFalse([body for body in credit.message_ids.mapped("body") if "TVA sur" in body])

    # Rounding of taxes

    def test_a_full_credit_note_credits_the_taxes_of_the_invoice_however_they_are_rounded_now(self):
        for before, after in (("round_per_line", "round_globally"), ("round_globally", "round_per_line")):
            for modify in (False, True):
                self.company.tax_calculation_rounding_method = before
                move = self._bill(self._cost(self.deed, 10.03) + self._cost(self.deed.copy(), 10.03), post=True)
                billed = {"round_per_line": 24.08, "round_globally": 24.07}[before]
                self.assertEqual(move.amount_total, billed)
                self.company.tax_calculation_rounding_method = after
                with self.subTest(before, modify=modify):
                    new = self._reverse(move, modify=modify)
                    credit = move.reversal_move_ids
                    self.assertEqual(credit.amount_total, billed)
                    if not modify:
                        new.action_post()  # Odoo reconciles it
                    residuals = (credit.amount_residual, move.amount_residual)
                    self.assertEqual((credit.amount_total, residuals), (billed, (0, 0)))

    def test_an_edited_credit_note_has_the_taxes_of_what_it_credits(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        move = self._bill(self._cost(self.deed, 10.03) + self._cost(self.deed.copy(), 10.03), post=True)
        credit = self._reverse(move)
        self._product_lines(credit)[0].price_unit = 5
        self.assertEqual(credit.amount_total, 18.04)

    def test_prices_with_tax_and_a_disbursement(self):
        """Odoo rounds the VAT of the whole base of 200.03 to 40.01; line by line, the total is that of the prices."""
        included = self.phone.product_id.taxes_id.copy({"name": "inc", "price_include_override": "tax_included"})
        self.phone.product_id.taxes_id = self.hearing.product_id.taxes_id = included
        work = self._time(price_unit=100.01) + self._time(price_unit=100.02, type_id=self.hearing.id)
        work += self._cost(self.stamp, 225)
        for method, total in (("round_per_line", 465.03), ("round_globally", 465.04)):
            self.company.tax_calculation_rounding_method = method
            bill = self._open_bill(work)
            shown = bill.amount_untaxed + bill.amount_tax
            move = bill._create_invoices()
            self.assertEqual((move.amount_untaxed, move.amount_total), (425.03, total))
            self.assertAlmostEqual(shown, total)
            move.action_post()
            credit = self._reverse(move)
            credit.action_post()
            self.assertEqual((credit.amount_total, credit.amount_residual, move.amount_residual), (total, 0, 0))

    # Rates of exchange

    def _create_dollars(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        dollar.rate_ids.unlink()
        matter = self._matter("New York", self.lys, currency_id=dollar.id)
        return dollar, self._time(matter=matter, price_unit=500)

    def _set_rate(self, currency, rate, day="2026-01-01"):
        self.env["res.currency.rate"].create(
            {"name": day, "rate": rate, "currency_id": currency.id, "company_id": self.company.id}
        )

    def test_an_invoice_in_a_currency_without_a_rate_is_not_posted(self):
        dollar, activity = self._create_dollars()
        self._set_rate(self.company.currency_id, 1)
        move = self._bill(activity)
        with self.assertRefused(move) as refusal:
            move.action_post()
        self.assertIn("USD", str(refusal.exception))
        self._set_rate(dollar, 1)  # a rate of 1 is one
        move.action_post()
        self.assertEqual(move.state, "posted")

    def test_a_rate_recorded_after_the_draft_is_that_of_the_posted_invoice(self):
        for former in (None, 1.5):
            dollar, activity = self._create_dollars()
            if former:
                self._set_rate(dollar, former)
            move = self._bill(activity)
            self._set_rate(dollar, 1.25, day="2026-01-02")
            move.action_post()
            with self.subTest(former=former):
                self.assertEqual(move.amount_untaxed, 500)
                self.assertEqual((move.amount_untaxed_signed, activity.amount_billed), (400, 500))
                credit = self._reverse(move)
                credit.action_post()
                self.assertEqual(credit.amount_untaxed_signed, -400)

    def test_a_rate_that_somebody_typed_stays(self):
        dollar, activity = self._create_dollars()
        move = self._bill(activity)
        move.with_user(self.biller).write({"invoice_currency_rate": 2})
        self._set_rate(dollar, 1.25)
        move.action_post()
        self.assertEqual(move.amount_untaxed_signed, 250)

    def test_a_typed_rate_that_is_the_recorded_one_again_follows(self):
        dollar, activity = self._create_dollars()
        self._set_rate(dollar, 1.5)
        move = self._bill(activity)
        for rate in (2, 1.5):
            move.write({"invoice_currency_rate": rate})
        self._set_rate(dollar, 1.25, day="2026-01-02")
        move.write({"invoice_line_ids": [Command.update(self._product_lines(move).id, {"name": "x"})]})
        move.action_post()
        self.assertEqual(move.amount_untaxed_signed, 400)
