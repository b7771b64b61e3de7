from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Taxes and rates of exchange of documents that bill or credit activities."""

    _inherit = "account.move"

    # The rate of other drafts follows what is recorded until they are posted.
    timebill_rate_is_typed = fields.Boolean(
        copy=False, readonly=True, export_string_translation=False, groups="base.group_user"
    )

    #=== CREDIT NOTES ===#

    def _timebill_take_taxes(self):
        """Make draft credit notes of a whole invoice credit just the taxes that it billed.

        Odoo computes them anew: after the company changed how it rounds, a cent of the invoice would stay open.
        """
        for credit in self.filtered(lambda move: move.state == "draft" and move._timebill_is_whole_credit()):
            for line in credit.line_ids.filtered("tax_repartition_line_id"):
                billed = credit.reversed_entry_id.line_ids.filtered(
                    lambda other, line=line: other.tax_repartition_line_id == line._timebill_get_billed_repartition()
                )
                if len(billed) == 1 and line.currency_id.compare_amounts(line.amount_currency, -billed.amount_currency):
                    line.amount_currency = -billed.amount_currency

    def _timebill_is_whole_credit(self):
        """Whether this credit note credits each line of an invoice that bills activities as it is, and nothing else."""
        self.ensure_one()
        invoice = self.reversed_entry_id
        if self.move_type != "out_refund" or not invoice.timebill_row_count:
            return False
        if self.currency_id.compare_amounts(self.amount_untaxed, invoice.amount_untaxed):
            return False

        def get_terms(line, origin):
            return origin.id, line.tax_ids.ids, line.currency_id.round(line.price_subtotal)

        lines, billed = (
            move.invoice_line_ids.filtered(lambda line: line.display_type == "product") for move in (self, invoice)
        )
        return sorted(get_terms(line, line.timebill_origin_line_id) for line in lines) == sorted(
            get_terms(line, line) for line in billed
        )

    def _timebill_log_vat_on_payment(self):
        """Say on credit notes that VAT due on payment becomes due in another proportion than they credit it."""
        for credit in self.filtered(lambda move: move.move_type == "out_refund" and move.timebill_row_count):
            for invoice in credit.invoice_line_ids._timebill_get_rows_sudo().reversed_id.move_id:
                due, expected = credit._timebill_get_vat_made_due(invoice)
                if not credit.currency_id.compare_amounts(due, expected):
                    continue
                credit._message_log(
                    body=self.env._(
                        "VAT on payment: reconciling this credit note with %(invoice)s makes %(due)s of its VAT due,"
                        " in proportion to the totals, and %(expected)s are credited. The difference is made up when"
                        " the invoice is paid.",
                        invoice=invoice.display_name,
                        due=credit.currency_id.format(due),
                        expected=credit.currency_id.format(expected),
                    )
                )

    def _timebill_get_vat_made_due(self, invoice):
        """VAT on payment of ``invoice`` that becomes due when this credit note is reconciled with it, as Odoo computes
        it, and VAT on payment that the credit note credits.
        """
        self.ensure_one()

        def get_tax(move):
            lines = move.line_ids.filtered(lambda line: line.tax_line_id.tax_exigibility == "on_payment")
            return abs(sum(lines.mapped("amount_currency")))

        share = self.amount_total / invoice.amount_total if invoice.amount_total else 0.0
        return self.currency_id.round(get_tax(invoice) * min(share, 1.0)), get_tax(self)

    #=== RATES OF EXCHANGE ===#

    def _timebill_note_typed_rate(self):
        """Note whether the rate that was just written is another one than the recorded one."""
        for move in self.filtered(lambda move: move.timebill_row_count and move.state == "draft"):
            is_typed = move.invoice_currency_rate != move.expected_currency_rate
            if move.timebill_rate_is_typed != is_typed:
                # sudo: only this code writes it; the rate itself was written with the rights of the user
                move.sudo().timebill_rate_is_typed = is_typed

    def _timebill_follow_rate(self):
        """Give what is posted the rate that is recorded now, unless somebody typed one.

        :raises UserError: no rate of the currency is recorded: Odoo would take 1
        """
        for move in self:
            if move.currency_id == move.company_currency_id or not move.timebill_row_count:
                continue
            if move.timebill_rate_is_typed:
                continue
            move.invalidate_recordset(["expected_currency_rate"])  # a rate may have been recorded meanwhile
            if not move._timebill_has_rate():
                raise UserError(
                    self.env._(
                        "%(document)s is in %(currency)s, of which no rate is recorded: record one in Invoicing ›"
                        " Configuration › Currencies, or type the rate on the document.",
                        document=move.display_name,
                        currency=move.currency_id.name,
                    )
                )
            if move.invoice_currency_rate != move.expected_currency_rate:
                move.invoice_currency_rate = move.expected_currency_rate

    def _timebill_has_rate(self):
        """Whether a rate of the currency of this document is recorded, even if it is 1."""
        self.ensure_one()
        # sudo: whoever posts the document need not read the rates
        company = self.company_id.sudo().root_id
        rates = self.env["res.currency.rate"].sudo()
        domain = [("currency_id", "=", self.currency_id.id), ("company_id", "in", (False, company.id))]
        return self.expected_currency_rate != 1 or bool(rates.search_count(domain, limit=1))


class AccountMoveLine(models.Model):
    """Taxes, the lines of the documents: see :class:`AccountMove` above."""

    _inherit = "account.move.line"

    def _timebill_get_billed_repartition(self):
        """Repartition line of invoices at the place that the one of this line has on credit notes."""
        self.ensure_one()
        repartition, tax = self.tax_repartition_line_id, self.tax_line_id
        credited, billed = tax.refund_repartition_line_ids, tax.invoice_repartition_line_ids
        if repartition not in credited or len(credited) != len(billed):
            return billed.browse()
        return billed[credited.ids.index(repartition.id)]
