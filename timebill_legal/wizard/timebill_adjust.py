from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount

from ..lib.money import round_to, spread, to_decimal
from ..lib.reasons import tally
from ..models.timebill_activity_check import MAX_UNIT_PRICE

#: A typing error is assumed in higher surcharges, in percent.
MAX_PERCENT = 1000

#: Operations on all that is left to bill.
WHOLE = ("offer", "write_off")


class TimebillAdjust(models.TransientModel):
    """Wizard *Discount, surcharge or write-off*: change the amount to bill of activities before they are invoiced."""

    _name = "timebill.adjust"
    _description = "Discount, Surcharge or Write-off"

    operation = fields.Selection(
        [("write_down", "Discount"), ("write_up", "Surcharge"), ("offer", "Offer"), ("write_off", "Write-off")],
        required=True,
        default="write_down",
        help="What is offered stands on the invoice with its value and at no price; what is written off does not.",
    )
    method = fields.Selection(
        [("percent", "Percentage"), ("amount", "Amount"), ("total", "New total")], required=True, default="percent"
    )
    percent = fields.Float("Percentage")
    amount = fields.Monetary("Amount (excl. tax)")
    total = fields.Monetary("New Total (excl. tax)")
    reason_id = fields.Many2one("timebill.reason")
    note = fields.Char("Remark", help="Shown in the billing history.")
    line_ids = fields.One2many("timebill.adjust.line", "adjust_id", "Activities")
    currency_id = fields.Many2one("res.currency", compute="_compute_preview")
    has_several_currencies = fields.Boolean(compute="_compute_preview")
    has_problems = fields.Boolean(compute="_compute_preview")
    amount_before = fields.Monetary("To Bill Before (excl. tax)", compute="_compute_preview")
    amount_difference = fields.Monetary("Difference", compute="_compute_preview")
    amount_after = fields.Monetary("To Bill After (excl. tax)", compute="_compute_preview")
    problem = fields.Char(compute="_compute_preview")
    left_out = fields.Char(compute="_compute_preview")

    #=== COMPUTE METHODS ===#

    @api.depends("operation", "method", "percent", "amount", "total", "line_ids.before", "line_ids.problem")
    def _compute_preview(self):
        for wizard in self:
            lines = wizard._get_adjustable()
            currencies = lines.currency_id or wizard.line_ids.currency_id
            differences = wizard._get_differences()
            wizard.currency_id = currencies[:1] or self.env.company.currency_id
            wizard.has_several_currencies = len(currencies) > 1
            wizard.has_problems = any(wizard.line_ids.mapped("problem"))
            wizard.amount_before = sum(lines.mapped("before"))
            wizard.amount_difference = float(sum(differences.values()))
            wizard.amount_after = wizard.amount_before + wizard.amount_difference
            wizard.problem = wizard._get_problem(differences)
            wizard.left_out = tally(wizard.line_ids.mapped("problem"))

    @api.onchange("method")
    def _onchange_method(self):
        if self.method == "total" and not self.total:
            self.total = self.amount_before

    #=== ACTION METHODS ===#

    @api.model
    def _open(self, activities):
        """Open the wizard on ``activities``, with a preview for each of them.

        :return: action
        :raises UserError: when none of them can be adjusted
        """
        activities.check_access("read")
        wizard = self.create(
            {
                "line_ids": [
                    Command.create({"activity_id": activity.id, "before": activity.amount_to_bill})
                    for activity in activities.sorted(lambda activity: (activity.date, activity.id))
                ]
            }
        )
        # Disbursements can only be written off.
        operation = next((op for op in ("write_down", "write_off") if wizard._get_adjustable(op)), None)
        if not operation:
            problems = set(wizard.line_ids.mapped("problem")) or {self.env._("nothing is to bill")}
            raise UserError(self.env._("Nothing can be changed here: %s.", ", ".join(sorted(problems))))
        wizard.operation = operation
        return wizard._get_records_action(
            name=self.env._("Discount, surcharge or write-off"), target="new", context={"dialog_size": "large"}
        )

    def action_apply(self):
        """Create the allocations that the preview shows.

        :raises UserError: when one of the activities changed meanwhile, or the input is not valid
        """
        self.ensure_one()
        differences = self._get_differences()
        if problem := self._get_problem(differences):
            raise UserError(problem)
        if not self.reason_id:
            raise UserError(self.env._("Choose a reason: it is kept in the billing history."))
        lines = self._get_adjustable()
        self.env["timebill.billing"]._lock(lines.activity_id)
        lines._check_unchanged()
        Allocation = self.env["timebill.allocation"]
        if self.operation == "write_off":
            Allocation._write_off(lines.activity_id, self.reason_id, self.note)
        else:
            Allocation._adjust(
                {line.activity_id: float(difference) for line, difference in differences.items()},
                self.reason_id,
                self.note,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._get_summary(differences),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    #=== BUSINESS METHODS ===#

    def _get_adjustable(self, operation=None):
        """Lines whose activities can be adjusted."""
        problems = self.line_ids._get_problems(operation or self.operation)
        return self.line_ids.filtered(lambda line: not problems[line])

    def _get_differences(self):
        """Difference that the operation makes to each activity.

        The difference is spread in proportion to the amounts left to bill, by largest remainder: no share exceeds its
        activity, and the shares add up to the cent. Percentages apply to the total of each currency.

        :return: {timebill.adjust.line: Decimal in the currency of the line, negative for a discount or write-off}
        """
        lines = self._get_adjustable()
        if self.operation in WHOLE:
            return {line: -to_decimal(line.currency_id.round(line.before)) for line in lines}
        differences = {}
        for currency, group in lines.grouped("currency_id").items():
            step = to_decimal(currency.rounding)
            weights = [to_decimal(currency.round(before)) for before in group.mapped("before")]
            difference = self._get_total_difference(sum(weights), step)
            differences.update(zip(group, spread(difference, weights, step), strict=True))
        return differences

    def _get_total_difference(self, before, step):
        """
        :param before: Decimal, amount to bill
        :param step: Decimal, rounding of the currency
        :return: Decimal, negative for a discount
        """
        sign = -1 if self.operation == "write_down" else 1
        if self._is_typing_error(abs(self[self.method])):
            return 0 * step  # refused by _get_problem(), as is NaN
        if self.method == "percent":
            return sign * round_to(before * to_decimal(self.percent) / 100, step)
        if self.method == "amount":
            return sign * round_to(to_decimal(self.amount), step)
        return round_to(to_decimal(self.total), step) - before

    def _is_typing_error(self, figure):
        """Whether an amount or a percentage is above the limit of prices, or NaN."""
        if figure <= MAX_UNIT_PRICE:
            return False
        activities = self.line_ids.activity_id
        company, currency = activities.company_id[:1], activities.currency_id[:1]
        return not (currency and figure <= currency._timebill_get_price_limit(MAX_UNIT_PRICE, company))

    def _get_summary(self, differences):
        """Message with the total difference in each currency."""
        totals = {}
        for line, difference in differences.items():
            totals[line.currency_id] = totals.get(line.currency_id, 0) + difference
        return self.env._(
            "%(operation)s: %(amounts)s (activities: %(count)s)",
            operation=dict(self._fields["operation"]._description_selection(self.env))[self.operation],
            amounts=", ".join(format_amount(self.env, float(total), currency) for currency, total in totals.items()),
            count=len(differences),
        )

    def _get_problem(self, differences):
        """Why the wizard cannot be applied.

        :param differences: result of :meth:`_get_differences`
        :return: str, or False
        """
        self.ensure_one()
        if not differences:
            return self.env._("No activity can be changed in this way.")
        if self.operation in WHOLE:
            return False
        if self.has_several_currencies and self.method != "percent":
            return self.env._(
                "These activities are in several currencies: enter a percentage, or select one currency at a time."
            )
        before, total = self.amount_before, float(sum(differences.values()))
        is_discount = self.operation == "write_down"
        if self.method == "percent" and not 0 <= self.percent <= (100 if is_discount else MAX_PERCENT):
            return self.env._(
                "The percentage must lie between 0 and %s.", 100 if is_discount else MAX_PERCENT
            )
        if self.method != "percent" and (self[self.method] < 0 or self._is_typing_error(self[self.method])):
            return self.env._("This amount looks like a typing error. Check it.")
        if is_discount and total < -before:
            return self.env._("The discount is higher than what is left to bill.")
        if not total:
            return self.env._("Enter a percentage or an amount: nothing changes yet.")
        if is_discount != (total < 0):
            return (
                self.env._("A discount lowers the total: for more, choose “Surcharge”.")
                if is_discount
                else self.env._("A surcharge raises the total: for less, choose “Discount”.")
            )
        return False


class TimebillAdjustLine(models.TransientModel):
    """Activity in the wizard *Discount, surcharge or write-off*."""

    _name = "timebill.adjust.line"
    _description = "Activity to Adjust"

    adjust_id = fields.Many2one("timebill.adjust", required=True, ondelete="cascade", index=True)
    activity_id = fields.Many2one("timebill.activity", required=True, ondelete="cascade")
    # With the rights of the user: wizards must not circumvent the record rules of activities.
    date = fields.Date(related="activity_id.date", related_sudo=False)
    matter_id = fields.Many2one(related="activity_id.matter_id", related_sudo=False)
    user_id = fields.Many2one(related="activity_id.user_id", related_sudo=False)
    kind = fields.Selection(related="activity_id.kind", related_sudo=False)
    description = fields.Text(related="activity_id.description", related_sudo=False)
    currency_id = fields.Many2one(related="activity_id.currency_id", related_sudo=False)
    # Amount when the wizard was opened: the activity may be billed or corrected meanwhile, see _check_unchanged().
    before = fields.Monetary("Before (excl. tax)", readonly=True)
    difference = fields.Monetary(compute="_compute_difference")
    after = fields.Monetary("After (excl. tax)", compute="_compute_difference")
    problem = fields.Char("Left Out", compute="_compute_problem")

    @api.depends("activity_id", "adjust_id.operation")
    @api.depends_context("uid", "lang")
    def _compute_problem(self):
        for wizard, lines in self.grouped("adjust_id").items():
            for line, problem in lines._get_problems(wizard.operation).items():
                line.problem = problem

    @api.depends(
        "before", "adjust_id.operation", "adjust_id.method", "adjust_id.percent", "adjust_id.amount", "adjust_id.total"
    )
    def _compute_difference(self):
        for wizard, lines in self.grouped("adjust_id").items():
            differences = wizard._get_differences() if wizard else {}
            for line in lines:
                line.difference = float(differences.get(line, 0))
                line.after = line.before + line.difference

    def _get_problems(self, operation):
        """Why activities are left out.

        :return: {timebill.adjust.line: str, or False}
        """
        kept = self.activity_id._get_edit_problems()
        problems = {}
        for line in self:
            activity = line.activity_id
            problems[line] = activity._get_adjustment_problem(operation) or kept.get(activity, False)
            if not problems[line] and operation in ("write_down", "offer") and not line.before:
                problems[line] = self.env._("nothing left to bill")
        return problems

    def _check_unchanged(self):
        """
        :raises UserError: when the amount to bill of an activity changed since the wizard was opened
        """
        changed = self.filtered(
            lambda line: line.currency_id.compare_amounts(line.before, line.activity_id.amount_to_bill)
        )
        if changed:
            raise UserError(
                self.env._(
                    "The amount to bill of these activities changed since you opened this dialog: %s. Close it and open"
                    " it again; nothing was changed.",
                    ", ".join(changed.activity_id.mapped("display_name")),
                )
            )
