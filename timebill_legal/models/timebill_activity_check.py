from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_date, formatLang

from ..lib.durations import MINUTES_PER_DAY, format_duration

#: Values beyond these are slips of the keyboard.
MAX_HOURLY_RATE = 10_000  # euros, see res.currency._timebill_get_price_limit()
MAX_QUANTITY = 1_000_000
MAX_UNIT_PRICE = 100_000_000  # euros
MAX_YEARS_AGO = 20


class TimebillActivity(models.Model):
    """What an activity may hold: its kind, client, date, figures, timekeeper and task."""

    _inherit = "timebill.activity"

    #=== CONSTRAINTS ===#

    @api.constrains("kind", "type_id")
    def _check_type_kind(self):
        for activity in self:
            if problem := self._get_kind_problem(activity.type_id, activity.kind):
                raise ValidationError(problem)

    @api.model
    def _get_kind_problem(self, activity_type, kind):
        """Why an activity of ``kind`` cannot have this activity type, or False."""
        if not activity_type or activity_type.kind == kind:
            return False
        return self.env._(
            "The activity type “%(type)s” is not of the kind “%(kind)s”. Choose another activity type.",
            type=activity_type.name,
            kind=dict(self._fields["kind"]._description_selection(self.env))[kind],
        )

    @api.constrains("partner_id", "matter_id")
    def _check_client(self):
        for activity in self:
            if problem := self._get_client_problem(activity.matter_id, activity.partner_id.id):
                raise ValidationError(problem)
            if problem := activity._get_inactive_client_problem():
                raise ValidationError(problem)

    @api.model
    def _get_client_problem(self, matter, partner_id):
        """Why an activity of ``matter`` cannot have this client, or False."""
        if not partner_id or partner_id in matter.client_ids.partner_id.ids:
            return False
        return self.env._(
            "%(client)s is not a client of the matter %(matter)s. Choose one of its clients, or add this client to the"
            " matter first.",
            client=self.env["res.partner"].browse(partner_id).display_name,
            matter=matter.display_name,
        )

    @api.constrains("matter_id", "billable")
    def _check_internal_not_billable(self):
        for activity in self:
            if activity.billable and activity.matter_id.internal:
                raise ValidationError(self._get_internal_problem(activity.matter_id))

    @api.model
    def _get_internal_problem(self, matter):
        return self.env._("The matter %s is internal: its work is never billed.", matter.display_name)

    @api.constrains("date")
    def _check_date(self):
        for activity in self:
            if problem := self._get_date_problem(activity.date):
                raise ValidationError(problem)

    @api.model
    def _get_date_problem(self, date):
        """Why an activity cannot have this date, or False."""
        today = fields.Date.context_today(self)
        if not date or today - relativedelta(years=MAX_YEARS_AGO) <= date <= today + relativedelta(years=1):
            return False
        return self.env._(
            "The date %(date)s is out of range: activities are dated from %(years)s years ago to one year from now."
            " Check the date.",
            date=format_date(self.env, date),
            years=MAX_YEARS_AGO,
        )

    @api.constrains("kind", "duration", "billable_duration", "quantity", "price_unit")
    def _check_values(self):
        """Report all problems with the durations, quantities and prices of an activity in one message."""
        # sudo: prices are also checked for users who cannot see them; the message does not hold them
        for activity in self.sudo():
            figures = {name: activity[name] for name in ("duration", "billable_duration", "quantity", "price_unit")}
            problems = self._get_figure_problems(activity.kind, figures, activity.matter_id)
            if problems:
                raise ValidationError("\n".join([activity.display_name, *problems]))

    @api.model
    def _get_figure_problems(self, kind, figures, matter):
        """What is wrong with the figures of an activity.

        :param kind: code of the kind
        :param figures: {field: number}, those to look at
        :param matter: timebill.matter, possibly empty, in whose currency the price is
        :return: list of messages
        """
        if self.env["timebill.kind"]._get(kind).is_timed:
            worked, billable = figures.get("duration"), figures.get("billable_duration")
            longest = max(worked or 0, billable or 0)
            checks = [
                (worked is not None and worked <= 0, self.env._("The time worked must be greater than zero.")),
                ((billable or 0) < 0, self.env._("The billable time cannot be negative.")),
                (
                    longest > MINUTES_PER_DAY,
                    self.env._(
                        "A day has 24 hours: %s is too long. Make one entry for each day.",
                        format_duration(round(longest)),
                    ),
                ),
                (figures.get("price_unit", 0) < 0, self.env._("The hourly rate cannot be negative.")),
            ]
        else:
            checks = [
                (figures.get("quantity", 1) <= 0, self.env._("The quantity must be greater than zero.")),
                (
                    # NaN compares as false.
                    not figures.get("quantity", 1) <= MAX_QUANTITY,
                    self.env._(
                        "A quantity above %s is not accepted. Check it.", formatLang(self.env, MAX_QUANTITY, digits=0)
                    ),
                ),
                (figures.get("price_unit", 0) < 0, self.env._("The price cannot be negative.")),
            ]
        problems = [message for is_wrong, message in checks if is_wrong]
        if problem := self._get_price_slip(kind, figures.get("price_unit", 0), matter):
            problems.append(problem)
        return problems

    @api.model
    def _get_price_slip(self, kind, price, matter):
        """Why a price is out of range, or False.

        :param matter: timebill.matter, possibly empty, in whose currency the price is
        """
        is_timed = self.env["timebill.kind"]._get(kind).is_timed
        euros = MAX_HOURLY_RATE if is_timed else MAX_UNIT_PRICE
        if price <= euros:  # the usual case, which needs no exchange rate; NaN goes on
            return False
        company = matter.company_id or self.env.company
        currency = matter.currency_id or company.currency_id
        limit = currency._timebill_get_price_limit(euros, company)
        if price <= limit:
            return False
        label = currency._timebill_format_price(limit, min_digits=0)
        if is_timed:
            return self.env._("An hourly rate above %s is not accepted. Check the amount.", label)
        return self.env._("A price above %s is not accepted. Check the amount.", label)

    #=== BUSINESS METHODS ===#

    @api.model
    def _check_timekeepers(self, user_ids):
        """Check that the user can enter activities for these timekeepers; record rules would refuse without naming
        them.

        :raises AccessError: naming the timekeepers
        """
        if self.env.su:
            return
        timekeepers = self.env["res.users"].browse(filter(None, user_ids))
        if others := timekeepers - timekeepers._timebill_filter_timekeepers():
            raise AccessError(
                self.env._(
                    "You cannot enter activities for %s. An administrator can allow it under Configuration ›"
                    " Timekeepers.",
                    ", ".join(others.sudo().mapped("name")),  # sudo: names of colleagues are shown everywhere
                )
            )

    @api.model
    def _check_figures(self, kind, vals, matter):
        """Check durations, quantities and prices before the rounding and the database do.

        :param matter: timebill.matter, possibly empty, in whose currency the price is
        :raises ValidationError: all that is wrong, in one message
        """
        figures = {
            name: vals[name] or 0
            for name in ("duration", "billable_duration", "quantity", "price_unit")
            if isinstance(vals.get(name), int | float)
        }
        if self.env["timebill.kind"]._get(kind).is_cost and isinstance(vals.get("unit_cost"), int | float):
            figures["price_unit"] = vals["unit_cost"]
        if problems := self._get_figure_problems(kind, figures, matter):
            raise ValidationError("\n".join(problems))

    def _check_task(self):
        """The task must belong to the matter of the activity, or its title would disclose another matter."""
        for activity in self.filtered("task_id"):
            # sudo: only compared, the values are not shown
            if activity.task_id.sudo().timebill_matter_id != activity.matter_id:
                raise ValidationError(
                    self.env._(
                        "The task of %(activity)s does not belong to the matter %(matter)s.",
                        activity=activity.display_name,
                        matter=activity.matter_id.display_name,
                    )
                )
