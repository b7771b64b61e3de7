from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..tools.by_program import BY_PROGRAM


class AccountMoveReversal(models.TransientModel):
    """Wizard *Reverse* of Odoo, extended by the choice of the activities that the credit note credits.

    It proposes to credit all that is left of the invoices, and to bill their work again. It only collects choices:
    ``account_move_credit.py`` carries them out.
    """

    _inherit = "account.move.reversal"

    timebill_invoice_ids = fields.One2many(
        "timebill.credit.invoice",
        "reversal_id",
        "Invoices with Activities",
        compute="_compute_timebill_invoice_ids",
        store=True,
        readonly=False,
    )
    timebill_line_ids = fields.One2many(
        "timebill.credit.line",
        "reversal_id",
        "Credited",
        compute="_compute_timebill_line_ids",
        store=True,
        readonly=False,
    )
    timebill_everything = fields.Boolean("Credit everything", compute="_compute_timebill_totals", readonly=False)
    timebill_amount = fields.Monetary("Credited (excl. tax)", compute="_compute_timebill_totals")
    timebill_has_several = fields.Boolean(compute="_compute_timebill_totals", export_string_translation=False)
    timebill_has_several_matters = fields.Boolean(compute="_compute_timebill_totals", export_string_translation=False)
    timebill_is_partial = fields.Boolean(compute="_compute_timebill_totals", export_string_translation=False)

    #=== COMPUTE METHODS ===#

    @api.depends("move_ids")
    def _compute_timebill_invoice_ids(self):
        for reversal in self:
            invoices = reversal._timebill_get_invoices()
            reversal.timebill_invoice_ids = [
                Command.clear(),
                *(Command.create({"move_id": invoice.id}) for invoice in invoices),
            ]

    @api.depends("move_ids")
    def _compute_timebill_line_ids(self):
        for reversal in self:
            reversal.timebill_line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {"origin_line_id": origin.id, "claim_id": claim.id, "included": True, "amount": left}
                    )
                    for origin, claim, left in reversal._timebill_get_invoices()._timebill_get_creditable()
                ),
            ]

    @api.depends("timebill_line_ids.included", "timebill_line_ids.amount", "timebill_invoice_ids.release")
    def _compute_timebill_totals(self):
        for reversal in self:
            lines = reversal.timebill_line_ids
            reversal.timebill_everything = all(lines.mapped("included"))
            reversal.timebill_has_several = len(reversal.timebill_invoice_ids) > 1
            reversal.timebill_has_several_matters = len({line.matter for line in lines if line.matter}) > 1
            reversal.timebill_amount = sum(lines.filtered("included").mapped("amount"))
            reversal.timebill_is_partial = not (
                all(line._is_whole() for line in lines) and all(reversal.timebill_invoice_ids.mapped("release"))
            )

    @api.onchange("timebill_everything")
    def _onchange_timebill_everything(self):
        """Tick or untick all at once; when the box only follows the lines there is nothing to do."""
        # Read once: it is computed again from the first line that changes.
        lines, everything = self.timebill_line_ids, self.timebill_everything
        if everything != all(lines.mapped("included")):
            for line in lines:
                line.included = everything
                line.amount = line.left

    #=== BUSINESS METHODS ===#

    def reverse_moves(self, is_modify=False):
        """The invoice that replaces a reversed one bills its activities again."""
        self._timebill_check_choices()
        if is_modify:
            self._timebill_check_replaced_now()
            self._timebill_check_replaced_whole()
        kept = {"timebill_keep_origin": BY_PROGRAM, "timebill_by_program": BY_PROGRAM} if is_modify else {}
        action = super(AccountMoveReversal, self.with_context(**kept)).reverse_moves(is_modify=is_modify)
        if is_modify:
            self.new_move_ids.invoice_line_ids._timebill_write_rows()
        return action

    def _prepare_default_reversal(self, move):
        """Hand over what was chosen: ``_reverse_moves`` of ``account.move`` writes the rows of the credit note."""
        return {**super()._prepare_default_reversal(move), "timebill_choices": self._timebill_get_choices(move)}

    def _timebill_get_invoices(self, lines=None):
        """Invoices of this window that bill activities, of those that the user may read."""
        return self.move_ids._origin._filtered_access("read").filtered(
            lambda move: move.move_type == "out_invoice" and move.timebill_row_count
        )

    def _timebill_get_choices(self, invoice):
        """What is credited of each line of ``invoice``, all of them if it bills activities.

        :return: {invoice line: [(claim or none, amount, release)]}
        """
        self.ensure_one()
        if invoice not in self._timebill_get_invoices():
            return {}
        choices = {
            line: []
            for line in invoice.invoice_line_ids
            if line.display_type == "product" and (line.price_subtotal or line._timebill_get_rows_sudo())
        }
        for line in self.timebill_line_ids.filtered(lambda line: line.included and line.invoice_id == invoice):
            claim = line._get_claims_sudo()
            # An activity that was billed at 0 is credited at 0.
            if line.amount or (claim and not line.left):
                choices.setdefault(line._get_origins(), []).append((claim, line.amount, line._get_release()))
        return choices

    def _timebill_check_choices(self):
        """
        :raises UserError: a choice cannot be carried out, or nothing is credited of an invoice
        """
        self.ensure_one()
        self.timebill_line_ids.filtered("included")._check_choices()
        for invoice in self._timebill_get_invoices():
            if not any(self._timebill_get_choices(invoice).values()):
                raise UserError(
                    self.env._(
                        "Nothing is left to credit on %(invoice)s, or nothing is ticked.",
                        invoice=invoice.display_name,
                    )
                )

    def _timebill_check_replaced_now(self):
        """With a future date, Odoo makes the replacing invoice at once but posts the credit note on that day.

        :raises UserError: until that day the activities would stand on both invoices
        """
        credits = self.move_ids.filtered(lambda move: move.move_type == "out_refund" and move.timebill_row_count)
        if credits:
            raise UserError(
                self.env._(
                    "%s gives work back: press “Reverse” to bill it again, or put the credit note back to draft to"
                    " correct it.",
                    ", ".join(credits.mapped("display_name")),
                )
            )
        moves = self.move_ids.filtered("timebill_row_count")
        if moves and self.date > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%(invoices)s bills activities, and its credit note would only count on %(date)s: until then they"
                    " cannot stand on another invoice. Choose a date that is not in the future.",
                    invoices=", ".join(moves.mapped("display_name")),
                    date=format_date(self.env, self.date),
                )
            )

    def _timebill_check_replaced_whole(self):
        """The invoice that replaces another bills all that this one billed.

        :raises UserError: only a part was chosen, or is left to credit
        """
        wanted = {(line._get_origins(), line._get_claims_sudo()) for line in self.timebill_line_ids if line._is_whole()}
        for invoice in self._timebill_get_invoices():
            creditable = invoice._timebill_get_creditable()
            released = self.timebill_invoice_ids.filtered(lambda row, invoice=invoice: row.move_id == invoice)
            if {(origin, claim) for origin, claim, _left in creditable} - wanted or not all(released.mapped("release")):
                raise UserError(
                    self.env._(
                        "“Reverse and Create Invoice” credits the whole of %(invoice)s and bills its activities again"
                        " on the new invoice. To credit a part of it, or to leave its activities out of the work to"
                        " bill, press “Reverse”.",
                        invoice=invoice.display_name,
                    )
                )
            lines = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
            if invoice.currency_id.compare_amounts(
                sum(left for _origin, _claim, left in creditable), sum(lines.mapped("price_subtotal"))
            ):
                raise UserError(
                    self.env._(
                        "%(invoice)s is already credited in part: press “Reverse” to credit the rest, then bill the"
                        " activities again.",
                        invoice=invoice.display_name,
                    )
                )
