from contextlib import contextmanager
from datetime import date, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .rpc import RpcCommon

DIALOG = "timebill_legal.timebill_activity_view_form_dialog"


class TimerCommon(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer.tz = "Europe/Paris"

    @contextmanager
    def at(self, moment):
        """At that moment, in UTC, by the clock of the server."""
        with freeze_time(moment):
            yield

    def call(self, method, *args, user=None, **kwargs):
        return self.rpc(user or self.lawyer, "timebill.timer", method, *args, **kwargs)

    def start(self, record=None, user=None, **kwargs):
        """Start on a record; the timer."""
        args = (record._name, record.id) if record else ()
        self.call("action_start", *args, user=user, **kwargs)
        user = user or self.lawyer
        return self.env["timebill.timer"].search([("user_id", "=", user.id), ("state", "=", "running")])

    def shown(self, timer, user=None):
        """What the user's devices show of it."""
        return next(values for values in self.call("get_state", user=user)["timers"] if values["id"] == timer.id)

    def measure(self, start, stop, record=None):
        with self.at(start):
            timer = self.start(record or self.matter)
        with self.at(stop):
            self.call("action_pause", timer.ids)
        return timer

    def save(self, action, **values):
        """Save the entry dialog that stopping opened."""
        Activity = self.env["timebill.activity"].with_user(self.lawyer).with_context(**action["context"])
        with Form(Activity, DIALOG) as form:
            for name, value in values.items():
                form[name] = value
        return form.record


@tagged("post_install", "-at_install")
class TestTimer(TimerCommon):
    def test_pieces_add_up(self):
        with self.at("2026-10-12 08:00:00"):
            timer = self.start(self.matter)
        for resumed, paused in (("08:30:00", "08:31:07"), ("09:00:00", "09:00:01"), ("09:10:00", "09:10:00")):
            with self.at(f"2026-10-12 {resumed}"):
                self.call("action_resume", timer.ids)
            with self.at(f"2026-10-12 {paused}"):
                self.call("action_pause", timer.ids)
                self.call("action_pause", timer.ids)  # again, from another device
        with self.at("2026-10-12 12:00:00"):
            # from 8:00:00 to 8:31:07 without a break: resuming what runs changes nothing
            self.assertEqual(self.shown(timer)["seconds"], 31 * 60 + 7 + 1)

    def test_only_the_one_started_last_runs(self):
        with self.at("2026-10-12 08:00:00"):
            first = self.start(self.matter)
        with self.at("2026-10-12 08:10:00"):
            second = self.start(self.joint_matter)
        with self.at("2026-10-12 08:25:00"):
            self.assertEqual((first.state, self.shown(first)["seconds"]), ("paused", 600))
            self.call("action_resume", first.ids)
        with self.at("2026-10-12 08:26:00"):
            timers = self.call("get_state")["timers"]
            self.assertEqual(
                [(t["id"], t["running"], t["seconds"]) for t in timers],
                [(first.id, True, 660), (second.id, False, 900)],
            )

    def test_the_database_lets_one_run(self):
        first = self.start(self.matter)
        second = first.copy({"state": "paused"})
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            second.state = "running"
            second.flush_recordset()

    def test_starting_again_today_goes_on(self):
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 08:10:00")
        with self.at("2026-10-12 15:00:00"):
            self.assertEqual(self.start(self.matter), timer)
            self.call("action_pause", timer.ids)
        with self.at("2026-10-13 08:00:00"):
            self.assertNotEqual(self.start(self.matter), timer)

    def test_change_of_the_hour(self):
        """02:30 to 02:30, the night when an hour comes twice; 01:30 to 03:30, when one is missing."""
        for start, stop, minutes in (
            ("2026-10-25 00:30:00", "2026-10-25 01:30:00", 60),
            ("2026-03-29 00:30:00", "2026-03-29 01:30:00", 60),
        ):
            timer = self.measure(start, stop)
            with self.at(stop):
                defaults = self.call("action_stop", timer.ids)["action"]["context"]
                self.assertEqual(defaults["default_duration"], minutes)
                self.assertEqual(defaults["default_date"], date.fromisoformat(start[:10]))
                self.call("action_discard", timer.ids)

    def test_stop_opens_the_entry_dialog(self):
        """Minutes rounded up, the day of the user's time zone on which it began, all that was typed."""
        for seconds, minutes in ((0, 1), (1, 1), (60, 1), (61, 2), (3600, 60)):
            begin = fields.Datetime.to_datetime("2026-10-12 22:30:00")  # the 13th in Paris
            timer = self.measure(begin, begin + timedelta(seconds=seconds))
            with self.at("2026-10-13 08:00:00"):
                self.call(
                    "action_edit", timer.ids, {"description": "Appel du greffe", "type_id": self.hearing.id, "auto": 1}
                )
                action = self.call("action_stop", timer.ids)["action"]
            activity = self.save(action)
            self.assertEqual(
                (activity.matter_id, activity.type_id, activity.description, activity.duration, activity.date),
                (self.matter, self.hearing, "Appel du greffe", minutes, date(2026, 10, 13)),
            )
            self.assertEqual((activity.timer_id, timer.state, timer.auto), (timer, "done", False))
        self.assertFalse(self.call("get_state")["timers"])

    def test_a_cancelled_dialog_leaves_it_paused(self):
        with self.at("2026-10-12 08:00:00"):
            timer = self.start(self.matter)
        with self.at("2026-10-12 08:10:00"):
            self.call("action_stop", timer.ids)
        with self.at("2026-10-12 09:00:00"):
            self.assertEqual((timer.state, self.shown(timer)["seconds"]), ("paused", 600))

    def test_entered_once(self):
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 08:10:00")
        action = self.call("action_stop", timer.ids)["action"]
        self.save(action)
        with self.assertRaisesRegex(UserError, "déjà|already"):
            self.save(action)
        for method in ("action_resume", "action_pause", "action_stop", "action_discard"):
            with self.assertRaises(UserError):
                self.call(method, timer.ids)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._time().flush_recordset()
            self.env.cr.execute("UPDATE timebill_activity SET timer_id = %s", timer.ids)

    def test_what_was_entered_long_ago_is_cleaned(self):
        old, recent, paused = (
            self.measure(f"2026-10-{day} 08:00:00", f"2026-10-{day} 08:10:00", matter)
            for day, matter in ((12, self.matter), (13, self.matter), (14, self.joint_matter))
        )
        activity = self.save(self.call("action_stop", old.ids)["action"])
        self.save(self.call("action_stop", recent.ids)["action"])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE timebill_timer SET write_date = now() at time zone 'utc' - interval '100 days' WHERE id = ANY(%s)",
            [(old + paused).ids],
        )
        self.env.invalidate_all()
        self.env["timebill.timer"]._gc_entered()
        self.env.invalidate_all()
        self.assertEqual((old + recent + paused).exists(), recent + paused)
        self.assertEqual((activity.duration, activity.timer_id.id), (10, False))

    def test_time_measured_behind_the_dialog_goes_on(self):
        """Another device resumes while the dialog is open: nothing is lost, nothing is counted twice."""
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 08:10:00")
        action = self.call("action_stop", timer.ids)["action"]
        with self.at("2026-10-12 08:20:00"):
            self.call("action_resume", timer.ids)
        with self.at("2026-10-12 08:25:00"):
            self.assertEqual(self.save(action).duration, 10)
        with self.at("2026-10-12 08:30:00"):
            (other,) = self.call("get_state")["timers"]
            self.assertEqual((other["running"], other["seconds"], other["matter"][0]), (True, 600, self.matter.id))

    def test_a_refused_entry_leaves_the_timer(self):
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 08:10:00")
        values = {"matter_id": self.matter.id, "timer_id": timer.id, "duration": -1}
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.rpc(self.lawyer, "timebill.activity", "create", [values])
        self.assertEqual(timer.state, "paused")

    def test_start_on_a_task_and_a_meeting(self):
        task = self.env["project.task"].create(
            {"name": "Plaider", "project_id": self.matter.project_ids.id, "timebill_type_id": self.hearing.id}
        )
        timer = self.start(task)
        self.assertEqual((timer.matter_id, timer.task_id, timer.type_id), (self.matter, task, self.hearing))
        activity = self.save(self.call("action_stop", timer.ids)["action"], description="Plaidoirie")
        self.assertEqual((activity.task_id, activity.type_id), (task, self.hearing))

        meeting = self.env["calendar.event"].with_user(self.lawyer).create(
            {
                "name": "Rendez-vous Lys",
                "start": "2026-10-12 08:00:00",
                "stop": "2026-10-12 09:00:00",
                "res_model_id": self.env["ir.model"]._get_id("timebill.matter"),
                "res_id": self.matter.id,
            }
        )
        timer = self.start(meeting)
        self.assertEqual(
            (timer.matter_id, timer.event_id, timer.description), (self.matter, meeting, "Rendez-vous Lys")
        )
        with self.assertRaises(UserError):
            self.call("action_start", "res.partner", self.lys.id)

    def test_another_matter_drops_what_does_not_go_with_it(self):
        task = self.env["project.task"].create({"name": "Plaider", "project_id": self.matter.project_ids.id})
        timer = self.start(task)
        self.call("action_edit", timer.ids, {"matter_id": self.joint_matter.id})
        self.assertEqual((timer.matter_id, timer.task_id.id), (self.joint_matter, False))

    def test_a_closed_matter(self):
        self.matter.action_close()
        with self.assertRaises(UserError):
            self.start(self.matter)
        timer = self.start()
        with self.assertRaises(UserError):
            self.call("action_edit", timer.ids, {"matter_id": self.matter.id})

    def test_other_devices_are_told_once(self):
        self.env.cr.precommit.data.pop("bus.bus.values", None)
        self.env.cr.precommit.clear()
        before = self.env["bus.bus"].search([])
        answer = self.call("action_start", "timebill.matter", self.matter.id)
        sent = self.env["bus.bus"].search([]) - before
        self.assertEqual(len(sent), 1)
        self.assertIn(f'"res.partner",{self.lawyer.partner_id.id}', sent.channel)
        self.assertIn(answer["token"], sent.message)
        self.assertNotIn(self.matter.name, sent.message)
        self.call("get_state")
        self.assertEqual(self.env["bus.bus"].search([]) - before, sent)


