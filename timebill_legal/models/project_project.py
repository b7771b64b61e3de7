from odoo import api, fields, models
from odoo.exceptions import UserError


class ProjectProject(models.Model):
    _name = "project.project"
    _inherit = ["project.project", "timebill.capture.mixin"]

    matter_id = fields.Many2one(
        "timebill.matter", index="btree_not_null", check_company=True, copy=False, ondelete="restrict"
    )
    matter_reference = fields.Char(related="matter_id.reference", string="Matter Reference")
    matter_amount_to_bill = fields.Monetary(
        related="matter_id.amount_to_bill",
        currency_field="matter_currency_id",
        related_sudo=False,
        groups="timebill_legal.group_amounts",
    )
    matter_currency_id = fields.Many2one(related="matter_id.currency_id", string="Matter Currency")
    matter_invoice_ids = fields.Many2many(
        "account.move",
        string="Client Invoices",
        compute="_compute_matter_invoice_ids",
        groups="account.group_account_invoice",
    )

    @api.depends("matter_id")
    def _compute_matter_invoice_ids(self):
        for project in self:
            project.matter_invoice_ids = project.matter_id._get_invoices() if project.matter_id else False

    @api.model_create_multi
    def create(self, vals_list):
        projects = super().create(vals_list)
        projects._share_matter_account()
        return projects

    def write(self, vals):
        res = super().write(vals)
        if "matter_id" in vals:
            self._share_matter_account()
        return res

    def _share_matter_account(self):
        """The projects of a matter share its analytic account."""
        for project in self.filtered("matter_id"):
            # sudo: the account is read from a matter that the project's administrator may not see
            account = project.matter_id.sudo().analytic_account_id
            if project.account_id != account:
                project.account_id = account

    def _check_has_matter(self):
        self.ensure_one()
        if not self.matter_id:
            raise UserError(
                self.env._(
                    "The project “%s” belongs to no matter. Choose its matter in the project's settings, or open one with the"
                    " button “Open a matter”.",
                    self.display_name,
                )
            )

    def _prepare_activity_defaults(self, kind):
        self._check_has_matter()
        return {"matter_id": self.matter_id.id}

    def action_bill(self):
        self._check_has_matter()
        return self.matter_id.action_bill()

    def action_open_matter(self):
        """The project's matter, or a new one prepared from the project."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_all")
        context = {
            "default_name": self.name,
            "default_client_ids": [(0, 0, {"partner_id": self.partner_id.id})] if self.partner_id else [],
            "timebill_project_id": self.id,
        }
        return {**action, "views": [(False, "form")], "res_id": self.matter_id.id, "context": context}
