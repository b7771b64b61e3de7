from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    timebill_type_id = fields.Many2one(
        "timebill.activity.type",
        "Category of Activities",
        domain=[("kind", "in", ("expense", "disbursement"))],
        index="btree_not_null",
        ondelete="set null",
        groups="timebill_legal.group_user",
        help="Expenses of this category are charged to the client as activities of that one, and of its kind.",
    )
