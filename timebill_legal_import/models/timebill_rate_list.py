from odoo import models


class TimebillRateList(models.Model):
    _name = "timebill.rate.list"
    _inherit = ["timebill.rate.list", "timebill.import.mixin"]
