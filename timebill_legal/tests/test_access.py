from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, JsonRpcException, new_test_user, tagged

from ..models.timebill_activity import RATE_FIELDS
from .rpc import RpcCommon

#: r(ead), w(rite), c(reate), d(elete) on a record that belongs to somebody else, whose matter the user
#: does not work on. Windows belong to who opened them, hence create only.
RIGHTS = """
model                    portal  internal  user  lawyer  assistant  billing  manager  accountant
timebill.matter          -       -         rc    rc      rc         rwc      rwcd     -
timebill.matter.client   -       -         r     r       r          rwcd     rwcd     -
timebill.matter.party    -       -         r     r       r          rwcd     rwcd     -
timebill.matter.log      -       -         r     r       r          r        r        -
timebill.activity        -       -         r     r       rwcd       rwcd     rwcd     -
timebill.allocation      -       -         r     r       r          rw       rw       -
timebill.timer           -       -         -     -       -          -        -        -
timebill.timer.piece     -       -         -     -       -          -        -        -
timebill.ignored         -       -         -     -       rcd        -        -        -
timebill.party.role      -       -         r     r       r          r        rwcd     -
timebill.practice.area   -       -         r     r       r          r        rwcd     -
timebill.grade           -       -         r     r       r          r        rwcd     -
timebill.rounding        -       -         r     r       r          r        rwcd     -
timebill.activity.type   -       -         r     r       r          r        rwcd     -
timebill.activity.type.part -    -         r     r       r          r        rwcd     -
timebill.rate.list       -       -         r     r       r          r        rwcd     -
timebill.rate            -       -         -     r       -          r        rwcd     -
timebill.to.bill         -       -         -     -       -          r        r        -
timebill.billing.choice  -       -         -     -       -          rwcd     rwcd     -
timebill.bill            -       -         -     -       -          c        c        -
timebill.bill.line       -       -         -     -       -          -        -        -
timebill.break.glass     -       -         -     -       -          -        c        -
timebill.credit          -       -         -     -       -          c        c        c
timebill.credit.line     -       -         -     -       -          -        -        -
timebill.credit.invoice  -       -         -     -       -          -        -        -
timebill.reason          -       -         r     r       r          r        rwcd     r
timebill.adjust          -       -         -     c       -          c        c        -
timebill.adjust.line     -       -         -     -       -          -        -        -
timebill.hold            -       -         c     c       c          c        c        -
timebill.split           -       -         c     c       c          c        c        -
timebill.split.line      -       -         -     -       -          -        -        -
timebill.merge           -       -         c     c       c          c        c        -
timebill.round           -       -         c     c       c          c        c        -
timebill.transfer        -       -         c     c       c          c        c        -
timebill.transfer.line   -       -         -     -       -          -        -        -
timebill.post.reason     -       -         -     -       -          c        c        c
timebill.post.reason.line -      -         -     -       -          -        -        -
"""


def parse_rights(table):
    header, *rows = (line.split() for line in table.strip().splitlines())
    return {row[0]: dict(zip(header[1:], (set(cell) - {"-"} for cell in row[1:]), strict=True)) for row in rows}


