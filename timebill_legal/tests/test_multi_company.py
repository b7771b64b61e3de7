from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestMultiCompany(RpcCommon):
    """Two firms in one database: nothing crosses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create(
            {"name": "Second Firm", "currency_id": cls.company.currency_id.id, "country_id": cls.company.country_id.id}
        )
        cls.other_lawyer = new_test_user(
            cls.env,
            "tb_other_lawyer",
            groups="timebill_legal.group_manager",
            lang="fr_FR",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.both = new_test_user(
            cls.env,
            "tb_both",
            groups="timebill_legal.group_manager",
            lang="fr_FR",
            company_id=cls.company.id,
            company_ids=[Command.set((cls.company + cls.other_company).ids)],
        )
        other_env = cls.env["timebill.matter"].with_company(cls.other_company)
        cls.other_list = other_env.env["timebill.rate.list"].create(
            {"name": "Second", "company_id": cls.other_company.id, "rate_ids": [Command.create({"price": 90})]}
        )
        cls.other_company.timebill_rate_list_id = cls.other_list
        cls.other_matter = other_env.create(
            {
                "name": "Elsewhere",
                "company_id": cls.other_company.id,
                "responsible_id": cls.other_lawyer.id,
                "client_ids": [Command.create({"partner_id": cls.lys.id})],
            }
        )
        cls.other_type = cls.env["timebill.activity.type"].create(
            {"name": "Theirs", "kind": "time", "company_id": cls.other_company.id}
        )
        cls.other_work = cls._time(matter=cls.other_matter, user_id=cls.other_lawyer.id)

    def test_the_product_follows_the_company_of_its_type(self):
        activity_type = self.env["timebill.activity.type"].create({"name": "Call", "kind": "time"})
        for company in (self.company, self.other_company, self.env["res.company"]):
            activity_type.company_id = company
            self.assertEqual(activity_type.product_id.company_id, company)

    def test_the_taxes_follow_the_company_of_the_type(self):
        values = {"name": "Call", "kind": "time", "company_id": self.company.id}
        activity_type = self.env["timebill.activity.type"].create(values)
        ours = activity_type.product_id.taxes_id
        self.assertEqual(ours.company_id, self.company)
        activity_type.company_id = self.other_company
        self.assertFalse(activity_type.product_id.taxes_id & ours)
        activity_type.company_id = False
        self.assertEqual(activity_type.product_id.taxes_id & ours, ours)

    def test_companies_do_not_see_each_other(self):
        theirs = [
            self.other_matter,
            self.other_matter.client_ids,
            self.other_work,
            self.other_list,
            self.other_list.rate_ids,
            self.other_type,
        ]
        ours = [self.matter, self.matter.client_ids, self._time(), self.rate_list, self.rate_list.rate_ids[0]]
        for user, records in ((self.manager, theirs), (self.other_lawyer, ours)):
            for record in records:
                label = (user.login, record._name)
                self.assertEqual(self.rpc(user, record._name, "search", [("id", "=", record.id)]), [], label)
                for method, args in (("read", ([],)), ("write", ({},)), ("unlink", ())):
                    with self.assertRaises(AccessError, msg=(*label, method)):
                        self.rpc(user, record._name, method, record.ids, *args)
        rows = [("matter_id", "=", self.other_matter.id)]
        self.assertFalse(self.rpc(self.manager, "timebill.to.bill", "search", rows))
        self.assertTrue(self.rpc(self.other_lawyer, "timebill.to.bill", "search", rows))

    def test_work_takes_company_prices_and_currency_of_its_matter(self):
        self.assertEqual((self.other_work.company_id, self.other_work.price_unit), (self.other_company, 90))
        work = self.rpc(
            self.both,
            "timebill.activity",
            "create",
            [{"matter_id": self.other_matter.id, "kind": "time", "duration": 60}],
        )
        work = self.env["timebill.activity"].browse(work)
        self.assertEqual((work.company_id, work.price_unit), (self.other_company, 90))

    def test_nothing_is_entered_on_a_matter_of_another_company(self):
        values = {"matter_id": self.other_matter.id, "type_id": self.phone.id, "duration": 6, "user_id": self.lawyer.id}
        before = self.env["timebill.activity"].search_count([])
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, "timebill.activity", "create", [values])
        own = self._time()
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, "timebill.activity", "write", own.ids, {"matter_id": self.other_matter.id})
        self.assertEqual((own.matter_id, self.env["timebill.activity"].search_count([])), (self.matter, before + 1))
        with self.assertRaises(AccessError):
            self.rpc(
                self.lawyer,
                "timebill.matter",
                "create",
                [
                    {
                        "name": "x",
                        "company_id": self.other_company.id,
                        "client_ids": [Command.create({"partner_id": self.lys.id})],
                    }
                ],
            )

    def test_the_category_of_another_company_is_not_proposed(self):
        self._time(matter=self.other_matter, type_id=self.other_type.id, user_id=self.both.id)
        values = {"user_id": self.both.id, "duration": 5}
        here, there = self.env["timebill.activity"].create(
            [{**values, "matter_id": self.matter.id}, {**values, "matter_id": self.other_matter.id}]
        )
        self.assertNotEqual(here.type_id, self.other_type)
        self.assertEqual(there.type_id, self.other_type, "what she used last there")

    def test_what_belongs_to_another_company_is_refused_by_name(self):
        theirs = self.env["res.partner"].create({"name": "Their client", "company_id": self.other_company.id})
        role = self.env["timebill.party.role"].search([], limit=1)
        for model, ids, values in (
            ("timebill.activity", self._time().ids, {"type_id": self.other_type.id}),
            ("timebill.activity", self._time().ids, {"matter_id": self.other_matter.id}),
            ("timebill.matter", self.matter.ids, {"rate_list_id": self.other_list.id}),
            ("timebill.matter", self.matter.ids, {"client_ids": [Command.create({"partner_id": theirs.id})]}),
            (
                "timebill.matter",
                self.matter.ids,
                {"party_ids": [Command.create({"partner_id": theirs.id, "role_id": role.id})]},
            ),
            ("timebill.rate", self.rate_list.rate_ids[0].ids, {"type_id": self.other_type.id}),
        ):
            self.assertRefused(UserError, "ompan", self.both, model, "write", ids, values)

    def test_one_company_at_a_time_is_billed(self):
        activities = self._time() + self.other_work
        self.assertRefused(
            UserError,
            "belong to several companies",
            self.both,
            "timebill.activity",
            "action_bill",
            activities.ids,
        )
        self.assertEqual(activities.mapped("billing_state"), ["to_bill", "to_bill"])
        # Who works in one company only sees that one.
        action = self.rpc(self.manager, "res.partner", "timebill_action_bill", self.lys.ids)
        lines = self.env["timebill.bill"].browse(action["res_id"]).line_ids
        self.assertEqual(lines.activity_id, activities[0])

    def test_a_branch_bills_with_the_accounts_of_its_root(self):
        branch = self.env["res.company"].create(
            {"name": "Branch of Lyon", "parent_id": self.company.id, "country_id": self.company.country_id.id}
        )
        self.env.cr.precommit.run()  # gives it the chart of accounts of its root
        self.biller.company_ids += branch
        matter = self._matter("In Lyon", self.lys, company_id=branch.id)
        work = self._time(matter=matter, price_unit=200)
        self._open_bill(work).with_company(branch).action_save()
        line = work.allocation_ids.move_line_id
        self.assertEqual((line.company_id, work.billing_state), (branch, "draft"))
        self.assertEqual(
            (line.account_id, line.tax_ids), (self.company.timebill_time_account_id, self.company.timebill_time_tax_id)
        )

    def test_a_window_takes_no_work_of_another_company(self):
        bill = self._open_bill(self._time())
        with self.assertRaises(AccessError):
            self.rpc(
                self.biller, "timebill.bill.line", "create", [{"bill_id": bill.id, "activity_id": self.other_work.id}]
            )

    def test_breaking_the_glass_stays_in_the_companies_of_the_manager(self):
        self.other_matter.confidential = True
        glass = self.rpc(
            self.manager, "timebill.break.glass", "create", [{"reference": self.other_matter.reference, "reason": "x"}]
        )
        self.assertNotEqual(self.other_matter.reference, self.matter.reference)
        self.assertRefused(
            UserError,
            "no confidential matter with the reference",
            self.manager,
            "timebill.break.glass",
            "action_enter",
            glass,
        )
