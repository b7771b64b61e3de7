from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..lib.durations import MINUTES_PER_DAY

#: Records whose matter is theirs.
DOCUMENT_MODELS = ("timebill.matter", "project.project", "project.task")


class TimebillSourceMixin(models.AbstractModel):
    """Contract of the records that are work themselves, and are converted into an activity: once per timekeeper.

    A new source is one small class, that inherits from this model and says

    * in :meth:`_timebill_prepare_source_values` what a record knows of the work (text, day, minutes, category);
    * in :meth:`_timebill_get_document_reference` and :meth:`_timebill_get_client_partners` where its matter comes from;
    * in :meth:`_timebill_get_workers` whose work it is, and in :meth:`_timebill_get_work_domain` which records were
      somebody's work.

    Everything else finds it by :meth:`_timebill_get_source_models`.
    """

    _name = "timebill.source.mixin"
    _inherit = "timebill.capture.mixin"
    _description = "Source That Is Converted into an Activity"

    timebill_activity_id = fields.Many2one(
        "timebill.activity",
        "Converted Into",
        compute="_compute_timebill_activity_id",
        groups="timebill_legal.group_user",
        help="Activity of the timekeeper; empty when the user may not read it.",
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
            (activity.source_id, self._timebill_get_whose(activity.user_id)): activity for activity in activities
        }
        readable = activities.sudo(False)._filtered_access("read")
        nobody = self.env["res.users"]
        for source in self:
            whose = source._timebill_get_timekeeper() if self._timebill_is_work() else nobody
            activity = activity_of.get((source._origin.id, whose), activities.browse())
            source.timebill_is_converted = bool(activity)
            source.timebill_activity_id = activity.sudo(False) & readable

    def _search_timebill_is_converted(self, operator, value):
        """Records of which somebody for whom the user enters activities has one, or the user whom the context names.

        Close to what is computed: of a record that is work of several of them, the activity of one is enough here.
        """
        if operator != "in":
            return NotImplemented
        user = self.env.user
        if user_id := self.env.context.get("timebill_user_id"):
            users = user.browse(user_id)
        elif user.has_group("timebill_legal.group_billing"):
            users = user.browse()
        else:
            users = user | user.sudo().timebill_timekeeper_ids  # sudo: one's own
        converted = self._timebill_get_converted_domain(users)
        return Domain.OR([converted if wanted else ~converted for wanted in value])

    #=== ACTION METHODS ===#

    def timebill_action_convert_to_activity(self):
        """Convert these records.

        One opens the entry dialog, filled in, or its activity when it is converted. Of several, all of which nothing
        has to be asked are converted at once; a notification says what was left, why, and leads there.
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
        sure, left = self._timebill_sort_out_conversions()
        return self._timebill_get_conversion_notification(self._timebill_convert(sure), left)

    def timebill_action_open_activity(self):
        """The activity into which this record was converted, or the entry dialog when it was deleted meanwhile."""
        self.ensure_one()
        self.check_access("read")
        activities = self._timebill_get_activities_of_timekeeper()
        if len(activities) > 1:
            return activities._get_list_action()
        return activities._get_form_action() if activities else self.timebill_action_convert_to_activity()

    def timebill_action_undo_conversion(self):
        """Delete the activity into which this record was converted, and those into which that was split.

        :raises UserError: one is billed
        """
        self.ensure_one()
        self._timebill_get_activities_of_timekeeper().action_undo_conversion()

    #=== BUSINESS METHODS ===#

    @api.model
    def _timebill_get_source_models(self):
        """Names of the models that keep this contract: their records are converted."""
        names = self.env.registry.descendants([self._name], "_inherit")
        return [name for name in names if not self.env[name]._abstract]

    @api.model
    def _timebill_get_unconverted_domain(self, user, date_from, date_to):
        """Records that were work of ``user`` on these days (hers, both included) and have no activity yet."""
        return self._timebill_get_work_domain(user, date_from, date_to) & ~self._timebill_get_converted_domain(user)

    def _timebill_convert(self, conversions=None):
        """Create the activities of these records.

        :param conversions: what :meth:`_timebill_prepare_conversions` says of them, when it is known
        :return: timebill.activity
        :raises UserError: one of them is converted, or lacks something that only a person knows
        """
        conversions = self._timebill_prepare_conversions() if conversions is None else conversions
        return self.env["timebill.activity"].create(list(conversions.values()))

    def _timebill_sort_out_conversions(self):
        """
        :return: {record: values} of what can be converted without a question, {record: reason} of the rest
        """
        sure, left = {}, {}
        for source, values in self._timebill_prepare_conversions().items():
            if source.timebill_is_converted:
                left[source] = self.env._("already converted")
            elif reason := source._timebill_get_unsure_reason(values):
                left[source] = reason
            else:
                sure[source] = values
        return sure, left

    def _timebill_prepare_conversions(self):
        """What the activity of each record will say, as far as it is known.

        :return: {record: {field of timebill.activity: value}}
        """
        values_of = self._timebill_find_matter_values()
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
        """What a further activity entered from this record knows: nothing stands in the way of a second one."""
        values = self._timebill_prepare_conversions()[self]
        if values["kind"] != kind:
            values = {name: value for name, value in values.items() if name not in ("type_id", "duration")}
        own = ("kind", "source_model", "source_id", "user_id")
        return {name: value for name, value in values.items() if name not in own}

    def _timebill_prepare_source_values(self):
        """What this record itself says of the work: ``description``, ``date``, ``type_id``, ``duration`` in minutes.

        Without a word on the duration, the category says it; nothing does when it is 0.
        """
        self.ensure_one()
        return {"description": self.display_name}

    def _timebill_get_document_reference(self):
        """Model and id of the matter, project or task that this record is about, if any."""
        return False, False

    def _timebill_get_fixed_matters(self):
        """Matters that these records themselves say, and that their activities keep.

        :return: {id: timebill.matter}
        """
        return {}

    def _timebill_get_client_partners(self):
        """Partners who took part: the only open matter of these clients is the one."""
        return self.env["res.partner"]

    def _timebill_get_workers(self):
        """Users whose work this record is; none when it does not say."""
        return self.env["res.users"]

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Records that were work of ``user`` on these days: none unless the source says which."""
        return Domain.FALSE

    @api.model
    def _timebill_get_source_label(self):
        """How a person calls records of this sort."""
        return self.env["ir.model"].sudo()._get(self._name).name  # sudo: the name of a model is no secret

    def _timebill_get_source_title(self):
        """How a person calls this record."""
        self.ensure_one()
        return self.display_name

    def _timebill_get_source_action(self):
        """Window action that shows this record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _timebill_get_work_moments(self):
        """First and last moment of the work in UTC, or the only one, where they are known."""
        return ()

    def _timebill_filter_convertible(self):
        """Those of these records of which the user may read all that they say."""
        return self._filtered_access("read")

    def _timebill_check_may_convert(self):
        """
        :raises AccessError: the user may not read all that these records say
        :raises UserError: a sales order charges the client with one of them, which has no activity yet
        """
        self.check_access("read")
        for source in self:
            if (reason := source._timebill_get_sold_reason()) and not source.timebill_is_converted:
                raise UserError(
                    self.env._(
                        "“%(source_title)s” is not converted: %(reason)s. Take it off that order first.",
                        source_title=source._timebill_get_source_title(),
                        reason=reason,
                    )
                )

    def _timebill_get_timekeeper(self):
        """Whose time this record is: the user's own or, when she only types, that of the colleague who did the work.

        The context key ``timebill_user_id`` chooses another one.
        """
        self.ensure_one()
        if user_id := self.env.context.get("timebill_user_id"):
            return self.env["res.users"].browse(user_id)
        workers, user = self._timebill_get_workers(), self.env.user
        return (user & workers) or workers._timebill_filter_timekeepers()[:1] or user._timebill_get_default_timekeeper()

    def _timebill_get_unsure_reason(self, values):
        """What has to be asked before this record is converted, or False.

        :param values: what :meth:`_timebill_prepare_conversions` says of this record
        """
        self.ensure_one()
        if reason := self._timebill_get_sold_reason():
            return reason
        if reason := self.env["timebill.matter"].browse(values.get("matter_id"))._get_entry_reason():
            return reason
        if self.env["timebill.kind"]._get(values["kind"]).is_timed and values.get("duration", 0) <= 0:
            return self.env._("how long?")
        if values.get("duration", 0) > MINUTES_PER_DAY:
            return self.env._("longer than a day")
        moments = self._timebill_get_work_moments()
        if moments and moments[-1] > fields.Datetime.now():
            return self.env._("not over yet")
        return False

    def _timebill_get_sales_orders_sudo(self):
        """Sales orders by which an app of Odoo charges the client with this record, if such an app is installed.

        Nothing here depends on these apps: a source looks whether their field is there.
        """
        self.ensure_one()
        return ()

    def _timebill_get_sold_reason(self):
        """Why the client is not charged with this record again, or False."""
        names = [order.name for order in self._timebill_get_sales_orders_sudo() if order.state != "cancel"]
        return self.env._("charged by the sales order %s", ", ".join(names)) if names else False

    def _timebill_find_matter_values(self):
        """What the matter of each record says, where it is known beyond doubt: that of its document, or else the only
        open matter of the clients who took part.

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
        """Documents of these records that exist and that the user may read.

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
        """Activities into which these records were converted, whoever may read them."""
        # sudo: what is converted on a matter that this user may not enter is converted all the same
        return self.env["timebill.activity"].sudo().search(
            [("source_model", "=", self._name), ("source_id", "in", self._origin.ids)]
        )

    def _timebill_get_activities_of_timekeeper(self):
        """Activities into which this record was converted for whose time it is, to be used with the user's rights."""
        self.ensure_one()
        whose = self._timebill_get_whose(self._timebill_get_timekeeper())
        activities = self._timebill_get_source_activities_sudo()
        return activities.filtered(lambda a: self._timebill_get_whose(a.user_id) == whose).sudo(False)

    @api.model
    def _timebill_get_converted_domain(self, users):
        """Records of which one of these users has an activity; without users, of which anybody has."""
        domain = Domain("source_model", "=", self._name) & Domain("source_id", "!=", False)
        if whose := self._timebill_get_whose(users):
            domain &= Domain("user_id", "in", whose.ids)
        # sudo: as in _timebill_get_source_activities_sudo
        return Domain("id", "in", self.env["timebill.activity"].sudo()._search(domain).subselect("source_id"))

    @api.model
    def _timebill_get_whose(self, user):
        """Timekeeper for whom a record is converted once: nobody in particular for a cost."""
        return user if self._timebill_is_work() else user.browse()

    @api.model
    def _timebill_get_kinds(self):
        """Codes of the kinds that these records can become.

        Work is converted once per timekeeper; a cost only once, whoever does it.
        """
        return self.env["timebill.kind"]._get_codes(lambda kind: True)

    @api.model
    def _timebill_is_work(self):
        return "time" in self._timebill_get_kinds()

    @api.model
    def _timebill_get_moments(self, user, date_from, date_to):
        """First moment of the first day and the one after the last, on the clock of ``user``, in UTC."""
        zone = user._timebill_get_timezone()
        return [
            zone.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (date_from, date_to + timedelta(days=1))
        ]

    def _timebill_get_day(self, moment):
        """Day of a moment in UTC, on the clock of the timekeeper."""
        zone = self._timebill_get_timekeeper()._timebill_get_timezone()
        return pytz.utc.localize(moment).astimezone(zone).date()

    @api.model
    def _timebill_get_conversion_notification(self, activities, left):
        """One notification on what became of several records, which leads to the activities and through what is left.

        :param left: {record: reason}
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
                    for source, reason in left.items()
                ],
                "activities_action": activities._get_list_action() if activities else False,
                "activity_ids": activities.ids,
                "model": self._name,
                "left_ids": [source.id for source in left if not source.timebill_is_converted],
            },
        }
