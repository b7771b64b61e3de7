from datetime import datetime, time, timedelta
from uuid import uuid4

import pytz
from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL, format_datetime
from odoo.tools.constants import GC_UNLINK_LIMIT
from psycopg2.errors import UniqueViolation

from ..lib.durations import MINUTES_PER_DAY, format_duration

#: Records on which a chronometer starts, and the field that keeps them.
STARTED_ON = {"timebill.matter": "matter_id", "project.task": "task_id", "calendar.event": "event_id"}

#: What the user types while it runs.
TYPED_FIELDS = {"matter_id", "type_id", "description"}

#: An automatic chronometer that measured less, without a word, is a matter that was only looked at.
MIN_AUTO_SECONDS = 30

#: How long what was measured is kept once it is entered.
KEPT_DAYS = 90

SECONDS_PER_DAY = MINUTES_PER_DAY * 60


class TimebillTimer(models.Model):
    """Measures the time of one piece of work; several per user, of which one runs.

    Only the server's clock counts, in UTC: a client is told how long it has run and counts on from there. The
    methods ``action_…`` are the only way for a user to change one; each answers with the user's chronometers as
    they are now, and tells the user's other devices to ask for them.
    """

    _name = "timebill.timer"
    _description = "Chronometer"
    _order = "id desc"
    _check_company_auto = True

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    matter_id = fields.Many2one("timebill.matter", ondelete="set null", index="btree_not_null", check_company=True)
    type_id = fields.Many2one("timebill.activity.type", "Activity Type", ondelete="set null", check_company=True)
    description = fields.Text()
    task_id = fields.Many2one("project.task", ondelete="set null", index="btree_not_null")
    event_id = fields.Many2one("calendar.event", "Meeting", ondelete="set null", index="btree_not_null")
    auto = fields.Boolean("Automatic", help="Started because a matter was opened, not by the user.")
    state = fields.Selection(
        [("running", "Running"), ("paused", "Paused"), ("done", "Entered")], "Status", required=True, default="paused"
    )
    piece_ids = fields.One2many("timebill.timer.piece", "timer_id", "Measured Time")

    _one_running = models.UniqueIndex("(user_id) WHERE state = 'running'", "Only one chronometer of a user runs.")

    @api.depends_context("lang")
    def _compute_display_name(self):
        """Nothing of the work: names show through every many2one."""
        self.display_name = self.env._("Chronometer")

    #=== ACTION METHODS ===#

    @api.model
    def get_state(self):
        """Chronometers of the user that are not entered yet, the running one first.

        :return: {"timers": list of dict, "matter_domain": domain of the matters that they may be for}
        """
        now = fields.Datetime.now()
        timers = self._get_unfinished(self.env.user)
        return {
            "timers": [timer._get_values(now) for timer in timers.sorted(lambda t: t.state != "running")],
            "matter_domain": list(self.env["timebill.matter"]._get_entry_domain()),
        }

    @api.model
    def action_start(self, res_model=False, res_id=False):
        """Start a chronometer on a record, or one that knows nothing yet; the running one pauses.

        The chronometer that was started on the same record today goes on.
        """
        values = self._get_started_values(res_model, res_id) if res_model else {}
        now = self._begin_change()
        timer = self._find_of_today_sudo(values, now) or self._create_timer_sudo(values)
        timer.auto = False
        timer._run(now)
        return self._end_change()

    def action_resume(self):
        """Go on; the running one pauses."""
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
        """Pause, and open the entry dialog on what was measured; it is entered once the dialog is saved.

        :return: like the other actions, with the window as ``action`` unless there is a question to answer first
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
        """Keep what the user typed while it runs.

        :param values: some of ``TYPED_FIELDS``
        """
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
        """Say what to keep of time that was measured while the chronometer seems to have been forgotten.

        :param keep: "all"; "until", with the time of day as "18:30"; "minutes", with their number; "nothing"
        """
        now = self._begin_change()
        timer = self._get_own_sudo()
        piece = timer._get_doubtful_piece(now)
        if not piece:  # another device has answered
            return self._end_change()
        runs_on = not piece.stop and keep == "all"
        if keep == "nothing":
            timer._pause(now)
            piece.unlink()
            if not timer.piece_ids:
                timer.unlink()
        else:
            stop = self._get_kept_stop(piece, keep, value, now)
            timer._pause(now)
            piece.write({"stop": stop, "confirmed": True})
            if runs_on:
                timer._run(now)
        return self._end_change()

    @api.model
    def action_enter(self, matter_id):
        """The form of a matter was opened: start by itself, for who wants it and measures nothing else."""
        if not self.env.user.timebill_auto_timer:
            return self.get_state()
        now = self._begin_change()
        running = self._get_running_sudo()
        matter = self.env["timebill.matter"].browse(matter_id)._filtered_access("read")
        if (running and not running.auto) or matter.state != "open" or running.matter_id == matter:
            return self.get_state()
        values = {"matter_id": matter.id}
        timer = self._find_of_today_sudo(values, now) or self._create_timer_sudo({**values, "auto": True})
        timer.auto = True
        timer._run(now)
        return self._end_change()

    @api.model
    def action_leave(self, matter_id):
        """The form of a matter was left: what had started by itself pauses."""
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
        """Let one request at a time change the chronometers of the user.

        Another one waits here, and starts over with what the first left (Odoo tries again after the serialization
        failure that the database raises).

        :return: now, by the clock of the server
        :raises AccessError: the user has no chronometers
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
        """Tell the user's other devices.

        :return: state of the user's chronometers; ``token`` lets the device that asked know its own change
        """
        token = self.env.context.get("timebill_timer_token") or str(uuid4())
        self.env.user._bus_send("timebill_timer", {"token": token})
        return {**self.get_state(), "token": token}

    def _get_own_sudo(self):
        """These chronometers for the server to change.

        :raises AccessError: of somebody else
        :raises UserError: deleted or entered from another device
        """
        if not self.exists():
            raise UserError(self.env._("This timer was deleted on another device."))
        self.ensure_one()
        self.check_access("read")
        if self.state == "done":
            raise UserError(self.env._("This chronometer was entered on another device."))
        return self.sudo()  # sudo: users change their own through these methods only

    @api.model
    def _get_running_sudo(self):
        # sudo: it may belong to a company that is not selected now
        return self.sudo().search([("user_id", "=", self.env.uid), ("state", "=", "running")])

    @api.model
    def _get_started_values(self, res_model, res_id):
        """What a record knows of the work that begins.

        :raises UserError: nothing can be measured on such a record
        """
        if res_model not in STARTED_ON:
            raise UserError(self.env._("No chronometer starts on “%s”.", res_model))
        record = self.env[res_model].browse(res_id)
        record.check_access("read")
        values = {STARTED_ON[res_model]: record.id, **record._timebill_prepare_timer_values()}
        self.env["timebill.matter"].browse(filter(None, [values.get("matter_id")]))._check_open_for_entry()
        return values

    @api.model
    def _find_of_today_sudo(self, values, now):
        """Open chronometer of the same record, started today."""
        names = [name for name in STARTED_ON.values() if values.get(name)]
        if not names:
            return self.browse()
        domain = [(name, "=", values.get(name, False)) for name in STARTED_ON.values()]
        # sudo: of the user, who changes them through these methods only
        timers = self.sudo().search([("user_id", "=", self.env.uid), ("state", "!=", "done"), *domain])
        return timers.filtered(lambda t: t._get_day() == t._localize(now).date())[:1]

    @api.model
    def _create_timer_sudo(self, values):
        matter = self.env["timebill.matter"].browse(values.get("matter_id"))
        # sudo: users change their own through these methods only
        return self.sudo().create(
            {**values, "user_id": self.env.uid, "company_id": (matter.company_id or self.env.company).id}
        )

    def _run(self, now):
        """Make this the one that runs."""
        self.ensure_one()
        if self.state == "running":
            return
        self._get_running_sudo()._pause(now)
        self.env["timebill.ignored"]._restore(self.user_id, {(self._name, self.id)})
        try:
            with self.env.cr.savepoint():
                self.write({"state": "running", "piece_ids": [fields.Command.create({"start": now})]})
        except UniqueViolation:
            # Started on another device since this request began, which does not see it yet: start over.
            raise ConcurrencyError("timebill.timer: another one runs") from None

    def _pause(self, now):
        running = self.filtered(lambda t: t.state == "running")
        for piece in running.piece_ids.filtered(lambda p: not p.stop):
            piece.stop = max(now, piece.start)
        running.state = "paused"
        running.flush_recordset()  # before another one runs

    def _get_seconds(self, now):
        """Time measured, exactly the sum of its pieces."""
        self.ensure_one()
        return sum(piece._get_seconds(now) for piece in self.piece_ids)

    def _localize(self, moment):
        """A moment on the clock of the user."""
        return pytz.utc.localize(moment).astimezone(self.user_id._timebill_get_timezone())

    def _delocalize(self, local, is_dst=False):
        """The moment at which the clock of the user shows ``local``."""
        zone = self.user_id._timebill_get_timezone()
        return zone.localize(local, is_dst=is_dst).astimezone(pytz.utc).replace(tzinfo=None)

    def _get_day(self):
        """Day of the user on which the work began."""
        starts = self.piece_ids.mapped("start")
        return self._localize(min(starts) if starts else self.create_date).date()

    def _get_doubtful_piece(self, now):
        """First stretch during which the chronometer seems to have been forgotten."""
        return self.piece_ids.filtered(lambda p: p._is_doubtful(now))[:1]

    def _get_question_delay(self, now):
        """Seconds after which running on looks forgotten."""
        piece = self.piece_ids.filtered(lambda p: not p.stop)
        if not piece:
            return False
        midnight = datetime.combine(self._localize(piece.start).date() + timedelta(days=1), time())
        latest = min(piece.start + piece._get_limit(), self._delocalize(midnight))
        return max(0, int((latest - now).total_seconds()))

    @api.model
    def _get_kept_stop(self, piece, keep, value, now):
        """Moment up to which a doubtful stretch is kept.

        :raises UserError: not a moment of that stretch, or too long
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
                    "Choose a moment or a duration between the start (%(start)s) and the end (%(end)s).",
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

    def _get_values(self, now):
        """What the client shows."""
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
        """The entry dialog, filled in; it tells the device that opened it which change is its own."""
        action = self.env["timebill.activity"]._get_entry_action("time", self._prepare_entry_values())
        action["context"]["timebill_timer_token"] = str(uuid4())
        return action

    def _prepare_entry_values(self):
        """Values of the activity: whole minutes rounded up, on the day on which the work began."""
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
            "user_id": self.user_id.id,  # it measures the time of who started it
        }
        event = self.event_id._filtered_access("read").with_context(timebill_user_id=self.user_id.id)
        if event and not event.timebill_is_converted:
            values |= {"source_model": event._name, "source_id": event.id}
        return {name: value for name, value in values.items() if value}

    @api.autovacuum
    def _gc_entered(self):
        """Delete those whose time was entered long ago: the activity says all of it, nobody undoes that any more."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        timers = self.search([("state", "=", "done"), ("write_date", "<", limit)], limit=GC_UNLINK_LIMIT)
        timers.unlink()
        return len(timers), len(timers) == GC_UNLINK_LIMIT

    #--- The page "My day" treats them as it does the records of timebill.source.mixin

    @api.model
    def _get_unfinished(self, user):
        """Chronometers of a user that are not entered yet; nobody sees those of others."""
        if user != self.env.user:
            return self.browse()
        return self.search([("user_id", "=", user.id), ("state", "!=", "done")])

    def _timebill_filter_convertible(self, date_from, date_to):
        """Those that paused, of work that began on these days."""
        return self.filtered(lambda t: t.state == "paused" and date_from <= t._get_day() <= date_to)

    def _timebill_check_may_convert(self):
        self.check_access("read")

    def _timebill_prepare_conversions(self):
        return {timer: timer._prepare_entry_values() for timer in self}

    def _timebill_convert(self, conversions):
        """Enter what was measured, without the dialog.

        :param conversions: {timebill.timer: values of its activity}
        :raises UserError: one is entered already, or somebody has to say what to keep of it
        """
        now = self._begin_change()
        for timer in self:
            timer = timer._get_own_sudo()
            timer._pause(now)
            if reason := timer._timebill_get_unsure_reason(conversions[timer]):
                title = timer._timebill_get_source_title()
                raise UserError(self.env._("%(timer)s: %(reason)s", timer=title, reason=reason))
            timer.piece_ids.counted = True
        return self.env["timebill.activity"].create([{**values, "kind": "time"} for values in conversions.values()])

    def _timebill_get_source_title(self):
        self.ensure_one()
        return self.description or (self.event_id or self.task_id or self.matter_id or self).display_name

    def _timebill_get_work_moments(self):
        return tuple(self.piece_ids.mapped("start")[:1])

    def _timebill_get_timekeeper(self):
        return self.user_id

    def _timebill_get_unsure_reason(self, values):
        """What has to be asked before it is entered, or False."""
        if self._get_doubtful_piece(fields.Datetime.now()):
            return self.env._("was it forgotten?")
        return self.env["timebill.matter"].browse(values.get("matter_id"))._get_entry_reason()

    def _finish(self, now):
        """Its time is entered. What was measured after the entry dialog had opened goes on as a new one."""
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
        """Its time is not entered after all."""
        self.state = "paused"
        for user in self.user_id:  # who deleted the entry may be somebody else
            user._bus_send("timebill_timer", {"token": str(uuid4())})


