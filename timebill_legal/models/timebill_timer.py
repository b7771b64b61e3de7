from datetime import datetime, time, timedelta
from uuid import uuid4

import pytz
from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL, format_datetime
from odoo.tools.constants import GC_UNLINK_LIMIT
from psycopg2.errors import UniqueViolation

from ..lib.durations import MINUTES_PER_DAY, format_duration
from ..tools.creating import create_sudo

#: Models on whose records a timer can be started, and the field of the timer that links to the record.
STARTED_ON = {"timebill.matter": "matter_id", "project.task": "task_id", "calendar.event": "event_id"}

#: Fields that the user may edit while the timer is open.
TYPED_FIELDS = {"matter_id", "type_id", "description"}

#: An automatic timer shorter than this and without description is deleted: the matter was only looked at.
MIN_AUTO_SECONDS = 30

#: Days after which timers whose time is entered are deleted.
RETENTION_DAYS = 90

SECONDS_PER_DAY = MINUTES_PER_DAY * 60


class TimebillTimer(models.Model):
    """Timer of one task. A user may have several open timers, of which at most one runs.

    Times are taken from the clock of the server, in UTC: the web client gets the seconds measured so far and counts
    on. Users have no right to write timers: they change their own through the public methods ``action_…``, which
    return :meth:`get_state` and notify the user's other devices over the bus.
    """

    _name = "timebill.timer"
    _description = "Timer"
    _order = "id desc"
    _check_company_auto = True

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    matter_id = fields.Many2one("timebill.matter", ondelete="set null", index="btree_not_null", check_company=True)
    type_id = fields.Many2one("timebill.activity.type", "Activity Type", ondelete="set null", check_company=True)
    description = fields.Text()
    task_id = fields.Many2one("project.task", ondelete="set null", index="btree_not_null")
    event_id = fields.Many2one("calendar.event", "Meeting", ondelete="set null", index="btree_not_null")
    auto = fields.Boolean("Automatic", help="Started by opening a matter, not by the user.")
    state = fields.Selection(
        [("running", "Running"), ("paused", "Paused"), ("done", "Entered")], "Status", required=True, default="paused"
    )
    piece_ids = fields.One2many("timebill.timer.piece", "timer_id", "Measured Time")

    _one_running = models.UniqueIndex("(user_id) WHERE state = 'running'", "A user can run only one timer at a time.")

    @api.depends_context("lang")
    def _compute_display_name(self):
        """Constant: display names are visible through many2one fields to users who may not read the timer."""
        self.display_name = self.env._("Timer")

    #=== ACTION METHODS ===#

    @api.model
    def get_state(self):
        """Open timers of the user, the running one first.

        :return: {"timers": list of dict as :meth:`_prepare_client_values`, "matter_domain": domain of the matters
            that can be chosen}
        """
        now = fields.Datetime.now()
        timers = self._get_unfinished(self.env.user)
        return {
            "timers": [timer._prepare_client_values(now) for timer in timers.sorted(lambda t: t.state != "running")],
            "matter_domain": list(self.env["timebill.matter"]._get_entry_domain()),
        }

    @api.model
    def action_start(self, res_model=False, res_id=False):
        """Start a timer, on a record or without; pause the running one.

        If a timer was started on the same record today, it is resumed instead.

        :param res_model: a key of ``STARTED_ON``, or False
        :return: as :meth:`_end_change`
        """
        self._timebill_check_arguments(res_model=("char", res_model), res_id=("integer", res_id))
        values = self._prepare_start_values(res_model, res_id) if res_model else {}
        now = self._begin_change()
        timer = self._find_today_timer_sudo(values, now) or self._create_timer_sudo(values)
        timer.auto = False
        timer._run(now)
        return self._end_change()

    def action_resume(self):
        """Resume this timer; pause the running one."""
        now = self._begin_change()
        timer = self._get_own_sudo()
        timer.auto = False
        timer._run(now)
        return self._end_change()

    def action_pause(self):
        now = self._begin_change()
        self._get_own_sudo()._pause(now)
        return self._end_change()

    def action_stop(self):
        """Pause, and open the entry dialog with the measured time. Saving the dialog finishes the timer.

        :return: as :meth:`_end_change`, with the dialog as ``action`` unless the user has to answer first how much
            of the measured time to keep
        """
        now = self._begin_change()
        timer = self._get_own_sudo()
        timer._pause(now)
        if timer._get_doubtful_piece(now):
            return self._end_change()
        timer.piece_ids.counted = True
        return {**self._end_change(), "action": timer.sudo(False)._get_entry_action()}

    def action_discard(self):
        self._begin_change()
        self._get_own_sudo().unlink()
        return self._end_change()

    def action_edit(self, values):
        """Save what the user entered on an open timer.

        :param values: {name of one of ``TYPED_FIELDS``: value}; other names are ignored
        :raises UserError: when the matter is closed for the user
        """
        self._timebill_check_values([values])
        self._begin_change()
        timer = self._get_own_sudo()
        values = {name: value for name, value in values.items() if name in TYPED_FIELDS}
        if values.get("matter_id"):
            matter = self.env["timebill.matter"].browse(values["matter_id"])
            matter._check_open_for_entry()
            values["company_id"] = matter.company_id.id
            if timer.task_id.project_id.timebill_matter_id != matter:
                values["task_id"] = False
            if timer.type_id.company_id not in (self.env["res.company"], matter.company_id):
                values.setdefault("type_id", False)
        if values.get("type_id"):
            self.env["timebill.activity.type"].browse(values["type_id"]).check_access("read")
        timer.write(values)
        return self._end_change()

    def action_answer(self, keep, value=False):
        """Keep all or part of an interval during which the timer was possibly left running by mistake.

        :param keep: "all"; "until", with the time of day as ``value`` ("18:30"); "minutes", with their number as
            ``value``; "nothing"
        """
        self._timebill_check_arguments(
            keep=("char", keep), value=("integer" if keep == "minutes" else "char", value)
        )
        now = self._begin_change()
        timer = self._get_own_sudo()
        piece = timer._get_doubtful_piece(now)
        if not piece:  # answered on another device meanwhile
            return self._end_change()
        runs_on = not piece.stop and keep == "all"
        if keep == "nothing":
            timer._pause(now)
            piece.unlink()
            if not timer.piece_ids:
                timer.unlink()
        else:
            stop = self._get_confirmed_stop(piece, keep, value, now)
            timer._pause(now)
            piece.write({"stop": stop, "confirmed": True})
            if runs_on:
                timer._run(now)
        return self._end_change()

    @api.model
    def action_enter(self, matter_id):
        """The form of a matter was opened: start an automatic timer if the user's preferences ask for it and no other
        timer runs that she started herself.
        """
        self._timebill_check_arguments(matter_id=("many2one", matter_id))
        if not self.env.user.timebill_auto_timer:
            return self.get_state()
        now = self._begin_change()
        running = self._get_running_sudo()
        matter = self.env["timebill.matter"].browse(matter_id)._filtered_access("read")
        if (running and not running.auto) or matter.state != "open" or running.matter_id == matter:
            return self.get_state()
        values = {"matter_id": matter.id}
        timer = self._find_today_timer_sudo(values, now) or self._create_timer_sudo({**values, "auto": True})
        timer.auto = True
        timer._run(now)
        return self._end_change()

    @api.model
    def action_leave(self, matter_id):
        """The form of a matter was left: pause its automatic timer."""
        now = self._begin_change()
        running = self._get_running_sudo()
        if not running.auto or running.matter_id.id != matter_id:
            return self.get_state()
        running._pause(now)
        if not running.description and running._get_seconds(now) < MIN_AUTO_SECONDS:
            running.unlink()
        return self._end_change()

    #=== BUSINESS METHODS ===#

    @api.model
    def _begin_change(self):
        """Lock the open timers of the user against concurrent requests of her other devices.

        A concurrent request waits here. The database then raises a serialization failure, upon which Odoo retries
        the request with the new data.

        :return: current datetime of the server
        :raises AccessError: when the user has no right to use timers
        """
        self.browse().check_access("read")
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "SELECT id FROM timebill_timer WHERE user_id = %s AND state != 'done' ORDER BY id FOR UPDATE",
                self.env.uid,
            )
        )
        return fields.Datetime.now()

    @api.model
    def _end_change(self):
        """Notify the user's other devices of a change.

        :return: :meth:`get_state`, and a ``token`` by which the requesting device recognises its own notification
        """
        token = self.env.context.get("timebill_timer_token") or str(uuid4())
        self.env.user._bus_send("timebill_timer", {"token": token})
        return {**self.get_state(), "token": token}

    def _get_own_sudo(self):
        """This timer under sudo, once it is checked that it is the user's and still open.

        :raises AccessError: when it belongs to another user
        :raises UserError: when it was deleted or entered on another device
        """
        if not self.exists():
            raise UserError(self.env._("This timer was deleted on another device."))
        self.ensure_one()
        self.check_access("read")
        if self.state == "done":
            raise UserError(self.env._("The time of this timer was already entered on another device."))
        # sudo: users have no write access on timers; the record rule has just shown that this one is the user's own
        return self.sudo()

    @api.model
    def _get_running_sudo(self):
        # sudo: it may belong to a company that is not selected; the search is limited to timers of the user
        return self.sudo().search([("user_id", "=", self.env.uid), ("state", "=", "running")])

    @api.model
    def _prepare_start_values(self, res_model, res_id):
        """Values of the timer that is started on a record.

        :raises AccessError: when the user may not read the record
        :raises UserError: when timers cannot be started on this model, or the matter is closed for the user
        """
        if res_model not in STARTED_ON:
            raise UserError(self.env._("A timer cannot be started on “%s”.", res_model))
        record = self.env[res_model].browse(res_id)
        record.check_access("read")
        values = {STARTED_ON[res_model]: record.id, **record._timebill_prepare_timer_values()}
        self.env["timebill.matter"].browse(filter(None, [values.get("matter_id")]))._check_open_for_entry()
        return values

    @api.model
    def _find_today_timer_sudo(self, values, now):
        """Open timer of the user that was started today on the same record, if any."""
        names = [name for name in STARTED_ON.values() if values.get(name)]
        if not names:
            return self.browse()
        domain = [(name, "=", values.get(name, False)) for name in STARTED_ON.values()]
        # sudo: users have no write access on timers; the search is limited to timers of the user
        timers = self.sudo().search([("user_id", "=", self.env.uid), ("state", "!=", "done"), *domain])
        return timers.filtered(lambda t: t._get_day() == t._localize(now).date())[:1]

    @api.model
    def _create_timer_sudo(self, values):
        matter = self.env["timebill.matter"].browse(values.get("matter_id"))
        # sudo: users have no write access on timers; this one is created for the user herself
        company = matter.company_id or self.env.company
        return create_sudo(self, {**values, "user_id": self.env.uid, "company_id": company.id})

    def _run(self, now):
        """Run this timer, and pause the running one of the same user."""
        self.ensure_one()
        if self.state == "running":
            return
        self._get_running_sudo()._pause(now)
        self.env["timebill.ignored"]._restore(self.user_id, {(self._name, self.id)})
        try:
            with self.env.cr.savepoint():
                self.write({"state": "running", "piece_ids": [fields.Command.create({"start": now})]})
        except UniqueViolation:
            # Another device started a timer since this transaction began, which cannot see it: let Odoo retry.
            raise ConcurrencyError("timebill.timer: another timer of the user is running") from None

    def _pause(self, now):
        running = self.filtered(lambda t: t.state == "running")
        for piece in running.piece_ids.filtered(lambda p: not p.stop):
            piece.stop = max(now, piece.start)
        running.state = "paused"
        running.flush_recordset()  # before another timer runs: the unique index allows one running timer

    def _get_seconds(self, now):
        """Measured time in seconds: the sum of the intervals."""
        self.ensure_one()
        return sum(piece._get_seconds(now) for piece in self.piece_ids)

    def _localize(self, moment):
        """Convert a naive datetime in UTC to the time zone of the user."""
        return pytz.utc.localize(moment).astimezone(self.user_id._timebill_get_timezone())

    def _delocalize(self, local, is_dst=False):
        """Convert a naive datetime in the time zone of the user to a naive datetime in UTC."""
        zone = self.user_id._timebill_get_timezone()
        return zone.localize(local, is_dst=is_dst).astimezone(pytz.utc).replace(tzinfo=None)

    def _get_day(self):
        """Date of the first interval, in the time zone of the user."""
        starts = self.piece_ids.mapped("start")
        return self._localize(min(starts) if starts else self.create_date).date()

    def _get_doubtful_piece(self, now):
        """First interval during which the timer was possibly left running by mistake, if any."""
        return self.piece_ids.filtered(lambda p: p._is_doubtful(now))[:1]

    def _get_question_delay(self, now):
        """Seconds until the running interval becomes doubtful, or False when none runs."""
        piece = self.piece_ids.filtered(lambda p: not p.stop)
        if not piece:
            return False
        midnight = datetime.combine(self._localize(piece.start).date() + timedelta(days=1), time())
        latest = min(piece.start + piece._get_limit(), self._delocalize(midnight))
        return max(0, int((latest - now).total_seconds()))

    @api.model
    def _get_confirmed_stop(self, piece, keep, value, now):
        """End of the part of a doubtful interval that is kept.

        :param keep: see :meth:`action_answer`
        :param value: see :meth:`action_answer`
        :return: naive datetime in UTC
        :raises UserError: when it lies outside the interval, or more than a day after its start
        """
        end = piece.stop or now
        if keep == "minutes":
            stop = piece.start + timedelta(minutes=max(0, int(value or 0)))
        elif keep == "until":
            stop = piece._find_time_of_day(value, end)
        else:
            stop = end
        if not stop or not piece.start < stop <= end:
            raise UserError(
                self.env._(
                    "Choose a time or a duration between the start (%(start)s) and the end (%(end)s).",
                    start=piece._format(piece.start),
                    end=piece._format(end),
                )
            )
        if stop - piece.start > timedelta(days=1):
            raise UserError(
                self.env._(
                    "A day has 24 hours: %s is too long. Make one entry for each day.",
                    format_duration(int((stop - piece.start).total_seconds()) // 60),
                )
            )
        return stop

    def _prepare_client_values(self, now):
        """Values of this timer for the web client; times in seconds."""
        self.ensure_one()
        doubtful = self._get_doubtful_piece(now)
        source = self.event_id or self.task_id or self.matter_id
        return {
            "id": self.id,
            "matter": [self.matter_id.id, self.matter_id.display_name] if self.matter_id else False,
            "type": [self.type_id.id, self.type_id.display_name] if self.type_id else False,
            "description": self.description or "",
            "source": [source._name, source.id] if source else False,
            "auto": self.auto,
            "running": self.state == "running",
            "seconds": self._get_seconds(now),
            "question": doubtful._get_question(now) if doubtful else False,
            "question_delay": self._get_question_delay(now),
        }

    def _get_entry_action(self):
        """Action of the entry dialog with the values of this timer.

        The token in the context lets the device that opened it recognise its own notification, see :meth:`_end_change`.
        """
        action = self.env["timebill.activity"]._get_entry_action("time", self._prepare_entry_values())
        action["context"]["timebill_timer_token"] = str(uuid4())
        return action

    def _prepare_entry_values(self):
        """Values of the activity; the duration is rounded up to whole minutes."""
        self.ensure_one()
        seconds = self._get_seconds(fields.Datetime.now())
        values = {
            "timer_id": self.id,
            "date": self._get_day(),
            "duration": max(1, -(-seconds // 60)),
            "matter_id": self.matter_id.id,
            "type_id": self.type_id.id,
            "task_id": self.task_id.id,
            "description": self.description,
            "user_id": self.user_id.id,  # the timekeeper is the user who started the timer
        }
        event = self.event_id._filtered_access("read").with_context(timebill_user_id=self.user_id.id)
        if event and not event.timebill_is_converted:
            values |= {"source_model": event._name, "source_id": event.id}
        return {name: value for name, value in values.items() if value}

    @api.autovacuum
    def _gc_entered(self):
        """Delete timers whose time was entered long ago: by then, nobody undoes the entry."""
        limit = fields.Datetime.now() - timedelta(days=RETENTION_DAYS)
        timers = self.search([("state", "=", "done"), ("write_date", "<", limit)], limit=GC_UNLINK_LIMIT)
        timers.unlink()
        return len(timers), len(timers) == GC_UNLINK_LIMIT

    #=== MY DAY ===#

    # Subset of the methods of timebill.source.mixin, so that the page "My day" lists timers like other sources.

    @api.model
    def _get_unfinished(self, user):
        """Open timers of ``user``; none for other users than the current one."""
        if user != self.env.user:
            return self.browse()
        return self.search([("user_id", "=", user.id), ("state", "!=", "done")])

    def _timebill_filter_convertible(self, date_from, date_to):
        """Paused timers that were started on these days, both included."""
        return self.filtered(lambda t: t.state == "paused" and date_from <= t._get_day() <= date_to)

    def _timebill_check_may_convert(self):
        self.check_access("read")

    def _timebill_prepare_conversions(self):
        return {timer: timer._prepare_entry_values() for timer in self}

    def _timebill_convert(self, conversions):
        """Create activities from these timers without opening the entry dialog.

        :param conversions: {timebill.timer: {field of timebill.activity: value}}
        :return: timebill.activity
        :raises UserError: when a timer is already entered, or cannot be entered without a question to the user
        """
        now = self._begin_change()
        for timer in self:
            timer = timer._get_own_sudo()
            timer._pause(now)
            if problem := timer._timebill_get_conversion_problem(conversions[timer]):
                title = timer._timebill_get_source_title()
                raise UserError(self.env._("%(timer)s: %(reason)s", timer=title, reason=problem))
            timer.piece_ids.counted = True
        return self.env["timebill.activity"].create([{**values, "kind": "time"} for values in conversions.values()])

    def _timebill_get_source_title(self):
        self.ensure_one()
        return self.description or (self.event_id or self.task_id or self.matter_id or self).display_name

    def _timebill_get_work_moments(self):
        return tuple(self.piece_ids.mapped("start")[:1])

    def _timebill_get_timekeeper(self):
        return self.user_id

    def _timebill_get_conversion_problem(self, values):
        """Why this timer cannot be entered without a question to the user: str, or False."""
        if self._get_doubtful_piece(fields.Datetime.now()):
            return self.env._("possibly left running by mistake")
        return self.env["timebill.matter"].browse(values.get("matter_id"))._get_entry_problem()

    def _finish(self, now):
        """Mark as entered. Time measured after the entry dialog was opened moves to a new timer."""
        self.ensure_one()
        later = self.piece_ids.filtered(lambda p: not p.counted)
        is_running = self.state == "running"
        self.state = "done"
        self.flush_recordset()
        if later and len(later) < len(self.piece_ids):
            later.timer_id = self.copy({"state": "running" if is_running else "paused"})
        else:
            later.filtered(lambda p: not p.stop).stop = now

    def _reopen(self):
        """Reopen after the activity was deleted."""
        self.state = "paused"
        for user in self.user_id:  # not necessarily the current one, who deleted the activity
            user._bus_send("timebill_timer", {"token": str(uuid4())})


class TimebillTimerPiece(models.Model):
    """Interval during which a timer ran."""

    _name = "timebill.timer.piece"
    _description = "Timer Interval"
    _order = "start, id"

    timer_id = fields.Many2one("timebill.timer", required=True, index=True, ondelete="cascade")
    start = fields.Datetime(required=True)
    stop = fields.Datetime()
    confirmed = fields.Boolean(help="The user confirmed how much of the interval to keep.")
    counted = fields.Boolean(help="Included in the entry dialog that was opened last.")

    _one_open = models.UniqueIndex("(timer_id) WHERE stop IS NULL")
    _forward = models.Constraint("CHECK (stop >= start)", "An interval cannot end before it starts.")

    def _get_seconds(self, now):
        self.ensure_one()
        return max(0, int(((self.stop or now) - self.start).total_seconds()))

    def _get_limit(self):
        """timedelta after which an interval is doubtful."""
        # sudo: the setting is on the company, which users may not be able to read; only this figure is used
        return timedelta(hours=self.timer_id.company_id.sudo().timebill_timer_hours)

    def _is_doubtful(self, now):
        """Whether the interval exceeds the limit or passes midnight of the user, and she has not confirmed it."""
        self.ensure_one()
        end, localize = self.stop or now, self.timer_id._localize
        return not self.confirmed and (
            end - self.start > self._get_limit() or localize(end).date() > localize(self.start).date()
        )

    def _find_time_of_day(self, text, end):
        """First moment of the interval at the time of day ``text`` ("18:30") of the user.

        :return: naive datetime in UTC, or False
        """
        try:
            clock = time.fromisoformat(text or "").replace(tzinfo=None)
        except (TypeError, ValueError):
            return False
        first_day = self.timer_id._localize(self.start).date()
        for days in range((end - self.start).days + 2):
            local = datetime.combine(first_day + timedelta(days=days), clock)
            for is_dst in (True, False):  # one hour occurs twice when daylight saving time ends
                moment = self.timer_id._delocalize(local, is_dst)
                if self.start < moment <= end:
                    return moment
        return False

    def _format(self, moment):
        zone = self.timer_id.user_id._timebill_get_timezone()
        return format_datetime(self.env, moment, tz=zone.zone, dt_format="short")

    def _get_question(self, now):
        seconds = self._get_seconds(now)
        return {
            "start": self._format(self.start),
            "stop": self._format(self.stop) if self.stop else False,
            "seconds": seconds,
            "too_long": seconds > SECONDS_PER_DAY,
        }
