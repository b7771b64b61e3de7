from odoo.tests import Form, tagged

from .rpc import RpcCommon
from .test_adjustments import AdjustCase


@tagged("post_install", "-at_install")
class TestHistory(AdjustCase):
    """Rows that count add up to what the activity says of itself; the others say why they do not count."""

    def assertAddsUp(self, activity):
        rows = activity.allocation_ids
        self.assertEqual(sum(rows.mapped("history_billed")), activity.amount_billed)
        self.assertAlmostEqual(sum(rows.mapped("history_difference")), activity.amount_difference, 6)
        self.assertAlmostEqual(
            sum(rows.mapped("history_amount")) + activity.standard_to_bill, activity.amount, 6
        )
        self.assertEqual(
            sum(rows.mapped("history_minutes")) + activity._get_remaining_quantity(), activity.billable_duration
        )

    def _rows(self, activity):
        return [
            (row.operation, row.history_minutes, row.history_amount, row.history_difference, row.history_billed)
            for row in activity.allocation_ids
        ]

    def test_billed_credited_and_billed_again_is_three_rows_that_add_up(self):
        activity = self._time(60)
        credit = self._reverse(self._bill(activity, post=True), reason="Erreur de client")
        credit.action_post()
        self._bill(activity, post=True)
        self.assertEqual(
            self._rows(activity),
            [("claim", 60, 200, 0, 200), ("credit", -60, -200, 0, -200), ("claim", 60, 200, 0, 200)],
        )
        self.assertIn("Erreur de client", activity.allocation_ids[1].explanation)
        self.assertAddsUp(activity)

    def test_what_does_not_count_any_more_says_why(self):
        activity = self._time(60)
        move = self._bill(activity, post=True)
        credit = self._reverse(move)
        draft = activity.allocation_ids[-1]
        self.assertEqual((draft.live, draft.history_billed), (False, 0))
        self.assertIn("brouillon", draft.explanation)
        credit.unlink()
        move.button_draft()
        move.button_cancel()
        self.assertEqual(self._rows(activity), [("claim", 0, 0, 0, 0)])
        self.assertIn("annulé", activity.allocation_ids.explanation)
        self.assertEqual(activity.allocation_ids.document_name, move.display_name)
        self.assertAddsUp(activity)

    def test_discounts_parts_edited_lines_and_write_offs_add_up(self):
        activity = self._time(300)
        self._adjust(activity, percent=10)
        self.assertAddsUp(activity)
        window = self._open_bill(activity)
        with Form(window) as form, form.line_ids.edit(0) as line:
            line.minutes = 120
        move = window._create_invoices()
        self.assertAddsUp(activity)
        self._product_lines(move).write(
            {"quantity": 1, "price_unit": 300, "timebill_reason_id": self.mistake.id}
        )
        move.action_post()
        self.assertAddsUp(activity)
        self.assertEqual(
            self._rows(activity),
            [("write_down", 0, 0, -100, 0), ("claim", 120, 400, -60, 300)],
        )
        self._adjust(activity, operation="write_off")
        self.assertAddsUp(activity)
        activity.allocation_ids[-1].action_undo()
        self.assertAddsUp(activity)
        self.assertEqual((activity.amount_difference, activity.amount_revised), (-160, 840))

    def test_an_edited_line_shows_on_its_activities(self):
        first, second = self._time(60), self._time(30)
        move = self._bill(first + second)
        self._product_lines(move).write({"quantity": 1, "price_unit": 250})
        rows = move.timebill_allocation_ids
        self.assertEqual(rows.mapped("standard_amount"), [200, 100])
        self.assertEqual(rows.mapped("billed"), [166.67, 83.33])
        self.assertEqual([round(difference, 2) for difference in rows.mapped("difference")], [-33.33, -16.67])
        self.assertEqual(first.amount_difference, -33.33)
        self.assertEqual(first.amount_revised, 166.67)

    def test_the_history_of_an_invoice_tells_where_its_work_went(self):
        activity = self._time(60)
        move = self._bill(activity, post=True)
        self._reverse(move).action_post()
        again = self._bill(activity)
        action = move.with_user(self.biller).timebill_action_open_history()
        rows = self.env["timebill.allocation"].with_user(self.biller).search(action["domain"])
        self.assertEqual(rows.move_id, move + move.reversal_move_ids + again)
        matter_rows = rows.search(self.matter.with_user(self.biller).action_open_history()["domain"])
        self.assertEqual(matter_rows, rows)

    def test_an_undone_discount_stays_in_the_history(self):
        activity = self._time(60)
        self._adjust(activity, percent=10)
        activity.allocation_ids.with_user(self.biller).action_undo()
        self.assertEqual(self._rows(activity), [("write_down", 0, 0, -20, 0), ("undo", 0, 0, 20, 0)])
        self.assertAddsUp(activity)


@tagged("post_install", "-at_install")
class TestHistoryRights(RpcCommon):
    FIELDS = ("operation", "document_name", "explanation", "history_minutes")

    def _read(self, user, rows, *names):
        return self.rpc(user, "timebill.allocation", "search_read", [("id", "in", rows.ids)], list(names))

    def test_who_sees_no_amounts_sees_the_history_without_them(self):
        move = self._bill(self._time(60), post=True)
        rows = move.timebill_allocation_ids
        [row] = self._read(self.assistant, rows, *self.FIELDS)
        self.assertEqual((row["document_name"], row["history_minutes"]), (move.name, 60))
        shown = self.rpc(self.assistant, "timebill.allocation", "fields_get", [], ["type"])
        self.assertFalse({"history_amount", "history_billed", "history_difference", "difference"} & set(shown))
        for view in (
            self.rpc(self.assistant, "timebill.activity", "get_view", view_type="form")["arch"],
            self.rpc(self.assistant, "timebill.allocation", "get_view", view_type="list")["arch"],
        ):
            self.assertIn("document_name", view)
            for hidden in ('"move_id"', "history_billed", "action_undo"):
                self.assertNotIn(hidden, view)

    def test_a_non_member_sees_nothing_of_a_confidential_matter(self):
        self.secret_matter.member_ids += self.biller
        secret = self._time(matter=self.secret_matter, partner_id=self.dupont.id)
        move = self._bill(secret, post=True)
        self.secret_matter.member_ids -= self.biller
        self.assertFalse(self._read(self.biller, move.timebill_allocation_ids, *self.FIELDS))
        action = self.rpc(self.biller, "account.move", "timebill_action_open_history", move.ids)
        self.assertEqual(action["domain"], [("activity_id", "in", [])])
