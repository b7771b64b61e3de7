from collections.abc import Mapping

from odoo import api, models
from odoo.exceptions import ValidationError

from ..lib.form_values import read_x2many
from ..lib.sent_values import find_problem

#: Letters of a value that a message quotes.
MAX_QUOTED = 40


class Base(models.AbstractModel):
    """Clients send our fields values of the right type and size, or are told which one is wrong.

    Only fields of ours: those of our models, and those that we add to others. Code under sudo is not checked.
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        self._timebill_check_client_values(vals_list, is_form=False)
        return super().create(vals_list)

    def write(self, vals):
        self._timebill_check_client_values([vals], is_form=False)
        return super().write(vals)

    def _timebill_check_sent(self, vals_list):
        self._timebill_check_client_values(vals_list)
        return super()._timebill_check_sent(vals_list)

    def _timebill_check_client_values(self, vals_list, is_form=True):
        """First step of methods that read the values before they are passed on, see :meth:`_timebill_check_values`."""
        if not self.env.su:
            self._timebill_check_values(vals_list, is_form)

    @api.model
    def _timebill_check_values(self, vals_list, is_form=True):
        """
        :param vals_list: values of fields of this model, as a client sends them
        :param is_form: whether they are those of an open form
        :raises ValidationError: naming the field and the value that it cannot hold
        """
        is_ours = self._name.startswith("timebill.")
        for vals in vals_list if isinstance(vals_list, list | tuple) else [vals_list]:
            if not isinstance(vals, Mapping):
                if is_ours:
                    self._timebill_refuse(self._description, vals, "lines")
                continue
            for name, value in vals.items():
                if not is_ours and not str(name).startswith("timebill_"):
                    continue
                if (field := self._fields.get(name)) is None:
                    continue
                choices = None
                if field.type == "selection":
                    choices = field.get_values(self.env)
                if problem := find_problem(field.type, value, choices, is_form):
                    self._timebill_refuse(field._description_string(self.env), value, problem)
                if field.type in ("one2many", "many2many") and value:
                    nested = [values for _id, values in read_x2many(value) if values]
                    self.env[field.comodel_name]._timebill_check_values(nested, is_form)

    @api.model
    def _timebill_check_arguments(self, **arguments):
        """Check what a client passes to a method of ours.

        :param arguments: {name: (type of a field, value)}
        :raises ValidationError: naming the argument and the value
        """
        for name, (field_type, value) in arguments.items():
            if problem := find_problem(field_type, value):
                self._timebill_refuse(name, value, problem)

    @api.model
    def _timebill_refuse(self, label, value, problem):
        why = {
            "whole number": self.env._("Enter a whole number."),
            "number": self.env._("Enter a number."),
            "number out of range": self.env._("The number is too large."),
            "text": self.env._("Enter a text without control characters."),
            "text too long": self.env._("The text is too long. Shorten it."),
            "date": self.env._("Enter a date that exists."),
            "date out of range": self.env._("Enter a date between 1900 and 2200."),
            "yes or no": self.env._("Enter yes or no."),
            "choice": self.env._("Choose one of the values of the list."),
            "record": self.env._("Choose an existing record."),
            "lines": self.env._("The values cannot be read."),
        }[problem]
        quoted = repr(value) if not isinstance(value, str) else value
        quoted = "".join(letter if letter.isprintable() else "�" for letter in quoted[:MAX_QUOTED])
        raise ValidationError(
            self.env._(
                "“%(label)s”: the value “%(value)s” is not accepted. %(why)s", label=label, value=quoted, why=why
            )
        )
