from contextlib import contextmanager
from threading import Barrier, Thread
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger
from psycopg2 import Error
from psycopg2.errors import SerializationFailure


@tagged("post_install", "-at_install")
class TestConcurrency(TransactionCase):
    """Two people at the same time, in real transactions: what is committed here is deleted again."""

    def setUp(self):
        super().setUp()
        self._delete_firm()  # of a run that was interrupted
        self.addCleanup(self._delete_firm)
        with self._transaction() as env:
            self.lys_id = env["res.partner"].create({"name": "SCI des Lys (concurrency)"}).id
            matter = env["timebill.matter"].create(
                {
                    "name": "Lys v. Martin",
                    "reference": "CONCURRENCY",
                    "client_ids": [Command.create({"partner_id": self.lys_id})],
                }
            )
            activity_type = env.ref("timebill_legal.activity_type_phone")
            activity = env["timebill.activity"].create(
                {
                    "matter_id": matter.id,
                    "type_id": activity_type.id,
                    "date": "2026-10-12",
                    "duration": 60,
                    "price_unit": 200,
                    "description": "Call",
                }
            )
            self.assertFalse(activity._get_billing_problem() or self._choose(activity)._get_product_problem())
            self.matter_id, self.activity_id = matter.id, activity.id

    @contextmanager
    def _transaction(self):
        """Environment of a transaction of its own, committed at the end."""
        with self.registry.cursor() as cr:
            env = self._environment(cr)
            yield env
            env.flush_all()
            cr.commit()  # pylint: disable=invalid-commit

    def _environment(self, cr):
        """As somebody else's request would have it."""
        return api.Environment(cr, SUPERUSER_ID, {"lang": "fr_FR"})

    def _delete_firm(self):
        with self._transaction() as env:
            lys = env["res.partner"].search([("name", "=", "SCI des Lys (concurrency)")])
            invoices = env["account.move"].search([("partner_id", "in", lys.ids)], order="id desc")
            for invoice in invoices:  # the last first: what it billed is what the one before it gave back
                # What it reverses first: a draft follows work that was changed.
                for move in invoice.reversed_entry_id + invoice:
                    if move.state == "posted":
                        move.button_draft()
                invoice.with_context(force_delete=True).unlink()
            # Taxes due on payment leave entries of their own.
            entries = env["account.move"].search([("line_ids.partner_id", "in", lys.ids)])
            entries.line_ids.remove_move_reconcile()
            entries.filtered(lambda entry: entry.state == "posted").button_draft()
            entries.with_context(force_delete=True).unlink()
            matters = env["timebill.matter"].search([("client_ids.partner_id", "in", lys.ids)])
            matters.billing_activity_ids.allocation_ids.unlink()  # discounts
            matters.billing_activity_ids.unlink()
            accounts = matters.analytic_account_id
            env["account.analytic.line"].search([("account_id", "in", accounts.ids)]).unlink()
            matters.project_ids.account_id = False
            matters.project_ids.unlink()
            matters.unlink()
            accounts.unlink()
            lys.unlink()

    def _bill(self, env):
        activity = env["timebill.activity"].browse(self.activity_id)
        return env["timebill.billing"]._create_all_invoices(self._choose(activity))

    def _choose(self, activity):
        return activity.env["timebill.billing.choice"].new({"activity_id": activity.id})

    def _begin(self, env):
        """Take the snapshot that the whole transaction sees, without a lock."""
        self.assertEqual(env["timebill.activity"].browse(self.activity_id).covered, 0)

    def _invoices(self):
        with self.registry.cursor() as cr:
            return self._environment(cr)["account.move"].search([("partner_id", "=", self.lys_id)]).ids

    @contextmanager
    def assertRefusedByName(self):
        with self.assertRaises(UserError) as refusal:
            yield
        self.assertIn("CONCURRENCY", str(refusal.exception))

    @contextmanager
    def _without_waiting(self):
        """Odoo waits a random time before it tries again."""
        muted = mute_logger("odoo.service.model", "odoo.sql_db")
        with patch("odoo.service.model.random.uniform", return_value=0), muted:
            yield

    def test_who_comes_a_moment_late_gets_one_clear_message(self):
        """The other invoice was committed after this transaction had started: Odoo tries again, and sees it."""
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                self._bill(first)
            with self.assertRefusedByName():
                retrying(lambda: self._bill(late), late)
        self.assertEqual(len(self._invoices()), 1)

    def test_who_comes_while_the_other_is_still_billing_does_not_wait(self):
        with self._transaction() as first:
            self._bill(first)
            first.flush_all()
            with self.registry.cursor() as cr, self.assertRefusedByName():
                self._bill(self._environment(cr))
        self.assertEqual(len(self._invoices()), 1)

    def test_two_people_press_the_button_together(self):
        together, outcomes = Barrier(2), []

        def press():
            with self.registry.cursor() as cr:
                env = self._environment(cr)
                self._begin(env)
                together.wait(timeout=30)
                try:
                    outcomes.append(retrying(lambda: self._bill(env).id, env))
                except UserError as refusal:
                    outcomes.append(str(refusal))

        with self._without_waiting():
            threads = [Thread(target=press, name=f"biller {number}") for number in (1, 2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=60)
        invoices = [outcome for outcome in outcomes if isinstance(outcome, int)]
        (message,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
        self.assertEqual(invoices, self._invoices())
        self.assertEqual(len(invoices), 1)
        self.assertIn("CONCURRENCY", message)

    def test_the_stored_coverage_stops_who_takes_no_lock(self):
        """Even 30 minutes + 30 minutes of 60, which together break no rule."""
        for coverage in (60, 30):
            with self.subTest(coverage), self.registry.cursor() as cr:
                late = self._environment(cr)
                self._begin(late)
                with self._transaction() as first:
                    self._claim(first, coverage)
                with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                    self._claim(late, coverage)
            with self._transaction() as env:
                env["account.move"].browse(self._invoices()).unlink()

    def _claim(self, env, coverage):
        """Put the activity on a draft, past the code that locks and checks."""
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.lys_id,
                "invoice_line_ids": [Command.create({"name": "Line", "price_unit": 100})],
            }
        )
        env["timebill.allocation"].create(
            {"activity_id": self.activity_id, "move_line_id": move.invoice_line_ids.id, "coverage": coverage}
        )
        env.flush_all()

    def test_work_is_not_edited_under_the_invoice_that_bills_it(self):
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                self._bill(first)
            activity = late["timebill.activity"].browse(self.activity_id)
            with self.assertRefusedByName():
                retrying(lambda: activity.write({"billable_duration": 30}), late)

    def test_work_that_is_being_edited_is_not_billed_at_its_former_price(self):
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                first["timebill.activity"].browse(self.activity_id).price_unit = 150
            move = retrying(lambda: self._bill(late), late)
            self.assertEqual(move.amount_untaxed, 150)

    def test_a_failed_attempt_leaves_nothing(self):
        with self._transaction() as env:
            env["timebill.activity"].browse(self.activity_id).billable = False
        with self.registry.cursor() as cr, self.assertRefusedByName():
            self._bill(self._environment(cr))
        self.assertFalse(self._invoices())

    def _post_invoice_and_credit(self):
        """A posted invoice of the activity and a posted credit note that gives it back."""
        with self._transaction() as env:
            invoice = self._bill(env)
            invoice.action_post()
            credit = invoice._reverse_moves()
            credit.action_post()
            self.assertEqual(env["timebill.activity"].browse(self.activity_id).billing_state, "to_bill")
            return invoice.id, credit.id

    def _read_state(self):
        with self.registry.cursor() as cr:
            return self._environment(cr)["timebill.activity"].browse(self.activity_id).billing_state

    def test_work_is_not_billed_while_its_credit_note_is_taken_back(self):
        _invoice_id, credit_id = self._post_invoice_and_credit()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                first["account.move"].browse(credit_id).button_draft()
            with self.assertRefusedByName():
                retrying(lambda: self._bill(late), late)
        self.assertEqual(self._read_state(), "billed")

    def test_a_credit_note_is_not_taken_back_while_its_work_is_billed_again(self):
        _invoice_id, credit_id = self._post_invoice_and_credit()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                again = self._bill(first).id
            with self.assertRefusedByName():
                retrying(lambda: late["account.move"].browse(credit_id).button_draft(), late)
        self.assertEqual(self._read_state(), "draft")
        self.assertIn(again, self._invoices())

    def _change_price(self, env):
        env["timebill.activity"].browse(self.activity_id).price_unit = 100

    def _grant_discount(self, env):
        activity = env["timebill.activity"].browse(self.activity_id)
        env["timebill.allocation"]._adjust({activity: -50}, env.ref("timebill_legal.reason_agreement"))

    def _cancel_draft(self):
        with self._transaction() as env:
            move = self._bill(env)
            move.button_cancel()
            return move.id

    def _reopen_draft_while(self, change):
        """Untaxed amount of a draft that is reopened while somebody else changes its work."""
        move_id = self._cancel_draft()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                change(first)
            retrying(lambda: late["account.move"].browse(move_id).button_draft(), late)
            return late["account.move"].browse(move_id).amount_untaxed

    def test_a_draft_is_reopened_while_its_work_gets_another_price(self):
        self.assertEqual(self._reopen_draft_while(self._change_price), 100)

    def test_a_draft_is_reopened_while_its_work_gets_a_discount(self):
        self.assertEqual(self._reopen_draft_while(self._grant_discount), 150)

    def _change_while_draft_is_reopened(self, change):
        move_id = self._cancel_draft()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                first["account.move"].browse(move_id).button_draft()
            with self.assertRefusedByName():
                retrying(lambda: change(late), late)

    def test_work_gets_no_other_price_while_its_draft_is_reopened(self):
        self._change_while_draft_is_reopened(self._change_price)

    def test_work_gets_no_discount_while_its_draft_is_reopened(self):
        self._change_while_draft_is_reopened(self._grant_discount)

    def _take_back_credit_note_while(self, change):
        _invoice_id, credit_id = self._post_invoice_and_credit()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                change(first)
            with self.assertRefusedByName():
                retrying(lambda: late["account.move"].browse(credit_id).button_draft(), late)
        self.assertEqual(self._read_state(), "to_bill")

    def test_a_credit_note_is_not_taken_back_while_its_work_gets_another_price(self):
        self._take_back_credit_note_while(self._change_price)

    def test_a_credit_note_is_not_taken_back_while_its_work_gets_a_discount(self):
        self._take_back_credit_note_while(self._grant_discount)

    def test_two_credit_notes_of_the_same_work_are_posted_together(self):
        with self._transaction() as env:
            invoice = self._bill(env)
            invoice.action_post()
            credits = [invoice._reverse_moves().id, invoice._reverse_moves().id]
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            late["account.move"].browse(credits[1]).mapped("invoice_line_ids.timebill_allocation_ids.net_billed")
            with self._transaction() as first:
                first["account.move"].browse(credits[0]).action_post()
            with self.assertRefusedByName():
                retrying(lambda: late["account.move"].browse(credits[1]).action_post(), late)
        self.assertEqual(self._read_state(), "to_bill")

    def _create_other_matter(self):
        with self._transaction() as env:
            values = {"name": "Lys v. Durand", "client_ids": [Command.create({"partner_id": self.lys_id})]}
            return env["timebill.matter"].create(values).id

    def test_work_that_moves_to_another_matter_is_not_billed_on_the_former_one(self):
        other_id = self._create_other_matter()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                first["timebill.activity"].browse(self.activity_id).matter_id = other_id
            move = retrying(lambda: self._bill(late), late)
            other = late["timebill.matter"].browse(other_id)
            self.assertEqual(move.timebill_allocation_ids.matter_id, other)
            self.assertIn(other.reference, move.invoice_line_ids.filtered("product_id").name)

    def test_work_being_billed_does_not_move_to_another_matter(self):
        other_id = self._create_other_matter()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                self._bill(first)
            activity = late["timebill.activity"].browse(self.activity_id)
            with self.assertRefusedByName():
                retrying(lambda: activity.write({"matter_id": other_id}), late)

    def test_what_is_billed_meanwhile_is_not_transferred(self):
        """By the window, which locks before it looks again."""
        other_id = self._create_other_matter()
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            activity = late["timebill.activity"].browse(self.activity_id)
            other = late["timebill.matter"].browse(other_id)
            with self._transaction() as first:
                self._bill(first)
                with self.assertRefusedByName():
                    activity._transfer_to(other, activity.partner_id)
            with self.assertRefusedByName():
                retrying(lambda: activity._transfer_to(other, activity.partner_id), late)

    def test_what_is_billed_meanwhile_is_neither_split_nor_merged_nor_rounded(self):
        """By windows that were open before: who presses a moment late changes nothing."""
        with self._transaction() as env:
            activity = env["timebill.activity"].browse(self.activity_id)
            both = activity + activity.copy({"duration": 20, "date": activity.date})
            windows = {
                "action_split": env["timebill.split"]._open(activity),
                "action_merge": env["timebill.merge"]._open(both),
                "action_round": env["timebill.round"]._open(both),
            }
        for name, window in windows.items():
            with self.subTest(name):
                with self.registry.cursor() as cr, self._without_waiting():
                    late = self._environment(cr)
                    self._begin(late)
                    press = getattr(late[window["res_model"]].browse(window["res_id"]), name)
                    with self._transaction() as first:
                        self._bill(first)
                        with self.assertRefusedByName():
                            press()
                    with self.assertRefusedByName():
                        retrying(press, late)
                with self._transaction() as env:
                    env["account.move"].browse(self._invoices()).unlink()
        with self._transaction() as env:
            self.assertEqual(env["timebill.activity"].search([("matter_id", "=", self.matter_id)]), both.with_env(env))
            self.assertEqual(both.with_env(env).mapped("billable_duration"), [60, 20])

    def test_two_people_split_the_same_activity(self):
        with self._transaction() as env:
            activity = env["timebill.activity"].browse(self.activity_id)
            windows = [env["timebill.split"]._open(activity)["res_id"] for _person in range(2)]
        with self.registry.cursor() as cr, self._without_waiting():
            late = self._environment(cr)
            self._begin(late)
            with self._transaction() as first:
                first["timebill.split"].browse(windows[0]).action_split()
            with self.assertRaisesRegex(UserError, "30.min.de.trop"):
                retrying(late["timebill.split"].browse(windows[1]).action_split, late)
        with self._transaction() as env:
            parts = env["timebill.activity"].search([("matter_id", "=", self.matter_id)])
            self.assertEqual(parts.mapped("duration"), [30, 30])

    def test_a_connection_killed_before_the_end_leaves_neither_invoice_nor_number(self):
        with self._transaction() as env:
            journal = env["account.journal"].search(
                [("type", "=", "sale"), ("company_id", "=", env.company.id)], limit=1
            )
            invoice = self._bill(env)
            invoice.action_post()
            number = invoice.name
            invoice.button_draft()
            invoice.with_context(force_delete=True).unlink()
        with self.assertRaises(Error), mute_logger("odoo.sql_db"), self.registry.cursor() as cr:
            env = self._environment(cr)
            invoice = self._bill(env)
            invoice.action_post()
            env.flush_all()
            self.assertEqual(invoice.name, number)
            with self.registry.cursor() as killer:
                killer.execute("SELECT pg_terminate_backend(%s)", [cr.connection.info.backend_pid])
            cr.commit()  # pylint: disable=invalid-commit
        self.assertEqual((self._invoices(), self._read_state()), ([], "to_bill"))
        with self._transaction() as env:
            invoice = self._bill(env)
            invoice.action_post()
            self.assertEqual((invoice.name, invoice.journal_id), (number, journal))
