import os
import re
import traceback
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from random import Random, seed

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger

from .overrides import OURS, get_overrides
from .rpc import RpcCommon

#: Calls for each user and model; more of them find more: TIMEBILL_NEIGHBOUR_CALLS=300.
CALLS = int(os.environ.get("TIMEBILL_NEIGHBOUR_CALLS", 4))
SEED = os.environ.get("TIMEBILL_NEIGHBOUR_SEED", "neighbours")
#: Models whose records people do not make in a form.
NOT_IN_FORMS = {"account.move.line", "ir.default", "mail.activity", "mail.followers", "mail.mail", "mail.message"}
SAMPLES = {
    "boolean": (True, False),
    "char": ("Neighbour", "", False),
    "date": ("2026-10-12", False),
    "datetime": ("2026-10-12 09:00:00", False),
    "float": (1.5, 0, False),
    "html": ("<p>Neighbour</p>", False),
    "integer": (2, 0, False),
    "monetary": (12.5, 0, False),
    "text": ("Neighbour", False),
}


class NeighbourCase(RpcCommon):
    """Plays what web clients send, with our overrides of Odoo's methods and without them, and compares the answers."""

    def _create_neighbour(self, groups):
        user = new_test_user(self.env, "tb_neighbour", groups=groups, email="neighbour@example.com")
        if "hr.employee" in self.env:
            self.env["hr.employee"].create({"name": "Neighbour", "user_id": user.id})
        return user

    def _play_models(self, groups, addons=OURS):
        """Play the forms of all models that one of our add-ons extends and the user may fill in."""
        user = self._create_neighbour(groups)
        models = self._get_models(addons)
        self.assertTrue(models)
        for model in models:
            if self.env[model].with_user(user).has_access("create"):
                self._play(user, model)

    def _get_models(self, addons):
        """Models of Odoo that have fields or overrides of ours, and whose records people make in forms."""
        names = {
            definition._name
            for definition, _method in get_overrides(self.env.registry)
            if definition.__module__.startswith(addons)
        }
        names |= {
            model._name
            for model in self.env.registry.values()
            if any(f"odoo.addons.{field._module}".startswith(addons) for field in model._fields.values())
        }
        return [
            name
            for name in sorted(names - NOT_IN_FORMS)
            if not (self.env[name]._abstract or self.env[name]._transient or name.startswith("timebill."))
        ]

    def _play(self, user, model, view=None, record=None, **context):
        """Open a new form and a saved one, change fields, save, duplicate and delete, at random.

        :param record: edited, if the user creates none
        """
        edited = record or self.env[model]
        form = NeighbourForm(edited.with_user(user).with_context(lang="en_US", **context), view)
        random = Random(f"{SEED} {user.login} {model} {view}")
        if not record:
            answer = self.rpc(user, model, "web_save", [], form.fill(random, share=0), {}, context=context)
            record = self.env[model].browse(answer[0]["id"])
        for method, *args in self._get_calls(form, record, random):
            self._compare(user, model, form.spec, method, args, context)

    def _get_calls(self, form, record, random):
        yield "onchange", [], {}, [], form.spec
        yield "copy", record.ids, {}
        if form.record.has_access("create"):
            yield "create", [form.fill(random), form.fill(random)]
            yield "web_save", [], form.fill(random), form.spec
        if record.with_user(form.record.env.user).has_access("unlink"):
            yield "unlink", record.ids
        ours = self._get_fields_in_our_code(form.record._name) & set(form.names)
        changes = [(name, value) for name in sorted(ours) for value in form.get_shapes(name, random)]
        for _number in range(CALLS):
            name = random.choice(form.names)
            changes.append((name, random.choice(form.get_shapes(name, random))))
        for name, value in changes:
            method, *args = random.choice(
                (
                    ("onchange", [], {**form.fill(random), name: value}, [name], form.spec),
                    ("onchange", record.ids, {name: value}, [name], form.spec),
                    ("web_save", [], {**form.fill(random), name: value}, form.spec),
                    ("web_save", record.ids, {name: value}, form.spec),
                    ("write", record.ids, {name: value}),
                    ("copy", record.ids, {name: value}),
                )
            )
            yield method, *args

    def _get_fields_in_our_code(self, model):
        """Names that our overrides of a model of Odoo mention."""
        names = set()
        for definition, method in get_overrides(self.env.registry):
            value = vars(definition)[method]
            if definition._name == model and hasattr(value, "__code__"):
                names |= _get_texts(value.__code__)
        return names

    def _compare(self, user, model, spec, method, args, context):
        call = f"{user.login}: {model}.{method}{tuple(args)}"
        with_ours = self._get_answer(user, model, spec, method, args, context)
        with self._without_us():
            without = self._get_answer(user, model, spec, method, args, context)
            if without != with_ours:
                # What differs each time, for instance a token, is not compared.
                again = self._get_answer(user, model, spec, method, args, context)
                with_ours = _drop_unstable(with_ours, without, again)
                without = _drop_unstable(without, without, again)
        self.assertEqual(with_ours, without, f"{call}\nwith our methods, and without them")
        if isinstance(without, Refusal):
            self.assertFalse(without.is_ours, f"{call}\n{without.text}")

    def _get_answer(self, user, model, spec, method, args, context):
        """What the server answers, without ids; nothing stays in the database."""
        savepoint = self.env.cr.savepoint(flush=True)
        seed(SEED)  # some defaults are random
        try:
            with mute_logger("odoo.sql_db", "odoo.http"):
                answer = self.rpc(user, model, method, *deepcopy(args), context=context)
                if method in ("copy", "create", "write"):
                    ids = answer if isinstance(answer, list) else args[0]
                    answer = self.rpc(user, model, "web_read", ids, spec, context=context)
            return _without_ids(answer)
        except Exception as error:  # whatever it is: compared
            return Refusal(error)
        finally:
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all(flush=False)

    @contextmanager
    def _without_us(self):
        """Models of Odoo have their own methods."""
        taken = [
            (definition, name, vars(definition)[name])
            for definition, name in get_overrides(self.env.registry)
            if not definition._name.startswith("timebill.") and not isinstance(vars(definition)[name], property)
        ]
        for definition, name, _method in taken:
            delattr(definition, name)
        try:
            yield
        finally:
            for definition, name, method in taken:
                setattr(definition, name, method)