@tagged("post_install", "-at_install")
class TestForgottenTimer(TimerCommon):
    def _question(self, timer):
        return self.shown(timer)["question"]

    def _answer(self, timer, *answer):
        self.call("action_answer", timer.ids, *answer)
        return sum(piece._get_seconds(fields.Datetime.now()) for piece in timer.exists().piece_ids) / 60

    def test_when_it_asks(self):
        for start, stop, asks in (
            ("2026-10-12 08:00:00", "2026-10-12 18:00:00", False),
            ("2026-10-12 08:00:00", "2026-10-12 18:00:01", True),
            ("2026-10-12 21:00:00", "2026-10-12 21:59:59", False),  # before midnight in Paris
            ("2026-10-12 21:00:00", "2026-10-12 22:00:00", True),
        ):
            with self.subTest(start=start, stop=stop):
                with self.at(start):
                    timer = self.start(self.matter)
                    delay = self.shown(timer)["question_delay"]
                with self.at(stop):
                    self.assertEqual(bool(self._question(timer)), asks)
                    elapsed = fields.Datetime.to_datetime(stop) - fields.Datetime.to_datetime(start)
                    self.assertEqual(elapsed.total_seconds() >= delay, asks or delay == 36000)
                    self.assertEqual("action" in self.call("action_stop", timer.ids), not asks)
                    self.assertEqual(timer.state, "paused", "stopped, whatever is kept of it")
                    self.call("action_discard", timer.ids)

    def test_the_firm_says_how_long(self):
        self.company.timebill_timer_hours = 4
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 12:00:01")
        self.assertTrue(self._question(timer))

    def test_starting_another_does_not_hush_the_question(self):
        with self.at("2026-10-12 08:00:00"):
            timer = self.start(self.matter)
        with self.at("2026-10-13 08:00:00"):
            self.start(self.joint_matter)
        self.assertEqual(self._question(timer)["seconds"], 24 * 3600)

    def test_answers(self):
        for answer, minutes in (
            (("all",), 15 * 60),
            (("until", "18:30"), 150),
            (("until", "02:00"), 10 * 60),
            (("minutes", 45), 45),
            (("nothing",), 0),
        ):
            with self.subTest(answer=answer):
                timer = self.measure("2026-10-12 14:00:00", "2026-10-13 05:00:00")  # 16:00 to 7:00
                self.assertEqual(self._answer(timer, *answer), minutes)
                self.assertEqual(bool(timer.exists()), answer[0] != "nothing")
                if timer.exists():
                    self.assertFalse(self._question(timer))
                    defaults = self.call("action_stop", timer.ids)["action"]["context"]
                    self.assertEqual(
                        (defaults["default_duration"], defaults["default_date"]), (minutes, date(2026, 10, 12))
                    )
                    self.call("action_discard", timer.ids)

    def test_answers_that_are_refused(self):
        timer = self.measure("2026-10-12 14:00:00", "2026-10-12 22:30:00")  # 16:00 to 0:30
        for answer in (("until", "01:00"), ("until", "x"), ("until", False), ("minutes", 511), ("minutes", 0)):
            with self.subTest(answer=answer), self.assertRaises(UserError):
                self._answer(timer, *answer)
        self.assertTrue(self._question(timer))

    def test_never_more_than_a_day(self):
        timer = self.measure("2026-10-09 14:00:00", "2026-10-12 08:00:00")
        self.assertTrue(self._question(timer)["too_long"])
        for answer in (("all",), ("minutes", 24 * 60 + 1)):
            with self.assertRaises(UserError):
                self._answer(timer, *answer)
        self.assertEqual(self._answer(timer, "minutes", 24 * 60), 24 * 60)

    def test_all_of_one_that_runs_goes_on(self):
        with self.at("2026-10-12 20:00:00"):
            timer = self.start(self.matter)
        with self.at("2026-10-12 23:00:00"):
            self.assertEqual(self._answer(timer, "all"), 180)
        with self.at("2026-10-12 23:10:00"):
            shown = self.shown(timer)
            self.assertEqual((shown["running"], shown["seconds"], shown["question"]), (True, 11400, False))

    def test_earlier_work_stays(self):
        timer = self.measure("2026-10-12 12:00:00", "2026-10-12 12:30:00")
        with self.at("2026-10-12 14:00:00"):
            self.call("action_resume", timer.ids)
        with self.at("2026-10-13 08:00:00"):
            self.assertEqual(self._answer(timer, "nothing"), 30)
            self.assertEqual(timer.state, "paused")

    def test_time_of_day_in_the_night_of_two_hours(self):
        """02:30 comes twice: the first one after the start."""
        timer = self.measure("2026-10-24 20:00:00", "2026-10-25 08:00:00")
        self.assertEqual(self._answer(timer, "until", "02:30"), 270)
        timer = self.measure("2026-10-25 00:45:00", "2026-10-25 23:30:00")  # from the first 02:45
        self.assertEqual(self._answer(timer, "until", "02:30"), 45)


