from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.copying import copy_restricted


class ProjectTask(models.Model):
    _name = "project.task"
    _inherit = ["project.task", "timebill.source.mixin"]

    timebill_matter_id = fields.Many2one(related="project_id.timebill_matter_id", groups="base.group_user")
    timebill_type_id = fields.Many2one(
        "timebill.activity.type",
        "Activity Type",
        index="btree_not_null",
        check_company=True,
        copy=False,  # see copy_data
        groups="timebill_legal.group_user",
        help="Activity type, and thereby price, of the activities entered from this task.",
    )

    @api.depends("project_id.timebill_matter_id.confidential", "project_id.timebill_matter_id.member_ids")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Show only the reference of a confidential matter to users outside its team.

        Display names are visible through many2one fields to users who may not read the task.
        """
        super()._compute_display_name()
        for task in self:
            # sudo: the user may not be able to read the matter; only its reference is shown
            matter = task.sudo().project_id.timebill_matter_id
            if matter and matter._is_hidden_from_user():
                task.display_name = matter.reference

    def write(self, vals):
        res = super().write(vals)
        if vals.get("project_id"):
            # sudo: the user may not be able to read the matter; outsiders stop following what is confidential now
            self.sudo().timebill_matter_id.filtered("confidential")._sync_followers()
        return res

    def copy_data(self, default=None):
        return copy_restricted(self, super().copy_data(default), "timebill_type_id")

    def _timebill_prepare_activity_defaults(self, kind):
        """Matter of the project, and the activity type of the task if it is of this kind."""
        if not self.project_id:
            raise UserError(
                self.env._(
                    "The task “%s” has no project and therefore no matter. Choose its project first.", self.display_name
                )
            )
        values = {**self.project_id._timebill_prepare_activity_defaults(kind), "task_id": self.id}
        if self.timebill_type_id.kind == kind:
            values["type_id"] = self.timebill_type_id.id
        return values

    def _timebill_prepare_source_values(self):
        """The duration is the allocated time, as a proposal."""
        self.ensure_one()
        day = (self.is_closed and self.date_last_stage_update) or fields.Datetime.now()
        values = {"description": self.name, "date": self._timebill_get_day(day), "type_id": self.timebill_type_id.id}
        return {**values, "duration": round(self.allocated_hours * 60)} if self.allocated_hours else values

    def _timebill_get_document_reference(self):
        return (self._name, self.id) if self.project_id else (False, False)

    def _timebill_get_workers(self):
        return self.user_ids

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Tasks of matters assigned to ``user``, done on these days, on which she has entered no activity."""
        first, end = self._timebill_get_moments(user, date_from, date_to)
        # sudo: activities that the user cannot read count as well; only ids of her own tasks result
        entered = self.env["timebill.activity"].sudo()._search([("task_id", "!=", False), ("user_id", "=", user.id)])
        return (
            Domain("project_id.timebill_matter_id", "!=", False)
            & Domain("user_ids", "in", user.ids)
            & Domain("state", "=", "1_done")
            & Domain("date_last_stage_update", ">=", first)
            & Domain("date_last_stage_update", "<", end)
            & Domain("id", "not in", entered.subselect("task_id"))
        )
