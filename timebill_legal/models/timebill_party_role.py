from odoo import fields, models


class TimebillPartyRole(models.Model):
    """Role of a party to a matter: opponent, court, expert…"""

    _name = "timebill.party.role"
    _description = "Party Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
