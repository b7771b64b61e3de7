from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: What a time-sheet and its activity both say.
SHARED_FIELDS = {"date", "unit_amount", "product_uom_id", "name", "user_id", "employee_id", "project_id", "task_id"}

#: By which the app of sold time-sheets, where it is installed, charges the client: order line and invoice.
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
        """The activity of a time-sheet says the same, until it is billed: from then on it refuses, by name.

        What has an activity goes on no sales order.
        """
        is_shared = (SHARED_FIELDS | SOLD_FIELDS).intersection(vals)
        converted = self._timebill_get_source_activities_sudo() if is_shared else None
        text_of = {line.id: line.name for line in self} if converted else {}
        # Of its task or project, an order line gets here without being written: at the latest, its invoice is refused.
        sold = self._timebill_filter_sold() if converted and not vals.get("timesheet_invoice_id") else self.browse()
        empty = self.filtered(lambda line: not line.unit_amount) if vals.get("unit_amount") else self.browse()
        res = super().write(vals)
        empty._timebill_convert_at_once()
        if converted:
            # Odoo checks the time-sheet as it was: nobody gets into a confidential matter, nor gives work to somebody.
            self.check_access("write")
            (self._timebill_filter_sold() - sold)._timebill_check_not_converted()
            self._timebill_update_activities(converted, text_of)
        return res

    def unlink(self):
        self.check_access("unlink")
        # An activity that was billed refuses, and names the invoice.
        self._timebill_get_source_activities_sudo().unlink()
        return super().unlink()

    #=== CONVERSION ===#

    @api.model
    def _timebill_get_kinds(self):
        return self.env["timebill.kind"]._get_codes(lambda kind: kind.is_timed)

    def _timebill_convert_at_once(self):
        """Convert the time-sheets of companies that want it, as far as nothing has to be asked and the user may."""
        lines = self.filtered(lambda line: line.project_id and line.company_id.timebill_timesheet_auto)
        if not lines or not self.env.user.has_group("timebill_legal.group_user"):
            return
        lines = lines.filtered(lambda line: line.user_id in line.user_id._timebill_filter_timekeepers())
        sure, _left = lines._timebill_sort_out_conversions()
        lines._timebill_convert(sure)

    def _timebill_update_activities(self, activities, text_of):
        """
        :param text_of: {id: text of the time-sheet before}; a text that was edited on the activity stays
        :raises UserError: naming those that stand on an invoice
        """
        lines = {line.id: line for line in self}
        for activity in activities:  # each says something else
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
                        "%(activity)s stands on %(invoices)s: its time-sheet cannot change. Take it off the draft"
                        " invoice, or make a credit note.",
                        activity=activity.display_name,
                        invoices=activity._get_holding_invoice_names(),
                    )
                )
            if "matter_id" in changed:
                matter._check_open_for_entry()
            activity.write(changed)

    def _timebill_filter_sold(self):
        return self.filtered(lambda line: line._timebill_get_sold_reason())

    def _timebill_check_not_converted(self):
        """
        :raises UserError: naming the activities by which clients are charged with these time-sheets
        """
        if activities := self._timebill_get_source_activities_sudo():
            raise UserError(
                self.env._(
                    "Clients are charged with these time-sheets already: %s. Delete these activities first (one that is"
                    " billed needs a credit note), or keep the time-sheets off the sales order.",
                    ", ".join(activities.mapped("display_name")),
                )
            )

    def _timebill_get_minutes(self):
        self.ensure_one()
        hour = self.env.ref("uom.product_uom_hour")
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
            # A task may be a service at a fixed price.
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
        # sudo: orders are named to who may read the time-sheet
        return self.sudo().so_line.order_id if "so_line" in self._fields else super()._timebill_get_sales_orders_sudo()

    @api.model
    def _timebill_get_work_domain(self, user, date_from, date_to):
        """Time-sheets of ``user`` on matters on these days."""
        return (
            Domain("user_id", "=", user.id)
            & Domain("project_id.timebill_matter_id", "!=", False)
            & Domain("date", ">=", date_from)
            & Domain("date", "<=", date_to)
        )

    @api.model
    def _timebill_get_source_label(self):
        return self.env._("Time-sheet")

    def _timebill_get_source_title(self):
        self.ensure_one()
        return self.name

    def _timebill_get_source_action(self):
        """Its form is that of time-sheets, not that of the analytic items which accountants see."""
        form = self.env.ref("hr_timesheet.hr_timesheet_line_form")
        return {**super()._timebill_get_source_action(), "views": [(form.id, "form")]}
