from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .neighbours import NeighbourCase
from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestNeighbours(RpcCommon):
    """People who use apps of Odoo and none of our groups work as if our add-ons were not there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project_manager = new_test_user(cls.env, "tb_project_manager", groups="project.group_project_manager")
        cls.loose = cls.env["project.project"].create(
            {"name": "Loose", "task_ids": [Command.create({"name": "Tidy up", "timebill_type_id": cls.phone.id})]}
        )

    def _get_our_fields(self):
        for model in self.env.registry.values():
            if not model._abstract:
                yield from (field for field in model._fields.values() if (field._module or "").startswith("timebill_"))

    def test_user_notified_in_odoo(self):
        user = new_test_user(self.env, "tb_inbox", groups="base.group_user", notification_type="inbox")
        self.assertEqual(user.notification_type, "inbox")

    def test_no_list_domain_depends_on_what_is_computed(self):
        """Creating a record would search, hence flush, its model before the fields of the domain are computed."""
        wrong = {
            f"{field} → {name}"
            for field in self._get_our_fields()
            if field.type in ("one2many", "many2many") and isinstance(field.domain, list) and field.store
            for name in (leaf[0].split(".")[0] for leaf in field.domain if len(leaf) == 3)
            if self.env[field.comodel_name]._fields[name].compute
        }
        self.assertFalse(wrong, "Write the domain as a string.")

    def test_projects_without_a_matter(self):
        project = self.env["project.project"].with_user(self.project_manager).create({"name": "Move house"})
        project.name = "Move offices"
        self.assertEqual(project.copy().task_count, 0)
        copied = self.loose.with_user(self.project_manager).copy()
        self.assertEqual(copied.task_ids.name, "Tidy up")
        copied.unlink()

    def test_task_copied_with_its_category_by_who_may_read_it(self):
        task = self.loose.task_ids
        self.assertFalse(task.with_user(self.project_manager).copy().sudo().timebill_type_id)
        self.project_manager.group_ids += self.env.ref("timebill_legal.group_user")
        self.assertEqual(task.with_user(self.project_manager).copy().timebill_type_id, self.phone)

    def test_no_copied_field_with_groups_on_models_of_others(self):
        """Except for employees: nobody else duplicates a company, a user or an e-mail."""
        wrong = {
            str(field)
            for field in self._get_our_fields()
            if not field.model_name.startswith("timebill.")
            and field.store
            and field.copy
            and field.groups not in (None, "base.group_user")
        }
        self.assertFalse(wrong, "Odoo copies with the rights of the user: copy=False, see tools/copying.py.")

    def test_task_of_a_shared_project_in_the_portal(self):
        """Forms send a many2one as its id or with the values of the record."""
        portal = new_test_user(self.env, "tb_portal", groups="base.group_portal")
        self.loose.write(
            {
                "privacy_visibility": "portal",
                "collaborator_ids": [Command.create({"partner_id": portal.partner_id.id})],
            }
        )
        self.loose.message_subscribe(portal.partner_id.ids)
        for value in (self.loose.id, {"id": self.loose.id, "display_name": "Loose"}, False):
            values = self.rpc(
                portal, "project.task", "onchange", [], {"project_id": value}, ["project_id"], {"name": {}}
            )
            self.assertIn("value", values)

    def test_dict_of_a_confidential_matter_opens_nothing(self):
        values = {"matter_id": {"id": self.secret_matter.id}}
        with self.assertRaises(AccessError):
            self.rpc(self.colleague, "timebill.activity", "onchange", [], values, ["matter_id"], {"partner_id": {}})


@tagged("post_install", "-at_install")
class TestGeneratedNeighbours(NeighbourCase):
    """Without a matter and a group of ours, Odoo answers the same whether our methods are there or not."""

    def test_employee(self):
        self._play_models("base.group_user")

    def test_creator_of_contacts(self):
        self._play_models("base.group_user,base.group_partner_manager")

    def test_project_user(self):
        self._play_models("project.group_project_user")

    def test_project_manager(self):
        self._play_models("project.group_project_manager")

    def test_accountant(self):
        self._play_models("account.group_account_manager")

    def test_administrator(self):
        self._play_models("base.group_system")

    def test_own_preferences(self):
        user = self._create_neighbour("base.group_user")
        self._play(user, "res.users", "base.view_users_form_simple_modif", user)

    def test_customer_of_a_shared_project(self):
        portal = self._create_neighbour("base.group_portal")
        project = self.env["project.project"].create(
            {
                "name": "Shared",
                "privacy_visibility": "portal",
                "collaborator_ids": [Command.create({"partner_id": portal.partner_id.id})],
            }
        )
        project.message_subscribe(portal.partner_id.ids)
        view = "project.project_sharing_project_task_view_form"
        self._play(portal, "project.task", view, default_project_id=project.id)


@tagged("post_install", "-at_install")
class TestRightsBeforeSudo(RpcCommon):
    """Rights are checked before anything is written with more of them."""

    def test_whoever_may_not_edit_a_matter_does_not_join_it_by_making_it_confidential(self):
        self.assertNotIn(self.colleague, self.matter.member_ids)
        with self.assertRaises(AccessError):
            self.rpc(self.colleague, "timebill.matter", "write", self.matter.ids, {"confidential": True})
        self.assertNotIn(self.colleague, self.matter.member_ids)
        self.assertFalse(self.matter.confidential)

    def test_no_timer_for_people_outside_the_firm(self):
        Timer = self.env.registry["timebill.timer"]
        with patch.object(Timer, "_create_timer_sudo", side_effect=AssertionError("created")):
            for method, args in (("action_start", ()), ("action_leave", (self.matter.id,))):
                with self.assertRaises(AccessError, msg=method):
                    self.rpc(self.accountant, "timebill.timer", method, *args)

    def test_no_reference_is_used_up_by_a_matter_that_is_refused(self):
        Matter = self.env.registry["timebill.matter"]
        with patch.object(Matter, "_get_next_reference", side_effect=AssertionError("used")):
            with self.assertRaises(AccessError):
                self.rpc(self.accountant, "timebill.matter", "create", [{"name": "Refused", "internal": True}])

    def test_a_project_that_may_not_be_deleted_keeps_its_account(self):
        project = self.matter.project_ids
        Project = self.env.registry["project.project"]
        with patch.object(Project, "sudo", side_effect=AssertionError("sudo")):
            with self.assertRaises(AccessError):
                project.with_user(self.colleague).unlink()
