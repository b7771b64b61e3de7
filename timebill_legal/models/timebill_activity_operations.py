from decimal import Decimal

from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

from ..lib.durations import MINUTES_PER_DAY, format_duration
from ..lib.money import time_amount, to_decimal, to_price, units_amount

#: What several activities must have in common to become one.
MERGED_FIELDS = (
    "company_id",
    "matter_id",
    "partner_id",
    "kind",
    "type_id",
    "user_id",
    "date",
    "has_price",
    "billable",
    "task_id",
    "on_hold",
    "hold_until",
    "hold_note",
)


class TimebillActivity(models.Model):
    """Operations on several activities at once, as long as none of them is billed.

    The dialogs show what an operation would do. The methods here check the rights, lock the activities and check them
    again, then change all of them or none.
    """

    _inherit = "timebill.activity"

    #=== ACTION METHODS ===#

    def action_transfer(self):
        """Open the window *Transfer* on these activities."""
        return self.env["timebill.transfer"]._open(self, "transfer")

    def action_assign_client(self):
        """Open the window *Assign to a client* on these activities."""
        return self.env["timebill.transfer"]._open(self, "assign")

    def action_split(self):
        """Open the window *Split* on this activity.

        :raises UserError: several are selected
        """
        if len(self) != 1:
            raise UserError(self.env._("Choose one activity to split."))
        return self.env["timebill.split"]._open(self)

    def action_merge(self):
        """Open the window *Merge* on these activities."""
        return self.env["timebill.merge"]._open(self)

    def action_round(self):
        """Open the window *Round* on these activities."""
        return self.env["timebill.round"]._open(self)

    #=== BUSINESS METHODS ===#

    def _is_billable_on(self, matter):
        """Whether this activity is billable once it is on ``matter``: never on an internal one, else as it was decided.
        """
        self.ensure_one()
        if matter.internal:
            return False
        return self.type_id.billable if self.matter_id.internal else self.billable

    def _check_may_edit(self):
        """Activities are changed by their timekeeper, by users who enter activities for her, and by billing users.

        The record rules decide, see ``timebill_activity_rule_user_write`` in ``security/timebill_rules.xml``.

        :raises AccessError: naming what only they may change
        """
        self.check_access("read")
        if others := self - self._filtered_access("write"):
            raise AccessError(
                self.env._(
                    "Only their timekeeper and billing users can change these activities: %s. Nothing was changed.",
                    ", ".join(others.mapped("display_name")),
                )
            )

    def _get_edit_problems(self):
        """Activities that the user cannot change, see :meth:`_check_may_edit`.

        :return: {timebill.activity: reason}
        """
        return dict.fromkeys(
            self - self._filtered_access("write"), self.env._("only its timekeeper and billing users can change it")
        )

    def _get_change_problems(self):
        """Why activities cannot be transferred, split or merged at all.

        :return: {timebill.activity: reason, or False}
        """
        kept = self._get_edit_problems()
        return {activity: activity._get_bound_problem() or kept.get(activity, False) for activity in self}

    def _get_transfer_problems(self, matter):
        """Why activities cannot be transferred to ``matter``.

        :return: {timebill.activity: reason, or False}
        """
        problems = {}
        for activity in self:
            problems[activity] = False
            if matter.company_id != activity.company_id:
                problems[activity] = self.env._("it belongs to another company: enter it there again")
            elif matter.currency_id != activity.currency_id:
                problems[activity] = self.env._("it has another currency: enter it there again")
        for model, activities in self._grouped_by_source_model():
            # sudo: only compared, the values are not shown
            sources = self.env[model].sudo().browse(activities.mapped("source_id")).exists()
            matter_of = sources._timebill_get_fixed_matters()
            for activity in activities:
                if matter_of.get(activity.source_id, matter) != matter:
                    problems[activity] = self.env._(
                        "its matter comes from “%s”: change it there", activity.source_label
                    )
        return problems

    def _check_movable(self, matter):
        """
        :raises UserError: naming what cannot go to ``matter``
        """
        if problems := self._format_problems(self._get_transfer_problems(matter).get):
            raise UserError(
                "\n".join(
                    [
                        self.env._(
                            "These activities cannot be transferred to %(matter)s (%(company)s, %(currency)s)."
                            " Nothing was changed.",
                            matter=matter.display_name,
                            company=matter.company_id.name,
                            currency=matter.currency_id.name,
                        ),
                        *problems,
                    ]
                )
            )

    def _get_bound_problem(self):
        """Why this activity can no longer be transferred, split or merged, or False."""
        self.ensure_one()
        # sudo: allocations on invoices that the user cannot read lock the activity as well; only their number is shown
        activity = self.sudo()
        if activity.covered or activity._get_holding_rows_sudo():
            problem = activity._get_closed_problem() or self.env._("billed in part")
            invoices = activity._get_holding_invoice_names()
            return f"{problem} ({invoices})" if invoices else problem
        if activity._get_adjustment_to_bill():
            return self.env._("it has a discount or surcharge: undo it first")
        return False

    def _lock_unbound(self):
        """Lock these activities before an operation, and check them as they are then.

        :raises AccessError: the user cannot edit one of them
        :raises UserError: one of them is being changed, is billed or has a discount
        """
        self._check_may_edit()
        self.env["timebill.billing"]._lock(self)
        self._check_unbound()

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

    def _transfer_to(self, matter, partner=None, keep_prices=False):
        """Transfer these activities to another matter or client, and log it on both matters.

        :param matter: timebill.matter; empty to leave each where it is
        :param partner: the client; empty for work that is common to all, None for the only one or who it is already
        :param keep_prices: False for those of the rate lists that apply now, unless a price was typed
        :raises UserError: naming what is billed
        """
        self._lock_unbound()
        if not matter:
            self._write_priced({"partner_id": partner.id}, keep_prices)
            return
        sources = {source: (activities, source._get_amount_to_bill()) for source, activities in self._by_matter()}
        before = matter._get_amount_to_bill()
        client = {} if partner is None else {"partner_id": partner.id}
        self._write_priced({"matter_id": matter.id, **client}, keep_prices)
        for source, (activities, amount) in sources.items():
            source._log_transfer(self.env._("To %s:", matter._get_link()), activities, amount)
        origins = Markup(", ").join(source._get_link() for source in sources)
        matter._log_transfer(self.env._("From %s:", origins), self, before)

    def _by_matter(self):
        return self.grouped("matter_id").items()

    def _get_count_label(self):
        """“3 activities, 2 h 15”."""
        count = self.env._("1 activity") if len(self) == 1 else self.env._("%s activities", len(self))
        minutes = sum(self.mapped("duration"))
        return f"{count}, {format_duration(minutes)}" if minutes else count

    def _split(self, values_list):
        """Split this activity into several; the first part is this activity.

        :param values_list: values of each part: text, durations or quantity, price
        :return: timebill.activity, all the parts
        :raises AccessError: the user cannot edit this activity
        :raises UserError: it is billed or has a discount
        """
        self.ensure_one()
        self._lock_unbound()
        # sudo: the program splits prices also for a user who cannot see them; the right to edit is checked above
        activity = self.sudo()
        first, *others = values_list
        activity.write(first)
        kept = ("date", "task_id", "approved", "approved_by_id", "on_hold", "hold_until", "hold_note")
        common = {name: self._fields[name].convert_to_write(activity[name], activity) for name in kept}
        if activity._filter_of_costs():
            common |= {"source_model": activity.source_model, "source_id": activity.source_id, "source_part": True}
        return self + activity.browse().create(
            [vals for values in others for vals in activity.copy_data({**common, **values})]
        ).sudo(False)

    def _check_mergeable(self):
        """
        :raises UserError: with all that keeps these activities from becoming one
        """
        if len(self) < 2:
            raise UserError(self.env._("Choose at least two activities to merge."))
        self._check_unbound()
        # sudo: prices and allocations that the user cannot read are compared as well; they are not shown
        activities = self.sudo()
        problems = [
            self.env._("%s has a billing history", activity.display_name)
            for activity in activities
            if activity.allocation_ids
        ]
        for name in MERGED_FIELDS:
            if len({activity[name] for activity in activities}) > 1:
                problems.append(
                    self.env._("their values of “%s” differ", self._fields[name]._description_string(self.env))
                )
        if (together := sum(activities.mapped("duration"))) > MINUTES_PER_DAY:
            problems.append(self.env._("together they last %s, more than a day", format_duration(together)))
        sources = {(activity.source_model, activity.source_id) for activity in activities if activity.source_id}
        if of_costs := activities._filter_of_costs():
            if len(sources) > 1 or of_costs != activities:
                problems.append(self.env._("an activity that charges a cost cannot be merged with another one"))
        elif len(activities.filtered("source_id")) > 1:
            # The source of a deleted activity would be proposed for conversion again.
            problems.append(self.env._("several were converted from meetings, tasks or messages"))
        if activities._get_merged_price() is None:
            # Other prices come from a split, which distributes the cents among them.
            name = self._fields["price_unit"]._description_string(self.env)
            problems.append(self.env._("their values of “%s” differ", name))
        elif any(activities.mapped("is_exact")) and activities.currency_id[:1].compare_amounts(
            activities._get_merged_amount(), sum(activities.mapped("amount"))
        ):
            problems.append(self.env._("a disbursement is billed at its exact cost"))
        if problems:
            raise UserError("\n".join([self.env._("These activities cannot be merged:"), *problems]))

    def _get_merged_price(self):
        """Price of these activities once they are merged: the one that they have, or the one of theirs at which all
        together cost what they cost apart; None if there is none.
        """
        prices = list(dict.fromkeys(to_price(activity.price_unit) for activity in self))
        amount, currency = sum(self.mapped("amount")), self.currency_id[:1]
        for price in prices:
            if len(prices) == 1 or (amount and not currency.compare_amounts(self._get_merged_amount(price), amount)):
                return price
        return None

    def _get_merged_amount(self, price=None):
        """Amount of these activities once they are merged.

        :param price: Decimal; by default that of :meth:`_get_merged_price`
        """
        price = self._get_merged_price() or Decimal(0) if price is None else price
        rounding = to_decimal(self[:1].currency_id.rounding)
        if self[:1].is_timed:
            return float(time_amount(to_decimal(sum(self.mapped("billable_duration"))), price, rounding))
        return float(units_amount(to_decimal(round(sum(self.mapped("quantity")), 6)), price, rounding))

    def _get_merged_text(self, name):
        """The texts of these activities, each once."""
        return "\n".join(dict.fromkeys(text for activity in self if (text := (activity[name] or "").strip())))

    def _merge(self, description):
        """Merge these activities into one; the others are deleted.

        :param description: its text
        :return: timebill.activity
        :raises AccessError: the user cannot edit them
        :raises UserError: with all that keeps these activities from becoming one
        """
        self._lock_unbound()
        self._check_mergeable()
        kept = (self.filtered(lambda a: a.source_id and not a.source_part) or self.filtered("source_id") or self)[:1]
        trace = self.env._(
            "Merged by %(user)s on %(date)s:",
            user=self.env.user.name,
            date=format_date(self.env, fields.Date.context_today(self)),
        )
        pieces = [
            " – ".join(filter(None, (activity._get_measure_label(), activity.description)))
            for activity in self
        ]
        values = {
            "description": description,
            "note": "\n".join(filter(None, (self._get_merged_text("note"), trace, *pieces))),
        }
        if kept.is_timed:
            for name in ("duration", "billable_duration", "proposed_duration"):
                values[name] = sum(self.mapped(name))
        else:
            values["quantity"] = round(sum(self.mapped("quantity")), 6)
        # sudo: prices are merged also for a user who cannot see them
        price = self.sudo()._get_merged_price()
        if price != to_price(kept.sudo().price_unit):
            values["price_unit"] = float(price)
        # sudo: the proposed duration is a field that only the program writes; the right to edit is checked above
        kept.sudo().write(values)
        (self - kept).unlink()
        return kept

    def _get_measure_label(self):
        self.ensure_one()
        return format_duration(self.duration) if self.is_timed else formatLang(self.env, self.quantity)
