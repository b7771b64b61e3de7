from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


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

    @api.constrains("list_id", "user_id", "grade_id", "type_id", "date_from", "date_to")
    def _check_overlap(self):
        """Two prices for the same work on the same day: nobody could tell which one applies."""
        for rates in self.list_id.rate_ids.grouped(lambda r: (r.list_id, r.user_id, r.grade_id, r.type_id)).values():
            latest = self.browse()
            for rate in rates.sorted(lambda r: r.date_from or date.min):
                if latest and (latest.date_to or date.max) >= (rate.date_from or date.min):
                    raise ValidationError(latest._get_overlap_message(rate))
                latest = rate

    def _get_overlap_message(self, later):
        """Sentence that names two rates for the same work, and the way out."""
        self.ensure_one()
        message = self.env._(
            "Two rates of the list “%(list)s” apply to the same work on the same day: %(first)s and %(second)s.",
            list=self.list_id.name,
            first=self._get_label(),
            second=later._get_label(),
        )
        if later.date_from:
            last_day = format_date(self.env, later.date_from - timedelta(days=1))
            way_out = self.env._("End the first one on %s, or delete one of them.", last_day)
        else:
            way_out = self.env._("Delete one of them, or enter from when each applies.")
        return f"{message} {way_out}"

    def _get_label(self):
        """“250.00 € (Partner, from 01/01/2026)”."""
        self.ensure_one()
        period = (
            self.date_from and self.env._("from %s", format_date(self.env, self.date_from)),
            self.date_to and self.env._("until %s", format_date(self.env, self.date_to)),
        )
        parts = (self.user_id.name, self.grade_id.name, self.type_id.name, *period)
        price = self.currency_id._timebill_format_price(self.price)
        detail = ", ".join(filter(None, parts))
        return f"{price} ({detail})" if detail else price

    @api.depends("list_id.name", "user_id.name", "grade_id.name", "type_id.name")
    def _compute_display_name(self):
        for rate in self:
            parts = (rate.list_id.name, rate.user_id.name, rate.grade_id.name, rate.type_id.name)
            rate.display_name = " › ".join(filter(None, parts))
