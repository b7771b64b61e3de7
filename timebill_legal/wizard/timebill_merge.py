from odoo import api, fields, models
from odoo.fields import Command

from ..lib.durations import format_duration
from ..tools.creating import create_sudo


class TimebillMerge(models.TransientModel):
    """Wizard *Merge*: several activities become one."""

    _name = "timebill.merge"
    _description = "Merge of Activities"

    activity_ids = fields.Many2many("timebill.activity", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    name = fields.Char(readonly=True, export_string_translation=False)
    description = fields.Text(help="Printed on the invoice.")
    summary = fields.Char(readonly=True)
    amount_before = fields.Monetary("Before (excl. tax)", readonly=True, groups="timebill_legal.group_amounts")
    amount_after = fields.Monetary("After (excl. tax)", readonly=True, groups="timebill_legal.group_amounts")

    @api.model
    def _open(self, activities):
        """Open the wizard on ``activities``.

        :return: action
        :raises UserError: when they cannot be merged
        """
        activities._check_may_edit()
        activities._check_mergeable()
        activities = activities.sorted("id")
        priced = activities.sudo()  # sudo: amounts are restricted, like the fields of the wizard that show them
        worked, billable = sum(activities.mapped("duration")), sum(activities.mapped("billable_duration"))
        label = activities._get_count_label()
        # sudo: the user may not write the restricted amounts; the activities have been checked above
        wizard = create_sudo(
            self,
            {
                "activity_ids": [Command.set(activities.ids)],
                "currency_id": activities.currency_id.id,
                "description": activities._get_merged_text("description"),
                "name": activities[0].display_name,
                "summary": self.env._("%(work)s, billable %(time)s", work=label, time=format_duration(billable))
                if worked
                else label,
                "amount_before": sum(priced.mapped("amount")),
                "amount_after": priced._get_merged_amount(),
            },
        )
        return wizard._get_records_action(
            name=self.env._("Merge"), target="new", context={"dialog_size": "medium"}
        )

    def action_merge(self):
        """Merge the activities.

        :raises UserError: when one of them was billed or changed meanwhile
        """
        self.ensure_one()
        self.activity_ids.sorted("id")._merge(self.description)
        return {"type": "ir.actions.act_window_close"}
