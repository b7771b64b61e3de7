from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, float_compare

from ..lib.durations import format_duration
from ..lib.money import spread, to_decimal
from ..lib.texts import split_text
from ..tools.creating import create_sudo

#: Quantities of what is not time have six decimals.
QUANTITY_STEP = Decimal("0.000001")

#: Characters of a text in one row of the printed detail.
PRINTED_PART = 600


class TimebillAllocation(models.Model):
    """Allocation, or row of the ledger: one event in the billing of an activity.

    How it works
    ============
    Rows are only added; what they count for (``live``) follows their documents:

    * a *claim* stands on the line of an invoice and counts from the draft on, until the invoice is cancelled;
    * a *credit* stands on the line of a credit note, names the claim that it reverses, and counts only once
      posted and only while that claim counts;
    * a *write-off* stands on no document: it covers work that is never billed, for a reason;
    * an *adjustment* (discount or surcharge) covers nothing: it changes the amount of what is still to bill;
    * a *takeover* stands on no document of ours: it covers and counts as billed what was billed elsewhere before;
    * write-offs, adjustments and takeovers are undone by a row that reverses them.

    Four columns add up over the live rows of an activity:

    * ``coverage`` (minutes for time, units for the rest) says how much of the activity is dealt with, and
      only it decides what is left to bill;
    * ``standard_amount`` is the part of the activity's amount that goes with it;
    * ``adjustment`` is what claims take of the discounts and surcharges that were granted;
    * ``billed`` is this row's share of its line as it is printed: editing the line moves it, nothing else does.

    A claim is never credited beyond its coverage (``net``) or what it billed (``net_billed``), and work is given
    back in full only when it is credited in full. Deleting a draft deletes its rows. The sum of the live
    coverage is stored on the activity, where a constraint refuses whatever would bill it twice, and where two
    concurrent transactions collide.

    What a credit note does is described in ``timebill_allocation_credit.py`` (its rows) and ``account_move_credit.py``
    (its document), what people see of the rows in ``timebill_allocation_history.py``.
    """

    _name = "timebill.allocation"
    _description = "Billing History"
    _inherit = ["timebill.kind.mixin"]
    _order = "id"
    _check_company_auto = True

    activity_id = fields.Many2one(
        "timebill.activity", required=True, ondelete="restrict", index=True, check_company=True
    )
    # Matter at the time of billing: an activity that was credited may be transferred to another one.
    matter_id = fields.Many2one(
        "timebill.matter", compute="_compute_matter_id", store=True, precompute=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="matter_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="matter_id.currency_id")
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
    reason_id = fields.Many2one("timebill.reason", ondelete="restrict", index="btree_not_null")
    note = fields.Char("Remark")
    reversed_id = fields.Many2one(
        "timebill.allocation", "Reverses", ondelete="restrict", index="btree_not_null", readonly=True
    )
    reversal_ids = fields.One2many("timebill.allocation", "reversed_id", "Reversed By")
    release = fields.Selection(
        [
            ("share", "The credited share comes back"),
            ("none", "Nothing comes back"),
            ("unsaid", "Not said"),
        ],
        help="What a credit does with the work: bring the credited share back, or lower its price only.",
    )
    taken_over = fields.Boolean("Billed before the Takeover", readonly=True)
    coverage = fields.Float(digits=(16, 6), required=True, help="Minutes for time, units for the rest.")
    live = fields.Boolean(compute="_compute_live", store=True, recursive=True)
    net = fields.Float("Net Quantity", digits=(16, 6), compute="_compute_net", store=True)
    standard_amount = fields.Monetary(
        "Amount (excl. tax)",
        readonly=True,
        groups="timebill_legal.group_amounts",
        help="What this part costs at its price, when it was billed.",
    )
    adjustment = fields.Monetary(
        readonly=True,
        groups="timebill_legal.group_amounts",
        help="Discount or surcharge granted before billing, or what this part takes of it.",
    )
    agreed_amount = fields.Monetary(
        "Revised (excl. tax)",
        readonly=True,
        groups="timebill_legal.group_amounts",
        help="What was agreed to bill or to credit, the weight of this row in its line.",
    )
    billed = fields.Monetary(
        "Billed (excl. tax)", compute="_compute_billed", store=True, groups="timebill_legal.group_amounts"
    )
    net_billed = fields.Monetary(
        compute="_compute_net_billed",
        store=True,
        groups="timebill_legal.group_amounts",
        help="What is left of the amount billed after the credits.",
    )

    # What the invoice prints of the activity: follows it on a draft, frozen once the invoice is posted.
    date = fields.Date(compute="_compute_printed", store=True)
    user_id = fields.Many2one(
        "res.users",
        "Timekeeper",
        compute="_compute_printed",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    kind = fields.Selection(compute="_compute_kind", store=True, precompute=True)
    type_id = fields.Many2one(
        "timebill.activity.type", compute="_compute_printed", store=True, index="btree_not_null", ondelete="restrict"
    )
    description = fields.Text(compute="_compute_printed", inverse="_inverse_description", store=True)
    price_unit = fields.Float(
        "Price",
        min_display_digits="Product Price",
        aggregator="avg",
        compute="_compute_printed",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    section_position = fields.Integer(compute="_compute_section_position", export_string_translation=False)
    minutes = fields.Integer("Time", compute="_compute_measures", help="In minutes.")
    quantity = fields.Float(digits=(16, 6), compute="_compute_measures")

    _coverage_signed = models.Constraint(
        "CHECK (CASE WHEN reversed_id IS NULL THEN coverage >= 0 ELSE coverage <= 0 END)",
        "Only a row that reverses another one gives something back.",
    )
    _net_not_negative = models.Constraint(
        "CHECK (reversed_id IS NOT NULL OR net >= 0)",
        "More would be given back than was billed.",
    )
    _undone_once = models.UniqueIndex(
        "(reversed_id) WHERE move_line_id IS NULL AND reversed_id IS NOT NULL", "This was already undone."
    )
    _has_line_or_reason = models.Constraint(
        "CHECK (move_line_id IS NOT NULL OR reason_id IS NOT NULL)",
        "A row without an invoice line needs a reason.",
    )

    #=== COMPUTE METHODS ===#

    def _compute_matter_id(self):
        for row in self:
            row.matter_id = row.reversed_id.matter_id or row.activity_id.matter_id

    def _compute_kind(self):
        for row in self:
            row.kind = row.activity_id.kind

    @api.depends("move_line_id.parent_state", "reversed_id.live")
    def _compute_live(self):
        for row in self:
            state = row.move_line_id.parent_state
            if row.reversed_id:
                row.live = state in (False, "posted") and row.reversed_id.live
            else:
                row.live = state != "cancel"

    @api.depends("coverage", "reversal_ids.coverage", "reversal_ids.live")
    def _compute_net(self):
        for row in self:
            row.net = row.coverage + sum(reversal.coverage for reversal in row.reversal_ids if reversal.live)

    @api.depends("move_line_id.price_subtotal", "move_line_id.timebill_row_ids.agreed_amount")
    def _compute_billed(self):
        """Share of each row in the subtotal of its line, by largest remainder; negative on a credit note.

        All the rows of a line share it, hence they are all computed again.
        """
        for line in self.move_line_id:
            rows = line._timebill_get_rows_sudo()  # also rows that the user cannot read share the line
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            shares = rows._spread(sign * line.price_subtotal, rows.mapped("agreed_amount"))
            for row, share in zip(rows, shares, strict=True):
                row.billed = share
        for row in self.filtered(lambda row: not row.move_line_id):
            row.billed = row.standard_amount + row.adjustment if row.taken_over else 0.0

    @api.depends("billed", "reversal_ids.billed", "reversal_ids.live", "move_line_id.parent_state")
    def _compute_net_billed(self):
        for row in self:
            row.net_billed = row.billed + sum(reversal.billed for reversal in row.reversal_ids if reversal.live)

    @api.depends(
        "activity_id.date",
        "activity_id.user_id",
        "activity_id.type_id",
        "activity_id.description",
        "activity_id.price_unit",
        "move_line_id",
    )
    def _compute_printed(self):
        for row in self:
            # Posted rows keep what was printed: a stored compute keeps a value only if it is assigned again.
            # A row without a date is new; rows of a credit note may be created on a posted document.
            frozen = row.date and row.move_state in ("posted", "cancel")
            source = row if frozen else row.reversed_id or row.activity_id
            row.date = source.date
            row.user_id = source.user_id
            row.type_id = source.type_id
            row.description = source.description
            row.price_unit = source.price_unit

    def _inverse_description(self):
        self.move_line_id.check_access("write")
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

    @api.depends("kind")
    def _compute_section_position(self):
        """Place of the section in which the invoice prints this row."""
        codes = [section.code for section in self.env["timebill.kind"]._get_sections()]
        for row in self:
            row.section_position = codes.index(row._get_kind().section) if row.kind else 0

    @api.depends("coverage", "is_timed")
    def _compute_measures(self):
        for row in self:
            row.minutes = round(row.coverage) if row.is_timed else 0
            row.quantity = 0.0 if row.is_timed else row.coverage

    #=== CONSTRAINTS ===#

    def _check_not_moved(self):
        """Refuse that an invoice bills an activity again after it was credited and then transferred."""
        for row in self.filtered(lambda row: row.move_id and row.live and not row.reversed_id):
            activity = row.activity_id
            is_of_another_client = activity.partner_id and row.client_id and activity.partner_id != row.client_id
            if activity.matter_id == row.matter_id and not is_of_another_client:
                continue
            # Not read from ``net``, which may not be computed yet when the invoice and its credits become live again.
            credits = row.reversal_ids.filtered(lambda credit: credit.move_line_id.parent_state in (False, "posted"))
            if float_compare(row.coverage, -sum(credits.mapped("coverage")), precision_digits=6) > 0:
                raise ValidationError(
                    self.env._(
                        "%(activity)s was transferred to another matter or client after %(invoice)s billed it to"
                        " %(client)s on the matter %(matter)s. Transfer it back first, or leave this invoice as it"
                        " is.",
                        activity=activity.display_name,
                        invoice=row.move_id.display_name,
                        client=row.client_id.display_name,
                        matter=row.matter_id.display_name,
                    )
                )

    @api.constrains("reversed_id", "move_line_id")
    def _check_document(self):
        """Claims stand on customer invoices, credits on customer credit notes."""
        for row in self:
            expected = "out_refund" if row.reversed_id else "out_invoice"
            if row.move_id and row.move_id.move_type != expected:
                raise ValidationError(
                    self.env._(
                        "%(activity)s cannot be put on %(document)s: activities are billed on customer invoices and"
                        " credited on customer credit notes.",
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
                        "%(activity)s is in %(currency)s and cannot be billed on an invoice in %(other)s.",
                        activity=row.activity_id.display_name,
                        currency=row.currency_id.name,
                        other=row.move_line_id.currency_id.name,
                    )
                )

    #=== CRUD METHODS ===#

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by ``section_position``, which follows from the kind."""
        if field_name != "section_position":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        get_codes = self.env["timebill.kind"]._get_codes
        position = SQL("0")
        for place, section in enumerate(self.env["timebill.kind"]._get_sections()):
            kinds = get_codes(lambda kind, section=section: kind.section == section.code)
            sql_kind = self._field_to_sql(alias, "kind", query)
            position = SQL("CASE WHEN %s = ANY(%s) THEN %s ELSE %s END", sql_kind, kinds, place, position)
        return SQL("%s %s %s", position, direction, nulls)

    def write(self, vals):
        """Only the program writes rows; users can only correct the printed text on a draft invoice."""
        self._timebill_check_client_values([vals], is_form=False)
        if not self.env.su and set(vals) - {"description"}:
            raise AccessError(
                self.env._("The billing history cannot be edited. Edit the invoice instead.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for row in self:
            if credits := row.reversal_ids - self:
                raise UserError(
                    self.env._(
                        "%(activity)s is credited by %(credits)s and cannot be removed from %(invoice)s. Delete the"
                        " credit note first, or cancel the invoice.",
                        activity=row.activity_id.display_name,
                        credits=", ".join(credits.move_id.mapped("display_name")) or self.env._("billing history"),
                        invoice=row.move_id.display_name,
                    )
                )
            if row.move_state == "posted" and row.release != "unsaid":
                raise UserError(
                    self.env._(
                        "%(activity)s is billed on %(invoice)s. Create a credit note to bill it again.",
                        activity=row.activity_id.display_name,
                        invoice=row.move_id.display_name,
                    )
                )

    #=== ACTION METHODS ===#

    def action_take_off(self):
        """Remove activities from their draft invoice: they are to bill again, and the line bills the others.

        :raises UserError: the invoice is no longer a draft
        """
        lines = self.move_line_id
        lines.check_access("write")
        posted = self.filtered(lambda row: row.move_state != "draft")
        if posted:
            raise UserError(
                self.env._(
                    "%s is no longer a draft: create a credit note for its activities.",
                    ", ".join(
                        f"{row.move_id.display_name} ({row.activity_id.display_name})"
                        if row.move_id
                        else row.activity_id.display_name
                        for row in posted
                    ),
                )
            )
        moves, emptied = lines.move_id, lines.browse()
        for line in lines:
            rows = line._timebill_get_rows_sudo()
            kept = rows.filtered(lambda row: row.id not in self.ids)
            if kept:
                sign = -1 if line.move_type == "out_refund" else 1
                keep_text = line._timebill_has_own_text(rows)
                line._timebill_reprint_rows(kept, sign * sum(kept.mapped("billed")), keep_text)
                (rows - kept).unlink()
            else:
                emptied += line
        emptied.unlink()
        if emptied:
            moves._timebill_remove_empty_sections()

    #=== BUSINESS METHODS ===#

    @api.model
    def _adjust(self, differences, reason, note=False):
        """Grant discounts and surcharges on what is still to bill.

        :param differences: {timebill.activity: amount, negative for a discount, in its currency}
        :raises UserError: an activity has nothing to bill, or would be billed below zero
        """
        activities = self.env["timebill.activity"].union(*differences)
        activities._check_may_adjust()
        self.env["timebill.billing"]._lock(activities)
        for activity, difference in differences.items():
            activity._check_adjustable("write_down" if difference < 0 else "write_up")
        # sudo: only this code writes the ledger, users have no right to; what the user may do was checked above
        rows = create_sudo(
            self,
            [
                {
                    "activity_id": activity.id,
                    "reason_id": reason.id,
                    "note": note,
                    "coverage": 0.0,
                    "adjustment": difference,
                }
                for activity, difference in differences.items()
                if activity.currency_id.compare_amounts(difference, 0)
            ],
        )
        return rows.sudo(self.env.su)

    @api.model
    def _write_off(self, activities, reason, note=False):
        """Write off what is left to bill of ``activities``.

        :raises UserError: one of them has nothing left to bill
        """
        activities._check_may_adjust()
        self.env["timebill.billing"]._lock(activities)
        activities._check_adjustable("write_off")
        # sudo: only this code writes the ledger, users have no right to; what the user may do was checked above
        create_sudo(
            self,
            [
                {
                    "activity_id": activity.id,
                    "reason_id": reason.id,
                    "note": note,
                    **activity.sudo()._prepare_part_values(activity._get_remaining_quantity()),
                }
                for activity in activities
            ],
        )

    @api.model
    def _take_over(self, activities, invoice):
        """Mark what is left to bill of ``activities`` as billed on ``invoice``, a number of the firm's former software.

        :raises AccessError: the user does not bill
        :raises UserError: one of them has nothing left to bill
        """
        if not self.env.su and not self.env.user.has_group("timebill_legal.group_billing"):
            raise AccessError(self.env._("Only billing users can mark activities as billed before the takeover."))
        activities._check_adjustable("write_off")
        # sudo: only this code writes the ledger, users have no right to; what the user may do was checked above
        create_sudo(
            self,
            [
                {
                    "activity_id": activity.id,
                    "reason_id": self.env.ref("timebill_legal.reason_takeover").id,
                    "note": invoice,
                    "taken_over": True,
                    **activity.sudo()._prepare_part_values(activity._get_remaining_quantity()),
                }
                for activity in activities
            ],
        )

    def _spread(self, total, weights):
        """Split ``total`` over these rows of one currency, by largest remainder."""
        currency = self.currency_id
        shares = spread(
            to_decimal(currency.round(total)), list(map(to_decimal, weights)), to_decimal(currency.rounding)
        )
        return list(map(float, shares))

    def _is_billed_to_a_client(self):
        """Whether the document of this row is addressed to a client who can pay for the activity, or to his company.

        Work of one client is his; common work may be paid by any client of its matter.
        """
        self.ensure_one()
        payers = self.activity_id.partner_id or self.matter_id.client_ids.partner_id
        if self.reversed_id:
            invoice = self.reversed_id.move_line_id.move_id
            return self.move_line_id.move_id.commercial_partner_id == invoice.commercial_partner_id
        if self.activity_id.matter_id != self.matter_id:  # it was credited, then transferred
            payers = self.client_id
        credited = self.reversal_ids.filtered("live").move_id.commercial_partner_id
        partner = self.move_id.commercial_partner_id
        return partner in (payers | payers.commercial_partner_id) and not credited - partner

    def _follow_payer(self):
        """Set the client of common activities to the one whom the invoice is addressed to when it is posted."""
        for row in self.filtered(lambda row: not row.reversed_id):
            partner = row.move_id.commercial_partner_id
            if row.client_id.commercial_partner_id != partner:
                clients = row.matter_id.client_ids.partner_id
                row.client_id = clients.filtered(lambda c, partner=partner: c.commercial_partner_id == partner)[:1]

    def _get_detail_order(self):
        """Sort key that follows the detail of the printed invoice: matters, their sections, and in these the dates."""
        self.ensure_one()
        return self.matter_id.reference, self.matter_id.id, self.section_position, self.date, self.id

    def _get_printed_texts(self):
        """The text that the invoice prints of this row, in parts that fit on a page."""
        self.ensure_one()
        return split_text(self.description or self.type_id.name or "", PRINTED_PART)

    def _get_offered_amount(self):
        """What these rows are worth if they bill nothing: they are offered. Otherwise 0."""
        worth = abs(sum(self.mapped("standard_amount")))
        currency = self.currency_id[:1]
        is_nothing = currency and all(currency.is_zero(row.billed) for row in self)
        return currency.round(worth) if is_nothing else 0.0

    def _get_printed_duration(self):
        """Total time of these rows, formatted, without sign; empty if they have none."""
        minutes = abs(sum(self.mapped("minutes")))
        return format_duration(minutes) if minutes else ""
