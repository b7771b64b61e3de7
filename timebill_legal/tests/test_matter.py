from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestMatter(RpcCommon):
    def _values(self, **values):
        return {"name": "New", "client_ids": [Command.create({"partner_id": self.lys.id})], **values}

    def _create(self, user=None, **values):
        return self.env["timebill.matter"].browse(
            self.rpc(user or self.lawyer, "timebill.matter", "create", [self._values(**values)])
        )

    # === REFERENCE ===#

    def test_references_follow_by_year_of_opening(self):
        first, second = self._create(date_open="2031-05-01"), self._create(date_open="2031-12-31")
        next_year = self._create(date_open="2032-01-01")
        self.assertEqual(
            [matter.reference for matter in (first, second, next_year)], ["2031-0001", "2031-0002", "2032-0001"]
        )

    def test_a_company_may_have_a_sequence_of_its_own(self):
        self.env["ir.sequence"].create(
            {"name": "Ours", "code": "timebill.matter", "prefix": "CAB", "padding": 3, "company_id": self.company.id}
        )
        self.assertEqual(self._create().reference, "CAB001")

    def test_an_imported_reference_is_kept_and_used_once(self):
        self.assertEqual(self._create(reference="OLD-7").reference, "OLD-7")
        with self.assertRaisesRegex(ValidationError, "already used"), mute_logger("odoo.sql_db"):
            self._create(reference="OLD-7")

    def test_a_copy_is_another_matter(self):
        self.matter.party_ids = [
            Command.create(
                {"partner_id": self.morel.id, "role_id": self.env["timebill.party.role"].search([], limit=1).id}
            )
        ]
        self.matter.action_close()
        copy = self.matter.copy()
        self.assertNotEqual(copy.reference, self.matter.reference)
        self.assertNotEqual(copy.analytic_account_id, self.matter.analytic_account_id)
        self.assertEqual((copy.state, copy.date_closed), ("open", False))
        self.assertEqual((copy.partner_ids, copy.party_ids.partner_id), (self.lys, self.morel))

    # === PROJECT AND ANALYTIC ACCOUNT ===#

    def test_a_lawyer_opens_a_matter_with_its_project(self):
        matter = self._create()
        project = matter.project_ids
        self.assertEqual((len(project), project.name), (1, f"{matter.reference} New"))
        self.assertEqual(project.account_id, matter.analytic_account_id)
        self.assertEqual(
            (project.partner_id, project.user_id, project.company_id), (self.lys, self.lawyer, self.company)
        )
        second = self.env["project.project"].create({"name": "Appeal", "timebill_matter_id": matter.id})
        self.assertEqual(second.account_id, matter.analytic_account_id)
        self.assertEqual(matter.project_count, 2)

    def test_no_project_when_the_company_wants_none(self):
        self.company.timebill_matter_project = False
        matter = self._create()
        self.assertFalse(matter.project_ids)
        self.assertEqual(matter.analytic_account_id.name, f"{matter.reference} New")
        self.assertEqual(matter.analytic_account_id.partner_id, self.lys)

    def test_a_new_title_renames_the_account(self):
        self.matter.name = "Lys v. Durand"
        self.assertEqual(self.matter.analytic_account_id.name, f"{self.matter.reference} Lys v. Durand")

    def test_templates_are_no_projects_of_the_matter(self):
        self.matter.project_ids.is_template = True
        self.env.invalidate_all()
        self.assertFalse(self.matter.project_ids)

    def test_a_project_moves_with_its_work(self):
        """Of which nothing is billed, by somebody who may change it; else nothing moves."""
        project = self.matter.project_ids
        task = self.env["project.task"].create({"name": "Plead", "project_id": project.id})
        work, other = self._time(task_id=task.id), self._time()
        self.lawyer.group_ids += self.env.ref("project.group_project_manager")
        self.colleague.group_ids += self.env.ref("project.group_project_manager")
        move = ("project.project", "write", project.ids, {"timebill_matter_id": self.joint_matter.id})
        name = self._in_english(work).display_name
        self.assertRefused(AccessError, name, self.colleague, *move)
        self.rpc(self.lawyer, *move)
        self.assertEqual((work.matter_id, other.matter_id), (self.joint_matter, self.matter))
        self.assertEqual((work.partner_id, work.task_id), (self.lys, task))
        self.assertIn(self.joint_matter.reference, self.matter.message_ids[0].body)
        self.assertRefused(
            UserError, "move with", self.lawyer, "project.project", "write", project.ids, {"timebill_matter_id": False}
        )
        invoice = self._bill(work, post=True)
        back = ("project.project", "write", project.ids, {"timebill_matter_id": self.matter.id})
        self.assertRefused(UserError, invoice.name, self.lawyer, *back)
        self.assertEqual((project.timebill_matter_id, work.matter_id), (self.joint_matter, self.joint_matter))

    # === LIST ===#

    def test_sorted_by_what_is_to_bill(self):
        """Work that waits included, billed work left out; not for who sees no amounts."""
        matters = self.joint_matter + self.matter + self.secret_matter
        self._time(60, self.joint_matter)
        self._time(30)._hold(False, "Later")
        self._bill(self._time(600))
        Matter = self.env["timebill.matter"].with_user(self.lawyer)
        domain = [("id", "in", matters.ids)]
        found = Matter.search(domain, order="amount_to_bill desc")
        self.assertEqual(found, matters)
        self.assertEqual(found.mapped("amount_to_bill"), [200, 100, 0])
        self.assertEqual(Matter.search(domain, order="amount_to_bill", limit=1), self.secret_matter)
        self.assertTrue(Matter.fields_get(["amount_to_bill"])["amount_to_bill"]["sortable"])
        with self.assertRaises(AccessError):
            Matter.with_user(self.assistant).search(domain, order="amount_to_bill desc")

    def test_the_opponent_is_one_of_the_parties(self):
        opponent, court = self.env.ref("timebill_legal.party_role_opponent"), self.env.ref(
            "timebill_legal.party_role_court"
        )
        self.matter.party_ids = [
            Command.create({"partner_id": self.dupont.id, "role_id": opponent.id}),
            Command.create({"partner_id": self.morel.id, "role_id": court.id}),
        ]
        self.assertEqual(self.matter.opponent_ids, self.dupont)

    # === LIFE ===#

    def test_close_and_reopen(self):
        self.rpc(self.lawyer, "timebill.matter", "action_close", self.matter.ids)
        self.assertEqual(self.matter.state, "closed")
        self.assertTrue(self.matter.date_closed)
        self.rpc(self.lawyer, "timebill.matter", "action_reopen", self.matter.ids)
        self.assertEqual((self.matter.state, self.matter.date_closed), ("open", False))

    def test_an_archived_matter_takes_no_work_of_a_lawyer(self):
        self.matter.active = False
        self.assertRefused(
            UserError,
            "is closed",
            self.lawyer,
            "timebill.activity",
            "create",
            [{"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 6}],
        )

    def test_a_matter_with_work_is_not_deleted(self):
        self._time()
        self.assertRefused(UserError, "has activities", self.manager, "timebill.matter", "unlink", self.matter.ids)
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, "timebill.matter", "unlink", self.matter.ids)
        empty = self._create()
        self.assertRefused(UserError, "has a project", self.manager, "timebill.matter", "unlink", empty.ids)
        empty.project_ids.unlink()
        self.assertTrue(empty.analytic_account_id)
        self.rpc(self.manager, "timebill.matter", "unlink", empty.ids)
        self.assertFalse(empty.exists())

    # === CLIENTS ===#

    def test_a_matter_needs_a_client_or_is_internal(self):
        self.assertRefused(
            ValidationError, "needs at least one client", self.lawyer, "timebill.matter", "create", [{"name": "x"}]
        )
        self.assertRefused(
            ValidationError,
            "cannot have clients",
            self.lawyer,
            "timebill.matter",
            "create",
            [self._values(internal=True)],
        )
        self.assertRefused(
            ValidationError,
            "needs at least one client",
            self.lawyer,
            "timebill.matter",
            "write",
            self.matter.ids,
            {"client_ids": [Command.clear()]},
        )
        self.assertFalse(self._create(client_ids=[], internal=True).client_ids)

    def test_a_client_is_listed_once(self):
        self.assertRefused(
            ValidationError,
            "listed twice",
            self.lawyer,
            "timebill.matter",
            "write",
            self.matter.ids,
            {"client_ids": [Command.create({"partner_id": self.lys.id})]},
        )

    def test_a_client_with_work_stays(self):
        self._time(matter=self.joint_matter, partner_id=self.morel.id)
        client = self.joint_matter.client_ids.filtered(lambda c: c.partner_id == self.morel)
        self.assertRefused(
            ValidationError,
            "Jeanne Morel has activities on the matter",
            self.lawyer,
            "timebill.matter",
            "write",
            self.joint_matter.ids,
            {"client_ids": [Command.delete(client.id)]},
        )
        self.assertRefused(
            ValidationError,
            "Jeanne Morel has activities on the matter",
            self.lawyer,
            "timebill.matter.client",
            "write",
            client.ids,
            {"partner_id": self.dupont.id},
        )
        other = self.joint_matter.client_ids - client
        self.rpc(
            self.lawyer, "timebill.matter", "write", self.joint_matter.ids, {"client_ids": [Command.delete(other.id)]}
        )
        self.assertEqual(self.joint_matter.partner_ids, self.morel)

    def test_billable_work_keeps_a_matter_from_becoming_internal(self):
        self._time(matter=self.joint_matter)
        self.assertRefused(
            ValidationError,
            "cannot become internal",
            self.lawyer,
            "timebill.matter",
            "write",
            self.joint_matter.ids,
            {"internal": True, "client_ids": [Command.clear()]},
        )

    def test_currency_and_rate_list_agree_and_stay(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        dollars = self.env["timebill.rate.list"].create({"name": "Dollars", "currency_id": usd.id})
        self.assertRefused(
            ValidationError,
            "is in USD",
            self.lawyer,
            "timebill.matter",
            "write",
            self.matter.ids,
            {"rate_list_id": dollars.id},
        )
        self.rpc(
            self.lawyer,
            "timebill.matter",
            "write",
            self.matter.ids,
            {"currency_id": usd.id, "rate_list_id": dollars.id},
        )
        self._time()
        self.assertRefused(
            UserError,
            "its currency cannot change",
            self.lawyer,
            "timebill.matter",
            "write",
            self.matter.ids,
            {"currency_id": self.env.ref("base.EUR").id, "rate_list_id": False},
        )
        self.assertEqual(self.matter.currency_id, usd)

    # === SEARCH ===#

    def test_found_by_reference_title_client_or_opponent(self):
        self.matter.party_ids = [
            Command.create(
                {"partner_id": self.dupont.id, "role_id": self.env["timebill.party.role"].search([], limit=1).id}
            )
        ]
        for text in (self.matter.reference, "v. Martin", "SCI des Lys", "Dupont SA"):
            found = self.rpc(self.colleague, "timebill.matter", "name_search", text)
            self.assertIn(
                (self.matter.id, f"{self.matter.reference} Lys v. Martin"), [tuple(pair) for pair in found], text
            )
        self.assertFalse(self.rpc(self.colleague, "timebill.matter", "name_search", "nobody of that name"))

    def test_the_form_opens_a_matter(self):
        with Form(self.env["timebill.matter"].with_user(self.lawyer)) as form:
            form.name = "By the form"
            with form.client_ids.new() as client:
                client.partner_id = self.lys
        self.assertEqual((form.record.responsible_id, form.record.partner_ids), (self.lawyer, self.lys))
        self.assertIn(self.lawyer, form.record.member_ids)

    def test_the_figures_of_a_client_count_common_work_and_show_it_apart(self):
        self._time(60)
        self._time(30, matter=self.joint_matter)
        self._time(15, matter=self.joint_matter, partner_id=self.morel.id)
        figures = {self.lys: (2, 300, 100), self.morel: (2, 150, 100), self.dupont: (0, 0, 0)}
        for client, (count, amount, common) in figures.items():
            client = client.with_user(self.lawyer)
            self.assertEqual(
                (client.timebill_activity_count, client.timebill_amount_to_bill, client.timebill_common_to_bill),
                (count, amount, common),
                client.name,
            )
            opened = client.timebill_action_open_activities()["domain"]
            self.assertEqual(self.env["timebill.activity"].search_count(opened), count, "what the button opens")
