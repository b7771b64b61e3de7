from odoo import fields, models
from odoo.addons.timebill_legal.tools.copying import copy_restricted


class ProductTemplate(models.Model):
    _inherit = "product.template"

    timebill_type_id = fields.Many2one(
        "timebill.activity.type",
        "Activity Type",
        domain=[("kind", "in", ("expense", "disbursement"))],
        index="btree_not_null",
        ondelete="set null",
        copy=False,  # see copy_data
        groups="timebill_legal.group_user",
        help="Expenses of this category are charged to the client as activities of this type, and of its kind.",
    )

    def copy_data(self, default=None):
        return copy_restricted(self, super().copy_data(default), "timebill_type_id")
