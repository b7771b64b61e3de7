"""A kind of work, an extra line and groupings of its own, by the hooks of docs/architecture.md alone."""

from odoo import api, fields, models
from odoo.addons.timebill_legal.models.timebill_billing import BillingLine
from odoo.addons.timebill_legal.models.timebill_kind import Kind, Section


class TimebillKind(models.AbstractModel):
    _inherit = "timebill.kind"

    @api.model
    def _get_kinds(self):
        """Travel, with the account and the tax of services."""
        return [*super()._get_kinds(), Kind("travel", "Travel", section="travel", setup="service")]

    @api.model
    def _get_sections(self):
        fees, *others = super()._get_sections()
        return [fees, Section("travel", "Travel", "Detail of travel"), *others]


class TimebillBillingChoice(models.AbstractModel):
    _inherit = "timebill.billing.choice.mixin"

    is_apart = fields.Boolean("Bill Apart")

    def _get_invoice_grouping_values(self):
        """One invoice for each matter, and another one for what is billed apart."""
        return {**super()._get_invoice_grouping_values(), "matter": self.activity_id.matter_id, "apart": self.is_apart}

    def _get_line_grouping_values(self, part):
        """One line for each day."""
        return {**super()._get_line_grouping_values(part), "date": self.activity_id.date}

    def _get_line_order(self, part):
        return (self.activity_id.date, *super()._get_line_order(part))


class TimebillBilling(models.AbstractModel):
    _inherit = "timebill.billing"

    @api.model
    def _prepare_extra_lines(self, group):
        """A handling charge of 5 % of the fees."""
        lines = super()._prepare_extra_lines(group)
        fees = [line.values for line in group.lines if line.section == "fees"]
        charge = group.currency.round(0.05 * sum(values["quantity"] * values["price_unit"] for values in fees))
        if charge:
            like_fees = {name: fees[0][name] for name in ("product_id", "tax_ids", "analytic_distribution")}
            values = {**like_fees, "name": "Handling charge, 5 % of fees", "quantity": 1, "price_unit": charge}
            lines.append(BillingLine("handling", values, section="fees"))
        return lines
