from contextlib import contextmanager
from threading import Barrier, Thread
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestTimerConcurrency(TransactionCase):
    """Two devices of one user at the same time, in real transactions: what is committed here is deleted again."""

    def setUp(self):
        super().setUp()
        self.user_id = self.env.ref("base.user_admin").id
        self._delete_all()  # of a run that was interrupted
        self.addCleanup(self._delete_all)
        # Odoo waits a random time before it tries again.
        self.startPatcher(patch("odoo.service.model.random.uniform", return_value=0))
        self.enterContext(mute_logger("odoo.service.model", "odoo.sql_db"))

    @contextmanager
    def _transaction(self, user_id=None):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, user_id or self.user_id, {"lang": "en_US"})
            yield env
            env.flush_all()
            cr.commit()  # pylint: disable=invalid-commit

    @contextmanager
    def _late_device(self):
        """A request that began before what follows, and saw the state of then."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, self.user_id, {"lang": "en_US"})
            env["timebill.timer"].get_state()
            yield env

    def _delete_all(self):
        with self._transaction(SUPERUSER_ID) as env:
            timers = env["timebill.timer"].search([("user_id", "=", self.user_id)])
            matter = env["timebill.matter"].search([("reference", "=", "TWO DEVICES")])
            matter.billing_activity_ids.unlink()
            for model in ("calendar.event", "project.task"):
                env[model].search([("name", "=", "TWO DEVICES")]).unlink()
            bills = env["account.move"].search([("ref", "=", "TWO DEVICES")])
            bills.button_draft()
            bills.with_context(force_delete=True).unlink()
            timers.unlink()
            account = matter.analytic_account_id
            matter.project_ids.account_id = False
            matter.project_ids.unlink()
            matter.unlink()
            account.unlink()

    def _start(self, env):
        env["timebill.timer"].action_start()

    def _started(self):
        """Timers that are open, the running one first."""
        with self._transaction() as env:
            self._start(env)
            return [timer["id"] for timer in env["timebill.timer"].get_state()["timers"]]

    def _assert_one_runs(self, expected=None):
        with self._transaction() as env:
            timers = env["timebill.timer"].search([("user_id", "=", self.user_id)])
            running = timers.filtered(lambda t: t.state == "running")
            self.assertEqual(len(running), 1)
            if expected:
                self.assertEqual(running.id, expected)
            for timer in timers:
                open_pieces = timer.piece_ids.filtered(lambda p: not p.stop)
                self.assertEqual(len(open_pieces), 1 if timer == running else 0)
            return len(timers)

    def _together(self, act):
        """Two devices that ask for the same at once; what became of each."""
        together, outcomes = Barrier(2), []

        def ask():
            with self._late_device() as env:
                together.wait(timeout=30)
                try:
                    outcomes.append(retrying(lambda: act(env), env))
                except (RedirectWarning, UserError) as refusal:
                    outcomes.append(refusal)

        threads = [Thread(target=ask, name=f"device {number}") for number in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return outcomes

    def test_both_start_the_first_one(self):
        self.assertEqual(self._together(self._start), [None, None])
        self.assertEqual(self._assert_one_runs(), 2)

    def test_who_comes_late_pauses_the_one_that_the_other_started(self):
        with self._late_device() as late:
            (other,) = self._started()
            retrying(lambda: self._start(late), late)
        self.assertEqual(self._assert_one_runs(), 2)
        with self._transaction() as env:
            self.assertEqual(env["timebill.timer"].browse(other).state, "paused")

    def test_each_resumes_another_one(self):
        self._started()
        second, first = self._started()
        with self._transaction() as env:
            env["timebill.timer"].browse(second).action_pause()
        with self._late_device() as late:
            with self._transaction() as env:
                env["timebill.timer"].browse(second).action_resume()
            retrying(lambda: late["timebill.timer"].browse(first).action_resume(), late)
        self._assert_one_runs(first)

    def test_both_pause(self):
        (timer,) = self._started()
        answers = self._together(lambda env: env["timebill.timer"].browse(timer).action_pause())
        self.assertEqual([answer["timers"][0]["running"] for answer in answers], [False, False])
        with self._transaction() as env:
            self.assertEqual(len(env["timebill.timer"].browse(timer).piece_ids), 1)

    def test_one_pauses_what_the_other_deletes(self):
        (timer,) = self._started()
        with self._late_device() as late:
            with self._transaction() as env:
                env["timebill.timer"].browse(timer).action_discard()
            with self.assertRaisesRegex(UserError, "deleted on another device"):
                retrying(lambda: late["timebill.timer"].browse(timer).action_pause(), late)

    def test_both_save_the_entry(self):
        (timer,) = self._started()
        with self._transaction() as env:
            env["timebill.timer"].browse(timer).action_stop()
            matter = env["timebill.matter"].create({"name": "Two", "reference": "TWO DEVICES", "internal": True}).id

        def save(env):
            values = {"matter_id": matter, "timer_id": timer, "duration": 6, "description": "Once"}
            return env["timebill.activity"].create(values).id

        outcomes = self._together(save)
        (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, UserError)]
        self.assertIn("already entered", str(refusal))
        with self._transaction() as env:
            activities = env["timebill.activity"].search([("timer_id", "=", timer)])
            self.assertEqual([activities.id, refusal], sorted(outcomes, key=lambda outcome: outcome is refusal))

    def test_both_convert_the_same(self):
        """The database refuses the second; the request starts over, and leads to what the first made."""
        for model, source_id, values in self._create_sources():
            values |= {"source_model": model, "source_id": source_id}
            with self.subTest(model):
                outcomes = self._together(lambda env, values=values: env["timebill.activity"].create(dict(values)).id)
                (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, RedirectWarning)]
                (made,) = [outcome for outcome in outcomes if outcome is not refusal]
                self.assertIn("TWO DEVICES", str(refusal))
                self.assertIn("is already converted", str(refusal))
                self.assertEqual(refusal.args[1]["res_id"], made)
                with self._transaction() as env:
                    domain = [("source_model", "=", model), ("source_id", "=", source_id)]
                    self.assertEqual(env["timebill.activity"].search(domain).ids, [made])

    def _create_sources(self):
        """Model and id of a meeting, a task, a message and a line of a vendor bill, and what their activity says."""
        name = {"name": "TWO DEVICES"}
        with self._transaction() as env:
            matter = env["timebill.matter"].create({**name, "reference": "TWO DEVICES", "internal": True})
            event = env["calendar.event"].create(
                {**name, "start": "2026-10-12 08:00:00", "stop": "2026-10-12 09:00:00"}
            )
            task = env["project.task"].create(name)
            message = matter.message_post(body="TWO DEVICES")
            bill = env["account.move"].create(
                {
                    "move_type": "in_invoice",
                    "partner_id": env.company.partner_id.id,
                    "invoice_date": "2026-10-12",
                    "ref": "TWO DEVICES",
                    "invoice_line_ids": [Command.create({**name, "price_unit": 10, "tax_ids": False})],
                }
            )
            bill.action_post()
            work = {"matter_id": matter.id, "duration": 60}
            copies = env.ref("timebill_legal.activity_type_copies")
            cost = {"matter_id": matter.id, "kind": "expense", "type_id": copies.id, "price_unit": 10}
            return [
                *((source._name, source.id, dict(work)) for source in (event, task, message)),
                ("account.move.line", bill.invoice_line_ids.id, cost),
            ]
