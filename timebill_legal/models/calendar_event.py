from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .timebill_source_mixin import DOCUMENT_MODELS

#: What attendees and colleagues read of a meeting.
PUBLIC_TEXTS = ("name", "description")
#: What lasts longer is a day in the calendar rather than a meeting: 00:00–23:59, or midnight to midnight.
LONGEST_MEETING = timedelta(hours=16)


class CalendarEvent(models.Model):
    _name = "calendar.event"
    _inherit = ["calendar.event", "timebill.source.mixin"]

    # Not stored: the link to a document, which Odoo's synchronization and recurrences keep, says it.
    timebill_matter_id = fields.Many2one(
        "timebill.matter",
        "Matter",
        compute="_compute_timebill_matter_id",
        inverse="_inverse_timebill_matter_id",
        search="_search_timebill_matter_id",
        groups="timebill_legal.group_user",
        help="The activity that is entered from this meeting belongs to it.",
    )

    timebill_twin_id = fields.Many2one(
        "timebill.activity",
        compute="_compute_timebill_twin_id",
        groups="timebill_legal.group_user",
        export_string_translation=False,
        help="Activity into which probably the same meeting was converted, under another record of the calendar.",
    )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_timebill_matter_id(self):
        documents = self._timebill_get_documents()
        for event in self:
            document = documents.get(event, self.env["timebill.matter"])
            event.timebill_matter_id = document if document._name == "timebill.matter" else document.timebill_matter_id

    @api.depends("name", "start", "stop", "allday")
    @api.depends_context("uid", "timebill_user_id")
    def _compute_timebill_twin_id(self):
        """A synchronization deletes meetings and creates them again, and a meeting may be there twice."""
        self.timebill_twin_id = False
        wanted = {event: (event._timebill_get_timekeeper(), event._timebill_get_work_day()) for event in self}
        users, days = ({key[place] for key in wanted.values()} for place in (0, 1))
        # sudo: also what she cannot read was entered; only its reference is shown
        entered = self.env["timebill.activity"].sudo().search(
            [
                ("source_model", "=", self._name),
                ("user_id", "in", [user.id for user in users]),
                ("date", "in", [day for day in days if day]),
            ]
        )
        # sudo: meetings of the timekeeper herself, which are only compared
        source_of = {event.id: event for event in self.sudo().browse(entered.mapped("source_id")).exists()}
        by_day = entered.grouped(lambda activity: (activity.user_id, activity.date))
        for event, key in wanted.items():
            event.timebill_twin_id = next(
                (
                    activity
                    for activity in by_day.get(key, ())
                    if event._timebill_is_same_meeting(activity, source_of.get(activity.source_id))
                ),
                False,
            )

    def _timebill_is_same_meeting(self, activity, source):
        """Whether this is probably the meeting from which ``activity`` of the same day was converted.

        :param source: its meeting, or None if that is deleted: whoever entered it may have changed text and duration
        """
        if activity.source_id == self._origin.id:
            return False
        title = " ".join((self.name or "").casefold().split())
        if source:
            same_hours = (source.start, source.stop, source.allday) == (self.start, self.stop, self.allday)
            return same_hours and " ".join((source.name or "").casefold().split()) == title
        return (
            bool(title and title in " ".join((activity.description or "").casefold().split()))
            or activity.duration == self._timebill_get_minutes()
            or bool(self.timebill_matter_id and activity.matter_id == self.timebill_matter_id)
        )

    def _inverse_timebill_matter_id(self):
        documents = self._timebill_get_documents()
        for event in self:
            document, matter = documents.get(event), event.timebill_matter_id
            matter.check_access("read")
            if document is not None and document._name != "timebill.matter" and document.timebill_matter_id == matter:
                continue  # its task or project says more
            if event.res_id and event.res_model not in DOCUMENT_MODELS:
                raise UserError(
                    self.env._(
                        "The meeting “%(meeting)s” belongs to “%(document)s” and keeps this link. Choose the matter"
                        " when you enter the activity.",
                        meeting=event.name,
                        document=event.res_model_name,
                    )
                )
            event.write(
                {
                    "res_model_id": matter.id and self.env["ir.model"]._get_id("timebill.matter"),
                    "res_id": matter.id,
                }
            )

    def _search_timebill_matter_id(self, operator, value):
        matters = self.env["timebill.matter"]._search([("id", operator, value)])
        return Domain("res_model", "=", "timebill.matter") & Domain("res_id", "in", matters)

    @api.model_create_multi
    def create(self, vals_list):
        names = ["res_model_id", "res_id", *PUBLIC_TEXTS]
        defaults = {name: value for name in names if (value := self.env.context.get(f"default_{name}"))}
        if model_name := self.env.context.get("default_res_model"):
            defaults.setdefault("res_model_id", self.env["ir.model"]._get_id(model_name))
        vals_list = [self._timebill_hide_titles({**defaults, **vals}, vals) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if {"res_id", "res_model_id", "privacy", *PUBLIC_TEXTS}.isdisjoint(vals):
            return super().write(vals)
        groups = {}
        for event in self:
            # sudo: of whomever they are, nothing but the title is taken out
            now = {name: event.sudo()[name] for name in PUBLIC_TEXTS}
            now.update(res_model_id=event.sudo().res_model_id.id, res_id=event.res_id)
            hidden = self._timebill_hide_titles({**now, **vals}, vals)
            groups.setdefault(repr(hidden), (hidden, []))[1].append(event.id)
        for hidden, ids in groups.values():
            super(CalendarEvent, self.browse(ids)).write(hidden)
        return True

    @api.model
    def _timebill_hide_titles(self, values, vals):
        """Meetings of confidential matters are private, and have the reference instead of the title: colleagues see
        each other's calendars, and outside people are invited.

        :param values: values of the meeting after ``vals`` are written
        :return: ``vals``, completed for a confidential matter
        """
        if not (values.get("res_model_id") and values.get("res_id")):
            return vals
        # sudo: users cannot read the models; only the name of the one that they sent is used
        model_name = self.env["ir.model"].sudo().browse(values["res_model_id"]).model
        matter = self.env["timebill.matter"]._get_confidential_of_sudo(model_name, [values["res_id"]])
        if not matter:
            return vals
        matter = matter[values["res_id"]]
        titles = matter._get_titles_sudo()
        texts = {name: matter._hide_titles_of(values[name], titles) for name in PUBLIC_TEXTS if values.get(name)}
        return {**vals, **texts, "privacy": "private"}

    def _timebill_prepare_timer_values(self):
        """Name of the meeting, and matter of the linked document; the matter is not guessed from the attendees."""
        self.ensure_one()
        document = self._timebill_get_documents().get(self)
        if document is None or not (document._name == "timebill.matter" or document.timebill_matter_id):
            return {"description": self.name}
        return {**document._timebill_prepare_timer_values(), "description": self.name}

    def _timebill_prepare_source_values(self):
        """The duration of all-day meetings is not known."""
        self.ensure_one()
        return {
            "description": self.name,
            "date": self._timebill_get_work_day(),
            "duration": 0 if self._timebill_lasts_all_day() else self._timebill_get_minutes(),
            "type_id": self.categ_ids.timebill_type_id[:1].id,
        }

    def _timebill_get_work_day(self):
        if self.allday or not self.start:
            return self.start_date
        return self._timebill_get_day(self.start)

    def _timebill_get_minutes(self):
        return round((self.stop - self.start).total_seconds() / 60)

    def _timebill_lasts_all_day(self):
        """Whether the calendar does not say how long the work took."""
        return self.allday or self.stop - self.start > LONGEST_MEETING

    def _timebill_get_document_reference(self):
        return self.res_model, self.res_id

    def _timebill_get_client_partners(self):
        """Attendees who are not internal users."""
        return self.partner_ids.filtered(lambda partner: all(user.share for user in partner.user_ids))

    def _timebill_get_workers(self):
        """The organizer and the attendees who are internal users, except those who declined."""
        declined = self.attendee_ids.filtered(lambda attendee: attendee.state == "declined").partner_id
        users = self.user_id | self.attendee_ids.partner_id.user_ids
        return users.filtered(lambda user: not user.share and user.partner_id not in declined)

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Meetings that start on these days, organized or attended by ``user`` and not declined."""
        first, end = self._timebill_get_moments(user, date_from, date_to)
        timed = Domain("allday", "=", False) & Domain("start", ">=", first) & Domain("start", "<", end)
        days = Domain("start_date", ">=", date_from) & Domain("start_date", "<=", date_to)
        present = Domain("user_id", "=", user.id) | Domain("partner_ids", "in", user.partner_id.ids)
        answer = Domain("partner_id", "in", user.partner_id.ids) & Domain("state", "=", "declined")
        return (timed | Domain("allday", "=", True) & days) & present & ~Domain("attendee_ids", "any", answer)

    def _timebill_get_work_moments(self):
        return () if self.allday else (self.start, self.stop)

    def _timebill_filter_convertible(self):
        events = super()._timebill_filter_convertible()
        return events.filtered(lambda event: not event._check_private_event_conditions())

    def _timebill_check_may_convert(self):
        """Private meetings can be converted by their participants only."""
        super()._timebill_check_may_convert()
        for event in self:
            if event._check_private_event_conditions():
                raise self.env["ir.rule"]._make_access_error("read", event)

    def _timebill_get_conversion_problem(self, values):
        if self._check_private_event_conditions():
            return self.env._("private")
        if self._timebill_lasts_all_day():
            return self.env._("all day: how long?")
        if values["user_id"] not in self._timebill_get_workers().ids:
            return self.env._("%s does not attend", self._timebill_get_timekeeper().name)
        if self.timebill_twin_id:
            # sudo: display_name is the bare reference for a user who cannot read the matter
            return self.env._("entered before? %s", self.timebill_twin_id.sudo().display_name)
        return super()._timebill_get_conversion_problem(values)
