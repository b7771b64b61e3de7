from odoo import fields, models


class TimebillReason(models.Model):
    """Why less, or more, is billed than the work costs."""

    _name = "timebill.reason"
    _description = "Reason of a Discount or Write-off"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
