from odoo import models


class ProjectProject(models.Model):
    _inherit = "project.project"

    def _get_project_activities(self):
        """Those of time-sheets too, which go where their project goes."""
        lines = self.env["account.analytic.line"].search([("project_id", "in", self.ids)])
        return super()._get_project_activities() | lines._get_source_activities()
