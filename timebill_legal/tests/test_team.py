from contextlib import closing, suppress
from itertools import product

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .rpc import RpcCommon

#: Who may change responsible lawyer, team and confidentiality: {role: matters}.
MAY_CHANGE = {
    "responsible": {"ordinary", "confidential"},
    "member": {"confidential"},
    "timekeeper": set(),
    "outsider": set(),
    "assistant": set(),
    "biller": set(),
    "billing_member": {"confidential"},
    "manager": {"ordinary"},  # a manager outside the team breaks the glass first
    "accountant": set(),
    "internal": set(),
}


class TeamCommon(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = new_test_user(cls.env, "tb_member", groups="timebill_legal.group_user")
        cls.billing_member = new_test_user(cls.env, "tb_billing_member", groups="timebill_legal.group_billing")
        cls.newcomer = new_test_user(cls.env, "tb_newcomer", groups="timebill_legal.group_user")
        cls.leaver = new_test_user(cls.env, "tb_leaver", groups="timebill_legal.group_user")
        cls.roles = {
            "responsible": cls.lawyer,
            "member": cls.member,
            "timekeeper": new_test_user(cls.env, "tb_timekeeper", groups="timebill_legal.group_user"),
            "outsider": cls.colleague,
            "assistant": cls.assistant,
            "biller": cls.biller,
            "billing_member": cls.billing_member,
            "manager": cls.manager,
            "accountant": cls.accountant,
            "internal": new_test_user(cls.env, "tb_internal", groups="base.group_user"),
        }
        for matter in (cls.matter, cls.secret_matter):
            matter.member_ids = cls.lawyer + cls.member + cls.billing_member + cls.leaver
        cls.matters = {"ordinary": cls.matter, "confidential": cls.secret_matter}


@tagged("post_install", "-at_install")
class TestWhoMayChangeTheTeam(TeamCommon):
    def _ways(self, matter, values):
        """Calls that write ``values`` on ``matter``: name, model, method, arguments."""
        yield "write", "timebill.matter", "write", (matter.ids, values)
        yield "web_save", "timebill.matter", "web_save", (matter.ids, values, {"name": {}})
        names = {name: value for name, value in values.items() if not isinstance(value, list)}
        if names:
            columns = [f"{name}/.id" if name.endswith("_id") else name for name in names]
            row = [str(matter.id), *map(str, names.values())]
            yield "import", "timebill.matter", "load", ([".id", *columns], [row])
        # Commands of other records end in a write: one change with everything is enough.
        for model, field in self._fields_with_matters() if len(values) > 1 else ():
            records = self.env[model].sudo()
            is_searched = field.store or field.search
            linked = records.search([(field.name, "in", matter.ids)], limit=1) if is_searched else records
            carrier = linked or records.search([], limit=1)
            command = {field.name: [Command.update(matter.id, values)]}
            yield f"{model}.{field.name}", model, "write", (carrier.ids, command)

    def _fields_with_matters(self):
        """Fields of other models through which commands reach matters."""
        for model in (name for name in self.registry if not self.env[name]._abstract):
            for field in self.env[model]._fields.values():
                if field.type in ("one2many", "many2many") and field.comodel_name == "timebill.matter":
                    yield model, field

    def _state(self, matter):
        self.env.invalidate_all()
        return matter.confidential, matter.responsible_id, matter.member_ids, matter.name

    def test_only_the_responsible_the_confidential_team_and_managers(self):
        tried = 0
        for (role, user), (state, matter) in product(self.roles.items(), self.matters.items()):
            changes = [
                {"confidential": not matter.confidential},
                {"responsible_id": (self.member if user == self.lawyer else user).id},
                {"member_ids": [Command.unlink(self.leaver.id)]},
                {"name": "Mine", "member_ids": [Command.set((self.lawyer + user).ids)], "confidential": True},
            ]
            for values in changes:
                for way, model, method, args in self._ways(matter, values):
                    tried += 1
                    before = self._state(matter)
                    with self.subTest(role=role, state=state, way=way, values=values):
                        done = self._try(user, model, method, args, matter)
                        if state not in MAY_CHANGE[role]:
                            self.assertEqual(done, before)
                        elif model == "timebill.matter":
                            self.assertNotEqual(done, before)
        self.assertGreater(tried, 200)

    def _try(self, user, model, method, args, matter):
        """What the matter looks like after the call, which is then undone."""
        with closing(self.cr.savepoint(flush=False)):
            with suppress(UserError, ValueError):
                self.rpc(user, model, method, *args)
            return self._state(matter)

    def test_one_minute_of_work_gives_no_right(self):
        user = self.roles["timekeeper"]
        values = {"type_id": self.phone.id, "duration": 1, "user_id": user.id}
        self.rpc(user, "timebill.activity", "create", [{**values, "matter_id": self.matter.id}])
        self.assertNotIn(user, self.matter.member_ids)
        for changed in ({"name": "Mine"}, {"confidential": True}, {"responsible_id": user.id}):
            with self.assertRaises(AccessError, msg=changed):
                self.rpc(user, "timebill.matter", "write", self.matter.ids, changed)
        mine = self.env["ir.ui.view"].search([("name", "=", "timebill.matter.search")]).arch
        domain = etree.fromstring(mine).find(".//filter[@name='mine']").get("domain")
        found = self.rpc(user, "timebill.matter", "search", safe_eval(domain, {"uid": user.id}))
        self.assertIn(self.matter.id, found)
        self.rpc(self.lawyer, "timebill.matter", "write", self.matter.ids, {"confidential": True})
        self.assertIn(user, self.matter.member_ids)

    def test_whose_work_a_member_enters_joins_the_team(self):
        values = {"type_id": self.phone.id, "duration": 1, "user_id": self.newcomer.id}
        for matter in self.matters.values():
            self.rpc(self.billing_member, "timebill.activity", "create", [{**values, "matter_id": matter.id}])
            self.assertIn(self.newcomer, matter.member_ids)

    def test_an_assistant_opens_a_confidential_matter_for_a_lawyer(self):
        client = Command.create({"partner_id": self.lys.id})
        values = {"name": "New", "confidential": True, "responsible_id": self.lawyer.id, "client_ids": [client]}
        matter = self.env["timebill.matter"].browse(self.rpc(self.assistant, "timebill.matter", "create", [values]))
        self.assertEqual(matter.member_ids, self.assistant + self.lawyer)
        copied = self.rpc(self.assistant, "timebill.matter", "copy", matter.ids)
        self.assertEqual(self.env["timebill.matter"].browse(copied).member_ids, self.assistant + self.lawyer)
        with self.assertRaises(AccessError):
            self.rpc(self.colleague, "timebill.matter", "copy", matter.ids)

    def test_a_project_that_was_there_before_is_not_hidden_by_its_readers(self):
        project = self.env["project.project"].create({"name": "Loose", "privacy_visibility": "employees"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE project_project SET create_date = '2026-01-01' WHERE id = %s", [project.id])
        self.env.invalidate_all()
        values = {"name": "Takeover", "client_ids": [Command.create({"partner_id": self.lys.id})]}
        context = {"timebill_project_id": project.id}
        [matter_id] = self.rpc(self.lawyer, "timebill.matter", "create", [values], context=context)
        self.assertRefused(
            AccessError,
            "“Loose”",
            self.lawyer,
            "timebill.matter",
            "write",
            [matter_id],
            {"confidential": True},
        )
        for command in (Command.link(project.id), Command.update(project.id, {"name": "Mine"})):
            with self.assertRaises(AccessError):
                self.rpc(self.lawyer, "timebill.matter", "create", [{**values, "project_ids": [command]}])
        self.assertEqual((project.name, project.privacy_visibility), ("Loose", "employees"))
        self.lawyer.group_ids += self.env.ref("project.group_project_manager")
        self.rpc(self.lawyer, "timebill.matter", "write", [matter_id], {"confidential": True})
        self.assertEqual(project.privacy_visibility, "followers")


@tagged("post_install", "-at_install")
class TestLogOfAccess(TeamCommon):
    def _log(self):
        self.env.invalidate_all()
        log = self.secret_matter.log_ids.filtered(lambda row: row.user_id != self.env.user)  # without those of setUp
        return [(row.event, row.concerned_id, row.user_id, row.reason) for row in log.sorted("id")]

    def test_who_gets_or_loses_access_is_on_record(self):
        matter, nobody = self.secret_matter, self.env["res.users"]
        for values in (
            {"member_ids": [Command.link(self.newcomer.id)]},
            {"member_ids": [Command.unlink(self.newcomer.id)]},
            {"responsible_id": self.member.id},
            {"confidential": False},
            {"member_ids": [Command.link(self.newcomer.id)]},  # not confidential: the chatter is enough
            {"confidential": True},
        ):
            user = matter.responsible_id
            self.rpc(user, "timebill.matter", "write", matter.ids, values)
        self.assertEqual(
            self._log(),
            [
                ("joined", self.newcomer, self.lawyer, False),
                ("left", self.newcomer, self.lawyer, False),
                ("responsible", self.member, self.lawyer, False),
                ("opened", nobody, self.member, False),
                ("closed", nobody, self.member, False),
            ],
        )

    def test_who_broke_the_glass_erases_nothing(self):
        matter, manager = self.secret_matter, self.manager
        glass = self.rpc(
            manager, "timebill.break.glass", "create", [{"reference": matter.reference, "reason": "Audit"}]
        )
        self.rpc(manager, "timebill.break.glass", "action_enter", glass)
        entered = ("entered", manager, manager, "Audit")
        self.assertEqual(self._log(), [entered])
        log = matter.log_ids.filtered(lambda row: row.event == "entered")
        admin = self.env.ref("base.user_admin")
        self.rpc(manager, "timebill.matter", "write", matter.ids, {"member_ids": [Command.link(admin.id)]})
        everything = [
            ("timebill.matter.log", "write", log.ids, {"reason": "Nothing"}),
            ("timebill.matter.log", "write", log.ids, {"matter_id": self.matter.id}),
            ("timebill.matter.log", "unlink", log.ids),
            ("timebill.matter.log", "web_save", log.ids, {"reason": "Nothing"}, {}),
            ("timebill.matter.log", "copy", log.ids),
            ("timebill.matter.log", "create", [{"matter_id": matter.id, "event": "left", "user_id": self.lawyer.id}]),
            ("timebill.matter", "write", matter.ids, {"log_ids": [Command.clear()]}),
            ("timebill.matter", "write", matter.ids, {"log_ids": [Command.delete(log.id)]}),
            ("timebill.matter", "write", matter.ids, {"log_ids": [Command.update(log.id, {"reason": "Nothing"})]}),
            ("timebill.matter", "unlink", matter.ids),
            ("mail.message", "unlink", matter.message_ids.ids),
        ]
        for user in (manager, admin):
            for model, method, *args in everything:
                with suppress(UserError):
                    self.rpc(user, model, method, *args)
        self.rpc(manager, "timebill.matter", "write", matter.ids, {"member_ids": [Command.unlink(manager.id)]})
        self.assertEqual(
            self._log(), [entered, ("joined", admin, manager, False), ("left", manager, manager, False)]
        )
        for change in (log.sudo().unlink, lambda: log.sudo().write({"reason": "Nothing"})):
            with self.assertRaises(UserError):
                change()

    def test_only_the_team_reads_it(self):
        log = self.env["timebill.matter.log"]._append([(self.secret_matter, "entered", self.lawyer)], "Audit")
        [values] = self.rpc(self.member, "timebill.matter.log", "read", log.ids, ["reason"])
        self.assertEqual(values["reason"], "Audit")
        for role in ("outsider", "assistant", "biller", "manager", "accountant", "internal"):
            with self.assertRaises(AccessError, msg=role):
                self.rpc(self.roles[role], "timebill.matter.log", "read", log.ids, ["reason"])
