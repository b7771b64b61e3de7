from odoo import models


class ProjectProject(models.Model):
    _inherit = "project.project"

    def _timebill_get_activities(self):
        """Add the activities of timesheets, which move with their project."""
        lines = self.env["account.analytic.line"].search([("project_id", "in", self.ids)])
        return super()._timebill_get_activities() | lines._timebill_get_source_activities_sudo()
