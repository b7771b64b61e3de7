from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, formatLang

from ..lib.durations import format_duration


class TimebillCreditLine(models.TransientModel):
    """What one line of a credit note may credit: an activity, or a line of an invoice that bills no work.

    It stands in Odoo's window *Reverse* or in *Choose the activities*. The accounts see the amounts, as
    they do on the invoice; the text of the work only shows to those who may read the activity.
    """

    _name = "timebill.credit.line"
    _description = "Line of the Credit Note Window"

    reversal_id = fields.Many2one("account.move.reversal", ondelete="cascade")
    credit_id = fields.Many2one("timebill.credit", ondelete="cascade")
    origin_line_id = fields.Many2one("account.move.line", "Invoice Line", ondelete="cascade")
    claim_id = fields.Many2one("timebill.allocation", ondelete="cascade", export_string_translation=False)
    credit_line_id = fields.Many2one(
        "account.move.line", "On Line", ondelete="cascade", help="Line of the credit note that credits this activity."
    )
    included = fields.Boolean("Credited")
    amount = fields.Monetary("Amount Credited (excl. tax)")
    # Computed, not related: a related field would read any id sent by the client under sudo.
    currency_id = fields.Many2one("res.currency", compute="_compute_source")
    invoice_id = fields.Many2one("account.move", compute="_compute_source")
    matter = fields.Char(compute="_compute_source")
    label = fields.Char("Activity", compute="_compute_source")
    billed = fields.Monetary("Billed (excl. tax)", compute="_compute_source")
    credited = fields.Monetary("Already Credited", compute="_compute_source")
    left = fields.Monetary(compute="_compute_source", export_string_translation=False)
    given_back = fields.Char("To Bill Again", compute="_compute_given_back")

    #=== COMPUTE METHODS ===#

    @api.depends("origin_line_id", "claim_id", "reversal_id.move_ids", "credit_id.move_id")
    @api.depends_context("uid")
    def _compute_source(self):
        lines = self._filtered_valid()
        empty = dict.fromkeys(("currency_id", "invoice_id", "matter", "label", "billed", "credited", "left"), False)
        (self - lines).update(empty)
        claims = lines._get_claims_sudo()
        # Users who cannot read the activity get the reference of its matter and a number.
        readable = claims.activity_id.sudo(self.env.su)._filtered_access("read")
        numbers = {
            row.id: number
            for rows in claims.move_id.invoice_line_ids._timebill_get_rows_sudo().grouped("move_id").values()
            for number, row in enumerate(rows.sorted(lambda row: row._get_detail_order()), start=1)
        }
        credited_of = lines.origin_line_id._timebill_get_text_credited()
        for line in lines:
            claim, origin = line._get_claims_sudo(), line._get_origins()
            line.currency_id = origin.currency_id
            line.invoice_id = origin.move_id
            line.matter = claim.matter_id.reference
            if claim:
                line.billed = claim.billed
                line.left = line._get_left()
                if claim.activity_id.id in readable.ids:
                    parts = (format_date(self.env, claim.date), claim.user_id.name, claim.description or "")
                    line.label = " · ".join(filter(None, parts))
                else:
                    line.label = f"{claim.matter_id.reference} ({numbers[claim.id]})"
            else:
                line.billed = origin.price_subtotal
                line.left = origin.price_subtotal - credited_of.get(origin.id, 0.0)
                line.label = origin.name
            line.credited = line.billed - line.left

    @api.depends("included", "amount", "reversal_id.timebill_invoice_ids.release", "credit_id.release")
    def _compute_given_back(self):
        valid = self._filtered_valid()
        for line in self:
            claim = line._get_claims_sudo() if line in valid else self.env["timebill.allocation"]
            line.given_back = ""
            if not (claim and line.included and line._get_release() == "share"):
                continue
            quantity = claim._get_quantity_given_back(line.amount, line.left) if line.amount >= 0 else 0.0
            if quantity and claim.is_timed:
                line.given_back = format_duration(round(quantity))
            elif quantity:
                line.given_back = formatLang(self.env, quantity, digits=0 if quantity == int(quantity) else 2)

    #=== BUSINESS METHODS ===#

    def _timebill_may_hold(self, field, record):
        """Who reads an invoice can credit what it bills, without reading the activities."""
        # sudo: rows are not readable by accountants; their own right on the invoice line is what counts
        if field.name == "claim_id" and record.sudo().move_line_id.sudo(False).has_access("read"):
            return True
        return super()._timebill_may_hold(field, record)

    def _get_claims_sudo(self):
        """Claims of these lines, under sudo; this model decides what is shown of them."""
        # sudo: accountants credit activities that they cannot read
        return self.claim_id._origin.sudo()

    def _get_origins(self):
        """Invoice lines that these lines credit."""
        return self._get_claims_sudo().move_line_id.sudo(self.env.su) or self.origin_line_id._origin

    def _filtered_valid(self):
        """Lines that belong to an invoice of their window that the user may read: ids come from the browser."""
        valid = self.browse()
        for window, lines in self.grouped(lambda line: line.reversal_id or line.credit_id).items():
            invoices = window._timebill_get_invoices(lines) if window else self.env["account.move"]
            valid += lines.filtered(
                lambda line, invoices=invoices: line._get_origins().sudo().move_id in invoices.sudo()
                # An invoice line that bills work is credited by its claims only.
                and (line.claim_id or not line._get_origins()._timebill_get_rows_sudo())
                and not line._get_claims_sudo().reversed_id
            )
        return valid

    def _get_left(self):
        """What is left to credit of the claim; what this credit note says of it can be said anew."""
        self.ensure_one()
        claim = self._get_claims_sudo()
        own = claim.reversal_ids.filtered(
            lambda row: row.live and row.move_id == self.credit_id.move_id._origin.sudo() and self.credit_id
        )
        return self._get_origins().currency_id.round(claim.net_billed - sum(own.mapped("billed")))

    def _get_release(self):
        """Whether the credited share of the work comes back, as the ledger has it."""
        self.ensure_one()
        if self.credit_id:
            return "share" if self.credit_id.release else "none"
        invoice = self._get_origins().move_id
        rows = self.reversal_id.timebill_invoice_ids.filtered(lambda row: row.move_id._origin == invoice._origin)
        return "none" if rows and not rows[0].release else "share"

    def _check_choices(self):
        """What is credited was billed on these invoices, and is not credited yet.

        :raises UserError: naming the activity, the invoice and the amounts
        """
        # What is credited is the claim, whatever invoice line is sent along.
        credited = {line.claim_id or line.origin_line_id for line in self}
        if self - self._filtered_valid() or len(credited) < len(self):
            raise UserError(
                self.env._("This window no longer matches the invoice that it credits. Close it and open it again.")
            )
        for line in self:
            currency = line.currency_id
            # The line of a discount is negative, and so is what can be credited of it.
            sign = -1 if line.left < 0 else 1
            if not 0 <= sign * currency.round(line.amount) <= sign * currency.round(line.left):
                raise UserError(
                    self.env._(
                        "%(amount)s cannot be credited for %(label)s: %(invoice)s billed %(billed)s for it, of which"
                        " %(left)s can still be credited.",
                        amount=format_amount(self.env, line.amount, currency),
                        label=line.label,
                        invoice=line.invoice_id.display_name,
                        billed=format_amount(self.env, line.billed, currency),
                        left=format_amount(self.env, line.left, currency),
                    )
                )

    def _is_whole(self):
        """Whether this credits all that is left."""
        self.ensure_one()
        return self.included and not self.currency_id.compare_amounts(self.amount, self.left)
