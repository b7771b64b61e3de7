from odoo.exceptions import RedirectWarning
from odoo.fields import Command
from odoo.tests import Form, tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestEntryDialog(RpcCommon):
    """What the entry dialog offers. Each test enters work of the colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.letter = cls.env.ref("timebill_legal.activity_type_email")
        cls.view = cls.env.ref("timebill_legal.timebill_activity_view_form_dialog")

    def _enter(self, matter, activity_type=None, **values):
        return self._time(
            30, matter, user_id=self.colleague.id, type_id=(activity_type or self.phone).id, date="2026-03-02", **values
        )

    def _open(self, user=None, **context):
        """The fields of the dialog as it opens."""
        names = ("matter_domain", "recent_matter_ids", "recent_type_ids", "day_total")
        spec = {name: {"fields": {"display_name": {}}} if name.startswith("recent") else {} for name in names}
        values = self.rpc(
            user or self.colleague, "timebill.activity", "onchange", [], {}, [], spec, context=context
        )["value"]
        for name in ("recent_matter_ids", "recent_type_ids"):
            values[name] = [record for code, record, _values in values.get(name, ()) if code == Command.LINK]
        return values

    def _offered(self, user=None, **context):
        domain = self._open(user, **context)["matter_domain"]
        return self.env["timebill.matter"].browse(
            self.rpc(user or self.colleague, "timebill.matter", "search", domain)
        )

    def test_sent_again_because_the_answer_got_lost(self):
        spec = {"entry_token": {}}
        token, other = (
            self.rpc(self.colleague, "timebill.activity", "onchange", [], {}, [], spec)["value"]["entry_token"]
            for _form in range(2)
        )
        self.assertNotEqual(token, other)
        values = {"matter_id": self.matter.id, "type_id": self.phone.id, "duration": 15, "entry_token": token}
        activity_id = self.rpc(self.colleague, "timebill.activity", "web_save", [], values, {})[0]["id"]
        with self.assertRaisesRegex(RedirectWarning, self.matter.reference) as refusal:
            self.rpc(self.colleague, "timebill.activity", "web_save", [], values, {})
        self.assertEqual(refusal.exception.args[1]["res_id"], activity_id)
        self.rpc(self.colleague, "timebill.activity", "web_save", [], {**values, "entry_token": other}, {})

    # === MATTERS OFFERED ===#

    def test_closed_matters_are_not_offered(self):
        self.assertLessEqual(self.matter + self.internal_matter, self._offered())
        self.matter.action_close()
        self.assertNotIn(self.matter, self._offered())

    def test_matters_without_an_active_client_are_not_offered(self):
        self.lys.active = False
        offered = self._offered()
        self.assertNotIn(self.matter, offered)
        self.assertIn(self.joint_matter, offered, "its other client is active")
        self.morel.active = False
        offered = self._offered()
        self.assertNotIn(self.joint_matter, offered)
        self.assertIn(self.internal_matter, offered, "it has no client")

    def test_the_client_from_whom_it_was_opened_limits_them(self):
        self._enter(self.matter)
        self._enter(self.joint_matter)
        values = self._open(timebill_partner_ids=self.morel.ids)
        self.assertEqual(self._offered(timebill_partner_ids=self.morel.ids), self.joint_matter)
        self.assertEqual(values["recent_matter_ids"], self.joint_matter.ids)

    def test_amounts_have_a_currency_before_the_matter_is_chosen(self):
        with Form(self.env["timebill.activity"].with_user(self.colleague), self.view) as form:
            self.assertEqual(form.currency_id, self.company.currency_id)
            form.matter_id = self.matter

    # === CHIPS ===#

    def test_recent_matters_the_latest_first(self):
        for matter in (self.matter, self.internal_matter, self.joint_matter, self.matter):
            self._enter(matter)
        self.assertEqual(
            self._open()["recent_matter_ids"], (self.matter + self.joint_matter + self.internal_matter).ids
        )
        more = [self._matter(f"Number {number}", self.lys) for number in range(5)]
        for matter in more:
            self._enter(matter)
        self.assertEqual(self._open()["recent_matter_ids"], [matter.id for matter in reversed(more)])

    def test_recent_matters_that_cannot_be_chosen_are_left_out(self):
        other = self._matter("Other", self.dupont)
        for matter in (self.matter, self.joint_matter, other):
            self._enter(matter)
        self.joint_matter.action_close()
        other.active = False
        self.assertEqual(self._open()["recent_matter_ids"], self.matter.ids)

    def test_nobody_is_reminded_of_a_matter_that_she_may_no_longer_read(self):
        self._enter(self.matter)
        self._enter(self.secret_matter)
        self.assertEqual(self._open()["recent_matter_ids"], (self.secret_matter + self.matter).ids)
        self.secret_matter.member_ids -= self.colleague
        self.assertEqual(self._open()["recent_matter_ids"], self.matter.ids)

    def test_an_assistant_finds_what_she_typed_for_the_lawyer(self):
        self._time(matter=self.joint_matter)
        self.env["timebill.activity"].with_user(self.assistant).create(
            {"matter_id": self.matter.id, "type_id": self.phone.id, "user_id": self.lawyer.id, "duration": 6}
        )
        self.assertEqual(self._open(self.assistant)["recent_matter_ids"], self.matter.ids)

    def test_recent_categories_of_the_kind(self):
        types = self.env["timebill.activity.type"].create(
            [{"name": f"Type {number}", "kind": "time"} for number in range(5)]
        )
        for activity_type in (self.phone, *types, self.copies):
            self._enter(self.matter, activity_type, kind=activity_type.kind)
        types[3].active = False
        self.assertEqual(self._open()["recent_type_ids"], (types[4] + types[2] + types[1] + types[0]).ids)
        self.assertEqual(self._open(default_kind="expense")["recent_type_ids"], self.copies.ids)
        with Form(self.env["timebill.activity"].with_user(self.colleague), self.view) as form:
            form.kind = "expense"
            self.assertEqual(form.recent_type_ids.ids, self.copies.ids)
            form.matter_id = self.matter

    # === DAY ===#

    def test_total_of_the_day(self):
        self._enter(self.matter)
        self._enter(self.joint_matter)
        self._time(45, date="2026-03-02")
        with Form(self.env["timebill.activity"].with_user(self.biller), self.view) as form:
            self.assertEqual(form.day_total, "Aujourd'hui 0 min")
            form.date = "2026-03-02"
            form.user_id = self.colleague
            self.assertEqual(form.day_total, "02/03/2026 1 h 00")
            form.user_id = self.lawyer
            self.assertEqual(form.day_total, "02/03/2026 45 min")
            form.matter_id = self.matter

    # === COST ===#

    def test_queries_do_not_grow_with_what_was_entered(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["timebill.activity"].with_user(self.colleague).new({})._compute_recent_choices()
            return self.cr.sql_log_count - before

        self._enter(self.matter)
        few = count()
        for matter in (self.joint_matter, self.internal_matter):
            for activity_type in (self.phone, self.letter, self.hearing):
                self._enter(matter, activity_type)
        self.assertLessEqual(count(), few)
