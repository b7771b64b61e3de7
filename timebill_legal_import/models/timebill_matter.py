from odoo import models


class TimebillMatter(models.Model):
    _name = "timebill.matter"
    _inherit = ["timebill.matter", "timebill.import.mixin"]
