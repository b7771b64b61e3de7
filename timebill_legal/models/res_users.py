from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.durations import MINUTES_PER_DAY


class ResUsers(models.Model):
    _inherit = "res.users"

    timebill_grade_id = fields.Many2one("timebill.grade", "Grade", groups="base.group_user")
    timebill_timekeeper_ids = fields.Many2many(
        "res.users",
        "timebill_timekeeper_rel",
        "user_id",
        "timekeeper_id",
        string="Enters Activities for",
        domain="[('share', '=', False)]",
        help="Colleagues whose activities this user may enter and edit.",
        groups="base.group_user",
    )
    timebill_timekeeper_id = fields.Many2one(
        "res.users",
        "Usual Timekeeper",
        domain="[('id', 'in', timebill_timekeeper_ids)]",
        help="The colleague whose activities this user enters unless another one is chosen.",
        groups="base.group_user",
    )
    timebill_auto_timer = fields.Boolean(
        "Automatic Timer",
        help="A timer starts when you open a matter and pauses when you leave it.",
        groups="base.group_user",
    )
    timebill_day_target = fields.Integer(
        "Hours to Enter a Day",
        help="In minutes, on each working day. Empty: the user's working hours, else the setting of the firm.",
        groups="base.group_user",
    )
    timebill_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Days",
        help="Empty: the working hours of the employee, else of the firm.",
        groups="base.group_user",
    )

    @api.constrains("timebill_day_target")
    def _check_timebill_day_target(self):
        for user in self:
            if not 0 <= user.timebill_day_target <= MINUTES_PER_DAY:
                raise ValidationError(self.env._("%s: the hours to enter a day must lie between 0 and 24.", user.name))

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + [
            "timebill_auto_timer",
            "timebill_timekeeper_id",
            "timebill_timekeeper_ids",
        ]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + ["timebill_auto_timer", "timebill_timekeeper_id"]

    @api.model
    def _get_invalidation_fields(self):
        """Record rules depend on ``timebill_timekeeper_ids``, and their domains are cached."""
        return super()._get_invalidation_fields() | {"timebill_timekeeper_ids"}

    def _timebill_filter_timekeepers(self):
        """Users among these for whom the current user may enter activities: anybody for billing users, else herself
        and her colleagues.
        """
        user = self.env.user
        if user.has_group("timebill_legal.group_billing"):
            return self
        # sudo: the user may see her own list of colleagues, some of whom may belong to other companies
        return self & (user | user.sudo().timebill_timekeeper_ids)

    def _timebill_enters_for_others(self):
        """Whether this user may enter activities for other timekeepers."""
        self.ensure_one()
        # sudo: the colleagues may belong to other companies; only whether there are any is returned
        colleagues = self.sudo().timebill_timekeeper_ids
        return self.has_group("timebill_legal.group_billing") or bool(colleagues)

    def _timebill_get_default_timekeeper(self):
        """Default timekeeper of the activities that this user enters."""
        self.ensure_one()
        user = self.sudo()  # sudo: the colleagues may belong to other companies; only the default one is returned
        return self.browse((user.timebill_timekeeper_id & user.timebill_timekeeper_ids).id or self.id)

    def _timebill_get_timezone(self):
        """Time zone of this user, which determines the date of her work.

        :return: tzinfo of pytz
        """
        self.ensure_one()
        # sudo: the user may belong to another company; only her time zone is returned
        return pytz.timezone(self.sudo().tz or "UTC")

    def _timebill_get_targets(self, first, last):
        """Time to enter on each day: target of the user, else her working hours, else target of the firm.

        The target of a day off, in her working hours or in those of the firm, is 0.

        :return: {date: minutes}, from ``first`` to ``last``
        """
        self.ensure_one()
        user = self.sudo()  # sudo: working hours and employees are not readable by users; only minutes are returned
        own_calendar = user.timebill_calendar_id or user.resource_calendar_id
        worked = user._timebill_get_working_minutes(own_calendar or user.company_id.resource_calendar_id, first, last)
        if target := user.timebill_day_target or (0 if own_calendar else user.company_id.timebill_day_target):
            return {day: minutes and target for day, minutes in worked.items()}
        return worked if own_calendar else dict.fromkeys(worked, 0)

    def _timebill_get_working_minutes(self, calendar, first, last):
        """Working minutes of each day, holidays excluded; without calendar, eight hours from Monday to Friday.

        :return: {date: minutes}
        """
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        if not calendar:
            return {day: MINUTES_PER_DAY // 3 if day.isoweekday() <= 5 else 0 for day in days}
        zone = pytz.timezone(self.tz or calendar.tz or "UTC")
        start, stop = (
            zone.localize(datetime.combine(day, moment)) for day, moment in ((first, time.min), (last, time.max))
        )
        resource = self.resource_ids.filtered(lambda r: r.company_id == self.company_id)[:1]
        worked = dict.fromkeys(days, 0)
        for begin, end, _attendance in calendar._work_intervals_batch(start, stop, resource, tz=zone)[resource.id]:
            worked[begin.date()] += round((end - begin).total_seconds() / 60)
        return worked
