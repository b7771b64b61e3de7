from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: Fields of a timesheet whose changes update its activity.
SHARED_FIELDS = {"date", "unit_amount", "product_uom_id", "name", "user_id", "employee_id", "project_id", "task_id"}

#: Fields of sale_timesheet, which charges the client by a sales order: order line and invoice.
SOLD_FIELDS = {"so_line", "timesheet_invoice_id"}


class AccountAnalyticLine(models.Model):
    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "timebill.source.mixin"]

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._timebill_convert_at_once()
        return lines

    def write(self, vals):
        """Update the activities of these timesheets, and keep converted timesheets off sales orders.

        :raises UserError: when the activity of a timesheet is billed and would change, or a converted timesheet would
            be put on a sales order
        """
        is_shared = (SHARED_FIELDS | SOLD_FIELDS).intersection(vals)
        converted = self._timebill_get_source_activities_sudo() if is_shared else None
        text_of = {line.id: line.name for line in self} if converted else {}
        # The order line may be recomputed from the task or project without a call of write(): the constraint is then
        # checked when the timesheet is invoiced.
        sold = self._timebill_filter_sold() if converted and not vals.get("timesheet_invoice_id") else self.browse()
        empty = self.filtered(lambda line: not line.unit_amount) if vals.get("unit_amount") else self.browse()
        res = super().write(vals)
        empty._timebill_convert_at_once()
        if converted:
            # Odoo has checked the former values only: the user must also have the right on the new matter and
            # timekeeper.
            self.check_access("write")
            (self._timebill_filter_sold() - sold)._timebill_check_not_converted()
            self._timebill_update_activities(converted, text_of)
        return res

    def unlink(self):
        self.check_access("unlink")
        # Deleting a billed activity raises an error.
        # sudo of _timebill_get_source_activities_sudo: the right to delete the timesheet has been checked
        self._timebill_get_source_activities_sudo().unlink()
        return super().unlink()

    #=== CONVERSION ===#

    @api.model
    def _timebill_get_kinds(self):
        return self.env["timebill.kind"]._get_codes(lambda kind: kind.is_timed)

    def _timebill_convert_at_once(self):
        """Convert these timesheets if their company converts timesheets automatically, as far as the user may and no
        question to her is needed.
        """
        lines = self.filtered(lambda line: line.project_id and line.company_id.timebill_timesheet_auto)
        if not lines or not self.env.user.has_group("timebill_legal.group_user"):
            return
        lines = lines.filtered(lambda line: line.user_id in line.user_id._timebill_filter_timekeepers())
        ready, _problems = lines._timebill_sort_out_conversions()
        lines._timebill_convert(ready)

    def _timebill_update_activities(self, activities, text_of):
        """Update the activities of these timesheets, or delete them when the project has no matter any more.

        :param activities: timebill.activity under sudo
        :param text_of: {id: former description of the timesheet}; a description edited on the activity is kept
        :raises UserError: when an activity is billed and would change
        """
        lines = {line.id: line for line in self}
        for activity in activities:
            line = lines[activity.source_id]
            matter = line.project_id.timebill_matter_id
            if not matter:
                activity.unlink()
                continue
            values = {
                "matter_id": matter.id,
                "task_id": line.task_id.id,
                "user_id": line.user_id.id,
                "date": line.date,
                "duration": line._timebill_get_minutes(),
            }
            if activity.description == text_of[line.id]:
                values["description"] = line.name
            changed = {name: value for name, value in values.items() if activity._has_other_value(name, values)}
            if changed and activity.covered:
                raise UserError(
                    self.env._(
                        "%(activity)s is on %(invoices)s: its timesheet cannot be changed. Remove it from the draft"
                        " invoice, or create a credit note.",
                        activity=activity.display_name,
                        invoices=activity._get_holding_invoice_names(),
                    )
                )
            if "matter_id" in changed:
                matter._check_open_for_entry()
            activity.write(changed)

    def _timebill_filter_sold(self):
        return self.filtered(lambda line: line._timebill_get_sold_problem())

    def _timebill_check_not_converted(self):
        """
        :raises UserError: when one of these timesheets is converted
        """
        if activities := self._timebill_get_source_activities_sudo():
            raise UserError(
                self.env._(
                    "These timesheets are already charged to the clients by activities: %s. Delete these activities"
                    " first (after a credit note if they are billed), or remove the timesheets from the sales order.",
                    ", ".join(activities.mapped("display_name")),
                )
            )

    def _timebill_get_minutes(self):
        """Duration in minutes, whatever the unit of measure."""
        self.ensure_one()
        hour = self.env["uom.uom"].browse(self.env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_hour"))
        hours = (self.product_uom_id or hour)._compute_quantity(self.unit_amount, hour, round=False)
        return round(hours * 60)

    def _timebill_prepare_source_values(self):
        self.ensure_one()
        activity_type = self.task_id.timebill_type_id
        return {
            "kind": "time",
            "description": self.name,
            "date": self.date,
            "duration": self._timebill_get_minutes(),
            # The activity type of a task may be a service at a fixed price.
            "type_id": activity_type.is_timed and activity_type.id,
        }

    def _timebill_get_document_reference(self):
        return ("project.task", self.task_id.id) if self.task_id else ("project.project", self.project_id.id)

    def _timebill_get_fixed_matters(self):
        return {line.id: line.project_id.timebill_matter_id for line in self}

    def _timebill_get_workers(self):
        return self.user_id

    def _timebill_get_sales_orders_sudo(self):
        self.ensure_one()
        # sudo: the user may have no right on sales orders; only their names are shown
        return self.sudo().so_line.order_id if "so_line" in self._fields else super()._timebill_get_sales_orders_sudo()

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Timesheets of ``user`` on matters on these days."""
        return (
            Domain("user_id", "=", user.id)
            & Domain("project_id.timebill_matter_id", "!=", False)
            & Domain("date", ">=", date_from)
            & Domain("date", "<=", date_to)
        )

    @api.model
    def _timebill_get_source_label(self):
        return self.env._("Timesheet")

    def _timebill_get_source_title(self):
        self.ensure_one()
        return self.name

    def _timebill_get_source_action(self):
        """Open the form view of timesheets instead of that of analytic items."""
        form = self.env.ref("hr_timesheet.hr_timesheet_line_form")
        return self._get_records_action(views=[(form.id, "form")], context={})
