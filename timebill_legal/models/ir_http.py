from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Add what the web client needs for the entry dialog, the timer and the relabelled button “Activity”."""
        result = super().session_info()
        # sudo: system parameters are readable by administrators only; this one only changes a label
        parameters = self.env["ir.config_parameter"].sudo()
        result["timebill_relabel_planning"] = bool(parameters.get_param("timebill_legal.relabel_planning"))
        user = self.env.user
        result["timebill_kinds"] = self.env["timebill.kind"]._get_session_info()
        result["timebill_entry"] = user.has_group("timebill_legal.group_user")
        result["timebill_timer"] = user.has_group("timebill_legal.group_user")
        result["timebill_enters_for_others"] = user._timebill_enters_for_others()
        result["timebill_auto_timer"] = user.timebill_auto_timer
        return result
