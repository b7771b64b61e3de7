from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.tools import OrderedSet

from ..lib.form_values import read_many2one, read_x2many, record_id
from ..tools.by_program import BY_PROGRAM
from ..tools.changes import would_change

#: Models of other add-ons whose records can belong to a matter, and the domain of those that do.
OF_MATTER = {
    "account.analytic.account": [("project_ids.timebill_matter_id", "!=", False)],
    "account.analytic.line": [("account_id.project_ids.timebill_matter_id", "!=", False)],
    "account.move": [("line_ids.timebill_row_ids", "!=", False)],
    "account.move.line": [("timebill_row_ids", "!=", False)],
    "project.milestone": [("project_id.timebill_matter_id", "!=", False)],
    "project.project": [("timebill_matter_id", "!=", False)],
    "project.task": [("project_id.timebill_matter_id", "!=", False)],
    "project.update": [("project_id.timebill_matter_id", "!=", False)],
}
#: Models whose records hang on a record of any model, and the field with the name of that model.
HANGING = {"ir.attachment": "res_model", "mail.activity": "res_model", "mail.message": "model"}


class Base(models.AbstractModel):
    """Whoever sends the id of a record of a matter can read that record.

    Odoo computes open forms and stored fields with all rights, from ids that nobody checked: a form that names a
    confidential activity would answer its text. Hence one check, in the methods by which values arrive (``onchange``,
    ``create``, ``write``, ``default_get``, which all others call), on every id at any depth of these values.

    Only records of matters are refused: other records, and code under sudo, never notice it. A record may keep what
    it holds already: people may edit a task although they may not read its project.
    """

    _inherit = "base"

    #=== CRUD METHODS ===#

    def onchange(self, values, field_names, fields_spec):
        self._timebill_check_sent([values, self._timebill_get_context_defaults()])
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        new = self.browse()
        new._timebill_check_sent(vals_list)
        new._timebill_check_program_only(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._timebill_check_sent([vals])
        self._timebill_check_program_only([vals])
        res = super().write(vals)
        if not self.env.su and self._name.startswith("timebill.") and self._timebill_moves(vals):
            # Odoo checked the rules on the record that they belonged to before. The new one must be allowed as well.
            self.check_access("write")
        return res

    @api.model
    def default_get(self, fields):
        """Refuse defaults of the context like other values; leave out personal ones, which were set long ago."""
        if self.env.su:
            return super().default_get(fields)
        sent = self._timebill_get_context_defaults()
        self.browse()._timebill_check_sent([sent])
        return {
            name: value
            for name, value in super().default_get(fields).items()
            if not (name in sent and self._timebill_is_program_only(name))
            and not self.browse()._timebill_get_unreadable([{name: value}])
        }

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Odoo finds records by the ids of their lines without looking at the rules of these lines: whose task that is,
        for instance.
        """
        if not (self.env.su or kwargs.get("bypass_access")):
            domain = Domain(domain)
            if any(self._timebill_is_by_lines(condition) for condition in domain.iter_conditions()):
                domain = domain.map_conditions(self._timebill_apply_rules)
        return super()._search(domain, *args, **kwargs)

    #=== BUSINESS METHODS ===#

    @api.model
    def _timebill_get_matter_domain(self, model_name):
        """Domain of the records of a model that belong to a matter, or are ours; None if there are none."""
        if model_name.startswith("timebill."):
            return Domain.TRUE
        if model_name in OF_MATTER:
            return Domain(OF_MATTER[model_name])
        if model_name in HANGING:
            models_of_matters = [name for name in self.env if name.startswith("timebill.") or name in OF_MATTER]
            return Domain(HANGING[model_name], "in", models_of_matters)
        return None

    def _timebill_get_context_defaults(self):
        """Values that the context proposes for this model, as the client sent them."""
        prefix = "default_"
        return {
            key.removeprefix(prefix): value
            for key, value in self.env.context.items()
            if key.startswith(prefix) and key.removeprefix(prefix) in self._fields
        }

    def _timebill_check_sent(self, vals_list):
        """
        :param vals_list: values of these records, as a client sends them
        :raises AccessError: they hold the id of a record of a matter that the user cannot read
        """
        if not self.env.su and (unreadable := self._timebill_get_unreadable(vals_list)):
            raise self.env["ir.rule"]._timebill_make_access_error("read", sorted(unreadable)[0])

    def _timebill_get_unreadable(self, vals_list):
        """Models of the records of matters that ``vals_list`` names, and that the user cannot read.

        :return: {model name}
        """
        holders = defaultdict(list)
        for vals in vals_list:
            for model_name, record_id_, holder, field in self._timebill_get_sent(vals):
                holders[model_name, record_id_].append((holder, field))
        ids = defaultdict(list)
        for model_name, record_id_ in holders:
            ids[model_name].append(record_id_)
        return {
            model_name
            for model_name, record_ids in ids.items()
            for record in self.env[model_name].browse(record_ids)._timebill_filter_unreadable()
            if not all(holder._timebill_may_hold(field, record) for holder, field in holders[model_name, record.id])
        }

    def _timebill_get_sent(self, values):
        """Yield each id that ``values`` of these records hold, at any depth.

        :return: tuples (model name, id, records whose value it is, field), for models with records of matters
        """
        for name, value in values.items():
            field = self._fields.get(name)
            if not value or field is None:
                continue
            if field.relational:
                model_name = field.comodel_name
                sent = read_many2one(value) if field.type == "many2one" else read_x2many(value)
            elif field.type in ("reference", "many2one_reference"):
                model_name, sent = self._timebill_read_reference(field, values)
            else:
                continue
            is_guarded = self._timebill_get_matter_domain(model_name) is not None
            for record_id_, nested in sent:
                if record_id_ and is_guarded:
                    yield model_name, record_id_, self, field
                if nested:
                    yield from self.env[model_name].browse(record_id_ or ())._timebill_get_sent(nested)

    def _timebill_read_reference(self, field, values):
        """Model name and sent ids of the value of a field that can refer to several models."""
        value = values[field.name]
        if field.type == "reference":
            model_name, _comma, value = value.partition(",") if isinstance(value, str) else ("", "", False)
        else:
            model_name = values.get(field.model_field) or self._timebill_get_sent_model(field, values)
        return (model_name, [(record_id(value), {})]) if model_name in self.env else ("", [])

    def _timebill_get_sent_model(self, field, values):
        """Name of the model that a many2one reference in ``values`` refers to, where they do not hold it."""
        model_field = self._fields[field.model_field]
        source, *_path = (model_field.related or "").split(".")
        if record_id(values.get(source)):
            # sudo: users cannot read the models; only the name of the one that they sent is used
            return self.env["ir.model"].sudo().browse(record_id(values[source])).exists().model
        return self.sudo()[:1][model_field.name]  # sudo: compared, not shown

    @api.model
    def _timebill_is_by_lines(self, condition):
        """Whether a condition of a domain finds records by the ids of their lines, which belong to matters."""
        if condition.operator not in ("in", "not in", "=", "!=") or not condition.value:
            return False
        model = self
        *path, name = condition.field_expr.split(".")
        for step in path:
            field = model._fields.get(step)
            if field is None or not field.relational:
                return False
            model = self.env[field.comodel_name]
        field = model._fields.get(name)
        return (
            field is not None
            and field.type in ("one2many", "many2many")
            and field.store
            and self._timebill_get_matter_domain(field.comodel_name) is not None
        )

    def _timebill_apply_rules(self, condition):
        """The same condition, on the lines that the user reads."""
        if not self._timebill_is_by_lines(condition):
            return condition
        values = condition.value if isinstance(condition.value, list | tuple | set | OrderedSet) else [condition.value]
        ids = [value for value in values if not isinstance(value, bool | str)]
        if not ids or len(ids) < len(values):
            return condition  # by name, or without lines
        operator = "any" if condition.operator in ("in", "=") else "not any"
        return Domain(condition.field_expr, operator, Domain("id", "in", ids))

    @api.model
    def _timebill_is_program_only(self, name):
        """Whether only the program writes this field of ours: ``readonly`` concerns views only."""
        field = self._fields.get(name)
        is_ours = self._name.startswith("timebill.") or name.startswith("timebill_")
        if self._transient:
            return False  # a window belongs to who opened it; what it holds is checked when it is carried out
        return is_ours and field and field.readonly and field.store and name not in models.MAGIC_COLUMNS

    def _timebill_check_program_only(self, vals_list):
        """
        :param vals_list: values of these records
        :raises AccessError: they change fields that only the program writes
        """
        if self.env.su or self.env.context.get("timebill_by_program") is BY_PROGRAM:
            return
        names = {name for vals in vals_list for name in vals if self._timebill_is_program_only(name)}
        changed = {
            self._fields[name]._description_string(self.env)
            for name in names
            for vals in vals_list
            if name in vals and not self._timebill_has_value(name, vals[name])
        }
        if changed:
            raise AccessError(
                self.env._("These fields are computed and cannot be written: %s.", ", ".join(sorted(changed)))
            )

    def _timebill_has_value(self, name, value):
        """Whether these records all have that value: forms send values back unchanged. New ones have none."""
        records = self.sudo() if any(self._ids) else self.new()  # sudo: compared, not shown
        return not any(would_change(record, name, value) for record in records)

    def _timebill_moves(self, vals):
        """Whether ``vals`` put these records under another record of ours."""
        fields = [self._fields[name] for name in vals if name in self._fields]
        return any(field.type == "many2one" and field.comodel_name.startswith("timebill.") for field in fields)

    def _timebill_filter_unreadable(self):
        """Records of matters among these that the user cannot read."""
        try:
            records = self - self._filtered_access("read")
        except MissingError:
            records = self.exists()
            records -= records._filtered_access("read")
        if not records:
            return records
        # sudo: whether they belong to a matter is all that is asked
        domain = Domain("id", "in", records.ids) & self._timebill_get_matter_domain(self._name)
        return self.browse(records.sudo().with_context(active_test=False).search(domain).ids)

    def _timebill_may_hold(self, field, record):
        """Whether these records may have ``record``, which the user cannot read, in ``field``: they have it already,
        and the user reads them.
        """
        if not any(self._ids) or not self.has_access("read"):
            return False
        # sudo: compared, not shown
        values = [holder[field.name] for holder in self.sudo().with_context(active_test=False)]
        return all(record.id in (value.ids if isinstance(value, models.BaseModel) else [value]) for value in values)
