from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.durations import MINUTES_PER_DAY
from ..lib.rounding import Rule


class TimebillRounding(models.Model):
    """How worked time becomes billable time, for a matter, a client or the firm.

    Applied once, as an activity is entered or its worked time corrected: changing a rule alters nothing that is
    recorded. The arithmetic is that of :mod:`lib.rounding`.
    """

    _name = "timebill.rounding"
    _description = "Rounding Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    increment = fields.Integer(required=True, default=6, help="In minutes; 1 rounds nothing.")
    method = fields.Selection([("up", "Up"), ("nearest", "To the nearest")], required=True, default="up")
    minimum = fields.Integer(help="In minutes, a multiple of the increment.")
    scope = fields.Selection(
        [("entry", "Each entry"), ("day", "The day's entries of a timekeeper on a matter, together")],
        "Applies to",
        required=True,
        default="entry",
        help="Together: the day is rounded once for each client, and the entry that is saved last bears the"
        " difference.",
    )

    @api.constrains("increment", "minimum")
    def _check_steps(self):
        for rounding in self:
            if not 1 <= rounding.increment <= 240:
                raise ValidationError(
                    self.env._("“%s”: the increment lies between 1 and 240 minutes.", rounding.name)
                )
            if not 0 <= rounding.minimum <= MINUTES_PER_DAY or rounding.minimum % rounding.increment:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s”: the minimum must be a multiple of its increment, %(minutes)s min.",
                        rule=rounding.name,
                        minutes=rounding.increment,
                    )
                )

    def _get_rule(self):
        """This rule as plain Python; without one, time is billed as it was worked."""
        if not self:
            return Rule()
        self.ensure_one()
        return Rule(self.increment, self.method == "up", self.minimum, self.scope == "day")
