from contextlib import suppress

from lxml import etree
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .rpc import RpcCommon

TITLE = "Secret merger"
STORY = "Merger plan of Dupont with Martin"


class ConfidentialCommon(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls.secret_matter
        cls.project = cls.secret.project_ids
        cls.task = cls.env["project.task"].create({"name": STORY, "project_id": cls.project.id})
        cls.project_manager = new_test_user(
            cls.env, "tb_project_manager", groups="timebill_legal.group_user,project.group_project_manager"
        )
        cls.plain_project_manager = new_test_user(cls.env, "tb_plain_pm", groups="project.group_project_manager")
        cls.internal = new_test_user(cls.env, "tb_internal", groups="base.group_user")
        #: With our groups, then without.
        cls.insiders = [cls.colleague, cls.assistant, cls.biller, cls.manager, cls.project_manager]
        cls.outsiders = [*cls.insiders, cls.accountant, cls.plain_project_manager, cls.internal]
        cls.work = cls._time(matter=cls.secret, description=STORY, note=STORY, task_id=cls.task.id)

    @classmethod
    def _bill_secret(cls, activities, post=False):
        """Invoice made by a biller of the team."""
        bill = cls.env["timebill.bill"].browse(activities.action_bill()["res_id"])
        moves = bill._create_invoices()
        if post:
            moves.action_post()
        return moves

    def assertHidden(self, user, model, record, thoroughly=True):
        """``user`` neither reads nor finds ``record``; ``thoroughly``: by none of the ways there are."""
        domain, label = [("id", "=", record.id)], (user.login, model)
        ways = [("read", (record.ids, ["display_name"]))]
        if thoroughly:
            ways += [
                ("web_read", (record.ids, {"display_name": {}})),
                ("export_data", (record.ids, ["display_name"])),
                ("write", (record.ids, {})),
                ("unlink", (record.ids,)),
                ("copy", (record.ids,)),
            ]
        for method, args in ways:
            with self.assertRaises(UserError, msg=(*label, method)):
                self.rpc(user, model, method, *args)
        if not self.env[model].with_user(user).has_access("read"):
            return
        self.assertEqual(self.rpc(user, model, "search", domain), [], label)
        if thoroughly:
            self.assertEqual(self.rpc(user, model, "search_count", domain), 0, label)
            self.assertEqual(self.rpc(user, model, "search_read", domain, ["id"]), [], label)
            self.assertEqual(self.rpc(user, model, "web_search_read", domain, {"display_name": {}})["length"], 0, label)
            self.assertEqual(
                self.rpc(user, model, "formatted_read_group", domain, ["create_uid"], ["__count"]), [], label
            )
            self.assertEqual(self.rpc(user, model, "name_search", "", domain), [], label)


@tagged("post_install", "-at_install")
class TestConfidentialMatter(ConfidentialCommon):
    def test_what_belongs_to_it_is_hidden(self):
        move = self._bill_secret(self._time(matter=self.secret))
        party = self.env["timebill.matter.party"].create(
            {
                "matter_id": self.secret.id,
                "partner_id": self.morel.id,
                "role_id": self.env["timebill.party.role"].search([], limit=1).id,
            }
        )
        records = [
            self.secret,
            self.secret.client_ids,
            party,
            self.work,
            move.timebill_allocation_ids,
            self.project,
            self.task,
            self.env["project.update"].create({"name": STORY, "project_id": self.project.id, "status": "on_track"}),
            self.env["project.milestone"].create({"name": STORY, "project_id": self.project.id}),
        ]
        for user in self.outsiders:
            for record in records:
                self.assertHidden(user, record._name, record, thoroughly=user in (self.biller, self.project_manager))

    def test_reports_do_not_count_it(self):
        self.env.flush_all()
        for user in (self.project_manager, self.plain_project_manager):
            for model in ("report.project.task.user", "project.task.burndown.chart.report"):
                domain = [("project_id", "=", self.project.id)]
                if "burndown" in model:
                    groups = ["date:month", "stage_id"]
                    self.assertFalse(self.rpc(user, model, "formatted_read_group", domain, groups, ["__count"]), model)
                else:
                    self.assertFalse(self.rpc(user, model, "search_read", domain, ["name"]), model)
        row = [("matter_id", "=", self.secret.id)]
        for user in (self.biller, self.manager):
            self.assertFalse(self.rpc(user, "timebill.to.bill", "search", row))
        self.assertTrue(self.env["timebill.to.bill"].search(row))

    def test_it_is_not_found_by_what_it_says(self):
        for user in self.insiders:
            for text in (TITLE, self.secret.reference, "Dupont SA"):
                found = self.rpc(user, "timebill.matter", "name_search", text)
                self.assertNotIn(self.secret.id, [matter_id for matter_id, _name in found], (user.login, text))
            for model, path in (
                ("timebill.activity", "matter_id.name"),
                ("timebill.activity", "description"),
                ("timebill.allocation", "matter_id.name"),
                ("timebill.rate.list", "matter_ids.name"),
                ("timebill.matter", "name"),
                ("timebill.matter", "partner_ids.name"),
                ("timebill.matter.client", "matter_id.name"),
                ("project.project", "timebill_matter_id.name"),
                ("project.project", "task_ids.name"),
                ("project.task", "timebill_matter_id.name"),
                ("res.partner", "task_ids.name"),
                ("account.analytic.account", "project_ids.timebill_matter_id.name"),
            ):
                found = self.rpc(user, model, "search", [(path, "ilike", "erger")])
                self.assertEqual(found, [], (user.login, model, path))

    def test_totals_of_others_do_not_count_it(self):
        alone = self.rpc(
            self.biller,
            "res.partner",
            "read",
            self.dupont.ids,
            ["timebill_matter_count", "timebill_activity_count", "timebill_amount_to_bill"],
        )[0]
        self.assertEqual((alone["timebill_matter_count"], alone["timebill_activity_count"]), (0, 0))
        self.assertEqual(alone["timebill_amount_to_bill"], 0)
        member = self.rpc(
            self.lawyer,
            "res.partner",
            "read",
            self.dupont.ids,
            ["timebill_matter_count", "timebill_activity_count", "timebill_amount_to_bill"],
        )[0]
        self.assertEqual((member["timebill_matter_count"], member["timebill_activity_count"]), (1, 1))
        self.assertEqual(member["timebill_amount_to_bill"], 200)

    def test_the_refusal_is_plain(self):
        with self.assertRaises(AccessError) as refusal:
            self.rpc(self.colleague, "timebill.matter", "read", self.secret.ids, ["name"])
        self.assertEqual(
            str(refusal.exception),
            "Vous ne pouvez pas consulter ceci : Dossier. Demandez à l'équipe du dossier ou à la direction du"
            " cabinet.",
        )

    def test_its_name_shows_through_no_link(self):
        """Somebody outside may hold an id: the link still shows the reference only."""
        reference = self.secret.reference
        for user in self.insiders:
            seen = {
                record.with_user(user).sudo().display_name
                for record in (self.secret, self.work, self.project, self.task)
            }
            self.assertEqual(seen, {reference}, user.login)
        self.assertIn(TITLE, self.secret.with_user(self.lawyer).display_name)
        self.assertIn(STORY, self.task.with_user(self.lawyer).display_name)
        self.assertNotIn(STORY, self.work.with_user(self.lawyer).display_name)
        self.assertEqual((self.secret.analytic_account_id.name, self.project.name), (reference, reference))

    def test_an_id_written_into_a_link_gives_nothing(self):
        own = self._time(user_id=self.colleague.id)
        with self.assertRaises(AccessError):
            self.rpc(self.colleague, "timebill.activity", "write", own.ids, {"matter_id": self.secret.id})
        with self.assertRaises(UserError):
            self.rpc(self.colleague, "timebill.activity", "write", own.ids, {"task_id": self.task.id})
        with self.assertRaises(AccessError):
            self.rpc(
                self.colleague,
                "timebill.activity",
                "create",
                [{"matter_id": self.secret.id, "type_id": self.phone.id, "duration": 6, "user_id": self.colleague.id}],
            )
        self.matter.member_ids += self.colleague
        for name in ("client_ids", "billing_activity_ids"):
            record = self.secret[name][:1]
            with self.assertRaises(AccessError, msg=name):
                self.rpc(self.colleague, "timebill.matter", "write", self.matter.ids, {name: [Command.link(record.id)]})
        free = self._matter("Free", self.lys)
        free.member_ids += self.colleague
        client = free.client_ids
        with self.assertRaises(AccessError):
            self.rpc(self.colleague, "timebill.matter.client", "write", client.ids, {"matter_id": self.secret.id})
        loose = self.env["project.project"].create({"name": "Loose"})
        with self.assertRaises(AccessError):
            values = {"timebill_matter_id": self.secret.id}
            self.rpc(self.project_manager, "project.project", "write", loose.ids, values)
        self.assertNotIn(self.colleague, self.secret.member_ids)
        self.assertEqual((own.matter_id, client.matter_id, loose.timebill_matter_id.id), (self.matter, free, False))

    def test_nobody_lets_himself_in(self):
        for user in self.outsiders:
            for values in (
                {"member_ids": [Command.link(user.id)]},
                {"responsible_id": user.id},
                {"confidential": False},
                {"billing_activity_ids": [Command.clear()]},
            ):
                with self.assertRaises(AccessError, msg=(user.login, values)):
                    self.rpc(user, "timebill.matter", "write", self.secret.ids, values)
            for method in ("action_close", "action_approve", "action_bill"):
                with self.assertRaises(UserError, msg=(user.login, method)):
                    self.rpc(user, "timebill.matter", method, self.secret.ids)
            for method in ("action_open_invoices", "timebill_action_new_activity"):
                # These two open a page of what the user may read: refused, or without a word of the matter.
                with suppress(AccessError):
                    self.assertNotIn(TITLE, str(self.rpc(user, "timebill.matter", method, self.secret.ids)))
        self.assertEqual((self.secret.state, self.secret.member_ids), ("open", self.lawyer))

    def test_the_chatter_is_hidden(self):
        message = self.secret.message_post(body=STORY)
        self.task.message_post(body=STORY)
        attachment = self.env["ir.attachment"].create(
            {"name": "plan.txt", "raw": STORY.encode(), "res_model": "timebill.matter", "res_id": self.secret.id}
        )
        reminder = self.secret.activity_schedule("mail.mail_activity_data_todo", user_id=self.lawyer.id, summary=STORY)
        documents = [
            ("model", "in", ["timebill.matter", "project.project", "project.task"]),
            ("body", "ilike", "erger"),
        ]
        for user in self.outsiders:
            self.assertFalse(self.rpc(user, "mail.message", "search", documents), user.login)
            self.assertFalse(self.rpc(user, "ir.attachment", "search", [("id", "=", attachment.id)]), user.login)
            self.assertFalse(self.rpc(user, "mail.activity", "search", [("id", "=", reminder.id)]), user.login)
            for model, record in (
                ("mail.message", message),
                ("ir.attachment", attachment),
                ("mail.activity", reminder),
            ):
                with self.assertRaises(AccessError, msg=(user.login, model)):
                    self.rpc(user, model, "read", record.ids)
        self.assertTrue(self.rpc(self.lawyer, "mail.message", "search", documents))

    def test_the_window_is_no_way_around(self):
        bill = self._open_bill(self._time())
        line_ids = bill.line_ids.ids
        with self.assertRaises(AccessError):
            self.rpc(self.biller, "timebill.bill.line", "create", [{"bill_id": bill.id, "activity_id": self.work.id}])
        with self.assertRaises(AccessError):
            self.rpc(self.biller, "timebill.bill.line", "write", line_ids, {"activity_id": self.work.id})
        bill.line_ids.sudo().activity_id = self.work  # nor does a line help that got there all the same
        for method, args in (("read", ()), ("write", ({"included": True},))):
            with self.assertRaises(AccessError, msg=method):
                self.rpc(self.biller, "timebill.bill.line", method, line_ids, *args)
        self.assertRefused(UserError, "Select at least one", self.biller, "timebill.bill", "action_save", bill.ids)
        bill.sudo().unlink()
        with self.assertRaises(AccessError):
            self.rpc(
                self.biller,
                "timebill.bill",
                "create",
                [{"line_ids": [Command.create({"activity_id": self.work.id, "description": "Taken"})]}],
            )
        self.assertRefused(
            UserError, "nothing to bill", self.biller, "res.partner", "timebill_action_bill", self.dupont.ids
        )


@tagged("post_install", "-at_install")
class TestConfidentialTeam(ConfidentialCommon):
    def test_creator_responsible_and_timekeepers_join(self):
        matter = self.rpc(
            self.colleague,
            "timebill.matter",
            "create",
            [
                {
                    "name": "Another secret",
                    "confidential": True,
                    "responsible_id": self.lawyer.id,
                    "client_ids": [Command.create({"partner_id": self.lys.id})],
                }
            ],
        )
        matter = self.env["timebill.matter"].browse(matter)
        self.assertEqual(matter.member_ids, self.colleague | self.lawyer)
        self._time(matter=matter, user_id=self.manager.id)
        self.assertIn(self.manager, matter.member_ids)
        self.rpc(self.lawyer, "timebill.matter", "write", matter.ids, {"responsible_id": self.biller.id})
        self.assertIn(self.biller, matter.member_ids)

    def test_the_responsible_stays(self):
        for command in (Command.unlink(self.lawyer.id), Command.clear(), Command.set(self.colleague.ids)):
            self.assertRefused(
                ValidationError,
                "must stay in its team",
                self.lawyer,
                "timebill.matter",
                "write",
                self.secret.ids,
                {"member_ids": [command]},
            )
        self.assertIn(self.lawyer, self.secret.member_ids)

    def test_turning_a_matter_confidential(self):
        self._time(user_id=self.manager.id)
        self.matter.member_ids -= self.manager + self.lawyer
        project = self.matter.project_ids
        task = self.env["project.task"].create({"name": "Brief", "project_id": project.id})
        for record in (self.matter, project, task):
            record.message_subscribe((self.colleague + self.lawyer).partner_id.ids)
        self.assertTrue(self.rpc(self.colleague, "project.task", "search", [("id", "=", task.id)]))
        self.rpc(self.manager, "timebill.matter", "web_save", self.matter.ids, {"confidential": True}, {"name": {}})
        self.assertEqual(project.privacy_visibility, "followers")
        for lang in ("en_US", "fr_FR"):
            names = [record.with_context(lang=lang).name for record in (project, self.matter.analytic_account_id)]
            self.assertEqual(names, [self.matter.reference] * 2, lang)
        self.assertLessEqual(self.lawyer | self.manager, self.matter.member_ids)
        for record in (self.matter, project, task):
            self.assertNotIn(self.colleague.partner_id, record.message_partner_ids)
            self.assertIn(self.lawyer.partner_id, record.message_partner_ids)
            self.assertHidden(self.colleague, record._name, record)
        self.assertTrue(self.rpc(self.lawyer, "project.task", "search", [("id", "=", task.id)]))

    def test_what_was_said_before_it_was_confidential(self):
        """Neither the chatter of the account and the project, nor the account itself, tells the title or the client."""
        account, project = self.matter.analytic_account_id, self.matter.project_ids
        for values in ({"name": "Former title"}, {"confidential": True}):
            self.rpc(self.lawyer, "timebill.matter", "write", self.matter.ids, values)
            self.env.cr.flush()  # Odoo writes what it tracked at the end of the request
        told = self.env["mail.tracking.value"].search(
            [("mail_message_id", "in", (account.message_ids + project.message_ids).ids)]
        )
        self.assertNotIn("title", str(told.mapped("old_value_char") + told.mapped("new_value_char")))
        self.assertFalse(account.partner_id)
        self.rpc(self.lawyer, "timebill.matter", "write", self.matter.ids, {"confidential": False})
        self.assertEqual(account.partner_id, self.matter.client_ids.partner_id)

    def test_who_leaves_or_joins_the_team_leaves_or_joins_the_project(self):
        self.rpc(
            self.lawyer, "timebill.matter", "write", self.secret.ids, {"member_ids": [Command.link(self.colleague.id)]}
        )
        self.assertIn(self.colleague.partner_id, self.project.message_partner_ids)
        self.assertTrue(self.rpc(self.colleague, "project.task", "search", [("id", "=", self.task.id)]))
        self.rpc(
            self.lawyer,
            "timebill.matter",
            "write",
            self.secret.ids,
            {"member_ids": [Command.unlink(self.colleague.id)]},
        )
        self.assertNotIn(self.colleague.partner_id, self.project.message_partner_ids)
        self.assertHidden(self.colleague, "project.task", self.task)

    def test_an_open_matter_gets_its_names_back(self):
        self.rpc(self.lawyer, "timebill.matter", "write", self.secret.ids, {"confidential": False})
        name = f"{self.secret.reference} {TITLE}"
        self.assertEqual((self.project.name, self.secret.analytic_account_id.name), (name, name))
        self.assertEqual(self.project.privacy_visibility, "employees")
        self.assertTrue(self.rpc(self.colleague, "timebill.matter", "name_search", TITLE))

    def test_a_project_put_under_it_keeps_its_secret(self):
        project = self.env["project.project"].create({"name": TITLE, "privacy_visibility": "employees"})
        project.message_subscribe(self.colleague.partner_id.ids)
        project.timebill_matter_id = self.secret
        self.assertEqual((project.name, project.privacy_visibility), (self.secret.reference, "followers"))
        self.assertNotIn(self.colleague.partner_id, project.message_partner_ids)
        self.assertEqual(project.account_id, self.secret.analytic_account_id)

    #=== BREAKING THE GLASS ===#

    def _enter(self, user, **values):
        glass = self.rpc(
            user, "timebill.break.glass", "create", [{"reference": self.secret.reference, "reason": "Audit", **values}]
        )
        return self.rpc(user, "timebill.break.glass", "action_enter", glass)

    def test_a_manager_enters_on_record(self):
        before = self.secret.message_ids
        action = self._enter(self.manager, reference=f" {self.secret.reference} ")
        self.assertEqual((action["res_model"], action["res_id"]), ("timebill.matter", self.secret.id))
        self.assertIn(self.manager, self.secret.member_ids)
        message = self.secret.message_ids - before
        self.assertEqual(len(message), 1)
        self.assertIn("Marc Manager", message.body)
        self.assertIn("Audit", message.body)
        self.assertIn(self.lawyer.partner_id, message.notified_partner_ids)
        self.assertEqual(self.rpc(self.manager, "timebill.matter", "read", self.secret.ids, ["name"])[0]["name"], TITLE)

    def test_nobody_else_does(self):
        glass = self.env["timebill.break.glass"].create({"reference": self.secret.reference, "reason": "Audit"})
        for user in [user for user in self.outsiders if user != self.manager]:
            with self.assertRaises(AccessError, msg=user.login):
                self._enter(user)
            with self.assertRaises(AccessError, msg=user.login):
                self.rpc(user, "timebill.break.glass", "action_enter", glass.ids)
        self.assertEqual(self.secret.member_ids, self.lawyer)

    def test_a_manager_needs_a_reason_and_a_reference(self):
        with self.assertRaises(UserError) as caught:
            self._enter(self.manager, reason="   ")
        self.assertIn("Enter a reason", str(caught.exception))
        with self.assertRaises(UserError) as caught:
            self._enter(self.manager, reference="1999-0001")
        self.assertIn("no confidential matter with the reference 1999-0001", str(caught.exception))
        self.assertNotIn(self.manager, self.secret.member_ids)

    def test_a_manager_of_two_companies_chooses_one(self):
        """References are unique in each company only."""
        other = self.env["res.company"].create({"name": "Second Firm"})
        self.manager.company_ids += other
        twin = self._matter(
            "Twin", self.lys, company_id=other.id, reference=self.secret.reference, currency_id=other.currency_id.id
        )
        glass = self.env["timebill.break.glass"].with_user(self.manager).with_context(
            allowed_company_ids=(self.company + other).ids, lang="en_US"
        ).create({"reference": self.secret.reference, "reason": "Audit"})
        self.assertEqual(glass.action_enter()["res_id"], self.secret.id)  # the twin is open to all
        self.secret.member_ids -= self.manager
        twin.confidential = True
        twin.member_ids -= self.manager
        with self.assertRaisesRegex(UserError, "Several of your companies"):
            glass.action_enter()
        self.assertNotIn(self.manager, (self.secret + twin).member_ids)


@tagged("post_install", "-at_install")
class TestConfidentialInvoice(ConfidentialCommon):
    """Accounting sees amount, client and a neutral line; never the work."""

    def _texts(self, record):
        """Every text that is stored on or computed for ``record``."""
        values = record.sudo().with_user(self.accountant).sudo().read()[0]
        return {
            name: value
            for name, value in values.items()
            if isinstance(value, str) or (isinstance(value, tuple) and len(value) == 2)
        }

    def test_no_field_of_the_accounts_tells_the_work(self):
        move = self._bill_secret(self.work, post=True)
        credit = self._reverse(move)
        analytic = self.env["account.analytic.line"].search([("account_id", "=", self.secret.analytic_account_id.id)])
        self.assertTrue(analytic)
        for records in (move, credit, move.line_ids, credit.line_ids, analytic, self.secret.analytic_account_id):
            for record in records:
                for name, text in self._texts(record).items():
                    for secret in (TITLE, STORY, "erger"):
                        self.assertNotIn(secret, str(text), (record, name))
        self.assertIn(self.secret.reference, move.invoice_line_ids.filtered("product_id").name)

    def test_the_accountant_reads_and_edits_the_invoice(self):
        move = self._bill_secret(self.work)
        values = self.rpc(self.accountant, "account.move", "read", move.ids, ["amount_untaxed", "partner_id"])[0]
        self.assertEqual((values["amount_untaxed"], values["partner_id"][0]), (200, self.dupont.id))
        everything = str(self.rpc(self.accountant, "account.move", "read", move.ids))
        lines = str(self.rpc(self.accountant, "account.move.line", "read", move.line_ids.ids))
        for text in (TITLE, STORY):
            self.assertNotIn(text, everything + lines)
        line = move.invoice_line_ids.filtered("product_id")
        self.rpc(
            self.accountant,
            "account.move",
            "web_save",
            move.ids,
            {
                "invoice_line_ids": [
                    Command.update(
                        line.id,
                        {"price_unit": 150, "timebill_reason_id": self.env.ref("timebill_legal.reason_goodwill").id},
                    )
                ]
            },
            {"amount_untaxed": {}},
        )
        self.rpc(self.accountant, "account.move", "action_post", move.ids)
        self.assertEqual(
            (move.state, move.timebill_allocation_ids.billed, self.work.billing_state), ("posted", 150, "billed")
        )

    def test_a_biller_outside_sees_reference_and_no_row(self):
        move = self._bill_secret(self.work)
        spec = {
            "timebill_matter_ids": {"fields": {"display_name": {}}},
            "timebill_allocation_ids": {"fields": {"description": {}}},
        }
        values = self.rpc(self.biller, "account.move", "web_read", move.ids, spec)[0]
        self.assertEqual(values["timebill_allocation_ids"], [])
        self.assertEqual(values["timebill_matter_ids"], [])
        self.biller.group_ids += self.env.ref("base.group_allow_export")
        exported = self.rpc(
            self.biller,
            "account.move",
            "export_data",
            move.ids,
            ["name", "timebill_matter_ids/name", "timebill_allocation_ids/description", "invoice_line_ids/name"],
        )
        for text in (TITLE, STORY):
            self.assertNotIn(text, str(exported))
        for path in (
            "timebill_matter_ids.name",
            "timebill_allocation_ids.description",
            "timebill_allocation_ids.matter_id.name",
        ):
            self.assertFalse(self.rpc(self.biller, "account.move", "search", [(path, "ilike", "erger")]), path)
        self.assertFalse(
            self.rpc(
                self.biller, "account.move.line", "search", [("timebill_allocation_ids.description", "ilike", "erger")]
            )
        )

    def test_the_form_and_list_open_for_everybody_in_accounting(self):
        move = self._bill_secret(self.work)
        for user in (self.accountant, self.biller):
            for view_type in ("form", "list"):
                view = self.rpc(user, "account.move", "get_view", None, view_type)
                names = {node.get("name") for node in etree.fromstring(view["arch"]).iter("field")} & {
                    "timebill_matter_ids",
                    "timebill_sending_state",
                    "timebill_row_count",
                    "timebill_allocation_ids",
                    "status_in_payment",
                }
                self.assertIn("status_in_payment", names)
                spec = {
                    name: {"fields": {"display_name": {}}}
                    if self.env["account.move"]._fields[name].type.endswith("2many")
                    else {}
                    for name in names
                }
                self.assertNotIn(TITLE, str(self.rpc(user, "account.move", "web_read", move.ids, spec)))

    def test_renaming_the_project_tells_the_accounts_nothing(self):
        self.project.name = TITLE
        self.env.flush_all()
        for lang in ("en_US", "fr_FR"):
            self.assertEqual(self.secret.analytic_account_id.with_context(lang=lang).name, self.secret.reference)
        self.assertEqual(self.project.with_user(self.biller).sudo().display_name, self.secret.reference)

    def test_the_printed_invoice_leaves_the_work_out(self):
        move = self._bill_secret(
            self.work + self._time(matter=self._matter("Open one", self.dupont), description="Plain call")
        )
        self.assertEqual(move._timebill_get_details()[0][1].mapped("description"), ["Plain call"])
        html, _type = self.env["ir.actions.report"]._render_qweb_html("account.account_invoices", move.ids)
        html = html.decode()
        self.assertIn("Plain call", html)
        self.assertIn(self.secret.reference, html)
        for text in (STORY, TITLE):
            self.assertNotIn(text, html)
