from odoo.addons.timebill_legal.tests.test_tours import ToursCase
from odoo.fields import Command
from odoo.tests import tagged


class TimesheetJourney:
    """A timesheet on the task of a matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer.group_ids = [Command.link(cls.env.ref("hr_timesheet.group_hr_timesheet_user").id)]
        cls.env["hr.employee"].create({"name": cls.lawyer.name, "user_id": cls.lawyer.id})
        project = cls.abadie_matter.project_ids
        project.allow_timesheets = True
        cls.task = cls.env["project.task"].create({"name": "Plaider", "project_id": project.id})

    def test_timesheet(self):
        self._tour("timebill_timesheet", self.task)
        activity = self._entered(self.abadie_matter)
        self.assertEqual((activity.duration, activity.task_id, activity.amount), (90, self.task, 300))


@tagged("post_install", "-at_install")
class TestTimesheetToursWide(TimesheetJourney, ToursCase):
    browser_size = "1400x900"


@tagged("post_install", "-at_install")
class TestTimesheetToursPhone(TimesheetJourney, ToursCase):
    browser_size = "390x844"
    touch_enabled = True