@tagged("post_install", "-at_install")
class TestAutoTimer(TimerCommon):
    def test_off_unless_wanted(self):
        self.assertFalse(self.lawyer.timebill_auto_timer)
        self.call("action_enter", self.matter.id)
        self.assertFalse(self.call("get_state")["timers"])
        self.rpc(self.lawyer, "res.users", "write", self.lawyer.ids, {"timebill_auto_timer": True})
        self.call("action_enter", self.matter.id)
        (timer,) = self.call("get_state")["timers"]
        self.assertEqual((timer["auto"], timer["running"], timer["matter"][0]), (True, True, self.matter.id))

    def test_follows_the_matters_that_are_opened(self):
        self.lawyer.timebill_auto_timer = True
        with self.at("2026-10-12 08:00:00"):
            self.call("action_enter", self.matter.id)
        with self.at("2026-10-12 08:05:00"):
            self.call("action_enter", self.joint_matter.id)
            self.call("action_leave", self.matter.id)  # its form closes after the next one has opened
        with self.at("2026-10-12 08:05:20"):
            self.call("action_leave", self.joint_matter.id)  # 20 seconds: only looked at
            (timer,) = self.call("get_state")["timers"]
            self.assertEqual((timer["matter"][0], timer["running"], timer["seconds"]), (self.matter.id, False, 300))
            self.call("action_enter", self.matter.id)
        with self.at("2026-10-12 08:06:20"):
            (timer,) = self.call("get_state")["timers"]
            self.assertEqual((timer["running"], timer["seconds"]), (True, 360))

    def test_leaves_alone_what_the_user_started(self):
        self.lawyer.timebill_auto_timer = True
        manual = self.start(self.joint_matter)
        self.call("action_enter", self.matter.id)
        self.call("action_leave", self.joint_matter.id)
        self.assertEqual(manual.state, "running")
        self.assertEqual(len(self.call("get_state")["timers"]), 1)
        self.call("action_discard", manual.ids)
        self.call("action_enter", self.matter.id)
        taken_over = self.start(self.matter)
        self.call("action_leave", self.matter.id)
        self.assertEqual((taken_over.state, taken_over.auto), ("running", False))

    def test_no_way_to_a_secret_or_a_closed_matter(self):
        self.lawyer.timebill_auto_timer = self.colleague.timebill_auto_timer = True
        self.call("action_enter", self.secret_matter.id, user=self.colleague)
        self.matter.action_close()
        self.call("action_enter", self.matter.id)
        self.assertFalse(self.env["timebill.timer"].search([]))


