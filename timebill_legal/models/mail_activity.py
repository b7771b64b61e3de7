from odoo import api, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        for activity, matter in activities._timebill_get_secrets_sudo().items():
            # sudo: the title is taken out, whoever wrote it
            matter._hide_titles_in(activity.sudo(), matter._get_titles_sudo())
        return activities

    def write(self, vals):
        res = super().write(vals)
        if "summary" in vals or "note" in vals:
            for activity, matter in self._timebill_get_secrets_sudo().items():
                matter._hide_titles_in(activity.sudo(), matter._get_titles_sudo())  # sudo: as above
        return res

    @api.depends("res_model", "res_id")
    def _compute_res_name(self):
        """The reference instead of the title: whoever has to do it may be outside the team."""
        super()._compute_res_name()
        for activity, matter in self._timebill_get_secrets_sudo().items():
            activity.res_name = matter.reference

    def _timebill_get_secrets_sudo(self):
        """{activity: confidential matter of its document}"""
        result = {}
        for model_name, activities in self.grouped("res_model").items():
            matter_of = self.env["timebill.matter"]._get_confidential_of_sudo(model_name, activities.mapped("res_id"))
            result.update({a: matter_of[a.res_id] for a in activities if a.res_id in matter_of})
        return result
