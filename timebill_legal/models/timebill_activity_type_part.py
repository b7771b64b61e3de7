from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..lib.durations import format_duration


class TimebillActivityTypePart(models.Model):
    """Part of a composite activity type: a hearing may include travel time and a parking fee.

    Each part creates its own activity, with the same matter, client, date and timekeeper.
    """

    _name = "timebill.activity.type.part"
    _description = "Part of a Composite Activity Type"
    _inherit = ["timebill.kind.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    type_id = fields.Many2one("timebill.activity.type", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="type_id.company_id")
    currency_id = fields.Many2one(related="type_id.currency_id")
    sequence = fields.Integer(default=10)
    component_id = fields.Many2one(
        "timebill.activity.type",
        "Activity Type",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('id', '!=', type_id), ('part_ids', '=', False)]",
        check_company=True,
    )
    # Not a related field, for which Odoo would warn that it ignores the selection of the mixin.
    kind = fields.Selection(compute="_compute_kind")
    duration = fields.Integer(help="In minutes; empty to use the default of the activity type.")
    quantity = fields.Float(digits=(16, 6), help="Empty to use the default of the activity type.")
    price = fields.Float(
        min_display_digits="Product Price",
        groups="timebill_legal.group_amounts",
        help="Empty to use the price of the rate lists, else of the activity type.",
    )

    @api.depends("component_id.kind")
    def _compute_kind(self):
        for part in self:
            part.kind = part.component_id.kind

    @api.constrains("type_id", "component_id")
    def _check_not_nested(self):
        components = self.search([("component_id", "in", self.type_id.ids)]).component_id
        for part in self:
            is_nested = part.component_id.part_ids or part.type_id in components
            if part.component_id == part.type_id or is_nested:
                raise ValidationError(
                    self.env._(
                        "“%(part)s” cannot be a part of “%(type)s”: a part must be another activity type without parts"
                        " of its own.",
                        part=part.component_id.name,
                        type=part.type_id.name,
                    )
                )

    @api.constrains("duration", "quantity", "price")
    def _check_not_negative(self):
        for part in self:
            if min(part.duration, part.quantity, part.sudo().price) < 0:
                raise ValidationError(
                    self.env._("The duration, quantity and price of “%s” cannot be negative.", part.component_id.name)
                )

    def _get_label(self):
        """Label such as “Travel expenses 20 × 0.636 €”; the price is left out for users who may not see amounts."""
        self.ensure_one()
        component = self.component_id
        if component.is_timed:
            return f"{component.name} {format_duration(self.duration or component.default_duration)}"
        quantity = formatLang(self.env, self.quantity or component.default_quantity, digits=2).rstrip("0").rstrip(".,")
        # sudo: the price is read only if the user may see amounts; groups of fields would raise for others
        price = self.env.user.has_group("timebill_legal.group_amounts") and (
            self.sudo().price or component.sudo().default_price
        )
        measure = f"{quantity} × {self.currency_id._timebill_format_price(price)}" if price else quantity
        return f"{component.name} {measure}"

    def _prepare_activity_values(self, activity):
        """Values of the activity that this part creates.

        :param activity: timebill.activity of the composite type
        """
        self.ensure_one()
        component = self.component_id
        names = ("matter_id", "partner_id", "user_id", "date", "task_id")
        values = {name: activity._fields[name].convert_to_write(activity[name], activity) for name in names}
        text = component.description or component.name
        values |= {"part_of_id": activity.id, "kind": component.kind, "type_id": component.id, "description": text}
        if component.is_timed:
            values["duration"] = self.duration or component.default_duration
        else:
            values["quantity"] = self.quantity or component.default_quantity
        if self.price:
            values["price_unit"] = self.price
        return values
