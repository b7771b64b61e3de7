import logging
import os
import time
from collections import Counter
from contextlib import suppress
from functools import cache
from random import Random
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .access_paths import Paths, fields_beside, may_read, numbers, other_value, spec_for, spec_of_one, values_for
from .rpc import RpcCommon

_logger = logging.getLogger(__name__)
_logger.setLevel(logging.INFO)  # shown by python3 -m dev access-test

#: Every text of a record that must stay hidden holds this.
MARK = "Zqx"
#: The price of hidden work, and what it costs.
HIDDEN_PRICE, HIDDEN_AMOUNT = 7919.53, 11879.3
#: The price of work that everybody may read; who may not see amounts must not learn it.
OPEN_PRICE, OPEN_AMOUNT = 6173.29, 9259.94
#: Seconds for the sample of each test; None for all paths (``python3 -m dev access-test``).
SECONDS = None if os.environ.get("TIMEBILL_ACCESS_TEST") == "whole" else 4
SEED = int(os.environ.get("TIMEBILL_ACCESS_SEED", "19"))
#: A record rule reads it, for everybody.
FOR_EVERYBODY = {"mail.followers.timebill_is_hidden"}
QUIET = mute_logger("odoo.addons.base.models.ir_rule", "odoo.sql_db", "odoo.orm.models")


def as_defaults(values):
    return {f"default_{name}": value for name, value in values.items()}


