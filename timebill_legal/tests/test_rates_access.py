from itertools import product

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestWhoSetsRates(RpcCommon):
    """Rate lists and rounding, of clients and matters, are set by users who see amounts; by whatever call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cheap = cls.env["timebill.rate.list"].create({"name": "Cheap", "rate_ids": [Command.create({"price": 1})]})
        cls.rounding = cls.env.ref("timebill_legal.rounding_6")
        cls.member = new_test_user(
            cls.env, "tb_member", groups="timebill_legal.group_user,base.group_partner_manager"
        )
        (cls.lawyer + cls.colleague).group_ids += cls.env.ref("base.group_partner_manager")
        cls.matter.member_ids = cls.lawyer + cls.member + cls.colleague

    def _calls(self):
        """(record, field, method, arguments) of each way to set the rates."""
        fields = (
            (self.lys, "timebill_rate_list_id", self.cheap),
            (self.lys, "timebill_rounding_id", self.rounding),
            (self.matter, "rate_list_id", self.cheap),
            (self.matter, "rounding_id", self.rounding),
        )
        for record, name, value in fields:
            values = {name: value.id}
            yield record, name, record._name, "write", (record.ids, values)
            yield record, name, record._name, "web_save", (record.ids, values, {"display_name": {}})
            yield record, name, record._name, "load", ([".id", f"{name}/.id"], [[str(record.id), str(value.id)]])

    def test_by_every_call(self):
        for user, (record, name, model, method, args) in product((self.member, self.colleague), self._calls()):
            with self.subTest(user=user.login, field=name, method=method):
                record[name] = False
                try:
                    result = self.rpc(user, model, method, *args)
                    refused = isinstance(result, dict) and not result.get("ids")
                except AccessError:
                    refused = True
                self.assertEqual((refused, bool(record[name])), (user == self.member, user != self.member))

    def test_creation_and_copy(self):
        client = {"client_ids": [Command.create({"partner_id": self.lys.id})], "name": "New"}
        for model, values in (
            ("timebill.matter", {**client, "rate_list_id": self.cheap.id}),
            ("timebill.matter", {**client, "rounding_id": self.rounding.id}),
            ("res.partner", {"name": "New", "timebill_rate_list_id": self.cheap.id}),
            ("res.partner", {"name": "New", "timebill_rounding_id": self.rounding.id}),
        ):
            self.assertRefused(AccessError, "the right to see amounts", self.member, model, "create", [values])
            self.assertTrue(self.rpc(self.colleague, model, "create", [values]))
        self.matter.write({"rate_list_id": self.cheap.id, "rounding_id": self.rounding.id})
        copied = self.env["timebill.matter"].browse(self.rpc(self.member, "timebill.matter", "copy", self.matter.ids))
        self.assertEqual((copied.rate_list_id, copied.rounding_id), (self.cheap, self.rounding))
        self.assertRefused(
            AccessError,
            "the right to see amounts",
            self.member,
            "timebill.matter",
            "copy",
            self.joint_matter.ids,
            {"rate_list_id": self.cheap.id},
        )

    def test_saving_what_is_there_changes_nothing(self):
        self.matter.rate_list_id = self.cheap
        self.rpc(self.member, "timebill.matter", "write", self.matter.ids, {"rate_list_id": self.cheap.id, "name": "X"})
        self.assertEqual(self.matter.name, "X")
