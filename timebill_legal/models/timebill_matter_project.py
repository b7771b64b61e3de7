from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.creating import create_sudo


class TimebillMatter(models.Model):
    """Analytic account and projects of a matter."""

    _inherit = "timebill.matter"

    analytic_account_id = fields.Many2one(
        "account.analytic.account", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    project_ids = fields.One2many(
        "project.project", "timebill_matter_id", "Projects", domain=[("is_template", "=", False)]
    )
    project_count = fields.Integer(compute="_compute_project_count", export_string_translation=False)

    #=== COMPUTE METHODS ===#

    @api.depends("project_ids")
    def _compute_project_count(self):
        for matter in self:
            matter.project_count = len(matter.project_ids)

    #=== ACTION METHODS ===#

    def action_open_projects(self):
        self.ensure_one()
        projects = self.project_ids
        action = self.env["ir.actions.act_window"]._for_xml_id("project.act_project_project_2_project_task_all")
        if len(projects) == 1:
            return {
                **action,
                "name": projects.name,
                "context": {"active_id": projects.id, "default_project_id": projects.id},
                "domain": [("project_id", "=", projects.id), ("display_in_project", "=", True)],
            }
        return projects._get_records_action(
            name=self.env._("Projects"), views=[(False, "kanban"), (False, "list"), (False, "form")], context={}
        )

    #=== BUSINESS METHODS ===#

    def _create_analytic_accounts(self):
        plan, _other_plans = self.env["account.analytic.plan"]._get_all_plans()
        # sudo: opening a matter requires no accounting right; the account gets no other data than those of the matter
        accounts = create_sudo(
            self.env["account.analytic.account"],
            [
                {
                    "name": matter._get_private_name(),
                    "plan_id": plan.id,
                    "company_id": matter.company_id.id,
                    "partner_id": matter._get_private_partner().id,
                }
                for matter in self
            ],
        )
        for matter, account in zip(self.sudo(), accounts, strict=True):  # sudo: accounts are not readable by lawyers
            matter.analytic_account_id = account

    def _create_projects(self):
        # sudo: only project administrators may create projects, but every lawyer may open a matter with its project
        projects = create_sudo(self.env["project.project"], [matter._prepare_project_values() for matter in self])
        # In each language: the projects would keep the word of the person who opened the matter.
        languages = [lang for lang, _name in self.env["res.lang"].get_installed()]
        labels = {lang: self.with_context(lang=lang).env._("Tasks") for lang in languages}
        for project in projects:
            project.update_field_translations("label_tasks", labels)
        for matter, project in zip(self, projects, strict=True):
            if matter.confidential:
                project.message_subscribe(partner_ids=matter.member_ids.partner_id.ids)

    def _prepare_project_values(self):
        self.ensure_one()
        return {
            "name": self._get_private_name(),
            "timebill_matter_id": self.id,
            "account_id": self.analytic_account_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.client_ids[:1].partner_id.id,
            "user_id": self.responsible_id.id,
            "privacy_visibility": "followers" if self.confidential else "employees",
        }

    def _adopt_project(self, project):
        """Link the project from which this matter was opened.

        :raises AccessError: when the user may not read the project; or not edit it, and the matter is confidential,
            which renames and hides its projects
        :raises UserError: when the project belongs to another matter
        """
        project.check_access("read")
        if self.confidential:
            self._check_may_hide(project)
        if project.timebill_matter_id:
            raise UserError(
                self.env._(
                    "The project “%(project)s” already belongs to the matter %(matter)s.",
                    project=project.display_name,
                    matter=project.timebill_matter_id.display_name,
                )
            )
        # sudo: only project administrators may edit projects; the user may read this one, it has no matter yet, and an
        # ordinary matter changes nothing but its analytic account
        project.sudo().timebill_matter_id = self

    def _check_may_hide_projects(self):
        """Before matters become confidential: projects that were there before them belong to somebody else, and the
        user could have opened a matter for any project that she may read.

        :raises AccessError: when the user may not edit such a project
        """
        # sudo: projects that the user cannot read count as well
        for matter in self.sudo().with_context(active_test=False).filtered(lambda m: not m.confidential):
            projects = matter.project_ids.filtered(lambda p, matter=matter: p.create_date < matter.create_date)
            self._check_may_hide(projects.sudo(False))

    def _check_may_hide(self, projects):
        """
        :raises AccessError: when the user may not edit one of ``projects``, which a confidential matter renames and
            hides
        """
        for project in projects - projects._filtered_access("write"):
            raise AccessError(
                self.env._(
                    "The matter cannot be confidential with the project “%s”: its name, visibility and followers"
                    " would change, and you are not allowed to edit it. Ask a project administrator.",
                    # sudo: the display name shows no more than the reference of a hidden matter
                    project.sudo().display_name,
                )
            )
