from odoo import api, fields, models


class TimebillRate(models.Model):
    """Price of a rate list for activities that match all keys that are set (timekeeper, grade, type, dates)."""

    _name = "timebill.rate"
    _description = "Rate"
    _order = "list_id, user_id, grade_id, type_id, date_from desc, id"
    _check_company_auto = True

    list_id = fields.Many2one("timebill.rate.list", "Rate List", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="list_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="list_id.currency_id")
    user_id = fields.Many2one("res.users", "Timekeeper", index="btree_not_null")
    grade_id = fields.Many2one("timebill.grade", index="btree_not_null")
    type_id = fields.Many2one(
        "timebill.activity.type",
        "Activity Type",
        domain="[('kind', '!=', 'disbursement')]",
        index="btree_not_null",
        check_company=True,
        help="Leave empty for an hourly rate that applies to all types of time.",
    )
    date_from = fields.Date("From")
    date_to = fields.Date("Until")
    price = fields.Float(required=True, min_display_digits="Product Price", aggregator="avg")

    _price_positive = models.Constraint("CHECK (price >= 0)", "A rate cannot be negative.")
    _dates_ordered = models.Constraint("CHECK (date_from <= date_to)", "A rate must start before it ends.")

    @api.depends("list_id.name", "user_id.name", "grade_id.name", "type_id.name")
    def _compute_display_name(self):
        for rate in self:
            parts = (rate.list_id.name, rate.user_id.name, rate.grade_id.name, rate.type_id.name)
            rate.display_name = " › ".join(filter(None, parts))