@tagged("post_install", "-at_install")
class TestGeneratedAccess(RpcCommon):
    """Every field path that leads to a record of a matter, for every group, by every public method that takes values.

    What is hidden: a confidential matter, and a matter of another company, each with everything that can hang on one.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "portal": new_test_user(cls.env, "tb_portal", groups="base.group_portal"),
            "internal": new_test_user(cls.env, "tb_internal", groups="base.group_user,base.group_allow_export"),
            "project": new_test_user(
                cls.env, "tb_project", groups="project.group_project_manager,base.group_allow_export"
            ),
            "user": new_test_user(cls.env, "tb_user", groups="timebill_legal.group_user,base.group_allow_export"),
            "assistant": cls.assistant,
            "lawyer": cls.colleague,
            "billing": cls.biller,
            "manager": cls.manager,
            "accountant": cls.accountant,
        }
        secret = cls._matter(f"{MARK} merger", cls.dupont, confidential=True)
        abroad = cls._create_abroad()
        cls.hidden = [cls._create_world(secret, cls.lawyer), cls._create_world(abroad, cls.foreigner)]
        cls.open = cls._create_world(cls.matter, cls.lawyer, mark="Open", price_unit=OPEN_PRICE)
        cls.paths = Paths(cls.env)
        cls.specs = {}

    @classmethod
    def _create_abroad(cls):
        """A matter of a company of which none of the users is."""
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.foreigner = new_test_user(
            cls.env,
            "tb_foreigner",
            groups="timebill_legal.group_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        cls.env.user.company_ids += company
        return cls._matter(
            f"{MARK} abroad",
            cls.env["res.partner"].create({"name": f"{MARK} client", "company_id": company.id}),
            company_id=company.id,
            currency_id=company.currency_id.id,
            responsible_id=cls.foreigner.id,
        )

    @classmethod
    def _create_world(cls, matter, user, mark=MARK, price_unit=HIDDEN_PRICE):
        """What hangs on a matter, one record of each model.

        :return: {model: record}
        """
        env = cls.env(user=user.id, context={"allowed_company_ids": matter.company_id.ids})
        partner = matter.client_ids.partner_id
        values = {
            "matter_id": matter.id,
            "kind": "time",
            "type_id": cls.phone.id,
            "user_id": user.id,
            "date": "2026-10-12",
            "duration": 90,
            "description": f"{mark} story",
            "note": f"{mark} note",
            "price_unit": price_unit,
        }
        Activity = env(su=True)["timebill.activity"]
        activity, billed = Activity.create([values, {**values, "price_unit": 100}])
        party = env(su=True)["timebill.matter.party"].create(
            {
                "matter_id": matter.id,
                "partner_id": cls.morel.id,
                "role_id": env(su=True)["timebill.party.role"].search([], limit=1).id,
            }
        )
        reason = cls.env.ref("timebill_legal.reason_goodwill")
        row = {"activity_id": billed.id, "coverage": 30, "client_id": partner.id, "reason_id": reason.id}
        project = matter.sudo().project_ids
        project.allow_milestones = True
        return {
            "timebill.matter": matter,
            "timebill.matter.client": matter.client_ids,
            "timebill.matter.party": party,
            "timebill.activity": activity,
            "timebill.allocation": env["timebill.allocation"].sudo().create(row),
            "timebill.billing.choice": cls.env["timebill.billing.choice"].create({"activity_id": activity.id}),
            "project.project": project,
            "project.task": cls.env["project.task"].create(
                {"name": f"{mark} task", "project_id": project.id, "description": f"{mark} brief"}
            ),
            "project.milestone": cls.env["project.milestone"].create(
                {"name": f"{mark} milestone", "project_id": project.id}
            ),
            "project.update": cls.env["project.update"].create(
                {"name": f"{mark} update", "project_id": project.id, "status": "on_track"}
            ),
        }

    def setUp(self):
        super().setUp()
        self.random = Random(SEED)
        self.enterContext(self.enter_registry_test_mode())  # once, not for each call
        self.tried, self.answered, self.leaks, self.records = Counter(), Counter(), [], {}

    #=== CALLS ===#

    def _call(self, group, what, model, method, *args, **kwargs):
        """Call a method, and note what came back of what is hidden.

        :return: the answer, None if the call failed
        :raises AccessError: it was refused
        """
        self.tried[group] += 1
        try:
            answer = self.rpc(self.users[group], model, method, *args, **kwargs)
        except Exception as error:
            self._note_leaks(group, what, model, method, str(error).replace(repr(MARK), ""))
            if isinstance(error, AccessError):
                raise
            return None
        self.answered[group] += 1
        self._note_leaks(group, what, model, method, answer)
        return answer

    def _note_leaks(self, group, what, model, method, answer):
        found = []
        text = repr(answer)
        if MARK in text:
            place = text.index(MARK)
            found.append(text[max(place - 60, 0) : place + 30])
        amounts = {HIDDEN_PRICE, HIDDEN_AMOUNT}
        if not self.users[group].has_group("timebill_legal.group_amounts"):
            amounts |= {OPEN_PRICE, OPEN_AMOUNT}
        found += [f"amount {number}" for number in amounts.intersection(numbers(answer))]
        self.leaks += [f"{group}: {model}.{method} {what}: {leak}" for leak in found]

    def _sample(self, items, seconds=SECONDS):
        """``items`` in the order in which a sample takes them, as many as the time allows.

        :param items: tuples (group, model, path, …)
        """
        items = sorted(items, key=lambda item: self.paths.weigh(self.random, item[1], item[2]))
        end = seconds and time.monotonic() + seconds
        for item in items:
            if end and time.monotonic() > end:
                return
            yield item

    def _spec(self, group, model, path, around):
        key = group, model, path, around
        if key not in self.specs:
            env = self.env(user=self.users[group].id)
            self.specs[key] = spec_for(env, model, path, around)
        return self.specs[key]

    def _print(self):
        paths = ", ".join(f"{group} {count} ({self.answered[group]})" for group, count in self.tried.items())
        _logger.info("%s: %s", self._testMethodName, paths)

    def _finish(self):
        self._print()
        self.assertFalse(self.leaks, "\n".join([f"{len(self.leaks)} leaks", *sorted(set(self.leaks))[:60]]))

    @classmethod
    @cache
    def _may(cls, group, model, operation):
        return cls.env[model].with_user(cls.users[group]).has_access(operation)

    #=== WHAT IS SENT ===#

    def _get_sent(self):
        """(group, model, path, id of a hidden record) for every path that the group may send."""
        for model, path in self.paths.all(2, 3):
            target = self.paths.target(model, path)
            for group in self.users:
                if self._may(group, model, "create"):
                    yield group, model, path, self.random.choice(self.hidden)[target].id

    def _open_form(self, group, model, path, values, spec):
        """Whether a form with these values is computed."""
        try:
            self._call(group, values, model, "onchange", [], dict(values), self.random.choice([[], [path[0]]]), spec)
        except AccessError:
            return False
        return True

    @QUIET
    def test_saved_values(self):
        """No record comes to name a hidden one, whether it is created, written, copied or made from defaults."""
        for group, model, path, record_id in self._sample(self._get_sent()):
            values = values_for(self.random, self.env, model, path, record_id)
            record = self._get_record(group, model)
            calls = [("web_save", ([], values, {}), {}), ("name_create", ("New",), {"context": as_defaults(values)})]
            if record and self._may(group, model, "write"):
                calls.append(("web_save", (record.ids, values, {}), {}))
            if record:
                calls.append(("copy", (record.ids, values), {}))
            method, args, kwargs = self.random.choice(calls)
            try:
                answer = self._call(group, values, model, method, *args, **kwargs)
            except AccessError:
                continue
            if answer and record_id in self._follow(model, method, answer, path):
                self.leaks.append(f"{group}: {model}.{method} {values}: not refused")
        self._finish()

    def _follow(self, model, method, answer, path):
        """Ids at the end of ``path`` from what was saved."""
        ids = {"web_save": lambda: [answer[0]["id"]], "name_create": lambda: [answer[0]], "copy": lambda: answer}[
            method
        ]()
        records = self.env[model].with_context(active_test=False).browse(ids)
        for name in path:
            records = records[name]
        return records.ids

    @QUIET
    def test_defaults(self):
        for group, model, path, record_id in self._sample(self._get_sent()):
            context = as_defaults(values_for(self.random, self.env, model, path, record_id))
            spec = self._spec(group, model, path, False)
            method, args = self.random.choice([("default_get", ([path[0]],)), ("onchange", ([], {}, [], spec))])
            with suppress(AccessError):
                self._call(group, context, model, method, *args, context=context)
        self._finish()

    @QUIET
    def test_open_forms(self):
        for group, model, path, record_id in self._sample(self._get_sent()):
            values = values_for(self.random, self.env, model, path, record_id)
            if self._open_form(group, model, path, values, self._spec(group, model, path, False)):
                self._open_form(group, model, path, values, self._spec(group, model, path, True))
        self._finish()

    @QUIET
    def test_open_forms_tell_what_nobody_checks(self):
        """The calls of the test above would find what comes back without the check."""
        with patch.object(type(self.env["base"]), "_timebill_check_sent", lambda self, vals_list: None):
            sent = {"activity_id": {"id": self.hidden[0]["timebill.activity"].id}}
            for model, path, values in (
                ("timebill.transfer.line", ("activity_id",), sent),
                (
                    "account.move.line",
                    ("timebill_allocation_ids", "activity_id"),
                    {"timebill_allocation_ids": [[0, "virtual_1", sent]]},
                ),
            ):
                self.leaks.clear()
                for beside in fields_beside(self.env(user=self.biller.id), model, path):
                    self._open_form("billing", model, path, values, spec_of_one(path, beside))
                self.assertTrue(self.leaks, model)

    #=== WHAT IS READ ===#

    def _get_record(self, group, model):
        """Some record of a model that the group reads."""
        key = group, model
        if key not in self.records:
            Model = self.env[model].with_user(self.users[group])
            self.records[key] = Model.search([], limit=1) if Model.has_access("read") else Model
        return self.records[key]

    def _get_read(self):
        """(group, model, path) for every path that the group may read from."""
        for model, path in self.paths.all(2, 2):
            for group in self.users:
                if self._may(group, model, "read"):
                    yield group, model, path

    @QUIET
    def test_searches(self):
        """No domain tells what a hidden record is linked to, or what it says."""
        for group, model, path in self._sample(self._get_read()):
            target = self.paths.target(model, path)
            ids = [world[target].id for world in self.hidden]
            texts = fields_beside(self.env(user=self.users[group].id), target, ("id",), {"char", "text", "html"})
            texts.remove("display_name")  # without a field of its own, it finds all
            text = self.random.choice(texts or ["id"])
            for domain in ([(".".join(path), "in", ids)], [(".".join((*path, text)), "ilike", MARK)]):
                with suppress(AccessError):
                    if self._call(group, domain, model, "search_count", domain):
                        self.leaks.append(f"{group}: {model}.search_count {domain}: finds")
        self._finish()

    @QUIET
    def test_answers(self):
        """Nothing of a hidden record is in what is read, grouped, exported or found by name."""
        for group, model, path in self._sample(self._get_read()):
            record = self._get_record(group, model)
            if not record:
                continue
            env = self.env(user=self.users[group].id)
            target = self.paths.target(model, path)
            text = self.random.choice(fields_beside(env, target, ("id",)) or ["id"])
            method, args = self.random.choice(
                [
                    ("web_search_read", ([], self._spec(group, model, path, False))),
                    ("web_search_read", ([], spec_of_one((*path, text), "display_name"))),
                    ("search_read", ([], sorted(self._spec(group, model, path, True)))),
                    ("formatted_read_group", ([], [path[0]], ["__count"])),
                    ("export_data", (env[model].search([], limit=50).ids, ["/".join((*path, text))])),
                    ("name_search", (MARK,)),
                ]
            )
            with suppress(AccessError):
                self._call(group, args, model, method, *args)
        self._finish()

    #=== WHAT ONLY THE PROGRAM WRITES ===#

    @QUIET
    def test_fields_that_only_the_program_writes(self):
        """They keep their values, whoever sends others."""
        changed = []
        for model, record in self._get_samples().items():
            for name in filter(record._timebill_is_program_only, sorted(record._fields)):
                before = record.sudo()[name]
                for group in self.users:
                    if not self._may(group, model, "write"):
                        continue
                    value = other_value(record, name)
                    with suppress(AccessError):
                        self._call(group, name, model, "write", record.ids, {name: value})
                        if record.sudo()[name] != before:
                            changed.append(f"{group}: {model}.write {name} = {value!r}")
                    with suppress(AccessError):
                        new = self._call(group, name, model, "create", [{**self._prepare_new(model), name: value}])
                        created = record.browse(new or ()).sudo()
                        is_kept = created and created._timebill_has_value(name, value)
                        if is_kept and not record.browse()._timebill_has_value(name, value):
                            changed.append(f"{group}: {model}.create {name} = {value!r}")
        self._print()
        self.assertFalse(changed, "\n".join(changed))

    def _prepare_new(self, model):
        """Values with which a record of the model is created."""
        return {
            "timebill.matter": {"name": "New", "client_ids": [[0, 0, {"partner_id": self.lys.id}]]},
            "timebill.matter.client": {"matter_id": self.matter.id, "partner_id": self.dupont.id},
            "timebill.matter.party": {
                "matter_id": self.matter.id,
                "partner_id": self.dupont.id,
                "role_id": self.open["timebill.matter.party"].role_id.id,
            },
            "timebill.activity": {"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 6},
            "timebill.billing.choice": {"activity_id": self.open["timebill.activity"].id},
            "timebill.rate": {"list_id": self.rate_list.id, "price": 1},
            "account.move": {"move_type": "out_invoice", "partner_id": self.lys.id},
            "account.move.line": {"move_id": self.draft.id, "name": "New", "price_unit": 1},
        }.get(model, {})

    def _get_samples(self):
        """One record of each model that has such fields, ours or Odoo's."""
        move = self._bill(self._time(), post=True)
        self.draft = self._bill(self._time())
        samples = {model: record for model, record in self.open.items() if model.startswith("timebill.")}
        return {
            **samples,
            "timebill.rate": self.rate_list.rate_ids[0],
            "account.move": move,
            "account.move.line": move.invoice_line_ids[-1],
        }

    @QUIET
    def test_a_posted_line_keeps_its_price(self):
        line = self._bill(self._time(), post=True).invoice_line_ids.filtered("timebill_allocation_ids")
        for user in (self.accountant, self.biller):
            for values in ({"price_unit": 1}, {"quantity": 9}, {"discount": 50}, {"price_subtotal": 1}):
                self.assertRefused(UserError, line.move_id.name, user, "account.move.line", "write", line.ids, values)
        self.assertEqual(line.timebill_allocation_ids.billed, 200)

    def test_customers_and_visitors_read_no_field_of_ours(self):
        seen = [
            f"{user.login}: {model}.{name}"
            for user in (self.users["portal"], self.env.ref("base.public_user"))
            for model in self.paths.models
            if not model.startswith("timebill.") and not self.env[model]._transient
            for name, field in self.env[model]._fields.items()
            if name.startswith("timebill_")
            and f"{model}.{name}" not in FOR_EVERYBODY
            and may_read(self.env[model].with_user(user), field)
        ]
        self.assertFalse(seen, "\n".join(seen))
