from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..lib.durations import format_duration
from ..lib.money import part_of, quantity_given_back, to_decimal
from ..models.timebill_allocation import QUANTITY_STEP


class TimebillBillLine(models.TransientModel):
    """One activity in the dialog *Create an invoice*."""

    _name = "timebill.bill.line"
    _inherit = ["timebill.billing.choice.mixin", "timebill.kind.mixin"]
    _description = "Activity to Bill"
    # Created in the order of timebill.bill, _get_line_order
    _order = "id"

    bill_id = fields.Many2one("timebill.bill", required=True, ondelete="cascade", index=True)
    included = fields.Boolean()
    problem = fields.Char(readonly=True)
    remark = fields.Char("Points to Note", compute="_compute_remark")
    group_key = fields.Char(compute="_compute_group_key", export_string_translation=False)
    # Not under sudo: the dialog must not disclose activities that the user cannot read.
    date = fields.Date(related="activity_id.date", store=True, related_sudo=False)
    matter_id = fields.Many2one(related="activity_id.matter_id", related_sudo=False)
    matter_partner_ids = fields.Many2many(related="activity_id.matter_partner_ids", related_sudo=False)
    user_id = fields.Many2one(related="activity_id.user_id", related_sudo=False)
    # Not a related field, for which Odoo would warn that it ignores the selection of the mixin.
    kind = fields.Selection(compute="_compute_kind")
    type_id = fields.Many2one(related="activity_id.type_id", related_sudo=False)
    # How much is billed now: minutes for time, the quantity of the mixin for the rest.
    minutes = fields.Integer("Time", help="In minutes; less than what is left bills a part.")
    price_unit = fields.Float(
        related="activity_id.price_unit", related_sudo=False, min_display_digits="Product Price", aggregator=None
    )
    # Values when the dialog was opened, to detect concurrent changes of the activity.
    opening_quantity = fields.Float(digits=(16, 6), readonly=True, export_string_translation=False)
    opening_amount = fields.Monetary(readonly=True, export_string_translation=False)
    opening_revised = fields.Monetary(readonly=True, export_string_translation=False)
    opening_description = fields.Text(readonly=True, export_string_translation=False)
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    revised_amount = fields.Monetary(compute="_compute_revised_amount", store=True, readonly=False)
    is_revised = fields.Boolean(compute="_compute_is_revised")
    is_offered = fields.Boolean(
        "Offered",
        compute="_compute_is_offered",
        readonly=False,
        help="Billed at nothing: the invoice prints what this work is worth, and that it is offered.",
    )
    reason_id = fields.Many2one(related="bill_id.reason_id")
    description = fields.Text()
    client_id = fields.Many2one(related="activity_id.partner_id", related_sudo=False)
    payer_id = fields.Many2one(domain="[('id', 'in', matter_partner_ids)]")

    @api.depends("activity_id.kind")
    def _compute_kind(self):
        for line in self:
            line.kind = line.activity_id.kind

    @api.depends("activity_id.matter_id", "activity_id.partner_id")
    def _compute_group_key(self):
        for line in self:
            activity = line.activity_id
            line.group_key = f"{activity.matter_id.id}-{activity.partner_id.id or 0}"

    @api.depends("problem", "activity_id", "is_offered")
    @api.depends_context("lang")
    def _compute_remark(self):
        """Why this line is not billed, or what is to know before it is."""
        for line in self:
            remarks = [self.env._("late entry")] if line.activity_id.is_late_entry else []
            if line.is_offered:
                remarks.append(self.env._("offered"))
            line.remark = line.problem or ", ".join(remarks)

    @api.depends("minutes", "quantity")
    def _compute_amount(self):
        """The amount follows the quantity, unless the quantity itself comes from an instalment that was typed."""
        for line in self:
            if line._get_quantity_of(line.amount) != line._get_quantity():
                line.amount = line._get_part_of(line.opening_amount)

    @api.depends("amount")
    def _compute_revised_amount(self):
        for line in self:
            line.revised_amount = line._get_default_revised()

    @api.depends("revised_amount", "amount")
    def _compute_is_revised(self):
        for line in self:
            difference = line.currency_id.compare_amounts(line.revised_amount, line._get_default_revised())
            line.is_revised = bool(difference)

    @api.depends("revised_amount", "amount")
    def _compute_is_offered(self):
        for line in self:
            worth = line.currency_id and not line.currency_id.is_zero(line.amount)
            line.is_offered = bool(worth and line.currency_id.is_zero(line.revised_amount))

    @api.onchange("is_offered")
    def _onchange_is_offered(self):
        for line in self:
            is_nothing = line.currency_id.is_zero(line.revised_amount)
            if line.is_offered and not is_nothing:
                line.revised_amount = 0.0
            elif not line.is_offered and is_nothing:
                line.revised_amount = line._get_default_revised() or line.amount

    @api.onchange("amount")
    def _onchange_amount(self):
        """An instalment of a fixed amount is a part of its quantity."""
        for line in self.filtered(lambda line: not line.is_timed):
            typed = line.amount
            if 0 < typed < line.opening_amount:
                line.quantity = line._get_quantity_of(typed)
            elif line.currency_id.compare_amounts(typed, line.opening_amount):
                # No part of it: it is the price that is revised.
                line.amount, line.quantity = line.opening_amount, line.opening_quantity
                if not line.is_exact:
                    line.revised_amount = typed

    @api.onchange("minutes", "quantity")
    def _onchange_quantity(self):
        """Limit the quantity to what is left to bill, with a warning."""
        beyond = self.filtered(lambda line: line._get_quantity() > line.opening_quantity)
        for line in beyond:
            if line.is_timed:
                line.minutes = round(line.opening_quantity)
            else:
                line.quantity = line.opening_quantity
        warning = {
            "title": self.env._("More than what is left to bill"),
            "message": self.env._("This bills all that is left. To bill more, correct the activity first."),
        }
        return {"warning": warning} if beyond else None

    @api.model
    def _prepare_values(self, activity, cutoff):
        problem = activity._get_billing_problem()
        remaining = activity._get_remaining_quantity()
        return {
            "activity_id": activity.id,
            "problem": problem,
            "included": not problem and (not cutoff or activity.date <= cutoff),
            "description": activity.description,
            "opening_description": activity.description,
            "opening_quantity": remaining,
            "opening_amount": activity.standard_to_bill,
            "opening_revised": activity.amount_to_bill,
            "minutes": round(remaining) if activity.is_timed else 0,
            "quantity": 0.0 if activity.is_timed else remaining,
            "amount": activity.standard_to_bill,
            "revised_amount": activity.amount_to_bill,
        }

    def _check_unchanged(self):
        """Check that the activities did not change since the dialog was opened.

        :raises UserError: naming the activities that somebody corrected since the window was opened
        """
        changed = self.filtered(
            lambda line: line.currency_id.compare_amounts(line.opening_revised, line.activity_id.amount_to_bill)
            or line.currency_id.compare_amounts(line.opening_amount, line.activity_id.standard_to_bill)
            or line.opening_quantity != line.activity_id._get_remaining_quantity()
            or (line.opening_description or "") != (line.activity_id.description or "")
        ).activity_id
        # Activities billed meanwhile are reported by the billing itself.
        changed = changed.filtered(lambda activity: activity.billing_state == "to_bill")
        if changed:
            raise UserError(
                self.env._(
                    "Somebody corrected these activities since you opened this window: %s. Close it and open it again;"
                    " no invoice was created.",
                    ", ".join(changed.mapped("display_name")),
                )
            )

    def _check_parts(self):
        """The amount shown is that of the part which is billed, or an instalment.

        :raises UserError: naming the activities of which it is not
        """
        wrong = self.filtered(
            lambda line: line.currency_id.compare_amounts(line.amount, line._get_part_of(line.opening_amount))
            and not (not line.is_timed and line._is_part() and 0 < line.amount < line.opening_amount)
        )
        if wrong:
            raise UserError(
                self.env._(
                    "The amount of %s is not that of the part which is billed. Type another price in “Revised”.",
                    ", ".join(wrong.activity_id.mapped("display_name")),
                )
            )

    def _get_reason_left_out(self):
        self.ensure_one()
        if self.activity_id.billing_state == "on_hold":
            return self.env._("to bill later")
        if self.problem:
            return self.problem
        return self.env._("unticked") if self._is_within(self.bill_id.cutoff) else self.env._("after the cut-off date")

    def _is_within(self, cutoff):
        return not cutoff or not self.date or self.date <= cutoff

    def _get_quantity(self):
        """What is billed now, in minutes or units."""
        self.ensure_one()
        return self.minutes if self.is_timed else self.quantity

    def _is_part(self):
        self.ensure_one()
        return self._get_quantity() != self.opening_quantity

    def _get_part_of(self, amount):
        """Share of ``amount``, which goes with all that is left, that is billed now."""
        self.ensure_one()
        if not 0 < self._get_quantity() < self.opening_quantity:
            return amount
        values = (self.currency_id.round(amount), self._get_quantity(), self.opening_quantity)
        return float(part_of(*map(to_decimal, values), to_decimal(self.currency_id.rounding)))

    def _get_quantity_of(self, amount):
        """Part of what is left that an instalment of ``amount`` bills."""
        self.ensure_one()
        if self.is_timed or not self.opening_amount or not amount:
            return None
        if not 0 < amount < self.opening_amount:
            return self.opening_quantity
        values = (self.opening_quantity, self.currency_id.round(amount), self.opening_amount)
        quantity = quantity_given_back(*map(to_decimal, values), QUANTITY_STEP)
        # However small the instalment, it is a part: neither nothing nor, however large, all.
        return float(max(quantity, QUANTITY_STEP))

    def _get_default_revised(self):
        """What this part bills with the discounts and surcharges that were granted before."""
        self.ensure_one()
        return self.amount + self._get_part_of(self.opening_revised - self.opening_amount)

    def _needs_reason(self):
        """Whether validating this line as revised would ask for a reason."""
        self.ensure_one()
        expected = self._get_default_revised()
        company = self.bill_id.company_id
        return company._timebill_needs_reason(self.revised_amount - expected, expected, self.currency_id)

    def _get_left_label(self):
        """What is left to bill after this part, formatted."""
        self.ensure_one()
        left = self.opening_quantity - self._get_quantity()
        if self.is_timed:
            return format_duration(round(left))
        return format_amount(self.env, self.opening_amount - self.amount, self.currency_id)

    def _get_part_quantity(self):
        return self._get_quantity() if self._is_part() else None

    def _get_instalment(self):
        if not self._is_part() or self.is_timed:
            return None
        # The share of a part follows from its quantity; of cheap or free work, it may be 0, which no instalment is.
        is_share = not self.currency_id.compare_amounts(self.amount, self._get_part_of(self.opening_amount))
        return None if is_share else self.amount

    def _save_description(self):
        """Save a corrected text on the activity, from which the invoice prints it."""
        if (self.description or "") != (self.opening_description or ""):
            # sudo: billing users correct the printed text of the activities that they bill, also those of colleagues
            self.activity_id.sudo().description = self.description
