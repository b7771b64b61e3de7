from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import float_round

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


class TimebillImportMixin(models.AbstractModel):
    """Records that a firm brings along from a spreadsheet or from another product.

    Odoo reads the file and its columns; here, what is wrong with a row is said before anything is created. Odoo
    would try all rows at once, and then all of them one by one to find those that cannot be.
    """

    _name = "timebill.import.mixin"
    _description = "Imported Records"

    @api.model
    def load(self, fields, data):
        return super(TimebillImportMixin, self.with_context(timebill_import_cache={})).load(fields, data)

    def _convert_records(self, records, *, savepoint, **options):
        log, failed = options["log"], set()

        def note(message):
            if message["type"] == "error":
                failed.add(message["record"])
            log(message)

        records = ((self._read_import_row(row), extras) for row, extras in records)
        converted = [
            (dbid, xid, values, info)
            for dbid, xid, values, info in super()._convert_records(records, log=note, savepoint=savepoint)
            if info["record"] not in failed
        ]
        problems = self._get_import_problems([values for _dbid, _xid, values, _info in converted])
        for (dbid, xid, values, info), problem in zip(converted, problems, strict=True):
            if problem:
                log({**info, "type": "error", "message": problem})
            else:
                yield dbid, xid, values, info
        # Only while testing: the window takes any message of the import itself for a failure of it.
        if self.env.context.get("timebill_import_test") and not failed and not any(problems):
            warning = self._get_import_warning([values for _dbid, _xid, values, _info in converted])
            if warning:
                log({"type": "warning", "message": warning})

    @api.model
    def _read_import_row(self, row):
        """The texts of a row, by field, as Odoo is to convert them."""
        return row

    @api.model
    def _get_import_problems(self, vals_list):
        """What is wrong with each of the converted rows, or False; they may be completed here."""
        return [False] * len(vals_list)

    @api.model
    def _get_import_warning(self, vals_list):
        """What to know before importing the converted rows, or False; each by itself, they are right."""
        return False

    @api.model
    def get_import_templates(self):
        """Two files to start from, of the same columns: one for spreadsheets, one that any product can write."""
        records = self.env["ir.model"]._get(self._name).name
        name = self._get_import_template()
        return [
            {
                "label": self.env._("Template: %(records)s (%(format)s)", records=records, format=suffix),
                "template": f"/timebill_legal/static/xls/{name}.{suffix}",
            }
            for suffix in ("xlsx", "csv")
        ]

    @api.model
    def _get_import_template(self):
        """Name of the files in static/xls."""
        return self._name.removeprefix("timebill.").replace(".", "_")


class TimebillActivityImport(models.AbstractModel):
    """Activities that come from a spreadsheet, or from the product that the firm used before."""

    _name = "timebill.activity.import"
    _description = "Imported Activities"
    _inherit = "timebill.import.mixin"

    @api.model
    def _get_import_template(self):
        """With the invoices of before the takeover, and all prices, only for who may import them."""
        template = super()._get_import_template()
        return template if self.env.user.has_group("timebill_legal.group_billing") else f"{template}_entry"

    @api.model
    def _read_import_row(self, row):
        """An empty cell leaves what the form would propose."""
        return {name: value for name, value in row.items() if value not in ("", [])}

    @api.model
    def _get_import_problems(self, vals_list):
        """As creating them would refuse them, each by itself, and without creating any.

        The kind of a row is that of its category, unless it says another.
        """
        types = self.env["timebill.activity.type"].browse(self._ids_of(vals_list, "type_id"))
        matters = self.env["timebill.matter"].browse(self._ids_of(vals_list, "matter_id"))
        type_of, matter_of = ({record.id: record for record in records} for records in (types, matters))
        closed = {matter: self._explain(matter._check_open_for_entry) for matter in matters}
        refused = {
            user_id: self._explain(self._check_timekeepers, {user_id})
            for user_id in self._ids_of(vals_list, "user_id")
        }
        problems = []
        for vals in vals_list:
            activity_type = type_of.get(vals.get("type_id"), types[:0])
            matter = matter_of.get(vals.get("matter_id"), matters[:0])
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
        return tuple(float_round(value, 2) if isinstance(value, float) else value for value in values)

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
