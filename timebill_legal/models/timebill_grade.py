from odoo import fields, models


class TimebillGrade(models.Model):
    """Rank of a timekeeper (partner, associate, trainee…), a key of the rates."""

    _name = "timebill.grade"
    _description = "Grade"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
