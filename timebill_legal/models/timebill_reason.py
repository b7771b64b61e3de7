from odoo import fields, models


class TimebillReason(models.Model):
    """Reason for a discount, surcharge or write-off."""

    _name = "timebill.reason"
    _description = "Reason of a Discount or Write-off"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
