from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..lib.durations import format_duration
from ..lib.money import spread, to_decimal


class TimebillAllocation(models.Model):
    """Row of the ledger: this much of this activity stands on that invoice line.

    How it works
    ============
    ``coverage`` (minutes for time, units for the rest) says how much of the activity is dealt
    with, and only it decides what is left to bill. A positive row counts (``live``) from the
    draft on, until the invoice is cancelled. A negative row stands on a credit note, names the
    row it reverses, counts only once posted and only while that row counts; a row can never be
    reversed beyond what it covers (``net``). ``billed`` is this row's share of the line as it is
    printed: editing the line moves it, nothing else does.

    Deleting a line or an invoice deletes its rows, and the coverage of exactly those activities
    falls with them. The sum of the live rows is stored on the activity, where a constraint refuses
    whatever would bill it twice, and where two concurrent transactions collide.
    """

    _name = "timebill.allocation"
    _description = "Billing History"
    _order = "id"
    _check_company_auto = True

    activity_id = fields.Many2one(
        "timebill.activity", required=True, ondelete="restrict", index=True, check_company=True
    )
    matter_id = fields.Many2one(related="activity_id.matter_id", store=True, index=True, precompute=True)
    company_id = fields.Many2one(related="activity_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="activity_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", "Invoice Line", ondelete="cascade", index="btree_not_null", check_company=True
    )
    move_id = fields.Many2one(
        related="move_line_id.move_id", string="Invoice", store=True, index="btree_not_null"
    )
    move_state = fields.Selection(related="move_id.state", string="Invoice Status")
    client_id = fields.Many2one(
        "res.partner", ondelete="restrict", index="btree_not_null", help="For whom this part was billed."
    )
    reason = fields.Char()
    reversed_id = fields.Many2one(
        "timebill.allocation", "Reverses", ondelete="restrict", index="btree_not_null", readonly=True
    )
    reversal_ids = fields.One2many("timebill.allocation", "reversed_id", "Reversed By")
    coverage = fields.Float(digits=(16, 6), required=True, help="Minutes for time, units for the rest.")
    live = fields.Boolean(compute="_compute_live", store=True, recursive=True)
    net = fields.Float(digits=(16, 6), compute="_compute_net", store=True, export_string_translation=False)
    standard_amount = fields.Monetary(
        "Amount (excl. tax)",
        readonly=True,
        groups="timebill_legal.group_amounts",
        help="What this part costs at its price, when it was billed.",
    )
    agreed_amount = fields.Monetary(
        "Revised (excl. tax)",
        readonly=True,
        groups="timebill_legal.group_amounts",
        help="What was agreed to bill, the weight of this row in its line.",
    )
    billed = fields.Monetary(
        "Billed (excl. tax)", compute="_compute_billed", store=True, groups="timebill_legal.group_amounts"
    )

    # What the invoice shows of the work: follows the activity on a draft, frozen by posting.
    date = fields.Date(compute="_compute_printed", store=True)
    user_id = fields.Many2one("res.users", "Timekeeper", compute="_compute_printed", store=True, index="btree_not_null")
    kind = fields.Selection(related="activity_id.kind")
    type_id = fields.Many2one(related="activity_id.type_id")
    description = fields.Text(compute="_compute_printed", inverse="_inverse_description", store=True)
    price_unit = fields.Monetary(
        "Price", compute="_compute_printed", store=True, groups="timebill_legal.group_amounts"
    )
    minutes = fields.Integer("Time", compute="_compute_measures", help="In minutes.")
    quantity = fields.Float(digits=(16, 6), compute="_compute_measures")

    _coverage_signed = models.Constraint(
        "CHECK (CASE WHEN reversed_id IS NULL THEN coverage > 0 ELSE coverage < 0 END)",
        "A row covers something; only a row that reverses another one gives it back.",
    )
    _net_not_negative = models.Constraint(
        "CHECK (reversed_id IS NOT NULL OR net >= 0)",
        "More would be given back than was billed.",
    )
    _has_line_or_reason = models.Constraint(
        "CHECK (move_line_id IS NOT NULL OR reason IS NOT NULL)",
        "A row without an invoice line needs a reason.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("activity_id.matter_id", "activity_id.matter_id.confidential")
    @api.depends_context("uid")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.activity_id.display_name

    @api.depends("move_line_id.parent_state", "reversed_id.live")
    def _compute_live(self):
        for row in self:
            state = row.move_line_id.parent_state
            if row.reversed_id:
                row.live = state == "posted" and row.reversed_id.live
            else:
                row.live = state != "cancel"

    @api.depends("coverage", "reversal_ids.coverage", "reversal_ids.live")
    def _compute_net(self):
        for row in self:
            row.net = row.coverage + sum(reversal.coverage for reversal in row.reversal_ids if reversal.live)

    @api.depends("move_line_id.price_subtotal", "move_line_id.timebill_allocation_ids.agreed_amount")
    def _compute_billed(self):
        """Share of each row in its line as printed, by largest remainder, negative on a credit note.

        All the rows of a line share it, hence they are all computed again.
        """
        for line in self.move_line_id:
            rows = line.sudo().timebill_allocation_ids  # sudo: the line is shared with rows that this user cannot see
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            shares = spread(
                to_decimal(line.currency_id.round(line.price_subtotal)) * sign,
                [to_decimal(row.agreed_amount) for row in rows],
                to_decimal(line.currency_id.rounding),
            )
            for row, share in zip(rows, shares, strict=True):
                row.billed = float(share)
        self.filtered(lambda row: not row.move_line_id).billed = 0.0

    @api.depends(
        "activity_id.date", "activity_id.user_id", "activity_id.description", "activity_id.price_unit", "move_line_id"
    )
    def _compute_printed(self):
        for row in self:
            # Posted rows keep what was printed; only reading a value back keeps it in a stored compute.
            # A row without a date is new: those of a credit note can be born posted.
            frozen = row.date and row.move_state in ("posted", "cancel")
            source = row if frozen else row.reversed_id or row.activity_id
            row.date = source.date
            row.user_id = source.user_id
            row.description = source.description
            row.price_unit = source.price_unit

    def _inverse_description(self):
        for row in self:
            if row.move_state == "draft" and not row.reversed_id:
                row.activity_id._write_description_from_invoice(row.description)
            else:
                raise UserError(
                    self.env._(
                        "The text of %(activity)s is printed on %(invoice)s, which is no longer a draft.",
                        activity=row.activity_id.display_name,
                        invoice=row.move_id.display_name,
                    )
                )

    @api.depends("coverage", "kind")
    def _compute_measures(self):
        for row in self:
            is_time = row.kind == "time"
            row.minutes = round(row.coverage) if is_time else 0
            row.quantity = 0.0 if is_time else row.coverage

    #=== CONSTRAINTS ===#

    @api.constrains("net")
    def _check_net(self):
        for row in self:
            if not row.reversed_id and row.net < 0:
                raise ValidationError(
                    self.env._(
                        "%(activity)s was billed once on %(invoice)s and cannot be credited twice. It is already"
                        " credited by: %(credits)s.",
                        activity=row.activity_id.display_name,
                        invoice=row.move_id.display_name,
                        credits=", ".join(row.reversal_ids.move_id.mapped("display_name")),
                    )
                )

    @api.constrains("reversed_id", "move_line_id")
    def _check_document(self):
        """Work is billed on invoices and given back on credit notes, never the other way round."""
        for row in self:
            expected = "out_refund" if row.reversed_id else "out_invoice"
            if row.move_id and row.move_id.move_type != expected:
                raise ValidationError(
                    self.env._(
                        "%(activity)s cannot be put on %(document)s: work is billed on customer invoices and given"
                        " back on customer credit notes.",
                        activity=row.activity_id.display_name,
                        document=row.move_id.display_name,
                    )
                )

    @api.constrains("activity_id", "move_line_id")
    def _check_currency(self):
        for row in self:
            if row.move_line_id and row.move_line_id.currency_id != row.currency_id:
                raise ValidationError(
                    self.env._(
                        "%(activity)s is in %(currency)s and cannot stand on an invoice in %(other)s.",
                        activity=row.activity_id.display_name,
                        currency=row.currency_id.name,
                        other=row.move_line_id.currency_id.name,
                    )
                )

    #=== CRUD METHODS ===#

    def write(self, vals):
        """Rows are written by the ledger itself; people may only correct the printed text of a draft."""
        if not self.env.su and set(vals) - {"description"}:
            raise AccessError(
                self.env._("The billing history is kept by Odoo and cannot be edited. Edit the invoice instead.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for row in self:
            if row.move_state == "posted":
                raise UserError(
                    self.env._(
                        "%(activity)s is billed on %(invoice)s. Make a credit note to give it back.",
                        activity=row.activity_id.display_name,
                        invoice=row.move_id.display_name,
                    )
                )

    #=== ACTION METHODS ===#

    def action_take_off(self):
        """Take activities off their draft invoice: they are to bill again, the line bills the rest.

        :raises UserError: the invoice is no longer a draft
        """
        lines = self.move_line_id
        lines.check_access("write")
        posted = self.filtered(lambda row: row.move_state != "draft")
        if posted:
            raise UserError(
                self.env._(
                    "%s is no longer a draft: make a credit note to take activities off it.",
                    ", ".join(posted.move_id.mapped("display_name")),
                )
            )
        for line in lines:
            rows = line._get_timebill_rows()
            kept = rows.filtered(lambda row: row.id not in self.ids)
            if kept:
                line._reprint_timebill_rows(kept, abs(sum(kept.mapped("billed"))), rows)
                (rows - kept).unlink()
            else:
                line.unlink()

    #=== BUSINESS METHODS ===#

    def _is_billed_to_a_client(self):
        """Whether the invoice of this row is for a client of its matter, or the company that he belongs to."""
        self.ensure_one()
        clients = self.matter_id.client_ids.partner_id
        return self.move_id.commercial_partner_id in (clients | clients.commercial_partner_id)

    def _prepare_reversal_values(self, line):
        """Values of the rows of ``line``, which reverses the line of these rows.

        A credit note gives back what is left of each row; the reversal of a credit note is a new claim.
        """
        return [
            row._prepare_claim_values(line, -row.coverage)
            if row.reversed_id
            else {**row._prepare_claim_values(line, -row.net), "reversed_id": row.id}
            for row in self
            if row.reversed_id or row.net > 0
        ]

    def _get_printed_duration(self):
        """Time of these rows as the client reads it, on a credit note too; empty when they hold none."""
        minutes = abs(sum(self.mapped("minutes")))
        return format_duration(minutes) if minutes else ""

    def _prepare_claim_values(self, line, coverage):
        self.ensure_one()
        return {
            "move_line_id": line.id,
            "activity_id": self.activity_id.id,
            "client_id": self.client_id.id,
            "coverage": coverage,
            "standard_amount": self.standard_amount,
            "agreed_amount": self.agreed_amount,
        }