@tagged("post_install", "-at_install")
class TestRights(RpcCommon, HttpCase):
    """Every model × group × right, over the wire."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "portal": new_test_user(cls.env, "tb_portal", groups="base.group_portal"),
            "internal": new_test_user(cls.env, "tb_internal", groups="base.group_user"),
            "user": new_test_user(cls.env, "tb_user", groups="timebill_legal.group_user"),
            "lawyer": cls.colleague,
            "assistant": cls.assistant,
            "billing": cls.biller,
            "manager": cls.manager,
            "accountant": cls.accountant,
        }

    def _samples(self):
        """{model: (record, values of a new one)}"""
        activity = self._time()
        billed = self._time()
        move = self._bill(billed)
        party = self.env["timebill.matter.party"].create(
            {
                "matter_id": self.matter.id,
                "partner_id": self.morel.id,
                "role_id": self.env["timebill.party.role"].search([], limit=1).id,
            }
        )
        other = new_test_user(self.env, "tb_other_biller", groups="timebill_legal.group_billing")
        window = self._open_bill(self._time(), other)
        glass = self.env["timebill.break.glass"].create({"reference": "x", "reason": "y"})
        timer = self.env["timebill.timer"].create(
            {
                "user_id": self.lawyer.id,
                "company_id": self.company.id,
                "piece_ids": [Command.create({"start": "2026-10-12 08:00:00", "stop": "2026-10-12 09:00:00"})],
            }
        )
        line = {"bill_id": window.id, "activity_id": activity.id}
        posted = self._bill(self._time(), post=True)
        reversal = (
            self.env["account.move.reversal"]
            .with_user(other)
            .with_context(active_model="account.move", active_ids=posted.ids)
            .create({"journal_id": posted.journal_id.id})
        )
        reason = self.env.ref("timebill_legal.reason_goodwill")
        opened = {
            name: self.env[name].browse(action["res_id"])
            for name, action in (
                ("timebill.adjust", activity.with_user(other).action_adjust()),
                ("timebill.hold", activity.with_user(other).action_hold()),
                ("timebill.transfer", activity.with_user(other).action_transfer()),
                ("timebill.split", activity.with_user(other).action_split()),
                ("timebill.merge", (self._time() + self._time()).with_user(other).action_merge()),
                ("timebill.round", activity.with_user(other).action_round()),
                (
                    "timebill.post.reason",
                    self.env["timebill.post.reason"].with_user(other)._open(move, move.invoice_line_ids[-1]),
                ),
            )
        }
        return {
            "timebill.matter": (
                self.matter,
                {"name": "New", "client_ids": [Command.create({"partner_id": self.lys.id})]},
            ),
            "timebill.matter.client": (
                self.matter.client_ids,
                {"matter_id": self.matter.id, "partner_id": self.dupont.id},
            ),
            "timebill.matter.party": (
                party,
                {"matter_id": self.matter.id, "partner_id": self.dupont.id, "role_id": party.role_id.id},
            ),
            "timebill.matter.log": (
                self.env["timebill.matter.log"]._append([(self.matter, "joined", self.lawyer)]),
                {"matter_id": self.matter.id, "event": "left", "user_id": self.lawyer.id},
            ),
            "timebill.activity": (
                activity,
                {"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 6, "user_id": self.lawyer.id},
            ),
            "timebill.allocation": (
                move.timebill_allocation_ids,
                {"activity_id": activity.id, "coverage": 1, "reason": "x", "client_id": self.lys.id},
            ),
            "timebill.timer": (timer, {}),
            "timebill.timer.piece": (timer.piece_ids, {"timer_id": timer.id, "start": "2026-10-12 10:00:00"}),
            "timebill.ignored": (
                self.env["timebill.ignored"]._ignore(self.lawyer, {("calendar.event", 1)}),
                {"user_id": self.lawyer.id, "source_model": "calendar.event", "source_id": 2},
            ),
            "timebill.party.role": (party.role_id, {"name": "New"}),
            "timebill.practice.area": (self.env.ref("timebill_legal.practice_area_tax"), {"name": "New"}),
            "timebill.grade": (self.partner_grade, {"name": "New"}),
            "timebill.rounding": (self.env.ref("timebill_legal.rounding_6"), {"name": "New"}),
            "timebill.activity.type": (self.phone, {"name": "New", "kind": "time"}),
            "timebill.activity.type.part": (
                self.env.ref("timebill_legal.activity_type_part_hearing_parking"),
                {"type_id": self.hearing.id, "component_id": self.copies.id},
            ),
            "timebill.rate.list": (self.rate_list, {"name": "New"}),
            "timebill.rate": (
                self.rate_list.rate_ids[0],
                {"list_id": self.rate_list.id, "type_id": self.copies.id, "price": 1},
            ),
            "timebill.to.bill": (
                self.env["timebill.to.bill"].search([("matter_id", "=", self.matter.id)], limit=1),
                {},
            ),
            "timebill.billing.choice": (
                self.env["timebill.billing.choice"].create({"activity_id": activity.id}),
                {"activity_id": activity.id},
            ),
            "timebill.bill": (window, {}),
            "timebill.bill.line": (window.line_ids, line),
            "timebill.break.glass": (glass, {"reference": "x", "reason": "y"}),
            "timebill.credit": (
                self.env["timebill.credit"].with_user(other).create({"move_id": posted.id}),
                {"move_id": posted.id},
            ),
            "timebill.credit.line": (reversal.timebill_line_ids, {"reversal_id": reversal.id}),
            "timebill.credit.invoice": (
                reversal.timebill_invoice_ids,
                {"reversal_id": reversal.id, "move_id": posted.id},
            ),
            "timebill.reason": (reason, {"name": "New"}),
            "timebill.adjust": (opened["timebill.adjust"], {"reason_id": reason.id}),
            "timebill.adjust.line": (
                opened["timebill.adjust"].line_ids,
                {"adjust_id": opened["timebill.adjust"].id, "activity_id": activity.id},
            ),
            "timebill.hold": (opened["timebill.hold"], {}),
            "timebill.split": (opened["timebill.split"], {"activity_id": activity.id}),
            "timebill.split.line": (
                opened["timebill.split"].line_ids[0],
                {"split_id": opened["timebill.split"].id, "duration": 6},
            ),
            "timebill.merge": (opened["timebill.merge"], {}),
            "timebill.round": (opened["timebill.round"], {}),
            "timebill.transfer": (opened["timebill.transfer"], {"operation": "transfer"}),
            "timebill.transfer.line": (
                opened["timebill.transfer"].line_ids,
                {"transfer_id": opened["timebill.transfer"].id, "activity_id": activity.id},
            ),
            "timebill.post.reason": (opened["timebill.post.reason"], {}),
            "timebill.post.reason.line": (
                opened["timebill.post.reason"].line_ids,
                {"window_id": opened["timebill.post.reason"].id, "move_line_id": move.invoice_line_ids[-1].id},
            ),
        }

    def test_every_model_is_in_the_table(self):
        models = (
            self.env["ir.model"]
            .search([("model", "=like", "timebill.%")])
            .filtered(lambda m: "timebill_legal" in m.modules.split(", ") and not self.env[m.model]._abstract)
        )
        self.assertEqual(set(models.mapped("model")), set(parse_rights(RIGHTS)))

    def _is_allowed(self, model, method, *args):
        try:
            result = self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model}/{method}",
                {"model": model, "method": method, "args": args, "kwargs": {}},
                timeout=60,
            )
        except JsonRpcException as error:
            self.assertEqual(
                str(error.args and error.args[-1] or error), "odoo.exceptions.AccessError", (model, method)
            )
            return False
        return result

    def test_rights_over_json_rpc(self):
        self.company.timebill_matter_project = False  # a matter with a project is not deleted
        rights, samples = parse_rights(RIGHTS), self._samples()
        differences = []
        for group, user in self.users.items():
            self.authenticate(user.login, user.login)
            for model, (record, values) in samples.items():
                found = set()
                if self._is_allowed(model, "read", record.ids, ["display_name"]):
                    found.add("r")
                self.assertEqual(
                    bool(self._is_allowed(model, "search_read", [("id", "=", record.id)], ["id"])),
                    "r" in found,
                    f"{group} finds {model} without reading it, or the contrary",
                )
                if self._is_allowed(model, "write", record.ids, {}):
                    found.add("w")
                if new := self._is_allowed(model, "create", [values]):
                    found.add("c")
                if new and model not in (
                    "timebill.adjust",
                    "timebill.bill",
                    "timebill.break.glass",
                    "timebill.credit",
                    "timebill.hold",
                    "timebill.post.reason",
                    "timebill.split",
                    "timebill.merge",
                    "timebill.round",
                    "timebill.transfer",
                ):  # windows are deleted by who opened them
                    if self._is_allowed(model, "unlink", new):
                        found.add("d")
                elif not new and self._is_allowed(model, "unlink", record.ids):
                    found.add("d")
                if found != rights[model][group]:
                    differences.append(f"{model} {group}: {sorted(found)}, not {sorted(rights[model][group])}")
        self.assertFalse(differences, "\n".join(differences))


@tagged("post_install", "-at_install")
class TestOwnWork(RpcCommon):
    """Who may do what with whose activity."""

    def _values(self, user, **values):
        return {
            "matter_id": self.matter.id,
            "type_id": self.phone.id,
            "duration": 6,
            "user_id": user.id,
            **values,
        }

    def test_a_lawyer_enters_and_edits_own_work_only(self):
        own = self.rpc(self.lawyer, "timebill.activity", "create", [self._values(self.lawyer)])
        self.rpc(self.lawyer, "timebill.activity", "write", own, {"duration": 12})
        self.rpc(self.lawyer, "timebill.activity", "unlink", own)
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, "timebill.activity", "create", [self._values(self.colleague)])
        others = self._time(user_id=self.colleague.id)
        for method, args in (("write", ({"duration": 12},)), ("unlink", ())):
            with self.assertRaises(AccessError):
                self.rpc(self.lawyer, "timebill.activity", method, others.ids, *args)
        self.assertEqual(others.duration, 60)

    def test_an_assistant_works_for_those_she_types_for(self):
        activity = self.rpc(self.assistant, "timebill.activity", "create", [self._values(self.lawyer)])
        self.rpc(self.assistant, "timebill.activity", "write", activity, {"duration": 12})
        with self.assertRaises(AccessError):
            self.rpc(self.assistant, "timebill.activity", "create", [self._values(self.colleague)])
        self.assistant.timebill_timekeeper_ids = False
        with self.assertRaises(AccessError):
            self.rpc(self.assistant, "timebill.activity", "write", activity, {"duration": 18})

    def test_nobody_gives_own_work_to_somebody_else(self):
        activity = self._time()
        for user in (self.lawyer, self.assistant):
            with self.assertRaises(AccessError):
                self.rpc(user, "timebill.activity", "write", activity.ids, {"user_id": self.colleague.id})
        self.assertEqual(activity.user_id, self.lawyer)
        self.rpc(self.biller, "timebill.activity", "write", activity.ids, {"user_id": self.colleague.id})
        self.assertEqual(activity.user_id, self.colleague)

    def test_nobody_says_for_whom_he_types_or_his_grade(self):
        self.lawyer.group_ids += self.env.ref("base.group_partner_manager")
        for user in (self.lawyer, self.assistant, self.biller, self.manager):
            for values in (
                {"timebill_timekeeper_ids": [Command.link(self.colleague.id)]},
                {"timebill_grade_id": self.partner_grade.id},
            ):
                with self.assertRaises(AccessError):
                    self.rpc(user, "res.users", "write", user.ids, values)
                with self.assertRaises(AccessError):
                    self.rpc(
                        user,
                        "res.partner",
                        "write",
                        user.partner_id.ids,
                        {"user_ids": [Command.update(user.id, values)]},
                    )
        self.assertEqual(self.assistant.timebill_timekeeper_ids, self.lawyer)

    def test_what_the_program_keeps_is_not_written_by_rpc(self):
        activity = self._time()
        other_matter = self.joint_matter
        for values in (
            {"covered": 60},
            {"billing_state": "billed"},
            {"approved": True},
            {"approved_by_id": self.manager.id},
            {"amount": 1},
            {"amount_to_bill": 0},
            {"billable_quantity": 1},
            {"company_id": self.company.id},
            {"currency_id": self.env.ref("base.USD").id},
            {"allocation_ids": [Command.create({"coverage": 60, "reason": "gone"})]},
        ):
            for user in (self.lawyer, self.biller, self.manager):
                with self.assertRaises(AccessError, msg=values):
                    self.rpc(user, "timebill.activity", "write", activity.ids, values)
                with self.assertRaises(AccessError, msg=values):
                    self.rpc(
                        user,
                        "timebill.matter",
                        "write",
                        self.matter.ids,
                        {"billing_activity_ids": [Command.update(activity.id, values)]},
                    )
        for context in ({"default_covered": 6}, {"default_approved": True}, {"default_billing_state": "billed"}):
            with self.assertRaises(AccessError, msg=context):
                self.rpc(self.lawyer, "timebill.activity", "create", [self._values(self.lawyer)], context=context)
        for name, value in (("approved", True), ("on_hold", True), ("price_unit", 1)):
            self.rpc(self.assistant, "ir.default", "set", "timebill.activity", name, value, True)
        new = self.rpc(self.assistant, "timebill.activity", "create", [self._values(self.lawyer)])
        new = self.env["timebill.activity"].browse(new)
        self.assertEqual((new.approved, new.on_hold, new.price_unit), (False, False, 200), "one's own defaults")
        # Forms send the rate back, whatever it is.
        new = self.rpc(
            self.lawyer,
            "timebill.activity",
            "create",
            [self._values(self.lawyer, rate_price=1, price_unit=150)],
            context={"default_company_id": 12345},
        )
        new = self.env["timebill.activity"].browse(new)
        self.assertEqual((new.amount, new.rate_price, new.company_id), (15, 200, self.company))
        self.assertEqual((activity.covered, activity.billing_state, activity.amount), (0, "to_bill", 200))
        self.assertNotEqual(activity.matter_id, other_matter)

    def test_a_matter_keeps_reference_company_and_account(self):
        other = self.env["account.analytic.account"].create(
            {"name": "Other", "plan_id": self.matter.analytic_account_id.plan_id.id}
        )
        for values in (
            {"reference": "1"},
            {"company_id": False},
            {"analytic_account_id": other.id},
            {"date_closed": "2020-01-01"},
        ):
            for user in (self.lawyer, self.manager):
                with self.assertRaises(AccessError, msg=values):
                    self.rpc(user, "timebill.matter", "write", self.matter.ids, values)
        self.rpc(self.lawyer, "timebill.matter", "write", self.matter.ids, {"name": "Renamed"})
        self.assertEqual(other.name, "Other")

    def test_the_ledger_is_written_by_nobody(self):
        activity = self._time()
        move = self._bill(activity)
        row, line = move.timebill_allocation_ids, move.timebill_allocation_ids.move_line_id
        for user in (self.lawyer, self.biller, self.manager, self.accountant):
            for model, ids, values in (
                ("timebill.allocation", row.ids, {"coverage": 30}),
                ("timebill.allocation", row.ids, {"live": False, "description": "x"}),
                ("timebill.allocation", row.ids, {"billed": 0}),
                ("timebill.allocation", row.ids, {"reversed_id": row.id}),
                ("account.move", move.ids, {"timebill_allocation_ids": [Command.delete(row.id)]}),
                ("account.move", move.ids, {"timebill_allocation_ids": [Command.update(row.id, {"coverage": 30})]}),
                ("account.move.line", line.ids, {"timebill_allocation_ids": [Command.clear()]}),
                (
                    "account.move.line",
                    line.ids,
                    {"timebill_allocation_ids": [Command.create({"activity_id": activity.id, "coverage": 1})]},
                ),
            ):
                with self.assertRaises(AccessError, msg=(user.login, model, values)):
                    self.rpc(user, model, "write", ids, values)
            with self.assertRaises(AccessError):
                self.rpc(user, "timebill.allocation", "unlink", row.ids)
        self.assertEqual((row.exists(), row.coverage, activity.covered), (row, 60, 60))

    def test_billing_corrects_the_text_of_a_draft_only(self):
        activity = self._time()
        move = self._bill(activity)
        row = move.timebill_allocation_ids
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, "timebill.allocation", "write", row.ids, {"description": "By the lawyer"})
        self.rpc(self.biller, "timebill.allocation", "write", row.ids, {"description": "Corrected"})
        self.assertEqual(activity.description, "Corrected")
        move.action_post()
        self.assertRefused(
            UserError,
            "no longer a draft",
            self.biller,
            "timebill.allocation",
            "write",
            row.ids,
            {"description": "Too late"},
        )
        self.assertEqual((row.description, activity.description), ("Corrected", "Corrected"))

    def test_take_off_takes_the_right_to_edit_the_invoice(self):
        activity = self._time()
        row = self._bill(activity).timebill_allocation_ids
        for user in (self.lawyer, self.assistant, self.accountant):
            with self.assertRaises(AccessError):
                self.rpc(user, "timebill.allocation", "action_take_off", row.ids)
        self.assertEqual(activity.billing_state, "draft")
        self.rpc(self.biller, "timebill.allocation", "action_take_off", row.ids)
        self.assertEqual(activity.billing_state, "to_bill")

    def test_the_team_says_that_work_is_ready(self):
        activity = self._time(user_id=self.colleague.id)
        outsider = new_test_user(self.env, "tb_outsider", groups="timebill_legal.group_user")
        for user in (outsider, self.assistant):
            self.assertRefused(
                AccessError, "Only the team of a matter", user, "timebill.activity", "action_approve", activity.ids
            )
            with self.assertRaises(AccessError):
                self.rpc(user, "timebill.matter", "action_approve", self.matter.ids)
        with self.assertRaises(AccessError):
            self.rpc(self.accountant, "timebill.activity", "action_approve", activity.ids)
        self.assertFalse(activity.approved)
        self.rpc(self.lawyer, "timebill.matter", "action_approve", self.matter.ids)
        self.assertEqual((activity.approved, activity.approved_by_id), (True, self.lawyer))

    def test_buttons_take_the_rights_of_what_they_do(self):
        activity = self._time()
        for user in (self.lawyer, self.assistant, self.accountant):
            for records, method in (
                (activity, "action_bill"),
                (self.matter, "action_bill"),
                (self.lys, "timebill_action_bill"),
                (self.matter.project_ids, "timebill_action_bill"),
            ):
                with self.assertRaises(AccessError, msg=(user.login, records._name)):
                    self.rpc(user, records._name, method, records.ids)
        for user in (self.colleague, self.assistant):
            with self.assertRaises(AccessError):
                self.rpc(user, "timebill.matter", "action_close", self.matter.ids)
        self.assertEqual(self.matter.state, "open")

    def test_the_window_belongs_to_who_opened_it(self):
        bill = self._open_bill(self._time())
        other = self._open_bill(self._time(), self.manager)
        for model, ids in (("timebill.bill", bill.ids), ("timebill.bill.line", bill.line_ids.ids)):
            with self.assertRaises(AccessError):
                self.rpc(self.manager, model, "read", ids)
            with self.assertRaises(AccessError):
                self.rpc(self.manager, model, "write", ids, {})
            self.assertNotIn(ids[0], self.rpc(self.manager, model, "search", []))
        for method in ("action_save", "action_preview", "action_save_and_send"):
            with self.assertRaises(AccessError):
                self.rpc(self.manager, "timebill.bill", method, bill.ids)
        with self.assertRaises(AccessError):
            self.rpc(
                self.biller, "timebill.bill.line", "create", [{"bill_id": other.id, "activity_id": self._time().id}]
            )
        self.assertFalse(self.env["account.move"].search([("timebill_allocation_ids.matter_id", "=", self.matter.id)]))

    def test_a_lawyer_opens_the_matter_of_a_project(self):
        project = self.env["project.project"].create({"name": "Loose", "partner_id": self.lys.id})
        action = self.rpc(self.lawyer, "project.project", "timebill_action_open_matter", project.ids)
        values = {"name": "Loose", "client_ids": [Command.create({"partner_id": self.lys.id})]}
        matter = self.rpc(self.lawyer, "timebill.matter", "create", [values], context=action["context"])
        matter = self.env["timebill.matter"].browse(matter)
        self.assertEqual(matter.project_ids, project)
        self.assertEqual(project.account_id, matter.analytic_account_id)
        # The key of the context steals no project
        self.assertRefused(
            UserError,
            "already belongs to the matter",
            self.lawyer,
            "timebill.matter",
            "create",
            [values],
            context={"timebill_project_id": project.id},
        )
        hidden = self.secret_matter.project_ids
        with self.assertRaises(AccessError):
            self.rpc(self.colleague, "timebill.matter", "create", [values], context={"timebill_project_id": hidden.id})

    def test_a_confidential_matter_takes_no_project_that_its_creator_cannot_edit(self):
        project = self.env["project.project"].create({"name": "Loose", "privacy_visibility": "employees"})
        project.message_subscribe(self.colleague.partner_id.ids)
        values = {
            "name": "Takeover",
            "confidential": True,
            "client_ids": [Command.create({"partner_id": self.lys.id})],
        }
        context = {"timebill_project_id": project.id}
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, "timebill.matter", "create", [values], context=context)
        self.assertEqual((project.name, project.privacy_visibility), ("Loose", "employees"))
        self.assertFalse(project.timebill_matter_id)
        self.assertIn(self.colleague.partner_id, project.message_partner_ids)
        self.lawyer.group_ids += self.env.ref("project.group_project_manager")
        [matter] = self.rpc(self.lawyer, "timebill.matter", "create", [values], context=context)
        self.assertEqual(project.timebill_matter_id.id, matter)
        self.assertEqual(project.privacy_visibility, "followers")


@tagged("post_install", "-at_install")
class TestAmounts(RpcCommon):
    """Without the right to see amounts, none is seen by any way; work is priced all the same."""

    HIDDEN = {
        "timebill.activity": [
            "price_unit",
            "rate_price",
            "rate_level",
            "rate_id",
            "price_origin",
            "amount",
            "amount_to_bill",
        ],
        "timebill.allocation": ["standard_amount", "agreed_amount", "billed", "price_unit"],
        "timebill.matter": ["amount_to_bill", "amount_residual", "invoice_count"],
        "timebill.activity.type": ["default_price"],
        "timebill.rate.list": ["rate_ids"],
        "res.partner": ["timebill_amount_to_bill"],
        "project.project": ["timebill_matter_amount_to_bill", "timebill_matter_invoice_ids"],
    }

    def test_the_entry_dialog_prices_what_it_does_not_show(self):
        view = "timebill_legal.timebill_activity_view_form_dialog"
        Activity = self.env["timebill.activity"].with_user(self.assistant).with_context(default_kind="time")
        self.env.invalidate_all()
        with Form(Activity, view) as form:
            self.assertFalse({"price_unit", "amount", "price_origin", "rate_price"} & set(form._view["fields"]))
            form.matter_id = self.matter
            form.type_id = self.phone
            form.user_id = self.lawyer
            form.duration = 30
        activity = form.record.sudo()
        self.assertEqual((activity.price_unit, activity.amount, activity.rate_level), (200, 100, "firm"))
        with Form(form.record, view) as form:
            form.duration = 60
        self.assertEqual(activity.amount, 200)

    def test_the_server_says_where_a_price_comes_from(self):
        view = "timebill_legal.timebill_activity_view_form_dialog"
        Activity = self.env["timebill.activity"].with_user(self.lawyer).with_context(default_kind="time")
        with Form(Activity, view) as form:
            form.matter_id = self.matter
            form.type_id = self.phone
            form.duration = 30
        self.assertEqual((form.record.price_unit, form.record.rate_level), (200, "firm"))
        with Form(form.record, view) as form:
            form.price_unit = 150
        self.assertEqual((form.record.price_unit, form.record.rate_price), (150, 200))

    def test_amounts_are_not_shown(self):
        self.assistant.group_ids += self.env.ref("base.group_allow_export")
        activity = self._time()
        move = self._bill(self._time())
        records = {
            "timebill.activity": activity,
            "timebill.allocation": move.timebill_allocation_ids,
            "timebill.matter": self.matter,
            "timebill.activity.type": self.phone,
            "timebill.rate.list": self.rate_list,
            "res.partner": self.lys,
            "project.project": self.matter.project_ids,
        }
        user = self.assistant
        for model, names in self.HIDDEN.items():
            ids = records[model].ids
            self.assertFalse(set(names) & set(self.rpc(user, model, "fields_get")), model)
            if model.startswith("timebill."):  # Odoo's own fields keep people from reading all of a contact or project
                self.assertFalse(set(names) & set(self.rpc(user, model, "read", ids)[0]), model)
            for name in names:
                for method, args, kwargs in (
                    ("read", (ids, [name]), {}),
                    ("web_read", (ids, {name: {}}), {}),
                    ("search_read", ([], [name]), {}),
                    ("export_data", (ids, [name]), {}),
                    ("search", ([(name, "!=", False)],), {}),
                    ("search", ([],), {"order": name}),
                    ("formatted_read_group", ([], [], [f"{name}:sum"]), {}),
                    ("formatted_read_group", ([], [name], ["__count"]), {}),
                    ("formatted_read_group", ([], ["id"], ["__count"]), {"order": f"{name}:sum"}),
                    ("formatted_read_group", ([], ["id"], ["__count"]), {"having": [(f"{name}:sum", ">", 0)]}),
                    ("write", (ids, {name: 1}), {}),
                ):
                    if method == "write" and name in RATE_FIELDS:
                        continue  # forms send them back, the server knows better
                    with self.assertRaises(Exception, msg=(model, method, args)) as caught:
                        self.rpc(user, model, method, *args, **kwargs)
                    stored = self.env[model]._fields[name].store
                    if stored and self.env[model]._fields[name].type == "monetary":
                        self.assertIsInstance(caught.exception, AccessError, (model, method, args, kwargs))

    def test_the_balance_of_a_project_is_that_of_odoo_unless_it_is_the_account_of_a_matter(self):
        own = self.env["account.analytic.account"].create(
            {"name": "Own", "plan_id": self.matter.analytic_account_id.plan_id.id}
        )
        loose = self.env["project.project"].create({"name": "Loose", "account_id": own.id})
        projects = loose | self.matter.project_ids | self.secret_matter.project_ids
        for account in projects.account_id:
            self.env["account.analytic.line"].create({"name": "Fees", "account_id": account.id, "amount": 120})
        for user, balances in (
            (self.lawyer, {120}),
            (self.colleague, {120, 0}),  # may see amounts, but is not in the team of the confidential matter
            (self.assistant, {0}),
            (new_test_user(self.env, "tb_project_manager", groups="project.group_project_manager"), {0}),
        ):
            user.group_ids += self.env.ref("project.group_project_manager")
            self.env.invalidate_all()
            seen = {project: project.analytic_account_balance for project in projects.with_user(user)}
            self.assertEqual(seen.pop(loose), 120, user.login)
            self.assertEqual(set(seen.values()), balances, user.login)

    def test_amounts_are_not_guessed(self):
        """Not through the path of another record, an onchange, a default value or a copy."""
        activity = self._time()
        user = self.assistant
        for model, path in (
            ("timebill.matter", "billing_activity_ids.price_unit"),
            ("timebill.allocation", "activity_id.price_unit"),
            ("project.project", "timebill_matter_id.billing_activity_ids.amount"),
            ("res.partner", "timebill_rate_list_id.rate_ids.price"),
            ("timebill.rate.list", "rate_ids.price"),
        ):
            with self.assertRaises(AccessError, msg=path):
                self.rpc(user, model, "search", [(path, ">", 100)])
        self.assertFalse(self.rpc(user, "timebill.rate", "has_access", [], "read"))
        values = {"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 60, "user_id": self.lawyer.id}
        for context in ({"default_price_unit": 1}, {"default_rate_price": 1}):
            with self.assertRaises(AccessError):
                self.rpc(user, "timebill.activity", "create", [values], context=context)
        with self.assertRaises(AccessError):
            self.rpc(user, "timebill.activity", "create", [{**values, "price_unit": 1}])
        spec = {name: {} for name in ("matter_id", "duration", "user_id", "type_id", "description")}
        result = self.rpc(user, "timebill.activity", "onchange", [], values, ["matter_id"], spec)
        self.assertFalse({"price_unit", "amount"} & set(result["value"]))
        with self.assertRaises(AccessError):
            self.rpc(user, "timebill.activity", "onchange", [], values, ["matter_id"], {**spec, "price_unit": {}})
        copied = self.rpc(user, "timebill.activity", "copy", activity.ids)
        copied = self.env["timebill.activity"].browse(copied)
        self.assertEqual((copied.price_unit, copied.amount), (200, 200))
