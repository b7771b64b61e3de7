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
        groups="base.group_user",  # not for the portal, where projects can be shared
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
    timebill_matter_currency_id = fields.Many2one(related="timebill_matter_id.currency_id", string="Matter Currency")
    # On the account of a matter, what was billed.
    analytic_account_balance = fields.Monetary(
        groups="timebill_legal.group_amounts,analytic.group_analytic_accounting", export_string_translation=False
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

    @api.depends("timebill_matter_id.confidential", "timebill_matter_id.member_ids")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The reference of the matter for somebody who may not enter it, whatever the project is called."""
        super()._compute_display_name()
        for project in self:
            matter = project.sudo().timebill_matter_id  # sudo: the matter itself says who may read its name
            if matter and matter._is_hidden_from_user():
                project.display_name = matter.reference

    @api.model_create_multi
    def create(self, vals_list):
        projects = super().create(vals_list)
        projects._timebill_join_matter()
        return projects

    def write(self, vals):
        work = self.env["timebill.activity"]
        if "timebill_matter_id" in vals:
            work = self._timebill_get_recorded_work(vals["timebill_matter_id"])
        res = super().write(vals)
        if "timebill_matter_id" in vals:
            self._timebill_join_matter()
        if work:
            # All or nothing: what is billed, or not this user's to change, refuses by name.
            work._give(self.env["timebill.matter"].browse(vals["timebill_matter_id"]))
        if "name" in vals:
            # Odoo calls the account like its only project, whose title may be a secret.
            # sudo: accounts are not writable by the project's administrator
            for matter in self.sudo().timebill_matter_id:
                matter._rename_in_all_languages(matter.analytic_account_id)
        return res

    def unlink(self):
        self.check_access("unlink")
        # Odoo deletes the account with its project; this one is the matter's.
        # sudo: whoever may delete the project may part it from the account
        self.sudo().filtered("timebill_matter_id").account_id = False
        return super().unlink()

    def _timebill_get_recorded_work(self, matter_id):
        """Activities of these projects that another matter takes over with them.

        :raises UserError: they would belong to no matter any more
        """
        # sudo: all of it, whoever asks; whoever moves the project must have the right to change each
        work = self.sudo()._timebill_get_activities().filtered(lambda activity: activity.matter_id.id != matter_id)
        if work and not matter_id:
            raise UserError(
                self.env._(
                    "Work of “%(projects)s” is recorded on %(matters)s: %(work)s. Choose another matter, to which it"
                    " goes along with the project; or transfer that work first.",
                    projects=", ".join(self.mapped("display_name")),
                    matters=", ".join(work.matter_id.mapped("display_name")),
                    work=work._get_count_label(),
                )
            )
        return work.sudo(False)

    def _timebill_get_activities(self):
        """Activities entered on the tasks of these projects."""
        return self.env["timebill.activity"].search([("task_id.project_id", "in", self.ids)])

    def _timebill_join_matter(self):
        """The projects of a matter share its analytic account, and its secret."""
        matters = self.timebill_matter_id
        if not matters:
            return  # who works with other projects needs no right on matters
        matters.check_access("read")
        for project in self.filtered("timebill_matter_id"):
            # sudo: accounts are not writable by the project's administrator
            account = project.timebill_matter_id.sudo().analytic_account_id
            if project.account_id != account:
                project.account_id = account
        matters.filtered("confidential")._sync_private_names()

    def _timebill_check_has_matter(self):
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
        """The project's matter, or a new one prepared from the project."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_all")
        context = {
            "default_name": self.name,
            "default_client_ids": [(0, 0, {"partner_id": self.partner_id.id})] if self.partner_id else [],
            "timebill_project_id": self.id,
        }
        return {**action, "views": [(False, "form")], "res_id": self.timebill_matter_id.id, "context": context}
