from odoo import api, fields, models
from odoo.exceptions import UserError


class ProjectProject(models.Model):
    _name = "project.project"
    _inherit = ["project.project", "timebill.capture.mixin"]

    timebill_matter_id = fields.Many2one(
        "timebill.matter",
        "Matter",
        index="btree_not_null",
        check_company=True,
        copy=False,
        ondelete="restrict",
        groups="base.group_user",  # not for portal users, with whom projects can be shared
    )
    timebill_matter_reference = fields.Char(
        related="timebill_matter_id.reference", string="Matter Reference", groups="base.group_user"
    )
    timebill_matter_amount_to_bill = fields.Monetary(
        related="timebill_matter_id.amount_to_bill",
        currency_field="timebill_matter_currency_id",
        related_sudo=False,
        groups="timebill_legal.group_amounts",
    )
    timebill_matter_currency_id = fields.Many2one(
        related="timebill_matter_id.currency_id", string="Matter Currency", groups="base.group_user"
    )
    analytic_account_balance = fields.Monetary(
        related=None, compute="_compute_timebill_account_balance", export_string_translation=False
    )
    timebill_matter_invoice_ids = fields.Many2many(
        "account.move",
        string="Client Invoices",
        compute="_compute_timebill_matter_invoice_ids",
        groups="account.group_account_invoice",
    )

    @api.depends("timebill_matter_id")
    def _compute_timebill_matter_invoice_ids(self):
        for project in self:
            matter = project.timebill_matter_id
            project.timebill_matter_invoice_ids = matter._get_invoices() if matter else False

    @api.depends("account_id.balance", "timebill_matter_id.confidential", "timebill_matter_id.member_ids")
    @api.depends_context("uid")
    def _compute_timebill_account_balance(self):
        """Hide what was billed on a matter from users who may not see its amounts; Odoo shows balances to all."""
        groups = ("timebill_legal.group_amounts", "analytic.group_analytic_accounting")
        sees_amounts = self.env.su or any(map(self.env.user.has_group, groups))
        # sudo: as in Odoo, whoever may read a project may see its balance, except for that of a matter, see below
        for project, project_sudo in zip(self, self.sudo(), strict=True):
            matter_sudo = project_sudo.timebill_matter_id
            hidden = matter_sudo and not (sees_amounts and (self.env.su or not matter_sudo._is_hidden_from_user()))
            project.analytic_account_balance = False if hidden else project_sudo.account_id.balance

    @api.depends("timebill_matter_id.confidential", "timebill_matter_id.member_ids")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Show only the reference of a confidential matter to users outside its team."""
        super()._compute_display_name()
        for project in self:
            # sudo: the user may not be able to read the matter; only its reference is shown
            matter = project.sudo().timebill_matter_id
            if matter and matter._is_hidden_from_user():
                project.display_name = matter.reference

    @api.model_create_multi
    def create(self, vals_list):
        projects = super().create(vals_list)
        projects._timebill_join_matter()
        return projects

    def write(self, vals):
        activities = self.env["timebill.activity"]
        if "timebill_matter_id" in vals:
            activities = self._timebill_get_transferred_activities(vals["timebill_matter_id"])
        res = super().write(vals)
        if "timebill_matter_id" in vals:
            self._timebill_join_matter()
        if activities:
            # All or nothing: raises if one of them is billed or may not be changed by the user.
            activities._transfer_to(self.env["timebill.matter"].browse(vals["timebill_matter_id"]))
        if "name" in vals:
            # Odoo renames the account like its only project, whose title may be confidential.
            # sudo: project administrators may not edit analytic accounts; the name derives from the matter
            for matter in self.sudo().timebill_matter_id:
                matter._rename_in_all_languages(matter.analytic_account_id)
        return res

    def unlink(self):
        self.check_access("unlink")
        # Odoo deletes the account with its project, but this account belongs to the matter.
        # sudo: project users may not be able to edit the account; the right to delete the project has been checked
        self.sudo().filtered("timebill_matter_id").account_id = False
        return super().unlink()

    def _timebill_get_transferred_activities(self, matter_id):
        """Activities of these projects that move with them to another matter.

        :param matter_id: id of the new matter, or False
        :raises UserError: when there are any, but no new matter
        """
        # sudo: activities that the user cannot read move as well; changing them requires her rights, see the return
        activities = self.sudo()._timebill_get_activities().filtered(lambda a: a.matter_id.id != matter_id)
        if activities and not matter_id:
            raise UserError(
                self.env._(
                    "“%(projects)s” has activities on %(matters)s: %(work)s. Choose another matter, to which they move"
                    " with the project, or transfer these activities first.",
                    projects=", ".join(self.mapped("display_name")),
                    matters=", ".join(activities.matter_id.mapped("display_name")),
                    work=activities._get_count_label(),
                )
            )
        return activities.sudo(False)

    def _timebill_get_activities(self):
        """Activities linked to tasks of these projects."""
        return self.env["timebill.activity"].search([("task_id.project_id", "in", self.ids)])

    def _timebill_join_matter(self):
        """Set the analytic account of the matter on its projects, and hide the title of confidential ones."""
        matters = self.timebill_matter_id
        if not matters:
            return  # users of other projects need no right on matters
        matters.check_access("read")
        for project in self.filtered("timebill_matter_id"):
            # sudo: users who may edit projects may have no right on accounts; the matter is readable, see above
            account = project.timebill_matter_id.sudo().analytic_account_id
            if project.account_id != account:
                project.account_id = account
        matters.filtered("confidential")._sync_private_names()

    def _timebill_check_has_matter(self):
        """
        :raises UserError: when the project belongs to no matter
        """
        self.ensure_one()
        if not self.timebill_matter_id:
            raise UserError(
                self.env._(
                    "The project “%s” belongs to no matter. Choose its matter in the project's settings, or open one"
                    " with the button “Open a matter”.",
                    self.display_name,
                )
            )

    def _timebill_prepare_activity_defaults(self, kind):
        self._timebill_check_has_matter()
        return {"matter_id": self.timebill_matter_id.id}

    def timebill_action_bill(self):
        self._timebill_check_has_matter()
        return self.timebill_matter_id.action_bill()

    def timebill_action_open_matter(self):
        """Open the matter of the project, or a new matter with defaults from the project."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_all")
        context = {
            "default_name": self.name,
            "default_client_ids": [(0, 0, {"partner_id": self.partner_id.id})] if self.partner_id else [],
            "timebill_project_id": self.id,
        }
        return {**action, "views": [(False, "form")], "res_id": self.timebill_matter_id.id, "context": context}
