import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import float_round

from ..lib.products import NO, YES

#: The sign that keeps spreadsheets from computing a text which begins like a formula.
GUARD = re.compile(r"^' ?(?=[=+\-@])")

#: What two activities have in common to be the same work twice.
SAME_WORK = (
    "matter_id",
    "date",
    "user_id",
    "kind",
    "type_id",
    "partner_id",
    "description",
    "duration",
    "quantity",
    "price_unit",
    "unit_cost",
)


class TimebillActivity(models.Model):
    """Activities that come from a spreadsheet, or from the product that the firm used before."""

    _name = "timebill.activity"
    _inherit = ["timebill.activity", "timebill.import.mixin"]

    former_invoice = fields.Char(
        "Billed Before the Takeover",
        compute="_compute_former_invoice",
        inverse="_inverse_former_invoice",
        groups="timebill_legal.group_billing",
        help="Number of the invoice on which the firm billed this work before it used Odoo. Only when activities are"
        " imported: nothing of them is to bill.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("allocation_ids.taken_over", "allocation_ids.live", "allocation_ids.net")
    def _compute_former_invoice(self):
        for activity in self:
            rows = activity._get_holding_rows_sudo().filtered("taken_over")
            activity.former_invoice = ", ".join(filter(None, rows.mapped("note")))

    def _inverse_former_invoice(self):
        for number, activities in self.filtered("former_invoice").grouped("former_invoice").items():
            self.env["timebill.allocation"]._take_over(activities, number)

    #=== IMPORT ===#

    @api.model
    def _get_import_template(self):
        """With the invoices of before the takeover, and all prices, only for who may import them."""
        template = super()._get_import_template()
        return template if self.env.user.has_group("timebill_legal.group_billing") else f"{template}_entry"

    @api.model
    def _read_import_row(self, row):
        """An empty cell leaves what the form would propose."""
        row = {name: value for name, value in row.items() if value not in ("", [])}
        for name in {"description", "note"}.intersection(row):
            row[name] = GUARD.sub("", str(row[name]))
        said = str(row.get("former_invoice", "")).strip().casefold()
        if said in NO:  # also 0: no invoice has that number
            del row["former_invoice"]
        elif said in YES - {"1"}:
            row["former_invoice"] = self.env._("Number not known")
        return row

    @api.model
    def _get_import_problems(self, vals_list, records):
        """As creating or changing them would refuse them, each by itself, and without doing it.

        The kind of a new row is that of its category, unless it says another.
        """
        new_types = self.env["timebill.activity.type"].browse(self._ids_of(vals_list, "type_id"))
        kind_of = {activity_type.id: activity_type.kind for activity_type in new_types}
        for vals, record in zip(vals_list, records, strict=True):
            if not record:
                vals.setdefault("kind", kind_of.get(vals.get("type_id"), "time"))
        known = [self._read_before_import(vals, record) for vals, record in zip(vals_list, records, strict=True)]
        types = self.env["timebill.activity.type"].browse(self._ids_of(known, "type_id"))
        matters = self.env["timebill.matter"].browse(self._ids_of(known, "matter_id"))
        type_of, matter_of = ({record.id: record for record in records} for records in (types, matters))
        entered = set(self._ids_of(vals_list, "matter_id"))
        closed = {matter: matter.id in entered and self._explain(matter._check_open_for_entry) for matter in matters}
        refused = {
            user_id: self._explain(self._check_timekeepers, {user_id}) for user_id in self._ids_of(known, "user_id")
        }
        problems = []
        for vals, values, record in zip(vals_list, known, records, strict=True):
            activity_type = type_of.get(values.get("type_id"), types[:0])
            matter = matter_of.get(values.get("matter_id"), matters[:0])
            kind = values["kind"]
            names = ("billable_duration", "quantity", "price_unit")
            figures = {name: values[name] for name in names if name in values}
            figures["duration"] = values.get("duration", activity_type.default_duration)
            enters = vals if record else values  # what brings work to a matter or a person
            found = [
                closed[matter] if matter else self.env._("Choose a matter: every activity belongs to one."),
                refused.get(enters.get("user_id")),
                self._get_date_problem(fields.Date.to_date(values.get("date"))),
                matter and self._get_client_problem(matter, values.get("partner_id")),
                self._get_kind_problem(activity_type, kind),
                self._get_import_kind_problem(vals, kind, activity_type),
                vals.get("former_invoice") and self._get_former_invoice_problem(values, matter, activity_type),
                matter.internal and values.get("billable") and self._get_internal_problem(matter),
                *self._get_figure_problems(kind, figures, matter),
                not record and not self._has_import_price(kind, vals) and self._get_price_problem(),
            ]
            problems.append("\n".join(filter(None, found)))
        return problems

    @api.model
    def _read_before_import(self, vals, record):
        """``vals`` of a row, completed by what ``record`` has when the row changes it."""
        if not record:
            return vals
        names = [
            name
            for name in ("matter_id", "type_id", "kind", "date", "partner_id", "duration", "quantity", "billable")
            if name not in vals
        ]
        return {**{name: record._fields[name].convert_to_write(record[name], record) for name in names}, **vals}

    @api.model
    def _get_former_invoice_problem(self, values, matter, activity_type):
        """Why a row cannot have been billed before, or False."""
        billable = values.get("billable", activity_type.billable and not matter.internal)
        if billable and values.get("billable_duration") != 0:
            return False
        return self.env._(
            "Work that is not billable cannot be billed before: empty “%(column)s”, or make it billable.",
            column=self._fields["former_invoice"]._description_string(self.env),
        )

    @api.model
    def _get_import_kind_problem(self, vals, kind, activity_type):
        """Why the duration or the quantity of a row would get lost, or False."""
        is_timed = self.env["timebill.kind"]._get(kind).is_timed
        if is_timed and vals.get("quantity", 1) != 1 and not vals.get("duration"):
            return self.env._(
                "“%(category)s” is time: fill in its duration, or choose a category that has a quantity.",
                category=activity_type.name or "",
            )
        if not is_timed and vals.get("duration"):
            return self.env._(
                "“%(category)s” has no duration, but a quantity: choose a category of the kind “Time”, or fill in the"
                " quantity alone.",
                category=activity_type.name or "",
            )
        return False

    @api.model
    def _get_import_warning(self, vals_list):
        """A file may come in twice; what a row leaves to the form is not compared."""
        domain = Domain.AND(
            Domain(name, "in", self._ids_of(vals_list, name))
            for name in ("matter_id", "date", "user_id")
            if all(vals.get(name) for vals in vals_list)
        )
        names_of = [tuple(name for name in SAME_WORK if name in vals) for vals in vals_list]
        there = self.search_read(domain, list({name for names in names_of for name in names}), load=None)
        known = {names: {self._get_import_key(vals, names) for vals in there} for names in set(names_of)}
        count = sum(
            self._get_import_key(vals, names) in known[names]
            for vals, names in zip(vals_list, names_of, strict=True)
        )
        return count and self.env._(
            "Rows that are there already: %(count)s, with the same matter, date, timekeeper, category, text, duration"
            " or quantity, and price. Import this file only if the work was done twice.",
            count=count,
        )

    def _get_import_key(self, vals, names):
        values = (self._fields[name].convert_to_cache(vals[name], self) for name in names)
        return tuple(float_round(value, 6) if isinstance(value, float) else value for value in values)

    @api.model
    def _ids_of(self, vals_list, name):
        return list({vals[name] for vals in vals_list if vals.get(name)})

    def _has_import_price(self, kind, vals):
        """Whether a row has a price, or does without: time may wait for its rate."""
        if self.env["timebill.kind"]._get(kind).is_timed:
            return True
        if "price_unit" in vals or vals.get("unit_cost") or vals.get("billable") is False:
            return True
        activity = self.new(vals).sudo()  # sudo: priced also for a user who may not see amounts
        return activity.has_price or not activity.billable

    @api.model
    def _explain(self, check, *args):
        """What ``check`` says is wrong, or False."""
        try:
            check(*args)
        except (AccessError, UserError) as error:
            return str(error)
        return False
