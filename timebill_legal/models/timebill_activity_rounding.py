from odoo import api, fields, models

from ..lib.durations import format_duration

#: Which entries of a day are rounded together, and what they were.
DAY_FIELDS = {"matter_id", "partner_id", "user_id", "date", "kind", "type_id", "billable", "duration"}


class TimebillActivity(models.Model):
    """How the time worked becomes what the client may be charged for, see ``timebill.rounding``."""

    _inherit = "timebill.activity"

    billable_duration = fields.Integer(
        "Billable Time",
        compute="_compute_billable_duration",
        store=True,
        readonly=False,
        precompute=True,
        help="What the client may be charged for. It follows the rounding rule until you type another.",
    )
    # Result of the rounding rule; the billable time follows it until the user types another.
    proposed_duration = fields.Integer(
        "Proposed Time", compute="_compute_billable_duration", store=True, precompute=True
    )
    rounding_id = fields.Many2one(
        "timebill.rounding",
        "Rounding Rule",
        compute="_compute_billable_duration",
        store=True,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
    )
    rounding_level = fields.Selection(
        [("matter", "Rule of the matter"), ("client", "Rule of the client"), ("firm", "Rule of the firm")],
        compute="_compute_billable_duration",
        store=True,
        precompute=True,
    )
    rounding_hint = fields.Char(compute="_compute_rounding_hint", export_string_translation=False)

    #=== COMPUTE METHODS ===#

    @api.depends("duration", "kind")
    def _compute_billable_duration(self):
        """Round the time worked by the rule in force, unless the user typed a billable time.

        Later changes of the rules, or of the matter, alter nothing that is recorded.
        """
        # sudo: an activity that is billed on an invoice that the user cannot read is not rounded again either
        open_ = self.filtered(lambda activity: not activity._origin.sudo().covered)
        roundings = open_._get_roundings()
        days = open_._get_other_entries_of_day(roundings)
        for activity in open_:
            level, rounding = roundings[activity]
            typed = activity.billable_duration != activity.proposed_duration and activity.is_timed
            worked = activity.duration if activity.is_timed else 0
            day = days.get(activity._get_rounded_day(rounding), [0, 0]) if activity.billable else [0, 0]
            proposed = rounding._get_rule().propose(worked, *day)
            day[0] += worked
            day[1] += proposed
            activity.proposed_duration = proposed
            activity.rounding_id = rounding
            activity.rounding_level = level
            if not typed:
                activity.billable_duration = proposed

    @api.onchange("matter_id", "partner_id", "user_id", "date", "billable")
    def _onchange_rounded_day(self):
        """A new entry follows the rule of its matter; a recorded one keeps its billable time."""
        if not self._origin:
            self._compute_billable_duration()

    @api.depends("kind", "duration", "billable_duration", "proposed_duration", "rounding_id", "rounding_level")
    @api.depends_context("lang")
    def _compute_rounding_hint(self):
        """“Billable 45 min: started quarter of an hour (rule of the client)”, when it is not the time worked."""
        levels = dict(self._fields["rounding_level"]._description_selection(self.env))
        for activity in self:
            activity.rounding_hint = ""
            if not activity.is_timed or activity.billable_duration == activity.duration:
                continue
            if activity.billable_duration != activity.proposed_duration or not activity.rounding_id:
                why = self.env._("typed")
            else:
                why = f"{activity.rounding_id.name} ({levels[activity.rounding_level].lower()})"
            activity.rounding_hint = self.env._(
                "Billable %(duration)s: %(why)s", duration=format_duration(activity.billable_duration), why=why
            )

    #=== BUSINESS METHODS ===#

    def _get_roundings(self):
        """Level and rule by which the time of each activity is rounded: its matter's, its client's or the firm's.

        :return: {activity: (level or False, timebill.rounding, possibly empty)}
        """
        result = {}
        for activity in self:
            company = activity.matter_id.company_id or self.env.company
            partner = activity.partner_id.with_company(company)
            result[activity] = next(
                (
                    (level, rounding)
                    for level, rounding in (
                        ("matter", activity.matter_id.rounding_id),
                        ("client", partner.timebill_rounding_id or partner.commercial_partner_id.timebill_rounding_id),
                        ("firm", company.timebill_rounding_id),
                    )
                    if rounding
                ),
                (False, self.env["timebill.rounding"]),
            )
        return result

    def _get_rounded_day(self, rounding):
        """Key of the entries that a rule per day rounds together: same rule, matter, client, timekeeper and date."""
        self.ensure_one()
        records = (rounding, self.matter_id, self.partner_id, self.user_id)
        return (*(record._origin.id for record in records), self.date)

    def _get_rounded_days(self):
        """Keys of the days in which these activities were rounded, by the rules that were recorded on them."""
        # sudo: the day is rounded again also for a user who cannot read the rule
        daily = self.sudo().filtered(lambda a: a.rounding_id.scope == "day" and a.is_timed and a.billable)
        return {activity._get_rounded_day(activity.rounding_id) for activity in daily}

    @api.model
    def _with_entries_of_one_day(self, vals_list):
        """Entries that are created together are not in the database yet: their days are rounded after the creation."""
        return self.with_context(timebill_entered_together=len(vals_list) > 1)

    def _round_new_days(self):
        """Round the days of activities that were created together, see :meth:`_with_entries_of_one_day`."""
        if len(self) > 1:
            self.filtered(lambda activity: activity.rounding_id.scope == "day").modified(["duration"])

    def _get_days_to_round(self, vals):
        """Days that have to be rounded again once ``vals`` are written, see :meth:`_get_rounded_days`.

        None of them when the program writes what it proposes: that adds up already.
        """
        return self._get_rounded_days() if self._is_day_changed_by(vals) else set()

    @api.model
    def _is_day_changed_by(self, vals):
        return not DAY_FIELDS.isdisjoint(vals) and "proposed_duration" not in vals

    def _round_days_again(self, days, vals=None):
        """Round again the unbilled entries of ``days``, which an entry has left or joined, so that each day adds up.

        What somebody typed, and what stands in the billing history, stays.

        :param days: see :meth:`_get_rounded_days`
        :param vals: what was written on these activities, which may have moved them to other days
        """
        if vals and self._is_day_changed_by(vals):
            days = days | self._get_rounded_days()
        if not days:
            return
        roundings, matters, partners, users, dates = map(list, map(set, zip(*days, strict=True)))
        # sudo: the whole day of a timekeeper is rounded, whoever changes a part of it
        entries = self.sudo().search(
            [
                ("rounding_id", "in", roundings),
                ("matter_id", "in", matters),
                ("partner_id", "in", partners),
                ("user_id", "in", users),
                ("date", "in", dates),
                ("kind", "in", self.env["timebill.kind"]._get_codes(lambda kind: kind.is_timed)),
                ("billable", "=", True),
            ],
            order="id",
        )
        by_minutes = {}
        for day, together in entries.grouped(lambda a: a._get_rounded_day(a.rounding_id)).items():
            if day not in days:
                continue
            proposals = together.rounding_id._get_rule().propose_again(
                (a.duration, a.proposed_duration, a.billable_duration != a.proposed_duration or bool(a.allocation_ids))
                for a in together
            )
            for activity, minutes in zip(together, proposals, strict=True):
                if minutes != activity.proposed_duration:
                    by_minutes.setdefault(minutes, []).append(activity.id)
        for minutes, ids in by_minutes.items():
            entries.browse(ids).write({"billable_duration": minutes, "proposed_duration": minutes})

    def _get_other_entries_of_day(self, roundings):
        """Minutes worked and proposed on the same days under the same rule, without these activities.

        :param roundings: see :meth:`_get_roundings`
        :return: {day: [worked minutes, proposed minutes]}, for rules per day only
        """
        daily = self.filtered(lambda activity: roundings[activity][1].scope == "day" and activity.matter_id)
        if not daily or self.env.context.get("timebill_entered_together"):
            return {}
        # sudo: the whole day of a timekeeper is rounded, whoever enters a part of it
        groups = self.sudo()._read_group(
            [
                ("rounding_id", "in", [roundings[activity][1].id for activity in daily]),
                ("matter_id", "in", daily.matter_id._origin.ids),
                ("user_id", "in", daily.user_id._origin.ids),
                ("date", "in", [day for day in daily.mapped("date") if day]),
                ("kind", "in", self.env["timebill.kind"]._get_codes(lambda kind: kind.is_timed)),
                ("billable", "=", True),
                ("id", "not in", self._origin.ids),
            ],
            ["rounding_id", "matter_id", "partner_id", "user_id", "date:day"],
            ["duration:sum", "proposed_duration:sum"],
        )
        days = {activity._get_rounded_day(roundings[activity][1]): [0, 0] for activity in daily}
        for rounding, matter, partner, user, day, worked, proposed in groups:
            days[rounding.id, matter.id, partner.id, user.id, day] = [worked, proposed]
        return days
