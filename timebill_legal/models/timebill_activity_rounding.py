from odoo import api, fields, models

from ..lib.durations import format_duration


class TimebillActivityRounding(models.AbstractModel):
    """How the time worked becomes what the client may be charged for, see :class:`TimebillRounding`."""

    _name = "timebill.activity.rounding"
    _description = "Activity with Rounded Time"

    billable_duration = fields.Integer(
        "Billable Time",
        compute="_compute_billable_duration",
        store=True,
        readonly=False,
        precompute=True,
        help="What the client may be charged for. It follows the rounding rule until you type another.",
    )
    # What the rounding rule made of the time worked; the billable time follows it until somebody types another.
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
        """What the rounding rule of the moment makes of the time worked, as long as nobody typed something else.

        Later changes of the rules, or of the matter, alter nothing that is recorded.
        """
        # sudo: rows on invoices that this user cannot see freeze what the client is charged for too
        open_ = self.filtered(lambda activity: not activity._origin.sudo().covered)
        roundings = open_._get_roundings()
        days = open_._get_other_entries_of_day(roundings)
        for activity in open_:
            level, rounding = roundings[activity]
            typed = activity.billable_duration != activity.proposed_duration and activity.kind == "time"
            worked = activity.duration if activity.kind == "time" else 0
            day = days.get(activity._get_rounded_day(), [0, 0]) if activity.billable else [0, 0]
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
        """What is still being entered follows the rule of its matter; what is recorded does not."""
        if not self._origin:
            self._compute_billable_duration()

    @api.depends("kind", "duration", "billable_duration", "proposed_duration", "rounding_id", "rounding_level")
    @api.depends_context("lang")
    def _compute_rounding_hint(self):
        """“Billable 45 min: started quarter of an hour (rule of the client)”, when it is not the time worked."""
        levels = dict(self._fields["rounding_level"]._description_selection(self.env))
        for activity in self:
            activity.rounding_hint = ""
            if activity.kind != "time" or activity.billable_duration == activity.duration:
                continue
            if activity.billable_duration != activity.proposed_duration or not activity.rounding_id:
                why = self.env._("typed")
            else:
                why = f"{activity.rounding_id.name} ({levels[activity.rounding_level].lower()})"
            activity.rounding_hint = self.env._(
                "Billable %(duration)s: %(why)s", duration=format_duration(activity.billable_duration), why=why
            )

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        # Entries of one day do not see each other before they are recorded: their days are rounded once they are.
        together = self.with_context(timebill_entered_together=len(vals_list) > 1)
        activities = super(TimebillActivityRounding, together).create(vals_list).with_env(self.env)
        if len(activities) > 1:
            activities.filtered(lambda activity: activity.rounding_id.scope == "day").modified(["duration"])
        return activities

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

    def _get_rounded_day(self):
        """What is rounded together by a rule per day: the billable time of a timekeeper on a matter for a client."""
        self.ensure_one()
        records = (self.matter_id, self.partner_id, self.user_id)
        return (*(record._origin.id for record in records), self.date)

    def _get_other_entries_of_day(self, roundings):
        """What was worked and proposed on the same days, these activities apart.

        :param roundings: see :meth:`_get_roundings`
        :return: {day: [worked minutes, proposed minutes]}, for rules per day only
        """
        daily = self.filtered(lambda activity: roundings[activity][1].scope == "day" and activity.matter_id)
        if not daily or self.env.context.get("timebill_entered_together"):
            return {}
        # sudo: the day of a timekeeper is rounded as a whole, whoever types a part of it
        groups = self.sudo()._read_group(
            [
                ("matter_id", "in", daily.matter_id._origin.ids),
                ("user_id", "in", daily.user_id._origin.ids),
                ("date", "in", [day for day in daily.mapped("date") if day]),
                ("kind", "=", "time"),
                ("billable", "=", True),
                ("id", "not in", self._origin.ids),
            ],
            ["matter_id", "partner_id", "user_id", "date:day"],
            ["duration:sum", "proposed_duration:sum"],
        )
        days = {activity._get_rounded_day(): [0, 0] for activity in daily}
        for matter, partner, user, day, worked, proposed in groups:
            days[matter.id, partner.id, user.id, day] = [worked, proposed]
        return days
