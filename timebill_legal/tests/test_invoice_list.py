from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestInvoiceList(TimebillCommon):
    """What the lists of customer invoices show and do for people who bill matters, and for nobody else."""

    def _get_columns(self, user, view="account.view_out_invoice_tree"):
        Move = self.env["account.move"].with_user(user)
        return Move.get_view(self.env.ref(view).id, "list")["arch"]

    def test_drafts_of_a_lot_are_validated_then_sent_from_the_list(self):
        drafts = self._bill(self._time(60)) + self._bill(self._time(30, self.joint_matter, partner_id=self.morel.id))
        posted = self._bill(self._time(15), post=True)
        action = (drafts + posted).with_user(self.biller).timebill_action_validate_and_send()
        self.assertEqual(set(drafts.mapped("state")), {"posted"})
        self.assertEqual(action["res_model"], "account.move.send.batch.wizard")
        self.assertEqual(set(action["context"]["active_ids"]), set((drafts + posted).ids))

    def test_validate_and_send_goes_on_after_the_question_about_a_reason(self):
        draft = self._bill(self._time(60))
        draft.invoice_line_ids.price_unit = 150
        moves = (draft + self._bill(self._time(15), post=True)).with_user(self.biller)
        question = moves.timebill_action_validate_and_send()
        self.assertEqual(question["res_model"], "timebill.post.reason")
        self.assertEqual(draft.state, "draft")
        window = self.env["timebill.post.reason"].with_user(self.biller).with_context(**question["context"])
        with Form(window.browse(question["res_id"])) as form:
            form.reason_id = self.env.ref("timebill_legal.reason_goodwill")
        action = form.record.action_validate()
        self.assertEqual(draft.state, "posted")
        self.assertEqual(set(action["context"]["active_ids"]), set(moves.ids))

    def test_people_without_our_groups_see_the_list_of_odoo(self):
        for view in ("account.view_out_invoice_tree", "account.view_out_credit_note_tree"):
            theirs = self._get_columns(self.accountant, view)
            self.assertNotRegex(theirs, 'name="timebill_(?!sending_state)', view)
            self.assertIn("status_in_payment", theirs, view)
            ours = self._get_columns(self.biller, view)
            for name in ("timebill_matter_ids", "timebill_responsible_ids", "timebill_action_validate_and_send"):
                self.assertIn(name, ours, view)
            self.assertNotIn("remaining_days", ours, view)

    def test_responsible_lawyers_of_an_invoice(self):
        self.matter.responsible_id = self.lawyer
        self.joint_matter.responsible_id = self.colleague
        both = self._bill(self._time(60) + self._time(60, self.joint_matter, partner_id=self.lys.id))
        other = self._bill(self._time(60, self.joint_matter, partner_id=self.morel.id))
        self.assertEqual(both.timebill_responsible_ids, self.lawyer + self.colleague)
        Move = self.env["account.move"].with_user(self.biller)
        moves = both + other
        of_lawyer = Move.search([("timebill_responsible_ids", "in", self.lawyer.ids), ("id", "in", moves.ids)])
        self.assertEqual(of_lawyer, both)

    def test_responsible_lawyer_of_a_confidential_matter_is_not_told(self):
        self.secret_matter.member_ids = [Command.link(self.biller.id)]
        move = self._bill(self._time(60, self.secret_matter))
        self.assertTrue(move.timebill_responsible_ids)
        self.secret_matter.member_ids = [Command.unlink(self.biller.id)]
        self.env.invalidate_all()
        self.assertFalse(move.with_user(self.biller).timebill_responsible_ids)

    def test_status_is_told_in_the_words_of_a_firm(self):
        move = self._bill(self._time(60))
        labels = dict(move._fields["timebill_status"]._description_selection(self.env))
        told = [labels[move.timebill_status]]
        move.action_post()
        told.append(labels[move.timebill_status])
        self._reverse(move)
        move.reversal_move_ids.action_post()
        self.env.invalidate_all()
        told.append(labels[move.timebill_status])
        self.assertEqual(told, ["Brouillon", "Validée", "Annulée par avoir"])