class TimebillTimerPiece(models.Model):
    """A stretch during which a chronometer ran."""

    _name = "timebill.timer.piece"
    _description = "Stretch of a Chronometer"
    _order = "start, id"

    timer_id = fields.Many2one("timebill.timer", "Chronometer", required=True, index=True, ondelete="cascade")
    start = fields.Datetime(required=True)
    stop = fields.Datetime()
    confirmed = fields.Boolean(help="The user said what to keep of it.")
    counted = fields.Boolean(help="Stands in the entry dialog that was opened last.")

    _one_open = models.UniqueIndex("(timer_id) WHERE stop IS NULL")
    _forward = models.Constraint("CHECK (stop >= start)", "A stretch of time ends after it starts.")

    def _get_seconds(self, now):
        self.ensure_one()
        return max(0, int(((self.stop or now) - self.start).total_seconds()))

    def _get_limit(self):
        """Longest time that may run without a question."""
        # sudo: a figure of the firm, for all who work there
        return timedelta(hours=self.timer_id.company_id.sudo().timebill_timer_hours)

    def _is_doubtful(self, now):
        """Whether it is long, or goes beyond midnight of the user, and nobody said that this is right."""
        self.ensure_one()
        end, localize = self.stop or now, self.timer_id._localize
        return not self.confirmed and (
            end - self.start > self._get_limit() or localize(end).date() > localize(self.start).date()
        )

    def _find_time_of_day(self, text, end):
        """First moment of this stretch at which the clock of the user shows ``text`` ("18:30"), or False."""
        try:
            clock = time.fromisoformat(text or "")
        except (TypeError, ValueError):
            return False
        first_day = self.timer_id._localize(self.start).date()
        for days in range((end - self.start).days + 2):
            local = datetime.combine(first_day + timedelta(days=days), clock)
            for is_dst in (True, False):  # an hour of autumn comes twice
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
