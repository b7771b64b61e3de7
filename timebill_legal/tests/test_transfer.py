from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestTransfer(RpcCommon):
    """Work goes to another matter or client, as long as nothing of it is billed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.cheap = cls.env["timebill.rate.list"].create(
            {"name": "Cheap", "rate_ids": [Command.create({"price": 150})]}
        )
        cls.other = cls._matter("Lys v. Durand", cls.lys, rate_list_id=cls.cheap.id)

    def _window(self, activities, user=None, operation="transfer", **values):
        action = {"transfer": "action_transfer", "assign": "action_assign_client"}[operation]
        result = getattr(activities.with_user(user or self.lawyer), action)()
        window = self.env["timebill.transfer"].with_user(user or self.lawyer).browse(result["res_id"])
        window.write(values)
        return window.with_context(lang="en_US")

    def _to(self, matter, activities, user=None, **values):
        return self._window(activities, user, matter_id=matter.id, **values)

    # === TRANSFER ===#

    def test_prices_that_apply_there(self):
        listed, typed, cost = self._time(), self._time(30, price_unit=300), self._cost(self.copies, 12, 2)
        window = self._to(self.other, listed + typed + cost)
        self.assertEqual(window.line_ids.mapped("price_after"), [150, 300, 12])
        self.assertEqual((window.amount_before, window.amount_after), (200 + 150 + 24, 150 + 150 + 24))
        window.action_apply()
        self.assertEqual((listed + typed + cost).matter_id, self.other)
        self.assertEqual((listed + typed + cost).mapped("price_unit"), [150, 300, 12])
        self.assertEqual(listed.rate_level, "matter")

    def test_prices_that_are_kept(self):
        activity = self._time()
        window = self._to(self.other, activity, price_choice="keep")
        self.assertEqual(window.line_ids.price_after, 200)
        window.action_apply()
        self.assertEqual((activity.price_unit, activity.amount, activity.rate_price), (200, 200, 150))
        self.assertEqual(activity.with_context(lang="en_US").price_origin, "Typed on the activity")

    def test_the_client_is_one_of_the_other_matter(self):
        activity = self._time()
        window = self._to(self.joint_matter, activity)
        self.assertEqual(window.partner_id, self.lys, "whose work it is already")
        self.assertEqual(window.candidate_ids, self.lys + self.morel)
        window.partner_id = False
        self.assertEqual(window.line_ids.client_change, "SCI des Lys → Common")
        window.action_apply()
        self.assertFalse(activity.partner_id)
        self._to(self._matter("Dupont", self.dupont), activity).action_apply()
        self.assertEqual(activity.partner_id, self.dupont)

    def test_another_tax_is_announced(self):
        abroad = self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "tax_ids": [
                    Command.create(
                        {
                            "name": "Exempt",
                            "amount": 0,
                            "type_tax_use": "sale",
                            "original_tax_ids": [Command.set(self._time().tax_ids.ids)],
                        }
                    )
                ],
            }
        )
        self.dupont.property_account_position_id = abroad
        window = self._to(self._matter("Dupont", self.dupont), self._time())
        self.assertTrue(window.has_tax_changes)
        self.assertRegex(window.line_ids.tax_change, "20.* → Exempt")

    def test_what_is_billed_stays_and_is_named(self):
        free, drafted, billed, discounted = (self._time() for _number in range(4))
        self._bill(drafted)
        invoice = self._bill(billed, post=True)
        self.env["timebill.allocation"]._adjust(
            {discounted: -10.0}, self.env.ref("timebill_legal.reason_goodwill")
        )
        window = self._to(self.other, free + drafted + billed + discounted)
        problems = window.line_ids.mapped("problem")
        self.assertFalse(problems[0])
        self.assertRegex(problems[1], "draft invoice.*SCI des Lys")
        self.assertEqual(problems[2], f"already billed ({invoice.name})")
        self.assertIn("undo it first", problems[3])
        window.action_apply()
        self.assertEqual(free.matter_id, self.other)
        self.assertEqual((drafted + billed + discounted).matter_id, self.matter)
        with self.assertRaisesRegex(UserError, "Nothing can be changed here: already billed"):
            billed.with_user(self.lawyer).with_context(lang="en_US").action_transfer()

    def test_what_was_given_back_can_go(self):
        activity = self._time()
        self._reverse(self._bill(activity, post=True)).action_post()
        self._to(self.other, activity).action_apply()
        self.assertEqual(activity.matter_id, self.other)

    def test_what_is_billed_meanwhile_is_refused_as_a_whole(self):
        first, second = self._time(), self._time()
        window = self._to(self.other, first + second)
        self._bill(second)
        with self.assertRaisesRegex(UserError, "Nothing was changed.\n.*already on a draft invoice"):
            window.action_apply()
        self.assertEqual((first + second).matter_id, self.matter)

    def test_everything_of_a_matter_that_is_not_billed(self):
        activities = self._time() + self._time(30, billable=False) + self._cost(self.copies, 12)
        self._bill(self._time())
        action = self.rpc(self.biller, "timebill.matter", "action_transfer", self.matter.ids)
        window = self.env["timebill.transfer"].browse(action["res_id"])
        self.assertEqual(window.line_ids.activity_id, activities)
        with self.assertRaises(UserError):
            self.other.action_transfer()

    def test_what_somebody_decided_not_to_bill_stays_so(self):
        gift = self._time(billable=False)
        self._to(self.other, gift).action_apply()
        self.assertFalse(gift.billable)
        activity = self._time()
        self._to(self.internal_matter, activity).action_apply()
        self.assertEqual((activity.billable, activity.partner_id.ids), (False, []))
        self._to(self.matter, activity).action_apply()
        self.assertTrue(activity.billable)
        with Form(gift) as form:
            form.matter_id = self.joint_matter
            self.assertFalse(form.billable)

    def test_what_somebody_decided_to_bill_stays_so(self):
        """Although its category is not billable."""
        self.phone.billable = False
        activity = self._time(billable=True)
        self._to(self.other, activity).action_apply()
        self.assertTrue(activity.billable)

    def test_work_for_the_firm_itself_is_announced_as_never_billed(self):
        activity = self._time()
        window = self._to(self.internal_matter, activity)
        self.assertEqual((window.amount_before, window.amount_after), (200, 0))
        self.assertIn("will not be billed", window.notice)
        window.action_apply()
        window = self._to(self.matter, activity)
        self.assertEqual((window.amount_before, window.amount_after, window.notice), (0, 200, ""))

    def test_another_currency_is_refused_by_name(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        american = self._matter("In dollars", self.lys, currency_id=dollar.id)
        cost = self._cost(self.copies, 12)
        window = self._window(cost)
        self.assertNotIn(american, self.env["timebill.matter"].search(window.matter_domain))
        window.matter_id = american
        self.assertEqual(window.line_ids.problem, "it has another currency: enter it there again")
        with self.assertRaisesRegex(UserError, "it has another currency"):
            window.action_apply()
        name = cost.with_context(lang="en_US").display_name
        self.assertRefused(
            UserError,
            f"{name}: it has another currency: enter it there again",
            self.lawyer,
            "timebill.activity",
            "write",
            cost.ids,
            {"matter_id": american.id},
        )
        self.assertEqual((cost.matter_id, cost.price_unit), (self.matter, 12))

    def test_a_closed_matter_takes_work_from_billing_people_only(self):
        activity = self._time()
        self.other.action_close()
        with self.assertRaisesRegex(UserError, f"{self.other.reference}.* is closed"):
            self._to(self.other, activity).action_apply()
        self._to(self.other, activity, self.biller).action_apply()
        self.assertEqual(activity.matter_id, self.other)

    def test_a_matter_without_active_client_takes_nothing(self):
        self.other.client_ids.inactive = True
        activity = self._time()
        with self.assertRaisesRegex(ValidationError, "all clients of the matter .* are inactive"):
            self._to(self.other, activity).action_apply()

    def test_the_task_of_the_former_matter_stays_there(self):
        project = self.env["project.project"].create({"name": "Lys", "timebill_matter_id": self.matter.id})
        task = self.env["project.task"].create({"name": "Write", "project_id": project.id})
        activity = self._time(task_id=task.id)
        self._to(self.other, activity).action_apply()
        self.assertFalse(activity.task_id)

    def test_the_rounding_of_the_other_matter_does_not_apply(self):
        self.other.rounding_id = self.env.ref("timebill_legal.rounding_15")
        activity = self._time(7)
        self._to(self.other, activity).action_apply()
        self.assertEqual(activity.billable_duration, 7)

    # === WHO ===#

    def test_everybody_moves_what_she_may_edit(self):
        own, of_lawyer = self._time(user_id=self.colleague.id), self._time()
        window = self._to(self.other, own + of_lawyer, self.colleague)
        self.assertEqual(window.left_out, "only its timekeeper and billing users can change it (1)")
        window.action_apply()
        self.assertEqual((own.matter_id, of_lawyer.matter_id), (self.other, self.matter))

    def test_an_assistant_sees_no_amount(self):
        window = self._to(self.other, self._time(), self.assistant)
        with self.assertRaises(AccessError):
            window.line_ids.read(["price_after"])
        window.read(["summary", "left_out"])
        window.action_apply()
        message = self.other.message_ids[0]
        self.assertNotIn("€", message.body)
        self.assertEqual(message.tracking_value_ids.new_value_float, 150)
        tracking = message.tracking_value_ids
        self.assertFalse(tracking._filter_has_field_access(self.env(user=self.assistant)))

    def test_nobody_learns_of_a_matter_that_she_may_not_read(self):
        own = self._time(user_id=self.colleague.id)
        window = self._window(own, self.colleague)
        with self.assertRaises(AccessError):
            window.onchange({"matter_id": self.secret_matter.id}, ["matter_id"], {"candidate_ids": {}})
        forged = {"operation": "transfer", "matter_id": self.secret_matter.id}
        with self.assertRaises(AccessError):
            window.browse().onchange(forged, ["matter_id"], {"matter_id": {}, "partner_id": {}})
        with self.assertRaises(AccessError):
            window.create(forged).partner_id.ensure_one()
        with self.assertRaises(AccessError):
            window.matter_id = self.secret_matter
            window.action_apply()

    def test_who_enters_a_confidential_team_by_it_is_told(self):
        self.secret_matter.member_ids += self.biller
        activities = self._time(user_id=self.colleague.id) + self._time()
        window = self._to(self.secret_matter, activities, self.biller)
        self.assertEqual(
            window.notice, "Confidential matter: Paul Colleague will join its team and be able to read it."
        )
        window.action_apply()
        self.assertIn(self.colleague, self.secret_matter.member_ids)

    def test_both_matters_tell_it(self):
        activities = self._time(75) + self._cost(self.copies, 12)
        self._to(self.other, activities).action_apply()
        for matter, text, amounts in ((self.matter, "To ", (262, 0)), (self.other, "From ", (0, 199.5))):
            message = matter.message_ids[0]
            self.assertIn(text, message.body)
            self.assertIn("2 activities, 1 h 15", message.body)
            tracking = message.tracking_value_ids
            self.assertEqual((tracking.old_value_float, tracking.new_value_float), amounts)
        self.assertIn(self.other.display_name, self.matter.message_ids[0].body)

    def test_the_title_of_a_confidential_matter_is_not_told(self):
        self._to(self.secret_matter, self._time()).action_apply()
        body = self.matter.message_ids[0].body
        self.assertIn(self.secret_matter.reference, body)
        self.assertNotIn("Secret merger", body)

    # === IN THE LIST OR THE FORM ===#

    def test_one_notice_of_another_price(self):
        activity, spec = self._time(), {"matter_id": {}, "description": {}}
        values = self.rpc(
            self.lawyer,
            "timebill.activity",
            "onchange",
            activity.ids,
            {"matter_id": self.other.id},
            ["matter_id"],
            spec,
        )
        self.assertEqual(values["warning"]["type"], "notification")
        self.assertRegex(values["warning"]["message"], "200.00.* → .*150.00")
        for user, matter in ((self.lawyer, self._matter("Same price", self.lys)), (self.assistant, self.other)):
            values = self.rpc(
                user, "timebill.activity", "onchange", activity.ids, {"matter_id": matter.id}, ["matter_id"], spec
            )
            self.assertNotIn("warning", values)

    def test_a_form_asks_which_price(self):
        for choice, price in (("apply", 150), ("keep", 200)):
            activity = self._in_english(self._time())
            with Form(activity) as form:
                self.assertFalse(form.price_question)
                form.matter_id = self.other
                self.assertRegex(form.price_question, "200.00.* → .*150.00")
                form.price_choice = choice
            self.assertEqual((activity.matter_id, activity.price_unit), (self.other, price))
        typed = self._in_english(self._time(price_unit=180))
        with Form(typed) as form:
            form.matter_id = self.other
            self.assertFalse(form.price_question, "a price that was typed stays")
        self.assertEqual(typed.price_unit, 180)
        with Form(self._in_english(self._time(user_id=self.assistant.id), self.assistant)) as form:
            form.matter_id = self.other
            self.assertNotIn("price_question", form._values)

    # === CLIENTS ===#

    def test_a_selection_is_given_to_a_client(self):
        common = self._time(matter=self.joint_matter)
        elsewhere, billed = self._time(), self._time(matter=self.joint_matter, partner_id=self.lys.id)
        self._bill(billed)
        window = self._window(common + elsewhere + billed, operation="assign", partner_id=self.morel.id)
        self.assertIn("Jeanne Morel is not a client of", window.line_ids[1].problem)
        self.assertIn("draft invoice", window.line_ids[2].problem)
        window.action_apply()
        self.assertEqual([a.partner_id for a in common + elsewhere + billed], [self.morel, self.lys, self.lys])
        window = self._window(common + elsewhere, operation="assign", partner_id=False)
        self.assertIn("one client only", window.line_ids[1].problem)
        window.action_apply()
        self.assertFalse(common.partner_id)

    def test_an_inactive_client_gets_no_new_work_and_is_not_billed(self):
        of_lys = self._time(matter=self.joint_matter, partner_id=self.lys.id)
        common = self._time(matter=self.joint_matter)
        with Form(self.joint_matter.with_user(self.lawyer)) as form, form.client_ids.edit(0) as client:
            with self.assertLogs("odoo.tests.form.onchange", "WARNING") as warnings:
                client.inactive = True
            self.assertIn("SCI des Lys", warnings.output[0])
        self.assertEqual(self._time(matter=self.joint_matter).partner_id, self.morel, "the only one left")
        with self.assertRaisesRegex(ValidationError, "SCI des Lys"):
            self._time(matter=self.joint_matter, partner_id=self.lys.id)
        self.assertIn("SCI des Lys", of_lys._get_billing_problem())
        ToBill = self.env["timebill.to.bill"].with_context(lang="en_US")
        rows = ToBill.search([("matter_id", "=", self.joint_matter.id)])
        self.assertEqual(rows.filtered(lambda row: row.partner_id == self.lys).anomalies, "inactive client")
        with self.assertRaisesRegex(UserError, "SCI des Lys"):
            self.env["timebill.billing"]._create_all_invoices(self._choose(of_lys))
        with self.assertRaisesRegex(UserError, "SCI des Lys"):
            self.env["timebill.billing"]._create_all_invoices(self._choose(common, payer_id=self.lys.id))
        self.assertEqual(self._bill(common).partner_id, self.morel)
        of_lys.description = "Corrected"
        self.joint_matter.client_ids.inactive = True
        with self.assertRaises(ValidationError):
            self._time(matter=self.joint_matter)
        offered = self.env["timebill.matter"].search(self.env["timebill.matter"]._get_entry_domain())
        self.assertNotIn(self.joint_matter, offered)
        self.assertIn(self.matter, offered)

    # === COST ===#

    def test_queries_do_not_grow_with_the_selection(self):
        names = ("client_change", "price_after", "amount_after", "tax_change", "problem")
        spec = {"line_ids": {"fields": {name: {} for name in names}}, "summary": {}, "notice": {}, "amount_after": {}}

        def count(operation, number):
            activities = self.env["timebill.activity"].create(
                [
                    {
                        "matter_id": self.joint_matter.id,
                        "type_id": self.phone.id,
                        "user_id": self.lawyer.id,
                        "duration": n,
                    }
                    for n in range(1, number + 1)
                ]
            )
            values = {"transfer": {"matter_id": self.other.id}, "assign": {"partner_id": self.morel.id}}[operation]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            window = self._window(activities, operation=operation)
            window.onchange(values, list(values), spec)
            window.web_save(values, spec)
            window.action_apply()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        for operation in ("transfer", "assign"):
            with self.subTest(operation):
                count(operation, 2)
                few = count(operation, 4)
                self.assertLessEqual(count(operation, 40), few + 3)

    def test_the_matter_that_one_leaves_is_not_proposed(self):
        activity = self._time(60)
        window = self._window(activity.with_context(default_matter_id=self.matter.id))
        self.assertFalse(window.matter_id)

    def test_what_went_where_is_said_with_a_link(self):
        params = self._to(self.other, self._time(60)).action_apply()["params"]
        self.assertIn("%s", params["message"])
        self.assertEqual([link["url"] for link in params["links"]], [f"/odoo/matters/{self.other.id}"])
