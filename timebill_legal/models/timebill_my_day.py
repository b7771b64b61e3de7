from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, get_lang

from .timebill_timer import STARTED_ON

#: Fields of the activities on the page, besides matter, type and (for users who may see amounts) amount.
ACTIVITY_FIELDS = ("date", "kind", "description", "duration", "billable_duration", "billing_state")

#: Fields that the user may fill in before a candidate is converted.
TYPED_FIELDS = {"kind", "matter_id", "type_id", "duration", "quantity"}


class TimebillMyDay(models.AbstractModel):
    """Data of the page *My day*: what a person did but has not entered yet (the candidates), and her activities.

    The page loads a week at a time, so that moving from day to day needs no request. All records are read with the
    rights of the current user, also on the page of a colleague for whom she enters activities.
    """

    _name = "timebill.my.day"
    _description = "My Day"

    #=== ACTION METHODS ===#

    @api.model
    def get_week(self, date=False, user_id=False):
        """Data of the week that contains ``date``.

        :param date: str ("2026-11-20"), or False for today
        :param user_id: id of the timekeeper, or False for the usual timekeeper of the user
        :return: {"days": list of dict, "candidates": list of dict, "activities": list of dict, …}; times in minutes
        :raises AccessError: when the user does not enter activities for this timekeeper
        """
        self._timebill_check_arguments(date=("date", date), user_id=("many2one", user_id))
        people = self._get_people()
        person = self._get_person(people, user_id)
        today = fields.Date.context_today(self)
        date = fields.Date.to_date(date) or today
        first = date - timedelta(days=(date.isoweekday() - int(get_lang(self.env).week_start)) % 7)
        last = first + timedelta(days=6)
        targets = person._timebill_get_targets(first, last)
        Activity, Type = self.env["timebill.activity"], self.env["timebill.activity.type"]
        return {
            "date": date,
            "today": today,
            "person": person.id,
            # sudo: users may be unreadable in another company; names are shown to all internal users
            "people": [{"id": user.id, "name": user.sudo().name} for user in people],
            "days": [{"date": day, "target": minutes} for day, minutes in targets.items()],
            # candidates up to today only: future meetings are no work yet
            "candidates": self._get_candidates(person, first, min(last, today)),
            "activities": self._get_activities(person, first, last),
            "types": Type.search_read(
                [("company_id", "in", [False, *self.env.companies.ids])],
                ["name", "kind", "default_quantity"],
                load=None,
            ),
            "matter_domain": list(self.env["timebill.matter"]._get_entry_domain()),
            "states": dict(Activity._fields["billing_state"]._description_selection(self.env)),
        }

    @api.model
    def convert(self, entries, date=False, user_id=False):
        """Convert candidates into activities, all or none.

        :param entries: list of dict with the ``model`` and ``id`` of a candidate, and some of ``TYPED_FIELDS``
        :return: as :meth:`get_week`, with the ids of the new activities as ``entered``
        :raises AccessError: when the user may not read one of them, or not enter activities for this timekeeper
        :raises UserError: when one of them is already entered or incomplete
        """
        entries = self._check_entries(entries or [], date, user_id)
        person = self._get_person(self._get_people(), user_id)
        typed_of = {
            (entry["model"], entry["id"]): {name: entry[name] for name in TYPED_FIELDS.intersection(entry)}
            for entry in entries
        }
        activities = self.env["timebill.activity"]
        for records in self._browse_candidates(person, typed_of):
            activities |= records._timebill_convert(
                {
                    record: self._add_typed(values, typed_of[record._name, record.id])
                    for record, values in records._timebill_prepare_conversions().items()
                }
            )
        return {**self.get_week(date, person.id), "entered": activities.ids}

    @api.model
    def ignore(self, entries, ignored=True, date=False, user_id=False):
        """Ignore candidates, or restore them.

        :param entries: list of dict with the ``model`` and ``id`` of a candidate
        :return: as :meth:`get_week`
        :raises AccessError: when the user may not read one of them, or not enter activities for this timekeeper
        """
        entries = self._check_entries(entries or [], date, user_id)
        person = self._get_person(self._get_people(), user_id)
        keys = {(entry["model"], entry["id"]) for entry in entries}
        Ignored = self.env["timebill.ignored"]
        if ignored:
            for records in self._browse_candidates(person, keys):
                records._timebill_check_may_convert()
            Ignored._ignore(person, keys)
        else:
            Ignored._restore(person, keys)
        return self.get_week(date, person.id)

    #=== BUSINESS METHODS ===#

    @api.model
    def _check_entries(self, entries, date, user_id):
        """
        :return: ``entries``
        :raises ValidationError: what the client sends is nothing that can be read
        """
        self._timebill_check_arguments(
            date=("date", date), user_id=("many2one", user_id), entries=("one2many", entries)
        )
        for entry in entries:
            if not isinstance(entry, dict) or not entry.get("model") or not entry.get("id"):
                self._timebill_refuse("entries", entry, "lines")
            self._timebill_check_arguments(model=("char", entry["model"]), id=("integer", entry["id"]))
            self.env["timebill.activity"]._timebill_check_values([{name: entry.get(name) for name in TYPED_FIELDS}])
        return entries

    @api.model
    def _get_people(self):
        """Users whose page the current user may open: herself and the colleagues for whom she enters activities."""
        user = self.env.user
        # sudo: the user may see her own list of colleagues, some of whom may belong to companies that she cannot read
        return user | user.sudo().timebill_timekeeper_ids.filtered("active").sudo(False)

    @api.model
    def _get_person(self, people, user_id):
        """Timekeeper whose page is shown.

        :raises AccessError: when ``user_id`` is not one of ``people``
        """
        if not user_id:
            return self.env.user._timebill_get_default_timekeeper() & people or self.env.user
        person = self.env["res.users"].browse(user_id)
        if person not in people:
            raise AccessError(
                self.env._("“My day” shows your own day and those of the colleagues for whom you enter activities.")
            )
        return person

    @api.model
    def _browse_candidates(self, person, keys):
        """Recordsets of candidates of ``person``.

        :param keys: iterable of (model, id)
        :return: list of recordsets, one for each model
        :raises UserError: when records of one of these models cannot be converted
        """
        ids_of = {}
        for model, res_id in keys:
            ids_of.setdefault(model, []).append(res_id)
        known = [*self.env["timebill.source.mixin"]._timebill_get_source_models(), "timebill.timer"]
        for model in ids_of:
            if model not in known:
                raise UserError(self.env._("Records of the model “%s” cannot be converted into activities.", model))
        return [self.env[model].with_context(timebill_user_id=person.id).browse(ids) for model, ids in ids_of.items()]

    @api.model
    def _get_activities(self, person, first, last):
        activities = self.env["timebill.activity"].search(
            [("user_id", "=", person.id), ("date", ">=", first), ("date", "<=", last)], order="date, id"
        )
        name = {"fields": {"display_name": {}}}
        specification = {**{field: {} for field in ACTIVITY_FIELDS}, "matter_id": name, "type_id": name}
        if self.env.user.has_group("timebill_legal.group_amounts"):
            specification |= {"amount": {}, "currency_id": {}}
        return activities.web_read(specification)

    @api.model
    def _get_candidates(self, person, first, last):
        """Timers and source records that are work of these days.

        A record with an open timer is listed once, as the timer, which has the measured duration.

        :return: list of dict, see :meth:`_prepare_candidate`
        """
        unfinished = self.env["timebill.timer"]._get_unfinished(person)
        measured = {model: unfinished[name] for model, name in STARTED_ON.items()}
        timers = unfinished._timebill_filter_convertible(first, last)
        now = fields.Datetime.now()
        zone = person._timebill_get_timezone()
        candidates = [
            {**self._prepare_candidate(timer, values, zone), "is_forgotten": bool(timer._get_doubtful_piece(now))}
            for timer, values in timers._timebill_prepare_conversions().items()
        ]
        for model in self.env["timebill.source.mixin"]._timebill_get_source_models():
            Source = self.env[model].with_context(timebill_user_id=person.id)
            if not Source.has_access("read"):
                continue  # e.g. journal items, for users who are not accountants
            sources = Source.search(Source._timebill_get_unconverted_domain(person, first, last))
            sources = sources._timebill_filter_convertible()
            conversions = (sources - measured.get(model, Source))._timebill_prepare_conversions()
            matters = self.env["timebill.matter"].browse(
                {values["matter_id"] for values in conversions.values() if values.get("matter_id")}
            )
            matters.filtered_domain(matters._get_entry_domain()).mapped("display_name")  # prefetch
            # Matter, duration and cost of these come from the record: only the activity type can be chosen.
            fixed = sources._timebill_get_fixed_matters()
            candidates += [
                {**self._prepare_candidate(source, values, zone), "is_fixed": source.id in fixed}
                for source, values in conversions.items()
            ]
        keys = {(found["model"], found["id"]) for found in candidates}
        ignored = self.env["timebill.ignored"]._get_ignored(person, keys)
        for found in candidates:
            found["is_ignored"] = (found["model"], found["id"]) in ignored
        return sorted(candidates, key=lambda candidate: (candidate["date"], candidate["time"]))

    @api.model
    def _prepare_candidate(self, source, values, zone):
        """Values of a candidate for the web client; duration in minutes, amount formatted.

        :param values: {field of timebill.activity: value}, see ``_timebill_prepare_conversions``
        :param zone: time zone of the timekeeper
        """
        matter = self.env["timebill.matter"].browse(values.get("matter_id"))
        matter = matter.filtered_domain(matter._get_entry_domain())
        activity_type = self.env["timebill.activity.type"].browse(values.get("type_id"))
        moments = source._timebill_get_work_moments()
        cost = values.get("price_unit") or values.get("unit_cost")
        return {
            "model": source._name,
            "id": source.id,
            "label": source._timebill_get_source_title(),
            "date": values["date"],
            "time": " – ".join(pytz.utc.localize(moment).astimezone(zone).strftime("%H:%M") for moment in moments),
            "kind": values.get("kind", "time"),
            "matter": {"id": matter.id, "display_name": matter.display_name} if matter else False,
            "type": activity_type.id,
            "minutes": values.get("duration") or activity_type.default_duration,
            "quantity": values.get("quantity") or activity_type.default_quantity or 1.0,
            "amount": format_amount(self.env, cost, matter.currency_id) if cost and matter else "",
            "reason": source._timebill_get_conversion_problem(values) or "",
        }

    @api.model
    def _add_typed(self, values, typed):
        """Values of the activity with those that the user entered; client and task are dropped on another matter."""
        if typed.get("matter_id", values.get("matter_id")) != values.get("matter_id"):
            values = {name: value for name, value in values.items() if name not in ("partner_id", "task_id")}
        values = {**values, **typed}
        kind = self.env["timebill.kind"]._get(values.get("kind", "time"))
        values.pop("quantity" if kind.is_timed else "duration", None)
        return values
