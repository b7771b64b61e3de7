from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestActivity(TimebillCommon):
    def test_an_assistant_types_what_a_disbursement_costs(self):
        """A cost is read on a receipt, unlike a rate: no right to see amounts is needed."""
        values = {
            "matter_id": self.matter.id,
            "kind": "disbursement",
            "type_id": self.env.ref("timebill_legal.activity_type_registry_fee").id,
            "user_id": self.lawyer.id,
        }
        Activity = self.env["timebill.activity"].with_user(self.assistant)
        activity = Activity.create({**values, "unit_cost": 42.5})
        self.assertEqual(activity.sudo().amount, 42.5)
        activity.unit_cost = 43
        self.assertEqual(activity.sudo().amount, 43)
        with self.assertRaises(ValidationError):
            Activity.create(values)

    def test_the_cost_of_time_is_not_shown(self):
        self.assertEqual(self._time().with_user(self.assistant).unit_cost, 0)

    def test_a_deleted_project_leaves_the_account_of_its_matter(self):
        account = self.matter.analytic_account_id
        self.matter.project_ids.unlink()
        self.assertTrue(account.exists())
        self.assertEqual(self.matter.analytic_account_id, account)

    def test_work_that_changes_is_to_approve_again(self):
        activity = self._time()
        activity.action_approve()
        activity.note = "Not printed"
        self.assertTrue(activity.approved)
        activity.description = "Printed"
        self.assertFalse(activity.approved)

    def test_an_open_form_tells_nothing_of_a_confidential_matter(self):
        """Odoo computes an unsaved form with all rights: what is put in must be readable."""
        activity = self._time(matter=self.secret_matter)
        project = self.secret_matter.project_ids
        task = self.env["project.task"].create({"name": "Due diligence", "project_id": project.id})
        for user, model, name, record in (
            (self.colleague, "timebill.activity", "matter_id", self.secret_matter),
            (self.colleague, "project.task", "project_id", project),
            (self.colleague, "project.task", "parent_id", task),
        ):
            self.env.invalidate_all()
            form = self.env[model].with_user(user)
            with self.assertRaises(AccessError, msg=model):
                form.onchange({name: record.id}, [name], {name: {}, "partner_id": {}})
            with self.assertRaises(AccessError, msg=(model, "proposed")):
                form.with_context(**{f"default_{name}": record.id}).onchange({}, [], {name: {}, "partner_id": {}})
        line = self.env["timebill.bill.line"].with_user(self.biller)
        with self.assertRaises(AccessError):
            line.onchange({"activity_id": activity.id}, ["activity_id"], {"activity_id": {}, "price_unit": {}})
        bill = self.env["timebill.bill"].with_user(self.biller)
        command = [0, "virtual", {"activity_id": activity.id, "included": True}]
        with self.assertRaises(AccessError):
            bill.onchange({"line_ids": [command]}, ["line_ids"], {"line_ids": {"fields": {}}, "amount_untaxed": {}})

    def test_an_open_form_takes_no_rows_of_the_ledger(self):
        """Those of a confidential matter would tell their time, invoice and client."""
        row = self._bill(self._time(), post=True).timebill_allocation_ids
        form = self.env["timebill.activity"].with_user(self.assistant)
        spec = {"allocation_ids": {}, "covered": {}, "billing_message": {}}
        for command in (Command.link(row.id), Command.set(row.ids)):
            sent = form.onchange({"allocation_ids": [command]}, ["allocation_ids"], spec)
            proposed = form.with_context(default_allocation_ids=[command]).onchange({}, [], spec)
            for answer in (sent, proposed):
                self.assertFalse(answer["value"].get("covered"), answer)
                self.assertFalse(answer["value"].get("billing_message"), answer)

    def test_whoever_has_to_do_a_task_of_a_private_project_edits_it(self):
        """Odoo shows the task to who has to do it, and not the project."""
        project = self.env["project.project"].create({"name": "Private", "privacy_visibility": "followers"})
        task = self.env["project.task"].create(
            {"name": "Research", "project_id": project.id, "user_ids": [Command.set(self.colleague.ids)]}
        )
        self.assertFalse(project.with_user(self.colleague).has_access("read"))
        task = task.with_user(self.colleague)
        task.onchange({"project_id": project.id, "name": "Other"}, ["name"], {"name": {}, "project_id": {}})
