from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.durations import MINUTES_PER_DAY
from ..lib.rounding import Rule


class TimebillRounding(models.Model):
    """Rule to round worked time to billable time, for a matter, a client or the firm.

    The rule applies when an activity is created or its worked time changes: editing a rule changes no recorded
    activity. The computation is done by :mod:`lib.rounding`.
    """

    _name = "timebill.rounding"
    _description = "Rounding Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    increment = fields.Integer(required=True, default=6, help="In minutes; 1 means no rounding.")
    method = fields.Selection([("up", "Up"), ("nearest", "To the nearest")], required=True, default="up")
    minimum = fields.Integer(help="In minutes, a multiple of the increment.")
    scope = fields.Selection(
        [("entry", "Each entry"), ("day", "The day's entries of a timekeeper on a matter, together")],
        "Applies to",
        required=True,
        default="entry",
        help="Together: the total of the day is rounded once for each client, and the entry that is saved last gets the"
        " difference.",
    )

    @api.constrains("increment", "minimum")
    def _check_steps(self):
        for rounding in self:
            if not 1 <= rounding.increment <= 240:
                raise ValidationError(
                    self.env._("“%s”: the increment must lie between 1 and 240 minutes.", rounding.name)
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
        """Rule in the form of :mod:`lib.rounding`; an empty recordset stands for no rounding."""
        if not self:
            return Rule()
        self.ensure_one()
        return Rule(self.increment, self.method == "up", self.minimum, self.scope == "day")
