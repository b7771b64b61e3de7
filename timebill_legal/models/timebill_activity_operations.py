from markupsafe import Markup
from odoo import api, models
from odoo.exceptions import UserError

from ..lib.durations import format_duration
from .timebill_activity import RATE_FIELDS


class TimebillActivity(models.Model):
    """What is done to one or several activities at once, as long as nothing of them is billed.

    The windows say what would become of each activity; the methods here lock, check again and do it, all of it or
    nothing.
    """

    _inherit = "timebill.activity"

    #=== COMPUTE METHODS ===#

    @api.onchange("matter_id")
    def _onchange_matter_of_recorded(self):
        """Say at once when recorded work gets another price because its matter is corrected."""
        before, matter = self._origin, self.matter_id._origin
        if (
            not before
            or not matter
            or before.matter_id == matter
            or not self.env.user.has_group("timebill_legal.group_amounts")
            or before._is_price_typed()
        ):
            return None
        # Not the price of the open form, which a list may not show.
        _level, _rate, price = before._get_rates(matter, self.partner_id._origin)[before]
        if not before.currency_id.compare_amounts(before.price_unit, price):
            return None
        return {
            "warning": {
                "type": "notification",
                "title": self.env._("Other price"),
                "message": self.env._(
                    "%(before)s → %(after)s: the price of %(matter)s. Type the former one to keep it.",
                    before=before.currency_id.format(before.price_unit),
                    after=matter.currency_id.format(price),
                    matter=matter.display_name,
                ),
            }
        }

    #=== ACTION METHODS ===#

    def action_transfer(self):
        """Open the window *Transfer* on these activities."""
        return self.env["timebill.transfer"]._open(self, "transfer")

    def action_assign_client(self):
        """Open the window *Assign to a client* on these activities."""
        return self.env["timebill.transfer"]._open(self, "assign")

    #=== BUSINESS METHODS ===#

    def _is_price_typed(self):
        """Whether the price is not the one of the rate lists."""
        self.ensure_one()
        return bool(self.price_unit and self.currency_id.compare_amounts(self.price_unit, self.rate_price))

    def _get_bound_problem(self):
        """Why this activity cannot be moved, split or merged any more, or False."""
        self.ensure_one()
        activity = self.sudo()  # sudo: rows on invoices that this user cannot see hold the activity too
        if activity.covered or activity._get_holding_rows():
            problem = activity._get_closed_problem() or self.env._("billed in part")
            return activity._name_invoices(problem)
        if activity._get_adjustment_to_bill():
            return self.env._("a discount or surcharge was granted: undo it first")
        return False

    def _check_unbound(self):
        """
        :raises UserError: naming each activity that is billed or was discounted, and where
        """
        problems = [
            self.env._("%(activity)s: %(problem)s", activity=activity.display_name, problem=problem)
            for activity in self
            if (problem := activity._get_bound_problem())
        ]
        if problems:
            raise UserError("\n".join([self.env._("Nothing was changed."), *problems]))

    def _give(self, matter, partner, keep_prices=False):
        """Give these activities to another matter or client, and tell it on both matters.

        :param matter: timebill.matter; empty to leave each where it is
        :param partner: the client; empty for work that is common to all
        :param keep_prices: False for those of the rate lists that apply now, unless a price was typed
        :raises UserError: naming what is billed
        """
        self.env["timebill.billing"]._lock(self)
        self._check_unbound()
        if not matter:
            self._write_priced({"partner_id": partner.id}, keep_prices)
            return
        sources = {source: (activities, source._get_amount_to_bill()) for source, activities in self._by_matter()}
        before = matter._get_amount_to_bill()
        # sudo: compared, not shown
        self.filtered(lambda activity: activity.task_id and activity.task_id.sudo().matter_id != matter).task_id = False
        self._write_priced({"matter_id": matter.id, "partner_id": partner.id}, keep_prices)
        for source, (activities, amount) in sources.items():
            source._log_transfer(self.env._("To %s:", matter._get_link()), activities, amount)
        origins = Markup(", ").join(source._get_link() for source in sources)
        matter._log_transfer(self.env._("From %s:", origins), self, before)

    def _by_matter(self):
        return self.grouped("matter_id").items()

    def _write_priced(self, vals, keep_prices):
        if not keep_prices:
            self.write(vals)
            return
        with self.env.protecting([self._fields[name] for name in ("price_unit", *RATE_FIELDS)], self):
            self.write(vals)
        self._store_rates()

    def _get_count_label(self):
        """“3 activities, 2 h 15”."""
        count = self.env._("1 activity") if len(self) == 1 else self.env._("%s activities", len(self))
        minutes = sum(self.mapped("duration"))
        return f"{count}, {format_duration(minutes)}" if minutes else count
