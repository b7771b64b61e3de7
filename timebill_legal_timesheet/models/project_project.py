from odoo import models


class ProjectProject(models.Model):
    _inherit = "project.project"

    def _timebill_get_activities(self):
        """Those of time-sheets too, which go where their project goes."""
        lines = self.env["account.analytic.line"].search([("project_id", "in", self.ids)])
        return super()._timebill_get_activities() | lines._timebill_get_source_activities_sudo()
