from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import formatLang

from ..lib.durations import format_duration
from ..lib.money import spread, to_decimal, to_price
from ..lib.parts import InexactPartsError, split_amount


class TimebillSplit(models.TransientModel):
    """Wizard *Split*: split an activity into several parts that add up to it."""

    _name = "timebill.split"
    _description = "Split of an Activity"

    activity_id = fields.Many2one("timebill.activity", required=True, ondelete="cascade", readonly=True)
    is_timed = fields.Boolean(
        related="activity_id.is_timed", related_sudo=False, export_string_translation=False
    )
    currency_id = fields.Many2one(related="activity_id.currency_id", related_sudo=False)
    line_ids = fields.One2many("timebill.split.line", "split_id", "Parts")
    problem = fields.Char(compute="_compute_problem", export_string_translation=False)

    @api.depends("line_ids.duration", "line_ids.quantity")
    @api.depends_context("lang")
    def _compute_problem(self):
        for wizard in self:
            wizard.problem = wizard._get_problem()

    @api.model
    def _open(self, activity):
        """Open the wizard with two halves of ``activity``.

        :return: action
        :raises UserError: when it is billed or may not be edited
        """
        activity.ensure_one()
        activity._check_may_edit()
        activity._check_unbound()
        if activity.is_timed:
            halves = [activity.duration - activity.duration // 2, activity.duration // 2]
        else:
            whole = activity.quantity == int(activity.quantity)
            first = activity.quantity // 2 if whole else activity.quantity / 2
            halves = [activity.quantity - first, first]
        if not all(halves):
            halves = halves[:1] + [0]
        name = "duration" if activity.is_timed else "quantity"
        wizard = self.create(
            {
                "activity_id": activity.id,
                "line_ids": [
                    Command.create({"description": activity.description, name: half}) for half in halves
                ],
            }
        )
        return wizard._get_records_action(
            name=self.env._("Split"), target="new", context={"dialog_size": "large"}
        )

    def action_split(self):
        """Split: the first part stays the activity itself, the others become new activities.

        :raises UserError: when the parts do not add up, or the activity was billed meanwhile
        """
        self.ensure_one()
        activity = self.activity_id
        activity._lock_unbound()
        if problem := self._get_problem():
            raise UserError(problem)
        activity._split([line._prepare_values(part) for line, part in self._get_parts().items()])
        return {"type": "ir.actions.act_window_close"}

    def _get_total(self):
        return to_decimal(self.activity_id.duration if self.is_timed else round(self.activity_id.quantity, 6))

    def _get_parts(self):
        """Billable quantity, price and amount of each part.

        :return: {timebill.split.line: lib.parts.Part}
        :raises InexactPartsError: when the amounts cannot add up to that of the activity
        """
        self.ensure_one()
        lines = self.line_ids
        # sudo: users who may not see amounts split them to the cent as well; the fields that show them are restricted
        activity = self.activity_id.sudo()
        quantities = [line._get_quantity() for line in lines]
        if self.is_timed:
            quantities = spread(to_decimal(activity.billable_duration), quantities, to_decimal(1))
        rounding = to_decimal(activity.currency_id.rounding)
        parts = split_amount(quantities, to_price(activity.price_unit), rounding, self.is_timed)
        return dict(zip(lines, parts, strict=True))

    def _get_problem(self):
        """Why the activity cannot be split like this: str, or False."""
        self.ensure_one()
        quantities = [line._get_quantity() for line in self.line_ids]
        if len(quantities) < 2 or min(quantities) <= 0:
            return self.env._("There must be at least two parts, each greater than zero.")
        if left := self._get_total() - sum(quantities):
            label = format_duration(int(abs(left))) if self.is_timed else formatLang(self.env, float(abs(left)))
            return self.env._("%s left to distribute.", label) if left > 0 else self.env._("%s too much.", label)
        try:
            self._get_parts()
        except InexactPartsError:
            return self.env._(
                "The amounts of these parts cannot add up exactly to the amount of the activity. Choose other parts, in"
                " whole units."
            )
        return False


class TimebillSplitLine(models.TransientModel):
    """Part in the wizard *Split*."""

    _name = "timebill.split.line"
    _description = "Part of an Activity"

    split_id = fields.Many2one("timebill.split", required=True, ondelete="cascade", index=True)
    currency_id = fields.Many2one(related="split_id.currency_id")
    description = fields.Text()
    duration = fields.Integer("Time Worked")
    quantity = fields.Float(digits=(16, 6))
    billable_duration = fields.Integer("Billable Time", compute="_compute_part")
    price_unit = fields.Float(
        "Price", min_display_digits="Product Price", compute="_compute_part", groups="timebill_legal.group_amounts"
    )
    amount = fields.Monetary("Amount (excl. tax)", compute="_compute_part", groups="timebill_legal.group_amounts")

    @api.depends("split_id.line_ids.duration", "split_id.line_ids.quantity")
    def _compute_part(self):
        for wizard, lines in self.grouped("split_id").items():
            wizard.activity_id.check_access("read")  # Odoo computes unsaved forms as superuser
            parts = {} if not wizard or wizard._get_problem() else wizard._get_parts()
            for line in lines:
                part = parts.get(line)
                line.billable_duration = int(part.quantity) if part and wizard.is_timed else 0
                line.price_unit = float(part.price) if part else 0.0
                line.amount = float(part.amount) if part else 0.0

    def _get_quantity(self):
        self.ensure_one()
        is_time = self.split_id.is_timed
        return to_decimal(self.duration if is_time else round(self.quantity, 6))

    def _prepare_values(self, part):
        """Values of the activity of this part.

        :param part: lib.parts.Part
        """
        activity = self.split_id.activity_id.sudo()  # sudo: prices are split by users who may not see them as well
        is_same_price = part.price == to_price(activity.price_unit)
        values = {
            "description": self.description,
            "price_unit": float(part.price),
            "price_is_typed": activity.price_is_typed if is_same_price else True,
        }
        if self.split_id.is_timed:
            billable = int(part.quantity)
            return {**values, "duration": self.duration, "billable_duration": billable, "proposed_duration": billable}
        return {**values, "quantity": float(part.quantity)}
