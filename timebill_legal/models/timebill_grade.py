from odoo import fields, models


class TimebillGrade(models.Model):
    """Seniority of timekeepers (partner, associate, trainee…); rates can depend on it."""

    _name = "timebill.grade"
    _description = "Grade"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
