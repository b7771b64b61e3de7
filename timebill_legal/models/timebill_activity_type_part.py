from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..lib.durations import format_duration


class TimebillActivityTypePart(models.Model):
    """What is logged along with a composite category: a hearing comes with the way there and the parking.

    Each part becomes an activity of its own, of the same matter, client, date and timekeeper.
    """

    _name = "timebill.activity.type.part"
    _description = "Part of a Composite Category"
    _inherit = ["timebill.kind.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    type_id = fields.Many2one("timebill.activity.type", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="type_id.company_id")
    currency_id = fields.Many2one(related="type_id.currency_id")
    sequence = fields.Integer(default=10)
    component_id = fields.Many2one(
        "timebill.activity.type",
        "Category",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('id', '!=', type_id), ('part_ids', '=', False)]",
        check_company=True,
    )
    # Not a related field, for which Odoo would warn that it ignores the selection of the mixin.
    kind = fields.Selection(compute="_compute_kind")
    duration = fields.Integer(help="In minutes; empty for that of the category.")
    quantity = fields.Float(digits=(16, 6), help="Empty for that of the category.")
    price = fields.Float(
        min_display_digits="Product Price",
        groups="timebill_legal.group_amounts",
        help="Empty for the price that applies: rate lists, then the category.",
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
                        "“%(part)s” cannot be a part of “%(type)s”: a part is a simple category, another than the"
                        " whole.",
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
        """“Travel expenses 20 × 0.636 €”, without the price for who does not see amounts."""
        self.ensure_one()
        component = self.component_id
        if component.is_timed:
            return f"{component.name} {format_duration(self.duration or component.default_duration)}"
        quantity = formatLang(self.env, self.quantity or component.default_quantity, digits=2).rstrip("0").rstrip(".,")
        # sudo: not read before the right to see it is checked
        price = self.env.user.has_group("timebill_legal.group_amounts") and (
            self.sudo().price or component.sudo().default_price
        )
        measure = f"{quantity} × {self.currency_id._timebill_format_price(price)}" if price else quantity
        return f"{component.name} {measure}"

    def _prepare_activity_values(self, activity):
        """Values of the activity that this part becomes beside ``activity``."""
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