@tagged("post_install", "-at_install")
class TestTimerRights(TimerCommon):
    def test_nobody_touches_those_of_others(self):
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 08:10:00")
        for user in (self.colleague, self.assistant, self.biller, self.manager):
            for method, args in (
                ("action_resume", ()),
                ("action_pause", ()),
                ("action_stop", ()),
                ("action_discard", ()),
                ("action_edit", ({"description": "x"},)),
                ("action_answer", ("nothing",)),
                ("read", (["description"],)),
            ):
                with self.assertRaises(AccessError, msg=(user.login, method)):
                    self.call(method, timer.ids, *args, user=user)
            self.assertFalse(self.call("get_state", user=user)["timers"])
            self.assertFalse(self.call("search", [], user=user))
            self.assertFalse(self.rpc(user, "timebill.timer.piece", "search", []))
        values = {"matter_id": self.matter.id, "duration": 6, "timer_id": timer.id}
        with self.assertRaises(AccessError):
            self.rpc(self.manager, "timebill.activity", "create", [values])
        own = self.rpc(self.manager, "timebill.activity", "create", [{**values, "timer_id": False}])
        with self.assertRaises(AccessError):
            self.rpc(self.manager, "timebill.activity", "write", own, {"timer_id": timer.id})
        self.assertEqual(timer.state, "paused")

    def test_only_the_program_says_what_was_measured(self):
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 08:10:00")
        for model, method, args in (
            ("timebill.timer", "write", (timer.ids, {"state": "done"})),
            ("timebill.timer", "create", ([{"user_id": self.lawyer.id}],)),
            ("timebill.timer", "unlink", (timer.ids,)),
            ("timebill.timer.piece", "write", (timer.piece_ids.ids, {"stop": "2026-10-12 18:00:00"})),
        ):
            with self.assertRaises(AccessError):
                self.rpc(self.lawyer, model, method, *args)
        self.call("action_edit", timer.ids, {"state": "done", "user_id": self.colleague.id})
        self.assertEqual((timer.state, timer.user_id), ("paused", self.lawyer))

    def test_matters_that_the_user_reads(self):
        with self.assertRaises(AccessError):
            self.start(self.secret_matter, user=self.colleague)
        timer = self.start(user=self.colleague)
        with self.assertRaises(AccessError):
            self.call("action_edit", timer.ids, {"matter_id": self.secret_matter.id}, user=self.colleague)
        self.assertFalse(timer.matter_id)

        self.secret_matter.member_ids += self.colleague
        self.start(self.secret_matter, user=self.colleague)
        self.secret_matter.member_ids -= self.colleague
        self.assertNotIn("Secret", str(self.call("get_state", user=self.colleague)))
        self.start(self.matter, user=self.colleague)  # pauses the one that is not seen any more

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Second Firm"})
        both = new_test_user(
            self.env, "tb_both", groups="timebill_legal.group_manager", company_id=self.company.id,
            company_ids=[Command.set((self.company + other).ids)],
        )
        elsewhere = self._matter("Elsewhere", self.lys, company_id=other.id, responsible_id=both.id)
        timer = self.start(elsewhere, user=both, context={"allowed_company_ids": [other.id]})
        self.assertEqual(timer.company_id, other)
        here = {"allowed_company_ids": [self.company.id]}
        self.assertFalse(self.call("get_state", user=both, context=here)["timers"])
        with self.assertRaises(AccessError):
            self.call("action_start", "timebill.matter", elsewhere.id, user=both, context=here)
        started = self.start(self.matter, user=both, context=here)
        self.assertEqual((timer.state, started.company_id), ("paused", self.company))

    def test_names_tell_nothing(self):
        timer = self.measure("2026-10-12 08:00:00", "2026-10-12 08:10:00")
        self.call("action_edit", timer.ids, {"description": "Négociation secrète"})
        activity = self.save(self.call("action_stop", timer.ids)["action"], description="Entretien")
        (values,) = self.rpc(self.biller, "timebill.activity", "read", activity.ids, ["timer_id"])
        self.assertNotIn("secrète", str(values))
        with self.assertRaises(AccessError):
            self.rpc(self.biller, "timebill.timer", "read", timer.ids)
        self.assertFalse(
            self.rpc(self.biller, "timebill.activity", "search", [("timer_id.description", "ilike", "secrète")])
        )
