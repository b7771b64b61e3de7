import re

from odoo.fields import Field
from odoo.tests import TransactionCase, tagged

FIELD = re.compile(r"timebill_\w+")
#: Names that Odoo derives from that of a field, or that bear the prefix themselves.
METHOD = re.compile(r"_?timebill_\w+|_(compute|inverse|search|onchange|default|domain)_timebill_\w+")
CONSTRAINT = re.compile(r"_check_timebill_\w+")
ONDELETE = re.compile(r"_unlink_except_timebill_\w+")


@tagged("post_install", "-at_install")
class TestNamesOnCoreModels(TransactionCase):
    """What we add to the models of other add-ons bears our prefix, and clashes with nothing of a third one."""

    def _get_foreign_models(self):
        """Registry classes of the models of other add-ons, and of those of ours that they inherit from."""
        models = {name: model for name, model in self.env.registry.items() if not name.startswith("timebill.")}
        inherited = {
            base._name: base
            for model in models.values()
            for base in model.mro()
            if getattr(base, "pool", None) is not None and base._name.startswith("timebill.")
        }
        return {**models, **inherited}

    @staticmethod
    def _get_added_names(model):
        """Names that only our add-ons define for ``model``, with what they define."""
        ours, others = {}, set()
        for definition in model.mro():
            if getattr(definition, "pool", None) is not None:
                continue  # the class in which Odoo puts all the definitions together
            if definition.__module__.startswith("odoo.addons.timebill_"):
                ours |= vars(definition)
            else:
                others |= vars(definition).keys()
        return {name: value for name, value in ours.items() if name not in others and not name.startswith("__")}

    @staticmethod
    def _get_pattern(value):
        if isinstance(value, Field):
            return FIELD
        if hasattr(value, "_constrains"):
            return CONSTRAINT
        return ONDELETE if hasattr(value, "_ondelete") else METHOD

    def test_added_names_bear_the_prefix(self):
        wrong = sorted(
            (model._name, name)
            for model in self._get_foreign_models().values()
            for name, value in self._get_added_names(model).items()
            if not self._get_pattern(value).fullmatch(name)
        )
        self.assertFalse(wrong, "These names need the prefix timebill_, see the convention above.")
