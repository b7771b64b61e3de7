from odoo.addons.timebill_legal.tests.neighbours import NeighbourCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestNeighbours(NeighbourCase):
    """Who enters timesheets and has none of our groups notices nothing of us where no matter is."""

    def test_timesheets(self):
        user = self._create_neighbour("hr_timesheet.group_hr_timesheet_user")
        project = self.env["project.project"].create({"name": "Loose", "allow_timesheets": True})
        context = {"is_timesheet": 1, "default_project_id": project.id}
        self._play(user, "account.analytic.line", "hr_timesheet.timesheet_view_form_user", **context)
