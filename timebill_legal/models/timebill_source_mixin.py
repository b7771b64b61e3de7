from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..lib.durations import MINUTES_PER_DAY

#: Models of the records that belong to a matter, or are one.
DOCUMENT_MODELS = ("timebill.matter", "project.project", "project.task")


class TimebillSourceMixin(models.AbstractModel):
    """Mixin of source models: their records (meetings, tasks, timesheets, costs…) are converted into activities.

    Work is converted once for each timekeeper, a cost once. A new source model inherits from this mixin and overrides

    * :meth:`_timebill_prepare_source_values`: description, date, duration and activity type of the activity;
    * :meth:`_timebill_get_document_reference` and :meth:`_timebill_get_client_partners`, which lead to the matter;
    * :meth:`_timebill_get_workers` and :meth:`_timebill_get_work_domain`: who did the work, and which records are work.

    The other models find it by :meth:`_timebill_get_source_models`.
    """

    _name = "timebill.source.mixin"
    _inherit = "timebill.capture.mixin"
    _description = "Source of Activities"

    timebill_activity_id = fields.Many2one(
        "timebill.activity",
        "Converted Into",
        compute="_compute_timebill_activity_id",
        groups="timebill_legal.group_user",
        help="Activity of the timekeeper; empty if you are not allowed to read it.",
    )
    timebill_is_converted = fields.Boolean(
        "Converted",
        compute="_compute_timebill_activity_id",
        search="_search_timebill_is_converted",
        groups="timebill_legal.group_user",
    )

    #=== COMPUTE METHODS ===#

    @api.depends_context("uid", "timebill_user_id")
    def _compute_timebill_activity_id(self):
        activities = self._timebill_get_source_activities_sudo()
        activity_of = {
            (activity.source_id, self._timebill_get_conversion_timekeepers(activity.user_id)): activity
            for activity in activities
        }
        readable = activities.sudo(False)._filtered_access("read")
        nobody = self.env["res.users"]
        for source in self:
            timekeeper = source._timebill_get_timekeeper() if self._timebill_is_work() else nobody
            activity = activity_of.get((source._origin.id, timekeeper), activities.browse())
            source.timebill_is_converted = bool(activity)
            source.timebill_activity_id = activity.sudo(False) & readable

    def _search_timebill_is_converted(self, operator, value):
        """Records converted for the user or a colleague for whom she enters activities, or for the user in the context.

        This approximates the computed value: when a record is work of several of these users, the activity of one of
        them is enough.
        """
        if operator != "in":
            return NotImplemented
        user = self.env.user
        if user_id := self.env.context.get("timebill_user_id"):
            users = user.browse(user_id)
        elif user.has_group("timebill_legal.group_billing"):
            users = user.browse()
        else:
            # sudo: the user may see her own list of colleagues, some of whom may belong to other companies
            users = user | user.sudo().timebill_timekeeper_ids
        converted = self._timebill_get_converted_domain(users)
        return Domain.OR([converted if wanted else ~converted for wanted in value])

    #=== ACTION METHODS ===#

    def timebill_action_convert_to_activity(self):
        """Convert these records into activities.

        For one record: open the entry dialog with its values, or its activity when it is already converted.
        For several: convert those that need no question to the user, and show a notification with links to the
        activities and to the records that were left out, with the reasons.

        :return: action
        :raises UserError: when a sales order already charges the only record
        """
        self.check_access("read")
        self.env["timebill.activity"].check_access("create")
        if len(self) == 1:
            if self.timebill_is_converted:
                return self.timebill_action_open_activity()
            self._timebill_check_may_convert()
            values = self._timebill_prepare_conversions()[self]
            self.env["timebill.matter"].browse(values.get("matter_id"))._check_open_for_entry()
            return self.env["timebill.activity"]._get_entry_action(values.pop("kind"), values)
        ready, problems = self._timebill_sort_out_conversions()
        return self._timebill_get_conversion_notification(self._timebill_convert(ready), problems)

    def timebill_action_open_activity(self):
        """Open the activities into which this record was converted, or the entry dialog if they were deleted."""
        self.ensure_one()
        self.check_access("read")
        activities = self._timebill_get_activities_of_timekeeper()
        if len(activities) > 1:
            return activities._get_list_action()
        return activities._get_form_action() if activities else self.timebill_action_convert_to_activity()

    def timebill_action_undo_conversion(self):
        """Delete the activities into which this record was converted, including those split from them.

        :raises UserError: when one of them is billed
        """
        self.ensure_one()
        self._timebill_get_activities_of_timekeeper().action_undo_conversion()

    #=== BUSINESS METHODS ===#

    @api.model
    def _timebill_get_source_models(self):
        """Names of the models that inherit from this mixin."""
        names = self.env.registry.descendants([self._name], "_inherit")
        return [name for name in names if not self.env[name]._abstract]

    @api.model
    def _timebill_get_unconverted_domain(self, user, date_from, date_to):
        """Domain of the records that were work of ``user`` on these days (both included) and are not converted yet."""
        return self._timebill_get_work_domain(user, date_from, date_to) & ~self._timebill_get_converted_domain(user)

    def _timebill_convert(self, conversions=None):
        """Create the activities of these records.

        :param conversions: result of :meth:`_timebill_prepare_conversions`, which is called by default
        :return: timebill.activity
        :raises UserError: when one of them is already converted or incomplete
        """
        conversions = self._timebill_prepare_conversions() if conversions is None else conversions
        return self.env["timebill.activity"].create(list(conversions.values()))

    def _timebill_sort_out_conversions(self):
        """Separate the records that can be converted without a question to the user from the others.

        :return: ({record: {field of timebill.activity: value}}, {record: problem as str})
        """
        ready, problems = {}, {}
        for source, values in self._timebill_prepare_conversions().items():
            if source.timebill_is_converted:
                problems[source] = self.env._("already converted")
            elif problem := source._timebill_get_conversion_problem(values):
                problems[source] = problem
            else:
                ready[source] = values
        return ready, problems

    def _timebill_prepare_conversions(self):
        """Values of the activity of each record, as far as they are known.

        :return: {record: {field of timebill.activity: value}}
        """
        values_of = self._timebill_prepare_matter_values()
        types = self.env["timebill.activity.type"]._get_types_of_source(self._name)
        matters = self.env["timebill.matter"].browse(
            {values["matter_id"] for values in values_of.values() if "matter_id" in values}
        )
        company_of = {matter.id: matter.company_id for matter in matters}
        result = {}
        for source in self:
            known = {**values_of.get(source, {}), **source._timebill_prepare_source_values()}
            company = company_of.get(known.get("matter_id"), self.env.company)
            kinds = [known["kind"]] if "kind" in known else self._timebill_get_kinds()
            activity_type = types.browse(known.get("type_id")) or types.filtered(
                lambda t, company=company, kinds=kinds: t.company_id in (company, company.browse()) and t.kind in kinds
            )[:1]
            known.setdefault("duration", activity_type.default_duration)
            known.setdefault("kind", activity_type.kind or "time")
            known["user_id"] = known.get("user_id") or source._timebill_get_timekeeper().id
            result[source] = {
                **{name: value for name, value in known.items() if value},
                **({"type_id": activity_type.id} if activity_type else {}),
                "source_model": source._name,
                "source_id": source.id,
            }
        return result

    def _timebill_prepare_activity_defaults(self, kind):
        """Defaults of an additional activity, which is not linked to this record as its source."""
        values = self._timebill_prepare_conversions()[self]
        if values["kind"] != kind:
            values = {name: value for name, value in values.items() if name not in ("type_id", "duration")}
        own = ("kind", "source_model", "source_id", "user_id")
        return {name: value for name, value in values.items() if name not in own}

    def _timebill_prepare_source_values(self):
        """Values from the record itself: ``description``, ``date``, ``type_id``, ``duration`` in minutes.

        Leave ``duration`` out to use the default of the activity type; 0 means that it is not known.

        :return: {field of timebill.activity: value}
        """
        self.ensure_one()
        return {"description": self.display_name}

    def _timebill_get_document_reference(self):
        """Matter, project or task to which this record is linked.

        :return: (model, id), or (False, False)
        """
        return False, False

    def _timebill_get_fixed_matters(self):
        """Matters that the records themselves determine: their activities cannot be moved to another matter.

        :return: {id of the record: timebill.matter}
        """
        return {}

    def _timebill_get_client_partners(self):
        """Partners involved: if these clients have only one open matter, it is the matter of the activity."""
        return self.env["res.partner"]

    def _timebill_get_workers(self):
        """Users who did the work; empty when not known."""
        return self.env["res.users"]

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Domain of the records that were work of ``user`` on these days, both included."""
        return Domain.FALSE

    @api.model
    def _timebill_get_source_label(self):
        """Name of the model for users."""
        # sudo: ir.model is readable by administrators only; model names are shown to every user
        return self.env["ir.model"].sudo()._get(self._name).name

    def _timebill_get_source_title(self):
        """Name of this record for users."""
        self.ensure_one()
        return self.display_name

    def _timebill_get_source_action(self):
        """Action that opens this record."""
        self.ensure_one()
        return self._get_records_action(context={})

    def _timebill_get_work_moments(self):
        """Start and end of the work, or only its start: tuple of datetimes in UTC, empty when not known."""
        return ()

    def _timebill_filter_convertible(self):
        """Records whose content the user may read."""
        return self._filtered_access("read")

    def _timebill_check_may_convert(self):
        """
        :raises AccessError: when the user may not read the content of these records
        :raises UserError: when a sales order charges the client for one of them that is not converted yet
        """
        self.check_access("read")
        for source in self:
            if (problem := source._timebill_get_sold_problem()) and not source.timebill_is_converted:
                raise UserError(
                    self.env._(
                        "“%(source_title)s” cannot be converted: %(reason)s. Remove it from that order first.",
                        source_title=source._timebill_get_source_title(),
                        reason=problem,
                    )
                )

    def _timebill_get_timekeeper(self):
        """Timekeeper of the activity: the current user if she did the work, else a colleague who did it and for whom
        she enters activities, else her usual timekeeper. The context key ``timebill_user_id`` overrides this.
        """
        self.ensure_one()
        if user_id := self.env.context.get("timebill_user_id"):
            return self.env["res.users"].browse(user_id)
        workers, user = self._timebill_get_workers(), self.env.user
        return (user & workers) or workers._timebill_filter_timekeepers()[:1] or user._timebill_get_default_timekeeper()

    def _timebill_get_conversion_problem(self, values):
        """Why this record cannot be converted without a question to the user.

        :param values: {field of timebill.activity: value}, see :meth:`_timebill_prepare_conversions`
        :return: str, or False
        """
        self.ensure_one()
        if problem := self._timebill_get_sold_problem():
            return problem
        if problem := self.env["timebill.matter"].browse(values.get("matter_id"))._get_entry_problem():
            return problem
        if self.env["timebill.kind"]._get(values["kind"]).is_timed and values.get("duration", 0) <= 0:
            return self.env._("how long?")
        if values.get("duration", 0) > MINUTES_PER_DAY:
            return self.env._("longer than a day")
        moments = self._timebill_get_work_moments()
        if moments and moments[-1] > fields.Datetime.now():
            return self.env._("not over yet")
        return False

    def _timebill_get_sales_orders_sudo(self):
        """Sales orders on which an app of Odoo (sold timesheets, re-invoiced expenses) charges this record.

        This add-on does not depend on these apps: the source models test whether their field exists.
        """
        self.ensure_one()
        return ()

    def _timebill_get_sold_problem(self):
        """Why this record must not be charged again (it is on a sales order): str, or False."""
        names = [order.name for order in self._timebill_get_sales_orders_sudo() if order.state != "cancel"]
        return self.env._("charged by the sales order %s", ", ".join(names)) if names else False

    def _timebill_prepare_matter_values(self):
        """Values that follow from the matter of each record, where it is certain: the matter of the linked document, or
        else the only open matter of the clients involved.

        :return: {record: {field of timebill.activity: value}}
        """
        documents = self._timebill_get_documents()
        result, partners_of = {}, {}
        for source in self:
            document = documents.get(source)
            if document is not None and (document._name == "timebill.matter" or document.timebill_matter_id):
                result[source] = document._timebill_prepare_activity_defaults("time")
            elif partners := source._timebill_get_client_partners():
                partners_of[source] = partners | partners.commercial_partner_id
        if partners_of:
            partners = self.env["res.partner"].union(*partners_of.values())
            Matter = self.env["timebill.matter"]
            matters = Matter.search(Matter._get_entry_domain() & Domain("client_ids.partner_id", "in", partners.ids))
            for source, clients in partners_of.items():
                found = matters.filtered(lambda matter, clients=clients: matter.client_ids.partner_id & clients)
                if len(found) == 1:
                    result[source] = {"matter_id": found.id}
        return result

    def _timebill_get_documents(self):
        """Documents linked to these records, if they exist and the user may read them.

        :return: {record: record of one of ``DOCUMENT_MODELS``}
        """
        reference_of = {source: source._timebill_get_document_reference() for source in self}
        found = set()
        for model in DOCUMENT_MODELS:
            ids = {res_id for res_model, res_id in reference_of.values() if res_model == model and res_id}
            found.update(self.env[model].browse(ids).exists()._filtered_access("read"))
        result = {}
        for source, (model, res_id) in reference_of.items():
            if model in DOCUMENT_MODELS and self.env[model].browse(res_id) in found:
                result[source] = self.env[model].browse(res_id)
        return result

    def _timebill_get_source_activities_sudo(self):
        """Activities into which these records were converted, including those that the user may not read."""
        # sudo: activities that the user cannot read also count as conversions; callers show her readable ones only
        return self.env["timebill.activity"].sudo().search(
            [("source_model", "=", self._name), ("source_id", "in", self._origin.ids)]
        )

    def _timebill_get_activities_of_timekeeper(self):
        """Activities into which this record was converted for its timekeeper, with the rights of the user."""
        self.ensure_one()
        timekeeper = self._timebill_get_conversion_timekeepers(self._timebill_get_timekeeper())
        activities = self._timebill_get_source_activities_sudo()
        return activities.filtered(
            lambda activity: self._timebill_get_conversion_timekeepers(activity.user_id) == timekeeper
        ).sudo(False)

    @api.model
    def _timebill_get_converted_domain(self, users):
        """Domain of the records converted for one of these users, or for anybody if ``users`` is empty."""
        domain = Domain("source_model", "=", self._name) & Domain("source_id", "!=", False)
        if timekeepers := self._timebill_get_conversion_timekeepers(users):
            domain &= Domain("user_id", "in", timekeepers.ids)
        # sudo: activities that the user cannot read also count as conversions; only ids of her own sources result
        return Domain("id", "in", self.env["timebill.activity"].sudo()._search(domain).subselect("source_id"))

    @api.model
    def _timebill_get_conversion_timekeepers(self, users):
        """``users``, for each of whom a record is converted once; empty for costs, which are converted only once."""
        return users if self._timebill_is_work() else users.browse()

    @api.model
    def _timebill_get_kinds(self):
        """Codes of the kinds of activities into which these records can be converted.

        Sources that can become anything but a cost are work and converted once for each timekeeper; others are
        converted only once.
        """
        return self.env["timebill.kind"]._get_codes(lambda kind: True)

    @api.model
    def _timebill_is_work(self):
        kinds = self.env["timebill.kind"]
        return any(not kinds._get(code).is_cost for code in self._timebill_get_kinds())

    @api.model
    def _timebill_get_moments(self, user, date_from, date_to):
        """Start of the first day and end of the last, in the time zone of ``user``: naive datetimes in UTC."""
        zone = user._timebill_get_timezone()
        return [
            zone.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (date_from, date_to + timedelta(days=1))
        ]

    def _timebill_get_day(self, moment):
        """Date of a naive datetime in UTC, in the time zone of the timekeeper."""
        zone = self._timebill_get_timekeeper()._timebill_get_timezone()
        return pytz.utc.localize(moment).astimezone(zone).date()

    @api.model
    def _timebill_get_conversion_notification(self, activities, problems):
        """Client action that shows the result of a conversion, with links to the activities and the other records.

        :param problems: {record that was not converted: reason as str}
        """
        if not activities:
            message = self.env._("No activity was created.")
        elif len(activities) == 1:
            message = self.env._("1 activity was created.")
        else:
            message = self.env._("%s activities were created.", len(activities))
        return {
            "type": "ir.actions.client",
            "tag": "timebill_conversion",
            "params": {
                "message": message,
                "left": [
                    self.env._("%(record)s: %(reason)s", record=source._timebill_get_source_title(), reason=reason)
                    for source, reason in problems.items()
                ],
                "activities_action": activities._get_list_action() if activities else False,
                "activity_ids": activities.ids,
                "model": self._name,
                "left_ids": [source.id for source in problems if not source.timebill_is_converted],
            },
        }
