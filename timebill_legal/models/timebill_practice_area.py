from odoo import fields, models


class TimebillPracticeArea(models.Model):
    """Field of law or business of a matter."""

    _name = "timebill.practice.area"
    _description = "Practice Area"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
