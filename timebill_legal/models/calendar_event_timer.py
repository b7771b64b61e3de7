from odoo import models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _prepare_timer_values(self):
        """The title of the meeting, and what the record that it is about knows."""
        self.ensure_one()
        values = {"description": self.name}
        if self.res_model in ("timebill.matter", "project.project", "project.task") and self.res_id:
            record = self.env[self.res_model].browse(self.res_id).exists()._filtered_access("read")
            if record and (record._name == "timebill.matter" or record.matter_id):
                values = {**record._prepare_timer_values(), **values}
        return values
