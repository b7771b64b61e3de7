import contextlib
import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.durations import parse_duration

DURATIONS = ("duration", "billable_duration")

#: How a spreadsheet writes the time of day that it made of a duration.
TIME_OF_DAY = re.compile(r"(\d{1,2}:\d{2}):00")


class TimebillActivity(models.Model):
    """Activities that come from a spreadsheet, or from the product that the firm used before."""

    _inherit = "timebill.activity"

    former_invoice = fields.Char(
        "Billed Before the Takeover",
        compute="_compute_former_invoice",
        inverse="_inverse_former_invoice",
        groups="timebill_legal.group_billing",
        help="Number of the invoice on which the firm billed this work before it used Odoo. Only when activities are"
        " imported: nothing of them is to bill.",
    )

    @api.depends("allocation_ids.taken_over", "allocation_ids.live", "allocation_ids.net")
    def _compute_former_invoice(self):
        for activity in self:
            rows = activity._get_holding_rows().filtered("taken_over")
            activity.former_invoice = ", ".join(filter(None, rows.mapped("note")))

    def _inverse_former_invoice(self):
        for number, activities in self.filtered("former_invoice").grouped("former_invoice").items():
            self.env["timebill.allocation"]._take_over(activities, number)

    @api.model
    def _read_import_row(self, row):
        """Durations as people write them; an empty cell leaves what the form would propose."""
        row = {name: value for name, value in row.items() if value not in ("", [])}
        for name in DURATIONS:
            if name in row:
                with contextlib.suppress(ValueError):  # Odoo refuses it, with the row and the column
                    row[name] = str(parse_duration(TIME_OF_DAY.sub(r"\1", row[name].strip())))
        return row

    @api.model
    def _get_import_problems(self, vals_list):
        """As creating them would refuse them, each by itself, and without creating any.

        The kind of a row is that of its category, unless it says another.
        """
        type_of, matter_of = (
            {record.id: record for record in self.env[self._fields[name].comodel_name].browse(self._ids_of(vals_list, name))}
            for name in ("type_id", "matter_id")
        )
        no_type, no_matter = self.env["timebill.activity.type"], self.env["timebill.matter"]
        closed = {matter: self._explain(matter._check_open_for_entry) for matter in matter_of.values()}
        refused = {
            user_id: self._explain(self._check_timekeepers, {user_id})
            for user_id in self._ids_of(vals_list, "user_id")
        }
        problems = []
        for vals in vals_list:
            activity_type = type_of.get(vals.get("type_id"), no_type)
            matter = matter_of.get(vals.get("matter_id"), no_matter)
            kind = vals.setdefault("kind", activity_type.kind or "time")
            figures = {name: vals[name] for name in ("billable_duration", "quantity", "price_unit") if name in vals}
            figures["duration"] = vals.get("duration", activity_type.default_duration)
            found = [
                closed[matter] if matter else self.env._("Choose a matter: every activity belongs to one."),
                refused.get(vals.get("user_id")),
                self._get_date_problem(fields.Date.to_date(vals.get("date"))),
                matter and self._get_client_problem(matter, vals.get("partner_id")),
                self._get_kind_problem(activity_type, kind),
                *self._get_figure_problems(kind, figures),
                kind != "time" and not self._has_import_price(vals) and self._get_price_problem(),
            ]
            problems.append("\n".join(filter(None, found)))
        return problems

    @api.model
    def _ids_of(self, vals_list, name):
        return list({vals[name] for vals in vals_list if vals.get(name)})

    def _has_import_price(self, vals):
        if vals.get("price_unit") or vals.get("unit_cost") or vals.get("billable") is False:
            return True
        activity = self.new(vals).sudo()  # sudo: priced also for a user who may not see amounts
        return activity.price_unit or not activity.billable

    @api.model
    def _explain(self, check, *args):
        """What ``check`` says is wrong, or False."""
        try:
            check(*args)
        except (AccessError, UserError) as error:
            return str(error)
        return False
