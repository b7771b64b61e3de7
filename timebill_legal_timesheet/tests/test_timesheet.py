from datetime import date

from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestTimesheet(TimebillCommon):
    """A timesheet on the project of a matter and its activity say the same, and count once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        timesheets = cls.env.ref("hr_timesheet.group_hr_timesheet_user")
        (cls.lawyer + cls.accountant).group_ids = [Command.link(timesheets.id)]
        cls.env["hr.employee"].create(
            [{"name": user.name, "user_id": user.id, "hourly_cost": 50} for user in cls.lawyer + cls.accountant]
        )
        cls.project = cls.matter.project_ids
        cls.project.allow_timesheets = True
        cls.foreign = cls._matter("Foreign", cls.dupont, confidential=True, responsible_id=cls.colleague.id)
        cls.foreign.project_ids.allow_timesheets = True

    def _timesheet(self, hours=1.5, user=None, **values):
        return self.env["account.analytic.line"].with_user(user or self.lawyer).create(
            {"name": "Conclusions", "project_id": self.project.id, "unit_amount": hours, "date": "2026-10-12", **values}
        )

    def _at_once(self, **values):
        self.company.timebill_timesheet_auto = True
        line = self._timesheet(**values)
        return line, line.timebill_activity_id

    def test_proposed(self):
        line = self._timesheet()
        self.assertFalse(line.timebill_is_converted)
        Line = self.env["account.analytic.line"].with_user(self.lawyer)
        day = date(2026, 10, 12)
        self.assertEqual(Line.search(Line._timebill_get_unconverted_domain(self.lawyer, day, day)), line)
        activity = line._timebill_convert()
        self.assertEqual(
            (activity.matter_id, activity.duration, activity.date, activity.user_id, activity.description),
            (self.matter, 90, day, self.lawyer, "Conclusions"),
        )
        self.assertFalse(Line.search(Line._timebill_get_unconverted_domain(self.lawyer, day, day)))
        with self.assertRaises(RedirectWarning):
            line._timebill_convert()

    def test_at_once(self):
        task = self.env["project.task"].create(
            {"name": "Plaider", "project_id": self.project.id, "timebill_type_id": self.hearing.id}
        )
        _line, activity = self._at_once(task_id=task.id)
        self.assertEqual((activity.task_id, activity.type_id, activity.amount), (task, self.hearing, 300))
        other = self._timesheet(user=self.accountant)
        self.assertFalse(other.sudo().timebill_is_converted, "enters no activities")
        empty = self._timesheet(hours=0)
        self.assertFalse(empty.timebill_is_converted, "nothing was worked yet")
        empty.unit_amount = 1
        self.assertEqual(empty.timebill_activity_id.duration, 60)

    def test_task_of_a_service(self):
        """What a task at a fixed price took is time all the same."""
        task = self.env["project.task"].create(
            {"name": "Acte", "project_id": self.project.id, "timebill_type_id": self.deed.id}
        )
        _line, activity = self._at_once(task_id=task.id)
        self.assertEqual((activity.kind, activity.type_id.kind, activity.duration), ("time", "time", 90))

    def test_my_day(self):
        """All but the category is said on the timesheet."""
        line = self._timesheet()
        Day = self.env["timebill.my.day"].with_user(self.lawyer)
        (found,) = Day.get_week("2026-10-12")["candidates"]
        self.assertEqual((found["id"], found["minutes"], found["is_fixed"]), (line.id, 90, True))
        self.assertEqual(found["matter"]["id"], self.matter.id)

    def test_opened_from_the_activity(self):
        """As a timesheet, not as the analytic item that it is for accountants."""
        line, activity = self._at_once()
        action = activity.with_user(self.lawyer).action_open_source()
        self.assertEqual(action["res_id"], line.id)
        self.assertEqual(action["views"], [(self.env.ref("hr_timesheet.hr_timesheet_line_form").id, "form")])
        self.assertEqual(activity.with_context(lang="en_US").source_sort, "Timesheet")

    def test_follows_the_timesheet(self):
        line, activity = self._at_once()
        activity.description = "Conclusions en réplique"
        line.write({"unit_amount": 2, "date": "2026-10-13", "name": "Autre"})
        self.assertEqual((activity.duration, activity.billable_duration, activity.date.day), (120, 120, 13))
        self.assertEqual(activity.description, "Conclusions en réplique", "what was edited stays")
        line.project_id = self.joint_matter.project_ids
        self.assertEqual(activity.matter_id, self.joint_matter)
        activity = activity.with_user(self.biller)
        for values in ({"duration": 60}, {"date": "2026-10-01"}, {"user_id": self.colleague.id}):
            with self.subTest(values), self.assertRaises(ValidationError):
                activity.write(values)
        activity.billable_duration = 60
        line.project_id = self.env["project.project"].create({"name": "Sans dossier", "allow_timesheets": True})
        self.assertFalse(activity.exists())

    def test_moved_on_the_timesheet_only(self):
        _line, activity = self._at_once()
        other = self._time()
        action = (activity + other).with_user(self.lawyer).action_transfer()
        window = self.env["timebill.transfer"].with_user(self.lawyer).browse(action["res_id"])
        window = window.with_context(lang="en_US")
        window.matter_id = self.joint_matter
        self.assertEqual([bool(line.problem) for line in window.line_ids], [True, False])
        self.assertIn("its matter comes from “Conclusions”", window.left_out)
        window.action_apply()
        self.assertEqual((activity.matter_id, other.matter_id), (self.matter, self.joint_matter))

    def test_goes_with_its_project(self):
        _line, activity = self._at_once()
        self.joint_matter.project_ids.unlink()
        self.project.timebill_matter_id = self.joint_matter
        self.assertEqual(activity.matter_id, self.joint_matter)
        with self.assertRaises(UserError):
            self.project.timebill_matter_id = False
        activity.partner_id = self.lys
        invoice = self._bill(activity, post=True)
        with self.assertRaises(UserError) as refusal:
            self.project.timebill_matter_id = self.matter
        self.assertIn(invoice.name, str(refusal.exception))

    def test_follows_nowhere_else(self):
        """The activity goes where its timesheet may go: to no matter of others, and to nobody else."""
        line, activity = self._at_once()
        line.with_user(self.lawyer).unit_amount = 2
        for values in ({"project_id": self.foreign.project_ids.id}, {"user_id": self.accountant.id}):
            with self.subTest(values), self.assertRaises(AccessError):
                line.with_user(self.lawyer).write(values)
        self.assertEqual((activity.matter_id, activity.user_id), (self.matter, self.lawyer))
        self.assertNotIn(self.lawyer, self.foreign.member_ids)

    def test_moves_to_no_closed_matter(self):
        line, activity = self._at_once()
        project = self.joint_matter.project_ids
        self.joint_matter.action_close()
        with self.assertRaisesRegex(UserError, self.joint_matter.reference):
            line.with_user(self.lawyer).project_id = project
        self.assertEqual(activity.matter_id, self.matter)

    def test_corrections_are_left(self):
        self.company.timebill_timesheet_auto = True
        self.assertFalse(self._timesheet(hours=-1).timebill_is_converted)

    def test_billed(self):
        line, activity = self._at_once()
        invoice = self._bill(activity, post=True)
        for change in (lambda: line.write({"unit_amount": 3}), line.unlink):
            with self.assertRaises(UserError) as refusal:
                change()
            self.assertIn(invoice.name, str(refusal.exception))
        self.assertEqual((line.unit_amount, activity.duration), (1.5, 90))

    def test_deleted(self):
        line, activity = self._at_once()
        line.unlink()
        self.assertFalse(activity.exists())
        line, activity = self._at_once()
        activity.unlink()
        self.assertTrue(line.exists())
        self.assertFalse(line.timebill_is_converted)

    def test_counts_once(self):
        """Cost of the timesheet, revenue of the invoice: the activity adds nothing of its own."""
        line, activity = self._at_once()
        self._bill(activity, post=True)
        lines = self.env["account.analytic.line"].search([("account_id", "=", self.matter.analytic_account_id.id)])
        self.assertEqual(sorted(lines.mapped("amount")), [-75, 300])
        self.assertEqual(sum(self.project.timesheet_ids.mapped("unit_amount")), 1.5)

    def test_secret_matter(self):
        """The text of a timesheet is as secret as the matter, for those too who manage timesheets."""
        line = self._timesheet(project_id=self.secret_matter.project_ids.id)
        self.manager.group_ids = [Command.link(self.env.ref("hr_timesheet.group_timesheet_manager").id)]
        Line = self.env["account.analytic.line"].with_user(self.manager)
        self.assertFalse(Line.search([("id", "=", line.id)]))
        self.secret_matter.member_ids += self.manager
        self.assertTrue(Line.search([("id", "=", line.id)]))
