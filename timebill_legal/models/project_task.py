from odoo import api, fields, models
from odoo.exceptions import UserError


class ProjectTask(models.Model):
    _name = "project.task"
    _inherit = ["project.task", "timebill.capture.mixin"]

    matter_id = fields.Many2one(related="project_id.matter_id", groups="base.group_user")
    timebill_type_id = fields.Many2one(
        "timebill.activity.type",
        "Activity Type",
        index="btree_not_null",
        check_company=True,
        groups="timebill_legal.group_user",
        help="Category, and so price, of the activities entered from this task.",
    )

    @api.depends("project_id.matter_id.confidential", "project_id.matter_id.member_ids")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The reference of the matter for somebody who may not enter it: names show through every many2one."""
        super()._compute_display_name()
        for task in self:
            matter = task.sudo().project_id.matter_id  # sudo: the matter itself says who may read its name
            if matter and matter._is_hidden_from_user():
                task.display_name = matter.reference

    def onchange(self, values, field_names, fields_spec):
        """What a task takes over from its project is computed with all rights in an open form."""
        self.env["project.project"].browse(filter(None, [values.get("project_id")])).check_access("read")
        return super().onchange(values, field_names, fields_spec)

    def _prepare_activity_defaults(self, kind):
        """Matter of the task's project, and its own category when it is of that kind."""
        if not self.project_id:
            raise UserError(
                self.env._(
                    "The task “%s” has no project, hence no matter. Choose its project first.", self.display_name
                )
            )
        values = {**self.project_id._prepare_activity_defaults(kind), "task_id": self.id}
        if self.timebill_type_id.kind == kind:
            values["type_id"] = self.timebill_type_id.id
        return values