class NeighbourForm:
    """A form as the web client sees it, and values for its fields."""

    def __init__(self, record, view):
        form = Form(record, view)
        self.record, self._fields = record, form._view["fields"]
        readable = [name for name in sorted(self._fields) if name != "id" and self._may(record._fields[name], "read")]
        self.spec = {name: form._view["fields_spec"].get(name, {}) for name in readable}
        self.names = [
            name
            for name in readable
            if not name.startswith("timebill_")
            and not form._get_modifier(name, "readonly")
            and not (record._fields[name].inherited and not self._may(record._fields[name], "write"))
        ]
        self._ids = {}
        self._required = [name for name in self.names if form._get_modifier(name, "required")]
        self._values = {name: value for name, value in form._get_values("all").items() if name in self.names}

    def _may(self, field, operation):
        """Whether the user has rights on the model that a field links to, or is inherited from."""
        model = self.record._fields[field.related.split(".")[0]].comodel_name if field.inherited else field.comodel_name
        return not model or self.record.env[model].has_access(operation)

    def fill(self, random, share=0.3):
        """Values of a new record: those that it needs, and a share of its defaults."""
        values = {name: self._values.get(name) or self.get_shapes(name, random)[0] for name in self._required}
        defaults = [name for name, value in self._values.items() if value]
        return {**{name: self._values[name] for name in defaults if random.random() < share}, **values}

    def get_shapes(self, name, random):
        """What a client may send for a field, the plainest first."""
        field = self._fields[name]
        if field["type"] == "selection":
            options = [option for option, _label in field["selection"]]
            return [random.choice(options), False] if options else [False]
        if field["type"] == "many2one":
            if not (found := self._find(field["relation"])):
                return [False]
            chosen = random.choice(found)
            values = {"id": chosen, "display_name": "Neighbour"}
            return [chosen, False, values, {"id": False}, [chosen, "Neighbour"]]
        if field["type"] == "many2many":
            found = self._find(field["relation"])
            links = [[[6, 0, found]], [[4, found[0]]], [[3, found[0]]], found] if found else []
            return [*links, [], [[5]], False]
        if field["type"] == "one2many":
            return [[], [[0, "virtual_1", self._fill_line(field, random)]], [[5]], False]
        samples = list(SAMPLES.get(field["type"], (False,)))
        return [f"{samples[0]} {random.random()}", *samples] if field["type"] == "char" else samples

    def _fill_line(self, field, random):
        fields = field["edition_view"]["fields"]
        names = [name for name in sorted(fields) if name != "id" and not fields[name].get("readonly")]
        line = {}
        for name in random.sample(names, min(3, len(names))):
            samples = SAMPLES.get(fields[name]["type"], (False,))
            line[name] = random.choice(samples)
        return line

    def _find(self, model):
        """Records that belong to no matter."""
        if model not in self._ids:
            comodel = self.record.env[model]
            own = "timebill_matter_id" in comodel._fields
            try:
                found = comodel.search([], limit=20)
                found = found.filtered(lambda record: not record.sudo().timebill_matter_id) if own else found
            except AccessError:
                found = comodel
            self._ids[model] = found[:4].ids
        return self._ids[model]


class Refusal:
    """An error as an answer."""

    def __init__(self, error):
        self.text = f"{type(error).__name__}: {re.sub(r'[0-9]+', '#', str(error))}"
        modules = [frame.f_globals.get("__name__", "") for frame, _line in traceback.walk_tb(error.__traceback__)]
        self.is_ours = any(module.startswith(OURS) and ".tests." not in module for module in modules)

    def __eq__(self, other):
        return isinstance(other, Refusal) and self.text == other.text

    __hash__ = None

    def __repr__(self):
        return self.text


def _get_texts(code):
    texts = set()
    for constant in code.co_consts:
        if hasattr(constant, "co_consts"):
            texts |= _get_texts(constant)
        else:
            texts.update(text for text in (constant if isinstance(constant, tuple) else (constant,)))
    return {text for text in texts if isinstance(text, str)}


def _without_ids(answer):
    """The answer, with the number of records instead of their ids, without the time of day and the size of images."""
    if isinstance(answer, dict):
        return {key: _without_ids(value) for key, value in answer.items() if key != "id"}
    if isinstance(answer, (list, tuple)):
        if answer and all(type(value) is int for value in answer):
            return len(answer)
        return [_without_ids(value) for value in answer]
    return type(answer).__name__ if isinstance(answer, (bytes, datetime)) else answer


def _drop_unstable(answer, one, other):
    """``answer`` without what two equal calls answer differently."""
    if isinstance(answer, dict) and isinstance(one, dict) and isinstance(other, dict):
        return {
            key: _drop_unstable(value, one.get(key), other.get(key))
            for key, value in answer.items()
            if one.get(key) == other.get(key) or isinstance(value, (dict, list))
        }
    answers = (answer, one, other)
    if all(isinstance(each, list) for each in answers) and len(answer) == len(one) == len(other):
        return [_drop_unstable(*values) for values in zip(*answers, strict=True)]
    return answer if one == other else None
