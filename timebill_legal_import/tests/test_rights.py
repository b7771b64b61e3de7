from odoo.addons.timebill_legal.tests.rpc import RpcCommon
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRightsOnFiles(RpcCommon):
    def _upload(self, user, model):
        values = {"res_model": model, "file": b"Secret merger", "file_type": "text/csv", "file_name": "work.csv"}
        return self.rpc(user, "base_import.import", "create", [values])

    def test_a_file_is_read_by_who_uploaded_it(self):
        models = [name for name in self.registry if name.startswith("timebill.") and not self.env[name]._transient]
        self.assertGreater(len(models), 10)
        for model in models:
            ids = self._upload(self.lawyer, model)
            self.assertEqual(self.rpc(self.lawyer, "base_import.import", "read", ids, ["res_model"])[0]["id"], ids[0])
            for user in (self.colleague, self.manager):
                self.assertEqual(self.rpc(user, "base_import.import", "search", [("id", "in", ids)]), [])
                for method, args in (
                    ("read", (["file"],)),
                    ("write", ({"res_model": "res.partner"},)),
                    ("parse_preview", ({"has_headers": True, "quoting": '"', "separator": ","},)),
                ):
                    with self.assertRaises(AccessError, msg=(model, user.login, method)):
                        self.rpc(user, "base_import.import", method, ids, *args)

    def test_files_of_other_models_stay_as_in_odoo(self):
        others = [new_test_user(self.env, f"tb_import_{number}", groups="base.group_user") for number in range(2)]
        ids = self._upload(others[0], "res.partner")
        for user in others:
            self.assertTrue(self.rpc(user, "base_import.import", "read", ids, ["res_model"]))
