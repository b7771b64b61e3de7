from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .test_timer import TimerCommon

#: A Wednesday, 17:30 in Paris.
NOW = "2026-10-14 15:30:00"
TODAY = "2026-10-14"


class MyDayCommon(TimerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assistant.tz = "Europe/Paris"
        cls.meeting = cls.env.ref("timebill_legal.activity_type_meeting")
        cls.env["timebill.activity.type"].search([]).source_model = False
        cls.meeting.source_model = "calendar.event"

    @classmethod
    def _event(cls, title, start, minutes=60, matter=None, user=None, attendees=None, **values):
        """Meeting of the lawyer; ``start`` in UTC."""
        user = user or cls.lawyer
        start = datetime.fromisoformat(start)
        return cls.env["calendar.event"].with_context(no_mail_to_attendees=True, dont_notify=True).create(
            {
                "name": title,
                "user_id": user.id,
                "partner_ids": [Command.set((user.partner_id | (attendees or cls.env["res.partner"])).ids)],
                "res_model_id": matter and cls.env["ir.model"]._get("timebill.matter").id,
                "res_id": matter and matter.id,
                "start": start,
                "stop": start + timedelta(minutes=minutes),
                **values,
            }
        )

    def week(self, day=TODAY, user=None, person=None, now=NOW, **kwargs):
        with self.at(now):
            return self.rpc(user or self.lawyer, "timebill.my.day", "get_week", day, person and person.id, **kwargs)

    def convert(self, entries, user=None, person=None):
        with self.at(NOW):
            person_id = person and person.id
            return self.rpc(user or self.lawyer, "timebill.my.day", "convert", entries, TODAY, person_id)

    def entry(self, record, **typed):
        return {"model": record._name, "id": record.id, **typed}

    def ignore(self, records, ignored=True, user=None, person=None):
        entries = [self.entry(record) for record in records]
        with self.at(NOW):
            person_id = person and person.id
            return self.rpc(user or self.lawyer, "timebill.my.day", "ignore", entries, ignored, TODAY, person_id)

    def labels(self, week, ignored=False):
        return [found["label"] for found in week["candidates"] if found["is_ignored"] == ignored]


@tagged("post_install", "-at_install")
class TestMyDay(MyDayCommon):
    def test_meetings_of_the_week_that_are_over_are_ready(self):
        self._event("Expert", "2026-10-14 07:00:00", 90, self.matter)
        self._event("Client", "2026-10-12 12:00:00", 30, attendees=self.lys | self.morel)
        self._event("Lunch", "2026-10-14 10:00:00", 60)
        self._event("Later", "2026-10-14 15:00:00", 60, self.matter)
        self._event("Tomorrow", "2026-10-15 07:00:00", 60, self.matter)
        self._event("Of last week", "2026-10-09 07:00:00", 60, self.matter)
        week = self.week()
        self.assertEqual(
            [
                (c["date"], c["time"], c["label"], c["matter"] and c["matter"]["id"], c["minutes"], c["reason"])
                for c in week["candidates"]
            ],
            [
                (date(2026, 10, 12), "14:00 – 14:30", "Client", False, 30, "which matter?"),
                (date(2026, 10, 14), "09:00 – 10:30", "Expert", self.matter.id, 90, ""),
                (date(2026, 10, 14), "12:00 – 13:00", "Lunch", False, 60, "which matter?"),
                (date(2026, 10, 14), "17:00 – 18:00", "Later", self.matter.id, 60, "not over yet"),
            ],
        )
        self.assertEqual({candidate["type"] for candidate in week["candidates"]}, {self.meeting.id})
        self.assertEqual(self.labels(self.week("2026-10-09")), ["Of last week"])

    def test_five_meetings_become_five_activities_at_once(self):
        events = [
            self._event(f"Meeting {hour}", f"2026-10-14 {hour:02}:00:00", hour * 5, self.matter)
            for hour in range(5, 10)
        ]
        week = self.convert([self.entry(event) for event in events])
        self.assertEqual(week["candidates"], [])
        self.assertEqual(
            [(activity["description"], activity["duration"], activity["amount"]) for activity in week["activities"]],
            [(f"Meeting {hour}", hour * 5, round(200 * hour * 5 / 60, 2)) for hour in range(5, 10)],
        )
        activities = self._activities(events)
        self.assertEqual(activities.user_id, self.lawyer)
        self.assertEqual(activities.mapped("date"), [date(2026, 10, 14)] * 5)
        self.assertEqual(activities.type_id, self.meeting)

    def _activities(self, events):
        return self.env["timebill.activity"].search(
            [("source_model", "=", "calendar.event"), ("source_id", "in", [event.id for event in events])], order="id"
        )

    def test_a_meeting_of_a_whole_day_is_asked_about(self):
        """However the calendar writes it; in Paris, midnight is 22:00 UTC."""
        for minutes in (24 * 60 - 1, 24 * 60, 23 * 60 + 30, 20 * 60):
            event = self._event("Absent", "2026-10-12 22:00:00", minutes, self.matter)
            with self.subTest(minutes=minutes):
                [found] = [found for found in self.week()["candidates"] if found["id"] == event.id]
                self.assertEqual(found["reason"], "all day: how long?")
                self.assertNotEqual(found["minutes"], minutes)
        long = self._event("Arbitration", "2026-10-12 06:00:00", 14 * 60, self.matter)
        [found] = [found for found in self.week()["candidates"] if found["id"] == long.id]
        self.assertEqual((found["reason"], found["minutes"]), ("", 14 * 60))

    def _reasons(self):
        return {found["id"]: found["reason"] for found in self.week()["candidates"]}

    def test_a_meeting_that_a_synchronization_created_again_is_asked_about(self):
        """Also when text and duration were changed as it was entered."""
        start = "2026-10-14 07:00:00"
        for changed in ({}, {"description": "Changed"}, {"duration": 75}, {"description": "Changed", "duration": 75}):
            with self.subTest(changed=changed):
                event = self._event("Expert", start, 90, self.matter)
                self.convert([self.entry(event)])
                activity = self._activities([event])
                activity.write(changed)
                event.unlink()
                again = self._event("Expert", start, 90, self.matter)
                self.assertIn(activity.display_name.split(" ")[0], self._reasons()[again.id])
                other_day = self._event("Expert", "2026-10-13 07:00:00", 90, self.matter)
                self.assertFalse(self._reasons()[other_day.id])
                # Whoever ticks it nevertheless worked twice.
                self.assertEqual(len(self.convert([self.entry(again)])["entered"]), 1)
                (activity + self._activities([again])).unlink()
                (again + other_day).unlink()

    def test_a_meeting_that_is_twice_in_the_calendar_is_asked_about(self):
        first, second = (self._event("Expert", "2026-10-14 07:00:00", 90, self.matter) for _ in range(2))
        others = self._event("Expert", "2026-10-14 05:00:00", 90, self.matter) + self._event(
            "Client", "2026-10-14 07:00:00", 90, self.matter
        )
        self.assertFalse(any(self._reasons().values()))
        self.convert([self.entry(first)])
        reasons = self._reasons()
        self.assertIn("entered before?", reasons[second.id])
        self.assertFalse([reasons[event.id] for event in others if reasons[event.id]])
        self.assertEqual(self._activities([first]).user_id, self.lawyer)

    def test_what_the_user_says_counts(self):
        project = self.matter.project_ids[:1]
        task = self.env["project.task"].create(
            {
                "name": "Plead",
                "project_id": project.id,
                "user_ids": self.lawyer.ids,
                "allocated_hours": 2,
                "state": "1_done",
                "date_last_stage_update": NOW,
            }
        )
        self.assertIn("Plead", self.labels(self.week()))
        typed = {"matter_id": self.joint_matter.id, "type_id": self.hearing.id, "duration": 100}
        self.convert([self.entry(task, **typed)])
        activity = self._entered(self.joint_matter)
        self.assertEqual((activity.type_id, activity.duration), (self.hearing, 100))
        self.assertFalse(activity.task_id, "a task of another matter")
        self.assertFalse(self.week()["candidates"])

    def _entered(self, matter):
        return self.env["timebill.activity"].search([("matter_id", "=", matter.id)])

    def test_a_meeting_at_a_fixed_price(self):
        self.deed.write({"default_price": 150, "default_quantity": 2})
        chosen, proposed = (
            self._event(name, "2026-10-14 07:00:00", 90, self.matter) for name in ("Chosen", "Proposed")
        )
        service = {"kind": "service", "type_id": self.deed.id, "quantity": 3}
        self.convert([self.entry(chosen, duration=60, **service)])
        self.meeting.source_model = False
        self.deed.source_model = "calendar.event"
        [candidate] = self.week()["candidates"]
        self.assertEqual((candidate["kind"], candidate["quantity"], candidate["reason"]), ("service", 2, ""))
        self.convert([self.entry(proposed, quantity=candidate["quantity"])])
        activities = self._activities([chosen, proposed])
        self.assertEqual(
            [(activity.kind, activity.duration, activity.quantity, activity.amount) for activity in activities],
            [("service", 0, 3, 450), ("service", 0, 2, 300)],
        )

    def test_all_or_none(self):
        sure = self._event("Sure", "2026-10-14 07:00:00", 60, self.matter)
        unsure = self._event("Unsure", "2026-10-14 08:00:00", 60)
        with self.assertRaisesRegex(ValidationError, "Choose a matter"):
            self.convert([self.entry(sure), self.entry(unsure)])
        self.assertEqual(self.labels(self.week()), ["Sure", "Unsure"])
        self.convert([self.entry(sure)])
        with self.assertRaisesRegex(RedirectWarning, "Sure"):
            self.convert([self.entry(unsure, matter_id=self.matter.id), self.entry(sure)])
        self.assertEqual(self.labels(self.week()), ["Unsure"])
        with self.assertRaisesRegex(UserError, "res.partner"):
            self.convert([self.entry(self.lys)])

    def test_of_a_closed_matter_another_is_asked(self):
        self._event("Too late", "2026-10-14 07:00:00", 60, self.matter)
        self.matter.state = "closed"
        [candidate] = self.week()["candidates"]
        self.assertFalse(candidate["matter"])
        self.assertIn(self.matter.reference, candidate["reason"])

    #=== CHRONOMETERS ===#

    def test_what_was_measured_is_entered_without_the_dialog(self):
        timer = self.measure("2026-10-14 07:00:00", "2026-10-14 07:20:10")
        self.measure("2026-10-13 07:00:00", "2026-10-13 08:00:00", self.joint_matter)
        week = self.week()
        self.assertEqual(
            [(c["date"], c["time"], c["minutes"], c["reason"]) for c in week["candidates"]],
            [(date(2026, 10, 13), "09:00", 60, ""), (date(2026, 10, 14), "09:00", 21, "")],
        )
        self.convert([self.entry(timer, duration=24)])
        activity = self._entered(self.matter)
        self.assertEqual((activity.duration, activity.timer_id), (24, timer))
        self.assertEqual((timer.state, len(self.env["timebill.timer"].search([]))), ("done", 2), "nothing is left over")
        with self.assertRaisesRegex(UserError, "entered"):
            self.convert([self.entry(timer)])

    def test_a_running_one_is_not_listed_and_a_forgotten_one_asks(self):
        forgotten = self.measure("2026-10-12 07:00:00", "2026-10-12 20:00:00")
        with self.at(NOW):
            self.start(self.joint_matter)
        [candidate] = self.week()["candidates"]
        self.assertEqual((candidate["id"], candidate["is_forgotten"]), (forgotten.id, True))
        with self.assertRaisesRegex(UserError, "left running"):
            self.convert([self.entry(forgotten)])
        self.assertEqual(forgotten.state, "paused")

    def test_a_meeting_with_a_timer_is_listed_once(self):
        event = self._event("Expert", "2026-10-14 07:00:00", 90, self.matter)
        timer = self.measure("2026-10-14 07:05:00", "2026-10-14 08:05:00", event)
        [candidate] = self.week()["candidates"]
        self.assertEqual((candidate["model"], candidate["id"], candidate["minutes"]), (timer._name, timer.id, 60))
        with self.at(NOW):
            timer.action_resume()
        self.assertFalse(self.week()["candidates"], "it runs: neither is offered")
        with self.at(NOW):
            timer.action_pause()
        self.convert([self.entry(timer)])
        self.assertFalse(self.week()["candidates"], "the meeting is converted too")
        self.assertEqual(self._activities([event]).timer_id, timer)

    #=== WHAT IS UNDONE ===#

    def undo(self, week, user=None):
        self.rpc(user or self.lawyer, "timebill.activity", "action_undo_conversion", week["entered"])
        return self.week(user=user, person=user and self.lawyer)

    def test_what_was_entered_by_mistake_is_to_be_entered_again(self):
        event = self._event("Expert", "2026-10-14 07:00:00", 60, self.matter)
        timer = self.measure("2026-10-14 09:00:00", "2026-10-14 09:20:10", self.joint_matter)
        week = self.convert([self.entry(event), self.entry(timer)])
        self.assertEqual((len(week["entered"]), week["candidates"]), (2, []))
        again = self.undo(week)
        self.assertEqual((len(again["candidates"]), again["activities"]), (2, []))
        self.assertEqual(timer.state, "paused")
        self.assertFalse(self.undo(week)["activities"], "twice is once")
        self.assertEqual(len(self.convert([self.entry(event), self.entry(timer)])["entered"]), 2)

    def test_undone_by_the_assistant_who_converted(self):
        event = self._event("Expert", "2026-10-14 07:00:00", 60, self.matter)
        week = self.convert([self.entry(event)], self.assistant, self.lawyer)
        with self.assertRaises(AccessError):
            self.undo(week, self.colleague)
        self.assertEqual(self.labels(self.undo(week, self.assistant)), ["Expert"])

    def test_what_is_billed_meanwhile_stays_and_says_where(self):
        events = [
            self._event(f"Expert {hour}", f"2026-10-14 0{hour}:00:00", 60, self.matter) for hour in range(5, 8)
        ]
        week = self.convert([self.entry(event) for event in events])
        first, second, _third = activities = self._activities(events)
        moves = self._bill(first) + self._bill(second, post=True)
        with self.assertRaises(UserError) as refusal:
            self.undo(week)
        for name in ("Draft Invoice", moves[1].name):
            self.assertIn(name, str(refusal.exception))
        self.assertEqual(self._activities(events), activities, "all or none")

    #=== WHAT IS IGNORED ===#

    def test_a_private_lunch_is_put_aside_and_back(self):
        lunch = self._event("Lunch", "2026-10-14 10:00:00", 60, attendees=self.colleague.partner_id)
        expert = self._event("Expert", "2026-10-14 07:00:00", 90, self.matter)
        week = self.ignore([lunch])
        self.assertEqual((self.labels(week), self.labels(week, True)), (["Expert"], ["Lunch"]))
        self.assertEqual(self.labels(self.week(user=self.colleague)), ["Lunch"], "hers is another day")
        self.assertEqual(self.labels(self.ignore([lunch, expert]), True), ["Expert", "Lunch"], "once is enough")
        lunch.write({"start": "2026-10-13 10:00:00", "stop": "2026-10-13 11:00:00"})
        [moved] = [found for found in self.week()["candidates"] if found["id"] == lunch.id]
        self.assertEqual((moved["date"], moved["is_ignored"]), (date(2026, 10, 13), True), "wherever it is moved")
        self.assertEqual(self.labels(self.ignore([lunch, expert], False)), ["Lunch", "Expert"])
        self.ignore([expert])
        self.convert([self.entry(expert)])
        self.assertEqual(self.labels(self.week()), ["Lunch"], "what is ignored can be entered all the same")

    def test_of_a_series_one_meeting_is_put_aside(self):
        first = self._event(
            "Lunch", "2026-10-13 10:00:00", recurrency=True, rrule_type="daily", end_type="count", count=2, tue=True
        )
        self.assertEqual(self.labels(self.ignore([first])), ["Lunch"])
        self.assertEqual(len(first.recurrence_id.calendar_event_ids), 2)

    def test_the_assistant_and_her_lawyer_ignore_the_same(self):
        lunch = self._event("Lunch", "2026-10-14 10:00:00", attendees=self.assistant.partner_id)
        week = self.ignore([lunch], user=self.assistant, person=self.lawyer)
        self.assertEqual((week["person"], self.labels(week, True)), (self.lawyer.id, ["Lunch"]))
        self.assertEqual(self.labels(self.week(), True), ["Lunch"])
        self.assertEqual(self.labels(self.week(user=self.assistant, person=self.assistant)), ["Lunch"])
        self.assertEqual(self.labels(self.ignore([lunch], False)), ["Lunch"])
        private = self._event("Doctor", "2026-10-14 07:00:00", privacy="private")
        for user, person in ((self.assistant, self.lawyer), (self.colleague, self.lawyer)):
            with self.assertRaises(AccessError):
                self.ignore([private], user=user, person=person)
        with self.assertRaisesRegex(UserError, "res.partner"):
            self.ignore([self.lys])

    def test_an_ignored_timer_that_runs_again_is_to_be_entered(self):
        timer = self.measure("2026-10-14 07:00:00", "2026-10-14 07:20:10")
        with self.assertRaises(AccessError):
            self.ignore([timer], user=self.assistant, person=self.lawyer)
        self.assertEqual(len(self.labels(self.ignore([timer]), True)), 1)
        with self.at(NOW):
            self.rpc(self.lawyer, "timebill.timer", "action_resume", timer.ids)
            self.rpc(self.lawyer, "timebill.timer", "action_pause", timer.ids)
        self.assertEqual(len(self.labels(self.week())), 1)

    #=== WHOSE DAY ===#

    def test_ones_own_day_and_those_of_whom_one_types_for(self):
        for user, person in (
            (self.lawyer, self.colleague),
            (self.assistant, self.colleague),
            (self.biller, self.lawyer),
            (self.manager, self.lawyer),
        ):
            with self.subTest(user.login), self.assertRaisesRegex(AccessError, "your own day"):
                self.week(user=user, person=person)
        with self.assertRaises(AccessError):
            self.week(user=self.accountant)
        self.assertEqual([person["id"] for person in self.week()["people"]], self.lawyer.ids)
        week = self.week(user=self.assistant)
        self.assertEqual(week["person"], self.assistant.id)
        self.assertEqual([person["id"] for person in week["people"]], [self.assistant.id, self.lawyer.id])
        self.assistant.timebill_timekeeper_id = self.lawyer
        self.assertEqual(self.week(user=self.assistant)["person"], self.lawyer.id)
        self.assistant.timebill_timekeeper_ids = False
        self.assertEqual(self.week(user=self.assistant)["person"], self.assistant.id)

    def test_an_assistant_converts_the_meetings_of_her_lawyer_and_sees_no_amount(self):
        event = self._event("Expert", "2026-10-14 07:00:00", 60, self.matter)
        self.measure("2026-10-14 07:00:00", "2026-10-14 07:20:10")
        self._event("Her own", "2026-10-14 09:00:00", 60, self.matter, self.assistant)
        week = self.week(user=self.assistant, person=self.lawyer)
        self.assertEqual(self.labels(week), ["Expert"], "nobody sees the timers of others")
        week = self.convert([self.entry(event)], self.assistant, self.lawyer)
        self.assertEqual(self._activities([event]).user_id, self.lawyer)
        self.assertEqual(self._activities([event]).create_uid, self.assistant)
        self.assertEqual(week["person"], self.lawyer.id)
        [activity] = week["activities"]
        self.assertFalse({"amount", "currency_id", "price_unit"}.intersection(activity))

    def test_private_meetings_of_others_stay_private(self):
        event = self._event("Doctor", "2026-10-14 07:00:00", 60, self.matter, privacy="private")
        self.assertEqual(self.labels(self.week()), ["Doctor"])
        self.assertEqual(self.labels(self.week(user=self.assistant, person=self.lawyer)), [])
        with self.assertRaises(AccessError):
            self.convert([self.entry(event, matter_id=self.matter.id)], self.assistant, self.lawyer)
        self.assertFalse(self._activities([event]))

    def test_confidential_matters_are_for_their_team(self):
        self._event("Merger", "2026-10-14 07:00:00", 60, self.secret_matter)
        self._time(30, self.secret_matter, date=TODAY)
        self._time(15, date=TODAY)
        self.assertEqual(len(self.week()["activities"]), 2)
        week = self.week(user=self.assistant, person=self.lawyer)
        self.assertEqual([activity["duration"] for activity in week["activities"]], [15])
        self.assertEqual(week["candidates"], [], "the meeting is private")

    def test_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.lawyer.company_ids |= other
        theirs = self.env["timebill.matter"].with_company(other).create(
            {"name": "Theirs", "company_id": other.id, "responsible_id": self.lawyer.id, "internal": True}
        )
        self._time(60, theirs, date=TODAY)
        self._event("There", "2026-10-14 07:00:00", 60, theirs)
        here = self.week(context={"allowed_company_ids": self.company.ids})
        self.assertEqual((here["activities"], [c["matter"] for c in here["candidates"]]), ([], [False]))
        both = self.week(context={"allowed_company_ids": [self.company.id, other.id]})
        self.assertEqual([activity["duration"] for activity in both["activities"]], [60])
        self.assertEqual(both["candidates"][0]["matter"]["id"], theirs.id)

    #=== TARGETS ===#

    def _targets(self, user=None):
        return [day["target"] for day in self.week(user=user)["days"]]

    def test_target_of_the_firm_on_its_working_days(self):
        self.assertEqual(self._targets(), [420] * 5 + [0, 0])
        self.company.timebill_day_target = 360
        self.assertEqual(self._targets(), [360] * 5 + [0, 0])
        self.company.timebill_day_target = 0
        self.assertEqual(self._targets(), [0] * 7, "a firm may ask for nothing")

    def test_target_of_a_user(self):
        self.lawyer.timebill_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Four days",
                "attendance_ids": [
                    Command.create(
                        {"name": day, "dayofweek": day, "hour_from": 9, "hour_to": 12 if day == "3" else 16.5}
                    )
                    for day in "0134"
                ],
            }
        )
        self.assertEqual(self._targets(), [450, 450, 0, 180, 450, 0, 0])
        self.lawyer.timebill_day_target = 300
        self.assertEqual(self._targets(), [300, 300, 0, 300, 300, 0, 0])
        self.assertEqual(self._targets(self.assistant), [420] * 5 + [0, 0])
        with self.assertRaises(ValidationError):
            self.lawyer.timebill_day_target = -1

    def test_nothing_is_asked_on_a_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-10-14 00:00:00",
                "date_to": "2026-10-14 21:59:59",
            }
        )
        self.assertEqual(self._targets(), [420, 420, 0, 420, 420, 0, 0])

    #=== THE PAGE ===#

    def test_lawyers_and_assistants_land_on_their_day(self):
        def home(user):
            return self.env["timebill.activity"].with_user(user).action_open_home()

        self.assertEqual({home(user).get("tag") for user in (self.lawyer, self.assistant)}, {"timebill_my_day"})
        self.assertEqual(
            [home(user)["res_model"] for user in (self.manager, self.biller)], ["timebill.matter", "timebill.to.bill"]
        )

    def test_a_full_week_costs_the_queries_of_an_empty_one(self):
        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.week()
            return self.cr.sql_log_count - before

        def fill(first):
            for number in range(first, first + 5):
                matter = self._matter(f"Matter {number}", self.lys)
                self._event(f"Meeting {number}", "2026-10-14 07:00:00", 30, matter)
                self._event(f"Client {number}", "2026-10-13 07:00:00", 30, attendees=self.lys)
                self._time(6, matter, date=TODAY)

        self.week()
        fill(0)
        few = count()
        fill(5)
        many = count()
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 60)
